//! The line of a variable as a sum of terms.

use crate::{format::exact, value::Real};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The line of a variable as sums of terms, of which the run and the rule have different ones.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineDifference {
    /// The variable that the line updates: a buffer, or w, whose terms are those of its step.
    pub variable: String,
    /// The run's terms.
    pub run: Vec<LineTerm>,
    /// The rule's terms; empty where the rule's line was not solved for.
    pub rule: Vec<LineTerm>,
}

/// One term of a line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineTerm {
    /// The number that the term is multiplied by; null where it changes from iteration to iteration.
    pub coefficient: Option<Real>,
    /// The term in the language of rules, without its divisor: `exp_avg`, `g^2`.
    pub term: String,
    /// The share of the old value in a mixture that the term takes the sign of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mix: Option<Real>,
    /// The divisor of the term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub divisor: Option<LineDivisor>,
}

impl LineTerm {
    /// A term with nothing below it.
    pub(in crate::diff) fn new(coefficient: Option<f64>, term: String) -> Self {
        Self {
            coefficient: coefficient.map(Real),
            term,
            mix: None,
            divisor: None,
        }
    }
}

/// The divisor of a step's direction.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineDivisor {
    /// The buffer that divides.
    pub buffer: String,
    /// The form in which it enters.
    pub shape: DivisorShape,
    /// The number that keeps the divisor from 0.
    pub eps: Real,
    /// The scaling of eps.
    pub scaling: EpsScaling,
    /// The beta by whose power eps is scaled; null where it is not.
    pub beta: Option<Real>,
}

/// The form in which a buffer enters a divisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DivisorShape {
    /// `sqrt(s) + eps`
    Root,
    /// `sqrt(s + eps)`
    Inside,
    /// `s + eps`
    Plain,
}

/// The scaling of eps beside the uncorrected root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EpsScaling {
    /// None.
    Constant,
    /// By the correction of the second moment, `sqrt(1 - beta^t)`: eps is added to the corrected root.
    Corrected,
    /// By `sqrt(beta^t)`, with which the second moment is corrected by mistake.
    Powered,
}

impl fmt::Display for LineDivisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = self.buffer.as_str();
        let beta = self.beta.map_or(0.0, |it| it.0);
        let eps = exact(self.eps.0);
        let eps = match self.scaling {
            EpsScaling::Corrected => format!("{eps}*sqrt(1 - {}^t)", exact(beta)),
            EpsScaling::Powered => format!("{eps}*sqrt({}^t)", exact(beta)),
            EpsScaling::Constant => eps,
        };
        match (self.shape, self.eps.0 == 0.0) {
            (DivisorShape::Root, true) => write!(f, "/sqrt({s})"),
            (DivisorShape::Root, false) => write!(f, "/(sqrt({s}) + {eps})"),
            (DivisorShape::Inside, _) => write!(f, "/sqrt({s} + {eps})"),
            (DivisorShape::Plain, true) => write!(f, "/{s}"),
            (DivisorShape::Plain, false) => write!(f, "/({s} + {eps})"),
        }
    }
}
