//! Functions of numbers and vectors, each built of operations of the graph.

use super::{Call, Lowering, TypedNode, reduction};
use crate::{
    error::Result,
    lang::{
        graph::{Binary, Unary},
        random::Distribution,
    },
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
    if let Some(extent) = to.chosen_by_shape([cond, a, b], call.span)? {
        return Ok(TypedNode {
            id: to.graph.select_as(cond.id, a.id, b.id, extent),
            ..a
        });
    }
    let mut all = [cond, a, b];
    to.repeat_alike(&mut all);
    let [cond, a, b] = all;
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
    extremum(to, call, Binary::Min, reduction::least)
}

/// `max(a, b)`, `max(v)`
pub fn maximum(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    extremum(to, call, Binary::Max, reduction::greatest)
}

fn extremum(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    pair: Binary,
    all: impl FnOnce(&mut Lowering<'_>, &Call<'_>) -> Result<TypedNode>,
) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    match call.values {
        [a, b] => to.binary(pair, *a, *b, call.span),
        _ => all(to, call),
    }
}

/// `ring(m, v)`
pub fn ring(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.ring(call)
}

/// `push(R, v)`
pub fn push(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.push(call)
}

/// `past(R, k)`
pub fn past(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.past(call)
}

/// `reshape(v, rows, columns)`, `reshape(v, like)`
pub fn reshape(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.reshape(call)
}

/// `uniform(seed, v)`
pub fn uniform(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.random(Distribution::Uniform, call)
}

/// `normal(seed, v)`
pub fn normal(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.random(Distribution::Normal, call)
}

/// `prev(a)`
pub fn previous(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.depth += 1;
    let value = to.expr(&call.arguments[0]);
    to.depth -= 1;
    value
}
