//! Whole powers to the last bit, by repeated multiplication that carries its rounding error along.
//!
//! `1 - beta2^t` cancels: at t = 1 and beta2 = 0.999 an error of one bit in the power is a thousand in
//! the difference. So `b^n` multiplies in twice the precision, in an order that depends on `n` alone:
//! up to the last multiple of 64 by squaring, then by `b`, one at a time. A loop over t asks for
//! b^1, b^2, ...; a memo lets each follow from the one before in a single multiplication, bit for bit
//! as if computed alone.

use super::number::each;
use pulp::{Arch, Simd, WithSimd};
use std::cell::Cell;

/// Powers that are reached by single multiplications from one that is reached by squaring.
const RUN: u32 = 64;

/// Numbers that a memo needs.
pub const MEMO: usize = 4;

/// Numbers in twice the precision, side by side: `high + low`.
#[derive(Debug, Clone, Copy)]
struct Double<const N: usize> {
    high: [f64; N],
    low: [f64; N],
}

impl<const N: usize> Double<N> {
    /// The products, their errors below 2^-100 of them (Dekker 1971).
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let product: [f64; N] = each(|k| self.high[k] * other.high[k]);
        let error: [f64; N] = each(|k| {
            self.high[k].mul_add(other.high[k], -product[k])
                + (self.high[k] * other.low[k] + self.low[k] * other.high[k])
        });
        let high: [f64; N] = each(|k| product[k] + error[k]);
        let low: [f64; N] = each(|k| error[k] - (high[k] - product[k]));
        // Where the error term itself would leave the range, plain multiplication has to do.
        let is_in = |k: usize| (product[k].abs() >= 1e-280) & (product[k].abs() <= 1e300);
        Self {
            high: each(|k| if is_in(k) { high[k] } else { product[k] }),
            low: each(|k| if is_in(k) { low[k] } else { 0.0 }),
        }
    }

    #[inline(always)]
    fn from(high: [f64; N]) -> Self {
        Self {
            high,
            low: [0.0; N],
        }
    }
}

/// `base^exponent` for each base, in the order that the module's description fixes, with the instructions that the processor
/// has.
struct Powers<const N: usize>([f64; N], u32);

impl<const N: usize> WithSimd for Powers<N> {
    type Output = Double<N>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Double<N> {
        let Self(bases, exponent) = self;
        let base = Double::from(bases);
        let mut power = Double::from([1.0; N]);
        let mut square = base;
        for _ in 0..RUN.trailing_zeros() {
            square = square.times(square);
        }
        let mut left = exponent / RUN;
        while left > 0 {
            if left & 1 == 1 {
                power = power.times(square);
            }
            left >>= 1;
            if left > 0 {
                square = square.times(square);
            }
        }
        for _ in 0..exponent % RUN {
            power = power.times(base);
        }
        power
    }
}

/// `base^exponent`
#[must_use]
pub fn whole(base: f64, exponent: i32) -> f64 {
    let [high] = (Arch::new().dispatch(Powers([base], exponent.unsigned_abs()))).high;
    invert(high, exponent)
}

#[inline(always)]
fn invert(power: f64, exponent: i32) -> f64 {
    if exponent < 0 { 1.0 / power } else { power }
}

/// The same as [`whole`], from the power before it where `memo` holds that: base, exponent, high, low.
///
/// A fresh memo has NaN for its base.
#[inline(always)]
#[expect(
    clippy::float_cmp,
    reason = "the memo is used for exactly the numbers that it was made for"
)]
pub fn whole_with(memo: &[Cell<f64>], base: f64, exponent: i32) -> f64 {
    let [known_base, known, high, low] = memo else {
        return whole(base, exponent);
    };
    let size = exponent.unsigned_abs();
    let (number, last) = (f64::from(size), known.get());
    // Two numbers, not arrays of one, which would go through memory.
    let (power, rest) = if base == known_base.get() && last == number {
        (high.get(), low.get())
    } else if base == known_base.get() && last + 1.0 == number && !size.is_multiple_of(RUN) {
        following_one(high.get(), low.get(), base)
    } else {
        let power = Arch::new().dispatch(Powers([base], size));
        (power.high[0], power.low[0])
    };
    known_base.set(base);
    known.set(number);
    high.set(power);
    low.set(rest);
    invert(power, exponent)
}

