//! The inputs that a stream of characters, controls and sequences amounts to, as `vte` takes it apart.

use super::super::ground;
use super::sequence::{self, DecodedSequence, control};
use crate::tui::key::{Input, KeyCode, KeyEvent, KeyModifiers};
use vte::{Params, Perform};

/// A key together with Alt.
pub(super) fn alt(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::ALT)
}

/// Hears from vte.
#[derive(Debug, Default)]
pub(super) struct Performer {
    pub inputs: Vec<Input>,
    /// True after an ESC, for Alt.
    pub alt: bool,
    /// The construct that has begun and not ended.
    pub open: Open,
    /// True while a paste is under way.
    pub pastes: bool,
    /// True to ignore the sequence, whose beginning has been taken for a key.
    pub swallows: bool,
    /// Characters that belong to the sequence before them.
    rest: Rest,
}

/// The construct that has begun and not ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Open {
    #[default]
    Nothing,
    Sequence,
    /// ESC O: the next character is its end.
    SingleShift,
}

/// The bytes that belong to a sequence after its final byte.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Rest {
    #[default]
    Nothing,
    /// The letter of a function key of the Linux console.
    ConsoleKey,
    /// So many characters of an old report of the mouse.
    Mouse(u8),
}

impl Performer {
    pub fn forget(&mut self) {
        let inputs = std::mem::take(&mut self.inputs);
        *self = Self {
            inputs,
            ..Self::default()
        };
    }

    pub fn key(&mut self, mut key: KeyEvent) {
        if std::mem::take(&mut self.alt) {
            key.modifiers |= KeyModifiers::ALT;
        }
        if !self.swallows {
            self.inputs.push(Input::Key(key));
        }
    }

    pub fn escapes(&mut self, count: u8) {
        for _ in 0..count {
            self.key(KeyCode::Esc.into());
        }
    }

    pub fn paste(&mut self, text: &[u8]) {
        let text = String::from_utf8_lossy(text).into_owned();
        self.inputs.push(Input::Paste(text));
    }

    /// The sequence under way is at its end.
    fn close(&mut self) {
        self.open = Open::Nothing;
        self.swallows = false;
        self.alt = false;
        self.rest = Rest::Nothing;
    }

    fn mean(&mut self, meaning: Option<DecodedSequence>) {
        match meaning {
            Some(DecodedSequence::Key(key)) => self.key(key),
            Some(DecodedSequence::Mouse(mouse)) if !self.swallows => {
                self.inputs.push(Input::Mouse(mouse));
            }
            Some(DecodedSequence::Paste) if !self.swallows => self.pastes = true,
            Some(DecodedSequence::ConsoleKey) => {
                self.rest = Rest::ConsoleKey;
                return;
            }
            Some(DecodedSequence::OldMouse) => {
                self.rest = Rest::Mouse(3);
                return;
            }
            _ => {}
        }
        self.close();
    }
}

impl Perform for Performer {
    fn print(&mut self, character: char) {
        match std::mem::take(&mut self.rest) {
            Rest::Nothing => {}
            Rest::ConsoleKey => {
                let number = u32::from(character).wrapping_sub(u32::from('@'));
                let key = u8::try_from(number).ok().filter(|n| (1..=5).contains(n));
                self.mean(key.map(|number| DecodedSequence::Key(KeyCode::F(number).into())));
                return;
            }
            Rest::Mouse(1) => return self.close(),
            Rest::Mouse(left) => {
                self.rest = Rest::Mouse(left - 1);
                return;
            }
        }
        if self.open == Open::SingleShift {
            // Digits are modifiers, which few terminals send here.
            if !character.is_ascii_digit() && character != ';' {
                let key = sequence::single_shift(character);
                self.mean(key.map(DecodedSequence::Key));
                if key.is_none() {
                    // Alt with O, and something after it.
                    self.key(alt(KeyCode::Char('O')));
                    self.print(character);
                }
            }
            return;
        }
        if self.open != Open::Nothing {
            // vte has given the sequence up, so that this is a character again; it had its last byte before.
            self.close();
        }
        match character {
            '\u{7f}' => self.key(KeyCode::Backspace.into()),
            // Bytes that are no text were not typed.
            char::REPLACEMENT_CHARACTER => self.alt = false,
            character if character.is_control() => self.alt = false,
            character => self.key(KeyCode::Char(character).into()),
        }
    }

    fn execute(&mut self, byte: u8) {
        // Within a sequence a control character does what it does alone.
        let (swallows, alt) = (self.swallows, self.alt);
        if self.open != Open::Nothing {
            (self.swallows, self.alt) = (false, false);
        }
        if byte < 0x80 {
            self.key(control(byte));
        } else {
            // Nobody types these, with Alt or without.
            self.alt = false;
        }
        if self.open != Open::Nothing {
            (self.swallows, self.alt) = (swallows, alt);
        }
        // These two end a sequence.
        if matches!(byte, 0x18 | 0x1a) {
            self.close();
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignored: bool, last: char) {
        let meaning = if ignored {
            None
        } else {
            sequence::csi(params, intermediates, last)
        };
        self.mean(meaning);
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _: bool) {
        let ground = ground::of_reply(params).filter(|_| !self.swallows);
        self.inputs.extend(ground.map(Input::Ground));
        self.close();
    }

    fn unhook(&mut self) {
        self.close();
    }
}
