//! One experiment, measured on a run and predicted without one.

use crate::{
    analysis::{Reference, theory},
    debugger::{LossTolerance, Machine},
    scenario::Setup,
};

/// Iterations over which a loss has to stay small.
pub const HORIZON: u64 = 10_000;

/// Iterations at which things were first seen; `None` for never within [`HORIZON`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// The loss is at most [`LossTolerance::ABOVE`].
    pub arrives: Option<u64>,
    /// From here on it stays so, up to the horizon.
    pub stays: Option<u64>,
    /// The minimum is less than [`LossTolerance::ABOVE`] away.
    pub within: Option<u64>,
    /// Some `abs(w[i])` is at least the loss's bound.
    pub leaves: Option<u64>,
}

impl Measured {
    /// The count of the essay's loop, which evaluates the loss before it steps and stops after the step, so
    /// it counts one more than `arrives`, but exactly `leaves`.
    #[must_use]
    pub fn count(&self) -> Option<u64> {
        match (self.arrives, self.leaves) {
            (Some(arrives), Some(leaves)) if leaves <= arrives => Some(leaves),
            (Some(arrives), _) => Some(arrives + 1),
            (None, leaves) => leaves,
        }
    }
}

/// Runs the first lane of `setup` up to the horizon, or until it has left.
pub fn measure(setup: &mut Setup) -> Measured {
    let Setup {
        landscape,
        reference,
        lanes,
        ..
    } = setup;
    let mut measured = Measured::default();
    let Some((_, lane)) = lanes.first_mut() else {
        return measured;
    };
    for t in 0..=HORIZON {
        let machine = lane.machine();
        if measured.within.is_none() && distance(machine, reference) < LossTolerance::ABOVE {
            measured.within = Some(t);
        }
        if machine.w().iter().any(|w| w.abs() >= landscape.bound) {
            measured.leaves = Some(t);
            break;
        }
        lane.iterate();
    }
    let convergence = lane.timeline().convergence();
    measured.arrives = convergence.touched;
    measured.stays = convergence.since;
    measured
}

fn distance(machine: &Machine, reference: &Reference) -> f64 {
    let pairs = machine.w().iter().zip(&reference.minimum);
    pairs.map(|(w, m)| (w - m) * (w - m)).sum::<f64>().sqrt()
}

/// The iteration at which gradient descent with this `eta` arrives or leaves, by its closed form on a quadratic:
///
/// `alpha_i(t) = (1 - eta*lambda_i)^t alpha_i(0)`, `loss(t) = sum(0.5*lambda_i*alpha_i(t)^2)`
#[must_use]
pub fn predict(setup: &Setup, eta: f64) -> Option<u64> {
    let spectrum = setup.reference.eigenbasis()?;
    let minimum = &setup.reference.minimum;
    let mut alpha = vec![0.0; minimum.len()];
    spectrum.components(&setup.landscape.start, minimum, &mut alpha);
    for t in 0..=HORIZON {
        let loss: f64 = alpha
            .iter()
            .zip(&spectrum.eigenvalues)
            .map(|(alpha, lambda)| 0.5 * lambda * alpha * alpha)
            .sum();
        let mut w = minimum.clone();
        for (at, alpha) in alpha.iter().enumerate() {
            for (w, u) in w.iter_mut().zip(spectrum.eigenvector(at)) {
                *w += alpha * u;
            }
        }
        let left = w.iter().any(|w| w.abs() >= setup.landscape.bound);
        if loss <= LossTolerance::ABOVE || left {
            return Some(t);
        }
        for (alpha, lambda) in alpha.iter_mut().zip(&spectrum.eigenvalues) {
            *alpha *= theory::ratio(eta, *lambda);
        }
    }
    None
}

/// The value of the first lane's setting `name`.
#[must_use]
pub fn setting(setup: &Setup, name: &str) -> Option<f64> {
    let (_, lane) = setup.lanes.first()?;
    let machine = lane.machine();
    let settings = &machine.compiled().settings;
    let at = settings.iter().position(|setting| setting.name == name)?;
    Some(machine.setting(at))
}
