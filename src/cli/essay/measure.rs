//! One experiment, measured on a run and predicted without one.

use crate::{
    analysis::Claim,
    debugger::{
        Control, LossTolerance, Session,
        lanes::{HaltReason, NamedLane},
    },
};

/// Iterations over which a loss has to stay small.
pub const HORIZON: u64 = 10_000;

/// Iterations at which things were first seen; `None` for never within [`HORIZON`].
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// The loss is at most [`LossTolerance::ABOVE`].
    pub arrives: Option<u64>,
    /// From here on it stays so, up to the horizon.
    pub stays: Option<u64>,
    /// The minimum is less than [`LossTolerance::ABOVE`] away.
    pub within: Option<u64>,
    /// Some `abs(w[i])` is at least the loss's bound.
    pub leaves: Option<u64>,
    /// The t at which it arrives or leaves by an exact prediction.
    pub predicted: Option<u64>,
    /// The claims about the run where it ends.
    pub claims: Vec<Claim>,
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

/// Runs the lane of `session` up to the horizon, or until it has left.
pub fn measure(session: &mut Session) -> Measured {
    let goal = session.tolerance();
    let mut measured = Measured {
        predicted: predicted(session, goal),
        ..Measured::default()
    };
    let control = &mut Control::default();
    for t in 0..=HORIZON {
        let entry = session.lanes().focused();
        if measured.within.is_none() && distance(entry) < LossTolerance::ABOVE {
            measured.within = Some(t);
        }
        if entry.is_halted() || t == HORIZON {
            break;
        }
        session.step(1, control);
    }
    let entry = session.focused_mut();
    let halt = entry.halt();
    let left = halt.filter(|halt| matches!(halt.why, HaltReason::OutOfBounds { .. }));
    measured.leaves = left.map(|halt| halt.t);
    let convergence = entry.lane().timeline().convergence();
    measured.arrives = convergence.touched;
    measured.stays = convergence.since;
    measured.claims = entry.claims(goal, control);
    measured
}

/// The distance from the minimum.
fn distance(entry: &NamedLane) -> f64 {
    let w = entry.lane().machine().w().iter();
    let pairs = w.zip(&entry.reference().minimum);
    pairs.map(|(w, m)| (w - m) * (w - m)).sum::<f64>().sqrt()
}

/// The t at which the run of `session`, which is at its start, arrives or leaves: by its errors as they are predicted,
/// where that is exact.
fn predicted(session: &mut Session, goal: LossTolerance) -> Option<u64> {
    let bound = session.landscape().bound;
    let entry = session.focused_mut();
    let forecast = entry.forecast(goal.loss(), &mut Control::default())?;
    let prediction = forecast
        .prediction
        .exact
        .then(|| forecast.prediction.clone())?;
    let reference = entry.reference();
    let spectrum = reference.eigenbasis()?;
    let leaves = |alpha: &Vec<f64>| {
        let mut w = reference.minimum.clone();
        for (at, alpha) in alpha.iter().enumerate() {
            for (w, u) in w.iter_mut().zip(spectrum.eigenvector(at)) {
                *w += alpha * u;
            }
        }
        w.iter().any(|w| w.abs() >= bound)
    };
    let mut all = prediction.alpha.iter().zip(&prediction.loss);
    let at = all.position(|(alpha, loss)| *loss <= goal.loss() || leaves(alpha))?;
    Some(at as u64)
}

/// The value of the lane's setting `name`.
#[must_use]
pub fn setting(session: &Session, name: &str) -> Option<f64> {
    let machine = session.lanes().focused().lane().machine();
    let settings = &machine.compiled().settings;
    let at = settings.iter().position(|setting| setting.name == name)?;
    Some(machine.setting(at))
}
