//! Which minimum, and which Hessian, a run is measured against.

use super::spectrum::{MAX_DENSE, Spectrum};
use crate::loss::{Evaluator, Loss};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// The minimum in force: errors alpha are counted from it, in the eigenbasis of the Hessian there.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// How it was found.
    pub origin: Origin,
    /// Where it is.
    pub minimum: Vec<f64>,
    /// The loss there.
    pub value: f64,
    /// The Hessian's eigenvalues and eigenvectors there; none where `n` is too large.
    pub spectrum: Option<Spectrum>,
}

/// How a [`Reference`] was found.
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

    /// The loss and its spectrum at `minimum`.
    fn around(loss: &dyn Loss, origin: Origin, minimum: Vec<f64>) -> Self {
        let mut evaluator = loss.evaluator();
        let spectrum = match loss.diagonal() {
            Some(diagonal) => Some(Spectrum::of_diagonal(diagonal)),
            None if minimum.len() <= MAX_DENSE => Spectrum::of(&evaluator.hessian(&minimum)),
            None => None,
        };
        Self {
            origin,
            value: evaluator.value(&minimum),
            minimum,
            spectrum,
        }
    }

    /// The minimum for a run that has moved on to `w`, its eigenvectors in the order and with the signs of
    /// those so far where the two bases are alike: alpha_1 stays alpha_1.
    #[must_use]
    pub fn following(&self, loss: &dyn Loss, w: &[f64]) -> Self {
        let mut next = Self::near(loss, w);
        next.spectrum = match (next.spectrum.take(), &self.spectrum) {
            (Some(spectrum), Some(previous)) => Some(spectrum.following(previous)),
            (spectrum, _) => spectrum,
        };
        next
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

/// Rounds of Newton's method: fewer where each takes long, for it may be asked of every row of a trace.
fn rounds(loss: &dyn Loss) -> usize {
    let is_slow = loss.dimension() * loss.rows() > 1000;
    if is_slow { 25 } else { 300 }
}

/// The minima of one loss, as runs on it meet them.
///
/// Which one is in force, and in which basis errors are taken apart, depends on `w` alone: it does not
/// matter by which way a run has come there.
#[derive(Debug, Clone)]
pub struct Minima {
    loss: Arc<dyn Loss>,
    start: Vec<f64>,
    home: Reference,
    /// There is one minimum at most, so that one that is not found from the start is not found at all.
    single: bool,
}

impl Minima {
    /// For runs that begin at `start`.
    #[must_use]
    pub fn new(loss: Arc<dyn Loss>, start: &[f64]) -> Self {
        let home = Reference::near(&*loss, start);
        Self {
            single: loss.is_quadratic() || loss.is_convex() || loss.minima().len() == 1,
            start: start.to_vec(),
            home,
            loss,
        }
    }

    /// The minimum for a run that is at its start.
    #[must_use]
    pub fn home(&self) -> &Reference {
        &self.home
    }

    /// The loss at that minimum: 0 where it is so up to rounding, or where no minimum is known.
    #[must_use]
    pub fn floor(&self) -> f64 {
        let value = self.home.value;
        if self.home.origin == Origin::Here || value.abs() <= 1e-12 {
            return 0.0;
        }
        value
    }

    /// Whether the same minimum is in force everywhere.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.single && self.home.origin != Origin::Here
    }

    /// Whether some place may have a minimum to count errors from.
    #[must_use]
    pub fn may_be_found(&self) -> bool {
        !self.single || self.home.eigenbasis().is_some()
    }

    /// The minimum for a run that is at `w`.
    ///
    /// Its eigenvectors are ordered and signed as those at home where they are much alike, so that
    /// direction i means the same near each of several minima.
    #[must_use]
    pub fn near(&self, w: &[f64]) -> Reference {
        if self.is_fixed() || w == self.start {
            return self.home.clone();
        }
        if self.single {
            return Reference::around(&*self.loss, Origin::Here, w.to_vec());
        }
        let mut near = Reference::near(&*self.loss, w);
        if let (Some(spectrum), Some(home)) = (&near.spectrum, &self.home.spectrum) {
            let followed = spectrum.clone().following(home);
            let size = home.largest().abs().max(home.smallest().abs());
            let alike =
                |(a, b): (&f64, &f64)| (a - b).abs() <= 0.9 * a.abs().max(b.abs()) + 1e-9 * size;
            let mut pairs = followed.eigenvalues.iter().zip(&home.eigenvalues);
            if pairs.all(alike) {
                near.spectrum = Some(followed);
            }
        }
        near
    }
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
    let mut here = Place::new(evaluator, DVector::from_column_slice(w));
    let (mut damping, mut found) = (0.0, None);
    for _ in 0..rounds {
        if !here.value.is_finite() {
            return None;
        }
        let hessian = evaluator.hessian(here.w.as_slice());
        let scale = hessian.amax();
        let spectrum = Spectrum::of(&hessian)?;
        let lowest = spectrum.smallest();
        let shift = damping + (-lowest).max(0.0) * 1.5;
        let shifted = hessian + DMatrix::identity(n, n) * shift;
        let step = shifted
            .cholesky()
            .map(|factors| factors.solve(&here.gradient));
        let is_short = step
            .as_ref()
            .is_some_and(|it| it.amax() <= SHORT * (1.0 + here.w.amax()));
        let arrived = is_short && damping <= SHORT * scale && lowest >= -FLAT * scale;
        if arrived && scale > 0.0 {
            found = Some((here.w.clone(), spectrum));
        }
        let next = step.map(|step| Place::new(evaluator, &here.w - step));
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
    let (w, spectrum) = found?;
    rises_around(evaluator, &w, &spectrum).then(|| w.as_slice().to_vec())
}

/// Steps are short, and eigenvalues 0, below these shares.
const SHORT: f64 = 1e-6;
const FLAT: f64 = 1e-9;

/// A place on Newton's way.
struct Place {
    w: DVector<f64>,
    value: f64,
    gradient: DVector<f64>,
}

impl Place {
    fn new(evaluator: &mut dyn Evaluator, w: DVector<f64>) -> Self {
        let mut gradient = DVector::zeros(w.len());
        let value = evaluator.value_and_gradient(w.as_slice(), gradient.as_mut_slice());
        Self { w, value, gradient }
    }

    /// Whether it is nearer to a minimum: where losses differ by rounding only, gradients tell.
    fn is_below(&self, other: &Self) -> bool {
        self.value < other.value
            || self.value <= other.value + 1e-14 * other.value.abs()
                && self.gradient.amax() < other.gradient.amax()
    }
}

/// Whether the loss does not fall a little to either side of `w` along the eigenvectors with the least
/// eigenvalues.
fn rises_around(evaluator: &mut dyn Evaluator, w: &DVector<f64>, spectrum: &Spectrum) -> bool {
    const LOOKED_AT: usize = 4;
    const ASIDE: f64 = 1e-3;
    let value = evaluator.value(w.as_slice());
    let least = value - 1e-14 * value.abs();
    let far = ASIDE * (1.0 + w.amax());
    (0..spectrum.len().min(LOOKED_AT)).all(|at| {
        let u = DVector::from_vec(spectrum.eigenvector(at));
        let mut side = |far: f64| evaluator.value((w + &u * far).as_slice());
        side(far) >= least && side(-far) >= least
    })
}
