//! Curves beyond the run: of expressions that depend on t and settings alone.

use super::plan::{CurvePlan, as_f64};
use crate::{
    debugger::{
        Session,
        lanes::Lanes,
        watch::{Present, Quantity},
    },
    tui::plot::PlotBucket,
};

impl CurvePlan {
    /// True if an expression depends on t and settings alone, so that it is known without a run.
    pub fn is_known_ahead(&self, curve: usize) -> bool {
        let watch = &self.watches[curve];
        !watch.looks_back()
            && watch
                .readings()
                .iter()
                .all(|reading| matches!(reading.quantity, Quantity::T | Quantity::Setting(_)))
    }

    /// The values of an expression that depends on t and settings alone, with the settings that are in force.
    pub fn ahead(
        &mut self,
        session: &Session,
        curve: usize,
        element: usize,
        times: impl Iterator<Item = u64>,
    ) -> Vec<PlotBucket> {
        let watch = &mut self.watches[curve];
        times
            .map(|t| {
                let mut later = LanesAhead {
                    lanes: session.lanes(),
                    t: as_f64(t),
                };
                let values = watch.evaluate(&mut later);
                PlotBucket::one(as_f64(t), values.get(element).copied().unwrap_or(f64::NAN))
            })
            .collect()
    }
}

/// The lanes as they are, at another t.
struct LanesAhead<'a> {
    lanes: &'a Lanes,
    t: f64,
}

impl Present for LanesAhead<'_> {
    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]) {
        match quantity {
            Quantity::T => out.fill(self.t),
            other => {
                let value = other.element(&self.lanes.entries()[lane], 0);
                out.fill(value.unwrap_or(f64::NAN));
            }
        }
    }

    fn element(&mut self, _: usize, _: Quantity, _: usize) -> Option<f64> {
        None
    }
}
