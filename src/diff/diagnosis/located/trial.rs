//! A rule tried on every row and tensor of a run.

use super::{rows::LocatedRows, rule::LocatedRule};
use crate::{
    debugger::{Control, Pace, stride},
    diff::{
        against::{
            Allowance, CompareOptions, Deviation, FieldAllowance, FieldDeviations, beyond_rounding,
            scan,
        },
        difference::Tolerance,
        number_format::NumberFormat,
        stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper},
    },
    lang::number::{is_absent, is_nonfinite},
};
use std::ops::Range;

/// Something that happens to a row before the rule leads on from it, or in its stead.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RowEvent {
    /// Fields begin again as they do at the start of a run.
    Forgotten(Vec<usize>),
    /// Fields are what they are at the start of a run again once the step is done.
    Cleared(Vec<usize>),
    /// Fields begin as they were after an earlier row: pairs of a step and that row.
    Restored(Vec<usize>, Vec<(usize, usize)>),
    /// Two tensors of as many elements begin with each other's numbers of some fields.
    Swapped(Vec<usize>, usize, usize),
    /// Fields are rounded to a format before the step.
    RoundedBefore(Vec<usize>, NumberFormat),
    /// A field is rounded to a format after the step.
    Rounded(usize, NumberFormat),
    /// These fields stay as they are.
    Kept(Vec<usize>),
    /// The gradient is the one that the iteration before used.
    Stale,
    /// The step is taken twice, with the same gradient.
    Twice,
}

/// A number that the run may have otherwise than stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FreeNumber {
    /// A setting, by its place among those of the rule.
    Setting(usize),
    /// The factor of the gradient.
    GradientFactor,
    /// The decay of a moving average of w that is written over w after the step; it begins so many rows after the first.
    Average(usize),
    /// The share of the way to where the step leads at which w ends, from where it was when that was last so, or in the first row.
    Interpolation,
    /// The factor of what the step adds to w.
    StepFactor,
    /// The factor of w before the step, or after it.
    WeightFactor(Place),
    /// The bound of a rule that has one where the rule itself has none: the number of it among such rules.
    Bound(usize),
}

/// The side of a step on which something happens to w.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Before,
    After,
}

impl FreeNumber {
    /// True for what happens to w after the rule's lines.
    pub fn is_after_step(self) -> bool {
        matches!(
            self,
            Self::Average(_) | Self::Interpolation | Self::StepFactor | Self::WeightFactor(_)
        )
    }
}

/// The values of such a number.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FreeValues {
    /// One value.
    Constant(f64),
    /// The stated values times a number.
    Multiple(f64),
    /// The stated values of so many iterations before, or after where it is negative; those of steps for which the run states
    /// none that far away; and those of the others in which the rule fails, as they were before they were rounded for stating.
    Late(i64, Vec<(usize, f64)>, Vec<(usize, f64)>),
    /// One value for each step.
    ByStep(Vec<f64>),
}

/// Numbers of a tensor that may be off, and the share of all that may be, for their rounding to be looked into.
const FEW_OFF: usize = 16;
/// Multiplications, about, that it takes to give a setting one number or to hold one against what was recorded.
const HANDLED: usize = 4;

/// The rows that an iteration lies between.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    /// Its place among the steps.
    pub number: usize,
    /// The row before `from`, where there is one.
    pub before: Option<&'a RecordedRow>,
    pub from: &'a RecordedRow,
    pub to: &'a RecordedRow,
}

/// A rule, an event and numbers to try together.
pub(super) struct Trial<'a> {
    pub rule: &'a LocatedRule,
    pub event: Option<RowEvent>,
    pub free: Vec<(FreeNumber, FreeValues)>,
}

/// The outcome for one tensor in one iteration.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct TensorOutcome {
    pub is_told: bool,
    /// Numbers that are not the run's.
    pub failing: usize,
    /// The largest deviation in units of what is allowed.
    pub off: f64,
}

impl TensorOutcome {
    pub fn holds(self) -> bool {
        self.is_told && self.failing == 0
    }

    pub fn fails(self) -> bool {
        self.is_told && self.failing > 0
    }
}

/// The terms on which numbers count as equal.
#[derive(Clone, Copy)]
pub(super) struct Equality<'a> {
    pub tolerance: Tolerance,
    pub rounding: Option<&'a Allowance>,
}

