//! Tensors by name: `fc.weight[2,1]`, `exp_avg["fc.weight"]`, as parts of the vectors that they lie in.

use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{
        function,
        indices::Indices,
        syntax::{Expr, ExprKind, Infix},
    },
    rule::Tensor,
};
use std::{ops::Range, sync::Arc};

/// Writes the tensors that `expr` names as slices and elements of the vectors that have them; `dimension` is their length.
///
/// `is_known` tells the names that mean something by themselves.
pub(super) fn resolve(
    mut expr: Expr,
    (tensors, dimension): (&[Tensor], usize),
    is_known: &dyn Fn(&str) -> bool,
    source: &Arc<Source>,
) -> Result<Expr> {
    if tensors.is_empty() {
        return Ok(expr);
    }
    let mut resolver = TensorNames {
        tensors,
        dimension,
        is_known,
        source,
        indices: Indices::default(),
    };
    resolver.rewrite(&mut expr)?;
    Ok(expr)
}

/// A tensor of a vector, or an element of it.
pub(in crate::debugger) struct NamedPart {
    /// The vector, with its lane before it where one is named.
    pub vector: String,
    /// The places in it, from 0.
    pub range: Range<usize>,
}

/// The part of a vector that `expr` names by its tensor, as `fc.weight[2,1]` does; the rest is as for [`resolve`].
pub(super) fn named(
    expr: &Expr,
    (tensors, dimension): (&[Tensor], usize),
    is_known: &dyn Fn(&str) -> bool,
    source: &Arc<Source>,
) -> Result<Option<NamedPart>> {
    let resolver = TensorNames {
        tensors,
        dimension,
        is_known,
        source,
        indices: Indices::default(),
    };
    let (whole, places): (_, Vec<&Expr>) = match &expr.kind {
        ExprKind::Index(whole, at) => (&**whole, vec![&**at]),
        ExprKind::Entry(whole, row, column) => (&**whole, vec![&**row, &**column]),
        _ => (expr, Vec::new()),
    };
    let Some((vector, tensor)) = resolver.part(whole)? else {
        return Ok(None);
    };
    let ExprKind::Name(vector) = vector.kind else {
        return Ok(None);
    };
    let start = tensor.range.start;
    let shape = match places.len() {
        2 if tensor.shape.len() != 2 => return Err(resolver.no_matrix(tensor, expr.span)),
        2 => tensor.shape.clone(),
        _ => vec![tensor.range.len()],
    };
    let range = match places.as_slice() {
        [] => tensor.range.clone(),
        places => {
            let at = start + resolver.place(tensor, &shape, places)?;
            at..at + 1
        }
    };
    Ok(Some(NamedPart { vector, range }))
}

struct TensorNames<'a> {
    tensors: &'a [Tensor],
    dimension: usize,
    is_known: &'a dyn Fn(&str) -> bool,
    source: &'a Arc<Source>,
    /// Those of the sums that stand around.
    indices: Indices,
}

