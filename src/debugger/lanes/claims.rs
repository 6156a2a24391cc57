//! What can be claimed of a lane where it is, each claim with its premises and an independent check.

mod predicted;

use super::{Halt, HaltReason, NamedLane, forecast_cache::CacheKey};
use crate::{
    analysis::{
        Known, Origin, Reference, Regime, Spectrum, Unknown,
        claim::{self, Assumption, Claim, ClaimKind, Doubt, Isolation, Premise, Verdict},
        minimum::Kernel,
        spectrum::MAX_DENSE,
        stability::Feeding,
    },
    debugger::{
        control::Control, machine::Position, timeline::ConvergenceTracker, tolerance::LossTolerance,
    },
    value::Real,
};

/// Newton's decrement may be so many times the tolerance: off a quadratic it is not the height itself.
const DECREMENT: f64 = 8.0;

/// All that claims depend on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ClaimKey {
    at: CacheKey,
    tolerance: LossTolerance,
    frontier: u64,
    /// What the whole run does about its tolerance, edits beyond the boundary included.
    convergence: ConvergenceTracker,
    halt: Option<Halt>,
}

impl NamedLane {
    /// Everything that can be claimed on the boundary where the lane is, or on the one before; kept until the lane is
    /// elsewhere.
    ///
    /// Where `control` said no, some of them are missing.
    pub fn claims(&mut self, goal: LossTolerance, control: &mut Control) -> Vec<Claim> {
        if self.compiled().lines.is_empty() {
            return Vec::new();
        }
        let key = ClaimKey {
            at: self.key(),
            tolerance: goal,
            frontier: self.frontier(),
            convergence: self.lane.timeline().convergence(),
            halt: self.halt.clone(),
        };
        if let Some((known, claims)) = &self.forecasts.claims
            && *known == key
        {
            return claims.clone();
        }
        let claims = self.claims_anew(goal, control);
        if !control.has_ended() {
            self.forecasts.claims = Some((key, claims.clone()));
        }
        claims
    }

    fn claims_anew(&mut self, goal: LossTolerance, control: &mut Control) -> Vec<Claim> {
        let here = self.lane.position();
        let boundary = Position::at(here.t);
        if here != boundary {
            self.lane.return_to(boundary);
        }
        let spectrum = self.spectrum_here();
        let is_bowl = spectrum.as_ref().is_ok_and(Spectrum::curves_upward);
        let radius = self.radius().ok();
        let mut claims = vec![
            self.converged(&spectrum),
            self.settled(is_bowl, radius),
            self.diverged(radius),
            self.stable(radius),
        ];
        claims.extend(self.ringing());
        claims.extend(self.exact(goal, control));
        claims.extend(self.arrives(goal, control));
        if here != boundary {
            self.lane.return_to(here);
        }
        claims
    }

    /// The claim that the loss is that of a minimum, as far as the tolerance goes.
    fn converged(&mut self, spectrum: &Known<Spectrum>) -> Claim {
        let found = self.lane.has_arrived();
        let tolerance = self.lane.timeline().tolerance();
        let machine = self.lane.machine();
        let (t, loss) = (machine.position().t, machine.loss());
        let mut premises = vec![
            Premise::Span { from: t, to: t },
            Premise::Loss(Real(loss)),
            Premise::Tolerance(Real(tolerance.above)),
            minimum(self.reference()),
        ];
        if self.reference().origin == Origin::Here {
            let verdict = Unknown::NoMinimum.into();
            return Claim::new(ClaimKind::Converged, verdict, premises);
        }
        let since = self.lane.timeline().convergence().since;
        let Some(since) = since.filter(|since| found && *since <= t) else {
            // Within the tolerance, and known to leave it again, it has passed by.
            return Claim::new(ClaimKind::Converged, Verdict::Fails, premises);
        };
        let rounding = 1e-12 * tolerance.floor.abs();
        let most = DECREMENT * (tolerance.above + rounding);
        let verdict = match spectrum {
            Ok(spectrum) => {
                let found = decrement(spectrum, self.lane.machine().gradient());
                premises.push(Premise::Decrement {
                    found: Real(found),
                    most: Real(most),
                });
                let doubt = if found <= most {
                    self.passing(since)
                } else {
                    Some(Doubt::Height {
                        found: Real(found),
                        most: Real(most),
                    })
                };
                doubt.map_or(Verdict::Holds, Verdict::Unknown)
            }
            Err(why) => (*why).into(),
        };
        Claim::new(ClaimKind::Converged, verdict, premises)
    }

