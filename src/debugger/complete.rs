//! Completion of a command line.

use super::{
    command::{CommandInfo, CommandTable, Completes, InfoTopic, leading_count},
    session::{FrontEndValue, Session},
    sweep::Measure,
};
use crate::{
    lang::function::{self, CallContext},
    rule::{self, Spacing},
};

/// The words that may stand in place of the one before the cursor.
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
            let same = first.char_indices().zip(word.chars());
            let differ = same.into_iter().find(|((_, a), b)| a != b);
            let end = differ.map_or(first.len().min(word.len()), |((at, _), _)| at);
            end.min(len)
        });
        &first[..len]
    }
}

impl<E> CommandTable<E> {
    /// Completes the word that ends at byte `cursor` of `line`.
    #[must_use]
    pub fn complete(&self, session: &Session, line: &str, cursor: usize) -> Completion {
        let mut cursor = cursor.min(line.len());
        while !line.is_char_boundary(cursor) {
            cursor -= 1;
        }
        let before = &line[..cursor];
        // A count may stand before the command.
        let line = before.trim_start();
        let start = before.len() - line[leading_count(line)..].trim_start().len();
        let Some(gap) = before[start..].find(char::is_whitespace) else {
            let names = self.infos().map(|info| info.name.to_owned());
            return fitting(start, &before[start..], names);
        };
        let Ok(info) = self.find(&before[start..start + gap]) else {
            return fitting(cursor, "", []);
        };
        let arguments = &before[start + gap..];
        let is_word = word_of(info.completes, arguments);
        let len = arguments.chars().rev().take_while(|c| is_word(*c));
        let from = cursor - len.map(char::len_utf8).sum::<usize>();
        let (given, word) = (&before[start + gap..from], &before[from..]);
        let candidates = match info.completes {
            Completes::File(words) if given.trim().is_empty() => {
                let mut found = files(word);
                found.extend(owned(words));
                found
            }
            Completes::Lane if given.trim() == "add" => rule::names_from(word),
            Completes::Topic if given.trim().is_empty() => owned(&self.topics()),
            _ => candidates(session, info, given),
        };
        fitting(from, word, candidates)
    }

