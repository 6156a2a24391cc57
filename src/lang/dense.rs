//! The form of a program that runs fastest on few numbers: an arena of fixed size, places of one byte, and operations
//! that are not asked for shapes and lengths while they run.
//!
//! No place of one byte is beyond the arena, so no access is checked. Operations that are rare run as they do elsewhere.
//! The numbers are the same to the bit: each operation is the same function of the same operands.

use super::{
    answers::Answers,
    graph::{Binary, LossQuery, Reduce, Unary},
    number::{Number, each},
    power::MEMO,
    program::{Fused, Instruction, MEMO_OPERAND, Operation, Program, Segment, Slot, SlotKind},
};
use std::cell::Cell;

/// Most elements of the vectors of such a program.
const WIDEST: usize = 4;

/// Numbers of an arena: a vector may begin at any place of one byte.
pub const PLACES: usize = 256 + WIDEST;

/// The places that an operation reads and writes.
struct Touched {
    reads: Vec<usize>,
    writes: Vec<usize>,
}

/// Instructions over an arena of [`PLACES`] numbers.
#[derive(Debug, Clone)]
pub(super) struct Dense {
    /// Elements of the vectors that operations work on.
    width: usize,
    operations: Vec<DenseOperation>,
    /// Those that run as in every other program.
    others: Vec<Instruction>,
}

/// An operation with its places; one that runs as elsewhere has its number among the others in their stead.
#[derive(Debug, Clone, Copy)]
struct DenseOperation {
    code: Code,
    to: u8,
    from: [u8; 4],
    /// What the operation that runs with it reads besides its result, and where that goes.
    with: u8,
    also: u8,
}

/// Makes the codes, and what chooses and runs them, of rows: the operation, its elements, the kinds of its operands, and
/// what it is on one element of each.
macro_rules! codes {
    ($($code:ident = $operation:pat, $len:ident, [$($kind:ident),*], $f:expr;)*) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        enum Code {
            $($code,)*
            Power,
            /// A power, and another number less it.
            LessPower,
            /// A scaled sum, and that divided by a scalar.
            Moment,
            SquareMoment,
            /// A shifted root, and a step that is divided by it: the step's places come first.
            StepByRoot,
            /// A scaled difference, and what it is added to.
            AddedDifference,
            /// The loss's gradient.
            Gradient,
            Sum,
            Other,
        }

        impl Code {
            /// The code of an element-wise instruction on scalars, or on vectors that are all of the program's width.
            fn of(it: &Instruction) -> Option<Self> {
                let len = match it.to.kind {
                    SlotKind::Scalar => Elements::One,
                    _ => Elements::Each,
                };
                let kinds = it.from.map(|slot| match slot.kind {
                    SlotKind::Scalar => Kind::scalar,
                    _ => Kind::vector,
                });
                $(
                    if matches!(it.operation, $operation)
                        && len == Elements::$len
                        && kinds.starts_with(&[$(Kind::$kind),*])
                    {
                        return Some(Self::$code);
                    }
                )*
                None
            }
        }

        impl Dense {
            /// Runs it on vectors of `N` elements, or on so many `parts` of `N` elements that make up vectors.
            #[inline(always)]
            fn run_width<T: Number, const N: usize>(
                &self,
                parts: usize,
                program: &Program,
                arena: &mut [T; PLACES],
                answers: &mut impl Answers<T>,
            ) {
                for it in &self.operations {
                    match it.code {
                        $(
                            Code::$code => {
                                for part in 0..codes!(@parts $len parts) {
                                    let part = part * N;
                                    let mut from = it.from.into_iter();
                                    let operands = [$({
                                        let at = usize::from(from.next().unwrap_or(0));
                                        codes!(@$kind $len arena at part)
                                    }),*];
                                    codes!(@put $len it arena part operands $f);
                                }
                            }
                        )*
                        Code::Power => {
                            it.power(arena);
                        }
                        Code::LessPower => {
                            let power = it.power(arena);
                            arena[usize::from(it.also)] = arena[usize::from(it.with)] - power;
                        }
                        Code::Moment => {
                            it.moment::<T, N>(parts, arena, |[a, x, b, y]| a * x + b * y);
                        }
                        Code::SquareMoment => {
                            it.moment::<T, N>(parts, arena, |[a, x, b, y]| a * x + b * (y * y));
                        }
                        Code::StepByRoot => it.step_by_root::<T, N>(parts, arena),
                        Code::AddedDifference => it.added_difference::<T, N>(parts, arena),
                        Code::Gradient => {
                            let (from, to) = (usize::from(it.from[0]), usize::from(it.to));
                            // No more is read than was written: that would wait until it is in memory.
                            let (mut place, mut slope) = ([[T::constant(0.0); N]; WIDEST], [[T::constant(0.0); N]; WIDEST]);
                            let (place, slope) = (&mut place[..parts], &mut slope[..parts]);
                            for (part, place) in place.iter_mut().enumerate() {
                                *place = vector(arena, from + part * N);
                            }
                            answers.gradient(place.as_flattened(), slope.as_flattened_mut());
                            for (part, slope) in slope.iter().enumerate() {
                                store(arena, to + part * N, *slope);
                            }
                        }
                        Code::Sum => {
                            let [from, ..] = it.from;
                            let from = usize::from(from);
                            let numbers = &arena[from..from + N * parts];
                            let sum = numbers.iter().fold(T::constant(0.0), |sum, it| sum + *it);
                            arena[usize::from(it.to)] = sum;
                        }
                        Code::Other => {
                            let other = &self.others[usize::from(it.to)];
                            program.execute_apart(other, &mut arena[..], answers);
                        }
                    }
                }
            }
        }
    };
    (@parts One $parts:ident) => { 1 };
    (@parts Each $parts:ident) => { $parts };
    (@scalar One $arena:ident $at:ident $part:ident) => { [$arena[$at]] };
    (@scalar Each $arena:ident $at:ident $part:ident) => { [$arena[$at]; N] };
    (@vector Each $arena:ident $at:ident $part:ident) => { vector::<T, N>($arena, $at + $part) };
    (@put One $it:ident $arena:ident $part:ident $operands:ident $f:expr) => {
        store::<T, 1>($arena, usize::from($it.to) + $part, apply($operands, $f));
    };
    (@put Each $it:ident $arena:ident $part:ident $operands:ident $f:expr) => {
        store::<T, N>($arena, usize::from($it.to) + $part, apply($operands, $f));
    };
}

