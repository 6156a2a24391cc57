//! Functions of whole matrices, and those that put the elements of a vector in order.

use super::{Call, Lowering, TypedNode, count};
use crate::{
    error::Result,
    lang::{
        graph::{Extent, Unary},
        matrix::Matrix,
        syntax::{Expr, ExprKind},
    },
};

/// `transpose(A)`
pub fn transpose(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        let (rows, columns) = matrix(to, call, of[0])?;
        Ok(Matrix::Transpose(rows, columns))
    })
}

/// `outer(u, v)`
pub fn outer(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let mut lens = [0; 2];
    for (at, value) in call.values.iter().enumerate() {
        lens[at] = match to.whole_extent(*value) {
            Extent::Vector(len) => len,
            other => return Err(to.not_a("vector", other, call.place(at))),
        };
    }
    let [rows, columns] = lens;
    to.expect_size(rows.max(columns), call.place(0))?;
    Ok(built(to, call, Matrix::Outer(rows, columns)))
}

/// `solve(A, b)`
pub fn solve(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        let n = square(to, call, of[0])?;
        let (equations, right_sides) = match of[1] {
            Extent::Vector(len) => (len, 0),
            Extent::Matrix(rows, columns) => (rows, columns),
            other => return Err(to.not_a("vector or matrix", other, call.place(1))),
        };
        if equations != n {
            let span = call.place(0).to(call.place(1));
            let message = format!("shapes do not fit: {} and {}", of[0], of[1]);
            return Err(to.error(span, message));
        }
        Ok(Matrix::Solve(n, right_sides))
    })
}

/// `eigvecs(A)`
pub fn eigenvectors(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        decomposed(to, call, of[0]).map(Matrix::EigenVectors)
    })
}

/// `eigvals(A)`
pub fn eigenvalues(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        decomposed(to, call, of[0]).map(Matrix::EigenValues)
    })
}

/// `inv_sqrt(A)`
pub fn inverse_root(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        decomposed(to, call, of[0]).map(Matrix::InverseRoot)
    })
}

/// `qr(A)`
pub fn orthonormal(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        let (rows, columns) = matrix(to, call, of[0])?;
        to.expect_size(rows, call.place(0))?;
        if rows < columns {
            let text = to.source.slice(call.place(0));
            let message = format!(
                "`{text}` is {}: no {columns} columns of {rows} numbers are orthonormal",
                of[0]
            );
            let error = to.error(call.place(0), message);
            return Err(
                error.help("a matrix has to have as many rows as columns, or more: transpose it")
            );
        }
        Ok(Matrix::Orthonormal(rows, columns))
    })
}

/// `descending(A)`
pub fn descending(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    on_each(to, call, |to, of| {
        square(to, call, of[0]).map(Matrix::Descending)
    })
}

/// `diag(a)`: of a vector or of a matrix.
pub fn diagonal(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let first = call.place(0);
    let f = match to.whole_extent(call.values[0]) {
        Extent::Vector(n) => {
            to.expect_size(n, first)?;
            Matrix::FromDiagonal(n)
        }
        Extent::Matrix(rows, columns) => Matrix::Diagonal(to.expect_square(rows, columns, first)?),
        other => return Err(to.not_a("vector or matrix", other, first)),
    };
    Ok(built(to, call, f))
}

/// `eye(n)`, whose argument has to be known.
pub fn identity(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    let size = &call.arguments[0];
    if let ExprKind::Call(name, place, of) = &size.kind
        && to.scope.is_for_each_tensor()
        && matches!(name.as_str(), "rows" | "columns")
    {
        let [of] = of.as_slice() else {
            return to.expr(size);
        };
        let value = to.expr(of)?;
        let is_rows = name == "rows";
        return to.identities((value, of.span), *place, is_rows);
    }
    let dimension = to.scope.dimension();
    let sizes = to.indices.evaluate(to.source, dimension, size)?;
    let n = match sizes[..] {
        [n] if n >= 1.0 && n.fract() == 0.0 => n,
        _ => {
            let text = to.source.slice(size.span);
            let message = format!("`{text}` is not a number of rows");
            return Err(to.error(size.span, message).help("write eye(n)"));
        }
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number from 1; larger than any usize it saturates"
    )]
    let n = n as usize;
    to.expect_size(n, size.span)?;
    Ok(TypedNode::number(
        to.graph.matrix(Matrix::Identity(n), Vec::new()),
    ))
}

