//! Reads the keys of a scenario's file, and notes where each stands.

use super::{COMMANDS, item::TomlFile};
use crate::{
    error::{Error, ErrorCode, Result, Span},
    format::exact,
    scenario::{
        Flag, LOOKS, PlaceKey, Scenario, Target,
        flag::{self, FlagValue, ValueForm},
    },
};
use std::path::Path;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

type Item<'a> = Spanned<DeValue<'a>>;

/// The scenario that the keys read so far make.
pub(super) struct ScenarioReader<'a> {
    file: TomlFile<'a>,
    /// The folder that relative paths start from.
    folder: &'a Path,
    scenario: Scenario,
}

impl<'a> ScenarioReader<'a> {
    pub fn new(file: TomlFile<'a>, folder: &'a Path) -> Self {
        Self {
            file,
            folder,
            scenario: Scenario::default(),
        }
    }

    /// # Errors
    /// The first key or value that no scenario has, at its place.
    pub fn read(mut self, table: &DeTable) -> Result<Scenario> {
        for (key, value) in table {
            self.entry(key.get_ref(), TomlFile::span(key), value)?;
        }
        Ok(self.scenario)
    }

    fn entry(&mut self, key: &str, key_span: Span, item: &Item) -> Result<()> {
        if key == COMMANDS {
            return self.commands(item);
        }
        if let Some(flag) = flag::find(key) {
            return self.flag(flag, item);
        }
        let Some(look) = flag::find_look(key) else {
            let error = Error::new(
                ErrorCode::UnknownFlag,
                self.file.0,
                key_span,
                format!("unknown key `{key}`"),
            );
            let keys = flag::names().chain(LOOKS).chain([COMMANDS]);
            return Err(error.suggest(key, "keys", keys));
        };
        let text = self.file.text(item)?.to_owned();
        self.scenario.looks.insert(look, text);
        self.note(PlaceKey::Named(look), TomlFile::span(item));
        Ok(())
    }

    fn note(&mut self, key: PlaceKey, span: Span) {
        self.scenario.places.note(key, self.file.0, span);
    }

    fn flag(&mut self, flag: &'static Flag, item: &Item) -> Result<()> {
        let file = &self.file;
        let value = match flag.form {
            ValueForm::Rules => return self.rules(flag, item),
            ValueForm::Settings => return self.settings(item),
            ValueForm::Text => FlagValue::Text(self.path(flag, file.text(item)?)),
            ValueForm::Number => FlagValue::Number(file.number(item)?),
            ValueForm::Numbers => FlagValue::Numbers(file.numbers(item)?),
            ValueForm::Count => FlagValue::Count(file.count(item)?),
            ValueForm::Counts => FlagValue::Counts(file.counts(item)?),
            ValueForm::Truth => FlagValue::Truth(file.truth(item)?),
        };
        (flag.slot_mut)(&mut self.scenario).put(value);
        self.note(PlaceKey::Named(flag.name), TomlFile::span(item));
        Ok(())
    }

    /// A path from the folder of the file on, where `text` is one.
    fn path(&self, flag: &Flag, text: &str) -> String {
        if (flag.is_path)(text) {
            self.folder.join(text).display().to_string()
        } else {
            text.to_owned()
        }
    }

    fn commands(&mut self, item: &Item) -> Result<()> {
        let DeValue::Array(items) = item.get_ref() else {
            return Err(self
                .file
                .error(item, "expected a list of strings, one for each command"));
        };
        for item in items {
            let command = self.file.text(item)?;
            if command.contains(['\n', '\r']) {
                return Err(self.file.error(item, "a command is one line"));
            }
            let key = PlaceKey::Command(self.scenario.commands.len());
            let quoted = TomlFile::span(item);
            let inner = Span::new(quoted.start + 1, quoted.end - 1);
            self.note(key, self.file.inside(item, command).unwrap_or(inner));
            self.scenario.commands.push(command.to_owned());
        }
        Ok(())
    }

    fn rules(&mut self, flag: &Flag, item: &Item) -> Result<()> {
        let one = std::slice::from_ref(item);
        let items = match item.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => one.iter().collect::<Vec<_>>(),
        };
        for item in items {
            let rule = self.path(flag, self.file.text(item)?);
            self.note(
                PlaceKey::Rule(self.scenario.rules.len()),
                TomlFile::span(item),
            );
            self.scenario.rules.push(rule);
        }
        Ok(())
    }

    fn settings(&mut self, item: &Item) -> Result<()> {
        let DeValue::Table(table) = item.get_ref() else {
            return Err(self
                .file
                .error(item, "the settings are a table")
                .help("write [set] on its own line, then NAME = VALUE"));
        };
        for (key, value) in table {
            if let DeValue::Table(of_lane) = value.get_ref() {
                for (name, value) in of_lane {
                    let target = Target {
                        lane: Some(key.get_ref().to_string()),
                        name: name.get_ref().to_string(),
                    };
                    self.setting(target, TomlFile::span(name), value)?;
                }
            } else {
                self.setting(Target::parse(key.get_ref()), TomlFile::span(key), value)?;
            }
        }
        Ok(())
    }

    fn setting(&mut self, target: Target, key: Span, item: &Item) -> Result<()> {
        self.note(PlaceKey::Setting(target.clone()), key);
        let whole = TomlFile::span(item);
        let value = if let DeValue::String(text) = item.get_ref() {
            if let Some(inner) = self.file.inside(item, text) {
                self.note(PlaceKey::Value(target.clone()), inner);
            }
            text.to_string()
        } else {
            self.note(PlaceKey::Value(target.clone()), whole);
            exact(self.file.number(item)?)
        };
        self.scenario.settings.insert(target, value);
        Ok(())
    }
}
