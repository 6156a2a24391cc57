//! Explanations, as text.

use crate::{
    debugger::explain::{EditInForce, Element, Explanation},
    format::short,
    value::Value,
};
use std::fmt;

fn brief(value: &Value) -> String {
    match value {
        Value::Scalar(number) => short(*number),
        other => other.to_string(),
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.formula)?;
        let (numbers, value) = (self.expression.short(), brief(&self.value));
        if numbers != self.formula {
            write!(f, " = {numbers}")?;
        }
        if value != numbers {
            write!(f, " = {value}")?;
        }
        Ok(())
    }
}

impl fmt::Display for EditInForce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let left = &self.name;
        let value = &self.value;
        if self.here {
            write!(f, "{left} was set here: {left} = {value}")
        } else {
            write!(f, "{left} was set at t = {}: {left} = {value}", self.t)
        }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let edits = self.edits.iter().map(ToString::to_string);
        let had_made = match self.line {
            Some(line) if !self.edits.is_empty() => {
                Some(format!("line {line} of iteration {} had made:", self.t))
            }
            _ => None,
        };
        let elements = self.elements.iter().map(ToString::to_string);
        let more = (self.hidden > 0).then(|| format!("... and {} more elements", self.hidden));
        let off = self.off.map(|off| {
            let off = short(off.0);
            format!("the first line whose result is not what was recorded: off by {off} of the largest number")
        });
        let lines = edits.chain(had_made).chain(elements).chain(more).chain(off);
        f.write_str(&lines.collect::<Vec<String>>().join("\n"))
    }
}
