//! A scenario from a TOML file, and back.
//!
//! ```toml
//! rule = ["adam", "gd"]           # or one name; a file's path is taken from the folder of this file
//! loss = "rosenbrock"             # or eigenvalues = [1, 100], rotate = 30, minimum = [0.8, 0.6]
//! start = [-1.2, 1]
//! noise = 0.1                     # also batch, dropped; for a loss on data: data, target, ridge, ...
//! seed = 7
//! charset = "ascii"               # also color, ground: how the screen looks
//! commands = ["break loss < 1e-6", "continue"]    # what the debugger executes first
//!
//! [set]
//! eta = "0.5*eta_opt"             # a number, or an expression in quotes
//! adam.beta1 = 0.8                # a setting of one lane
//! ```

use super::{FLAGS, Key, LOOKS, Scenario, Target, number};
use crate::lang::{
    error::{Error, Result},
    source::{Source, Span},
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::{path::Path, sync::Arc};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// The key that only files have.
const COMMANDS: &str = "commands";

type Item<'a> = Spanned<DeValue<'a>>;

impl Scenario {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or says what no scenario says; with its place.
    pub fn read(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        Self::from_toml(&Source::read(path)?, folder)
    }

    /// Reads `source`; files of rules are looked for from `folder` on.
    ///
    /// # Errors
    /// A text that is not TOML, or says what no scenario says; with its place.
    pub fn from_toml(source: &Arc<Source>, folder: &Path) -> Result<Self> {
        let table = DeTable::parse(&source.text).map_err(|error| {
            let span = error.span().unwrap_or_default();
            Error::new(
                source,
                Span::new(span.start, span.end),
                error.message().trim(),
            )
        })?;
        let mut reader = Reader {
            source,
            scenario: Self::default(),
        };
        for (key, value) in table.get_ref() {
            reader.entry(key.get_ref(), span(key), value, folder)?;
        }
        Ok(reader.scenario)
    }

    /// The TOML that says the same.
    ///
    /// # Errors
    /// None for a scenario that opens.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::plain(error.to_string()))
    }
}

fn span<T>(spanned: &Spanned<T>) -> Span {
    let span = spanned.span();
    Span::new(span.start, span.end)
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    scenario: Scenario,
}

impl Reader<'_> {
    fn error(&self, item: &Item, message: impl Into<String>) -> Error {
        Error::new(self.source, span(item), message)
    }

    fn entry(&mut self, key: &str, key_span: Span, item: &Item, folder: &Path) -> Result<()> {
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
            "rule" => return self.rules(item, folder),
            "set" => return self.settings(item),
            "loss" => self.scenario.loss = Some(self.text(item)?.to_owned()),
            "eigenvalues" => self.scenario.eigenvalues = Some(self.numbers(item)?),
            "rotate" => self.scenario.rotate = Some(self.number(item)?),
            "minimum" => self.scenario.minimum = Some(self.numbers(item)?),
            "start" => self.scenario.start = Some(self.numbers(item)?),
            "data" => {
                let file = folder.join(self.text(item)?);
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

    fn rules(&mut self, item: &Item, folder: &Path) -> Result<()> {
        let one = std::slice::from_ref(item);
        let items = match item.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => one.iter().collect::<Vec<_>>(),
        };
        for item in items {
            let name = self.text(item)?;
            let is_file = Path::new(name).extension().is_some_and(|it| it == "rule");
            let rule = if is_file {
                folder.join(name).display().to_string()
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
            number(self.number(item)?)
        };
        self.scenario.settings.insert(target, value);
        Ok(())
    }

    fn text<'a>(&self, item: &'a Item) -> Result<&'a str> {
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

/// The keys of the file in the order of [`FLAGS`], those left out that have their default.
impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if !self.rules.is_empty() {
            map.serialize_entry("rule", &self.rules)?;
        }
        if let Some(loss) = &self.loss {
            map.serialize_entry("loss", loss)?;
        }
        if let Some(eigenvalues) = &self.eigenvalues {
            map.serialize_entry("eigenvalues", eigenvalues)?;
        }
        if let Some(degrees) = &self.rotate {
            map.serialize_entry("rotate", degrees)?;
        }
        if let Some(minimum) = &self.minimum {
            map.serialize_entry("minimum", minimum)?;
        }
        if let Some(start) = &self.start {
            map.serialize_entry("start", start)?;
        }
        if let Some(data) = &self.data {
            map.serialize_entry("data", data)?;
        }
        if let Some(target) = &self.target {
            map.serialize_entry("target", target)?;
        }
        if let Some(standardise) = self.standardise {
            map.serialize_entry("standardise", &standardise)?;
        }
        if let Some(ridge) = self.ridge {
            map.serialize_entry("ridge", &ridge)?;
        }
        if let Some(hidden) = &self.hidden {
            map.serialize_entry("hidden", hidden)?;
        }
        if self.batch != 0 {
            map.serialize_entry("batch", &self.batch)?;
        }
        if self.noise != 0.0 {
            map.serialize_entry("noise", &self.noise)?;
        }
        if self.dropped != 0.0 {
            map.serialize_entry("dropped", &self.dropped)?;
        }
        if self.seed != 0 {
            // TOML's whole numbers end at 2^63.
            match i64::try_from(self.seed) {
                Ok(seed) => map.serialize_entry("seed", &seed)?,
                Err(_) => map.serialize_entry("seed", &self.seed.to_string())?,
            }
        }
        for (look, value) in &self.looks {
            map.serialize_entry(look, value)?;
        }
        if !self.commands.is_empty() {
            map.serialize_entry(COMMANDS, &self.commands)?;
        }
        if !self.settings.is_empty() {
            map.serialize_entry("set", &Settings(self))?;
        }
        map.end()
    }
}

/// The table of settings, `lane.name` in one word.
struct Settings<'a>(&'a Scenario);

impl Serialize for Settings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (target, text) in &self.0.settings {
            let value = text.parse::<f64>();
            match value
                .ok()
                .filter(|value| number(*value) == *text && value.is_finite())
            {
                Some(value) => map.serialize_entry(&target.to_string(), &value)?,
                None => map.serialize_entry(&target.to_string(), text)?,
            }
        }
        map.end()
    }
}
