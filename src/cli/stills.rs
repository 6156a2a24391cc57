//! Display of pictures that are made without a terminal: the same wherever they are made.

use super::{appearance::AppearanceChoices, choice::words};
use crate::{
    record::screen::Looks,
    tui::{
        glyphs::Charset,
        theme::{ColorChoice, Ground, Theme},
    },
};
use clap::Args;

/// Characters and ground; neither the locale nor `NO_COLOR` is asked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Display")]
pub(super) struct LooksArgs {
    /// Characters that may be drawn [default: unicode]
    #[arg(long, value_parser = words::<Charset>())]
    charset: Option<Charset>,
    /// Background [default: dark]
    #[arg(long, value_parser = words::<Ground>())]
    ground: Option<Ground>,
}

impl LooksArgs {
    /// The ground, where the scenario wants this.
    pub fn ground(&self, wanted: AppearanceChoices) -> Ground {
        self.ground.or(wanted.ground).unwrap_or_default()
    }

    /// All of it, where the scenario wants this.
    pub fn looks(&self, wanted: AppearanceChoices) -> Looks {
        let charset = self.charset.or(wanted.charset);
        let is_coloured = wanted.color != Some(ColorChoice::Never);
        Looks {
            charset: charset.unwrap_or(Charset::Braille),
            theme: Theme::new(is_coloured, self.ground(wanted)),
        }
    }
}
