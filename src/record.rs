//! Walkthroughs: scripts that teach, record and check themselves; and pictures of the screen.
//!
//! A [`walk`] is a file of commands and narration. A [`player`] leads an app through it on a [`stage`]:
//! the [`check`] has no eyes and looks only at what the walk expects, the [`film`] has a clock of its own
//! and keeps what a terminal would be sent, as a [`cast`]; [`live`] is the terminal itself. Nothing here
//! reads a clock or the environment, but for the capture of a live screen.

pub mod capture;
pub mod cast;
pub mod check;
mod expect;
pub mod figure;
pub mod film;
pub mod heat;
pub mod live;
pub mod palette;
pub mod player;
pub mod saved;
pub mod screen;
pub mod stage;
pub mod still;
pub mod tours;
pub mod walk;
