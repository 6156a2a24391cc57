//! Reads the command line, and says of one that is wrong what is near to it.

use super::{
    command_line::CommandLine,
    diff, exec,
    outcome::{ExitStatus, Failure},
    serve,
    unknown_word::{ends_in, no_command},
};
use crate::{
    error::{Error, ErrorCode},
    lang::synonym::{self, MeantKind},
    rule,
    scenario::flag_names,
    tui::command::TABLE,
};
use clap::{
    CommandFactory, FromArgMatches,
    error::{ContextKind, ContextValue, ErrorKind},
};
use std::{
    ffi::OsString,
    io::{self, Write},
    path::Path,
    sync::LazyLock,
};

/// The commands and flags of the program: to make them, all kinds of answers are looked through.
static COMMAND: LazyLock<clap::Command> = LazyLock::new(CommandLine::command);

/// A command line that was read, or what is wrong with it.
pub(super) enum Parsed {
    /// A command line of the program.
    Line(Box<CommandLine>),
    /// A word of the debugger that `help` was asked for.
    Help(String),
    /// Help, the version, or what the parser itself says best.
    Parser(clap::Error),
    /// A mistake, with the next thing to do.
    Wrong(Error),
}

/// Reads the arguments, the program's name first.
pub(super) fn parse(arguments: &[OsString]) -> Parsed {
    if let Some(argument) = arguments.iter().find(|it| it.to_str().is_none()) {
        let shown = argument.to_string_lossy();
        let message = format!("the argument `{shown}` is not UTF-8");
        let error = Error::plain(ErrorCode::NotUtf8, message);
        return Parsed::Wrong(error.help(
            "a file with such a name can be had by another one: mv, or ln -s OLD NEW; folders likewise, or cd into them",
        ));
    }
    let words = words(arguments);
    if let Some(word) = words.first() {
        if let Some(topic) = words
            .get(1)
            .filter(|topic| word == "help" && !is_command(topic))
        {
            return Parsed::Help(topic.clone());
        }
        let is_word = !word.starts_with('-') && !is_command(word) && word != "help";
        if is_word && !Path::new(word).exists() && !ends_in(word, "toml") {
            let commands = COMMAND.get_subcommands().map(clap::Command::get_name);
            return Parsed::Wrong(no_command(word, commands));
        }
    }
    match command_line(arguments) {
        Ok(cli) => {
            let file = cli.scenario.file().filter(|_| cli.command.is_none());
            let is_misplaced = file.is_some_and(|it| is_command(it) && !Path::new(it).exists());
            match flags_before_command(&words).filter(|_| is_misplaced) {
                Some(error) => Parsed::Wrong(error),
                None => Parsed::Line(Box::new(cli)),
            }
        }
        Err(error) if error.kind() == ErrorKind::UnknownArgument => {
            let told = unknown_argument(&error, &words);
            told.map_or(Parsed::Parser(error), Parsed::Wrong)
        }
        Err(error) if error.kind() == ErrorKind::InvalidValue => {
            let told = invalid_value(&error);
            told.map_or(Parsed::Parser(error), Parsed::Wrong)
        }
        Err(error) if error.kind() == ErrorKind::ArgumentConflict => {
            let told = flags_before_command(&words);
            told.map_or(Parsed::Parser(error), Parsed::Wrong)
        }
        Err(error) => Parsed::Parser(error),
    }
}

fn command_line(arguments: &[OsString]) -> Result<CommandLine, clap::Error> {
    let mut matches = COMMAND.clone().try_get_matches_from(arguments)?;
    CommandLine::from_arg_matches_mut(&mut matches).map_err(|it| it.format(&mut COMMAND.clone()))
}

/// The error for flags before a command, which belong behind it.
fn flags_before_command(words: &[String]) -> Option<Error> {
    let at = words
        .iter()
        .position(|word| is_command(word))
        .filter(|at| *at > 0)?;
    let (before, behind) = words.split_at(at);
    let message = format!(
        "`{}` stands before the command `{}`",
        before.join(" "),
        words[at]
    );
    let line = [behind, before].concat().join(" ");
    Some(Error::plain(ErrorCode::Conflict, message).help(format!(
        "flags of a command stand behind it: eigenstep {line}"
    )))
}

