//! Walks by name: the tours that come with the program, and files.

pub use crate::tui::tours::{embedded, names};

use super::walk::Walk;
use crate::error::{Error, ErrorCode, Result, Source};
use std::{path::Path, sync::Arc};

/// A tour by name or number, or the walk in a file whose name ends in `.walk`.
///
/// # Errors
/// No such tour or file, a file of another kind, or a text that is no walk.
pub fn load(name: &str) -> Result<Arc<Walk>> {
    let path = Path::new(name);
    let is_walk = path.extension().is_some_and(|it| it == "walk");
    let source = match embedded(name) {
        Some(source) => source,
        None if is_walk => Source::read(path)?,
        None if path.exists() => return Err(no_walk(name)),
        None => return Err(no_tour(name)),
    };
    Ok(Arc::new(Walk::parse(&source)?))
}

/// The name by which [`load`] finds `walk` again, from any folder: that of a tour, or the file from the root on.
#[must_use]
pub fn name_of(walk: &Walk) -> String {
    let is_own = |name: &&str| embedded(name).is_some_and(|own| own.text == walk.source.text);
    if let Some(name) = names().into_iter().find(is_own) {
        return name.to_owned();
    }
    let file = std::path::absolute(&walk.source.name);
    file.map_or_else(
        |_| walk.source.name.clone(),
        |file| file.display().to_string(),
    )
}

fn no_walk(name: &str) -> Error {
    Error::plain(ErrorCode::UnknownWalk, format!("`{name}` is not a walk")).help(
        "the name of a walk's file ends in .walk (`eigenstep check --help` tells what is in it)",
    )
}

fn no_tour(name: &str) -> Error {
    Error::plain(ErrorCode::UnknownWalk, format!("there is no tour `{name}`"))
        .suggest(name, "tours", names())
        .remark("a walk of your own: give its file, NAME.walk")
}

/// Number, name and title of each tour, in order.
#[must_use]
pub fn titles() -> Vec<(usize, &'static str, String)> {
    let numbered = (1..).zip(names());
    numbered
        .map(|(number, name)| {
            let title = load(name).map_or(String::new(), |walk| walk.title.clone());
            (number, name, title)
        })
        .collect()
}
