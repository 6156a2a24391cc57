//! The configuration file: what keys do, and how the screen looks.
//!
//! ```toml
//! [keys]
//! ctrl-n = "step 10"        # a key, and the command line that it stands for
//! b = "break line "         # a blank at the end: the prompt opens with it
//! q = ""                    # unbound
//!
//! [screen]
//! charset = "ascii"         # or unicode, braille
//! color = "never"           # or auto, always
//! background = "light"          # or dark
//! mouse = true
//! panes = ["contour", "source"]
//! escape-delay = 50         # ms after ESC for the rest of a sequence
//! ```
//!
//! It is `--config FILE`, else `eigenstep/config.toml` in `$XDG_CONFIG_HOME` or `~/.config`, if there is one.
//! Whatever is wrong in it is an error at its place before the screen opens; flags win over what it says.

mod binding;
mod reader;

use crate::{
    error::{Result, Source},
    tui::{
        glyphs::Charset,
        keymap::Keymap,
        panes::Panes,
        theme::{Background, ColorChoice},
    },
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// The contents of a configuration file; `None` where it says nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Config {
    /// The keys in force.
    pub keymap: Keymap,
    /// The characters that may be drawn.
    pub charset: Option<Charset>,
    /// The use of colour.
    pub color: Option<ColorChoice>,
    /// The background.
    pub background: Option<Background>,
    /// True if clicks are obeyed.
    pub mouse: Option<bool>,
    /// The panes on the screen.
    pub panes: Option<Panes>,
    /// The wait after ESC for the rest of a sequence.
    pub escape_delay: Option<Duration>,
}

impl Config {
    /// Reads `asked`, else the user's file if there is one.
    ///
    /// # Errors
    /// A file that cannot be read, or what is wrong in it, at its place.
    pub fn load(asked: Option<&Path>) -> Result<Self> {
        let file = match asked {
            Some(file) => file.to_owned(),
            None => match users_file() {
                Some(file) if file.exists() => file,
                _ => return Ok(Self::default()),
            },
        };
        parse(&Source::read(&file)?)
    }
}

/// Reads the text of a configuration file.
pub(super) fn parse(source: &Arc<Source>) -> Result<Config> {
    reader::read(source)
}

/// The place of the user's file, which need not exist.
fn users_file() -> Option<PathBuf> {
    Some(super::xdg::directory("XDG_CONFIG_HOME", ".config")?.join("config.toml"))
}
