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
            Self::Floor => T::constant(libm::floor(a.real())),
            Self::Sqrt => a.sqrt(),
            Self::Not => truth(a.real() == 0.0),
            Self::Nonfinite => truth(is_nonfinite(a.real())),
            Self::WholePower(exponent) => a.whole_power(exponent),
            Self::Smooth(f) => a.smooth(f),
            Self::Round(format) => a.with_real(format.round(a.real())),
            Self::Hold => T::constant(a.real()),
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
            Self::Less => truth(a.real() < b.real()),
            Self::LessEqual => truth(a.real() <= b.real()),
            Self::Equal => truth(a.real() == b.real()),
            Self::Unequal => truth(a.real() != b.real()),
            Self::And => truth(a.real() != 0.0 && b.real() != 0.0),
            Self::Or => truth(a.real() != 0.0 || b.real() != 0.0),
            Self::Chain => a.chain(b),
            Self::ChainDivide => a.chain_divide(b),
        }
    }
}