/// `topk(v, k)`, whose k has to be known.
pub fn largest(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    let (vector, wanted_count) = (&call.arguments[0], &call.arguments[1]);
    let value = to.expr(vector)?;
    to.expect_vector(value, vector.span)?;
    let len = to.graph.extent(value.id).len();
    let wanted = to.known_number(wanted_count)?;
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let fits = wanted.fract() == 0.0 && wanted >= 1.0 && wanted <= len as f64;
    if !fits {
        let text = to.source.slice(vector.span);
        let message = format!("`{text}` has {}", count(len, "element"));
        let error = to.error(wanted_count.span, message);
        return Err(error.help(format!("k is a whole number from 1 to {len}")));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number up to a length"
    )]
    let f = Matrix::Largest(len, wanted as usize);
    Ok(TypedNode::number(to.graph.matrix(f, vec![value.id])))
}

/// `quantile(v, q)`, whose q has to be known.
pub fn quantile(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    let share = &call.arguments[1];
    let wanted = to.known_number(share)?;
    if !(0.0..=1.0).contains(&wanted) {
        let error = to.error(share.span, format!("{wanted} is not a quantile"));
        return Err(error.help("q lies from 0 (the smallest) to 1 (the largest)"));
    }
    quantile_at(to, &call.arguments[0], wanted)
}

/// `median(v)`
pub fn median(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    quantile_at(to, &call.arguments[0], 0.5)
}

fn quantile_at(to: &mut Lowering<'_>, vector: &Expr, share: f64) -> Result<TypedNode> {
    let value = to.expr(vector)?;
    to.expect_vector(value, vector.span)?;
    let len = to.graph.extent(value.id).len();
    let f = Matrix::Quantile(len, share.to_bits());
    let one = to.graph.matrix(f, vec![value.id]);
    Ok(TypedNode::number(to.graph.element(one, 0)))
}

/// `argmax(v)`
pub fn index_of_largest(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    let len = to.graph.extent(v.id).len();
    let one = to.graph.matrix(Matrix::PlaceOfLargest(len), vec![v.id]);
    Ok(TypedNode::number(to.graph.element(one, 0)))
}

/// `argmin(v)`
pub fn index_of_smallest(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let v = call.values[0];
    let values = [TypedNode {
        id: to.graph.unary(Unary::Negate, v.id),
        ..v
    }];
    let negated = Call {
        values: &values,
        ..*call
    };
    index_of_largest(to, &negated)
}

fn matrix(to: &Lowering<'_>, call: &Call<'_>, extent: Extent) -> Result<(usize, usize)> {
    match extent {
        Extent::Matrix(rows, columns) => Ok((rows, columns)),
        other => Err(to.not_a("matrix", other, call.place(0))),
    }
}

/// The number of rows of a square matrix.
fn square(to: &Lowering<'_>, call: &Call<'_>, extent: Extent) -> Result<usize> {
    let (rows, columns) = matrix(to, call, extent)?;
    to.expect_square(rows, columns, call.place(0))
}

/// The same of one that is decomposed.
fn decomposed(to: &Lowering<'_>, call: &Call<'_>, extent: Extent) -> Result<usize> {
    let n = square(to, call, extent)?;
    to.expect_size(n, call.place(0))?;
    Ok(n)
}

/// The operation `f` on the arguments of a call: one for each tensor where they are matrices by tensor.
fn on_each(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    f: impl Fn(&Lowering<'_>, &[Extent]) -> Result<Matrix>,
) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let operands = call.values.iter().enumerate();
    let operands: Vec<_> = operands.map(|(at, it)| (*it, call.place(at))).collect();
    to.on_matrices(&operands, f)
}

fn built(to: &mut Lowering<'_>, call: &Call<'_>, f: Matrix) -> TypedNode {
    let ids = call.values.iter().map(|value| value.id).collect();
    TypedNode::number(to.graph.matrix(f, ids))
}
