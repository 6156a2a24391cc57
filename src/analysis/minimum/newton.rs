//! Newton's method, damped, to a minimum and to nothing else.

use crate::{
    analysis::spectrum::{MAX_DENSE, Spectrum},
    loss::{Evaluator, Loss},
};
use nalgebra::{DMatrix, DVector};

/// Beside a minimum, so far as a share of its size, the loss is looked at again.
const ASIDE: f64 = 1e-3;
/// Directions without curvature that are looked at.
pub(super) const LOOKED_AT: usize = 4;

/// The distance from `w` at which its sides are probed.
pub(super) fn aside(w: &[f64]) -> f64 {
    ASIDE * (1.0 + w.iter().fold(0.0, |most: f64, w| most.max(w.abs())))
}

/// Rounds of Newton's method: fewer where each takes long, for it may be asked of every row of a trace.
pub(super) fn rounds(loss: &dyn Loss) -> usize {
    let is_slow = loss.dimension() * loss.rows() > 1000;
    if is_slow { 25 } else { 300 }
}

/// Newton's method from `w`, damped so that the loss never rises (Levenberg 1944), in at most `rounds`;
/// `None` unless it ends at a minimum.
///
/// A loss that levels out towards infinity has none there: Newton's steps stay long, or curvature and
/// gradient both vanish. Nor has an inflection, from which the loss falls to one side.
#[must_use]
pub fn polish(evaluator: &mut dyn Evaluator, w: &[f64], rounds: usize) -> Option<Vec<f64>> {
    let n = w.len();
    if n > MAX_DENSE {
        return None;
    }
    let mut here = NewtonIterate::new(evaluator, DVector::from_column_slice(w));
    let (mut damping, mut found) = (0.0, None);
    for _ in 0..rounds {
        if !here.value.is_finite() {
            return None;
        }
        let hessian = evaluator.hessian(here.w.as_slice());
        let scale = hessian.amax();
        let spectrum = Spectrum::of(&hessian)?;
        let rounding = spectrum.rounding(0) * spectrum.largest().abs();
        let lowest = Some(spectrum.smallest()).filter(|it| it.abs() > rounding);
        let lowest = lowest.unwrap_or(0.0);
        let shift = damping + (-lowest).max(0.0) * 1.5;
        let step = newton_step(&hessian, &spectrum, shift, &here);
        let is_short = step
            .as_ref()
            .is_some_and(|it| it.amax() <= SHORT * (1.0 + here.w.amax()));
        let arrived = is_short && damping <= SHORT * scale && lowest >= -FLAT * scale;
        // Without curvature, only what has no gradient either may be one.
        if arrived && (scale > 0.0 || here.gradient.amax() == 0.0) {
            found = Some((here.w.clone(), spectrum, hessian.clone()));
        }
        let next = step.map(|step| NewtonIterate::new(evaluator, &here.w - step));
        match next.filter(|next| next.is_below(&here)) {
            Some(next) => {
                here = next;
                damping = if damping < 1e-12 * scale {
                    0.0
                } else {
                    damping * 0.1
                };
            }
            // Nothing is gained any more.
            None if found.is_some() => break,
            None => {
                let long = here.gradient.amax() / (1.0 + here.w.amax());
                damping = (damping * 10.0).max(1e-6 * scale).max(1e-3 * long);
            }
        }
    }
    let (w, spectrum, hessian) = found?;
    rises_around(evaluator, &w, &spectrum, &hessian).then(|| w.as_slice().to_vec())
}

/// H^-1 g for the Hessian with `shift` on its diagonal; `None` where that has no root.
///
/// Where the Hessian is singular, and the gradient has nothing along its kernel but rounding, the step has
/// nothing there either: of all minima of a level floor it leads to the nearest.
fn newton_step(
    hessian: &DMatrix<f64>,
    spectrum: &Spectrum,
    shift: f64,
    here: &NewtonIterate,
) -> Option<DVector<f64>> {
    let n = hessian.nrows();
    let size = spectrum.largest().abs();
    let least = spectrum.rounding(0) * size;
    if shift > 0.0 || spectrum.smallest() > least {
        let shifted = hessian + DMatrix::identity(n, n) * shift;
        return Some(shifted.cholesky()?.solve(&here.gradient));
    }
    let rounded = hessian.abs() * sizes(&here.w) * SINGULAR;
    let mut step = DVector::zeros(n);
    for at in 0..n {
        let along = spectrum.component(at, here.gradient.as_slice());
        let lambda = spectrum.eigenvalues[at];
        if lambda > least {
            step += DVector::from_vec(spectrum.eigenvector(at)) * (along / lambda);
        } else {
            let u = DVector::from_vec(spectrum.eigenvector(at)).abs();
            if along.abs() > u.dot(&rounded) {
                return None;
            }
        }
    }
    Some(step)
}

/// The coordinates of a place without their signs, and no smaller than 1: the units in which each is rounded.
fn sizes(w: &DVector<f64>) -> DVector<f64> {
    w.map(|w| 1.0 + w.abs())
}

/// A gradient counts as rounding below this share of curvature times size.
const SINGULAR: f64 = 1e-10;

/// Steps are short, and eigenvalues 0, below these shares.
const SHORT: f64 = 1e-6;
const FLAT: f64 = 1e-9;

/// A place on Newton's way.
struct NewtonIterate {
    w: DVector<f64>,
    value: f64,
    gradient: DVector<f64>,
}

impl NewtonIterate {
    fn new(evaluator: &mut dyn Evaluator, w: DVector<f64>) -> Self {
        let mut gradient = DVector::zeros(w.len());
        let value = evaluator.value_and_gradient(w.as_slice(), gradient.as_mut_slice());
        Self { w, value, gradient }
    }

    /// True if this iterate is nearer to a minimum; the gradient decides where losses differ by rounding only.
    fn is_below(&self, other: &Self) -> bool {
        self.value < other.value
            || self.value <= other.value + 1e-14 * other.value.abs()
                && self.gradient.amax() < other.gradient.amax()
    }
}

/// True unless the loss falls to a side of `w` along one of the eigenvectors of the least eigenvalues; where nothing
/// curves, if it rises along each axis and between any two.
fn rises_around(
    evaluator: &mut dyn Evaluator,
    w: &DVector<f64>,
    spectrum: &Spectrum,
    hessian: &DMatrix<f64>,
) -> bool {
    let value = evaluator.value(w.as_slice());
    if spectrum.largest() == 0.0 && spectrum.smallest() == 0.0 {
        let (n, far) = (w.len(), aside(w.as_slice()));
        let mut rises = |i: usize, j: usize, side: f64| {
            let mut there = w.clone();
            there[i] += far;
            if i != j {
                there[j] += side * far;
            }
            let back = w * 2.0 - &there;
            [there, back]
                .iter()
                .all(|w| evaluator.value(w.as_slice()) > value)
        };
        return (0..n).all(|i| (i..n).all(|j| rises(i, j, 1.0) && rises(i, j, -1.0)));
    }
    // Of the loss itself, and of a place whose every coordinate is known to the last bit only.
    let size = (hessian.abs() * sizes(w)).dot(&sizes(w));
    let least = value - (1e-14 * value.abs()).max(1e-28 * size);
    let far = aside(w.as_slice());
    (0..spectrum.len().min(LOOKED_AT)).all(|at| {
        let u = DVector::from_vec(spectrum.eigenvector(at));
        let mut side = |far: f64| evaluator.value((w + &u * far).as_slice());
        side(far) >= least && side(-far) >= least
    })
}
