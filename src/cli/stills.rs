//! How pictures look that are made without a terminal: the same wherever they are made.

use crate::{
    record::screen::Looks,
    tui::{
        glyphs::Charset,
        theme::{Ground, Theme},
    },
};
use clap::Args;

/// Characters and ground; neither the locale nor `NO_COLOR` is asked.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "How the screen looks")]
pub(super) struct LooksArgs {
    /// Which characters may be drawn
    #[arg(long, value_enum, default_value_t = Charset::Unicode)]
    charset: Charset,
    /// Whether the ground is dark or light
    #[arg(long, value_enum, default_value_t)]
    ground: Ground,
}

impl LooksArgs {
    pub fn ground(&self) -> Ground {
        self.ground
    }

    pub fn looks(&self) -> Looks {
        Looks {
            charset: self.charset,
            theme: Theme::new(true, self.ground),
        }
    }
}