/// The product of `high + low` and a number. It is nearly always in range: to go on before that is known takes less than to
/// choose.
#[inline(always)]
fn following_one(high: f64, low: f64, by: f64) -> (f64, f64) {
    let product = high * by;
    if !(1e-280..=1e300).contains(&product.abs()) {
        return (product, 0.0);
    }
    let error = high.mul_add(by, -product) + (high * 0.0 + low * by);
    let sum = product + error;
    (sum, error - (sum - product))
}

/// The powers of several bases, side by side, each as [`whole_with`] has it.
#[inline(always)]
pub fn following<const N: usize>(
    memo: &mut [[f64; N]; MEMO],
    bases: &[f64; N],
    exponent: i32,
) -> [f64; N] {
    let [known_bases, known, high, low] = memo;
    let size = exponent.unsigned_abs();
    let number = f64::from(size);
    // By bits, all of them at once.
    let holds = |number: f64| {
        let mut differing = 0;
        for k in 0..N {
            differing |= known_bases[k].to_bits() ^ bases[k].to_bits();
            differing |= known[k].to_bits() ^ number.to_bits();
        }
        differing == 0
    };
    let before = Double {
        high: *high,
        low: *low,
    };
    let power = if !size.is_multiple_of(RUN) && holds(number - 1.0) {
        before.times(Double::from(*bases))
    } else if holds(number) {
        before
    } else {
        Arch::new().dispatch(Powers(*bases, size))
    };
    *memo = [*bases, [number; N], power.high, power.low];
    each(|k| invert(power.high[k], exponent))
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
                let following = whole_with(memo, base, exponent);
                assert_eq!(alone.to_bits(), following.to_bits(), "{base}^{exponent}");
            }
        }
    }

    #[test]
    fn the_power_of_an_element_is_the_same_beside_any_other() {
        use crate::lang::number::Number;
        let elements = [
            0.9,
            0.9,
            0.999,
            0.0,
            -0.0,
            0.0,
            -0.7,
            f64::NAN,
            f64::INFINITY,
            1e-200,
        ];
        let exponents = [1.0, 2.0, 2.0, 3.0, 64.0, 65.0, -65.0, 0.5, 0.0, 3.0];
        let mut numbers = [f64::NAN; MEMO];
        let memo = Cell::from_mut(&mut numbers[..]).as_slice_of_cells();
        for exponent in exponents {
            for base in elements.into_iter().flat_map(|it| [it, it]) {
                let (beside, alone) = (base.raise_beside(exponent, memo), base.raise(exponent));
                assert_eq!(beside.to_bits(), alone.to_bits(), "{base}^{exponent}");
            }
        }
    }

    #[test]
    fn powers_side_by_side_are_those_one_by_one() {
        let bases = [0.9, 0.999, 0.5, -0.7, 1.0, 1.5, 0.0, 1e-200];
        let mut memo = [[f64::NAN; 8]; MEMO];
        let mut alone = [[f64::NAN; MEMO]; 8];
        for exponent in (1..3_000).chain([7, 8, 9, 63, 64, 65, -66, 67]) {
            let together = following(&mut memo, &bases, exponent);
            let one_by_one: [f64; 8] = std::array::from_fn(|lane| {
                let cells = Cell::from_mut(&mut alone[lane][..]).as_slice_of_cells();
                whole_with(cells, bases[lane], exponent)
            });
            assert_eq!(together.map(f64::to_bits), one_by_one.map(f64::to_bits));
            let known = std::array::from_fn(|part| alone.map(|it| it[part]));
            let bits = |memo: [[f64; 8]; MEMO]| memo.map(|it| it.map(f64::to_bits));
            assert_eq!(bits(memo), bits(known));
        }
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
