//! Whole powers to the last bit, by repeated multiplication that carries its rounding error along.
//!
//! `1 - beta2^t` cancels: at t = 1 and beta2 = 0.999 an error of one bit in the power is a thousand in
//! the difference. So `b^n` multiplies in twice the precision, in an order that depends on `n` alone:
//! up to the last multiple of 64 by squaring, then by `b`, one at a time. A loop over t asks for
//! b^1, b^2, ...; a memo lets each follow from the one before in a single multiplication, bit for bit
//! as if computed alone.

use pulp::{Arch, Simd, WithSimd};
use std::cell::Cell;

/// Powers that are reached by single multiplications from one that is reached by squaring.
const RUN: u32 = 64;

/// Numbers that a memo needs.
pub const MEMO: usize = 4;

/// Numbers side by side in twice the precision: `high + low` each.
#[derive(Debug, Clone, Copy)]
struct Doubles<const N: usize> {
    high: [f64; N],
    low: [f64; N],
}

impl<const N: usize> Doubles<N> {
    #[inline(always)]
    fn from(values: [f64; N]) -> Self {
        Self {
            high: values,
            low: [0.0; N],
        }
    }

    /// The products, their errors below 2^-100 of them (Dekker 1971).
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        // The sign of each says that a product is out of range.
        let mut out_of_range = 0;
        for lane in 0..N {
            let size = (self.high[lane] * other.high[lane]).abs().to_bits();
            out_of_range |= size.wrapping_sub(LEAST) | MOST.wrapping_sub(size);
        }
        if out_of_range >> 63 == 0 {
            self.times_in_range(other)
        } else {
            self.times_anywhere(other)
        }
    }

    #[inline(always)]
    fn times_in_range(mut self, other: Self) -> Self {
        for lane in 0..N {
            let (a, b) = (self.high[lane], other.high[lane]);
            let product = a * b;
            let error = a.mul_add(b, -product) + (a * other.low[lane] + self.low[lane] * b);
            self.high[lane] = product + error;
            self.low[lane] = error - (self.high[lane] - product);
        }
        self
    }

    /// The same where the error term itself may leave the range: plain multiplication has to do there.
    #[inline(never)]
    fn times_anywhere(mut self, other: Self) -> Self {
        for lane in 0..N {
            let one = |of: &Self| Doubles {
                high: [of.high[lane]],
                low: [of.low[lane]],
            };
            let product = self.high[lane] * other.high[lane];
            let is_in_range = (LEAST..=MOST).contains(&product.abs().to_bits());
            let (high, low) = if is_in_range {
                let product = one(&self).times_in_range(one(&other));
                (product.high[0], product.low[0])
            } else {
                (product, 0.0)
            };
            (self.high[lane], self.low[lane]) = (high, low);
        }
        self
    }
}

/// The bits of the least and the largest product whose error is in the range of numbers.
const LEAST: u64 = 1e-280_f64.to_bits();
const MOST: u64 = 1e300_f64.to_bits();

/// 0 where all numbers are equal to those of the other list, and finite.
#[inline(always)]
fn differing<const N: usize>(some: &[f64; N], others: &[f64; N]) -> u64 {
    let mut differing = 0;
    for (a, b) in some.iter().zip(others) {
        differing |= (a - b).to_bits() << 1;
    }
    differing
}

/// `base^exponent` for each base, in the order that the module's description fixes.
struct Powers<const N: usize>([f64; N], u32);

impl<const N: usize> WithSimd for Powers<N> {
    type Output = Doubles<N>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Doubles<N> {
        let Self(bases, exponent) = self;
        let bases = Doubles::from(bases);
        let mut powers = Doubles::from([1.0; N]);
        let mut squares = bases;
        for _ in 0..RUN.trailing_zeros() {
            squares = squares.times(squares);
        }
        let mut left = exponent / RUN;
        while left > 0 {
            if left & 1 == 1 {
                powers = powers.times(squares);
            }
            left >>= 1;
            if left > 0 {
                squares = squares.times(squares);
            }
        }
        for _ in 0..exponent % RUN {
            powers = powers.times(bases);
        }
        powers
    }
}

/// The same with the instructions that the processor has.
#[inline(never)]
fn powers<const N: usize>(bases: [f64; N], exponent: u32) -> Doubles<N> {
    Arch::new().dispatch(Powers(bases, exponent))
}

#[inline(always)]
fn invert<const N: usize>(mut powers: [f64; N], exponent: i32) -> [f64; N] {
    if exponent < 0 {
        for power in &mut powers {
            *power = 1.0 / *power;
        }
    }
    powers
}

