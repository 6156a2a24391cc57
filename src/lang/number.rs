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

/// Stands for a number that is not there, as one that was not recorded: a NaN with a mark of its own, as R has one.
pub const ABSENT: f64 = f64::from_bits(0x7ff8_0000_0000_07a2);

/// True if `value` stands for a number that is not there.
#[must_use]
pub fn is_absent(value: f64) -> bool {
    value.to_bits() == ABSENT.to_bits()
}

/// True if `value` is infinite or NaN, and not for want of a number.
#[must_use]
pub fn is_nonfinite(value: f64) -> bool {
    !value.is_finite() && !is_absent(value)
}

/// The size of a number; 0 of one that is not finite.
#[must_use]
pub fn finite_size(value: f64) -> f64 {
    if value.is_finite() { value.abs() } else { 0.0 }
}

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

    /// True where programs of few numbers run in their dense form on numbers of this type.
    const RUNS_DENSE: bool = false;

    /// True where a number is several ones side by side.
    const IS_WIDE: bool = false;

    /// The constant `value`.
    fn constant(value: f64) -> Self;
    /// The value without its derivatives; comparisons and branches look at this alone.
    fn real(self) -> f64;
    /// The number `value` with the derivatives that this one has.
    #[must_use]
    fn with_real(self, value: f64) -> Self;
    /// A function of the value, without derivatives.
    #[must_use]
    #[inline(always)]
    fn map_real(self, f: impl Fn(f64) -> f64) -> Self {
        Self::constant(f(self.real()))
    }
    /// A function of two values, without derivatives.
    #[must_use]
    #[inline(always)]
    fn zip_real(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        Self::constant(f(self.real(), other.real()))
    }
    /// A function of the value, with the derivatives that this one has.
    #[must_use]
    #[inline(always)]
    fn change_real(self, f: impl Fn(f64) -> f64) -> Self {
        self.with_real(f(self.real()))
    }
    /// `a` where this is not 0, else `b`.
    #[must_use]
    #[inline(always)]
    fn choose(self, a: Self, b: Self) -> Self {
        if self.real() == 0.0 { b } else { a }
    }
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

    /// self times `slope`, by the chain rule: an adjoint of 0 asks nothing of the slope.
    #[must_use]
    fn chain(self, slope: Self) -> Self;

    /// self divided by `other`, likewise.
    #[must_use]
    fn chain_divide(self, other: Self) -> Self {
        let quotient = self / other;
        if quotient.has_nan() {
            self.chain(Self::constant(1.0) / other)
        } else {
            quotient
        }
    }

    /// True if the value or one of its derivatives is NaN.
    #[must_use]
    fn has_nan(self) -> bool;

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

    /// The same as [`Number::raise`]; `memo` may hold the power of an element before this one, and takes this one.
    #[must_use]
    fn raise_beside(self, exponent: Self, _memo: &[Cell<Self>]) -> Self {
        self.raise(exponent)
    }
}

/// An array of what `f` makes of each place. A loop is compiled within its caller, whatever that is compiled for, which is
/// not certain of `array::from_fn`.
#[inline(always)]
#[must_use]
pub fn each<T: Number, const N: usize>(f: impl Fn(usize) -> T) -> [T; N] {
    let mut values = [T::constant(0.0); N];
    for (k, value) in values.iter_mut().enumerate() {
        *value = f(k);
    }
    values
}

/// `value` as an `i32` when it is one exactly.
#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the cast saturates and the comparison finds out whether it was exact"
)]
#[must_use]
#[inline]
pub fn whole(value: f64) -> Option<i32> {
    let cast = value as i32;
    (f64::from(cast) == value).then_some(cast)
}

impl Number for f64 {
    const IS_PLAIN: bool = true;
    const RUNS_DENSE: bool = true;

