//! Sequences and control characters, and the keys that terminals send them for.

use crate::tui::key::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use vte::Params;

/// The meaning of a control sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DecodedSequence {
    Key(KeyEvent),
    Mouse(MouseEvent),
    /// A paste begins.
    Paste,
    /// A function key of the Linux console; its letter follows.
    ConsoleKey,
    /// A report of the mouse in the old way; three characters follow.
    OldMouse,
}

impl From<KeyCode> for KeyEvent {
    fn from(code: KeyCode) -> Self {
        Self::new(code, KeyModifiers::NONE)
    }
}

/// The key of a control character.
pub(super) fn control(byte: u8) -> KeyEvent {
    let letter = |byte: u8| KeyEvent::new(KeyCode::Char(char::from(byte)), KeyModifiers::CONTROL);
    match byte {
        b'\r' => KeyCode::Enter.into(),
        b'\t' => KeyCode::Tab.into(),
        0x7f => KeyCode::Backspace.into(),
        0 => letter(b' '),
        0x01..=0x1a => letter(byte + 0x60),
        _ => letter(byte + 0x40),
    }
}

/// The key of ESC O and this character.
pub(super) fn single_shift(last: char) -> Option<KeyEvent> {
    let code = match last {
        'A'..='D' | 'F' | 'H' | 'P'..='S' => letter(last)?,
        // The arrows of rxvt, with Control.
        'a'..='d' => {
            let code = letter(last.to_ascii_uppercase())?;
            return Some(KeyEvent::new(code, KeyModifiers::CONTROL));
        }
        // The keypad in its application mode.
        'M' => KeyCode::Enter,
        'I' => KeyCode::Tab,
        'j'..='y' => KeyCode::Char(char::from(u8::try_from(last).ok()? - 0x40)),
        'X' => KeyCode::Char('='),
        _ => return None,
    };
    Some(code.into())
}

/// True where a terminal may send ESC [ with these bytes after it, or go on from there: a key, a report, a reply.
pub(super) fn is_sent(bytes: &[u8]) -> bool {
    let is_parameter = |byte: &u8| (0x30..=0x3f).contains(byte);
    let parameters = bytes.iter().take_while(|byte| is_parameter(byte)).count();
    let (parameters, rest) = bytes.split_at(parameters);
    let (private, numbers) = match parameters {
        [private @ b'<'..=b'?', numbers @ ..] => (Some(*private), numbers),
        numbers => (None, numbers),
    };
    let first = numbers.split(|byte| matches!(byte, b';' | b':')).next();
    let first = first.unwrap_or_default();
    let count = numbers.split(|byte| *byte == b';').count();
    match (private, rest) {
        (_, []) | (None | Some(b'?'), [b'$'] | [b'$', b'y', ..]) => true,
        (None, [last, ..]) => match last {
            b'A'..=b'F' | b'H' | b'P' | b'Q' | b'S' => count <= 2 && matches!(first, b"" | b"1"),
            b'R' => count == 2,
            b'Z' | b'I' | b'O' | b'[' | b'a'..=b'd' => numbers.is_empty(),
            b'M' => numbers.is_empty() || count == 3,
            b'~' | b'u' => count <= 3 && !first.is_empty(),
            b'^' | b'$' | b'@' => count == 1 && !first.is_empty(),
            b'n' => matches!(numbers, b"0" | b"3"),
            b't' => matches!(
                first,
                b"1" | b"2" | b"3" | b"4" | b"5" | b"6" | b"8" | b"9" | b"48"
            ),
            b'x' => count == 7,
            b'_' => count == 6,
            _ => false,
        },
        (Some(b'?'), [last, ..]) => matches!(last, b'c' | b'n' | b'R' | b'u' | b'S'),
        (Some(b'>'), [last, ..]) => matches!(last, b'c' | b'm'),
        (Some(b'<'), [last, ..]) => matches!(last, b'M' | b'm') && count == 3,
        (Some(_), [last, ..]) => *last == b'c',
    }
}

