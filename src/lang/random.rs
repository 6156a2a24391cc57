//! Random numbers that are functions of a seed and counters: the same ones whenever and wherever they are asked for.

use super::number::Number;

/// 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Random bits for a call of an iteration (SplitMix64).
pub(crate) fn stream(seed: u64, t: u64, call: u64) -> impl FnMut() -> u64 {
    let mut state = mix(mix(mix(seed) ^ t) ^ call);
    move || {
        state = state.wrapping_add(GOLDEN);
        mix(state)
    }
}

/// The output function of SplitMix64 (Steele, Lea & Flood 2014).
pub(crate) fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(GOLDEN);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number in (0, 1).
#[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
pub(crate) fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) * 2.0_f64.powi(-53)
}

/// Two independent standard normal numbers (Box & Muller 1958).
pub(crate) fn gaussians(a: u64, b: u64) -> (f64, f64) {
    let radius = (-2.0 * Number::ln(unit(a))).sqrt();
    let angle = 2.0 * std::f64::consts::PI * unit(b);
    (radius * Number::cos(angle), radius * Number::sin(angle))
}

/// True for what random numbers may be drawn by: a whole number of at most 53 bits.
pub(crate) fn is_seed(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0
}

/// A distribution of random numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Distribution {
    /// From 0 to 1, neither of them.
    Uniform,
    /// Of mean 0 and variance 1.
    Normal,
}

impl Distribution {
    /// The number of coordinate `at` (from 0) in the draw `draw` of iteration `t`: `seed` and `t` count by their bits.
    /// NaN where the seed is none.
    pub(super) fn number(self, (seed, t): (f64, f64), draw: u64, at: u64) -> f64 {
        if !is_seed(seed) {
            return f64::NAN;
        }
        let mut bits = stream(mix(seed.to_bits()) ^ t.to_bits(), draw, at);
        match self {
            Self::Uniform => unit(bits()),
            Self::Normal => gaussians(bits(), bits()).0,
        }
    }
}
