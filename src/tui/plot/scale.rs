//! From values to heights: buckets of iterations, linear and logarithmic scales.

/// Some iterations in a row: the first and last of them, the least and the greatest value between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The first iteration.
    pub first: f64,
    /// The last iteration.
    pub last: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl Bucket {
    /// One iteration.
    #[must_use]
    pub fn one(t: f64, value: f64) -> Self {
        Self {
            first: t,
            last: t,
            min: value,
            max: value,
        }
    }
}

/// How a value becomes a height.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// Decades of the absolute value: of a loss, or of a component that changes sign. Zero is below every decade.
    #[default]
    Log,
    /// The value itself.
    Linear,
}

/// The least and greatest height shown, in units of the scale.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heights {
    pub low: f64,
    pub high: f64,
}

impl Heights {
    /// How far down the diagram a height lies, 0 at the top and 1 at the bottom.
    pub fn depth(self, height: f64) -> f64 {
        (self.high - height) / (self.high - self.low)
    }
}

impl Scale {
    /// The height of a value; `None` where there is none.
    pub(super) fn height(self, value: f64) -> Option<f64> {
        let height = if self == Self::Log {
            libm::log10(value.abs())
        } else {
            value
        };
        height.is_finite().then_some(height)
    }

    /// The heights of the least and greatest value of a bucket. On a log scale a stretch that may hold a zero begins
    /// at its lesser end: what lies between is not known.
    pub(super) fn stretch(self, bucket: Bucket) -> Option<[f64; 2]> {
        let ends = [self.height(bucket.min), self.height(bucket.max)];
        let [a, b] = [ends[0].or(ends[1])?, ends[1].or(ends[0])?];
        Some([a.min(b), a.max(b)])
    }
}
