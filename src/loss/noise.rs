//! Gaussian gradient noise that is a function of (seed, iteration, call), so that every walk through
//! time meets the same gradients.

use crate::lang::number::Number;

/// Additive noise of standard deviation `sigma` on each element of each gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise {
    /// Standard deviation.
    pub sigma: f64,
    /// Which of the noises.
    pub seed: u64,
}

impl Noise {
    /// Adds the noise of call `call` (from 0) in iteration `t` to `gradient`.
    pub fn add(self, t: u64, call: u64, gradient: &mut [f64]) {
        let mut state = mix(mix(mix(self.seed) ^ t) ^ call);
        let mut draw = || {
            state = state.wrapping_add(GOLDEN);
            mix(state)
        };
        for pair in gradient.chunks_mut(2) {
            let (first, second) = gaussians(draw(), draw());
            pair[0] += self.sigma * first;
            if let Some(place) = pair.get_mut(1) {
                *place += self.sigma * second;
            }
        }
    }
}

/// 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64 (Steele, Lea & Flood 2014).
fn mix(state: u64) -> u64 {
    let z = state.wrapping_add(GOLDEN);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Two independent standard normal numbers (Box & Muller 1958).
fn gaussians(a: u64, b: u64) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    let uniform = |bits: u64| ((bits >> 11) as f64 + 0.5) * 2.0_f64.powi(-53);
    let radius = (-2.0 * Number::ln(uniform(a))).sqrt();
    let angle = 2.0 * std::f64::consts::PI * uniform(b);
    (radius * Number::cos(angle), radius * Number::sin(angle))
}
