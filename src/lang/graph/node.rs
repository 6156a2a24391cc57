//! A node of the graph: an operation and its operands.

use super::{Binary, Extent, Id, IndexTable, Unary};
use crate::lang::matrix::Matrix;
use std::sync::Arc;

/// Functions of all elements of a vector or matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the functions' own")]
pub enum Reduce {
    Sum,
    Min,
    Max,
}

/// A query to the loss, in a line of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LossQuery {
    /// `loss(v)`
    Value,
    /// `grad(v)`
    Gradient,
    /// `hvp(v, d)`: the Hessian at `v` times `d`.
    HessianProduct,
    /// `hess(v)`: the Hessian at `v`.
    Hessian,
}

/// An operation and the values that it works on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Node {
    /// A constant, by its bits.
    Constant(u64),
    /// A constant vector of whole numbers.
    Numbers(IndexTable),
    /// A slot that the caller fills.
    Input(u32),
    /// `f(a)`
    Unary(Unary, Id),
    /// `f(a, b)`
    Binary(Binary, Id, Id),
    /// `where(condition, a, b)`
    Select(Id, Id, Id),
    /// A vector to a scalar.
    Reduce(Reduce, Id),
    /// A scalar to a vector or matrix of this extent.
    Broadcast(Id, Extent),
    /// One element (0-based).
    Element(Id, usize),
    /// `out[k] = v[table[k]]`
    Gather(Id, IndexTable),
    /// `out[table[k]] += v[k]`, `out` of the given length.
    Scatter(Id, IndexTable, usize),
    /// `out[k]` = all of `v[table[k] .. table[k+1]]` to one number
    SegmentReduce(Reduce, Id, IndexTable),
    /// A vector of the given length with these elements (0-based), all others 0.
    Pack(Vec<(usize, Id)>, usize),
    /// A question to the loss.
    Call(LossQuery, Vec<Id>),
    /// An operation on whole matrices, of at most two operands.
    Matrix(Matrix, Vec<Id>),
    /// One such operation for each tensor, on its part of each operand.
    Matrices(Arc<[Matrix]>, Vec<Id>),
}

impl Node {
    /// True if element k of the result depends on element k of the operands only.
    #[must_use]
    pub fn is_elementwise(&self) -> bool {
        matches!(
            self,
            Self::Unary(..) | Self::Binary(..) | Self::Select(..) | Self::Broadcast(..)
        )
    }

    /// Calls `visit` on each operand.
    pub fn operands(&self, mut visit: impl FnMut(Id)) {
        match self {
            Self::Constant(_) | Self::Numbers(_) | Self::Input(_) => {}
            Self::Unary(_, a)
            | Self::Reduce(_, a)
            | Self::Broadcast(a, _)
            | Self::Element(a, _)
            | Self::Gather(a, _)
            | Self::Scatter(a, ..)
            | Self::SegmentReduce(_, a, _) => visit(*a),
            Self::Binary(_, a, b) => {
                visit(*a);
                visit(*b);
            }
            Self::Select(a, b, c) => {
                visit(*a);
                visit(*b);
                visit(*c);
            }
            Self::Pack(parts, _) => parts.iter().for_each(|part| visit(part.1)),
            Self::Call(_, arguments)
            | Self::Matrix(_, arguments)
            | Self::Matrices(_, arguments) => {
                arguments.iter().copied().for_each(visit);
            }
        }
    }

    /// The same operation on what `map` makes of each operand.
    #[must_use]
    pub fn with_operands(&self, map: impl Fn(Id) -> Id) -> Self {
        match self {
            Self::Constant(_) | Self::Numbers(_) | Self::Input(_) => self.clone(),
            Self::Unary(f, a) => Self::Unary(*f, map(*a)),
            Self::Binary(f, a, b) => Self::Binary(*f, map(*a), map(*b)),
            Self::Select(a, b, c) => Self::Select(map(*a), map(*b), map(*c)),
            Self::Reduce(f, a) => Self::Reduce(*f, map(*a)),
            Self::Broadcast(a, extent) => Self::Broadcast(map(*a), *extent),
            Self::Element(a, at) => Self::Element(map(*a), *at),
            Self::Gather(a, table) => Self::Gather(map(*a), *table),
            Self::Scatter(a, table, len) => Self::Scatter(map(*a), *table, *len),
            Self::SegmentReduce(f, a, table) => Self::SegmentReduce(*f, map(*a), *table),
            Self::Pack(parts, len) => {
                let parts = parts.iter().map(|(at, part)| (*at, map(*part)));
                Self::Pack(parts.collect(), *len)
            }
            Self::Call(query, arguments) => {
                Self::Call(*query, arguments.iter().map(|it| map(*it)).collect())
            }
            Self::Matrix(f, operands) => {
                Self::Matrix(*f, operands.iter().map(|it| map(*it)).collect())
            }
            Self::Matrices(each, operands) => {
                let operands = operands.iter().map(|it| map(*it));
                Self::Matrices(Arc::clone(each), operands.collect())
            }
        }
    }
}
