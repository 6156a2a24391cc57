//! Functions of all elements of a vector: over the whole of it, or, in the lines of a rule that is written for each
//! tensor, over the elements of each tensor for themselves.

use super::{
    Call, Lowering, TypedNode,
    tensor_matrices::{TensorMatrices, offsets},
};
use crate::{
    error::Result,
    lang::graph::{Binary, Extent, Id, Reduce, Unary},
};

/// The elements that are reduced to one number.
enum Over {
    /// All of so many.
    All(usize),
    /// Those between two of these offsets, for each tensor.
    Tensors(Vec<u32>),
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
    reduction(to, &call, |to, v, over| to.reduce(Reduce::Sum, v, over))
}

/// `mean(v)`
pub fn mean(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    reduction(to, call, mean_of)
}

/// `dot(u, v)`
pub fn dot(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let (u, v) = (call.values[0], call.values[1]);
    to.expect_vector(u, call.place(0))?;
    to.expect_vector(v, call.place(1))?;
    let product = to.binary(Binary::Multiply, u, v, call.span)?;
    let over = to.over(product.id);
    let sum = to.reduce(Reduce::Sum, product.id, &over);
    Ok(TypedNode::number(to.spread(
        sum,
        &over,
        to.graph.extent(product.id),
    )))
}

/// `norm(v)`
pub fn norm(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    reduction(to, call, root_of_squares)
}

/// `norm_by_tensor(v)`
pub fn norm_by_tensor(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    let mut over = to.over(v.id);
    if let Over::All(n) = over {
        let mut ends = vec![0];
        for shape in to.scope.all_tensors() {
            ends.push(ends[ends.len() - 1] + short(volume(&shape)));
        }
        if ends.len() > 2 && ends.last() == Some(&short(n)) {
            over = Over::Tensors(ends);
        }
    }
    let norm = root_of_squares(to, v.id, &over);
    let extent = to.graph.extent(v.id);
    Ok(TypedNode::number(to.spread(norm, &over, extent)))
}

/// `norm_of_all(v)`
pub fn norm_of_all(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    let over = Over::All(to.graph.extent(v.id).len());
    Ok(TypedNode::number(root_of_squares(to, v.id, &over)))
}

fn root_of_squares(to: &mut Lowering<'_>, v: Id, over: &Over) -> Id {
    let square = to.graph.unary(Unary::WholePower(2), v);
    let sum = to.reduce(Reduce::Sum, square, over);
    to.graph.unary(Unary::Sqrt, sum)
}

/// `norm_inf(v)`
pub fn norm_inf(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    reduction(to, call, |to, v, over| {
        let sizes = to.graph.unary(Unary::Abs, v);
        to.reduce(Reduce::Max, sizes, over)
    })
}

/// `min(v)`
pub fn least(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    reduction(to, call, |to, v, over| to.reduce(Reduce::Min, v, over))
}

/// `max(v)`
pub fn greatest(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    reduction(to, call, |to, v, over| to.reduce(Reduce::Max, v, over))
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
    least(to, call)
}

/// `any(cond)`
pub fn any(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    to.expect_truth(call.values[0], true, call.place(0))?;
    greatest(to, call)
}

/// `row_mean(v)`
pub fn row_mean(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    axis_mean(to, call, |shape| (last(shape), 1))
}

/// `column_mean(v)`
pub fn column_mean(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    axis_mean(to, call, |shape| match shape {
        [.., rows, columns] => (*rows, *columns),
        _ => (1, 1),
    })
}

/// `rows(v)`
pub fn rows(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    of_shape(to, call, |shape| match shape {
        [.., rows, _] => *rows,
        _ => 1,
    })
}

/// `columns(v)`
pub fn columns(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    of_shape(to, call, last)
}

/// `size(v)`
pub fn size(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    of_shape(to, call, volume)
}

/// `axis(v, k)`, whose k has to be known.
pub fn axis(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    let which = to.known_number(&call.arguments[1])?;
    let axes = (1_u32..=64).zip(0_usize..);
    let Some((_, at)) = axes.into_iter().find(|it| f64::from(it.0) == which) else {
        let message = format!("{which} is no axis");
        let error = to.error(call.place(1), message);
        return Err(error.help("axes are counted from 1, the first, which is the outermost"));
    };
    let values = [to.expr(&call.arguments[0])?];
    let call = Call {
        values: &values,
        ..*call
    };
    of_shape(to, &call, |shape| shape.get(at).copied().unwrap_or(1))
}

/// `ndim(v)`
pub fn ndim(to: &mut Lowering<'_>, call: &Call<'_>) -> Result<TypedNode> {
    of_shape(to, call, <[usize]>::len)
}

