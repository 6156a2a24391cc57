//! A run against a rule: where the rule, led along the run, first says something else.

mod deviations;

pub(super) use deviations::{
    Deviation, FieldDeviations, beyond_rounding, differing, differs, scan,
};

use super::{
    by_group::RuleByGroup,
    configured_rule::ConfiguredRule,
    difference::{Difference, Tolerance},
    number_format::NumberFormat,
    outside::{OutsideChange, OutsideCollector},
    pairing::Pair,
    row_alignment::{GradientTiming, RowAlignment},
    spread::{FailingPlaces, FieldSpread, SpreadCollector},
    stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper},
};
use crate::{
    debugger::{Control, Pace, interrupted, stride},
    error::Result,
    lang::number::{finite_size, is_absent, is_nonfinite},
    rule::{StateRole, VariableKind},
    runs::{FieldMeaning, Run},
};
use deviations::deviations;
use std::borrow::Cow;

/// The result of a comparison.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Comparison {
    /// The first difference of each field that has one, in the order in which they appear.
    pub differences: Vec<Difference>,
    /// Rows that were compared.
    pub compared: usize,
    /// Of those, the rows in which the parameters differ from those of the row before.
    pub moved: usize,
    /// Rows of which that could not be told.
    pub untold: usize,
    /// Of those, the rows that come several iterations after the row before them.
    pub apart: usize,
    /// The largest deviation, relative to how large the quantity has been.
    pub worst: f64,
    /// Iterations that the run skipped: the gradient is not finite, and nothing moved.
    pub skipped: usize,
    /// Names of states that were not recorded and could not be made up for.
    pub unknown: Vec<String>,
    /// True if the run goes on from an optimiser that had taken steps before the first row.
    pub is_resumed: bool,
    /// Where each field differs, in the order in which the rule assigns them.
    pub spread: Vec<FieldSpread>,
    /// The iterations, tensors and coordinates in which parameters or what is like them differ.
    pub places: FailingPlaces,
    /// The parameters that something else than the optimiser changed between iterations, as the rows say.
    pub changed: Vec<OutsideChange>,
    /// The first iteration that leaves a parameter which is not finite, and the parameter.
    pub not_finite: Option<(u64, usize)>,
}

impl Comparison {
    /// True if no field differs.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.differences.is_empty()
    }
}

/// The terms of a comparison of a run with a rule.
#[derive(Clone, Copy)]
pub struct CompareOptions<'a> {
    /// The fields and variables that are compared.
    pub pairs: &'a [Pair],
    /// Fields that say what a setting was in each row, and the setting.
    pub settings: &'a [(usize, usize)],
    /// The settings of each group, where they differ.
    pub by_group: Option<&'a RuleByGroup>,
    /// Along which steps.
    pub mode: Mode,
    /// The difference up to which numbers count as equal.
    pub tolerance: Tolerance,
    /// The iteration to which each row's gradient belongs.
    pub alignment: RowAlignment,
    /// Take gradients from the run rather than from the loss.
    pub from_rows: bool,
    /// The error bounds from the rounding of the recorded numbers, where those are to be used.
    pub rounding: Option<&'a Allowance>,
}

impl<'a> CompareOptions<'a> {
    /// What numbers may be off by.
    pub(super) fn admitted(&self) -> (Tolerance, Option<&'a Allowance>) {
        (self.tolerance, self.rounding)
    }

    /// The rule of `subject` along these fields, with account of its rounding where that is admitted.
    pub(super) fn stepper(&self, subject: &ConfiguredRule, pairs: &[Pair], mode: Mode) -> Stepper {
        let stepper = Stepper::new(subject, pairs, mode, Rounding::Double, self.from_rows);
        let Some(rounding) = self.rounding else {
            return stepper;
        };
        let settings = subject.compiled.settings.iter().zip(&subject.settings);
        let fixed = settings.enumerate();
        let fixed = fixed.filter(|(at, _)| !self.settings.iter().any(|it| it.1 == *at));
        let value = |name: &str| {
            let mut own = fixed.clone().filter(|it| it.1.0.name == name);
            own.next().map(|it| *it.1.1)
        };
        stepper.that_rounds(rounding.input, &value)
    }

