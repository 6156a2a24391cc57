//! The indices of nested `sum(i, a, b, ...)`: every value that each takes, known at load.

use super::{
    number::Number,
    syntax::{Expr, ExprKind, Infix, Prefix},
};
use crate::error::{Error, ErrorCode, Result, Source};
use std::sync::Arc;

/// Most terms that nested sums may have in all.
const MAX_TERMS: usize = 4_000_000;

/// The indices in force, outermost first; the k-th entries of all together are one tuple.
#[derive(Debug, Default)]
pub struct Indices {
    levels: Vec<IndexLevel>,
}

#[derive(Debug)]
struct IndexLevel {
    name: String,
    /// For each tuple of this level: its index here, and which tuple of the level outside it belongs to.
    values: Vec<u32>,
    parents: Vec<u32>,
}

impl Indices {
    /// True if no sum is open.
    pub fn is_empty(&self) -> bool {
        self.levels.is_empty()
    }

    /// The number of tuples; 1 outside of any sum.
    pub fn len(&self) -> usize {
        self.levels.last().map_or(1, |level| level.values.len())
    }

    /// The names of the open indices.
    pub fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.levels.iter().map(|level| level.name.clone())
    }

    /// The value of index `name` in each tuple.
    pub fn values(&self, name: &str) -> Option<Vec<u32>> {
        let at = self.levels.iter().rposition(|level| level.name == name)?;
        let mut values = self.levels[at].values.clone();
        for level in &self.levels[at + 1..] {
            values = level
                .parents
                .iter()
                .map(|&parent| values[parent as usize])
                .collect();
        }
        Some(values)
    }

    /// Opens a sum over `name` from `from` to `to` (one number, or one for each tuple).
    ///
    /// Returns the offsets at which the terms of each outer tuple begin, and their end.
    ///
    /// # Errors
    /// A bound that is not a whole number from 0, and more than [`MAX_TERMS`] terms; without a place.
    pub fn enter(&mut self, name: &str, from: &[f64], to: &[f64]) -> Result<Vec<u32>> {
        let outer = self.len();
        let pick = |bounds: &[f64], at: usize| bounds.get(at).or(bounds.first()).copied();
        let (mut values, mut parents, mut offsets) = (Vec::new(), Vec::new(), vec![0]);
        for tuple in 0..outer {
            let first = bound(pick(from, tuple))?;
            let last = bound(pick(to, tuple))?;
            for value in first..=last {
                if values.len() == MAX_TERMS {
                    let message = format!("this sum has more than {MAX_TERMS} terms");
                    return Err(Error::plain(ErrorCode::LimitReached, message));
                }
                let value = u32::try_from(value).map_err(|_| {
                    let message = "an index of a sum cannot be negative";
                    Error::plain(ErrorCode::InvalidValue, message)
                })?;
                values.push(value);
                parents.push(u32::try_from(tuple).unwrap_or(u32::MAX));
            }
            offsets.push(u32::try_from(values.len()).unwrap_or(u32::MAX));
        }
        self.levels.push(IndexLevel {
            name: name.to_owned(),
            values,
            parents,
        });
        Ok(offsets)
    }

    /// Closes the innermost sum.
    pub fn leave(&mut self) {
        self.levels.pop();
    }

    /// One entry for each tuple, from either that or a single entry.
    pub fn per_tuple(&self, entries: Vec<u32>) -> Vec<u32> {
        match entries[..] {
            [single] => vec![single; self.len()],
            _ => entries,
        }
    }

    /// The value of an index expression: one number, or one for each tuple.
    ///
    /// # Errors
    /// Names other than the open indices and `n`, and everything that is not arithmetic.
    pub fn evaluate(&self, source: &Arc<Source>, n: usize, expr: &Expr) -> Result<Vec<f64>> {
        let refuse = || {
            Err(Error::syntax(
                source,
                expr.span,
                "an index or a bound has to be known when the text is loaded",
            )
            .help("use whole numbers, n, and the index of an enclosing sum"))
        };
        match &expr.kind {
            ExprKind::Number(value) => Ok(vec![*value]),
            #[expect(clippy::cast_precision_loss, reason = "dimensions are far below 2^53")]
            ExprKind::Name(name) => match self.values(name) {
                Some(values) => Ok(values.into_iter().map(f64::from).collect()),
                None if name == "n" => Ok(vec![n as f64]),
                None => refuse(),
            },
            ExprKind::Prefix(Prefix::Minus, operand) => {
                let values = self.evaluate(source, n, operand)?;
                Ok(values.into_iter().map(|value| -value).collect())
            }
            ExprKind::Chain(first, rest) => {
                let mut left = self.evaluate(source, n, first)?;
                for (operator, right) in rest {
                    let Some(f) = arithmetic(*operator) else {
                        return refuse();
                    };
                    let right = self.evaluate(source, n, right)?;
                    left = match (&left[..], &right[..]) {
                        (_, [single]) => left.iter().map(|a| f(*a, *single)).collect(),
                        ([single], _) => right.iter().map(|b| f(*single, *b)).collect(),
                        _ => left.iter().zip(&right).map(|(a, b)| f(*a, *b)).collect(),
                    };
                }
                Ok(left)
            }
            _ => refuse(),
        }
    }
}

fn arithmetic(operator: Infix) -> Option<fn(f64, f64) -> f64> {
    Some(match operator {
        Infix::Plus => |a, b| a + b,
        Infix::Minus => |a, b| a - b,
        Infix::Times => |a, b| a * b,
        Infix::Over => |a, b| a / b,
        Infix::Power => |a, b| a.raise(b),
        _ => return None,
    })
}

/// A bound of a sum as a whole number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be a moderate whole number first"
)]
fn bound(value: Option<f64>) -> Result<i64> {
    match value {
        Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => Ok(value as i64),
        Some(value) => Err(Error::plain(
            ErrorCode::InvalidValue,
            format!("the bound {value} is not a whole number"),
        )),
        None => Ok(0),
    }
}
