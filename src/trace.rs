//! A run as rows of numbers: JSON lines or CSV. The columns are a stable contract.
//!
//! JSON lines begin with a header, `{"eigenstep":1,"scenario":{...}}`, whose scenario has the keys of a
//! scenario file and leaves nothing to defaults. Then comes an object for each iteration and lane,
//! with the keys of [`COLUMNS`](crate::columns::COLUMNS): `t`, `lane`, `loss`, `w`, `grad`, `alpha`. The others are
//! every variable of the rule, in the order of its file, as at the end of iteration `t`.
//!
//! So the `g` of a rule is the gradient that iteration `t` *used*, and `grad` the one that the next will.
//! At `t` = 0 a rule's temporaries do not exist yet: their keys are absent. Scalars are numbers, vectors
//! arrays, also for n = 1. Every number is the shortest that reads back as the same 64-bit float; those
//! that are not finite are the strings `"NaN"`, `"Infinity"` and `"-Infinity"`.
//!
//! CSV has the same columns in the same order, a vector's as `w[1],w[2],...`, and no header but their
//! names. With several lanes the rules' columns are the union; what a row does not have is empty.

mod csv;
mod jsonl;
mod page;
mod row;

pub use csv::Csv;
pub use jsonl::Jsonl;
pub use row::{TraceCell, TraceRow, TracedVariable};

use crate::{
    debugger::{Control, watch::Watch},
    scenario::Setup,
};
use std::io;

/// Takes the rows of a run.
pub trait Sink {
    /// Begins the trace of `setup`.
    ///
    /// # Errors
    /// Where writing fails.
    fn begin(&mut self, setup: &Setup) -> io::Result<()>;

    /// Writes one row.
    ///
    /// # Errors
    /// Where writing fails.
    fn row(&mut self, row: &TraceRow) -> io::Result<()>;

    /// Hands on all that is held back.
    ///
    /// # Errors
    /// Where writing fails.
    fn end(&mut self) -> io::Result<()>;
}

/// The iterations of a trace and the rows that are written.
#[derive(Debug, Clone)]
pub struct TraceRange {
    /// Most iterations.
    pub steps: u64,
    /// Rows are written where `t` is a multiple of this, and for the last `t`.
    pub every: u64,
    /// The run ends where this condition holds, at the start already if it does there.
    pub until: Option<Watch>,
}

/// Runs all lanes of `setup` side by side and writes their rows, the start included.
///
/// Lanes run on through NaN and beyond the loss's bounds: a trace has all rows that were asked for.
/// Returns whether the condition was met, if there was one.
///
/// # Errors
/// Where writing fails.
pub fn run(setup: Setup, mut extent: TraceRange, sink: &mut dyn Sink) -> io::Result<bool> {
    sink.begin(&setup)?;
    let mut alpha = vec![0.0; setup.landscape.start.len()];
    let mut lanes = setup.into_lanes().map_err(io::Error::other)?;
    if let Some(until) = &mut extent.until {
        lanes.in_the_past(&mut Control::default(), |past| until.settle(past, 0));
    }
    for t in 0.. {
        let met = extent.until.as_mut().is_some_and(|until| {
            until.arrive(&mut lanes, t);
            until.evaluate(&mut lanes)[0] != 0.0
        });
        let last = met || t >= extent.steps;
        if last || t.is_multiple_of(extent.every.max(1)) {
            for entry in lanes.entries_mut() {
                entry.refresh_minimum();
                sink.row(&TraceRow::of(entry, &mut alpha))?;
            }
        }
        if last {
            sink.end()?;
            return Ok(met);
        }
        if let Some(until) = &mut extent.until {
            until.leave(&mut lanes);
        }
        for entry in lanes.entries_mut() {
            entry.lane.iterate();
        }
    }
    Ok(false)
}
