//! A rule under the debugger that is led along a recorded run: its lines run on what was recorded.

use super::{
    by_group::RuleByGroup,
    configured_rule::ConfiguredRule,
    examine::choose,
    pairing::{Pair, pair},
    recorded_part::{refuse_norms, refuse_partial},
    row_alignment::{GradientTiming, RowAlignment},
    stepper::{RecordedRow, put_row},
};
use crate::{
    debugger::{Lane, Machine, NewRows, Recording, known_norm},
    error::{Error, ErrorCode, Result},
    lang::number::{ABSENT, is_absent},
    loss::Landscape,
    rule::{Compiled, StateRole, VariableKind},
    runs::{FieldMeaning, Run, RunPart, SharedRun},
};
use std::{
    ops::Range,
    sync::{Arc, PoisonError},
};

/// A lane in which the rule of `subject` begins each iteration where `shared` was recorded to be, and uses the recorded
/// gradient. `own` is the landscape of the run; where only the tensors of `part` are the rule's, others stay as they are
/// recorded.
///
/// # Errors
/// A run without gradients, a rule that asks for others than the recorded ones, a file that cannot be read again.
pub fn led_lane(
    shared: &SharedRun,
    subject: &ConfiguredRule,
    part: Option<&RunPart>,
    timing: Option<GradientTiming>,
    own: &Landscape,
) -> Result<Lane> {
    let mut guard = shared.lock().unwrap_or_else(PoisonError::into_inner);
    let mut part = part.cloned();
    let seen = PartSeen::new(&mut guard, part.as_mut());
    let run = &mut *seen.run;
    let name = subject.compiled.rule.name.as_str();
    let lacks = |what: String| {
        Error::plain(ErrorCode::InsufficientData, what)
            .help("name the loss, and the rule runs beside the run: --loss NAME")
    };
    refuse_norms(run)?;
    refuse_partial(run, subject)?;
    if run.meaning(FieldMeaning::Gradient).is_none() {
        return Err(lacks(format!("`{}` has no gradients for {name}", run.name)));
    }
    if subject.compiled.further_gradients > 0 || !subject.compiled.uses_gradient {
        return Err(lacks(format!(
            "{name} asks for gradients at other places than w, which were not recorded"
        )));
    }
    let pairing = pair(run, &subject.compiled, &[])?;
    let alignment = choose(run, subject, &pairing, timing, true)?;
    let columns = pairing.settings.iter().filter(|it| {
        // What a hook notes is known group by group.
        !(subject.is_as_recorded && run.fields[it.0].len > 1)
    });
    let columns: Vec<&str> = columns
        .map(|it| subject.compiled.settings[it.1].name.as_str())
        .collect();
    let by_group = RuleByGroup::along(run, subject, &columns)?;
    let compiled = Arc::clone(&by_group.subject.compiled);
    let pairs = pair(run, &compiled, &[])?.pairs;
    let is_paired = |at: usize| pairs.iter().any(|pair| pair.variable == at);
    let counters = compiled.variables.iter().enumerate().filter(|(at, it)| {
        it.kind == VariableKind::State(Some(StateRole::Count)) && !is_paired(*at)
    });
    let counters = counters.map(|(_, it)| it.range.clone()).collect();
    let in_columns = columns.iter().filter_map(|name| {
        let field = pairing
            .settings
            .iter()
            .find(|it| subject.compiled.settings[it.1].name == **name)?;
        Some((field.0, compiled.variable(name)?.range.clone()))
    });
    let first = run.first - u64::from(alignment.first_is_start);
    let settings = by_group.subject.settings.clone();
    let start = run.start()?;
    let initial = compiled.arena(&settings, &start)[compiled.program.variables()].to_vec();
    let rows = LedRows {
        first,
        initial,
        in_columns: in_columns.collect(),
        run: Arc::clone(shared),
        loss: run.meaning(FieldMeaning::Loss),
        gradient: run.gradient_beside_loss(),
        is_changed: run.meaning(FieldMeaning::BegunWith).is_some(),
        alignment,
        pairs,
        counters,
        by_group,
        compiled: Arc::clone(&compiled),
        row: RecordedRow::default(),
        norm: ABSENT,
        part: None,
    };
    drop(seen);
    drop(guard);
    let rows = LedRows { part, ..rows };
    let machine = Machine::led(compiled, Box::new(rows), &*own.loss, &settings, first);
    Ok(Lane::recorded(machine, Arc::clone(&own.loss)))
}

