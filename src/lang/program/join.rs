//! Joins what runs one after the other, so that long vectors are walked through as seldom as possible.

use super::{FEWEST_IN_BLOCKS, Fused, Instruction, Operation, Segment, Slot, SlotKind};
use crate::lang::graph::Binary;

/// The operations of one stage of a line.
#[derive(Debug, Default, Clone)]
pub(super) struct Stage {
    /// Scalars, which run first.
    pub scalars: Vec<Instruction>,
    /// Element-wise operations on vectors.
    pub vectors: Vec<Instruction>,
    /// Operations on whole vectors, which run last.
    pub wholes: Vec<Instruction>,
}

/// Joins stages into as few segments as give the same result.
pub(super) fn join<'a>(stages: impl Iterator<Item = &'a Stage>, blocked: usize) -> Vec<Segment> {
    let in_blocks = blocked >= FEWEST_IN_BLOCKS;
    let mut segments: Vec<Segment> = Vec::new();
    let whole = |segments: &mut Vec<Segment>, instructions: &[Instruction]| {
        if instructions.is_empty() {
            return;
        }
        match segments.last_mut() {
            Some(last) if last.blocked == 0 => last.instructions.extend(instructions),
            _ => segments.push(Segment {
                instructions: instructions.to_vec(),
                blocked: 0,
            }),
        }
    };
    let mut vectors: Vec<Instruction> = Vec::new();
    let flush = |segments: &mut Vec<Segment>, vectors: &mut Vec<Instruction>| {
        if !in_blocks {
            whole(segments, vectors);
            vectors.clear();
        } else if !vectors.is_empty() {
            let mut instructions = std::mem::take(vectors);
            pair(&mut instructions);
            segments.push(Segment {
                instructions,
                blocked,
            });
        }
    };
    for stage in stages {
        // Scalars may run ahead of vectors that wait, unless those still read what they overwrite.
        let reads = |slot: &Slot| vectors.iter().any(|it| it.from.contains(slot));
        if !in_blocks || stage.scalars.iter().any(|scalar| reads(&scalar.to)) {
            flush(&mut segments, &mut vectors);
        }
        whole(&mut segments, &stage.scalars);
        vectors.extend(&stage.vectors);
        if !stage.wholes.is_empty() {
            flush(&mut segments, &mut vectors);
            whole(&mut segments, &stage.wholes);
        }
    }
    flush(&mut segments, &mut vectors);
    segments
}

/// Lets each run on its own.
pub(super) fn unpair(instructions: &mut [Instruction]) {
    for it in instructions {
        it.paired = false;
    }
}

/// Moves `z = x/a` behind the moment `x` that it corrects, and marks both to run as one: the division
/// takes so long that the rest is done in its shadow.
pub(super) fn pair(instructions: &mut Vec<Instruction>) {
    let mut first = 0;
    while first < instructions.len() {
        let moment = instructions[first];
        let corrects = |it: &Instruction| {
            it.operation == Operation::Binary(Binary::Divide)
                && it.from[0] == moment.to
                && it.from[1].kind == SlotKind::Scalar
        };
        let is_moment = matches!(
            moment.operation,
            Operation::Fused(Fused::ScaledSum | Fused::ScaledSumOfSquare)
        );
        let second = (first + 1..instructions.len())
            .find(|at| corrects(&instructions[*at]))
            .filter(|at| {
                let quotient = instructions[*at].to;
                let between = &instructions[first + 1..*at];
                let touches = |it: &Instruction| {
                    it.to == moment.to || it.to == quotient || it.from.contains(&quotient)
                };
                is_moment && quotient != moment.to && !between.iter().any(touches)
            });
        if let Some(second) = second {
            let quotient = instructions.remove(second);
            instructions.insert(first + 1, quotient);
            instructions[first].paired = true;
            first += 1;
        }
        first += 1;
    }
}
