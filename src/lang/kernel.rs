//! The operations themselves, on slices of cells.
//!
//! Every kernel reads its operands before it writes, element by element or eight at a time, so a result
//! may take the place of an operand.

use super::{
    graph::{Binary, Reduce, Unary, truth},
    number::Number,
    power::MEMO,
    program::{Fused, Instruction, MEMO_OPERAND, Operation, Slot, SlotKind},
};
use std::{array, cell::Cell};

/// Runs one element-wise instruction whose result is a scalar.
#[inline]
pub(super) fn scalar<T: Number>(it: &Instruction, cells: &[Cell<T>]) {
    let value = |at: usize| cells[it.from[at].at as usize].get();
    let result = match it.operation {
        Operation::Unary(f) => f.of(value(0)),
        Operation::Binary(Binary::Power) => {
            let memo = it.from[MEMO_OPERAND].at as usize;
            value(0).raise_with(value(1), &cells[memo..memo + MEMO])
        }
        Operation::Binary(f) => f.of(value(0), value(1)),
        Operation::Select if value(0).real() == 0.0 => value(2),
        Operation::Select => value(1),
        _ => value(0),
    };
    cells[it.to.at as usize].set(result);
}

/// Runs one element-wise instruction on two elements: the plane is what one looks at most.
#[inline]
pub(super) fn plane<T: Number>(it: &Instruction, cells: &[Cell<T>]) {
    let pair = |at: usize| -> [T; 2] {
        let slot = it.from[at];
        let first = cells[slot.at as usize].get();
        match slot.kind {
            SlotKind::Scalar => [first, first],
            _ => [first, cells[slot.at as usize + 1].get()],
        }
    };
    let result = match it.operation {
        Operation::Unary(f) => {
            let [x, y] = pair(0);
            match f {
                Unary::Sqrt => [x.sqrt(), y.sqrt()],
                Unary::WholePower(2) => [x * x, y * y],
                _ => [f.of(x), f.of(y)],
            }
        }
        Operation::Binary(f) => {
            let ([a, b], [c, d]) = (pair(0), pair(1));
            match f {
                Binary::Add => [a + c, b + d],
                Binary::Subtract => [a - c, b - d],
                Binary::Multiply => [a * c, b * d],
                Binary::Divide => [a / c, b / d],
                _ => [f.of(a, c), f.of(b, d)],
            }
        }
        Operation::Select => {
            let (condition, a, b) = (pair(0), pair(1), pair(2));
            let chosen = |at: usize| {
                if condition[at].real() == 0.0 {
                    b[at]
                } else {
                    a[at]
                }
            };
            [chosen(0), chosen(1)]
        }
        Operation::Fused(f) => {
            let ([a, b], [c, d], [e, g], [h, i]) = (pair(0), pair(1), pair(2), pair(3));
            [f.of([a, c, e, h]), f.of([b, d, g, i])]
        }
        _ => pair(0),
    };
    let to = it.to.at as usize;
    let to = &cells[to..to + 2];
    to[0].set(result[0]);
    to[1].set(result[1]);
}

/// Runs one element-wise instruction on elements `start..start + len`.
#[inline]
pub(super) fn elementwise<T: Number>(
    it: &Instruction,
    start: usize,
    len: usize,
    cells: &[Cell<T>],
) {
    if it.to.kind == SlotKind::Scalar {
        scalar(it, cells);
        return;
    }
    let operand = |at: usize| Operand::new(cells, it.from[at], start, len);
    let to = span(cells, it.to, start, len);
    match it.operation {
        Operation::Unary(f) => unary(f, to, operand(0)),
        Operation::Binary(f) => binary(f, to, operand(0), operand(1)),
        Operation::Select => select(to, operand(0), operand(1), operand(2)),
        Operation::Fused(f) => fused(f, it, to, start, len, cells),
        _ => match operand(0) {
            Operand::Scalar(value) => fill(to, value),
            Operand::Vector(from) => map(to, from, |value| value),
        },
    }
}

impl Fused {
    /// The function itself, on one number each, in the order of its operands.
    #[inline]
    fn of<T: Number>(self, [a, b, c, d]: [T; 4]) -> T {
        match self {
            Self::ScaledSum => a * b + c * d,
            Self::ScaledDifference => a * b - c * d,
            Self::ScaledSumOfSquare => a * b + c * (d * d),
            Self::AddScaled => a + b * c,
            Self::SubtractScaled => a - b * c,
            Self::SubtractScaledQuotient => a - b * c / d,
            Self::RootOfShifted => (a + b).sqrt(),
        }
    }
}

