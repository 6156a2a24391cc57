//! Numbers with which the rule leads on to every row, where no rule explains them: what something else than the optimiser changed
//! between two iterations, or within a step, where rows would say the former; and gradients that are not the recorded ones.

use crate::{
    analysis::claim::Unchecked,
    debugger::{Control, Pace, interrupted, stride},
    diff::{
        against::{CompareOptions, Deviation, compared, differing},
        configured_rule::ConfiguredRule,
        diagnosis::effort::Effort,
        finding::{Cause, CauseKind, Diagnosis, ExplainedVariant, OwnCheck, OwnTrack},
        number_format::NumberFormat,
        outside::{ChangePlace, OutsideChange, OutsideCollector, told},
        pairing::Pair,
        report::{EndedSearch, Remark},
        stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper},
    },
    error::Result,
    lang::{number::ABSENT, single::single},
    rule::{StateRole, VariableKind},
    runs::Run,
};
use std::ops::Range;

/// Rows, and the share of all, in which something may be changed without a pattern.
const FEW: usize = 3;
const SHARE: usize = 20;
/// Steps of a search for the number that leads on to another.
const SECANTS: usize = 4;
/// Multiplications, about, up to which the rule goes its own way with the changes.
const OWN_WORK: usize = 300_000_000;

/// What was changed before one iteration: elements of a field, or of its gradient, and their values.
struct RowChange {
    t: u64,
    /// `None` for the gradient.
    field: Option<usize>,
    elements: Vec<(usize, f64)>,
    /// What the rule leads to without the change, where that was made within the step.
    led: Option<Vec<f64>>,
}

impl RowChange {
    /// The change in the row that the iteration leads to from the row `from`, beside that row's others.
    fn put(&self, from: &RecordedRow, to: &mut RecordedRow) {
        let Some(field) = self.field else {
            let mut used = from.gradient_to(to).cloned().unwrap_or_default();
            for (at, value) in &self.elements {
                used[*at] = *value;
            }
            to.gradient_before = Some(used);
            return;
        };
        let len = to.values[field].len();
        let known = to.changed.iter().position(|it| it.0 == field);
        let known = known.unwrap_or_else(|| {
            to.changed.push((field, vec![ABSENT; len]));
            to.changed.len() - 1
        });
        for (at, value) in &self.elements {
            to.changed[known].1[*at] = *value;
        }
    }
}

/// The rows that a comparison found the rule to fail in.
pub(in crate::diff) struct FailingRows<'a> {
    /// Their iterations, in order.
    pub rows: &'a [u64],
    /// Rows that were compared, those that hold included.
    pub compared: usize,
    /// True if the rule could be led to every row.
    pub are_all_told: bool,
}

/// The diagnosis that numbers were changed between iterations, if with some the rule of `subject` leads through all of `run`;
/// its numbers are those of `format`, and those rows are `failing` that it does not lead to by itself. What was not tried is told
/// in `remarks`.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(in crate::diff) fn between(
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    (format, failing): (NumberFormat, &FailingRows),
    (control, remarks): (&mut Control, &mut Vec<Remark>),
) -> Result<Option<Diagnosis>> {
    let mut search = BetweenSearch::new(run, subject, how, format);
    let is_found = if let Some(is_found) = search.walk_failing(run, failing, control)? {
        is_found
    } else {
        // What was not recorded is led along from the first row on.
        search = BetweenSearch::new(run, subject, how, format);
        search.walk(run, control)?
    };
    let (tried, of) = (search.rows, run.rows.saturating_sub(1));
    if search.effort.is_spent() && tried < of {
        remarks.push(Remark::SearchEnded(EndedSearch {
            search: "numbers that were changed between iterations".to_owned(),
            unit: "iteration".to_owned(),
            tried,
            of,
        }));
    }
    if !is_found || search.found.is_empty() {
        return Ok(None);
    }
    let alone = search.own_steps(run, control)?;
    let changes = search.changes();
    let name = subject.compiled.rule.name.as_str();
    let range = (run.t(0)? + 1, run.last);
    let (causes, said) = by_place(&changes);
    let sentence = format!(
        "Iterations {}-{} of the run match {name} as if {}.",
        range.0,
        range.1,
        said.join(", and as if ")
    );
    let held = search.held(run);
    let explanation = ExplainedVariant {
        causes,
        explained: search.rows,
        told: search.rows,
        share: 1.0,
        range,
        arithmetic: NumberFormat::Double,
        fails_at: None,
        failing: Vec::new(),
        ulps: None,
        alone,
        sample: None,
        text: sentence.clone(),
    };
    Ok(Some(Diagnosis {
        explanations: vec![explanation],
        nearest: None,
        partial: Vec::new(),
        held,
        open: Vec::new(),
        not_finite: None,
        warnings: Vec::new(),
        text: vec![sentence],
    }))
}

