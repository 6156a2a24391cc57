//! Claims about a run: what is said of it, what that rests on, and the outcome of a check that does not use the
//! way in which it was found.
//!
//! A claim whose check does not pass is unknown, with the reason. Every front end shows the claims that are made
//! here, so that no two of them differ.

mod text;

pub use text::news;

use super::{
    stability::{Edge, LocalModes},
    unknown::{Known, Unknown},
};
use crate::value::Real;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A run counts as diverged so far from its start, in units of that (where no derivative tells).
pub const FAR: f64 = 1e6;
/// A spectral radius this near to 1 counts as 1: errors neither grow nor shrink.
pub const NEUTRAL: f64 = 1e-9;
/// Rounding parts modes that coincide by the root of what it does to others.
pub const COINCIDING: f64 = 1e-7;

/// True for a spectral radius with which errors grow for good.
#[must_use]
pub fn grows(radius: f64) -> bool {
    radius > 1.0 + NEUTRAL
}

/// The doubt that a loss which has been at or below the tolerance for so many rows stays there, under iterations with
/// these modes: it may be passing by.
#[must_use]
pub fn doubt_of_passing(modes: &LocalModes, rows: u64) -> Option<Doubt> {
    if modes.turns == Some(false) {
        return Some(Doubt::Striding);
    }
    // To and fro takes two.
    let least = if modes.turns.is_some() { 2 } else { 1 };
    let needed = modes.half_swing().max(least);
    (rows < needed).then_some(Doubt::Passing { rows, needed })
}

/// The same, or the doubt that a place is left where an iteration magnifies errors; `edge` is asked there only, and has
/// no answer off a bowl.
#[must_use]
pub fn doubt_of_settling(
    modes: &LocalModes,
    rows: u64,
    is_still: bool,
    edge: impl FnOnce() -> Known<Edge>,
) -> Option<Doubt> {
    let edge = if modes.magnify() { edge().ok() } else { None };
    let edge = edge.map(|edge| Real(edge.share));
    match edge.filter(|edge| edge.0 > 1.0) {
        Some(edge) if is_still => Some(Doubt::UnstableRest { edge }),
        Some(edge) => Some(Doubt::Leaving { edge }),
        None => doubt_of_passing(modes, rows),
    }
}

/// The edge of the unstable point on which a run rests, the gradient being exactly 0, where that is among its claims.
#[must_use]
pub fn unstable_rest(claims: &[Claim]) -> Option<Real> {
    let unstable = claims.iter().find(|it| it.kind == ClaimKind::Stable)?;
    let rests = unstable.premises.contains(&Premise::Still);
    let edge = |it: &Premise| match it {
        Premise::Edge(edge) => Some(*edge),
        _ => None,
    };
    let edge = unstable.premises.iter().find_map(edge);
    edge.filter(|_| rests && unstable.verdict == Verdict::Fails)
}

/// A claim about a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Claim {
    /// The statement.
    pub kind: ClaimKind,
    /// The eigenvector that it is about, from 1, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<usize>,
    /// The outcome.
    pub verdict: Verdict,
    /// The premises, and the numbers that the check has found.
    pub premises: Vec<Premise>,
}

/// A statement about a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClaimKind {
    /// The loss is within the tolerance of its own minimum, and the gradient as small as it is there.
    Converged,
    /// Converged from some t to the newest one.
    Settled,
    /// Growth for good.
    Diverged,
    /// The iteration does not magnify small errors.
    Stable,
    /// An error oscillates about 0 and shrinks.
    Ringing,
    /// The loss comes down to the tolerance at a predicted t.
    ArrivesAt,
    /// The errors are those predicted, to rounding.
    Exact,
    /// A recorded run is that of the rule.
    Same,
    /// A variant of the rule leads through a recorded run.
    ExplainedBy,
}

/// The outcome of a claim and of its check.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// True, and the check agrees.
    Holds,
    /// False, and the check agrees.
    Fails,
    /// Not known, for this reason.
    Unknown(Doubt),
}

