//! Sessions that did not end in peace: kept while they run, found by `--resume`.
//!
//! Each process has a [journal](crate::scenario::journal) of its own, `eigenstep/last-PID.journal` in `$XDG_STATE_HOME` or
//! `~/.local/state`. It is removed when the session is left in peace; of the others the newest 50 stay. Files of older versions, `last-PID.toml`, are
//! sessions as `save` writes them.

mod keeper;

pub(super) use keeper::{JournalBase, Keeper, Kept};

use super::{recording_note::RecordingNote, xdg};
use crate::{
    error::{Error, ErrorCode, Result, Source},
    files,
    scenario::{
        Scenario,
        journal::{self, Journaled},
    },
    text::counted,
};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Most sessions that a shell offers.
const MOST_SHOWN: usize = 9;

/// Said where no session can be kept.
const SET_HOME: &str = "set HOME or XDG_STATE_HOME to have sessions kept";

/// The folder of all of them.
fn folder() -> Option<PathBuf> {
    xdg::directory("XDG_STATE_HOME", ".local/state")
}

/// A session that was kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct KeptSession {
    time: SystemTime,
    file: PathBuf,
    /// True while a process goes on with it.
    is_alive: bool,
}

/// The sessions in `folder`, the newest first.
fn all(folder: &Path) -> Vec<KeptSession> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_ours = |name: &str| {
        let extensions = [".journal", ".toml"];
        name.starts_with("last") && extensions.iter().any(|it| name.ends_with(it))
    };
    let mut found: Vec<KeptSession> = entries
        .flatten()
        .filter(|entry| is_ours(&entry.file_name().to_string_lossy()))
        .filter_map(|entry| {
            Some(KeptSession {
                time: entry.metadata().ok()?.modified().ok()?,
                is_alive: files::is_locked(&entry.path()),
                file: entry.path(),
            })
        })
        .collect();
    found.sort_by(|a, b| b.cmp(a));
    found
}

/// Sessions that are kept once they have ended; a new one takes the place of the oldest.
const MOST_KEPT: usize = 50;

/// Removes the oldest sessions in `folder` that have ended, so that one more has room.
fn prune(folder: &Path, resumed: Option<&Path>) {
    let ended = all(folder).into_iter().filter(|it| !it.is_alive);
    // What is gone on with is removed once all of it stands in a new file.
    let ended = ended.filter(|it| Some(it.file.as_path()) != resumed);
    for session in ended.skip(MOST_KEPT - 1) {
        // One that cannot be removed is there the next time, too.
        let _ = fs::remove_file(session.file);
    }
}

/// Every session that was kept: those that can be resumed, and the number of those that are alive.
fn kept() -> (Vec<KeptSession>, usize) {
    let all = folder().map(|folder| all(&folder)).unwrap_or_default();
    let (alive, ended): (Vec<_>, Vec<_>) = all.into_iter().partition(|it| it.is_alive);
    (ended, alive.len())
}

/// The session that was kept last, or the one before it and so on for a higher `number`; and how many there are.
///
/// # Errors
/// There is none, with what to do instead.
pub(super) fn find(number: usize) -> Result<(PathBuf, usize)> {
    let (ended, _) = kept();
    if let Some(found) = number.checked_sub(1).and_then(|at| ended.get(at)) {
        return Ok((found.file.clone(), ended.len()));
    }
    let (message, help) = if ended.is_empty() {
        (none(), how().to_owned())
    } else {
        let message = format!("there is no saved session {number}");
        (message, "`--resume list` lists them".to_owned())
    };
    Err(Error::plain(ErrorCode::NotAvailable, message).help(help))
}

/// Reads the session in `file`.
///
/// # Errors
/// What is wrong with it, at its place.
pub(super) fn read(file: &Path) -> Result<Journaled> {
    let source = Source::read_within(file, files::MOST_NUMBERS)?;
    let folder = file.parent().unwrap_or(Path::new(""));
    if journal::is_journal(&source.text) || file.extension().is_some_and(|it| it == "journal") {
        return journal::read(&source, folder);
    }
    Scenario::from_toml(&source, folder).map(Journaled::from)
}

/// A line on each session that was kept: its number, its age, the place and the change that were last, and its file.
pub(super) fn list() -> String {
    let now = SystemTime::now();
    let (ended, alive) = kept();
    let mut text = String::new();
    for (at, session) in ended.iter().enumerate() {
        let age = now.duration_since(session.time).unwrap_or_default();
        let age = match age.as_secs() {
            age @ 0..60 => format!("{age} s"),
            age @ 60..3600 => format!("{} min", age / 60),
            age @ 3600..86_400 => format!("{} h", age / 3600),
            age => format!("{} d", age / 86_400),
        };
        let file = session.file.display();
        let what = last_commands(&session.file);
        let _ = writeln!(text, "{:>2}  {age:>6} ago  {what}  {file}", at + 1);
    }
    if ended.is_empty() {
        let _ = writeln!(text, "{}; {}", none(), how());
    }
    if alive > 0 {
        let _ = writeln!(text, "{} still open", counted(alive, "session"));
    }
    text
}

/// What `--resume` takes: `list`, and the sessions by number with their last commands.
pub(super) fn described() -> Vec<(String, String)> {
    let list = ("list".to_owned(), "lists them".to_owned());
    let (ended, _) = kept();
    let numbered = ended.iter().enumerate();
    let sessions = numbered
        .take(MOST_SHOWN)
        .map(|(at, it)| ((at + 1).to_string(), last_commands(&it.file)));
    std::iter::once(list).chain(sessions).collect()
}

/// Said where there is no session to go on with.
fn none() -> String {
    match folder() {
        Some(folder) => format!("no session has been saved in `{}`", folder.display()),
        None => "no session has been saved".to_owned(),
    }
}

/// How there comes to be one.
fn how() -> &'static str {
    match folder() {
        Some(_) => {
            "one is when the terminal is lost or changes are left unsaved; `save FILE` in the debugger saves one, and `eigenstep FILE` opens it"
        }
        None => SET_HOME,
    }
}

/// The last change and the last place of the session in `file`.
fn last_commands(file: &Path) -> String {
    let Ok(read) = read(file) else {
        return "cannot be read".to_owned();
    };
    let is_place = |command: &&String| command.starts_with("goto ");
    let is_view = |command: &&String| command.starts_with("view ");
    let commands = || read.scenario.commands.iter().rev();
    let change = commands().find(|command| !is_place(command) && !is_view(command));
    let place = commands().find(is_place);
    let tour = read.tour.map(|it| format!("tour {}", it.walk));
    let last = [change.cloned(), place.cloned(), tour];
    let mut last: Vec<String> = last.into_iter().flatten().collect();
    if last.is_empty() {
        last.push("at its beginning".to_owned());
    }
    if let Some(note) = &read.recording {
        last.insert(0, RecordingNote::name_in(note));
    }
    last.join("; ")
}
