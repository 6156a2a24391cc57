//! Tables, as text.

use crate::{
    debugger::{
        LossTolerance,
        answer::{
            EditTable, LaneReport, LaneTable, Listing, PlotReport, SettingTable, StopReport,
            StopTable, StopType, VariableTable,
        },
    },
    format::{exact, short},
    value::Value,
};
use std::fmt;

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
        let hits = if self.hits == 1 { "hit" } else { "hits" };
        format!(
            "{:>3}  {}{}  {} {hits}{state}{ignore}",
            self.id,
            self.command(),
            home,
            self.hits
        )
    }
}

impl fmt::Display for PlotReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: plot {}", self.id, self.text)
    }
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
        let plots = plots.map(|plot| format!("{:>3}  plot {}", plot.id, plot.text));
        table(f, stops.chain(displays).chain(plots), none)
    }
}

/// Each column as wide as what is in it, so that a small screen has room for the table.
impl fmt::Display for LaneTable {
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
                lane.state(),
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

impl fmt::Display for SettingTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|setting| {
            let value = exact(setting.value.0);
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

impl fmt::Display for EditTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self
            .0
            .iter()
            .map(|edit| format!("t = {:<8} {} = {}", edit.t, edit.name, edit.new.flat()));
        table(f, rows, "no edits in this lane")
    }
}

impl fmt::Display for VariableTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.0.iter().map(|variable| {
            let value = variable.value.as_ref();
            let value = value.map_or("no value yet".to_owned(), ToString::to_string);
            format!("{:<12} {:<10} {value}", variable.name, variable.role)
        });
        table(f, rows, "")
    }
}

impl LaneReport {
    /// The state of the run, in a few words.
    fn state(&self) -> String {
        let (above, floor) = (self.tolerance.0, self.floor.0);
        let tolerance = LossTolerance { above, floor };
        match (&self.end, self.since, self.touched) {
            (Some(reason), ..) => format!("ended: {reason}"),
            (_, _, Some(touched)) if touched > self.t => {
                format!("reaches {tolerance} at t = {touched}")
            }
            (_, Some(since), _) => format!("below {tolerance} since t = {since}"),
            (_, None, Some(touched)) => {
                format!("touched {tolerance} at t = {touched}, above it again")
            }
            _ => String::new(),
        }
    }
}
