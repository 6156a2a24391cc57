//! Stops, displays and plots.

use super::{DisplayValue, table::table};
use crate::{
    debugger::command::plot_text,
    rule::{CurveSpec, PlotSpec, Spacing},
    text::counted,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

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

impl fmt::Display for StopTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stops = self.stops.iter().map(|stop| stop.row(self.lanes));
        let displays = self.displays.iter().map(|display| {
            let value = display.value_text();
            format!("{:>3}  display {} = {value}", display.id, display.text)
        });
        let none = "no stops yet; make one with break, watch, trace or display";
        let plots = self.plots.iter();
        let plots = plots.map(|plot| format!("{:>3}  {}", plot.id, plot.command()));
        table(f, stops.chain(displays).chain(plots), none)
    }
}

/// Expressions that are drawn over t.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct PlotReport {
    /// The number of the plot.
    pub id: u64,
    /// The curves, in order.
    pub curves: Vec<CurveReport>,
    /// The value that they are drawn against, instead of t.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<CurveReport>,
    /// The spacing of the axis of values.
    pub scale: Spacing,
    /// The spacing of the axis of the value that they are drawn against.
    #[serde(skip_serializing_if = "Spacing::is_linear")]
    pub across: Spacing,
    /// The number of values that the band about each curve is made of, if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<usize>,
}

/// A curve of a plot.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct CurveReport {
    /// The expression.
    pub value: String,
    /// The words at the curve.
    pub label: String,
}

impl PlotReport {
    /// The report of a plot.
    pub(in crate::debugger) fn of(id: u64, plot: &PlotSpec) -> Self {
        let report = |curve: &CurveSpec| CurveReport {
            value: plot.source.slice(curve.expr.span).to_owned(),
            label: curve.label.clone(),
        };
        Self {
            id,
            curves: plot.curves.iter().map(report).collect(),
            against: plot.against.as_ref().map(report),
            scale: plot.spacing,
            across: plot.across,
            band: plot.band,
        }
    }

    /// The command that makes it.
    fn command(&self) -> String {
        let text = |curve: &CurveReport| {
            if curve.label == curve.value {
                return curve.value.clone();
            }
            format!("{} \"{}\"", curve.value, curve.label)
        };
        let curves: Vec<String> = self.curves.iter().map(text).collect();
        let against = self.against.as_ref().map(text);
        let against = against.as_deref().map(|value| (value, self.across));
        let text = plot_text(&curves, against, self.scale, self.band);
        format!("plot {text}")
    }
}

impl fmt::Display for PlotReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.command())
    }
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

impl fmt::Display for StopReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.command())?;
        match self.ignore {
            0 => Ok(()),
            count => write!(f, " ignore {count}"),
        }
    }
}

impl StopReport {
    /// The command that makes it.
    fn command(&self) -> String {
        let expression = self.expression.as_deref().unwrap_or("");
        let line = self.line.unwrap_or(0);
        let once = if self.once { " once" } else { "" };
        match self.kind {
            StopType::Break => format!("break {expression}{once}"),
            StopType::Watch => format!("watch {expression}{once}"),
            StopType::Trace => format!("trace {expression}"),
            StopType::Line if self.expression.is_none() => format!("break line {line}{once}"),
            StopType::Line => format!("break line {line} if {expression}{once}"),
        }
    }

    /// A row of `info stops`; lanes are named where there are several.
    fn row(&self, lanes: usize) -> String {
        let home = match &self.lane {
            Some(lane) if lanes > 1 && !self.in_focus => {
                format!("  [{lane}, waits for its lane to be in focus]")
            }
            Some(lane) if lanes > 1 => format!("  [{lane}]"),
            _ => String::new(),
        };
        let state = if self.enabled { "" } else { "  (disabled)" };
        let ignore = match self.ignore {
            0 => String::new(),
            count => format!("  (ignores {count} more)"),
        };
        format!(
            "{:>3}  {}{}  {}{state}{ignore}",
            self.id,
            self.command(),
            home,
            counted(self.hits, "hit")
        )
    }
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
