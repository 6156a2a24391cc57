//! Checks what is said of whole matrices: products and functions.

use super::{Lowering, TypedNode, count};
use crate::{
    error::{Error, Result, Span},
    lang::{
        function,
        graph::{Extent, Id, Unary},
        matrix::{MAX_MATRIX, Matrix},
        syntax::Expr,
    },
};

impl Lowering<'_> {
    /// `a @ b`
    pub(super) fn product(
        &mut self,
        (a, a_span): (TypedNode, Span),
        (b, b_span): (TypedNode, Span),
    ) -> Result<TypedNode> {
        let span = a_span.to(b_span);
        let (x, y) = (self.whole_extent(a), self.whole_extent(b));
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
        let f = Matrix::Product {
            rows,
            inner,
            columns,
            extent,
        };
        Ok(TypedNode::number(self.graph.matrix(f, vec![a.id, b.id])))
    }

    /// A function of whole matrices.
    pub(super) fn matrix_function(
        &mut self,
        kind: function::FunctionKind,
        values: &[TypedNode],
        arguments: &[Expr],
    ) -> Result<TypedNode> {
        use function::FunctionKind as F;
        let first = arguments.first().map_or(Span::default(), |it| it.span);
        let extents: Vec<Extent> = values.iter().map(|it| self.whole_extent(*it)).collect();
        let ids: Vec<Id> = values.iter().map(|value| value.id).collect();
        let f = match (kind, &extents[..]) {
            (F::Transpose, &[Extent::Matrix(rows, columns)]) => Matrix::Transpose(rows, columns),
            (F::Outer, &[Extent::Vector(rows), Extent::Vector(columns)]) => {
                self.expect_size(rows.max(columns), first)?;
                Matrix::Outer(rows, columns)
            }
            (F::Outer, extents) => {
                let scalar_or_matrix = |at: &usize| !matches!(extents[*at], Extent::Vector(_));
                let at = (0..extents.len()).find(scalar_or_matrix).unwrap_or(0);
                return Err(self.not_a("vector", extents[at], arguments[at].span));
            }
            (F::Solve, &[Extent::Matrix(rows, columns), b]) => {
                let n = self.expect_square(rows, columns, first)?;
                let (equations, right_sides) = match b {
                    Extent::Vector(len) => (len, 0),
                    Extent::Matrix(rows, columns) => (rows, columns),
                    Extent::Scalar => {
                        return Err(self.not_a("vector or matrix", b, arguments[1].span));
                    }
                };
                if equations != n {
                    let span = first.to(arguments[1].span);
                    let message = format!("shapes do not fit: {} and {b}", extents[0]);
                    return Err(self.error(span, message));
                }
                Matrix::Solve(n, right_sides)
            }
            (
                F::EigenVectors | F::EigenValues | F::InverseRoot,
                &[Extent::Matrix(rows, columns)],
            ) => {
                let n = self.expect_square(rows, columns, first)?;
                match kind {
                    F::EigenVectors => Matrix::EigenVectors(n),
                    F::EigenValues => Matrix::EigenValues(n),
                    _ => Matrix::InverseRoot(n),
                }
            }
            (F::Diagonal, &[Extent::Vector(n)]) => {
                self.expect_size(n, first)?;
                Matrix::FromDiagonal(n)
            }
            (F::Diagonal, &[Extent::Matrix(rows, columns)]) => {
                Matrix::Diagonal(self.expect_square(rows, columns, first)?)
            }
            (F::Diagonal, &[extent]) => return Err(self.not_a("vector or matrix", extent, first)),
            (_, extents) => {
                let extent = extents.first().copied().unwrap_or(Extent::Scalar);
                return Err(self.not_a("matrix", extent, first));
            }
        };
        Ok(TypedNode::number(self.graph.matrix(f, ids)))
    }

    /// `eye(n)`, whose argument has to be known.
    pub(super) fn identity(&mut self, size: &Expr) -> Result<TypedNode> {
        let dimension = self.scope.dimension();
        let sizes = self.indices.evaluate(self.source, dimension, size)?;
        let n = match sizes[..] {
            [n] if n >= 1.0 && n.fract() == 0.0 => n,
            _ => {
                let text = self.source.slice(size.span);
                let message = format!("`{text}` is not a number of rows");
                return Err(self.error(size.span, message).help("write eye(n)"));
            }
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number from 1; larger than any usize it saturates"
        )]
        let n = n as usize;
        self.expect_size(n, size.span)?;
        Ok(TypedNode::number(
            self.graph.matrix(Matrix::Identity(n), Vec::new()),
        ))
    }

    /// `topk(v, k)`, whose k has to be known.
    pub(super) fn top(&mut self, vector: &Expr, count: &Expr) -> Result<TypedNode> {
        let value = self.expr(vector)?;
        self.expect_vector(value, vector.span)?;
        let len = self.graph.extent(value.id).len();
        let wanted = self.known_number(count)?;
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
        let fits = wanted.fract() == 0.0 && wanted >= 1.0 && wanted <= len as f64;
        if !fits {
            let text = self.source.slice(vector.span);
            let message = format!("`{text}` has {}", super::count(len, "element"));
            let error = self.error(count.span, message);
            return Err(error.help(format!("k is a whole number from 1 to {len}")));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number up to a length"
        )]
        let f = Matrix::Largest(len, wanted as usize);
        Ok(TypedNode::number(self.graph.matrix(f, vec![value.id])))
    }

    /// `quantile(v, q)`, whose q has to be known.
    pub(super) fn quantile(&mut self, vector: &Expr, share: &Expr) -> Result<TypedNode> {
        let value = self.expr(vector)?;
        self.expect_vector(value, vector.span)?;
        let len = self.graph.extent(value.id).len();
        let wanted = self.known_number(share)?;
        if !(0.0..=1.0).contains(&wanted) {
            let error = self.error(share.span, format!("{wanted} is no share of the elements"));
            return Err(error.help("q lies from 0 (the smallest) to 1 (the largest)"));
        }
        let f = Matrix::Quantile(len, wanted.to_bits());
        let one = self.graph.matrix(f, vec![value.id]);
        Ok(TypedNode::number(self.graph.element(one, 0)))
    }

    /// `argmax(v)`, `argmin(v)`
    pub(super) fn extreme(&mut self, kind: function::FunctionKind, value: TypedNode) -> TypedNode {
        let len = self.graph.extent(value.id).len();
        let of = match kind {
            function::FunctionKind::ArgMin => self.graph.unary(Unary::Negate, value.id),
            _ => value.id,
        };
        let one = self.graph.matrix(Matrix::PlaceOfLargest(len), vec![of]);
        TypedNode::number(self.graph.element(one, 0))
    }

    /// A number that is known without the run.
    fn known_number(&mut self, expr: &Expr) -> Result<f64> {
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

    fn expect_square(&self, rows: usize, columns: usize, span: Span) -> Result<usize> {
        if rows == columns {
            return Ok(rows);
        }
        let text = self.source.slice(span);
        Err(self.error(
            span,
            format!("`{text}` is a {rows}x{columns} matrix, where a square one is needed"),
        ))
    }

    fn not_a(&self, wanted: &str, found: Extent, span: Span) -> Error {
        let text = self.source.slice(span);
        self.error(
            span,
            format!("`{text}` is {found}, where a {wanted} is needed"),
        )
    }

    /// The extent as the text means it: within a sum, a lifted value is one number.
    fn whole_extent(&self, value: TypedNode) -> Extent {
        if value.lifted {
            Extent::Scalar
        } else {
            self.graph.extent(value.id)
        }
    }
}
