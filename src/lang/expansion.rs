//! How a value goes on near a place: numbers that tell derivatives where rules for them give `0 * inf`.
//!
//! At h > 0 from the place, along a direction, a value is `c_1 h^p_1 l^q_1 + c_2 h^p_2 l^q_2 + ...` and a rest that is
//! known to be no larger than some `h^p l^q`; `l = ln(1/h)`. The powers are any real numbers (a Puiseux series, with
//! logarithms), so that `x^-0.5 * x^2` is `h^1.5` although at 0 it is `inf * 0`.

use super::{
    number::{Number, whole},
    smooth::{self, Smooth},
};
use std::{
    cmp::Ordering,
    ops::{Add, Div, Mul, Neg, Sub},
};

/// Terms that are kept; what is smaller joins the rest.
const TERMS: usize = 8;
/// Terms of a series that are computed.
const ORDER: u8 = 8;
/// The h at which branches look.
const NEAR: f64 = 1e-30;
/// Powers less apart than this are one.
const SAME: f64 = 1e-9;

/// `h^power l^log`, as h falls to 0.
#[derive(Debug, Clone, Copy)]
struct Size {
    power: f64,
    log: f64,
}

impl Size {
    const ONE: Self = Self {
        power: 0.0,
        log: 0.0,
    };
    /// Smaller than any.
    const NOTHING: Self = Self {
        power: f64::INFINITY,
        log: 0.0,
    };
    /// Larger than any.
    const ANYTHING: Self = Self {
        power: f64::NEG_INFINITY,
        log: 0.0,
    };

    /// `Less` for the one that is smaller in the end.
    fn against(self, other: Self) -> Ordering {
        let apart = |a: f64, b: f64| {
            if a == b || (a - b).abs() < SAME {
                Ordering::Equal
            } else {
                a.total_cmp(&b)
            }
        };
        let by_power = apart(other.power, self.power);
        by_power.then(apart(self.log, other.log))
    }

    fn is_below(self, other: Self) -> bool {
        self.against(other) == Ordering::Less
    }

    fn times(self, other: Self) -> Self {
        // What is nothing stays so, whatever it is multiplied by.
        if self.power == f64::INFINITY || other.power == f64::INFINITY {
            return Self::NOTHING;
        }
        Self {
            power: self.power + other.power,
            log: self.log + other.log,
        }
    }

    fn raised(self, exponent: f64) -> Self {
        Self {
            power: self.power * exponent,
            log: self.log * exponent,
        }
    }

    fn larger(self, other: Self) -> Self {
        if self.is_below(other) { other } else { self }
    }
}

/// A value along a direction, from a place on.
#[derive(Debug, Clone, Copy)]
pub struct Expansion {
    /// The terms with their factors, the largest first.
    terms: [(Size, f64); TERMS],
    count: usize,
    /// The rest is no larger than this.
    rest: Size,
}

impl Expansion {
    const UNKNOWN: Self = Self::within(Size::ANYTHING);

    const fn within(rest: Size) -> Self {
        Self {
            terms: [(Size::ONE, 0.0); TERMS],
            count: 0,
            rest,
        }
    }

    fn term(size: Size, factor: f64) -> Self {
        let mut one = Self::within(Size::NOTHING);
        one.put(size, factor);
        one
    }

    /// The number `value` at the place, and so much more of it at each h.
    #[must_use]
    pub fn at(value: f64, slope: f64) -> Self {
        let step = Size {
            power: 1.0,
            log: 0.0,
        };
        Self::constant(value) + Self::term(step, slope)
    }

    /// The derivative of this order (0, 1 or 2) at the place, as a limit from here: infinite where it grows without
    /// end, NaN where it is not known or there is none.
    #[must_use]
    pub fn derivative(&self, order: u8) -> f64 {
        let wanted = Size {
            power: f64::from(order),
            log: 0.0,
        };
        for &(size, factor) in self.known() {
            match size.against(wanted) {
                Ordering::Less => break,
                Ordering::Equal if self.rest.is_below(wanted) => {
                    return if order == 2 { 2.0 * factor } else { factor };
                }
                Ordering::Equal => return f64::NAN,
                // A polynomial up to there has derivatives; the power just before is what makes one infinite.
                Ordering::Greater => {
                    let is_smooth =
                        size.log == 0.0 && size.power >= 0.0 && size.power.fract() == 0.0;
                    if is_smooth {
                        continue;
                    }
                    let is_next = size.power > wanted.power - 1.0;
                    let grows = order == 0 || is_next && size.power > 0.0;
                    return if grows {
                        factor * f64::INFINITY
                    } else {
                        f64::NAN
                    };
                }
            }
        }
        if self.rest.is_below(wanted) {
            0.0
        } else {
            f64::NAN
        }
    }