/// A run while it is seen as a part of it.
struct PartSeen<'a> {
    run: &'a mut Run,
    part: Option<&'a mut RunPart>,
}

impl<'a> PartSeen<'a> {
    fn new(run: &'a mut Run, mut part: Option<&'a mut RunPart>) -> Self {
        if let Some(part) = &mut part {
            part.go_on(run);
            run.swap(part);
        }
        Self { run, part }
    }
}

impl Drop for PartSeen<'_> {
    fn drop(&mut self) {
        if let Some(part) = &mut self.part {
            self.run.swap(part);
        }
    }
}

/// The rows of a run as the beginnings of a rule's iterations.
#[derive(Clone)]
struct LedRows {
    /// What the run is to the rule, where other tensors are not the rule's.
    part: Option<RunPart>,
    run: SharedRun,
    first: u64,
    loss: Option<usize>,
    /// The gradient in the same row.
    gradient: Option<usize>,
    alignment: RowAlignment,
    pairs: Vec<Pair>,
    /// Counters that were not recorded.
    counters: Vec<Range<usize>>,
    /// Fields that say what a setting was, and the state that it is.
    in_columns: Vec<(usize, Range<usize>)>,
    by_group: RuleByGroup,
    compiled: Arc<Compiled>,
    /// True if rows say where something else than the steps has changed the parameters.
    is_changed: bool,
    /// All variables as the rule begins with them: the states of a tensor that was never stepped.
    initial: Vec<f64>,
    row: RecordedRow,
    /// The norm of the gradient in the row read last.
    norm: f64,
}

impl LedRows {
    /// Reads the row at iteration `t`, or the one before it; false where there is none at `t`.
    fn read_row(&mut self, t: u64) -> Result<bool> {
        let shift = u64::from(self.alignment.first_is_start);
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = PartSeen::new(&mut run, self.part.as_mut());
        let at = seen.run.row_at(t + shift)?.unwrap_or_default();
        self.alignment.frame(seen.run, at, &mut self.row)?;
        if seen.run.is_followed() {
            self.by_group.go_on(seen.run)?;
        }
        Ok(self.row.t == t)
    }

    /// True if there is a row at `t`.
    fn has_row(&self, t: u64) -> Result<bool> {
        let t = t + u64::from(self.alignment.first_is_start);
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        match run.row_at(t)? {
            Some(row) => Ok(run.t(row)? == t),
            None => Ok(false),
        }
    }

    /// The gradient of the iteration after `t`, if it was recorded and the place where that begins.
    fn next_gradient(&mut self, t: u64) -> Result<Option<&Vec<f64>>> {
        let is_ahead = self.alignment.convention == GradientTiming::Ahead;
        let is_there = self.has_row(t)? && self.read_row(if is_ahead { t } else { t + 1 })?;
        let gradient = if is_ahead {
            &self.row.gradient_after
        } else {
            &self.row.gradient_before
        };
        Ok(gradient.as_ref().filter(|_| is_there))
    }
}

impl Recording for LedRows {
    fn last(&self) -> u64 {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.last - u64::from(self.alignment.first_is_start)
    }

    fn grow(&mut self) -> Result<NewRows> {
        self.run
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .grow()
    }

    fn next(&mut self, t: u64) -> Option<u64> {
        let shift = u64::from(self.alignment.first_is_start);
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let next = |run: &mut Run| -> Result<Option<u64>> {
            let row = run.row_at(t + shift)?.map_or(0, |row| row + 1);
            (row < run.rows).then(|| run.t(row)).transpose()
        };
        // Rows that cannot be read are met where they should be.
        next(&mut run).map_or(Some(t + 1), |next| next.map(|next| next - shift))
    }

