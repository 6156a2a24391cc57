//! The side that a run is compared with.

use crate::{text::counted, value::Real};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};
use std::{collections::BTreeMap, fmt};

/// Values of settings by name, in the order of the rule.
#[derive(Debug, Clone, PartialEq)]
pub struct SettingValues(pub Vec<(String, f64)>);

impl Serialize for SettingValues {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, Real(*value))))
    }
}

/// The side that a run is compared with.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Against {
    /// A rule with all its settings.
    Rule {
        /// The rule's name.
        rule: String,
        /// The values of its settings by name.
        #[schemars(with = "BTreeMap<String, Real>")]
        settings: SettingValues,
        /// The rule with the settings that are not at their defaults.
        text: String,
    },
    /// Another run.
    Run {
        /// The file of its rows.
        run: String,
    },
    /// Rules of which each steps tensors of its own.
    Rules(Vec<RuleOn>),
}

/// A rule, and the tensors that it steps.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RuleOn {
    /// The rule with the settings that are not at their defaults.
    pub text: String,
    /// The names of the tensors.
    pub tensors: Vec<String>,
}

impl From<(String, Vec<String>)> for RuleOn {
    fn from((text, tensors): (String, Vec<String>)) -> Self {
        Self { text, tensors }
    }
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { text, .. } => f.write_str(text),
            Self::Run { run } => f.write_str(run),
            Self::Rules(rules) => {
                let rules = rules.iter();
                let rules = rules
                    .map(|it| format!("{} on {}", it.text, counted(it.tensors.len(), "tensor")));
                f.write_str(&rules.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
