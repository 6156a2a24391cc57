//! The number types of the language: `f64`, or dual numbers over it.
//!
//! Every function on `f64` is the portable one of `libm`, so that results have the same bits on every
//! machine; `+ - * /` and `sqrt` are exact to the last bit by IEEE 754 anyway.

use super::{
    power,
    smooth::{self, Smooth},
};
use num_dual::{Dual64, DualNum, HyperDual64};
use std::{
    cell::Cell,
    ops::{Add, Div, Mul, Neg, Sub},
};

/// A number that programs run on.
pub trait Number:
    Copy
    + Send
    + std::fmt::Debug
    + 'static
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// True if all its derivatives are 0.
    const IS_PLAIN: bool = false;

    /// The constant `value`.
    fn constant(value: f64) -> Self;
    /// The value without its derivatives; comparisons and branches look at this alone.
    fn real(self) -> f64;
    /// Square root.
    fn sqrt(self) -> Self;
    /// A smooth function of it.
    fn smooth(self, f: &'static Smooth) -> Self;
    /// `self^exponent` for an exponent that is not a whole number.
    fn power(self, exponent: Self) -> Self;

    /// e^self
    #[must_use]
    fn exp(self) -> Self {
        self.smooth(&smooth::EXP)
    }

    /// Natural logarithm.
    #[must_use]
    fn ln(self) -> Self {
        self.smooth(&smooth::LN)
    }

    /// Sine.
    #[must_use]
    fn sin(self) -> Self {
        self.smooth(&smooth::SIN)
    }

    /// Cosine.
    #[must_use]
    fn cos(self) -> Self {
        self.smooth(&smooth::COS)
    }

    /// Hyperbolic tangent.
    #[must_use]
    fn tanh(self) -> Self {
        self.smooth(&smooth::TANH)
    }

    /// Absolute value.
    #[must_use]
    fn abs(self) -> Self {
        if self.real().is_sign_negative() {
            -self
        } else {
            self
        }
    }

    /// -1, 0 or 1; NaN stays NaN.
    #[must_use]
    fn sign(self) -> Self {
        let real = self.real();
        Self::constant(if real > 0.0 {
            1.0
        } else if real < 0.0 {
            -1.0
        } else if real == 0.0 {
            0.0
        } else {
            f64::NAN
        })
    }

    /// The smaller; NaN if either is NaN, so that a NaN never goes unseen.
    #[must_use]
    fn min(self, other: Self) -> Self {
        if self.real() <= other.real() || self.real().is_nan() {
            self
        } else {
            other
        }
    }

    /// The larger; NaN if either is NaN.
    #[must_use]
    fn max(self, other: Self) -> Self {
        if self.real() >= other.real() || self.real().is_nan() {
            self
        } else {
            other
        }
    }

    /// A whole power by repeated multiplication: square and multiply from the lowest bit.
    #[must_use]
    fn whole_power(self, exponent: i32) -> Self {
        let mut base = self;
        let mut left = exponent.unsigned_abs();
        let mut power = None;
        while left > 0 {
            if left & 1 == 1 {
                power = Some(power.map_or(base, |power: Self| power * base));
            }
            left >>= 1;
            if left > 0 {
                base = base * base;
            }
        }
        let power = power.unwrap_or(Self::constant(1.0));
        if exponent < 0 {
            Self::constant(1.0) / power
        } else {
            power
        }
    }

    /// `self^exponent`: repeated multiplication where the exponent is whole.
    #[must_use]
    fn raise(self, exponent: Self) -> Self {
        match whole(exponent.real()) {
            Some(whole) => self.whole_power(whole),
            None => self.power(exponent),
        }
    }

    /// The same as [`Number::raise`]; `memo` may hold a power that helps, and takes this one.
    #[must_use]
    fn raise_with(self, exponent: Self, _memo: &[Cell<Self>]) -> Self {
        self.raise(exponent)
    }
}

/// `value` as an `i32` when it is one exactly.
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the cast saturates and the comparison finds out whether it was exact"
)]
#[must_use]
pub fn whole(value: f64) -> Option<i32> {
    let cast = value as i32;
    (f64::from(cast) == value).then_some(cast)
}

impl Number for f64 {
    const IS_PLAIN: bool = true;

    #[inline]
    fn constant(value: f64) -> Self {
        value
    }
    #[inline]
    fn real(self) -> f64 {
        self
    }
    #[inline]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }
    #[inline]
    fn abs(self) -> Self {
        f64::abs(self)
    }
    #[inline]
    fn smooth(self, f: &'static Smooth) -> Self {
        (f.value)(self)
    }
    fn power(self, exponent: Self) -> Self {
        libm::pow(self, exponent)
    }
    fn raise(self, exponent: Self) -> Self {
        match whole(exponent) {
            Some(exponent) => power::whole(self, exponent),
            None => self.power(exponent),
        }
    }
    #[inline]
    fn raise_with(self, exponent: Self, memo: &[Cell<Self>]) -> Self {
        match whole(exponent) {
            Some(exponent) => power::whole_with(memo, self, exponent),
            None => self.power(exponent),
        }
    }
}

macro_rules! dual_numbers {
    ($($dual:ty, $chain:expr);*) => {$(
        impl Number for $dual {
            fn constant(value: f64) -> Self {
                Self::from(value)
            }
            fn real(self) -> f64 {
                self.re
            }
            fn sqrt(self) -> Self {
                DualNum::sqrt(&self)
            }
            fn smooth(self, f: &'static Smooth) -> Self {
                let y = (f.value)(self.re);
                let [slope, bend] = (f.slopes)(self.re, y);
                $chain(self, [y, slope, bend])
            }
            fn power(self, exponent: Self) -> Self {
                DualNum::powd(&self, exponent)
            }
        }
    )*};
}

/// f(x), from f and its first derivative at the real part.
fn first_order(x: Dual64, [f, slope, _]: [f64; 3]) -> Dual64 {
    Dual64::new(f, slope * x.eps)
}

/// f(x), from f and its first two derivatives at the real part.
fn second_order(x: HyperDual64, [f, slope, bend]: [f64; 3]) -> HyperDual64 {
    let mixed = slope * x.eps1eps2 + bend * x.eps1 * x.eps2;
    HyperDual64::new(f, slope * x.eps1, slope * x.eps2, mixed)
}

dual_numbers!(Dual64, first_order; HyperDual64, second_order);
