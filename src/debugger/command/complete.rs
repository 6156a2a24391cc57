//! Completion of a command line.

use super::{COMMANDS, Completes, find, help, inspect, options};
use crate::{
    debugger::{session::Session, view_command},
    lang::function::{FUNCTIONS, Place},
    rule,
};

/// What may stand in place of the word before the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// Byte at which the word begins.
    pub from: usize,
    /// The words that fit, sorted.
    pub words: Vec<String>,
}

impl Completion {
    /// The longest beginning that all words share.
    #[must_use]
    pub fn common(&self) -> &str {
        let Some(first) = self.words.first() else {
            return "";
        };
        let len = self.words.iter().fold(first.len(), |len, word| {
            first
                .bytes()
                .zip(word.bytes())
                .take_while(|(a, b)| a == b)
                .count()
                .min(len)
        });
        &first[..len]
    }
}

/// Completes the word that ends at byte `cursor` of `line`.
#[must_use]
pub fn complete(session: &Session, line: &str, cursor: usize) -> Completion {
    let before = line.get(..cursor).unwrap_or(line);
    let start = before.len() - before.trim_start().len();
    let in_command = !before[start..].contains(char::is_whitespace);
    if in_command {
        let names = COMMANDS.iter().map(|row| row.name.to_owned());
        return fitting(start, &before[start..], names);
    }
    let command = before[start..].split_whitespace().next().unwrap_or("");
    let completes = find(command).map_or(Completes::Nothing, |row| row.completes);
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_.-/".contains(c);
    let from = before.rfind(|c: char| !is_word(c)).map_or(0, |at| at + 1);
    // Rules, panes and files are words with - / in them; in an expression these are operators.
    let from = match completes {
        Completes::Expression | Completes::Setting => {
            let name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
            before.rfind(|c: char| !name(c)).map_or(0, |at| at + 1)
        }
        _ => from,
    };
    let word = &before[from..];
    let candidates = candidates(session, completes, before[start..from].trim());
    fitting(from, word, candidates)
}

fn fitting(from: usize, word: &str, candidates: impl IntoIterator<Item = String>) -> Completion {
    let mut words: Vec<String> = candidates
        .into_iter()
        .filter(|candidate| candidate.starts_with(word))
        .collect();
    words.sort();
    words.dedup();
    Completion { from, words }
}

fn candidates(session: &Session, completes: Completes, before: &str) -> Vec<String> {
    let compiled = session.lanes.focused().lane.machine().compiled();
    let own = |rows: &[&str]| rows.iter().map(|row| (*row).to_owned()).collect::<Vec<_>>();
    match completes {
        Completes::Nothing => Vec::new(),
        Completes::Expression => {
            let mut names = session.lanes.names().all();
            let functions = FUNCTIONS.iter().filter(|row| row.place != Place::Rule);
            names.extend(functions.map(|row| format!("{}(", row.name)));
            names.extend(own(&["line", "if", "once", "ignore", "and", "or", "not"]));
            names
        }
        Completes::Variable => compiled
            .variables
            .iter()
            .map(|it| it.name.clone())
            .collect(),
        Completes::Setting => {
            let mut names: Vec<String> =
                compiled.settings.iter().map(|it| it.name.clone()).collect();
            let states = compiled
                .variables
                .iter()
                .filter(|it| it.kind != rule::VariableKind::Temporary);
            names.extend(states.map(|it| it.name.clone()));
            names.extend(
                options::OPTIONS
                    .iter()
                    .map(|(option, _)| (*option).to_owned()),
            );
            if before.contains('=') {
                names.extend(session.lanes.names().all());
            }
            names
        }
        Completes::Lane if before.ends_with(" add") => own(&rule::names()),
        Completes::Lane => {
            let lanes = session.lanes.entries.iter().map(|entry| entry.name.clone());
            lanes.chain(["add".to_owned()]).collect()
        }
        Completes::Stop => {
            let stops = session.stops.iter().map(|stop| stop.id.to_string());
            let displays = session.displays.iter().map(|(id, _)| id.to_string());
            stops.chain(displays).chain(["all".to_owned()]).collect()
        }
        Completes::Info => inspect::TOPICS
            .iter()
            .map(|(topic, _)| (*topic).to_owned())
            .collect(),
        Completes::Topic => own(&help::topics()),
        Completes::View => {
            let verbs = view_command::USAGE
                .iter()
                .map(|(usage, _)| usage.split_whitespace().next().unwrap_or("").to_owned());
            let more = own(&["in", "out", "left", "right", "up", "down", "eigen"]);
            let panes = own(&view_command::PANES);
            verbs.chain(more).chain(panes).collect()
        }
        Completes::File => files(before),
    }
}

/// The files of the current folder.
fn files(_before: &str) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(".") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.'))
        .collect()
}
