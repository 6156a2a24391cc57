//! Octuple-precision numbers of the language: 237 bits, some 71 digits (IEEE 754 binary256).
//!
//! Their arithmetic is that of integers, so that results have the same bits on every machine.

use super::{number::Number, smooth::Smooth};
use f256::f256;
use std::{
    cmp::Ordering,
    ops::{Add, Div, Mul, Neg, Sub},
};

/// Bits of a significand, and decimal digits that they hold.
const BITS: u32 = 237;
/// Decimal digits that can be asked for.
pub const MOST_DIGITS: u32 = 71;
/// Numbers of 64 bits that one takes.
pub const LIMBS: usize = 4;

/// A number in octuple precision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Octuple(f256);

impl Octuple {
    /// The nearest number of so many decimal digits.
    #[must_use]
    pub fn rounded(self, digits: u32) -> Self {
        let bits = f64::from(digits) * std::f64::consts::LOG2_10;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a few hundred"
        )]
        let bits = bits.ceil() as u32 + 1;
        if bits >= BITS || !self.0.is_finite() {
            return self;
        }
        // Veltkamp's splitting (Dekker 1971).
        let shifted = self.0.mul_pow2(BITS - bits) + self.0;
        Self(shifted - (shifted - self.0))
    }

    /// Its bits as numbers that may have any bits.
    #[must_use]
    pub fn limbs(self) -> [f64; LIMBS] {
        let (high, low) = self.0.to_bits();
        #[expect(clippy::cast_possible_truncation, reason = "halves of the bits")]
        let halves = |it: u128| [f64::from_bits((it >> 64) as u64), f64::from_bits(it as u64)];
        let ([a, b], [c, d]) = (halves(high), halves(low));
        [a, b, c, d]
    }

    /// The number of these bits.
    #[must_use]
    pub fn from_limbs(limbs: [f64; LIMBS]) -> Self {
        let [a, b, c, d] = limbs.map(|it| u128::from(it.to_bits()));
        Self(f256::from_bits((a << 64 | b, c << 64 | d)))
    }

    fn of(value: f64) -> Self {
        Self(f256::from(value))
    }
}

macro_rules! arithmetic {
    ($($operation:ident $method:ident;)*) => {$(
        impl $operation for Octuple {
            type Output = Self;
            fn $method(self, other: Self) -> Self {
                Self(self.0.$method(other.0))
            }
        }
    )*};
}

arithmetic! {
    Add add;
    Sub sub;
    Mul mul;
    Div div;
}

impl Neg for Octuple {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Number for Octuple {
    const IS_PLAIN: bool = true;

    fn constant(value: f64) -> Self {
        Self::of(value)
    }

    /// The nearest 64-bit float.
    fn real(self) -> f64 {
        /// The exponent's bias, and the bits of the fraction in the upper half.
        const BIAS: i32 = 262_143;
        const FRACTION: u32 = 108;
        if !self.0.is_finite() || self.0.eq_zero() {
            return match (self.0.is_nan(), self.0.eq_zero(), self.0.is_sign_negative()) {
                (true, ..) => f64::NAN,
                (_, true, false) => 0.0,
                (_, true, true) => -0.0,
                (_, _, false) => f64::INFINITY,
                (_, _, true) => f64::NEG_INFINITY,
            };
        }
        let (high, low) = self.0.to_bits();
        let fraction = high & ((1 << FRACTION) - 1);
        let exponent = (high >> FRACTION) as i32 & 0x7_ffff;
        // What is beyond counts as a last bit that is not 0.
        let significand = ((1 << FRACTION | fraction) << 1) | u128::from(low != 0);
        #[expect(clippy::cast_precision_loss, reason = "this is the rounding")]
        let size = libm::ldexp(significand as f64, exponent - BIAS - 109);
        if self.0.is_sign_negative() {
            -size
        } else {
            size
        }
    }

    fn with_real(self, value: f64) -> Self {
        Self::of(value)
    }

    fn sqrt(self) -> Self {
        Self(self.0.sqrt())
    }

