//! Predictions of the coming iterations of any rule, from the derivative of one of them.
//!
//! Near a minimum an iteration maps x = (w - w*, states) to J x. The eigenvalues of J, its *modes*, say
//! how: a mode z shrinks by |z| each iteration, rings if it is complex, flips its sign if it is negative,
//! grows if |z| > 1. Counters are no part of x. States in the role of a scale are held where they are,
//! which makes an adaptive rule linear for the time being: what follows from that is local.

mod decoupled;
mod edge;
mod growth;
mod preconditioned;
mod prediction;
mod radius;
mod regime;
mod variance;

pub use edge::Edge;
pub use growth::Growth;
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
    lang::graph::Extent,
    loss::Evaluator,
    rule::{Compiled, StateRole, VariableKind},
};
use decoupled::Blocks;
use nalgebra::{Complex, DMatrix, DVector, Schur, linalg::balancing::balance_parlett_reinsch};
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
    /// Its spectrum; none where an entry is not finite.
    spectrum: Option<Spectrum>,
}

/// An iteration's derivative and which of the kept numbers move.
#[derive(Debug, Clone)]
struct Moving {
    jacobian: Jacobian,
    /// Places of the numbers that count as moving, `w` first.
    places: Vec<usize>,
    /// Offsets of the variables of n numbers among those, `w` first.
    vectors: Vec<usize>,
    /// What was found of the boundary that was asked about last.
    recurring: Option<Arc<Recurring>>,
    blocks: Option<Known<Arc<Blocks>>>,
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

    /// The directions in which the loss curves by more than rounding: along the others nothing moves.
    pub fn curved(&self) -> impl Iterator<Item = &Direction> {
        let sizes = self.directions.iter().map(|it| it.here.abs());
        let least = rounding(self.directions.len()) * sizes.fold(0.0, f64::max);
        self.directions
            .iter()
            .filter(move |it| it.here.abs() > least)
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
        let directions = match (spectrum, &curvature) {
            (Some(spectrum), Some(curvature)) => {
                moving.directions(&recurring, jacobian, (spectrum, &curvature.hessian))?
            }
            _ => Vec::new(),
        };
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

fn has_role(compiled: &Compiled, role: StateRole) -> bool {
    let mut variables = compiled.variables.iter();
    variables.any(|it| it.kind == VariableKind::State(Some(role)))
}

impl Moving {
    /// All kept numbers but those in one of the roles `still`.
    fn new(jacobian: Jacobian, still: &[StateRole]) -> Self {
        let (mut places, mut vectors) = (Vec::new(), Vec::new());
        let n = jacobian.compiled().dimension();
        for variable in &jacobian.compiled().variables {
            match variable.kind {
                VariableKind::Temporary => continue,
                VariableKind::State(Some(role)) if still.contains(&role) => continue,
                VariableKind::Parameters | VariableKind::State(_) => {}
            }
            if variable.extent == Extent::Vector(n) {
                vectors.push(places.len());
            }
            places.extend(variable.range.clone());
        }
        Self {
            jacobian,
            places,
            vectors,
            recurring: None,
            blocks: None,
        }
    }

    /// The derivative of the iteration after `at` among the moving numbers.
    fn at(&mut self, evaluator: &mut dyn Evaluator, at: Boundary, curvature: f64) -> DMatrix<f64> {
        let whole = self.jacobian.at(evaluator, at, curvature);
        let size = self.places.len();
        DMatrix::from_fn(size, size, |i, j| whole[(self.places[i], self.places[j])])
    }

    /// The boundary `at`, or one for which the coming iteration is like the one that follows, with `w` and
    /// moving states as they are: a rule may begin with a branch of its own, as one does that fills its
    /// buffer with the first gradient.
    fn recurring(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Arc<Recurring> {
        if let Some(known) = &self.recurring
            && known.was_found_for(at)
        {
            return Arc::clone(known);
        }
        let asked = (at.t, at.settings.to_vec(), at.kept.to_vec());
        let found = Arc::new(self.look_for_recurring(evaluator, at, asked));
        (self.recurring, self.blocks) = (Some(Arc::clone(&found)), None);
        found
    }

    fn look_for_recurring(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        asked: (u64, Vec<f64>, Vec<f64>),
    ) -> Recurring {
        let there = self.at(evaluator, at, 1.0);
        let here = Recurring {
            asked,
            t: at.t,
            kept: at.kept.to_vec(),
            there,
            next: self.jacobian.next().to_vec(),
        };
        let mut now = here.clone();
        for _ in 0..START_UP {
            let mut kept = now.next.clone();
            for place in &self.places {
                kept[*place] = at.kept[*place];
            }
            let then = Boundary {
                t: now.t + 1,
                kept: &kept,
                ..at
            };
            let there = self.at(evaluator, then, 1.0);
            if there == now.there {
                return now;
            }
            now = Recurring {
                t: now.t + 1,
                kept,
                there,
                next: self.jacobian.next().to_vec(),
                ..now
            };
        }
        here
    }

    /// The parameters at `at`.
    fn w<'a>(&self, at: Boundary<'a>) -> &'a [f64] {
        &at.kept[..self.jacobian.compiled().dimension()]
    }

    /// The moving ones of all kept numbers.
    fn pick(&self, kept: &[f64]) -> Vec<f64> {
        self.places.iter().map(|place| kept[*place]).collect()
    }

    /// The iteration restricted to the span of an eigenvector u in `w` and in every state like it; its derivative is
    /// `jacobian`, and the Hessian at `w` the one given.
    fn directions(
        &self,
        at: &Recurring,
        jacobian: &DMatrix<f64>,
        (spectrum, hessian): (&Spectrum, &DMatrix<f64>),
    ) -> Option<Vec<Direction>> {
        let w = &at.kept[..spectrum.len()];
        let size = w.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
        let mut moved = vec![0.0; w.len()];
        spectrum.components(&at.next, w, &mut moved);
        let eigenvalues = spectrum.eigenvalues.iter().zip(moved).enumerate();
        eigenvalues
            .map(|(at, (lambda, moved))| {
                let u = spectrum.eigenvector(at);
                let (block, decoupled) = self.block(jacobian, &u);
                let modes = modes(&observed(&block, 1))?;
                let u = DVector::from_vec(u);
                Some(Direction {
                    lambda: *lambda,
                    here: u.dot(&(hessian * &u)),
                    regime: Regime::of(modes.first().copied()).moving(moved, size),
                    modes,
                    decoupled,
                })
            })
            .collect()
    }

    /// The part of `jacobian` that maps errors along `u` to such errors, and whether they stay there.
    fn block(&self, jacobian: &DMatrix<f64>, u: &[f64]) -> (DMatrix<f64>, bool) {
        let mut basis = DMatrix::zeros(self.places.len(), self.vectors.len());
        for (column, start) in self.vectors.iter().enumerate() {
            for (k, u) in u.iter().enumerate() {
                basis[(start + k, column)] = *u;
            }
        }
        let image = jacobian * &basis;
        let block = basis.transpose() * &image;
        let left = (image - &basis * &block).amax();
        (block, left <= 1e-9 * jacobian.amax())
    }
}

/// A boundary from which iterations go on as ever.
#[derive(Debug, Clone)]
struct Recurring {
    /// The boundary for which it was found: t, settings and kept numbers.
    asked: (u64, Vec<f64>, Vec<f64>),
    t: u64,
    kept: Vec<f64>,
    /// The derivative of the iteration after it, among the moving numbers.
    there: DMatrix<f64>,
    /// `w` and the states after that iteration.
    next: Vec<f64>,
}

impl Recurring {
    fn was_found_for(&self, at: Boundary) -> bool {
        let (t, settings, kept) = &self.asked;
        *t == at.t && settings == at.settings && kept == at.kept
    }

