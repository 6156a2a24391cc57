//! A rule that is led along the rows of a run.

mod carried;
mod dependence;
mod narrow;
mod rounding;

pub use rounding::{Rounding, single};

use super::{
    configured_rule::ConfiguredRule, number_format::NumberFormat, pairing::Pair,
    recorded_gradients::RecordedLoss,
};
use crate::{
    debugger::Machine,
    lang::number::is_absent,
    loss::Loss,
    rule::{Compiled, StateRole, VariableKind},
};
use carried::CarriedRounding;
use rounding::{LineRounding, iterate, iterate_with};
use std::{borrow::Cow, sync::Arc};

/// A recorded row, as far as a comparison needs it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RecordedRow {
    /// The iteration.
    pub t: u64,
    /// For each field of the run, its numbers; empty where none were recorded.
    pub values: Vec<Vec<f64>>,
    /// The gradient that the iteration *after* this row uses, or `None`: see [`RowAlignment`](super::RowAlignment).
    pub gradient_after: Option<Vec<f64>>,
    /// The gradient that the iteration up to this row used.
    pub gradient_before: Option<Vec<f64>>,
    /// The numbers of fields that the iteration up to this row began with, where they are known to be others than those of
    /// the row before; absent for elements that are not.
    pub changed: Vec<(usize, Vec<f64>)>,
}

impl RecordedRow {
    /// The gradient that the iteration from this row to the row `to` used, where it was recorded.
    #[must_use]
    pub fn gradient_to<'a>(&'a self, to: &'a Self) -> Option<&'a Vec<f64>> {
        to.gradient_before.as_ref().or(self.gradient_after.as_ref())
    }

    /// The numbers of `field` where the iteration from this row to the row `to` began: those of this row, unless something
    /// else than the iteration has changed the parameters in between.
    #[must_use]
    pub fn begun<'a>(&'a self, field: usize, to: &'a Self) -> Cow<'a, [f64]> {
        let recorded = &self.values[field];
        let mut changed = to.changed.iter().filter(|it| {
            let follows = to.t == self.t + 1;
            it.0 == field && follows && it.1.len() == recorded.len()
        });
        let Some((_, changed)) = changed.next() else {
            return Cow::Borrowed(recorded);
        };
        let both = changed.iter().zip(recorded);
        let begun = both.map(|(changed, recorded)| {
            if is_absent(*changed) {
                *recorded
            } else {
                *changed
            }
        });
        Cow::Owned(begun.collect())
    }
}

/// The steps that the rule follows: its own, or those of the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Both begin at the same place; then the rule goes its own way.
    Free,
    /// Each iteration begins where the run was.
    Replay,
}

/// The outcome of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepOutcome {
    /// The rule stands where it says the run should be.
    Done,
    /// The gradient, or a state that matters, is not known.
    CannotTell,
    /// The run took no step because its gradient is not finite, as with a gradient scaler; neither did the rule.
    Skipped,
}

/// A rule led along a run.
pub struct Stepper {
    machine: Machine,
    /// The rule with one number where the machine's may have one for each tensor.
    written: Arc<Compiled>,
    recorded: Option<RecordedLoss>,
    answers: usize,
    pairs: Vec<Pair>,
    mode: Mode,
    rounding: Rounding,
    /// What matrix products are rounded to, where that is coarser than the numbers.
    products: Option<NumberFormat>,
    /// States that were not recorded.
    carried: Vec<usize>,
    /// States with values of their own in each iteration.
    held: Vec<(usize, Vec<f64>)>,
    counters: Vec<usize>,
    /// True once the values of the carried states are unknown.
    lost: bool,
    /// True if the last step could not be told because it depends on them.
    is_unknown: bool,
    /// True if steps were taken before the row that is called t = 0.
    is_resumed: bool,
    variables: Vec<f64>,
    /// All variables as a run begins with them.
    initial: Vec<f64>,
    expected: Vec<f64>,
    /// Multiplications, about, that were made since they were last asked for.
    work: usize,
    /// What the rounding of the carried states amounts to, where that is to be known.
    rounded: Option<CarriedRounding>,
    /// The rule at a few elements, once it has been asked for.
    narrow: Option<Box<Stepper>>,
}

/// Most iterations between two rows that are gone through.
const MOST_STEPS: u64 = 1_000_000;

/// Parameters from which on the rounding of every line is not looked into.
const MANY: usize = 65_536;

