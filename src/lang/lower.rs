//! Checks names and shapes, and turns a syntax tree into values of a [`Graph`].
//!
//! Inside `sum(i, a, b, body)` every value is *lifted*: it holds one number for each value that the
//! indices take, laid out one after the other, so that a sum over a million terms is one vector
//! operation and its gradient another.

mod call;
mod element;
pub(super) mod functions;
mod matrix;
pub(super) mod matrix_functions;
mod name;
mod operator;
pub(super) mod reduction;
mod rings;
mod sum;
mod tensor_matrices;
pub(crate) use tensor_matrices::TensorMatrices;
mod tensors;

use super::{
    function::CallContext,
    graph::{Graph, Id, LossQuery},
    indices::Indices,
    syntax::{Expr, ExprKind},
};
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// A checked value: where it is in the graph, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypedNode {
    /// The index in the graph.
    pub id: Id,
    /// True for a truth value, false for a number.
    pub truth: bool,
    /// True if it holds one scalar for each index of the enclosing `sum`.
    pub lifted: bool,
}

impl TypedNode {
    /// A number (or a vector of numbers).
    #[must_use]
    pub fn number(id: Id) -> Self {
        Self {
            id,
            truth: false,
            lifted: false,
        }
    }
}

/// The meaning of the names in a text.
pub trait Scope {
    /// The value of `name`, `depth` iterations ago (0 = now).
    fn name(&mut self, graph: &mut Graph, name: &str, depth: usize) -> Option<TypedNode>;
    /// All names, for suggestions.
    fn names(&self) -> Vec<String>;
    /// The length of the parameter vector.
    fn dimension(&self) -> usize;
    /// The shapes of the tensors that the parameter vector consists of; none where it is one without a shape of its own.
    fn tensors(&self) -> Vec<Vec<usize>> {
        Vec::new()
    }
    /// The same, whether or not the lines are written for each tensor.
    fn all_tensors(&self) -> Vec<Vec<usize>> {
        self.tensors()
    }
    /// True in lines that are written for each tensor: functions of all elements are of those of its own.
    fn is_for_each_tensor(&self) -> bool {
        false
    }
    /// The line of the file that is read, and how often it was before in this iteration: draws of random numbers differ by
    /// them.
    fn line(&self) -> (u64, u64) {
        (0, 0)
    }
    /// The kind of text, which decides on the functions that may be called.
    fn place(&self) -> CallContext;
    /// A better message for an unknown name than "unknown name", if there is one.
    fn missing(&self, _name: &str) -> Option<String> {
        None
    }
    /// The answer of the loss to `oracle` where it is known already.
    fn answer(&mut self, _oracle: LossQuery, _arguments: &[Id]) -> Option<Id> {
        None
    }
    /// The answer of the loss to `oracle` at the parameters as they were `depth` iterations ago, where the text may ask
    /// for that.
    fn measured(
        &mut self,
        _graph: &mut Graph,
        _oracle: LossQuery,
        _arguments: &[Expr],
        _depth: usize,
    ) -> Option<TypedNode> {
        None
    }
    /// The value of a function of the history: `settled`, `first`, `mean_over` ...
    fn history(&mut self, _graph: &mut Graph, _call: &Expr) -> Option<Result<TypedNode>> {
        None
    }
}

/// Lowers `expr` into `graph`.
///
/// # Errors
/// Unknown names, wrong argument counts, shapes that do not fit, indices out of range.
pub fn lower(
    graph: &mut Graph,
    scope: &mut dyn Scope,
    source: &Arc<Source>,
    expr: &Expr,
) -> Result<TypedNode> {
    let mut lowering = Lowering {
        graph,
        scope,
        source,
        indices: Indices::default(),
        depth: 0,
        draws: 0,
    };
    lowering.expr(expr)
}

/// A text on its way into a graph.
pub(crate) struct Lowering<'a> {
    graph: &'a mut Graph,
    scope: &'a mut dyn Scope,
    source: &'a Arc<Source>,
    indices: Indices,
    depth: usize,
    /// Random numbers that the text has asked for so far.
    draws: u64,
}

/// A call of a function, its arguments counted.
pub(crate) struct Call<'a> {
    /// The place of the whole call.
    pub span: Span,
    /// The arguments as they are written.
    pub arguments: &'a [Expr],
    /// The values of the arguments; none where the function reads them as they are written.
    pub values: &'a [TypedNode],
}

impl Call<'_> {
    /// The place of argument `at`; that of the call where there is none.
    fn place(&self, at: usize) -> Span {
        self.arguments.get(at).map_or(self.span, |it| it.span)
    }
}

impl Lowering<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::ShapeMismatch, self.source, span, message)
    }

    fn expr(&mut self, expr: &Expr) -> Result<TypedNode> {
        match &expr.kind {
            ExprKind::Number(value) => Ok(TypedNode::number(self.graph.constant(*value))),
            ExprKind::Truth(holds) => Ok(TypedNode {
                truth: true,
                ..TypedNode::number(self.graph.constant(f64::from(u8::from(*holds))))
            }),
            ExprKind::Name(name) => self.name(name, expr.span),
            ExprKind::Index(vector, index) => self.index(vector, index),
            ExprKind::Part(_, name) => Err(self
                .error(expr.span, format!("there is no tensor `{name}` here"))
                .help("tensors are named in conditions and watches on a recorded run")),
            ExprKind::Slice(vector, first, last) => self.slice(vector, first, last),
            ExprKind::Entry(matrix, row, column) => self.entry(matrix, row, column),
            ExprKind::Prefix(prefix, operand) => self.prefix(*prefix, operand),
            ExprKind::Chain(first, rest) => {
                let mut left = self.expr(first)?;
                let mut left_span = first.span;
                for (operator, right) in rest {
                    let right_value = self.expr(right)?;
                    left = self.infix(*operator, (left, left_span), (right_value, right.span))?;
                    left_span = left_span.to(right.span);
                }
                Ok(left)
            }
            ExprKind::Call(name, place, arguments) => self.call(expr, name, *place, arguments),
        }
    }
}

/// `1 element`, `2 elements`.
fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
