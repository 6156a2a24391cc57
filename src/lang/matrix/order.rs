//! Order statistics of a vector: the largest elements, and quantiles.
//!
//! NaN counts as larger than every number, as in libraries, so that one that crops up is seen.

use crate::lang::number::Number;
use std::{cell::Cell, cmp::Ordering};

/// Numbers in their order, NaN last.
fn ascending(a: f64, b: f64) -> Ordering {
    let by_nan = a.is_nan().cmp(&b.is_nan());
    by_nan.then_with(|| a.partial_cmp(&b).unwrap_or(Ordering::Equal))
}

/// Sorts numbers, NaN last.
pub(crate) fn sort(values: &mut [f64]) {
    values.sort_by(|a, b| ascending(*a, *b));
}

fn sorted<T: Number>(of: &[Cell<T>]) -> Vec<f64> {
    let mut values: Vec<f64> = of.iter().map(|cell| cell.get().real()).collect();
    sort(&mut values);
    values
}

/// The largest elements, as many as there is room for, the largest first.
pub(super) fn largest<T: Number>(of: &[Cell<T>], to: &[Cell<T>]) {
    for (cell, value) in to.iter().zip(sorted(of).into_iter().rev()) {
        cell.set(T::constant(value));
    }
}

/// The place, from 1, of the first of the largest elements.
pub(super) fn place_of_largest<T: Number>(of: &[Cell<T>], to: &[Cell<T>]) {
    let values = of.iter().map(|cell| cell.get().real());
    let mut best = (0_u32, f64::NEG_INFINITY);
    for (place, value) in (1..).zip(values) {
        if best.0 == 0 || ascending(value, best.1) == Ordering::Greater {
            best = (place, value);
        }
    }
    to[0].set(T::constant(f64::from(best.0)));
}

/// The value at a share (0 to 1) of `sorted` numbers, interpolated between the two nearest; NaN where there are none.
///
/// Source: Hyndman & Fan 1996, definition 7, which numpy and R use unless told otherwise.
pub(crate) fn at_share(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place among the elements"
    )]
    let (below, part) = {
        let at = share * sorted.len().saturating_sub(1) as f64;
        (at.floor() as usize, at.fract())
    };
    let low = sorted.get(below).copied().unwrap_or(f64::NAN);
    match sorted.get(below + 1) {
        Some(high) if part > 0.0 => low + part * (high - low),
        _ => low,
    }
}

/// `quantile(v, q)`
pub(super) fn quantile<T: Number>(of: &[Cell<T>], share: f64, to: &[Cell<T>]) {
    to[0].set(T::constant(at_share(&sorted(of), share)));
}
