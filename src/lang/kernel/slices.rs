//! Walks through slices, eight elements at a time.

use crate::lang::{
    graph::Reduce,
    number::{Number, each},
};
use std::cell::Cell;

const LANES: usize = 8;

/// `to[k] = f(a[k])`
#[inline(always)]
pub(super) fn map<T: Number>(to: &[Cell<T>], a: &[Cell<T>], f: impl Fn(T) -> T) {
    let (to_lanes, to_rest) = to.as_chunks::<LANES>();
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    for (to, a) in to_lanes.iter().zip(a_lanes) {
        let values: [T; LANES] = each(|k| f(a[k].get()));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
    }
    for (cell, a) in to_rest.iter().zip(a_rest) {
        cell.set(f(a.get()));
    }
}

/// `to[k] = f(a[k], b[k])`
#[inline(always)]
pub(super) fn map2<T: Number>(to: &[Cell<T>], a: &[Cell<T>], b: &[Cell<T>], f: impl Fn(T, T) -> T) {
    let (to_lanes, to_rest) = to.as_chunks::<LANES>();
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for ((to, a), b) in to_lanes.iter().zip(a_lanes).zip(b_lanes) {
        let values: [T; LANES] = each(|k| f(a[k].get(), b[k].get()));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
    }
    for ((cell, a), b) in to_rest.iter().zip(a_rest).zip(b_rest) {
        cell.set(f(a.get(), b.get()));
    }
}

/// `to[k] = f(a[k], b[k], c[k])`
#[inline(always)]
pub(super) fn map3<T: Number>(
    to: &[Cell<T>],
    a: &[Cell<T>],
    b: &[Cell<T>],
    c: &[Cell<T>],
    f: impl Fn(T, T, T) -> T,
) {
    let (to_lanes, to_rest) = to.as_chunks::<LANES>();
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    let (c_lanes, c_rest) = c.as_chunks::<LANES>();
    for (((to, a), b), c) in to_lanes.iter().zip(a_lanes).zip(b_lanes).zip(c_lanes) {
        let values: [T; LANES] = each(|k| f(a[k].get(), b[k].get(), c[k].get()));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
    }
    for (((cell, a), b), c) in to_rest.iter().zip(a_rest).zip(b_rest).zip(c_rest) {
        cell.set(f(a.get(), b.get(), c.get()));
    }
}

/// `to[k] = f(a[k], b[k])` and `also[k] = then(to[k])`
#[inline(always)]
pub(super) fn map2_then<T: Number>(
    to: &[Cell<T>],
    also: &[Cell<T>],
    a: &[Cell<T>],
    b: &[Cell<T>],
    f: impl Fn(T, T) -> T,
    then: impl Fn(T) -> T,
) {
    let (to_lanes, to_rest) = to.as_chunks::<LANES>();
    let (also_lanes, also_rest) = also.as_chunks::<LANES>();
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for (((to, also), a), b) in to_lanes.iter().zip(also_lanes).zip(a_lanes).zip(b_lanes) {
        let values: [T; LANES] = each(|k| f(a[k].get(), b[k].get()));
        let next: [T; LANES] = each(|k| then(values[k]));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
        for (cell, value) in also.iter().zip(next) {
            cell.set(value);
        }
    }
    for (((to, also), a), b) in to_rest.iter().zip(also_rest).zip(a_rest).zip(b_rest) {
        let value = f(a.get(), b.get());
        to.set(value);
        also.set(then(value));
    }
}

#[inline(always)]
pub(in crate::lang) fn fill<T: Copy>(to: &[Cell<T>], value: T) {
    for cell in to {
        cell.set(value);
    }
}

/// All elements to one, in an order that depends on their number alone: eight running results, joined
/// in pairs, then the rest one by one.
pub(in crate::lang) fn reduce<T: Number>(f: Reduce, operand: &[Cell<T>]) -> T {
    match f {
        Reduce::Sum => fold(operand, T::constant(0.0), |a, b| a + b),
        Reduce::Min => fold(operand, T::constant(f64::INFINITY), Number::min),
        Reduce::Max => fold(operand, T::constant(f64::NEG_INFINITY), Number::max),
    }
}

#[inline(always)]
fn fold<T: Number>(operand: &[Cell<T>], neutral: T, f: impl Fn(T, T) -> T) -> T {
    let (lanes, rest) = operand.as_chunks::<LANES>();
    let mut total = neutral;
    if !lanes.is_empty() {
        let mut running = [neutral; LANES];
        for chunk in lanes {
            for (so_far, cell) in running.iter_mut().zip(chunk) {
                *so_far = f(*so_far, cell.get());
            }
        }
        let [a, b, c, d, e, g, h, i] = running;
        total = f(f(f(a, b), f(c, d)), f(f(e, g), f(h, i)));
    }
    for cell in rest {
        total = f(total, cell.get());
    }
    total
}
