//! Writes a scenario's file.

use super::COMMANDS;
use crate::{format::exact, scenario::Scenario};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// The keys of the file in the order of [`FLAGS`](crate::scenario::FLAGS), those left out that have their default.
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
                .filter(|value| exact(*value) == *text && value.is_finite())
            {
                Some(value) => map.serialize_entry(&target.to_string(), &value)?,
                None => map.serialize_entry(&target.to_string(), text)?,
            }
        }
        map.end()
    }
}
