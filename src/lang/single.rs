//! 32-bit numbers of the language.

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

impl Number for f32 {
    const IS_PLAIN: bool = true;

    fn constant(value: f64) -> Self {
        single(value)
    }

    fn real(self) -> f64 {
        f64::from(self)
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
