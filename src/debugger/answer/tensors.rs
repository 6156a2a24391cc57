//! Tensors side by side.

use super::table::table;
use crate::{
    format::short,
    lang::number::{ABSENT, is_absent},
    value::Real,
};
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
    /// The norm of its last step by that of the gradient that it used: the step size that plain descent would have taken; NaN
    /// where one of them is not known.
    pub effective_rate: Real,
    /// The lane of the rule that steps it, where others step other tensors.
    pub rule: Option<String>,
    /// The buffers that are as long as the parameters.
    pub buffers: Vec<BufferNorm>,
    /// The learning rate, where the rule has one.
    pub rate: Option<Real>,
    /// The largest difference between the rule's parameters and the recorded ones, relative to the largest parameter.
    pub deviation: Option<Real>,
    /// Elements whose parameter, gradient or number in a buffer is NaN or infinite.
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
    /// The numbers in them; none for words, which begin below each other.
    numbers: Option<Vec<f64>>,
}

impl TensorColumn {
    /// The tensors in the order of this column: words from a to z, numbers from the largest, and before them those that
    /// are not finite.
    #[must_use]
    pub fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        match &self.numbers {
            None => order.sort_by_key(|at| &self.cells[*at]),
            Some(numbers) => order.sort_by(|a, b| {
                let size = |at: &usize| numbers[*at].abs();
                size(b).total_cmp(&size(a))
            }),
        }
        order
    }

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
        if self.numbers.is_none() {
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
        let words = |heading: &str, rank, cell: &dyn Fn(&TensorReport) -> String| TensorColumn {
            heading: heading.to_owned(),
            rank,
            cells: tensors.iter().map(cell).collect(),
            numbers: None,
        };
        let numbers = |heading: &str,
                       rank,
                       number: &dyn Fn(&TensorReport) -> f64,
                       text: &dyn Fn(f64) -> String| {
            let numbers: Vec<f64> = tensors.iter().map(number).collect();
            let cell = |number: &f64| match number {
                absent if is_absent(*absent) => String::new(),
                nothing if nothing.is_nan() => "-".to_owned(),
                number => text(*number),
            };
            TensorColumn {
                heading: heading.to_owned(),
                rank,
                cells: numbers.iter().map(cell).collect(),
                numbers: Some(numbers),
            }
        };
        let or_absent = |it: Option<Real>| it.map_or(ABSENT, |it| it.0);
        let shape = |it: &TensorReport| {
            let lengths: Vec<String> = it.shape.iter().map(usize::to_string).collect();
            lengths.join("x")
        };
        let mut columns = vec![
            words("tensor", 0, &|it| it.name.clone()),
            words("shape", 7, &shape),
            numbers("|w|", 1, &|it| it.norm.0, &short),
            numbers("|g|", 2, &|it| it.gradient_norm.0, &short),
            numbers("|dw|/|w|", 3, &|it| it.relative_step.0, &short),
        ];
        if tensors.iter().any(|it| it.rule.is_some()) {
            let rule = |it: &TensorReport| it.rule.clone().unwrap_or_default();
            columns.push(words("rule", 5, &rule));
        }
        let mut buffers: Vec<&str> = Vec::new();
        for buffer in tensors.iter().flat_map(|it| &it.buffers) {
            if !buffers.contains(&buffer.name.as_str()) {
                buffers.push(&buffer.name);
            }
        }
        for name in buffers {
            let norm = |it: &TensorReport| {
                let mut own = it.buffers.iter();
                or_absent(own.find(|it| it.name == name).map(|it| it.norm))
            };
            columns.push(numbers(&format!("|{name}|"), 6, &norm, &short));
        }
        if tensors.iter().any(|it| it.rate.is_some()) {
            columns.push(numbers("rate", 5, &|it| or_absent(it.rate), &short));
        }
        if tensors.iter().any(|it| it.effective_rate.0.is_finite()) {
            let effective = |it: &TensorReport| it.effective_rate.0;
            columns.push(numbers("|dw|/|g|", 6, &effective, &short));
        }
        if tensors.iter().any(|it| it.deviation.is_some()) {
            columns.push(numbers("off", 4, &|it| or_absent(it.deviation), &short));
        }
        #[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
        let nonfinite = |it: &TensorReport| it.nonfinite as f64;
        columns.push(numbers("not finite", 4, &nonfinite, &|it| it.to_string()));
        columns.push(numbers("zeros", 8, &|it| it.zeros.0, &percent));
        columns
    }
}

/// A share in percent: 0 % and 100 % are none and all.
fn percent(share: f64) -> String {
    match 100.0 * share {
        unknown if unknown.is_nan() => "-".to_owned(),
        some if some > 0.0 && some < 1.0 => "<1%".to_owned(),
        most if most > 99.0 && most < 100.0 => ">99%".to_owned(),
        percent => format!("{percent:.0}%"),
    }
}

impl fmt::Display for TensorTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("no parameters were recorded");
        }
        let columns = self.columns();
        let columns: Vec<(usize, &TensorColumn)> =
            columns.iter().map(|it| (it.width(), it)).collect();
        let line = |at: Option<usize>| {
            let cells = columns.iter().map(|(width, it)| it.cell(at, *width));
            let cells: Vec<String> = cells.collect();
            cells.join("  ").trim_end().to_owned()
        };
        let rows = (0..self.0.len()).map(|at| line(Some(at)));
        table(f, std::iter::once(line(None)).chain(rows), "")
    }
}