    /// The doubt that the loss, which has been at or below the tolerance since then, only passes by.
    fn passing(&mut self, since: u64) -> Option<Doubt> {
        let rows = self.rows_since(since);
        claim::doubt_of_passing(self.outlook()?, rows)
    }

    /// The number of boundaries from `since` to the newest.
    fn rows_since(&self, since: u64) -> u64 {
        (self.frontier() + 1).saturating_sub(since)
    }

    /// The eigenvalues and eigenvectors of the Hessian at `w`.
    fn spectrum_here(&mut self) -> Known<Spectrum> {
        if self.lane.machine().w().len() > MAX_DENSE {
            // So many are decomposed only where the Hessian is diagonal, and the same everywhere.
            return self.reference().known_spectrum().cloned();
        }
        let n = self.compiled().dimension();
        let known = self
            .on_boundary(|stability, evaluator, at| stability.spectrum(evaluator, &at.kept[..n]));
        known.unwrap_or_else(|| {
            let machine = self.lane.machine_mut();
            let w = machine.w().to_vec();
            Spectrum::of(&machine.evaluator().hessian(&w)).ok_or(Unknown::NoHessian)
        })
    }

    /// The claim that it has been converged since some t.
    fn settled(&mut self, is_bowl: bool, radius: Option<f64>) -> Claim {
        let t = self.lane.position().t;
        let convergence = self.lane.timeline().convergence();
        let to = self.frontier();
        let since = convergence.since.filter(|since| *since <= t);
        let mut premises = vec![Premise::Tolerance(Real(convergence.tolerance.above))];
        if self.reference().origin == Origin::Here {
            premises.push(Premise::NoMinimum);
            let verdict = Unknown::NoMinimum.into();
            return Claim::new(ClaimKind::Settled, verdict, premises);
        }
        let Some(from) = since else {
            return Claim::new(ClaimKind::Settled, Verdict::Fails, premises);
        };
        premises.push(Premise::Span { from, to });
        premises.push(minimum(self.reference()));
        let is_still = self.lane.machine().gradient_norm() == 0.0;
        let rows = self.rows_since(from);
        let doubt = self.outlook().cloned().and_then(|modes| {
            let edge = || {
                if is_bowl {
                    self.edge()
                } else {
                    Err(Unknown::Saddle)
                }
            };
            claim::doubt_of_settling(&modes, rows, is_still, edge)
        });
        let verdict = doubt.map_or(Verdict::Holds, Verdict::Unknown);
        match radius {
            Some(radius) if radius < 1.0 => premises.push(Premise::Radius(Real(radius))),
            _ => premises.push(Premise::Assumed(Assumption::SoFar)),
        }
        Claim::new(ClaimKind::Settled, verdict, premises)
    }

    /// The claim that errors grow for good.
    fn diverged(&mut self, radius: Option<f64>) -> Claim {
        let kind = ClaimKind::Diverged;
        if let Some(radius) = radius {
            let premises = vec![
                Premise::Radius(Real(radius)),
                Premise::Assumed(Assumption::Linear),
            ];
            // The modes of the whole iteration are found without the radius.
            let modulus = self.modulus();
            let verdict = match modulus {
                Some(modulus) if claim::grows(radius) != claim::grows(modulus) => {
                    Verdict::Unknown(Doubt::Check {
                        found: Real(modulus),
                        most: Real(radius),
                    })
                }
                _ if claim::grows(radius) && self.is_at_rest() => Verdict::Unknown(Doubt::Still),
                _ if claim::grows(radius) => Verdict::Holds,
                // Where errors stay, in directions without curvature, there may be a slope without end, along which w
                // moves on for ever.
                _ if self.reference().origin == Origin::Here => Unknown::NoMinimum.into(),
                _ => Verdict::Fails,
            };
            return Claim::new(kind, verdict, premises);
        }
        let machine = self.lane.machine();
        let largest = |of: &[f64]| {
            let size = |most: f64, w: &f64| {
                if w.is_nan() {
                    f64::NAN
                } else {
                    most.max(w.abs())
                }
            };
            of.iter().fold(0.0_f64, size)
        };
        let start = self.lane.timeline().path.points().next();
        let start = start.map_or(1.0, |point| largest(point.w).max(1.0));
        let times = largest(machine.w()) / start;
        let premises = vec![
            Premise::Distance(Real(times)),
            Premise::Assumed(Assumption::SoFar),
        ];
        let t = machine.position().t;
        let end = self.halt.as_ref().filter(|halt| halt.t <= t);
        let verdict = match end.map(|halt| &halt.why) {
            Some(HaltReason::NotFinite(_)) if times <= claim::FAR && machine.loss().is_nan() => {
                Verdict::Unknown(Doubt::OutOfDomain { t })
            }
            Some(HaltReason::NotFinite(_)) => Verdict::Holds,
            _ if times > claim::FAR || times.is_nan() => Verdict::Holds,
            Some(HaltReason::OutOfBounds { bound, .. }) => Verdict::Unknown(Doubt::Bound {
                bound: Real(*bound),
            }),
            _ => Verdict::Fails,
        };
        Claim::new(kind, verdict, premises)
    }

