//! Curvature as the rule of a lane meets it.

use super::NamedLane;
use crate::analysis::{Known, Unknown, stability::Growth};

impl NamedLane {
    /// The largest eigenvalue of the Hessian at `w` as the scales of the rule make it look.
    ///
    /// # Errors
    /// Too many numbers move, no setting is the rule's step size, or its states never settle.
    pub fn preconditioned_sharpness(&mut self) -> Known<f64> {
        let found = self.on_boundary(|stability, evaluator, at| {
            stability.preconditioned_sharpness(evaluator, at)
        });
        found.unwrap_or(Err(Unknown::TooMany))
    }

    /// The step per gradient along each eigenvector of the Hessian, `[n]`, that a steady gradient leads to, scales
    /// held: u_i'D u_i.
    ///
    /// # Errors
    /// Too many numbers move, there are no eigenvectors, or states never settle.
    pub fn effective_steps(&mut self) -> Known<Vec<f64>> {
        let spectrum = self.reference().known_spectrum()?.clone();
        let found = self.on_boundary(|stability, evaluator, at| stability.steps(evaluator, at));
        let steps = found.unwrap_or(Err(Unknown::TooMany))?;
        let along = (0..spectrum.len()).map(|at| {
            let u = nalgebra::DVector::from_vec(spectrum.eigenvector(at));
            u.dot(&(&steps * &u))
        });
        Ok(along.collect())
    }

    /// The effective steps times the curvature at `w` along each eigenvector, `[n]`: gradient descent is stable below 2.
    ///
    /// # Errors
    /// As [`NamedLane::effective_steps`].
    pub fn effective_curvatures(&mut self) -> Known<Vec<f64>> {
        let mut steps = self.effective_steps()?;
        let outlook = self.outlook().ok_or(Unknown::NotFinite)?;
        for (step, direction) in steps.iter_mut().zip(&outlook.directions) {
            *step *= direction.here;
        }
        Ok(steps)
    }

    /// The spectral radius of the iteration where the lane is, of a linear rule on a quadratic.
    ///
    /// # Errors
    /// The iteration is not linear, or its modes are not known.
    pub fn radius(&mut self) -> Known<f64> {
        let key = self.key_of_iteration();
        if let Some((known, radius)) = &self.forecasts.radius
            && *known == key
        {
            return *radius;
        }
        let found = self.on_boundary(|stability, evaluator, at| stability.radius(evaluator, at));
        let radius = found.unwrap_or(Err(Unknown::TooMany));
        self.forecasts.radius = Some((key, radius));
        radius
    }

    /// The largest modulus among the modes of the iteration, scales held; directions without curvature, along which
    /// nothing moves, apart; none where there are no others.
    pub fn modulus(&mut self) -> Option<f64> {
        let outlook = self.outlook()?;
        let largest = |modes: &[nalgebra::Complex<f64>]| modes.first().map(|z| z.norm());
        let is_whole =
            !outlook.directions.is_empty() && outlook.directions.iter().all(|it| it.decoupled);
        if is_whole {
            let moduli = outlook.curved().filter_map(|it| largest(&it.modes));
            return moduli.reduce(f64::max);
        }
        largest(&outlook.modes)
    }

    /// The transient growth of errors under the iteration where the lane is.
    ///
    /// # Errors
    /// Errors do not shrink in the long run, or too many numbers move.
    pub fn growth(&mut self) -> Known<Growth> {
        if !self.is_predictable() {
            return Err(Unknown::TooMany);
        }
        let key = self.key_of_iteration();
        if let Some((known, growth)) = &self.forecasts.growth
            && *known == key
        {
            return *growth;
        }
        let found = self.on_boundary(|stability, evaluator, at| stability.growth(evaluator, at));
        let growth = found.unwrap_or(Err(Unknown::TooMany));
        self.forecasts.growth = Some((key, growth));
        growth
    }
}
