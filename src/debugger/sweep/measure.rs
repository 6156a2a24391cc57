//! What is measured of a run.

use super::{Outcome, Plan};
use crate::debugger::machine::Machine;
use schemars::JsonSchema;
use serde::Serialize;

/// What is measured of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The iterations after which the loss stays at or below the tolerance, as far as the run goes.
    #[default]
    Iterations,
    /// What an iteration multiplies the distance from the minimum by, sqrt(loss - loss at the minimum), in
    /// the long run.
    Rate,
}

impl Measure {
    /// The measure called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "iterations" => Some(Self::Iterations),
            "rate" => Some(Self::Rate),
            _ => None,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Iterations => "iterations",
            Self::Rate => "rate",
        }
    }
}

/// `None` where `goes_on` says no.
pub(super) fn iterations(
    machine: &mut Machine,
    plan: &Plan,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Option<Outcome> {
    let (reached, mut since) = (plan.tolerance.loss(), None);
    for t in 0..=plan.steps {
        if !goes_on(t) {
            return None;
        }
        if t > 0 {
            machine.iterate();
        }
        if !machine.is_within(plan.bound) {
            return Some(Outcome::Diverged);
        }
        if machine.loss() > reached {
            since = None;
        } else if since.is_none() {
            since = Some(t);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a count of iterations")]
    let outcome = since.map_or(Outcome::Never, |t| Outcome::Value(t as f64));
    Some(outcome)
}

/// Where a run counts as arrived: so small a share of the first distance.
const ARRIVED: f64 = 1e-12;

/// Gathers how far from the minimum a run is at each t. True where it has left; `None` where `goes_on` says
/// no.
pub(super) fn distances(
    machine: &mut Machine,
    plan: &Plan,
    floor: f64,
    distances: &mut Vec<f64>,
    goes_on: &mut dyn FnMut(u64) -> bool,
) -> Option<bool> {
    distances.clear();
    for t in 0..=plan.steps {
        if !goes_on(t) {
            return None;
        }
        if t > 0 {
            machine.iterate();
        }
        let distance = (machine.loss() - floor).max(0.0).sqrt();
        if !distance.is_finite() {
            return Some(true);
        }
        distances.push(distance);
        if !machine.is_within(plan.bound) {
            return Some(true);
        }
    }
    Some(false)
}

/// What an iteration multiplies `distances` by in the long run.
pub(super) fn rate(distances: &[f64], floor: f64, left: bool) -> Outcome {
    // Below this, differences from the least loss are rounding.
    let rounding = 1e3 * (f64::EPSILON * floor.abs()).sqrt();
    let least = distances
        .first()
        .map_or(0.0, |first| ARRIVED * first)
        .max(rounding);
    // Errors ring, and may pass through nothing on their way: what counts is when they stay there.
    let away = distances.iter().rposition(|distance| *distance > least);
    let last = away.map(|at| (at + 1).min(distances.len() - 1));
    let Some(last) = last.filter(|last| *last > 0) else {
        return if left {
            Outcome::Diverged
        } else {
            Outcome::Never
        };
    };
    let rate = long_run(&distances[..=last]);
    match rate {
        rate if rate.is_nan() => Outcome::Never,
        rate if left || rate > 1.0 => Outcome::Diverged,
        rate => Outcome::Value(rate),
    }
}

/// What an iteration multiplies `distances` by in the long run.
///
/// Errors ring, and two that ring may beat: so two peaks are compared, one in each half of the run, and a
/// peak is where the distance is highest above the trend. The trend is that between the peaks found before.
fn long_run(distances: &[f64]) -> f64 {
    const ROUNDS: usize = 8;
    let last = distances.len() - 1;
    #[expect(clippy::cast_precision_loss, reason = "a count of iterations")]
    let slope = |from: usize, to: usize| {
        (libm::log(distances[to]) - libm::log(distances[from])) / (to as f64 - from as f64)
    };
    let mut trend = slope(last / 2, last);
    if last < 8 || !trend.is_finite() {
        return libm::exp(trend);
    }
    let peak = |from: usize, to: usize, trend: f64| {
        #[expect(clippy::cast_precision_loss, reason = "a count of iterations")]
        let above = |at: &usize| libm::log(distances[*at]) - trend * *at as f64;
        (from..=to).max_by(|a, b| above(a).total_cmp(&above(b)))
    };
    for _ in 0..ROUNDS {
        let early = peak(last / 4, last / 2, trend);
        let late = peak(last - last / 4, last, trend);
        let (Some(early), Some(late)) = (early, late) else {
            break;
        };
        let next = slope(early, late);
        if next == trend || !next.is_finite() {
            break;
        }
        trend = next;
    }
    libm::exp(trend)
}