impl Equality<'_> {
    /// The most that a number may be off by, `was` being its value before.
    pub fn allowed(
        self,
        rounding: Option<FieldAllowance>,
        was: f64,
        recorded: f64,
        expected: f64,
    ) -> f64 {
        let sizes = [was, recorded, expected]
            .into_iter()
            .filter(|it| it.is_finite());
        let size = sizes.fold(0.0_f64, |most, it| most.max(it.abs()));
        let tolerated = self.tolerance.absolute + self.tolerance.relative * size;
        let rounded = rounding.map_or(0.0, |it| it.of(was, recorded, expected));
        tolerated.max(rounded)
    }
}

/// One recorded number beside what was expected.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beside {
    pub pair: usize,
    /// The coordinate among those looked at.
    pub at: usize,
    pub recorded: f64,
    pub expected: f64,
    pub allowed: f64,
}

impl Beside {
    /// The deviation in units of what is allowed.
    pub fn off(&self) -> f64 {
        let both_nan = self.recorded.is_nan() && self.expected.is_nan();
        if self.recorded.to_bits() == self.expected.to_bits() || both_nan {
            return 0.0;
        }
        let off = (self.recorded - self.expected).abs();
        match off / self.allowed {
            _ if off == 0.0 => 0.0,
            off if off.is_nan() => f64::INFINITY,
            off => off,
        }
    }
}

/// Leads a rule through single steps.
pub(super) struct Walker<'a> {
    rows: &'a LocatedRows,
    equality: Equality<'a>,
    trial: &'a Trial<'a>,
    stepper: Stepper,
    /// The row that the last step led to, where another gradient than the recorded one was used.
    ended: Option<RecordedRow>,
}

impl<'a> Walker<'a> {
    pub fn new(
        rows: &'a LocatedRows,
        equality: Equality<'a>,
        trial: &'a Trial<'a>,
        mode: Mode,
    ) -> Self {
        let rule = trial.rule;
        let rounding = Rounding::Double;
        let stepper = Stepper::new(&rule.subject, &rule.pairs, mode, rounding, true);
        Self {
            rows,
            equality,
            trial,
            stepper,
            ended: None,
        }
    }

    /// Begins at the row before `step`.
    pub fn begin(&mut self, step: &Step) {
        self.hold(step, None);
        let settings = &self.trial.rule.subject.settings;
        self.stepper.begin(step.from, settings, &[]);
    }

    /// Leads through `step`, with `value` for the last number that is free where it is given; false where that cannot be told.
    pub fn step(&mut self, step: &Step, value: Option<f64>, out: &mut Vec<Beside>) -> bool {
        out.clear();
        let outcome = self.advance(step, value);
        let rule = self.trial.rule;
        let numbers = self.rows.width() * (rule.settings.len() + rule.pairs.len());
        self.rows.effort.spend(HANDLED * numbers);
        if outcome != StepOutcome::Done {
            self.rows.effort.spend(self.stepper.take_work());
            return false;
        }
        for (at, pair) in self.trial.rule.pairs.iter().enumerate() {
            let expected = if self.keeps(pair.field) {
                &step.from.values[pair.field][..]
            } else {
                self.stepper.value(pair.variable)
            };
            self.compare(at, step, expected, out);
        }
        if !self.goes_further() {
            self.allow_cancelled(step, out);
        }
        self.rows.effort.spend(self.stepper.take_work());
        true
    }

    /// True if what is compared is not what the rule's lines lead to from the row before.
    fn goes_further(&self) -> bool {
        let goes_on = |it: &(FreeNumber, FreeValues)| it.0.is_after_step();
        self.trial.free.iter().any(goes_on) || self.trial.event == Some(RowEvent::Twice)
    }

    /// Allows for what numbers that nearly cancel carry of the rounding of what they were made of, in tensors where few are off.
    fn allow_cancelled(&mut self, step: &Step, numbers: &mut [Beside]) {
        let Some(allowance) = self.equality.rounding else {
            return;
        };
        let tensors = &self.rows.tensors;
        let tensor_of = |it: &Beside| tensors.partition_point(|own| own.range.end <= it.at);
        let mut counts = vec![0; tensors.len() + 1];
        let off = numbers.iter().enumerate().filter(|it| it.1.off() > 1.0);
        let off: Vec<usize> = off.map(|it| it.0).collect();
        for at in &off {
            counts[tensor_of(&numbers[*at])] += 1;
        }
        let pairs = &self.trial.rule.pairs;
        // What does not lead through other tensors may lead through these.
        let are_few = |at: &usize| {
            let tensor = tensor_of(&numbers[*at]);
            let len = tensors.get(tensor).map_or(0, |it| it.range.len());
            counts[tensor] <= FEW_OFF.max(len * pairs.len() / FEW_OFF)
        };
        let off: Vec<usize> = off.into_iter().filter(are_few).collect();
        if off.is_empty() {
            return;
        }
        let asked = off.iter().map(|at| {
            let number = &numbers[*at];
            (pairs[number.pair].variable, number.at)
        });
        let asked: Vec<(usize, usize)> = asked.collect();
        let (input, line) = (allowance.input, allowance.line);
        let rows = (step.from, self.ended.as_ref().unwrap_or(step.to));
        let bounds = self.stepper.bounds(&asked, rows, input, line);
        for (at, bound) in off.into_iter().zip(bounds) {
            let number = &mut numbers[at];
            number.allowed = number.allowed.max(bound);
        }
    }