    /// Gives `stepper` the settings of the iteration that leads to the row `to`.
    pub(super) fn hold_settings(&self, stepper: &mut Stepper, to: &RecordedRow) {
        for (field, setting) in self.settings {
            // Groups that differ have no one value.
            if let [first, rest @ ..] = to.values[*field].as_slice()
                && rest.iter().all(|value| value.to_bits() == first.to_bits())
                && !first.is_nan()
            {
                stepper.set(*setting, *first);
            }
        }
        if let Some(groups) = self.by_group {
            groups.hold(stepper, to.t);
        }
    }
}

/// Error bounds on an iteration's results from the rounding of the recorded numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Allowance {
    /// For each field, relative to how large its numbers are.
    pub by_field: Vec<f64>,
    /// Relative to the step, where nothing is lost in a correction.
    pub step: f64,
    /// The slowest decay of the rule: `1 - beta^t` loses what a power near 1 is rounded by.
    pub beta: f64,
    /// Relative to each number that an iteration begins with.
    pub input: f64,
    /// Relative to each number, one for all parameters, that a line arrives at.
    pub line: f64,
    /// Relative to the step of the parameters, where what it is multiplied by was rounded.
    pub of_w: f64,
}

/// Error bounds on the numbers of one field after one iteration.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldAllowance {
    /// Relative to how large a number is.
    size: f64,
    /// Relative to its step.
    step: f64,
}

impl Allowance {
    /// The error bounds on `field` after iteration `t`.
    pub(super) fn after(&self, field: usize, t: u64) -> FieldAllowance {
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let left = 1.0 - libm::pow(self.beta, t.max(1) as f64);
        let step = self.step * (1.0 + 0.25 / left);
        FieldAllowance {
            size: self.by_field[field],
            step: if field == 0 {
                step.max(self.of_w)
            } else {
                step
            },
        }
    }
}

impl FieldAllowance {
    /// The error bound on a number that was recorded as `a` and expected to be `b`, `was` being its value before.
    pub(super) fn of(self, was: f64, a: f64, b: f64) -> f64 {
        let was = if was.is_finite() { was } else { 0.0 };
        let size = a.abs().max(b.abs()).max(was.abs());
        self.size * size + self.step * (a - was).abs()
    }

    /// True if rounding accounts for a number that was recorded as `a` and expected to be `b`, `was` being its value before.
    /// Where one of them is infinite, that is so only if the recorded one is, because its format has none as large.
    pub(super) fn admits(self, was: f64, a: f64, b: f64) -> bool {
        const LARGEST_HALF: f64 = 65504.0;
        let off = (a - b).abs();
        if off.is_finite() {
            return off <= self.of(was, a, b);
        }
        let is_coarse = self.size >= NumberFormat::Half.unit();
        let largest = if is_coarse {
            LARGEST_HALF
        } else {
            f64::from(f32::MAX)
        };
        a.is_infinite() && a.is_sign_positive() == b.is_sign_positive() && b.abs() >= largest
    }
}

impl Comparison {
    /// Takes note of variables that are not known.
    fn miss(&mut self, subject: &ConfiguredRule, unknown: &[usize]) {
        for at in unknown {
            let name = &subject.compiled.variables[*at].name;
            if !self.unknown.contains(name) {
                self.unknown.push(name.clone());
            }
        }
    }
}

