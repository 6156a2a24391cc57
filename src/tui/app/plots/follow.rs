//! The values of expressions at every boundary that a run has reached.

use super::plan::{CurvePlan, as_f64, size};
use crate::{
    debugger::{Control, Session, recall::Recall},
    tui::plot::PlotBucket,
};

/// Values that one frame waits for; the next ones find out the rest.
const AT_ONCE: u64 = 50_000;

/// Follows a run.
#[derive(Default)]
pub(super) struct Follower {
    recall: Option<Recall>,
    /// True if the run goes further than what has been looked at.
    pub is_behind: bool,
    /// For each variable of the rule in focus, the values of the element that is shown.
    histories: Vec<Vec<PlotBucket>>,
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Follower")
            .field("is_behind", &self.is_behind)
            .finish_non_exhaustive()
    }
}

impl Follower {
    /// Begins again, as with other expressions.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Element `element` of expression `curve` over the run.
    pub fn buckets(&self, curve: usize, element: usize) -> Vec<PlotBucket> {
        let Some(recall) = self.recall.as_ref() else {
            return Vec::new();
        };
        if element >= recall.elements(curve) {
            return Vec::new();
        }
        let stretches = recall.stretches(curve, element);
        stretches
            .map(|it| PlotBucket {
                first: as_f64(it.first),
                last: as_f64(it.last),
                min: it.min,
                max: it.max,
            })
            .collect()
    }

    /// The history of a variable of the rule in focus.
    pub fn history(&self, variable: usize) -> &[PlotBucket] {
        self.histories.get(variable).map_or(&[], Vec::as_slice)
    }

    /// Brings everything up to the newest boundary, or a good deal nearer to it.
    pub fn follow(&mut self, session: &mut Session, plan: &CurvePlan) {
        let each: u64 = plan.watches.iter().map(|watch| size(watch) as u64).sum();
        if each > AT_ONCE {
            // Not even one boundary can be looked at in time, nor the values of all be held.
            self.forget();
            return;
        }
        let recall = self
            .recall
            .get_or_insert_with(|| Recall::new(plan.watches.clone()));
        let mut left = AT_ONCE / each.max(1);
        let mut go_on = |_| {
            let goes_on = left > 0;
            left = left.saturating_sub(1);
            goes_on
        };
        self.is_behind = !recall.catch_up(session, &mut Control::asking(&mut go_on));
        let lead = plan.elements.first().copied().unwrap_or(0);
        self.histories = (plan.variables.iter())
            .map(|curve| {
                let Some(curve) = *curve else {
                    return Vec::new();
                };
                let own = size(&plan.watches[curve]);
                self.buckets(curve, if lead < own { lead } else { 0 })
            })
            .collect();
    }
}
