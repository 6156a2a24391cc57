//! The path of the parameters, in bounded memory.

/// Numbers that a path may hold (1 MiB of them).
const BUDGET: usize = 1 << 17;
/// Fewest points that a path can do with, however long they are.
const FEWEST: usize = 4;
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
        if self.shift > 0 && !self.is_worth_keeping(t, loss) {
            return;
        }
        self.put(t, w, loss);
        while self.stamps.len() > self.capacity {
            self.shift += 1;
            self.thin();
        }
    }

    /// Puts a point behind those whose stamps are there.
    #[inline]
    fn put(&mut self, t: u64, w: &[f64], loss: f64) {
        self.w.truncate(self.stamps.len() * self.n);
        self.stamps.push(Stamp { t, loss });
        self.w.extend_from_slice(w);
    }

    /// True where a point opens a span or is the highest of its span so far; the stamp of the one that it surpasses is
    /// gone then.
    #[inline]
    fn is_worth_keeping(&mut self, t: u64, loss: f64) -> bool {
        let span = t >> self.shift;
        let Some(last) = self.stamps.last() else {
            return true;
        };
        if last.t >> self.shift != span {
            return true;
        }
        if loss > last.loss {
            let before = self.stamps.len().checked_sub(2);
            if before.is_some_and(|at| self.stamps[at].t >> self.shift == span) {
                self.stamps.pop();
            }
            return true;
        }
        false
    }

    /// Leaves of the points those that are worth it with spans as they are now, in the room that they have.
    #[cold]
    fn thin(&mut self) {
        let stamps = std::mem::take(&mut self.stamps);
        for (at, stamp) in stamps.into_iter().enumerate() {
            if self.is_worth_keeping(stamp.t, stamp.loss) {
                let to = self.stamps.len() * self.n;
                self.w.copy_within(at * self.n..(at + 1) * self.n, to);
                self.stamps.push(stamp);
            }
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

    /// Forgets all points at `t` and later.
    pub fn truncate(&mut self, t: u64) {
        let kept = self.stamps.partition_point(|stamp| stamp.t < t);
        self.stamps.truncate(kept);
        self.w.truncate(kept * self.n);
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