    /// True if a field stays as it is.
    pub fn keeps(&self, field: usize) -> bool {
        matches!(&self.trial.event, Some(RowEvent::Kept(fields)) if fields.contains(&field))
    }

    /// The value of `variable` where the rule stands.
    pub fn value(&self, variable: usize) -> &[f64] {
        self.stepper.value(variable)
    }

    /// Has the rule stand at these values, by field.
    pub fn put(&mut self, values: &[Vec<f64>]) {
        for pair in &self.trial.rule.pairs {
            self.stepper.put(pair.variable, &values[pair.field]);
        }
    }

    /// Takes the rule through `step`.
    pub fn advance(&mut self, step: &Step, value: Option<f64>) -> StepOutcome {
        let Changed {
            factor,
            decay,
            share,
            of_step,
            before,
            after,
        } = self.hold(step, value);
        let (from, to) = (step.from, step.to);
        self.begin_states(from, to);
        let (mut begun, mut ended): (Option<RecordedRow>, Option<RecordedRow>) = (None, None);
        match &self.trial.event {
            Some(RowEvent::Forgotten(fields)) => {
                begun = Some(self.forgotten(from, fields));
                for pair in &self.trial.rule.pairs {
                    if fields.contains(&pair.field) {
                        let initial = self.stepper.initial(pair.variable).to_vec();
                        self.stepper.put(pair.variable, &initial);
                    }
                }
            }
            Some(RowEvent::Restored(..) | RowEvent::Swapped(..) | RowEvent::RoundedBefore(..)) => {
                begun = Some(self.rearranged(step));
            }
            Some(RowEvent::Stale) => {
                let Some(earlier) = step.before else {
                    return StepOutcome::CannotTell;
                };
                let used = earlier.gradient_to(from).cloned();
                ended = Some(RecordedRow {
                    gradient_before: used,
                    ..to.clone()
                });
            }
            _ => {}
        }
        if let Some(factor) = factor {
            let scaled = from
                .gradient_to(to)
                .map(|it| it.iter().map(|g| g * factor).collect());
            ended = Some(RecordedRow {
                gradient_before: scaled,
                ..to.clone()
            });
        }
        if let Some(factor) = before {
            let mut scaled = from.clone();
            scaled.values[0] = from.begun(0, to).iter().map(|w| factor * w).collect();
            self.stepper.put(0, &scaled.values[0]);
            begun = Some(scaled);
            let mut unchanged = to.clone();
            unchanged.changed.retain(|it| it.0 != 0);
            ended = Some(unchanged);
        }
        let start = begun.as_ref().unwrap_or(from);
        let mut outcome = self.stepper.advance(start, ended.as_ref().unwrap_or(to));
        if self.trial.event == Some(RowEvent::Twice) && outcome == StepOutcome::Done {
            let mut between = from.clone();
            for pair in &self.trial.rule.pairs {
                let values = self.stepper.value(pair.variable);
                between.values[pair.field].clear();
                between.values[pair.field].extend_from_slice(values);
            }
            outcome = self.stepper.advance(&between, to);
        }
        self.round();
        self.clear();
        if let Some(share) = share {
            let Some(slow) = self.rows.last_anew(step.number) else {
                return StepOutcome::CannotTell;
            };
            let led = self.stepper.value(0).iter().zip(slow);
            let led: Vec<f64> = led.map(|(w, slow)| slow + share * (w - slow)).collect();
            self.stepper.put(0, &led);
        }
        if let Some(decay) = decay {
            let mut free = self.trial.free.iter();
            let late = free.find_map(|it| match it.0 {
                FreeNumber::Average(late) => Some(late),
                _ => None,
            });
            let average = self.rows.average(step.number, decay, late.unwrap_or(0));
            let Some(average) = average else {
                return StepOutcome::CannotTell;
            };
            let led = self.stepper.value(0).iter().zip(&average);
            let written = led.map(|(w, average)| decay * average + (1.0 - decay) * w);
            let written: Vec<f64> = written.collect();
            self.stepper.put(0, &written);
        }
        if of_step.is_some() || after.is_some() {
            let (of_step, after) = (of_step.unwrap_or(1.0), after.unwrap_or(1.0));
            let was = start.begun(0, to);
            let led = was.iter().zip(self.stepper.value(0));
            let scaled = led.map(|(was, w)| after * (was + of_step * (w - was)));
            let scaled: Vec<f64> = scaled.collect();
            self.stepper.put(0, &scaled);
        }
        self.ended = ended;
        outcome
    }

