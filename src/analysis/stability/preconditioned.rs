//! The Hessian as a rule's scales make it look, and the step that a rule takes per gradient.
//!
//! Under a steady gradient g a rule comes to move w by -D g in each iteration, with its scales held: D is eta for
//! gradient descent, eta/(1 - beta) for momentum, eta/sqrt(s_hat) for Adam. D is `eta P^-1`, where eta is the one
//! setting that D is proportional to, and the largest eigenvalue of P^-1/2 H P^-1/2 is the preconditioned sharpness,
//! whose limit for Adam is (2 + 2*beta1)/((1 - beta1)*eta): 38/eta at 0.9 (Cohen et al. 2022). A rule without scales
//! has P = I.

use super::{Boundary, Moving, Stability, felt};
use crate::{
    analysis::{Known, Spectrum, Unknown},
    loss::Evaluator,
};
use nalgebra::DMatrix;

/// Relative tolerance for a step that is proportional to a setting.
const SAME: f64 = 1e-9;

impl Stability {
    /// D: the step of `w` per gradient that the iteration after `at` leads to, scales held, `[n, n]`.
    ///
    /// # Errors
    /// Its states never settle, or it is not finite.
    pub fn steps(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<DMatrix<f64>> {
        let moving = self.local();
        let recurring = moving.recurring(evaluator, at);
        moving.steps(evaluator, recurring.boundary(at.settings))
    }

    /// How much shorter a step gets for each unit that the gradient grows by, in the direction in which it does most;
    /// none where steps grow with gradients in all directions.
    pub fn shrinking_step(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Option<f64> {
        let steps = self.steps(evaluator, at).ok()?;
        let spectrum = Spectrum::of(&((&steps + steps.transpose()) * 0.5))?;
        (spectrum.smallest() < -SAME * steps.amax()).then(|| -spectrum.smallest())
    }

    /// The largest eigenvalue of the Hessian at `w` as the scales make it look.
    ///
    /// # Errors
    /// As [`Stability::steps`]; no setting scales the step.
    pub fn preconditioned_sharpness(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
    ) -> Known<f64> {
        let curvature = self.curvature(evaluator, self.whole.w(at));
        let largest = |of: Option<&Spectrum>| of.map(Spectrum::largest).ok_or(Unknown::NotFinite);
        let Some(moving) = &mut self.held else {
            return largest(curvature.spectrum.as_ref());
        };
        let recurring = moving.recurring(evaluator, at);
        let at = recurring.boundary(at.settings);
        let steps = moving.steps(evaluator, at)?;
        let size = moving.step_size(evaluator, at, &steps)?;
        let root = square_root(&(steps / size))?;
        largest(Spectrum::of(&(&root * &curvature.hessian * &root)).as_ref())
    }
}

impl Moving {
    fn steps(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> Known<DMatrix<f64>> {
        let n = self.jacobian.compiled().dimension();
        let flat = self.at(evaluator, at, 0.0);
        let next = self.jacobian.next()[..n].to_vec();
        let responses = self.jacobian.responses(evaluator, at);
        let given = responses.iter().fold(
            DMatrix::zeros(self.places.len(), n),
            |sum: DMatrix<f64>, response| {
                let rows = self.places.iter().map(|place| response.row(*place));
                sum + DMatrix::from_rows(&rows.collect::<Vec<_>>())
            },
        );
        let felt = felt(&flat, n);
        let states: Vec<usize> = felt.into_iter().filter(|at| *at >= n).collect();
        let count = states.len();
        let mut moved = given.rows(0, n).into_owned();
        if count > 0 {
            let kept = flat.select_rows(&states).select_columns(&states);
            // s = A s + B: what the states come to.
            let settled = (DMatrix::identity(count, count) - kept)
                .lu()
                .solve(&given.select_rows(&states))
                .ok_or(Unknown::NotSettling)?;
            let through = flat.rows(0, n).select_columns(&states);
            moved += through * settled;
        }
        let steps = -moved;
        // A step there is, and it does not depend on the gradient's size.
        let is_blind = |i: usize| steps.row(i).amax() == 0.0;
        if (0..n).any(|i| next[i].to_bits() != at.kept[i].to_bits() && is_blind(i)) {
            return Err(Unknown::SizeBlind);
        }
        let is_finite = steps.iter().all(|it| it.is_finite());
        is_finite.then_some(steps).ok_or(Unknown::NotFinite)
    }

    /// The value of the one setting that the step is proportional to.
    fn step_size(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        steps: &DMatrix<f64>,
    ) -> Known<f64> {
        let mut found = Err(Unknown::NoStepSize);
        for setting in 0..at.settings.len() {
            let value = at.settings[setting];
            let mut settings = at.settings.to_vec();
            settings[setting] = 0.5 * value;
            if value == 0.0 {
                continue;
            }
            let at = Boundary {
                settings: &settings,
                ..at
            };
            let Ok(half) = self.steps(evaluator, at) else {
                continue;
            };
            if (half * 2.0 - steps).amax() <= SAME * steps.amax() {
                if found.is_ok() {
                    return Err(Unknown::NoStepSize);
                }
                found = Ok(value);
            }
        }
        found
    }
}

/// The symmetric root of a symmetric matrix without negative eigenvalues.
fn square_root(of: &DMatrix<f64>) -> Known<DMatrix<f64>> {
    let spectrum = Spectrum::of(&((of + of.transpose()) * 0.5)).ok_or(Unknown::NotFinite)?;
    if spectrum.smallest() < 0.0 {
        return Err(Unknown::NotSettling);
    }
    let n = spectrum.len();
    let mut root = DMatrix::zeros(n, n);
    for (at, value) in spectrum.eigenvalues.iter().enumerate() {
        let u = nalgebra::DVector::from_vec(spectrum.eigenvector(at));
        root += &u * u.transpose() * value.sqrt();
    }
    Ok(root)
}
