//! Which key does what: one table, each row a key and the command line that it stands for.
//!
//! A line that ends in a blank opens the prompt with it. Digits before a key are its count: `10n`.

use crate::tui::key::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

/// A row of the table: the keys, the command line, and what it does in a word or two.
pub type Row = (&'static [&'static str], &'static str, &'static str);

/// What keys do unless the configuration says otherwise.
pub const KEYS: &[Row] = &[
    (&["space", "n", "right"], "step", "step"),
    (&["N", "left"], "back", "back"),
    (&["s"], "line", "line"),
    (&["S"], "lineback", "line back"),
    (&["c"], "continue", "continue"),
    (&["C"], "rcontinue", "continue back"),
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
    (&["backtab"], "view lane -1", "lane before"),
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
    (&["a"], "view curve", "loss or alpha"),
    (&["t"], "view theory", "theory or bars"),
    (&["pagedown"], "view scroll 1", "scroll down"),
    (&["pageup"], "view scroll -1", "scroll up"),
    (&["1"], "view pane 1", "contour"),
    (&["2"], "view pane 2", "source"),
    (&["3"], "view pane 3", "eigen"),
    (&["4"], "view pane 4", "curves"),
    (&["5"], "view pane 5", "lanes"),
    (&["ctrl-l"], "view redraw", "redraw"),
    (&["ctrl-z"], "view suspend", "suspend"),
    (&["?"], "view keys", "help"),
    (&["q", "ctrl-c"], "quit", "quit"),
];

/// The keys in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keymap {
    bound: Vec<(Key, String)>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = KEYS.iter().flat_map(|(keys, line, _)| {
            keys.iter()
                .filter_map(|key| Some((Key::parse(key)?, (*line).to_owned())))
        });
        Self {
            bound: bound.collect(),
        }
    }
}

impl Keymap {
    /// The command line that a key stands for.
    #[must_use]
    pub fn line(&self, event: KeyEvent) -> Option<&str> {
        let key = Key::of(event);
        let bound = self.bound.iter().find(|(known, _)| *known == key)?;
        Some(&bound.1)
    }

    /// Binds a key to a command line; an empty one unbinds it.
    pub fn bind(&mut self, key: Key, line: &str) {
        self.bound.retain(|(known, _)| *known != key);
        if !line.trim().is_empty() {
            self.bound.push((key, line.to_owned()));
        }
    }

    /// The bindings, as help shows them: the command line with all its keys, in the order of the table.
    #[must_use]
    pub fn rows(&self) -> Vec<(String, String)> {
        let mut rows: Vec<(String, Vec<String>)> = Vec::new();
        for (key, line) in &self.bound {
            match rows.iter_mut().find(|(known, _)| known == line) {
                Some((_, keys)) => keys.push(key.to_string()),
                None => rows.push((line.clone(), vec![key.to_string()])),
            }
        }
        rows.into_iter()
            .map(|(line, keys)| (line, keys.join(" ")))
            .collect()
    }

    /// All keys that are bound to `line`.
    #[must_use]
    pub fn keys_of(&self, line: &str) -> Vec<Key> {
        let bound = self.bound.iter().filter(|(_, known)| known == line);
        bound.map(|(key, _)| *key).collect()
    }

    /// The first key that is bound to `line`.
    #[must_use]
    pub fn key_of(&self, line: &str) -> Option<String> {
        let bound = self.bound.iter().find(|(_, known)| known == line)?;
        Some(bound.0.to_string())
    }
}

/// What a command line does, in a word or two, where it is one of the table's.
#[must_use]
pub fn label(line: &str) -> Option<&'static str> {
    KEYS.iter().find(|row| row.1 == line).map(|row| row.2)
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

/// The names of the keys that are no characters.
pub fn names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

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
pub fn key_names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::debugger::{command, view_command::ViewCommand};

    #[test]
    fn no_key_is_bound_twice() {
        let mut seen = std::collections::HashSet::new();
        for (keys, line, _) in KEYS {
            for name in *keys {
                let key = Key::parse(name).unwrap_or_else(|| panic!("{name} is no key"));
                assert!(seen.insert(key), "{name} is bound twice, to {line} too");
                assert_eq!(Key::parse(&key.to_string()), Some(key), "{name}");
            }
        }
    }

    #[test]
    fn every_key_stands_for_a_command_of_the_table() {
        for (_, line, _) in KEYS {
            let mut words = line.split_whitespace();
            let Some(name) = words.next() else { continue };
            assert!(command::find(name).is_ok(), "{line}");
            if name == "view" {
                let words: Vec<&str> = words.collect();
                assert!(ViewCommand::parse(&words).is_ok(), "{line}");
            }
        }
    }
}
