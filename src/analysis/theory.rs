//! The essay's closed forms on a quadratic, for gradient descent.

use super::Spectrum;

/// The largest stable step size of gradient descent, 2/lambda_max.
#[must_use]
pub fn eta_max(spectrum: &Spectrum) -> f64 {
    positive(2.0 / spectrum.largest())
}

/// The step size at which gradient descent is fastest, 2/(lambda_min + lambda_max).
#[must_use]
pub fn eta_opt(spectrum: &Spectrum) -> f64 {
    if spectrum.smallest() < 0.0 {
        return f64::NAN;
    }
    positive(2.0 / (spectrum.smallest() + spectrum.largest()))
}

/// NaN where there is no such step size: nothing curves upward.
fn positive(eta: f64) -> f64 {
    if eta > 0.0 && eta.is_finite() {
        eta
    } else {
        f64::NAN
    }
}

/// What one iteration of gradient descent multiplies the error along an eigenvector by: 1 - eta*lambda.
#[must_use]
pub fn ratio(eta: f64, lambda: f64) -> f64 {
    1.0 - eta * lambda
}

/// R = max |1 - eta*lambda|, the rate of gradient descent.
#[must_use]
pub fn rate(eta: f64, spectrum: &Spectrum) -> f64 {
    let ratios = spectrum
        .eigenvalues
        .iter()
        .map(|lambda| ratio(eta, *lambda).abs());
    ratios.fold(0.0, f64::max)
}

/// How many iterations take the loss from `loss` to `tolerance` when the error shrinks by `rate` in each:
/// ln(loss/tolerance) / (-2 ln rate), rounded up. `None` where it does not shrink.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count, checked to be finite and not negative"
)]
pub fn iterations(loss: f64, tolerance: f64, rate: f64) -> Option<u64> {
    if loss <= tolerance {
        return Some(0);
    }
    let count = libm::log(loss / tolerance) / (-2.0 * libm::log(rate));
    (rate < 1.0 && count.is_finite()).then(|| count.ceil() as u64)
}