    /// Has states that `to` is the first row to have begin with this step, whatever the rule has made of them until now.
    fn begin_states(&mut self, from: &RecordedRow, to: &RecordedRow) {
        for pair in &self.trial.rule.pairs {
            let (was, is) = (&from.values[pair.field], &to.values[pair.field]);
            let begins = |(was, is): (&f64, &f64)| is_absent(*was) && !is_absent(*is);
            if was.len() != is.len() || !was.iter().zip(is).any(begins) {
                continue;
            }
            let mut values = self.stepper.value(pair.variable).to_vec();
            let initial = self.stepper.initial(pair.variable);
            for (at, both) in was.iter().zip(is).enumerate() {
                if let (true, Some(own), Some(initial)) =
                    (begins(both), values.get_mut(at), initial.get(at))
                {
                    *own = *initial;
                }
            }
            self.stepper.put(pair.variable, &values);
        }
    }

    /// Of the tensors `wanted` of the rows, those that have numbers which are not the run's after `step`, which it was led
    /// through.
    pub fn differs_in(
        &mut self,
        step: &Step,
        wanted: &[usize],
        how: &CompareOptions,
    ) -> Vec<usize> {
        let to = self.ended.as_ref().unwrap_or(step.to);
        let tensors = &self.rows.tensors;
        let ranges: Vec<Range<usize>> =
            wanted.iter().map(|at| tensors[*at].range.clone()).collect();
        let is_own = |it: &Deviation| {
            let own = ranges.iter().position(|range| range.contains(&it.at));
            own.map(|at| wanted[at])
        };
        let mut differ = Vec::new();
        let mut off = Vec::new();
        for pair in &self.trial.rule.pairs {
            let is_kept = self.keeps(pair.field);
            let expected = if is_kept {
                &step.from.values[pair.field][..]
            } else {
                self.stepper.value(pair.variable)
            };
            let is_of_all = expected.len() != self.rows.width();
            let all = std::iter::once(0..expected.len());
            let all: Vec<Range<usize>> = if is_of_all {
                all.collect()
            } else {
                ranges.clone()
            };
            let mut found = FieldDeviations::of(pair.field, all.clone());
            for range in all {
                let rows = (step.from, to);
                scan(
                    pair.field,
                    range,
                    rows,
                    expected,
                    None,
                    how.admitted(),
                    |it| {
                        found.take(it);
                    },
                );
            }
            if !found.is_some() {
                continue;
            }
            if is_of_all {
                return wanted.to_vec();
            }
            let is_rounded = matches!(self.trial.event, Some(RowEvent::Rounded(field, _)) if field == pair.field);
            if is_kept {
                differ.extend(found.worst().filter_map(is_own));
            } else if let (true, Some(RowEvent::Rounded(_, format))) =
                (is_rounded, &self.trial.event)
            {
                let is_off = |it: &&Deviation| {
                    (it.recorded - it.expected).abs() > format.spacing(it.expected)
                };
                differ.extend(found.worst().filter(is_off).filter_map(is_own));
            } else {
                off.push(found);
            }
        }
        let seen = vec![true; step.to.values.len()];
        if self.goes_further() {
            let own = off
                .iter()
                .flat_map(|it| it.worst().filter_map(is_own).collect::<Vec<_>>());
            differ.extend(own);
            return differ;
        }
        let beyond = beyond_rounding(&off, &seen, &mut self.stepper, (step.from, to), how);
        differ.extend(beyond.iter().filter_map(is_own));
        differ
    }

