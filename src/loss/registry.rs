//! The losses that come with the program, and those that users bring.

use super::{Formula, Landscape, LossFile};
use crate::{
    error::{Error, ErrorCode, Result, Source},
    lang::{
        parse::expression,
        synonym::{self, MeantKind},
    },
};
use std::{path::Path, sync::Arc};

/// Name and text of every file below `src/losses`.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/losses.rs"));

/// The loss of a scenario that names none.
pub const DEFAULT: &str = "valley";

/// The names of the losses that come with the program, the default one first.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    names.sort_by_key(|name| (*name != DEFAULT, *name));
    names
}

/// The text of the loss `name`.
#[must_use]
pub fn embedded(name: &str) -> Option<Arc<Source>> {
    let (name, text) = EMBEDDED.iter().find(|(known, _)| *known == name)?;
    Some(Source::new(format!("{name}.loss"), *text))
}

/// True if `name` is that of a loss file: it ends in `.loss`.
#[must_use]
pub fn is_file(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "loss")
}

/// The loss `text` names: one of the program's, or that of a file when it ends in `.loss`; nothing where it is
/// neither, a formula perhaps.
///
/// # Errors
/// A file that cannot be read or is not one of a loss.
pub fn find(text: &str) -> Result<Option<LossFile>> {
    let name = text.trim();
    let spelling = || name.to_lowercase().replace(['-', ' '], "_");
    let source = match embedded(name) {
        Some(source) => source,
        None if is_file(name) => Source::read(Path::new(name))?,
        None => match embedded(&spelling()) {
            Some(source) => source,
            None => return Ok(None),
        },
    };
    LossFile::parse(&source).map(Some)
}

/// The error that there is no loss `name`.
fn unknown(name: &str) -> Error {
    let error = Error::plain(ErrorCode::UnknownLoss, format!("there is no loss `{name}`"));
    match synonym::of(MeantKind::Loss, &name.replace('-', "_")) {
        Some(help) => error.help(help),
        None => error.suggest(name, "losses", names()),
    }
}

/// Loads a loss by name, or from a file when `name` ends in `.loss`.
///
/// # Errors
/// No such loss or file, or a text that is not a loss.
pub fn load(name: &str) -> Result<LossFile> {
    find(name)?.ok_or_else(|| unknown(name).remark("a loss of your own: give its file, NAME.loss"))
}

/// A loss by name, from a file, or by formula; a formula takes its dimension from `start`.
///
/// # Errors
/// A word that names no loss, a formula that is none, a start of the wrong length.
pub fn landscape(text: &str, start: Option<&[f64]>) -> Result<Landscape> {
    let word = text.trim();
    if let Some(file) = find(word)? {
        return file.landscape(start);
    }
    let is_word = word.starts_with(|c: char| c.is_ascii_alphabetic())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let source = Source::new("<loss>", text);
    let known = ["x", "y", "z", "w", "n", "pi"].contains(&word);
    if is_word && !known {
        return Err(unknown(word).remark("or write a formula, like 'x^2 + 10*y^2'"));
    }
    let start = start.ok_or_else(|| {
        Error::plain(
            ErrorCode::Usage,
            "a formula needs a start, which also sets the number of parameters",
        )
        .help("add --start 0,0")
    });
    // A formula that does not parse is the more useful thing to say.
    let start = match start {
        Ok(start) => start,
        Err(error) => {
            expression(&source)?;
            return Err(error);
        }
    };
    Ok(Landscape {
        name: word.to_owned(),
        loss: Arc::new(Formula::new(&source, start.len())?),
        start: start.to_vec(),
        window: None,
        bound: f64::INFINITY,
    })
}
