//! The shapes of the parts of a line, as the checker finds them.

use super::Known;
use crate::{
    error::Source,
    lang::{
        function::CallContext,
        graph::{Extent, Graph},
        lower::{Scope, TypedNode, lower},
        syntax::Expr,
    },
    value::Value,
};

/// The shape of `expr`.
pub(super) fn shape(known: &Known, expr: &Expr) -> Extent {
    let mut graph = Graph::default();
    let value = checked(known, &mut graph, expr);
    value.map_or(Extent::Scalar, |value| graph.extent(value.id))
}

/// The value of an index or a number of rows: `2`, `n`, `n - 1`.
pub(super) fn whole_number(known: &Known, expr: &Expr) -> Option<usize> {
    let mut graph = Graph::default();
    let value = checked(known, &mut graph, expr)?;
    let value = graph.as_constant(value.id)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    let whole = (value.fract() == 0.0 && (0.0..1e9).contains(&value)).then_some(value as usize);
    whole
}

/// `expr` in `graph`; nothing for a part that cannot stand alone, like the index of a sum.
fn checked(known: &Known, graph: &mut Graph, expr: &Expr) -> Option<TypedNode> {
    let source = Source::new("<line>", "");
    lower(graph, &mut LineNames(known), &source, expr).ok()
}

/// The names of the line, of the shapes that they have.
struct LineNames<'a>(&'a Known);

impl Scope for LineNames<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str, _: usize) -> Option<TypedNode> {
        let value = self.0.get(name).filter(|_| name != "n")?;
        Some(TypedNode {
            truth: matches!(value, Value::Truth(_) | Value::Truths(_)),
            ..TypedNode::number(graph.input(value.extent()))
        })
    }
    fn names(&self) -> Vec<String> {
        Vec::new()
    }
    fn dimension(&self) -> usize {
        self.0.get("w").map_or(0, |w| w.extent().len())
    }
    fn place(&self) -> CallContext {
        CallContext::Rule
    }
}
