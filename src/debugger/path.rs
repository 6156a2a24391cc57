//! Where the parameters have been, in bounded memory.

/// Numbers that a path may hold (1 MiB of them).
const BUDGET: usize = 1 << 17;
/// Most points of a path.
const MOST: usize = 4096;

/// Points of a trajectory: of each span of iterations its first point, and that of the highest loss.
#[derive(Debug, Clone)]
pub struct Path {
    points: Vec<Point>,
    /// Each span covers 2^shift iterations.
    shift: u32,
    capacity: usize,
}

/// A point of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// When.
    pub t: u64,
    /// Where, `[n]`.
    pub w: Box<[f64]>,
    /// The loss there.
    pub loss: f64,
}

impl Path {
    /// An empty path in `n` dimensions.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self {
            points: Vec::new(),
            shift: 0,
            capacity: (BUDGET / n.max(1)).clamp(16, MOST),
        }
    }

    /// Adds the point at `t`, which is later than all before.
    pub fn push(&mut self, t: u64, w: &[f64], loss: f64) {
        if self.shift > 0 && !self.is_worth_keeping(t, loss) {
            return;
        }
        self.points.push(Point {
            t,
            w: w.into(),
            loss,
        });
        while self.points.len() > self.capacity {
            self.shift += 1;
            self.thin();
        }
    }

    /// Whether a point opens a span or is the highest of its span so far.
    fn is_worth_keeping(&mut self, t: u64, loss: f64) -> bool {
        let span = t >> self.shift;
        let Some(last) = self.points.last() else {
            return true;
        };
        if last.t >> self.shift != span {
            return true;
        }
        let has_peak = self
            .points
            .len()
            .checked_sub(2)
            .is_some_and(|at| self.points[at].t >> self.shift == span);
        if loss > last.loss {
            if has_peak {
                self.points.pop();
            }
            return true;
        }
        false
    }

    fn thin(&mut self) {
        let points = std::mem::take(&mut self.points);
        for point in points {
            if self.is_worth_keeping(point.t, point.loss) {
                self.points.push(point);
            }
        }
    }

    /// Replaces the newest point, as an edit there does.
    pub fn amend(&mut self, t: u64, w: &[f64], loss: f64) {
        if self.points.last().is_some_and(|last| last.t == t) {
            self.points.pop();
        }
        self.points.push(Point {
            t,
            w: w.into(),
            loss,
        });
    }

    /// How many iterations each span covers.
    #[must_use]
    pub fn width(&self) -> u64 {
        1 << self.shift
    }

    /// Forgets all points at `t` and later.
    pub fn truncate(&mut self, t: u64) {
        self.points.retain(|point| point.t < t);
    }

    /// The points, oldest first.
    #[must_use]
    pub fn points(&self) -> &[Point] {
        &self.points
    }
}
