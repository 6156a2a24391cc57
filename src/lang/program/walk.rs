//! All lines of a program on long vectors in one walk, block by block: where every line is element-wise.
//!
//! There are two forms of it. One keeps all variables, as line after line does. The other is lean: what no iteration reads
//! of the one before lives in a block, and what nothing reads is not computed. One input may be fed block by block.

use super::{
    Instruction, Operation, Segment, Slot, SlotKind,
    join::{pair, unpair},
};
use std::collections::{HashMap, HashSet};

/// The instructions of a walk.
#[derive(Debug, Clone)]
pub(in crate::lang) struct Walk {
    /// Scalars that run ahead of all blocks, and after them.
    pub before: Vec<Instruction>,
    pub after: Vec<Instruction>,
    /// Those of a block, where all variables are kept.
    pub kept: Vec<Instruction>,
    /// Those of a block, where only what lasts is.
    pub lean: Vec<Instruction>,
    /// The place of the fed input's block in the lean form, where it is fed anew for each block. Where vectors are so short
    /// that all of them are at hand, what was fed is kept in either form.
    pub fed: Option<usize>,
    /// Elements of the vectors.
    pub len: usize,
}

/// Where a value of the lean form is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// Where it is in the other form.
    Same(Slot),
    /// In a block of its own.
    Local(usize),
}

/// An instruction of the lean form, before its blocks have places.
struct Moved {
    it: Instruction,
    to: Home,
    from: Vec<Home>,
}

impl Walk {
    /// The walk of these segments, if they are one; `lasting` are the vectors that the next iteration reads, and `fed` the
    /// input that is fed. `place` is where the first of blocks of `block` elements may be; also the number of them.
    pub fn new(
        segments: &[Segment],
        lasting: &HashSet<Slot>,
        fed: Slot,
        [place, block]: [usize; 2],
    ) -> Option<(Self, usize)> {
        let at = segments.iter().position(|it| it.blocked > 0)?;
        let (before, rest) = segments.split_at(at);
        let (blocked, after) = rest.split_first()?;
        let scalars = |segments: &[Segment]| -> Option<Vec<Instruction>> {
            let all = || segments.iter().flat_map(|it| &it.instructions);
            let is_scalar =
                |it: &Instruction| it.to.kind == SlotKind::Scalar && it.is_elementwise();
            (segments.iter().all(|it| it.blocked == 0) && all().all(is_scalar))
                .then(|| all().copied().collect())
        };
        let (before, after) = (scalars(before)?, scalars(after)?);
        let is_near = blocked.blocked <= NEAR;
        let moved = moved(&blocked.instructions, lasting, (!is_near).then_some(fed))?;
        let (lean, count) = placed(moved, place, block);
        let walk = Self {
            before,
            after,
            kept: blocked.instructions.clone(),
            lean,
            fed: (!is_near).then_some(place),
            len: blocked.blocked,
        };
        Some((walk, count))
    }
}

/// Elements of vectors that are all at hand: to read what was fed of them takes less than to feed it anew.
const NEAR: usize = 4096;

/// The instructions that a lean block needs, each value in its home. The first local one is what is fed, where that is anew.
fn moved(
    instructions: &[Instruction],
    lasting: &HashSet<Slot>,
    fed: Option<Slot>,
) -> Option<Vec<Moved>> {
    let written: HashSet<Slot> = instructions.iter().map(|it| it.to).collect();
    let mut now: HashMap<Slot, Home> = fed.map(|fed| (fed, Home::Local(0))).into_iter().collect();
    let mut locals = 1;
    let mut moved = Vec::new();
    for it in instructions {
        let mut from = Vec::new();
        for slot in &it.from[..it.operands()] {
            let is_ahead = slot.kind != SlotKind::Scalar
                && written.contains(slot)
                && !lasting.contains(slot)
                && !now.contains_key(slot);
            if is_ahead {
                // A value of the iteration before.
                return None;
            }
            from.push(now.get(slot).copied().unwrap_or(Home::Same(*slot)));
        }
        let to = if lasting.contains(&it.to) {
            Home::Same(it.to)
        } else {
            let is_vector = it.from[0].kind != SlotKind::Scalar;
            let stays = match from[0] {
                Home::Local(_) => true,
                Home::Same(slot) => !written.contains(&slot),
            };
            if it.operation == Operation::Copy && is_vector && stays {
                now.insert(it.to, from[0]);
                continue;
            }
            now.insert(it.to, Home::Local(locals));
            locals += 1;
            Home::Local(locals - 1)
        };
        moved.push(Moved { it: *it, to, from });
    }
    // From the last back, so that what only a dropped one reads is dropped, too.
    let mut read: HashSet<usize> = HashSet::new();
    let mut needed = Vec::new();
    for it in moved.into_iter().rev() {
        if let Home::Local(local) = it.to
            && !read.contains(&local)
        {
            continue;
        }
        read.extend(it.from.iter().filter_map(|home| match home {
            Home::Local(local) => Some(*local),
            Home::Same(_) => None,
        }));
        needed.push(it);
    }
    needed.reverse();
    Some(needed)
}

/// The same with places for the blocks, from `place` on, and the number of blocks that takes.
fn placed(moved: Vec<Moved>, place: usize, block: usize) -> (Vec<Instruction>, usize) {
    let mut last_read: HashMap<usize, usize> = HashMap::new();
    for (at, it) in moved.iter().enumerate() {
        for home in &it.from {
            if let Home::Local(local) = home {
                last_read.insert(*local, at);
            }
        }
    }
    // What lives in each block; what is fed is in the first.
    let mut blocks: Vec<Option<usize>> = vec![Some(0)];
    let slot_of = |blocks: &[Option<usize>], home: Home| match home {
        Home::Same(slot) => slot,
        Home::Local(local) => {
            let at = blocks.iter().position(|it| *it == Some(local));
            super::plan::block_slot(place + at.unwrap_or(0) * block)
        }
    };
    let mut instructions = Vec::new();
    for (at, Moved { mut it, to, from }) in moved.into_iter().enumerate() {
        let places: Vec<Slot> = from.iter().map(|home| slot_of(&blocks, *home)).collect();
        // Operands are read before the result is written, so it may take the place of one that nobody else reads.
        for held in &mut blocks {
            if held.is_some_and(|local| last_read.get(&local).is_none_or(|last| *last <= at)) {
                *held = None;
            }
        }
        if let Home::Local(local) = to {
            match blocks.iter_mut().find(|it| it.is_none()) {
                Some(free) => *free = Some(local),
                None => blocks.push(Some(local)),
            }
        }
        it.to = slot_of(&blocks, to);
        it.from = [it.to; 4];
        it.from[..places.len()].copy_from_slice(&places);
        instructions.push(it);
    }
    unpair(&mut instructions);
    pair(&mut instructions);
    (instructions, blocks.len())
}
