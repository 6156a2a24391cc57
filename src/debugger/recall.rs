//! A memory of expressions at every boundary of a run, for plots and histories.
//!
//! ```text
//!   boundary   0   1   2   3 | 4   5   6   7 | 8  ...      a span is 2^k boundaries, of which each element's
//!   span       [ min .. max ]  [ min .. max ]  [           least and greatest value are kept: no peak is lost
//! ```
//!
//! It follows the run: each boundary is visited once, by the lanes' twins, so nobody has to ask beforehand what
//! will be wanted, and looking moves no machine. After an edit what came before it is kept.

use super::{
    change::Edit,
    control::Control,
    lanes::{Lanes, NamedLane, PastLanes},
    machine::Position,
    session::Session,
    watch::{Past, Watch},
};
use crate::rule::Compiled;
use std::sync::Arc;

/// Most spans.
const MOST: usize = 4096;
/// Fewest spans, however many elements there are.
const FEWEST: usize = 64;
/// Numbers that all spans may hold (8 MiB of them).
const BUDGET: usize = 1 << 20;

/// Values of some expressions at the boundaries of a run.
pub struct Recall {
    watches: Vec<Watch>,
    /// The elements of each watch that are remembered, ascending; all of those that are not listed.
    kept: Vec<Vec<usize>>,
    /// True for a watch that computes no others.
    is_restricted: Vec<bool>,
    /// Offsets of each watch's elements among all, followed by their number; empty at first.
    offsets: Vec<usize>,
    /// The first boundary of each span; spans follow each other without gaps.
    firsts: Vec<u64>,
    /// For each span the least value of each element, then the greatest of each.
    extremes: Vec<f64>,
    /// Each span covers 2^shift boundaries.
    shift: u32,
    /// The boundary to look at next.
    next: u64,
    /// True if the watches are ready for that boundary.
    is_ready: bool,
    runs: Vec<Provenance>,
}

/// The values of one element over some boundaries in a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ElementRange {
    /// The first boundary.
    pub first: u64,
    /// The last boundary.
    pub last: u64,
    /// The least value that is a number; NaN if none is.
    pub min: f64,
    /// The greatest value that is a number; NaN if none is.
    pub max: f64,
}

/// All that makes a lane's run the run it is, besides the loss and its noise.
#[derive(Clone)]
struct Provenance {
    compiled: Arc<Compiled>,
    settings: Vec<f64>,
    edits: Vec<Edit>,
}

impl Provenance {
    /// The runs of all lanes.
    fn all(lanes: &Lanes) -> Vec<Self> {
        let lanes = lanes.entries.iter().map(|entry| &entry.lane);
        lanes
            .map(|lane| Self {
                compiled: Arc::clone(lane.compiled()),
                settings: lane.initial_settings().to_vec(),
                edits: lane.edits().to_vec(),
            })
            .collect()
    }

    /// The first boundary at which two runs may differ; `None` where they are the same.
    fn parts_from(&self, other: &Self) -> Option<u64> {
        if !Arc::ptr_eq(&self.compiled, &other.compiled) || self.settings != other.settings {
            return Some(0);
        }
        let same = self.edits.iter().zip(&other.edits);
        let same = same.take_while(|(a, b)| a == b).count();
        let next = [&self.edits, &other.edits].map(|edits| edits.get(same));
        next.into_iter().flatten().map(|edit| edit.position.t).min()
    }
}

impl Recall {
    /// Nothing is remembered yet. The watches are this memory's own.
    #[must_use]
    pub fn new(watches: Vec<Watch>) -> Self {
        Self {
            watches,
            kept: Vec::new(),
            is_restricted: Vec::new(),
            offsets: Vec::new(),
            firsts: Vec::new(),
            extremes: Vec::new(),
            shift: 0,
            next: 0,
            is_ready: false,
            runs: Vec::new(),
        }
    }

