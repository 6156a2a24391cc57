//! The table of functions: what may stand before a `(`. The smooth ones have theirs in [`smooth`](super::smooth).

use super::{
    graph::{LossQuery, Unary},
    lower::{Call, Lowering, TypedNode, functions, matrix_functions, reduction},
    single::ShortFormat,
    smooth::SMOOTH,
};
use crate::error::Result;
use CallContext::{Anywhere, Rule, Watch};
use std::sync::LazyLock;

/// Builds the value of a call in the graph.
pub(crate) type Build = fn(&mut Lowering<'_>, &Call<'_>) -> Result<TypedNode>;

/// The meaning of a function.
#[derive(Debug, Clone, Copy)]
pub(crate) enum FunctionKind {
    /// One operation on each element.
    Map(Unary),
    /// Built of operations on each element of its arguments.
    ByElement(Build),
    /// By element where it has two arguments, a reduction where it has one.
    Extremum(Build),
    /// Built of whole arguments.
    Whole(Build),
    /// Built of arguments of which some are not values: indices, or known before the run.
    Form(Build),
    /// An answer of the loss.
    Oracle(LossQuery),
    /// A function of the history, which watches give its meaning.
    History(HistoryFunction),
}

/// A function of the whole history of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HistoryFunction {
    /// True where a condition has held for some iterations in a row.
    Settled,
    /// The first t at which a condition held.
    First,
    /// The last t at which a value changed.
    LastChange,
    /// The mean over the last boundaries.
    MeanOver,
    /// The standard deviation over the last boundaries.
    StdOver,
    /// A quantile over the last boundaries.
    QuantileOver,
}

impl Function {
    /// True if the function, with this many arguments, works element by element.
    #[must_use]
    pub fn is_by_element(&self, arguments: usize) -> bool {
        match self.kind {
            FunctionKind::Map(_) | FunctionKind::ByElement(_) => true,
            FunctionKind::Extremum(_) => arguments > 1,
            _ => false,
        }
    }

    /// True if its argument `at` (from 0) is a matrix: those have capitals.
    #[must_use]
    pub fn takes_matrix(&self, at: usize) -> bool {
        let arguments = self.signature.split(['(', ',', ')']).skip(1);
        let letter = arguments.map(str::trim).nth(at);
        letter.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_uppercase()))
    }
}

/// The texts in which a function may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallContext {
    /// In every text of the language.
    Anywhere,
    /// In the lines of a rule.
    Rule,
    /// In conditions and watches.
    Watch,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// The name.
    pub name: &'static str,
    /// The call, with names for its arguments.
    pub signature: &'static str,
    /// The least and the greatest number of arguments.
    pub arity: (usize, usize),
    /// The meaning.
    pub(crate) kind: FunctionKind,
    /// The texts in which it may be called.
    pub place: CallContext,
    /// One line for `help`.
    pub doc: &'static str,
}

const fn row(
    name: &'static str,
    signature: &'static str,
    arity: (usize, usize),
    kind: FunctionKind,
    place: CallContext,
    doc: &'static str,
) -> Function {
    Function {
        name,
        signature,
        arity,
        kind,
        place,
        doc,
    }
}

