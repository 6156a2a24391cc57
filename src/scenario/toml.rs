//! A scenario from a TOML file, and back.
//!
//! ```toml
//! rule = ["adam", "gd"]           # or one name; a file's path is taken from the folder of this file
//! loss = "rosenbrock"             # or eigenvalues = [1, 100], rotate = 30, minimum = [0.8, 0.6]
//! start = [-1.2, 1]
//! noise = 0.1                     # also batch, grad-dropout; for a loss on data: data, target, ridge, ...
//! seed = 7
//! charset = "ascii"               # also color, background: how the screen looks
//! commands = ["break loss < 1e-6", "continue"]    # what the debugger executes first
//!
//! [set]
//! eta = "0.5*eta_opt"             # a number, or an expression in quotes
//! adam.beta1 = 0.8                # a setting of one lane
//! ```

pub(crate) mod item;
mod reader;
mod writer;

pub(super) use writer::whole_number;

use super::{Scenario, journal};
use crate::{
    error::{Error, ErrorCode, Result, Source},
    files,
};
use item::TomlFile;
use reader::ScenarioReader;
use std::{path::Path, sync::Arc};

/// The key that only files have.
const COMMANDS: &str = "commands";

impl Scenario {
    /// Reads the file at `path`: a scenario, a saved session or the [`journal`] of one.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or says what no scenario says; with its place.
    pub fn read(path: &Path) -> Result<Self> {
        let folder = path.parent().unwrap_or(Path::new(""));
        let source = Source::read_within(path, files::MOST_NUMBERS)?;
        if journal::is_journal(&source.text) {
            let read = journal::read(&source, folder)?;
            if read.recording.is_some() {
                let message = format!("`{}` is the journal of a recorded run", source.name);
                return Err(Error::plain(ErrorCode::Conflict, message)
                    .help("`eigenstep --resume` goes on with it"));
            }
            return Ok(read.scenario);
        }
        Self::from_toml(&source, folder)
    }

    /// Reads `source`; files of rules are looked for from `folder` on.
    ///
    /// # Errors
    /// A text that is not TOML, or says what no scenario says; with its place.
    pub fn from_toml(source: &Arc<Source>, folder: &Path) -> Result<Self> {
        let file = TomlFile(source);
        let table = file.table()?;
        ScenarioReader::new(file, folder).read(table.get_ref())
    }
}
