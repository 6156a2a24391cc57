//! Walkthroughs: scripts that teach, record and check themselves; and pictures of the screen.
//!
//! A [`walk`] is a file of commands and narration. A [`player`] leads an app through it for a [`playback_target`]:
//! the [`check`] draws nothing and tests only what the walk expects, the [`headless_recorder`] has a clock of its own
//! and keeps what a terminal would be sent, as a [`cast`], the [`page`] keeps cells, and plays them in a browser; [`live`] is the terminal itself. Nothing here
//! reads a clock or the environment, but for the capture of a live screen.

pub mod cast;
pub mod check;
mod expect;
pub mod figure;
pub mod headless_recorder;
pub mod heat;
pub mod live;
pub mod live_recorder;
pub mod page;
pub mod palette;
pub mod playback_target;
pub mod player;
pub mod saved;
pub mod screen;
pub mod still;
pub mod tours;
pub mod walk;
