//! The things that a run gathers on its way: hits that are counted, and the entries of traces.

use crate::debugger::{
    answer::Log,
    lanes::Rows,
    stop::{Stop, StopKind},
    watch::{NoValue, Watch},
};
use std::{collections::VecDeque, sync::Arc};

/// The things that a run gathers on its way.
pub(in crate::debugger) struct RunLog {
    /// The newest entries of traces.
    pub logs: VecDeque<Log>,
    /// The most entries that there may be.
    most: usize,
    /// The text of each `trace`, by its number: entries share it.
    texts: Vec<(u64, Arc<str>)>,
    /// Older entries that there was no room for.
    pub dropped: u64,
    /// One-time stops that have been hit.
    pub spent: Vec<u64>,
}

impl RunLog {
    pub fn new(most: usize) -> Self {
        Self {
            logs: VecDeque::new(),
            most,
            texts: Vec::new(),
            dropped: 0,
            spent: Vec::new(),
        }
    }

    /// Counts a hit; true if the run stops at it.
    pub fn count(&mut self, stop: &mut Stop) -> bool {
        let heeded = stop.count();
        if heeded && stop.once {
            self.spent.push(stop.id);
        }
        heeded
    }

    /// Logs what traces have at the first `count` rows of a burst.
    pub fn log_rows(&mut self, stops: &mut [&mut Stop], rows: &mut Rows<'_>, count: usize) {
        let traces = stops.iter_mut().filter_map(|stop| match &mut stop.kind {
            StopKind::Trace(watch) => {
                stop.hits += count as u64;
                Some((stop.id, watch))
            }
            _ => None,
        });
        let mut traces: Vec<(u64, &mut Watch)> = traces.collect();
        // What later rows push out again is counted alone.
        let first = count.saturating_sub(self.most);
        self.dropped += (first * traces.len()) as u64;
        for row in first..count {
            for (id, watch) in &mut traces {
                watch.evaluate_at(rows, row);
                self.log(*id, rows.t(row), (watch, None));
            }
        }
    }

    pub fn log(&mut self, id: u64, t: u64, (watch, unknown): (&Watch, Option<NoValue>)) {
        if self.logs.len() >= self.most {
            self.logs.pop_front();
            self.dropped += 1;
        }
        let at = self.texts.iter().position(|known| known.0 == id);
        let at = at.unwrap_or_else(|| {
            self.texts.push((id, watch.text().into()));
            self.texts.len() - 1
        });
        self.logs.push_back(Log {
            id,
            t,
            text: Arc::clone(&self.texts[at].1),
            value: watch.value(),
            unknown,
        });
    }
}
