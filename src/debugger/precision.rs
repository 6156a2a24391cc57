//! The precision in which a lane computes.

use crate::{
    error::{Error, ErrorCode, Result},
    lang::octuple::MOST_DIGITS,
};
use std::fmt;

/// The numbers that a lane computes with: its rule, its loss and the gradient.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Precision {
    /// 16 bits, 8 of them significant: 32-bit arithmetic, each assignment rounded.
    Brain,
    /// 32 bits.
    Single,
    /// 64 bits.
    #[default]
    Double,
    /// So many decimal digits: octuple precision, each assignment rounded.
    Digits(u32),
}

impl Precision {
    /// Reads `bf16`, `f32`, `f64` or a number of digits.
    ///
    /// # Errors
    /// Another word, or more digits than there are.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(match text.trim() {
            "bf16" => Self::Brain,
            "f32" => Self::Single,
            "f64" => Self::Double,
            word => match word.parse() {
                Ok(digits) if (1..=MOST_DIGITS).contains(&digits) => Self::Digits(digits),
                _ => {
                    let message = format!("`{word}` is no precision");
                    return Err(Error::plain(ErrorCode::InvalidValue, message).help(format!(
                        "bf16, f32, f64, or a number of decimal digits up to {MOST_DIGITS}"
                    )));
                }
            },
        })
    }

    /// The distance of neighbouring numbers near 1.
    #[must_use]
    pub fn unit(self) -> f64 {
        match self {
            Self::Brain => 0.007_812_5,
            Self::Single => f64::from(f32::EPSILON),
            Self::Double => f64::EPSILON,
            Self::Digits(digits) => libm::exp10(1.0 - f64::from(digits)),
        }
    }

    /// The end of the name of a lane that computes so; nothing for 64 bits.
    #[must_use]
    pub fn suffix(self) -> String {
        match self {
            Self::Double => String::new(),
            Self::Digits(digits) => format!("_{digits}d"),
            Self::Brain | Self::Single => format!("_{self}"),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Brain => f.write_str("bf16"),
            Self::Single => f.write_str("f32"),
            Self::Double => f.write_str("f64"),
            Self::Digits(digits) => write!(f, "{digits}"),
        }
    }
}
