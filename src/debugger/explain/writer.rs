//! Writes an expression of a rule for one element, with names or with numbers.
//!
//! What works on each element is written for the element: `beta1*m[2] + ...`. What needs a whole vector
//! or matrix is written with the whole, and the element is taken of what it gives: `(P @ g)[2]`,
//! `([[1, 0], [0, 0.1]] @ [3, 4])[2]`.

use super::{
    Known, product,
    shape::{shape, whole_number},
};
use crate::{
    format::short,
    lang::{
        function::{self, Kind as F},
        graph::Extent,
        syntax::{Expr, Infix, Kind, MINUS, NOT, Prefix},
    },
    value::Value,
};

/// Rows, columns and elements of what is written out as a whole; larger ones keep their names.
const SMALL: usize = 3;

/// Binds tighter than any operator.
const TIGHTEST: u8 = 9;

/// Which element, from 0, names of vectors and matrices stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// All of them.
    Whole,
    /// One of a vector.
    Element(usize),
    /// One of a matrix: its row and its column.
    Entry(usize, usize),
}

impl Place {
    /// As an index; nothing for the whole.
    fn suffix(self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Element(at) => format!("[{}]", at + 1),
            Self::Entry(row, column) => format!("[{}, {}]", row + 1, column + 1),
        }
    }
}

/// Writes expressions.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    /// The values that names stand for.
    pub known: &'a Known,
    /// The element that is written.
    pub place: Place,
    /// Whether to write numbers for names.
    pub numbers: bool,
}

