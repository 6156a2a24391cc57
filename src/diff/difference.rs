//! Differences between numbers: the tolerance, and the distance in ulps.

use super::number_format::NumberFormat;
use crate::{lang::single::single, value::Real};
use schemars::JsonSchema;
use serde::Serialize;

/// The distance up to which two numbers count as equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tolerance {
    /// Relative to the size of what is compared.
    pub relative: f64,
    /// In absolute terms.
    pub absolute: f64,
}

impl Tolerance {
    /// The largest share of the size by which equal numbers differ; none where more is allowed near 0.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.absolute == 0.0).then_some(self.relative)
    }

    /// True if `a` and `b` count as equal, `size` being the largest magnitude of the quantity so far.
    ///
    /// Infinities are the same as themselves, and NaN as NaN: a run that fails in the same way agrees.
    #[inline]
    #[must_use]
    pub fn admits(self, a: f64, b: f64, size: f64) -> bool {
        let off = (a - b).abs();
        a == b
            || off <= self.absolute + self.relative * size.max(a.abs()).max(b.abs())
                && off.is_finite()
            || (a.is_nan() && b.is_nan())
    }
}

/// One place where two runs differ.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Difference {
    /// The iteration.
    pub t: u64,
    /// The field, by the name it was recorded under.
    pub field: String,
    /// The coordinate, by its own name.
    pub coordinate: String,
    /// The recorded number.
    #[serde(serialize_with = "number")]
    #[schemars(with = "Real")]
    pub recorded: f64,
    /// The expected number.
    #[serde(serialize_with = "number")]
    #[schemars(with = "Real")]
    pub expected: f64,
    /// `abs(recorded - expected)`
    #[serde(serialize_with = "number")]
    #[schemars(with = "Real")]
    pub absolute: f64,
    /// The same relative to the larger of the two.
    #[serde(serialize_with = "number")]
    #[schemars(with = "Real")]
    pub relative: f64,
    /// The distance in units in the last place, of the format that the numbers were recorded in; null if one is NaN.
    pub ulps: Option<u64>,
}

impl Difference {
    /// The difference of two numbers.
    #[must_use]
    pub fn new(t: u64, field: &str, coordinate: String, recorded: f64, expected: f64) -> Self {
        let absolute = (recorded - expected).abs();
        Self {
            t,
            field: field.to_owned(),
            coordinate,
            recorded,
            expected,
            absolute,
            relative: if absolute.is_infinite() {
                absolute
            } else {
                absolute / recorded.abs().max(expected.abs())
            },
            ulps: ulps(recorded, expected, NumberFormat::Double),
        }
    }

    /// The same difference, of numbers that were recorded in `format`.
    pub(super) fn count_in(&mut self, format: NumberFormat) {
        self.ulps = ulps(self.recorded, self.expected, format);
    }
}

/// The number of steps from one number of `format` to the next that lead from `a` to `b`; `None` if one is NaN.
fn ulps(a: f64, b: f64, format: NumberFormat) -> Option<u64> {
    // Floats of one sign are ordered like their bits.
    let place = |value: f64| {
        let bits = |dropped: u32| u64::from(single(value.abs()).to_bits() >> dropped);
        let magnitude = i128::from(match format {
            NumberFormat::Double => value.abs().to_bits(),
            NumberFormat::Single => bits(0),
            NumberFormat::Brain => bits(16),
            NumberFormat::Half | NumberFormat::TensorFloat => bits(13),
        });
        if value.is_sign_negative() {
            -magnitude
        } else {
            magnitude
        }
    };
    if a.is_nan() || b.is_nan() {
        return None;
    }
    u64::try_from((place(a) - place(b)).unsigned_abs()).ok()
}

/// Numbers that JSON does not have are written as a trace writes them.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
pub(super) fn number<S: serde::Serializer>(value: &f64, to: S) -> Result<S::Ok, S::Error> {
    serde::Serialize::serialize(&Real(*value), to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ulps_count_the_floats_between() {
        let double = NumberFormat::Double;
        assert_eq!(ulps(1.0, 1.0, double), Some(0));
        assert_eq!(ulps(1.0, 1.0 + f64::EPSILON, double), Some(1));
        assert_eq!(ulps(0.0, -0.0, double), Some(0));
        assert_eq!(ulps(5e-324, -5e-324, double), Some(2));
        assert_eq!(ulps(f64::NAN, 1.0, double), None);
        let formats = [
            NumberFormat::Single,
            NumberFormat::Brain,
            NumberFormat::Half,
        ];
        for format in formats {
            assert_eq!(ulps(1.0, 1.0 + 3.0 * format.unit(), format), Some(3));
            assert_eq!(ulps(-2.0, -2.0 - 2.0 * format.unit(), format), Some(1));
        }
    }

    #[test]
    fn runs_that_fail_alike_agree() {
        let exact = Tolerance {
            relative: 0.0,
            absolute: 0.0,
        };
        assert!(exact.admits(f64::NAN, f64::NAN, 1.0));
        assert!(exact.admits(f64::INFINITY, f64::INFINITY, 1.0));
        assert!(!exact.admits(f64::INFINITY, f64::NEG_INFINITY, 1.0));
        assert!(!exact.admits(1.0, f64::NAN, 1.0));
        let loose = Tolerance {
            relative: 1e-9,
            absolute: 0.0,
        };
        assert!(loose.admits(1e-12, 2e-12, 1.0));
        assert!(!loose.admits(1e-12, 2e-12, 1e-12));
        assert!(!loose.admits(f64::INFINITY, 1.0, 1.0));
    }
}
