//! The minimum, and the Hessian, that a run is measured against.

mod basin;
mod newton;

pub use basin::Basin;

use super::{
    spectrum::{MAX_DENSE, Spectrum},
    unknown::{Known, Unknown},
};
use crate::loss::{Evaluator, Loss};
use newton::{LOOKED_AT, aside, polish, rounds};

/// The active minimum: errors alpha are counted from it, in the eigenbasis of the Hessian there.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The way it was found.
    pub origin: Origin,
    /// The parameters there, `[n]`.
    pub minimum: Vec<f64>,
    /// The loss there.
    pub value: f64,
    /// The Hessian's eigenvalues and eigenvectors there; none where `n` is too large. What rounding alone
    /// would explain is 0.
    pub spectrum: Option<Spectrum>,
    /// The behaviour of the loss along directions of eigenvalue 0.
    pub kernel: Kernel,
}

/// The behaviour of a loss at a minimum along the kernel of its Hessian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// There are none.
    Empty,
    /// Level: minima lie side by side, as on a valley's floor.
    Level,
    /// Rising by a higher order, or not known to be level.
    Rising,
}

/// The way in which a [`Reference`] was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// One of the loss's known minima.
    Known,
    /// Newton's method led to it.
    Polished,
    /// No minimum was found: this is the place looked at itself, and alpha means nothing.
    Here,
}

impl Origin {
    /// In a word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Polished => "by Newton",
            Self::Here => "here",
        }
    }
}

