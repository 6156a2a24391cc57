//! The predictions of theory for a lane, beside measurements.

mod text;

use crate::{
    analysis::{Claim, Regime, Unknown},
    value::Real,
};
use nalgebra::Complex;
use schemars::JsonSchema;
use serde::Serialize;

/// The claims about a lane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ClaimTable {
    /// The lane.
    pub lane: String,
    /// Iterations done.
    pub t: u64,
    /// The claims.
    pub claims: Vec<Claim>,
}

/// The predictions of theory for a lane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PredictionReport {
    /// The lane.
    pub lane: String,
    /// The way in which errors are predicted.
    pub how: Method,
    /// The boundary from which they are predicted.
    pub from_t: Option<u64>,
    /// True where scales are held, so that modes are true for the moment only.
    pub held: bool,
    /// The effect of one iteration along each eigenvector of the Hessian.
    pub directions: Vec<DirectionReport>,
    /// The effect of one iteration on all errors, where no direction is known or they mix.
    pub iteration: Option<IterationReport>,
    /// The curvature beside the largest stable one.
    pub edge: Option<EdgeReport>,
    /// The reason for which there is no edge, or none is known.
    pub no_edge: Option<Unknown>,
    /// The t at which the loss comes down to the tolerance.
    pub convergence: Option<Convergence>,
    /// The reason for which alpha has no stationary variance under the noise.
    pub no_variance: Option<Unknown>,
    /// The claims about the run.
    pub claims: Vec<Claim>,
    /// The largest factor by which errors grow before they shrink, where they do, and the iterations until then.
    pub growth: Option<GrowthReport>,
    /// True where gradients are noisy: predictions are means then.
    pub noisy: bool,
    /// True where few enough numbers move for anything to be predicted.
    pub predictable: bool,
}

/// The way in which errors are predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Exactly.
    Exactly,
    /// Exactly, but for the noise: the mean of errors.
    OnAverage,
    /// As if exactly, but rounding is too coarse to tell.
    Untold,
    /// As if exactly, but the errors that were measured are others.
    Doubted,
    /// As far as the loss is like its quadratic model here.
    Locally,
    /// Not predictable at this point.
    Not,
    /// Not at all: no minimum is known.
    NoMinimum,
    /// Not at all: the run was recorded, and nothing is known of its rule.
    Recorded,
}

/// The effect of one iteration on the error along an eigenvector of the Hessian.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct DirectionReport {
    /// The eigenvalue at the minimum.
    pub lambda: Real,
    /// The curvature along the eigenvector at `w`.
    pub here: Real,
    /// The step per gradient that a steady gradient leads to, scales held, times the curvature at `w`: gradient descent is
    /// stable below 2.
    pub eta_lambda: Option<Real>,
    /// The error.
    pub alpha: Option<Real>,
    /// The predicted error.
    pub predicted: Option<Real>,
    /// The stationary variance of the error, under noise.
    pub variance: Option<Real>,
    /// The regime of the error, as an identifier.
    #[serde(serialize_with = "regime_name")]
    #[schemars(with = "RegimeName")]
    pub regime: Regime,
    /// The eigenvalues of the iteration along this direction, the largest modulus first.
    pub modes: Vec<ModeReport>,
    /// True where the error is no larger than what rounding of `w` explains.
    pub rounded: bool,
    /// True where the error mixes with errors along other directions.
    pub mixed: bool,
}

/// The effect of one iteration on all errors together.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct IterationReport {
    /// The regime, as an identifier.
    #[serde(serialize_with = "regime_name")]
    #[schemars(with = "RegimeName")]
    pub regime: Regime,
    /// The eigenvalues of the iteration, the largest modulus first.
    pub modes: Vec<ModeReport>,
}

/// An eigenvalue of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct ModeReport {
    /// The factor of the error's magnitude in each iteration.
    pub modulus: Real,
    /// The angle in radians, from -pi to pi.
    pub argument: Real,
    /// The iterations of one swing, `2 pi / |argument|`; null where the mode is real and positive.
    pub period: Option<Real>,
}

impl From<&Complex<f64>> for ModeReport {
    fn from(mode: &Complex<f64>) -> Self {
        let argument = libm::atan2(mode.im, mode.re);
        Self {
            modulus: Real(libm::hypot(mode.re, mode.im)),
            argument: Real(argument),
            period: (argument != 0.0).then(|| Real(2.0 * std::f64::consts::PI / argument.abs())),
        }
    }
}

/// The names of regimes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RegimeName {
    /// The error vanishes in one iteration.
    OneShot,
    /// Shrinks, keeping its sign.
    Monotone,
    /// Oscillates about 0 and shrinks.
    Ringing,
    /// Alternates in sign and shrinks.
    Flipping,
    /// Stays as it is.
    Still,
    /// Moves by steps independent of its size.
    Constant,
    /// Moves to and fro by such steps.
    Swinging,
    /// Grows without bound.
    Diverging,
    /// Grows under the present scales.
    Growing,
    /// There is no mode.
    Unknown,
}

fn regime_name<S: serde::Serializer>(regime: &Regime, to: S) -> Result<S::Ok, S::Error> {
    let name = match regime {
        Regime::OneShot => RegimeName::OneShot,
        Regime::Monotone => RegimeName::Monotone,
        Regime::Ringing { .. } => RegimeName::Ringing,
        Regime::Flipping => RegimeName::Flipping,
        Regime::Still => RegimeName::Still,
        Regime::Constant { .. } => RegimeName::Constant,
        Regime::Swinging { .. } => RegimeName::Swinging,
        Regime::Diverging { .. } => RegimeName::Diverging,
        Regime::Growing { .. } => RegimeName::Growing,
        Regime::Unknown => RegimeName::Unknown,
    };
    name.serialize(to)
}

/// The transient growth of errors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct GrowthReport {
    /// The largest factor of an error's length.
    pub factor: Real,
    /// The iterations until then.
    pub after: u64,
}

/// The curvature in units of the largest stable one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct EdgeReport {
    /// The ratio: unstable above 1.
    pub share: Real,
    /// The largest stable curvature.
    pub curvature: Real,
}

/// The t at which the loss comes down to the tolerance, predicted and measured.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Convergence {
    /// The loss that counts as converged, above its minimum.
    pub tolerance: Real,
    /// The loss at that minimum.
    pub floor: Real,
    /// The boundary from which it is predicted, where that is local.
    pub from_t: Option<u64>,
    /// The prediction.
    pub predicted: Reached,
    /// The t at which it was measured.
    pub measured: Option<u64>,
}

/// The t at which something is predicted to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// At this t.
    At(u64),
    /// Never.
    Never,
    /// Not within so many iterations.
    NotWithin(usize),
    /// Nothing was predicted where it mattered.
    Unknown,
}