/// Runs a fused instruction on elements `start..start + len`.
#[inline]
fn fused<T: Number>(
    f: Fused,
    it: &Instruction,
    to: &[Cell<T>],
    start: usize,
    len: usize,
    cells: &[Cell<T>],
) {
    let scalar = |at: usize| cells[it.from[at].at as usize].get();
    let vector = |at: usize| span(cells, it.from[at], start, len);
    let none = T::constant(0.0);
    match f {
        Fused::ScaledSum | Fused::ScaledDifference | Fused::ScaledSumOfSquare => {
            let (a, b) = (scalar(0), scalar(2));
            let (x, y) = (vector(1), vector(3));
            match f {
                Fused::ScaledSum => map2(to, x, y, |x, y| Fused::ScaledSum.of([a, x, b, y])),
                Fused::ScaledDifference => {
                    map2(to, x, y, |x, y| Fused::ScaledDifference.of([a, x, b, y]));
                }
                _ => map2(to, x, y, |x, y| Fused::ScaledSumOfSquare.of([a, x, b, y])),
            }
        }
        Fused::AddScaled => {
            let a = scalar(1);
            map2(to, vector(0), vector(2), |x, y| {
                Fused::AddScaled.of([x, a, y, none])
            });
        }
        Fused::SubtractScaled => {
            let a = scalar(1);
            map2(to, vector(0), vector(2), |x, y| {
                Fused::SubtractScaled.of([x, a, y, none])
            });
        }
        Fused::SubtractScaledQuotient => {
            let a = scalar(1);
            map3(to, vector(0), vector(2), vector(3), |x, y, z| {
                Fused::SubtractScaledQuotient.of([x, a, y, z])
            });
        }
        Fused::RootOfShifted => {
            let a = scalar(1);
            map(to, vector(0), |x| {
                Fused::RootOfShifted.of([x, a, none, none])
            });
        }
    }
}

/// Runs `it`, a scaled sum, and `quotient`, which divides its result by a scalar, on elements
/// `start..start + len`.
#[inline]
pub(super) fn moment<T: Number>(
    it: &Instruction,
    quotient: &Instruction,
    start: usize,
    len: usize,
    cells: &[Cell<T>],
) {
    let scalar = |slot: Slot| cells[slot.at as usize].get();
    let (a, b, c) = (
        scalar(it.from[0]),
        scalar(it.from[2]),
        scalar(quotient.from[1]),
    );
    let x = span(cells, it.from[1], start, len);
    let y = span(cells, it.from[3], start, len);
    let to = span(cells, it.to, start, len);
    let also = span(cells, quotient.to, start, len);
    if it.operation == Operation::Fused(Fused::ScaledSum) {
        map2_then(
            to,
            also,
            x,
            y,
            |x, y| Fused::ScaledSum.of([a, x, b, y]),
            |m| m / c,
        );
    } else {
        map2_then(
            to,
            also,
            x,
            y,
            |x, y| Fused::ScaledSumOfSquare.of([a, x, b, y]),
            |m| m / c,
        );
    }
}

