//! What the screen shows: keys in, screen out; at every size, in every charset, with and without colour.

#[path = "screens/bytes.rs"]
mod bytes;
#[path = "screens/claims.rs"]
mod claims;
#[path = "screens/columns.rs"]
mod columns;
#[path = "screens/curves.rs"]
mod curves;
#[path = "screens/insight.rs"]
mod insight;
#[path = "screens/keys.rs"]
mod keys;
#[path = "screens/manual.rs"]
mod manual;
#[path = "screens/plots.rs"]
mod plots;
#[path = "screens/recorded.rs"]
mod recorded;
#[path = "screens/sizes.rs"]
mod sizes;
#[path = "screens/stage.rs"]
mod stage;
#[path = "screens/stories.rs"]
mod stories;
#[path = "screens/styles.rs"]
mod styles;
#[path = "screens/sweep.rs"]
mod sweep;
#[path = "program/training.rs"]
mod training;
#[path = "screens/views.rs"]
mod views;
#[path = "screens/windows.rs"]
mod windows;
#[path = "screens/words.rs"]
mod words;