/// The meaning of ESC [ with these parameters and this final character.
pub(super) fn csi(params: &Params, intermediates: &[u8], last: char) -> Option<DecodedSequence> {
    let mut numbers = params.iter();
    let first = numbers.next().and_then(|it| it.first().copied());
    let second = numbers.next().unwrap_or(&[]);
    let third = numbers.next().and_then(|it| it.first().copied());
    match intermediates {
        [] => {}
        b"<" if matches!(last, 'M' | 'm') => {
            let at = [second.first().copied()?, third?];
            return mouse(first?, at, last == 'M').map(DecodedSequence::Mouse);
        }
        _ => return None,
    }
    // A release is reported only to those who ask for it.
    if second.get(1) == Some(&3) {
        return None;
    }
    let modifiers = modifiers(second.first().copied().unwrap_or(0))?;
    let first = first.unwrap_or(0);
    let code = match last {
        '[' => return Some(DecodedSequence::ConsoleKey),
        'M' if first == 0 => return Some(DecodedSequence::OldMouse),
        // R is not here: with parameters it is the reply to where the cursor is.
        'A'..='D' | 'F' | 'H' | 'P' | 'Q' | 'S' if first <= 1 => letter(last)?,
        'a'..='d' if first == 0 => letter(last.to_ascii_uppercase())?,
        'Z' => KeyCode::BackTab,
        'u' => return codepoint(u32::from(first), modifiers).map(DecodedSequence::Key),
        '~' if first == 27 => {
            return codepoint(u32::from(third?), modifiers).map(DecodedSequence::Key);
        }
        '~' if first == 200 => return Some(DecodedSequence::Paste),
        '~' => numbered(first)?,
        // The modifiers of rxvt.
        '^' | '@' => {
            let code = numbered(first)?;
            return Some(DecodedSequence::Key(KeyEvent::new(
                code,
                KeyModifiers::CONTROL,
            )));
        }
        _ => return None,
    };
    Some(DecodedSequence::Key(KeyEvent::new(code, modifiers)))
}

fn letter(last: char) -> Option<KeyCode> {
    Some(match last {
        'A' => KeyCode::Up,
        'B' => KeyCode::Down,
        'C' => KeyCode::Right,
        'D' => KeyCode::Left,
        'F' => KeyCode::End,
        'H' => KeyCode::Home,
        'P' => KeyCode::F(1),
        'Q' => KeyCode::F(2),
        'R' => KeyCode::F(3),
        'S' => KeyCode::F(4),
        _ => return None,
    })
}

fn numbered(number: u16) -> Option<KeyCode> {
    let function = |offset: u16| u8::try_from(number - offset).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        2 => Some(KeyCode::Insert),
        3 => Some(KeyCode::Delete),
        4 | 8 => Some(KeyCode::End),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => function(10),
        17..=21 => function(11),
        23..=26 => function(12),
        28 | 29 => function(13),
        31..=34 => function(14),
        _ => None,
    }
}

/// Control and Alt of a parameter; `None` where a key is held down that we have no name for.
fn modifiers(parameter: u16) -> Option<KeyModifiers> {
    let bits = parameter.saturating_sub(1);
    // Super, hyper and meta make it another key; the locks do not.
    if bits & 0b11_1000 != 0 {
        return None;
    }
    let mut modifiers = KeyModifiers::NONE;
    if bits & 0b10 != 0 {
        modifiers |= KeyModifiers::ALT;
    }
    if bits & 0b100 != 0 {
        modifiers |= KeyModifiers::CONTROL;
    }
    Some(modifiers)
}

/// A key by its number in Unicode.
fn codepoint(number: u32, modifiers: KeyModifiers) -> Option<KeyEvent> {
    let code = match number {
        9 => KeyCode::Tab,
        13 => KeyCode::Enter,
        27 => KeyCode::Esc,
        127 => KeyCode::Backspace,
        // Keys that are no characters have numbers of private use.
        57_344..=63_743 => return None,
        _ => KeyCode::Char(char::from_u32(number).filter(|c| !c.is_control())?),
    };
    Some(KeyEvent::new(code, modifiers))
}

fn mouse(button: u16, [column, row]: [u16; 2], pressed: bool) -> Option<MouseEvent> {
    let which = match button & 0b11 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let kind = match (button & 0b1100_0000, button & 0b10_0000 != 0, which) {
        (0, true, Some(which)) => MouseEventKind::Drag(which),
        (0, true, None) => MouseEventKind::Moved,
        (0, false, Some(which)) if pressed => MouseEventKind::Down(which),
        (0, false, Some(which)) => MouseEventKind::Up(which),
        (0b0100_0000, _, Some(MouseButton::Left)) => MouseEventKind::ScrollUp,
        (0b0100_0000, _, Some(MouseButton::Middle)) => MouseEventKind::ScrollDown,
        _ => return None,
    };
    Some(MouseEvent {
        kind,
        column: column.checked_sub(1)?,
        row: row.checked_sub(1)?,
    })
}
