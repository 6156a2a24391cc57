//! Checks `sum(i, a, b, body)`, whose body is lifted over the values of its index.

use super::{Lowering, TypedNode};
use crate::{
    error::Result,
    lang::{
        graph::{Extent, Reduce},
        syntax::{Expr, ExprKind},
    },
};

impl Lowering<'_> {
    /// `sum(i, a, b, body)`
    pub(super) fn sum_over(&mut self, arguments: &[Expr]) -> Result<TypedNode> {
        let ExprKind::Name(index) = &arguments[0].kind else {
            return Err(self
                .error(arguments[0].span, "the first argument names the index")
                .help("as in sum(i, 1, n, w[i]^2)"));
        };
        let dimension = self.scope.dimension();
        let from = self
            .indices
            .evaluate(self.source, dimension, &arguments[1])?;
        let to = self
            .indices
            .evaluate(self.source, dimension, &arguments[2])?;
        let span = arguments[1].span.to(arguments[2].span);
        let offsets = self
            .indices
            .enter(index, &from, &to)
            .map_err(|error| error.located(self.source, span))?;
        let body = self.expr(&arguments[3]);
        let terms = self.indices.len();
        self.indices.leave();
        let body = body?;
        self.expect_truth(body, false, arguments[3].span)?;
        if !body.lifted && self.graph.extent(body.id) != Extent::Scalar {
            return Err(self
                .error(
                    arguments[3].span,
                    format!(
                        "the body of a sum has to be a number, but this is {}",
                        self.graph.extent(body.id)
                    ),
                )
                .help("index the vector, or move it out of the sum"));
        }
        let each = self.graph.broadcast(body.id, Extent::Vector(terms));
        if self.indices.is_empty() {
            return Ok(TypedNode::number(self.graph.reduce(Reduce::Sum, each)));
        }
        Ok(TypedNode {
            lifted: true,
            ..TypedNode::number(self.graph.reduce_segments(Reduce::Sum, each, &offsets))
        })
    }
}
