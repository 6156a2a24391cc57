//! The short way for the conditions that runs test most: numbers compared with literals.
//!
//! `loss < 1e-6 and abs(alpha[2]) < 1e-3` needs no program: two numbers are read and compared. Where what is compared is
//! computed first, as in `norm(grad) < 1e-3`, all conditions on it share the numbers of a burst. The answer is the
//! program's to the bit, because the program would compare the same numbers.

use super::{Boundaries, ExpectedType, Names, Present, Quantity, Reading, Watch};
use crate::{
    error::Source,
    lang::{
        graph::Extent,
        syntax::{Expr, ExprKind, Infix, Prefix},
    },
};
use std::sync::Arc;

/// A number, compared with a literal.
#[derive(Debug, Clone)]
pub(super) struct Clause {
    number: Compared,
    magnitude: bool,
    operator: Infix,
    literal: f64,
}

#[derive(Debug, Clone)]
enum Compared {
    /// One of a lane.
    Element {
        lane: usize,
        quantity: Quantity,
        /// The element, from 0.
        element: usize,
        /// Elements of the quantity.
        len: usize,
    },
    /// One that is made of such.
    Computed(Box<Computed>),
}

/// A number that is computed at each boundary.
#[derive(Debug, Clone)]
struct Computed {
    key: Arc<ComputedKey>,
    watch: Watch,
}

/// Tells numbers that are computed from each other: by the text, and by what its names stand for.
#[derive(Debug, PartialEq)]
pub struct ComputedKey {
    readings: Vec<Reading>,
    text: Box<str>,
}

impl Computed {
    fn of(watch: Watch) -> Self {
        Self {
            key: Arc::new(ComputedKey {
                readings: watch.readings.clone(),
                text: watch.text().into(),
            }),
            watch,
        }
    }

    /// The number under which the values of a burst are noted.
    fn noted(&mut self, rows: &mut impl Boundaries) -> usize {
        let known = rows.noted_at(&self.key);
        known.unwrap_or_else(|| {
            let values = self.watch.column(rows);
            rows.note(&self.key, values)
        })
    }
}

/// Quantities of at most this many elements are read whole where one is wanted.
const MOST: usize = 8;

impl Clause {
    /// The clauses that `expr` joins by `and`, if it is made of such ones alone.
    pub fn all(expr: &Expr, names: &Names, source: &Arc<Source>) -> Option<Vec<Self>> {
        match &expr.kind {
            ExprKind::Chain(first, rest) if rest.iter().all(|(infix, _)| *infix == Infix::And) => {
                let parts = std::iter::once(&**first).chain(rest.iter().map(|(_, expr)| expr));
                let clauses: Option<Vec<Vec<Self>>> =
                    parts.map(|part| Self::all(part, names, source)).collect();
                Some(clauses?.concat())
            }
            ExprKind::Chain(number, rest) => match &rest[..] {
                [(operator, value)] => {
                    let clause = Self::of(number, *operator, value, names);
                    let clause = clause
                        .or_else(|| Self::computed(number, *operator, value, (names, source)));
                    Some(vec![clause?])
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// A comparison of anything that is one number.
    fn computed(
        number: &Expr,
        operator: Infix,
        value: &Expr,
        (names, source): (&Names, &Arc<Source>),
    ) -> Option<Self> {
        let literal = literal(value).filter(|_| compares(operator))?;
        let watch = Watch::of(source, number.clone(), names, ExpectedType::Any).ok()?;
        let is_one = watch.extent == Extent::Scalar && !watch.truth;
        (is_one && !watch.looks_back).then(|| Self {
            number: Compared::Computed(Box::new(Computed::of(watch))),
            magnitude: false,
            operator,
            literal,
        })
    }

    fn of(number: &Expr, operator: Infix, value: &Expr, names: &Names) -> Option<Self> {
        let literal = literal(value).filter(|_| compares(operator))?;
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
            number: Compared::Element {
                lane,
                quantity,
                element,
                len,
            },
            magnitude,
            operator,
            literal,
        })
    }

    /// True where it holds where the lanes are.
    #[inline]
    pub fn holds<P: Present + ?Sized>(&mut self, past: &mut P) -> bool {
        let value = match &mut self.number {
            Compared::Computed(it) => it.watch.evaluate(past)[0],
            &mut Compared::Element {
                lane,
                quantity,
                element,
                len,
            } => past.element(lane, quantity, element).unwrap_or_else(|| {
                let mut whole = [f64::NAN; MOST];
                past.read(lane, quantity, &mut whole[..len]);
                whole[element]
            }),
        };
        self.is_met_by(value)
    }

    /// True where it holds at a row of a burst, to which `rows` has turned.
    pub fn holds_at(&mut self, rows: &mut impl Boundaries, row: usize) -> bool {
        match &mut self.number {
            Compared::Computed(it) => {
                let at = it.noted(rows);
                let value = rows.noted(at).0[row];
                self.is_met_by(value)
            }
            Compared::Element { .. } => self.holds(rows),
        }
    }

    #[inline]
    fn is_met_by(&self, mut value: f64) -> bool {
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
    pub fn holds_throughout(&mut self, rows: &mut impl Boundaries) -> Option<bool> {
        let [mut least, mut most] = match &mut self.number {
            &mut Compared::Element {
                lane,
                quantity,
                element,
                ..
            } => rows.extremes(lane, quantity, element)?,
            Compared::Computed(it) => {
                let at = it.noted(rows);
                rows.noted(at).1?
            }
        };
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
        match &mut self.number {
            Compared::Element { lane, .. } => *lane = new(*lane).unwrap_or(*lane),
            Compared::Computed(it) => {
                it.watch.renumber(new);
                **it = Computed::of(it.watch.clone());
            }
        }
    }
}

fn compares(operator: Infix) -> bool {
    matches!(
        operator,
        Infix::Less
            | Infix::LessEqual
            | Infix::Greater
            | Infix::GreaterEqual
            | Infix::Equal
            | Infix::Unequal
    )
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
