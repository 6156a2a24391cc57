//! A map as text.
//!
//! ```text
//! momentum on valley: iterations until loss <= 1e-6 stays, within 1000
//! beta
//!   0.99 |..::--==+
//!        |
//!      0 |
//!        +---------
//!         1e-4  ... 1   eta (log)
//! @ to 80  % to 106 ...  blank: never  x: diverges
//! best: 76 at eta = 0.0323, beta = 0.671
//! ```

use super::{LEVELS, Map, Measure, Outcome};
use crate::{format::short, text::counted};
use std::fmt::{self, Write};

/// The characters of the grades, the best first.
pub const RAMP: [char; LEVELS] = ['@', '%', '#', '*', '+', '=', '-', ':', '.'];

impl Map {
    /// The character of an outcome.
    #[must_use]
    pub fn glyph(&self, outcome: Outcome) -> char {
        match outcome {
            it if self.diverges(it) => 'x',
            Outcome::Value(value) => RAMP[self.level(value)],
            Outcome::Never => ' ',
            Outcome::Diverged => 'x',
            Outcome::Unknown => '?',
        }
    }

    /// A one-line heading.
    #[must_use]
    pub fn heading(&self) -> String {
        let what = match self.measure {
            Measure::Iterations => format!(
                "iterations until loss <= {} stays, within {}",
                self.tolerance, self.steps
            ),
            Measure::Rate => format!(
                "what an iteration multiplies the error by: the spectral radius where the rule is linear, else measured over {}",
                self.steps
            ),
            Measure::Radius => "the spectral radius of an iteration".to_owned(),
        };
        format!("{}: {what}", self.title)
    }

    /// An outcome in a few characters.
    #[must_use]
    pub fn tell(&self, outcome: Outcome) -> String {
        match (outcome, self.measure) {
            (Outcome::Value(value), Measure::Iterations) => format!("{value:.0}"),
            (Outcome::Value(value), Measure::Rate | Measure::Radius) => {
                let end = if self.diverges(outcome) {
                    ", diverges"
                } else {
                    ""
                };
                format!("{value:.6}{end}")
            }
            (Outcome::Never, _) => "never".into(),
            (Outcome::Diverged, _) => "diverges".into(),
            (Outcome::Unknown, _) => "unknown".into(),
        }
    }

    /// The settings of a run: `eta = 0.0331, beta = 0.669`.
    #[must_use]
    pub fn place(&self, column: usize, row: usize) -> String {
        let axes = self.axes.iter().zip([column, row]);
        let parts: Vec<String> = axes
            .map(|(axis, at)| format!("{} = {}", axis.name, short(axis.values[at])))
            .collect();
        parts.join(", ")
    }

    /// The legend of the characters.
    #[must_use]
    pub fn legend(&self) -> String {
        let mut text = String::new();
        for (level, glyph) in RAMP.iter().enumerate().step_by(2) {
            if let Some(limit) = self.limit(level) {
                let limit = match self.measure {
                    Measure::Iterations => format!("{limit:.0}"),
                    Measure::Rate | Measure::Radius => format!("{limit:.3}"),
                };
                let _ = write!(text, "{glyph} to {limit}  ");
            }
        }
        text += "blank: never  x: diverges";
        if self.cells.contains(&Outcome::Unknown) {
            text += "  ?: unknown";
        }
        text
    }
}

impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.heading())?;
        let (columns, rows) = self.size();
        let (across, up) = (&self.axes[0], self.axes.get(1));
        if let Some(axis) = up {
            writeln!(
                f,
                "{:>9}{}",
                axis.name,
                if axis.log { " (log)" } else { "" }
            )?;
        }
        for row in (0..rows).rev() {
            let label = up
                .filter(|_| row + 1 == rows || row == 0 || row == rows / 2)
                .map_or(String::new(), |axis| short(axis.values[row]));
            let line: String = (0..columns)
                .map(|column| self.glyph(self.at(column, row)))
                .collect();
            writeln!(f, "{label:>9} |{}", line.trim_end())?;
        }
        writeln!(f, "{:>9} +{}", "", "-".repeat(columns))?;
        let (low, high) = (short(across.values[0]), short(across.values[columns - 1]));
        let log = if across.log { " (log)" } else { "" };
        let name = format!(" {}{log} ", across.name);
        let room = columns.saturating_sub(low.len() + high.len());
        writeln!(f, "{:>11}{low}{name:^room$}{high}", "")?;
        writeln!(f, "{}", self.legend())?;
        if !self.doubts.is_empty() {
            let runs = counted(self.doubts.len(), "run");
            let what = "within the tolerance, but on an unstable point, or perhaps passing by";
            writeln!(
                f,
                "settled is unknown for {runs} of {}: {what}",
                self.cells.len()
            )?;
        }
        let is_value = |it: &Outcome| matches!(it, Outcome::Value(_));
        if !self.judged && self.measure == Measure::Iterations && self.cells.iter().any(is_value) {
            writeln!(
                f,
                "settled is not judged: an iteration keeps more than 64 numbers, and a run may be passing by"
            )?;
        }
        match self.best() {
            Some((column, row)) => {
                let best = self.tell(self.at(column, row));
                write!(f, "best: {best} at {}", self.place(column, row))?;
                match self.doubt(column, row) {
                    Some(why) => write!(f, "; settled: unknown, because {why}"),
                    None => Ok(()),
                }
            }
            None => write!(f, "no run converged"),
        }
    }
}
