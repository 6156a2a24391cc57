//! Predictions of the coming iterations of any rule, from the derivative of one of them.
//!
//! Near a minimum an iteration maps x = (w - w*, states) to J x. The eigenvalues of J, its *modes*, say
//! how: a mode z shrinks by |z| each iteration, rings if it is complex, flips its sign if it is negative,
//! grows if |z| > 1. Counters are no part of x. States in the role of a scale are held where they are,
//! which makes an adaptive rule linear for the time being: what follows from that is local.

mod decoupled;
mod edge;
mod feeding;
mod growth;
mod modes;
mod moving;
mod preconditioned;
mod prediction;
mod radius;
mod regime;
mod variance;

pub use edge::Edge;
pub use feeding::Feeding;
pub use growth::Growth;
pub use modes::modes;
pub use prediction::Prediction;
pub use regime::Regime;

use super::{
    claim,
    jacobian::{Boundary, Jacobian},
    spectrum::{Spectrum, rounding},
    unknown::{Known, Unknown},
};
use crate::{
    error::Result,
    loss::Evaluator,
    rule::{Compiled, StateRole, VariableKind},
};
use decoupled::Blocks;
use modes::sorted;
use moving::{Moving, felt, observed};
use nalgebra::{Complex, DMatrix};
use std::sync::Arc;

/// Looks at runs of one rule. What was found of a boundary is kept until another one is asked about.
#[derive(Debug, Clone)]
pub struct Stability {
    whole: Moving,
    /// With scales held, where the rule has any.
    held: Option<Moving>,
    /// At the `w` that was asked about last.
    curvature: Option<(Vec<f64>, Arc<Curvature>)>,
}

/// The Hessian of the loss at some `w`.
#[derive(Debug)]
struct Curvature {
    hessian: DMatrix<f64>,
    /// The spectrum; none where an entry is not finite.
    spectrum: Option<Spectrum>,
}

/// The modes of one iteration: its effect on small errors.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalModes {
    /// Eigenvalues of the iteration, the largest modulus first.
    pub modes: Vec<Complex<f64>>,
    /// The regime of the first mode.
    pub regime: Regime,
    /// True if scales are held constant, so that the result is local in time.
    pub held: bool,
    /// The same along each eigenvector of the Hessian.
    pub directions: Vec<Direction>,
    /// Where coordinates of `w` move by steps that do not depend on the errors, so that they never shrink: true if the next
    /// iteration takes all of these steps back.
    pub turns: Option<bool>,
}

/// Errors this far down, by e^-20, are at rest.
const AT_REST: f64 = 20.0;

impl LocalModes {
    /// True where an error grows that does not just leave a direction of negative curvature.
    #[must_use]
    pub fn magnify(&self) -> bool {
        let mut modes = self.modes.iter();
        modes.any(|z| claim::grows(z.norm()) && !edge::leaves(z))
    }

    /// The directions along which something moves: in those left out the loss curves by no more than rounding, and errors
    /// stay as they are.
    pub fn curved(&self) -> impl Iterator<Item = &Direction> {
        let sizes = self.directions.iter().map(|it| it.here.abs());
        let least = rounding(self.directions.len()) * sizes.fold(0.0, f64::max);
        self.directions
            .iter()
            .filter(move |it| it.here.abs() > least || !is_neutral(&it.modes))
    }

    /// The iterations after which an error that passes through 0 shows that it only passed: half the slowest swing,
    /// unless the error is at rest before; 1 where nothing swings.
    #[must_use]
    pub fn half_swing(&self) -> u64 {
        let swings = self.modes.iter().filter(|z| z.im.abs() > 1e-6 * z.norm());
        let halves = swings.map(|z| {
            let half = std::f64::consts::PI / libm::atan2(z.im, z.re).abs();
            let rests = AT_REST / (1.0 - z.norm()).max(0.0);
            half.min(rests).ceil()
        });
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "positive, and the cast saturates"
        )]
        let half = halves.fold(1.0, f64::max) as u64;
        half
    }
}

/// The modes of an error along one eigenvector of the Hessian.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// The eigenvalue, at the minimum.
    pub lambda: f64,
    /// The curvature along the eigenvector at w, which is what the iteration meets.
    pub here: f64,
    /// Eigenvalues of the iteration restricted to this direction, the largest modulus first.
    pub modes: Vec<Complex<f64>>,
    /// The regime of the first mode.
    pub regime: Regime,
    /// True if errors along this direction stay in it; otherwise its modes are approximate.
    pub decoupled: bool,
}

/// Curvatures that differ by this share are two.
const APART: f64 = 1e-6;

impl Direction {
    /// True where the curvature that the iteration meets at `w` is not that at the minimum.
    #[must_use]
    pub fn is_elsewhere(&self) -> bool {
        let size = self.here.abs().max(self.lambda.abs());
        (self.here - self.lambda).abs() > APART * size
    }
}

