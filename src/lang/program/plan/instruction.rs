//! The instruction that computes a value, once its operands and it have their places.

use super::{Planner, short};
use crate::lang::{
    graph::{Binary, Extent, Id, Node},
    power::MEMO,
    program::{Fused, Instruction, MEMO_OPERAND, Operation, Slot, SlotKind},
};
use std::sync::Arc;

impl Planner<'_> {
    pub(super) fn instruction(&mut self, id: Id, to: Slot) -> Instruction {
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
            Node::SegmentReduce(f, _, table) => {
                Operation::SegmentReduce(*f, self.table(graph.table(*table)))
            }
            Node::Call(oracle, _) => Operation::Call(*oracle),
            Node::Matrix(f, _) => {
                self.matrices.push(*f);
                Operation::Matrix(short(self.matrices.len() - 1))
            }
            Node::Matrices(each, _) => {
                self.matrix_lists.push(Arc::clone(each));
                Operation::Matrices(short(self.matrix_lists.len() - 1))
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

    pub(super) fn fused(&self, id: Id, to: Slot, operation: Fused, operands: &[Id]) -> Instruction {
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

pub(super) fn copy(to: Slot, from: Slot, len: usize) -> Instruction {
    Instruction {
        operation: Operation::Copy,
        to,
        from: [from; 4],
        len: short(len),
        from_len: short(len),
        paired: false,
    }
}
