//! Tables: lines of a rule, stops, lanes, settings, variables and edits.

use super::{DisplayValue, stopped};
use crate::{
    debugger::lanes::HaltReason,
    rule::Domain,
    value::{Real, Value},
};
use schemars::JsonSchema;
use serde::Serialize;

/// The lines of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct Listing(pub Vec<ListedLine>);

/// A line of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ListedLine {
    /// The number, from 1.
    pub number: usize,
    /// The text.
    pub text: String,
    /// True for the line that is about to run.
    pub next: bool,
    /// The variable that it assigns.
    pub name: String,
    /// The value of the variable here; null where it has none yet.
    pub values: Option<Value>,
}

/// All stops and displays.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StopTable {
    /// The stops.
    pub stops: Vec<StopReport>,
    /// The displays with their values here.
    pub displays: Vec<DisplayValue>,
    /// The plots.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub plots: Vec<PlotReport>,
    /// The number of lanes.
    pub lanes: usize,
}

/// Expressions that are drawn over t.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PlotReport {
    /// The number of the plot.
    pub id: u64,
    /// The expressions.
    pub text: String,
}

/// A stop.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct StopReport {
    /// The number of the stop.
    pub id: u64,
    /// The event that it waits for.
    pub kind: StopType,
    /// The condition or the expression, if it has one.
    pub expression: Option<String>,
    /// The line before which it stops, from 1.
    pub line: Option<usize>,
    /// The lane that it is about, if it is about one.
    pub lane: Option<String>,
    /// False where it waits for its lane to be in focus: lines are stopped at in the lane in focus only.
    pub in_focus: bool,
    /// True if the stop is enabled.
    pub enabled: bool,
    /// True where the first hit deletes it.
    pub once: bool,
    /// The number of further hits that are ignored.
    pub ignore: u64,
    /// The number of hits so far.
    pub hits: u64,
}

/// The event that a stop waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopType {
    /// A condition becomes true.
    Break,
    /// A line is about to run.
    Line,
    /// A value changes.
    Watch,
    /// Every iteration, which is logged.
    Trace,
}

/// All lanes.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct LaneTable(pub Vec<LaneReport>);

/// A lane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LaneReport {
    /// The name.
    pub name: String,
    /// The name of its rule.
    pub rule: String,
    /// True for the lane in focus.
    pub focus: bool,
    /// Iterations done.
    pub t: u64,
    /// The loss.
    pub loss: Real,
    /// The norm of the gradient.
    pub gradient_norm: Real,
    /// The loss that counts as converged, above the least one.
    pub tolerance: Real,
    /// The least loss.
    pub floor: Real,
    /// The first t at which the loss was down to the tolerance.
    pub touched: Option<u64>,
    /// The t since when the loss has stayed there.
    pub since: Option<u64>,
    /// The number of gradients that the rule has asked for.
    pub gradient_evaluations: u64,
    /// The reason why the run has ended here, if it has.
    #[serde(serialize_with = "end")]
    #[schemars(with = "Option<stopped::EndReason>")]
    pub end: Option<HaltReason>,
}

#[expect(clippy::ref_option, reason = "serde asks with a reference")]
fn end<S: serde::Serializer>(end: &Option<HaltReason>, to: S) -> Result<S::Ok, S::Error> {
    end.as_ref().map(stopped::EndReason::from).serialize(to)
}

/// The settings of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct SettingTable(pub Vec<SettingReport>);

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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
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
        }
    }
}

fn domain<S: serde::Serializer>(domain: &Domain, to: S) -> Result<S::Ok, S::Error> {
    DomainReport::from(domain).serialize(to)
}

/// The variables of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct VariableTable(pub Vec<VariableReport>);

/// A variable of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct VariableReport {
    /// The name.
    pub name: String,
    /// The part it plays: `parameters`, `temporary`, `state`, or the role that the rule gives a state.
    pub role: String,
    /// The shape: empty for a number, the length of a vector, rows and columns of a matrix.
    pub shape: Vec<usize>,
    /// The elements, a matrix's by rows; null for a temporary before the first iteration.
    pub value: Option<Value>,
}

/// The edits of a lane.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct EditTable(pub Vec<EditReport>);

/// A setting, a variable or an element that was set.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct EditReport {
    /// Iterations done when it was set.
    pub t: u64,
    /// Lines done of the next one.
    pub line: usize,
    /// The setting, the variable, or the element of one.
    pub name: String,
    /// The value before.
    pub old: Value,
    /// The value from then on.
    pub new: Value,
}
