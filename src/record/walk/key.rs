//! Keys that a walk presses: how they are named, and what a terminal sends for them.

use crate::tui::key::{KeyCode, KeyEvent, KeyModifiers};
use crate::tui::keymap::Key;

/// A key that is pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Press(pub KeyEvent);

impl Press {
    /// Reads a key's name: `n`, `space`, `ctrl-l`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Key::parse(name).map(|key| Self(key.event()))
    }

    /// The key that types `character`.
    #[must_use]
    pub fn typed(character: char) -> Self {
        let code = match character {
            '\n' => KeyCode::Enter,
            character => KeyCode::Char(character),
        };
        Self(KeyEvent::new(code, KeyModifiers::NONE))
    }

    /// The name shown to people.
    #[must_use]
    pub fn name(self) -> String {
        Key::of(self.0).to_string()
    }

    /// The bytes that an xterm sends for it.
    #[must_use]
    pub fn bytes(self) -> String {
        let modifiers = self.0.modifiers;
        let plain = match self.0.code {
            KeyCode::Char(character) if modifiers.contains(KeyModifiers::CONTROL) => {
                // Control takes the upper bits of a letter away.
                let upper = character.to_ascii_uppercase();
                let byte = u8::try_from(upper).map_or(0, |byte| byte & 0x1f);
                char::from(byte).to_string()
            }
            KeyCode::Char(character) => character.to_string(),
            KeyCode::Enter => "\r".into(),
            KeyCode::Esc => "\x1b".into(),
            KeyCode::Tab => "\t".into(),
            KeyCode::BackTab => "\x1b[Z".into(),
            KeyCode::Backspace => "\x7f".into(),
            KeyCode::Delete => "\x1b[3~".into(),
            KeyCode::Insert => "\x1b[2~".into(),
            KeyCode::Left => "\x1b[D".into(),
            KeyCode::Right => "\x1b[C".into(),
            KeyCode::Up => "\x1b[A".into(),
            KeyCode::Down => "\x1b[B".into(),
            KeyCode::Home => "\x1b[H".into(),
            KeyCode::End => "\x1b[F".into(),
            KeyCode::PageUp => "\x1b[5~".into(),
            KeyCode::PageDown => "\x1b[6~".into(),
            KeyCode::F(number) => function(number),
        };
        if modifiers.contains(KeyModifiers::ALT) {
            format!("\x1b{plain}")
        } else {
            plain
        }
    }
}

fn function(number: u8) -> String {
    match number {
        1..=4 => format!("\x1bO{}", char::from(b'O' + number)),
        5 => "\x1b[15~".into(),
        6..=10 => format!("\x1b[{}~", number + 11),
        11..=14 => format!("\x1b[{}~", number + 12),
        _ => String::new(),
    }
}

/// The names that a key may have, letters aside.
pub(super) fn names() -> Vec<&'static str> {
    crate::tui::keymap::names().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_the_bytes_that_an_xterm_sends() {
        for (name, bytes) in [
            ("n", "n"),
            ("G", "G"),
            ("space", " "),
            ("enter", "\r"),
            ("ctrl-l", "\x0c"),
            ("alt-x", "\x1bx"),
            ("left", "\x1b[D"),
            ("f1", "\x1bOP"),
            ("f5", "\x1b[15~"),
            ("f12", "\x1b[24~"),
        ] {
            let press = Press::parse(name).unwrap();
            assert_eq!(press.bytes(), bytes, "{name}");
            assert_eq!(press.name(), name);
        }
        assert_eq!(Press::parse("spcae"), None);
    }
}
