//! The lines that were solved for on their own steps: from the first row on, each from what the lines before it made.

use super::{
    buffer::{BufferQuestion, Law},
    observed::Observed,
    step_form::StepView,
    term::BufferTerm,
    update::UpdateLaw,
};
use crate::{
    analysis::claim::Unchecked,
    debugger::{Control, Pace, stride},
    diff::{
        finding::{OwnCheck, OwnTrack},
        stepper::StepOutcome,
    },
};

/// The gradient that goes into a line.
#[derive(Debug, Clone)]
pub(super) enum UsedGradient {
    /// The recorded one.
    Recorded,
    /// One that was solved for in each iteration.
    Solved(Vec<Vec<f64>>),
    /// What the run's line of a first moment adds, where the rule's adds the gradient `of`.
    Line { law: Law, rule: Law, of: Box<Self> },
}

impl UsedGradient {
    /// The gradient in iteration `row` of `o`.
    pub fn row(&self, o: &Observed, row: usize) -> Vec<f64> {
        match self {
            Self::Recorded => o.g[row].clone(),
            Self::Solved(rows) => rows[row].clone(),
            Self::Line { law, rule, of } => {
                let averages =
                    (rule.of(BufferTerm::Old) + rule.of(BufferTerm::Gradient) - 1.0).abs() < 1e-6;
                let share = if averages {
                    1.0 - law.of(BufferTerm::Old)
                } else {
                    rule.of(BufferTerm::Gradient)
                };
                let g = of.row(o, row);
                let parts = [
                    (law.of(BufferTerm::Gradient), &g),
                    (law.of(BufferTerm::Parameter), &o.w.before[row]),
                    (law.of(BufferTerm::Total), &o.total[row]),
                    (law.of(BufferTerm::Pending), &o.pending[row]),
                ];
                let sum = |at: usize| parts.iter().map(|(c, values)| c * values[at]).sum::<f64>();
                (0..o.places.len()).map(|at| sum(at) / share).collect()
            }
        }
    }

    /// The gradient in each iteration of `o`.
    pub fn rows(&self, o: &Observed) -> Vec<Vec<f64>> {
        (0..o.t.len()).map(|row| self.row(o, row)).collect()
    }
}

/// The line of a buffer that is not the rule's.
#[derive(Debug, Clone)]
pub(super) struct SolvedBuffer {
    pub law: Law,
    pub rule: Option<Law>,
    pub used: UsedGradient,
}

/// The line of `w`, or of some of its tensors, that is not the rule's.
#[derive(Debug, Clone)]
pub(super) struct SolvedUpdate {
    pub law: UpdateLaw,
    /// The number of each update.
    pub count: Vec<f64>,
    pub used: UsedGradient,
}

/// The way in which `w` moves.
#[derive(Debug, Clone)]
pub(super) enum SolvedStep {
    /// By the rule's line.
    Rule,
    /// By these lines, of which the first that leads counts. Where none does, `w` stays.
    Lines(Vec<SolvedUpdate>),
    /// By the rule's line, and each coordinate by so much at most.
    AtMost(f64),
}

impl SolvedStep {
    fn lines(&self) -> &[SolvedUpdate] {
        match self {
            Self::Lines(lines) => lines,
            Self::Rule | Self::AtMost(_) => &[],
        }
    }
}

/// All lines of a run: the rule's with these settings, where no other was solved for.
#[derive(Debug, Clone)]
pub(super) struct SolvedLines {
    pub settings: Vec<f64>,
    /// For each buffer.
    pub buffers: Vec<Option<SolvedBuffer>>,
    pub w: SolvedStep,
}

impl SolvedLines {
    /// The rule's lines with `settings`.
    pub fn of_rule(observed: &Observed, settings: &[f64]) -> Self {
        Self {
            settings: settings.to_vec(),
            buffers: vec![None; observed.buffers.len()],
            w: SolvedStep::Rule,
        }
    }
}

/// Lets `lines` go their own way along the iterations of `observed`, with the recorded gradients, as far as `control` lets
/// them.
pub(super) fn own_steps(
    observed: &Observed,
    lines: &SolvedLines,
    control: &mut Control,
) -> OwnCheck {
    let mut track = OwnTrack::default();
    let missing = match OwnLines::new(observed, lines).lead(&mut track, control) {
        Ok(()) => Unchecked::StatesNotRecorded,
        Err(t) => return OwnCheck::Unchecked(Unchecked::RowsNeeded { t }),
    };
    track.outcome(observed.coarsest().unit(), missing)
}

/// Holds the parameters that a run begins with against all of it.
pub(super) fn rests(observed: &Observed) -> OwnCheck {
    let mut track = OwnTrack::default();
    for after in &observed.w.after {
        track.hold(after, &observed.w.before[0]);
    }
    track.outcome(observed.coarsest().unit(), Unchecked::NothingExplained)
}