    fn known(&self) -> &[(Size, f64)] {
        &self.terms[..self.count]
    }

    fn lead(&self) -> Option<(Size, f64)> {
        self.known().first().copied()
    }

    /// No larger than this, the terms included.
    fn size(&self) -> Size {
        self.lead().map_or(self.rest, |lead| lead.0)
    }

    fn is_zero(&self) -> bool {
        self.count == 0 && self.rest.power == f64::INFINITY
    }

    fn is_unknown(&self) -> bool {
        self.rest.power == f64::NEG_INFINITY
    }

    /// Adds a term in its order; the smallest makes room for it.
    fn put(&mut self, size: Size, factor: f64) {
        if factor.is_nan() || factor.is_infinite() {
            *self = Self::UNKNOWN;
            return;
        }
        if factor == 0.0 || !self.rest.is_below(size) {
            return;
        }
        let place = self.known().iter().position(|it| !size.is_below(it.0));
        let place = place.unwrap_or(self.count);
        if place < self.count && self.terms[place].0.against(size) == Ordering::Equal {
            let before = self.terms[place].1;
            let sum = before + factor;
            // What rounding leaves of a difference is no term.
            if sum.abs() <= 4.0 * f64::EPSILON * before.abs().max(factor.abs()) {
                self.terms.copy_within(place + 1..self.count, place);
                self.count -= 1;
            } else {
                self.terms[place].1 = sum;
            }
            return;
        }
        if self.count == TERMS {
            let is_smallest = place == TERMS;
            let smallest = if is_smallest {
                size
            } else {
                self.terms[TERMS - 1].0
            };
            self.rest = self.rest.larger(smallest);
            if is_smallest {
                self.cut();
                return;
            }
            self.count -= 1;
        }
        self.terms.copy_within(place..self.count, place + 1);
        self.terms[place] = (size, factor);
        self.count += 1;
        self.cut();
    }

    /// Leaves out what the rest may hide.
    fn cut(&mut self) {
        let rest = self.rest;
        let kept = self.known().iter().take_while(|it| rest.is_below(it.0));
        self.count = kept.count();
    }

    fn scaled(mut self, by: Size, factor: f64) -> Self {
        if factor == 0.0 {
            return Self::within(Size::NOTHING);
        }
        for term in &mut self.terms[..self.count] {
            *term = (term.0.times(by), term.1 * factor);
        }
        self.rest = self.rest.times(by);
        self
    }

    /// The largest term, and what the whole is of it, less 1.
    fn split(self) -> Option<(Size, f64, Self)> {
        let (size, factor) = self.lead()?;
        let mut ratio = self.scaled(size.raised(-1.0), 1.0 / factor);
        ratio.terms.copy_within(1..ratio.count, 0);
        ratio.count -= 1;
        Some((size, factor, ratio))
    }

    /// `sum of coefficient(k) self^k` of something that falls to 0, for k = 0, 1, ...
    fn series(self, coefficients: impl Iterator<Item = f64>) -> Self {
        let mut sum = Self::within(Size::NOTHING);
        let mut power = Self::constant(1.0);
        for coefficient in coefficients {
            sum = sum + power.scaled(Size::ONE, coefficient);
            power = power * self;
        }
        sum + Self::within(power.size())
    }

    fn raised_to(self, exponent: f64) -> Self {
        let Some((size, factor, ratio)) = self.split() else {
            return if exponent > 0.0 && !self.is_unknown() {
                Self::within(self.rest.raised(exponent))
            } else {
                Self::UNKNOWN
            };
        };
        let lead = match whole(exponent) {
            Some(exponent) => factor.whole_power(exponent),
            None => libm::pow(factor, exponent),
        };
        let mut coefficient = 1.0;
        let whole = ratio.series((0..ORDER).map(|k| {
            let this = coefficient;
            coefficient *= (exponent - f64::from(k)) / f64::from(k + 1);
            this
        }));
        whole.scaled(size.raised(exponent), lead)
    }

