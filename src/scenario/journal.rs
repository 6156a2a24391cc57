//! The journal of a session: a file that grows by a line with each command, so that whatever ends the program loses nothing.
//!
//! ```text
//!   # eigenstep journal 1
//!   rule = "gd"              the scenario, as in any file of one
//!   # eigenstep recording
//!   run = "/data/run.jsonl"  the run, where one recorded elsewhere is open
//!   # eigenstep commands
//!   goto 12                  the place, as it changes
//!   break loss < 1e-3        what changes the session
//!   goto 250000              and how far a long run has come
//!   look                     how the screen is arranged, instead of what was said of that before
//!   look view max eigen
//!   tour 17 adam             how far a tour has been played, while it is under way
//!   off goto 31              what was done in its session off its path
//!   off look view max loss   and how its screen was arranged since, below an `off look` alone
//!   tour end
//! ```
//!
//! A line counts once its end is there: one that was cut short is left out.

use super::{PlaceKey, Scenario};
use crate::{
    debugger::JournalMark,
    error::{Error, ErrorCode, Result, Source, Span},
};
use std::{fmt::Write, path::Path, sync::Arc};

/// The first line.
const TITLE: &str = "# eigenstep journal 1\n";

/// The line between the scenario and the note on a recorded run.
const RECORDING: &str = "# eigenstep recording\n";

/// The line between these and the commands.
const COMMANDS: &str = "# eigenstep commands\n";

/// The first word of a line on a tour, and the line that says that it has ended.
const TOUR: &str = "tour ";
const TOUR_END: &str = "tour end";

/// The first word of a line on what was done off the path of a tour.
const OFF: &str = "off ";

/// The line that forgets how the screen was arranged, and the first word of those that say how.
const LOOK: &str = "look";

/// A journal as it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Journaled {
    /// The scenario, with the commands that lead to where the session was.
    pub scenario: Scenario,
    /// The note on the run, recorded elsewhere, that the session is on.
    pub recording: Option<Arc<Source>>,
    /// The tour that was under way.
    pub tour: Option<LeftTour>,
    /// True if the program ended in the middle of a line.
    pub is_torn: bool,
}

/// A scenario that is no journal's.
impl From<Scenario> for Journaled {
    fn from(scenario: Scenario) -> Self {
        Self {
            scenario,
            recording: None,
            tour: None,
            is_torn: false,
        }
    }
}

/// The place at which a tour is.
#[derive(Debug, Clone, PartialEq)]
pub struct TourPlace {
    /// The name of the tour, or the file of the walk.
    pub walk: String,
    /// The steps of it that have been played.
    pub steps: usize,
    /// What had been done in its session by then.
    pub left: JournalMark,
    /// The commands that have arranged its screen since.
    pub arrangement: Vec<String>,
}

/// A tour that was left somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftTour {
    /// The name of the tour, or the file of the walk.
    pub walk: String,
    /// The steps of it that had been played.
    pub steps: usize,
    /// The commands that were given off its path, and those that arranged its screen then.
    pub commands: Vec<String>,
}

/// The beginning of the journal of a session with this [origin](crate::debugger::Session::origin), on a recorded run
/// where there is a note on one.
#[must_use]
pub fn beginning(origin: &str, recording: Option<&str>) -> String {
    let mut text = format!("{TITLE}{}\n", origin.trim_end());
    if let Some(note) = recording {
        text.push_str(RECORDING);
        text.push_str(note);
    }
    text.push_str(COMMANDS);
    text
}

/// The line that says where a tour is, or that there is none any more.
#[must_use]
pub fn tour_line(tour: Option<&TourPlace>) -> String {
    match tour {
        Some(TourPlace { walk, steps, .. }) => format!("{TOUR}{steps} {walk}\n"),
        None => format!("{TOUR_END}\n"),
    }
}

/// The lines of `commands`.
#[must_use]
pub fn lines(commands: &[impl std::fmt::Display]) -> String {
    prefixed("", commands)
}

/// The lines of `commands` that were given off the path of a tour.
#[must_use]
pub fn lines_off_path(commands: &[impl std::fmt::Display]) -> String {
    prefixed(OFF, commands)
}

/// The lines that say how a screen is arranged; `off_path`, that of a tour.
#[must_use]
pub fn look_lines(commands: &[String], off_path: bool) -> String {
    let prefix = if off_path { OFF } else { "" };
    let look = format!("{prefix}{LOOK}");
    format!("{look}\n{}", prefixed(&format!("{look} "), commands))
}

fn prefixed(prefix: &str, commands: &[impl std::fmt::Display]) -> String {
    let mut text = String::new();
    for command in commands {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{prefix}{command}");
    }
    text
}

