//! The tensors of the lane in focus: their norms, how far they have moved, what is not finite in them.

use super::{
    answer::{BufferNorm, TensorReport, TensorTable},
    machine::Position,
    session::Session,
};
use crate::{
    lang::{
        graph::Extent,
        number::{is_absent, is_nonfinite},
    },
    rule::{Tensor, VariableKind},
    value::Real,
};

/// Names of learning rates.
const RATES: [&str; 3] = ["lr", "learning_rate", "eta"];

/// Vectors of a lane, each as long as the parameters.
struct TensorVectors {
    w: Vec<f64>,
    gradient: Vec<f64>,
    /// The parameters one iteration before, or at the start of the one under way; empty where there are none.
    before: Vec<f64>,
    buffers: Vec<(String, Vec<f64>)>,
    /// One number for all, or one for each.
    rate: Option<Vec<f64>>,
    recorded: Option<Vec<f64>>,
}

impl Session {
    /// The tensors of the lane in focus; all parameters as one where they have no names.
    pub fn tensor_table(&mut self) -> TensorTable {
        let vectors = self.tensor_vectors();
        let n = vectors.w.len();
        let all = [Tensor {
            name: "w".to_owned(),
            shape: vec![n],
            range: 0..n,
        }];
        let named = &self.lanes.tensors;
        let is_named = named.iter().any(|it| !it.name.is_empty());
        let tensors = if is_named { named } else { &all[..] };
        let reports = tensors.iter().map(|it| vectors.report(it));
        TensorTable(reports.collect())
    }

    fn tensor_vectors(&mut self) -> TensorVectors {
        let here = self.lanes.focused().lane.position();
        let beginning = self.lanes.beginning();
        let before = match here {
            Position { t, line: 0 } if t > beginning => Some(t - 1),
            Position { t, line } => (line > 0).then_some(t),
        };
        let before = before.map(|t| {
            self.lanes.focused_mut().lane.in_the_past(|lane| {
                lane.seek(Position::at(t), |_| true);
                lane.machine().w().to_vec()
            })
        });
        let entry = self.lanes.focused();
        let (machine, compiled) = (entry.lane.machine(), entry.compiled());
        let n = machine.w().len();
        let value = |name: &str| {
            let variable = compiled.variable(name)?;
            Some(machine.value(variable).to_vec())
        };
        let has_lines = !compiled.lines.is_empty();
        let buffers = compiled.variables.iter().filter(|it| {
            let VariableKind::State(role) = it.kind else {
                return false;
            };
            // A rule's states without a role may be settings of groups.
            let is_buffer = if has_lines {
                role.is_some()
            } else {
                it.name != "g"
            };
            is_buffer && it.extent == Extent::Vector(n)
        });
        let buffers = buffers.map(|it| (it.name.clone(), machine.value(it).to_vec()));
        let rate = RATES.iter().find_map(|name| {
            let mut settings = compiled.settings.iter();
            let setting = settings.position(|it| it.name == *name);
            setting
                .map(|at| vec![machine.setting(at)])
                .or_else(|| value(name))
        });
        let mut others = self.lanes.entries.iter().enumerate();
        let recorded = others.find_map(|(at, other)| {
            let is_recording = other.compiled().lines.is_empty() && !other.lane.can_be_changed();
            let is_level = other.lane.position() == here;
            (has_lines && at != self.lanes.focus && is_recording && is_level)
                .then(|| other.lane.machine().w().to_vec())
        });
        TensorVectors {
            w: machine.w().to_vec(),
            gradient: value("g")
                .filter(|it| it.len() == n)
                .unwrap_or_else(|| machine.gradient().to_vec()),
            before: before.unwrap_or_default(),
            buffers: buffers.collect(),
            rate,
            recorded,
        }
    }
}

impl TensorVectors {
    fn report(&self, tensor: &Tensor) -> TensorReport {
        let part = |values: &[f64]| values.get(tensor.range.clone()).unwrap_or(&[]).to_vec();
        let w = part(&self.w);
        let gradient = part(&self.gradient);
        let before = part(&self.before);
        let steps = w.iter().zip(&before).map(|(a, b)| a - b);
        let buffers: Vec<Vec<f64>> = self.buffers.iter().map(|it| part(&it.1)).collect();
        let count = |values: &[f64]| values.iter().filter(|it| is_nonfinite(**it)).count();
        let zeros = w.iter().filter(|it| **it == 0.0).count();
        #[expect(clippy::cast_precision_loss, reason = "no tensor has 2^53 elements")]
        let share = zeros as f64 / w.len().max(1) as f64;
        let relative = if before.is_empty() {
            f64::NAN
        } else {
            norm(steps) / norm(before.iter().copied())
        };
        let norms = self.buffers.iter().zip(&buffers);
        let norms = norms.map(|((name, _), values)| BufferNorm {
            name: name.clone(),
            norm: Real(norm(values.iter().copied())),
        });
        TensorReport {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            norm: Real(norm(w.iter().copied())),
            gradient_norm: Real(norm(gradient.iter().copied())),
            relative_step: Real(relative),
            buffers: norms.collect(),
            rate: self.rate.as_ref().map(|rate| {
                let of_tensor = rate.get(tensor.range.start).filter(|_| rate.len() > 1);
                Real(of_tensor.or(rate.first()).copied().unwrap_or(f64::NAN))
            }),
            deviation: self
                .recorded
                .as_ref()
                .map(|recorded| Real(deviation(&w, &part(recorded)))),
            nonfinite: count(&w)
                + if before.is_empty() {
                    0
                } else {
                    count(&gradient)
                }
                + buffers.iter().map(|it| count(it)).sum::<usize>(),
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

fn norm(values: impl Iterator<Item = f64>) -> f64 {
    libm::sqrt(values.map(|it| it * it).sum())
}
