//! Finds chains of element-wise operations that one instruction computes.
//!
//! Each saves walking through a vector once or twice, which is what a step on long vectors costs. Only
//! values that nobody else reads are swallowed, so nothing that can be seen is lost.

use super::Fused;
use crate::lang::graph::{Binary, Extent, Graph, Id, Node, Unary};
use std::collections::{HashMap, HashSet};

/// The chains of one line.
#[derive(Default)]
pub(super) struct Fusions {
    swallowed: HashSet<Id>,
    heads: HashMap<Id, (Fused, Vec<Id>)>,
}

impl Fusions {
    /// Looks through the values `missing` of a line: those that `fits` may be the end of a chain, and those
    /// of them that `ends_here`, because no later line reads them, may be within one.
    pub fn find(
        graph: &Graph,
        missing: &[Id],
        fits: impl Fn(Id) -> bool,
        ends_here: impl Fn(Id) -> bool,
    ) -> Self {
        let mut uses: HashMap<Id, usize> = HashMap::new();
        for &id in missing {
            graph
                .node(id)
                .operands(|operand| *uses.entry(operand).or_default() += 1);
        }
        let ends: Vec<Id> = missing.iter().copied().filter(|id| fits(*id)).collect();
        let once = |id: &Id| uses.get(id) == Some(&1) && ends_here(*id);
        let finder = Finder {
            graph,
            inner: ends.iter().copied().filter(once).collect(),
        };
        let mut fusions = Self::default();
        // From the last value back, so that the longest chain comes first.
        for &id in ends.iter().rev() {
            if fusions.swallows(id) {
                continue;
            }
            if let Some(chain) = finder.chain(id) {
                fusions.swallowed.extend(chain.swallowed);
                fusions.heads.insert(id, (chain.operation, chain.operands));
            }
        }
        fusions
    }

    /// True if `id` is computed within another value's instruction.
    pub fn swallows(&self, id: Id) -> bool {
        self.swallowed.contains(&id)
    }

    /// The operation and the operands of a chain that ends in `id`.
    pub fn head(&self, id: Id) -> Option<(Fused, &[Id])> {
        let (operation, operands) = self.heads.get(&id)?;
        Some((*operation, operands))
    }

    /// Calls `visit` on the operands of `id` as it is computed.
    pub fn operands(&self, graph: &Graph, id: Id, visit: impl FnMut(Id)) {
        match self.heads.get(&id) {
            Some((_, operands)) => operands.iter().copied().for_each(visit),
            None => graph.node(id).operands(visit),
        }
    }
}

struct Chain {
    operation: Fused,
    operands: Vec<Id>,
    swallowed: Vec<Id>,
}

struct Finder<'a> {
    graph: &'a Graph,
    /// Values that exactly one other reads, and may vanish into it.
    inner: HashSet<Id>,
}

impl Finder<'_> {
    fn is_vector(&self, id: Id) -> bool {
        matches!(self.graph.extent(id), Extent::Vector(_))
    }

    /// The operation that makes `id`, if it may be fused into its only user.
    fn inner(&self, id: Id) -> Option<&Node> {
        self.inner.contains(&id).then(|| self.graph.node(id))
    }

    /// The scalar and the vector of a product that may be swallowed.
    fn product(&self, id: Id) -> Option<(Id, Id)> {
        let &Node::Binary(Binary::Multiply, a, b) = self.inner(id)? else {
            return None;
        };
        match (self.is_vector(a), self.is_vector(b)) {
            (false, true) => Some((a, b)),
            (true, false) => Some((b, a)),
            _ => None,
        }
    }

    /// The chain that ends in `id`, if there is one.
    fn chain(&self, id: Id) -> Option<Chain> {
        match *self.graph.node(id) {
            Node::Binary(Binary::Add, p, q) if p != q => self.sum(p, q),
            Node::Binary(Binary::Subtract, p, q) if p != q => self.difference(p, q),
            Node::Unary(Unary::Sqrt, p) => self.root(p),
            _ => None,
        }
    }

    fn sum(&self, p: Id, q: Id) -> Option<Chain> {
        match (self.product(p), self.product(q)) {
            (Some((a, x)), Some((b, y))) => Some(self.scaled_sum([p, q], [a, x, b, y])),
            (Some((a, y)), None) if self.is_vector(q) => Some(Chain {
                operation: Fused::AddScaled,
                operands: vec![q, a, y],
                swallowed: vec![p],
            }),
            (None, Some((a, y))) if self.is_vector(p) => Some(Chain {
                operation: Fused::AddScaled,
                operands: vec![p, a, y],
                swallowed: vec![q],
            }),
            _ => None,
        }
    }

    /// `a*x + b*y`, where one of `x` and `y` may be a square.
    fn scaled_sum(&self, [p, q]: [Id; 2], [a, x, b, y]: [Id; 4]) -> Chain {
        let square = |id: Id| match self.inner(id) {
            Some(&Node::Unary(Unary::WholePower(2), base)) => Some(base),
            _ => None,
        };
        let (operation, operands, more) = if let Some(base) = square(y) {
            (Fused::ScaledSumOfSquare, [a, x, b, base], Some(y))
        } else if let Some(base) = square(x) {
            (Fused::ScaledSumOfSquare, [b, y, a, base], Some(x))
        } else {
            (Fused::ScaledSum, [a, x, b, y], None)
        };
        Chain {
            operation,
            operands: operands.to_vec(),
            swallowed: [p, q].into_iter().chain(more).collect(),
        }
    }

    fn difference(&self, p: Id, q: Id) -> Option<Chain> {
        if let (Some((a, x)), Some((b, y))) = (self.product(p), self.product(q)) {
            return Some(Chain {
                operation: Fused::ScaledDifference,
                operands: vec![a, x, b, y],
                swallowed: vec![p, q],
            });
        }
        if !self.is_vector(p) {
            return None;
        }
        if let Some((a, y)) = self.product(q) {
            return Some(Chain {
                operation: Fused::SubtractScaled,
                operands: vec![p, a, y],
                swallowed: vec![q],
            });
        }
        let Some(&Node::Binary(Binary::Divide, product, z)) = self.inner(q) else {
            return None;
        };
        let (a, y) = self.product(product)?;
        self.is_vector(z).then(|| Chain {
            operation: Fused::SubtractScaledQuotient,
            operands: vec![p, a, y, z],
            swallowed: vec![q, product],
        })
    }

    fn root(&self, p: Id) -> Option<Chain> {
        let Some(&Node::Binary(Binary::Add, a, b)) = self.inner(p) else {
            return None;
        };
        let operands = match (self.is_vector(a), self.is_vector(b)) {
            (true, false) => vec![a, b],
            (false, true) => vec![b, a],
            _ => return None,
        };
        Some(Chain {
            operation: Fused::RootOfShifted,
            operands,
            swallowed: vec![p],
        })
    }
}
