//! Logistic regression: the chance of a 1 is sigma(z) = 1/(1 + e^-z) (Cox 1958).

mod wide;

use super::{
    Design, Evaluator, Loss,
    fit::{LinearPredictor, Link, ROWS, each_of},
    model::{Model, ModelSummary, Objective},
};
use crate::lang::number::Number;
use crate::value::Real;
use std::sync::Arc;

/// Mean of ln(1 + e^z) - y z over the rows, with a ridge.
#[derive(Debug, Clone)]
pub struct Logistic {
    design: Arc<Design>,
    ridge: f64,
}

impl Logistic {
    /// Targets have to be 0 or 1, see [`Design::expect_binary`].
    #[must_use]
    pub fn new(design: Design, ridge: f64) -> Self {
        Self {
            design: design.into(),
            ridge,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Sigmoid;

/// sigma(z), and e^-|z| from which it is made without overflow.
#[inline]
fn sigma(z: f64) -> (f64, f64) {
    let e = Number::exp(-z.abs());
    (if z >= 0.0 { 1.0 } else { e } / (1.0 + e), e)
}

impl Link for Sigmoid {
    #[inline]
    fn loss_and_slope(z: f64, y: f64) -> (f64, f64) {
        let (chance, e) = sigma(z);
        (z.max(0.0) + libm::log1p(e) - y * z, chance - y)
    }

    #[inline]
    fn bend(z: f64) -> f64 {
        let (chance, _) = sigma(z);
        chance * (1.0 - chance)
    }

    #[inline(always)]
    fn losses_and_slopes(z: &[f64; ROWS], y: &[f64; ROWS]) -> [[f64; ROWS]; 2] {
        if !wide::are_ordinary(z) {
            return each_of(z, y, Self::loss_and_slope);
        }
        let [mut slopes, es] = wide::sigmas(z);
        let mut losses = wide::logs(&es);
        for (((loss, slope), z), y) in losses.iter_mut().zip(&mut slopes).zip(z).zip(y) {
            *loss = z.max(0.0) + *loss - y * z;
            *slope -= y;
        }
        [losses, slopes]
    }

    #[inline(always)]
    fn bends(z: &[f64; ROWS]) -> [f64; ROWS] {
        if !wide::are_ordinary(z) {
            return z.map(Self::bend);
        }
        let [chances, _] = wide::sigmas(z);
        chances.map(|chance| chance * (1.0 - chance))
    }

    #[inline]
    fn twist(z: f64) -> f64 {
        let (chance, _) = sigma(z);
        chance * (1.0 - chance) * (1.0 - 2.0 * chance)
    }
}

impl Loss for Logistic {
    fn dimension(&self) -> usize {
        self.design.width()
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(LinearPredictor::<Sigmoid>::new(&self.design, self.ridge))
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        Vec::new()
    }

    fn is_quadratic(&self) -> bool {
        false
    }

    fn is_convex(&self) -> bool {
        true
    }

    fn model(&self) -> Option<ModelSummary> {
        Some(ModelSummary {
            name: Model::Logistic,
            objective: Objective::Logistic,
            rows: self.design.rows(),
            features: self.design.features.clone(),
            target: self.design.target.clone(),
            hidden: Vec::new(),
            ridge: Real(self.ridge),
        })
    }

    fn rows(&self) -> usize {
        self.design.rows()
    }
}