impl Stability {
    /// For runs of `compiled`.
    ///
    /// # Errors
    /// None for a rule that has been compiled once.
    pub fn new(compiled: &Arc<Compiled>) -> Result<Self> {
        let has_scale = has_role(compiled, StateRole::Scale);
        let held = if has_scale {
            let jacobian = Jacobian::with_scales_held(compiled)?;
            Some(Moving::new(jacobian, &[StateRole::Count, StateRole::Scale]))
        } else {
            None
        };
        Ok(Self {
            whole: Moving::new(Jacobian::new(Arc::clone(compiled)), &[StateRole::Count]),
            held,
            curvature: None,
        })
    }

    /// The eigenvalues and eigenvectors of the Hessian at `w`.
    ///
    /// # Errors
    /// An entry of it is not finite.
    pub fn spectrum(&mut self, evaluator: &mut dyn Evaluator, w: &[f64]) -> Known<Spectrum> {
        let spectrum = self.curvature(evaluator, w).spectrum.clone();
        spectrum.ok_or(Unknown::NoHessian)
    }

    fn curvature(&mut self, evaluator: &mut dyn Evaluator, w: &[f64]) -> Arc<Curvature> {
        if let Some((known, curvature)) = &self.curvature
            && known == w
        {
            return Arc::clone(curvature);
        }
        let hessian = evaluator.hessian(w);
        let spectrum = Spectrum::of(&hessian);
        let curvature = Arc::new(Curvature { hessian, spectrum });
        self.curvature = Some((w.to_vec(), Arc::clone(&curvature)));
        curvature
    }

    /// The iteration with scales held, where the rule has any.
    fn local(&mut self) -> &mut Moving {
        self.held.as_mut().unwrap_or(&mut self.whole)
    }

    /// The numbers that move: the size of every matrix here.
    #[must_use]
    pub fn size(&self) -> usize {
        self.whole.places.len()
    }

    /// True if scales are held constant, so that results are local in time.
    #[must_use]
    pub fn holds_scales(&self) -> bool {
        self.held.is_some()
    }

    /// The distance from instability of the iteration after `at`, or of one like those that follow,
    /// scales held. Takes some thirty times as long as [`Stability::outlook`].
    ///
    /// # Errors
    /// Every curvature is stable, or none; or the derivative does not tell.
    pub fn edge(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<Edge> {
        let curvature = self.curvature(evaluator, self.whole.w(at));
        edge::find(self.local(), evaluator, at, &curvature)
    }

    /// The effect of the iteration after `at` on small errors, along the eigenvectors of `spectrum` if
    /// one is given; in the mean, where this `share` of the gradient's elements is not dropped at random.
    /// `None` where the derivative is not finite.
    pub fn outlook(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        spectrum: Option<&Spectrum>,
        share: f64,
    ) -> Option<LocalModes> {
        let held = self.held.is_some();
        let curvature = spectrum.map(|_| self.curvature(evaluator, self.whole.w(at)));
        let moving = self.local();
        let recurring = moving.recurring(evaluator, at);
        let at = recurring.boundary(at.settings);
        let mean = (share < 1.0).then(|| moving.at(evaluator, at, share));
        let jacobian = mean.as_ref().unwrap_or(&recurring.there);
        if jacobian.iter().any(|entry| !entry.is_finite()) {
            return None;
        }
        let mut directions = match (spectrum, &curvature) {
            (Some(spectrum), Some(curvature)) => {
                moving.directions(jacobian, (spectrum, &curvature.hessian))?
            }
            _ => Vec::new(),
        };
        let stride = moving.stride(evaluator, &recurring, at.settings);
        if let (Some(stride), Some(spectrum)) = (&stride, spectrum) {
            for (at, direction) in directions.iter_mut().enumerate() {
                let steps = stride.along(&spectrum.eigenvector(at));
                direction.regime = steps.map_or(direction.regime, Regime::of_steps);
            }
        }
        // Where errors keep to their directions these have all modes, which is much faster.
        let is_whole = directions.len() * moving.vectors.len() == moving.places.len()
            && directions.iter().all(|it| it.decoupled);
        let modes = if is_whole {
            sorted(directions.iter().flat_map(|it| it.modes.clone()).collect())
        } else {
            modes(&observed(jacobian, moving.jacobian.compiled().dimension()))?
        };
        let mut outlook = LocalModes {
            regime: Regime::of(modes.first().copied()),
            modes,
            held,
            directions,
            turns: stride.map(|it| it.turns),
        };
        let grows = |it: Regime| matches!(it, Regime::Diverging { .. });
        let some_grow =
            grows(outlook.regime) || outlook.directions.iter().any(|it| grows(it.regime));
        // Growth for good is a word about the limit.
        if some_grow && (held || self.whole.linear(evaluator, at).is_none()) {
            outlook.regime = outlook.regime.for_now();
            for direction in &mut outlook.directions {
                direction.regime = direction.regime.for_now();
            }
        }
        Some(outlook)
    }
}

/// True if the largest of `modes` leaves an error as it is.
fn is_neutral(modes: &[Complex<f64>]) -> bool {
    let largest = modes.first().map_or(1.0, |z| z.norm());
    (largest - 1.0).abs() <= claim::NEUTRAL
}

fn has_role(compiled: &Compiled, role: StateRole) -> bool {
    let mut variables = compiled.variables.iter();
    variables.any(|it| it.kind == VariableKind::State(Some(role)))
}
