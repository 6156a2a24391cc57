//! A scenario from flags, and back.

use super::{
    FLAGS, FlagGroup, PlaceKey, Scenario, Target,
    flag::{self, FlagValue, ValueForm},
    list,
};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::assignment::assignment,
};
use std::sync::Arc;

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
    pub fn apply(&mut self, name: &str, text: &str) -> Result<()> {
        let Some(flag) = flag::find(name) else {
            let error = Error::plain(
                ErrorCode::UnknownFlag,
                format!("there is no flag `--{name}`"),
            );
            return Err(error.suggest(name, "flags", flag::names()));
        };
        let source = Source::new(format!("--{name}"), text);
        let whole = Span::new(0, text.len());
        let value = match flag.form {
            ValueForm::Settings => return self.apply_setting(&source),
            ValueForm::Rules | ValueForm::Text => FlagValue::Text(text.to_owned()),
            ValueForm::Number => FlagValue::Number(list::number(&source, whole)?),
            ValueForm::Numbers => FlagValue::Numbers(list::numbers(&source)?),
            ValueForm::Count => FlagValue::Count(list::count(&source, whole)?),
            ValueForm::Counts => FlagValue::Counts(list::counts(&source)?),
            ValueForm::Truth => FlagValue::Truth(list::choice(&source, whole)?),
        };
        let key = match flag.form {
            ValueForm::Rules => PlaceKey::Rule(self.rules.len()),
            _ => PlaceKey::Named(flag.name),
        };
        self.places.note(key, &source, whole);
        (flag.slot_mut)(self).put(value);
        Ok(())
    }

    /// `NAME=EXPR` or `LANE.NAME=EXPR`
    fn apply_setting(&mut self, source: &Arc<Source>) -> Result<()> {
        let whole = Span::new(0, source.text.len());
        let (name, value) = assignment(source, whole)?;
        let target = Target::parse(source.slice(name));
        let places = &mut self.places;
        places.note(PlaceKey::Setting(target.clone()), source, name);
        places.note(PlaceKey::Value(target.clone()), source, value);
        let text = source.slice(value).to_owned();
        self.settings.insert(target, text);
        Ok(())
    }

    /// The flags that say the same, ready for a command line (not quoted for a shell); commands have none.
    #[must_use]
    pub fn to_flags(&self) -> Vec<String> {
        let mut flags = Vec::new();
        for flag in FLAGS {
            for value in (flag.slot)(self).texts() {
                // A value that looks like a flag has to stay in one word with its own.
                if value.starts_with('-') {
                    flags.push(format!("--{}={value}", flag.name));
                } else {
                    flags.extend([format!("--{}", flag.name), value]);
                }
            }
        }
        flags
    }

    /// The first flag of `part` that says something other than its default.
    pub(super) fn given(&self, part: FlagGroup) -> Option<&'static str> {
        let mut flags = FLAGS.iter().filter(|flag| flag.part == part);
        flags
            .find(|flag| (flag.slot)(self).get().is_some())
            .map(|flag| flag.name)
    }

    /// True if a flag that describes the loss says something.
    #[must_use]
    pub fn describes_loss(&self) -> bool {
        let mut parts = FLAGS.iter().map(|flag| flag.part);
        parts.any(|part| part.describes_loss() && self.given(part).is_some())
    }

    /// Lets go of all that the flags of `part` have said.
    pub fn clear(&mut self, part: FlagGroup) {
        for flag in FLAGS.iter().filter(|flag| flag.part == part) {
            (flag.slot_mut)(self).clear();
        }
    }

    /// Lets go of all lanes and of their settings, for others to take their place.
    pub fn clear_rules(&mut self) {
        self.clear(FlagGroup::Rule);
        self.places.forget_rules();
    }
}
