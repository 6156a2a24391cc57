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
    /// The Hessian's eigenvalues and eigenvectors there; none where `n` is too large. What rounding alone
    /// would explain is 0.
    pub spectrum: Option<Spectrum>,
    /// What the loss does where an eigenvalue is 0.
    pub kernel: Kernel,
}

/// What a loss does along the eigenvectors whose eigenvalue at a minimum is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kernel {
    /// There are none.
    Empty,
    /// It is level: minima lie side by side, as on a valley's floor.
    Level,
    /// It rises by a higher order, or is not known to be level.
    Rising,
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

    /// The loss there: 0 where it is so up to rounding, or where no minimum is known.
    #[must_use]
    pub fn floor(&self) -> f64 {
        if self.origin == Origin::Here || self.value.abs() <= 1e-12 {
            return 0.0;
        }
        self.value
    }

    /// Where runs count as converged on it, with losses `above` it.
    #[must_use]
    pub fn basin(&self, above: f64) -> Basin {
        let floor = self.floor();
        let most = |spectrum: &Spectrum| spectrum.largest().abs().max(spectrum.smallest().abs());
        // A degenerate minimum says nothing of gradients near it; a place that is none has to be flat.
        let is_known = self.origin != Origin::Here;
        let curvature = self.spectrum.as_ref().map(most);
        let curvature = curvature.filter(|it| *it > 0.0 || !is_known && *it == 0.0);
        Basin {
            floor,
            above,
            is_known,
            // |g|^2 <= 2 lambda_max (loss - minimum) on a quadratic.
            steepest: curvature.map_or(f64::INFINITY, |curvature| {
                STEEP * curvature * (above + 1e-12 * floor.abs())
            }),
        }
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

/// Beside a minimum, so far as a share of its size, the loss is looked at again.
const ASIDE: f64 = 1e-3;
/// A curvature so small may be rounding, of the place if not of itself.
const TINY: f64 = 1e-6;
/// Newton's method comes so near to a degenerate minimum that this share of the curvature beside it is left.
const UNSURE: f64 = 1e-7;
/// Directions without curvature that are looked at.
const LOOKED_AT: usize = 4;

/// How far beside `w` to look.
fn aside(w: &[f64]) -> f64 {
    ASIDE * (1.0 + w.iter().fold(0.0, |most: f64, w| most.max(w.abs())))
}

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

/// What `loss` does along the eigenvectors of its minimum `w` whose eigenvalue is 0.
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

/// Off a quadratic a gradient's square may be so many times curvature times height.
const STEEP: f64 = 16.0;

/// The places near a minimum that count as converged on it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Basin {
    floor: f64,
    above: f64,
    is_known: bool,
    /// The largest square of a gradient so near to the minimum.
    steepest: f64,
}

impl Basin {
    /// Losses up to `above`, where no minimum is known.
    #[must_use]
    pub fn level(above: f64) -> Self {
        Self {
            floor: 0.0,
            above,
            is_known: false,
            steepest: f64::INFINITY,
        }
    }

    /// The loss at the minimum.
    #[must_use]
    pub fn floor(self) -> f64 {
        self.floor
    }

    /// Whether a run whose loss and gradient norm are these has converged: the loss is near that of the
    /// minimum, and not below it, and the gradient no larger than curvature allows there. Where no minimum is
    /// known the loss is held against 0, and may be below it.
    #[must_use]
    #[inline]
    pub fn holds(self, loss: f64, gradient_norm: f64) -> bool {
        let is_low = loss <= self.floor + self.above;
        let is_own = loss >= self.floor - self.above || !self.is_known;
        is_low && is_own && self.may_be_near(gradient_norm)
    }

    /// Whether a gradient of this norm may be that of a place so near to a minimum, with curvature about that
    /// of this one.
    #[must_use]
    #[inline]
    pub fn may_be_near(self, gradient_norm: f64) -> bool {
        gradient_norm * gradient_norm <= self.steepest
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
        self.home.floor()
    }

    /// Whether the same minimum is in force everywhere.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.single && self.home.origin != Origin::Here
    }

    /// Whether a run may tend to another minimum than that at home.
    #[must_use]
    pub fn may_be_several(&self) -> bool {
        !self.single && self.start.len() <= MAX_DENSE
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
        let rounding = spectrum.rounding(0) * spectrum.largest().abs();
        let lowest = Some(spectrum.smallest()).filter(|it| it.abs() > rounding);
        let lowest = lowest.unwrap_or(0.0);
        let shift = damping + (-lowest).max(0.0) * 1.5;
        let step = newton_step(&hessian, &spectrum, shift, &here);
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

/// H^-1 g for the Hessian with `shift` on its diagonal; `None` where that has no root.
///
/// Where the Hessian is singular, and the gradient has nothing along its kernel but rounding, the step has
/// nothing there either: of all minima of a level floor it leads to the nearest.
fn newton_step(
    hessian: &DMatrix<f64>,
    spectrum: &Spectrum,
    shift: f64,
    here: &Place,
) -> Option<DVector<f64>> {
    let n = hessian.nrows();
    let size = spectrum.largest().abs();
    let least = spectrum.rounding(0) * size;
    if shift > 0.0 || spectrum.smallest() > least {
        let shifted = hessian + DMatrix::identity(n, n) * shift;
        return Some(shifted.cholesky()?.solve(&here.gradient));
    }
    let rounding = SINGULAR * size * (1.0 + here.w.amax());
    let mut step = DVector::zeros(n);
    for at in 0..n {
        let along = spectrum.component(at, here.gradient.as_slice());
        let lambda = spectrum.eigenvalues[at];
        if lambda > least {
            step += DVector::from_vec(spectrum.eigenvector(at)) * (along / lambda);
        } else if along.abs() > rounding {
            return None;
        }
    }
    Some(step)
}

/// A gradient counts as rounding below this share of curvature times size.
const SINGULAR: f64 = 1e-10;

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
    let value = evaluator.value(w.as_slice());
    // Of the loss itself, and of a place that is known to the last bit only.
    let size = spectrum.largest().abs() * (1.0 + w.amax()).powi(2);
    let least = value - (1e-14 * value.abs()).max(1e-28 * size);
    let far = aside(w.as_slice());
    (0..spectrum.len().min(LOOKED_AT)).all(|at| {
        let u = DVector::from_vec(spectrum.eigenvector(at));
        let mut side = |far: f64| evaluator.value((w + &u * far).as_slice());
        side(far) >= least && side(-far) >= least
    })
}
