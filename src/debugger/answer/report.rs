//! The loss, the rule and the options, each with its text.

use super::OptionValue;
use crate::{
    analysis::Unknown,
    format::{exact, short},
    loss::ModelSummary,
    value::{Real, Value},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// The loss that all lanes are on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LossReport {
    /// The name.
    pub name: String,
    /// The formula, which `--loss` reads; null where the loss has none, or too long a one.
    pub formula: Option<String>,
    /// The loss in the notation of mathematics, for a person to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The model that is fitted, where the loss is that of one.
    pub model: Option<ModelSummary>,
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
    /// The options of the front end, by name: `mouse`, `speed`.
    #[serde(flatten)]
    pub front_end: BTreeMap<String, OptionValue>,
}

fn vector(values: &[Real]) -> Value {
    Value::Vector(values.iter().map(|value| value.0).collect())
}

impl fmt::Display for LossReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        match (&self.formula, &self.model, &self.description) {
            (Some(formula), ..) => f.write_str(formula)?,
            (None, Some(model), _) => write!(f, "{model}")?,
            (None, None, Some(description)) => f.write_str(description)?,
            (None, None, None) => f.write_str("not known: name it with --loss")?,
        }
        let place = vector(&self.minimum.w);
        let loss = short(self.minimum.loss.0);
        match self.minimum.origin {
            MinimumOrigin::Known => write!(f, "\nminimum (known): {place}, loss {loss} there")?,
            MinimumOrigin::Newton => {
                write!(f, "\nminimum (by Newton): {place}, loss {loss} there")?;
            }
            MinimumOrigin::None => {
                write!(f, "\nno minimum found; the Hessian is evaluated at {place}")?;
            }
        }
        if let Some(lambda) = &self.lambda {
            write!(f, "\nlambda = {}, ", vector(lambda))?;
            self.conditioning(f)?;
        }
        match &self.noise {
            Some(noise) => write!(
                f,
                "\ngradient noise: sigma {}, seed {}",
                exact(noise.sigma.0),
                noise.seed
            ),
            None => Ok(()),
        }
    }
}

impl LossReport {
    /// Writes the condition number and the step sizes of gradient descent, or the reason for which there are
    /// none.
    fn conditioning(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kappa, self.no_kappa) {
            (Some(kappa), _) => write!(f, "kappa = {}", short(kappa.0))?,
            (None, Some(why)) => write!(f, "no kappa: {why}")?,
            (None, None) => {}
        }
        match (self.eta_max, self.eta_opt, self.no_eta) {
            (Some(max), Some(opt), _) => {
                if self.level {
                    f.write_str(" (over the nonzero lambda: the loss is flat where lambda is 0)")?;
                }
                let (max, opt) = (short(max.0), short(opt.0));
                write!(f, "\ngradient descent: eta_max = {max}, eta_opt = {opt}")
            }
            (_, _, Some(why)) => write!(f, "\ngradient descent: no eta_max, no eta_opt: {why}"),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for RuleReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.title)?;
        for cite in &self.cites {
            writeln!(f, "  {cite}")?;
        }
        write!(f, "\n{}", self.text.trim_end())
    }
}

impl fmt::Display for OptionsReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bound = self.bound.map_or("off".to_owned(), |it| exact(it.0));
        write!(
            f,
            "tolerance = {}\nmax-run = {}\nbound = {bound}",
            exact(self.tolerance.0),
            self.max_run,
        )?;
        self.front_end
            .iter()
            .try_for_each(|(name, value)| write!(f, "\n{name} = {value}"))
    }
}
