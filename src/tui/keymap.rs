//! Keys: one table, each row a key and the command line that it stands for.
//!
//! A line that ends in a blank opens the prompt with it. Digits before a key are its count: `10n`.

use super::panes::{PANES, Pane};
use super::{
    command::{Line, TABLE, copies},
    key::{KeyCode, KeyEvent, KeyModifiers},
};
use crate::error::{Result, Source};
use std::fmt;

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A row of the table: the keys, the command line, and what it does in a word or two.
pub type Row = (&'static [&'static str], &'static str, &'static str);

/// The keys unless the configuration says otherwise.
pub const KEYS: &[Row] = &[
    (&["space", "n", "right"], "step", "step"),
    (&["N", "left"], "back", "back"),
    (&["s"], "line", "line"),
    (&["S"], "lineback", "line back"),
    (&["c"], "continue", "continue"),
    (&["C"], "rcontinue", "continue back"),
    (&["P"], "view play", "play"),
    (&["["], "view nudge down", "nudge down"),
    (&["]"], "view nudge up", "nudge up"),
    (&["g", "home"], "first", "first"),
    (&["G", "end"], "last", "last"),
    (&["r"], "restart", "restart"),
    (&[":"], "", "command"),
    (&["b"], "break ", "break ..."),
    (&["w"], "watch ", "watch ..."),
    (&["p"], "print ", "print ..."),
    (&["e"], "set ", "set ..."),
    (&["u"], "undo", "undo"),
    (&["f"], "fork", "fork"),
    (&["tab"], "view lane 1", "next lane"),
    (&["backtab"], "view lane -1", "previous lane"),
    (&["up"], "view cursor -1", "cursor up"),
    (&["down"], "view cursor 1", "cursor down"),
    (&["B"], "view break", "break at cursor"),
    (&["enter"], "view expand", "explain line"),
    (&["z"], "view max", "one pane"),
    (&["+", "="], "view zoom in", "zoom in"),
    (&["-"], "view zoom out", "zoom out"),
    (&["h"], "view pan left", "pan left"),
    (&["j"], "view pan down", "pan down"),
    (&["k"], "view pan up", "pan up"),
    (&["l"], "view pan right", "pan right"),
    (&["F"], "view fit", "fit"),
    (&["a"], "view curve", "next plot"),
    (&["t"], "view theory", "theory or bars"),
    (&["pagedown"], "view scroll 1", "scroll down"),
    (&["pageup"], "view scroll -1", "scroll up"),
    (&[">"], "view columns 1", "next column"),
    (&["<"], "view columns -1", "previous column"),
    (&["v"], "view summary", "summarise vectors"),
    (&["X"], "view charset", "characters"),
    (&["y"], "view copy", "copy"),
    (&["ctrl-l"], "view redraw", "redraw"),
    (&["ctrl-z"], "view suspend", "suspend"),
    (&["?"], "view keys", "what is this"),
    (&["q", "ctrl-c"], "quit", "quit"),
];

/// The meaning of a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Binding {
    /// Runs this line.
    Run(Line),
    /// Opens the prompt with this text.
    Open(String),
}

impl Binding {
    /// The meaning of a line of the table or of the configuration; a comment has none.
    ///
    /// # Errors
    /// As [`CommandTable::parse`](crate::debugger::command::CommandTable::parse).
    pub fn parse(line: &str) -> Result<Option<Self>> {
        if line.is_empty() || line.ends_with(' ') {
            return Ok(Some(Self::Open(line.to_owned())));
        }
        let parsed = TABLE.parse(&Source::new("<key>", line))?;
        Ok(parsed.map(Self::Run))
    }
}

impl fmt::Display for Binding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run(line) => line.fmt(f),
            Self::Open(text) => f.write_str(text),
        }
    }
}

/// The keys in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Keymap {
    bound: Vec<(Key, Binding)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = table().into_iter().flat_map(|(keys, line, _)| {
            let binding = Binding::parse(&line).ok().flatten();
            let keys = keys.into_iter().filter_map(|key| Key::parse(&key));
            keys.filter_map(move |key| Some((key, binding.clone()?)))
                .collect::<Vec<_>>()
        });
        Self {
            bound: bound.collect(),
        }
    }
}

impl Keymap {
    /// The meaning of a key.
    #[must_use]
    pub fn binding(&self, event: KeyEvent) -> Option<&Binding> {
        let key = Key::of(event);
        let bound = self.bound.iter().find(|(known, _)| *known == key)?;
        Some(&bound.1)
    }

    /// True for a key that copies what is shown, and so leaves it there.
    pub(super) fn copies(&self, event: KeyEvent) -> bool {
        matches!(self.binding(event), Some(Binding::Run(line)) if copies(line))
    }

    /// Gives a key a meaning, or takes it away.
    pub fn bind(&mut self, key: Key, binding: Option<Binding>) {
        self.bound.retain(|(known, _)| *known != key);
        self.bound.extend(binding.map(|binding| (key, binding)));
    }

