//! The end of a run, as text.

use crate::{
    debugger::{
        answer::{DisplayValue, LaneEnd, Log, PassedEdit, StopReason, Stopped},
        lanes::{HaltReason, NotFinite},
        stop::{Hit, HitKind},
        tolerance::LossTolerance,
    },
    format::short,
    text::counted,
};
use std::fmt;

impl fmt::Display for PassedEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lane, name, new } = self;
        write!(f, "{name} = {} was set here: {lane}", new.flat())
    }
}

impl fmt::Display for HaltReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RecordingEnds => f.write_str("the recording ends here"),
            Self::Unreadable(why) => write!(f, "the rest of the recording cannot be read: {why}"),
            Self::OutOfBounds {
                coordinate,
                value,
                bound,
            } => write!(
                f,
                "out of bounds: w[{coordinate}] = {} has left abs(w) < {bound} (set bound=off to go on)",
                short(*value)
            ),
            Self::NotFinite(NotFinite {
                t,
                line,
                variable,
                coordinate,
                value,
                is_first,
            }) => {
                let element = coordinate.map_or(String::new(), |at| format!("[{at}]"));
                if !is_first {
                    return write!(
                        f,
                        "not a number: {variable}{element} is {value} after iteration {t} (interrupted in the hunt for what was so first)"
                    );
                }
                write!(
                    f,
                    "not a number: {variable}{element} first became {value} in iteration {t}"
                )?;
                match line {
                    Some(line) => write!(f, ", line {line}"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Each lane with the reason of its end.
fn listed(ends: &[LaneEnd]) -> String {
    let ends = ends.iter();
    let ends: Vec<String> = ends
        .map(|end| format!("{}: {}", end.lane, end.reason))
        .collect();
    ends.join("; ")
}

impl fmt::Display for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            HitKind::Became(text) => write!(f, "break {}: {text}", self.id),
            HitKind::Changed { text, old, new } => {
                write!(f, "watch {}: {text}: {old} -> {new}", self.id)
            }
            HitKind::Line(line) => write!(f, "break {}: line {line}", self.id),
        }
    }
}

impl fmt::Display for StopReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => Ok(()),
            Self::Hits(hits) => {
                let hits: Vec<String> = hits.iter().map(ToString::to_string).collect();
                f.write_str(&hits.join("; "))
            }
            Self::Until(text) => write!(f, "until: {text}"),
            Self::Tolerance {
                lanes,
                tolerance,
                floor,
            } => {
                let (above, floor) = (*tolerance, *floor);
                let tolerance = LossTolerance { above, floor };
                write!(f, "loss <= {tolerance}: {}", lanes.join(", "))
            }
            Self::Edited(edits) => {
                let edits: Vec<String> = edits.iter().map(ToString::to_string).collect();
                f.write_str(&edits.join("; "))
            }
            Self::Ended(ends) => f.write_str(&listed(ends)),
            Self::NothingRuns => f.write_str("no lane can go on"),
            Self::MaxRun(count) => {
                write!(
                    f,
                    "ran {} without a stop (set max-run to change that)",
                    counted(*count, "iteration")
                )
            }
            Self::Beginning => f.write_str("the beginning"),
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl DisplayValue {
    /// The value, or the reason why there is none.
    pub(in crate::debugger) fn value_text(&self) -> String {
        if let Some(why) = &self.unknown {
            return why.instead_of(&self.text);
        }
        let value = self.value.as_ref().map(ToString::to_string);
        value.unwrap_or_else(|| "? (interrupted; `info stops` looks on)".to_owned())
    }
}

impl fmt::Display for DisplayValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, text, .. } = self;
        write!(f, "{id}: {text} = {}", self.value_text())
    }
}

impl Stopped {
    /// The reason as text, with the end of each lane where none can go on.
    #[must_use]
    pub fn reason(&self) -> String {
        match &self.ended[..] {
            [] => self.why.to_string(),
            ends => format!("{}: {}", self.why, listed(ends)),
        }
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.logs_dropped > 0 {
            writeln!(f, "trace: {} older entries not shown", self.logs_dropped)?;
        }
        for log in &self.logs {
            let Log {
                id, t, text, value, ..
            } = log;
            write!(f, "trace {id}: t = {t}: {text} = ")?;
            match &log.unknown {
                Some(why) => writeln!(f, "{}", why.instead_of(text))?,
                None => writeln!(f, "{value}")?,
            }
        }
        // The iteration under way is the t of the rule's lines, and of expressions.
        write!(f, "t = {}", self.t + u64::from(self.line > 0))?;
        if self.line > 0 {
            write!(f, ", {} done", lines(self.line))?;
        }
        if self.why.is_event() {
            write!(f, ": {}", self.reason())?;
        }
        for display in &self.displays {
            write!(f, "\n{display}")?;
        }
        Ok(())
    }
}

fn lines(count: usize) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}
