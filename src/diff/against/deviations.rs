//! Numbers of a row that are not those of the rule, and whether the rounding of others accounts for them.

use super::{Allowance, CompareOptions, FieldAllowance};
use crate::{
    diff::{
        difference::Tolerance,
        pairing::Pair,
        stepper::{RecordedRow, Stepper},
    },
    lang::number::{finite_size, is_absent, is_nonfinite},
    runs::{Run, cores},
};
use std::{borrow::Cow, ops::Range};

/// Most of a tensor's deviations that are kept while a row is gone through.
const KEPT: usize = 32;
/// Numbers of a field that one core looks at.
const PART: usize = 1 << 16;

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

/// The deviations of one tensor, or of a part of it: how many, the first ones, and the one that is off by most.
struct TensorDeviations {
    /// Its place among all tensors of the field.
    number: usize,
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
        let tensors = ranges.into_iter().enumerate();
        let tensors = tensors.map(|(number, range)| TensorDeviations::new(number, range));
        Self {
            field,
            tensors: tensors.collect(),
            under_way: 0,
        }
    }

    /// None yet of the same field in `part` of its numbers.
    pub fn part(&self, part: &Range<usize>) -> Self {
        let first = self
            .tensors
            .partition_point(|it| it.range.end <= part.start);
        let own = self.tensors[first..].iter();
        let own = own.take_while(|it| it.range.start < part.end);
        let own = own.map(|it| {
            let range = it.range.start.max(part.start)..it.range.end.min(part.end);
            TensorDeviations::new(it.number, range)
        });
        Self {
            field: self.field,
            tensors: own.collect(),
            under_way: 0,
        }
    }

    /// Takes in what was found in the next part.
    pub fn join(&mut self, part: Self) {
        for it in part.tensors {
            self.tensors[it.number].join(it);
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

    /// The field that they are of.
    pub fn field(&self) -> usize {
        self.field
    }

    /// The number of them in the tensor that has element `at`.
    pub fn count_beside(&self, at: usize) -> usize {
        let own = self.tensors.partition_point(|it| it.range.end <= at);
        self.tensors.get(own).map_or(0, |it| it.count)
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
    fn new(number: usize, range: Range<usize>) -> Self {
        Self {
            number,
            range,
            count: 0,
            first: Vec::new(),
            worst: None,
        }
    }

    /// Takes in those of the numbers that follow.
    fn join(&mut self, next: Self) {
        self.count += next.count;
        let room = KEPT - self.first.len();
        self.first.extend(next.first.into_iter().take(room));
        let is_worse = |it: &Deviation| self.worst.is_none_or(|known| it.excess > known.excess);
        if let Some(worst) = next.worst.filter(is_worse) {
            self.worst = Some(worst);
        }
    }

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

/// The largest relative deviation of each field after the step between two rows from what the rule expects, and all that are
/// more than is admitted.
pub(super) fn deviations(
    run: &Run,
    expected: &[(usize, &[f64])],
    step: (&RecordedRow, &RecordedRow),
    sizes: &[Vec<f64>],
    how: &CompareOptions,
) -> Vec<(f64, FieldDeviations)> {
    let none = |it: &(usize, &[f64])| (0.0, FieldDeviations::new(it.0, run, it.1.len()));
    let mut all: Vec<(f64, FieldDeviations)> = expected.iter().map(none).collect();
    let mut parts = Vec::new();
    for (at, (_, expected)) in expected.iter().enumerate() {
        let starts = (0..expected.len()).step_by(PART);
        let own = starts.map(|start| (at, start..expected.len().min(start + PART)));
        parts.extend(own.map(|(at, part)| (at, all[at].1.part(&part), part)));
    }
    let numbers = expected.iter().map(|it| it.1.len()).sum();
    let admitted = how.admitted();
    let found = cores::each(parts, numbers, |(at, mut found, part)| {
        let (field, expected) = expected[at];
        let sizes = sizes.get(field).map(Vec::as_slice);
        let take = |it| found.take(it);
        let worst = scan(field, part, step, expected, sizes, admitted, take);
        (at, worst, found)
    });
    for (at, worst, found) in found {
        let own = &mut all[at];
        own.0 = own.0.max(worst);
        own.1.join(found);
    }
    all
}

/// True if some number of `pairs` differs from what the rule has arrived at, after the step between two rows.
pub(in crate::diff) fn differs(
    run: &Run,
    stepper: &mut Stepper,
    pairs: &[Pair],
    step: (&RecordedRow, &RecordedRow),
    how: &CompareOptions,
) -> bool {
    let expected = pairs
        .iter()
        .map(|it| (it.field, stepper.value(it.variable)));
    let expected: Vec<(usize, &[f64])> = expected.collect();
    let found = deviations(run, &expected, step, &[], how).into_iter();
    let off: Vec<FieldDeviations> = found
        .map(|it| it.1)
        .filter(FieldDeviations::is_some)
        .collect();
    let seen = vec![true; run.fields.len()];
    !beyond_rounding(&off, &seen, stepper, step, how).is_empty()
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
    let mut block = Block::default();
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
            if let Some(most) = block.hold(allowance, tolerance, step, used) {
                worst = worst.max(most);
                for (at, excess) in block.beyond(part) {
                    let (recorded, expected) = (recorded[at], expected[at]);
                    take(Deviation {
                        field,
                        at,
                        recorded,
                        expected,
                        excess,
                    });
                }
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

/// How far each of some numbers is off, and how far it may be.
struct Block {
    off: [f64; TOGETHER],
    rounding: [f64; TOGETHER],
    admitted: [f64; TOGETHER],
    is_within: bool,
}

impl Default for Block {
    fn default() -> Self {
        Self {
            off: [0.0; TOGETHER],
            rounding: [0.0; TOGETHER],
            admitted: [0.0; TOGETHER],
            is_within: true,
        }
    }
}

impl Block {
    /// Takes in numbers `[was, recorded, expected]`; returns the largest relative deviation among them, or `None` where some are
    /// not finite, or were not stepped for want of a gradient.
    fn hold(
        &mut self,
        allowance: FieldAllowance,
        tolerance: Tolerance,
        [before, recorded, expected]: [&[f64]; 3],
        used: Option<&[f64]>,
    ) -> Option<f64> {
        let mut is_known = used.is_none_or(|it| it.iter().fold(true, |all, it| all & !it.is_nan()));
        let mut is_within = true;
        let mut worst = 0.0;
        let numbers = before.iter().zip(recorded).zip(expected);
        let held = self.off.iter_mut().zip(&mut self.rounding);
        let held = held.zip(&mut self.admitted);
        for (((was, recorded), expected), ((off, rounding), admitted)) in numbers.zip(held) {
            *off = (recorded - expected).abs();
            *rounding = allowance.of(*was, *recorded, *expected);
            let (was, recorded, expected) = (was.abs(), recorded.abs(), expected.abs());
            let mut size = if was > recorded { was } else { recorded };
            size = if size > expected { size } else { expected };
            let tolerated = tolerance.absolute + tolerance.relative * size;
            *admitted = if tolerated > *rounding {
                tolerated
            } else {
                *rounding
            };
            // Without branches: numbers that are not finite make no comparison true.
            is_known &= *off < f64::INFINITY;
            is_known &= was < f64::INFINITY;
            is_known &= *admitted < f64::INFINITY;
            is_within &= *off <= *admitted;
            let relative = *off / size;
            worst = if relative > worst { relative } else { worst };
        }
        self.is_within = is_within;
        is_known.then_some(worst)
    }

    /// The places, counted from the start of `part`, of the numbers that are further off than is admitted, with how many times
    /// what rounding admits they are.
    fn beyond(&self, part: Range<usize>) -> impl Iterator<Item = (usize, f64)> {
        let part = if self.is_within { 0..0 } else { part };
        let all = part.zip(self.off.iter().zip(&self.rounding).zip(&self.admitted));
        let beyond = all.filter(|(_, ((off, _), admitted))| off > admitted);
        beyond.map(|(at, ((off, rounding), _))| (at, off / rounding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(at: usize) -> f64 {
        let at = f64::from(u32::try_from(at).unwrap());
        (0.3 + 1.7 * at).sin()
    }

    /// Deviations of `expected` from `recorded`, all of which begin with `was`.
    fn scanned(was: &[f64], recorded: &[f64], expected: &[f64]) -> (f64, Vec<Deviation>) {
        let row = |t: u64, values: &[f64]| RecordedRow {
            t,
            values: vec![values.to_vec()],
            ..RecordedRow::default()
        };
        let allowance = Allowance {
            by_field: vec![1e-6],
            step: 1e-6,
            beta: 0.9,
            input: 1e-7,
            line: 1e-7,
            of_w: 0.0,
        };
        let tolerance = Tolerance {
            relative: 1e-6,
            absolute: 1e-6,
        };
        let (from, to) = (row(0, was), row(1, recorded));
        let mut found = Vec::new();
        let all = 0..recorded.len();
        let terms = (tolerance, Some(&allowance));
        let worst = scan(0, all, (&from, &to), expected, None, terms, |it| {
            found.push(it);
        });
        (worst, found)
    }

    #[test]
    fn numbers_differ_alike_beside_one_that_is_none() {
        const N: usize = TOGETHER + 77;
        let recorded: Vec<f64> = (0..N).map(number).collect();
        let mut was: Vec<f64> = (0..N).map(|at| number(at + 5)).collect();
        let off = |at: usize| [0.0, 1e-9, 1.9e-6, 3e-6, 1e-2][at % 5];
        let both = recorded.iter().enumerate();
        let expected: Vec<f64> = both.map(|(at, it)| it + off(at)).collect();
        let together = scanned(&was, &recorded, &expected);
        assert!((N / 5..N / 2).contains(&together.1.len()));
        // One of each block that is not off.
        for none in [0, TOGETHER.next_multiple_of(5)] {
            was[none] = f64::NAN;
        }
        assert!(scanned(&was, &recorded, &expected) == together);
    }

    #[test]
    fn parts_tell_what_the_whole_does() {
        const N: usize = 1000;
        let whole = || FieldDeviations::of(0, vec![0..300, 300..301, 301..N]);
        let all = (0..N).filter(|at| at % 3 == 0 || (50..90).contains(at));
        let all = all.map(|at| Deviation {
            field: 0,
            at,
            recorded: number(at),
            expected: 0.0,
            excess: number(at).abs(),
        });
        let mut expected = whole();
        for it in all.clone() {
            expected.take(it);
        }
        for size in [1, 7, 300, 301, 512, N] {
            let mut joined = whole();
            for start in (0..N).step_by(size) {
                let range = start..N.min(start + size);
                let mut part = joined.part(&range);
                for it in all.clone().filter(|it| range.contains(&it.at)) {
                    part.take(it);
                }
                joined.join(part);
            }
            let told = |it: &FieldDeviations| -> Vec<_> {
                let tensors = it.tensors.iter();
                let told = tensors.map(|it| (it.count, it.first.clone(), it.worst));
                told.collect()
            };
            assert_eq!(told(&joined), told(&expected), "{size}");
        }
    }
}
