//! The alignment of rows with iterations: the iteration that used the gradient of a row.
//!
//! A program may log a row after its update, with the gradient that the update used, or before it, with
//! the gradient at the `w` of the row. Where the file does not tell, both are tried.

use super::{report::Remark, stepper::RecordedRow};
use crate::{
    error::Result,
    runs::{FieldMeaning, Run},
};

/// The iteration that used the gradient of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GradientTiming {
    /// The one that led to the row: it was logged after the update.
    Used,
    /// The next one: it is the gradient at the row's `w`.
    Ahead,
}

/// One way to read a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowAlignment {
    /// The iteration that used the gradient of a row.
    pub convention: GradientTiming,
    /// True if the first row, called t = 1, is the start before any update.
    pub first_is_start: bool,
}

impl RowAlignment {
    /// The ways in which `run` may be read, the likelier first; only those that `convention` admits.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn possible(run: &mut Run, convention: Option<GradientTiming>) -> Result<Vec<Self>> {
        let plain = |convention| Self {
            convention,
            first_is_start: false,
        };
        let started = |convention| Self {
            convention,
            first_is_start: true,
        };
        let mut all = Vec::new();
        if run.is_trace() {
            return Ok(vec![plain(convention.unwrap_or(GradientTiming::Used))]);
        }
        let at_first = match run.meaning(FieldMeaning::Gradient) {
            Some(field) => Some(run.read(0, field, &mut Vec::new())?),
            None => None,
        };
        match at_first {
            // No iteration leads to t = 0, so its gradient is the one at its w.
            Some(true) if run.first == 0 => all.push(plain(GradientTiming::Ahead)),
            Some(true) => {
                all.extend([plain(GradientTiming::Used), plain(GradientTiming::Ahead)]);
                if run.first == 1 {
                    all.push(started(GradientTiming::Ahead));
                }
            }
            Some(false) => all.push(plain(GradientTiming::Used)),
            None => {
                all.push(plain(GradientTiming::Used));
                if run.first == 1 {
                    all.push(started(GradientTiming::Used));
                }
            }
        }
        if let Some(convention) = convention {
            all.retain(|alignment| alignment.convention == convention);
            if all.is_empty() {
                all.push(plain(convention));
            }
        }
        Ok(all)
    }

    /// Reads row `row` into `frame`.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn frame(self, run: &mut Run, row: usize, frame: &mut RecordedRow) -> Result<()> {
        self.frame_of(run, row, None, frame)
    }

    /// Reads row `row` into `frame`, of what has a number for each parameter `only` those at some places, which are in order.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn frame_of(
        self,
        run: &mut Run,
        row: usize,
        only: Option<&[usize]>,
        frame: &mut RecordedRow,
    ) -> Result<()> {
        frame.t = run.t(row)? - u64::from(self.first_is_start);
        run.read_row(row, only, &mut frame.values)?;
        let gradient = run
            .meaning(FieldMeaning::Gradient)
            .map(|field| &frame.values[field])
            .filter(|values| !values.is_empty());
        let (before, after) = match self.convention {
            GradientTiming::Used => (gradient, None),
            GradientTiming::Ahead => (None, gradient),
        };
        store(before, &mut frame.gradient_before);
        store(after, &mut frame.gradient_after);
        let changed = run.meaning(FieldMeaning::BegunWith);
        let changed = changed.map(|field| std::mem::take(&mut frame.values[field]));
        let changed = changed.filter(|values| !values.is_empty());
        frame.changed = changed.map(|values| (0, values)).into_iter().collect();
        Ok(())
    }

    /// A remark on it where it is not the plain one.
    #[must_use]
    pub fn remark(self, has_gradient: bool) -> Option<Remark> {
        match (self.convention, self.first_is_start) {
            (_, true) => Some(Remark::LoggedBefore),
            (GradientTiming::Ahead, false) if has_gradient => Some(Remark::GradientAhead),
            _ => None,
        }
    }
}

fn store(from: Option<&Vec<f64>>, to: &mut Option<Vec<f64>>) {
    match from {
        Some(values) => {
            let place = to.get_or_insert_default();
            place.clear();
            place.extend_from_slice(values);
        }
        None => *to = None,
    }
}