    fn boundary<'a>(&'a self, settings: &'a [f64]) -> Boundary<'a> {
        Boundary {
            t: self.t,
            settings,
            kept: &self.kept,
        }
    }
}

/// Iterations at most that a rule may begin with before it goes on as ever.
const START_UP: u64 = 2;

/// The part of `jacobian` that `w`, its first `n` numbers, feels sooner or later. A state that is kept but
/// not used, like the buffer of a momentum that is switched off, has modes of its own that say nothing.
fn observed(jacobian: &DMatrix<f64>, n: usize) -> DMatrix<f64> {
    let felt = felt(jacobian, n);
    jacobian.select_rows(&felt).select_columns(&felt)
}

/// The numbers that `w` feels sooner or later, in their order.
fn felt(jacobian: &DMatrix<f64>, n: usize) -> Vec<usize> {
    let mut felt: Vec<usize> = (0..n).collect();
    let mut at = 0;
    while let Some(row) = felt.get(at).copied() {
        let by = (n..jacobian.ncols()).filter(|column| jacobian[(row, *column)] != 0.0);
        let new: Vec<usize> = by.filter(|column| !felt.contains(column)).collect();
        felt.extend(new);
        at += 1;
    }
    felt.sort_unstable();
    felt
}

/// The eigenvalues of `matrix`, the largest modulus first; `None` where there is a number that is not
/// finite.
#[must_use]
pub fn modes(matrix: &DMatrix<f64>) -> Option<Vec<Complex<f64>>> {
    /// Rounds of the QR algorithm for each eigenvalue; a handful is usual.
    const ROUNDS: usize = 20;
    if matrix.iter().any(|entry| !entry.is_finite()) {
        return None;
    }
    let rounds = ROUNDS * matrix.nrows().max(1);
    // Rows and columns of like size: entries from 1e-4 to 1e5 are usual beside a scale.
    let mut balanced = matrix.clone();
    balance_parlett_reinsch(&mut balanced);
    let matrix = &balanced;
    let eigenvalues = |matrix: &DMatrix<f64>| {
        // Modes that nearly coincide may never part to the last bit.
        let precisions = [f64::EPSILON, 1e-14, 1e-12];
        let mut tries = precisions.iter();
        tries.find_map(|precision| Schur::try_new(matrix.clone(), *precision, rounds))
    };
    if let Some(schur) = eigenvalues(matrix) {
        return Some(sorted(
            schur.complex_eigenvalues().iter().copied().collect(),
        ));
    }
    // Where all lie close to one number, as after tiny steps, what sets them apart is lost beside it.
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let middle = matrix.trace() / matrix.nrows() as f64;
    let apart = matrix - DMatrix::identity(matrix.nrows(), matrix.nrows()) * middle;
    let modes = eigenvalues(&apart)?.complex_eigenvalues();
    Some(sorted(modes.iter().map(|z| z + middle).collect()))
}

/// The largest modulus first.
fn sorted(mut modes: Vec<Complex<f64>>) -> Vec<Complex<f64>> {
    // Moduli that differ by rounding count as equal; of a pair the one above the real axis comes first.
    let size = |z: &Complex<f64>| (z.norm() * 1e9).round();
    modes.sort_by(|a, b| {
        let sizes = size(b).total_cmp(&size(a));
        sizes.then(b.im.total_cmp(&a.im))
    });
    modes
}
