//! The short way for the conditions that runs test most: numbers of a lane compared with literals.
//!
//! `loss < 1e-6 and abs(alpha[2]) < 1e-3` needs no program: two numbers are read and compared. The answer
//! is the program's to the bit, because the program would compare the same numbers.

use super::{Boundaries, Names, Present, Quantity};
use crate::lang::{
    graph::Extent,
    syntax::{Expr, ExprKind, Infix, Prefix},
};

/// A number of a lane, compared with a literal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Clause {
    lane: usize,
    quantity: Quantity,
    /// The element, from 0.
    element: usize,
    /// Elements of the quantity.
    len: usize,
    magnitude: bool,
    operator: Infix,
    literal: f64,
}

/// Quantities of at most this many elements are read whole where one is wanted.
const MOST: usize = 8;

impl Clause {
    /// The clauses that `expr` joins by `and`, if it is made of such ones alone.
    pub fn all(expr: &Expr, names: &Names) -> Option<Vec<Self>> {
        match &expr.kind {
            ExprKind::Chain(first, rest) if rest.iter().all(|(infix, _)| *infix == Infix::And) => {
                let parts = std::iter::once(&**first).chain(rest.iter().map(|(_, expr)| expr));
                let clauses: Option<Vec<Vec<Self>>> =
                    parts.map(|part| Self::all(part, names)).collect();
                Some(clauses?.concat())
            }
            ExprKind::Chain(number, rest) => match &rest[..] {
                [(operator, value)] => Some(vec![Self::of(number, *operator, value, names)?]),
                _ => None,
            },
            _ => None,
        }
    }

    fn of(number: &Expr, operator: Infix, value: &Expr, names: &Names) -> Option<Self> {
        let compares = matches!(
            operator,
            Infix::Less
                | Infix::LessEqual
                | Infix::Greater
                | Infix::GreaterEqual
                | Infix::Equal
                | Infix::Unequal
        );
        let literal = literal(value).filter(|_| compares)?;
        let (number, magnitude) = match &number.kind {
            ExprKind::Call(name, _, arguments) if name == "abs" => (arguments.first()?, true),
            _ => (number, false),
        };
        let (name, index) = match &number.kind {
            ExprKind::Name(name) => (name, None),
            ExprKind::Index(vector, index) => match (&vector.kind, &index.kind) {
                (ExprKind::Name(name), ExprKind::Number(index)) => (name, Some(*index)),
                _ => return None,
            },
            _ => return None,
        };
        let (lane, quantity, extent) = names.find(name)?;
        let (element, len) = match (extent, index) {
            (Extent::Scalar, None) => (0, 1),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the checker has seen that it is an index"
            )]
            (Extent::Vector(len), Some(index)) if index >= 1.0 => (index as usize - 1, len),
            _ => return None,
        };
        // A long vector need not be read whole for one element of it, but only variables need not.
        if element >= len || (len > MOST && !matches!(quantity, Quantity::Variable(_))) {
            return None;
        }
        Some(Self {
            lane,
            quantity,
            element,
            len,
            magnitude,
            operator,
            literal,
        })
    }

    /// True where it holds where the lanes are.
    #[inline]
    pub fn holds<P: Present + ?Sized>(&self, past: &mut P) -> bool {
        let mut value = if let Some(value) = past.element(self.lane, self.quantity, self.element) {
            value
        } else {
            let mut whole = [f64::NAN; MOST];
            past.read(self.lane, self.quantity, &mut whole[..self.len]);
            whole[self.element]
        };
        if self.magnitude {
            value = value.abs();
        }
        match self.operator {
            Infix::Less => value < self.literal,
            Infix::LessEqual => value <= self.literal,
            Infix::Greater => value > self.literal,
            Infix::GreaterEqual => value >= self.literal,
            Infix::Equal => value == self.literal,
            _ => value != self.literal,
        }
    }

    /// Whether it holds at all boundaries of a burst, or at none of them; nothing where it may change.
    pub fn holds_throughout(&self, rows: &mut impl Boundaries) -> Option<bool> {
        let [mut least, mut most] = rows.extremes(self.lane, self.quantity, self.element)?;
        if self.magnitude {
            let sizes = [least.abs(), most.abs()];
            let spans_zero = least < 0.0 && most > 0.0;
            least = if spans_zero {
                0.0
            } else {
                sizes[0].min(sizes[1])
            };
            most = sizes[0].max(sizes[1]);
        }
        let literal = self.literal;
        let (all, none) = match self.operator {
            Infix::Less => (most < literal, least >= literal),
            Infix::LessEqual => (most <= literal, least > literal),
            Infix::Greater => (least > literal, most <= literal),
            Infix::GreaterEqual => (least >= literal, most < literal),
            Infix::Equal => (
                least == literal && most == literal,
                literal < least || literal > most,
            ),
            _ => (
                literal < least || literal > most,
                least == literal && most == literal,
            ),
        };
        (all != none).then_some(all)
    }

    /// Reads another lane, after lanes have been renumbered.
    pub fn renumber(&mut self, new: &dyn Fn(usize) -> Option<usize>) {
        self.lane = new(self.lane).unwrap_or(self.lane);
    }
}

/// A number, with a sign or without.
fn literal(expr: &Expr) -> Option<f64> {
    match &expr.kind {
        ExprKind::Number(value) => Some(*value),
        ExprKind::Prefix(Prefix::Minus, operand) => match operand.kind {
            ExprKind::Number(value) => Some(-value),
            _ => None,
        },
        _ => None,
    }
}
