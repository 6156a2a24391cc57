//! The tensors that two runs have in common, by their names wherever they stand.

use super::report::Remark;
use crate::{
    error::{Error, ErrorCode, Result},
    lang::number::ABSENT,
    rule::Tensor,
    runs::{Field, FieldRows, Run},
    text::counted,
};

/// Where the second of two runs has the tensors of the first.
pub(super) struct SharedTensors {
    /// Pairs of a tensor of the first run and one of the second; `None` where all parameters stand at the same places.
    pairs: Option<Vec<(Tensor, Tensor, [usize; 2])>>,
    /// Tensors that one of them has alone.
    pub alone: Vec<String>,
}

/// True if the tensors of `run` have names.
fn is_named(run: &Run) -> bool {
    run.tensors.iter().any(|it| !it.name.is_empty())
}

/// A shape without the axes that have one element.
fn wide(tensor: &Tensor) -> Vec<usize> {
    let axes = tensor.shape.iter().copied();
    axes.filter(|it| *it != 1).collect()
}

fn shape(tensor: &Tensor) -> String {
    let axes: Vec<String> = tensor.shape.iter().map(ToString::to_string).collect();
    match axes.as_slice() {
        [] => "one number".to_owned(),
        axes => axes.join("x"),
    }
}

/// True if both runs have tensors of the same shapes in the same order, none of them under the same name.
fn differ_in_names(a: &Run, b: &Run) -> bool {
    let both = || a.tensors.iter().zip(&b.tensors);
    let known = |it: &Tensor| b.tensors.iter().any(|other| other.name == it.name);
    is_named(a)
        && is_named(b)
        && a.tensors.len() == b.tensors.len()
        && both().all(|(own, other)| wide(own) == wide(other))
        && !a.tensors.iter().any(known)
}

/// A remark on tensors that the runs have under different names, which are compared in their order.
#[must_use]
pub fn named_otherwise(a: &Run, b: &Run) -> Option<Remark> {
    let both = a.tensors.iter().zip(&b.tensors);
    let names = || both.map(|(own, other)| [own.name.clone(), other.name.clone()]);
    differ_in_names(a, b).then(|| Remark::TensorsInOrder {
        names: names().collect(),
    })
}

impl SharedTensors {
    /// The tensors of `a` that `b` has.
    ///
    /// # Errors
    /// Runs with none in common, one with another shape.
    pub fn of(a: &Run, b: &Run) -> Result<Self> {
        let in_place = Self {
            pairs: None,
            alone: Vec::new(),
        };
        if !is_named(a) || !is_named(b) || differ_in_names(a, b) {
            return if a.dimension() == b.dimension() {
                Ok(in_place)
            } else {
                Err(other_length(a, b))
            };
        }
        let partner = |own: &Tensor| b.tensors.iter().position(|it| it.name == own.name);
        let found = a.tensors.iter().enumerate();
        let found = found.filter_map(|(at, own)| Some([at, partner(own)?]));
        let places: Vec<[usize; 2]> = found.collect();
        let lacks = |run: &Run, it: &&Tensor| run.tensors.iter().all(|own| own.name != it.name);
        let alone = a.tensors.iter().filter(|it| lacks(b, it));
        let alone = alone.chain(b.tensors.iter().filter(|it| lacks(a, it)));
        let alone: Vec<String> = alone.map(|it| it.name.clone()).collect();
        if places.is_empty() {
            let names = |run: &Run| run.tensors.first().map_or("", |it| &it.name).to_owned();
            let message = format!("`{}` and `{}` have no tensor in common", a.name, b.name);
            let help = format!(
                "their first are `{}` and `{}`: record both under the same names",
                names(a),
                names(b)
            );
            return Err(Error::plain(ErrorCode::ShapeMismatch, message).help(help));
        }
        for [own, other] in &places {
            let (own, other) = (&a.tensors[*own], &b.tensors[*other]);
            if wide(own) != wide(other) {
                let message = format!(
                    "`{}` is {} in `{}` and {} in `{}`",
                    own.name,
                    shape(own),
                    a.name,
                    shape(other),
                    b.name
                );
                return Err(Error::plain(ErrorCode::ShapeMismatch, message).help(
                    "compare runs of one model, or give what is another tensor another name",
                ));
            }
        }
        let mut in_order = places.iter().enumerate();
        if alone.is_empty() && in_order.all(|(at, it)| *it == [at, at]) {
            return Ok(in_place);
        }
        let pairs = places.into_iter().map(|it| {
            let [own, other] = it;
            (a.tensors[own].clone(), b.tensors[other].clone(), it)
        });
        Ok(Self {
            pairs: Some(pairs.collect()),
            alone,
        })
    }

    /// True if `own`, of the first run, and `other` have numbers of the same things.
    pub fn are_alike(&self, own: &Field, other: &Field) -> bool {
        let is_moved = self.pairs.is_some();
        let by_tensor = own.is_like_parameters && other.is_like_parameters
            || own.is_per_tensor && other.is_per_tensor;
        own.len == other.len && (!is_moved || own.is_like_parameters == other.is_like_parameters)
            || is_moved && by_tensor
    }

    /// Puts what the second run has of `other` where the first has the same of `own`; what that has alone counts as equal.
    pub fn lay_out(
        &self,
        (own, other): (&Field, &Field),
        ours: &FieldRows,
        theirs: &mut FieldRows,
    ) {
        let Some(pairs) = &self.pairs else {
            return;
        };
        if !own.is_like_parameters && !own.is_per_tensor {
            return;
        }
        let mut laid = ours.values.clone();
        let len = (own.len.max(1), other.len.max(1));
        let rows = laid
            .chunks_exact_mut(len.0)
            .zip(theirs.values.chunks_exact(len.1));
        for (row, values) in rows {
            for (tensor, partner, [at, from]) in pairs {
                if own.is_per_tensor {
                    row[*at] = values.get(*from).copied().unwrap_or(ABSENT);
                } else {
                    row[tensor.range.clone()].copy_from_slice(&values[partner.range.clone()]);
                }
            }
        }
        theirs.values = laid;
    }
}

fn other_length(a: &Run, b: &Run) -> Error {
    let of = |run: &Run| counted(run.dimension(), "parameter");
    let message = format!("`{}` has {}, `{}` has {}", a.name, of(a), b.name, of(b));
    Error::plain(ErrorCode::ShapeMismatch, message)
        .help("compare runs of one model; of tensors with names, those that both have are compared")
}