    /// The bindings, as help shows them: each with all its keys, in the order of the table.
    #[must_use]
    pub fn rows(&self) -> Vec<(&Binding, String)> {
        let mut rows: Vec<(&Binding, Vec<String>)> = Vec::new();
        for (key, binding) in &self.bound {
            match rows.iter_mut().find(|(known, _)| *known == binding) {
                Some((_, keys)) => keys.push(key.to_string()),
                None => rows.push((binding, vec![key.to_string()])),
            }
        }
        rows.into_iter()
            .map(|(binding, keys)| (binding, keys.join(" ")))
            .collect()
    }

    /// All keys that do `line`.
    #[must_use]
    pub fn keys_of(&self, line: &Line) -> Vec<Key> {
        let is_it = |known: &Binding| matches!(known, Binding::Run(known) if known == line);
        let bound = self.bound.iter().filter(|(_, known)| is_it(known));
        bound.map(|(key, _)| *key).collect()
    }

    /// The first key that does what the line `text` says.
    #[must_use]
    pub fn key_of(&self, text: &str) -> Option<String> {
        let wanted = Binding::parse(text).ok()??;
        let bound = self.bound.iter().find(|(_, known)| *known == wanted)?;
        Some(bound.0.to_string())
    }
}

/// Every row: those of [`KEYS`], and one for each pane.
#[must_use]
pub fn table() -> Vec<(Vec<String>, String, &'static str)> {
    let keys = KEYS.iter().map(|(keys, line, label)| {
        let keys = keys.iter().map(|key| (*key).to_owned());
        (keys.collect(), (*line).to_owned(), *label)
    });
    let panes = Pane::by_key().into_iter().map(|pane| {
        let row = pane.row();
        let keys = vec![format!("alt-{}", row.key), format!("f{}", row.key)];
        (keys, pane_line(row.name), row.name)
    });
    keys.chain(panes).collect()
}

fn pane_line(name: &str) -> String {
    format!("view pane {name}")
}

/// The effect of a command line in a word or two, where it is one of the table's.
#[must_use]
pub fn label(line: &str) -> Option<&'static str> {
    let key = KEYS.iter().find(|row| row.1 == line).map(|row| row.2);
    key.or_else(|| {
        let panes = PANES.iter().map(|(_, row)| row.name);
        panes.into_iter().find(|name| pane_line(name) == line)
    })
}

const NAMED: [(&str, KeyCode); 17] = [
    ("space", KeyCode::Char(' ')),
    ("enter", KeyCode::Enter),
    ("tab", KeyCode::Tab),
    ("backtab", KeyCode::BackTab),
    ("esc", KeyCode::Esc),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("insert", KeyCode::Insert),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("plus", KeyCode::Char('+')),
];

impl Key {
    /// Reads `n`, `N`, `space`, `f5`, `ctrl-z`, `alt-x`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut modifiers = KeyModifiers::NONE;
        let mut rest = text;
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-") {
                modifiers |= KeyModifiers::CONTROL;
                rest = after;
            } else if let Some(after) = rest.strip_prefix("alt-") {
                modifiers |= KeyModifiers::ALT;
                rest = after;
            } else {
                break;
            }
        }
        let mut characters = rest.chars();
        let code = match (characters.next()?, characters.next()) {
            (character, None) => KeyCode::Char(character),
            ('f', Some(_)) if rest[1..].parse::<u8>().is_ok_and(|n| (1..=24).contains(&n)) => {
                KeyCode::F(rest[1..].parse().ok()?)
            }
            _ => NAMED.iter().find(|(name, _)| *name == rest)?.1,
        };
        Some(Self { code, modifiers })
    }

    /// The event of this key.
    #[must_use]
    pub fn event(self) -> KeyEvent {
        KeyEvent::new(self.code, self.modifiers)
    }

    /// The key of an event.
    #[must_use]
    pub fn of(event: KeyEvent) -> Self {
        Self {
            code: event.code,
            modifiers: event.modifiers,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.modifiers.contains(KeyModifiers::CONTROL) {
            f.write_str("ctrl-")?;
        }
        if self.modifiers.contains(KeyModifiers::ALT) {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMED
            .iter()
            .find(|(name, code)| *code == self.code && *name != "plus")
        {
            return f.write_str(name);
        }
        match self.code {
            KeyCode::Char(character) => write!(f, "{character}"),
            KeyCode::F(number) => write!(f, "f{number}"),
            other => write!(f, "{other}"),
        }
    }
}

/// The names of the keys that are not characters.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_is_bound_twice() {
        let mut seen = std::collections::HashSet::new();
        for (keys, line, _) in table() {
            for name in keys {
                let key = Key::parse(&name).unwrap_or_else(|| panic!("{name} is no key"));
                assert!(seen.insert(key), "{name} is bound twice, to {line} too");
                assert_eq!(Key::parse(&key.to_string()), Some(key), "{name}");
            }
        }
    }

    #[test]
    fn every_key_stands_for_a_command_as_the_table_writes_it() {
        for (_, line, _) in table() {
            let binding = Binding::parse(&line).unwrap().unwrap();
            assert_eq!(binding.to_string(), line);
        }
    }
}
