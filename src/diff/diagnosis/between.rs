//! Numbers that something else than the optimiser changed between two iterations, where rows do not say so: those with which
//! the rule leads on to every row.

use crate::{
    analysis::claim::Unchecked,
    debugger::{Control, Pace, interrupted, stride},
    diff::{
        against::{CompareOptions, Deviation, compared, differing},
        configured_rule::ConfiguredRule,
        finding::{Cause, CauseKind, Diagnosis, ExplainedVariant, OwnCheck, OwnTrack},
        number_format::NumberFormat,
        outside::{OutsideChange, OutsideCollector, told},
        pairing::Pair,
        stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper},
    },
    error::Result,
    lang::{number::ABSENT, single::single},
    rule::{StateRole, VariableKind},
    runs::Run,
};

/// Rows, and the share of all, in which something may be changed without a pattern.
const FEW: usize = 3;
const SHARE: usize = 20;
/// Steps of a search for the number that leads on to another.
const SECANTS: usize = 4;

/// What was changed before one iteration: elements of a field, and their values.
struct RowChange {
    t: u64,
    field: usize,
    elements: Vec<(usize, f64)>,
}

impl RowChange {
    /// The change in the row that the iteration leads to, beside that row's others.
    fn put(&self, to: &mut RecordedRow) {
        let len = to.values[self.field].len();
        let known = to.changed.iter().position(|it| it.0 == self.field);
        let known = known.unwrap_or_else(|| {
            to.changed.push((self.field, vec![ABSENT; len]));
            to.changed.len() - 1
        });
        for (at, value) in &self.elements {
            to.changed[known].1[*at] = *value;
        }
    }
}

