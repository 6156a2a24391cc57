//! The minimum that a lane's errors are counted from: looked for when somebody asks, and kept until the lane is elsewhere.

use crate::{
    analysis::{Minima, Reference},
    debugger::machine::Machine,
};
use std::sync::{Arc, OnceLock};

/// The active minimum of a lane.
#[derive(Debug, Clone)]
pub(in crate::debugger) struct ActiveMinimum {
    minima: Arc<Minima>,
    here: Place,
    /// That of the lane's twin, which looks into the past.
    bygone: Option<Place>,
}

/// A place, and the minimum of a run that is there.
#[derive(Debug, Clone, Default)]
struct Place {
    /// The parameters, `[n]`; empty where the minimum was known to be the same everywhere to begin with.
    w: Vec<f64>,
    /// Unknown until somebody asks.
    reference: OnceLock<Reference>,
    /// That of the last place before where somebody has asked.
    before: Option<Reference>,
}

impl ActiveMinimum {
    /// That of a run at `w`.
    pub fn new(minima: Arc<Minima>, w: &[f64]) -> Self {
        let w = if minima.is_fixed_so_far() { &[] } else { w };
        Self {
            here: Place {
                w: w.to_vec(),
                ..Place::default()
            },
            minima,
            bygone: None,
        }
    }

    /// The minima of the loss.
    pub fn minima(&self) -> &Arc<Minima> {
        &self.minima
    }

    /// The minimum, which may take a while where nobody has asked for it here.
    #[inline]
    pub fn get(&self) -> &Reference {
        if self.minima.is_fixed() {
            return self.minima.home();
        }
        let look = || self.minima.near(&self.here.w);
        self.here.reference.get_or_init(look)
    }

    /// True if it is known already.
    pub fn is_known(&self) -> bool {
        self.minima.is_fixed_so_far() || self.here.reference.get().is_some()
    }

    /// The minimum as far as it is known: here, or at the last place where somebody has asked.
    pub fn latest(&self) -> &Reference {
        let known = self.here.reference.get().or(self.here.before.as_ref());
        known.unwrap_or(self.minima.home_so_far())
    }

    /// Takes note of where the lane is now.
    pub fn follow(&mut self, machine: &mut Machine) {
        let w = machine.w();
        if self.minima.is_fixed_so_far() || same(w, &self.here.w) {
            return;
        }
        self.here.w.clear();
        self.here.w.extend_from_slice(w);
        if self.minima.are_out_of_sight()
            && let Some(reference) = self.here.reference.get_mut()
        {
            // The place is its own reference: with a million parameters it is not to be copied more than that.
            reference.minimum.copy_from_slice(w);
            reference.value = machine.value_now();
        } else if let Some(known) = self.here.reference.take() {
            self.here.before = Some(known);
        }
    }

    /// Puts the minimum of the lane's twin in its place, or back.
    pub fn exchange(&mut self) {
        // The minimum may become known while the twin is in its place.
        if self.here.w.is_empty() && self.bygone.is_none() {
            return;
        }
        let here = &self.here;
        let bygone = self.bygone.get_or_insert_with(|| here.clone());
        std::mem::swap(&mut self.here, bygone);
    }

    /// The same, without a twin.
    pub fn apart(&self) -> Self {
        Self {
            minima: Arc::clone(&self.minima),
            here: self.here.clone(),
            bygone: None,
        }
    }

    /// Takes over what `apart` knows of this place, or of the last before.
    pub fn learn_from(&mut self, apart: Self) {
        if self.is_known() {
            return;
        }
        if same(&self.here.w, &apart.here.w) {
            self.here.reference = apart.here.reference;
        } else if let Some(known) = apart.here.reference.into_inner() {
            self.here.before = Some(known);
        }
    }
}

/// True where two places are the same to the last bit.
fn same(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}
