//! Checks operators: whether their operands are numbers or truth values, and of shapes that fit.

use super::{Lowering, TypedNode};
use crate::{
    error::{Result, Span},
    lang::{
        graph::{Binary, Extent, Unary},
        syntax::{Expr, Infix, Prefix},
    },
};

impl Lowering<'_> {
    pub(super) fn prefix(&mut self, prefix: Prefix, operand: &Expr) -> Result<TypedNode> {
        let value = self.expr(operand)?;
        let (f, truth) = match prefix {
            Prefix::Minus => (Unary::Negate, false),
            Prefix::Not => (Unary::Not, true),
        };
        self.expect_truth(value, truth, operand.span)?;
        Ok(TypedNode {
            id: self.graph.unary(f, value.id),
            ..value
        })
    }

    pub(super) fn infix(
        &mut self,
        operator: Infix,
        (left, left_span): (TypedNode, Span),
        (right, right_span): (TypedNode, Span),
    ) -> Result<TypedNode> {
        if operator == Infix::At {
            self.expect_truth(left, false, left_span)?;
            self.expect_truth(right, false, right_span)?;
            return self.product((left, left_span), (right, right_span));
        }
        let logical = matches!(operator, Infix::And | Infix::Or);
        self.expect_truth(left, logical, left_span)?;
        self.expect_truth(right, logical, right_span)?;
        let (f, swapped) = match operator {
            Infix::Or => (Binary::Or, false),
            Infix::And => (Binary::And, false),
            Infix::Less => (Binary::Less, false),
            Infix::LessEqual => (Binary::LessEqual, false),
            Infix::Greater => (Binary::Less, true),
            Infix::GreaterEqual => (Binary::LessEqual, true),
            Infix::Equal => (Binary::Equal, false),
            Infix::Unequal => (Binary::Unequal, false),
            Infix::Plus => (Binary::Add, false),
            Infix::Minus => (Binary::Subtract, false),
            Infix::Times | Infix::At => (Binary::Multiply, false),
            Infix::Over => (Binary::Divide, false),
            Infix::Power => (Binary::Power, false),
        };
        let span = left_span.to(right_span);
        let mut value = if swapped {
            self.binary(f, right, left, span)?
        } else {
            self.binary(f, left, right, span)?
        };
        value.truth = operator <= Infix::Unequal;
        Ok(value)
    }

    /// An element-wise function of two values whose shapes are checked to fit.
    pub(super) fn binary(
        &mut self,
        f: Binary,
        a: TypedNode,
        b: TypedNode,
        span: Span,
    ) -> Result<TypedNode> {
        let mut both = [a, b];
        self.repeat_alike(&mut both);
        let [a, b] = both;
        let lifted = self.fit(a, b, span)?;
        Ok(TypedNode {
            id: self.graph.binary(f, a.id, b.id),
            truth: a.truth,
            lifted,
        })
    }

    /// Combines two extents element by element, if they fit; true if the result is lifted.
    pub(super) fn fit(&self, a: TypedNode, b: TypedNode, span: Span) -> Result<bool> {
        let (x, y) = (self.graph.extent(a.id), self.graph.extent(b.id));
        if x == Extent::Scalar || y == Extent::Scalar {
            return Ok(a.lifted || b.lifted);
        }
        if a.lifted != b.lifted {
            return Err(self
                .error(
                    span,
                    "the body of a sum has to be a number, but this is a vector",
                )
                .help("index the vector, or move it out of the sum"));
        }
        if x != y {
            let error = self.error(span, format!("shapes do not fit: {x} and {y}"));
            return Err(match (x, y) {
                (Extent::Vector(_), Extent::Vector(_)) => error,
                _ => error.help("operators work element by element; the matrix product is `A @ b`"),
            });
        }
        Ok(a.lifted)
    }

    pub(super) fn expect_truth(&self, value: TypedNode, truth: bool, span: Span) -> Result<()> {
        if value.truth == truth {
            return Ok(());
        }
        let text = self.source.slice(span);
        Err(if truth {
            self.error(
                span,
                format!("`{text}` is a number, where a truth value is needed"),
            )
            .help("compare it: `!= 0`, `< 1e-6`")
        } else {
            self.error(
                span,
                format!("`{text}` is a truth value, where a number is needed"),
            )
            .help("`where(cond, 1, 0)` turns it into a number")
        })
    }
}