    fn until(&mut self, t: u64) -> Option<u64> {
        let shift = u64::from(self.alignment.first_is_start);
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        // Rows that cannot be read are met where they should be.
        let until = run.until(t + shift).unwrap_or(Some(t + shift));
        until.and_then(|until| until.checked_sub(shift))
    }

    fn has_loss(&self) -> bool {
        self.loss.is_some()
    }

    fn gradient_norm(&self) -> Option<f64> {
        Some(self.norm)
    }

    fn twin(&self) -> Box<dyn Recording> {
        Box::new(self.clone())
    }

    fn read(&mut self, t: u64, variables: &mut [f64], gradient: &mut [f64]) -> Result<f64> {
        if !self.read_row(t)? {
            variables.fill(ABSENT);
            gradient.fill(ABSENT);
            self.norm = ABSENT;
            return Ok(ABSENT);
        }
        let own = self.gradient.map(|field| &self.row.values[field]);
        self.norm = own.map_or(ABSENT, |own| known_norm(own));
        // What has no gradient has not moved.
        if let Some(used) = &self.row.gradient_before {
            let still = used.iter().enumerate().filter(|it| is_absent(*it.1));
            for (at, _) in still {
                for pair in &self.pairs {
                    let range = &self.compiled.variables[pair.variable].range;
                    let recorded = &self.row.values[pair.field];
                    if range.len() == used.len() && recorded.len() == used.len() {
                        let place = range.start + at;
                        let is_there = !is_absent(recorded[at]);
                        let initial = self.initial[place];
                        variables[place] = if is_there { recorded[at] } else { initial };
                    }
                }
            }
        }
        // Where the rule leads to from a row that is missing is not known.
        if t > self.first && !self.has_row(t - 1)? {
            for pair in &self.pairs {
                let range = &self.compiled.variables[pair.variable].range;
                variables[range.clone()].fill(ABSENT);
            }
            let all = self.compiled.variables.iter();
            for passing in all.filter(|it| it.kind == VariableKind::Temporary) {
                variables[passing.range.clone()].fill(ABSENT);
            }
        }
        let loss = self.loss.and_then(|field| self.row.values[field].first());
        let loss = loss.copied().unwrap_or(ABSENT);
        match self.next_gradient(t)? {
            Some(next) => gradient.copy_from_slice(next),
            None => gradient.fill(ABSENT),
        }
        Ok(loss)
    }

    fn lead(&mut self, t: u64, variables: &mut [f64]) -> Result<()> {
        if !self.read_row(t)? {
            variables.fill(ABSENT);
            return Ok(());
        }
        for pair in &self.pairs {
            let variable = &self.compiled.variables[pair.variable];
            if matches!(variable.kind, VariableKind::State(_)) {
                variables[variable.range.clone()]
                    .copy_from_slice(&self.initial[variable.range.clone()]);
            }
        }
        put_row(&self.compiled, &self.pairs, &self.row, variables);
        if self.row.values[0].is_empty() {
            variables[..self.compiled.dimension()].fill(ABSENT);
        }
        if self.is_changed && self.has_row(t + 1)? {
            self.read_row(t + 1)?;
            let changed = self.row.changed.iter().flat_map(|it| &it.1);
            for (w, begun) in variables.iter_mut().zip(changed) {
                *w = if is_absent(*begun) { *w } else { *begun };
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        for counter in &self.counters {
            variables[counter.clone()].fill(t as f64);
        }
        for (variable, values) in self.by_group.settings_of(t + 1) {
            let place = self.compiled.variables[variable].range.clone();
            variables[place].copy_from_slice(&values);
        }
        if !self.in_columns.is_empty() {
            self.read_row(t + 1)?;
            for (field, place) in &self.in_columns {
                if let Some(value) = self.row.values[*field].first() {
                    variables[place.clone()].fill(*value);
                }
            }
        }
        Ok(())
    }
}
