//! Writes a scenario's file.

use super::COMMANDS;
use crate::{
    format::{exact, shortest},
    scenario::{FLAGS, Scenario, Target, ValueForm, flag::FlagValue},
};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::{collections::BTreeMap, fmt::Write};
use toml::Value;

/// What a file has under a key.
#[derive(serde::Serialize)]
#[serde(untagged)]
enum KeyValue<'a> {
    Flag(FlagValue),
    Text(&'a str),
    Texts(&'a [String]),
    Settings(SettingsTable<'a>),
}

impl Scenario {
    /// The keys of the file in the order of [`FLAGS`], those left out that have their default; its table comes last.
    fn keys(&self) -> impl Iterator<Item = (&'static str, KeyValue<'_>)> {
        let flags = FLAGS.iter().filter_map(|flag| {
            let rules = (flag.form == ValueForm::Rules && !self.rules.is_empty())
                .then_some(KeyValue::Texts(&self.rules));
            let value = rules.or_else(|| (flag.slot)(self).get().map(KeyValue::Flag))?;
            Some((flag.name, value))
        });
        let looks = self.looks.iter();
        let looks = looks.map(|(look, value)| (*look, KeyValue::Text(value)));
        let commands =
            (!self.commands.is_empty()).then_some((COMMANDS, KeyValue::Texts(&self.commands)));
        let settings = FLAGS.iter().find(|flag| flag.form == ValueForm::Settings);
        let settings = settings.filter(|_| !self.settings.is_empty());
        let table = SettingsTable(&self.settings);
        let settings = settings.map(|flag| (flag.name, KeyValue::Settings(table)));
        flags.chain(looks).chain(commands).chain(settings)
    }

    /// The TOML that says the same.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let mut text = String::new();
        for (key, value) in self.keys() {
            if let KeyValue::Settings(table) = value {
                let gap = if text.is_empty() { "" } else { "\n" };
                let _ = writeln!(text, "{gap}[{key}]");
                table.push_lines(&mut text);
                continue;
            }
            text.push_str(key);
            text.push_str(" = ");
            value.push(&mut text);
            text.push('\n');
        }
        text
    }
}

impl KeyValue<'_> {
    fn push(&self, text: &mut String) {
        match self {
            Self::Text(value) => push_text(text, value),
            Self::Texts(values) => push_array(text, values, |text, it| push_text(text, it)),
            Self::Flag(FlagValue::Text(value)) => push_text(text, value),
            Self::Flag(FlagValue::Number(value)) => push_number(text, *value),
            // There may be a million of them.
            Self::Flag(FlagValue::Numbers(values)) => {
                push_array(text, values, |text, it| push_number(text, *it));
            }
            Self::Flag(FlagValue::Count(count)) => push_count(text, *count),
            Self::Flag(FlagValue::Counts(counts)) => {
                push_array(text, counts, |text, it| push_count(text, *it));
            }
            Self::Flag(FlagValue::Truth(truth)) => {
                let _ = write!(text, "{truth}");
            }
            Self::Settings(table) => table.push_lines(text),
        }
    }
}

fn push_text(to: &mut String, text: &str) {
    let _ = write!(to, "{}", Value::String(text.to_owned()));
}

fn push_number(to: &mut String, value: f64) {
    if value.is_nan() {
        to.push_str("nan");
    } else {
        shortest(value, |part| to.push_str(part));
    }
}

/// A whole number, as a text beyond 2^63, where TOML's end.
fn push_count(to: &mut String, count: u64) {
    let quote = if i64::try_from(count).is_ok() {
        ""
    } else {
        "\""
    };
    let _ = write!(to, "{quote}{count}{quote}");
}

fn push_array<T>(to: &mut String, values: &[T], mut push: impl FnMut(&mut String, &T)) {
    to.push('[');
    for (at, value) in values.iter().enumerate() {
        to.push_str(if at > 0 { ", " } else { "" });
        push(to, value);
    }
    to.push(']');
}

impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.keys())
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
/// A whole number, as a text beyond 2^63, where TOML's end.
pub(in crate::scenario) fn whole_number<S: Serializer>(
    count: &u64,
    serializer: S,
) -> std::result::Result<S::Ok, S::Error> {
    match i64::try_from(*count) {
        Ok(count) => serializer.serialize_i64(count),
        Err(_) => serializer.serialize_str(&count.to_string()),
    }
}

/// The table of settings, `lane.name` in one word.
#[derive(Clone, Copy)]
struct SettingsTable<'a>(&'a BTreeMap<Target, String>);

impl SettingsTable<'_> {
    fn push_lines(self, text: &mut String) {
        for (target, value) in self.0 {
            let target = target.to_string();
            let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            if target.chars().all(is_bare) {
                text.push_str(&target);
            } else {
                push_text(text, &target);
            }
            text.push_str(" = ");
            match as_number(value) {
                Some(value) => push_number(text, value),
                None => push_text(text, value),
            }
            text.push('\n');
        }
    }
}

/// The number that a setting's text is just another form of.
fn as_number(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    (exact(value) == text && value.is_finite()).then_some(value)
}

impl Serialize for SettingsTable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (target, text) in self.0 {
            match as_number(text) {
                Some(value) => map.serialize_entry(&target.to_string(), &value)?,
                None => map.serialize_entry(&target.to_string(), text)?,
            }
        }
        map.end()
    }
}
