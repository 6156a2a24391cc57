//! The minima of one loss, as runs on it meet them.

use super::{
    minimum::{Origin, Reference},
    spectrum::MAX_DENSE,
};
use crate::loss::Loss;
use std::sync::{Arc, OnceLock};

/// A look for a minimum that computes with more numbers than this takes milliseconds: it waits until somebody asks.
const LONG: usize = 1 << 24;

/// The minima of one loss, as runs on it meet them.
///
/// Which one is in force, and in which basis errors are taken apart, depends on `w` alone: it does not
/// matter by which way a run has come there.
#[derive(Debug, Clone)]
pub struct Minima {
    loss: Arc<dyn Loss>,
    start: Vec<f64>,
    /// Unknown until somebody asks, where that takes long.
    home: OnceLock<Reference>,
    /// The start, for want of more, until then.
    before: Reference,
    /// There is one minimum at most, so that one that is not found from the start is not found at all.
    single: bool,
}

impl Minima {
    /// For runs that begin at `start`.
    #[must_use]
    pub fn new(loss: Arc<dyn Loss>, start: &[f64]) -> Self {
        let minima = Self {
            single: loss.is_quadratic() || loss.is_convex() || loss.minima().len() == 1,
            start: start.to_vec(),
            home: OnceLock::new(),
            before: Reference::unknown(start),
            loss,
        };
        if minima.work() <= LONG {
            let _known = minima.home();
        }
        minima
    }

    /// The minimum for a run that is at its start, which may take long where nobody has asked before.
    #[must_use]
    pub fn home(&self) -> &Reference {
        let look = || Reference::near(&*self.loss, &self.start);
        self.home.get_or_init(look)
    }

    /// True once that is known.
    #[must_use]
    pub fn knows_home(&self) -> bool {
        self.home.get().is_some()
    }

    /// That minimum if it is known; else the start, as a place where none is.
    #[must_use]
    pub fn home_so_far(&self) -> &Reference {
        self.home.get().unwrap_or(&self.before)
    }

    /// The loss at that minimum: 0 where it is so up to rounding, or where no minimum is known.
    #[must_use]
    pub fn floor(&self) -> f64 {
        self.home().floor()
    }

    /// True if the same minimum is in force everywhere.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        self.single && self.home().origin != Origin::Here
    }

    /// The same as far as it is known, which it may not be yet.
    #[must_use]
    pub fn is_fixed_so_far(&self) -> bool {
        self.single && self.home_so_far().origin != Origin::Here
    }

    /// True if no minimum is found anywhere, and there are too many parameters for a spectrum.
    #[must_use]
    pub fn are_out_of_sight(&self) -> bool {
        self.start.len() > MAX_DENSE && self.home().origin == Origin::Here
    }

    /// True if a run may tend to another minimum than the one near its start.
    #[must_use]
    pub fn may_be_several(&self) -> bool {
        !self.single && self.start.len() <= MAX_DENSE
    }

    /// True if errors can be measured from a minimum at some `w` at least.
    #[must_use]
    pub fn may_be_found(&self) -> bool {
        !self.single || self.home().eigenbasis().is_some()
    }

    /// The numbers that a look for a minimum computes with, about.
    #[must_use]
    pub fn work(&self) -> usize {
        Reference::work(&*self.loss)
    }

    /// The minimum for a run that is at `w`.
    ///
    /// Its eigenvectors are ordered and signed as those at home where they are much alike, so that
    /// direction i means the same near each of several minima.
    #[must_use]
    pub fn near(&self, w: &[f64]) -> Reference {
        if self.is_fixed() || w == self.start {
            return self.home().clone();
        }
        if self.single {
            return Reference::around(&*self.loss, Origin::Here, w.to_vec());
        }
        let mut near = Reference::near(&*self.loss, w);
        if let (Some(spectrum), Some(home)) = (&near.spectrum, &self.home().spectrum) {
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
