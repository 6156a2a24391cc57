//! The examples run to their end.

#[path = "../examples/diff_training.rs"]
mod diff_training;
#[path = "../examples/drive_session.rs"]
mod drive_session;
#[path = "../examples/own_loss.rs"]
mod own_loss;

use eigenstep::Evaluator;

#[test]
fn a_session_is_driven() {
    drive_session::main().unwrap();
}

#[test]
fn a_loss_of_ones_own_runs() {
    own_loss::main().unwrap();
}

#[test]
fn a_training_loop_is_diffed() {
    diff_training::main().unwrap();
}

/// A loss that leaves its third derivative to the default.
struct WithoutThird(Box<dyn Evaluator>);

impl Evaluator for WithoutThird {
    fn value(&mut self, w: &[f64]) -> f64 {
        self.0.value(w)
    }
    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        self.0.value_and_gradient(w, gradient)
    }
    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        self.0.hessian_product(w, d, product);
    }
}

#[test]
fn the_default_third_derivative_is_near_the_exact_one() {
    let loss = eigenstep::loss::landscape("rosenbrock", None).unwrap().loss;
    let (mut exact, mut default) = (loss.evaluator(), WithoutThird(loss.evaluator()));
    let (w, d) = ([-1.2, 1.0], [0.3, -0.7]);
    for e in [[1.0, 0.5], [1e-9, 2e-9], [0.0, 0.0], [1e9, 0.0]] {
        let (mut right, mut found) = ([0.0; 2], [f64::NAN; 2]);
        exact.third_product(&w, &d, &e, &mut right);
        default.third_product(&w, &d, &e, &mut found);
        let size = right.iter().fold(0.0_f64, |size, it| size.max(it.abs()));
        for (right, found) in right.iter().zip(&found) {
            assert!(
                (right - found).abs() <= 1e-8 * size,
                "{right} beside {found} along {e:?}"
            );
        }
    }
}