/// A reason for which a claim is not known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A premise does not hold.
    Premise(Unknown),
    /// The check disagrees: it found a number beyond the most that the claim allows.
    Check {
        /// The number found.
        found: Real,
        /// The most that the claim allows.
        most: Real,
    },
    /// The gradient is that of another height above the minimum than the loss, as far as the loss is like its quadratic
    /// model.
    Height {
        /// The height of which gradient and curvature speak.
        found: Real,
        /// The most that the claim allows.
        most: Real,
    },
    /// The iteration depends on third derivatives, which the edge of stability leaves out.
    Third {
        /// The largest modulus among the eigenvalues of the iteration.
        modulus: Real,
    },
    /// The largest modulus of the iteration is so near to 1 that rounding may be what takes it beyond.
    Neutral {
        /// The modulus.
        modulus: Real,
    },
    /// The run rests on an unstable point, because the gradient is exactly 0 there.
    UnstableRest {
        /// The curvature in units of the largest stable one.
        edge: Real,
    },
    /// The iteration is unstable where the run is.
    Leaving {
        /// The curvature in units of the largest stable one.
        edge: Real,
    },
    /// The gradient is exactly 0, so that nothing moves, whatever an error would do.
    Still,
    /// The loss is no number from this boundary on, where `w` is still finite: the run has left its domain.
    OutOfDomain {
        /// The boundary.
        t: u64,
    },
    /// The run was ended at its bound, which says nothing of what comes after.
    Bound {
        /// The bound on the magnitude of a parameter.
        bound: Real,
    },
    /// The loss may pass through the tolerance: it has been at or below it for fewer rows than a swing takes.
    Passing {
        /// The rows.
        rows: u64,
        /// Half a swing of the errors, in iterations.
        needed: u64,
    },
    /// Steps that do not shrink lead on through the tolerance.
    Striding,
    /// Rounding explains deviations as large as this, which is too much to test anything by.
    Rounding {
        /// The deviation.
        most: Real,
    },
    /// Gradients are noisy, so that what is predicted is a mean.
    Noise,
    /// The parameters never move, so that every rule would agree that is given no gradient.
    NothingMoved,
    /// Nothing was compared.
    NothingCompared,
    /// The claim could not be checked, for this reason.
    Unchecked(Unchecked),
}

/// A reason for which an explanation cannot be led on its own steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unchecked {
    /// States that the steps depend on are not known where the run begins.
    StatesNotRecorded,
    /// No row is explained.
    NothingExplained,
    /// The rows are needed: what was found leads on from recorded ones only, first in this iteration.
    RowsNeeded {
        /// The iteration.
        t: u64,
    },
}

