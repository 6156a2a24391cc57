//! Runs that were recorded elsewhere, read back: to be compared ([`diff`](crate::diff)), or walked through
//! in the debugger.
//!
//! ```text
//! input      a file, stdin or gzip  -> plain text that can be read twice
//! read       its lines              -> rows of one lane, in the order of t
//! json, csv  one line               -> Row: named numbers with their shapes
//! binary     one chunk              -> the same
//! table      rows                   -> columns of numbers
//! fields     columns                -> w, gradient, loss and whatever else was recorded
//! store      rows                   -> held in memory, or read by an index of the file
//! run        all of it              -> the numbers of any row
//! claims     a column               -> whether it can be what its name says
//! header     the first line         -> whether it can be what it says
//! growth     a file that is still written -> rows as they come
//! part       some of its tensors      -> the same run as if it had no others
//! settings   what a hook noted      -> settings by iteration and group of parameters
//! recording  a run                  -> a lane of the debugger
//! cores      work on a large row    -> done on all cores
//! ```
//! A row has `t` and `w`; a log of metrics has a loss, and no `w`; all else is optional and kept under its own name. JSON rows may nest
//! (`{"t":1,"params":{"layer.weight":[[1,2]]},"state":{"exp_avg":{"layer.weight":[[3,4]]}}}`), CSV columns
//! are called `w[1],w[2]`, `w.0,w.1` or `w1,w2`. Several parameter tensors become one vector `w`, in the order of
//! the file, with each coordinate's own name kept. Rows need not begin at `t` = 0 nor be contiguous.
//!
//! | spelling | number |
//! |---|---|
//! | `NaN`, `nan`, `"NaN"`, `null` within an array | not a number |
//! | `Infinity`, `inf`, `-inf`, `"-Infinity"`, ... | infinities |
//! | `true`, `false` | 1, 0 |
//! | `null` as a whole value, an empty CSV cell | nothing was recorded |

mod binary;
mod claims;
pub(crate) mod cores;
mod csv;
mod document;
mod fields;
mod growth;
mod header;
mod input;
mod json;
mod number;
mod part;
mod read;
mod recording;
mod row;
mod run;
mod settings;
mod store;
mod table;

/// Names of the iteration, the first that a row has counts.
const COUNTERS: [&str; 6] = ["t", "iteration", "iter", "step", "global_step", "epoch"];

pub use fields::{Field, FieldMeaning};
pub use part::{RuleTensors, RunPart};
pub use read::{ReadOptions, open, open_growing};
pub use recording::{RecordedLane, SharedRun, lane, shared_lane};
pub use run::{FieldRows, Run};
pub use settings::{RecordedSetting, RecordedSettings, stated_settings};

/// Endings of the files that runs and logs come in.
pub const ENDINGS: [&str; 5] = ["jsonl", "eig", "csv", "json", "gz"];
pub(crate) use settings::{SETTINGS, check_header, numbers, settings_of_run};
