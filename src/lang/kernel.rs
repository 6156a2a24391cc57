//! The operations themselves, on slices of cells.
//!
//! Every kernel reads its operands before it writes, element by element or eight at a time, so a result
//! may take the place of an operand.

mod fused;
mod slices;

pub(super) use fused::moment;
pub(super) use slices::{fill, reduce};

use super::{
    graph::{Binary, Unary},
    number::Number,
    power::MEMO,
    program::{Instruction, MEMO_OPERAND, Operation, Slot, SlotKind},
};
use fused::fused;
use slices::{map, map2};
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
        Operation::Select => value(0).choose(value(1), value(2)),
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
            let chosen = |at: usize| condition[at].choose(a[at], b[at]);
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

/// Runs one element-wise instruction on elements `start..start + len`: within its caller, as all that is called from here,
/// so that it is compiled for the processor that its caller is compiled for.
#[inline(always)]
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

/// The same apart from the caller.
#[inline(never)]
pub(super) fn elementwise_apart<T: Number>(
    it: &Instruction,
    start: usize,
    len: usize,
    cells: &[Cell<T>],
) {
    elementwise(it, start, len, cells);
}

/// An operand of an element-wise operation.
#[derive(Clone, Copy)]
enum Operand<'a, T> {
    Scalar(T),
    Vector(&'a [Cell<T>]),
}

impl<'a, T: Number> Operand<'a, T> {
    #[inline(always)]
    fn new(cells: &'a [Cell<T>], slot: Slot, start: usize, len: usize) -> Self {
        match slot.kind {
            SlotKind::Scalar => Self::Scalar(cells[slot.at as usize].get()),
            _ => Self::Vector(span(cells, slot, start, len)),
        }
    }

    #[inline(always)]
    fn get(&self, at: usize) -> T {
        match self {
            Self::Scalar(value) => *value,
            Self::Vector(cells) => cells[at].get(),
        }
    }
}

#[inline(always)]
fn span<T>(cells: &[Cell<T>], slot: Slot, start: usize, len: usize) -> &[Cell<T>] {
    let at = slot.at as usize
        + match slot.kind {
            SlotKind::Whole => start,
            SlotKind::Scalar | SlotKind::Block => 0,
        };
    &cells[at..at + len]
}

#[inline(always)]
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
        // As `whole_power` multiplies, without asking for the exponent at each element.
        Unary::WholePower(2) => map(to, a, |a| a * a),
        Unary::WholePower(3) => map(to, a, |a| a * (a * a)),
        Unary::WholePower(4) => map(to, a, |a| (a * a) * (a * a)),
        Unary::Abs => map(to, a, Number::abs),
        _ => map(to, a, |a| f.of(a)),
    }
}

#[inline(always)]
fn binary<T: Number>(f: Binary, to: &[Cell<T>], a: Operand<T>, b: Operand<T>) {
    match f {
        Binary::Add => pairs(to, a, b, |a, b| a + b),
        Binary::Subtract => pairs(to, a, b, |a, b| a - b),
        Binary::Multiply => pairs(to, a, b, |a, b| a * b),
        Binary::Divide => pairs(to, a, b, |a, b| a / b),
        Binary::Max => pairs(to, a, b, Number::max),
        Binary::Less => pairs(to, a, b, |a, b| Binary::Less.of(a, b)),
        // Where a setting has a value for each element, those of a tensor are one number.
        Binary::Power => {
            let memo: [Cell<T>; MEMO] = array::from_fn(|_| Cell::new(T::constant(f64::NAN)));
            pairs(to, a, b, |a, b| a.raise_beside(b, &memo));
        }
        _ => pairs(to, a, b, |a, b| f.of(a, b)),
    }
}

#[inline(always)]
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

#[inline(always)]
fn select<T: Number>(to: &[Cell<T>], condition: Operand<T>, a: Operand<T>, b: Operand<T>) {
    for (at, cell) in to.iter().enumerate() {
        cell.set(condition.get(at).choose(a.get(at), b.get(at)));
    }
}
