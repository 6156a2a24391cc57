//! A loss that answers with the gradients that were recorded.

use crate::loss::{Evaluator, Loss};
use std::sync::{Arc, Mutex, PoisonError};

/// The gradient that a [`RecordedLoss`] gives next.
#[derive(Debug, Default)]
struct RecordedGradients {
    gradient: Vec<f64>,
    /// Questions that are still answered with it; later ones go to the loss, if there is one.
    answers: usize,
}

/// A loss of which only gradients along a run are known.
#[derive(Debug, Clone)]
pub struct RecordedLoss {
    n: usize,
    recorded: Arc<Mutex<RecordedGradients>>,
    beyond: Option<Arc<dyn Loss>>,
}

impl RecordedLoss {
    /// A loss of `n` parameters; what was not recorded is asked of `beyond`.
    #[must_use]
    pub fn new(n: usize, beyond: Option<Arc<dyn Loss>>) -> Self {
        let recorded = RecordedGradients {
            gradient: vec![f64::NAN; n],
            answers: 0,
        };
        Self {
            n,
            recorded: Arc::new(Mutex::new(recorded)),
            beyond,
        }
    }

    /// Puts in the gradient of the next iteration, which answers so many questions.
    pub fn put(&self, gradient: &[f64], answers: usize) {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        recorded.gradient.clear();
        recorded.gradient.extend_from_slice(gradient);
        recorded.answers = answers;
    }
}

impl Loss for RecordedLoss {
    fn dimension(&self) -> usize {
        self.n
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(RecordedEvaluator {
            recorded: Arc::clone(&self.recorded),
            beyond: self.beyond.as_ref().map(|loss| loss.evaluator()),
        })
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        Vec::new()
    }

    fn is_quadratic(&self) -> bool {
        false
    }
}

struct RecordedEvaluator {
    recorded: Arc<Mutex<RecordedGradients>>,
    beyond: Option<Box<dyn Evaluator>>,
}

impl Evaluator for RecordedEvaluator {
    fn value(&mut self, w: &[f64]) -> f64 {
        self.beyond.as_mut().map_or(f64::NAN, |loss| loss.value(w))
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        if let (0, Some(loss)) = (recorded.answers, &mut self.beyond) {
            return loss.value_and_gradient(w, gradient);
        }
        recorded.answers = recorded.answers.saturating_sub(1);
        gradient.copy_from_slice(&recorded.gradient);
        f64::NAN
    }

    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        match &mut self.beyond {
            Some(loss) => loss.hessian_product(w, d, product),
            None => product.fill(f64::NAN),
        }
    }

    fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        match &mut self.beyond {
            Some(loss) => loss.third_product(w, d, e, product),
            None => product.fill(f64::NAN),
        }
    }
}
