//! The side that a run is compared with.

use crate::value::Real;
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
}

impl fmt::Display for Against {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rule { text, .. } => f.write_str(text),
            Self::Run { run } => f.write_str(run),
        }
    }
}
