//! Reasons for which something is not known.
//!
//! A number without its premises is no answer: where they fail, what travels in its place is the reason,
//! and every front end shows the same one.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Something known, or the reason for which it is not.
pub type Known<T> = Result<T, Unknown>;

/// A premise that does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// No minimum was found to speak of.
    NoMinimum,
    /// More numbers than are decomposed.
    TooMany,
    /// Second derivatives are not finite numbers, or the loss itself is not known.
    NoHessian,
    /// The loss curves downward along some direction.
    Saddle,
    /// An eigenvalue at the minimum is 0, and the loss rises along its eigenvector by a higher order.
    Degenerate,
    /// Nothing curves there at all.
    Flat,
    /// A derivative is not a finite number.
    NotFinite,
    /// The eigenvalues of an iteration could not be computed.
    NoEigenvalues,
    /// Every curvature is stable, as where the loss curves downward only.
    AlwaysStable,
    /// No curvature is stable, however small.
    NeverStable,
    /// The step does not depend on the gradient's size, so its derivative says nothing.
    SizeBlind,
    /// A step does not depend on the curvature by more than rounding, as where the step size is 0.
    Unfelt,
    /// A mode does not shrink, so that nothing settles.
    NotSettling,
    /// A scale never falls, so that nothing settles.
    ScaleGrows,
    /// Noise on rows or elements is not additive.
    OtherNoise,
    /// The step is proportional to no setting of the rule, or to several.
    NoStepSize,
    /// The rule or the loss is not linear, so one place says nothing about the others.
    NotLinear,
    /// A value of the iteration before is asked for at the beginning of a run.
    NoStep,
    /// A value of more iterations before is asked for than the run has.
    BeforeStart,
    /// The row of a recorded run does not have it.
    NotRecorded,
    /// A value was not known one iteration before.
    Before,
    /// A value was not known several iterations before.
    LongBefore,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMinimum => "no minimum is known",
            Self::TooMany => "there are too many parameters",
            Self::NoHessian => "the Hessian is not known here",
            Self::Saddle => "the loss does not curve upward in every direction",
            Self::Degenerate => {
                "the minimum is degenerate: along some direction its curvature is 0, and the loss rises by a higher order"
            }
            Self::Flat => "the curvature is 0 in every direction there",
            Self::NotFinite => "the derivative of an iteration is not finite",
            Self::NoEigenvalues => "the eigenvalues of an iteration could not be computed",
            Self::AlwaysStable => "the loss curves upward nowhere, or every curvature is stable",
            Self::NeverStable => "no curvature is stable, however small",
            Self::SizeBlind => {
                "a step does not depend on the gradient's size, so its derivative says nothing"
            }
            Self::Unfelt => "a step does not depend on the curvature by more than rounding",
            Self::NotSettling => "an error does not shrink, so no stationary state is reached",
            Self::ScaleGrows => "a scale never falls, so no stationary state is reached",
            Self::OtherNoise => "the noise depends on w",
            Self::NoStepSize => "no one setting of the rule is its step size",
            Self::NotLinear => "the rule is not linear, or the loss not quadratic",
            Self::NoStep => "no step has been taken yet",
            Self::BeforeStart => "the run has not come so many steps yet",
            Self::NotRecorded => "it was not recorded here",
            Self::Before => "the value one iteration before is not known",
            Self::LongBefore => "the value so many iterations before is not known",
        })
    }
}