/// One element, or as many as vectors have.
#[derive(PartialEq)]
enum Elements {
    One,
    Each,
}

#[derive(PartialEq)]
#[expect(non_camel_case_types, reason = "the words of the rows")]
enum Kind {
    scalar,
    vector,
}

codes! {
    Copy = Operation::Copy, One, [scalar], |[a]| a;
    CopyEach = Operation::Copy, Each, [vector], |[a]| a;
    Negate = Operation::Unary(Unary::Negate), One, [scalar], |[a]| -a;
    NegateEach = Operation::Unary(Unary::Negate), Each, [vector], |[a]| -a;
    Abs = Operation::Unary(Unary::Abs), One, [scalar], |[a]| a.abs();
    AbsEach = Operation::Unary(Unary::Abs), Each, [vector], |[a]| a.abs();
    Root = Operation::Unary(Unary::Sqrt), One, [scalar], |[a]| a.sqrt();
    RootEach = Operation::Unary(Unary::Sqrt), Each, [vector], |[a]| a.sqrt();
    Square = Operation::Unary(Unary::WholePower(2)), One, [scalar], |[a]| a * a;
    SquareEach = Operation::Unary(Unary::WholePower(2)), Each, [vector], |[a]| a * a;
    Fill = Operation::Copy, Each, [scalar], |[a]| a;
    Add = Operation::Binary(Binary::Add), One, [scalar, scalar], |[a, b]| a + b;
    AddEach = Operation::Binary(Binary::Add), Each, [vector, vector], |[a, b]| a + b;
    AddByScalar = Operation::Binary(Binary::Add), Each, [vector, scalar], |[a, b]| a + b;
    AddOfScalar = Operation::Binary(Binary::Add), Each, [scalar, vector], |[a, b]| a + b;
    Subtract = Operation::Binary(Binary::Subtract), One, [scalar, scalar], |[a, b]| a - b;
    SubtractEach = Operation::Binary(Binary::Subtract), Each, [vector, vector], |[a, b]| a - b;
    SubtractByScalar = Operation::Binary(Binary::Subtract), Each, [vector, scalar], |[a, b]| a - b;
    SubtractOfScalar = Operation::Binary(Binary::Subtract), Each, [scalar, vector], |[a, b]| a - b;
    Multiply = Operation::Binary(Binary::Multiply), One, [scalar, scalar], |[a, b]| a * b;
    MultiplyEach = Operation::Binary(Binary::Multiply), Each, [vector, vector], |[a, b]| a * b;
    MultiplyByScalar = Operation::Binary(Binary::Multiply), Each, [vector, scalar], |[a, b]| a * b;
    MultiplyOfScalar = Operation::Binary(Binary::Multiply), Each, [scalar, vector], |[a, b]| a * b;
    Divide = Operation::Binary(Binary::Divide), One, [scalar, scalar], |[a, b]| a / b;
    DivideEach = Operation::Binary(Binary::Divide), Each, [vector, vector], |[a, b]| a / b;
    DivideByScalar = Operation::Binary(Binary::Divide), Each, [vector, scalar], |[a, b]| a / b;
    DivideOfScalar = Operation::Binary(Binary::Divide), Each, [scalar, vector], |[a, b]| a / b;
    Min = Operation::Binary(Binary::Min), One, [scalar, scalar], |[a, b]| T::min(a, b);
    MinEach = Operation::Binary(Binary::Min), Each, [vector, vector], |[a, b]| T::min(a, b);
    Max = Operation::Binary(Binary::Max), One, [scalar, scalar], |[a, b]| T::max(a, b);
    MaxEach = Operation::Binary(Binary::Max), Each, [vector, vector], |[a, b]| T::max(a, b);
    Less = Operation::Binary(Binary::Less), One, [scalar, scalar], |[a, b]| Binary::Less.of(a, b);
    LessEach = Operation::Binary(Binary::Less), Each, [vector, vector], |[a, b]| Binary::Less.of(a, b);
    Choose = Operation::Select, One, [scalar, scalar, scalar], |[condition, a, b]| condition.choose(a, b);
    ChooseEach = Operation::Select, Each, [vector, vector, vector], |[condition, a, b]| condition.choose(a, b);
    ScaledSum = Operation::Fused(Fused::ScaledSum), Each, [scalar, vector, scalar, vector], |[a, b, c, d]| a * b + c * d;
    ScaledDifference = Operation::Fused(Fused::ScaledDifference), Each, [scalar, vector, scalar, vector], |[a, b, c, d]| a * b - c * d;
    ScaledSumOfSquare = Operation::Fused(Fused::ScaledSumOfSquare), Each, [scalar, vector, scalar, vector], |[a, b, c, d]| a * b + c * (d * d);
    AddScaled = Operation::Fused(Fused::AddScaled), Each, [vector, scalar, vector], |[a, b, c]| a + b * c;
    SubtractScaled = Operation::Fused(Fused::SubtractScaled), Each, [vector, scalar, vector], |[a, b, c]| a - b * c;
    SubtractScaledQuotient = Operation::Fused(Fused::SubtractScaledQuotient), Each, [vector, scalar, vector, vector], |[a, b, c, d]| a - b * c / d;
    RootOfShifted = Operation::Fused(Fused::RootOfShifted), Each, [vector, scalar], |[a, b]| (a + b).sqrt();
}

