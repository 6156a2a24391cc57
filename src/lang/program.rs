//! Values to instructions over one arena of numbers.
//!
//! ```text
//! arena   [ variables | inputs | constants | settings' values | scratch | blocks ]
//! line    [ stage ]*            one for each line of a rule, run on its own when one steps by line
//! stage   scalars, then element-wise vectors, then whole-vector operations (sums, gradients, ...)
//! ```
//!
//! Long vectors are computed in blocks that fit the nearest cache: all element-wise operations of a
//! stage run on one block before the next one is touched. When a whole iteration runs, the stages of
//! consecutive lines are joined wherever that changes nothing, so both ways give the same bits.

mod fusion;
mod join;
mod plan;
mod walk;

use super::{
    dense::Dense,
    graph::{Binary, Extent, Graph, Id, LossQuery, Reduce, Unary},
    matrix::Matrix,
};
use plan::Planner;
use std::{ops::Range, sync::Arc};
pub(super) use walk::Walk;

/// Elements of a vector that are computed at a time.
pub(super) const BLOCK: usize = 256;

/// The same where vectors are so long that they are not at hand: so few that what is computed of a block and what is read of
/// the next go on side by side.
pub(super) const FAR_BLOCK: usize = 64;

/// Elements from which on a vector is computed in blocks, be it in one: shorter ones are noted as a whole at each boundary.
pub(super) const FEWEST_IN_BLOCKS: usize = 65;

/// Elements from which on a vector is a long one.
const LONG: u32 = 16;

/// The operand of a scalar power that names its memo.
pub(super) const MEMO_OPERAND: usize = 2;

/// Values to compute, and the variables that they go to.
#[derive(Debug, Default)]
pub struct Plan {
    /// Extents of the named variables, which keep their values between lines.
    pub variables: Vec<Extent>,
    /// For each input of the graph, the variable whose value it is at the start; `None`: a slot of its own.
    pub inputs: Vec<Option<usize>>,
    /// Inputs that change seldom: what depends on them alone is computed by [`Program::refresh`](super::eval).
    pub settings: Vec<Id>,
    /// For each line, the variable that it assigns and the value.
    pub lines: Vec<(usize, Id)>,
    /// The input that may be fed block by block, if one may.
    pub fed: Option<Id>,
}

/// The place of a value in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slot {
    pub at: u32,
    pub kind: SlotKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum SlotKind {
    Scalar,
    /// A vector at its full length.
    Whole,
    /// The part of a vector that the current block covers.
    Block,
}

/// One operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Copy,
    Unary(Unary),
    Binary(Binary),
    Select,
    Fused(Fused),
    Reduce(Reduce),
    Element(u32),
    Gather(u32),
    Scatter(u32),
    SegmentReduce(Reduce, u32),
    Pack(u32),
    Call(LossQuery),
    /// An entry of [`Program::matrices`].
    Matrix(u32),
    /// An entry of [`Program::matrix_lists`]: an operation for each tensor.
    Matrices(u32),
}

impl Operation {
    /// Multiplications that one element takes as long as, about: measured with vectors of 4096 on x86-64. A power is taken to
    /// be mostly that of the element before it.
    fn cost(&self) -> usize {
        match self {
            Self::Binary(Binary::Power) | Self::Unary(Unary::Smooth(_)) => 8,
            Self::Binary(Binary::Divide | Binary::ChainDivide)
            | Self::Unary(Unary::Sqrt)
            | Self::Fused(Fused::SubtractScaledQuotient | Fused::RootOfShifted) => 2,
            _ => 1,
        }
    }
}

