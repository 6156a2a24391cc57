//! Writes a scenario's file.

use super::COMMANDS;
use crate::{
    format::exact,
    scenario::{FLAGS, Scenario, ValueForm},
};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The keys of the file in the order of [`FLAGS`], those left out that have their default; its table comes last.
impl Serialize for Scenario {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for flag in FLAGS {
            if flag.form == ValueForm::Rules && !self.rules.is_empty() {
                map.serialize_entry(flag.name, &self.rules)?;
            } else if let Some(value) = (flag.slot)(self).get() {
                map.serialize_entry(flag.name, &value)?;
            }
        }
        for (look, value) in &self.looks {
            map.serialize_entry(look, value)?;
        }
        if !self.commands.is_empty() {
            map.serialize_entry(COMMANDS, &self.commands)?;
        }
        let settings = FLAGS.iter().find(|flag| flag.form == ValueForm::Settings);
        if let Some(flag) = settings.filter(|_| !self.settings.is_empty()) {
            map.serialize_entry(flag.name, &SettingsTable(self))?;
        }
        map.end()
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
struct SettingsTable<'a>(&'a Scenario);

impl Serialize for SettingsTable<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (target, text) in &self.0.settings {
            let value = text.parse::<f64>();
            match value
                .ok()
                .filter(|value| exact(*value) == *text && value.is_finite())
            {
                Some(value) => map.serialize_entry(&target.to_string(), &value)?,
                None => map.serialize_entry(&target.to_string(), text)?,
            }
        }
        map.end()
    }
}
