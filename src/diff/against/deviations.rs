//! Numbers of a row that are not those of the rule, and whether the rounding of others accounts for them.

use super::{Allowance, CompareOptions, FieldAllowance};
use crate::{
    diff::{
        difference::Tolerance,
        pairing::Pair,
        stepper::{RecordedRow, Stepper},
    },
    lang::number::{is_absent, is_nonfinite},
    runs::Run,
};
use std::{borrow::Cow, ops::Range};

/// Most of a tensor's deviations that are kept while a row is gone through.
const KEPT: usize = 32;

/// A number that is further from the rule's than a comparison admits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::diff) struct Deviation {
    pub field: usize,
    pub at: usize,
    pub recorded: f64,
    pub expected: f64,
    /// How many times what rounding of a step admits it is off by.
    excess: f64,
}

impl Deviation {
    fn distance(&self) -> f64 {
        (self.recorded - self.expected).abs()
    }
}

/// The deviations of one field in one row, tensor by tensor.
pub(in crate::diff) struct FieldDeviations {
    field: usize,
    tensors: Vec<TensorDeviations>,
    /// The tensor under way.
    under_way: usize,
}

/// The deviations of one tensor: how many, the first ones, and the one that is off by most.
struct TensorDeviations {
    range: Range<usize>,
    count: usize,
    first: Vec<Deviation>,
    worst: Option<Deviation>,
}

impl FieldDeviations {
    /// None yet of `field`, which has `len` numbers.
    pub fn new(field: usize, run: &Run, len: usize) -> Self {
        let mut end = 0;
        let is_whole = run.fields[field].is_like_parameters
            && run.tensors.iter().all(|it| {
                let follows = it.range.start == end;
                end = it.range.end;
                follows
            })
            && end == len;
        let ranges: Vec<Range<usize>> = if is_whole {
            run.tensors.iter().map(|it| it.range.clone()).collect()
        } else {
            std::iter::once(0..len).collect()
        };
        Self::of(field, ranges)
    }

    /// None yet of `field` in these ranges of its numbers, which are in order.
    pub fn of(field: usize, ranges: Vec<Range<usize>>) -> Self {
        let tensors = ranges.into_iter().map(|range| TensorDeviations {
            range,
            count: 0,
            first: Vec::new(),
            worst: None,
        });
        Self {
            field,
            tensors: tensors.collect(),
            under_way: 0,
        }
    }

    /// Takes in the next deviation.
    pub fn take(&mut self, it: Deviation) {
        while self.tensors[self.under_way].range.end <= it.at {
            self.under_way += 1;
        }
        let tensor = &mut self.tensors[self.under_way];
        tensor.count += 1;
        if tensor.first.len() < KEPT {
            tensor.first.push(it);
        }
        let is_worse = |known: &Deviation| it.excess > known.excess;
        if tensor.worst.as_ref().is_none_or(is_worse) {
            tensor.worst = Some(it);
        }
    }

    /// The worst one of each tensor.
    pub fn worst(&self) -> impl Iterator<Item = &Deviation> {
        self.tensors.iter().filter_map(|it| it.worst.as_ref())
    }

    /// True if there are some.
    pub fn is_some(&self) -> bool {
        self.tensors.iter().any(|it| it.count > 0)
    }
}

