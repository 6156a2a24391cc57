//! Functions of numbers and vectors, each built of operations of the graph.

use super::{Call, Lowering, TypedNode};
use crate::{
    error::Result,
    lang::graph::{Binary, Id, Reduce, Unary},
};

/// `clamp(a, lo, hi)`
pub fn clamp(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let above = to.binary(Binary::Max, call.values[0], call.values[1], call.span)?;
    to.binary(Binary::Min, above, call.values[2], call.span)
}

/// `mod(a, b)`
pub fn modulo(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let (a, b) = (call.values[0], call.values[1]);
    let ratio = to.binary(Binary::Divide, a, b, call.span)?;
    let whole = TypedNode {
        id: to.graph.unary(Unary::Floor, ratio.id),
        ..ratio
    };
    let steps = to.binary(Binary::Multiply, b, whole, call.span)?;
    to.binary(Binary::Subtract, a, steps, call.span)
}

/// `where(cond, a, b)`
pub fn select(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    let (cond, a, b) = (call.values[0], call.values[1], call.values[2]);
    to.expect_truth(cond, true, call.place(0))?;
    to.expect_truth(b, a.truth, call.place(2))?;
    let lifted =
        to.fit(a, b, call.span)? | to.fit(cond, a, call.span)? | to.fit(cond, b, call.span)?;
    Ok(TypedNode {
        id: to.graph.select(cond.id, a.id, b.id),
        truth: a.truth,
        lifted,
    })
}

/// `min(a, b)`, `min(v)`
pub fn minimum(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    extremum(to, call, Binary::Min, Reduce::Min)
}

/// `max(a, b)`, `max(v)`
pub fn maximum(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    extremum(to, call, Binary::Max, Reduce::Max)
}

fn extremum(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    pair: Binary,
    all: Reduce,
) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    match call.values {
        [a, b] => to.binary(pair, *a, *b, call.span),
        _ => reduction(to, call, |to, v| to.graph.reduce(all, v)),
    }
}

/// `sum(v)`, `sum(i, a, b, body)`
pub fn sum(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    let [vector] = call.arguments else {
        return to.sum_over(call.arguments);
    };
    let values = [to.expr(vector)?];
    let call = Call {
        values: &values,
        ..*call
    };
    to.expect_numbers(&call)?;
    reduction(to, &call, |to, v| to.graph.reduce(Reduce::Sum, v))
}

/// `mean(v)`
pub fn mean(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    reduction(to, call, |to, v| {
        #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
        let len = to.graph.extent(v).len() as f64;
        let (sum, len) = (to.graph.reduce(Reduce::Sum, v), to.graph.constant(len));
        to.graph.binary(Binary::Divide, sum, len)
    })
}

/// `dot(u, v)`
pub fn dot(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let (u, v) = (call.values[0], call.values[1]);
    to.expect_vector(u, call.place(0))?;
    to.expect_vector(v, call.place(1))?;
    let product = to.binary(Binary::Multiply, u, v, call.span)?;
    Ok(TypedNode::number(to.graph.reduce(Reduce::Sum, product.id)))
}

/// `norm(v)`
pub fn norm(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    reduction(to, call, |to, v| {
        let square = to.graph.unary(Unary::WholePower(2), v);
        let sum = to.graph.reduce(Reduce::Sum, square);
        to.graph.unary(Unary::Sqrt, sum)
    })
}

/// `norm_inf(v)`
pub fn norm_inf(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    reduction(to, call, |to, v| {
        let sizes = to.graph.unary(Unary::Abs, v);
        to.graph.reduce(Reduce::Max, sizes)
    })
}

/// `count_nonfinite(v)`
pub fn count_nonfinite(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let each = to.graph.unary(Unary::Nonfinite, call.values[0].id);
    Ok(TypedNode::number(to.graph.reduce(Reduce::Sum, each)))
}

/// `all(cond)`
pub fn all(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_truth(call.values[0], true, call.place(0))?;
    reduction(to, call, |to, v| to.graph.reduce(Reduce::Min, v))
}

/// `any(cond)`
pub fn any(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_truth(call.values[0], true, call.place(0))?;
    reduction(to, call, |to, v| to.graph.reduce(Reduce::Max, v))
}

/// `prev(a)`
pub fn previous(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.depth += 1;
    let value = to.expr(&call.arguments[0]);
    to.depth -= 1;
    value
}

/// A number, or a truth value, made of all elements of a vector.
fn reduction(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    build: impl FnOnce(&mut Lowering<'_>, Id) -> Id,
) -> Result<TypedNode> {
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    Ok(TypedNode {
        truth: v.truth,
        ..TypedNode::number(build(to, v.id))
    })
}
