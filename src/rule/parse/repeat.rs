//! `repeat K`: lines that an iteration runs several times. Each time is lines of its own, of the same place in the file.

use super::RuleReader;
use crate::{
    error::{Error, Result, Span},
    format::exact,
    lang::{declaration::constant, parse::expression_within},
    rule::definition::{Schedule, Statement},
};

/// Most lines that an iteration may have with all repetitions.
const MAX_LINES: usize = 2000;

/// A block of lines that is being read.
pub(super) struct Repeat {
    /// The place of `repeat K`.
    place: Span,
    /// The blanks before it.
    indent: usize,
    /// How often its lines run.
    count: usize,
    /// The first of its lines among those of the step.
    first: usize,
}

impl RuleReader<'_> {
    /// Opens a block: `rest` says how often it runs, by a number or the name of a setting.
    pub(super) fn repeat(&mut self, place: Span, rest: Span, indent: usize) -> Result<()> {
        let text = self.source.slice(rest).trim();
        let count = if self.rule.declaration(text).is_some() {
            self.counted(text, rest, "how often lines run")?
        } else {
            let number = constant(self.source, rest, &[], "a number of repetitions");
            let help = "write a whole number or the name of a setting, as in: repeat 5";
            number.map_err(|error| error.help(help))?
        };
        if count.fract() != 0.0 || !(0.0..=100.0).contains(&count) {
            let message = format!("lines cannot be repeated {} times", exact(count));
            let error = self.error(rest, message);
            return Err(error.help("write a whole number from 0 to 100"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number up to 100"
        )]
        let count = count as usize;
        self.repeats.push(Repeat {
            place,
            indent,
            count,
            first: self.rule.step.len(),
        });
        Ok(())
    }

    /// The value of a setting that says how often lines run, or how many values a ring keeps. It is known when the rule is loaded: like a schedule, it is a
    /// line that begins each iteration, and a rule with another value is another rule.
    pub(super) fn counted(&mut self, name: &str, place: Span, what: &str) -> Result<f64> {
        if let Some(at) = self.rule.params.iter().position(|it| it.name == name) {
            let param = self.rule.params.remove(at);
            let own = self
                .taken
                .get(name)
                .map_or(param.value, |it| it.to(param.value));
            let line = Statement {
                line: self.source.line_of(param.value.start),
                target: param.name.clone(),
                span: own,
                expr: expression_within(self.source, param.value)?,
            };
            self.rule.step.insert(self.rule.schedules.len(), line);
            for open in &mut self.repeats {
                open.first += 1;
            }
            self.rule.schedules.push(Schedule {
                name: param.name,
                first: param.default,
                domain: param.domain,
                doc: param.doc,
                value: param.value,
            });
            return Ok(param.default);
        }
        let known = self.rule.schedules.iter().find(|it| it.name == name);
        let follows = self.rule.step.iter().find(|it| it.target == name);
        match (known, follows) {
            (Some(schedule), Some(line)) if !line.expr.mentions("t") => Ok(schedule.first),
            _ => {
                let message = format!("`{name}` follows `t`, and {what} cannot");
                Err(self.error(place, message).help("give it a number"))
            }
        }
    }

    /// Closes the blocks that a line with so many blanks before it lies outside of.
    pub(super) fn close_repeats(&mut self, indent: usize) -> Result<()> {
        while let Some(open) = self.repeats.pop_if(|it| it.indent >= indent) {
            let lines = self.rule.step.split_off(open.first);
            if lines.is_empty() {
                return Err(self.without_lines(open.place));
            }
            if self.rule.step.len() + lines.len() * open.count > MAX_LINES {
                let message = format!("an iteration would have more than {MAX_LINES} lines");
                return Err(self.error(open.place, message));
            }
            for _ in 0..open.count {
                self.rule.step.extend_from_slice(&lines);
            }
        }
        Ok(())
    }

    fn without_lines(&self, place: Span) -> Error {
        self.error(place, "there are no lines to repeat")
            .help("indent the lines below it further than `repeat`")
    }
}
