//! Eight numbers side by side: the same program on eight runs at once.
//!
//! Each lane has the bits that it would have on its own: every operation is that of one number, lane by lane.

use super::{
    number::{Number, whole},
    power::{self, MEMO},
    smooth::Smooth,
};
use std::{
    array::from_fn,
    cell::Cell,
    ops::{Add, Div, Mul, Neg, Sub},
};

/// Numbers side by side.
pub const LANES: usize = 8;

/// Eight numbers side by side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wide(pub [f64; LANES]);

impl Wide {
    #[inline(always)]
    fn map(self, f: impl Fn(f64) -> f64) -> Self {
        let mut numbers = self.0;
        for number in &mut numbers {
            *number = f(*number);
        }
        Self(numbers)
    }

    #[inline(always)]
    fn zip(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut numbers = self.0;
        for (number, other) in numbers.iter_mut().zip(&other.0) {
            *number = f(*number, *other);
        }
        Self(numbers)
    }

    /// True where all lanes are the same to the bit.
    #[inline(always)]
    fn is_uniform(self) -> bool {
        let [first, ..] = self.0.map(f64::to_bits);
        let differing = self
            .0
            .iter()
            .fold(0, |all, it| all | (it.to_bits() ^ first));
        differing == 0
    }

    /// A power, lane by lane, with what each of them remembers.
    #[inline(never)]
    fn raise_apart(self, exponent: Self, memo: &[Cell<Self>]) -> Self {
        Self(from_fn(|at| {
            let one: [Cell<f64>; MEMO] = from_fn(|part| {
                let known = memo.get(part).map_or(f64::NAN, |it| it.get().0[at]);
                Cell::new(known)
            });
            let power = self.0[at].raise_with(exponent.0[at], &one);
            for (all, one) in memo.iter().zip(&one) {
                let mut numbers = all.get();
                numbers.0[at] = one.get();
                all.set(numbers);
            }
            power
        }))
    }

    /// The numbers of one lane.
    pub fn lane(numbers: &[Self], lane: usize) -> impl Iterator<Item = f64> {
        numbers.iter().map(move |it| it.0[lane])
    }

    /// Puts the numbers of one lane.
    pub fn put_lane(numbers: &mut [Self], lane: usize, values: &[f64]) {
        for (number, value) in numbers.iter_mut().zip(values) {
            number.0[lane] = *value;
        }
    }
}

macro_rules! operators {
    ($($operator:ident $function:ident),*) => {$(
        impl $operator for Wide {
            type Output = Self;
            #[inline(always)]
            fn $function(self, other: Self) -> Self {
                self.zip(other, $operator::$function)
            }
        }
    )*};
}

operators!(Add add, Sub sub, Mul mul, Div div);

impl Neg for Wide {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.map(Neg::neg)
    }
}

impl Number for Wide {
    const IS_PLAIN: bool = true;
    const RUNS_DENSE: bool = true;
    const IS_WIDE: bool = true;

    #[inline(always)]
    fn constant(value: f64) -> Self {
        Self([value; LANES])
    }
    /// That of the first lane.
    #[inline(always)]
    fn real(self) -> f64 {
        self.0[0]
    }
    #[inline(always)]
    fn with_real(self, value: f64) -> Self {
        Self::constant(value)
    }
    #[inline(always)]
    fn map_real(self, f: impl Fn(f64) -> f64) -> Self {
        self.map(f)
    }
    #[inline(always)]
    fn zip_real(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        self.zip(other, f)
    }
    #[inline(always)]
    fn choose(self, a: Self, b: Self) -> Self {
        let mut chosen = b.0;
        for (lane, chosen) in chosen.iter_mut().enumerate() {
            *chosen = self.0[lane].choose(a.0[lane], *chosen);
        }
        Self(chosen)
    }
    #[inline(always)]
    fn change_real(self, f: impl Fn(f64) -> f64) -> Self {
        self.map(f)
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        self.map(f64::sqrt)
    }
    fn smooth(self, f: &'static Smooth) -> Self {
        self.map(f.value)
    }
    fn power(self, exponent: Self) -> Self {
        self.zip(exponent, Number::power)
    }
    fn raise(self, exponent: Self) -> Self {
        self.zip(exponent, Number::raise)
    }
    #[inline(always)]
    fn raise_with(self, exponent: Self, memo: &[Cell<Self>]) -> Self {
        if let [base, known, high, low] = memo
            && exponent.is_uniform()
            && let Some(number) = whole(exponent.real())
        {
            let cells = [base, known, high, low];
            let mut numbers = cells.map(|it| it.get().0);
            let powers = power::following(&mut numbers, &self.0, number);
            for (cell, numbers) in cells.into_iter().zip(numbers) {
                cell.set(Self(numbers));
            }
            return Self(powers);
        }
        self.raise_apart(exponent, memo)
    }
    fn has_nan(self) -> bool {
        self.0.iter().any(|it| it.is_nan())
    }
    fn chain(self, slope: Self) -> Self {
        self.zip(slope, Number::chain)
    }
    fn chain_divide(self, other: Self) -> Self {
        self.zip(other, Number::chain_divide)
    }
    #[inline(always)]
    fn abs(self) -> Self {
        self.map(f64::abs)
    }
    fn sign(self) -> Self {
        self.map(Number::sign)
    }
    #[inline(always)]
    fn min(self, other: Self) -> Self {
        self.zip(other, Number::min)
    }
    #[inline(always)]
    fn max(self, other: Self) -> Self {
        self.zip(other, Number::max)
    }
}