impl<'a> TensorNames<'a> {
    fn rewrite(&mut self, expr: &mut Expr) -> Result<()> {
        let span = expr.span;
        match &mut expr.kind {
            ExprKind::Number(_) | ExprKind::Truth(_) => {}
            ExprKind::Name(_) | ExprKind::Part(..) => {
                if let Some((vector, tensor)) = self.part(expr)? {
                    expr.kind = whole(vector, tensor, span);
                }
            }
            ExprKind::Index(vector, at) => {
                if let Some((whole, tensor)) = self.part(vector)? {
                    let shape = [tensor.range.len()];
                    expr.kind = self.element(whole, tensor, &shape, &[at], span)?;
                } else {
                    self.rewrite(vector)?;
                }
            }
            ExprKind::Entry(matrix, row, column) => {
                if let Some((whole, tensor)) = self.part(matrix)? {
                    let shape = &tensor.shape;
                    if shape.len() != 2 {
                        return Err(self.no_matrix(tensor, span));
                    }
                    expr.kind = self.element(whole, tensor, shape, &[row, column], span)?;
                } else {
                    self.rewrite(matrix)?;
                }
            }
            ExprKind::Slice(vector, first, last) => {
                for part in [vector, first, last] {
                    self.rewrite(part)?;
                }
            }
            ExprKind::Call(name, _, arguments) => {
                if name == "sum"
                    && let [index, from, to, body] = &mut arguments[..]
                    && let ExprKind::Name(index) = &index.kind
                {
                    return self.rewrite_sum(index, from, to, body);
                }
                // What has one number may be the norm of a tensor whose elements were not recorded.
                if name == "norm"
                    && let [argument] = &arguments[..]
                    && let Some((_, tensor)) = self.part(argument)?
                    && tensor.shape.is_empty()
                {
                    "abs".clone_into(name);
                }
                let function = function::find(name);
                for (at, argument) in arguments.iter_mut().enumerate() {
                    if function.is_some_and(|it| it.takes_matrix(at)) {
                        self.rewrite_to_matrix(argument)?;
                    }
                    self.rewrite(argument)?;
                }
            }
            ExprKind::Prefix(_, operand) => self.rewrite(operand)?,
            ExprKind::Chain(first, rest) => {
                if rest.iter().any(|it| it.0 == Infix::At) {
                    let operands = rest.iter_mut().map(|it| &mut it.1);
                    for operand in std::iter::once(&mut **first).chain(operands) {
                        self.rewrite_to_matrix(operand)?;
                    }
                }
                self.rewrite(first)?;
                for (_, operand) in rest {
                    self.rewrite(operand)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the tensor that `expr` names, where it is a matrix, as one: where products and functions of matrices want it.
    fn rewrite_to_matrix(&self, expr: &mut Expr) -> Result<()> {
        let span = expr.span;
        if let Some((vector, tensor)) = self.part(expr)?
            && let [rows, columns] = tensor.shape[..]
        {
            let kind = whole(vector, tensor, span);
            let arguments = vec![
                Expr { kind, span },
                number(rows, span),
                number(columns, span),
            ];
            expr.kind = ExprKind::Call("reshape".into(), span, arguments);
        }
        Ok(())
    }

    fn rewrite_sum(&mut self, index: &str, from: &Expr, to: &Expr, body: &mut Expr) -> Result<()> {
        let [from, to] = [from, to].map(|it| self.values(it));
        // What is wrong with its bounds is told where the sum is checked.
        let (Ok(from), Ok(to)) = (from, to) else {
            return Ok(());
        };
        if self.indices.enter(index, &from, &to).is_err() {
            return Ok(());
        }
        let body = self.rewrite(body);
        self.indices.leave();
        body
    }

    /// The value of an index: one number, or one for each term of the sums around.
    fn values(&self, index: &Expr) -> Result<Vec<f64>> {
        self.indices.evaluate(self.source, self.dimension, index)
    }

    /// The vector and its tensor that `expr` names, where it names one.
    fn part(&self, expr: &Expr) -> Result<Option<(Expr, &'a Tensor)>> {
        match &expr.kind {
            ExprKind::Part(vector, name) => {
                let tensors = self.tensors;
                let tensor = tensors.iter().find(|it| it.name == *name);
                let tensor = tensor.ok_or_else(|| {
                    let message = format!("there is no tensor `{name}`");
                    let error = Error::new(ErrorCode::UnknownName, self.source, expr.span, message);
                    error.suggest(name, "tensors", tensors.iter().map(|it| it.name.as_str()))
                })?;
                Ok(Some((Expr::clone(vector), tensor)))
            }
            ExprKind::Name(name) if self.indices.names().any(|it| it == *name) => Ok(None),
            ExprKind::Name(name) if !(self.is_known)(name) => {
                let named =
                    |tensor: &&Tensor| !tensor.name.is_empty() && name.ends_with(&tensor.name);
                let mut tensors = self.tensors.iter().filter(named);
                let found = tensors.find_map(|tensor| {
                    let before = &name[..name.len() - tensor.name.len()];
                    let base = match before.strip_suffix('.') {
                        None if before.is_empty() => "w".to_owned(),
                        None => return None,
                        Some(base) if (self.is_known)(base) => base.to_owned(),
                        Some(lane) => format!("{lane}.w"),
                    };
                    (self.is_known)(&base).then_some((base, tensor))
                });
                Ok(found.map(|(base, tensor)| {
                    let kind = ExprKind::Name(base);
                    (
                        Expr {
                            kind,
                            span: expr.span,
                        },
                        tensor,
                    )
                }))
            }
            _ => Ok(None),
        }
    }

    /// The element of `tensor` at places that count from 1 along `shape`.
    fn element(
        &self,
        vector: Expr,
        tensor: &Tensor,
        shape: &[usize],
        places: &[&Expr],
        span: Span,
    ) -> Result<ExprKind> {
        let at = self.place(tensor, shape, places)?;
        // Places count from 1 along each axis, and in the vector too.
        let first = tensor.range.start + 1;
        let element = if self.indices.is_empty() {
            number(first + at, span)
        } else {
            by_terms(first, shape, places, span)
        };
        Ok(ExprKind::Index(Box::new(vector), Box::new(element)))
    }

    /// The place in `tensor`, from 0, of what is at `places`: of the first term, where sums stand around.
    fn place(&self, tensor: &Tensor, shape: &[usize], places: &[&Expr]) -> Result<usize> {
        let mut at = 0;
        for (place, len) in places.iter().zip(shape) {
            let values = self.values(place)?;
            let most = as_number(*len);
            let is_one = |value: f64| value.fract() == 0.0 && (1.0..=most).contains(&value);
            if let Some(value) = values.iter().find(|value| !is_one(**value)) {
                let message = format!(
                    "`{}` is {}: there is no element {value} of {len}",
                    tensor.name,
                    shape_name(&tensor.shape)
                );
                let error = Error::new(ErrorCode::InvalidValue, self.source, place.span, message);
                return Err(error.help(format!("indices run from 1 to {len} here")));
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number of at most the length"
            )]
            let index = values.first().map_or(0, |value| *value as usize - 1);
            at = at * len + index;
        }
        Ok(at)
    }

    fn no_matrix(&self, tensor: &Tensor, span: Span) -> Error {
        let shape = match tensor.shape.as_slice() {
            [len] => format!("a vector of {len}"),
            shape => shape_name(shape),
        };
        let message = format!("`{}` is {shape}, and no matrix", tensor.name);
        let error = Error::new(ErrorCode::ShapeMismatch, self.source, span, message);
        error.help(format!(
            "one number counts its elements row by row: [1] to [{}]",
            tensor.range.len()
        ))
    }
}

/// The place in the vector of the element at `places`, which differ between the terms of a sum.
fn by_terms(first: usize, shape: &[usize], places: &[&Expr], span: Span) -> Expr {
    let number = |value: usize| number(value, span);
    let mut sum = vec![];
    let mut stride = 1;
    let mut before = 0;
    for (place, len) in places.iter().zip(shape).rev() {
        let factor = vec![(Infix::Times, number(stride))];
        let kind = ExprKind::Chain(Box::new(Expr::clone(place)), factor);
        sum.push((Infix::Plus, Expr { kind, span }));
        before += stride;
        stride *= len;
    }
    sum.push((Infix::Minus, number(before)));
    let kind = ExprKind::Chain(Box::new(number(first)), sum);
    Expr { kind, span }
}

/// The whole tensor: a slice of its vector, or an element.
fn whole(vector: Expr, tensor: &Tensor, span: Span) -> ExprKind {
    let first = Box::new(number(tensor.range.start + 1, span));
    if tensor.shape.is_empty() {
        return ExprKind::Index(Box::new(vector), first);
    }
    let last = Box::new(number(tensor.range.end, span));
    ExprKind::Slice(Box::new(vector), first, last)
}

#[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
fn as_number(count: usize) -> f64 {
    count as f64
}

fn number(value: usize, span: Span) -> Expr {
    let kind = ExprKind::Number(as_number(value));
    Expr { kind, span }
}

/// A shape as `3 x 4`; of one number, `one number`.
pub(in crate::debugger) fn shape_name(shape: &[usize]) -> String {
    if shape.is_empty() {
        return "one number".to_owned();
    }
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    lengths.join(" x ")
}
