//! Numbers with derivatives along several directions: what a pass through a network computes with.

use crate::lang::{
    number::{Number, times},
    smooth::Smooth,
};
use std::ops::{Add, Div, Mul, Neg, Sub};

/// Directions of [`Tangents`].
pub const DIRECTIONS: usize = 8;

/// A number that passes through a network are computed with.
pub trait Unit:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    /// The constant `value`.
    fn constant(value: f64) -> Self;
    /// The value without its derivatives.
    fn real(self) -> f64;
    /// A smooth function of it.
    fn smooth(self, f: &'static Smooth) -> Self;
}

impl<T: Number> Unit for T {
    fn constant(value: f64) -> Self {
        Number::constant(value)
    }
    fn real(self) -> f64 {
        Number::real(self)
    }
    fn smooth(self, f: &'static Smooth) -> Self {
        Number::smooth(self, f)
    }
}

/// A number with its derivatives along some directions: each as that of a dual number, to the last bit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tangents {
    pub re: f64,
    pub eps: [f64; DIRECTIONS],
}

impl Tangents {
    /// `value`, which grows along this direction, if it is one of them.
    pub fn along(value: f64, direction: Option<usize>) -> Self {
        let mut number = Self::constant(value);
        if let Some(eps) = direction.and_then(|it| number.eps.get_mut(it)) {
            *eps = 1.0;
        }
        number
    }

    #[inline]
    fn with(self, re: f64, other: Self, eps: impl Fn(f64, f64) -> f64) -> Self {
        let mut result = Self { re, eps: self.eps };
        for (own, other) in result.eps.iter_mut().zip(other.eps) {
            *own = eps(*own, other);
        }
        result
    }
}

impl Unit for Tangents {
    fn constant(re: f64) -> Self {
        Self {
            re,
            eps: [0.0; DIRECTIONS],
        }
    }
    fn real(self) -> f64 {
        self.re
    }
    fn smooth(self, f: &'static Smooth) -> Self {
        let re = (f.value)(self.re);
        let [slope, _] = (f.slopes)(self.re, re);
        Self {
            re,
            eps: self.eps.map(|eps| times(eps, slope)),
        }
    }
}

impl Add for Tangents {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.with(self.re + other.re, other, |a, b| a + b)
    }
}

impl Sub for Tangents {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self.with(self.re - other.re, other, |a, b| a - b)
    }
}

#[expect(clippy::suspicious_arithmetic_impl, reason = "the product rule")]
impl Mul for Tangents {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let (x, y) = (self.re, other.re);
        self.with(x * y, other, |a, b| a * y + b * x)
    }
}

#[expect(clippy::suspicious_arithmetic_impl, reason = "the quotient rule")]
impl Div for Tangents {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let (x, y) = (self.re, other.re);
        let inverse = y.recip();
        self.with(x * inverse, other, |a, b| {
            (a * y - b * x) * inverse * inverse
        })
    }
}

impl Neg for Tangents {
    type Output = Self;
    fn neg(self) -> Self {
        Self {
            re: -self.re,
            eps: self.eps.map(|eps| -eps),
        }
    }
}