    /// True where the gradient is exactly 0 and an iteration leaves everything as it is.
    fn is_at_rest(&mut self) -> bool {
        if self.lane.machine().gradient_norm() != 0.0 {
            return false;
        }
        let rests = self.on_boundary(|stability, evaluator, at| stability.rests(evaluator, at));
        rests.unwrap_or(false)
    }

    /// The claim that an iteration does not magnify errors here.
    fn stable(&mut self, radius: Option<f64>) -> Claim {
        let modulus = self.modulus();
        let edge = self.edge();
        let mut premises = Vec::new();
        if self.outlook().is_some_and(|it| it.held) {
            premises.push(Premise::Assumed(Assumption::ScalesHeld));
        }
        if let Ok(edge) = edge {
            premises.push(Premise::Edge(Real(edge.share)));
            if self.lane.machine().gradient_norm() == 0.0 {
                premises.push(Premise::Still);
            }
        }
        let (within, modulus) = match (edge, modulus) {
            (Ok(edge), Some(modulus)) => (edge.share <= 1.0, modulus),
            // Where nothing that curves upward is unstable, what curves downward may be.
            (Err(Unknown::AlwaysStable), Some(modulus)) if claim::grows(modulus) => (true, modulus),
            (Err(Unknown::NeverStable), _) => {
                return Claim::new(ClaimKind::Stable, Verdict::Fails, premises);
            }
            (Ok(_), None) => {
                return Claim::new(ClaimKind::Stable, Unknown::NoEigenvalues.into(), premises);
            }
            (Err(why), _) => return Claim::new(ClaimKind::Stable, why.into(), premises),
        };
        premises.push(Premise::Modulus(Real(modulus)));
        // Two ways of finding the same thing may disagree by rounding at the edge itself.
        let at_edge = edge.is_ok_and(|edge| (edge.share - 1.0).abs() < 1e-6);
        let verdict = match (within, claim::grows(modulus)) {
            (true, false) => Verdict::Holds,
            (false, true) => Verdict::Fails,
            _ if at_edge && within => Verdict::Holds,
            _ if at_edge => Verdict::Fails,
            _ => self.beside_the_edge(modulus, radius, &mut premises),
        };
        Claim::new(ClaimKind::Stable, verdict, premises)
    }