/// Something that a claim rests on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Premise {
    /// No minimum is known, so that losses are counted from 0.
    NoMinimum,
    /// The minimum that losses and errors are counted from.
    Minimum {
        /// True if the loss knows it; else Newton's method led to it.
        known: bool,
        /// The loss there.
        loss: Real,
        /// The neighbourhood of the minimum.
        isolation: Isolation,
    },
    /// The loss that counts as converged, above that of the minimum.
    Tolerance(Real),
    /// The boundaries that it is about, both included.
    Span {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The loss.
    Loss(Real),
    /// The loss above the minimum as gradient and curvature at `w` have it (Newton's decrement), and the most that is
    /// allowed.
    Decrement {
        /// The decrement.
        found: Real,
        /// The most that is allowed.
        most: Real,
    },
    /// The spectral radius of the iteration, which is linear on a quadratic loss.
    Radius(Real),
    /// The largest coordinate of w over that of the start, or over 1 where the start's is smaller.
    Distance(Real),
    /// The curvature in units of the largest stable one.
    Edge(Real),
    /// Along some direction the loss has this negative curvature where the iteration takes a gradient: an error along it
    /// grows under any step size.
    Downward(Real),
    /// A step depends on `w` itself, as on its norm, and not through gradients alone.
    StepOfW,
    /// Along some direction a larger gradient makes a step that is shorter by this for each unit of it, as where a step is
    /// made of the gradient's direction alone.
    StepShrinks(Real),
    /// The gradient is exactly 0.
    Still,
    /// The largest modulus among the eigenvalues of the iteration.
    Modulus(Real),
    /// The iterations of one swing.
    Period(Real),
    /// The predicted t.
    Predicted(u64),
    /// The measured t.
    Measured(u64),
    /// The loss at the predicted t and one before it, by powers of the whole iteration.
    Powers {
        /// One iteration before.
        before: Real,
        /// At it.
        at: Real,
    },
    /// The largest deviation of a measured error from the predicted one, and what rounding explains.
    Deviation {
        /// The deviation.
        found: Real,
        /// The most that rounding of `w` explains.
        most: Real,
    },
    /// Rows that were compared.
    Rows(usize),
    /// Rows in which the parameters moved.
    Moved(usize),
    /// The share that is explained.
    Share(Real),
    /// Something that is assumed.
    Assumed(Assumption),
}

/// The neighbourhood of a minimum.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// The loss rises in every direction, with at least this curvature.
    Isolated {
        /// The least eigenvalue there.
        curvature: Real,
    },
    /// Minima lie side by side, as on a valley's floor.
    Level,
    /// Some curvature is 0, and the loss rises by a higher order.
    Degenerate,
    /// Too many parameters to tell.
    Untold,
}

/// Something that a claim takes for granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Assumption {
    /// The scales of the rule stay as they are.
    ScalesHeld,
    /// The loss is like its quadratic model here.
    QuadraticModel,
    /// The rule is linear and the loss quadratic, as trials at other places have shown.
    Linear,
    /// No more is known than what has been run.
    SoFar,
}

impl Claim {
    /// A claim about a run as a whole.
    #[must_use]
    pub fn new(kind: ClaimKind, verdict: Verdict, premises: Vec<Premise>) -> Self {
        Self {
            kind,
            direction: None,
            verdict,
            premises,
        }
    }

    /// True if it holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.verdict == Verdict::Holds
    }

    /// What makes it fail, in a word or two, where that is not too large a curvature.
    #[must_use]
    pub fn beside_the_edge(&self) -> Option<&'static str> {
        self.premises.iter().find_map(|it| match it {
            Premise::Downward(_) => Some("negative curvature"),
            Premise::StepOfW => Some("steps depend on w"),
            Premise::StepShrinks(_) => Some("steps shrink as gradients grow"),
            _ => None,
        })
    }

    /// The t of what is predicted, where it is about that.
    #[must_use]
    pub fn predicted(&self) -> Option<u64> {
        let mut premises = self.premises.iter();
        premises.find_map(|it| match it {
            Premise::Predicted(t) => Some(*t),
            _ => None,
        })
    }

    /// The boundaries that it is about, both included, where it is about some.
    #[must_use]
    pub fn span(&self) -> Option<(u64, u64)> {
        let mut premises = self.premises.iter();
        premises.find_map(|it| match it {
            Premise::Span { from, to } => Some((*from, *to)),
            _ => None,
        })
    }
}

impl Verdict {
    /// The verdict of a claim that is `found` to hold or not, where the check found a number and allows so much if
    /// it holds.
    #[must_use]
    pub fn checked(found_true: bool, found: f64, most: f64) -> Self {
        match (found_true, found <= most) {
            (true, true) => Self::Holds,
            (false, _) => Self::Fails,
            (true, false) => Self::Unknown(Doubt::Check {
                found: Real(found),
                most: Real(most),
            }),
        }
    }
}

impl From<Unknown> for Verdict {
    fn from(why: Unknown) -> Self {
        Self::Unknown(Doubt::Premise(why))
    }
}
