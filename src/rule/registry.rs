//! The rules that come with the program, and those that users bring.

use super::Rule;
use crate::lang::{
    error::{Error, Result},
    source::Source,
};
use std::{path::Path, sync::Arc};

/// Name and text of every file below `src/rules`.
const EMBEDDED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rules.rs"));

/// The names of the rules that come with the program, dialects after the plain ones.
#[must_use]
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = EMBEDDED.iter().map(|(name, _)| *name).collect();
    names.sort_by_key(|name| (name.contains('/'), *name));
    names
}

/// The text of the rule `name`.
#[must_use]
pub fn embedded(name: &str) -> Option<Arc<Source>> {
    let (name, text) = EMBEDDED.iter().find(|(known, _)| *known == name)?;
    Some(Source::new(format!("{name}.rule"), *text))
}

/// True if `name` is that of a rule file: it ends in `.rule`.
#[must_use]
pub fn is_file(name: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|extension| extension == "rule")
}

/// Loads a rule by name, or from a file when `name` ends in `.rule`.
///
/// # Errors
/// No such rule or file, or a text that is not a rule.
pub fn load(name: &str) -> Result<Arc<Rule>> {
    let source = match embedded(name) {
        Some(source) => source,
        None if is_file(name) => Source::read(Path::new(name))?,
        None => {
            return Err(Error::plain(format!("there is no rule `{name}`"))
                .suggest(name, "rules", names())
                .remark("a rule of your own: give its file, NAME.rule"));
        }
    };
    Ok(Arc::new(Rule::parse(&source)?))
}
