//! Running in bursts: where all that is waited for can be seen in columns, a run looks at many boundaries at a time, and
//! walks to the one at which something happens.

use super::Goal;
use crate::debugger::{session::Session, stop::Stop};

impl Session {
    /// True where a run to `goal` may go in bursts: all its stops can be seen in what a burst notes.
    pub(super) fn runs_in_bursts(&self, goal: &Goal) -> bool {
        let entries = &self.lanes.entries;
        let mut stops = self.stops.iter().filter(|stop| stop.enabled);
        let waits = match goal {
            Goal::Iterations(_) | Goal::Continue => true,
            Goal::Until(watch) => watch.runs_in_bursts(entries),
            Goal::Lines(_) => false,
        };
        waits
            && stops.all(|stop| stop.runs_in_bursts(entries))
            && !self.displays.iter().any(|(_, watch)| watch.spans_all())
    }

    /// Runs a burst of at most `most` iterations, as far as nothing happens; returns the iterations done.
    pub(super) fn burst(&mut self, goal: &mut Goal, arrived: &mut [bool], most: u64) -> u64 {
        let count = self.lanes.burst_room().min(most);
        if count < 2 {
            return 0;
        }
        let count = usize::try_from(count).unwrap_or(0);
        let mut stops: Vec<&mut Stop> = self.stops.iter_mut().filter(|stop| stop.enabled).collect();
        let detail = !stops.is_empty() || matches!(goal, Goal::Until(_));
        let mut columns = std::mem::take(&mut self.lanes.columns);
        let mut rows = self.lanes.burst(count, detail, &mut columns);
        let mut kept = rows.first_end().unwrap_or(count);
        for stop in &mut stops {
            if let Some(row) = stop.first_event(&mut rows) {
                kept = kept.min(row);
            }
        }
        match goal {
            Goal::Until(watch) => {
                if let Ok(row) = watch.rises(&mut rows, false) {
                    kept = kept.min(row);
                }
            }
            Goal::Continue => kept = rows.first_arrival(arrived, kept),
            _ => {}
        }
        if let Some(last) = kept.checked_sub(1) {
            for stop in stops {
                stop.pass(&mut rows, last);
            }
        }
        rows.keep(kept);
        self.lanes.columns = columns;
        kept as u64
    }
}
