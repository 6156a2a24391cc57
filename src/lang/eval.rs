//! Runs a [`Program`] on an arena of any number type.

use super::{
    graph::LossQuery,
    kernel::{elementwise, fill, moment, plane, reduce, scalar},
    number::Number,
    program::{BLOCK, Instruction, Operation, Program, Segment, ShapeClass, Slot},
};
use std::{cell::Cell, ops::Range};

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
                    let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
                    match instruction.shape() {
                        ShapeClass::Scalar => scalar(instruction, cells),
                        ShapeClass::Plane => plane(instruction, cells),
                        ShapeClass::Other => self.execute(instruction, arena, answers),
                    }
                }
                continue;
            }
            let mut start = 0;
            while start < segment.blocked {
                let len = BLOCK.min(segment.blocked - start);
                let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
                let mut rest = segment.instructions.iter();
                while let Some(instruction) = rest.next() {
                    match rest.as_slice().first() {
                        Some(quotient) if instruction.paired => {
                            moment(instruction, quotient, start, len, cells);
                            rest.next();
                        }
                        _ => elementwise(instruction, start, len, cells),
                    }
                }
                start += len;
            }
        }
    }

    #[inline]
    fn execute<T: Number>(&self, it: &Instruction, arena: &mut [T], answers: &mut impl Answers<T>) {
        let len = it.len as usize;
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
            Operation::SegmentReduce(f, table) => {
                let offsets = self.tables[table as usize].windows(2);
                for (cell, bounds) in cells[to..].iter().zip(offsets) {
                    let run = from + bounds[0] as usize..from + bounds[1] as usize;
                    cell.set(reduce(f, &cells[run]));
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
            Operation::Matrices(each) => {
                let (mut a, mut b, mut to) = (from, it.from[1].at as usize, to);
                for f in &*self.matrix_lists[each as usize] {
                    f.run(cells, a, b, to);
                    let (a_len, b_len) = f.lengths();
                    a += a_len;
                    b += b_len;
                    to += f.extent().len();
                }
            }
            _ => elementwise(it, 0, len, cells),
        }
    }
}

#[cold]
fn disjoint_error() -> ! {
    unreachable!("a program never gives an answer the place of its question")
}

fn call<T: Number>(
    oracle: LossQuery,
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
        LossQuery::Value => arena[to.start] = answers.value(&arena[v]),
        LossQuery::Gradient => match arena.get_disjoint_mut([v, to]) {
            Ok([v, to]) => answers.gradient(v, to),
            Err(_) => disjoint_error(),
        },
        LossQuery::Hessian => match arena.get_disjoint_mut([v, to]) {
            Ok([v, to]) => answers.hessian(v, to),
            Err(_) => disjoint_error(),
        },
        LossQuery::HessianProduct => {
            let d = arena[range(it.from[1], it.from_len)].to_vec();
            match arena.get_disjoint_mut([v, to]) {
                Ok([v, to]) => answers.hessian_product(v, &d, to),
                Err(_) => disjoint_error(),
            }
        }
    }
}
