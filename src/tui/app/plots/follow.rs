//! The values of expressions at every boundary that a run has reached.

use super::plan::{CurvePlan, as_f64, size};
use crate::{
    debugger::{Control, Session, recall::Recall},
    tui::plot::PlotBucket,
};

/// Work that one frame waits for, in numbers computed: a few milliseconds. The next ones find out the rest.
const AT_ONCE: u64 = 1 << 21;
/// The work of going to a boundary, besides that of its numbers.
const EACH: u64 = 300;

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

    /// The newest boundary that has been looked at.
    pub fn newest(&self) -> Option<u64> {
        self.recall.as_ref()?.newest()
    }

    /// The history of a variable of the rule in focus.
    pub fn history(&self, variable: usize) -> &[PlotBucket] {
        self.histories.get(variable).map_or(&[], Vec::as_slice)
    }

    /// Brings everything up to the newest boundary, or a good deal nearer to it.
    pub fn follow(&mut self, session: &mut Session, plan: &CurvePlan) {
        let recall = self
            .recall
            .get_or_insert_with(|| Recall::new(plan.watches.clone()).keeping(plan.kept()));
        let mut left = (AT_ONCE / work(session, recall)).max(1);
        // The way to a boundary and the look at it ask for the same t.
        let mut asked = None;
        let mut go_on = |progress| {
            if asked.replace(progress) == Some(progress) {
                return true;
            }
            let goes_on = left > 0;
            left = left.saturating_sub(1);
            goes_on
        };
        self.is_behind = !recall.catch_up(session, &mut Control::asking(&mut go_on));
        let lead = plan.lead();
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

/// The numbers that are computed to look at one boundary: those of the expressions, and those of each lane's gradient.
fn work(session: &Session, recall: &Recall) -> u64 {
    let shown = recall.computed() as u64;
    let landscape = session.landscape();
    let gradient = landscape
        .start
        .len()
        .saturating_mul(landscape.loss.rows().max(1));
    let lanes = session.lanes().entries().len();
    EACH + shown + gradient.saturating_mul(lanes) as u64
}
