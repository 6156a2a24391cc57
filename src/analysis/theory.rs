//! The essay's closed forms on a quadratic, for gradient descent, each with its premises.
//!
//! A [`Reference`] says what they are true of: the eigenvalues at its minimum. Where one of those is 0 and
//! the loss is level along its eigenvector, as where columns of data depend on each other, nothing moves that
//! way, and the numbers are those of the other directions, the *range* of the Hessian. Where the loss rises
//! by a higher order there is no such number.

use super::{Known, Reference, Spectrum, Unknown, minimum::Kernel};

/// A number that the active minimum fixes, by its name.
#[derive(Debug, Clone, Copy)]
pub struct MinimumConstant {
    /// The name in expressions.
    pub name: &'static str,
    /// One line on what it is.
    pub doc: &'static str,
    /// The value, or the reason for which there is none.
    pub value: fn(&Reference) -> Known<f64>,
}

/// The numbers that expressions may name, in conditions and in settings.
pub const CONSTANTS: [MinimumConstant; 3] = [
    MinimumConstant {
        name: "kappa",
        doc: "the condition number lambda_max/lambda_min",
        value: kappa,
    },
    MinimumConstant {
        name: "eta_max",
        doc: "2/lambda_max: gradient descent is stable below",
        value: eta_max,
    },
    MinimumConstant {
        name: "eta_opt",
        doc: "2/(lambda_min + lambda_max): gradient descent's best worst-case rate",
        value: eta_opt,
    },
];

/// The condition number, the largest of the eigenvalues that count over the least: at least 1.
///
/// # Errors
/// Curvature downward along some direction, or none.
pub fn kappa(reference: &Reference) -> Known<f64> {
    let (least, largest) = range(reference)?;
    Ok(largest / least)
}

/// Gradient descent is stable for every step size below 2/lambda_max; at it, an error neither grows nor
/// shrinks.
///
/// # Errors
/// No minimum, or one where the loss is not like a quadratic.
pub fn eta_max(reference: &Reference) -> Known<f64> {
    finite(2.0 / range(reference)?.1)
}

/// The step size with gradient descent's best worst-case rate, 2/(lambda_min + lambda_max).
///
/// # Errors
/// As [`eta_max`].
pub fn eta_opt(reference: &Reference) -> Known<f64> {
    let (least, largest) = range(reference)?;
    finite(2.0 / (least + largest))
}

/// The least and the largest eigenvalue that count.
fn range(reference: &Reference) -> Known<(f64, f64)> {
    let spectrum = reference.known_spectrum()?;
    let (least, largest) = (spectrum.smallest(), spectrum.largest());
    if least < 0.0 {
        return Err(Unknown::Saddle);
    }
    reference.eigenbasis().ok_or(Unknown::NoMinimum)?;
    if reference.kernel == Kernel::Rising {
        return Err(Unknown::Degenerate);
    }
    if largest == 0.0 {
        return Err(Unknown::Flat);
    }
    if least > 0.0 {
        return Ok((least, largest));
    }
    let counted = spectrum.eigenvalues.iter().copied();
    let least = counted.filter(|it| *it > 0.0).fold(f64::NAN, f64::min);
    Ok((least, largest))
}

fn finite(eta: f64) -> Known<f64> {
    eta.is_finite().then_some(eta).ok_or(Unknown::Flat)
}

/// The factor of one iteration of gradient descent on the error along an eigenvector: 1 - eta*lambda.
#[must_use]
pub fn ratio(eta: f64, lambda: f64) -> f64 {
    1.0 - eta * lambda
}

/// R = max |1 - eta*lambda|, the rate of gradient descent; directions without curvature, along which
/// nothing moves, apart.
#[must_use]
pub fn rate(eta: f64, spectrum: &Spectrum) -> f64 {
    let curved = spectrum.eigenvalues.iter().filter(|lambda| **lambda != 0.0);
    curved.fold(0.0, |most, lambda| ratio(eta, *lambda).abs().max(most))
}
