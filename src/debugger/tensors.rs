//! The tensors of the lane in focus: their norms, how far they have moved, what is not finite in them.

use super::{
    answer::{BufferNorm, TensorReport, TensorTable},
    control::Control,
    learning_rate::LearningRate,
    machine::{Machine, Position},
    session::Session,
};
use crate::{
    lang::{
        graph::Extent,
        number::{is_absent, is_nonfinite},
    },
    rule::{Line, StateRole, Tensor, VariableKind},
    value::Real,
};
use std::borrow::Cow;

/// The parameters one iteration before, or at the start of the one under way.
enum Before {
    /// Nothing has been run yet.
    Nothing,
    /// They were not come to in time.
    Unknown,
    Known(Vec<f64>),
}

/// Vectors of a lane, each as long as the parameters.
struct TensorVectors<'a> {
    w: &'a [f64],
    gradient: &'a [f64],
    /// The gradient of the last step, where the rule keeps it.
    used: Option<&'a [f64]>,
    before: Before,
    buffers: Vec<(&'a str, &'a [f64])>,
    /// One number for all, or one for each.
    rate: Option<Cow<'a, [f64]>>,
    recorded: Option<&'a [f64]>,
}

impl Session {
    /// The tensors of the lane in focus; all parameters as one where they have no names. Where the rule of that lane steps
    /// some of them, the others are those of the lanes that do.
    ///
    /// Where `control` says no on the way to the iteration before, how far they have moved is not known.
    pub fn tensor_table(&mut self, control: &mut Control) -> TensorTable {
        let focus = self.lanes.focus;
        if !self.lanes.focused().lane.machine().has_parameters() {
            return TensorTable::default();
        }
        let has_lines = !self.lanes.focused().compiled().lines.is_empty();
        let owners = self.lanes.owners.iter().map(|owner| {
            let owner = owner.as_ref().filter(|_| has_lines)?;
            self.lanes.find(owner)
        });
        let owners: Vec<Option<usize>> = owners.collect();
        let mut befores = Vec::new();
        for lane in owners.iter().flatten().copied().chain([focus]) {
            if !befores.iter().any(|(known, _)| *known == lane) {
                befores.push((lane, self.parameters_before(lane, control)));
            }
        }
        let vectors = befores
            .into_iter()
            .map(|(lane, before)| (lane, self.tensor_vectors(lane, before)));
        let vectors: Vec<(usize, TensorVectors)> = vectors.collect();
        let of_lane = |lane: usize| vectors.iter().find(|it| it.0 == lane).map(|it| &it.1);
        let n = self.lanes.focused().lane.machine().w().len();
        let all = [Tensor {
            name: "w".to_owned(),
            shape: vec![n],
            range: 0..n,
            is_norm: false,
        }];
        let named = &self.lanes.tensors;
        let is_named = named.iter().any(|it| !it.name.is_empty());
        let tensors = if is_named { named } else { &all[..] };
        let reports = tensors.iter().enumerate().filter_map(|(at, tensor)| {
            let owner = owners.get(at).copied().flatten();
            let report = of_lane(owner.unwrap_or(focus))?.report(tensor);
            Some(TensorReport {
                rule: owner.map(|lane| self.lanes.entries[lane].name.clone()),
                ..report
            })
        });
        TensorTable(reports.collect())
    }

    fn parameters_before(&mut self, lane: usize, control: &mut Control) -> Before {
        let beginning = self.lanes.beginning();
        let lane = &mut self.lanes.entries[lane].lane;
        let moves = |it: &Line| it.variable == 0;
        let compiled = std::sync::Arc::clone(lane.compiled());
        let lines = &compiled.lines;
        let t = match lane.position() {
            Position { t, line: 0 } if t > beginning => {
                if !lane.machine_mut().has_boundary(t - 1) {
                    return Before::Unknown;
                }
                t - 1
            }
            Position { line: 0, .. } => return Before::Nothing,
            // As long as a line that moves w is still to come, nobody knows how far it will.
            Position { line, .. } if lines[line..].iter().any(moves) => return Before::Unknown,
            Position { t, .. } => t,
        };
        // A rule that is led begins where the run was recorded to be, which its first line shows.
        let is_led = !lane.can_be_changed() && lines.first().is_some_and(|it| !moves(it));
        let line = usize::from(is_led);
        lane.in_the_past(|lane| {
            if lane.seek(Position { t, line }, |t| control.at(t)) {
                Before::Known(lane.machine().w().to_vec())
            } else {
                Before::Unknown
            }
        })
    }