impl Reference {
    /// The minimum for a run that is at `w`: the nearest known one, else where Newton's method leads.
    #[must_use]
    pub fn near(loss: &dyn Loss, w: &[f64]) -> Self {
        let mut evaluator = loss.evaluator();
        let distance = |minimum: &Vec<f64>| -> f64 {
            minimum.iter().zip(w).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let nearest = loss
            .minima()
            .into_iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let (origin, minimum) = match nearest {
            Some(minimum) => (Origin::Known, minimum),
            None => match polish(evaluator.as_mut(), w, rounds(loss)) {
                Some(minimum) => (Origin::Polished, minimum),
                None => (Origin::Here, w.to_vec()),
            },
        };
        Self::around(loss, origin, minimum)
    }

    /// The numbers that a look for it computes with, about: of a Hessian and its eigenvalues in each round.
    #[must_use]
    pub fn work(loss: &dyn Loss) -> usize {
        let n = loss.dimension();
        if n > MAX_DENSE {
            return n;
        }
        let rounds = match loss.minima()[..] {
            [] => rounds(loss),
            _ => 1,
        };
        rounds * n * n * (n + loss.rows())
    }

    /// The loss and its spectrum at `minimum`, which was found as `origin` says.
    #[must_use]
    pub fn around(loss: &dyn Loss, origin: Origin, minimum: Vec<f64>) -> Self {
        let mut evaluator = loss.evaluator();
        let spectrum = match loss.diagonal() {
            Some(diagonal) => Some(Spectrum::of_diagonal(diagonal)),
            None if minimum.len() <= MAX_DENSE => {
                let spectrum = Spectrum::of(&evaluator.hessian(&minimum));
                spectrum.map(|it| without_rounding(it, loss, evaluator.as_mut(), origin, &minimum))
            }
            None => None,
        };
        let kernel = match &spectrum {
            Some(spectrum) if origin != Origin::Here => {
                kernel(loss, evaluator.as_mut(), &minimum, spectrum)
            }
            _ => Kernel::Empty,
        };
        Self {
            origin,
            value: evaluator.value(&minimum),
            minimum,
            spectrum,
            kernel,
        }
    }

    /// The place `w` where nothing has been looked for yet.
    pub(super) fn unknown(w: &[f64]) -> Self {
        Self {
            origin: Origin::Here,
            minimum: w.to_vec(),
            value: f64::NAN,
            spectrum: None,
            kernel: Kernel::Empty,
        }
    }

    /// The loss there: 0 where it is so up to rounding, or where no minimum is known.
    #[must_use]
    pub fn floor(&self) -> f64 {
        if self.origin == Origin::Here || self.value.abs() <= 1e-12 {
            return 0.0;
        }
        self.value
    }

    /// The spectrum, or the reason why there is none.
    ///
    /// # Errors
    /// Too many parameters to decompose; a Hessian that is not known, as where the loss is not.
    pub fn known_spectrum(&self) -> Known<&Spectrum> {
        let is_small = self.minimum.len() <= MAX_DENSE;
        self.spectrum.as_ref().ok_or(if is_small {
            Unknown::NoHessian
        } else {
            Unknown::TooMany
        })
    }

    /// The spectrum, where alpha has a meaning.
    #[must_use]
    pub fn eigenbasis(&self) -> Option<&Spectrum> {
        match self.origin {
            Origin::Here => None,
            Origin::Known | Origin::Polished => self.spectrum.as_ref(),
        }
    }
}

/// A curvature so small may be rounding, of the place if not of itself.
const TINY: f64 = 1e-6;
/// Newton's method comes so near to a degenerate minimum that this share of the curvature beside it is left.
const UNSURE: f64 = 1e-7;
/// `w` and `far` times the eigenvector `at`.
fn beside(w: &[f64], spectrum: &Spectrum, at: usize, far: f64) -> Vec<f64> {
    let u = spectrum.eigenvector(at);
    w.iter().zip(u).map(|(w, u)| w + far * u).collect()
}

/// `spectrum`, that of the Hessian at `w`, with 0 for what rounding explains: of its entries, or of `w`, where
/// the curvature vanishes with the distance from it.
fn without_rounding(
    spectrum: Spectrum,
    loss: &dyn Loss,
    evaluator: &mut dyn Evaluator,
    origin: Origin,
    w: &[f64],
) -> Spectrum {
    let share = spectrum.rounding(loss.rows());
    let size = spectrum.largest().abs().max(spectrum.smallest().abs());
    let far = aside(w);
    let mut product = vec![0.0; w.len()];
    let least = spectrum
        .eigenvalues
        .iter()
        .enumerate()
        .map(|(at, eigenvalue)| {
            // Nearby curvature is asked for where it may matter only.
            if size > TINY && eigenvalue.abs() > TINY * size {
                return share * size;
            }
            let u = spectrum.eigenvector(at);
            let nearby = [far, -far].map(|far| {
                evaluator.hessian_product(&beside(w, &spectrum, at, far), &u, &mut product);
                product
                    .iter()
                    .zip(&u)
                    .map(|(p, u)| p * u)
                    .sum::<f64>()
                    .abs()
            });
            let nearby = nearby.into_iter().fold(0.0, f64::max);
            let of_place = if origin == Origin::Polished {
                UNSURE * nearby
            } else {
                0.0
            };
            of_place.max(share * size.max(nearby))
        });
    let least: Vec<f64> = least.collect();
    spectrum.without(&least)
}

/// Classifies `loss` along the eigenvectors of eigenvalue 0 at its minimum `w`.
fn kernel(
    loss: &dyn Loss,
    evaluator: &mut dyn Evaluator,
    w: &[f64],
    spectrum: &Spectrum,
) -> Kernel {
    let flat: Vec<usize> = (0..spectrum.len())
        .filter(|at| spectrum.eigenvalues[*at] == 0.0)
        .collect();
    if flat.is_empty() {
        return Kernel::Empty;
    }
    // Where columns of data depend on each other, predictions do not change along them.
    if loss.is_quadratic() || loss.is_convex() && loss.rows() > 0 {
        return Kernel::Level;
    }
    if loss.rows() > 0 {
        return Kernel::Rising;
    }
    let (least, far) = (evaluator.value(w), aside(w));
    let mut is_level = |at: usize| {
        let side = beside(w, spectrum, at, far);
        let value = evaluator.value(&side);
        if (value - least).abs() <= 1e-14 * least.abs().max(1e-300) {
            return true;
        }
        // A floor that bends: another minimum lies there, as low as this one.
        polish(evaluator, &side, rounds(loss)).is_some_and(|other| {
            let moved: Vec<f64> = other.iter().zip(w).map(|(a, b)| a - b).collect();
            let is_as_low = evaluator.value(&other) <= least + 1e-12 * least.abs().max(far * far);
            is_as_low && spectrum.component(at, &moved) > 0.5 * far
        })
    };
    if flat.into_iter().take(LOOKED_AT).all(&mut is_level) {
        Kernel::Level
    } else {
        Kernel::Rising
    }
}