    fn compare(&self, pair: usize, step: &Step, expected: &[f64], out: &mut Vec<Beside>) {
        let (from, to) = (step.from, step.to);
        let field = self.trial.rule.pairs[pair].field;
        let before = from.begun(field, to);
        let used = from.gradient_to(to);
        let rounding = self.equality.rounding.map(|it| it.after(field, to.t));
        for (at, (&recorded, &expected)) in to.values[field].iter().zip(expected).enumerate() {
            let was = before.get(at).copied().unwrap_or(f64::NAN);
            let is_still = used.is_some_and(|it| it.get(at).is_some_and(|it| is_absent(*it)));
            let is_lost = [was, recorded, expected].iter().all(|it| is_nonfinite(*it));
            if is_absent(recorded) || is_still || is_lost {
                continue;
            }
            let allowed = self.equality.allowed(rounding, was, recorded, expected);
            let allowed = match self.trial.event {
                Some(RowEvent::Rounded(own, format)) if own == field => {
                    allowed.max(format.spacing(expected))
                }
                _ => allowed,
            };
            out.push(Beside {
                pair,
                at,
                recorded,
                expected,
                allowed,
            });
        }
    }

    /// Rounds the field that is kept in a coarser format.
    fn round(&mut self) {
        if let Some(RowEvent::Rounded(field, format)) = self.trial.event {
            let mut pairs = self.trial.rule.pairs.iter();
            if let Some(pair) = pairs.find(|it| it.field == field) {
                let values = self.stepper.value(pair.variable).iter();
                let values: Vec<f64> = values.map(|it| format.rounds(*it)).collect();
                self.stepper.put(pair.variable, &values);
            }
        }
    }

    /// Has the fields that are cleared after the step be as they are at the start of a run.
    fn clear(&mut self) {
        if let Some(RowEvent::Cleared(fields)) = &self.trial.event {
            for pair in &self.trial.rule.pairs {
                if fields.contains(&pair.field) {
                    let initial = self.stepper.initial(pair.variable).to_vec();
                    self.stepper.put(pair.variable, &initial);
                }
            }
        }
    }

    /// The row before `step` with states that were put back, exchanged or rounded, which the rule is put at.
    fn rearranged(&mut self, step: &Step) -> RecordedRow {
        let rows = self.rows;
        let from = step.from;
        match &self.trial.event {
            Some(RowEvent::Restored(fields, earlier)) => {
                let row = earlier.iter().find(|it| it.0 == step.number);
                let row = row.map_or(from, |it| &rows.frames[it.1]);
                self.begin_with(from, fields, |field| row.values[field].clone())
            }
            Some(RowEvent::RoundedBefore(fields, format)) => {
                self.begin_with(from, fields, |field| {
                    let values = from.values[field].iter();
                    values.map(|it| format.rounds(*it)).collect()
                })
            }
            Some(RowEvent::Swapped(fields, a, b)) => {
                let [a, b] = [a, b].map(|at| rows.tensors[*at].range.clone());
                self.begin_with(from, fields, |field| {
                    let mut values = from.values[field].clone();
                    if values.len() == rows.width() {
                        for (a, b) in a.clone().zip(b.clone()) {
                            values.swap(a, b);
                        }
                    }
                    values
                })
            }
            _ => from.clone(),
        }
    }

    /// The row with other `values` of `fields`, which the rule is put at.
    fn begin_with(
        &mut self,
        from: &RecordedRow,
        fields: &[usize],
        values: impl Fn(usize) -> Vec<f64>,
    ) -> RecordedRow {
        let mut row = from.clone();
        for pair in &self.trial.rule.pairs {
            if fields.contains(&pair.field) {
                row.values[pair.field] = values(pair.field);
                self.stepper.put(pair.variable, &row.values[pair.field]);
            }
        }
        row
    }

    /// The row with `fields` as a run begins with them.
    fn forgotten(&self, from: &RecordedRow, fields: &[usize]) -> RecordedRow {
        let mut row = from.clone();
        for pair in self
            .trial
            .rule
            .pairs
            .iter()
            .filter(|it| fields.contains(&it.field))
        {
            let initial = self.stepper.initial(pair.variable);
            let values = &mut row.values[pair.field];
            match initial {
                // A counter of all tensors, where each has recorded its own.
                [one] => values.fill(*one),
                _ if values.len() == initial.len() => values.copy_from_slice(initial),
                _ => {}
            }
        }
        row
    }