    fn logarithm(self) -> Self {
        let Some((size, factor, ratio)) = self.split() else {
            return Self::UNKNOWN;
        };
        if factor < 0.0 || size.log != 0.0 {
            return Self::UNKNOWN;
        }
        let log = Size {
            power: 0.0,
            log: 1.0,
        };
        let lead = Self::constant(libm::log(factor)) + Self::term(log, -size.power);
        // u - u^2/2 + u^3/3 - ...
        lead + ratio.series((0..ORDER).map(|k| match k {
            0 => 0.0,
            _ if k % 2 == 1 => 1.0 / f64::from(k),
            _ => -1.0 / f64::from(k),
        }))
    }

    fn exponential(self) -> Self {
        let (mut size, mut constant) = (Size::ONE, 0.0);
        let mut small = Self::within(self.rest);
        for &(at, factor) in self.known() {
            match at.against(Size::ONE) {
                Ordering::Less => small.put(at, factor),
                Ordering::Equal => constant = factor,
                // exp(c l) is h^-c; what grows as a power leaves nothing, or no number.
                Ordering::Greater if at.power.abs() < SAME && at.log == 1.0 => size.power -= factor,
                Ordering::Greater if at.power < -SAME && factor < 0.0 && size.power == 0.0 => {
                    return Self::within(Size::NOTHING);
                }
                Ordering::Greater => return Self::UNKNOWN,
            }
        }
        if !small.rest.is_below(Size::ONE) {
            return Self::UNKNOWN;
        }
        let series = small.series(taylor([1.0; 4]));
        series.scaled(size, libm::exp(constant))
    }
}

/// The Taylor coefficients of a function whose derivatives are these four, over and over.
fn taylor(derivatives: [f64; 4]) -> impl Iterator<Item = f64> {
    let mut factorial = 1.0;
    derivatives
        .into_iter()
        .cycle()
        .zip(1..=ORDER)
        .map(move |(derivative, next)| {
            let coefficient = derivative / factorial;
            factorial *= f64::from(next);
            coefficient
        })
}

impl Add for Expansion {
    type Output = Self;
    fn add(mut self, other: Self) -> Self {
        self.rest = self.rest.larger(other.rest);
        self.cut();
        for &(size, factor) in other.known() {
            self.put(size, factor);
        }
        self
    }
}

impl Neg for Expansion {
    type Output = Self;
    fn neg(self) -> Self {
        self.scaled(Size::ONE, -1.0)
    }
}

impl Sub for Expansion {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Expansion {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        // 0 all along asks nothing of the other.
        if self.is_zero() || other.is_zero() {
            return Self::within(Size::NOTHING);
        }
        if self.is_unknown() || other.is_unknown() {
            return Self::UNKNOWN;
        }
        let hidden = self.rest.times(other.size());
        let mut product = Self::within(hidden.larger(other.rest.times(self.size())));
        for &(size, factor) in other.known() {
            for &(at, by) in self.known() {
                product.put(size.times(at), factor * by);
            }
        }
        product
    }
}

impl Div for Expansion {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        self * other.raised_to(-1.0)
    }
}

impl Number for Expansion {
    fn constant(value: f64) -> Self {
        Self::term(Size::ONE, value)
    }

    /// The value very near the place.
    fn real(self) -> f64 {
        if !self.rest.is_below(Size::ONE) {
            return match self.lead() {
                Some((size, factor)) if size.power < 0.0 => factor * f64::INFINITY,
                _ => f64::NAN,
            };
        }
        let near = |(size, factor): &(Size, f64)| {
            factor * libm::pow(NEAR, size.power) * libm::pow(-libm::log(NEAR), size.log)
        };
        self.known().iter().map(near).sum()
    }

    fn with_real(self, value: f64) -> Self {
        self + Self::constant(value - self.derivative(0))
    }

    fn sqrt(self) -> Self {
        self.raised_to(0.5)
    }

