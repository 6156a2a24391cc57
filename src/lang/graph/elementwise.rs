//! Functions that are applied to each element, and what they are on numbers.

use crate::lang::{
    number::{Number, is_nonfinite},
    single::ShortFormat,
    smooth::Smooth,
};

/// Functions of one number, applied to each element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the functions' own")]
pub enum Unary {
    Negate,
    Abs,
    Sign,
    Floor,
    Sqrt,
    Not,
    /// 1 for a number that is infinite or NaN, but not for one that is absent; else 0.
    Nonfinite,
    WholePower(i32),
    Smooth(&'static Smooth),
    /// To the nearest number of the format; its derivative is taken for 1.
    Round(ShortFormat),
    /// The number without its derivatives; no text can ask for it.
    Hold,
}

/// Functions of two numbers, applied to each pair of elements; a scalar goes with every element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names are the functions' own")]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Min,
    Max,
    Less,
    LessEqual,
    Equal,
    Unequal,
    And,
    Or,
    /// An adjoint times a slope, by the chain rule: 0 where either is 0 and the other has no number, as on a
    /// branch that is not taken. No text can ask for it.
    Chain,
    /// An adjoint divided by a number, likewise.
    ChainDivide,
}

/// A truth value as the number that stands for it.
#[inline]
#[must_use]
pub fn truth<T: Number>(holds: bool) -> T {
    T::constant(f64::from(u8::from(holds)))
}

impl Unary {
    /// The function itself, on one number.
    #[inline]
    pub fn of<T: Number>(self, a: T) -> T {
        match self {
            Self::Negate => -a,
            Self::Abs => a.abs(),
            Self::Sign => a.sign(),
            Self::Floor => a.map_real(libm::floor),
            Self::Sqrt => a.sqrt(),
            Self::Not => a.map_real(|a| truth(a == 0.0)),
            Self::Nonfinite => a.map_real(|a| truth(is_nonfinite(a))),
            Self::WholePower(exponent) => a.whole_power(exponent),
            Self::Smooth(f) => a.smooth(f),
            Self::Round(format) => a.change_real(|a| format.round(a)),
            Self::Hold => a.map_real(|a| a),
        }
    }
}

impl Binary {
    /// The function itself, on two numbers.
    #[inline]
    #[expect(
        clippy::float_cmp,
        reason = "`==` and `!=` of the language mean just this"
    )]
    pub fn of<T: Number>(self, a: T, b: T) -> T {
        match self {
            Self::Add => a + b,
            Self::Subtract => a - b,
            Self::Multiply => a * b,
            Self::Divide => a / b,
            Self::Power => a.raise(b),
            Self::Min => a.min(b),
            Self::Max => a.max(b),
            Self::Less => a.zip_real(b, |a, b| truth(a < b)),
            Self::LessEqual => a.zip_real(b, |a, b| truth(a <= b)),
            Self::Equal => a.zip_real(b, |a, b| truth(a == b)),
            Self::Unequal => a.zip_real(b, |a, b| truth(a != b)),
            Self::And => a.zip_real(b, |a, b| truth(a != 0.0 && b != 0.0)),
            Self::Or => a.zip_real(b, |a, b| truth(a != 0.0 || b != 0.0)),
            Self::Chain => a.chain(b),
            Self::ChainDivide => a.chain_divide(b),
        }
    }
}