    /// Gives every setting its values in `step`; returns the numbers of it that are no setting's.
    fn hold(&mut self, step: &Step, value: Option<f64>) -> Changed {
        let trial = self.trial;
        let own = value.map(FreeValues::Constant);
        let last = trial.free.len().saturating_sub(1);
        let free = trial.free.iter().enumerate().map(|(at, (number, how))| {
            let given = own.as_ref().filter(|_| at == last);
            (*number, given.unwrap_or(how))
        });
        let to = step.to;
        for at in 0..trial.rule.settings.len() {
            let mut values = trial.rule.stated(at, to.t, to, self.rows);
            for (_, how) in free.clone().filter(|it| it.0 == FreeNumber::Setting(at)) {
                match how {
                    FreeValues::Constant(value) => values.fill(*value),
                    FreeValues::Multiple(times) => {
                        for it in &mut values {
                            *it *= times;
                        }
                    }
                    FreeValues::Late(by, beyond, rounded) => {
                        let mut own = beyond.iter().chain(rounded);
                        let own = own.find(|it| it.0 == step.number);
                        if let Some((_, value)) = own {
                            values.fill(*value);
                        } else {
                            let t = to.t.saturating_add_signed(-by);
                            values = trial.rule.stated(at, t, to, self.rows);
                        }
                    }
                    FreeValues::ByStep(all) => {
                        values.fill(all.get(step.number).copied().unwrap_or(f64::NAN));
                    }
                }
            }
            self.stepper.hold(trial.rule.variable(at), values);
        }
        let number = |wanted| {
            let mut own = free.clone().filter(|it| it.0 == wanted);
            own.next().and_then(|(_, how)| match how {
                FreeValues::Constant(value) | FreeValues::Multiple(value) => Some(*value),
                FreeValues::ByStep(all) => Some(all.get(step.number).copied().unwrap_or(f64::NAN)),
                FreeValues::Late(..) => None,
            })
        };
        Changed {
            factor: number(FreeNumber::GradientFactor),
            decay: number(FreeNumber::Average(0)).or_else(|| number(FreeNumber::Average(1))),
            share: number(FreeNumber::Interpolation),
            of_step: number(FreeNumber::StepFactor),
            before: number(FreeNumber::WeightFactor(Place::Before)),
            after: number(FreeNumber::WeightFactor(Place::After)),
        }
    }
}

/// What a step is taken with, beside settings.
struct Changed {
    /// The factor of the gradient.
    factor: Option<f64>,
    /// The decay of the average that is written over w.
    decay: Option<f64>,
    /// The share of the way from an earlier w.
    share: Option<f64>,
    /// The factors of the step, and of w before and after it.
    of_step: Option<f64>,
    before: Option<f64>,
    after: Option<f64>,
}

/// The cells of every step from `first` on, as long as `control`, and `goes_on` of a step and its cells, say so.
pub(super) fn cells(
    rows: &LocatedRows,
    equality: Equality,
    trial: &Trial,
    first: usize,
    control: &mut Control,
    mut goes_on: impl FnMut(usize, &[TensorOutcome]) -> bool,
) -> Vec<Vec<TensorOutcome>> {
    let mut walker = Walker::new(rows, equality, trial, Mode::Replay);
    let mut tensor_of = vec![0; rows.width()];
    for (number, tensor) in rows.tensors.iter().enumerate() {
        tensor_of[tensor.range.clone()].fill(number);
    }
    let mut all = vec![vec![TensorOutcome::default(); rows.tensors.len()]; rows.steps()];
    if first >= rows.steps() {
        return all;
    }
    walker.begin(&rows.step(first));
    let mut numbers = Vec::new();
    let mut pace = Pace::new(stride(rows.width(), 1));
    for (step, cells) in all.iter_mut().enumerate().skip(first) {
        let is_told = walker.step(&rows.step(step), None, &mut numbers);
        for number in numbers.iter().filter(|_| is_told) {
            let is_whole = trial.rule.subject.compiled.variables
                [trial.rule.pairs[number.pair].variable]
                .range
                .len()
                == rows.width();
            // A number that is no tensor's is every tensor's.
            let of = if is_whole {
                tensor_of[number.at]..tensor_of[number.at] + 1
            } else {
                0..rows.tensors.len()
            };
            for cell in &mut cells[of] {
                let off = number.off();
                cell.is_told = true;
                cell.off = cell.off.max(off);
                if off > 1.0 {
                    cell.failing += 1;
                }
            }
        }
        let is_stopped = pace.is_due() && !control.goes_on();
        if is_stopped || !goes_on(step, cells) {
            break;
        }
    }
    all
}
