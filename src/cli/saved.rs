//! The session that lost its terminal: kept current while it runs, written on the way out, found by `--resume`.
//!
//! It is `eigenstep/last.toml` in `$XDG_STATE_HOME` or `~/.local/state`: a scenario with the commands that lead to
//! where the session was, as `save` writes it.

use super::xdg;
use crate::{
    debugger::Session,
    files::{self, Existing},
    lang::error::{Error, Result},
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// The text of the session as it is now, within reach of whatever ends the process.
#[derive(Debug, Clone, Default)]
pub(super) struct Keeper(Arc<Mutex<String>>);

impl Keeper {
    /// Takes note of where the session is; one with a run that was recorded elsewhere is not kept, for no
    /// command leads to that run.
    pub(super) fn follow(&self, session: &Session) {
        let mut entries = session.lanes().entries().iter();
        let text = if entries.all(|entry| entry.lane.can_be_changed()) {
            session.to_text()
        } else {
            String::new()
        };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    /// Writes what was noted last. Never waits, and has nobody to complain to.
    pub(super) fn save(&self) {
        let text = match self.0.try_lock() {
            Ok(text) => text.clone(),
            Err(_) => return,
        };
        if let (false, Some(file)) = (text.is_empty(), file()) {
            let _ = write(&file, &text);
        }
    }
}

/// The file that keeps the session.
fn file() -> Option<PathBuf> {
    Some(xdg::directory("XDG_STATE_HOME", ".local/state")?.join("last.toml"))
}

/// The session that was saved last.
///
/// # Errors
/// There is none, with what to do instead.
pub(super) fn last() -> Result<PathBuf> {
    let Some(file) = file() else {
        let error = Error::plain("there is no place where a session could have been saved");
        return Err(error.help("set HOME or XDG_STATE_HOME"));
    };
    if file.exists() {
        return Ok(file);
    }
    let error = Error::plain(format!("no session has been saved in `{}`", file.display()));
    Err(error.help(
        "that happens when the terminal is lost; `save FILE` in the debugger and `eigenstep FILE` do it by hand",
    ))
}

/// Writes the file, its folder too if it is not there.
fn write(file: &Path, text: &str) -> io::Result<()> {
    if let Some(directory) = file.parent() {
        fs::create_dir_all(directory)?;
    }
    Ok(files::write(file, text.as_bytes(), Existing::Replaced)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{loss, runs, scenario::Scenario};

    #[test]
    fn a_session_with_a_recorded_run_is_not_kept() {
        let mut session = Scenario::default().session().unwrap();
        let keeper = Keeper::default();
        keeper.follow(&session);
        assert!(keeper.0.lock().unwrap().contains("commands"));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("run.csv");
        fs::write(&file, "t,w[1],w[2]\n0,0,0\n1,0.5,0.5\n").unwrap();
        let run = runs::open(file.to_str().unwrap(), &runs::Options::default()).unwrap();
        let valley = loss::landscape("valley", None).unwrap();
        session.focused_mut().lane = runs::lane(run, Some(&valley)).unwrap().0;
        keeper.follow(&session);
        assert_eq!(*keeper.0.lock().unwrap(), "");
    }

    #[test]
    fn a_file_is_replaced_as_a_whole_and_no_draft_is_left() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("a/b/last.toml");
        write(&file, "first").unwrap();
        write(&file, "second").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "second");
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
    }
}
