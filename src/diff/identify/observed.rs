//! The recorded values before and after each iteration of a run, and those that the rule would have given.

use crate::{
    debugger::{Control, Pace, interrupted, stride},
    diff::{
        configured_rule::ConfiguredRule,
        number_format::NumberFormat,
        pairing::{Pair, Pairing},
        row_alignment::RowAlignment,
        stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper, single},
    },
    error::Result,
    rule::{StateRole, Tensor, VariableKind},
    runs::{FieldMeaning, Run},
};
use std::{ops::Range, sync::Arc};

/// Numbers that are held in all, and the fewest iterations.
const HELD: usize = 400_000;
const FEWEST: usize = 60;
/// Coordinates that are looked at in all; of larger runs each tensor is sampled.
const COORDINATES: usize = 1024;

/// One quantity, iteration by iteration.
#[derive(Debug, Clone)]
pub(super) struct ObservedSeries {
    pub name: String,
    /// The rule's variable of this name or role.
    pub variable: Option<usize>,
    pub is_recorded: bool,
    /// True if the row before the first update has the quantity.
    pub has_start: bool,
    pub format: NumberFormat,
    /// `[iteration][coordinate]`
    pub before: Vec<Vec<f64>>,
    pub after: Vec<Vec<f64>>,
    /// The rule's values from the row before; empty if the rule has no such variable.
    pub expected: Vec<Vec<f64>>,
}

/// One tensor's coordinates among those that are looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SampledTensor {
    pub name: String,
    pub range: Range<usize>,
}

/// A run, as far as its lines are solved for.
#[derive(Clone)]
pub(super) struct Observed {
    pub t: Vec<u64>,
    pub w: ObservedSeries,
    /// The gradient that was recorded for each iteration.
    pub g: Vec<Vec<f64>>,
    pub buffers: Vec<ObservedSeries>,
    pub parts: Vec<SampledTensor>,
    /// Iterations in which nothing moved, although there was a gradient.
    pub idle: Vec<bool>,
    /// True if the recorded counter goes on in those.
    pub counts_idle: bool,
    /// Updates up to each iteration, it included: iterations less those that were idle, unless a counter goes on in them.
    pub count: Vec<f64>,
    /// The same as the rule counts them: all iterations, where it keeps its own counter.
    pub rule_count: Vec<f64>,
    /// Sums of the gradients since the run began, and means since something last moved.
    pub total: Vec<Vec<f64>>,
    pub pending: Vec<Vec<f64>>,
    /// The largest gradient that went into such a mean.
    pub pending_size: Vec<f64>,
    /// True if only a sample of each tensor's coordinates is used.
    pub is_sampled: bool,
    /// For each coordinate looked at, its place in `w`.
    pub places: Vec<usize>,
    pub frames: Vec<RecordedRow>,
    /// Coarse formats that the run says its tensors have.
    pub stated: Vec<NumberFormat>,
    subject: ConfiguredRule,
    pairs: Vec<Pair>,
}

impl Observed {
    /// Reads the iterations of `run` that can be followed, without the tensors that are `still`; `None` where there are none.
    ///
    /// # Errors
    /// A file that cannot be read again; `control` said no.
    pub fn new(
        run: &mut Run,
        subject: &ConfiguredRule,
        pairing: &Pairing,
        alignment: RowAlignment,
        still: &[String],
        control: &mut Control,
    ) -> Result<Option<Self>> {
        let Some(gradient) = run.meaning(FieldMeaning::Gradient) else {
            return Ok(None);
        };
        let n = run.dimension();
        let (places, parts) = sample(run, still);
        if places.is_empty() {
            return Ok(None);
        }
        let is_sampled = places.len() < n;
        let subject = if is_sampled {
            let Ok(compiled) = subject.compiled.rule.compile(places.len()) else {
                return Ok(None);
            };
            ConfiguredRule {
                compiled: Arc::new(compiled),
                loss: None,
                noise: None,
                settings: subject.settings.clone(),
                written: None,
                is_as_recorded: false,
                given: Vec::new(),
                products: subject.products,
            }
        } else {
            ConfiguredRule {
                loss: None,
                noise: None,
                ..subject.clone()
            }
        };
        let width = places.len() * (2 + run.fields.iter().filter(|it| it.len == n).count());
        let rows = run.rows.min((HELD / width.max(1)).max(FEWEST));
        let mut frames = Vec::with_capacity(rows);
        let mut pace = Pace::new(stride(n, 1));
        for row in 0..rows {
            let mut frame = RecordedRow::default();
            let only = is_sampled.then_some(places.as_slice());
            alignment.frame_of(run, row, only, &mut frame)?;
            if pace.is_due() && !control.at(frame.t) {
                return Err(interrupted());
            }
            frames.push(frame);
        }
        let mut observed = Self {
            t: Vec::new(),
            w: empty("w", Some(0), true),
            g: Vec::new(),
            buffers: Vec::new(),
            parts,
            idle: Vec::new(),
            counts_idle: false,
            count: Vec::new(),
            rule_count: Vec::new(),
            total: Vec::new(),
            pending: Vec::new(),
            pending_size: Vec::new(),
            is_sampled,
            places,
            frames,
            stated: [NumberFormat::Brain, NumberFormat::Half]
                .into_iter()
                .filter(|it| it.is_stated_by(run))
                .collect(),
            pairs: pairing.pairs.clone(),
            subject,
        };
        observed.take_steps(gradient, alignment);
        if observed.t.is_empty() {
            return Ok(None);
        }
        observed.take_buffers(run, n, gradient);
        observed.find_idle();
        Ok(Some(observed))
    }