/// `base^exponent`
#[must_use]
pub fn whole(base: f64, exponent: i32) -> f64 {
    let [power] = invert(powers([base], exponent.unsigned_abs()).high, exponent);
    power
}

/// The same as [`whole`], for each base, from the powers before them where `memo` holds those: bases, exponents, high, low.
///
/// A fresh memo has NaN for its bases.
#[inline(always)]
pub fn whole_with<const N: usize>(
    memo: &mut [[f64; N]; MEMO],
    bases: [f64; N],
    exponent: i32,
) -> [f64; N] {
    let [known_bases, known, high, low] = memo;
    let size = exponent.unsigned_abs();
    let number = f64::from(size);
    let other_bases = differing(known_bases, &bases);
    if other_bases | differing(known, &[number; N]) != 0 {
        let is_before = other_bases | differing(known, &[number - 1.0; N]) == 0;
        let powers = if is_before && !size.is_multiple_of(RUN) {
            let before = Doubles {
                high: *high,
                low: *low,
            };
            before.times(Doubles::from(bases))
        } else {
            powers(bases, size)
        };
        (*known_bases, *known) = (bases, [number; N]);
        (*high, *low) = (powers.high, powers.low);
    }
    invert(*high, exponent)
}

/// The same for one base, with its memo where programs have it.
#[inline(always)]
pub fn whole_in_cells(memo: &[Cell<f64>], base: f64, exponent: i32) -> f64 {
    let Some(cells) = memo.first_chunk::<MEMO>() else {
        return whole(base, exponent);
    };
    let mut numbers = [[0.0]; MEMO];
    for (numbers, cell) in numbers.iter_mut().zip(cells) {
        *numbers = [cell.get()];
    }
    let [power] = whole_with(&mut numbers, [base], exponent);
    for (cell, [number]) in cells.iter().zip(numbers) {
        cell.set(number);
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_memo_changes_no_bit() {
        for base in [0.9, 0.999, 0.5, -0.7, 1.0, 1.5, 0.0, 1e-200] {
            let mut numbers = [f64::NAN, 0.0, 0.0, 0.0];
            let memo = Cell::from_mut(&mut numbers[..]).as_slice_of_cells();
            let walk = (0..3_000).chain([7, 8, 9, 2_500, 64, 65, 63]);
            for exponent in walk {
                let alone = whole(base, exponent);
                let following = whole_in_cells(memo, base, exponent);
                assert_eq!(alone.to_bits(), following.to_bits(), "{base}^{exponent}");
            }
        }
    }

    #[test]
    fn powers_side_by_side_are_those_one_by_one() {
        let bases = [0.9, 0.999, 0.5, -0.7, 1.0, 1.5, 0.0, 1e-200];
        let mut memo = [[f64::NAN; 8]; MEMO];
        for exponent in (1..3_000).chain([7, 7, 8, 9, 63, 64, 65, -66, 67]) {
            let together = whole_with(&mut memo, bases, exponent);
            let one_by_one = bases.map(|base| whole(base, exponent));
            assert_eq!(together.map(f64::to_bits), one_by_one.map(f64::to_bits));
        }
        // Whatever is remembered of some of them.
        for (lane, known) in (0_u8..).zip(&mut memo[1]) {
            *known -= f64::from(lane % 3);
        }
        let together = whole_with(&mut memo, bases, 68);
        let one_by_one = bases.map(|base| whole(base, 68));
        assert_eq!(together.map(f64::to_bits), one_by_one.map(f64::to_bits));
    }

    #[test]
    fn powers_are_rounded_once() {
        assert_eq!(whole(2.0, 1000), 2.0_f64.powi(1000));
        assert_eq!(whole(3.0, 30), 205_891_132_094_649.0);
        assert_eq!(whole(0.5, -3), 8.0);
        assert_eq!(whole(0.0, 0), 1.0);
        assert_eq!(whole(10.0, 22), 1e22);
        assert!(whole(10.0, 400).is_infinite());
        assert_eq!(whole(0.1, 400), 0.0);
    }

    #[test]
    fn powers_agree_with_the_library_function() {
        for base in [0.9, 0.99, 0.999, 0.9999, 0.2] {
            for exponent in 1..300 {
                let ours = whole(base, exponent);
                let theirs = libm::pow(base, f64::from(exponent));
                let apart = ours.to_bits().abs_diff(theirs.to_bits());
                assert!(apart <= 1, "{base}^{exponent}: {ours} and {theirs}");
            }
        }
    }
}
