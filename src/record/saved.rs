//! A saved session as a walk: what it did, one command after the other.

use super::walk::Walk;
use crate::{
    debugger::command::{Command, CommandTable, TimePoint},
    error::{Error, ErrorCode, Result, Source},
    scenario::Scenario,
};
use std::{fmt::Write, path::Path, sync::Arc};

/// A jump forward over more iterations than this is played.
const JUMP: u64 = 3;
/// Iterations that are played in a second.
const A_SECOND: u64 = 30;
/// The longest that one jump takes, in seconds.
const LONGEST: u64 = 4;

/// The walk that does what the session saved in the file at `path` did.
///
/// # Errors
/// A file that cannot be read, or that no session was saved in; with its place.
pub fn walk(path: &Path) -> Result<Arc<Walk>> {
    let scenario = Scenario::read(path)?;
    if scenario.commands.is_empty() {
        let message = format!("no session was saved in `{}`", path.display());
        return Err(Error::plain(ErrorCode::NotAvailable, message)
            .help("`save FILE` in the debugger writes one"));
    }
    let name = format!("{} (as a walk)", path.display());
    let source = Source::new(name, text(&scenario, path));
    Ok(Arc::new(Walk::parse(&source)?))
}

/// The walk as text.
fn text(scenario: &Scenario, path: &Path) -> String {
    let stem = path
        .file_stem()
        .map_or(String::new(), |stem| stem.to_string_lossy().into_owned());
    let mut text = format!("title {:?}\n", format!("session {stem}"));
    let _ = writeln!(text, "scenario {}", flags(scenario));
    let mut t = 0;
    for command in &scenario.commands {
        let parsed =
            CommandTable::debugger().parse_command(&Source::new("<saved>", command.as_str()));
        match parsed {
            Ok(Command::Goto(TimePoint { t: to, line })) if line.value == 0 => {
                let _ = match to.checked_sub(t) {
                    Some(0) => Ok(()),
                    Some(count) if count > JUMP => {
                        let seconds = count.div_ceil(A_SECOND).min(LONGEST);
                        writeln!(text, "play {count} {seconds}")
                    }
                    _ => writeln!(text, "{command}"),
                };
                t = to;
            }
            _ => {
                let _ = writeln!(text, "{command}\nwait 0.5");
            }
        }
    }
    text.push_str("wait 1\n");
    text
}

/// The flags of a scenario as a walk has them.
fn flags(scenario: &Scenario) -> String {
    let flags = scenario.to_flags();
    let words = flags.iter().map(|word| match word.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") && value.contains(' ') => {
            format!("{flag} \"{value}\"")
        }
        _ if word.contains(' ') => format!("\"{word}\""),
        _ => word.clone(),
    });
    words.collect::<Vec<_>>().join(" ")
}