    fn smooth(self, f: &'static Smooth) -> Self {
        if *f == smooth::LN {
            return self.logarithm();
        }
        if *f == smooth::LOG1P {
            return (Self::constant(1.0) + self).logarithm();
        }
        if *f == smooth::EXP {
            return self.exponential();
        }
        let x = self.derivative(0);
        if !x.is_finite() {
            return Self::UNKNOWN;
        }
        let y = (f.value)(x);
        let [slope, bend] = (f.slopes)(x, y);
        let small = self - Self::constant(x);
        let recurs = [&smooth::SIN, &smooth::COS, &smooth::SINH, &smooth::COSH].contains(&f);
        if recurs {
            // The second derivative is the function again, or its negative.
            let third = if bend.to_bits() == y.to_bits() {
                slope
            } else {
                -slope
            };
            small.series(taylor([y, slope, bend, third]))
        } else {
            small.series([y, slope, 0.5 * bend].into_iter())
        }
    }

    fn power(self, exponent: Self) -> Self {
        let changing = exponent - Self::constant(exponent.derivative(0));
        let fixed = self.raised_to(exponent.derivative(0));
        if changing.is_zero() {
            fixed
        } else {
            fixed * (changing * self.logarithm()).exponential()
        }
    }

    fn raise(self, exponent: Self) -> Self {
        self.power(exponent)
    }

    fn chain(self, slope: Self) -> Self {
        self * slope
    }

    fn has_nan(self) -> bool {
        self.is_unknown()
    }

    fn min(self, other: Self) -> Self {
        if (self - other).real() <= 0.0 {
            self
        } else {
            other
        }
    }

    fn max(self, other: Self) -> Self {
        if (self - other).real() >= 0.0 {
            self
        } else {
            other
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// x, from the place on.
    fn from(place: f64) -> Expansion {
        Expansion::at(place, 1.0)
    }

    fn near(value: f64, wanted: f64) {
        assert!(
            (value - wanted).abs() <= 1e-12 * wanted.abs().max(1.0),
            "{value} and {wanted}"
        );
    }

    #[test]
    fn derivatives_of_regular_functions_are_those_of_their_series() {
        let x = from(0.3);
        for f in smooth::SMOOTH {
            let y = (f.value)(0.3);
            let [slope, bend] = (f.slopes)(0.3, y);
            for (order, wanted) in [(0, y), (1, slope), (2, bend)] {
                near(x.smooth(f).derivative(order), wanted);
            }
        }
        let cube = x.whole_power(3);
        near(cube.derivative(2), 6.0 * 0.3);
        near((Expansion::constant(1.0) / x).derivative(2), 2.0 / 0.027);
        near(x.sqrt().derivative(1), 0.5 / 0.3_f64.sqrt());
        near(
            x.power(x).derivative(1),
            0.3_f64.powf(0.3) * (1.0 + 0.3_f64.ln()),
        );
    }

    #[test]
    fn singular_parts_leave_what_their_whole_has() {
        let x = from(0.0);
        let power = |exponent: f64| x.power(Expansion::constant(exponent));
        near((power(-0.5) * power(2.5)).derivative(2), 2.0);
        near((power(1.0 / 3.0) * power(5.0 / 3.0)).derivative(2), 2.0);
        near((power(-0.5) * power(1.5)).derivative(1), 1.0);
        assert_eq!(power(0.8).derivative(1), f64::INFINITY);
        assert_eq!((-power(-0.2)).derivative(0), f64::NEG_INFINITY);
        assert_eq!((x * x.ln()).derivative(0), 0.0);
        assert_eq!((x * x.ln()).derivative(1), f64::NEG_INFINITY);
        near((x.ln() + x.ln()).exp().derivative(2), 2.0);
        near((x / (x + x * x)).derivative(1), -1.0);
        // Nothing is left of a number below all powers, and nothing is known of a logarithm of a negative one.
        let steep = -(Expansion::constant(1.0) / (x * x));
        assert_eq!((steep.exp() / x).derivative(0), 0.0);
        assert!((-x).ln().derivative(0).is_nan());
        assert!((-x).sqrt().derivative(1).is_nan());
        // Of a rest no coefficient is known.
        let seventh = power(1.0 / 7.0);
        let tangent = seventh.smooth(&smooth::TAN);
        assert!((tangent - seventh).derivative(1).is_nan());
        near(seventh.sin().derivative(0), 0.0);
    }
}
