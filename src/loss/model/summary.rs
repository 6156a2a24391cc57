//! A fitted model as data, and its objective in words.

use crate::value::Real;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::{self, Write};

/// The model that is fitted to a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Linear regression, [`Linear`](crate::loss::Linear).
    Linear,
    /// Logistic regression, [`Logistic`](crate::loss::Logistic).
    Logistic,
    /// A small network, [`Mlp`](crate::loss::Mlp).
    Mlp,
}

/// A model that is fitted to the rows of a table; its `Display` is the objective in words.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ModelSummary {
    /// The model.
    pub name: Model,
    /// The mean of this over the rows is minimised.
    pub objective: Objective,
    /// The number of rows.
    pub rows: usize,
    /// The names of the columns that it predicts from, in the order of its weights.
    pub features: Vec<String>,
    /// The name of the column that it predicts.
    pub target: String,
    /// Units of each hidden layer, from the features on; empty for a model without any.
    pub hidden: Vec<usize>,
    /// The factor of half the squared weights in the loss.
    pub ridge: Real,
}

/// The loss of one row, with the prediction z and the target y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Half the squared error, `(z - y)^2/2`.
    Squares,
    /// The logistic loss, `ln(1 + e^z) - y*z`, for targets of 0 and 1.
    Logistic,
}

impl Objective {
    /// The loss of one row in the language.
    #[must_use]
    pub fn term(self) -> &'static str {
        match self {
            Self::Squares => "(z - y)^2/2",
            Self::Logistic => "ln(1 + e^z) - y*z",
        }
    }
}

impl ModelSummary {
    /// The prediction: `z = w[1] + w[2]*rain`.
    fn prediction(&self) -> String {
        if self.name == Model::Mlp {
            let hidden = self.hidden.iter().map(|units| format!("-{units}"));
            let hidden: String = hidden.collect();
            return format!("z of a tanh network {}{hidden}-1", self.features.len());
        }
        let mut z = String::from("z = w[1]");
        for (at, feature) in self.features.iter().enumerate() {
            if at == 8 {
                let _ = write!(z, " + ... ({} features)", self.features.len());
                break;
            }
            let _ = write!(z, " + w[{}]*{feature}", at + 2);
        }
        z
    }
}

impl fmt::Display for ModelSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "mean of {} over {} rows; {}, y = {}",
            self.objective.term(),
            self.rows,
            self.prediction(),
            self.target
        )?;
        match self.ridge.0 {
            0.0 => Ok(()),
            ridge => write!(f, "; plus {ridge}/2 times the squared weights"),
        }
    }
}
