//! Tensors side by side.

use super::table::table;
use crate::{format::short, value::Real};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The tensors of a run, in its order.
#[derive(Debug, Clone, PartialEq, Default, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct TensorTable(pub Vec<TensorReport>);

/// A tensor of the lane in focus, where that is.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TensorReport {
    /// The name.
    pub name: String,
    /// Lengths along each axis; empty for one number.
    pub shape: Vec<usize>,
    /// The Euclidean norm of its parameters.
    pub norm: Real,
    /// The Euclidean norm of its gradient.
    pub gradient_norm: Real,
    /// The norm of its last step, relative to that of its parameters before; NaN before the first one.
    pub relative_step: Real,
    /// The buffers that are as long as the parameters.
    pub buffers: Vec<BufferNorm>,
    /// The learning rate, where the rule has one.
    pub rate: Option<Real>,
    /// The largest difference between the rule's parameters and the recorded ones, relative to the largest parameter.
    pub deviation: Option<Real>,
    /// Elements of parameters, gradient and buffers that are NaN or infinite.
    pub nonfinite: usize,
    /// The share of parameters that are 0.
    pub zeros: Real,
}

/// The Euclidean norm of a tensor's part of a buffer.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct BufferNorm {
    /// The name of the buffer.
    pub name: String,
    /// The norm.
    pub norm: Real,
}

/// A column of the table in words.
#[derive(Debug, Clone, PartialEq)]
pub struct TensorColumn {
    /// The heading.
    pub heading: String,
    /// The place in which it is given up where room is short: higher first.
    pub rank: u8,
    /// A cell for each tensor.
    pub cells: Vec<String>,
    /// True for words, which begin below each other.
    pub is_text: bool,
}

impl TensorColumn {
    /// The widest cell.
    #[must_use]
    pub fn width(&self) -> usize {
        let cells = self.cells.iter().chain([&self.heading]);
        cells.map(|it| it.chars().count()).max().unwrap_or(0)
    }

    /// Cell `at`, or the heading, in this width.
    #[must_use]
    pub fn cell(&self, at: Option<usize>, width: usize) -> String {
        let text = at.map_or(&self.heading, |at| &self.cells[at]);
        if self.is_text {
            format!("{text:<width$}")
        } else {
            format!("{text:>width$}")
        }
    }
}

impl TensorTable {
    /// The columns from left to right.
    #[must_use]
    pub fn columns(&self) -> Vec<TensorColumn> {
        let tensors = &self.0;
        let mut columns = Vec::new();
        let mut column = |heading: String, rank, cell: &dyn Fn(&TensorReport) -> String| {
            columns.push(TensorColumn {
                is_text: columns.len() < 2,
                heading,
                rank,
                cells: tensors.iter().map(cell).collect(),
            });
        };
        let number = |value: Real| {
            if value.0.is_nan() {
                "-".to_owned()
            } else {
                short(value.0)
            }
        };
        column("tensor".to_owned(), 0, &|it| it.name.clone());
        column("shape".to_owned(), 7, &|it| {
            let lengths: Vec<String> = it.shape.iter().map(usize::to_string).collect();
            lengths.join("x")
        });
        column("|w|".to_owned(), 1, &|it| number(it.norm));
        column("|g|".to_owned(), 2, &|it| number(it.gradient_norm));
        column("|dw|/|w|".to_owned(), 3, &|it| number(it.relative_step));
        let buffers = tensors.first().map_or(&[][..], |it| &it.buffers);
        for (at, buffer) in buffers.iter().enumerate() {
            let heading = format!("|{}|", buffer.name);
            column(heading, 6, &|it| number(it.buffers[at].norm));
        }
        if tensors.iter().any(|it| it.rate.is_some()) {
            column("rate".to_owned(), 5, &|it| {
                it.rate.map_or_else(String::new, number)
            });
        }
        if tensors.iter().any(|it| it.deviation.is_some()) {
            let deviation = |it: &TensorReport| it.deviation.map_or_else(String::new, number);
            column("off".to_owned(), 4, &deviation);
        }
        column("not finite".to_owned(), 4, &|it| it.nonfinite.to_string());
        column("zeros".to_owned(), 8, &|it| percent(it.zeros.0));
        columns
    }
}

/// A share in percent: 0 % and 100 % are none and all.
fn percent(share: f64) -> String {
    match 100.0 * share {
        some if some > 0.0 && some < 1.0 => "<1%".to_owned(),
        most if most > 99.0 && most < 100.0 => ">99%".to_owned(),
        percent => format!("{percent:.0}%"),
    }
}

impl fmt::Display for TensorTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = self.columns();
        let line = |at: Option<usize>| {
            let cells = columns.iter().map(|it| it.cell(at, it.width()));
            let cells: Vec<String> = cells.collect();
            cells.join("  ").trim_end().to_owned()
        };
        let rows = (0..self.0.len()).map(|at| line(Some(at)));
        table(f, std::iter::once(line(None)).chain(rows), "")
    }
}
