//! One line: the order of its operations, and where each of its values lives.

use super::{Planner, instruction::copy, short};
use crate::lang::{
    graph::Id,
    program::{Instruction, Slot, SlotKind, fusion::Fusions, join::Stage},
};
use std::collections::HashMap;

impl Planner<'_> {
    pub(super) fn plan_line(&mut self, line: usize) -> Vec<Stage> {
        let (variable, root) = self.plan.lines[line];
        let missing = self.missing(vec![root]);
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
        let mut order = computed;
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

    fn reads(&self, id: Id, home: Slot) -> bool {
        let mut found = false;
        self.graph
            .node(id)
            .operands(|operand| found |= self.places.get(&operand) == Some(&home));
        found
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
}