#[inline(always)]
fn vector<T: Number, const N: usize>(arena: &[T; PLACES], at: usize) -> [T; N] {
    each(|k| arena[at + k])
}

/// A function of each element of the operands.
#[inline(always)]
fn apply<T: Number, const N: usize, const OPERANDS: usize>(
    operands: [[T; N]; OPERANDS],
    f: impl Fn([T; OPERANDS]) -> T,
) -> [T; N] {
    each(|k| {
        let mut one = [T::constant(0.0); OPERANDS];
        for (one, operand) in one.iter_mut().zip(&operands) {
            *one = operand[k];
        }
        f(one)
    })
}

impl DenseOperation {
    #[inline(always)]
    fn power<T: Number>(self, arena: &mut [T; PLACES]) -> T {
        let [base, exponent, ..] = self.from.map(|at| arena[usize::from(at)]);
        let memo = usize::from(self.from[MEMO_OPERAND]);
        let cells = Cell::from_mut(&mut arena[..]).as_slice_of_cells();
        let power = base.raise_with(exponent, &cells[memo..memo + MEMO]);
        arena[usize::from(self.to)] = power;
        power
    }

    #[inline(always)]
    fn moment<T: Number, const N: usize>(
        self,
        parts: usize,
        arena: &mut [T; PLACES],
        f: impl Fn([T; 4]) -> T,
    ) {
        let [a, x, b, y] = self.from.map(usize::from);
        let (to, also) = (usize::from(self.to), usize::from(self.also));
        let (a, b, by) = (arena[a], arena[b], arena[usize::from(self.with)]);
        for part in (0..parts).map(|part| part * N) {
            let (x, y): ([T; N], [T; N]) = (vector(arena, x + part), vector(arena, y + part));
            let moment: [T; N] = each(|k| f([a, x[k], b, y[k]]));
            store(arena, to + part, moment);
            store(arena, also + part, each::<T, N>(|k| moment[k] / by));
        }
    }

