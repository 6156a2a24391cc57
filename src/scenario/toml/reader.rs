//! Reads the keys of a scenario's file, and notes where each stands.

use super::COMMANDS;
use crate::{
    format::exact,
    lang::{
        error::{Error, ErrorCode, Result},
        source::{Source, Span},
    },
    loss, rule,
    scenario::{FLAGS, Key, LOOKS, Scenario, Target},
};
use std::{path::Path, sync::Arc};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

type Item<'a> = Spanned<DeValue<'a>>;

/// The scenario that the keys read so far make.
pub(super) struct Reader<'a> {
    source: &'a Arc<Source>,
    /// Where paths of files begin.
    folder: &'a Path,
    scenario: Scenario,
}

impl<'a> Reader<'a> {
    pub fn new(source: &'a Arc<Source>, folder: &'a Path) -> Self {
        Self {
            source,
            folder,
            scenario: Scenario::default(),
        }
    }

    /// # Errors
    /// The first key or value that no scenario has, at its place.
    pub fn read(mut self, table: &DeTable) -> Result<Scenario> {
        for (key, value) in table {
            self.entry(key.get_ref(), span(key), value)?;
        }
        Ok(self.scenario)
    }

    fn error(&self, item: &Item, message: impl Into<String>) -> Error {
        Error::new(self.source, span(item), message).coded(ErrorCode::InvalidValue)
    }

    fn entry(&mut self, key: &str, key_span: Span, item: &Item) -> Result<()> {
        if key == COMMANDS {
            return self.commands(item);
        }
        let mut known = FLAGS.iter().chain(&LOOKS);
        let Some(&key) = known.find(|known| **known == key) else {
            let error = Error::new(self.source, key_span, format!("unknown key `{key}`"));
            let keys = FLAGS.into_iter().chain(LOOKS).chain([COMMANDS]);
            return Err(error.suggest(key, "keys", keys));
        };
        match key {
            "rule" => return self.rules(item),
            "set" => return self.settings(item),
            "loss" => {
                let text = self.text(item)?;
                self.scenario.loss = Some(if loss::is_file(text) {
                    self.folder.join(text).display().to_string()
                } else {
                    text.to_owned()
                });
            }
            "eigenvalues" => self.scenario.eigenvalues = Some(self.numbers(item)?),
            "rotate" => self.scenario.rotate = Some(self.number(item)?),
            "minimum" => self.scenario.minimum = Some(self.numbers(item)?),
            "start" => self.scenario.start = Some(self.numbers(item)?),
            "data" => {
                let file = self.folder.join(self.text(item)?);
                self.scenario.data = Some(file.display().to_string());
            }
            "target" => self.scenario.target = Some(self.text(item)?.to_owned()),
            "standardise" => self.scenario.standardise = Some(self.truth(item)?),
            "ridge" => self.scenario.ridge = Some(self.number(item)?),
            "hidden" => self.scenario.hidden = Some(self.counts(item)?),
            "batch" => self.scenario.batch = self.count(item)?,
            "noise" => self.scenario.noise = self.number(item)?,
            "dropped" => self.scenario.dropped = self.number(item)?,
            "seed" => self.scenario.seed = self.seed(item)?,
            look => {
                let text = self.text(item)?.to_owned();
                self.scenario.looks.insert(look, text);
            }
        }
        let places = &mut self.scenario.places;
        places.note(Key::Named(key), self.source, span(item));
        Ok(())
    }

    fn commands(&mut self, item: &Item) -> Result<()> {
        let DeValue::Array(items) = item.get_ref() else {
            return Err(self.error(item, "commands are a list of texts"));
        };
        for item in items {
            let command = self.text(item)?;
            if command.contains(['\n', '\r']) {
                return Err(self.error(item, "a command is one line"));
            }
            let key = Key::Command(self.scenario.commands.len());
            let quoted = span(item);
            let inner = Span::new(quoted.start + 1, quoted.end - 1);
            self.scenario.places.note(key, self.source, inner);
            self.scenario.commands.push(command.to_owned());
        }
        Ok(())
    }

