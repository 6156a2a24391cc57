//! Words that name neither a command nor a file: what else they may have been meant as.

use crate::{
    error::{Error, ErrorCode, suggest},
    lang::synonym::{self, MeantKind},
    loss,
    record::tours,
    rule,
    tui::command::TABLE,
};
use std::path::Path;

/// True if `word` is the name of a file that ends in `.extension`.
pub(super) fn ends_in(word: &str, extension: &str) -> bool {
    Path::new(word)
        .extension()
        .is_some_and(|it| it == extension)
}

/// The answer to a word that is neither one of the `commands` nor a file.
pub(super) fn no_command<'a>(word: &str, commands: impl Iterator<Item = &'a str>) -> Error {
    let error = Error::plain(
        ErrorCode::UnknownCommand,
        format!("there is no command and no file `{word}`"),
    );
    if word.parse::<f64>().is_ok() {
        return error.help("separate the numbers of one flag by commas: --start 1,1");
    }
    if let Some(help) = synonym::of(MeantKind::Command, word) {
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
        "jsonl" | "eig" | "csv" | "gz" => Some(format!(
            "a recorded run is opened by eigenstep open {word}, and compared by eigenstep diff {word} --against RULE"
        )),
        "walk" => Some(format!("a walk is played by eigenstep tour {word}")),
        "rule" => Some(format!("a rule's file is given by --rule {word}")),
        "loss" => Some(format!("a loss's file is given by --loss {word}")),
        _ => None,
    }
}
