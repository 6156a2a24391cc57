//! The line that produced a value, with the numbers that it saw.
//!
//! ```text
//! m_hat[1] = m[1]/(1 - beta1^t) = -0.3801/(1 - 0.9^12) = -0.5297
//! ```

mod product;
mod shape;
mod writer;

use crate::{
    format::short,
    lang::{graph::Extent, syntax::Expr},
    value::{Value, element_name},
};
use serde::Serialize;
use std::{collections::HashMap, fmt};
use writer::{Place, Writer};

/// How a value came about, element by element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The lane.
    pub lane: String,
    /// The variable; with its lane's name before it where that is not in focus.
    pub name: String,
    /// The iteration in which it was assigned; that after which it was set, where only that made it.
    pub t: u64,
    /// The line of the step, from 1; none where only an edit has made it.
    pub line: Option<usize>,
    /// What was set by hand since the line ran, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub edits: Vec<Edited>,
    /// One chain of equations for each element that is shown.
    pub elements: Vec<Element>,
    /// How many elements are not shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub hidden: usize,
}

/// A value that was set by hand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edited {
    /// What was set: the variable, or an element of it.
    pub left: String,
    /// When.
    pub t: u64,
    /// Whether that is where the lane is.
    pub here: bool,
    /// Its value.
    pub value: Value,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// `left = formula = numbers = value`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Element {
    /// The element's name.
    pub left: String,
    /// The right side as it is written, for this element.
    pub formula: String,
    /// The same with numbers for names.
    pub numbers: String,
    /// What it gave.
    pub value: String,
}

/// Elements that are explained one by one.
pub const MOST_ELEMENTS: usize = 8;

/// The values that names had when a line ran.
pub type Known = HashMap<String, Value>;

/// Writes out `expr`, which gave `result`, for all elements of `name` or `only` one; with how many more
/// there are.
#[must_use]
pub fn write_out(
    name: &str,
    expr: &Expr,
    known: &Known,
    result: &Value,
    only: Option<usize>,
) -> (Vec<Element>, usize) {
    let extent = result.extent();
    let values = result.numbers();
    let wanted = match only {
        Some(at) => at..at + 1,
        None => 0..values.len(),
    };
    let hidden = wanted.len().saturating_sub(MOST_ELEMENTS);
    let elements = wanted.take(MOST_ELEMENTS).map(|at| {
        let left = element_name(name, extent, at);
        let place = match extent {
            Extent::Scalar | Extent::Vector(1) => Place::Whole,
            Extent::Vector(_) => Place::Element(at),
            Extent::Matrix(_, columns) => Place::Entry(at / columns, at % columns),
        };
        element(left, place, expr, known, values[at])
    });
    (elements.collect(), hidden)
}

fn element(left: String, place: Place, expr: &Expr, known: &Known, value: f64) -> Element {
    let writer = |numbers| Writer {
        known,
        place,
        numbers,
    };
    Element {
        left,
        formula: writer(false).expr(expr, 0),
        numbers: writer(true).expr(expr, 0),
        value: short(value),
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.left, self.formula)?;
        if self.numbers != self.formula {
            write!(f, " = {}", self.numbers)?;
        }
        if self.value != self.numbers {
            write!(f, " = {}", self.value)?;
        }
        Ok(())
    }
}

impl fmt::Display for Edited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = &self.left;
        let value = &self.value;
        if self.here {
            write!(f, "{left} was set here: {left} = {value}")
        } else {
            write!(f, "{left} was set at t = {}: {left} = {value}", self.t)
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edits = self.edits.iter().map(ToString::to_string);
        let had_made = match self.line {
            Some(line) if !self.edits.is_empty() => {
                Some(format!("line {line} of iteration {} had made:", self.t))
            }
            _ => None,
        };
        let elements = self.elements.iter().map(ToString::to_string);
        let more = (self.hidden > 0).then(|| format!("... and {} elements more", self.hidden));
        let lines: Vec<String> = edits.chain(had_made).chain(elements).chain(more).collect();
        f.write_str(&lines.join("\n"))
    }
}
