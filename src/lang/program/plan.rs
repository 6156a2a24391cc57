//! The plan of a program: an instruction for each value, and the place of its result.

mod instruction;
mod line;
mod stage;

use super::{
    BLOCK, Plan, Program, Segment, Slot, SlotKind, Walk,
    join::{Stage, join},
};
use crate::lang::{
    dense::Dense,
    graph::{Extent, Graph, Id, Node},
    matrix::Matrix,
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    sync::Arc,
};

pub(super) struct Planner<'a> {
    graph: &'a Graph,
    plan: &'a Plan,
    /// Length of the vectors that are run in blocks.
    blocked: usize,
    size: usize,
    places: HashMap<Id, Slot>,
    homes: Vec<Slot>,
    /// The value whose only place is the home of a variable.
    residents: Vec<Option<Id>>,
    last_use: HashMap<Id, usize>,
    fixed: Vec<bool>,
    constants: Vec<(usize, f64)>,
    tables: Vec<Arc<[u32]>>,
    packs: Vec<Vec<(u32, Slot)>>,
    matrices: Vec<Matrix>,
    matrix_lists: Vec<Arc<[Matrix]>>,
    variables: Vec<Range<usize>>,
    inputs: Vec<Range<usize>>,
    /// Block slots are numbered from 0 and get their places last, when the whole slots are known.
    blocks: Vec<bool>,
}

/// The block at this place.
pub(super) fn block_slot(at: usize) -> Slot {
    Slot {
        at: short(at),
        kind: SlotKind::Block,
    }
}