/// Every function but the smooth ones.
#[rustfmt::skip]
const OTHERS: &[Function] = &[
    row("sqrt", "sqrt(a)", (1, 1), FunctionKind::Map(Unary::Sqrt), Anywhere, "square root"),
    row("abs", "abs(a)", (1, 1), FunctionKind::Map(Unary::Abs), Anywhere, "absolute value"),
    row("sign", "sign(a)", (1, 1), FunctionKind::Map(Unary::Sign), Anywhere, "-1, 0 or 1"),
    row("floor", "floor(a)", (1, 1), FunctionKind::Map(Unary::Floor), Anywhere, "the largest whole number not above a"),
    row("f32", "f32(a)", (1, 1), FunctionKind::Map(Unary::Round(ShortFormat::Single)), Anywhere, "the nearest 32-bit float; its derivative is taken for 1"),
    row("bf16", "bf16(a)", (1, 1), FunctionKind::Map(Unary::Round(ShortFormat::Brain)), Anywhere, "the nearest bfloat16, by way of 32 bits; its derivative is taken for 1"),
    row("f16", "f16(a)", (1, 1), FunctionKind::Map(Unary::Round(ShortFormat::Half)), Anywhere, "the nearest 16-bit float, by way of 32 bits; its derivative is taken for 1"),
    row("mod", "mod(a, b)", (2, 2), FunctionKind::ByElement(functions::modulo), Anywhere, "a - b*floor(a/b): the remainder of a, with the sign of b"),
    row("min", "min(a, b) or min(v)", (1, 2), FunctionKind::Extremum(functions::minimum), Anywhere, "the smaller of each pair, or the smallest element of v"),
    row("max", "max(a, b) or max(v)", (1, 2), FunctionKind::Extremum(functions::maximum), Anywhere, "the larger of each pair, or the largest element of v"),
    row("clamp", "clamp(a, lo, hi)", (3, 3), FunctionKind::ByElement(functions::clamp), Anywhere, "a, limited to the range lo to hi"),
    row("where", "where(cond, a, b)", (3, 3), FunctionKind::ByElement(functions::select), Anywhere, "a where cond holds, else b"),
    row("sum", "sum(v) or sum(i, a, b, body)", (1, 4), FunctionKind::Form(reduction::sum), Anywhere,
        "sum of the elements of v, or of body for i = a..b"),
    row("mean", "mean(v)", (1, 1), FunctionKind::Whole(reduction::mean), Anywhere, "mean of the elements"),
    row("dot", "dot(u, v)", (2, 2), FunctionKind::Whole(reduction::dot), Anywhere, "inner product"),
    row("norm", "norm(v)", (1, 1), FunctionKind::Whole(reduction::norm), Anywhere, "Euclidean norm"),
    row("norm_by_tensor", "norm_by_tensor(v)", (1, 1), FunctionKind::Whole(reduction::norm_by_tensor), Rule,
        "Euclidean norm of each tensor, for all of its elements, also where lines are not written for each tensor"),
    row("norm_of_all", "norm_of_all(v)", (1, 1), FunctionKind::Whole(reduction::norm_of_all), Rule,
        "Euclidean norm of all tensors together, also where lines are written for each tensor"),
    row("norm_inf", "norm_inf(v)", (1, 1), FunctionKind::Whole(reduction::norm_inf), Anywhere, "largest absolute element"),
    row("row_mean", "row_mean(v)", (1, 1), FunctionKind::Whole(reduction::row_mean), Anywhere,
        "mean over the last axis of each tensor, repeated along it; a vector without shapes is one row"),
    row("column_mean", "column_mean(v)", (1, 1), FunctionKind::Whole(reduction::column_mean), Anywhere,
        "mean over the axis before the last of each tensor, repeated along it; v itself where there is none"),
    row("rows", "rows(v)", (1, 1), FunctionKind::Whole(reduction::rows), Anywhere,
        "length of the axis before the last of each tensor; 1 where there is none"),
    row("columns", "columns(v)", (1, 1), FunctionKind::Whole(reduction::columns), Anywhere, "length of the last axis of each tensor"),
    row("axis", "axis(v, k)", (2, 2), FunctionKind::Form(reduction::axis), Anywhere,
        "length of axis k of each tensor, counted from 1; 1 where there is none"),
    row("size", "size(v)", (1, 1), FunctionKind::Whole(reduction::size), Anywhere, "number of elements of each tensor"),
    row("ndim", "ndim(v)", (1, 1), FunctionKind::Whole(reduction::ndim), Anywhere, "number of axes of each tensor; a vector without shapes has one"),
    row("all", "all(cond)", (1, 1), FunctionKind::Whole(reduction::all), Anywhere, "true if cond holds for every element"),
    row("any", "any(cond)", (1, 1), FunctionKind::Whole(reduction::any), Anywhere, "true if cond holds for some element"),
    row("grad", "grad(v)", (1, 1), FunctionKind::Oracle(LossQuery::Gradient), Rule, "gradient of the loss at v; in conditions and watches at w"),
    row("loss", "loss(v)", (1, 1), FunctionKind::Oracle(LossQuery::Value), Rule, "the loss at v; in conditions and watches at w"),
    row("hvp", "hvp(v, d)", (2, 2), FunctionKind::Oracle(LossQuery::HessianProduct), Rule, "Hessian of the loss at v, times d"),
    row("hess", "hess(v)", (1, 1), FunctionKind::Oracle(LossQuery::Hessian), Rule, "Hessian of the loss at v, a matrix; in conditions and watches at w"),
    row("transpose", "transpose(A)", (1, 1), FunctionKind::Whole(matrix_functions::transpose), Anywhere, "rows of A as columns"),
    row("outer", "outer(u, v)", (2, 2), FunctionKind::Whole(matrix_functions::outer), Anywhere, "the matrix of all products u[i]*v[j]"),
    row("solve", "solve(A, b)", (2, 2), FunctionKind::Whole(matrix_functions::solve), Anywhere, "x (a vector or matrix like b) such that A @ x = b"),
    row("eigvecs", "eigvecs(A)", (1, 1), FunctionKind::Whole(matrix_functions::eigenvectors), Anywhere,
        "eigenvectors of A as columns, eigenvalues ascending; NaN unless A is symmetric"),
    row("eigvals", "eigvals(A)", (1, 1), FunctionKind::Whole(matrix_functions::eigenvalues), Anywhere,
        "eigenvalues of A, ascending; NaN unless A is symmetric"),
    row("inv_sqrt", "inv_sqrt(A)", (1, 1), FunctionKind::Whole(matrix_functions::inverse_root), Anywhere,
        "A^(-1/2), eigenvalues raised to 1e-12 of the largest; NaN unless A is symmetric, >= 0"),
    row("qr", "qr(A)", (1, 1), FunctionKind::Whole(matrix_functions::orthonormal), Anywhere,
        "Q of A = Q @ R: orthonormal columns, with the signs that LAPACK gives them"),
    row("descending", "descending(A)", (1, 1), FunctionKind::Whole(matrix_functions::descending), Anywhere,
        "the permutation matrix P for which the diagonal of transpose(P) @ A @ P descends; its derivative is taken for 0"),
    row("eye", "eye(n)", (1, 1), FunctionKind::Form(matrix_functions::identity), Anywhere,
        "the matrix with 1 on its diagonal; eye(rows(v)), eye(columns(v)): one for each tensor"),
    row("diag", "diag(a)", (1, 1), FunctionKind::Whole(matrix_functions::diagonal), Anywhere,
        "the matrix with vector a on its diagonal, or the diagonal of matrix a"),
    row("reshape", "reshape(v, rows, columns), reshape(v, n) or reshape(v, like)", (2, 3), FunctionKind::Form(functions::reshape), Anywhere,
        "the elements of v, row by row, as a matrix, as a vector of n, or in the shape of another value"),
    row("ring", "ring(m, v)", (2, 2), FunctionKind::Form(functions::ring), Anywhere,
        "m past values, the newest first, all v: a row each, or for numbers a vector; what a state begins with"),
    row("push", "push(R, v)", (2, 2), FunctionKind::Whole(functions::push), Anywhere, "the ring R with v as its newest value, without its oldest"),
    row("past", "past(R, k)", (2, 2), FunctionKind::Whole(functions::past), Anywhere, "the k-th newest value of the ring R, from 1; NaN where R has none"),
    row("uniform", "uniform(seed, v)", (2, 2), FunctionKind::Whole(functions::uniform), Rule,
        "for each element of v a random number between 0 and 1, by seed, t, line and element: the same in every replay"),
    row("normal", "normal(seed, v)", (2, 2), FunctionKind::Whole(functions::normal), Rule,
        "the same, of the normal distribution with mean 0 and variance 1"),
    row("prev", "prev(a)", (1, 1), FunctionKind::Form(functions::previous), Watch, "the value of a one iteration ago"),
    row("settled", "settled(cond, k)", (2, 2), FunctionKind::History(HistoryFunction::Settled), Watch, "true if cond has held for k iterations in a row"),
    row("first", "first(cond)", (1, 1), FunctionKind::History(HistoryFunction::First), Watch, "the first t up to here at which cond holds; NaN: none"),
    row("mean_over", "mean_over(a, k)", (2, 2), FunctionKind::History(HistoryFunction::MeanOver), Watch, "mean of the number a over the last k boundaries"),
    row("std_over", "std_over(a, k)", (2, 2), FunctionKind::History(HistoryFunction::StdOver), Watch,
        "standard deviation (divisor k - 1) of the number a over the last k boundaries"),
    row("quantile_over", "quantile_over(a, q, k)", (3, 3), FunctionKind::History(HistoryFunction::QuantileOver), Watch,
        "the q-quantile (q from 0 to 1) of the number a over the last k boundaries"),
    row("topk", "topk(v, k)", (2, 2), FunctionKind::Form(matrix_functions::largest), Watch, "the k largest elements, the largest first; NaN counts as largest"),
    row("argmax", "argmax(v)", (1, 1), FunctionKind::Whole(matrix_functions::index_of_largest), Watch, "the index, from 1, of the largest element (the first of equals)"),
    row("argmin", "argmin(v)", (1, 1), FunctionKind::Whole(matrix_functions::index_of_smallest), Watch, "the index, from 1, of the smallest element (the first of equals)"),
    row("quantile", "quantile(v, q)", (2, 2), FunctionKind::Form(matrix_functions::quantile), Watch,
        "the q-quantile of the elements (q from 0 to 1), interpolated between the two nearest"),
    row("median", "median(v)", (1, 1), FunctionKind::Form(matrix_functions::median), Watch, "the number that half of the elements lie below: quantile(v, 0.5)"),
    row("count_nonfinite", "count_nonfinite(v)", (1, 1), FunctionKind::Whole(reduction::count_nonfinite), Watch, "the number of elements that are NaN or infinite, besides those that were not recorded"),
    row("last_change", "last_change(a)", (1, 1), FunctionKind::History(HistoryFunction::LastChange), Watch, "the last t up to here at which a changed; NaN: none"),
];

/// Every function: those of single elements first.
static FUNCTIONS: LazyLock<Vec<Function>> = LazyLock::new(|| {
    let smooth = SMOOTH.iter().map(|it| {
        let kind = FunctionKind::Map(Unary::Smooth(it));
        row(it.name, it.signature, (1, 1), kind, Anywhere, it.doc)
    });
    let (by_element, others): (Vec<Function>, Vec<Function>) = OTHERS
        .iter()
        .partition(|row| row.is_by_element(row.arity.1));
    by_element.into_iter().chain(smooth).chain(others).collect()
});

/// Every function of the language: those of single elements first.
pub fn all() -> impl Iterator<Item = &'static Function> + Clone {
    FUNCTIONS.iter()
}

/// The row of `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    all().find(|row| row.name == name)
}