    /// The usage of the command that `line` begins with: what to say where no word fits.
    #[must_use]
    pub fn usage_of(&self, line: &str) -> Option<String> {
        let line = line.trim_start();
        let line = line[leading_count(line)..].trim_start();
        let word = line.split_whitespace().next()?;
        self.find(word).ok().map(CommandInfo::usage)
    }
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

/// The characters of a word: in an expression - and / are operators, elsewhere they are in names.
fn word_of(completes: Completes, arguments: &str) -> fn(char) -> bool {
    let in_expression = match completes {
        Completes::Expression | Completes::Variable => true,
        Completes::Setting => arguments.contains('='),
        Completes::Lane => in_value(arguments),
        _ => false,
    };
    if in_expression {
        |c| c.is_ascii_alphanumeric() || c == '_' || c == '.'
    } else {
        |c| !c.is_whitespace() && !matches!(c, '=' | ',')
    }
}

/// True where the end of `lane add RULE set A=..., B=...` is a value.
fn in_value(arguments: &str) -> bool {
    let last = arguments.rsplit(',').next().unwrap_or("");
    last.contains('=')
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The words that may follow the arguments `given`.
fn candidates(session: &Session, info: &CommandInfo, given: &str) -> Vec<String> {
    let words: Vec<&str> = given.split_whitespace().collect();
    let compiled = session.lanes.focused().compiled();
    match info.completes {
        Completes::Expression => expression(session, info, &words),
        Completes::Setting => setting(session, given),
        Completes::Lane => lane(session, given, &words),
        Completes::Sweep => match words.last() {
            Some(&"measure") => owned(&Measure::ALL.map(|(name, _)| name)),
            Some(&"steps") => Vec::new(),
            _ => {
                let settings = compiled.settings.iter().map(|it| it.name.clone());
                settings.chain(owned(&["steps", "measure"])).collect()
            }
        },
        Completes::Forms(named) => forms(info, named, &words),
        Completes::Words(words_of) if words.is_empty() => words_of(),
        // These take one word.
        Completes::Variable if words.is_empty() => of_lanes(session, |compiled| {
            let names = compiled.variables.iter().map(|it| it.name.clone());
            names.collect()
        }),
        Completes::LaneName if words.is_empty() => lanes(session),
        Completes::Info if words.is_empty() => InfoTopic::names().map(str::to_owned).collect(),
        Completes::Stop if words.is_empty() => stops(session),
        Completes::Stops => {
            let mut ids = stops(session);
            if info.name == "delete" {
                ids.extend(session.displays.iter().map(|(id, _)| id.to_string()));
                ids.extend(session.plots.iter().map(|(id, _)| id.to_string()));
            }
            ids.push("all".to_owned());
            ids
        }
        _ => Vec::new(),
    }
}

fn expression(session: &Session, info: &CommandInfo, words: &[&str]) -> Vec<String> {
    let mut names = values(session);
    let is_break = matches!(info.name, "break" | "tbreak");
    if words.is_empty() {
        names.push("not".into());
        if is_break {
            names.push("line".into());
        }
        return names;
    }
    names.extend(owned(&["and", "or", "not"]));
    if is_break && matches!(words, ["line", _]) {
        names.push("if".into());
    }
    if is_break || info.name == "watch" {
        names.extend(owned(&["once", "ignore"]));
    }
    if info.name == "plot" {
        names.extend(Spacing::ALL.iter().map(|(word, _)| (*word).to_owned()));
        names.extend(owned(&["band", "against"]));
    }
    names
}

/// Names and functions that an expression may begin with.
fn values(session: &Session) -> Vec<String> {
    let mut names = session.lanes.names().all();
    let functions = function::all().filter(|row| row.place != CallContext::Rule);
    names.extend(functions.map(|row| format!("{}(", row.name)));
    names.extend(owned(&["true", "false"]));
    names
}

fn setting(session: &Session, given: &str) -> Vec<String> {
    if let Some((name, _)) = given.split_once('=') {
        return match name.trim() {
            "bound" => owned(&["off"]),
            name => match session.front_end_value(name) {
                Some(FrontEndValue::Switch(_)) => owned(&["on", "off"]),
                _ => values(session),
            },
        };
    }
    if !given.trim().is_empty() {
        return Vec::new();
    }
    let mut names: Vec<String> = session.option_names().map(str::to_owned).collect();
    names.extend(of_lanes(session, settable));
    names
}

/// Names of each lane with the lane's before them, where there are several, and of the one in focus.
fn of_lanes(session: &Session, own: fn(&rule::Compiled) -> Vec<String>) -> Vec<String> {
    let mut names = Vec::new();
    for (at, entry) in session.lanes.entries.iter().enumerate() {
        let own = own(entry.compiled());
        if session.lanes.entries.len() > 1 {
            names.extend(own.iter().map(|name| format!("{}.{name}", entry.name)));
        }
        if at == session.lanes.focus {
            names.extend(own);
        }
    }
    names
}

fn settable(compiled: &rule::Compiled) -> Vec<String> {
    let settings = compiled.rule.declared().map(|it| it.name.to_owned());
    let lasting = |it: &&rule::Variable| it.kind != rule::VariableKind::Temporary;
    let states = compiled.variables.iter().filter(lasting);
    settings.chain(states.map(|it| it.name.clone())).collect()
}

fn lanes(session: &Session) -> Vec<String> {
    let entries = session.lanes.entries.iter();
    entries.map(|entry| entry.name.clone()).collect()
}

/// `NAME | add RULE [as NAME] [set NAME=EXPR, ...]`
fn lane(session: &Session, given: &str, words: &[&str]) -> Vec<String> {
    match words {
        [] => {
            let mut names = lanes(session);
            names.push("add".into());
            names
        }
        ["add", _] => owned(&["as", "set"]),
        ["add", _, "as", _] => owned(&["set"]),
        ["add", _, "set", ..] | ["add", _, "as", _, "set", ..] if in_value(given) => {
            values(session)
        }
        ["add", rule, "set", ..] | ["add", rule, "as", _, "set", ..] => match rule::load(rule) {
            Ok(rule) => rule.declared().map(|it| it.name.to_owned()).collect(),
            Err(_) => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn stops(session: &Session) -> Vec<String> {
    let stops = session.stops.iter();
    stops.map(|stop| stop.id.to_string()).collect()
}

/// The words of a command's forms, as help lists them.
fn forms(info: &CommandInfo, named: fn(&str) -> Vec<String>, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for (form, _) in info.forms {
        let mut parts = form.split_whitespace();
        let verb = parts.next().unwrap_or("");
        match words {
            [] => found.push(verb.to_owned()),
            [given] if *given == verb => {
                let choices = parts.next().unwrap_or("").split('|');
                for choice in choices {
                    if choice.starts_with(|c: char| c.is_ascii_lowercase()) {
                        found.push(choice.to_owned());
                    } else {
                        found.extend(named(choice.trim_matches(['[', ']'])));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// The files of the folder that `word` names so far; folders end with /.
fn files(word: &str) -> Vec<String> {
    let (folder, name) = word.split_at(word.rfind('/').map_or(0, |at| at + 1));
    let path = if folder.is_empty() { "." } else { folder };
    let Ok(entries) = std::fs::read_dir(path) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let Ok(file) = entry.file_name().into_string() else {
            continue;
        };
        if file.starts_with('.') && !name.starts_with('.') {
            continue;
        }
        let slash = if entry.path().is_dir() { "/" } else { "" };
        found.push(format!("{folder}{file}{slash}"));
    }
    found
}
