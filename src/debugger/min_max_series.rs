//! A scalar over a whole run, in bounded memory: buckets of equal width that keep every peak.

/// Most buckets that a track holds; half as many after it has been thinned.
const CAPACITY: usize = 4096;

/// The extremes of a scalar over each of up to 4096 equal spans of iterations.
#[derive(Debug, Clone, Default)]
pub struct MinMaxSeries {
    buckets: Vec<Bucket>,
    /// Each bucket covers 2^shift iterations.
    shift: u32,
    last: Option<(u64, f64)>,
}

/// The extremes over a span of iterations; NaN where no finite value was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// Smallest value.
    pub min: f64,
    /// Largest value.
    pub max: f64,
}

impl Bucket {
    const EMPTY: Self = Self {
        min: f64::NAN,
        max: f64::NAN,
    };

    #[inline]
    fn add(&mut self, value: f64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }
}

impl MinMaxSeries {
    /// Adds the value at `t`, which is one more than the last.
    #[inline]
    pub fn push(&mut self, t: u64, value: f64) {
        if let Some((t, value)) = self.last.replace((t, value)) {
            self.store(t, value);
        }
    }

    /// Replaces the value at the newest `t`, as an edit there does.
    pub fn amend(&mut self, value: f64) {
        if let Some(last) = &mut self.last {
            last.1 = value;
        }
    }

    #[inline]
    fn store(&mut self, t: u64, value: f64) {
        let mut at = usize::try_from(t >> self.shift).unwrap_or(usize::MAX);
        while at >= CAPACITY {
            self.thin();
            at = usize::try_from(t >> self.shift).unwrap_or(usize::MAX);
        }
        if at >= self.buckets.len() {
            self.buckets.resize(at + 1, Bucket::EMPTY);
        }
        self.buckets[at].add(value);
    }

    /// Joins neighbours, so that each bucket covers twice as many iterations.
    fn thin(&mut self) {
        self.shift += 1;
        self.buckets = self
            .buckets
            .chunks(2)
            .map(|pair| {
                let mut joined = pair[0];
                if let Some(second) = pair.get(1) {
                    joined.min = joined.min.min(second.min);
                    joined.max = joined.max.max(second.max);
                }
                joined
            })
            .collect();
    }

    /// Each span of iterations (first `t`, one past the last) with its extremes, oldest first.
    pub fn spans(&self) -> impl Iterator<Item = (u64, u64, Bucket)> + '_ {
        let width = self.width();
        let stored = (0u64..)
            .zip(&self.buckets)
            .map(move |(at, bucket)| (at * width, (at + 1) * width, *bucket));
        let newest = self.last.map(|(t, value)| {
            let bucket = Bucket {
                min: value,
                max: value,
            };
            (t, t + 1, bucket)
        });
        stored.chain(newest)
    }

    /// The iterations that each span covers.
    #[must_use]
    pub fn width(&self) -> u64 {
        1 << self.shift
    }

    /// Forgets all values at `t` and later; `t` begins a span.
    pub fn truncate(&mut self, t: u64) {
        self.buckets
            .truncate(usize::try_from(t >> self.shift).unwrap_or(usize::MAX));
        self.last = None;
    }
}
