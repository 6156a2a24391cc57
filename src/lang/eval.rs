//! Runs a [`Program`] on an arena of any number type.

pub use super::{
    answers::{Answers, AroundBlocks, NoAnswers},
    dense::{PLACES, PlanarProgram},
};
use super::{
    graph::LossQuery,
    kernel::{elementwise, elementwise_apart, fill, moment, plane, reduce, scalar},
    number::Number,
    program::{BLOCK, FAR_BLOCK, Instruction, Operation, Program, Segment, ShapeClass, Slot},
};
use std::{cell::Cell, ops::Range};

impl Program {
    /// A new arena, constants in place and all else 0.
    #[must_use]
    pub fn arena<T: Number>(&self) -> Vec<T> {
        // The dense form wants all its places.
        let places = self.dense.as_ref().map_or(0, |_| PLACES);
        let mut arena = vec![T::constant(0.0); self.size.max(places)];
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
        match &self.dense {
            Some(_) if T::RUNS_DENSE => self.run_dense(arena, answers),
            _ => self.run(&self.all, arena, answers),
        }
    }

    #[inline(never)]
    fn run_dense<T: Number>(&self, arena: &mut [T], answers: &mut impl Answers<T>) {
        self.run_few_inline(arena, answers);
    }

    /// The same within the caller, to be compiled for the processor that it is compiled for, where there are few numbers.
    #[inline(always)]
    pub fn run_few_inline<T: Number>(&self, arena: &mut [T], answers: &mut impl Answers<T>) {
        match (&self.dense, arena.first_chunk_mut()) {
            (Some(dense), Some(arena)) => dense.run(self, arena, answers),
            _ => self.run(&self.all, arena, answers),
        }
    }

    /// The same within the caller where vectors are long.
    #[inline(always)]
    pub fn run_long_inline<T: Number>(&self, arena: &mut [T], answers: &mut impl Answers<T>) {
        self.walk::<T, true>(&self.all, arena, answers);
    }

    /// True where all lines are one walk through vectors of `len` elements.
    #[must_use]
    pub fn is_walk(&self, len: usize) -> bool {
        self.walk.as_ref().is_some_and(|walk| walk.len == len)
    }

    /// Runs all lines in [one walk](Self::is_walk) within the caller, with `around` before and after each block. Where it
    /// does not `keep` the variables that no iteration reads of the one before, they have any values afterwards.
    #[inline(always)]
    pub fn run_walk<T: Number>(
        &self,
        keep: bool,
        fed: usize,
        arena: &mut [T],
        around: &mut impl AroundBlocks<T>,
    ) {
        let Some(walk) = &self.walk else { return };
        let instructions = if keep { &walk.kept } else { &walk.lean };
        let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
        walk.before.iter().for_each(|it| scalar(it, cells));
        let mut start = 0;
        let most = walk.fed.map_or(BLOCK, |_| FAR_BLOCK);
        while start < walk.len {
            let len = most.min(walk.len - start);
            let own = walk.fed.filter(|_| !keep).unwrap_or(fed + start);
            let fed = own..own + len;
            if walk.fed.is_some() {
                around.before(arena, start..start + len, fed.clone());
            }
            let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
            block(instructions, start, len, cells);
            let is_kept = keep || walk.fed.is_none();
            around.after(arena, start..start + len, is_kept.then_some(fed));
            start += len;
        }
        let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
        walk.after.iter().for_each(|it| scalar(it, cells));
    }

    fn run<T: Number>(&self, segments: &[Segment], arena: &mut [T], answers: &mut impl Answers<T>) {
        self.walk::<T, false>(segments, arena, answers);
    }

    /// Runs segments, long vectors within the caller or apart from it.
    #[inline(always)]
    fn walk<T: Number, const WITHIN: bool>(
        &self,
        segments: &[Segment],
        arena: &mut [T],
        answers: &mut impl Answers<T>,
    ) {
        for segment in segments {
            let len = segment.blocked;
            if len == 0 {
                for instruction in &segment.instructions {
                    if WITHIN && instruction.is_long() {
                        let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
                        elementwise(instruction, 0, instruction.len as usize, cells);
                    } else if WITHIN {
                        self.execute_apart(instruction, arena, answers);
                    } else {
                        self.execute_one(instruction, arena, answers);
                    }
                }
                continue;
            }
            let mut start = 0;
            while start < len {
                let len = BLOCK.min(len - start);
                let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
                let mut rest = segment.instructions.iter();
                while let Some(instruction) = rest.next() {
                    match rest.as_slice().first() {
                        Some(quotient) if instruction.paired => {
                            moment(instruction, quotient, start, len, cells);
                            rest.next();
                        }
                        _ if WITHIN => elementwise(instruction, start, len, cells),
                        _ => elementwise_apart(instruction, start, len, cells),
                    }
                }
                start += len;
            }
        }
    }

    /// Runs one instruction at its full length, apart from the caller.
    #[inline(never)]
    pub(super) fn execute_apart<T: Number>(
        &self,
        it: &Instruction,
        arena: &mut [T],
        answers: &mut impl Answers<T>,
    ) {
        self.execute_one(it, arena, answers);
    }

    /// Runs one instruction at its full length.
    #[inline]
    fn execute_one<T: Number>(
        &self,
        it: &Instruction,
        arena: &mut [T],
        answers: &mut impl Answers<T>,
    ) {
        let cells = Cell::from_mut(&mut *arena).as_slice_of_cells();
        match it.shape() {
            ShapeClass::Scalar => scalar(it, cells),
            ShapeClass::Plane => plane(it, cells),
            ShapeClass::Other => self.execute(it, arena, answers),
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
            _ => elementwise_apart(it, 0, len, cells),
        }
    }
}

/// Runs instructions on elements `start..start + len`, within the caller.
#[inline(always)]
fn block<T: Number>(instructions: &[Instruction], start: usize, len: usize, cells: &[Cell<T>]) {
    let mut rest = instructions.iter();
    while let Some(instruction) = rest.next() {
        match rest.as_slice().first() {
            Some(quotient) if instruction.paired => {
                moment(instruction, quotient, start, len, cells);
                rest.next();
            }
            _ => elementwise(instruction, start, len, cells),
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
