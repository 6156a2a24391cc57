//! From TOML to a [`Config`], every mistake at its place.

use super::{Config, binding};
use crate::{
    debugger::view_command::PANES,
    lang::{
        error::{Error, Result},
        source::{Source, Span},
    },
    tui::layout::{Pane, Panes},
};
use clap::ValueEnum;
use std::sync::Arc;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

type Item<'a> = Spanned<DeValue<'a>>;

const TABLES: [&str; 2] = ["keys", "screen"];
const SCREEN: [&str; 5] = ["charset", "color", "ground", "mouse", "panes"];

/// Reads the whole file.
pub(super) fn read(source: &Arc<Source>) -> Result<Config> {
    let table = DeTable::parse(&source.text).map_err(|error| {
        let span = error.span().unwrap_or_default();
        let span = Span::new(span.start, span.end);
        Error::new(source, span, error.message().trim())
    })?;
    let mut config = Config::default();
    for (key, item) in table.get_ref() {
        let DeValue::Table(entries) = item.get_ref() else {
            return Err(unknown(source, span(key), key.get_ref(), "tables", &TABLES));
        };
        match key.get_ref().as_ref() {
            "keys" => binding::read(source, entries, &mut config.keymap)?,
            "screen" => {
                for (key, item) in entries {
                    screen(source, key, item, &mut config)?;
                }
            }
            other => return Err(unknown(source, span(key), other, "tables", &TABLES)),
        }
    }
    Ok(config)
}

fn screen(
    source: &Arc<Source>,
    key: &Spanned<std::borrow::Cow<str>>,
    item: &Item,
    config: &mut Config,
) -> Result<()> {
    match key.get_ref().as_ref() {
        "charset" => config.charset = Some(choice(source, item)?),
        "color" => config.color = Some(choice(source, item)?),
        "ground" => config.ground = Some(choice(source, item)?),
        "mouse" => match item.get_ref() {
            DeValue::Boolean(on) => config.mouse = Some(*on),
            _ => {
                return Err(Error::new(
                    source,
                    span(item),
                    "this has to be true or false",
                ));
            }
        },
        "panes" => config.panes = Some(panes(source, item)?),
        other => return Err(unknown(source, span(key), other, "keys", &SCREEN)),
    }
    Ok(())
}

/// One of the words that a flag takes.
fn choice<T: ValueEnum>(source: &Arc<Source>, item: &Item) -> Result<T> {
    let text = text(source, item)?;
    T::from_str(text, false).map_err(|_| {
        let variants = T::value_variants().iter();
        let names =
            variants.filter_map(|value| Some(value.to_possible_value()?.get_name().to_owned()));
        Error::new(source, span(item), format!("`{text}` is not a choice here"))
            .suggest(text, "choices", names)
    })
}

fn panes(source: &Arc<Source>, item: &Item) -> Result<Panes> {
    let DeValue::Array(items) = item.get_ref() else {
        let error = Error::new(source, span(item), "this has to be a list of panes");
        return Err(error.help(format!("panes: {}", PANES.join(", "))));
    };
    let mut panes = Vec::new();
    for item in items {
        let name = text(source, item)?;
        let Some(pane) = Pane::ALL.into_iter().find(|pane| pane.name() == name) else {
            let error = Error::new(source, span(item), format!("there is no pane `{name}`"));
            return Err(error.suggest(name, "panes", PANES));
        };
        panes.push(pane);
    }
    if panes.is_empty() {
        return Err(Error::new(
            source,
            span(item),
            "at least one pane has to be shown",
        ));
    }
    Ok(Panes::of(&panes))
}

/// The text of an item.
pub(super) fn text<'a>(source: &Arc<Source>, item: &'a Item) -> Result<&'a str> {
    match item.get_ref() {
        DeValue::String(text) => Ok(text),
        _ => Err(Error::new(
            source,
            span(item),
            "this has to be a text in quotes",
        )),
    }
}

/// Where something stands.
pub(super) fn span<T>(spanned: &Spanned<T>) -> Span {
    let span = spanned.span();
    Span::new(span.start, span.end)
}

fn unknown(source: &Arc<Source>, at: Span, name: &str, kind: &str, known: &[&str]) -> Error {
    let what = if kind == "tables" { "table" } else { "key" };
    Error::new(source, at, format!("unknown {what} `{name}`")).suggest(name, kind, known)
}