struct OwnLines<'a> {
    observed: &'a Observed,
    lines: &'a SolvedLines,
    /// The run as the lines make it, as far as they have been led.
    own: Observed,
    /// The gradients that went into each buffer of the run that was recorded.
    recorded_into: Vec<Vec<Vec<f64>>>,
    /// The gradients that went into each buffer, and into each line of `w`.
    into_buffers: Vec<Vec<Vec<f64>>>,
    into_w: Vec<Vec<Vec<f64>>>,
}

impl<'a> OwnLines<'a> {
    fn new(observed: &'a Observed, lines: &'a SolvedLines) -> Self {
        let used = lines.buffers.iter().map(Option::as_ref);
        let used = used.map(|it| it.map_or_else(Vec::new, |it| it.used.rows(observed)));
        Self {
            recorded_into: used.collect(),
            into_buffers: vec![Vec::new(); observed.buffers.len()],
            into_w: vec![Vec::new(); lines.w.lines().len()],
            own: observed.clone(),
            observed,
            lines,
        }
    }

    /// Leads through all iterations; or returns the first one in which a line needs the recorded row.
    fn lead(mut self, track: &mut OwnTrack, control: &mut Control) -> Result<(), u64> {
        let mut pace = Pace::new(stride(self.observed.places.len(), 1));
        let frames = self.observed.step_frames();
        let mut stepper = self.observed.stepper(&self.lines.settings);
        if let Some(first) = self.own.frames.first() {
            stepper.begin(first, &self.lines.settings, &[]);
        }
        let mut next = 0;
        for row in 0..frames.len() {
            if pace.is_due() && !control.goes_on() {
                break;
            }
            // Between iterations that can be followed the rule goes from row to row.
            while next < frames[row] {
                let (from, to) = (&self.own.frames[next], &self.own.frames[next + 1]);
                stepper.advance(from, to);
                next += 1;
            }
            let at = frames[row];
            next = at + 1;
            let follows = row > 0 && frames[row - 1] + 1 == at;
            self.begin(row, follows);
            track.begin(&self.own.w.before[row]);
            let is_skipped = self.observed.w.before[row] == self.observed.w.after[row]
                && self.observed.g[row].iter().any(|g| !g.is_finite());
            let outcome = if is_skipped {
                let recorded = &self.observed.frames;
                stepper.advance(&recorded[at], &recorded[at + 1])
            } else {
                stepper.advance(&self.own.frames[at], &self.own.frames[at + 1])
            };
            let ruled = |variable: usize| {
                (outcome == StepOutcome::Done).then(|| stepper.value(variable).to_vec())
            };
            if is_skipped || self.observed.idle[row] {
                self.stay(row);
            } else {
                self.go(row, &ruled).ok_or(self.observed.t[row])?;
            }
            self.own.note(row, at + 1);
            track.hold(&self.observed.w.after[row], &self.own.w.after[row]);
        }
        Ok(())
    }

    /// Begins an iteration where the one before ended, if it follows that.
    fn begin(&mut self, row: usize, follows: bool) {
        if follows {
            let tracks = self.own.buffers.iter_mut().chain([&mut self.own.w]);
            for track in tracks {
                track.before[row].clone_from(&track.after[row - 1]);
            }
            // What something else than the steps has changed is changed here, too.
            let w = &self.observed.w;
            let changed = w.before[row].iter().zip(&w.after[row - 1]);
            for (own, (begun, was)) in self.own.w.before[row].iter_mut().zip(changed) {
                if begun.to_bits() != was.to_bits() {
                    *own = *begun;
                }
            }
        }
        for (k, into) in self.into_buffers.iter_mut().enumerate() {
            let used = self.lines.buffers.get(k).and_then(Option::as_ref);
            into.push(used.map_or_else(Vec::new, |it| it.used.row(&self.own, row)));
        }
        for (line, into) in self.lines.w.lines().iter().zip(&mut self.into_w) {
            into.push(line.used.row(&self.own, row));
        }
    }

    fn stay(&mut self, row: usize) {
        for track in self.own.buffers.iter_mut().chain([&mut self.own.w]) {
            track.after[row].clone_from(&track.before[row]);
        }
    }