/// Changes as causes, with what is said of each: gradients, what happened within steps, and what happened between them.
fn by_place(changes: &[OutsideChange]) -> (Vec<Cause>, Vec<String>) {
    let kinds = [
        (
            "another gradient than the recorded one had gone in",
            CauseKind::Gradient,
            "the recorded gradient",
        ),
        (
            "the step itself had changed numbers beyond what the rule does",
            CauseKind::Order,
            "what the rule leads to",
        ),
        (
            "numbers had been changed between iterations, not by the optimiser",
            CauseKind::Outside,
            "what the iteration before has left",
        ),
    ];
    let (mut causes, mut said) = (Vec::new(), Vec::new());
    for (what, kind, rule_has) in kinds {
        let is_own = |it: &&OutsideChange| {
            let own = match it.place {
                ChangePlace::Before => CauseKind::Outside,
                ChangePlace::Within if it.field == "g" => CauseKind::Gradient,
                ChangePlace::Within => CauseKind::Order,
            };
            own == kind
        };
        let own: Vec<OutsideChange> = changes.iter().filter(is_own).cloned().collect();
        if own.is_empty() {
            continue;
        }
        let text = told(&own);
        said.push(format!("{what}: {text}"));
        causes.push(Cause {
            changes: own,
            ..Cause::new(kind, text, rule_has)
        });
    }
    (causes, said)
}

struct BetweenSearch<'a> {
    stepper: Stepper,
    how: &'a CompareOptions<'a>,
    subject: &'a ConfiguredRule,
    /// The changes of each of `fields`.
    collectors: Vec<OutsideCollector>,
    /// The changes of w as ones that were made within steps.
    within: OutsideCollector,
    /// The changes of the gradient.
    gradient: OutsideCollector,
    /// True if rows say what has changed the parameters between two steps.
    from_hook: bool,
    /// The coordinates of each tensor.
    ranges: Vec<Range<usize>>,
    fields: Vec<usize>,
    pairs: Vec<Pair>,
    format: NumberFormat,
    found: Vec<RowChange>,
    /// Rows that the rule does not lead to by itself, and all.
    failing: usize,
    rows: usize,
    effort: Effort,
}

impl<'a> BetweenSearch<'a> {
    fn new(
        run: &Run,
        subject: &'a ConfiguredRule,
        how: &'a CompareOptions<'a>,
        format: NumberFormat,
    ) -> Self {
        let pairs = compared(run, how);
        let fields = pairs.iter().filter(|it| it.field != 0).map(|it| it.field);
        let fields: Vec<usize> = std::iter::once(0).chain(fields).collect();
        let noise = 4.0 * format.slack() * format.unit();
        // Hooks say what has changed w between two steps: what they do not say was done within one.
        let from_hook = run
            .header
            .as_ref()
            .is_some_and(|it| it.get("hook").is_some());
        let collectors = fields.iter().map(|field| {
            let name = &run.fields[*field].name;
            OutsideCollector::new(name, &run.tensors, noise)
        });
        let within =
            |name| OutsideCollector::new(name, &run.tensors, noise).at(ChangePlace::Within);
        let stepper = how.stepper(subject, &pairs, Mode::Replay);
        Self {
            stepper,
            how,
            subject,
            collectors: collectors.collect(),
            within: within("w"),
            gradient: within("g"),
            from_hook,
            ranges: run.tensors.iter().map(|it| it.range.clone()).collect(),
            fields,
            pairs,
            format,
            found: Vec::new(),
            failing: 0,
            rows: 0,
            effort: Effort::default(),
        }
    }
}