    /// Remembers only these elements of each watch, ascending: of a long vector few are looked at.
    #[must_use]
    pub fn keeping(mut self, kept: Vec<Vec<usize>>) -> Self {
        self.is_restricted = vec![false; self.watches.len()];
        let watches = self.watches.iter_mut().zip(&kept);
        for ((watch, kept), is_restricted) in watches.zip(&mut self.is_restricted) {
            if let Some(restricted) = watch.at_elements(kept) {
                (*watch, *is_restricted) = (restricted, true);
            }
        }
        Self { kept, ..self }
    }

    /// The place of an element of the expression number `watch` among all numbers; `None` where it is not remembered.
    fn place(&self, watch: usize, element: usize) -> Option<usize> {
        let (from, to) = (*self.offsets.get(watch)?, *self.offsets.get(watch + 1)?);
        let at = match self.kept.get(watch) {
            Some(kept) => kept.binary_search(&element).ok()?,
            None => element,
        };
        (at < to - from).then_some(from + at)
    }

    /// The numbers that its expressions are at a boundary.
    #[must_use]
    pub fn computed(&self) -> usize {
        self.watches.iter().map(|watch| watch.extent().len()).sum()
    }

    /// The newest boundary that has been visited.
    #[must_use]
    pub fn newest(&self) -> Option<u64> {
        self.next.checked_sub(1)
    }

    /// The number of boundaries in a span.
    #[must_use]
    pub fn width(&self) -> u64 {
        1 << self.shift
    }

    /// The values of one element (from 0) of the expression number `watch`, oldest first; none where it is not remembered.
    pub fn stretches(
        &self,
        watch: usize,
        element: usize,
    ) -> impl DoubleEndedIterator<Item = ElementRange> + Clone {
        let width = self.numbers();
        let place = self.place(watch, element);
        let spans = self.extremes.chunks_exact(2 * width.max(1)).enumerate();
        let known = spans.filter_map(move |(span, extremes)| Some((span, extremes, place?)));
        known.map(move |(span, extremes, at)| ElementRange {
            first: self.firsts[span],
            last: self.firsts.get(span + 1).map_or(self.next, |next| *next) - 1,
            min: extremes[at],
            max: extremes[width + at],
        })
    }

    /// Visits the boundaries that are known of the lanes and not yet remembered.
    ///
    /// `control` is asked at each of them; false where it said no, and there is more to visit.
    pub fn catch_up(&mut self, session: &mut Session, control: &mut Control) -> bool {
        let lanes = session.lanes();
        self.forget_what_changed(lanes);
        let read: Vec<usize> = self.watches.iter().flat_map(Watch::lanes).collect();
        let of = |at: usize| lanes.entries.get(at).map(NamedLane::frontier);
        let last = read.iter().filter_map(|at| of(*at)).min();
        let last = last.unwrap_or_else(|| lanes.frontier());
        if self.next > last || self.watches.is_empty() {
            return true;
        }
        let is_there =
            |entry: &NamedLane| entry.lane.position() == Position::at(entry.frontier().min(last));
        if self.is_ready && self.next == last && lanes.entries.iter().all(is_there) {
            return session.at_present(control, |present| self.visit(present, last));
        }
        session.in_the_past(control, |past| self.visit(past, last))
    }

    fn visit(&mut self, past: &mut PastLanes<'_, '_>, last: u64) -> bool {
        if !self.is_ready {
            self.next = self.next.max(past.beginning());
            let mut watches = self.watches.iter_mut();
            if !watches.all(|watch| watch.settle(past, self.next)) {
                return false;
            }
            self.is_ready = true;
        }
        let mut values = Vec::with_capacity(self.numbers());
        while self.next <= last {
            self.next = past.lanes.at_or_after(self.next);
            if !past.control.at(self.next) || !past.go_to(self.next) {
                return false;
            }
            values.clear();
            let mut offsets = vec![0];
            for (at, watch) in self.watches.iter_mut().enumerate() {
                watch.arrive(past, self.next);
                let own = watch.evaluate(past);
                let kept = self.kept.get(at).filter(|_| !self.is_restricted[at]);
                match kept {
                    Some(kept) => values.extend(kept.iter().filter_map(|at| own.get(*at))),
                    None => values.extend_from_slice(own),
                }
                watch.leave(past);
                offsets.push(values.len());
            }
            self.offsets = offsets;
            self.push(&values);
        }
        true
    }

