//! Writes an expression of a rule for one element, with names or with numbers.

use super::{Known, short};
use crate::lang::syntax::{Expr, Infix, Kind, Prefix};

/// Writes expressions.
pub(super) struct Writer<'a> {
    /// The numbers that names stand for.
    pub known: &'a Known,
    /// The element that names of vectors stand for; `None` inside of functions of whole vectors.
    pub element: Option<usize>,
    /// Whether to write numbers for names.
    pub numbers: bool,
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
    pub fn expr(&self, expr: &Expr, floor: u8) -> String {
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
