//! First guesses: what to say to a command line that is near to one that there is.

use super::{Answer, Cli, Failure};
use crate::{
    error::{Error, suggest},
    lang::synonym::{self, Asked},
    loss,
    record::tours,
    rule,
    scenario::flag_names,
    tui::command::TABLE,
};
use clap::{
    CommandFactory, Parser,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::{ffi::OsString, io::Write, path::Path};

/// A command line that was read, or what is wrong with it.
pub(super) enum Parsed {
    /// A command line of the program.
    Line(Box<Cli>),
    /// A word of the debugger that `help` was asked for.
    Help(String),
    /// Help, the version, or what the parser itself says best.
    Parser(clap::Error),
    /// A mistake, with the next thing to do.
    Wrong(Error),
}

/// Reads the arguments, the program's name first.
pub(super) fn parse(arguments: Vec<OsString>) -> Parsed {
    let words: Vec<String> = arguments
        .iter()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    if let Some(word) = words.first() {
        if let Some(topic) = words
            .get(1)
            .filter(|topic| word == "help" && !is_command(topic))
        {
            return Parsed::Help(topic.clone());
        }
        let is_word = !word.starts_with('-') && !is_command(word) && word != "help";
        if is_word && !Path::new(word).exists() && !ends_in(word, "toml") {
            return Parsed::Wrong(no_command(word));
        }
    }
    match Cli::try_parse_from(arguments) {
        Ok(cli) => Parsed::Line(Box::new(cli)),
        Err(error) if error.kind() == ErrorKind::UnknownArgument => {
            let told = unknown_argument(&error, &words);
            told.map_or(Parsed::Parser(error), Parsed::Wrong)
        }
        Err(error) => Parsed::Parser(error),
    }
}

/// True if `word` is the name of a file that ends in `.extension`.
pub(super) fn ends_in(word: &str, extension: &str) -> bool {
    Path::new(word)
        .extension()
        .is_some_and(|it| it == extension)
}

fn is_command(word: &str) -> bool {
    Cli::command().find_subcommand(word).is_some()
}

/// The answer to a word that is neither a command nor a file.
pub(super) fn no_command(word: &str) -> Error {
    let error = Error::plain(format!("there is no command and no file `{word}`"));
    if word.parse::<f64>().is_ok() {
        return error.help("the numbers of one flag are joined by commas: --start 1,1");
    }
    if let Some(help) = synonym::of(Asked::Command, word) {
        return error.help(help);
    }
    let tour = tours::names().contains(&word);
    if rule::load(word).is_ok() {
        let watch = if tour {
            format!("; its tour: eigenstep tour {word}")
        } else {
            String::new()
        };
        return error.help(format!(
            "a rule is given by --rule: eigenstep --rule {word}{watch}; its source: eigenstep rules {word}"
        ));
    }
    if tour {
        return error.help(format!("a tour is played by eigenstep tour {word}"));
    }
    if loss::load(word).is_ok() {
        return error.help(format!(
            "a loss is given by --loss: eigenstep --loss {word}"
        ));
    }
    if let Some(help) = recorded(word) {
        return error.help(help);
    }
    if TABLE.find(word).is_ok_and(|info| info.name == word) {
        return error.help(format!(
            "`{word}` is a command of the debugger: type it there after `:`, or run eigenstep exec -e {word}"
        ));
    }
    let cli = Cli::command();
    let commands = cli.get_subcommands().map(clap::Command::get_name);
    if let Some(near) = suggest::nearest(word, commands).filter(|near| is_slip(word, near)) {
        return error.help(format!("did you mean `eigenstep {near}`?"));
    }
    error.help("check the name and the folder; `eigenstep --help` lists the commands")
}

/// True if `word` differs from `near` by so little that the finger may have slipped.
fn is_slip(word: &str, near: &str) -> bool {
    strsim::damerau_levenshtein(word, near) <= 2
}

/// The command for a file by its ending.
fn recorded(word: &str) -> Option<String> {
    let extension = Path::new(word).extension()?.to_str()?;
    match extension {
        "jsonl" | "csv" | "gz" => Some(format!(
            "a recorded run is opened by eigenstep open {word}, and compared by eigenstep diff {word} --against RULE"
        )),
        "walk" => Some(format!("a walk is played by eigenstep tour {word}")),
        "rule" => Some(format!("a rule's file is given by --rule {word}")),
        "loss" => Some(format!("a loss's file is given by --loss {word}")),
        _ => None,
    }
}

/// The answer to an unknown flag or a word too many.
fn unknown_argument(error: &clap::Error, words: &[String]) -> Option<Error> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let front_end = words.first().filter(|word| is_command(word));
    let called = front_end.map_or("eigenstep".to_owned(), |word| format!("eigenstep {word}"));
    let Some(flag) = argument.strip_prefix('-') else {
        let told = Error::plain(format!("`{called}` takes no `{argument}`"));
        return Some(match argument.parse::<f64>() {
            Ok(_) => told.help("the numbers of one flag are joined by commas: --start 1,1"),
            Err(_) if rule::load(argument).is_ok() => {
                told.help(format!("a rule is given by --rule {argument}"))
            }
            Err(_) => told.help(format!("`{called} --help` says what it takes")),
        });
    };
    let flag = flag.trim_start_matches('-').split('=').next().unwrap_or("");
    let told = Error::plain(format!("there is no flag `{argument}`"));
    let told = told.suggest(flag, "flags", flag_names());
    if let Some(help) = synonym::of(Asked::Flag, flag) {
        return Some(told.help(help));
    }
    if let Some(rule) = rule_with_setting(flag, words) {
        return Some(told.help(format!(
            "a setting of {rule} is given by --set: --set {flag}=VALUE"
        )));
    }
    if let Some(ContextValue::String(near)) = error.get(ContextKind::SuggestedArg) {
        return Some(told.help(format!("did you mean `{near}`?")));
    }
    Some(told.help(format!("`{called} --help` lists the flags")))
}

/// A rule that has the setting: one of the command line, else the default one, else the first there is.
fn rule_with_setting(setting: &str, words: &[String]) -> Option<String> {
    let named = words
        .windows(2)
        .filter(|pair| pair[0] == "--rule")
        .map(|pair| pair[1].as_str());
    let mut rules = named.chain(["adam"]).chain(rule::names());
    let has = |name: &&str| {
        rule::load(name).is_ok_and(|rule| rule.params.iter().any(|param| param.name == setting))
    };
    rules.find(has).map(str::to_owned)
}

/// Writes what the debugger's `help` says of `topic`.
pub(super) fn help(topic: &str, out: &mut impl Write) -> std::result::Result<Answer, Failure> {
    let text = TABLE
        .help(None, Some(&topic.into()))
        .map_err(|error| match rule::load(topic) {
            Ok(_) => error.help(format!("eigenstep rules {topic} prints the rule")),
            Err(_) => error,
        })?;
    writeln!(out, "{text}")?;
    Ok(Answer::Done)
}