/// `to[k] = f(a[k], b[k])` and `also[k] = then(to[k])`
#[inline]
fn map2_then<T: Number>(
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
        let values: [T; LANES] = array::from_fn(|k| f(a[k].get(), b[k].get()));
        let next: [T; LANES] = array::from_fn(|k| then(values[k]));
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

/// An operand of an element-wise operation.
#[derive(Clone, Copy)]
enum Operand<'a, T> {
    Scalar(T),
    Vector(&'a [Cell<T>]),
}

impl<'a, T: Number> Operand<'a, T> {
    #[inline]
    fn new(cells: &'a [Cell<T>], slot: Slot, start: usize, len: usize) -> Self {
        match slot.kind {
            SlotKind::Scalar => Self::Scalar(cells[slot.at as usize].get()),
            _ => Self::Vector(span(cells, slot, start, len)),
        }
    }

    #[inline]
    fn get(&self, at: usize) -> T {
        match self {
            Self::Scalar(value) => *value,
            Self::Vector(cells) => cells[at].get(),
        }
    }
}

#[inline]
fn span<T>(cells: &[Cell<T>], slot: Slot, start: usize, len: usize) -> &[Cell<T>] {
    let at = slot.at as usize
        + match slot.kind {
            SlotKind::Whole => start,
            SlotKind::Scalar | SlotKind::Block => 0,
        };
    &cells[at..at + len]
}

#[inline]
pub(super) fn fill<T: Copy>(to: &[Cell<T>], value: T) {
    for cell in to {
        cell.set(value);
    }
}

const LANES: usize = 8;

/// `to[k] = f(a[k])`
#[inline]
fn map<T: Number>(to: &[Cell<T>], a: &[Cell<T>], f: impl Fn(T) -> T) {
    let (to_lanes, to_rest) = to.as_chunks::<LANES>();
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    for (to, a) in to_lanes.iter().zip(a_lanes) {
        let values: [T; LANES] = array::from_fn(|k| f(a[k].get()));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
    }
    for (cell, a) in to_rest.iter().zip(a_rest) {
        cell.set(f(a.get()));
    }
}

/// `to[k] = f(a[k], b[k])`
#[inline]
fn map2<T: Number>(to: &[Cell<T>], a: &[Cell<T>], b: &[Cell<T>], f: impl Fn(T, T) -> T) {
    let (to_lanes, to_rest) = to.as_chunks::<LANES>();
    let (a_lanes, a_rest) = a.as_chunks::<LANES>();
    let (b_lanes, b_rest) = b.as_chunks::<LANES>();
    for ((to, a), b) in to_lanes.iter().zip(a_lanes).zip(b_lanes) {
        let values: [T; LANES] = array::from_fn(|k| f(a[k].get(), b[k].get()));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
    }
    for ((cell, a), b) in to_rest.iter().zip(a_rest).zip(b_rest) {
        cell.set(f(a.get(), b.get()));
    }
}

/// `to[k] = f(a[k], b[k], c[k])`
#[inline]
fn map3<T: Number>(
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
        let values: [T; LANES] = array::from_fn(|k| f(a[k].get(), b[k].get(), c[k].get()));
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
    }
    for (((cell, a), b), c) in to_rest.iter().zip(a_rest).zip(b_rest).zip(c_rest) {
        cell.set(f(a.get(), b.get(), c.get()));
    }
}

fn unary<T: Number>(f: Unary, to: &[Cell<T>], a: Operand<T>) {
    let a = match a {
        Operand::Vector(a) => a,
        Operand::Scalar(a) => {
            let value = f.of(a);
            fill(to, value);
            return;
        }
    };
    match f {
        Unary::Negate => map(to, a, |a| -a),
        Unary::Sqrt => map(to, a, Number::sqrt),
        Unary::WholePower(2) => map(to, a, |a| a * a),
        Unary::Abs => map(to, a, Number::abs),
        _ => map(to, a, |a| f.of(a)),
    }
}

fn binary<T: Number>(f: Binary, to: &[Cell<T>], a: Operand<T>, b: Operand<T>) {
    match f {
        Binary::Add => pairs(to, a, b, |a, b| a + b),
        Binary::Subtract => pairs(to, a, b, |a, b| a - b),
        Binary::Multiply => pairs(to, a, b, |a, b| a * b),
        Binary::Divide => pairs(to, a, b, |a, b| a / b),
        Binary::Max => pairs(to, a, b, Number::max),
        Binary::Less => pairs(to, a, b, |a, b| truth(a.real() < b.real())),
        _ => pairs(to, a, b, |a, b| f.of(a, b)),
    }
}

#[inline]
fn pairs<T: Number>(to: &[Cell<T>], a: Operand<T>, b: Operand<T>, f: impl Fn(T, T) -> T) {
    match (a, b) {
        (Operand::Vector(a), Operand::Vector(b)) => map2(to, a, b, f),
        (Operand::Vector(a), Operand::Scalar(b)) => map(to, a, |a| f(a, b)),
        (Operand::Scalar(a), Operand::Vector(b)) => map(to, b, |b| f(a, b)),
        (Operand::Scalar(a), Operand::Scalar(b)) => {
            let value = f(a, b);
            fill(to, value);
        }
    }
}

fn select<T: Number>(to: &[Cell<T>], condition: Operand<T>, a: Operand<T>, b: Operand<T>) {
    for (at, cell) in to.iter().enumerate() {
        let holds = condition.get(at).real() != 0.0;
        cell.set(if holds { a.get(at) } else { b.get(at) });
    }
}

/// All elements to one, in an order that depends on their number alone: eight running results, joined
/// in pairs, then the rest one by one.
pub(super) fn reduce<T: Number>(f: Reduce, operand: &[Cell<T>]) -> T {
    match f {
        Reduce::Sum => fold(operand, T::constant(0.0), |a, b| a + b),
        Reduce::Min => fold(operand, T::constant(f64::INFINITY), Number::min),
        Reduce::Max => fold(operand, T::constant(f64::NEG_INFINITY), Number::max),
    }
}

#[inline]
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
