//! SSA values: hash-consed, folded, topologically ordered by their number.
//!
//! A [`Graph`] holds values only; which of them are computed when is decided by
//! [`program`](super::program).
mod elementwise;
mod extent;
mod node;
mod restrict;

pub use elementwise::{Binary, Unary, truth};
pub use extent::{Extent, Side, TensorSides};
pub use node::{LossQuery, Node, Reduce};
pub use restrict::{RestrictedGraph, RestrictedInput};

use super::{matrix::Matrix, number::whole};
use std::{collections::HashMap, sync::Arc};

/// A value of a [`Graph`]; operands always have smaller numbers than what is made of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(u32);

impl Id {
    /// The index in the graph.
    #[must_use]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A table of whole numbers that a value indexes with (interned).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct IndexTable(u32);

/// Values under construction.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    extents: Vec<Extent>,
    known: HashMap<(Node, Extent), Id>,
    tables: Vec<Arc<[u32]>>,
    known_tables: HashMap<Arc<[u32]>, IndexTable>,
    inputs: u32,
}

impl Graph {
    /// A new input slot; slots are numbered from 0 in the order of these calls.
    pub fn input(&mut self, extent: Extent) -> Id {
        let slot = self.inputs;
        self.inputs += 1;
        self.push(Node::Input(slot), extent)
    }

    /// The operation that makes the value, with its operands.
    #[must_use]
    pub fn node(&self, id: Id) -> &Node {
        &self.nodes[id.index()]
    }

    /// The count of numbers that it holds.
    #[must_use]
    pub fn extent(&self, id: Id) -> Extent {
        self.extents[id.index()]
    }

