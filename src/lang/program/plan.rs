//! Which instruction computes which value, and where that lives.

use super::{
    BLOCK, Fused, Instruction, MEMO_OPERAND, Operation, Plan, Program, Segment, Slot, SlotKind,
    fusion::Fusions,
    join::{Stage, join},
};
use crate::lang::{
    graph::{Binary, Extent, Graph, Id, Node},
    matrix::Matrix,
    power::MEMO,
};
use std::{
    collections::{BTreeSet, HashMap, HashSet},
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
    variables: Vec<Range<usize>>,
    inputs: Vec<Range<usize>>,
    /// Block slots are numbered from 0 and get their places last, when the whole slots are known.
    blocks: Vec<bool>,
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
                Extent::Scalar | Extent::Matrix(..) => 0,
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
                Extent::Vector(_) | Extent::Matrix(..) => SlotKind::Whole,
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

    /// The values that have to be computed for `root`, operands first.
    fn missing(&self, root: Id) -> Vec<Id> {
        let mut wanted = vec![root];
        let mut seen = BTreeSet::new();
        while let Some(id) = wanted.pop() {
            if !self.places.contains_key(&id) && seen.insert(id) {
                self.graph.node(id).operands(|operand| wanted.push(operand));
            }
        }
        seen.into_iter().collect()
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
        Program {
            size: block_base + self.blocks.len() * block_len,
            constants: self.constants,
            refresh,
            all: join(lines.iter().flatten(), self.blocked),
            lines: lines
                .iter()
                .map(|line| join(line.iter(), self.blocked))
                .collect(),
            tables: self.tables,
            packs: self.packs,
            matrices: self.matrices,
            variables: self.variables,
            inputs: self.inputs,
        }
    }

    /// Places all that depends on settings alone.
    fn plan_settings(&mut self) -> Vec<Segment> {
        let mut wanted = BTreeSet::new();
        for &(_, root) in &self.plan.lines {
            wanted.extend(self.missing(root));
        }
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

    fn plan_line(&mut self, line: usize) -> Vec<Stage> {
        let (variable, root) = self.plan.lines[line];
        let missing = self.missing(root);
        let fused = Fusions::find(
            self.graph,
            &missing,
            |id| !self.is_whole(id),
            |id| self.last_use.get(&id).is_none_or(|last| *last == line),
        );
        let computed: Vec<Id> = missing
            .into_iter()
            .filter(|id| !fused.swallows(*id))
            .collect();
        let stage_of = self.stages(&computed, &fused);
        let mut stages = vec![Stage::default(); 1 + stage_of.values().max().copied().unwrap_or(0)];
        let home = self.homes[variable];
        let extent = self.plan.variables[variable];
        let direct = stage_of.contains_key(&root)
            && self.graph.extent(root) == extent
            && !(self.is_whole(root) && self.reads(root, home));
        let root_stage = stage_of.get(&root).copied().unwrap_or(0);

        let local = self.block_locals(&computed, &stage_of, &fused, root, line);
        let mut free_after: HashMap<Id, Vec<Id>> = HashMap::new();
        for (&id, &last_reader) in &local {
            free_after.entry(last_reader).or_default().push(id);
        }
        let mut order = computed.clone();
        // The stages run one after the other, so a block slot is free once its last reader's stage has run it.
        order.sort_by_key(|id| (stage_of[id], *id));
        for id in order {
            let stage = stage_of[&id];
            let slot = if id == root && direct {
                self.vacate(variable, line, &mut stages[root_stage]);
                home
            } else if local.contains_key(&id) {
                self.allocate_block()
            } else {
                self.allocate(self.graph.extent(id))
            };
            let instruction = match fused.head(id) {
                Some((operation, operands)) => self.fused(id, slot, operation, operands),
                None => self.instruction(id, slot),
            };
            self.places.insert(id, slot);
            for done in free_after.remove(&id).unwrap_or_default() {
                if let Some(Slot { at, .. }) = self.places.get(&done) {
                    self.blocks[*at as usize] = false;
                }
            }
            let target = &mut stages[stage];
            if self.is_whole(id) {
                target.wholes.push(instruction);
            } else if slot.kind == SlotKind::Scalar {
                target.scalars.push(instruction);
            } else {
                target.vectors.push(instruction);
            }
        }
        if direct {
            self.residents[variable] = Some(root);
        } else if self.places[&root] != home {
            let mut last = Stage::default();
            self.vacate(variable, line, &mut last);
            let from = self.places[&root];
            let copy = copy(home, from, extent.len());
            self.push_copy(&mut last, copy);
            self.residents[variable] = None;
            stages.push(last);
        }
        stages
    }

    /// Saves the value that lives in the home of `variable` only, if a later line reads it.
    fn vacate(&mut self, variable: usize, line: usize, stage: &mut Stage) {
        let Some(resident) = self.residents[variable].take() else {
            return;
        };
        if self
            .last_use
            .get(&resident)
            .is_none_or(|last| *last <= line)
        {
            return;
        }
        let extent = self.plan.variables[variable];
        let slot = self.allocate(extent);
        let copy = copy(slot, self.homes[variable], extent.len());
        self.push_copy(stage, copy);
        self.places.insert(resident, slot);
    }

    fn push_copy(&self, stage: &mut Stage, copy: Instruction) {
        match copy.to.kind {
            SlotKind::Scalar => stage.scalars.push(copy),
            _ if copy.len as usize == self.blocked => stage.vectors.push(copy),
            _ => stage.wholes.push(copy),
        }
    }

    /// Whether the operation on `id` runs at full length, and not element by element in blocks.
    fn is_whole(&self, id: Id) -> bool {
        let blocked = match self.graph.extent(id) {
            Extent::Scalar => true,
            Extent::Vector(len) => len == self.blocked,
            Extent::Matrix(..) => false,
        };
        !(blocked && self.graph.node(id).is_elementwise() && self.operands_are_blocked(id))
    }

    fn operands_are_blocked(&self, id: Id) -> bool {
        let mut all = true;
        let own = self.graph.extent(id).len();
        self.graph.node(id).operands(|operand| {
            let extent = self.graph.extent(operand);
            all &= extent == Extent::Scalar || extent.len() == own;
        });
        all
    }

    fn reads(&self, id: Id, home: Slot) -> bool {
        let mut found = false;
        self.graph
            .node(id)
            .operands(|operand| found |= self.places.get(&operand) == Some(&home));
        found
    }

    /// The stage of each value: one more than that of the last whole-vector operation below it.
    fn stages(&self, computed: &[Id], fused: &Fusions) -> HashMap<Id, usize> {
        let mut stages: HashMap<Id, usize> = HashMap::with_capacity(computed.len());
        for &id in computed {
            let mut stage = 0;
            fused.operands(self.graph, id, |operand| {
                if let Some(below) = stages.get(&operand) {
                    stage = stage.max(below + usize::from(self.is_whole(operand)));
                }
            });
            stages.insert(id, stage);
        }
        stages
    }

    /// Values that live within one stage only, each with the last value there that reads it.
    fn block_locals(
        &self,
        computed: &[Id],
        stage_of: &HashMap<Id, usize>,
        fused: &Fusions,
        root: Id,
        line: usize,
    ) -> HashMap<Id, Id> {
        let mut last_reader: HashMap<Id, Option<Id>> = HashMap::new();
        for &reader in computed {
            fused.operands(self.graph, reader, |operand| {
                let same =
                    stage_of.get(&operand) == stage_of.get(&reader) && !self.is_whole(reader);
                let entry = last_reader.entry(operand).or_insert(Some(reader));
                *entry = if same && entry.is_some() {
                    Some(reader)
                } else {
                    None
                };
            });
        }
        computed
            .iter()
            .filter(|id| {
                **id != root
                    && !self.is_whole(**id)
                    && self.graph.extent(**id) != Extent::Scalar
                    && self.last_use.get(id).is_none_or(|last| *last == line)
            })
            .filter_map(|id| Some((*id, (*last_reader.get(id)?)?)))
            .collect()
    }

    fn allocate_block(&mut self) -> Slot {
        let free = self.blocks.iter().position(|taken| !taken);
        let at = free.unwrap_or_else(|| {
            self.blocks.push(false);
            self.blocks.len() - 1
        });
        self.blocks[at] = true;
        Slot {
            at: short(at),
            kind: SlotKind::Block,
        }
    }

    fn instruction(&mut self, id: Id, to: Slot) -> Instruction {
        let graph = self.graph;
        let mut from = [to; 4];
        let mut count = 0;
        let mut from_len = 1;
        let operation = match graph.node(id) {
            Node::Unary(f, _) => Operation::Unary(*f),
            Node::Binary(f, ..) => Operation::Binary(*f),
            Node::Select(..) => Operation::Select,
            Node::Reduce(f, _) => Operation::Reduce(*f),
            Node::Element(_, at) => Operation::Element(short(*at)),
            Node::Gather(_, table) => Operation::Gather(self.table(graph.table(*table))),
            Node::Scatter(_, table, _) => Operation::Scatter(self.table(graph.table(*table))),
            Node::SegmentSum(_, table) => Operation::SegmentSum(self.table(graph.table(*table))),
            Node::Call(oracle, _) => Operation::Call(*oracle),
            Node::Matrix(f, _) => {
                self.matrices.push(*f);
                Operation::Matrix(short(self.matrices.len() - 1))
            }
            Node::Pack(parts, _) => {
                let parts = parts
                    .iter()
                    .map(|(at, part)| (short(*at), self.places[part]));
                self.packs.push(parts.collect());
                return Instruction {
                    operation: Operation::Pack(short(self.packs.len() - 1)),
                    to,
                    from,
                    len: short(graph.extent(id).len()),
                    from_len: 0,
                    paired: false,
                };
            }
            // Leaves have their places before any line is planned.
            Node::Broadcast(..) | Node::Constant(_) | Node::Numbers(_) | Node::Input(_) => {
                Operation::Copy
            }
        };
        if operation == Operation::Binary(Binary::Power) && to.kind == SlotKind::Scalar {
            let memo = self.allocate(Extent::Vector(MEMO));
            self.constants.push((memo.at as usize, f64::NAN));
            from[MEMO_OPERAND] = memo;
        }
        graph.node(id).operands(|operand| {
            if count == 0 {
                from_len = graph.extent(operand).len();
            }
            from[count] = self.places[&operand];
            count += 1;
        });
        Instruction {
            operation,
            to,
            from,
            len: short(graph.extent(id).len()),
            from_len: short(from_len),
            paired: false,
        }
    }

    fn table(&mut self, entries: &Arc<[u32]>) -> u32 {
        let known = self
            .tables
            .iter()
            .position(|table| Arc::ptr_eq(table, entries));
        short(known.unwrap_or_else(|| {
            self.tables.push(Arc::clone(entries));
            self.tables.len() - 1
        }))
    }

    fn fused(&self, id: Id, to: Slot, operation: Fused, operands: &[Id]) -> Instruction {
        let len = short(self.graph.extent(id).len());
        let mut from = [to; 4];
        for (slot, operand) in from.iter_mut().zip(operands) {
            *slot = self.places[operand];
        }
        Instruction {
            operation: Operation::Fused(operation),
            to,
            from,
            len,
            from_len: len,
            paired: false,
        }
    }
}

fn copy(to: Slot, from: Slot, len: usize) -> Instruction {
    Instruction {
        operation: Operation::Copy,
        to,
        from: [from; 4],
        len: short(len),
        from_len: short(len),
        paired: false,
    }
}
