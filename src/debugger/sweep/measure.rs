//! The measures that a sweep can take of a run.

use super::{Outcome, SweepPlan, wide::WideRuns};
use crate::{
    analysis::{Minima, Reference, claim},
    debugger::machine::Machine,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The measures that a sweep can take of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The iterations after which the loss stays at or below the tolerance, as far as the run goes.
    #[default]
    Iterations,
    /// The asymptotic factor of the error per iteration: the spectral radius where the rule is linear
    /// and the loss quadratic; elsewhere as measured over the run, on sqrt(loss - its minimum).
    Rate,
    /// The spectral radius of the iteration, for which nothing is run: that of a linear rule on a quadratic,
    /// else that at the minimum.
    Radius,
}

impl Measure {
    /// Each measure by its name.
    pub const ALL: [(&'static str, Self); 3] = [
        ("iterations", Self::Iterations),
        ("rate", Self::Rate),
        ("radius", Self::Radius),
    ];

    /// The measure called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let row = Self::ALL.into_iter().find(|row| row.0 == name);
        row.map(|(_, measure)| measure)
    }

    /// The name, as a command gives it.
    #[must_use]
    pub fn name(self) -> &'static str {
        let row = Self::ALL.into_iter().find(|row| row.1 == self);
        row.map_or("", |(name, _)| name)
    }
}

/// The losses of a run, one for each t.
#[derive(Debug, Default)]
pub(super) struct Losses {
    values: Vec<f64>,
    /// True if the run has overflowed its bound or become NaN.
    left: bool,
}

impl Losses {
    /// Runs `machine`; `None` where `goes_on` says no.
    pub fn gather(
        &mut self,
        machine: &mut Machine,
        plan: &SweepPlan,
        goes_on: &mut dyn FnMut(u64) -> bool,
    ) -> Option<()> {
        self.values.clear();
        self.left = false;
        let size = machine
            .w()
            .iter()
            .fold(1.0, |most: f64, w| most.max(w.abs()));
        for t in 0..=plan.steps {
            if !goes_on(t) {
                return None;
            }
            if t > 0 {
                machine.iterate();
            }
            if !machine.is_finite_and_in_bounds(claim::FAR * size) {
                self.left = true;
                return Some(());
            }
            self.values.push(machine.loss());
        }
        Some(())
    }

    /// Takes the losses of a run that was made beside others; its variables at its end, unless it has left.
    pub fn take(&mut self, runs: &WideRuns, lane: usize) -> Option<Vec<f64>> {
        let variables = runs.run(lane, &mut self.values);
        self.left = variables.is_none();
        variables
    }

    /// The iterations after which the loss stays at or below the tolerance above the minimum that the run
    /// tends to.
    pub fn iterations(&self, machine: &Machine, plan: &SweepPlan, minima: &Minima) -> Outcome {
        if self.left {
            return Outcome::Diverged;
        }
        let tolerance = plan.tolerance;
        let near = minima.near(machine.w());
        let basin = near.basin(tolerance.above);
        if !basin.holds(machine.loss(), machine.gradient_norm()) {
            return Outcome::Never;
        }
        let reached = near.floor() + tolerance.above;
        let above = self.values.iter().rposition(|loss| *loss > reached);
        #[expect(clippy::cast_precision_loss, reason = "a count of iterations")]
        Outcome::Value(above.map_or(0, |at| at + 1) as f64)
    }

    /// The measured factor per iteration of the distance from the minimum that the run tends to.
    pub fn rate(&mut self, near: &Reference) -> Outcome {
        if self.left {
            return Outcome::Diverged;
        }
        if near.eigenbasis().is_none() {
            return Outcome::Unknown;
        }
        for value in &mut self.values {
            *value = (*value - near.value).max(0.0).sqrt();
        }
        rate(&self.values, near.value)
    }
}

/// Share of the initial distance at which a run counts as arrived.
const ARRIVED: f64 = 1e-12;

/// The asymptotic factor of `distances` per iteration.
fn rate(distances: &[f64], floor: f64) -> Outcome {
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
        return Outcome::Never;
    };
    let rate = long_run(&distances[..=last]);
    if rate <= 1.0 {
        Outcome::Value(rate)
    } else {
        Outcome::Never
    }
}

/// The asymptotic factor of `distances` per iteration.
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