/// Operations that are common enough to be one instruction, on vectors `x y z` and scalars `a b`; each is
/// rounded as if its parts ran on their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fused {
    /// `a*x + b*y`: a moment.
    ScaledSum,
    /// `a*x - b*y`: a velocity.
    ScaledDifference,
    /// `a*x + b*y^2`: a second moment.
    ScaledSumOfSquare,
    /// `x + a*y`
    AddScaled,
    /// `x - a*y`: a step.
    SubtractScaled,
    /// `x - a*y/z`: a step scaled for each element.
    SubtractScaledQuotient,
    /// `sqrt(x + a)`
    RootOfShifted,
}

/// An operation with its places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Instruction {
    pub operation: Operation,
    pub to: Slot,
    pub from: [Slot; 4],
    /// Elements of the result.
    pub len: u32,
    /// Elements of the first operand.
    pub from_len: u32,
    /// True if the next instruction divides the result by a scalar, and both run as one.
    pub paired: bool,
}

impl Instruction {
    /// True where each element of the result is made of the operands' elements at the same place, and of scalars.
    #[inline]
    pub fn is_elementwise(&self) -> bool {
        matches!(
            self.operation,
            Operation::Copy
                | Operation::Unary(_)
                | Operation::Binary(_)
                | Operation::Select
                | Operation::Fused(_)
        )
    }

    /// The operands of an element-wise instruction.
    pub fn operands(&self) -> usize {
        match self.operation {
            Operation::Binary(_) | Operation::Fused(Fused::RootOfShifted) => 2,
            Operation::Select | Operation::Fused(Fused::AddScaled | Fused::SubtractScaled) => 3,
            Operation::Fused(_) => 4,
            _ => 1,
        }
    }

    /// True for an element-wise instruction on a vector so long that wide registers are worth it.
    #[inline]
    pub fn is_long(&self) -> bool {
        self.len >= LONG && self.is_elementwise()
    }

    /// The shortest way to run it.
    #[inline]
    pub fn shape(&self) -> ShapeClass {
        match (self.is_elementwise(), self.to.kind, self.len) {
            (true, SlotKind::Scalar, _) => ShapeClass::Scalar,
            (true, _, 2) => ShapeClass::Plane,
            _ => ShapeClass::Other,
        }
    }
}

/// The sizes of results that have a way of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShapeClass {
    /// One number, element-wise.
    Scalar,
    /// Two numbers, element-wise.
    Plane,
    /// Anything else.
    Other,
}

/// Instructions that run together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Segment {
    pub instructions: Vec<Instruction>,
    /// The length that is run block by block; 0 where each instruction runs at its full length.
    pub blocked: usize,
}

/// Code over an arena; holds no state of its own.
#[derive(Debug, Clone)]
pub struct Program {
    pub(super) size: usize,
    pub(super) constants: Vec<(usize, f64)>,
    pub(super) refresh: Vec<Segment>,
    pub(super) lines: Vec<Vec<Segment>>,
    pub(super) all: Vec<Segment>,
    /// The same as `all`, where there are few numbers.
    pub(super) dense: Option<Dense>,
    /// The same as `all`, where it is one walk through long vectors.
    pub(super) walk: Option<Walk>,
    pub(super) tables: Vec<Arc<[u32]>>,
    pub(super) packs: Vec<Vec<(u32, Slot)>>,
    pub(super) matrices: Vec<Matrix>,
    pub(super) matrix_lists: Vec<Arc<[Matrix]>>,
    variables: Vec<Range<usize>>,
    inputs: Vec<Range<usize>>,
}

impl Program {
    /// Plans the computation of `plan` from the values of `graph`.
    #[must_use]
    pub fn new(graph: &Graph, plan: &Plan) -> Self {
        Planner::new(graph, plan).finish()
    }

    /// The place of variable `at` in the arena.
    #[must_use]
    pub fn variable(&self, at: usize) -> Range<usize> {
        self.variables[at].clone()
    }

    /// The place of input `at` in the arena.
    #[must_use]
    pub fn input(&self, at: usize) -> Range<usize> {
        self.inputs[at].clone()
    }

