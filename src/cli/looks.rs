//! How a scenario wants the screen to look.

use crate::{
    lang::error::{Error, Result},
    scenario::Scenario,
    tui::{
        glyphs::Charset,
        theme::{ColorChoice, Ground},
    },
};
use clap::ValueEnum;

/// What a scenario says; flags win over it, and it over the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Wanted {
    pub charset: Option<Charset>,
    pub color: Option<ColorChoice>,
    pub ground: Option<Ground>,
}

impl Wanted {
    /// What `scenario` wants.
    ///
    /// # Errors
    /// A word that no flag takes, at its place.
    pub fn of(scenario: &Scenario) -> Result<Self> {
        Ok(Self {
            charset: choice(scenario, "charset")?,
            color: choice(scenario, "color")?,
            ground: choice(scenario, "ground")?,
        })
    }
}

fn choice<T: ValueEnum>(scenario: &Scenario, look: &'static str) -> Result<Option<T>> {
    let Some(text) = scenario.looks.get(look) else {
        return Ok(None);
    };
    if let Ok(value) = T::from_str(text, false) {
        return Ok(Some(value));
    }
    let variants = T::value_variants().iter();
    let values = variants.filter_map(ValueEnum::to_possible_value);
    let names = values.map(|value| value.get_name().to_owned());
    let error = Error::plain(format!("`{text}` is not a choice here"));
    Err(scenario.at(look, error.suggest(text, "choices", names)))
}