/// Leads the rule of `subject` along `run`.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub fn compare(
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    control: &mut Control,
) -> Result<Comparison> {
    let pairs = compared(run, how);
    let mut stepper = how.stepper(subject, &pairs, how.mode);
    let loss = run
        .meaning(FieldMeaning::Loss)
        .filter(|_| subject.loss.is_some() && !how.from_rows);
    let mut result = Comparison::default();
    let mut spread = SpreadCollector::new(run);
    let mut outside = run
        .meaning(FieldMeaning::BegunWith)
        .map(|_| OutsideCollector::new("w", &run.tensors, 0.0));
    let mut last_gradient = None;
    let mut seen = vec![false; run.fields.len()];
    // Of steps that begin where the run was, the two rows of a step tell how large a quantity is.
    let is_free = how.mode == Mode::Free;
    let fields = run.fields.iter().filter(|_| is_free);
    let mut sizes: Vec<Vec<f64>> = fields.map(|it| vec![0.0; it.len]).collect();
    let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
    how.alignment.frame(run, 0, &mut from)?;
    if let Some(groups) = how.by_group {
        groups.hold(&mut stepper, from.t);
    }
    stepper.begin(&from, &subject.settings, &[]);
    result.is_resumed = stepper.is_resumed();
    grow(&mut sizes, &from);
    for difference in compare_start(run, &pairs, &stepper, &from, how) {
        seen[difference.0] = true;
        result.differences.push(difference.1);
    }
    let mut pace = Pace::new(stride(run.dimension(), 1));
    for row in 1..run.rows {
        how.alignment.frame(run, row, &mut to)?;
        if pace.is_due() && !control.at(to.t) {
            return Err(interrupted());
        }
        grow(&mut sizes, &to);
        if let Some(outside) = &mut outside {
            if let Cow::Owned(begun) = from.begun(0, &to) {
                let t = to.t + u64::from(how.alignment.first_is_start);
                outside.row(t, &from.values[0], &begun, last_gradient.as_deref());
            }
            last_gradient = from.gradient_to(&to).cloned();
        }
        if result.not_finite.is_none() {
            let at = to.values[0].iter().position(|it| is_nonfinite(*it));
            let t = to.t + u64::from(how.alignment.first_is_start);
            result.not_finite = at.map(|at| (t, at));
        }
        how.hold_settings(&mut stepper, &to);
        let outcome = stepper.advance(&from, &to);
        if outcome == StepOutcome::Skipped {
            result.skipped += 1;
        } else if outcome == StepOutcome::Done {
            result.compared += 1;
            result.moved += usize::from(*from.begun(0, &to) != *to.values[0]);
            let own_loss = [stepper.loss()];
            let fields = pairs
                .iter()
                .map(|pair| (pair.field, stepper.value(pair.variable)));
            let loss = loss.iter().map(|field| (*field, &own_loss[..]));
            let fields: Vec<(usize, &[f64])> = fields.chain(loss).collect();
            for (field, _) in &fields {
                if !to.values[*field].is_empty() {
                    spread.row(*field);
                }
            }
            let found = deviations(run, &fields, (&from, &to), &sizes, how);
            let mut off: Vec<FieldDeviations> = Vec::new();
            for (worst, found) in found {
                result.worst = result.worst.max(worst);
                off.push(found);
            }
            off.retain(FieldDeviations::is_some);
            let t = to.t + u64::from(how.alignment.first_is_start);
            for (tensor, field) in counted_back(run, &pairs, subject, (&from, &to)) {
                spread.is_other(field, tensor, t);
            }
            for it in beyond_rounding(&off, &seen, &mut stepper, (&from, &to), how) {
                let own = off.iter().find(|own| own.field() == it.field);
                let count = own.map_or(1, |own| own.count_beside(it.at));
                spread.differs(run, it.field, it.at, count, t);
                if !std::mem::replace(&mut seen[it.field], true) {
                    result.differences.push(difference(run, &it, t));
                }
            }
        } else {
            result.untold += 1;
            result.apart += usize::from(to.t > from.t + 1);
            result.miss(subject, stepper.unknown());
        }
        std::mem::swap(&mut from, &mut to);
    }
    result.changed = outside.map_or_else(Vec::new, |it| it.changes());
    result.places = spread.places();
    result.spread = spread.of(run, pairs.iter().map(|it| it.field));
    Ok(result)
}

