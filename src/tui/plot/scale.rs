//! From values to heights: buckets of iterations; linear, logarithmic and signed logarithmic scales.

/// Some iterations in a row: the first and last of them, the least and the greatest value between.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PlotBucket {
    /// The first iteration.
    pub first: f64,
    /// The last iteration.
    pub last: f64,
    /// The least value.
    pub min: f64,
    /// The greatest value.
    pub max: f64,
}

impl PlotBucket {
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

/// The relation between a value and its height.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum ValueScale {
    /// Decades of the absolute value: of a loss, or of a component that changes sign. Zero is below every decade.
    #[default]
    Log,
    /// The value itself.
    Linear,
    /// Decades on both sides of zero; between them and zero, up to `threshold`, linear in the height of one decade.
    SignedLog {
        /// The place where the first decade begins, above 0.
        threshold: f64,
    },
}

/// Decades beside the linear part of a signed logarithm, where a column holds one iteration: within the first
/// swing a wave is a wave. Coarser columns show envelopes, and those need decades.
const DECADES: f64 = 0.5;

impl ValueScale {
    /// The signed logarithm for values up to `most` in magnitude, at so many iterations a column.
    #[must_use]
    pub fn signed(most: f64, iterations: f64) -> Self {
        let decades = (DECADES * (1.0 + libm::log2(iterations.max(1.0)))).clamp(DECADES, 8.0);
        let most = if most > 0.0 && most.is_finite() {
            most
        } else {
            1.0
        };
        Self::signed_from(libm::log10(most) - decades)
    }

    /// The signed logarithm whose linear part holds a quarter of the values, given their magnitudes.
    #[must_use]
    pub fn signed_within(mut sizes: Vec<f64>) -> Self {
        sizes.retain(|size| *size > 0.0 && size.is_finite());
        sizes.sort_unstable_by(f64::total_cmp);
        let (Some(quarter), Some(most)) = (sizes.get(sizes.len() / 4), sizes.last()) else {
            return Self::signed(1.0, 1.0);
        };
        let decades = (libm::log10(*most) - libm::log10(*quarter)).clamp(DECADES, 8.0);
        Self::signed_from(libm::log10(*most) - decades)
    }

    /// The signed logarithm that begins at a round value near 10 to the power `rough`, at most that.
    fn signed_from(rough: f64) -> Self {
        let whole = rough.floor();
        // 1 or 3 of a decade.
        let threshold = if rough - whole < 0.477 {
            whole
        } else {
            whole + 0.477_121_254_719_662_4
        };
        Self::SignedLog {
            threshold: libm::exp10(threshold).max(1e-300),
        }
    }

    /// The height of a value; `None` where there is none.
    pub(in crate::tui) fn height(self, value: f64) -> Option<f64> {
        let height = match self {
            Self::Log => libm::log10(value.abs()),
            Self::Linear => value,
            Self::SignedLog { threshold } if value.abs() <= threshold => value / threshold,
            Self::SignedLog { threshold } => {
                (1.0 + libm::log10(value.abs()) - libm::log10(threshold)).copysign(value)
            }
        };
        height.is_finite().then_some(height)
    }

    /// The value at a height.
    pub(in crate::tui) fn value(self, height: f64) -> f64 {
        match self {
            Self::Log => libm::exp10(height),
            Self::Linear => height,
            Self::SignedLog { threshold } if height.abs() <= 1.0 => height * threshold,
            Self::SignedLog { threshold } => {
                libm::exp10(height.abs() - 1.0 + libm::log10(threshold)).copysign(height)
            }
        }
    }

    /// True if heights are counted in decades.
    pub(in crate::tui) fn has_decades(self) -> bool {
        self != Self::Linear
    }

    /// The heights of the least and greatest value of a bucket. On a log scale a stretch that may hold a zero begins
    /// at its lesser end: what lies between is not known.
    pub(super) fn stretch(self, bucket: PlotBucket) -> Option<[f64; 2]> {
        let ends = [self.height(bucket.min), self.height(bucket.max)];
        let [a, b] = [ends[0].or(ends[1])?, ends[1].or(ends[0])?];
        Some([a.min(b), a.max(b)])
    }
}