fn short(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

impl<'a> Planner<'a> {
    pub fn new(graph: &'a Graph, plan: &'a Plan) -> Self {
        let blocked = plan
            .variables
            .iter()
            .map(|extent| match extent {
                // Matrices are never long enough for blocks to be worth it.
                Extent::Scalar | Extent::Matrix(..) | Extent::Matrices(..) => 0,
                Extent::Vector(len) => *len,
            })
            .max()
            .unwrap_or(0);
        let mut planner = Self {
            graph,
            plan,
            blocked,
            size: 0,
            places: HashMap::new(),
            homes: Vec::new(),
            residents: vec![None; plan.variables.len()],
            last_use: HashMap::new(),
            fixed: Vec::new(),
            constants: Vec::new(),
            tables: Vec::new(),
            packs: Vec::new(),
            matrices: Vec::new(),
            matrix_lists: Vec::new(),
            variables: Vec::new(),
            inputs: Vec::new(),
            blocks: Vec::new(),
        };
        for extent in &plan.variables {
            let slot = planner.allocate(*extent);
            planner.homes.push(slot);
            let at = slot.at as usize;
            planner.variables.push(at..at + extent.len());
        }
        planner.place_leaves();
        planner
    }

    fn allocate(&mut self, extent: Extent) -> Slot {
        let slot = Slot {
            at: short(self.size),
            kind: match extent {
                Extent::Scalar => SlotKind::Scalar,
                Extent::Vector(_) | Extent::Matrix(..) | Extent::Matrices(..) => SlotKind::Whole,
            },
        };
        self.size += extent.len();
        slot
    }

    fn place_leaves(&mut self) {
        let graph = self.graph;
        for id in graph.ids() {
            let is_input = matches!(graph.node(id), Node::Input(_));
            if let Node::Input(slot) = graph.node(id) {
                let variable = self.plan.inputs.get(*slot as usize).copied().flatten();
                let place = match variable {
                    Some(variable) => {
                        self.residents[variable] = Some(id);
                        self.homes[variable]
                    }
                    None => self.allocate(graph.extent(id)),
                };
                let at = place.at as usize;
                self.inputs.push(at..at + graph.extent(id).len());
                self.places.insert(id, place);
            }
            let mut fixed = !matches!(graph.node(id), Node::Call(..));
            graph
                .node(id)
                .operands(|operand| fixed &= self.fixed[operand.index()]);
            self.fixed.push(if is_input {
                self.plan.settings.contains(&id)
            } else {
                fixed
            });
        }
    }

    /// The values that have to be computed for `wanted`, operands first.
    fn missing(&self, mut wanted: Vec<Id>) -> Vec<Id> {
        let mut seen = HashSet::new();
        while let Some(id) = wanted.pop() {
            if !self.places.contains_key(&id) && seen.insert(id) {
                self.graph.node(id).operands(|operand| wanted.push(operand));
            }
        }
        let mut missing: Vec<Id> = seen.into_iter().collect();
        missing.sort_unstable();
        missing
    }

    pub fn finish(mut self) -> Program {
        let refresh = self.plan_settings();
        self.find_last_uses();
        let lines: Vec<Vec<Stage>> = (0..self.plan.lines.len())
            .map(|line| self.plan_line(line))
            .collect();
        let block_base = self.size;
        let block_len = self.blocked.min(BLOCK);
        let mut lines = lines;
        let settle = |slot: &mut Slot| {
            if slot.kind == SlotKind::Block {
                slot.at = short(block_base + slot.at as usize * block_len);
            }
        };
        for stage in lines.iter_mut().flatten() {
            for instruction in stage
                .scalars
                .iter_mut()
                .chain(&mut stage.vectors)
                .chain(&mut stage.wholes)
            {
                settle(&mut instruction.to);
                instruction.from.iter_mut().for_each(settle);
            }
        }
        let mut size = block_base + self.blocks.len() * block_len;
        let all = join(lines.iter().flatten(), self.blocked);
        let walk = self.walk(&all, [size, block_len]);
        let walk = walk.map(|(walk, blocks)| {
            size += blocks * block_len;
            walk
        });
        Program {
            walk,
            dense: Dense::new(size, &all),
            size,
            constants: self.constants,
            refresh,
            all,
            lines: lines
                .iter()
                .map(|line| join(line.iter(), self.blocked))
                .collect(),
            tables: self.tables,
            packs: self.packs,
            matrices: self.matrices,
            matrix_lists: self.matrix_lists,
            variables: self.variables,
            inputs: self.inputs,
        }
    }

    /// All lines as one walk, if they are that, with blocks from a place on; also their number.
    fn walk(&self, all: &[Segment], blocks: [usize; 2]) -> Option<(Walk, usize)> {
        let fed = self.places.get(&self.plan.fed?)?;
        let lasting = self.plan.inputs.iter().flatten();
        let lasting = lasting.map(|variable| self.homes[*variable]).collect();
        Walk::new(all, &lasting, *fed, blocks)
    }

    /// Places all that depends on settings alone.
    fn plan_settings(&mut self) -> Vec<Segment> {
        let roots = self.plan.lines.iter().map(|(_, root)| *root);
        let wanted = self.missing(roots.collect());
        let mut instructions = Vec::new();
        for id in wanted {
            if !self.fixed[id.index()] {
                continue;
            }
            let slot = self.allocate(self.graph.extent(id));
            let at = slot.at as usize;
            match self.graph.node(id) {
                Node::Constant(bits) => self.constants.push((at, f64::from_bits(*bits))),
                Node::Numbers(table) => {
                    let entries = self.graph.table(*table).iter();
                    let numbers = entries
                        .enumerate()
                        .map(|(k, &entry)| (at + k, f64::from(entry)));
                    self.constants.extend(numbers);
                }
                _ => instructions.push(self.instruction(id, slot)),
            }
            self.places.insert(id, slot);
        }
        vec![Segment {
            instructions,
            blocked: 0,
        }]
    }

    /// For each value, the last line that reads it.
    fn find_last_uses(&mut self) {
        let mut emitted = HashSet::new();
        for (line, &(_, root)) in self.plan.lines.iter().enumerate() {
            let mut wanted = vec![root];
            self.last_use.insert(root, line);
            while let Some(id) = wanted.pop() {
                if self.places.contains_key(&id) || !emitted.insert(id) {
                    continue;
                }
                self.graph.node(id).operands(|operand| {
                    self.last_use.insert(operand, line);
                    wanted.push(operand);
                });
            }
        }
    }
}