/// Deviations that rounding does not account for, in the order of `off`: one of each tensor that has some, and of fields that
/// are not `seen` yet the first of all.
pub(in crate::diff) fn beyond_rounding(
    off: &[FieldDeviations],
    seen: &[bool],
    stepper: &mut Stepper,
    step: (&RecordedRow, &RecordedRow),
    how: &CompareOptions,
) -> Vec<Deviation> {
    let mut asked = Vec::new();
    for it in off {
        for tensor in &it.tensors {
            let first = tensor.first.iter().filter(|_| !seen[it.field]);
            asked.extend(tensor.worst.iter().chain(first).copied());
        }
    }
    let mut beyond = are_beyond(&asked, stepper, step, how).into_iter();
    let mut told = Vec::new();
    for it in off {
        let mut needs_first = !seen[it.field];
        for tensor in it.tensors.iter().filter(|it| it.count > 0) {
            let worst = tensor.worst.filter(|_| beyond.next() == Some(true));
            let mut first = None;
            if !seen[it.field] {
                for deviation in &tensor.first {
                    let is_beyond = beyond.next() == Some(true);
                    first = first.or(is_beyond.then_some(*deviation));
                }
            }
            let known = if needs_first { first } else { worst.or(first) };
            let is_all_asked = !seen[it.field] && tensor.count <= KEPT;
            let found = if known.is_none() && !is_all_asked {
                tensor.first_beyond(it.field, stepper, step, how)
            } else {
                known
            };
            needs_first &= found.is_none();
            told.extend(found);
        }
    }
    told
}

impl TensorDeviations {
    /// The first one, of all, that rounding does not account for.
    fn first_beyond(
        &self,
        field: usize,
        stepper: &mut Stepper,
        step: (&RecordedRow, &RecordedRow),
        how: &CompareOptions,
    ) -> Option<Deviation> {
        let mut all = Cow::Borrowed(&self.first);
        if self.count > KEPT {
            let pair = how.pairs.iter().find(|it| it.field == field)?;
            let expected = stepper.value(pair.variable);
            let mut own = Vec::with_capacity(self.count);
            let range = self.range.clone();
            scan(field, range, step, expected, None, how.admitted(), |it| {
                own.push(it);
            });
            all = Cow::Owned(own);
        }
        let beyond = are_beyond(&all, stepper, step, how);
        let mut both = all.iter().zip(beyond);
        both.find(|it| it.1).map(|it| *it.0)
    }
}

/// The numbers of `pairs` that differ from what the rule has arrived at, after the step between two rows.
pub(in crate::diff) fn differing(
    stepper: &mut Stepper,
    pairs: &[Pair],
    step: (&RecordedRow, &RecordedRow),
    how: &CompareOptions,
) -> Vec<Deviation> {
    let mut off = Vec::new();
    for pair in pairs {
        let expected = stepper.value(pair.variable);
        let all = 0..expected.len();
        scan(
            pair.field,
            all,
            step,
            expected,
            None,
            how.admitted(),
            |it| {
                off.push(it);
            },
        );
    }
    let mut beyond = are_beyond(&off, stepper, step, how).into_iter();
    off.retain(|_| beyond.next().unwrap_or(true));
    off
}

/// For each of `off`, whether it is more than what numbers that nearly cancel carry of the rounding of what they were made of.
fn are_beyond(
    off: &[Deviation],
    stepper: &mut Stepper,
    step: (&RecordedRow, &RecordedRow),
    how: &CompareOptions,
) -> Vec<bool> {
    let Some(allowance) = how.rounding.filter(|_| !off.is_empty()) else {
        return vec![true; off.len()];
    };
    let variable = |it: &Deviation| {
        let pair = how.pairs.iter().find(|pair| pair.field == it.field)?;
        Some((pair.variable, it.at))
    };
    let asked: Vec<(usize, usize)> = off.iter().filter_map(variable).collect();
    let bounds = stepper.bounds(&asked, step, allowance.input, allowance.line);
    let mut bounds = bounds.into_iter();
    let beyond = off.iter().map(|it| {
        let bound = variable(it).and_then(|_| bounds.next());
        // Where rounding could lead to infinity, it accounts for nothing.
        let bound = bound.filter(|it| it.is_finite());
        let is_within = bound.is_some_and(|bound| it.distance() <= bound);
        !is_within
    });
    beyond.collect()
}

/// Numbers that are looked at together.
const TOGETHER: usize = 512;

