//! A scenario's wishes for the screen.

use crate::{
    error::Result,
    lang::choice::Choice,
    scenario::Scenario,
    tui::{
        glyphs::Charset,
        theme::{Background, ColorChoice},
    },
};

/// The wishes of a scenario; flags win over it, and it over the configuration.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct AppearanceChoices {
    pub charset: Option<Charset>,
    pub color: Option<ColorChoice>,
    pub background: Option<Background>,
}

impl AppearanceChoices {
    /// The wishes of `scenario`.
    ///
    /// # Errors
    /// A word that no flag takes, at its place.
    pub fn of(scenario: &Scenario) -> Result<Self> {
        Ok(Self {
            charset: choice(scenario, "charset")?,
            color: choice(scenario, "color")?,
            background: choice(scenario, "background")?,
        })
    }
}

fn choice<T: Choice>(scenario: &Scenario, look: &'static str) -> Result<Option<T>> {
    let Some(word) = scenario.looks.get(look) else {
        return Ok(None);
    };
    T::named(word)
        .map(Some)
        .map_err(|error| scenario.at(look, error))
}
