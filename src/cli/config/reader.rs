//! From TOML to a [`Config`], every mistake at its place.

use super::{Config, binding};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::choice::Choice,
    scenario::toml::item::{Item, TomlFile},
    tui::panes::{Pane, Panes},
};
use std::{sync::Arc, time::Duration};
use toml::{Spanned, de::DeValue};

const TABLES: [&str; 2] = ["keys", "screen"];
const SCREEN: [&str; 6] = [
    "charset",
    "color",
    "background",
    "mouse",
    "panes",
    "escape-delay",
];
/// The longest wait after ESC, in milliseconds.
const LONGEST_DELAY: u64 = 1000;

/// Reads the whole file.
pub(super) fn read(source: &Arc<Source>) -> Result<Config> {
    let file = TomlFile(source);
    let table = file.table()?;
    let mut config = Config::default();
    for (key, item) in table.get_ref() {
        let DeValue::Table(entries) = item.get_ref() else {
            return Err(unknown(
                source,
                TomlFile::span(key),
                key.get_ref(),
                "tables",
                &TABLES,
            ));
        };
        match key.get_ref().as_ref() {
            "keys" => binding::read(source, entries, &mut config.keymap)?,
            "screen" => {
                for (key, item) in entries {
                    screen(file, key, item, &mut config)?;
                }
            }
            other => {
                return Err(unknown(
                    source,
                    TomlFile::span(key),
                    other,
                    "tables",
                    &TABLES,
                ));
            }
        }
    }
    Ok(config)
}

fn screen(
    file: TomlFile,
    key: &Spanned<std::borrow::Cow<str>>,
    item: &Item,
    config: &mut Config,
) -> Result<()> {
    match key.get_ref().as_ref() {
        "charset" => config.charset = Some(choice(file, item)?),
        "color" => config.color = Some(choice(file, item)?),
        "background" | "ground" => config.background = Some(choice(file, item)?),
        "mouse" => config.mouse = Some(file.truth(item)?),
        "panes" => config.panes = Some(panes(file, item)?),
        "escape-delay" => config.escape_delay = Some(delay(file, item)?),
        other => return Err(unknown(file.0, TomlFile::span(key), other, "keys", &SCREEN)),
    }
    Ok(())
}

/// A wait in milliseconds.
fn delay(file: TomlFile, item: &Item) -> Result<Duration> {
    let milliseconds = match item.get_ref() {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    };
    match milliseconds {
        Some(milliseconds) if milliseconds <= LONGEST_DELAY => {
            Ok(Duration::from_millis(milliseconds))
        }
        _ => {
            let message = format!("expected a number of milliseconds, 0 to {LONGEST_DELAY}");
            Err(Error::new(
                ErrorCode::InvalidValue,
                file.0,
                TomlFile::span(item),
                message,
            ))
        }
    }
}

/// One of the words that a flag takes.
fn choice<T: Choice>(file: TomlFile, item: &Item) -> Result<T> {
    let span = TomlFile::span(item);
    T::named(file.text(item)?).map_err(|error| error.located(file.0, span))
}

fn panes(file: TomlFile, item: &Item) -> Result<Panes> {
    let DeValue::Array(items) = item.get_ref() else {
        let error = file.error(item, "expected a list of panes");
        return Err(error.help(format!("panes: {}", names().collect::<Vec<_>>().join(", "))));
    };
    let mut panes = Vec::new();
    for item in items {
        let name = file.text(item)?;
        let Some(pane) = Pane::named(name) else {
            let error = file.error(item, format!("there is no pane `{name}`"));
            return Err(error.suggest(name, "panes", names()));
        };
        panes.push(pane);
    }
    if panes.is_empty() {
        return Err(file.error(item, "at least one pane has to be shown"));
    }
    Ok(Panes::of(panes))
}

fn names() -> impl Iterator<Item = &'static str> {
    Pane::all().map(|pane| pane.row().name)
}

fn unknown(source: &Arc<Source>, at: Span, name: &str, kind: &str, known: &[&str]) -> Error {
    let what = if kind == "tables" { "table" } else { "key" };
    Error::new(
        ErrorCode::UnknownFlag,
        source,
        at,
        format!("unknown {what} `{name}`"),
    )
    .suggest(name, kind, known)
}
