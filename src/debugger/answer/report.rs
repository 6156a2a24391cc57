//! The loss, the rule and the options.

use crate::{analysis::Unknown, value::Real};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// The loss that all lanes are on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LossReport {
    /// The name.
    pub name: String,
    /// The formula.
    pub formula: String,
    /// The minimum that errors are measured from, or the place whose Hessian stands in for one.
    pub minimum: MinimumReport,
    /// The eigenvalues of the Hessian there, ascending; null where it has none.
    pub lambda: Option<Vec<Real>>,
    /// True where the loss is level along the eigenvectors of eigenvalues 0: kappa is that of the others then.
    pub level: bool,
    /// The ratio of the largest to the smallest eigenvalue.
    pub kappa: Option<Real>,
    /// The reason for which there is no kappa.
    pub no_kappa: Option<Unknown>,
    /// The step size at the edge of stability of gradient descent, `2/lambda_max`.
    pub eta_max: Option<Real>,
    /// The best constant step size of gradient descent, `2/(lambda_min + lambda_max)`.
    pub eta_opt: Option<Real>,
    /// The reason for which there is no eta_max, or no eta_opt.
    pub no_eta: Option<Unknown>,
    /// The noise on gradients, if there is any.
    pub noise: Option<NoiseReport>,
}

/// A minimum.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct MinimumReport {
    /// The way in which it was found.
    pub origin: MinimumOrigin,
    /// The parameters there.
    pub w: Vec<Real>,
    /// The loss there.
    pub loss: Real,
}

/// The way in which a minimum was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MinimumOrigin {
    /// The loss knows it.
    Known,
    /// Newton's method led to it.
    Newton,
    /// None was found: this is the place looked at.
    None,
}

/// Noise on gradients.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct NoiseReport {
    /// The standard deviation of each element.
    pub sigma: Real,
    /// The seed.
    pub seed: u64,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleReport {
    /// The name.
    pub name: String,
    /// The title.
    pub title: String,
    /// The papers and documents that it follows.
    pub cites: Vec<String>,
    /// The text of its file.
    pub text: String,
}

/// The options of a session.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OptionsReport {
    /// The loss that counts as converged, above the least one.
    pub tolerance: Real,
    /// Iterations that one command may run.
    pub max_run: u64,
    /// The magnitude of a parameter at which a run ends; null where it is off.
    pub bound: Option<Real>,
    /// The switches of the front end, by name: true while on.
    #[serde(flatten)]
    pub switches: BTreeMap<String, bool>,
    /// Iterations a second of a run that plays.
    pub speed: Real,
}