/// Two beginnings that no sum or average makes the same.
const FILLS: [f64; 2] = [0.0, 0.731_25];

impl Stepper {
    /// The rule of `subject` along a run whose gradients were recorded (`from_rows`) or come from its loss.
    #[must_use]
    pub fn new(
        subject: &ConfiguredRule,
        pairs: &[Pair],
        mode: Mode,
        rounding: Rounding,
        from_rows: bool,
    ) -> Self {
        let compiled = Arc::clone(&subject.compiled);
        let start = vec![0.0; compiled.dimension()];
        let recorded = (from_rows || subject.loss.is_none())
            .then(|| RecordedLoss::new(start.len(), subject.loss.clone()));
        let loss: &dyn Loss = match (&recorded, &subject.loss) {
            (None, Some(loss)) => &**loss,
            (Some(recorded), _) => recorded,
            (None, None) => &RecordedLoss::new(start.len(), None),
        };
        let noise = if recorded.is_some() {
            None
        } else {
            subject.noise
        };
        let machine = Machine::new(
            Arc::clone(&compiled),
            loss,
            noise,
            &subject.settings,
            &start,
        );
        let is_paired = |at: usize| pairs.iter().any(|pair| pair.variable == at);
        let states = |counts: bool| -> Vec<usize> {
            let states = compiled.variables.iter().enumerate();
            let states = states.filter(|(at, it)| match it.kind {
                VariableKind::State(role) => {
                    !is_paired(*at) && (role == Some(StateRole::Count)) == counts
                }
                _ => false,
            });
            states.map(|(at, _)| at).collect()
        };
        Self {
            // The machine evaluates at the start of an iteration even where the rule asks elsewhere.
            answers: if compiled.uses_gradient { 1 } else { 2 },
            carried: states(false),
            held: Vec::new(),
            counters: states(true),
            lost: false,
            is_unknown: false,
            is_resumed: false,
            variables: Vec::new(),
            initial: Vec::new(),
            expected: Vec::new(),
            work: 0,
            rounded: None,
            narrow: None,
            written: Arc::clone(subject.written.as_ref().unwrap_or(&compiled)),
            machine,
            recorded,
            pairs: pairs.to_vec(),
            mode,
            rounding,
            products: subject.products,
        }
    }

    /// The multiplications, about, that were made since this was last asked for.
    pub fn take_work(&mut self) -> usize {
        std::mem::take(&mut self.work)
    }

    /// The fields and variables that are compared.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// Gives a setting a value, from here on.
    pub fn set(&mut self, setting: usize, value: f64) {
        self.machine.set(setting, value);
    }

    /// Gives a state, which no line assigns, its values in the iterations from here on.
    pub fn hold(&mut self, variable: usize, values: Vec<f64>) {
        self.carried.retain(|at| *at != variable);
        match self.held.iter_mut().find(|it| it.0 == variable) {
            Some(known) => known.1 = values,
            None => self.held.push((variable, values)),
        }
    }

    /// Gives `variable` these values where the rule stands.
    pub fn put(&mut self, variable: usize, values: &[f64]) {
        let range = self.machine.compiled().variables[variable].range.clone();
        if range.len() == values.len() {
            self.variables.clear();
            self.variables.extend_from_slice(self.machine.variables());
            self.variables[range].copy_from_slice(values);
            self.machine
                .restore(self.machine.position().t, &self.variables);
        }
    }

    /// Puts the states that are held where they belong.
    fn put_held(&mut self) {
        let variables = &self.machine.compiled().variables;
        for (at, values) in &self.held {
            self.variables[variables[*at].range.clone()].copy_from_slice(values);
        }
    }

    /// The value of `variable` that the rule arrived at.
    #[must_use]
    pub fn value(&self, variable: usize) -> &[f64] {
        self.machine
            .value(&self.machine.compiled().variables[variable])
    }

    /// The value of `variable` as the rule begins with it.
    #[must_use]
    pub fn initial(&self, variable: usize) -> &[f64] {
        let range = self.machine.compiled().variables[variable].range.clone();
        self.initial.get(range).unwrap_or(&[])
    }

    /// The loss where the rule arrived; NaN unless it is known.
    #[must_use]
    pub fn loss(&self) -> f64 {
        self.machine.loss()
    }

