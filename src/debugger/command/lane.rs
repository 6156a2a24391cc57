//! The arguments of `lane`.

use super::{
    argument::Assignment,
    phrase::{Name, Phrase},
    reader::LineReader,
    row::Argument,
};
use crate::lang::quote;
use crate::{debugger::sweep::Map, error::Result, format::exact};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[NAME | add RULE ...]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaneCommand {
    /// Shows the lanes side by side.
    List,
    /// Switches to a lane.
    Focus(Name),
    /// Adds one.
    Add(NewLane),
}

/// `RULE [as NAME] [set NAME=EXPR, ...]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLane {
    /// The rule, by its name or its file.
    pub rule: Name,
    /// The lane's name; the rule's unless it is given.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// Settings that are not at their defaults.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<Assignment>,
}

const USAGE: &str = "usage: lane add RULE [as NAME] [set NAME=EXPR, ...]";

impl NewLane {
    /// A lane of `rule`, its settings at their defaults.
    #[must_use]
    pub fn of(rule: impl Into<Name>) -> Self {
        Self {
            rule: rule.into(),
            name: None,
            set: Vec::new(),
        }
    }

    /// The lane of one run of a map.
    #[must_use]
    pub fn of_run(map: &Map, column: usize, row: usize) -> Self {
        let settings = map.settings(column, row).into_iter();
        Self {
            set: settings
                .map(|(name, value)| Assignment::new(name, exact(value)))
                .collect(),
            ..Self::of(map.rule())
        }
    }

    fn read(reader: &mut LineReader) -> Result<Self> {
        let Some(rule) = reader.name()? else {
            return Err(reader.usage("add a lane of which rule?"));
        };
        let mut lane = Self {
            rule,
            name: None,
            set: Vec::new(),
        };
        let word = reader.peek();
        if reader.keyword("as") {
            let name = reader.name()?;
            let missing = || word.error("as what?").help(USAGE);
            lane.name = Some(name.ok_or_else(missing)?);
        }
        let word = reader.peek();
        if reader.keyword("set") {
            for part in parts(&reader.left()) {
                lane.set.push(Assignment::split(&part)?);
            }
            reader.skip_all();
        } else if !reader.is_done() {
            let message = format!("expected `as` or `set`, found `{}`", word.text());
            return Err(word.error(message).help(USAGE));
        }
        Ok(lane)
    }

    fn text(&self) -> String {
        let mut text = quote::word(self.rule.text(), &[]);
        if let Some(name) = &self.name {
            text.push_str(" as ");
            text.push_str(&quote::word(name.text(), &[]));
        }
        if !self.set.is_empty() {
            let set = self.set.iter().map(|it| it.text(is_one_part));
            text.push_str(" set ");
            text.push_str(&set.collect::<Vec<_>>().join(", "));
        }
        text
    }
}

/// The parts of a list that commas outside of brackets and quotes separate.
fn parts(list: &Phrase) -> Vec<Phrase> {
    let text = list.text();
    let mut parts = Vec::new();
    let mut start = 0;
    loop {
        let depth = std::cell::Cell::new(0_i32);
        let len = quote::find(&text[start..], |rest| {
            match rest.as_bytes().first() {
                Some(b'(' | b'[') => depth.set(depth.get() + 1),
                Some(b')' | b']') => depth.set(depth.get() - 1),
                Some(b',') => return depth.get() == 0,
                _ => {}
            }
            false
        });
        parts.push(list.part(start, start + len));
        start += len + 1;
        if start > text.len() {
            return parts;
        }
    }
}

/// True where a value is one part of a list, whatever follows it.
fn is_one_part(value: &str) -> bool {
    let mut depth = 0_i32;
    for character in value.chars() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => return false,
            '"' => return false,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

impl Argument for LaneCommand {
    fn read(reader: &mut LineReader) -> Result<Self> {
        if reader.keyword("add") {
            return NewLane::read(reader).map(Self::Add);
        }
        Ok(reader.name()?.map_or(Self::List, Self::Focus))
    }

    fn asks_minimum(&self) -> bool {
        !matches!(self, Self::Focus(_))
    }

    fn written(&self) -> String {
        match self {
            Self::List => String::new(),
            Self::Focus(name) => quote::word(name.text(), &["add"]),
            Self::Add(lane) => format!("add {}", lane.text()),
        }
    }
}