/// Hands the numbers of `field` at the places `all` to `take` that differ from what the rule expects after the step between
/// two rows, in their order; returns the largest deviation, relative to how large the quantity has been.
pub(in crate::diff) fn scan(
    field: usize,
    all: Range<usize>,
    (from, to): (&RecordedRow, &RecordedRow),
    expected: &[f64],
    sizes: Option<&[f64]>,
    (tolerance, rounding): (Tolerance, Option<&Allowance>),
    mut take: impl FnMut(Deviation),
) -> f64 {
    let mut worst = 0.0_f64;
    let allowance = rounding.map(|it| it.after(field, to.t));
    let before = from.begun(field, to);
    let recorded = &to.values[field];
    let used = from.gradient_to(to);
    // Without a gradient in an iteration, elements stay where they are.
    let used = used.filter(|it| it.len() == recorded.len());
    let end = all.end.min(recorded.len()).min(expected.len());
    let mut next = all.start;
    while next < end {
        let part = next..end.min(next + TOGETHER);
        next = part.end;
        if let (Some(allowance), None) = (allowance, sizes)
            && before.len() == recorded.len()
        {
            let step = [
                &before[part.clone()],
                &recorded[part.clone()],
                &expected[part.clone()],
            ];
            let used = used.map(|it| &it[part.clone()]);
            if let Some(most) = all_within(allowance, step, used) {
                worst = worst.max(most);
                continue;
            }
        }
        for at in part {
            let (recorded, expected) = (recorded[at], expected[at]);
            let was = before.get(at).copied().unwrap_or(f64::NAN);
            let still = used.is_some_and(|it| is_absent(it[at]));
            if is_absent(recorded) || (field != 0 && still) {
                continue;
            }
            // What is not a number any more has nothing to tell but that.
            if [was, recorded, expected].iter().all(|it| is_nonfinite(*it)) {
                continue;
            }
            let expected = if still { was } else { expected };
            let distance = (recorded - expected).abs();
            let size = match sizes {
                Some(sizes) => sizes[at],
                None => finite_size(was).max(finite_size(recorded)),
            };
            let is_rounded = allowance.is_some_and(|it| it.admits(was, recorded, expected));
            if !is_rounded && !tolerance.admits(recorded, expected, size) {
                let excess = distance / allowance.map_or(0.0, |it| it.of(was, recorded, expected));
                take(Deviation {
                    field,
                    at,
                    recorded,
                    expected,
                    excess: if excess.is_nan() {
                        f64::INFINITY
                    } else {
                        excess
                    },
                });
            }
            let relative = distance / size.max(recorded.abs()).max(expected.abs());
            if relative.is_finite() {
                worst = worst.max(relative);
            }
        }
    }
    worst
}

/// The largest relative deviation among numbers `[was, recorded, expected]` that are all finite, stepped by a gradient that is
/// there, and off by no more than rounding; `None` where some are not.
fn all_within(
    allowance: FieldAllowance,
    [before, recorded, expected]: [&[f64]; 3],
    used: Option<&[f64]>,
) -> Option<f64> {
    let mut is_within = used.is_none_or(|it| it.iter().fold(true, |all, it| all & !it.is_nan()));
    let mut worst = 0.0;
    for ((was, recorded), expected) in before.iter().zip(recorded).zip(expected) {
        let distance = (recorded - expected).abs();
        let allowed = allowance.of(*was, *recorded, *expected);
        // Without branches: numbers that are not finite make no comparison true.
        is_within &= distance <= allowed;
        is_within &= was.abs().max(allowed) < f64::INFINITY;
        is_within &= !was.is_nan();
        let (was, recorded, expected) = (was.abs(), recorded.abs(), expected.abs());
        let mut size = if was > recorded { was } else { recorded };
        size = if size > expected { size } else { expected };
        let relative = distance / size;
        worst = if relative > worst { relative } else { worst };
    }
    is_within.then_some(worst)
}

/// The size of a number; 0 of one that is not finite.
pub(super) fn finite_size(value: f64) -> f64 {
    if value.is_finite() { value.abs() } else { 0.0 }
}