/// The diagnosis that numbers were changed between iterations, if with some the rule of `subject` leads through all of `run`;
/// its numbers are those of `format`.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(in crate::diff) fn between(
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    format: NumberFormat,
    control: &mut Control,
) -> Result<Option<Diagnosis>> {
    let pairs = compared(run, how);
    let fields = pairs.iter().filter(|it| it.field != 0).map(|it| it.field);
    let fields: Vec<usize> = std::iter::once(0).chain(fields).collect();
    let noise = 4.0 * format.slack() * format.unit();
    let collectors = fields.iter().map(|field| {
        let name = &run.fields[*field].name;
        OutsideCollector::new(name, &run.tensors, noise)
    });
    let mut search = BetweenSearch {
        stepper: Stepper::new(
            subject,
            &pairs,
            Mode::Replay,
            Rounding::Double,
            how.from_rows,
        ),
        how,
        subject,
        collectors: collectors.collect(),
        fields,
        pairs,
        format,
        found: Vec::new(),
        failing: 0,
        rows: 0,
    };
    let is_found = search.walk(run, control)?;
    if !is_found || search.found.is_empty() {
        return Ok(None);
    }
    let alone = search.own_steps(run, control)?;
    let changes = search.changes();
    let name = subject.compiled.rule.name.as_str();
    let text = told(&changes);
    let range = (run.t(0)? + 1, run.last);
    let sentence = format!(
        "Iterations {}-{} of the run match {name} as if numbers had been changed between iterations, not by the optimiser: {text}.",
        range.0, range.1
    );
    let cause = Cause {
        changes,
        ..Cause::new(
            CauseKind::Outside,
            text,
            "what the iteration before has left",
        )
    };
    let held = search.held(run);
    let explanation = ExplainedVariant {
        causes: vec![cause],
        explained: search.rows,
        told: search.rows,
        share: 1.0,
        range,
        arithmetic: NumberFormat::Double,
        fails_at: None,
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

struct BetweenSearch<'a> {
    stepper: Stepper,
    how: &'a CompareOptions<'a>,
    subject: &'a ConfiguredRule,
    /// The changes of each of `fields`.
    collectors: Vec<OutsideCollector>,
    fields: Vec<usize>,
    pairs: Vec<Pair>,
    format: NumberFormat,
    found: Vec<RowChange>,
    /// Rows that the rule does not lead to by itself, and all.
    failing: usize,
    rows: usize,
}

impl BetweenSearch<'_> {
    /// Looks for the changes before every iteration; false where some row needs more than that, or too many need one.
    fn walk(&mut self, run: &mut Run, control: &mut Control) -> Result<bool> {
        let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
        let mut last = None;
        self.how.alignment.frame(run, 0, &mut from)?;
        self.begin(&from);
        let mut pace = Pace::new(stride(run.dimension(), 1));
        for row in 1..run.rows {
            self.how.alignment.frame(run, row, &mut to)?;
            if pace.is_due() && !control.at(to.t) {
                return Err(interrupted());
            }
            if let Some(groups) = self.how.by_group {
                groups.hold(&mut self.stepper, to.t);
            }
            match self.stepper.advance(&from, &to) {
                StepOutcome::Done => {}
                StepOutcome::Skipped => {
                    std::mem::swap(&mut from, &mut to);
                    continue;
                }
                StepOutcome::CannotTell => return Ok(false),
            }
            self.rows += 1;
            let off = differing(&mut self.stepper, &self.pairs, (&from, &to), self.how);
            if !off.is_empty() {
                self.failing += 1;
                if !self.explains(&from, &to, &off, last.as_deref()) || !self.may_go_on(run) {
                    return Ok(false);
                }
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
        changes.all(|it| it.field == "w" && it.pattern.is_some())
    }

    fn is_telling(&self) -> bool {
        self.failing <= FEW.max(self.rows / SHARE) || self.is_patterned()
    }

    fn changes(&self) -> Vec<OutsideChange> {
        self.collectors
            .iter()
            .flat_map(OutsideCollector::changes)
            .collect()
    }

    /// Fields that nothing was changed in.
    fn held(&self, run: &Run) -> Vec<String> {
        let is_held = |field: &&usize| !self.found.iter().any(|it| it.field == **field);
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
        // What w was also goes into other lines; each of those shows what its own state was.
        let states = self.fields.iter().copied().filter(|it| *it != 0);
        let states: Vec<usize> = states.chain([0]).collect();
        for order in [vec![0], states] {
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
                self.keep(changes, from, &end, gradient);
                return true;
            }
            self.stepper.again(from, to);
        }
        false
    }

    fn keep(
        &mut self,
        changes: Vec<RowChange>,
        from: &RecordedRow,
        end: &RecordedRow,
        gradient: Option<&[f64]>,
    ) {
        let t = end.t + u64::from(self.how.alignment.first_is_start);
        for change in changes {
            let at = self.fields.iter().position(|it| *it == change.field);
            if let Some(at) = at {
                let begun = from.begun(change.field, end);
                self.collectors[at].row(t, &from.values[change.field], &begun, gradient);
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
        let variable = self.pairs.iter().find(|it| it.field == field)?.variable;
        if from.values[field].len() != end.values[field].len() {
            return None;
        }
        let begun = from.begun(field, end).into_owned();
        let mut points: Vec<(f64, f64)> = Vec::new();
        let mut change = RowChange {
            t: end.t,
            field,
            elements: Vec::new(),
        };
        for it in elements {
            let x = begun[it.at];
            points.push((x, it.expected));
            change
                .elements
                .push((it.at, x + (it.recorded - it.expected)));
        }
        for _ in 0..SECANTS {
            change.put(end);
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
        change.put(end);
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
        let mut pace = Pace::new(stride(run.dimension(), 1));
        for row in 1..run.rows {
            how.alignment.frame(run, row, &mut to)?;
            if pace.is_due() && !control.at(to.t) {
                return Err(interrupted());
            }
            if let Some(groups) = how.by_group {
                groups.hold(&mut stepper, to.t);
            }
            let t = to.t;
            for change in self.found.iter().filter(|it| it.t == t) {
                change.put(&mut to);
            }
            if stepper.advance(&from, &to) == StepOutcome::Done {
                track.hold(&to.values[0], stepper.value(0));
            }
            std::mem::swap(&mut from, &mut to);
        }
        Ok(track.outcome(self.format.unit(), Unchecked::StatesNotRecorded))
    }
}
