//! Writes the formula of one element: an expression of a rule with the names of elements.
//!
//! What works on each element is written for the element: `beta1*m[2] + ...`. What needs a whole vector
//! or matrix is written with the whole, and the element is taken of what it gives: `(P @ g)[2]`,
//! `([[1, 0], [0, 0.1]] @ [3, 4])[2]`.

use super::{
    Known,
    brackets::{self, TIGHTEST},
    shape::shape,
};
use crate::{
    format::short,
    lang::{
        function,
        graph::Extent,
        syntax::{Expr, ExprKind, Infix},
    },
    value::Value,
};

/// The element, from 0, that names of vectors and matrices stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ElementPlace {
    /// All of them.
    Whole,
    /// One of a vector.
    Element(usize),
    /// One of a matrix: its row and its column.
    Entry(usize, usize),
}

impl ElementPlace {
    /// The index, from 1; empty for the whole.
    pub fn index(self) -> Vec<usize> {
        match self {
            Self::Whole => Vec::new(),
            Self::Element(at) => vec![at + 1],
            Self::Entry(row, column) => vec![row + 1, column + 1],
        }
    }

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
pub(super) struct FormulaWriter<'a> {
    /// The values that names stand for.
    pub known: &'a Known,
    /// The element that is written.
    pub place: ElementPlace,
    /// True where it is one of a tensor, by whose name the equation begins: its place among all numbers would tell nobody
    /// anything.
    pub is_of_tensor: bool,
}

impl FormulaWriter<'_> {
    /// Writes `expr`, in brackets where an operator around it binds tighter than `floor`.
    pub fn expr(&self, expr: &Expr, floor: u8) -> String {
        match &expr.kind {
            ExprKind::Number(value) => short(*value),
            ExprKind::Truth(holds) => holds.to_string(),
            ExprKind::Name(name) => self.name(name),
            ExprKind::Index(vector, index) => self.part(vector, &[index]),
            ExprKind::Entry(matrix, row, column) => self.part(matrix, &[row, column]),
            ExprKind::Part(vector, name) => {
                let vector = self.at(ElementPlace::Whole).expr(vector, TIGHTEST);
                format!("{vector}[\"{name}\"]{}", self.place.suffix())
            }
            ExprKind::Slice(vector, first, last) => {
                let plain = self.at(ElementPlace::Whole);
                let [vector, first, last] =
                    [(vector, TIGHTEST), (first, 0), (last, 0)].map(|it| plain.expr(it.0, it.1));
                format!("{vector}[{first}..{last}]{}", self.place.suffix())
            }
            ExprKind::Call(name, _, arguments) => self.call(expr, name, arguments),
            ExprKind::Prefix(prefix, operand) => {
                brackets::prefix(*prefix, floor, |binding| self.expr(operand, binding))
            }
            ExprKind::Chain(first, rest) => self.chain(first, rest, floor),
        }
    }

    pub fn at(&self, place: ElementPlace) -> Self {
        Self { place, ..*self }
    }

    /// Writes `first op ... op last`.
    pub fn chain(&self, first: &Expr, rest: &[(Infix, Expr)], floor: u8) -> String {
        // An element of a product of matrices depends on more than elements.
        let product = rest.iter().rposition(|it| it.0 == Infix::At);
        let (text, rest) = if let Some(last) = product.filter(|_| self.place != ElementPlace::Whole)
        {
            let (product, rest) = rest.split_at(last + 1);
            (self.product(first, product), rest)
        } else {
            let atomic = matches!(first.kind, ExprKind::Name(_) | ExprKind::Index(..));
            let left = brackets::left(rest.first().map(|it| it.0), atomic);
            (self.expr(first, left), rest)
        };
        if rest.is_empty() {
            return text;
        }
        let rest = rest.iter().map(|(operator, right)| (*operator, right));
        brackets::chain(text, rest, floor, |operand, floor| {
            self.expr(operand, floor)
        })
    }

    /// An element of a product of matrices.
    fn product(&self, first: &Expr, rest: &[(Infix, Expr)]) -> String {
        let product = self.at(ElementPlace::Whole).chain(first, rest, 0);
        format!("({product}){}", self.place.suffix())
    }

    fn call(&self, call: &Expr, name: &str, arguments: &[Expr]) -> String {
        let inner = if is_by_element(name, arguments.len()) {
            *self
        } else if name == "sum" && arguments.len() == 4 {
            // It stays as it is written: its index has no single value.
            self.at(ElementPlace::Whole)
        } else {
            self.at(ElementPlace::Whole)
        };
        let texts: Vec<String> = arguments.iter().map(|it| inner.expr(it, 0)).collect();
        let suffix =
            if is_by_element(name, arguments.len()) || shape(self.known, call) == Extent::Scalar {
                String::new()
            } else {
                self.place.suffix()
            };
        format!("{name}({}){suffix}", texts.join(", "))
    }

    /// `v[i]`, `A[i, j]`
    fn part(&self, whole: &Expr, indices: &[&Expr]) -> String {
        let plain = self.at(ElementPlace::Whole);
        let indices: Vec<String> = indices.iter().map(|it| plain.expr(it, 0)).collect();
        format!("{}[{}]", plain.expr(whole, TIGHTEST), indices.join(", "))
    }

    fn name(&self, name: &str) -> String {
        let is_element = match (self.known.get(name), self.place) {
            (Some(Value::Vector(values)), ElementPlace::Element(at)) => {
                values.len() > 1 && at < values.len()
            }
            (Some(Value::Truths(values)), ElementPlace::Element(at)) => {
                values.len() > 1 && at < values.len()
            }
            (Some(Value::Matrix(rows)), ElementPlace::Entry(row, column)) => {
                rows.get(row).is_some_and(|row| column < row.len())
            }
            _ => false,
        };
        if is_element && !self.is_of_tensor {
            format!("{name}{}", self.place.suffix())
        } else {
            name.to_owned()
        }
    }
}

/// True for a function that works on each element alone, with so many arguments.
pub(super) fn is_by_element(name: &str, arguments: usize) -> bool {
    function::find(name).is_none_or(|row| row.is_by_element(arguments))
}