impl Writer<'_> {
    /// Writes `expr`, in brackets where an operator around it binds tighter than `floor`.
    pub fn expr(&self, expr: &Expr, floor: u8) -> String {
        match &expr.kind {
            Kind::Number(value) => short(*value),
            Kind::Truth(holds) => holds.to_string(),
            Kind::Name(name) => self.name(name, floor),
            Kind::Index(vector, index) => self.part(vector, &[index], floor),
            Kind::Entry(matrix, row, column) => self.part(matrix, &[row, column], floor),
            Kind::Call(name, _, arguments) => self.call(expr, name, arguments, floor),
            Kind::Prefix(prefix, operand) => {
                let (sign, binding) = match prefix {
                    Prefix::Minus => ("-", MINUS),
                    Prefix::Not => ("not ", NOT),
                };
                let operand = self.expr(operand, binding);
                bracket(format!("{sign}{operand}"), binding, floor)
            }
            Kind::Chain(first, rest) => self.chain(first, rest, floor),
        }
    }

    fn at(&self, place: Place) -> Self {
        Self { place, ..*self }
    }

    fn plain(&self) -> Self {
        Self {
            numbers: false,
            place: Place::Whole,
            ..*self
        }
    }

    fn chain(&self, first: &Expr, rest: &[(Infix, Expr)], floor: u8) -> String {
        let binding = rest.first().map_or(TIGHTEST, |it| it.0.binding());
        let power = rest.first().is_some_and(|it| it.0 == Infix::Power);
        // An element of a product of matrices hangs on more than elements.
        let product = rest.iter().rposition(|it| it.0 == Infix::At);
        let (mut text, rest) = if let Some(last) = product.filter(|_| self.place != Place::Whole) {
            let (product, rest) = rest.split_at(last + 1);
            (self.product(first, product, floor), rest)
        } else {
            let atomic = matches!(first.kind, Kind::Name(_) | Kind::Index(..));
            let left = match (power, atomic) {
                (true, _) => binding + 1,
                // A sign in front of a product reads well without brackets.
                (false, true) => binding.min(Infix::Plus.binding()),
                (false, false) => binding,
            };
            (self.expr(first, left), rest)
        };
        if rest.is_empty() {
            return text;
        }
        for (operator, right) in rest {
            let right = self.expr(right, if power { binding } else { binding + 1 });
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

    /// An element of a product of matrices: its number, where they are too large to be written out.
    fn product(&self, first: &Expr, rest: &[(Infix, Expr)], floor: u8) -> String {
        let mut factors = std::iter::once(first).chain(rest.iter().map(|it| &it.1));
        let is_large = factors.any(|factor| match &factor.kind {
            Kind::Name(name) => self.known.get(name).is_some_and(|it| literal(it).is_none()),
            _ => false,
        });
        if self.numbers
            && is_large
            && let Some(number) = product::element(self.known, first, rest, self.place)
        {
            return signed(number, floor);
        }
        let product = self.at(Place::Whole).chain(first, rest, 0);
        format!("({product}){}", self.place.suffix())
    }

    fn call(&self, call: &Expr, name: &str, arguments: &[Expr], floor: u8) -> String {
        if self.numbers
            && let Some(text) = self.part_of_call(name, arguments, floor)
        {
            return text;
        }
        let inner = if is_by_element(name) {
            *self
        } else if name == "sum" && arguments.len() == 4 {
            // It stays as it is written: its index has no single value.
            self.plain()
        } else {
            self.at(Place::Whole)
        };
        let texts: Vec<String> = arguments.iter().map(|it| inner.expr(it, 0)).collect();
        let suffix = if is_by_element(name) || shape(self.known, call) == Extent::Scalar {
            String::new()
        } else {
            self.place.suffix()
        };
        format!("{name}({}){suffix}", texts.join(", "))
    }

    /// An element of what a function of the whole gives, where that hangs on single elements.
    fn part_of_call(&self, name: &str, arguments: &[Expr], floor: u8) -> Option<String> {
        let first = arguments.first()?;
        match (function::find(name)?.kind, self.place) {
            (F::Outer, Place::Entry(row, column)) => {
                let binding = Infix::Times.binding();
                let left = self.at(Place::Element(row)).expr(first, binding);
                let right = self.at(Place::Element(column));
                let right = right.expr(arguments.get(1)?, binding + 1);
                Some(bracket(format!("{left}*{right}"), binding, floor))
            }
            (F::Transpose, Place::Entry(row, column)) => {
                Some(self.at(Place::Entry(column, row)).expr(first, floor))
            }
            (F::Identity, Place::Entry(row, column)) => {
                Some(if row == column { "1" } else { "0" }.to_owned())
            }
            (F::Diagonal, Place::Entry(row, column)) if row != column => Some("0".to_owned()),
            (F::Diagonal, Place::Entry(row, _)) => {
                Some(self.at(Place::Element(row)).expr(first, floor))
            }
            (F::Diagonal, Place::Element(at)) => {
                Some(self.at(Place::Entry(at, at)).expr(first, floor))
            }
            _ => None,
        }
    }

    /// `v[i]`, `A[i, j]`
    fn part(&self, whole: &Expr, indices: &[&Expr], floor: u8) -> String {
        if !self.numbers {
            let plain = self.plain();
            let indices: Vec<String> = indices.iter().map(|it| plain.expr(it, 0)).collect();
            return format!("{}[{}]", plain.expr(whole, TIGHTEST), indices.join(", "));
        }
        let known = |index: &&Expr| whole_number(self.known, index).filter(|at| *at > 0);
        let numbers: Option<Vec<usize>> = indices.iter().map(known).collect();
        let place = match numbers.as_deref() {
            Some([at]) => Place::Element(at - 1),
            Some([row, column]) => Place::Entry(row - 1, column - 1),
            _ => return self.plain().part(whole, indices, floor),
        };
        if matches!(whole.kind, Kind::Name(_)) {
            return self.at(place).expr(whole, floor);
        }
        let whole = self.at(Place::Whole).expr(whole, TIGHTEST);
        format!("{whole}{}", place.suffix())
    }

    fn name(&self, name: &str, floor: u8) -> String {
        let Some(value) = self.known.get(name) else {
            return name.to_owned();
        };
        let number = match (value, self.place) {
            (Value::Scalar(value), _) => Some(*value),
            (Value::Vector(values), _) if values.len() == 1 => Some(values[0]),
            (Value::Vector(values), Place::Element(at)) => values.get(at).copied(),
            (Value::Matrix(rows), Place::Entry(row, column)) => {
                rows.get(row).and_then(|row| row.get(column)).copied()
            }
            _ => None,
        };
        let single = matches!(value.extent(), Extent::Scalar | Extent::Vector(1));
        match (self.numbers, number) {
            (true, Some(number)) => signed(number, floor),
            (true, None) => literal(value).unwrap_or_else(|| name.to_owned()),
            (false, Some(_)) if !single => format!("{name}{}", self.place.suffix()),
            (false, _) => name.to_owned(),
        }
    }
}

/// A small vector or matrix, written out.
fn literal(value: &Value) -> Option<String> {
    let list = |values: &[f64]| {
        let values: Vec<String> = values.iter().map(|value| short(*value)).collect();
        format!("[{}]", values.join(", "))
    };
    match value {
        Value::Vector(values) if values.len() <= SMALL => Some(list(values)),
        Value::Matrix(rows) if rows.len() <= SMALL && rows.iter().all(|it| it.len() <= SMALL) => {
            let rows: Vec<String> = rows.iter().map(|row| list(row)).collect();
            Some(format!("[{}]", rows.join(", ")))
        }
        _ => None,
    }
}

/// A number, in brackets where its minus sign would be misread.
fn signed(value: f64, floor: u8) -> String {
    let text = short(value);
    let scientific = text.contains('e');
    if (text.starts_with('-') && floor > Infix::Plus.binding()) || (scientific && floor > MINUS) {
        format!("({text})")
    } else {
        text
    }
}

/// Whether a function works on each element alone.
fn is_by_element(name: &str) -> bool {
    function::find(name).is_none_or(|row| row.kind.is_by_element())
}

fn bracket(text: String, binding: u8, floor: u8) -> String {
    if binding < floor {
        format!("({text})")
    } else {
        text
    }
}
