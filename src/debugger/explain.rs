//! The line that produced a value, with the numbers that it saw.
//!
//! ```text
//! m_hat[1] = m[1]/(1 - beta1^t) = -0.3801/(1 - 0.9^12) = -0.5297
//! ```

mod brackets;
mod product;
mod shape;
mod substitute;
mod term;
mod writer;

pub use term::{ChainStep, Term};

use crate::{
    lang::{graph::Extent, syntax::Expr},
    rule::{Tensor, part_name},
    value::{Real, Value},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::HashMap, ops::Range};
use substitute::Substitution;
use writer::{ElementPlace, FormulaWriter};

/// The origin of a value, element by element.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Explanation {
    /// The lane.
    pub lane: String,
    /// The variable; with its lane's name before it where that is not in focus.
    pub name: String,
    /// The iteration in which it was assigned; that after which it was set, where only that made it.
    pub t: u64,
    /// The line of the step, from 1; none where only an edit has made it.
    pub line: Option<usize>,
    /// The deviation of its result from what was recorded, where it is the first line that has one; relative to the largest
    /// number recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub off: Option<Real>,
    /// The edits since the line ran, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<EditInForce>,
    /// One chain of equations for each element that is shown.
    pub elements: Vec<Element>,
    /// The number of further elements.
    #[serde(skip_serializing_if = "is_zero")]
    pub hidden: usize,
}

/// An edit of a value that is still in force.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EditInForce {
    /// The variable, or the element of it.
    pub name: String,
    /// Iterations done when it was made.
    pub t: u64,
    /// True where that is the lane's position.
    pub here: bool,
    /// The value.
    pub value: Value,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// `name = formula = expression = value`
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Element {
    /// The variable, or the element of it.
    pub name: String,
    /// The right side as it is written, for this element.
    pub formula: String,
    /// The right side with the values of its names.
    pub expression: Term,
    /// The value.
    pub value: Value,
}

/// Elements that are explained one by one.
pub const MOST_ELEMENTS: usize = 8;

/// The values that names had when a line ran.
pub type Known = HashMap<String, Value>;

/// The names of the elements of a variable.
#[derive(Debug, Clone, Copy)]
pub struct ElementNames<'a> {
    /// The variable.
    pub variable: &'a str,
    /// The lane with a dot behind it, where it is to be named; else empty.
    pub lane: &'a str,
    /// The tensors that its coordinates lie in, where they have names.
    pub tensors: &'a [Tensor],
}

impl ElementNames<'_> {
    fn of(&self, extent: Extent, at: usize) -> String {
        let name = part_name(self.variable, extent, self.tensors, at..at + 1);
        format!("{}{name}", self.lane)
    }

    fn is_of_tensor(&self, at: usize) -> bool {
        let mut named = self.tensors.iter().filter(|it| !it.name.is_empty());
        named.any(|it| it.range.contains(&at))
    }
}

/// Writes out `expr`, which gave `result`, for the elements `wanted` of a variable with `names`, in this order; with how many more
/// there are. Lines that are written for each tensor multiply the matrices of each.
#[must_use]
pub fn write_out(
    names: &ElementNames,
    expr: &Expr,
    known: &Known,
    by_tensor: bool,
    result: &Value,
    wanted: &[Range<usize>],
) -> (Vec<Element>, usize) {
    let extent = result.extent();
    let values = result.numbers();
    let count: usize = wanted.iter().map(Range::len).sum();
    let hidden = count.saturating_sub(MOST_ELEMENTS);
    let elements = wanted
        .iter()
        .cloned()
        .flatten()
        .take(MOST_ELEMENTS)
        .map(|at| {
            let left = names.of(extent, at);
            let is_of_tensor = names.is_of_tensor(at);
            let place = match extent {
                Extent::Scalar | Extent::Vector(1) => ElementPlace::Whole,
                Extent::Vector(_) | Extent::Matrices(..) => ElementPlace::Element(at),
                Extent::Matrix(_, columns) => ElementPlace::Entry(at / columns, at % columns),
            };
            let substitution = Substitution {
                known,
                by_tensor,
                place,
            };
            Element {
                name: left,
                formula: FormulaWriter {
                    known,
                    place,
                    is_of_tensor,
                }
                .expr(expr, 0),
                expression: substitution.expr(expr),
                value: match result {
                    Value::Truth(_) | Value::Truths(_) => Value::Truth(values[at] != 0.0),
                    _ => Value::Scalar(values[at]),
                },
            }
        });
    (elements.collect(), hidden)
}