    /// The tensors that never move although there are gradients for them, where others move.
    pub fn still(&self) -> Vec<String> {
        let rows = 0..self.t.len();
        let is_still = |part: &&SampledTensor| {
            let of = |values: &Vec<Vec<f64>>, row: usize| values[row][part.range.clone()].to_vec();
            let mut all = rows.clone();
            let stays = all.all(|row| of(&self.w.before, row) == of(&self.w.after, row));
            let mut gradients = rows.clone().flat_map(|row| of(&self.g, row));
            stays && gradients.any(|g| g != 0.0 && !g.is_nan())
        };
        let still = self.parts.iter().filter(is_still);
        let still: Vec<String> = still.map(|it| it.name.clone()).collect();
        if still.len() < self.parts.len() {
            still
        } else {
            Vec::new()
        }
    }

    /// Takes other settings for the rule.
    pub fn set(&mut self, settings: &[f64]) {
        self.subject.settings = settings.to_vec();
    }

    /// The rule that the run is held against.
    pub fn subject(&self) -> &ConfiguredRule {
        &self.subject
    }

    /// Pairs of frames that are one iteration apart, with its gradient.
    fn steps(&self) -> impl Iterator<Item = (&RecordedRow, &RecordedRow, &Vec<f64>)> {
        self.frames.windows(2).filter_map(|pair| {
            let [from, to] = pair else { return None };
            let gradient = from.gradient_to(to)?;
            follows(from, to).then_some((from, to, gradient))
        })
    }

    fn take_steps(&mut self, _: usize, alignment: RowAlignment) {
        let shift = u64::from(alignment.first_is_start);
        let steps: Vec<_> = self
            .steps()
            .map(|(from, to, g)| {
                (
                    to.t + shift,
                    from.begun(0, to).into_owned(),
                    to.values[0].clone(),
                    g.clone(),
                )
            })
            .collect();
        for (t, before, after, g) in steps {
            self.t.push(t);
            self.w.before.push(before);
            self.w.after.push(after);
            self.g.push(g);
        }
        self.w.format = NumberFormat::of(self.w.after.iter().flatten());
    }

    fn take_buffers(&mut self, run: &Run, n: usize, gradient: usize) {
        let k = self.places.len();
        for (at, field) in run.fields.iter().enumerate().skip(1) {
            if at == gradient || field.len != n || !field.is_like_parameters {
                continue;
            }
            let mut track = empty(&field.name, None, true);
            track.variable = self
                .pairs
                .iter()
                .find(|it| it.field == at)
                .map(|it| it.variable);
            for (from, to, _) in self.steps() {
                let value = |frame: &RecordedRow, start: f64| {
                    let values = &frame.values[at];
                    if values.len() == k {
                        values.clone()
                    } else {
                        vec![start; k]
                    }
                };
                if from.values[at].len() != k {
                    track.has_start = false;
                }
                // Most buffers come into being with the first update: from nothing.
                let start = if from.t == 0 { 0.0 } else { f64::NAN };
                track.before.push(value(from, start));
                track.after.push(value(to, f64::NAN));
            }
            let told = track
                .after
                .iter()
                .flatten()
                .filter(|it| it.is_finite())
                .count();
            if told * 2 > track.after.len() * k {
                track.format = NumberFormat::of(track.after.iter().flatten());
                self.buffers.push(track);
            }
        }
    }

    /// Pairs the recorded buffer `track` with the rule's `variable`.
    pub fn pair(&mut self, run: &Run, track: usize, variable: usize) {
        if let Some(field) = run.field(&self.buffers[track].name) {
            self.pairs.push(Pair { field, variable });
            self.buffers[track].variable = Some(variable);
        }
    }

