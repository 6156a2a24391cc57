//! What `info` and `list` tell, as tables.

use super::Display;
use crate::{
    format::{exact, short},
    value::{Real, Value},
};
use serde::Serialize;
use std::fmt;

/// The lines of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Listing(pub Vec<Line>);

/// A line of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// Its text.
    pub text: String,
    /// Whether it is about to run.
    pub next: bool,
    /// The variable that it assigns.
    pub name: String,
    /// The value of that here; none where it has none yet.
    pub values: Option<Value>,
}

/// All stops and displays.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stops {
    /// The stops.
    pub stops: Vec<Stop>,
    /// The displays with their values here.
    pub displays: Vec<Display>,
}

/// A stop.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stop {
    /// Its number.
    pub id: u64,
    /// What it waits for.
    pub kind: StopKind,
    /// The condition or the expression, if it has one.
    pub expression: Option<String>,
    /// The line before which it stops, from 1.
    pub line: Option<usize>,
    /// The lane that it is about, if it is about one.
    pub lane: Option<String>,
    /// Whether it is heeded.
    pub enabled: bool,
    /// Whether it is deleted when it is hit.
    pub once: bool,
    /// How many hits are still to be passed over.
    pub ignore: u64,
    /// How often it has been hit.
    pub hits: u64,
    /// The command that makes it.
    #[serde(skip)]
    pub command: String,
    /// Of which lane it is, in words, where there are several.
    #[serde(skip)]
    pub home: String,
}

/// What a stop waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// A condition that becomes true.
    Break,
    /// A line that is about to run.
    Line,
    /// A value that changes.
    Watch,
    /// Every iteration, to be logged.
    Trace,
}

/// All lanes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Lanes(pub Vec<Lane>);

/// A lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// Its rule.
    pub rule: String,
    /// Whether it is in focus.
    pub focus: bool,
    /// Iterations done.
    pub t: u64,
    /// The loss.
    pub loss: Real,
    /// The norm of the gradient.
    pub gradient_norm: Real,
    /// When the loss first came down to the tolerance.
    pub touched: Option<u64>,
    /// Since when it has stayed there.
    pub since: Option<u64>,
    /// How many gradients the rule has asked for.
    pub gradient_evaluations: u64,
    /// How the run stands, in words.
    pub state: String,
}

/// The settings of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Settings(pub Vec<Setting>);

/// A setting of a rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value here.
    pub value: Real,
    /// Its value unless it is set.
    pub default: Real,
    /// The values that it may take.
    pub domain: String,
    /// What it is.
    pub doc: String,
}

/// What was set by hand in a lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Edits(pub Vec<Edit>);

/// Something that was set by hand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edit {
    /// Whole iterations done when it was set.
    pub t: u64,
    /// Lines done of the next one.
    pub line: usize,
    /// The setting, the variable, or the element of one.
    pub what: String,
    /// Its value before.
    pub old: Value,
    /// Its value from then on.
    pub new: Value,
}

/// Writes the rows of a table, a line each and no blanks after the last; `none` where there are no rows.
fn table(
    f: &mut fmt::Formatter<'_>,
    rows: impl IntoIterator<Item = String>,
    none: &str,
) -> fmt::Result {
    let rows: Vec<String> = rows.into_iter().collect();
    if rows.is_empty() {
        return f.write_str(none);
    }
    f.write_str(rows.join("\n").trim_end())
}

impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|line| {
            let cursor = if line.next { '>' } else { ' ' };
            let value = line.values.as_ref().map_or(String::new(), Value::brief);
            format!("{cursor} {:>2}  {:<40} {value}", line.number, line.text)
        });
        table(f, rows, "")
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.id, self.command)?;
        match self.ignore {
            0 => Ok(()),
            count => write!(f, " ignore {count}"),
        }
    }
}

impl Stop {
    /// As a row of `info stops`.
    fn row(&self) -> String {
        let state = if self.enabled { "" } else { "  (disabled)" };
        let ignore = match self.ignore {
            0 => String::new(),
            count => format!("  (passes over {count} more)"),
        };
        let hits = if self.hits == 1 { "hit" } else { "hits" };
        format!(
            "{:>3}  {}{}  {} {hits}{state}{ignore}",
            self.id, self.command, self.home, self.hits
        )
    }
}

impl fmt::Display for Stops {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stops = self.stops.iter().map(Stop::row);
        let displays = self.displays.iter().map(|display| {
            format!(
                "{:>3}  display {} = {}",
                display.id, display.text, display.value
            )
        });
        let none = "no stops yet; make one with break, watch, trace or display";
        table(f, stops.chain(displays), none)
    }
}

/// Each column as wide as what is in it, so that a small screen has room for the table.
impl fmt::Display for Lanes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heading = [
            "lane", "rule", "t", "loss", "|g|", "touched", "since", "grads", "state",
        ];
        let count = |t: Option<u64>| t.map_or("-".to_owned(), |t| t.to_string());
        let rows = self.0.iter().map(|lane| {
            [
                lane.name.clone(),
                lane.rule.clone(),
                lane.t.to_string(),
                short(lane.loss.0),
                short(lane.gradient_norm.0),
                count(lane.touched),
                count(lane.since),
                lane.gradient_evaluations.to_string(),
                lane.state.clone(),
            ]
        });
        let cells: Vec<_> = std::iter::once(heading.map(str::to_owned))
            .chain(rows)
            .collect();
        let width = |at: usize| cells.iter().map(|row| row[at].chars().count()).max();
        let widths: Vec<usize> = (0..heading.len()).filter_map(width).collect();
        let marks = std::iter::once(' ')
            .chain(self.0.iter().map(|lane| if lane.focus { '*' } else { ' ' }));
        let lines = marks.zip(&cells).map(|(mark, row)| {
            let cells = row.iter().zip(&widths).enumerate();
            // Words begin, and numbers end, below each other.
            let cells = cells.map(|(at, (cell, width))| match at {
                0 | 1 => format!(" {cell:<width$}"),
                8 => format!("  {cell}"),
                _ => format!(" {cell:>width$}"),
            });
            let line: String = cells.collect();
            format!("{mark}{}", line.trim_end())
        });
        table(f, lines, "")
    }
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|setting| {
            let value = exact(setting.value.0);
            format!(
                "{:<10} = {value:<24} in {:<10} {}",
                setting.name, setting.domain, setting.doc
            )
        });
        table(f, rows, "the rule has no settings")
    }
}

impl fmt::Display for Edits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self
            .0
            .iter()
            .map(|edit| format!("t = {:<8} {} = {}", edit.t, edit.what, edit.new.flat()));
        table(f, rows, "no edits in this lane")
    }
}
