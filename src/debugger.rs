//! The debugger, which knows no screen and no clock.
//!
//! A [`Machine`] runs one rule on one loss, a line or an iteration at a time. A [`Timeline`] remembers
//! enough to visit every position again. A [`Lane`] is both, with its log of edits. A [`Session`] has
//! lanes, stops and displays, with a method for everything that can be done with them. [`command`]s are data:
//! text parses to them, and [`Session::apply`] does them with typed [`answer`]s.

pub mod answer;
pub mod arrival;
mod change;
pub mod command;
mod complete;
mod control;
mod execute;
pub mod explain;
mod help;
mod journal;
pub mod lane;
pub mod lanes;
mod learning_rate;
mod line_deviation;
pub mod machine;
pub mod min_max_series;
pub mod precision;
pub mod recall;
mod report;
mod reverse_continue;
mod rights;
pub mod run;
pub mod session;
pub mod stop;
pub mod sweep;
mod tensors;
pub mod timeline;
mod tolerance;
pub mod trajectory;
pub mod watch;

pub use change::{Change, Edit};
pub use complete::Completion;
pub use control::{Control, Pace, Progress, interrupted, stride};
pub use journal::JournalMark;
pub use lane::Lane;
pub use learning_rate::LearningRate;
pub use line_deviation::LineDeviation;
pub use machine::{Machine, NewRows, Position, Recording, known_norm};
pub use min_max_series::MinMaxSeries;
pub use rights::Rights;
pub use session::Session;
pub use timeline::Timeline;
pub use tolerance::LossTolerance;
pub use trajectory::Trajectory;