    fn rules(&mut self, item: &Item) -> Result<()> {
        let one = std::slice::from_ref(item);
        let items = match item.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => one.iter().collect::<Vec<_>>(),
        };
        for item in items {
            let name = self.text(item)?;
            let rule = if rule::is_file(name) {
                self.folder.join(name).display().to_string()
            } else {
                name.to_owned()
            };
            let key = Key::Rule(self.scenario.rules.len());
            self.scenario.places.note(key, self.source, span(item));
            self.scenario.rules.push(rule);
        }
        Ok(())
    }

    fn settings(&mut self, item: &Item) -> Result<()> {
        let DeValue::Table(table) = item.get_ref() else {
            return Err(self
                .error(item, "the settings are a table")
                .help("write [set] on a line of its own, then NAME = VALUE"));
        };
        for (key, value) in table {
            if let DeValue::Table(of_lane) = value.get_ref() {
                for (name, value) in of_lane {
                    let target = Target {
                        lane: Some(key.get_ref().to_string()),
                        name: name.get_ref().to_string(),
                    };
                    self.setting(target, span(name), value)?;
                }
            } else {
                self.setting(Target::parse(key.get_ref()), span(key), value)?;
            }
        }
        Ok(())
    }

    fn setting(&mut self, target: Target, key: Span, item: &Item) -> Result<()> {
        let places = &mut self.scenario.places;
        places.note(Key::Setting(target.clone()), self.source, key);
        let value = if let DeValue::String(text) = item.get_ref() {
            let inner = Span::new(span(item).start + 1, span(item).end - 1);
            // Only a text without escapes stands in the file as it is read.
            if self.source.slice(inner) == text.as_ref() {
                places.note(Key::Value(target.clone()), self.source, inner);
            }
            text.to_string()
        } else {
            places.note(Key::Value(target.clone()), self.source, span(item));
            exact(self.number(item)?)
        };
        self.scenario.settings.insert(target, value);
        Ok(())
    }

    fn text<'i>(&self, item: &'i Item) -> Result<&'i str> {
        match item.get_ref() {
            DeValue::String(text) => Ok(text),
            _ => Err(self.error(item, "this has to be a text in quotes")),
        }
    }

    fn number(&self, item: &Item) -> Result<f64> {
        let value = match item.get_ref() {
            DeValue::Float(value) => value.as_str().parse().ok(),
            #[expect(
                clippy::cast_precision_loss,
                reason = "a whole number beyond 2^53 is read as the nearest float, as elsewhere"
            )]
            DeValue::Integer(value) => i64::from_str_radix(value.as_str(), value.radix())
                .ok()
                .map(|value| value as f64),
            _ => return Err(self.error(item, "this has to be a number")),
        };
        value
            .filter(|value: &f64| value.is_finite())
            .ok_or_else(|| self.error(item, "this has to be a finite number"))
    }

    fn numbers(&self, item: &Item) -> Result<Vec<f64>> {
        match item.get_ref() {
            DeValue::Array(items) if items.is_empty() => {
                Err(self.error(item, "this list is empty"))
            }
            DeValue::Array(items) => items.iter().map(|item| self.number(item)).collect(),
            _ => Err(self.error(item, "this has to be a list of numbers, like [0, 0]")),
        }
    }

    fn truth(&self, item: &Item) -> Result<bool> {
        match item.get_ref() {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self.error(item, "this has to be true or false")),
        }
    }

    fn count(&self, item: &Item) -> Result<usize> {
        let count = match item.get_ref() {
            DeValue::Integer(value) => usize::from_str_radix(value.as_str(), value.radix()).ok(),
            _ => None,
        };
        count.ok_or_else(|| self.error(item, "this has to be a whole number from 0"))
    }

    fn counts(&self, item: &Item) -> Result<Vec<usize>> {
        match item.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| self.count(item)).collect(),
            _ => Err(self.error(item, "this has to be a list of whole numbers, like [4, 3]")),
        }
    }

    fn seed(&self, item: &Item) -> Result<u64> {
        let seed = match item.get_ref() {
            DeValue::Integer(value) => u64::from_str_radix(value.as_str(), value.radix()).ok(),
            DeValue::String(text) => text.parse().ok(),
            _ => None,
        };
        seed.ok_or_else(|| self.error(item, "a seed is a whole number from 0"))
    }
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    let span = spanned.span();
    Span::new(span.start, span.end)
}
