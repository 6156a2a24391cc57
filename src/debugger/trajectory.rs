//! The path of the parameters, in bounded memory.

use super::{
    machine::{Columns, Gauge, Seen},
    min_max_series::Bucket,
};
use std::ops::Range;

/// Numbers that a path may hold (1 MiB of them).
const BUDGET: usize = 1 << 17;
/// Fewest points that a path can do with, however long they are.
const FEWEST: usize = 4;
/// The shift from which on spans are so wide that it is worth it to look at what is left of one as a whole.
const WIDE: u32 = 3;
/// Most points of a path.
const MOST: usize = 4096;

/// Points of a trajectory: of each span of iterations its first point, and that of the highest loss.
#[derive(Debug, Clone)]
pub struct Trajectory {
    n: usize,
    stamps: Vec<Stamp>,
    /// The points' parameters, `n` for each, one point after the other.
    w: Vec<f64>,
    /// Each span covers 2^shift iterations.
    shift: u32,
    capacity: usize,
}

/// The iteration at which a point was passed, and the loss there.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Stamp {
    t: u64,
    loss: f64,
}

/// What becomes of a point.
enum Verdict {
    /// It opens a span, or is higher than the first of its span.
    Kept,
    /// It takes the place of the highest of its span so far, which is the last.
    Surpasses,
    /// It is not kept.
    Dull,
}

/// A point of a path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point<'a> {
    /// The iteration.
    pub t: u64,
    /// The parameters, `[n]`.
    pub w: &'a [f64],
    /// The loss there.
    pub loss: f64,
}

impl Trajectory {
    /// An empty path in `n` dimensions.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self {
            n,
            stamps: Vec::new(),
            w: Vec::new(),
            shift: 0,
            capacity: (BUDGET / n.max(1)).clamp(FEWEST, MOST),
        }
    }

    /// Adds the point at `t`, which is later than all before.
    #[inline]
    pub fn push(&mut self, t: u64, w: &[f64], loss: f64) {
        self.push_over(t, w, loss, &mut |_, _| ());
    }

    /// The same; points that are surpassed by others of their span pass by `gone`, with the t of those.
    #[inline]
    pub(super) fn push_over(
        &mut self,
        t: u64,
        w: &[f64],
        loss: f64,
        gone: &mut impl FnMut(Point<'_>, u64),
    ) {
        if self.shift > 0 {
            match self.verdict(t, loss) {
                Verdict::Dull => return,
                Verdict::Kept => {}
                Verdict::Surpasses => self.give_way(t, gone),
            }
        }
        self.put(t, w, loss);
        while self.stamps.len() > self.capacity {
            self.shift += 1;
            self.thin(gone);
        }
    }

    /// The same for points of a burst.
    pub(super) fn push_rows(
        &mut self,
        columns: &Columns,
        rows: Range<usize>,
        gone: &mut impl FnMut(Point<'_>, u64),
    ) {
        let mut row = rows.start;
        // The highest loss from where it was looked at on, up to this row.
        let mut highest: Option<(usize, f64)> = None;
        while row < rows.end {
            let Seen { t, w, loss, .. } = columns.seen(row);
            self.push_over(t, w, loss, gone);
            row += 1;
            if self.shift < WIDE {
                continue;
            }
            let span = t >> self.shift;
            let end = ((span + 1) << self.shift) - columns.t(0);
            let end = usize::try_from(end).map_or(rows.end, |end| end.min(rows.end));
            let known = highest.filter(|it| it.0 == end);
            let most = known.map_or_else(|| Bucket::of(&columns.loss[row..end]).max, |it| it.1);
            highest = Some((end, most));
            // None that is left of this span is kept where none is higher than the last that was.
            let is_dull = |last: &Stamp| last.t >> self.shift == span && most <= last.loss;
            if self.stamps.last().is_some_and(is_dull) {
                row = end;
            }
        }
    }

    /// Tells which of the points to come it will want to keep.
    pub(super) fn gauge(&self) -> Gauge {
        let last = self.stamps.last();
        Gauge::new(self.shift, last.map(|stamp| (stamp.t, stamp.loss)))
    }

    /// Puts a point behind those whose stamps are there.
    #[inline]
    fn put(&mut self, t: u64, w: &[f64], loss: f64) {
        self.w.truncate(self.stamps.len() * self.n);
        self.stamps.push(Stamp { t, loss });
        self.w.extend_from_slice(w);
    }

    /// What becomes of a point after those whose stamps are there.
    #[inline]
    fn verdict(&self, t: u64, loss: f64) -> Verdict {
        let span = t >> self.shift;
        let is_here = |stamp: &Stamp| stamp.t >> self.shift == span;
        match &*self.stamps {
            [.., last] if !is_here(last) => Verdict::Kept,
            [.., before, last] if loss > last.loss && is_here(before) => Verdict::Surpasses,
            [.., last] if loss > last.loss => Verdict::Kept,
            [] => Verdict::Kept,
            _ => Verdict::Dull,
        }
    }

    /// Takes the last point away for that at `t`.
    fn give_way(&mut self, t: u64, gone: &mut impl FnMut(Point<'_>, u64)) {
        if let Some(last) = self.points().next_back() {
            gone(last, t);
        }
        self.stamps.pop();
    }

    /// Leaves of the points those that are worth it with spans as they are now, in the room that they have.
    #[cold]
    fn thin(&mut self, gone: &mut impl FnMut(Point<'_>, u64)) {
        let stamps = std::mem::take(&mut self.stamps);
        for (at, stamp) in stamps.into_iter().enumerate() {
            match self.verdict(stamp.t, stamp.loss) {
                Verdict::Dull => continue,
                Verdict::Kept => {}
                Verdict::Surpasses => self.give_way(stamp.t, gone),
            }
            let to = self.stamps.len() * self.n;
            self.w.copy_within(at * self.n..(at + 1) * self.n, to);
            self.stamps.push(stamp);
        }
        self.w.truncate(self.stamps.len() * self.n);
    }

    /// Replaces the newest point, as an edit there does.
    pub fn amend(&mut self, t: u64, w: &[f64], loss: f64) {
        if self.stamps.last().is_some_and(|last| last.t == t) {
            self.stamps.pop();
        }
        self.put(t, w, loss);
    }

    /// The iterations that each span covers.
    #[must_use]
    pub fn width(&self) -> u64 {
        1 << self.shift
    }

    /// Forgets all points at `t` and later; `highest` is one that one of them has surpassed.
    pub(super) fn truncate(&mut self, t: u64, highest: Option<Point<'_>>) {
        let kept = self.stamps.partition_point(|stamp| stamp.t < t);
        self.stamps.truncate(kept);
        self.w.truncate(kept * self.n);
        if let Some(point) = highest {
            self.push(point.t, point.w, point.loss);
        }
    }

    /// The points, oldest first.
    pub fn points(&self) -> impl DoubleEndedIterator<Item = Point<'_>> + Clone {
        let places = self.w.chunks_exact(self.n.max(1));
        self.stamps.iter().zip(places).map(|(stamp, w)| Point {
            t: stamp.t,
            w,
            loss: stamp.loss,
        })
    }
}