    /// States that were not recorded, though the run is past its start, where the last step depends on them: it could not be
    /// told.
    #[must_use]
    pub fn unknown(&self) -> &[usize] {
        if self.is_unknown { &self.carried } else { &[] }
    }

    /// Begins at a row of the run, the states as at the start of a run unless they were recorded.
    ///
    /// `fixed` are states with values of their own.
    pub fn begin(&mut self, frame: &RecordedRow, settings: &[f64], fixed: &[(usize, Vec<f64>)]) {
        let compiled = Arc::clone(self.machine.compiled());
        let arena = compiled.arena(settings, &frame.values[0]);
        self.variables = arena[compiled.program.variables()].to_vec();
        for (at, values) in fixed {
            let range = compiled.variables[*at].range.clone();
            self.variables[range].copy_from_slice(values);
        }
        self.put_held();
        self.lost = false;
        self.begin_rounding();
        self.initial = self.variables.clone();
        if frame.t > 0 {
            self.lost = !self.carried.is_empty() && !self.make_first_states(frame);
            self.count(frame.t);
        }
        self.is_resumed = frame.t == 0 && self.goes_on(frame);
        if self.is_resumed {
            // How many steps there were is known from what was recorded, or else that there were some.
            self.count(1);
        }
        self.take_over(frame);
        self.machine.restore(frame.t, &self.variables);
    }

    /// True if steps were taken before the row that is called t = 0, as where a checkpoint was loaded.
    #[must_use]
    pub fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// True if states in `frame` are not those of a start. Rules and libraries begin with one number for all elements: where
    /// they differ, gradients were gathered.
    fn goes_on(&self, frame: &RecordedRow) -> bool {
        let variables = &self.machine.compiled().variables;
        let mut states = self.pairs.iter().filter(|pair| {
            let kind = variables[pair.variable].kind;
            matches!(kind, VariableKind::State(role) if role != Some(StateRole::Count))
        });
        states.any(|pair| {
            let known = frame.values[pair.field].iter();
            let mut both = known
                .zip(self.initial(pair.variable))
                .filter(|(recorded, _)| !is_absent(**recorded));
            let Some((first, _)) = both.clone().next() else {
                return false;
            };
            both.clone().any(|(recorded, _)| recorded != first) && both.any(|(a, b)| a != b)
        })
    }

    /// From the gradient that iteration 1 used, the states after it, where they do not depend on `w`,
    /// which was not recorded before it.
    fn make_first_states(&mut self, frame: &RecordedRow) -> bool {
        let (1, Some(gradient), Some(recorded)) = (frame.t, &frame.gradient_before, &self.recorded)
        else {
            return false;
        };
        let begin = self.variables.clone();
        let mut results: Vec<Vec<f64>> = Vec::new();
        for fill in FILLS {
            let mut variables = begin.clone();
            for place in &mut variables[..frame.values[0].len()] {
                *place += fill;
            }
            recorded.put(gradient, self.answers);
            self.machine.restore(0, &variables);
            iterate(&mut self.machine, self.rounding);
            results.push(self.machine.variables().to_vec());
        }
        let variables = &self.machine.compiled().variables;
        let ranges = self.carried.iter().map(|at| variables[*at].range.clone());
        let same = ranges
            .clone()
            .all(|range| results[0][range.clone()] == results[1][range]);
        if same {
            for range in ranges {
                self.variables[range.clone()].copy_from_slice(&results[0][range]);
            }
        }
        same
    }

    /// Puts `t` into the counters that were not recorded.
    fn count(&mut self, t: u64) {
        let compiled = Arc::clone(self.machine.compiled());
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        for at in &self.counters {
            self.variables[compiled.variables[*at].range.clone()].fill(t as f64);
        }
    }

    /// Puts what was recorded over what the rule has.
    fn take_over(&mut self, frame: &RecordedRow) {
        let compiled = Arc::clone(self.machine.compiled());
        put_row(&compiled, &self.pairs, frame, &mut self.variables);
    }