    fn smooth(self, f: &'static Smooth) -> Self {
        let one = Self::of(1.0);
        let two = Self::of(2.0);
        let half = |a: Self, b: Self| (a + b) / two;
        let exp = |it: Self| Self(it.0.exp());
        match f.name {
            "exp" => exp(self),
            "ln" => Self(self.0.ln()),
            "sin" => Self(self.0.sin()),
            "cos" => Self(self.0.cos()),
            "tan" => Self(self.0.tan()),
            "atan" => Self(self.0.atan()),
            "log1p" => ln_1p(self),
            // exp(x) - 1 keeps its digits where x is small.
            "sinh" => {
                let grown = Self(self.0.exp_m1());
                half(grown, grown / (grown + one))
            }
            "cosh" => half(exp(self), exp(-self)),
            "tanh" => {
                let grown = Self((self + self).0.exp_m1());
                if grown.0.is_infinite() {
                    one
                } else {
                    grown / (grown + two)
                }
            }
            "sigmoid" => one / (one + exp(-self)),
            "softplus" if self.real() > 0.0 => self + ln_1p(exp(-self)),
            "softplus" => ln_1p(exp(self)),
            _ => Self::of((f.value)(self.real())),
        }
    }

    fn power(self, exponent: Self) -> Self {
        Self(self.0.powf(&exponent.0))
    }

    fn chain(self, slope: Self) -> Self {
        let product = self * slope;
        if product.has_nan() && self.0.eq_zero() {
            Self::of(0.0)
        } else {
            product
        }
    }

    fn has_nan(self) -> bool {
        self.0.is_nan()
    }

    fn sign(self) -> Self {
        let zero = Self::of(0.0);
        Self::of(match self.0.partial_cmp(&zero.0) {
            Some(Ordering::Greater) => 1.0,
            Some(Ordering::Less) => -1.0,
            Some(Ordering::Equal) => 0.0,
            None => f64::NAN,
        })
    }

    fn min(self, other: Self) -> Self {
        if self.0 <= other.0 || self.has_nan() {
            self
        } else {
            other
        }
    }

    fn max(self, other: Self) -> Self {
        if self.0 >= other.0 || self.has_nan() {
            self
        } else {
            other
        }
    }
}

/// `ln(1 + x)` with all its digits: what rounding took from `1 + x` is given back.
fn ln_1p(x: Octuple) -> Octuple {
    let one = Octuple::of(1.0);
    let sum = one + x;
    let kept = sum - one;
    if kept.0.eq_zero() || !kept.0.is_finite() {
        return x;
    }
    Octuple(sum.0.ln()) * (x / kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::smooth::SMOOTH;

    #[test]
    fn every_smooth_function_has_its_digits() {
        for f in SMOOTH {
            for x in [-2.3, -0.4, -1e-9, 1e-9, 0.3, 0.77, 2.5] {
                let value = (f.value)(x);
                if value.is_nan() {
                    continue;
                }
                let wide = Octuple::of(x).smooth(f);
                let off = (wide.real() - value).abs();
                assert!(
                    off <= 4e-16 * value.abs().max(1e-300),
                    "{} at {x}: {off}",
                    f.name
                );
                // It is not the rounded one, as that of a function which is missing here.
                let is_exact = wide == Octuple::of(value);
                assert!(!is_exact || value == 1.0, "{} at {x} has 53 bits", f.name);
            }
        }
    }

    #[test]
    fn numbers_come_back_from_their_bits_and_round_as_floats() {
        let third = Octuple::of(1.0) / Octuple::of(3.0);
        assert_eq!(Octuple::from_limbs(third.limbs()), third);
        assert_eq!(third.real(), 1.0 / 3.0);
        assert_eq!((-third).real(), -1.0 / 3.0);
        for value in [
            0.0,
            -0.0,
            1.5,
            -1e300,
            1e-300,
            f64::INFINITY,
            f64::MIN_POSITIVE,
        ] {
            assert_eq!(Octuple::of(value).real().to_bits(), value.to_bits());
        }
        assert!(Octuple::of(f64::NAN).real().is_nan());
        let off = (third.rounded(20) - third).real().abs();
        assert!(off > 0.0 && off < 1e-20, "{off}");
    }
}