    fn tensor_vectors(&self, lane: usize, before: Before) -> TensorVectors<'_> {
        let entry = &self.lanes.entries[lane];
        let here = entry.lane.position();
        let (machine, compiled) = (entry.lane.machine(), entry.compiled());
        let n = machine.w().len();
        let value = |name: &str| Some(machine.value(compiled.variable(name)?));
        let has_lines = !compiled.lines.is_empty();
        let buffers = compiled.variables.iter().filter(|it| {
            let VariableKind::State(role) = it.kind else {
                return false;
            };
            // A rule's states without a role may be settings of groups.
            let is_buffer = if has_lines {
                // The norm of a count says nothing.
                role.is_some_and(|it| it != StateRole::Count)
            } else {
                it.name != "g"
            };
            is_buffer && it.extent == Extent::Vector(n)
        });
        let rate = LearningRate::of(machine).map(|it| it.values);
        let mut others = self.lanes.entries.iter().enumerate();
        let recorded = others.find_map(|(at, other)| {
            let is_recording = other.compiled().lines.is_empty() && !other.lane.can_be_changed();
            let is_level = other.lane.position() == here;
            (has_lines && at != lane && is_recording && is_level).then(|| other.lane.machine())
        });
        // Of a rule that is led along a run, the one in the row, beside its loss.
        let in_row = recorded.filter(|_| !entry.lane.can_be_changed());
        let in_row = in_row.map(Machine::gradient);
        let used = value("g").filter(|it| has_lines && it.len() == n);
        TensorVectors {
            w: machine.w(),
            gradient: in_row
                .or_else(|| value("g").filter(|it| it.len() == n))
                .unwrap_or_else(|| machine.gradient()),
            used,
            before,
            buffers: buffers
                .map(|it| (it.name.as_str(), machine.value(it)))
                .collect(),
            rate,
            recorded: recorded.map(Machine::w),
        }
    }
}

impl TensorVectors<'_> {
    fn report(&self, tensor: &Tensor) -> TensorReport {
        let w = part(self.w, tensor);
        let (step, before) = match &self.before {
            // How far a norm moves does not tell how far the tensor has.
            Before::Known(before) if !tensor.is_norm => {
                let before = part(before, tensor);
                let steps = w.iter().zip(before).map(|(a, b)| a - b);
                (norm(steps), norm(before.iter().copied()))
            }
            _ => (f64::NAN, f64::NAN),
        };
        let used = self
            .used
            .map_or(f64::NAN, |used| norm(part(used, tensor).iter().copied()));
        // Where nothing has been run, no gradient has been asked for.
        let gradient = part(self.gradient, tensor);
        let is_asked = !matches!(self.before, Before::Nothing);
        let buffers = self.buffers.iter();
        let buffers = buffers.map(|(name, values)| (name, part(values, tensor)));
        let asked = Some(gradient).filter(|_| is_asked);
        let vectors: Vec<&[f64]> = std::iter::once(w)
            .chain(asked)
            .chain(buffers.clone().map(|it| it.1))
            .collect();
        let fails = |at: &usize| {
            let mut own = vectors.iter().filter_map(|it| it.get(*at));
            own.any(|it| is_nonfinite(*it))
        };
        let nonfinite = (0..w.len()).filter(fails).count();
        let zeros = w.iter().filter(|it| **it == 0.0).count();
        #[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
        let share = if tensor.is_norm || w.is_empty() {
            f64::NAN
        } else {
            zeros as f64 / w.len() as f64
        };
        let norms = buffers.clone().map(|(name, values)| BufferNorm {
            name: (*name).to_owned(),
            norm: Real(norm(values.iter().copied())),
        });
        TensorReport {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            norm: Real(norm(w.iter().copied())),
            gradient_norm: Real(norm(gradient.iter().copied())),
            relative_step: Real(step / before),
            effective_rate: Real(step / used),
            rule: None,
            buffers: norms.collect(),
            rate: self.rate.as_ref().map(|rate| {
                let of_tensor = rate.get(tensor.range.start).filter(|_| rate.len() > 1);
                Real(of_tensor.or(rate.first()).copied().unwrap_or(f64::NAN))
            }),
            deviation: self
                .recorded
                .map(|recorded| Real(deviation(w, part(recorded, tensor)))),
            nonfinite,
            zeros: Real(share),
        }
    }
}

/// The largest difference of `w` from what was recorded, relative to the largest number recorded; NaN where there is
/// nothing to compare or one of the two is NaN.
fn deviation(w: &[f64], recorded: &[f64]) -> f64 {
    let known = |it: &(&f64, &f64)| !is_absent(*it.0) && !is_absent(*it.1);
    let both = w.iter().zip(recorded).filter(known);
    let off = both.map(|(a, b)| (a - b).abs());
    // `max` would pass a NaN over.
    let off = off.reduce(|a, b| if a >= b || a.is_nan() { a } else { b });
    let size = recorded
        .iter()
        .fold(0.0, |most: f64, it| most.max(it.abs()));
    match off {
        Some(0.0) => 0.0,
        Some(off) => off / size,
        None => f64::NAN,
    }
}

/// The values of a tensor among those of all; none where they are not as many as the parameters.
fn part<'a>(values: &'a [f64], tensor: &Tensor) -> &'a [f64] {
    values.get(tensor.range.clone()).unwrap_or(&[])
}

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    // Of no numbers, as a process may have of a tensor that is spread, the sum of the library is -0.
    libm::sqrt(values.fold(0.0, |sum, it| sum + it * it))
}
