//! A vector at some of its elements, for whoever has no use for the others.

use super::{Extent, Graph, Id, Node};

/// An input of a restricted graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestrictedInput {
    /// The input that it stands for.
    pub slot: usize,
    /// True if it holds only the elements that the graph is restricted to.
    pub is_partial: bool,
}

/// A graph that computes a vector of another one at some of its elements.
pub struct RestrictedGraph {
    /// The values.
    pub graph: Graph,
    /// The vector.
    pub value: Id,
    /// All inputs, in the order of their slots.
    pub inputs: Vec<RestrictedInput>,
}

/// The values that a restricted graph needs of another.
#[derive(Debug, Clone, Copy, Default)]
struct Need {
    whole: bool,
    part: bool,
}

impl Graph {
    /// The vector `value` at `elements` (0-based), to the last bit; `None` where an element depends on more than the same
    /// elements of other vectors and on scalars.
    #[must_use]
    pub fn at_elements(&self, value: Id, elements: &[usize]) -> Option<RestrictedGraph> {
        let needs = self.needs(value)?;
        let mut restricted = RestrictedGraph {
            graph: Self {
                tables: self.tables.clone(),
                known_tables: self.known_tables.clone(),
                ..Self::default()
            },
            value,
            inputs: Vec::new(),
        };
        let mut whole: Vec<Option<Id>> = vec![None; self.len()];
        let mut part = whole.clone();
        for id in self.ids().filter(|id| *id <= value) {
            let (need, at) = (needs[id.index()], id.index());
            if need.whole {
                whole[at] = restricted.copy(self.node(id), self.extent(id), false, |it| {
                    whole[it.index()].unwrap_or(it)
                });
            }
            if need.part {
                let node = match self.node(id) {
                    Node::Numbers(table) => {
                        let entries = self.table(*table);
                        let chosen = elements.iter().filter_map(|at| entries.get(*at).copied());
                        let chosen: Vec<u32> = chosen.collect();
                        Node::Numbers(restricted.graph.intern(&chosen))
                    }
                    Node::Broadcast(scalar, _) => {
                        Node::Broadcast(*scalar, Extent::Vector(elements.len()))
                    }
                    other => other.clone(),
                };
                part[at] = restricted.copy(&node, Extent::Vector(elements.len()), true, |it| {
                    let own = [part[it.index()], whole[it.index()]];
                    own.into_iter().flatten().next().unwrap_or(it)
                });
            }
        }
        restricted.value = part[value.index()]?;
        Some(restricted)
    }

    /// The values that `value` needs, whole or in part; none where it does not do with parts.
    fn needs(&self, value: Id) -> Option<Vec<Need>> {
        let mut needs = vec![Need::default(); self.len()];
        let Extent::Vector(len) = self.extent(value) else {
            return None;
        };
        needs[value.index()].part = true;
        for id in self.ids().rev().filter(|id| *id <= value) {
            let Need { whole, part } = needs[id.index()];
            let node = self.node(id);
            let goes_on =
                node.is_elementwise() || matches!(node, Node::Input(_) | Node::Numbers(_));
            if part && (!goes_on || self.extent(id) != Extent::Vector(len)) {
                return None;
            }
            node.operands(|operand| {
                let need = &mut needs[operand.index()];
                let is_scalar = self.extent(operand) == Extent::Scalar;
                need.whole |= whole || part && is_scalar;
                need.part |= part && !is_scalar;
            });
        }
        Some(needs)
    }
}

impl RestrictedGraph {
    /// Adds a node of the other graph, its operands being what `operand` makes of them.
    fn copy(
        &mut self,
        node: &Node,
        extent: Extent,
        is_partial: bool,
        operand: impl Fn(Id) -> Id,
    ) -> Option<Id> {
        let node = match node {
            Node::Input(slot) => {
                let slot = usize::try_from(*slot).ok()?;
                self.inputs.push(RestrictedInput { slot, is_partial });
                return Some(self.graph.input(extent));
            }
            other => other.with_operands(operand),
        };
        Some(self.graph.push(node, extent))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::graph::{Binary, Reduce, Unary};

    #[test]
    fn parts_of_vectors_do_where_each_element_stands_for_itself() {
        let mut graph = Graph::default();
        let w = graph.input(Extent::Vector(5));
        let eta = graph.input(Extent::Scalar);
        let root = graph.unary(Unary::Sqrt, w);
        let steps = graph.binary(Binary::Divide, eta, root);
        let part = graph.at_elements(steps, &[4, 1]).unwrap();
        assert_eq!(part.graph.extent(part.value), Extent::Vector(2));
        let inputs: Vec<(usize, bool)> = part
            .inputs
            .iter()
            .map(|it| (it.slot, it.is_partial))
            .collect();
        assert_eq!(inputs, [(0, true), (1, false)]);
    }

    #[test]
    fn what_sums_over_a_vector_needs_all_of_it() {
        let mut graph = Graph::default();
        let w = graph.input(Extent::Vector(5));
        let sum = graph.reduce(Reduce::Sum, w);
        let shares = graph.binary(Binary::Divide, w, sum);
        let part = graph.at_elements(shares, &[2]).unwrap();
        let mut inputs: Vec<(usize, bool)> = part
            .inputs
            .iter()
            .map(|it| (it.slot, it.is_partial))
            .collect();
        inputs.sort_unstable();
        assert_eq!(inputs, [(0, false), (0, true)]);
        // Each element is another one's.
        let turned = graph.gather(w, &[1, 2, 3, 4, 0]);
        assert!(graph.at_elements(turned, &[2]).is_none());
        assert!(graph.at_elements(sum, &[0]).is_none());
    }
}
