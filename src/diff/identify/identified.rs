//! The outcome of solving for a run's lines.

use super::exceptions::LeftIteration;
use crate::{
    analysis::claim::Unchecked,
    diff::finding::{Cause, FirstNonFinite, IterationRange, OpenLine, OwnCheck, Sample},
};

/// The lines that were solved for.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// Differences from the rule.
    pub causes: Vec<Cause>,
    /// Lines that are the rule's in all iterations.
    pub held: Vec<String>,
    /// Lines that nothing was found for.
    pub open: Vec<OpenLine>,
    /// The first number that is not finite.
    pub not_finite: Option<FirstNonFinite>,
    /// Iterations that the line of w does not lead through, where it does through almost all.
    pub(super) left: Vec<LeftIteration>,
    /// Of those, the ones in which nothing tells which numbers are others.
    pub failing: Vec<IterationRange>,
    /// The first and the last iteration looked at, and how many.
    pub range: (u64, u64),
    pub rows: usize,
    /// What was looked at, where that is not all.
    pub sample: Option<Sample>,
    /// The lines on their own steps.
    pub alone: OwnCheck,
}

impl Default for Identified {
    fn default() -> Self {
        Self {
            causes: Vec::new(),
            held: Vec::new(),
            open: Vec::new(),
            not_finite: None,
            left: Vec::new(),
            failing: Vec::new(),
            range: (0, 0),
            rows: 0,
            sample: None,
            alone: OwnCheck::Unchecked(Unchecked::NothingExplained),
        }
    }
}

impl Identified {
    /// True if every line that could be solved for is the rule's or has a cause.
    pub fn is_whole(&self) -> bool {
        self.open.is_empty() && !self.causes.is_empty()
    }
}