    /// The count of values; every [`Id`] is below it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// True while there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All values in order.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = Id> + use<> {
        (0..u32::try_from(self.nodes.len()).unwrap_or(u32::MAX)).map(Id)
    }

    /// The entries of `table`.
    #[must_use]
    pub fn table(&self, table: IndexTable) -> &Arc<[u32]> {
        &self.tables[table.0 as usize]
    }

    /// Interns `entries`.
    pub fn intern(&mut self, entries: &[u32]) -> IndexTable {
        if let Some(&known) = self.known_tables.get(entries) {
            return known;
        }
        let entries: Arc<[u32]> = entries.into();
        let table = IndexTable(u32::try_from(self.tables.len()).unwrap_or(u32::MAX));
        self.tables.push(Arc::clone(&entries));
        self.known_tables.insert(entries, table);
        table
    }

    /// The constant that `id` is, if it is a scalar one.
    #[must_use]
    pub fn as_constant(&self, id: Id) -> Option<f64> {
        match self.node(id) {
            Node::Constant(bits) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// A constant scalar.
    pub fn constant(&mut self, value: f64) -> Id {
        self.push(Node::Constant(value.to_bits()), Extent::Scalar)
    }

    /// A constant vector of whole numbers.
    pub fn numbers(&mut self, entries: &[u32]) -> Id {
        let table = self.intern(entries);
        self.push(Node::Numbers(table), Extent::Vector(entries.len()))
    }

    /// `f(a)`
    pub fn unary(&mut self, f: Unary, a: Id) -> Id {
        if let Some(value) = self.as_constant(a) {
            return self.constant(f.of(value));
        }
        match (f, self.node(a)) {
            (Unary::Negate, &Node::Unary(Unary::Negate, inner)) => inner,
            (Unary::WholePower(1), _) => a,
            // An even power is smooth at 0, where what it is taken of has a kink.
            (Unary::WholePower(exponent), &Node::Unary(Unary::Sqrt, inner))
                if exponent > 0 && exponent % 2 == 0 && self.is_sum_of_squares(inner) =>
            {
                self.unary(Unary::WholePower(exponent / 2), inner)
            }
            (Unary::WholePower(exponent), &Node::Unary(Unary::Abs, inner)) if exponent % 2 == 0 => {
                self.unary(f, inner)
            }
            _ => self.push(Node::Unary(f, a), self.extent(a)),
        }
    }

    /// True for what `norm` takes the root of.
    fn is_sum_of_squares(&self, id: Id) -> bool {
        let Node::Reduce(Reduce::Sum, of) = self.node(id) else {
            return false;
        };
        matches!(self.node(*of), Node::Unary(Unary::WholePower(2), _))
    }

    /// `f(a, b)`
    pub fn binary(&mut self, f: Binary, a: Id, b: Id) -> Id {
        let (mut a, mut b) = self.unbroadcast(a, b);
        if let (Some(x), Some(y)) = (self.as_constant(a), self.as_constant(b)) {
            return self.constant(f.of(x, y));
        }
        if f == Binary::Power
            && let Some(exponent) = self.as_constant(b).and_then(whole)
        {
            return self.unary(Unary::WholePower(exponent), a);
        }
        let one = |graph: &Self, id| graph.as_constant(id) == Some(1.0);
        match f {
            Binary::Multiply | Binary::Chain if one(self, a) => return b,
            Binary::Multiply | Binary::Divide | Binary::Chain | Binary::ChainDivide
                if one(self, b) =>
            {
                return a;
            }
            Binary::Multiply if a == b => {
                if let &Node::Unary(Unary::Abs, inner) = self.node(a) {
                    (a, b) = (inner, inner);
                }
            }
            // The operands of a commuting operation in one order, so that `a*b` and `b*a` are shared.
            Binary::Add | Binary::Multiply | Binary::And | Binary::Or if b < a => {
                std::mem::swap(&mut a, &mut b);
            }
            _ => {}
        }
        let extent = self.wider(a, b);
        self.push(Node::Binary(f, a, b), extent)
    }

    /// `where(condition, a, b)`
    pub fn select(&mut self, condition: Id, a: Id, b: Id) -> Id {
        let extent = match self.wider(a, b) {
            Extent::Scalar => self.extent(condition),
            wide => wide,
        };
        match self.as_constant(condition) {
            Some(truth) => {
                let chosen = if truth == 0.0 { b } else { a };
                self.broadcast(chosen, extent)
            }
            None if a == b => self.broadcast(a, extent),
            None => self.push(Node::Select(condition, a, b), extent),
        }
    }

    /// All elements of `a` to one number.
    pub fn reduce(&mut self, f: Reduce, a: Id) -> Id {
        match self.extent(a) {
            Extent::Scalar => a,
            _ => self.push(Node::Reduce(f, a), Extent::Scalar),
        }
    }

    /// `a` repeated to fill `extent`; `a` itself where it does already.
    pub fn broadcast(&mut self, a: Id, extent: Extent) -> Id {
        match (self.extent(a), extent) {
            (Extent::Scalar, Extent::Scalar) => a,
            (Extent::Scalar, _) => self.push(Node::Broadcast(a, extent), extent),
            _ => a,
        }
    }

    /// Element `at` (0-based, row by row) of the vector or matrix `a`.
    pub fn element(&mut self, a: Id, at: usize) -> Id {
        match self.node(a) {
            &Node::Broadcast(scalar, _) => scalar,
            _ => self.push(Node::Element(a, at), Extent::Scalar),
        }
    }

    /// `out[k] = a[table[k]]`
    pub fn gather(&mut self, a: Id, entries: &[u32]) -> Id {
        self.gather_as(a, entries, Extent::Vector(entries.len()))
    }

    /// The same, of this extent.
    pub fn gather_as(&mut self, a: Id, entries: &[u32], extent: Extent) -> Id {
        let table = self.intern(entries);
        self.push(Node::Gather(a, table), extent)
    }

    /// `out[table[k]] += a[k]`
    pub fn scatter(&mut self, a: Id, table: IndexTable, len: usize) -> Id {
        self.push(Node::Scatter(a, table, len), Extent::Vector(len))
    }

    /// Each of the runs of `a` that `offsets` (one more than runs) bounds, to one number.
    pub fn reduce_segments(&mut self, f: Reduce, a: Id, offsets: &[u32]) -> Id {
        let table = self.intern(offsets);
        let runs = Extent::Vector(offsets.len() - 1);
        self.push(Node::SegmentReduce(f, a, table), runs)
    }

    /// Number k of `a` for each element of the run k that `offsets` bounds.
    pub fn spread_segments(&mut self, a: Id, offsets: &[u32], extent: Extent) -> Id {
        let mut runs = Vec::with_capacity(offsets.last().map_or(0, |it| *it as usize));
        for (run, bounds) in (0u32..).zip(offsets.windows(2)) {
            runs.extend((bounds[0]..bounds[1]).map(|_| run));
        }
        self.gather_as(a, &runs, extent)
    }

    /// A vector that is 0 but for `parts`.
    pub fn pack(&mut self, parts: Vec<(usize, Id)>, len: usize) -> Id {
        self.push(Node::Pack(parts, len), Extent::Vector(len))
    }

    /// An operation on each tensor's matrices, of results that make up `extent`.
    pub fn matrices(&mut self, each: Vec<Matrix>, operands: Vec<Id>, extent: Extent) -> Id {
        self.push(Node::Matrices(each.into(), operands), extent)
    }

    /// `where(condition, a, b)` of this extent, where `a` and `b` have as many numbers but not the same shape.
    pub fn select_as(&mut self, condition: Id, a: Id, b: Id, extent: Extent) -> Id {
        self.push(Node::Select(condition, a, b), extent)
    }

    /// The numbers that `id` is, if they are known before the run: made of shapes, lengths and constants.
    #[must_use]
    pub fn known(&self, id: Id) -> Option<Vec<f64>> {
        let at = |of: &[f64], k: usize| of[if of.len() == 1 { 0 } else { k }];
        match self.node(id) {
            Node::Constant(bits) => Some(vec![f64::from_bits(*bits)]),
            Node::Numbers(table) => {
                Some(self.table(*table).iter().map(|it| f64::from(*it)).collect())
            }
            Node::Unary(f, a) => Some(self.known(*a)?.into_iter().map(|it| f.of(it)).collect()),
            Node::Binary(f, a, b) => {
                let (a, b) = (self.known(*a)?, self.known(*b)?);
                let len = a.len().max(b.len());
                Some((0..len).map(|k| f.of(at(&a, k), at(&b, k))).collect())
            }
            Node::Broadcast(a, extent) => Some(vec![self.as_constant(*a)?; extent.len()]),
            Node::Gather(a, table) => {
                let of = self.known(*a)?;
                Some(
                    self.table(*table)
                        .iter()
                        .map(|it| of[*it as usize])
                        .collect(),
                )
            }
            _ => None,
        }
    }

    /// A question to the loss, whose answer has `extent`.
    pub fn call(&mut self, oracle: LossQuery, arguments: Vec<Id>, extent: Extent) -> Id {
        self.push(Node::Call(oracle, arguments), extent)
    }

    /// An operation on whole matrices.
    pub fn matrix(&mut self, f: Matrix, operands: Vec<Id>) -> Id {
        self.push(Node::Matrix(f, operands), f.extent())
    }

    /// The extent of an element-wise function of `a` and `b`.
    #[must_use]
    pub fn wider(&self, a: Id, b: Id) -> Extent {
        match self.extent(a) {
            Extent::Scalar => self.extent(b),
            wide => wide,
        }
    }

    /// Drops a broadcast where the other operand is a vector already.
    fn unbroadcast(&self, a: Id, b: Id) -> (Id, Id) {
        match (self.node(a), self.node(b)) {
            (&Node::Broadcast(scalar, _), _) if self.extent(b) != Extent::Scalar => (scalar, b),
            (_, &Node::Broadcast(scalar, _)) if self.extent(a) != Extent::Scalar => (a, scalar),
            _ => (a, b),
        }
    }

    fn push(&mut self, node: Node, extent: Extent) -> Id {
        let key = (node, extent);
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let id = Id(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(key.0.clone());
        self.extents.push(extent);
        self.known.insert(key, id);
        id
    }
}
