//! A loss of one's own, in Rust: the logarithm of a sum of exponentials, which is convex and not quadratic.
//!
//!     cargo run --example own_loss

use eigenstep::{Answer, Evaluator, Landscape, Lane, Loss, Result, Session, rule};
use std::sync::Arc;

/// `ln(exp(w[1] + 3 w[2]) + exp(w[1] - 3 w[2]) + exp(-w[1]))`
#[derive(Debug)]
struct LogSumExp;

/// The rows of the matrix in the exponents.
const ROWS: [[f64; 2]; 3] = [[1.0, 3.0], [1.0, -3.0], [-1.0, 0.0]];

/// The loss, and the share that each exponential has of the sum.
fn shares(w: &[f64]) -> (f64, [f64; 3]) {
    let exponents = ROWS.map(|row| row[0] * w[0] + row[1] * w[1]);
    let top = exponents.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let terms = exponents.map(|exponent| libm::exp(exponent - top));
    let sum: f64 = terms.iter().sum();
    (top + libm::log(sum), terms.map(|term| term / sum))
}

impl Loss for LogSumExp {
    fn dimension(&self) -> usize {
        2
    }
    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(Self)
    }
    fn minima(&self) -> Vec<Vec<f64>> {
        // Newton's method finds it.
        Vec::new()
    }
    fn is_quadratic(&self) -> bool {
        false
    }
    fn is_convex(&self) -> bool {
        true
    }
    fn formula(&self) -> Option<String> {
        Some("ln(exp(x + 3*y) + exp(x - 3*y) + exp(-x))".to_owned())
    }
}

/// The third derivative is left to the default.
impl Evaluator for LogSumExp {
    fn value(&mut self, w: &[f64]) -> f64 {
        shares(w).0
    }
    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let (value, shares) = shares(w);
        for (at, slope) in gradient.iter_mut().enumerate() {
            *slope = ROWS.iter().zip(&shares).map(|(row, p)| p * row[at]).sum();
        }
        value
    }
    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        let (_, shares) = shares(w);
        let along = ROWS.map(|row| row[0] * d[0] + row[1] * d[1]);
        let mean: f64 = along.iter().zip(&shares).map(|(a, p)| p * a).sum();
        for (at, out) in product.iter_mut().enumerate() {
            let terms = ROWS.iter().zip(&shares).zip(&along);
            *out = terms.map(|((row, p), a)| p * row[at] * (a - mean)).sum();
        }
    }
}

/// Steps Nesterov's rule down the loss and prints the run beside what theory predicts.
pub fn main() -> Result<()> {
    let landscape = Landscape {
        name: "log-sum-exp".to_owned(),
        loss: Arc::new(LogSumExp),
        start: vec![1.0, 1.0],
        window: None,
        bound: 1e6,
    };
    let compiled = Arc::new(rule::load("nesterov")?.compile(2)?);
    let mut settings: Vec<f64> = compiled.settings.iter().map(|it| it.default).collect();
    let eta = compiled.settings.iter().position(|it| it.name == "eta");
    if let Some(eta) = eta {
        settings[eta] = 0.05;
    }
    let lane = Lane::new(compiled, &landscape, None, settings);
    let lanes = vec![("nesterov".to_owned(), lane)];
    let mut session = Session::new(landscape, None, lanes, String::new())?;
    for command in [
        "step 5",
        "print loss",
        "explain w",
        "continue",
        "print w",
        "info prediction",
    ] {
        let answer: Answer = session.ask(command)?;
        println!("> {command}\n{answer}");
    }
    Ok(())
}
