//! The remainder of a diagnosis: lines that nothing was found for, and the first number that is not finite.

use super::{iterations::IterationRange, line::LineTerm};
use crate::value::Real;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// A line of the run that has no name.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct OpenLine {
    /// The variable that the line updates.
    pub variable: String,
    /// Its terms, as far as they were solved for.
    pub run: Vec<LineTerm>,
    /// The share that these terms lead through, from 0 to 1, of the iterations; of w, of the tensors in each iteration. Null without terms.
    pub share: Option<Real>,
    /// The iterations that these terms lead through, in all tensors at once, and those that were tried; null where they were not
    /// counted.
    pub explained: Option<(usize, usize)>,
    /// The iterations that they do not lead through.
    pub failing: Vec<IterationRange>,
    /// Forms of the line that were tried; null where they were not counted.
    pub tried: Option<usize>,
    /// The iterations in which the rule's own line holds at first; null where it fails in the first already.
    pub held: Option<IterationRange>,
    /// The first iteration in which the rule's own line fails.
    pub fails_at: Option<u64>,
    /// Of a buffer, by how much the gradient that goes in seems to be another than the recorded one, and how large that is: both as
    /// root mean squares.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remains: Option<(Real, Real)>,
    /// The names of the tensors concerned, where they are not all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensors: Vec<String>,
    /// The group of the run, counted from 1, that these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
    /// In a sentence without its end.
    pub text: String,
}

/// The first number of a run that is not finite.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct FirstNonFinite {
    /// The field that it stands in.
    pub field: String,
    /// The coordinate, from 1.
    pub coordinate: usize,
    /// Its name: `w[3]`, or that of a tensor with its place there.
    pub name: String,
    /// The iteration.
    pub t: u64,
    /// The gradient of that coordinate in the iteration.
    pub gradient: Real,
    /// The setting that is 0 in the run's format, with its stated value, where that is the reason.
    pub vanished: Option<(String, Real)>,
}

impl fmt::Display for FirstNonFinite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            t,
            gradient,
            vanished,
            ..
        } = self;
        write!(
            f,
            "{name} is not finite first at t = {t} (the gradient there is {:e})",
            gradient.0
        )?;
        match vanished {
            Some((name, eps)) => write!(
                f,
                ": in float16 {name}={:e} is 0, and nothing keeps the root away from 0",
                eps.0
            ),
            None => Ok(()),
        }
    }
}