    /// The part of the arena that all variables make up.
    #[must_use]
    pub fn variables(&self) -> Range<usize> {
        0..self.variables.last().map_or(0, |last| last.end)
    }

    /// True where the other has the same instructions over the same places.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let constants = |of: &Self| -> Vec<(usize, u64)> {
            let constants = of.constants.iter();
            constants
                .map(|(at, value)| (*at, value.to_bits()))
                .collect()
        };
        self.size == other.size
            && constants(self) == constants(other)
            && (&self.refresh, &self.lines, &self.all) == (&other.refresh, &other.lines, &other.all)
            && (&self.tables, &self.packs) == (&other.tables, &other.packs)
            && (&self.matrices, &self.matrix_lists) == (&other.matrices, &other.matrix_lists)
            && (&self.variables, &self.inputs) == (&other.variables, &other.inputs)
    }

    /// True where each element of what the lines assign is made of elements at the same place, and of scalars.
    #[must_use]
    pub fn is_elementwise(&self) -> bool {
        let mut instructions = self.all.iter().flat_map(|segment| &segment.instructions);
        instructions.all(Instruction::is_elementwise)
    }

    /// True if line `at` (0-based) has sums of many numbers, as of all elements, or in products of matrices by tensor:
    /// their order is the program's own, and so is the last place.
    #[must_use]
    pub fn adds_up(&self, at: usize) -> bool {
        let mut instructions = self.lines[at].iter().flat_map(|it| &it.instructions);
        instructions.any(|it| {
            matches!(
                it.operation,
                Operation::Matrices(_)
                    | Operation::Reduce(Reduce::Sum)
                    | Operation::SegmentReduce(Reduce::Sum, _)
            )
        })
    }

    /// Multiplications that an iteration takes, about: an instruction by itself counts as some, too.
    #[must_use]
    pub fn work(&self) -> usize {
        const INSTRUCTION: usize = 8;
        let instructions = self.lines.iter().flatten().flat_map(|it| &it.instructions);
        let work = instructions.map(|it| {
            let own = match it.operation {
                Operation::Matrix(at) => self.matrices[at as usize].work(),
                Operation::Matrices(at) => {
                    let all = self.matrix_lists[at as usize].iter();
                    all.map(|it| it.work()).sum()
                }
                operation => it.len.max(it.from_len) as usize * operation.cost(),
            };
            INSTRUCTION + own
        });
        work.sum()
    }

    /// True if it has operations on the matrices of each tensor.
    #[must_use]
    pub fn multiplies_matrices(&self, at: usize) -> bool {
        let mut instructions = self.lines[at].iter().flat_map(|it| &it.instructions);
        instructions.any(|it| matches!(it.operation, Operation::Matrices(_)))
    }

    /// True if it has rings: what was rounded in past iterations comes back, and inner products of it may cancel.
    #[must_use]
    pub fn keeps_rings(&self) -> bool {
        self.matrices.iter().any(|it| matches!(it, Matrix::Past(_)))
    }

    /// True where there are so few numbers that it has a form that runs faster on them.
    #[must_use]
    #[inline]
    pub fn has_few_numbers(&self) -> bool {
        self.dense.is_some()
    }

    /// True where it runs on [wide](super::wide) numbers: no operation looks at the value of a number to decide what is done.
    #[must_use]
    pub fn runs_wide(&self) -> bool {
        let mut instructions = self.all.iter().flat_map(|segment| &segment.instructions);
        instructions.all(|it| {
            let is_simple = matches!(
                it.operation,
                Operation::Reduce(_)
                    | Operation::Element(_)
                    | Operation::Gather(_)
                    | Operation::Scatter(_)
                    | Operation::SegmentReduce(..)
                    | Operation::Pack(_)
                    | Operation::Call(_)
            );
            it.is_elementwise() || is_simple
        })
    }

    /// The numbers that it computes with; an arena may have room for more.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The number of lines.
    #[must_use]
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }
}