    /// `z = sqrt(v + c)` and `x - a*y/z`, where `from` has x, a, y and v.
    #[inline(always)]
    fn step_by_root<T: Number, const N: usize>(self, parts: usize, arena: &mut [T; PLACES]) {
        let [x, a, y, v] = self.from.map(usize::from);
        let (to, also) = (usize::from(self.to), usize::from(self.also));
        let (a, shift) = (arena[a], arena[usize::from(self.with)]);
        for part in (0..parts).map(|part| part * N) {
            let (x, y): ([T; N], [T; N]) = (vector(arena, x + part), vector(arena, y + part));
            let v: [T; N] = vector(arena, v + part);
            let root: [T; N] = each(|k| (v[k] + shift).sqrt());
            store(arena, also + part, root);
            store(
                arena,
                to + part,
                each::<T, N>(|k| x[k] - a * y[k] / root[k]),
            );
        }
    }

    /// `d = a*x - b*y` and `w + d`
    #[inline(always)]
    fn added_difference<T: Number, const N: usize>(self, parts: usize, arena: &mut [T; PLACES]) {
        let [a, x, b, y] = self.from.map(usize::from);
        let (to, also) = (usize::from(self.to), usize::from(self.also));
        let (a, b) = (arena[a], arena[b]);
        for part in (0..parts).map(|part| part * N) {
            let (x, y): ([T; N], [T; N]) = (vector(arena, x + part), vector(arena, y + part));
            let w: [T; N] = vector(arena, usize::from(self.with) + part);
            let difference: [T; N] = each(|k| a * x[k] - b * y[k]);
            store(arena, to + part, difference);
            store(arena, also + part, each::<T, N>(|k| w[k] + difference[k]));
        }
    }

    /// This operation and the next one as one, where they can be.
    fn joined(self, next: Self) -> Option<Self> {
        let [first, second, _, fourth] = next.from;
        let reads = first == self.to;
        let code = match (self.code, next.code) {
            (Code::Power, Code::Subtract) if second == self.to && first != self.to => {
                return Some(Self {
                    code: Code::LessPower,
                    with: first,
                    also: next.to,
                    ..self
                });
            }
            (Code::RootOfShifted, Code::SubtractScaledQuotient) if fourth == self.to => {
                let [x, a, y, _] = next.from;
                let [v, shift, ..] = self.from;
                let are_other = ![x, a, y].contains(&self.to);
                return are_other.then_some(Self {
                    code: Code::StepByRoot,
                    to: next.to,
                    from: [x, a, y, v],
                    with: shift,
                    also: self.to,
                });
            }
            (Code::ScaledDifference, Code::AddEach) if second == self.to && !reads => {
                return Some(Self {
                    code: Code::AddedDifference,
                    with: first,
                    also: next.to,
                    ..self
                });
            }
            (Code::ScaledSum, Code::DivideByScalar) if reads => Code::Moment,
            (Code::ScaledSumOfSquare, Code::DivideByScalar) if reads => Code::SquareMoment,
            _ => return None,
        };
        Some(Self {
            code,
            with: second,
            also: next.to,
            ..self
        })
    }
}