    /// Takes the rule from row `from` to row `to`.
    pub fn advance(&mut self, from: &RecordedRow, to: &RecordedRow) -> StepOutcome {
        let steps = to.t - from.t;
        self.is_unknown = false;
        let gradient = from.gradient_to(to).filter(|_| steps == 1);
        if gradient.is_some_and(|it| self.is_skipped(from, to, it)) {
            self.stay(to.t);
            return StepOutcome::Skipped;
        }
        if steps > MOST_STEPS || self.recorded.is_some() && gradient.is_none() {
            self.skip(to);
            return StepOutcome::CannotTell;
        }
        self.variables.clear();
        let lasting = self.machine.lasting_count();
        self.variables
            .extend_from_slice(&self.machine.variables()[..lasting]);
        if self.mode == Mode::Replay {
            self.take_over(from);
        }
        self.take_changed(from, to);
        if !self.lost {
            self.run(from.t, steps, gradient);
            self.take_bases(from, to);
            self.take_rounding(from.t, steps, gradient);
            return StepOutcome::Done;
        }
        // Whatever depends on a state that is not known comes out differently for different guesses.
        for fill in FILLS {
            for at in &self.carried {
                let range = self.machine.compiled().variables[*at].range.clone();
                self.variables[range].fill(fill);
            }
            if fill != FILLS[0] {
                self.expected.clear();
                self.expected.extend_from_slice(self.machine.variables());
            }
            self.run(from.t, steps, gradient);
        }
        let variables = &self.machine.compiled().variables;
        let now = self.machine.variables();
        let same = |pair: &Pair| {
            let range = variables[pair.variable].range.clone();
            let (a, b) = (&now[range.clone()], &self.expected[range]);
            a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
        };
        self.is_unknown = !self.pairs.iter().all(same);
        if self.is_unknown {
            StepOutcome::CannotTell
        } else {
            StepOutcome::Done
        }
    }

    /// Takes the rule from row `from` to row `to` once more, after `advance` did so: with other changes before the iteration.
    pub fn again(&mut self, from: &RecordedRow, to: &RecordedRow) {
        if self.mode == Mode::Replay {
            self.take_over(from);
        }
        self.take_changed(from, to);
        self.run(from.t, to.t - from.t, from.gradient_to(to));
    }

    /// Takes over what is known to have been changed between two rows, and nothing else.
    fn take_changed(&mut self, from: &RecordedRow, to: &RecordedRow) {
        let variables = &self.machine.compiled().variables;
        for (field, _) in &to.changed {
            let begun = from.begun(*field, to);
            let Some(pair) = self.pairs.iter().find(|it| it.field == *field) else {
                continue;
            };
            let own = self.variables[variables[pair.variable].range.clone()].iter_mut();
            let both = own.zip(begun.iter().zip(&from.values[*field]));
            for (own, (begun, was)) in both {
                if begun.to_bits() != was.to_bits() {
                    *own = *begun;
                }
            }
        }
    }

    /// Takes the bases over that `to` has and `from` had not: which of several right ones the run has is its own matter.
    fn take_bases(&mut self, from: &RecordedRow, to: &RecordedRow) {
        let compiled = Arc::clone(self.machine.compiled());
        for pair in &self.pairs {
            let variable = &compiled.variables[pair.variable];
            if variable.kind != VariableKind::State(Some(StateRole::Basis)) {
                continue;
            }
            let was = &from.values[pair.field];
            let mut values = self.machine.value(variable).to_vec();
            let recorded = to.values[pair.field].iter().enumerate();
            for (own, (at, recorded)) in values.iter_mut().zip(recorded) {
                let is_first = was.get(at).is_none_or(|it| is_absent(*it));
                if is_first && !is_absent(*recorded) {
                    *own = *recorded;
                }
            }
            self.machine.write(pair.variable, 0, &values);
        }
    }

    /// Puts the rule where an iteration from `t` on begins.
    fn prepare(&mut self, t: u64, gradient: Option<&Vec<f64>>) {
        if let (Some(recorded), Some(gradient)) = (&self.recorded, gradient) {
            recorded.put(gradient, self.answers);
        }
        self.work += self.machine.compiled().program.work();
        self.put_held();
        // What lines compute anew is not there, or does not matter.
        let lasting = self.machine.lasting_count().min(self.variables.len());
        self.machine.come_back(t, &self.variables[..lasting], None);
    }

    fn run(&mut self, t: u64, steps: u64, gradient: Option<&Vec<f64>>) {
        self.prepare(t, gradient);
        let more = usize::try_from(steps.saturating_sub(1)).unwrap_or(usize::MAX);
        let work = self.machine.compiled().program.work();
        self.work = self.work.saturating_add(more.saturating_mul(work));
        for _ in 0..steps {
            iterate(&mut self.machine, self.rounding);
        }
        if let Some(gradient) = gradient {
            self.rest(gradient);
        }
    }

