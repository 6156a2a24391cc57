//! Claims about what was predicted: that errors are so, and that the loss arrives.

use super::minimum;
use crate::{
    analysis::{
        Unknown,
        claim::{Assumption, Claim, ClaimKind, Doubt, Premise, Verdict},
    },
    debugger::{control::Control, lanes::NamedLane, tolerance::LossTolerance},
    value::Real,
};

/// Predicted and measured errors may differ by so many roundings of `w` for each iteration that is remembered.
const ROUNDINGS: f64 = 8.0;
/// Where rounding explains deviations of more than this share of the numbers, no prediction is tested by them.
const MEANINGLESS: f64 = 1e-2;

impl NamedLane {
    /// The claim that errors are those predicted, to rounding of `w`.
    pub(super) fn exact(&mut self, goal: LossTolerance, control: &mut Control) -> Option<Claim> {
        let t = self.lane.position().t;
        let is_noisy = self.lane.machine().noise().is_some();
        let forecast = self.forecast(goal.loss(), control)?.clone();
        let mut premises = vec![Premise::Span {
            from: forecast.since,
            to: t,
        }];
        if !forecast.prediction.exact {
            let held = self.outlook().is_some_and(|it| it.held);
            premises.push(Premise::Assumed(if held {
                Assumption::ScalesHeld
            } else {
                Assumption::QuadraticModel
            }));
            return Some(Claim::new(ClaimKind::Exact, Verdict::Fails, premises));
        }
        premises.push(Premise::Assumed(Assumption::Linear));
        let predicted = forecast.alpha(t)?.to_vec();
        let machine = self.lane.machine();
        let mut alpha = vec![0.0; predicted.len()];
        let spectrum = self.reference().eigenbasis()?;
        spectrum.components(machine.w(), &self.reference().minimum, &mut alpha);
        let off = alpha.iter().zip(&predicted).map(|(a, b)| (a - b).abs());
        let off = off.fold(0.0, f64::max);
        let most = self.rounding_of_alpha(forecast.since);
        premises.push(Premise::Deviation {
            found: Real(off),
            most: Real(most),
        });
        let verdict = if is_noisy {
            Verdict::Unknown(Doubt::Noise)
        } else if most > MEANINGLESS * self.size() && off > 0.0 {
            Verdict::Unknown(Doubt::Rounding { most: Real(most) })
        } else {
            Verdict::checked(true, off, most)
        };
        Some(Claim::new(ClaimKind::Exact, verdict, premises))
    }

    /// The size of the numbers that are rounded.
    fn size(&self) -> f64 {
        let size = |of: &[f64]| of.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
        let states = self.lane.machine().variables();
        let kept = size(&states[..self.lane.compiled().kept().min(states.len())]);
        let start = self.lane.timeline().path.points().next();
        let start = start.map_or(0.0, |point| size(point.w));
        kept.max(start) + size(&self.reference().minimum)
    }

    /// What rounding of `w` in every iteration since `since` may have made of alpha: nothing below this is told apart
    /// from it.
    pub fn rounding_of_alpha(&mut self, since: u64) -> f64 {
        let t = self.lane.position().t;
        let size = self.size();
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let steps = (t - since.min(t)) as f64;
        let modulus = self.modulus().unwrap_or(1.0);
        // Each rounding shrinks as errors do.
        let remembered = if modulus < 1.0 {
            steps.min(1.0 / (1.0 - modulus))
        } else {
            steps
        };
        let growth = self.growth().map_or(1.0, |growth| growth.factor);
        // Predictions and errors are numbers of 64 bits, whatever the lane computes with.
        let unit = self.lane.machine().precision().unit().max(f64::EPSILON);
        ROUNDINGS * unit * size * (1.0 + remembered) * growth
    }

    /// The claim that the loss comes down to the tolerance at a predicted t.
    pub(super) fn arrives(&mut self, goal: LossTolerance, control: &mut Control) -> Option<Claim> {
        let tolerance = goal.loss();
        let forecast = self.forecast(tolerance, control)?.clone();
        if !forecast.prediction.exact {
            return None;
        }
        let reached = self.arrival(tolerance, control)?;
        let mut premises = vec![
            Premise::Predicted(reached),
            Premise::Tolerance(Real(goal.above)),
            minimum(self.reference()),
            Premise::Assumed(Assumption::Linear),
        ];
        let t = self.lane.position().t;
        let touched = self.lane.timeline().convergence().touched;
        let measured = touched.filter(|touched| *touched <= t);
        let mut verdict = Verdict::Holds;
        if let Some(measured) = measured {
            premises.push(Premise::Measured(measured));
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            let off = measured.abs_diff(reached) as f64;
            verdict = Verdict::checked(true, off, 1.0);
        } else if t > reached + 1 {
            verdict = Verdict::Fails;
        }
        let since = self.base(t).min(reached);
        let powers = self.at_boundary(since, control, |stability, evaluator, at| {
            stability.losses_by_powers(evaluator, at, reached - since)
        });
        match powers.flatten() {
            Some([before, at]) => {
                premises.push(Premise::Powers {
                    before: Real(before),
                    at: Real(at),
                });
                let slack = 1e-6 * goal.above + 1e-12 * goal.floor.abs();
                let is_first = reached == since || before > tolerance - slack;
                if at > tolerance + slack || !is_first {
                    verdict = Verdict::Unknown(Doubt::Check {
                        found: Real(at),
                        most: Real(tolerance),
                    });
                }
            }
            None => verdict = Unknown::NotLinear.into(),
        }
        Some(Claim::new(ClaimKind::ArrivesAt, verdict, premises))
    }
}