#[inline(always)]
fn store<T: Number, const N: usize>(arena: &mut [T; PLACES], to: usize, values: [T; N]) {
    for (k, value) in values.into_iter().enumerate() {
        arena[to + k] = value;
    }
}

/// A copy that still is what it was copied from.
struct Copied {
    copy: Slot,
    source: Slot,
    len: usize,
}

impl Copied {
    fn overlaps(&self, from: usize, len: usize) -> bool {
        [self.copy, self.source].iter().any(|slot| {
            let at = slot.at as usize;
            at < from + len && from < at + self.len
        })
    }
}

/// The instructions of some segments, which read what was copied instead of its copy, where it is there as early.
fn past_copies(segments: &[Segment]) -> Vec<Instruction> {
    let instructions = segments.iter().flat_map(|segment| &segment.instructions);
    let mut copies: Vec<Copied> = Vec::new();
    let mut all = Vec::new();
    for it in instructions {
        let mut it = *it;
        if it.is_elementwise() {
            let operands = it.operands();
            for slot in &mut it.from[..operands] {
                if let Some(known) = copies.iter().find(|known| known.copy == *slot) {
                    *slot = known.source;
                }
            }
        }
        let len = match it.to.kind {
            SlotKind::Scalar => 1,
            _ => it.len as usize,
        };
        copies.retain(|known| !known.overlaps(it.to.at as usize, len));
        let source = it.from[0];
        if it.operation == Operation::Copy && source.kind == it.to.kind && source != it.to {
            copies.push(Copied {
                copy: it.to,
                source,
                len,
            });
        }
        all.push(it);
    }
    all
}

/// A program whose vectors all have two elements.
#[derive(Clone, Copy)]
pub struct PlanarProgram<'a> {
    program: &'a Program,
    dense: &'a Dense,
}

impl Program {
    /// It itself, where all its vectors have two elements.
    #[must_use]
    pub fn planar(&self) -> Option<PlanarProgram<'_>> {
        let dense = self.dense.as_ref().filter(|it| it.width == 2)?;
        Some(PlanarProgram {
            program: self,
            dense,
        })
    }
}

impl PlanarProgram<'_> {
    /// Runs all lines within the caller.
    #[inline(always)]
    pub fn run<T: Number>(self, arena: &mut [T; PLACES], answers: &mut impl Answers<T>) {
        (self.dense).run_width::<T, 2>(1, self.program, arena, answers);
    }
}

impl Dense {
    /// The dense form of the instructions of a program; none where its arena is too large for places of one byte.
    pub fn new(size: usize, segments: &[Segment]) -> Option<Self> {
        if size > PLACES - WIDEST || segments.iter().any(|segment| segment.blocked > 0) {
            return None;
        }
        let instructions = past_copies(segments);
        let vectors = instructions.iter();
        let vectors = vectors.filter(|it| it.to.kind != SlotKind::Scalar);
        let widths = vectors.map(|it| it.len as usize);
        let mut dense = Self {
            width: widths.filter(|len| *len <= WIDEST).max().unwrap_or(1),
            operations: Vec::new(),
            others: Vec::new(),
        };
        for it in &instructions {
            let operation = dense.operation(it)?;
            dense.operations.push(operation);
        }
        dense.gather();
        dense.join();
        Some(dense)
    }