    /// Puts what has no gradient back where the iteration began: a tensor that is not stepped keeps its states, too.
    fn rest(&mut self, gradient: &[f64]) {
        if !gradient.iter().any(|it| is_absent(*it)) {
            return;
        }
        let compiled = Arc::clone(self.machine.compiled());
        let lasting = compiled.variables.iter().enumerate();
        let vectors = lasting.filter(|(_, it)| {
            it.kind != VariableKind::Temporary && it.range.len() == gradient.len()
        });
        for (variable, it) in vectors {
            let mut values = self.machine.value(it).to_vec();
            let began = &self.variables[it.range.clone()];
            for ((value, began), gradient) in values.iter_mut().zip(began).zip(gradient) {
                if is_absent(*gradient) {
                    *value = *began;
                }
            }
            self.machine.write(variable, 0, &values);
        }
        let tensors = &compiled.rule.tensors;
        for (variable, it) in compiled.variables.iter().enumerate() {
            let Some(lens) = it.by_tensor.as_ref() else {
                continue;
            };
            if it.kind == VariableKind::Temporary {
                continue;
            }
            let mut first = 0;
            for (tensor, len) in tensors.iter().zip(lens) {
                let gradient = gradient.get(tensor.range.start);
                if gradient.is_some_and(|it| is_absent(*it)) {
                    let began = it.range.start + first;
                    let values = self.variables[began..began + len].to_vec();
                    self.machine.write(variable, first, &values);
                }
                first += len;
            }
        }
    }

    /// True if the run took no step from one row to the next because `gradient` is not finite.
    fn is_skipped(&self, from: &RecordedRow, to: &RecordedRow, gradient: &[f64]) -> bool {
        let fails = |value: &f64| !value.is_finite() && !is_absent(*value);
        // Libraries make their states in the first step, and one counter for each tensor.
        let stays = |pair: &Pair| {
            let was = match from.values[pair.field].as_slice() {
                [] => self.initial(pair.variable),
                was => was,
            };
            let now = &to.values[pair.field];
            let mut both = now.iter().zip(was.iter().cycle());
            now.is_empty() || (!was.is_empty() && both.all(|(a, b)| a == b))
        };
        self.recorded.is_some()
            && gradient.iter().any(fails)
            && *from.begun(0, to) == *to.values[0]
            && self.pairs.iter().all(stays)
    }

    /// Goes on at iteration `t` from where the rule stands.
    fn stay(&mut self, t: u64) {
        self.variables.clear();
        self.variables.extend_from_slice(self.machine.variables());
        self.machine.restore(t, &self.variables);
    }

    /// The distance by which each variable moves where the numbers of the last iteration, from `t` on, are changed
    /// by a share of their size: by `unit` the gradients and the states that it began with, by `line` each number that a
    /// line arrives at, as the power in `1 - beta^t`. Libraries that round the settings of such a line to 32 bits move it,
    /// too.
    fn sensitivity(
        &mut self,
        (t, steps): (u64, u64),
        recorded: Option<&Vec<f64>>,
        unit: f64,
        line: f64,
    ) -> Vec<f64> {
        let begin = self.variables.clone();
        let result = self.machine.variables().to_vec();
        let mut moved = vec![0.0; result.len()];
        let compiled = Arc::clone(self.machine.compiled());
        let states = compiled.variables.iter().filter(|it| {
            let is_count = it.kind == VariableKind::State(Some(StateRole::Count));
            it.kind != VariableKind::Temporary && !is_count
        });
        for of_gradients in [true, false] {
            let mut gradient = recorded.cloned();
            if of_gradients {
                gradient
                    .iter_mut()
                    .flatten()
                    .for_each(|value| *value *= 1.0 + unit);
            } else {
                for state in states.clone() {
                    for value in &mut self.variables[state.range.clone()] {
                        *value *= 1.0 + unit;
                    }
                }
            }
            self.run(t, steps, gradient.as_ref());
            add_distances(&mut moved, self.machine.variables(), &result);
            self.variables.clone_from(&begin);
        }
        let written = self.written.clone();
        for at in scalar_lines(&written).filter(|_| steps == 1) {
            for change in [LineRounding::Result(line), LineRounding::Settings] {
                self.prepare(t, recorded);
                iterate_with(&mut self.machine, at, change, &self.held);
                add_distances(&mut moved, self.machine.variables(), &result);
            }
        }
        let keeps_rings = compiled.program.keeps_rings();
        // Of two that nearly cancel, a difference has the rounding of both.
        let looks = steps == 1 && !keeps_rings && compiled.dimension() < MANY;
        for at in (0..compiled.lines.len()).filter(|_| looks) {
            let variable = &compiled.variables[compiled.lines[at].variable];
            let is_one = variable.range.len() == 1 || compiled.program.multiplies_matrices(at);
            if variable.kind == VariableKind::Temporary && !is_one {
                self.prepare(t, recorded);
                iterate_with(
                    &mut self.machine,
                    at,
                    LineRounding::Result(line),
                    &self.held,
                );
                add_distances(&mut moved, self.machine.variables(), &result);
            }
        }
        for at in (0..compiled.lines.len()).filter(|_| steps == 1) {
            let program = &compiled.program;
            let rounded_to = NumberFormat::of_line(&compiled.rule.step[at]);
            let products = self.products.filter(|_| program.multiplies_matrices(at));
            if rounded_to.is_some() && program.adds_up(at)
                || program.multiplies_matrices(at)
                || keeps_rings && compiled.variables[compiled.lines[at].variable].range.len() > 1
            {
                for is_turned in [false, true] {
                    let share = share_of_sums(line, rounded_to, products);
                    self.prepare(t, recorded);
                    let change = LineRounding::Entries { share, is_turned };
                    iterate_with(&mut self.machine, at, change, &self.held);
                    add_distances(&mut moved, self.machine.variables(), &result);
                }
            }
        }
        self.machine.restore(t + steps, &result);
        moved
    }