    /// The number of numbers stored for a boundary.
    fn numbers(&self) -> usize {
        self.offsets.last().copied().unwrap_or(0)
    }

    fn push(&mut self, values: &[f64]) {
        let t = self.next;
        self.next += 1;
        let width = values.len();
        if self.begins_span(self.firsts.last(), t) {
            self.firsts.push(t);
            self.extremes.extend_from_slice(values);
            self.extremes.extend_from_slice(values);
            let most = (BUDGET / (2 * width).max(1)).clamp(FEWEST, MOST);
            if self.firsts.len() > most {
                self.merge();
            }
            return;
        }
        let span = self.extremes.len() - 2 * width;
        widen(&mut self.extremes[span..], values, values);
    }

    /// True if `t` is not in the span that begins with `last`; not every boundary has to be there.
    fn begins_span(&self, last: Option<&u64>, t: u64) -> bool {
        last.is_none_or(|last| last >> self.shift != t >> self.shift)
    }

    /// Joins spans two by two.
    fn merge(&mut self) {
        self.shift += 1;
        let width = self.numbers();
        let (firsts, extremes) = (
            std::mem::take(&mut self.firsts),
            std::mem::take(&mut self.extremes),
        );
        for (first, span) in firsts.iter().zip(extremes.chunks_exact(2 * width)) {
            if self.begins_span(self.firsts.last(), *first) {
                self.firsts.push(*first);
                self.extremes.extend_from_slice(span);
            } else {
                let at = self.extremes.len() - 2 * width;
                widen(&mut self.extremes[at..], &span[..width], &span[width..]);
            }
        }
    }

    /// Forgets what does not hold any more, because a run is another one than it was.
    fn forget_what_changed(&mut self, lanes: &Lanes) {
        let same = |run: &Provenance, lane: &super::Lane| {
            Arc::ptr_eq(&run.compiled, lane.compiled())
                && run.settings == lane.initial_settings()
                && run.edits == lane.edits()
        };
        let entries = &lanes.entries;
        let known = self.runs.iter().zip(entries);
        if self.runs.len() == entries.len() && known.clone().all(|(run, it)| same(run, &it.lane)) {
            return;
        }
        let now = Provenance::all(lanes);
        let pairs = self.runs.iter().zip(&now);
        let parts = pairs.filter_map(|(was, is)| was.parts_from(is)).min();
        // Lanes that are gone, or new, are not read by watches that were compiled without them.
        let parts = if self.runs.is_empty() { Some(0) } else { parts };
        self.runs = now;
        let Some(t) = parts.filter(|t| *t < self.next) else {
            return;
        };
        let kept = self.firsts.partition_point(|first| *first <= t);
        let kept = kept.saturating_sub(1);
        self.next = self.firsts.get(kept).copied().unwrap_or(0);
        self.firsts.truncate(kept);
        self.extremes.truncate(2 * kept * self.numbers());
        self.watches.iter_mut().for_each(Watch::forget);
        self.is_ready = false;
    }
}

/// Widens a span's extremes by a least and a greatest value of each element.
fn widen(span: &mut [f64], least: &[f64], greatest: &[f64]) {
    let (min, max) = span.split_at_mut(least.len());
    for (min, value) in min.iter_mut().zip(least) {
        // A number wins over NaN.
        *min = min.min(*value);
    }
    for (max, value) in max.iter_mut().zip(greatest) {
        *max = max.max(*value);
    }
}
