//! Stages: operations of a line that run together; one ends where whole vectors have to be known.

use super::Planner;
use crate::lang::{
    graph::{Extent, Id},
    program::fusion::Fusions,
};
use std::collections::HashMap;

impl Planner<'_> {
    /// True if the operation on `id` runs at full length, and not element by element in blocks.
    pub(super) fn is_whole(&self, id: Id) -> bool {
        let blocked = match self.graph.extent(id) {
            Extent::Scalar => true,
            Extent::Vector(len) => len == self.blocked,
            Extent::Matrix(..) | Extent::Matrices(..) => false,
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

    /// The stage of each value: one more than that of the last whole-vector operation below it.
    pub(super) fn stages(&self, computed: &[Id], fused: &Fusions) -> HashMap<Id, usize> {
        let mut stages: HashMap<Id, usize> = HashMap::with_capacity(computed.len());
        // Operands come before what reads them, so that one pass is enough.
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
    pub(super) fn block_locals(
        &self,
        computed: &[Id],
        stage_of: &HashMap<Id, usize>,
        fused: &Fusions,
        root: Id,
        line: usize,
    ) -> HashMap<Id, Id> {
        // `None` once some reader is out of reach of a block: it runs in another stage, or needs the whole vector.
        // `computed` is in the order of evaluation, so the last reader that is noted is the last to run.
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
        // The root is the line's result, and what a later line reads has to outlive this one.
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
}