    #[inline]
    fn constant(value: f64) -> Self {
        value
    }
    #[inline]
    fn real(self) -> f64 {
        self
    }
    #[inline]
    fn with_real(self, value: f64) -> Self {
        value
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
    fn has_nan(self) -> bool {
        self.is_nan()
    }
    fn chain(self, slope: Self) -> Self {
        times(self, slope)
    }
    fn raise(self, exponent: Self) -> Self {
        match whole(exponent) {
            Some(exponent) => power::whole(self, exponent),
            None => self.power(exponent),
        }
    }
    #[inline(always)]
    fn raise_with(self, exponent: Self, memo: &[Cell<Self>]) -> Self {
        match whole(exponent) {
            Some(exponent) => power::whole_with(memo, self, exponent),
            None => self.power(exponent),
        }
    }
    #[inline(always)]
    fn raise_beside(self, exponent: Self, memo: &[Cell<Self>]) -> Self {
        // A memo takes -0 for 0.
        if self.to_bits() == (-0.0_f64).to_bits() {
            self.raise(exponent)
        } else {
            self.raise_with(exponent, memo)
        }
    }
}

macro_rules! dual_numbers {
    ($($dual:ty, $chain:expr, $parts:expr, $times:expr, $power:expr);*) => {$(
        impl Number for $dual {
            fn constant(value: f64) -> Self {
                Self::from(value)
            }
            fn real(self) -> f64 {
                self.re
            }
            fn with_real(self, value: f64) -> Self {
                Self { re: value, ..self }
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
                let power = DualNum::powd(&self, exponent);
                if power.has_nan() {
                    $power(self, exponent)
                } else {
                    power
                }
            }
            /// An exponent that is whole where it is, and changes, is no whole power.
            fn raise(self, exponent: Self) -> Self {
                match whole(exponent.re) {
                    Some(whole) if $parts(exponent)[1..].iter().all(|it| *it == 0.0) => {
                        self.whole_power(whole)
                    }
                    _ => self.power(exponent),
                }
            }
            fn has_nan(self) -> bool {
                $parts(self).into_iter().any(f64::is_nan)
            }
            fn chain(self, slope: Self) -> Self {
                let product = self * slope;
                if product.has_nan() {
                    $times(self, slope)
                } else {
                    product
                }
            }
        }
    )*};
}

/// f(x), from f and its first derivative at the real part.
fn first_order(x: Dual64, [f, slope, _]: [f64; 3]) -> Dual64 {
    Dual64::new(f, times(x.eps, slope))
}

/// f(x), from f and its first two derivatives at the real part.
fn second_order(x: HyperDual64, [f, slope, bend]: [f64; 3]) -> HyperDual64 {
    let mixed = times(x.eps1eps2, slope) + times(x.eps1 * x.eps2, bend);
    HyperDual64::new(f, times(x.eps1, slope), times(x.eps2, slope), mixed)
}

/// x y, and 0 where x is 0 and y has no number.
pub fn times(x: f64, y: f64) -> f64 {
    let product = x * y;
    if product.is_nan() && x == 0.0 {
        0.0
    } else {
        product
    }
}

fn first_order_parts(x: Dual64) -> [f64; 2] {
    [x.re, x.eps]
}

fn second_order_parts(x: HyperDual64) -> [f64; 4] {
    [x.re, x.eps1, x.eps2, x.eps1eps2]
}

/// The product of an adjoint and a slope, term by term.
fn first_order_times(x: Dual64, y: Dual64) -> Dual64 {
    Dual64::new(times(x.re, y.re), times(x.eps, y.re) + times(x.re, y.eps))
}

/// The product of an adjoint and a slope, term by term.
fn second_order_times(x: HyperDual64, y: HyperDual64) -> HyperDual64 {
    HyperDual64::new(
        times(x.re, y.re),
        times(x.eps1, y.re) + times(x.re, y.eps1),
        times(x.eps2, y.re) + times(x.re, y.eps2),
        times(x.eps1eps2, y.re)
            + times(x.eps1, y.eps2)
            + times(x.eps2, y.eps1)
            + times(x.re, y.eps1eps2),
    )
}

/// The value and the derivatives of a^b: f, f_a, f_b, f_aa, f_ab, f_bb, each 0 where a^b vanishes faster
/// than its logarithm grows.
fn power_derivatives(a: f64, b: f64) -> [f64; 6] {
    let power = libm::pow;
    let (f, log) = (power(a, b), libm::log(a));
    let f_b = times(f, log);
    let f_ab = power(a, b - 1.0) + times(times(b, power(a, b - 1.0)), log);
    [
        f,
        times(b, power(a, b - 1.0)),
        f_b,
        times(b * (b - 1.0), power(a, b - 2.0)),
        f_ab,
        times(f_b, log),
    ]
}

fn first_order_power(a: Dual64, b: Dual64) -> Dual64 {
    let [f, f_a, f_b, ..] = power_derivatives(a.re, b.re);
    Dual64::new(f, times(a.eps, f_a) + times(b.eps, f_b))
}

fn second_order_power(a: HyperDual64, b: HyperDual64) -> HyperDual64 {
    let [f, f_a, f_b, f_aa, f_ab, f_bb] = power_derivatives(a.re, b.re);
    HyperDual64::new(
        f,
        times(a.eps1, f_a) + times(b.eps1, f_b),
        times(a.eps2, f_a) + times(b.eps2, f_b),
        times(a.eps1eps2, f_a)
            + times(b.eps1eps2, f_b)
            + times(a.eps1 * a.eps2, f_aa)
            + times(a.eps1 * b.eps2 + b.eps1 * a.eps2, f_ab)
            + times(b.eps1 * b.eps2, f_bb),
    )
}

dual_numbers!(
    Dual64, first_order, first_order_parts, first_order_times, first_order_power;
    HyperDual64, second_order, second_order_parts, second_order_times, second_order_power
);
