//! The line that produced a value, with the numbers that it saw.
//!
//! ```text
//! m_hat[1] = m[1]/(1 - beta1^t) = -0.3801/(1 - 0.9^12) = -0.5297
//! ```

mod writer;

use super::watch::Value;
use crate::lang::syntax::Expr;
use serde::Serialize;
use std::{collections::HashMap, fmt};
use writer::Writer;

/// How a value came about, element by element.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The variable.
    pub name: String,
    /// The iteration in which it was assigned.
    pub t: u64,
    /// The line of the step, from 1.
    pub line: usize,
    /// One chain of equations for each element that is shown.
    pub elements: Vec<Element>,
    /// How many elements are not shown.
    #[serde(skip_serializing_if = "is_zero")]
    pub hidden: usize,
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
pub type Known = HashMap<String, Vec<f64>>;

/// Writes out `expr`, which gave `result`, for the elements of `name`; `place` is its iteration and line.
#[must_use]
pub fn explain(
    name: &str,
    (t, line): (u64, usize),
    expr: &Expr,
    known: &Known,
    result: &Value,
) -> Explanation {
    let elements = match result {
        Value::Vector(values) if values.len() > 1 => {
            let all = (0..).zip(values).take(MOST_ELEMENTS);
            all.map(|(at, value)| {
                let left = format!("{name}[{}]", at + 1);
                element(left, Some(at), expr, known, *value)
            })
            .collect()
        }
        Value::Vector(values) => {
            let value = values.first().copied().unwrap_or(f64::NAN);
            vec![element(name.to_owned(), None, expr, known, value)]
        }
        Value::Scalar(value) => vec![element(name.to_owned(), None, expr, known, *value)],
        Value::Matrix(rows) => entries(name, expr, known, rows),
        Value::Truth(_) | Value::Truths(_) => Vec::new(),
    };
    let count = match result {
        Value::Vector(values) => values.len(),
        Value::Matrix(rows) => rows.iter().map(Vec::len).sum(),
        _ => 1,
    };
    Explanation {
        name: name.to_owned(),
        t,
        line,
        hidden: count.saturating_sub(elements.len()),
        elements,
    }
}

fn element(
    left: String,
    element: Option<usize>,
    expr: &Expr,
    known: &Known,
    value: f64,
) -> Element {
    let writer = |numbers| Writer {
        known,
        element,
        numbers,
    };
    Element {
        left,
        formula: writer(false).expr(expr, 0),
        numbers: writer(true).expr(expr, 0),
        value: short(value),
    }
}

/// The entries of a matrix: each hangs on whole matrices, so the formula stays as it is written.
fn entries(name: &str, expr: &Expr, known: &Known, rows: &[Vec<f64>]) -> Vec<Element> {
    let writer = Writer {
        known,
        element: None,
        numbers: false,
    };
    let formula = writer.expr(expr, 0);
    let mut elements = Vec::new();
    for (row, values) in (1..).zip(rows) {
        for (column, value) in (1..).zip(values) {
            elements.push(Element {
                left: format!("{name}[{row}, {column}]"),
                formula: formula.clone(),
                numbers: formula.clone(),
                value: short(*value),
            });
        }
    }
    elements.truncate(MOST_ELEMENTS);
    elements
}

/// A number to four significant digits, as one would write it.
#[must_use]
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if value == value.trunc() && value.abs() < 1e6 {
        return format!("{value}");
    }
    let size = value.abs();
    if !(1e-4..1e6).contains(&size) {
        let text = format!("{value:.3e}");
        // 1.000e-6 reads better as 1e-6.
        return match text.split_once('e') {
            Some((digits, exponent)) if digits.contains('.') => {
                format!(
                    "{}e{exponent}",
                    digits.trim_end_matches('0').trim_end_matches('.')
                )
            }
            _ => text,
        };
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 7"
    )]
    let decimals = (3.0 - size.log10().floor()).clamp(0.0, 7.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
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

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, element) in self.elements.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            element.fmt(f)?;
        }
        if self.hidden > 0 {
            write!(f, "\n... and {} elements more", self.hidden)?;
        }
        Ok(())
    }
}
