//! The arguments of `break` and `watch`.

use super::{
    phrase::{Located, Phrase},
    reader::LineReader,
    row::Argument,
};
use crate::error::Result;
use crate::lang::quote;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[once] [ignore N]`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StopOptions {
    /// True where the stop is deleted when it is hit.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub once: bool,
    /// Hits that do not stop a run, before the first that does.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub ignore: u64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// `EXPR | line N [if EXPR]`, and options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "BreakpointFields", into = "BreakpointFields")]
pub struct Breakpoint {
    /// The event that it waits for.
    pub at: BreakAt,
    /// Everything else.
    pub options: StopOptions,
}

/// The event that a breakpoint waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum BreakAt {
    /// A condition becomes true.
    Condition(Phrase),
    /// A line is about to run.
    Line {
        /// The line of the step, from 1.
        line: Located<u64>,
        /// Only where this holds.
        condition: Option<Phrase>,
    },
}

/// `EXPR`, and options.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Watchpoint {
    /// The expression whose value is watched.
    pub value: Phrase,
    /// Everything else.
    #[serde(flatten)]
    pub options: StopOptions,
}

/// A breakpoint as JSON has it: `{"when": EXPR}` or `{"line": N, "if": EXPR}`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct BreakpointFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    when: Option<Phrase>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    line: Option<Located<u64>>,
    #[serde(default, rename = "if", skip_serializing_if = "Option::is_none")]
    condition: Option<Phrase>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    once: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    ignore: u64,
}

impl TryFrom<BreakpointFields> for Breakpoint {
    type Error = &'static str;

    fn try_from(fields: BreakpointFields) -> std::result::Result<Self, &'static str> {
        let at = match (fields.when, fields.line, fields.condition) {
            (Some(when), None, None) => BreakAt::Condition(when),
            (None, Some(line), condition) => BreakAt::Line { line, condition },
            _ => return Err("a break takes `when`, or `line` with an optional `if`"),
        };
        let (once, ignore) = (fields.once, fields.ignore);
        let options = StopOptions { once, ignore };
        Ok(Self { at, options })
    }
}

impl From<Breakpoint> for BreakpointFields {
    fn from(Breakpoint { at, options }: Breakpoint) -> Self {
        let (when, line, condition) = match at {
            BreakAt::Condition(when) => (Some(when), None, None),
            BreakAt::Line { line, condition } => (None, Some(line), condition),
        };
        let StopOptions { once, ignore } = options;
        Self {
            when,
            line,
            condition,
            once,
            ignore,
        }
    }
}

impl StopOptions {
    /// Takes `once` and `ignore N` off the end of what is left, where something stands before them.
    fn take(reader: &mut LineReader) -> Result<Self> {
        let mut options = Self::default();
        loop {
            let left = reader.left();
            let words: Vec<&str> = left.text().split_whitespace().collect();
            match words[..] {
                [_, .., "once"] => {
                    options.once = true;
                    reader.cut("once".len());
                }
                [_, .., "ignore", number] => {
                    let len = left.text().len();
                    let place = left.part(len - number.len(), len);
                    options.ignore = super::reader::count(&place)?;
                    reader.cut(number.len());
                    reader.cut("ignore".len());
                }
                _ => return Ok(options),
            }
        }
    }

    /// Reads `once` and `ignore N` behind a text in quotes.
    fn read(reader: &mut LineReader) -> Result<Self> {
        let mut options = Self::default();
        loop {
            if reader.keyword("once") {
                options.once = true;
            } else if reader.keyword("ignore") {
                let count = reader.number()?;
                options.ignore = count
                    .ok_or_else(|| reader.usage("`ignore` needs a number of hits"))?
                    .value;
            } else {
                return Ok(options);
            }
        }
    }

    fn text(self) -> String {
        let once = if self.once { " once" } else { "" };
        match self.ignore {
            0 => once.to_owned(),
            count => format!("{once} ignore {count}"),
        }
    }
}

/// Reads an expression, and the options behind it.
fn expression(reader: &mut LineReader) -> Result<(Phrase, StopOptions)> {
    if let Some(quoted) = reader.quoted()? {
        return Ok((quoted, StopOptions::read(reader)?));
    }
    let options = StopOptions::take(reader)?;
    Ok((reader.phrase()?, options))
}

/// An expression as a line has it before options.
fn written(expression: &Phrase) -> String {
    quote::written(expression.text(), |text| {
        let words: Vec<&str> = text.split_whitespace().collect();
        !matches!(words[..], [_, .., "once"] | [_, .., "ignore", _])
    })
}

/// True where `text` begins as `line N` does.
fn is_line(text: &str) -> bool {
    let mut words = text.split_whitespace();
    words.next() == Some("line")
        && (words.next()).is_none_or(|word| word.starts_with(|c: char| c.is_ascii_digit()))
}

impl Argument for Breakpoint {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if !is_line(reader.left().text()) {
            let (condition, options) = expression(reader)?;
            let at = BreakAt::Condition(condition);
            return Ok(Self { at, options });
        }
        reader.keyword("line");
        let line = reader.number()?;
        let line = line.ok_or_else(|| reader.usage("break before which line?"))?;
        let (condition, options) = if reader.keyword("if") {
            let (condition, options) = expression(reader)?;
            (Some(condition), options)
        } else {
            (None, StopOptions::read(reader)?)
        };
        if !reader.is_done() {
            let word = reader.peek();
            return Err(word.error("expected `if` and a condition, or nothing"));
        }
        let at = BreakAt::Line { line, condition };
        Ok(Self { at, options })
    }

    fn written(&self) -> String {
        let at = match &self.at {
            BreakAt::Condition(condition) if is_line(condition.text()) => {
                quote::quoted(condition.text())
            }
            BreakAt::Condition(condition) => written(condition),
            BreakAt::Line { line, condition } => {
                let condition = condition.as_ref().map(written);
                let condition = condition.map_or(String::new(), |it| format!(" if {it}"));
                format!("line {}{condition}", line.value)
            }
        };
        format!("{at}{}", self.options.text())
    }
}

impl Argument for Watchpoint {
    fn read(reader: &mut LineReader) -> Result<Self> {
        let (value, options) = expression(reader)?;
        Ok(Self { value, options })
    }

    fn written(&self) -> String {
        format!("{}{}", written(&self.value), self.options.text())
    }
}

impl From<Phrase> for Breakpoint {
    fn from(condition: Phrase) -> Self {
        Self {
            at: BreakAt::Condition(condition),
            options: StopOptions::default(),
        }
    }
}
