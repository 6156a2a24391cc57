//! The arguments of `sweep`.

use super::{
    phrase::{Name, Phrase},
    reader::{self, LineReader},
    row::Argument,
};
use crate::lang::quote;
use crate::{
    debugger::{
        lanes::identifier,
        sweep::{Axis, Measure},
    },
    error::Result,
    rule::Compiled,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Values of the first axis and of the second, unless a count is given: they fit a small terminal.
pub const COUNTS: [usize; 2] = [60, 15];

/// Most values of an axis.
const MOST_VALUES: usize = 2000;

/// `NAME=LO..HI[:log][:COUNT]... [steps N] [measure rate]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepCommand {
    /// The settings that are swept: one or two.
    pub axes: Vec<SweepAxis>,
    /// Iterations of each run; many unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// The quantity to measure of each run; iterations unless it is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
}

/// `NAME=LO..HI[:log|:linear][:COUNT]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SweepAxis {
    /// The setting.
    pub name: Name,
    /// The lowest value, an expression.
    pub from: Phrase,
    /// The highest.
    pub to: Phrase,
    /// True where values are spaced by their logarithms.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub log: bool,
    /// The number of values, 2 to 2000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<usize>,
}

impl SweepAxis {
    /// Takes a word apart.
    ///
    /// # Errors
    /// At the part that is wrong.
    pub fn parse(word: &Phrase) -> Result<Self> {
        let text = word.text();
        let wrong = |place: &Phrase, message: String| {
            place
                .error(message)
                .help("as in eta=1e-4..1:log, or beta=0..0.99:30 for 30 values")
        };
        let find = |from: usize, what: &str| {
            let at = from + quote::find(&text[from..], |rest| rest.starts_with(what));
            (at < text.len()).then_some(at)
        };
        let fail = || wrong(word, "expected NAME=LO..HI".to_owned());
        let equals = find(0, "=").ok_or_else(fail)?;
        let dots = find(equals, "..").ok_or_else(fail)?;
        let end = find(dots, ":").unwrap_or(text.len());
        let mut axis = Self {
            name: Name::of(reader::plain(&word.part(0, equals))),
            from: reader::plain(&word.part(equals + 1, dots)),
            to: reader::plain(&word.part(dots + 2, end)),
            log: false,
            count: None,
        };
        let mut from = end;
        while from < text.len() {
            let to = find(from + 1, ":").unwrap_or(text.len());
            let part = word.part(from + 1, to);
            match (part.text(), part.text().parse::<usize>()) {
                ("log", _) => axis.log = true,
                ("linear", _) => axis.log = false,
                (_, Ok(count)) => axis.count = Some(count),
                (other, _) => {
                    let message = format!("`{other}` is neither log nor linear nor a count");
                    return Err(wrong(&part, message));
                }
            }
            if axis
                .count
                .is_some_and(|it| !(2..=MOST_VALUES).contains(&it))
            {
                let message = format!("an axis has 2 to {MOST_VALUES} values");
                return Err(wrong(&part, message));
            }
            from = to;
        }
        Ok(axis)
    }

    /// The name of the setting, without that of the rule before it, as in `adam.eta`.
    fn setting(&self, compiled: &Compiled) -> &str {
        let name = self.name.text();
        let rule = compiled.rule.name.as_str();
        let of = |rule: &str| name.strip_prefix(rule)?.strip_prefix('.');
        of(rule).or_else(|| of(&identifier(rule))).unwrap_or(name)
    }

    /// The values from `low` to `high`; `count` of them unless it says how many.
    ///
    /// # Errors
    /// As [`Axis::new`], at the place of the name or of the range.
    pub fn values(&self, compiled: &Compiled, ends: (f64, f64), count: usize) -> Result<Axis> {
        let (name, count) = (self.setting(compiled), self.count.unwrap_or(count));
        let axis = Axis::new(compiled, name, ends, self.log, count);
        axis.map_err(|error| {
            let (from, to) = (&self.from, &self.to);
            if compiled.setting(name).is_none() {
                error.located(self.name.source(), self.name.span())
            } else if std::sync::Arc::ptr_eq(from.source(), to.source()) {
                error.located(from.source(), from.span().to(to.span()))
            } else {
                error.located(from.source(), from.span())
            }
        })
    }

    fn written(&self) -> String {
        let part = |text: &str, ends: &[char]| {
            quote::written(text, |text| {
                !text.contains(ends) && !text.contains(char::is_whitespace) && !text.contains("..")
            })
        };
        let name = part(self.name.text(), &['=', '"']);
        let from = part(self.from.text(), &['"']);
        let to = part(self.to.text(), &[':', '"']);
        let log = if self.log { ":log" } else { "" };
        let count = self.count.map_or(String::new(), |it| format!(":{it}"));
        // A dot at the edge would run into those between the ends.
        let from = if from.ends_with('.') {
            quote::quoted(self.from.text())
        } else {
            from
        };
        format!("{name}={from}..{to}{log}{count}")
    }
}

impl Argument for SweepCommand {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if reader.is_done() {
            return Err(reader.missing());
        }
        let mut sweep = Self {
            axes: Vec::new(),
            steps: None,
            measure: None,
        };
        loop {
            let place = reader.peek();
            if reader.keyword("steps") {
                let steps = reader.number()?;
                let steps = steps
                    .ok_or_else(|| place.error("how many steps?").help("as in `steps 1000`"))?;
                if steps.value == 0 {
                    return Err(steps
                        .error("a run needs at least one step")
                        .help("as in `steps 1000`"));
                }
                sweep.steps = Some(steps.value);
            } else if reader.keyword("measure") {
                let name = reader.name()?;
                let name =
                    name.ok_or_else(|| place.error("measure iterations, rate or radius?"))?;
                sweep.measure = Some(Measure::parse(name.text()).ok_or_else(|| {
                    name.error(format!(
                        "`{}` is none of iterations, rate, radius",
                        name.text()
                    ))
                })?);
            } else if let Some(word) = reader.raw_word() {
                if sweep.axes.len() == COUNTS.len() {
                    return Err(word.error("a map has at most two axes"));
                }
                sweep.axes.push(SweepAxis::parse(&word)?);
            } else {
                return Ok(sweep);
            }
        }
    }

    fn written(&self) -> String {
        let mut words: Vec<String> = self.axes.iter().map(SweepAxis::written).collect();
        words.extend(self.steps.map(|steps| format!("steps {steps}")));
        words.extend(self.measure.map(|it| format!("measure {}", it.name())));
        words.join(" ")
    }
}