    /// The verdict on an iteration whose edge of stability and whose modes say different things.
    fn beside_the_edge(
        &mut self,
        modulus: f64,
        radius: Option<f64>,
        premises: &mut Vec<Premise>,
    ) -> Verdict {
        let grows = claim::grows(modulus);
        let feeding = self.feeding();
        match feeding {
            Ok(it) if grows && it.least < 0.0 && !it.third => {
                premises.push(Premise::Downward(Real(it.least)));
                return Verdict::Fails;
            }
            _ => {}
        }
        // Where an iteration is linear, its radius decides.
        if let Some(radius) = radius.filter(|radius| claim::grows(*radius) == grows) {
            premises.push(Premise::Radius(Real(radius)));
            return if grows {
                Verdict::Fails
            } else {
                Verdict::Holds
            };
        }
        // The edge is a share of the curvature, which is not all where a step depends on w itself, as on its norm.
        if grows && self.on_boundary(|it, evaluator, at| it.steps_by_w(evaluator, at)) == Some(true)
        {
            premises.push(Premise::StepOfW);
            return Verdict::Fails;
        }
        // The edge leaves out what grows without changing sides: not curvature alone does, a step that shrinks as errors grow does, too.
        let shrinks = self.on_boundary(|it, evaluator, at| it.shrinking_step(evaluator, at));
        if let Some(by) = shrinks.flatten().filter(|_| grows) {
            premises.push(Premise::StepShrinks(Real(by)));
            return Verdict::Fails;
        }
        let is_neutral = grows && modulus <= 1.0 + claim::COINCIDING;
        let modulus = Real(modulus);
        Verdict::Unknown(if is_neutral {
            Doubt::Neutral { modulus }
        } else if feeding.is_ok_and(|it| it.third) {
            Doubt::Third { modulus }
        } else {
            Doubt::Check {
                found: modulus,
                most: Real(1.0),
            }
        })
    }

    /// The derivatives of the loss on which an iteration depends.
    fn feeding(&mut self) -> Known<Feeding> {
        let found = self.on_boundary(|stability, evaluator, at| stability.feeding(evaluator, at));
        found.unwrap_or(Err(Unknown::TooMany))
    }

    /// The claims that errors along eigenvectors oscillate and shrink.
    fn ringing(&mut self) -> Vec<Claim> {
        let Some(outlook) = self.outlook().cloned() else {
            return Vec::new();
        };
        let directions = outlook.directions.iter().enumerate();
        let ringing = directions.filter_map(|(at, direction)| {
            let Regime::Ringing { period } = direction.regime else {
                return None;
            };
            let z = *direction.modes.first()?;
            let mut premises = vec![
                Premise::Period(Real(period)),
                Premise::Modulus(Real(z.norm())),
            ];
            if outlook.held {
                premises.push(Premise::Assumed(Assumption::ScalesHeld));
            }
            // A real iteration has its complex modes in pairs: cos(2 pi/period) = re z/|z|.
            let paired = direction
                .modes
                .iter()
                .any(|it| (it - z.conj()).norm() < 1e-6);
            let angle = libm::acos((z.re / z.norm()).clamp(-1.0, 1.0));
            let off = (angle * period / (2.0 * std::f64::consts::PI) - 1.0).abs();
            let verdict = if !paired {
                Unknown::NoEigenvalues.into()
            } else if z.norm() > 1.0 + claim::NEUTRAL {
                Verdict::Unknown(Doubt::Check {
                    found: Real(z.norm()),
                    most: Real(1.0),
                })
            } else {
                Verdict::checked(true, off, 1e-6)
            };
            Some(Claim {
                direction: Some(at + 1),
                ..Claim::new(ClaimKind::Ringing, verdict, premises)
            })
        });
        ringing.collect()
    }
}

/// Newton's decrement g'H^-1 g/2: the height above the minimum of the quadratic model with this gradient and spectrum,
/// found without the loss and without a minimum.
fn decrement(spectrum: &Spectrum, gradient: &[f64]) -> f64 {
    let size = spectrum.largest().abs().max(spectrum.smallest().abs());
    let rounding = spectrum.rounding(0) * size;
    let mut decrement = 0.0;
    for (at, lambda) in spectrum.eigenvalues.iter().enumerate() {
        let along = spectrum.component(at, gradient);
        if along == 0.0 {
            continue;
        }
        // Downward curvature so near to a degenerate minimum may be that of the place.
        decrement += along * along / (2.0 * lambda.abs().max(rounding));
    }
    decrement
}

/// The minimum that a claim is about.
fn minimum(reference: &Reference) -> Premise {
    if reference.origin == Origin::Here {
        return Premise::NoMinimum;
    }
    let isolation = match (&reference.spectrum, reference.kernel) {
        (None, _) => Isolation::Untold,
        (_, Kernel::Level) => Isolation::Level,
        (_, Kernel::Rising) => Isolation::Degenerate,
        (Some(spectrum), Kernel::Empty) => Isolation::Isolated {
            curvature: Real(spectrum.smallest()),
        },
    };
    Premise::Minimum {
        known: reference.origin == Origin::Known,
        loss: Real(reference.value),
        isolation,
    }
}