/// A number that the shape of a vector has, or for each tensor the number of its shape.
fn of_shape(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    number: impl Fn(&[usize]) -> usize,
) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    let shapes = to.shapes(v.id);
    let numbers: Vec<u32> = shapes.iter().map(|shape| short(number(shape))).collect();
    let over = to.over(v.id);
    let each = match &over {
        Over::All(_) => to.graph.constant(f64::from(numbers[0])),
        Over::Tensors(_) => to.graph.numbers(&numbers),
    };
    Ok(TypedNode::number(to.spread(
        each,
        &over,
        to.graph.extent(v.id),
    )))
}

fn last(shape: &[usize]) -> usize {
    shape.last().copied().unwrap_or(1)
}

/// The mean over one axis of each tensor, repeated along it; `axis` says how long it is, and how far apart its elements.
fn axis_mean(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    axis: impl Fn(&[usize]) -> (usize, usize),
) -> Result<TypedNode> {
    to.expect_numbers(call)?;
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    let (extent, shapes) = (to.graph.extent(v.id), to.shapes(v.id));
    let n = extent.len();
    // The elements of a run one after the other, and where each element of `v` is among them.
    let (mut order, mut offsets) = (Vec::with_capacity(n), vec![0]);
    for shape in &shapes {
        let (len, stride) = axis(shape);
        let (base, step) = (order.len(), len * stride);
        for run in 0..volume(shape) / len.max(1) {
            let first = base + run / stride * step + run % stride;
            order.extend((0..len).map(|k| short(first + k * stride)));
            offsets.push(short(order.len()));
        }
    }
    let mut run_of = vec![0; n];
    for (run, bounds) in (0u32..).zip(offsets.windows(2)) {
        for at in &order[bounds[0] as usize..bounds[1] as usize] {
            run_of[*at as usize] = run;
        }
    }
    let is_in_order = order.is_sorted();
    let sorted = if is_in_order {
        v.id
    } else {
        to.graph.gather(v.id, &order)
    };
    let over = Over::Tensors(offsets);
    let means = mean_of(to, sorted, &over);
    Ok(TypedNode::number(
        to.graph.gather_as(means, &run_of, extent),
    ))
}

fn volume(shape: &[usize]) -> usize {
    shape.iter().product()
}

fn short(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// A number, or a truth value, made of all elements of a vector; for each tensor, the number that is made of its own.
fn reduction(
    to: &mut Lowering<'_>,
    call: &Call<'_>,
    build: impl FnOnce(&mut Lowering<'_>, Id, &Over) -> Id,
) -> Result<TypedNode> {
    let v = call.values[0];
    to.expect_vector(v, call.place(0))?;
    let over = to.over(v.id);
    let reduced = build(to, v.id, &over);
    Ok(TypedNode {
        truth: v.truth,
        ..TypedNode::number(to.spread(reduced, &over, to.graph.extent(v.id)))
    })
}

fn mean_of(to: &mut Lowering<'_>, v: Id, over: &Over) -> Id {
    let sum = to.reduce(Reduce::Sum, v, over);
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let len = match over {
        Over::All(len) => to.graph.constant(*len as f64),
        Over::Tensors(offsets) => {
            let lengths: Vec<u32> = offsets.windows(2).map(|it| it[1] - it[0]).collect();
            to.graph.numbers(&lengths)
        }
    };
    to.graph.binary(Binary::Divide, sum, len)
}

impl Lowering<'_> {
    /// The shapes of the tensors that `v` consists of: a vector without any is one.
    fn shapes(&self, v: Id) -> Vec<Vec<usize>> {
        if let Extent::Matrices(..) = self.graph.extent(v)
            && let Some(matrices) = self.by_tensor(TypedNode::number(v))
        {
            let shape = |it: &TensorMatrices| match it.count {
                1 => vec![it.rows, it.columns],
                count => vec![count, it.rows, it.columns],
            };
            return matrices.iter().map(shape).collect();
        }
        let (n, shapes) = (self.graph.extent(v).len(), self.scope.tensors());
        let is_all = shapes.iter().map(|it| volume(it)).sum::<usize>() == n;
        if is_all { shapes } else { vec![vec![n]] }
    }

    fn over(&self, v: Id) -> Over {
        let n = self.graph.extent(v).len();
        let by_tensor = self.by_tensor(TypedNode::number(v));
        let offsets = offsets(&by_tensor.unwrap_or_default());
        match offsets.last() {
            Some(end) if offsets.len() > 2 && *end as usize == n => Over::Tensors(offsets),
            _ => Over::All(n),
        }
    }

    fn reduce(&mut self, f: Reduce, v: Id, over: &Over) -> Id {
        match over {
            Over::All(_) => self.graph.reduce(f, v),
            Over::Tensors(offsets) => self.graph.reduce_segments(f, v, offsets),
        }
    }

    /// The number that was made of each tensor, for all of its elements.
    fn spread(&mut self, reduced: Id, over: &Over, extent: Extent) -> Id {
        match over {
            Over::All(_) => reduced,
            Over::Tensors(offsets) => self.graph.spread_segments(reduced, offsets, extent),
        }
    }
}
