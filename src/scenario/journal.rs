//! The journal of a session: a file that grows by a line with each command, so that whatever ends the program loses nothing.
//!
//! ```text
//!   # eigenstep journal 1
//!   rule = "gd"              the scenario, as in any file of one
//!   # eigenstep commands
//!   goto 12                  the place, as it changes
//!   break loss < 1e-3        what changes the session
//!   goto 250000              and how far a long run has come
//! ```
//!
//! A line counts once its end is there: one that was cut short is left out.

use super::{PlaceKey, Scenario};
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::{fmt::Write, path::Path, sync::Arc};

/// The first line.
const TITLE: &str = "# eigenstep journal 1\n";

/// The line between the scenario and the commands.
const COMMANDS: &str = "# eigenstep commands\n";

/// A journal as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Journaled {
    /// The scenario, with the commands that lead to where the session was.
    pub scenario: Scenario,
    /// True if the program ended in the middle of a line.
    pub is_torn: bool,
}

/// The beginning of the journal of a session with this [origin](crate::debugger::Session::origin).
#[must_use]
pub fn beginning(origin: &str) -> String {
    format!("{TITLE}{}\n{COMMANDS}", origin.trim_end())
}

/// The lines of `commands`.
#[must_use]
pub fn lines(commands: &[impl std::fmt::Display]) -> String {
    let mut text = String::new();
    for command in commands {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{command}");
    }
    text
}

/// True if `text` begins as a journal does.
#[must_use]
pub fn is_journal(text: &str) -> bool {
    text.starts_with(TITLE)
}

/// Reads a journal; files of rules are looked for from `folder` on.
///
/// # Errors
/// A text whose scenario is not whole, or says what no scenario says; with its place.
pub fn read(source: &Arc<Source>, folder: &Path) -> Result<Journaled> {
    let text = &source.text;
    let marks = |at: &usize| *at == 0 || text[..*at].ends_with('\n');
    let found = text.match_indices(COMMANDS).map(|(at, _)| at).find(marks);
    let Some(header) = found else {
        let message = format!("`{}` ends before its session begins", source.name);
        return Err(Error::plain(ErrorCode::Syntax, message).help("nothing of it can be resumed"));
    };
    let mut scenario = Scenario::from_toml(&Source::new(&source.name, &text[..header]), folder)?;
    let mut start = header + COMMANDS.len();
    let mut lines = Vec::new();
    while let Some(length) = text[start..].find('\n') {
        let line = &text[start..start + length];
        forget_passed(&mut lines, line);
        lines.push((start, line));
        start += length + 1;
    }
    for (at, (start, line)) in lines.into_iter().enumerate() {
        let span = Span::new(start, start + line.len());
        scenario.places.note(PlaceKey::Command(at), source, span);
        scenario.commands.push(line.to_owned());
    }
    Ok(Journaled {
        scenario,
        is_torn: start < text.len(),
    })
}

/// Forgets the places before `line` by which the way to its own leads anyway.
fn forget_passed(lines: &mut Vec<(usize, &str)>, line: &str) {
    let Some(to) = moment(line) else { return };
    while let [earlier @ .., (_, last)] = &lines[..]
        && let Some(from) = moment(last)
    {
        let furthest = earlier.last().and_then(|(_, line)| moment(line));
        if from > to && furthest.is_none_or(|furthest| furthest < from) {
            return;
        }
        lines.pop();
    }
}

/// The iteration to which the line goes, if it does nothing else.
fn moment(line: &str) -> Option<u64> {
    let mut words = line.strip_prefix("goto ")?.split(' ');
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn journal(commands: &str) -> Arc<Source> {
        Source::new("1.journal", beginning("rule = \"gd\"\n") + commands)
    }

    #[test]
    fn a_line_that_was_cut_short_is_left_out() {
        let whole = "goto 12\nbreak loss < 1e-3\n";
        for cut in 0..whole.len() {
            let text = &whole[..cut];
            let read = read(&journal(text), Path::new("")).unwrap();
            let lines = text.matches('\n').count();
            let expected: Vec<&str> = whole.lines().take(lines).collect();
            assert_eq!(read.scenario.commands, expected);
            assert_eq!(read.is_torn, !text.is_empty() && !text.ends_with('\n'));
        }
    }

    #[test]
    fn a_journal_cut_anywhere_is_read_or_refused() {
        let text = &journal("goto 12\n").text;
        for cut in 0..text.len() {
            let source = Source::new("1.journal", &text[..cut]);
            let is_whole = text[..cut].contains(COMMANDS);
            assert_eq!(read(&source, Path::new("")).is_ok(), is_whole, "{cut}");
        }
    }

    #[test]
    fn places_on_the_way_are_forgotten_but_the_furthest() {
        for (lines, kept) in [
            ("goto 1\ngoto 2\ngoto 3\n", vec!["goto 3"]),
            ("goto 9\ngoto 5\n", vec!["goto 9", "goto 5"]),
            ("goto 9\ngoto 5\ngoto 4 2\n", vec!["goto 9", "goto 4 2"]),
            ("goto 9\ngoto 5\ngoto 8\n", vec!["goto 9", "goto 8"]),
            ("goto 9\ngoto 5\ngoto 10\n", vec!["goto 10"]),
            ("goto 9\nfork\ngoto 10\n", vec!["goto 9", "fork", "goto 10"]),
        ] {
            let read = read(&journal(lines), Path::new("")).unwrap();
            assert_eq!(read.scenario.commands, kept, "{lines}");
        }
    }

    #[test]
    fn a_wrong_line_is_shown_at_its_place() {
        let read = read(&journal("goto 3\nbreak los < 1\n"), Path::new("")).unwrap();
        let mut session = read.scenario.session().unwrap();
        let mut control = crate::debugger::Control::default();
        let replayed = read.scenario.replay(&mut session, &mut control, |_, _| {});
        let error = replayed.unwrap_err().to_string();
        assert!(error.contains("1.journal:5:7"), "{error}");
    }
}