    fn find_idle(&mut self) {
        let k = self.places.len();
        let mut total = vec![0.0; k];
        let mut mean = vec![0.0; k];
        let format = NumberFormat::of(self.g.iter().flatten());
        let mut length = 0.0;
        let mut largest = 0.0_f64;
        for at in 0..self.t.len() {
            let tracks = std::iter::once(&self.w)
                .chain(self.buffers.iter().filter(|it| it.variable.is_some()));
            let is_still = |track: &ObservedSeries| {
                track.before[at]
                    .iter()
                    .zip(&track.after[at])
                    .all(|(a, b)| a == b || b.is_nan() && track.name != self.w.name)
            };
            let pushed = self.g[at].iter().any(|g| *g != 0.0);
            let mut tracks = tracks;
            let idle = pushed && tracks.all(is_still);
            for (sum, g) in total.iter_mut().zip(&self.g[at]) {
                *sum += g;
            }
            length += 1.0;
            // The running mean in the precision of the gradients, as libraries keep it.
            for (mean, g) in mean.iter_mut().zip(&self.g[at]) {
                *mean += (g - *mean) / length;
                largest = largest.max(g.abs());
                if format == NumberFormat::Single {
                    *mean = single(*mean);
                }
            }
            self.total.push(total.clone());
            self.pending.push(mean.clone());
            self.pending_size.push(largest);
            if !idle {
                largest = 0.0;
                mean.fill(0.0);
                length = 0.0;
            }
            self.idle.push(idle);
        }
        self.counts_idle = self.counter_goes_on();
        let mut count = 0.0;
        for idle in &self.idle {
            count += f64::from(u8::from(self.counts_idle || !idle));
            self.count.push(count);
        }
        self.rule_count = if self.counters().next().is_some() {
            self.count.clone()
        } else {
            self.iteration_counts()
        };
        // What changes while nothing else does gathers gradients: it is no part of the update.
        let idle = &self.idle;
        let gathers = |track: &ObservedSeries| {
            (0..idle.len()).any(|row| idle[row] && track.before[row] != track.after[row])
        };
        self.buffers
            .retain(|track| track.variable.is_some() || !gathers(track));
    }