    /// Goes on at row `to` although how the rule gets there is not known.
    fn skip(&mut self, to: &RecordedRow) {
        self.lost = !self.carried.is_empty();
        self.variables.clear();
        self.variables.extend_from_slice(self.machine.variables());
        self.count(to.t);
        self.take_over(to);
        self.machine.restore(to.t, &self.variables);
    }
}

/// The share of each number by which another order of sums moves it before a line rounds it: enough to turn the last place of
/// some numbers where the line rounds to a coarser format than it adds up in, and each turns what comes of the line.
fn share_of_sums(
    line: f64,
    rounded_to: Option<NumberFormat>,
    products: Option<NumberFormat>,
) -> f64 {
    const SOME: f64 = 1.0 / 64.0;
    let own = line * NumberFormat::Single.slack();
    let turned = rounded_to.map_or(0.0, |it| it.unit() * SOME);
    let rounded = products.map_or(0.0, |it| it.unit() * it.slack());
    own.max(rounded)
        .max(if turned > line { turned } else { 0.0 })
}

/// The lines that arrive at one number which is no count.
fn scalar_lines(compiled: &Compiled) -> impl Iterator<Item = usize> + '_ {
    let lines = compiled.lines.iter().enumerate();
    lines.filter_map(|(at, line)| {
        let variable = &compiled.variables[line.variable];
        let is_count = matches!(variable.kind, VariableKind::State(Some(StateRole::Count)));
        (variable.range.len() == 1 && !is_count).then_some(at)
    })
}

/// Adds to each of `moved` how far two numbers are apart.
fn add_distances(moved: &mut [f64], now: &[f64], before: &[f64]) {
    for ((moved, now), before) in moved.iter_mut().zip(now).zip(before) {
        *moved += (now - before).abs();
    }
}

/// Puts what was recorded over `variables`, for the pairs of a field and a state of the rule.
pub(super) fn put_row(
    compiled: &Compiled,
    pairs: &[Pair],
    frame: &RecordedRow,
    variables: &mut [f64],
) {
    for pair in pairs {
        let variable = &compiled.variables[pair.variable];
        let recorded = &frame.values[pair.field];
        if variable.kind == VariableKind::Temporary || recorded.is_empty() {
            continue;
        }
        let place = &mut variables[variable.range.clone()];
        // One counter for each tensor: that of the first which has one.
        let awake = recorded.iter().position(|value| !is_absent(*value));
        let from = if place.len() == 1 {
            awake.unwrap_or(0)
        } else {
            0
        };
        for (place, value) in place.iter_mut().zip(&recorded[from..]) {
            // A tensor that was never stepped has no states yet.
            *place = if is_absent(*value) { *place } else { *value };
        }
    }
}
