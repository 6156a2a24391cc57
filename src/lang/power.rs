//! Whole powers to the last bit, by repeated multiplication that carries its rounding error along.
//!
//! `1 - beta2^t` cancels: at t = 1 and beta2 = 0.999 an error of one bit in the power is a thousand in
//! the difference. So `b^n` multiplies in twice the precision, in an order that depends on `n` alone:
//! up to the last multiple of 64 by squaring, then by `b`, one at a time. A loop over t asks for
//! b^1, b^2, ...; a memo lets each follow from the one before in a single multiplication, bit for bit
//! as if computed alone.

use std::cell::Cell;

/// Powers that are reached by single multiplications from one that is reached by squaring.
const RUN: u32 = 64;

/// Numbers that a memo needs.
pub const MEMO: usize = 4;

/// A number in twice the precision: `high + low`.
#[derive(Debug, Clone, Copy)]
struct Double {
    high: f64,
    low: f64,
}

impl Double {
    const ONE: Self = Self {
        high: 1.0,
        low: 0.0,
    };

    /// The product, its error below 2^-100 of it (Dekker 1971).
    #[inline(always)]
    fn times(self, other: Self) -> Self {
        let product = self.high * other.high;
        if Self::has_error_in_range(product) {
            self.times_in_range(other)
        } else {
            // Where the error term itself would leave the range, plain multiplication has to do.
            Self::from(product)
        }
    }

    #[inline(always)]
    fn has_error_in_range(product: f64) -> bool {
        (1e-280..=1e300).contains(&product.abs())
    }

    #[inline(always)]
    fn times_in_range(self, other: Self) -> Self {
        let product = self.high * other.high;
        let error = self.high.mul_add(other.high, -product)
            + (self.high * other.low + self.low * other.high);
        let high = product + error;
        Self {
            high,
            low: error - (high - product),
        }
    }

    #[inline(always)]
    fn from(value: f64) -> Self {
        Self {
            high: value,
            low: 0.0,
        }
    }

    /// `base^exponent` in the order that the module's description fixes.
    #[inline(never)]
    fn power(base: f64, exponent: u32) -> Self {
        let base = Self::from(base);
        let mut power = Self::ONE;
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
    invert(Double::power(base, exponent.unsigned_abs()).high, exponent)
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
    let last = known.get();
    let power = if base == known_base.get() && last == f64::from(size) {
        Double {
            high: high.get(),
            low: low.get(),
        }
    } else if base == known_base.get() && last + 1.0 == f64::from(size) && !size.is_multiple_of(RUN)
    {
        let before = Double {
            high: high.get(),
            low: low.get(),
        };
        before.times(Double::from(base))
    } else {
        Double::power(base, size)
    };
    known_base.set(base);
    known.set(f64::from(size));
    high.set(power.high);
    low.set(power.low);
    invert(power.high, exponent)
}

/// The powers of several bases after those in `memo`, side by side, as [`whole_with`] has them one by one; none where one of
/// them is not that which follows.
#[inline(always)]
#[expect(
    clippy::float_cmp,
    reason = "the memo is used for exactly the numbers that it was made for"
)]
pub fn following<const N: usize>(
    memo: &mut [[f64; N]; MEMO],
    bases: &[f64; N],
    exponent: i32,
) -> Option<[f64; N]> {
    let [known_bases, known, high, low] = memo;
    let size = exponent.unsigned_abs();
    let number = f64::from(size);
    let mut follow = !size.is_multiple_of(RUN);
    for lane in 0..N {
        follow &= bases[lane] == known_bases[lane];
        follow &= known[lane] + 1.0 == number;
    }
    if !follow {
        return None;
    }
    let mut powers = [0.0; N];
    for lane in 0..N {
        let before = Double {
            high: high[lane],
            low: low[lane],
        };
        let base = Double::from(bases[lane]);
        let (product, power) = (before.high * base.high, before.times_in_range(base));
        let is_in = Double::has_error_in_range(product);
        high[lane] = if is_in { power.high } else { product };
        low[lane] = if is_in { power.low } else { 0.0 };
        known[lane] = number;
        powers[lane] = invert(high[lane], exponent);
    }
    Some(powers)
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
    fn powers_side_by_side_are_those_one_by_one() {
        let bases = [0.9, 0.999, 0.5, -0.7, 1.0, 1.5, 0.0, 1e-200];
        let mut memo = [[f64::NAN; 8]; MEMO];
        let mut alone = [[f64::NAN; MEMO]; 8];
        let mut followed = 0;
        for exponent in (1..3_000).chain([7, 8, 9, 63, 64, 65, -66, 67]) {
            let together = following(&mut memo, &bases, exponent);
            let one_by_one: [f64; 8] = std::array::from_fn(|lane| {
                let cells = Cell::from_mut(&mut alone[lane][..]).as_slice_of_cells();
                whole_with(cells, bases[lane], exponent)
            });
            if let Some(together) = together {
                assert_eq!(together.map(f64::to_bits), one_by_one.map(f64::to_bits));
                followed += 1;
            }
            memo = std::array::from_fn(|part| alone.map(|it| it[part]));
        }
        assert!(followed > 2_900, "{followed}");
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
