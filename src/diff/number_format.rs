//! The format that recorded numbers fit: told from the numbers themselves.

use crate::{
    lang::{single::single, syntax::ExprKind},
    rule::Statement,
    runs::Run,
};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Numbers looked at.
const LOOKED_AT: usize = 512;

/// The coarsest format that all numbers of a quantity fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub enum NumberFormat {
    /// 64-bit floats.
    #[serde(rename = "float64")]
    Double,
    /// 32-bit floats, as they are or as the shortest text that tells each from its neighbours.
    #[serde(rename = "float32")]
    Single,
    /// bfloat16: the exponent of a 32-bit float, 8 significant bits.
    #[serde(rename = "bfloat16")]
    Brain,
    /// 16-bit floats of IEEE 754: 11 significant bits.
    #[serde(rename = "float16")]
    Half,
    /// What GPUs round the factors of a matrix product to: the exponent of a 32-bit float, 11 significant bits.
    #[serde(rename = "tf32")]
    TensorFloat,
}

/// Significant digits that some number has where shortest texts are told from numbers that were rounded for people.
const DIGITS_OF_SINGLES: usize = 8;

/// True if `numbers` are what shortest texts of 32-bit floats read as: 0.1, not 0.100000001490116.
fn are_texts_of_singles(numbers: &[f64]) -> bool {
    let mut most = 0;
    let is_one = |value: &f64| {
        #[expect(clippy::cast_possible_truncation, reason = "it is rounded")]
        let text = format!("{:e}", *value as f32);
        let digits = text.split('e').next().unwrap_or_default();
        most = most.max(digits.bytes().filter(u8::is_ascii_digit).count());
        text.parse() == Ok(*value)
    };
    numbers.iter().all(is_one) && most >= DIGITS_OF_SINGLES
}

impl NumberFormat {
    /// The coarsest format of `numbers`; of fewer than eight that are not whole, nothing is concluded.
    pub(super) fn of<'a>(numbers: impl Iterator<Item = &'a f64>) -> Self {
        let sample: Vec<f64> = numbers
            .copied()
            .filter(|value| value.is_finite() && value.fract() != 0.0)
            .take(LOOKED_AT)
            .collect();
        if sample.len() < 8 {
            return Self::Double;
        }
        let bits = |value: f64, kept: u32| value.to_bits().trailing_zeros() >= 53 - kept;
        let within = |value: f64| value.abs() <= 65_504.0;
        // Below its smallest normal number a 16-bit float has multiples of 2^-24.
        let is_half = |value: f64| {
            within(value)
                && (bits(value, 11) || value.abs() < 6.2e-5)
                && (value * 16_777_216.0).fract() == 0.0
        };
        if sample.iter().all(|value| bits(*value, 8)) {
            Self::Brain
        } else if sample.iter().all(|value| is_half(*value)) {
            Self::Half
        } else if sample
            .iter()
            .all(|value| f64::from(single(*value)).to_bits() == value.to_bits())
            || are_texts_of_singles(&sample)
        {
            Self::Single
        } else {
            Self::Double
        }
    }

    /// What the header of `run` says that matrix products are rounded to.
    pub(super) fn of_products(run: &Run) -> Option<Self> {
        let header = run.header.as_ref()?;
        [Self::TensorFloat, Self::Brain]
            .into_iter()
            .find(|it| header.get("matmul").and_then(Value::as_str) == Some(it.name()))
    }

    /// The format that a line rounds all of its numbers to, where it says so.
    pub(super) fn of_line(line: &Statement) -> Option<Self> {
        let ExprKind::Call(name, ..) = &line.expr.kind else {
            return None;
        };
        match name.as_str() {
            "f32" => Some(Self::Single),
            "bf16" => Some(Self::Brain),
            "f16" => Some(Self::Half),
            _ => None,
        }
    }

    /// The distance of neighbouring numbers near 1.
    pub(super) fn unit(self) -> f64 {
        match self {
            Self::Double => f64::EPSILON,
            Self::Single => f64::from(f32::EPSILON),
            Self::Brain => 0.007_812_5,
            Self::Half | Self::TensorFloat => 0.000_976_562_5,
        }
    }

    /// Units in the last place that an update in this format may be off by, in another order of operations.
    pub(super) fn slack(self) -> f64 {
        match self {
            Self::Double => 64.0,
            Self::Single => 16.0,
            Self::Brain | Self::Half | Self::TensorFloat => 3.0,
        }
    }

    /// The smallest distance of its numbers, and the bits of their significands; `None` for a format of more bits than these.
    fn grid(self) -> Option<(f64, i32)> {
        match self {
            Self::Double | Self::Single => None,
            Self::Brain => Some((f64::from(f32::from_bits(1)) * 65_536.0, 8)),
            Self::Half | Self::TensorFloat => Some((5.960_464_477_539_063e-8, 11)),
        }
    }

    /// The distance of its numbers near `value`.
    pub(super) fn spacing(self, value: f64) -> f64 {
        let Some((least, bits)) = self.grid() else {
            return self.unit() * value.abs();
        };
        let (_, exponent) = libm::frexp(value);
        libm::ldexp(1.0, exponent - bits).max(least)
    }

    /// `value` rounded to it: to even where two are as near.
    pub(super) fn rounds(self, value: f64) -> f64 {
        match self.grid() {
            None if self == Self::Single => f64::from(single(value)),
            None => value,
            Some(_) => {
                let spacing = self.spacing(value);
                libm::rint(value / spacing) * spacing
            }
        }
    }

    /// True if the header of `run` gives this format for tensors.
    pub(super) fn is_stated_by(self, run: &Run) -> bool {
        let dtypes = run.header.as_ref().and_then(|it| it.get("dtypes"));
        dtypes.is_some_and(|it| it.to_string().contains(self.name()))
    }

    /// The coarser of the two.
    pub(super) fn coarser(self, other: Self) -> Self {
        if other.unit() > self.unit() {
            other
        } else {
            self
        }
    }

    /// The name that libraries give it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Double => "float64",
            Self::Single => "float32",
            Self::Brain => "bfloat16",
            Self::Half => "float16",
            Self::TensorFloat => "tf32",
        }
    }
}