/// The commands of a session, and apart from them those that arrange its screen, each with its place.
#[derive(Default)]
struct Lines<'a> {
    commands: Vec<(usize, &'a str)>,
    look: Vec<(usize, &'a str)>,
}

impl<'a> Lines<'a> {
    fn add(&mut self, at: usize, line: &'a str) {
        if line == LOOK {
            self.look.clear();
        } else if let Some(command) = line.strip_prefix(LOOK).and_then(|it| it.strip_prefix(' ')) {
            self.look.push((at + line.len() - command.len(), command));
        } else {
            forget_passed(&mut self.commands, line);
            self.commands.push((at, line));
        }
    }

    fn all(self) -> impl Iterator<Item = (usize, &'a str)> {
        self.commands.into_iter().chain(self.look)
    }
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
    let find = |mark: &str| {
        let marks = |at: &usize| *at == 0 || text[..*at].ends_with('\n');
        text.match_indices(mark).map(|(at, _)| at).find(marks)
    };
    let Some(header) = find(COMMANDS) else {
        let message = format!("`{}` ends before its session begins", source.name);
        return Err(Error::plain(ErrorCode::Syntax, message).help("nothing of it can be resumed"));
    };
    let recorded = find(RECORDING).filter(|at| *at < header);
    let first = &text[..recorded.unwrap_or(header)];
    let mut scenario = Scenario::from_toml(&Source::new(&source.name, first), folder)?;
    // At its lines in the whole file.
    let above = "\n".repeat(first.matches('\n').count() + 1);
    let recording = recorded.map(|at| {
        let note = &text[at + RECORDING.len()..header];
        Source::new(&source.name, above + note)
    });
    let mut start = header + COMMANDS.len();
    let (mut lines, mut tour) = (Lines::default(), None::<(usize, &str, Lines)>);
    while let Some(length) = text[start..].find('\n') {
        let line = &text[start..start + length];
        if line == TOUR_END {
            tour = None;
        } else if let Some((steps, walk)) = tour_place(line) {
            tour = Some((steps, walk, Lines::default()));
        } else if let (Some((.., off)), Some(line)) = (&mut tour, line.strip_prefix(OFF)) {
            off.add(start + OFF.len(), line);
        } else {
            lines.add(start, line);
        }
        start += length + 1;
    }
    for (at, (start, line)) in lines.all().enumerate() {
        let span = Span::new(start, start + line.len());
        scenario.places.note(PlaceKey::Command(at), source, span);
        scenario.commands.push(line.to_owned());
    }
    Ok(Journaled {
        scenario,
        recording,
        tour: tour.map(|(steps, walk, off)| LeftTour {
            walk: walk.to_owned(),
            steps,
            commands: off.all().map(|(_, line)| line.to_owned()).collect(),
        }),
        is_torn: start < text.len(),
    })
}

/// The place of a tour of which a line tells: the steps that had been played, and the walk.
fn tour_place(line: &str) -> Option<(usize, &str)> {
    let (steps, walk) = line.strip_prefix(TOUR)?.split_once(' ')?;
    Some((steps.parse().ok()?, walk))
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
        Source::new("1.journal", beginning("rule = \"gd\"\n", None) + commands)
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
    fn the_run_and_the_last_place_of_a_tour_are_found() {
        let text = beginning("rule = \"gd\"\n", Some("run = \"/a b.csv\"\n"))
            + "goto 3\ntour 2 adam\noff goto 9\ntour 5 /a b.walk\nlook\nlook view max eigen\n"
            + "off goto 7\noff goto 8\noff look\noff look view theory\noff set eta=1\n";
        let found = read(&Source::new("1.journal", text.as_str()), Path::new("")).unwrap();
        assert_eq!(found.scenario.commands, ["goto 3", "view max eigen"]);
        let note = found.recording.unwrap();
        assert_eq!(note.text.trim_start(), "run = \"/a b.csv\"\n");
        assert_eq!(note.position(note.text.find("run").unwrap()), (4, 1));
        let tour = LeftTour {
            walk: "/a b.walk".into(),
            steps: 5,
            commands: ["goto 8", "set eta=1", "view theory"]
                .map(str::to_owned)
                .into(),
        };
        assert_eq!(found.tour, Some(tour));
        let ended = Source::new("1.journal", text + &tour_line(None) + "goto 4\nlook\n");
        let found = read(&ended, Path::new("")).unwrap();
        assert_eq!(
            (found.tour, &found.scenario.commands[..]),
            (None, &["goto 4".to_owned()][..])
        );
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
