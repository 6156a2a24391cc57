//! Convergence of a run: its loss has come down to the minimum that it tends to, and its gradient is as
//! small as it is there.
//!
//! Which minimum that is shows only near it. On a loss with several, Newton's method from a place far off may
//! lead to another one, whose loss the run merely passes by.

use super::{machine::Seen, tolerance::LossTolerance};
use crate::analysis::{Basin, Minima};
use std::sync::Arc;

/// Looks whether a run has converged, and on what.
#[derive(Debug, Clone)]
pub struct Arrival {
    above: f64,
    minima: Option<Arc<Minima>>,
    /// The minimum that the run has been found near last; none to begin with: that of its start.
    near: Option<Basin>,
    /// The gradient's norm where a minimum was looked for in vain, and the one that was found further down.
    looked: f64,
    ahead: Option<Basin>,
}

/// A loss of so much, whatever the minimum.
impl Default for Arrival {
    fn default() -> Self {
        Self {
            above: LossTolerance::ABOVE,
            minima: None,
            near: Some(Basin::level(LossTolerance::ABOVE)),
            looked: f64::INFINITY,
            ahead: None,
        }
    }
}

impl Arrival {
    /// For runs on a loss with these minima; losses `above` them count as converged.
    #[must_use]
    pub fn new(above: f64, minima: Arc<Minima>) -> Self {
        Self {
            above,
            near: None,
            minima: Some(minima),
            looked: f64::INFINITY,
            ahead: None,
        }
    }

    /// True where nothing has to be looked for first, which may take long.
    pub fn is_ready(&self) -> bool {
        let minima = self.minima.as_ref();
        minima.is_none_or(|it| it.knows_home())
    }

    /// The places that count as converged, as far as is known.
    #[inline]
    fn basin(&self) -> Basin {
        let home = || match &self.minima {
            Some(minima) => minima.home().basin(self.above),
            None => Basin::level(self.above),
        };
        self.near.unwrap_or_else(home)
    }

    /// The loss that counts as converged near where the run was found last.
    #[must_use]
    pub fn tolerance(&self) -> LossTolerance {
        LossTolerance {
            above: self.above,
            floor: self.basin().floor(),
        }
    }

    /// The same, above 0 as long as it is not known.
    pub fn tolerance_so_far(&self) -> LossTolerance {
        if self.is_ready() {
            return self.tolerance();
        }
        LossTolerance {
            above: self.above,
            floor: 0.0,
        }
    }

    /// True if no gradient from this norm on is that of a place where a run may have converged.
    #[inline]
    pub fn is_beyond(&self, least_norm: f64) -> bool {
        !self.basin().may_be_near(least_norm)
    }

    /// True where the minimum that a run comes to depends on where it is.
    #[inline]
    pub fn looks_around(&self) -> bool {
        let minima = self.minima.as_ref();
        minima.is_some_and(|it| it.may_be_several())
    }

    /// Takes note of boundaries that are all [beyond](Self::is_beyond) any minimum.
    pub fn pass(&mut self) {
        self.looked = f64::INFINITY;
    }

    /// Whether a run has converged at all of these boundaries in turn, which are told by their losses and gradients' norms, or
    /// at none; neither where that is to be asked of one after the other.
    pub fn is_at_all(&mut self, losses: &[f64], norms: &[f64]) -> Option<bool> {
        let basin = match self.near {
            Some(basin) => basin,
            None => *self.near.insert(self.basin()),
        };
        let (mut all, mut any, mut all_near) = (true, false, true);
        for (loss, norm) in losses.iter().zip(norms) {
            let holds = basin.holds(*loss, *norm);
            all &= holds;
            any |= holds;
            all_near &= basin.may_be_near(*norm);
        }
        if all {
            return Some(true);
        }
        if any || self.looks_around() {
            return None;
        }
        if !all_near {
            self.looked = f64::INFINITY;
        }
        Some(false)
    }

    /// True if the run has converged at this boundary.
    #[inline]
    pub fn is_at(&mut self, seen: Seen<'_>) -> bool {
        let (loss, norm) = (seen.loss, seen.gradient_norm);
        let basin = match self.near {
            Some(basin) => basin,
            None => *self.near.insert(self.basin()),
        };
        if basin.holds(loss, norm) {
            return true;
        }
        // A gradient that is not small is that of no minimum.
        if !basin.may_be_near(norm) {
            self.looked = f64::INFINITY;
            return false;
        }
        self.look(seen)
    }

    /// Looks for another minimum, where there may be one.
    #[cold]
    fn look(&mut self, seen: Seen<'_>) -> bool {
        let (loss, norm) = (seen.loss, seen.gradient_norm);
        let Some(minima) = self.minima.as_ref().filter(|_| self.looks_around()) else {
            return false;
        };
        let is_there = self.ahead.is_some_and(|it| it.holds(loss, norm));
        if norm > 0.5 * self.looked && !is_there {
            return false;
        }
        let basin = minima.near(seen.w).basin(self.above);
        if basin.holds(loss, norm) {
            self.near = Some(basin);
            self.looked = f64::INFINITY;
            return true;
        }
        (self.looked, self.ahead) = (norm, Some(basin));
        false
    }

    /// Forgets what was found on the way.
    pub fn forget(&mut self) {
        self.near.take_if(|_| self.minima.is_some());
        (self.looked, self.ahead) = (f64::INFINITY, None);
    }
}