/// Tensors of which a counter that each has of its own goes back, with its field: a rule has one, which tells nothing of it.
fn counted_back(
    run: &Run,
    pairs: &[Pair],
    subject: &ConfiguredRule,
    (from, to): (&RecordedRow, &RecordedRow),
) -> Vec<(usize, usize)> {
    let counts = VariableKind::State(Some(StateRole::Count));
    let counters = pairs.iter().map(|it| (it.field, it.variable)).filter(|it| {
        run.fields[it.0].is_per_tensor && subject.compiled.variables[it.1].kind == counts
    });
    let goes_back = |at: usize, field: usize| {
        let both = from.values[field].get(at).zip(to.values[field].get(at));
        both.is_some_and(|(a, b)| b < a)
    };
    counters
        .flat_map(|(field, _)| {
            let tensors = run.tensors.iter().enumerate();
            let back = tensors.filter(move |(number, tensor)| {
                let n = run.dimension();
                let at = if to.values[field].len() == n {
                    tensor.range.start
                } else {
                    *number
                };
                goes_back(at, field)
            });
            back.map(move |it| (it.0, field)).collect::<Vec<_>>()
        })
        .collect()
}

/// The difference that `it` is, in the row of iteration `t`.
fn difference(run: &Run, it: &Deviation, t: u64) -> Difference {
    let coordinate = run.coordinate(it.field, it.at);
    let name = run.fields[it.field].name.as_str();
    Difference::new(t, name, coordinate, it.recorded, it.expected)
}

/// The differences between how the rule begins and what was recorded at t = 0, with their fields.
fn compare_start(
    run: &Run,
    pairs: &[Pair],
    stepper: &Stepper,
    from: &RecordedRow,
    how: &CompareOptions,
) -> Vec<(usize, Difference)> {
    // A run that goes on from a checkpoint begins with what that has.
    let is_start = from.t == 0 && !stepper.is_resumed();
    let states = pairs.iter().filter(|it| is_start && it.variable != 0);
    let first = |pair: &Pair| {
        let recorded = from.values[pair.field].iter();
        let mut both = recorded.zip(stepper.initial(pair.variable)).enumerate();
        let rounded = how.rounding.map(|it| it.after(pair.field, from.t));
        // What a rule computes anew has no value yet.
        let (at, (&a, &b)) = both.find(|(_, (a, b))| {
            let is_rounded = rounded.is_some_and(|it| it.admits(**a, **a, **b));
            !b.is_nan() && !is_absent(**a) && !is_rounded && !how.tolerance.admits(**a, **b, 0.0)
        })?;
        let name = run.fields[pair.field].name.as_str();
        let t = u64::from(how.alignment.first_is_start);
        let coordinate = run.coordinate(pair.field, at);
        let difference = Difference::new(t, name, coordinate, a, b);
        Some((pair.field, difference))
    };
    states.filter_map(first).collect()
}

/// The pairs that can be compared: the rule's `g` is no news where it is the recorded one, and another
/// row's where rows hold the gradient at their `w`.
pub(super) fn compared(run: &Run, how: &CompareOptions) -> Vec<Pair> {
    let gradient = run.meaning(FieldMeaning::Gradient);
    let other = how.from_rows || how.alignment.convention == GradientTiming::Ahead;
    let pairs = how.pairs.iter().copied();
    pairs
        .filter(|pair| !(other && Some(pair.field) == gradient))
        .collect()
}

fn grow(sizes: &mut [Vec<f64>], frame: &RecordedRow) {
    for (sizes, values) in sizes.iter_mut().zip(&frame.values) {
        for (size, value) in sizes.iter_mut().zip(values) {
            *size = size.max(finite_size(*value));
        }
    }
}