    /// Takes every line through iteration `row`, each as soon as what it needs is there; `None` where one cannot go.
    fn go(&mut self, row: usize, ruled: &dyn Fn(usize) -> Option<Vec<f64>>) -> Option<()> {
        let of = self.own.buffers.len();
        let mut is_there = vec![false; of];
        let mut w_is_there = false;
        while !(w_is_there && is_there.iter().all(|it| *it)) {
            let mut goes_on = false;
            for k in 0..of {
                let line = self.lines.buffers.get(k).and_then(Option::as_ref);
                let terms = line.map_or(&[][..], |it| &it.law.terms);
                let is_ready = terms.iter().all(|it| {
                    it.needs().is_none_or(|k| is_there[k]) && (w_is_there || !it.needs_step())
                });
                if is_there[k] || !is_ready {
                    continue;
                }
                let made = match (line, self.own.buffers[k].variable) {
                    (Some(line), _) => self.buffer(row, k, line)?,
                    (None, Some(variable)) => ruled(variable)?,
                    // What the rule does not have, and no line was found for, moves nothing.
                    (None, None) => self.observed.buffers[k].after[row].clone(),
                };
                self.own.buffers[k].after[row] = made;
                is_there[k] = true;
                goes_on = true;
            }
            let forms = self.lines.w.lines().iter().map(|it| &it.law.form);
            let mut needs = forms.flat_map(|form| {
                let directions = form.divided.iter().chain(&form.plain);
                let directions = directions.flat_map(|it| it.needs()).flatten();
                directions.chain(form.divisor.map(|it| it.scale))
            });
            if !w_is_there && needs.all(|k| is_there[k]) {
                self.own.w.after[row] = match &self.lines.w {
                    SolvedStep::Rule => ruled(0)?,
                    SolvedStep::Lines(lines) => self.update(row, lines)?,
                    SolvedStep::AtMost(limit) => {
                        let before = &self.own.w.before[row];
                        let both = ruled(0)?.into_iter().zip(before);
                        let bounded = both.map(|(w, was)| was + (w - was).clamp(-limit, *limit));
                        bounded.collect()
                    }
                };
                w_is_there = true;
                goes_on = true;
            }
            if !goes_on {
                return None;
            }
        }
        Some(())
    }

    /// A buffer after iteration `row`.
    fn buffer(&self, row: usize, k: usize, line: &SolvedBuffer) -> Option<Vec<f64>> {
        let recorded = &self.observed.buffers[k];
        let before = &self.own.buffers[k].before[row];
        // How it begins was not recorded.
        if before.iter().any(|it| it.is_nan()) || (row == 0 && !recorded.has_start) {
            return Some(recorded.after[row].clone());
        }
        let terms = self.terms(row, k, line)?;
        let g = &self.into_buffers[k];
        let sum = |at: usize| -> f64 {
            let parts = terms.iter();
            let parts = parts.map(|(term, c)| c * term.value(&self.own, k, g, row, at));
            parts.sum()
        };
        Some((0..self.own.places.len()).map(sum).collect())
    }

    /// The terms of a buffer's line in iteration `row`, each with its coefficient.
    fn terms(&self, row: usize, k: usize, line: &SolvedBuffer) -> Option<Vec<(BufferTerm, f64)>> {
        let law = &line.law;
        if law.holds[row] {
            let own = law.varying.as_ref().map(|it| &it[row]);
            let own = own.unwrap_or(&law.coefficients);
            let terms = law.terms.iter().copied().zip(own.iter().copied());
            // From nothing, only what is new goes in.
            if own.len() < law.terms.len() && own.len() == 1 {
                return Some(vec![(law.terms[1], own[0])]);
            }
            return Some(terms.filter(|it| !it.1.is_nan()).collect());
        }
        let of_rule = line.rule.as_ref();
        let linear = of_rule.is_none_or(|it| it.has(BufferTerm::Gradient));
        let mut others = law.terms.iter().copied();
        let source = if linear {
            BufferTerm::Gradient
        } else {
            others.find(|it| *it != BufferTerm::Old)?
        };
        let question = BufferQuestion {
            observed: self.observed,
            buffer: k,
            g: &self.recorded_into[k],
            is_expected: false,
        };
        let gains = [law.of(source), 1.0, -1.0, of_rule?.of(source)];
        let gain = gains
            .into_iter()
            .find(|gain| question.leads(&[source], &[*gain], row))?;
        Some(vec![(source, gain)])
    }

    /// `w` after iteration `row`.
    fn update(&self, row: usize, lines: &[SolvedUpdate]) -> Option<Vec<f64>> {
        let before = &self.own.w.before[row];
        let recorded = &self.observed.w;
        let mut after: Vec<Option<f64>> = vec![None; before.len()];
        let mut is_covered = vec![false; before.len()];
        for (line, g) in lines.iter().zip(&self.into_w) {
            let view = StepView {
                observed: &self.own,
                g,
                is_expected: false,
            };
            let (form, count) = (&line.law.form, line.count[row]);
            for (cell, found) in line.law.cells.iter().zip(&line.law.coefficients[row]) {
                for &at in &cell.places {
                    is_covered[at] = true;
                    let (Some(found), None) = (found, after[at]) else {
                        continue;
                    };
                    let divisor = form
                        .divisor
                        .map_or(1.0, |it| it.value(&view, count, row, at));
                    let divided = form.divided.iter().map(|it| (*it, divisor));
                    let parts = divided.chain(form.plain.iter().map(|it| (*it, 1.0)));
                    let parts = parts.zip(found);
                    let step = parts.map(|((it, below), c)| c * it.value(&view, row, at) / below);
                    after[at] = Some(before[at] + step.sum::<f64>());
                }
            }
        }
        let end = |at: usize| match after[at] {
            Some(value) => Some(value),
            // Of tensors with too few coordinates no line was solved for.
            None if !is_covered[at] && !lines.is_empty() => Some(recorded.after[row][at]),
            None if recorded.before[row][at].to_bits() == recorded.after[row][at].to_bits() => {
                Some(before[at])
            }
            None => None,
        };
        (0..before.len()).map(end).collect()
    }
}
