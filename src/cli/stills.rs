//! Display of pictures that are made without a terminal: the same wherever they are made.

use super::{appearance::AppearanceChoices, choice::words};
use crate::{
    record::screen::Appearance,
    tui::{
        glyphs::Charset,
        theme::{Background, ColorChoice, ColourDepth, Theme},
    },
};
use clap::Args;

/// Characters and background; neither the locale nor `NO_COLOR` is asked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Display")]
pub(super) struct LooksArgs {
    /// Characters that may be drawn [default: unicode]
    #[arg(long, value_parser = words::<Charset>())]
    charset: Option<Charset>,
    /// Background [default: dark]
    #[arg(long, alias = "ground", value_parser = words::<Background>())]
    background: Option<Background>,
}

impl LooksArgs {
    /// The background, where the scenario wants this.
    pub fn background(&self, wanted: AppearanceChoices) -> Background {
        self.background.or(wanted.background).unwrap_or_default()
    }

    /// All of it, where the scenario wants this.
    pub fn looks(&self, wanted: AppearanceChoices) -> Appearance {
        let charset = self.charset.or(wanted.charset);
        let is_coloured = wanted.color != Some(ColorChoice::Never);
        Appearance {
            charset: charset.unwrap_or(Charset::Braille),
            theme: Theme::new(is_coloured, self.background(wanted)).with_depth(ColourDepth::Many),
        }
    }
}
