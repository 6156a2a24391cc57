//! The rules that come with the program, and those that users bring.

use super::{definition::Rule, wrapper};
use crate::{
    error::{Error, ErrorCode, Result, Source},
    lang::synonym::{self, MeantKind},
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

/// The names that go on from `begun`: of rules and wrappers, and of rules inside of one whose bracket is open.
#[must_use]
pub fn names_from(begun: &str) -> Vec<String> {
    let Some((outer, inner)) = begun.split_once('(') else {
        let rules = names().into_iter().map(str::to_owned);
        let wrappers = wrapper::wrappers().map(|it| format!("{}(", it.name));
        return rules
            .chain(wrappers)
            .filter(|it| it.starts_with(begun))
            .collect();
    };
    let inside = names_from(inner).into_iter();
    let closed = |it: String| if it.ends_with('(') { it } else { it + ")" };
    inside.map(|it| closed(format!("{outer}({it}"))).collect()
}

/// The text of the rule `name`, or of a wrapper around one.
#[must_use]
pub fn embedded(name: &str) -> Option<Arc<Source>> {
    if let Some((outer, inner)) = wrapper::parts(name) {
        let inner = Rule::parse(&embedded(inner)?).ok()?;
        return wrapper::around(outer, &inner).ok();
    }
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

/// Loads a rule by name, or from a file when `name` ends in `.rule`; `torch/lookahead(torch/adam)` is a wrapper around one.
///
/// A name may be written as its library has it: `Adam`, `torch.optim.Adam`, `pytorch/adam`; one that a single
/// library has needs no folder.
///
/// # Errors
/// No such rule or file, or a text that is not a rule.
pub fn load(name: &str) -> Result<Arc<Rule>> {
    let source = match embedded(name) {
        Some(source) => source,
        None if is_file(name) => Source::read(Path::new(name))?,
        None => match wrapper::parts(name) {
            Some((outer, inner)) => wrapper::around(&spelling(outer), load(inner)?.as_ref())?,
            None => meant(name)?,
        },
    };
    Ok(Arc::new(Rule::parse(&source)?))
}

/// Other names of libraries, each with the name of its folder.
const LIBRARIES: &[(&str, &str)] = &[
    ("torch/optim/", "torch/"),
    ("pytorch/", "torch/"),
    ("pytorch_optimizer/", "torch/"),
    ("jax/", "optax/"),
    ("optax/contrib/", "optax/"),
    ("tf/keras/optimizers/", "keras/"),
    ("tensorflow/", "keras/"),
    ("tf/", "keras/"),
    ("keras/optimizers/", "keras/"),
];

/// A name as rules here are called.
fn spelling(name: &str) -> String {
    let plain = name
        .trim()
        .to_lowercase()
        .replace('.', "/")
        .replace('-', "_");
    let library = LIBRARIES.iter().find(|(other, _)| plain.starts_with(other));
    match library {
        Some((other, own)) => format!("{own}{}", &plain[other.len()..]),
        None => plain,
    }
}

/// The rule of another spelling, where there is no doubt which is meant.
fn meant(name: &str) -> Result<Arc<Source>> {
    let spelling = spelling(name);
    if let Some(source) = embedded(&spelling) {
        return Ok(source);
    }
    let error = Error::plain(ErrorCode::UnknownRule, format!("there is no rule `{name}`"));
    wrapper::check_no_wrapper(&spelling)?;
    if let Some(help) = synonym::of(MeantKind::Rule, &spelling) {
        return Err(error.help(help));
    }
    let in_folder = |known: &&str| known.split_once('/').is_some_and(|it| it.1 == spelling);
    let found: Vec<&str> = names().into_iter().filter(in_folder).collect();
    match found.as_slice() {
        [only] => embedded(only).ok_or(error),
        [] => Err(error
            .suggest(&spelling, "rules", names())
            .remark("a rule of your own: give its file, NAME.rule")),
        several => Err(error.help(format!("say whose: `{}`", several.join("`, `")))),
    }
}
