//! A scalar over a whole run, in bounded memory: buckets of equal width that keep every peak.

use std::array::from_fn;

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

impl Default for Bucket {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl Bucket {
    const EMPTY: Self = Self {
        min: f64::NAN,
        max: f64::NAN,
    };

    /// The extremes of some values.
    #[inline(always)]
    pub(super) fn of(values: &[f64]) -> Self {
        let (eights, rest) = values.as_chunks::<8>();
        // From beyond all values, so that each takes one comparison, which no NaN passes.
        let (mut least, mut most) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
        for eight in eights {
            for (k, value) in eight.iter().enumerate() {
                least[k] = if *value < least[k] { *value } else { least[k] };
                most[k] = if *value > most[k] { *value } else { most[k] };
            }
        }
        Self::gathered(&least, &most, rest)
    }

    /// The extremes of what eight places have come by, and of the rest. Apart from the loop before it, which would otherwise be
    /// compiled for pairs, as they are joined here, not for eights.
    #[inline(never)]
    fn gathered(least: &[f64; 8], most: &[f64; 8], rest: &[f64]) -> Self {
        let mut eight: [Self; 8] = from_fn(|k| Self {
            min: least[k],
            max: most[k],
        });
        // In pairs, which need not wait for each other.
        for half in [4, 2, 1] {
            for k in 0..half {
                let other = eight[k + half];
                eight[k].take(other.min, other.max);
            }
        }
        let [mut all, ..] = eight;
        for value in rest {
            all.take(*value, *value);
        }
        if all.min > all.max { Self::EMPTY } else { all }
    }

    #[inline(always)]
    fn take(&mut self, low: f64, high: f64) {
        self.min = if low < self.min { low } else { self.min };
        self.max = if high > self.max { high } else { self.max };
    }

    #[inline]
    fn add(&mut self, value: f64) {
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    #[inline]
    fn joined(self, other: Self) -> Self {
        Self {
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
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

    /// Adds the values at `t` and after it, which is one more than the last; none of them needs wider spans than there are.
    pub(super) fn push_all(&mut self, t: u64, values: &[f64]) {
        let Some((newest, mut before)) = values.split_last() else {
            return;
        };
        if let Some((t, value)) = self.last.replace((t + before.len() as u64, *newest)) {
            self.store(t, value);
        }
        let mut t = t;
        while let [first, ..] = before {
            self.store(t, *first);
            let at = self.place(t);
            let end = (at as u64 + 1) << self.shift;
            let count = usize::try_from(end - t).unwrap_or(usize::MAX);
            let (within, after) = before.split_at(count.min(before.len()));
            self.buckets[at] = self.buckets[at].joined(Bucket::of(within));
            (t, before) = (end, after);
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
        while self.place(t) >= CAPACITY {
            self.thin();
        }
        let at = self.place(t);
        if at >= self.buckets.len() {
            self.buckets.resize(at + 1, Bucket::EMPTY);
        }
        self.buckets[at].add(value);
    }

    /// The number of the span that `t` is in.
    #[inline]
    fn place(&self, t: u64) -> usize {
        usize::try_from(t >> self.shift).unwrap_or(usize::MAX)
    }

    /// True where the next value will need wider spans.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.last.is_some_and(|(t, _)| self.place(t) >= CAPACITY)
    }

    /// What the span of `t` holds of the values before `t`, which come next.
    pub(super) fn begun(&self, t: u64) -> Bucket {
        let stored = self.buckets.get(self.place(t));
        let mut begun = stored.copied().unwrap_or(Bucket::EMPTY);
        if let Some((last, value)) = self.last
            && self.place(last) == self.place(t)
        {
            begun.add(value);
        }
        begun
    }

    /// The same once spans are twice as wide, of what was [begun](Self::begun) with spans as they are.
    pub(super) fn widened(&self, t: u64, begun: Bucket) -> Bucket {
        let at = self.place(t);
        match at.checked_sub(1).filter(|_| at % 2 == 1) {
            Some(first) => {
                let first = self.buckets.get(first).copied();
                first.unwrap_or(Bucket::EMPTY).joined(begun)
            }
            None => begun,
        }
    }

    /// Joins neighbours, so that each bucket covers twice as many iterations.
    pub(super) fn thin(&mut self) {
        self.shift += 1;
        self.buckets = self
            .buckets
            .chunks(2)
            .map(|pair| pair.iter().copied().fold(Bucket::EMPTY, Bucket::joined))
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

    /// Forgets all values at `t` and later, where the span of `t` had [begun](Self::begun) with these.
    pub(super) fn truncate(&mut self, t: u64, begun: Bucket) {
        let at = self.place(t);
        self.buckets.truncate(at);
        if !t.is_multiple_of(self.width()) {
            self.buckets.resize(at, Bucket::EMPTY);
            self.buckets.push(begun);
        }
        self.last = None;
    }
}
