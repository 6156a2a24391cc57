//! Checks what is said of whole matrices, and of numbers that have to be known before the run.

use super::{Lowering, TypedNode, count};
use crate::{
    error::{Error, Result, Span},
    lang::{
        graph::Extent,
        matrix::{MAX_MATRIX, Matrix},
        syntax::Expr,
    },
};

impl Lowering<'_> {
    /// `a @ b`
    pub(super) fn product(
        &mut self,
        a: (TypedNode, Span),
        b: (TypedNode, Span),
    ) -> Result<TypedNode> {
        let span = a.1.to(b.1);
        self.on_matrices(&[a, b], |to, extents| {
            to.product_of(extents[0], extents[1], span)
        })
    }

    fn product_of(&self, x: Extent, y: Extent, span: Span) -> Result<Matrix> {
        let (rows, inner, other, columns, extent) = match (x, y) {
            (Extent::Matrix(r, k), Extent::Matrix(l, c)) => (r, k, l, c, Extent::Matrix(r, c)),
            (Extent::Matrix(r, k), Extent::Vector(l)) => (r, k, l, 1, Extent::Vector(r)),
            (Extent::Vector(k), Extent::Matrix(l, c)) => (1, k, l, c, Extent::Vector(c)),
            _ => {
                let error = self.error(
                    span,
                    format!("`@` multiplies matrices, but this is {x} and {y}"),
                );
                return Err(match (x, y) {
                    (Extent::Vector(_), Extent::Vector(_)) => error.help(
                        "write `dot(u, v)` for the inner product, `outer(u, v)` for the outer one",
                    ),
                    _ => error.help("to multiply by a scalar, write `*`"),
                });
            }
        };
        if inner != other {
            return Err(self.error(span, format!("shapes do not fit: {x} @ {y}")));
        }
        Ok(Matrix::Product {
            rows,
            inner,
            columns,
            extent,
        })
    }

    /// A number that is known without the run.
    pub(super) fn known_number(&mut self, expr: &Expr) -> Result<f64> {
        let dimension = self.scope.dimension();
        let numbers = self.indices.evaluate(self.source, dimension, expr)?;
        Ok(numbers.first().copied().unwrap_or(f64::NAN))
    }

    /// Refuses a matrix of more than [`MAX_MATRIX`] rows or columns.
    pub(super) fn expect_size(&self, n: usize, span: Span) -> Result<()> {
        if n <= MAX_MATRIX {
            return Ok(());
        }
        Err(self
            .error(
                span,
                format!("this would make a matrix of {}", count(n, "row")),
            )
            .help(format!(
                "matrices have at most {MAX_MATRIX} rows and columns"
            )))
    }

    pub(super) fn expect_square(&self, rows: usize, columns: usize, span: Span) -> Result<usize> {
        if rows == columns {
            return Ok(rows);
        }
        let text = self.source.slice(span);
        Err(self.error(
            span,
            format!("`{text}` is a {rows}x{columns} matrix, where a square one is needed"),
        ))
    }

    pub(super) fn not_a(&self, wanted: &str, found: Extent, span: Span) -> Error {
        let text = self.source.slice(span);
        self.error(
            span,
            format!("`{text}` is {found}, where a {wanted} is needed"),
        )
    }

    /// The extent as the text means it: within a sum, a lifted value is one number.
    pub(super) fn whole_extent(&self, value: TypedNode) -> Extent {
        if value.lifted {
            Extent::Scalar
        } else {
            self.graph.extent(value.id)
        }
    }
}
