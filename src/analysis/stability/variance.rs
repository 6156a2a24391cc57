//! The stationary distance from the minimum at which gradient noise keeps a run.
//!
//! With noise xi of variance v on each element of each gradient an iteration is x -> J x + G xi, and the
//! covariance S of x settles where S = J S J' + v G G'. For gradient descent that is
//! v eta/(l (2 - eta l)) along an eigenvector, for heavy ball
//! v eta (1 + beta)/((1 - beta) l (2 (1 + beta) - eta l)).

use super::{Boundary, Stability, felt, modes, observed};
use crate::{
    analysis::{Known, Spectrum, Unknown},
    loss::Evaluator,
};
use nalgebra::DMatrix;

/// Doublings of the number of iterations that are summed: 2^60 is for ever.
const DOUBLINGS: usize = 60;

impl Stability {
    /// The stationary variance of alpha along each eigenvector for gradient noise of standard deviation
    /// `sigma`, by the iteration after `at`: what it would settle at if the scales stayed as they are.
    ///
    /// # Errors
    /// No such state is reached, or the derivative does not see the noise.
    pub fn variance(
        &mut self,
        evaluator: &mut dyn Evaluator,
        at: Boundary,
        spectrum: &Spectrum,
        sigma: f64,
    ) -> Known<Vec<f64>> {
        if self.scale_grows(evaluator, at) {
            return Err(Unknown::ScaleGrows);
        }
        let moving = self.local();
        let recurring = moving.recurring(evaluator, at);
        let at = recurring.boundary(at.settings);
        let mut power = recurring.there.clone();
        let n = spectrum.len();
        let responses = moving.jacobian.responses(evaluator, at);
        let felt = felt(&power, n);
        let place = |row: &usize| moving.places[*row];
        if responses.iter().all(|response| {
            felt.iter()
                .all(|row| response.row(place(row)).amax() == 0.0)
        }) {
            return Err(Unknown::SizeBlind);
        }
        let modes = modes(&observed(&power, n)).ok_or(Unknown::NoEigenvalues)?;
        if modes.first().is_some_and(|z| z.norm() >= 1.0) {
            return Err(Unknown::NotSettling);
        }
        let mut covariance = DMatrix::zeros(power.nrows(), power.nrows());
        for response in responses {
            let rows = DMatrix::from_fn(moving.places.len(), n, |row, column| {
                response[(moving.places[row], column)]
            });
            covariance += &rows * rows.transpose() * (sigma * sigma);
        }
        // S = sum over k of J^k Q J'^k, its first 2^m terms from the first 2^(m-1) (Smith 1968).
        for _ in 0..DOUBLINGS {
            covariance += &power * &covariance * power.transpose();
            power = &power * &power;
            if power.amax() < f64::EPSILON * f64::EPSILON {
                break;
            }
        }
        let along = (0..n).map(|at| {
            let u = spectrum.eigenvector(at);
            let entry = |i: usize, j: usize| u[i] * covariance[(i, j)] * u[j];
            (0..n)
                .map(|i| (0..n).map(|j| entry(i, j)).sum::<f64>())
                .sum()
        });
        let variances: Vec<f64> = along.collect();
        variances
            .iter()
            .all(|it| it.is_finite())
            .then_some(variances)
            .ok_or(Unknown::NotFinite)
    }

    /// True if some scale never falls, such as a sum of squares.
    fn scale_grows(&mut self, evaluator: &mut dyn Evaluator, at: Boundary) -> bool {
        let Some(held) = &self.held else {
            return false;
        };
        let places = self.whole.places.iter();
        let scales: Vec<usize> = places
            .filter(|it| !held.places.contains(it))
            .copied()
            .collect();
        let whole = self.whole.jacobian.at(evaluator, at, 1.0);
        scales.iter().any(|at| whole[(*at, *at)] >= 1.0)
    }
}
