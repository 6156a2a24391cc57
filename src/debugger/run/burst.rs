//! Running in bursts: where all that is waited for can be seen in columns, a run looks at many boundaries at a time, and
//! walks to the one at which something happens.

use super::{Goal, run_log::RunLog};
use crate::debugger::{
    machine::Detail,
    session::Session,
    stop::{Stop, StopKind},
    watch::Watch,
};

impl Session {
    /// What a run to `goal` has to note in bursts; none where it cannot go in bursts, because some of its stops cannot be
    /// seen in what a burst notes.
    pub(super) fn burst_detail(&self, goal: &Goal) -> Option<Detail> {
        let entries = &self.lanes.entries;
        let stops = || self.stops.iter().filter(|stop| stop.enabled);
        let displays = || {
            let displays = self.displays.iter().map(|(_, watch)| watch);
            displays.filter(|watch| watch.spans_all())
        };
        let waits = match goal {
            Goal::Iterations(_) | Goal::Continue => true,
            Goal::Until(watch) => watch.runs_in_bursts(entries),
            Goal::Lines(_) => false,
        };
        let goes = waits
            && stops().all(|stop| stop.runs_in_bursts(entries))
            && displays().all(|watch| watch.runs_in_bursts(entries));
        let until = match goal {
            Goal::Until(watch) => Some(&**watch),
            _ => None,
        };
        let watches = stops().filter_map(Stop::watch).chain(until);
        let watches = watches.chain(displays());
        let details = watches.map(|watch: &Watch| watch.detail(entries));
        goes.then(|| details.fold(Detail::default(), Detail::and))
    }

    /// Runs a burst of at most `most` iterations, as far as nothing happens; returns the iterations done.
    pub(super) fn burst(
        &mut self,
        goal: &mut Goal,
        arrived: &mut [bool],
        detail: Detail,
        most: u64,
        gathered: &mut RunLog,
    ) -> u64 {
        let count = self.lanes.burst_room().min(most);
        if count < 2 {
            return 0;
        }
        let count = usize::try_from(count).unwrap_or(0);
        let mut stops: Vec<&mut Stop> = self.stops.iter_mut().filter(|stop| stop.enabled).collect();
        for stop in &mut stops {
            stop.begin_burst(&mut self.lanes);
        }
        if let Goal::Until(watch) = goal {
            watch.begin_burst(&mut self.lanes);
        }
        let displays = self.displays.iter_mut().map(|(_, watch)| watch);
        let mut displays: Vec<_> = displays.filter(|watch| watch.spans_all()).collect();
        for watch in &mut displays {
            watch.begin_burst(&mut self.lanes);
        }
        let focus = self.lanes.focus;
        // Whoever walks by lines from where the burst begins sees what lines have left there before.
        let goes_by_lines = stops
            .iter()
            .any(|stop| matches!(stop.kind, StopKind::Line { .. }));
        let passing = goes_by_lines.then(|| self.lanes.passing());
        let mut columns = std::mem::take(&mut self.lanes.columns);
        let mut rows = self.lanes.burst(count, detail, &mut columns);
        let mut kept = rows.first_end().unwrap_or(count);
        for stop in &mut stops {
            if let Some(row) = stop.first_event(&mut rows, focus) {
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
            gathered.log_rows(&mut stops, &mut rows, kept);
            for stop in stops {
                stop.pass(&mut rows, last);
            }
            for watch in displays {
                watch.pass(&mut rows, last);
            }
            if let Goal::Until(watch) = goal {
                watch.pass(&mut rows, last);
            }
        }
        rows.keep(kept);
        if let Some(passing) = passing.filter(|_| kept == 0) {
            self.lanes.put_passing(&passing);
        }
        self.lanes.columns = columns;
        kept as u64
    }
}