/// The arguments as text, without the program's name.
fn words(arguments: &[OsString]) -> Vec<String> {
    let words = arguments.iter().skip(1);
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// Clap's error under one of our codes.
pub(super) fn coded(error: &clap::Error) -> Error {
    let code = match error.kind() {
        ErrorKind::UnknownArgument => ErrorCode::UnknownFlag,
        ErrorKind::InvalidSubcommand => ErrorCode::UnknownCommand,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => ErrorCode::InvalidValue,
        ErrorKind::ArgumentConflict => ErrorCode::Conflict,
        ErrorKind::InvalidUtf8 => ErrorCode::NotUtf8,
        _ => ErrorCode::Usage,
    };
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    Error::plain(code, first.trim_start_matches("error: "))
}

/// Writes a refused command line to `out` as JSON where its reader is a program: `exec --json`, `diff --json` and `serve`.
pub(super) fn tell_program(
    arguments: &[OsString],
    error: &Error,
    out: &mut impl Write,
) -> io::Result<()> {
    let words = words(arguments);
    match words.first().map(String::as_str) {
        Some("exec") if words.iter().any(|word| word == "--json") => exec::refuse(error, out),
        Some("diff") if words.iter().any(|word| word == "--json") => diff::refuse(error, out),
        Some("serve") => serve::refuse(error, out),
        _ => Ok(()),
    }
}

fn is_command(word: &str) -> bool {
    COMMAND.find_subcommand(word).is_some()
}

/// The answer to a value that is not among those that there are, but known to be meant otherwise.
fn invalid_value(error: &clap::Error) -> Option<Error> {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
        return None;
    };
    let help = synonym::of(MeantKind::Value, value)?;
    Some(coded(error).help(help))
}

/// The answer to an unknown flag or a word too many.
fn unknown_argument(error: &clap::Error, words: &[String]) -> Option<Error> {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let front_end = words.first().filter(|word| is_command(word));
    let called = front_end.map_or("eigenstep".to_owned(), |word| format!("eigenstep {word}"));
    let Some(flag) = argument.strip_prefix('-') else {
        let told = Error::plain(
            ErrorCode::Usage,
            format!("`{called}` takes no `{argument}`"),
        );
        return Some(match argument.parse::<f64>() {
            Ok(_) => told.help("separate the numbers of one flag by commas: --start 1,1"),
            Err(_) if rule::load(argument).is_ok() => {
                told.help(format!("a rule is given by --rule {argument}"))
            }
            Err(_) => told.help(format!("`{called} --help` says what it takes")),
        });
    };
    let flag = flag.trim_start_matches('-').split('=').next().unwrap_or("");
    let told = Error::plain(
        ErrorCode::UnknownFlag,
        format!("there is no flag `{argument}`"),
    );
    let told = told.suggest(flag, "flags", flag_names());
    if let Some(help) = synonym::of(MeantKind::Flag, &flag.replace('_', "-")) {
        return Some(told.help(help));
    }
    let setting = flag.replace('-', "_");
    if let Some(rule) = rule_with_setting(&setting, words) {
        return Some(told.help(format!(
            "a setting of {rule} is given by --set: --set {setting}=VALUE"
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
    let has = |name: &&str| rule::load(name).is_ok_and(|rule| rule.declaration(setting).is_some());
    rules.find(has).map(str::to_owned)
}

/// Writes what the debugger's `help` says of `topic`.
pub(super) fn help(topic: &str, out: &mut impl Write) -> std::result::Result<ExitStatus, Failure> {
    let text = TABLE
        .help(None, Some(&topic.into()))
        .map_err(|error| match rule::load(topic) {
            Ok(_) => error.help(format!("eigenstep rules {topic} prints the rule")),
            Err(_) => error,
        })?;
    writeln!(out, "{text}")?;
    Ok(ExitStatus::Done)
}
