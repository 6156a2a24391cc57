//! The line that produced a value, with the numbers that it saw.
//!
//! ```text
//! m_hat[1] = m[1]/(1 - beta1^t) = -0.3801/(1 - 0.9^12) = -0.5297
//! ```

use serde::Serialize;
use std::{collections::HashMap, fmt};

use crate::lang::syntax::{Expr, Infix, Kind, Prefix};

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

/// Writes out `expr`, which gave `result`, for the elements of `name`.
#[must_use]
pub fn explain(
    name: &str,
    t: u64,
    line: usize,
    expr: &Expr,
    known: &Known,
    result: &[f64],
) -> Explanation {
    let is_vector = result.len() > 1;
    let elements = result
        .iter()
        .enumerate()
        .take(MOST_ELEMENTS)
        .map(|(at, value)| {
            let writer = |numbers| Writer {
                known,
                element: is_vector.then_some(at),
                numbers,
            };
            Element {
                left: if is_vector {
                    format!("{name}[{}]", at + 1)
                } else {
                    name.to_owned()
                },
                formula: writer(false).expr(expr, 0),
                numbers: writer(true).expr(expr, 0),
                value: short(*value),
            }
        })
        .collect();
    Explanation {
        name: name.to_owned(),
        t,
        line,
        elements,
        hidden: result.len().saturating_sub(MOST_ELEMENTS),
    }
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

struct Writer<'a> {
    known: &'a Known,
    /// The element that names of vectors stand for; `None` inside of functions of whole vectors.
    element: Option<usize>,
    numbers: bool,
}

/// Functions that take whole vectors to numbers or to other vectors: their arguments are not indexed.
const OF_WHOLE_VECTORS: [&str; 19] = [
    "sum",
    "mean",
    "dot",
    "norm",
    "norm_inf",
    "all",
    "any",
    "grad",
    "loss",
    "hvp",
    "hess",
    "transpose",
    "outer",
    "solve",
    "eigvecs",
    "eigvals",
    "inv_sqrt",
    "eye",
    "diag",
];
/// Functions of whole vectors that give a vector.
const TO_VECTORS: [&str; 5] = ["grad", "hvp", "solve", "eigvals", "diag"];

impl Writer<'_> {
    /// Writes `expr`, in brackets where an operator around it binds tighter than `floor`.
    fn expr(&self, expr: &Expr, floor: u8) -> String {
        match &expr.kind {
            Kind::Number(value) => short(*value),
            Kind::Truth(holds) => holds.to_string(),
            Kind::Name(name) => self.name(name, floor),
            Kind::Index(vector, index) => self.index(vector, index, floor),
            Kind::Entry(matrix, row, column) => {
                let plain = Writer {
                    numbers: false,
                    ..self.whole()
                };
                let (row, column) = (plain.expr(row, 0), plain.expr(column, 0));
                format!("{}[{row}, {column}]", plain.expr(matrix, 9))
            }
            // An element of a product of matrices depends on more than elements.
            Kind::Chain(_, rest)
                if self.element.is_some() && rest.iter().any(|it| it.0 == Infix::At) =>
            {
                let whole = Writer {
                    numbers: false,
                    ..self.whole()
                };
                let at = self.element.map_or(0, |at| at + 1);
                format!("({})[{at}]", whole.expr(expr, 0))
            }
            Kind::Call(name, _, arguments) => {
                let inner = if OF_WHOLE_VECTORS.contains(&name.as_str()) {
                    self.whole()
                } else {
                    Writer { ..*self }
                };
                // sum(i, a, b, body) stays as it is written: its index has no single value.
                let inner = if name == "sum" && arguments.len() == 4 {
                    Writer {
                        numbers: false,
                        ..inner
                    }
                } else {
                    inner
                };
                let arguments: Vec<String> = arguments.iter().map(|it| inner.expr(it, 0)).collect();
                let element = match self.element {
                    Some(at) if TO_VECTORS.contains(&name.as_str()) => format!("[{}]", at + 1),
                    _ => String::new(),
                };
                format!("{name}({}){element}", arguments.join(", "))
            }
            Kind::Prefix(prefix, operand) => {
                let (sign, binding) = match prefix {
                    Prefix::Minus => ("-", 7),
                    Prefix::Not => ("not ", 3),
                };
                bracket(
                    format!("{sign}{}", self.expr(operand, binding)),
                    binding,
                    floor,
                )
            }
            Kind::Chain(first, rest) => {
                let binding = rest.first().map_or(9, |(operator, _)| operator.binding());
                let power = rest
                    .first()
                    .is_some_and(|(operator, _)| *operator == Infix::Power);
                let atomic = matches!(first.kind, Kind::Name(_) | Kind::Index(..));
                let left = match (power, atomic) {
                    (true, _) => binding + 1,
                    // A sign in front of a product reads well without brackets.
                    (false, true) => binding.min(Infix::Plus.binding()),
                    (false, false) => binding,
                };
                let mut text = self.expr(first, left);
                for (operator, right) in rest {
                    let floor = if power { binding } else { binding + 1 };
                    let right = self.expr(right, floor);
                    let symbol = operator.symbol();
                    if binding >= Infix::Times.binding() && *operator != Infix::At {
                        text = format!("{text}{symbol}{right}");
                    } else {
                        text = format!("{text} {symbol} {right}");
                    }
                }
                if text.starts_with('-') && floor > Infix::Plus.binding() {
                    return format!("({text})");
                }
                bracket(text, binding, floor)
            }
        }
    }

    /// `v[i]`
    fn index(&self, vector: &Expr, index: &Expr, floor: u8) -> String {
        if let (true, Kind::Name(name), Kind::Number(at)) =
            (self.numbers, &vector.kind, &index.kind)
            && let Some(values) = self.known.get(name)
        {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the checker has seen that it is an index"
            )]
            let value = values.get((*at as usize).wrapping_sub(1));
            if let Some(value) = value {
                return signed(*value, floor);
            }
        }
        let plain = Writer {
            numbers: false,
            ..self.whole()
        };
        format!("{}[{}]", plain.expr(vector, 9), plain.expr(index, 0))
    }

    fn whole(&self) -> Self {
        Writer {
            element: None,
            ..*self
        }
    }

    fn name(&self, name: &str, floor: u8) -> String {
        let Some(values) = self.known.get(name) else {
            return name.to_owned();
        };
        match (self.numbers, &values[..], self.element) {
            (true, [value], _) => signed(*value, floor),
            (true, values, Some(at)) => values
                .get(at)
                .map_or(name.to_owned(), |it| signed(*it, floor)),
            (true, values, None) => {
                let shown: Vec<String> = values.iter().take(4).map(|it| short(*it)).collect();
                let more = if values.len() > 4 { ", ..." } else { "" };
                format!("[{}{more}]", shown.join(", "))
            }
            (false, [_], _) | (false, _, None) => name.to_owned(),
            (false, _, Some(at)) => format!("{name}[{}]", at + 1),
        }
    }
}

/// A number, in brackets where its minus sign would be misread.
fn signed(value: f64, floor: u8) -> String {
    let text = short(value);
    let scientific = text.contains('e');
    if (text.starts_with('-') && floor > Infix::Plus.binding()) || (scientific && floor > 7) {
        format!("({text})")
    } else {
        text
    }
}

fn bracket(text: String, binding: u8, floor: u8) -> String {
    if binding < floor {
        format!("({text})")
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
