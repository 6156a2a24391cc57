//! The values that a setting takes: `eta=1e-4..1:log:60`.

use crate::{
    lang::{
        error::{Error, Result},
        source::{Source, Span},
    },
    rule::{Compiled, Domain},
};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A setting and the values that it takes, ascending.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Axis {
    /// The setting's name.
    pub name: String,
    /// Its number in the rule.
    #[serde(skip)]
    pub setting: usize,
    /// Its values.
    pub values: Vec<f64>,
    /// Whether they are equally far apart by their logarithms.
    pub log: bool,
}

/// The parts of `NAME=LO..HI[:log|:linear][:COUNT]`, by their places.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The setting's name.
    pub name: Span,
    /// The lowest value, an expression.
    pub low: Span,
    /// The highest.
    pub high: Span,
    /// Whether values are spaced by their logarithms.
    pub log: bool,
    /// How many values.
    pub count: Option<usize>,
}

/// Most values of an axis.
const MOST: usize = 2000;

impl Range {
    /// Takes the part `within` of `source` apart.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(source: &Arc<Source>, within: Span) -> Result<Self> {
        let word = source.slice(within);
        let wrong = |span: Span, message: String| {
            Error::new(source, span, message)
                .help("as in eta=1e-4..1:log, or beta=0..0.99:30 for 30 values")
        };
        let fail = || wrong(within, "expected NAME=LO..HI".to_owned());
        let equals = word.find('=').ok_or_else(fail)?;
        let dots = equals + word[equals..].find("..").ok_or_else(fail)?;
        let end = word[dots..].find(':').map_or(word.len(), |at| dots + at);
        let span = |from: usize, to: usize| Span::new(within.start + from, within.start + to);
        let mut range = Self {
            name: span(0, equals),
            low: span(equals + 1, dots),
            high: span(dots + 2, end),
            log: false,
            count: None,
        };
        let mut from = end;
        while from < word.len() {
            let to = word[from + 1..]
                .find(':')
                .map_or(word.len(), |at| from + 1 + at);
            let part = &word[from + 1..to];
            match (part, part.parse::<usize>()) {
                ("log", _) => range.log = true,
                ("linear", _) => range.log = false,
                (_, Ok(count)) if (2..=MOST).contains(&count) => range.count = Some(count),
                (_, Ok(_)) => {
                    let message = format!("an axis has 2 to {MOST} values");
                    return Err(wrong(span(from + 1, to), message));
                }
                _ => {
                    let message = format!("`{part}` is neither log nor linear nor a count");
                    return Err(wrong(span(from + 1, to), message));
                }
            }
            from = to;
        }
        Ok(range)
    }

    /// The axis over a setting of `compiled` from `low` to `high`, with `count` values unless it tells how
    /// many.
    ///
    /// # Errors
    /// As [`Axis::new`], with the place in `source`.
    pub fn axis(
        self,
        source: &Arc<Source>,
        compiled: &Compiled,
        bounds: (f64, f64),
        count: usize,
    ) -> Result<Axis> {
        let name = source.slice(self.name);
        let is_known = compiled.setting(name).is_some();
        let span = if is_known {
            Span::new(self.low.start, self.high.end)
        } else {
            self.name
        };
        Axis::new(
            compiled,
            name,
            bounds,
            self.log,
            self.count.unwrap_or(count),
        )
        .map_err(|error| error.located(source, span))
    }
}

impl Axis {
    /// `count` values of the setting `name` from `low` to `high`, both included; of a setting with a few
    /// values, those of them that lie there.
    ///
    /// # Errors
    /// No such setting, values outside of its domain, an empty range, logarithms of what has none.
    pub fn new(
        compiled: &Compiled,
        name: &str,
        (low, high): (f64, f64),
        log: bool,
        count: usize,
    ) -> Result<Self> {
        let mut settings = compiled.settings.iter();
        let Some(setting) = settings.position(|it| it.name == name) else {
            let message = format!("`{}` has no setting `{name}`", compiled.rule.name);
            let names = compiled.settings.iter().map(|it| it.name.as_str());
            return Err(Error::plain(message).suggest(name, "settings", names));
        };
        if !(low < high && low.is_finite() && high.is_finite()) {
            let message = format!("a range goes up: {low} to {high} does not");
            return Err(Error::plain(message).help("give the lower end first"));
        }
        if log && low <= 0.0 {
            let message = format!("{low} has no logarithm");
            return Err(Error::plain(message).help("begin above 0, or leave :log out"));
        }
        let domain = &compiled.settings[setting].domain;
        if let Some(bad) = [low, high].iter().find(|value| !domain.contains(**value)) {
            let message = format!("`{name}` cannot be {bad}");
            return Err(Error::plain(message).help(format!("it is in {domain}")));
        }
        let value = |at: usize| {
            #[expect(clippy::cast_precision_loss, reason = "at most a few thousand")]
            let share = at as f64 / (count.max(2) - 1) as f64;
            match at {
                0 => low,
                _ if at + 1 == count => high,
                _ if log => {
                    let (low, high) = (libm::log(low), libm::log(high));
                    libm::exp(low + share * (high - low))
                }
                _ => low + share * (high - low),
            }
        };
        let values = match domain {
            Domain::Interval { .. } => (0..count).map(value).collect(),
            Domain::Choice(values) => {
                let mut values = values.clone();
                values.retain(|value| (low..=high).contains(value));
                values.sort_by(f64::total_cmp);
                values
            }
        };
        Ok(Self {
            name: name.to_owned(),
            setting,
            values,
            log,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_taken_apart() {
        let parse = |text: &str| {
            let source = Source::new("range", text);
            let range = Range::parse(&source, Span::new(0, text.len()));
            range.map(|range| (source, range))
        };
        let (source, range) = parse("eta=1e-4..2*eta_max:log:60").unwrap();
        assert_eq!(source.slice(range.name), "eta");
        let ends = (source.slice(range.low), source.slice(range.high));
        assert_eq!(ends, ("1e-4", "2*eta_max"));
        assert_eq!((range.log, range.count), (true, Some(60)));
        for (wrong, at) in [
            ("eta", 0),
            ("eta=1", 0),
            ("eta=0..1:lgo", 9),
            ("eta=0..1:1", 9),
        ] {
            assert_eq!(parse(wrong).unwrap_err().span().start, at, "{wrong}");
        }
    }

    #[test]
    fn values_run_from_end_to_end() {
        let rule = crate::rule::load("momentum").unwrap();
        let compiled = rule.compile(2).unwrap();
        let axis = Axis::new(&compiled, "eta", (0.01, 1.0), true, 3).unwrap();
        assert_eq!((axis.values[0], axis.values[2]), (0.01, 1.0));
        assert!((axis.values[1] - 0.1).abs() < 1e-12);
        let axis = Axis::new(&compiled, "beta", (0.0, 0.9), false, 10).unwrap();
        assert!((axis.values[1] - 0.1).abs() < 1e-12);
        assert!(Axis::new(&compiled, "eta", (0.0, 1.0), true, 3).is_err());
        assert!(Axis::new(&compiled, "beta", (0.0, 1.0), false, 3).is_err());
        assert!(Axis::new(&compiled, "gamma", (0.0, 1.0), false, 3).is_err());
        let rule = crate::rule::load("torch/adam").unwrap();
        let compiled = rule.compile(2).unwrap();
        let axis = Axis::new(&compiled, "amsgrad", (0.0, 1.0), false, 9).unwrap();
        assert_eq!(axis.values, [0.0, 1.0], "there is nothing between");
    }
}
