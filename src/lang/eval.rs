//! Runs a [`Program`] on an arena of any number type.
//!
//! Every kernel reads its operands before it writes, element by element or eight at a time, so a result
//! may take the place of an operand.

use super::{
    graph::{Binary, Oracle, Reduce, Unary, truth},
    number::Number,
    power::MEMO,
    program::{BLOCK, Instruction, MEMO_OPERAND, Operation, Program, Segment, Slot, SlotKind},
};
use std::{array, cell::Cell, ops::Range};

/// Answers the questions that a rule asks of its loss.
pub trait Answers<T> {
    /// The loss at `v`.
    fn value(&mut self, v: &[T]) -> T;
    /// Writes the gradient at `v`.
    fn gradient(&mut self, v: &[T], gradient: &mut [T]);
    /// Writes the Hessian at `v` times `d`.
    fn hessian_product(&mut self, v: &[T], d: &[T], product: &mut [T]);
    /// Writes the Hessian at `v`, row by row: one product for each axis unless there is a better way.
    fn hessian(&mut self, v: &[T], hessian: &mut [T])
    where
        T: Number,
    {
        let mut unit = vec![T::constant(0.0); v.len()];
        for (at, row) in hessian.chunks_mut(v.len().max(1)).enumerate() {
            unit[at] = T::constant(1.0);
            self.hessian_product(v, &unit, row);
            unit[at] = T::constant(0.0);
        }
    }
}

/// For programs that ask nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoAnswers;

impl<T: Number> Answers<T> for NoAnswers {
    fn value(&mut self, _: &[T]) -> T {
        T::constant(f64::NAN)
    }
    fn gradient(&mut self, _: &[T], gradient: &mut [T]) {
        gradient.fill(T::constant(f64::NAN));
    }
    fn hessian_product(&mut self, _: &[T], _: &[T], product: &mut [T]) {
        product.fill(T::constant(f64::NAN));
    }
}

impl Program {
    /// A new arena, constants in place and all else 0.
    #[must_use]
    pub fn arena<T: Number>(&self) -> Vec<T> {
        let mut arena = vec![T::constant(0.0); self.size];
        for &(at, value) in &self.constants {
            arena[at] = T::constant(value);
        }
        arena
    }

    /// Computes what depends on settings alone; call it whenever one has changed.
    pub fn refresh<T: Number>(&self, arena: &mut [T]) {
        self.run(&self.refresh, arena, &mut NoAnswers);
    }

    /// Runs line `at` (0-based).
    pub fn run_line<T: Number>(&self, at: usize, arena: &mut [T], answers: &mut impl Answers<T>) {
        self.run(&self.lines[at], arena, answers);
    }

    /// Runs all lines.
    pub fn run_all<T: Number>(&self, arena: &mut [T], answers: &mut impl Answers<T>) {
        self.run(&self.all, arena, answers);
    }

    fn run<T: Number>(&self, segments: &[Segment], arena: &mut [T], answers: &mut impl Answers<T>) {
        for segment in segments {
            if segment.blocked == 0 {
                for instruction in &segment.instructions {
                    self.execute(instruction, 0, instruction.len as usize, arena, answers);
                }
                continue;
            }
            let mut start = 0;
            while start < segment.blocked {
                let len = BLOCK.min(segment.blocked - start);
                let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
                for instruction in &segment.instructions {
                    elementwise(instruction, start, len, cells);
                }
                start += len;
            }
        }
    }