    /// Moves operations forward to those that they can be joined with, past others that neither touch.
    fn gather(&mut self) {
        let mut at = 0;
        while at + 1 < self.operations.len() {
            let first = self.operations[at];
            let partner = (at + 2..self.operations.len())
                .find(|other| first.joined(self.operations[*other]).is_some());
            if let Some(partner) = partner
                && first.joined(self.operations[at + 1]).is_none()
                && self.may_come_forward(partner, at + 1)
            {
                let next = self.operations.remove(partner);
                self.operations.insert(at + 1, next);
            }
            at += 1;
        }
    }

    /// True if operation `from` may run before all of those from `to` on: none of them writes what it reads or writes, or
    /// reads what it writes.
    fn may_come_forward(&self, from: usize, to: usize) -> bool {
        let moved = self.touches(from);
        (to..from).all(|at| {
            let passed = self.touches(at);
            match (&moved, &passed) {
                (Some(moved), Some(passed)) => {
                    let written = |a: &Touched, b: &Touched| {
                        a.writes
                            .iter()
                            .any(|it| b.writes.contains(it) || b.reads.contains(it))
                    };
                    !written(moved, passed) && !written(passed, moved)
                }
                _ => false,
            }
        })
    }

    /// The places that an operation reads and writes; none where it runs as elsewhere.
    fn touches(&self, at: usize) -> Option<Touched> {
        let it = &self.operations[at];
        if it.code == Code::Other {
            return None;
        }
        // A place that is not read counts as one: that costs a join, at most.
        let spread = |at: u8| (0..self.width).map(move |k| usize::from(at) + k);
        let reads: Vec<usize> = it.from.into_iter().flat_map(spread).collect();
        let mut writes: Vec<usize> = spread(it.to).collect();
        if it.code == Code::Power {
            let memo = usize::from(it.from[MEMO_OPERAND]);
            writes.extend(memo..memo + MEMO);
        }
        Some(Touched { reads, writes })
    }

    /// Joins neighbours that run as one.
    fn join(&mut self) {
        let mut joined: Vec<DenseOperation> = Vec::new();
        for next in self.operations.drain(..) {
            match joined.last_mut() {
                Some(last) => match last.joined(next) {
                    Some(both) => *last = both,
                    None => joined.push(next),
                },
                None => joined.push(next),
            }
        }
        self.operations = joined;
    }

    fn operation(&mut self, it: &Instruction) -> Option<DenseOperation> {
        let is_scalar = it.to.kind == SlotKind::Scalar;
        let fits = is_scalar || it.len as usize == self.width;
        let code = match it.operation {
            Operation::Binary(Binary::Power) if is_scalar => Some(Code::Power),
            Operation::Reduce(Reduce::Sum) if it.from_len as usize == self.width => Some(Code::Sum),
            Operation::Call(LossQuery::Gradient)
                if it.len == it.from_len && it.len as usize == self.width =>
            {
                Some(Code::Gradient)
            }
            _ => Code::of(it).filter(|_| fits),
        };
        let byte = |at: u32| u8::try_from(at).ok();
        let [a, b, c, d] = it.from;
        let Some(code) = code else {
            let number = u8::try_from(self.others.len()).ok()?;
            self.others.push(*it);
            return Some(DenseOperation {
                code: Code::Other,
                to: number,
                from: [0; 4],
                with: 0,
                also: 0,
            });
        };
        Some(DenseOperation {
            code,
            to: byte(it.to.at)?,
            from: [byte(a.at)?, byte(b.at)?, byte(c.at)?, byte(d.at)?],
            with: 0,
            also: 0,
        })
    }

    /// Runs it.
    #[inline(always)]
    pub fn run<T: Number>(
        &self,
        program: &Program,
        arena: &mut [T; PLACES],
        answers: &mut impl Answers<T>,
    ) {
        if T::IS_WIDE {
            // What is wide enough by itself: one loop for all widths, which is compiled for several processors.
            self.run_width::<T, 1>(self.width.min(WIDEST), program, arena, answers);
            return;
        }
        match self.width {
            1 => self.run_width::<T, 1>(1, program, arena, answers),
            2 => self.run_width::<T, 2>(1, program, arena, answers),
            3 => self.run_width::<T, 3>(1, program, arena, answers),
            _ => self.run_width::<T, WIDEST>(1, program, arena, answers),
        }
    }
}
