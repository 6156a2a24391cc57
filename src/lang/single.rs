//! 32-bit numbers of the language, and what rounds to them or to fewer bits.

use super::{number::Number, smooth::Smooth};

/// The nearest 32-bit float.
#[expect(
    clippy::cast_possible_truncation,
    reason = "rounding is what is wanted"
)]
#[must_use]
pub fn single(value: f64) -> f32 {
    value as f32
}

/// The nearest number with the 8 bits of a bfloat16, ties to even.
#[must_use]
pub fn brain(value: f32) -> f32 {
    if !value.is_finite() {
        return value;
    }
    let bits = value.to_bits();
    let tie = (bits >> 16) & 1;
    f32::from_bits(bits.wrapping_add(0x7fff + tie) & 0xffff_0000)
}

/// The nearest number with the 11 bits of an IEEE half-precision float, ties to even; infinite from 65 520 on.
#[must_use]
pub fn half(value: f32) -> f32 {
    /// The distance of neighbouring numbers below 2^-14, the smallest that has all 11 bits.
    const STEP: f32 = 1.0 / 16_777_216.0;
    let size = value.abs();
    if size < 1024.0 * STEP {
        return libm::rintf(value / STEP) * STEP;
    }
    if !value.is_finite() {
        return value;
    }
    if size >= 65_520.0 {
        return f32::INFINITY.copysign(value);
    }
    let bits = value.to_bits();
    let tie = (bits >> 13) & 1;
    f32::from_bits(bits.wrapping_add(0xfff + tie) & 0xffff_e000)
}

/// A format with fewer bits than the 64 that the language computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShortFormat {
    /// 32 bits.
    Single,
    /// bfloat16.
    Brain,
    /// IEEE half precision.
    Half,
}

impl ShortFormat {
    /// The nearest number of this format; 16 bits by way of 32, as libraries convert.
    #[must_use]
    pub fn round(self, value: f64) -> f64 {
        let value = single(value);
        f64::from(match self {
            Self::Single => value,
            Self::Brain => brain(value),
            Self::Half => half(value),
        })
    }
}

impl Number for f32 {
    const IS_PLAIN: bool = true;

    fn constant(value: f64) -> Self {
        single(value)
    }

    fn real(self) -> f64 {
        f64::from(self)
    }

    fn with_real(self, value: f64) -> Self {
        single(value)
    }

    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }

    // Rounded twice, which is the same bit but for one in some hundred million.
    fn smooth(self, f: &'static Smooth) -> Self {
        single((f.value)(f64::from(self)))
    }

    fn power(self, exponent: Self) -> Self {
        single(libm::pow(f64::from(self), f64::from(exponent)))
    }

    fn chain(self, slope: Self) -> Self {
        let product = self * slope;
        if product.is_nan() && self == 0.0 {
            0.0
        } else {
            product
        }
    }

    fn has_nan(self) -> bool {
        self.is_nan()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_those_of_other_implementations() {
        // What numpy 2 and torch 2 make of the same numbers.
        let known: [(f64, f64, f64); 12] = [
            (0.1, 0.099_975_585_937_5, 0.100_097_656_25),
            (1.0 / 3.0, 0.333_251_953_125, 0.333_984_375),
            (2049.0, 2048.0, 2048.0),
            (2051.0, 2052.0, 2048.0),
            (65_519.0, 65_504.0, 65_536.0),
            (65_520.0, f64::INFINITY, 65_536.0),
            (-1e30, f64::NEG_INFINITY, -1.000_255_551_742_587_3e30),
            (3e-8, 5.960_464_477_539_063e-8, 3.003_515_303_134_918e-8),
            (2.980_232_238_769_531_2e-8, 0.0, 2.980_232_238_769_531_2e-8),
            (-1e-9, -0.0, -9.968_061_931_431_293e-10),
            (6.1e-5, 6.097_555_160_522_461e-5, 6.103_515_625e-5),
            (6.2e-5, 6.198_883_056_640_625e-5, 6.198_883_056_640_625e-5),
        ];
        for (value, half, brain) in known {
            let rounded = |format: ShortFormat| format.round(value).to_bits();
            assert_eq!(rounded(ShortFormat::Half), half.to_bits(), "{value}");
            assert_eq!(rounded(ShortFormat::Brain), brain.to_bits(), "{value}");
        }
        assert!(ShortFormat::Half.round(f64::NAN).is_nan());
    }
}
