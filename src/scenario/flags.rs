//! A scenario from flags, and back.

use super::{Key, Scenario, Target, list};
use crate::{
    format::exact,
    lang::{
        error::{Error, Result},
        source::{Source, Span},
    },
};

/// The flags of a scenario, without their dashes.
pub const FLAGS: [&str; 16] = [
    "rule",
    "set",
    "loss",
    "eigenvalues",
    "rotate",
    "minimum",
    "start",
    "data",
    "target",
    "standardise",
    "ridge",
    "hidden",
    "batch",
    "noise",
    "dropped",
    "seed",
];

/// The flags that say how a screen looks, which files of scenarios have too.
pub const LOOKS: [&str; 3] = ["charset", "color", "ground"];

impl Scenario {
    /// The scenario of these flags: their names without dashes, and their values.
    ///
    /// # Errors
    /// Those of [`apply`](Self::apply).
    pub fn from_flags<S: AsRef<str>>(flags: &[(&str, S)]) -> Result<Self> {
        let mut scenario = Self::default();
        for (flag, text) in flags {
            scenario.apply(flag, text.as_ref())?;
        }
        Ok(scenario)
    }

    /// Takes in one flag: its name without dashes, and its value.
    ///
    /// `rule` adds a lane, `set` a setting; the others replace what was there.
    ///
    /// # Errors
    /// A value that cannot be read, with its place; a flag that is not one of [`FLAGS`].
    pub fn apply(&mut self, flag: &str, text: &str) -> Result<()> {
        let Some(&flag) = FLAGS.iter().find(|known| **known == flag) else {
            return Err(
                Error::plain(format!("there is no flag `--{flag}`")).suggest(flag, "flags", FLAGS)
            );
        };
        let source = Source::new(format!("--{flag}"), text);
        let whole = Span::new(0, text.len());
        match flag {
            "rule" => {
                self.places
                    .note(Key::Rule(self.rules.len()), &source, whole);
                self.rules.push(text.to_owned());
                return Ok(());
            }
            "set" => {
                let Some(equals) = text.find('=') else {
                    return Err(
                        Error::new(&source, whole, "a setting is given as NAME=EXPR")
                            .help("like --set eta=0.1 or --set adam.beta1=0.8"),
                    );
                };
                let target = Target::parse(&text[..equals]);
                let value = text[equals + 1..].trim().to_owned();
                self.places.note(
                    Key::Setting(target.clone()),
                    &source,
                    Span::new(0, text[..equals].trim_end().len()),
                );
                self.places.note(
                    Key::Value(target.clone()),
                    &source,
                    Span::new(equals + 1, text.len()),
                );
                self.settings.insert(target, value);
                return Ok(());
            }
            "loss" => self.loss = Some(text.to_owned()),
            "eigenvalues" => self.eigenvalues = Some(list::numbers(&source)?),
            "rotate" => self.rotate = Some(list::number(&source, whole)?),
            "minimum" => self.minimum = Some(list::numbers(&source)?),
            "start" => self.start = Some(list::numbers(&source)?),
            "data" => self.data = Some(text.to_owned()),
            "target" => self.target = Some(text.to_owned()),
            "standardise" => self.standardise = Some(list::choice(&source, whole)?),
            "ridge" => self.ridge = Some(list::number(&source, whole)?),
            "hidden" => self.hidden = Some(list::counts(&source)?),
            "batch" => self.batch = list::count(&source, whole)?,
            "noise" => self.noise = list::number(&source, whole)?,
            "dropped" => self.dropped = list::number(&source, whole)?,
            _ => {
                self.seed = text.trim().parse().map_err(|_| {
                    Error::new(
                        &source,
                        whole,
                        format!("`{text}` is not a whole number from 0"),
                    )
                })?;
            }
        }
        self.places.note(Key::Named(flag), &source, whole);
        Ok(())
    }

    /// The flags that say the same, ready for a command line (not quoted for a shell); commands have none.
    #[must_use]
    pub fn to_flags(&self) -> Vec<String> {
        let list = |numbers: &Vec<f64>| -> String {
            let words: Vec<String> = numbers.iter().map(|value| exact(*value)).collect();
            words.join(",")
        };
        let mut flags = Vec::new();
        let mut push = |flag: &str, value: String| {
            // A value that looks like a flag has to stay in one word with its own.
            if value.starts_with('-') {
                flags.push(format!("--{flag}={value}"));
            } else {
                flags.extend([format!("--{flag}"), value]);
            }
        };
        for rule in &self.rules {
            push("rule", rule.clone());
        }
        for (target, value) in &self.settings {
            push("set", format!("{target}={value}"));
        }
        if let Some(loss) = &self.loss {
            push("loss", loss.clone());
        }
        if let Some(eigenvalues) = &self.eigenvalues {
            push("eigenvalues", list(eigenvalues));
        }
        if let Some(degrees) = self.rotate {
            push("rotate", exact(degrees));
        }
        if let Some(minimum) = &self.minimum {
            push("minimum", list(minimum));
        }
        if let Some(start) = &self.start {
            push("start", list(start));
        }
        if let Some(data) = &self.data {
            push("data", data.clone());
        }
        if let Some(target) = &self.target {
            push("target", target.clone());
        }
        if let Some(standardise) = self.standardise {
            push("standardise", u8::from(standardise).to_string());
        }
        if let Some(ridge) = self.ridge {
            push("ridge", exact(ridge));
        }
        if let Some(hidden) = &self.hidden {
            let words: Vec<String> = hidden.iter().map(usize::to_string).collect();
            push("hidden", words.join(","));
        }
        if self.batch != 0 {
            push("batch", self.batch.to_string());
        }
        if self.noise != 0.0 {
            push("noise", exact(self.noise));
        }
        if self.dropped != 0.0 {
            push("dropped", exact(self.dropped));
        }
        if self.seed != 0 {
            push("seed", self.seed.to_string());
        }
        flags
    }

    /// Lets go of all lanes and of their settings, for others to take their place.
    pub fn clear_rules(&mut self) {
        self.rules.clear();
        self.settings.clear();
        self.places.forget_rules();
    }
}
