//! The last few errors along the eigenvectors.

use super::frame_budget::FrameBudget;
use crate::{
    analysis::Reference,
    debugger::{Position, Session},
};
use std::collections::VecDeque;

/// Most boundaries that [`Recent`] holds.
const REMEMBERED: usize = 40;
/// Numbers that it holds at all of them, but for two boundaries, which it always holds.
const HELD: usize = 1 << 21;
/// The rounding of an error's component, as a share of the largest coordinate: of `w`, of the minimum, of
/// their difference and of its sum over a few coordinates.
const ROUNDING: f64 = 8.0 * f64::EPSILON;
/// Beyond this many parameters, the past is not run again just to be shown.
const MOST_PARAMETERS: usize = 512;

/// The components of the error at the last few boundaries of the lane in focus, all from the minimum that
/// is in force now.
#[derive(Debug, Clone, Default)]
pub struct Recent {
    lane: String,
    /// Each boundary with `w` there, oldest first.
    places: VecDeque<(u64, Vec<f64>)>,
    edits: usize,
    /// Components up to this size are rounding of `w` and of the minimum.
    rounding: f64,
}

impl Recent {
    /// Brings it up to the boundary where the session is.
    pub(super) fn follow(&mut self, session: &mut Session, budget: &mut FrameBudget) {
        let entry = session.lanes().focused();
        let edits = entry.lane.edits().len();
        if entry.name != self.lane || edits != self.edits {
            self.places.clear();
            self.lane.clone_from(&entry.name);
            self.edits = edits;
        }
        if entry.latest_reference().eigenbasis().is_none() {
            self.places.clear();
            return;
        }
        self.visit(session, budget);
        let reference = session.lanes().focused().latest_reference();
        let sizes = self.places.back().map(|(_, w)| w.iter());
        let most = sizes.into_iter().flatten().chain(reference.minimum.iter());
        let most = most.fold(0.0_f64, |most, it| most.max(it.abs()));
        self.rounding = ROUNDING * most;
    }

    /// Looks up `w` at the boundaries that are missing.
    fn visit(&mut self, session: &mut Session, budget: &mut FrameBudget) {
        let entry = session.lanes().focused();
        let t = entry.lane.position().t;
        let newest = self.places.back().map(|(t, _)| *t);
        if newest == Some(t) {
            return;
        }
        let n = entry.lane.machine().w().len();
        let from = match newest {
            Some(newest) if newest < t && t - newest < REMEMBERED as u64 => newest + 1,
            _ => {
                self.places.clear();
                t.saturating_sub(REMEMBERED as u64 - 1)
            }
        };
        let from = if n > MOST_PARAMETERS { t } else { from };
        if from == t && entry.lane.position().line == 0 {
            return self.add(t, entry.lane.machine().w());
        }
        budget.spend(session, |session, control| {
            session.focused_mut().lane.in_the_past(|lane| {
                for at in from..=t {
                    if !lane.seek(Position::at(at), |t| control.at(t)) {
                        // The next frame comes nearer.
                        return;
                    }
                    self.add(at, lane.machine().w());
                }
            });
        });
    }

    /// Remembers `w` at the boundary `t`, later than all others.
    fn add(&mut self, t: u64, w: &[f64]) {
        let most = (HELD / w.len().max(1)).clamp(2, REMEMBERED);
        let oldest = (self.places.len() >= most).then(|| self.places.pop_front());
        let mut place = oldest.flatten().map_or_else(Vec::new, |(_, place)| place);
        place.clear();
        place.extend_from_slice(w);
        self.places.push_back((t, place));
    }

    /// Component `i` (from 0) of the error from `reference` at the last boundaries, oldest first.
    pub fn component<'a>(
        &'a self,
        reference: &'a Reference,
        i: usize,
    ) -> impl DoubleEndedIterator<Item = f64> + 'a {
        let spectrum = reference.eigenbasis();
        let places = self.places.iter();
        places.filter_map(move |(_, w)| Some(spectrum?.component_from(i, w, &reference.minimum)))
    }

    /// True if an error of this size is explained by rounding alone.
    #[must_use]
    pub fn is_rounding(&self, alpha: f64) -> bool {
        alpha.abs() <= self.rounding
    }

    /// The factor by which the last iteration multiplied component `i`; `None` at t = 0, and where it
    /// multiplied nothing but rounding.
    #[must_use]
    pub fn ratio(&self, reference: &Reference, i: usize) -> Option<f64> {
        let mut newest = self.component(reference, i).rev();
        let (now, before) = (newest.next()?, newest.next()?);
        (!self.is_rounding(before)).then(|| now / before)
    }
}