impl BetweenSearch<'_> {
    /// Looks for the changes before the iterations that are `failing`, each from the row before it; false where some row needs
    /// more than that, or too many need one, `None` where rows do not say enough to begin at.
    fn walk_failing(
        &mut self,
        run: &mut Run,
        failing: &FailingRows,
        control: &mut Control,
    ) -> Result<Option<bool>> {
        if !failing.are_all_told {
            return Ok(None);
        }
        self.rows = failing.compared;
        let mut frames = [(); 3].map(|()| RecordedRow::default());
        let mut pace = Pace::new(stride(run.dimension(), 1));
        for (done, t) in failing.rows.iter().enumerate() {
            if self.effort.is_spent() {
                self.rows = failing.compared.saturating_sub(failing.rows.len() - done);
                return Ok(Some(false));
            }
            let Some(row) = run.row_at(*t)?.filter(|row| *row > 0) else {
                return Ok(None);
            };
            // What the iteration before used may be what the gradient was changed to.
            let first = row.saturating_sub(2);
            for (at, frame) in (first..=row).zip(&mut frames[2 + first - row..]) {
                self.how.alignment.frame(run, at, frame)?;
            }
            let [before, from, to] = &frames;
            if pace.is_due() && !control.at(to.t) {
                return Err(interrupted());
            }
            if from.values[0].is_empty() {
                return Ok(None);
            }
            self.begin(from);
            self.how.hold_settings(&mut self.stepper, to);
            if self.stepper.advance(from, to) != StepOutcome::Done {
                return Ok(None);
            }
            self.effort.spend(self.stepper.take_work());
            let gradient = before.gradient_to(from).filter(|_| row > 1).cloned();
            if !self.may_explain(run, (from, to), gradient.as_deref()) {
                return Ok(Some(false));
            }
        }
        Ok(Some(self.is_telling()))
    }

    /// True if the row `to`, which the rule was led to, is the rule's, or may be explained by numbers that were changed.
    fn may_explain(
        &mut self,
        run: &Run,
        (from, to): (&RecordedRow, &RecordedRow),
        gradient: Option<&[f64]>,
    ) -> bool {
        let off = differing(&mut self.stepper, &self.pairs, (from, to), self.how);
        if off.is_empty() {
            return true;
        }
        self.failing += 1;
        self.explains(from, to, &off, gradient) && self.may_go_on(run)
    }

    /// Looks for the changes before every iteration; false where some row needs more than that, or too many need one.
    fn walk(&mut self, run: &mut Run, control: &mut Control) -> Result<bool> {
        let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
        let mut last = None;
        self.how.alignment.frame(run, 0, &mut from)?;
        self.begin(&from);
        let mut pace = Pace::new(stride(run.dimension(), 1));
        for row in 1..run.rows {
            self.effort.spend(self.stepper.take_work());
            if self.effort.is_spent() {
                return Ok(false);
            }
            self.how.alignment.frame(run, row, &mut to)?;
            if pace.is_due() && !control.at(to.t) {
                return Err(interrupted());
            }
            self.how.hold_settings(&mut self.stepper, &to);
            match self.stepper.advance(&from, &to) {
                StepOutcome::Done => {}
                StepOutcome::Skipped => {
                    std::mem::swap(&mut from, &mut to);
                    continue;
                }
                StepOutcome::CannotTell => return Ok(false),
            }
            self.rows += 1;
            if !self.may_explain(run, (&from, &to), last.as_deref()) {
                return Ok(false);
            }
            last = from.gradient_to(&to).cloned();
            std::mem::swap(&mut from, &mut to);
        }
        Ok(self.is_telling())
    }

    fn begin(&mut self, from: &RecordedRow) {
        if let Some(groups) = self.how.by_group {
            groups.hold(&mut self.stepper, from.t);
        }
        let settings = &self.subject.settings;
        self.stepper.begin(from, settings, &[]);
    }

    /// False once more rows need a change than chance or mistakes make, and the changes have nothing in common.
    fn may_go_on(&self, run: &Run) -> bool {
        let is_rare = self.failing <= FEW.max(run.rows / SHARE);
        is_rare || !self.failing.is_multiple_of(8) || self.is_patterned()
    }

    /// True if all changes are those of `w`, and have something in common.
    fn is_patterned(&self) -> bool {
        let mut changes = self.changes().into_iter();
        changes.all(|it| ["w", "g"].contains(&it.field.as_str()) && it.pattern.is_some())
    }

    fn is_telling(&self) -> bool {
        // Where no step is the rule's, that it is the rule at all is not shown: a change in the one step there is explains nothing.
        let is_rare = self.failing <= FEW.max(self.rows / SHARE) && self.failing < self.rows;
        is_rare || self.rows > 1 && self.is_patterned()
    }

    fn changes(&self) -> Vec<OutsideChange> {
        let is_patterned = |all: &[OutsideChange]| all.iter().all(|it| it.pattern.is_some());
        let (before, within) = (self.collectors[0].changes(), self.within.changes());
        // What has a pattern between steps alone was changed there, whatever rows say.
        let is_within = self.from_hook && (is_patterned(&within) || !is_patterned(&before));
        let mut all = if is_within { within } else { before };
        let others = self.collectors[1..].iter().chain([&self.gradient]);
        all.extend(others.flat_map(OutsideCollector::changes));
        all
    }

    /// Fields that nothing was changed in.
    fn held(&self, run: &Run) -> Vec<String> {
        let is_held = |field: &&usize| !self.found.iter().any(|it| it.field == Some(**field));
        let held = self.fields.iter().filter(is_held);
        held.map(|field| run.fields[*field].name.clone()).collect()
    }

    /// Looks for numbers with which the rule leads to the row `to`; keeps them, and returns true, where there are some.
    fn explains(
        &mut self,
        from: &RecordedRow,
        to: &RecordedRow,
        off: &[Deviation],
        gradient: Option<&[f64]>,
    ) -> bool {
        let compiled = &self.subject.compiled;
        let is_count = |field: usize| {
            let mut pairs = self.pairs.iter().filter(|it| it.field == field);
            pairs.any(|it| {
                compiled.variables[it.variable].kind == VariableKind::State(Some(StateRole::Count))
            })
        };
        if off.iter().any(|it| is_count(it.field)) {
            return false;
        }
        if let Some(change) = self.other_gradient(from, to, off) {
            let mut end = to.clone();
            change.put(from, &mut end);
            self.keep(vec![change], (from, to, &end), gradient);
            return true;
        }
        self.stepper.again(from, to);
        // What w was also goes into other lines; each of those shows what its own state was.
        let states = self.fields.iter().copied().filter(|it| *it != 0);
        let states: Vec<usize> = states.chain([0]).collect();
        let of_w = off.iter().all(|it| it.field == 0) || !self.from_hook;
        let orders = of_w.then(|| vec![0]).into_iter().chain([states]);
        for order in orders {
            let mut end = to.clone();
            let mut changes: Vec<RowChange> = Vec::new();
            let mut left = off.to_vec();
            for field in order {
                let elements = left.iter().filter(|it| it.field == field);
                let elements: Vec<Deviation> = elements.copied().collect();
                if elements.is_empty() {
                    continue;
                }
                let Some(change) = self.solve(field, &elements, from, &mut end) else {
                    break;
                };
                changes.push(change);
                left = differing(&mut self.stepper, &self.pairs, (from, &end), self.how);
                if left.is_empty() {
                    break;
                }
            }
            if left.is_empty() {
                self.keep(changes, (from, to, &end), gradient);
                return true;
            }
            self.stepper.again(from, to);
        }
        false
    }

    fn keep(
        &mut self,
        changes: Vec<RowChange>,
        (from, to, end): (&RecordedRow, &RecordedRow, &RecordedRow),
        gradient: Option<&[f64]>,
    ) {
        let t = end.t + u64::from(self.how.alignment.first_is_start);
        for change in changes {
            let Some(field) = change.field else {
                if let (Some(recorded), Some(used)) = (from.gradient_to(to), from.gradient_to(end))
                {
                    self.gradient.row(t, recorded, used, None);
                }
                self.found.push(change);
                continue;
            };
            let at = self.fields.iter().position(|it| *it == field);
            if let Some(led) = &change.led {
                self.within.row(t, led, &end.values[field], gradient);
            }
            if let Some(at) = at {
                let begun = from.begun(field, end);
                self.collectors[at].row(t, &from.values[field], &begun, gradient);
            }
            self.found.push(change);
        }
    }

    /// The values of elements of `field` from which the rule leads to what was recorded, put into the row `end`.
    fn solve(
        &mut self,
        field: usize,
        elements: &[Deviation],
        from: &RecordedRow,
        end: &mut RecordedRow,
    ) -> Option<RowChange> {
        let variable = self.variable(field)?;
        if from.values[field].len() != end.values[field].len() {
            return None;
        }
        let led = (field == 0 && self.from_hook).then(|| {
            let mut led = end.values[field].clone();
            for it in elements {
                led[it.at] = self.stepper.value(variable)[it.at];
            }
            led
        });
        let begun = from.begun(field, end).into_owned();
        let begins = |it: &Deviation| (begun[it.at], begun[it.at] + (it.recorded - it.expected));
        let begins: Vec<(f64, f64)> = elements.iter().map(begins).collect();
        let change = RowChange {
            t: end.t,
            field: Some(field),
            elements: Vec::new(),
            led,
        };
        self.descend(change, elements, &begins, from, end)
    }

    /// The variable that `field` is.
    fn variable(&self, field: usize) -> Option<usize> {
        let mut pairs = self.pairs.iter();
        pairs.find(|it| it.field == field).map(|it| it.variable)
    }

    /// Another gradient than the recorded one with which the rule leads to the row `to`, where that is told from other changes:
    /// it makes up for what is off in several fields, or for all numbers of a state.
    fn other_gradient(
        &mut self,
        from: &RecordedRow,
        to: &RecordedRow,
        off: &[Deviation],
    ) -> Option<RowChange> {
        let used = from.gradient_to(to)?.clone();
        let role = |field: usize| {
            let variable = self.variable(field)?;
            match self.subject.compiled.variables[variable].kind {
                VariableKind::State(role) => role,
                _ => None,
            }
        };
        let mut states: Vec<usize> = off
            .iter()
            .map(|it| it.field)
            .filter(|it| *it != 0)
            .collect();
        states.sort_unstable();
        states.dedup();
        states.sort_by_key(|it| role(*it) != Some(StateRole::Momentum));
        let first = *states.first()?;
        let elements = off.iter().filter(|it| it.field == first);
        let elements: Vec<Deviation> = elements.copied().collect();
        let mut tensors = self.ranges.iter();
        let is_all = tensors.all(|range| {
            let own = elements.iter().filter(|it| range.contains(&it.at)).count();
            own == 0 || own == range.len()
        });
        let is_told = states.len() > 1 || is_all;
        if !is_told || elements.iter().any(|it| it.at >= used.len()) {
            return None;
        }
        let size = used.iter().fold(0.0, |most: f64, it| most.max(it.abs()));
        let begins = |it: &Deviation| (used[it.at], used[it.at] + 0.1 * size);
        let begins: Vec<(f64, f64)> = elements.iter().map(begins).collect();
        let change = RowChange {
            t: to.t,
            field: None,
            elements: Vec::new(),
            led: None,
        };
        let mut end = to.clone();
        let change = self.descend(change, &elements, &begins, from, &mut end)?;
        let left = differing(&mut self.stepper, &self.pairs, (from, &end), self.how);
        left.is_empty().then_some(change)
    }

    /// The values from which the rule leads to what was recorded of `elements`, put into the row `end`; each search begins with
    /// a value and another one.
    fn descend(
        &mut self,
        mut change: RowChange,
        elements: &[Deviation],
        begins: &[(f64, f64)],
        from: &RecordedRow,
        end: &mut RecordedRow,
    ) -> Option<RowChange> {
        let variable = self.variable(elements.first()?.field)?;
        let mut points: Vec<(f64, f64)> = Vec::new();
        for (it, (x, other)) in elements.iter().zip(begins) {
            points.push((*x, it.expected));
            change.elements.push((it.at, *other));
        }
        for _ in 0..SECANTS {
            change.put(from, end);
            self.stepper.again(from, end);
            let led = self.stepper.value(variable);
            let both = elements.iter().zip(&mut change.elements).zip(&mut points);
            for ((it, (at, x)), point) in both {
                let y = led[*at];
                let slope = (y - point.1) / (*x - point.0);
                let next = *x + (it.recorded - y) / slope;
                *point = (*x, y);
                if next.is_finite() && y != it.recorded {
                    *x = next;
                }
            }
        }
        if self.format == NumberFormat::Single {
            for (_, x) in &mut change.elements {
                *x = f64::from(single(*x));
            }
        }
        let is_known = change.elements.iter().all(|it| it.1.is_finite());
        change.put(from, end);
        self.stepper.again(from, end);
        is_known.then_some(change)
    }

    /// The rule with the changes on its own steps.
    fn own_steps(&self, run: &mut Run, control: &mut Control) -> Result<OwnCheck> {
        let how = self.how;
        let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
        let mode = Mode::Free;
        let mut stepper = Stepper::new(
            self.subject,
            &self.pairs,
            mode,
            Rounding::Double,
            how.from_rows,
        );
        how.alignment.frame(run, 0, &mut from)?;
        if let Some(groups) = how.by_group {
            groups.hold(&mut stepper, from.t);
        }
        stepper.begin(&from, &self.subject.settings, &[]);
        let mut track = OwnTrack::default();
        track.begin(&from.values[0]);
        // Long runs of many parameters go a part of the way.
        let effort = Effort::up_to(OWN_WORK);
        let mut pace = Pace::new(stride(run.dimension(), 1));
        for row in 1..run.rows {
            effort.spend(stepper.take_work());
            if effort.is_spent() {
                break;
            }
            how.alignment.frame(run, row, &mut to)?;
            if pace.is_due() && !control.at(to.t) {
                return Err(interrupted());
            }
            how.hold_settings(&mut stepper, &to);
            let t = to.t;
            for change in self.found.iter().filter(|it| it.t == t) {
                change.put(&from, &mut to);
            }
            if stepper.advance(&from, &to) == StepOutcome::Done {
                track.hold(&to.values[0], stepper.value(0));
            }
            std::mem::swap(&mut from, &mut to);
        }
        Ok(track.outcome(self.format.unit(), Unchecked::StatesNotRecorded))
    }
}