    #[inline]
    fn execute<T: Number>(
        &self,
        it: &Instruction,
        start: usize,
        len: usize,
        arena: &mut [T],
        answers: &mut impl Answers<T>,
    ) {
        if let Operation::Call(oracle) = it.operation {
            call(oracle, it, arena, answers);
            return;
        }
        let cells = Cell::from_mut(arena).as_slice_of_cells();
        let from = it.from[0].at as usize;
        let to = it.to.at as usize;
        match it.operation {
            Operation::Reduce(f) => {
                let operand = &cells[from..from + it.from_len as usize];
                cells[to].set(reduce(f, operand));
            }
            Operation::Element(at) => cells[to].set(cells[from + at as usize].get()),
            Operation::Gather(table) => {
                for (cell, &place) in cells[to..].iter().zip(&*self.tables[table as usize]) {
                    cell.set(cells[from + place as usize].get());
                }
            }
            Operation::Scatter(table) => {
                let target = &cells[to..to + len];
                fill(target, T::constant(0.0));
                for (cell, &place) in cells[from..].iter().zip(&*self.tables[table as usize]) {
                    let place = &target[place as usize];
                    place.set(place.get() + cell.get());
                }
            }
            Operation::SegmentSum(table) => {
                let offsets = self.tables[table as usize].windows(2);
                for (cell, bounds) in cells[to..].iter().zip(offsets) {
                    let run = from + bounds[0] as usize..from + bounds[1] as usize;
                    cell.set(reduce(Reduce::Sum, &cells[run]));
                }
            }
            Operation::Pack(parts) => {
                let target = &cells[to..to + len];
                let parts = &self.packs[parts as usize];
                if parts.len() < len {
                    fill(target, T::constant(0.0));
                }
                for (place, part) in parts {
                    target[*place as usize].set(cells[part.at as usize].get());
                }
            }
            Operation::Matrix(f) => {
                let b = it.from[1].at as usize;
                self.matrices[f as usize].run(cells, from, b, to);
            }
            _ => elementwise(it, start, len, cells),
        }
    }
}

#[cold]
fn disjoint_error() -> ! {
    unreachable!("a program never gives an answer the place of its question")
}

fn call<T: Number>(
    oracle: Oracle,
    it: &Instruction,
    arena: &mut [T],
    answers: &mut impl Answers<T>,
) {
    let range = |slot: Slot, len: u32| -> Range<usize> {
        slot.at as usize..slot.at as usize + len as usize
    };
    let to = range(it.to, it.len);
    let v = range(it.from[0], it.from_len);
    match oracle {
        Oracle::Value => arena[to.start] = answers.value(&arena[v]),
        Oracle::Gradient => match arena.get_disjoint_mut([v, to]) {
            Ok([v, to]) => answers.gradient(v, to),
            Err(_) => disjoint_error(),
        },
        Oracle::Hessian => match arena.get_disjoint_mut([v, to]) {
            Ok([v, to]) => answers.hessian(v, to),
            Err(_) => disjoint_error(),
        },
        Oracle::HessianProduct => {
            let d = arena[range(it.from[1], it.from_len)].to_vec();
            match arena.get_disjoint_mut([v, to]) {
                Ok([v, to]) => answers.hessian_product(v, &d, to),
                Err(_) => disjoint_error(),
            }
        }
    }
}

/// Runs one element-wise instruction on elements `start..start + len`.
#[inline]
fn elementwise<T: Number>(it: &Instruction, start: usize, len: usize, cells: &[Cell<T>]) {
    let operand = |at: usize| Operand::new(cells, it.from[at], start, len);
    if it.to.kind == SlotKind::Scalar {
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
            Operation::ScaledSum => value(0) * value(1) + value(2) * value(3),
            _ => value(0),
        };
        cells[it.to.at as usize].set(result);
        return;
    }
    let to = span(cells, it.to, start, len);
    match it.operation {
        Operation::Unary(f) => unary(f, to, operand(0)),
        Operation::Binary(f) => binary(f, to, operand(0), operand(1)),
        Operation::Select => select(to, operand(0), operand(1), operand(2)),
        Operation::ScaledSum => {
            let (a, b) = (
                cells[it.from[0].at as usize].get(),
                cells[it.from[2].at as usize].get(),
            );
            let (x, y) = (
                span(cells, it.from[1], start, len),
                span(cells, it.from[3], start, len),
            );
            map2(to, x, y, |x, y| a * x + b * y);
        }
        _ => match operand(0) {
            Operand::Scalar(value) => fill(to, value),
            Operand::Vector(from) => map(to, from, |value| value),
        },
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
fn fill<T: Copy>(to: &[Cell<T>], value: T) {
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
fn reduce<T: Number>(f: Reduce, operand: &[Cell<T>]) -> T {
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
