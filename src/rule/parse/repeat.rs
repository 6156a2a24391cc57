//! `repeat K`: lines that an iteration runs several times. Each time is lines of its own, of the same place in the file.

use super::RuleReader;
use crate::{
    error::{Error, Result, Span},
    format::exact,
    lang::{
        declaration::{constant, constant_truth},
        parse::expression_within,
    },
    rule::definition::{Param, Schedule, Statement},
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

/// A setting that is known when the rule is loaded.
fn fixed(param: Param) -> Schedule {
    Schedule {
        name: param.name,
        first: param.default,
        domain: param.domain,
        doc: param.doc,
        value: param.value,
    }
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

    /// Opens a block whose lines run where `rest` holds, of settings that are known when the rule is loaded: a rule with
    /// other values of them is another rule, which has these lines or has not.
    pub(super) fn condition(&mut self, place: Span, rest: Span, indent: usize) -> Result<()> {
        let expr = expression_within(self.source, rest)?;
        let is_read = |it: &Param| expr.mentions(&it.name);
        for param in self.rule.params.extract_if(.., |it| is_read(it)) {
            self.rule.fixed.push(fixed(param));
        }
        let known = self.rule.fixed.iter();
        let known: Vec<_> = known.map(|it| (it.name.as_str(), it.first)).collect();
        let what = "whether lines run";
        let holds = constant_truth(self.source, rest, &known, what)?;
        self.repeats.push(Repeat {
            place,
            indent,
            count: usize::from(holds),
            first: self.rule.step.len(),
        });
        Ok(())
    }

    /// The value of a setting that says how often lines run, or how many values a ring keeps: a whole number, which is known
    /// when the rule is loaded. Like a schedule, it is a line that begins each iteration, and a rule with another value is
    /// another rule.
    pub(super) fn counted(&mut self, name: &str, place: Span, what: &str) -> Result<f64> {
        if let Some(at) = self.rule.params.iter().position(|it| it.name == name) {
            let mut param = self.rule.params.remove(at);
            param.domain = param.domain.of_whole_numbers();
            self.check_default(&param)?;
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
            let first = param.default;
            self.rule.schedules.push(fixed(param));
            return Ok(first);
        }
        if let Some(known) = self.rule.fixed.iter().find(|it| it.name == name) {
            return Ok(known.first);
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

    /// An error for a default outside of its domain.
    pub(super) fn check_default(&self, param: &Param) -> Result<()> {
        if param.domain.contains(param.default) {
            return Ok(());
        }
        let given = self.source.slice(param.value);
        let error = self.error(param.value, format!("`{}` cannot be {given}", param.name));
        Err(error.help(format!("it lies in {}", param.domain)))
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
        self.error(place, "there are no lines below it that belong to it")
            .help("indent them further")
    }
}
