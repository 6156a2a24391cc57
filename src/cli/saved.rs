//! Sessions that lost their terminal: kept current while they run, written on the way out, found by `--resume`.
//!
//! Each process has a file of its own, `eigenstep/last-PID.toml` in `$XDG_STATE_HOME` or `~/.local/state`: a scenario with
//! the commands that lead to where the session was, as `save` writes it. A session that was resumed and left in peace
//! takes its file along.

use super::xdg;
use crate::{
    debugger::Session,
    error::{Error, ErrorCode, Result},
    files::{self, Existing},
};
use std::{
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
    process,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

/// The session as it is now, within reach of whatever ends the process.
#[derive(Debug, Clone, Default)]
pub(super) struct Keeper {
    /// The text so far.
    text: Arc<Mutex<String>>,
    /// The file that it was resumed from.
    resumed: Option<PathBuf>,
}

impl Keeper {
    /// The keeper of a session that was resumed from `file`.
    pub(super) fn of_resumed(file: Option<PathBuf>) -> Self {
        Self {
            resumed: file,
            ..Self::default()
        }
    }

    /// Takes note of where the session is; one with a run that was recorded elsewhere is not kept, for no
    /// command leads to that run.
    pub(super) fn follow(&self, session: &Session) {
        let mut entries = session.lanes().entries().iter();
        let text = if entries.all(|entry| entry.lane.can_be_changed()) {
            session.to_text()
        } else {
            String::new()
        };
        *self.text.lock().unwrap_or_else(PoisonError::into_inner) = text;
    }

    /// Writes what was noted last, and never waits; returns a sentence on what became of the session, none of one that
    /// is not to be kept.
    pub(super) fn save(&self) -> String {
        let text = match self.text.try_lock() {
            Ok(text) => text.clone(),
            Err(_) => return String::new(),
        };
        if text.is_empty() {
            return text;
        }
        let Some(folder) = folder() else {
            return "the session is lost: set HOME or XDG_STATE_HOME to have it kept".to_owned();
        };
        let file = folder.join(format!("last-{}.toml", process::id()));
        match write(&file, &text) {
            Ok(()) => {
                self.forget_others_but(&file);
                "the session is kept: `eigenstep --resume` goes on with it".to_owned()
            }
            Err(error) => format!("the session is lost: {error}"),
        }
    }

    /// The session was left in peace: there is nothing to go on with.
    pub(super) fn forget(&self) {
        self.forget_others_but(Path::new(""));
    }

    fn forget_others_but(&self, file: &Path) {
        if let Some(resumed) = self.resumed.as_ref().filter(|resumed| *resumed != file) {
            let _ = fs::remove_file(resumed);
        }
    }
}

/// The folder of all of them.
fn folder() -> Option<PathBuf> {
    xdg::directory("XDG_STATE_HOME", ".local/state")
}

/// The sessions that were saved, with their times, the newest first.
fn all(folder: &Path) -> Vec<(SystemTime, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("last") && name.ends_with(".toml")
        })
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found
}

/// The session that was saved last, or the one before it and so on for a higher `number`; and how many there are.
///
/// # Errors
/// There is none, with what to do instead.
pub(super) fn find(number: usize) -> Result<(PathBuf, usize)> {
    let Some(folder) = folder() else {
        let error = Error::plain(
            ErrorCode::NotAvailable,
            "there is no folder in which sessions could be saved",
        );
        return Err(error.help("set HOME or XDG_STATE_HOME"));
    };
    let all = all(&folder);
    if let Some((_, file)) = number.checked_sub(1).and_then(|at| all.get(at)) {
        return Ok((file.clone(), all.len()));
    }
    if !all.is_empty() {
        let message = format!("there is no saved session {number}");
        return Err(
            Error::plain(ErrorCode::NotAvailable, message).help("`--resume list` lists them")
        );
    }
    let error = Error::plain(
        ErrorCode::NotAvailable,
        format!("no session has been saved in `{}`", folder.display()),
    );
    Err(error.help(
        "sessions are saved when the terminal is lost; `save FILE` in the debugger saves one, and `eigenstep FILE` opens it",
    ))
}

/// A line on each session that was saved: its number, its age, its last command and its file.
pub(super) fn list() -> String {
    let now = SystemTime::now();
    let mut text = String::new();
    let all = folder().map(|folder| all(&folder)).unwrap_or_default();
    for (at, (time, file)) in all.iter().enumerate() {
        let age = now.duration_since(*time).unwrap_or_default().as_secs();
        let age = match age {
            0..60 => format!("{age} s"),
            60..3600 => format!("{} min", age / 60),
            3600..86_400 => format!("{} h", age / 3600),
            _ => format!("{} d", age / 86_400),
        };
        let _ = writeln!(text, "{:>2}  {age:>6} ago  {}", at + 1, file.display());
    }
    if text.is_empty() {
        text.push_str("no session has been saved\n");
    }
    text
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
        assert!(keeper.text.lock().unwrap().contains("commands"));
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("run.csv");
        fs::write(&file, "t,w[1],w[2]\n0,0,0\n1,0.5,0.5\n").unwrap();
        let run = runs::open(file.to_str().unwrap(), &runs::ReadOptions::default()).unwrap();
        let valley = loss::landscape("valley", None).unwrap();
        session.focused_mut().lane = runs::lane(run, Some(&valley)).unwrap().0;
        keeper.follow(&session);
        assert_eq!(*keeper.text.lock().unwrap(), "");
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