    /// The recorded fields that are counters of the rule.
    pub fn counters(&self) -> impl Iterator<Item = usize> + '_ {
        let counts = |pair: &&Pair| {
            let kind = self.subject.compiled.variables[pair.variable].kind;
            kind == VariableKind::State(Some(StateRole::Count))
        };
        self.pairs.iter().filter(counts).map(|it| it.field)
    }

    /// True if a recorded counter goes on in an iteration in which nothing else moves.
    fn counter_goes_on(&self) -> bool {
        let mut steps = self.steps().zip(&self.idle).filter(|it| *it.1);
        steps.any(|((from, to, _), _)| {
            self.counters().any(|field| {
                let mut both = from.values[field].iter().zip(&to.values[field]);
                both.any(|(was, now)| now > was)
            })
        })
    }

    /// The rule with `settings`, to be led from row to row.
    pub fn stepper(&self, settings: &[f64]) -> Stepper {
        let subject = ConfiguredRule {
            settings: settings.to_vec(),
            ..self.subject.clone()
        };
        Stepper::new(&subject, &self.pairs, Mode::Replay, Rounding::Double, true)
    }

    /// For each iteration, the row that it begins at.
    pub fn step_frames(&self) -> Vec<usize> {
        let frames = self.frames.windows(2).enumerate();
        let followed = frames.filter(|(_, pair)| {
            follows(&pair[0], &pair[1]) && pair[0].gradient_to(&pair[1]).is_some()
        });
        followed.map(|it| it.0).collect()
    }

    /// Takes what iteration `row` has made for recorded, in the row that it ends at.
    pub fn note(&mut self, row: usize, frame: usize) {
        let values = &mut self.frames[frame].values;
        values[0].clone_from(&self.w.after[row]);
        for track in self.buffers.iter().filter(|it| it.is_recorded) {
            let pair = self
                .pairs
                .iter()
                .find(|it| Some(it.variable) == track.variable);
            if let Some(pair) = pair {
                values[pair.field].clone_from(&track.after[row]);
            }
        }
    }

    /// Counts every iteration as an update; returns the counts as they were.
    pub fn count_all(&mut self) -> Vec<f64> {
        let all = self.iteration_counts();
        std::mem::replace(&mut self.count, all)
    }

    /// The number of each iteration, from 1.
    fn iteration_counts(&self) -> Vec<f64> {
        let mut count = 0.0;
        let all = self.t.iter().map(|_| {
            count += 1.0;
            count
        });
        all.collect()
    }

    /// Leads the rule with `settings` from row to row and returns, for each variable of `wanted`, where it
    /// arrives in each iteration (empty where that cannot be told).
    pub fn lead(&self, settings: &[f64], wanted: &[usize], most: usize) -> Vec<Vec<Vec<f64>>> {
        let mut stepper = self.stepper(settings);
        let mut lead: Vec<Vec<Vec<f64>>> = vec![Vec::new(); wanted.len()];
        let Some(first) = self.frames.first() else {
            return lead;
        };
        stepper.begin(first, settings, &[]);
        for pair in self.frames.windows(2).take(most) {
            let (from, to) = (&pair[0], &pair[1]);
            let outcome = stepper.advance(from, to);
            if !follows(from, to) || from.gradient_to(to).is_none() {
                continue;
            }
            for (variable, lead) in wanted.iter().zip(&mut lead) {
                lead.push(match outcome {
                    StepOutcome::Done => stepper.value(*variable).to_vec(),
                    StepOutcome::CannotTell | StepOutcome::Skipped => Vec::new(),
                });
            }
        }
        lead
    }

    /// Leads the rule as it is stated, and takes in where each track would have gone; states that were not
    /// recorded are the rule's own.
    pub fn expect(&mut self) {
        self.buffers.retain(|it| it.is_recorded);
        let compiled = Arc::clone(&self.subject.compiled);
        let k = self.places.len();
        let is_open = |at: &usize| !self.pairs.iter().any(|pair| pair.variable == *at);
        let states = compiled.variables.iter().enumerate().filter(|(_, it)| {
            matches!(
                it.kind,
                VariableKind::State(Some(StateRole::Momentum | StateRole::Scale))
            ) && it.range.len() == k
        });
        let carried: Vec<usize> = states.map(|(at, _)| at).filter(is_open).collect();
        let mut wanted = vec![0];
        wanted.extend(self.buffers.iter().filter_map(|it| it.variable));
        wanted.extend(&carried);
        let mut lead = self
            .lead(&self.subject.settings, &wanted, usize::MAX)
            .into_iter();
        self.w.expected = lead.next().unwrap_or_default();
        for track in self.buffers.iter_mut().filter(|it| it.variable.is_some()) {
            track.expected = lead.next().unwrap_or_default();
        }
        for (variable, after) in carried.into_iter().zip(lead) {
            if after.iter().any(Vec::is_empty) {
                continue;
            }
            let mut track = empty(&compiled.variables[variable].name, Some(variable), false);
            let start = self.frames[0].t == 0;
            track.before = std::iter::once(vec![if start { 0.0 } else { f64::NAN }; k])
                .chain(after.iter().cloned())
                .take(after.len())
                .collect();
            track.expected.clone_from(&after);
            track.after = after;
            self.buffers.push(track);
        }
    }

    /// The coarsest number format in the iteration's arithmetic.
    pub fn coarsest(&self) -> NumberFormat {
        let tracks = self
            .buffers
            .iter()
            .filter(|it| it.is_recorded)
            .chain([&self.w]);
        let mut formats = tracks.map(|it| it.format);
        let first = formats.next().unwrap_or(NumberFormat::Double);
        formats.fold(first, NumberFormat::coarser)
    }
}

/// True if `to` is one iteration after `from`, and both have the parameters.
fn follows(from: &RecordedRow, to: &RecordedRow) -> bool {
    to.t == from.t + 1 && !from.values[0].is_empty() && !to.values[0].is_empty()
}

fn empty(name: &str, variable: Option<usize>, is_recorded: bool) -> ObservedSeries {
    ObservedSeries {
        name: name.to_owned(),
        variable,
        is_recorded,
        has_start: true,
        format: NumberFormat::Double,
        before: Vec::new(),
        after: Vec::new(),
        expected: Vec::new(),
    }
}

/// The coordinates that are looked at, spread over each tensor that has a gradient, and the tensors.
fn sample(run: &Run, still: &[String]) -> (Vec<usize>, Vec<SampledTensor>) {
    let resting = run.resting_tensors();
    let moving = run.tensors.iter();
    let moves = |it: &&Tensor| !run.is_frozen(it.range.start) && !still.contains(&it.name);
    let moving: Vec<_> = moving.filter(moves).collect();
    // Those that are stepped in every iteration show all that the others do, where there are some.
    let stepped = moving.iter().copied();
    let stepped: Vec<_> = stepped
        .filter(|it| !resting.contains(&it.name.as_str()))
        .collect();
    let tensors = if stepped.is_empty() { moving } else { stepped };
    let most = if run.dimension() <= COORDINATES {
        usize::MAX
    } else {
        (COORDINATES / tensors.len().max(1)).max(4)
    };
    let mut places = Vec::new();
    let mut parts = Vec::new();
    for tensor in tensors {
        let len = tensor.range.len();
        let from = places.len();
        let taken = len.min(most);
        places.extend((0..taken).map(|at| tensor.range.start + at * len / taken.max(1)));
        parts.push(SampledTensor {
            name: tensor.name.clone(),
            range: from..places.len(),
        });
    }
    (places, parts)
}
