//! A mode in words.

use crate::format::{label, short};
use nalgebra::Complex;
use std::fmt;

/// The long-run behaviour of an error along a mode.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Regime {
    /// Vanishes in one iteration.
    OneShot,
    /// Shrinks in the long run, keeping its sign.
    Monotone,
    /// Oscillates about 0 and shrinks in the long run, with a period in iterations.
    Ringing {
        /// 2 pi / |arg z|
        period: f64,
    },
    /// Alternates in sign and shrinks in the long run; repeated modes grow at first.
    Flipping,
    /// Stays as it is: nothing moves along this mode.
    Still,
    /// Moves by steps independent of its size, as under a rule that takes the gradient's sign only, until that turns.
    Constant {
        /// The step of one iteration.
        step: f64,
    },
    /// Moves to and fro by such steps.
    Swinging {
        /// The step of one iteration.
        step: f64,
    },
    /// Grows without bound: the rule is linear and the loss quadratic.
    Diverging {
        /// |z|
        factor: f64,
    },
    /// Grows while scales and curvature stay as they are.
    Growing {
        /// |z|
        factor: f64,
    },
    /// There is no mode.
    Unknown,
}

/// Moduli this near to 1 count as 1, smaller ones than this as 0.
pub(super) const NEAR: f64 = 1e-9;
/// A pair of modes this near to the real axis is a repeated real one, split by rounding.
const REAL: f64 = 1e-6;

impl Regime {
    /// The regime of `mode`.
    #[must_use]
    pub fn of(mode: Option<Complex<f64>>) -> Self {
        let Some(z) = mode else {
            return Self::Unknown;
        };
        let size = z.norm();
        let is_real = z.im.abs() <= REAL * size;
        if !size.is_finite() {
            Self::Unknown
        } else if size > 1.0 + NEAR {
            Self::Diverging { factor: size }
        } else if size < NEAR {
            Self::OneShot
        } else if !is_real {
            let period = 2.0 * std::f64::consts::PI / libm::atan2(z.im, z.re).abs();
            Self::Ringing { period }
        } else if z.re < 0.0 {
            Self::Flipping
        } else if size > 1.0 - NEAR {
            Self::Still
        } else {
            Self::Monotone
        }
    }
}

impl Regime {
    /// The same regime under an iteration that is local in time.
    pub(super) fn for_now(self) -> Self {
        match self {
            Self::Diverging { factor } => Self::Growing { factor },
            other => other,
        }
    }

    /// The regime of steps that do not depend on the error: this one, and the next.
    pub(super) fn of_steps((step, next): (f64, f64)) -> Self {
        if step * next < 0.0 {
            Self::Swinging { step }
        } else {
            Self::Constant { step }
        }
    }
}

impl Regime {
    /// The name in at most eight letters, without numbers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::OneShot => "one shot",
            Self::Monotone => "monotone",
            Self::Ringing { .. } => "ringing",
            Self::Flipping => "flipping",
            Self::Still => "still",
            Self::Constant { .. } => "constant",
            Self::Swinging { .. } => "swings",
            Self::Diverging { .. } => "diverges",
            Self::Growing { .. } => "grows",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Regime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())?;
        match self {
            Self::Ringing { period } => write!(f, ", period {period:.1}"),
            Self::Constant { step } => write!(f, " steps of {} for now", short(step.abs())),
            Self::Swinging { step } => {
                write!(f, ", by steps of {} that do not shrink", short(step.abs()))
            }
            Self::Growing { factor } => write!(f, " for now, x{}", label::growth(*factor)),
            Self::Diverging { factor } => write!(f, ", x{}", label::growth(*factor)),
            _ => Ok(()),
        }
    }
}
