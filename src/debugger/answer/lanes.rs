//! Lanes side by side.

use super::{stopped, table::table};
use crate::{
    debugger::{LossTolerance, lanes::HaltReason},
    format::short,
    lang::number::is_absent,
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// All lanes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct LaneTable(pub Vec<LaneReport>);

/// Each column as wide as what is in it, so that a small screen has room for the table.
impl fmt::Display for LaneTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = [
            "lane", "rule", "t", "loss", "|g|", "touched", "since", "grads", "state",
        ];
        let count = |t: Option<u64>| t.map_or("-".to_owned(), |t| t.to_string());
        // What no row of a recorded run has.
        let known = |it: Real| (!is_absent(it.0)).then(|| short(it.0));
        let number = |it: Real| known(it).unwrap_or_else(|| "-".to_owned());
        let rows = self.0.iter().map(|lane| {
            [
                lane.name.clone(),
                lane.rule.clone(),
                lane.t.to_string(),
                number(lane.loss),
                number(lane.gradient_norm),
                count(lane.touched),
                count(lane.since),
                lane.gradient_evaluations.to_string(),
                lane.state(),
            ]
        });
        let cells: Vec<_> = std::iter::once(heading.map(str::to_owned))
            .chain(rows)
            .collect();
        let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max();
        let widths: Vec<usize> = (0..heading.len()).filter_map(width).collect();
        let marks = std::iter::once(' ')
            .chain(self.0.iter().map(|lane| if lane.focus { '*' } else { ' ' }));
        let lines = marks.zip(&cells).map(|(mark, row)| {
            let cells = row.iter().zip(&widths).enumerate();
            // Words begin, and numbers end, below each other.
            let cells = cells.map(|(at, (cell, width))| match at {
                0 | 1 => format!(" {cell:<width$}"),
                8 => format!("  {cell}"),
                _ => format!(" {cell:>width$}"),
            });
            let line: String = cells.collect();
            format!("{mark}{}", line.trim_end())
        });
        table(f, lines, "")
    }
}

/// A lane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LaneReport {
    /// The name.
    pub name: String,
    /// The name of its rule.
    pub rule: String,
    /// True for the lane in focus.
    pub focus: bool,
    /// Iterations done.
    pub t: u64,
    /// The loss.
    pub loss: Real,
    /// The norm of the gradient.
    pub gradient_norm: Real,
    /// The loss that counts as converged, above the least one.
    pub tolerance: Real,
    /// The least loss.
    pub floor: Real,
    /// The first t at which the loss was down to the tolerance.
    pub touched: Option<u64>,
    /// The t since when the loss has stayed there.
    pub since: Option<u64>,
    /// The number of gradients that the rule has asked for.
    pub gradient_evaluations: u64,
    /// The reason why the run has ended here, if it has.
    #[serde(serialize_with = "end")]
    #[schemars(with = "Option<stopped::EndReason>")]
    pub end: Option<HaltReason>,
}

impl LaneReport {
    /// The state of the run, in a few words.
    fn state(&self) -> String {
        let (above, floor) = (self.tolerance.0, self.floor.0);
        let tolerance = LossTolerance { above, floor };
        match (&self.end, self.since, self.touched) {
            (Some(reason), ..) => format!("ended: {reason}"),
            (_, _, Some(touched)) if touched > self.t => {
                format!("reaches {tolerance} at t = {touched}")
            }
            (_, Some(since), _) => format!("below {tolerance} since t = {since}"),
            (_, None, Some(touched)) => {
                format!("touched {tolerance} at t = {touched}, above it again")
            }
            _ => String::new(),
        }
    }
}

#[expect(clippy::ref_option, reason = "serde asks with a reference")]
fn end<S: serde::Serializer>(end: &Option<HaltReason>, to: S) -> Result<S::Ok, S::Error> {
    end.as_ref().map(stopped::EndReason::from).serialize(to)
}
