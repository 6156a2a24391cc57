//! The settings of a rule.

use super::table::table;
use crate::{format::exact, rule::Domain, value::Real};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The settings of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SettingTable(pub Vec<SettingReport>);

impl fmt::Display for SettingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|setting| {
            let value = match &setting.origin {
                SettingOrigin::Schedule { expression } => expression.clone(),
                SettingOrigin::Rows { values } => {
                    let values: Vec<String> = values.iter().map(|it| exact(it.0)).collect();
                    format!("{} by the rows", values.join(", "))
                }
                _ => exact(setting.value.0),
            };
            format!(
                "{:<10} = {value:<24} in {:<10} {}",
                setting.name,
                setting.domain.to_string(),
                setting.doc
            )
        });
        table(f, rows, "the rule has no settings")
    }
}

/// A setting of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct SettingReport {
    /// The name.
    pub name: String,
    /// The value here.
    pub value: Real,
    /// The value unless it is set.
    pub default: Real,
    /// The values that it may take.
    #[serde(serialize_with = "domain")]
    #[schemars(with = "DomainReport")]
    pub domain: Domain,
    /// The place that the value comes from.
    pub origin: SettingOrigin,
    /// The description in the rule.
    pub doc: String,
}

/// The place that the value of a setting comes from.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettingOrigin {
    /// The default of the rule.
    Default,
    /// The scenario, or the command that added the lane.
    Scenario,
    /// An edit.
    Edit {
        /// Iterations done when it was made.
        t: u64,
    },
    /// A recorded run, which has it of each iteration.
    Rows {
        /// The different values of groups of parameters, in the order of these: one where it holds for all.
        values: Vec<Real>,
    },
    /// A schedule: it is computed in each iteration anew.
    Schedule {
        /// What it follows, an expression of `t`.
        expression: String,
    },
}

/// The values that a setting may take, as data.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DomainReport {
    /// All numbers between two bounds.
    Interval {
        /// The lower bound.
        low: Real,
        /// True where the lower bound belongs to the domain.
        includes_low: bool,
        /// The upper bound.
        high: Real,
        /// True where the upper bound belongs to the domain.
        includes_high: bool,
    },
    /// One of these.
    Choice(Vec<Real>),
    /// The whole numbers from one to another, both among them.
    Whole {
        /// The least of them.
        low: Real,
        /// The largest of them.
        high: Real,
    },
}

impl From<&Domain> for DomainReport {
    fn from(domain: &Domain) -> Self {
        match domain {
            Domain::Interval { low, high } => Self::Interval {
                low: Real(low.0),
                includes_low: low.1,
                high: Real(high.0),
                includes_high: high.1,
            },
            Domain::Choice(values) => Self::Choice(values.iter().copied().map(Real).collect()),
            Domain::Whole { low, high } => Self::Whole {
                low: Real(*low),
                high: Real(*high),
            },
        }
    }
}

fn domain<S: serde::Serializer>(domain: &Domain, to: S) -> Result<S::Ok, S::Error> {
    DomainReport::from(domain).serialize(to)
}
