//! From the bytes that a terminal sends to what the user did.
//!
//! The `vte` crate takes escape sequences apart; this layer decides what they mean, and deals with what a terminal
//! leaves open:
//!
//! - A lone ESC is the key Esc if nothing follows within a [grace](Decoder::patience); else it begins a sequence, be it
//!   cut anywhere, or it stands for Alt.
//! - Sequences that are no key are swallowed whole: replies to queries (of anybody's), focus reports, strings. Within
//!   one that does not end, Ctrl-C is still Ctrl-C. After a while it is given up; should its rest come after all, then
//!   that is known by coming at once, as nobody types.
//! - Between the brackets of a paste nothing is a key.

mod performer;
mod sequence;

use crate::tui::key::{Input, KeyCode};
use performer::{Open, Performer, alt};
use sequence::{control, is_sent};
use std::time::Duration;
use vte::Parser;

/// A sequence that stands still for this long was none, or has lost its end.
const STALLED: Duration = Duration::from_millis(300);
/// Time within which the rest of what was given up still counts as that.
const TAIL: Duration = Duration::from_secs(2);
/// Bytes of a terminal come within this time of each other, keys that are typed do not.
const TOGETHER: Duration = Duration::from_millis(30);
/// Bytes of a sequence that are looked at to tell whether it goes on: more than any key or reply has.
const MOST_BEGUN: usize = 64;
/// A paste that stands still for this long has lost its end.
const PASTE_STALLED: Duration = Duration::from_secs(1);
/// Bytes of a paste that are kept: more of them than anybody types into a line.
const MOST_PASTED: usize = 1 << 24;

const ESC: u8 = 0x1b;
const CTRL_C: u8 = 0x03;
const BELL: u8 = 0x07;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Takes bytes in pieces of any size.
pub struct Decoder {
    parser: Parser,
    sink: Performer,
    state: DecoderState,
    grace: Duration,
    /// The bytes that have come since the sequence under way began, as many as tell what it is.
    begun: Vec<u8>,
    /// True once the sequence under way has been given up.
    was_cut: bool,
}

/// The state of the decoder after the bytes so far.
#[derive(Debug, Clone, PartialEq, Eq)]
enum DecoderState {
    /// All of them are accounted for.
    Ground,
    /// So many ESC, which may be keys or the beginning of something.
    Escape(u8),
    /// A sequence has begun with ESC and this byte.
    Sequence(u8),
    /// ESC within a sequence: the end of a string, or the beginning of another.
    Within(u8),
    /// A paste, so far.
    Paste(Vec<u8>),
    /// Something was given up; its rest may still come.
    Cut(Unfinished),
    /// The first byte after that, which is a key if nothing follows it at once.
    Held(Unfinished, u8),
}

/// Something that was given up before it was whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unfinished {
    /// An ESC, which was taken for the key.
    Escape,
    /// A sequence that began with ESC and this byte.
    Sequence(u8),
    /// A string, the ESC of whose end has come.
    Terminator,
    /// A paste, what had come of it handed over.
    Paste,
}

impl Decoder {
    /// A decoder that waits for `grace` to see whether Esc is a key.
    #[must_use]
    pub fn new(grace: Duration) -> Self {
        Self {
            parser: Parser::new(),
            sink: Performer::default(),
            state: DecoderState::Ground,
            grace,
            begun: Vec::new(),
            was_cut: false,
        }
    }

    /// The wait for more bytes before [`Decoder::expire`] is due; `None` for ever.
    #[must_use]
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            DecoderState::Ground => None,
            DecoderState::Escape(_) | DecoderState::Within(_) => Some(self.grace),
            DecoderState::Sequence(_) => Some(STALLED.max(self.grace)),
            DecoderState::Paste(_) => Some(PASTE_STALLED),
            DecoderState::Cut(_) => Some(TAIL),
            DecoderState::Held(..) => Some(TOGETHER),
        }
    }

    /// Takes some bytes, and returns what the user did.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Input> {
        if let [CTRL_C] = bytes {
            // Whatever is under way: by itself it can only have been typed.
            let under_way = self.state.clone();
            if let DecoderState::Escape(count) = under_way {
                self.sink.escapes(count);
            }
            self.reset();
            if let DecoderState::Held(_, byte) = under_way {
                self.byte(byte);
                self.reset();
            }
            self.sink.key(control(CTRL_C));
        } else {
            match self.state {
                DecoderState::Cut(what) => self.resume(what, bytes),
                DecoderState::Held(what, byte) => self.resume(what, &[&[byte], bytes].concat()),
                _ => self.bytes(bytes),
            }
        }
        std::mem::take(&mut self.sink.inputs)
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.byte(*byte);
        }
    }

    /// Goes on with what was given up, if these bytes belong to it.
    fn resume(&mut self, what: Unfinished, bytes: &[u8]) {
        self.state = DecoderState::Ground;
        match (what, bytes) {
            (_, [byte]) if self.may_be_typed(what, *byte) => {
                self.state = DecoderState::Held(what, *byte);
            }
            (Unfinished::Escape, [introducer, rest @ ..]) if is_introducer(*introducer) => {
                self.begin(*introducer, false);
                self.sink.swallows = true;
                self.bytes(rest);
            }
            (Unfinished::Sequence(introducer), _) if !self.may_go_on(introducer, bytes) => {
                self.reset();
                self.bytes(bytes);
            }
            (Unfinished::Sequence(introducer), _) => {
                self.state = DecoderState::Sequence(introducer);
                self.bytes(bytes);
            }
            (Unfinished::Terminator, [b'\\', rest @ ..]) => self.bytes(rest),
            (Unfinished::Paste, _) => {
                self.state = DecoderState::Paste(Vec::new());
                self.bytes(bytes);
            }
            (Unfinished::Escape | Unfinished::Terminator, _) => self.bytes(bytes),
        }
    }

    /// True where these bytes may be the rest of a sequence that was given up.
    fn may_go_on(&self, introducer: u8, bytes: &[u8]) -> bool {
        let is_known =
            introducer != b'[' || self.begun.is_empty() || self.begun.len() == MOST_BEGUN;
        is_known || bytes[0] == ESC || is_sent(&[&self.begun, bytes].concat())
    }

    /// True where one byte alone may be a key as well as the rest of what was given up.
    fn may_be_typed(&self, what: Unfinished, byte: u8) -> bool {
        match what {
            Unfinished::Escape => is_introducer(byte),
            Unfinished::Sequence(introducer) if is_string(introducer) => {
                !matches!(byte, ESC | BELL)
            }
            // Nobody types the beginning of one, but its end may have been lost: more of it comes together.
            Unfinished::Sequence(_) => {
                self.begun.is_empty() || matches!(byte, 0x20..=0x3f) || byte >= 0x80
            }
            Unfinished::Terminator => false,
            Unfinished::Paste => true,
        }
    }

    /// Says that nothing more has come in time: what is open ends here.
    pub fn expire(&mut self) -> Vec<Input> {
        match std::mem::replace(&mut self.state, DecoderState::Ground) {
            DecoderState::Ground => {}
            DecoderState::Cut(_) => self.reset(),
            DecoderState::Held(_, byte) => {
                self.reset();
                self.byte(byte);
            }
            DecoderState::Escape(count) => {
                self.sink.escapes(count);
                self.reset();
                self.state = DecoderState::Cut(Unfinished::Escape);
            }
            DecoderState::Within(introducer) => {
                let ends = is_string(introducer) && !self.was_cut;
                self.reset();
                if ends {
                    self.state = DecoderState::Cut(Unfinished::Terminator);
                } else {
                    // The key was pressed in the middle of something that never ends.
                    self.sink.key(KeyCode::Esc.into());
                }
            }
            DecoderState::Sequence(introducer) => {
                if self.begun.is_empty() && !self.was_cut {
                    self.sink.alt = false;
                    self.sink.key(alt(KeyCode::Char(char::from(introducer))));
                    self.sink.swallows = true;
                }
                self.was_cut = true;
                self.state = DecoderState::Cut(Unfinished::Sequence(introducer));
            }
            DecoderState::Paste(text) => {
                self.sink.paste(&text);
                self.state = DecoderState::Cut(Unfinished::Paste);
            }
        }
        std::mem::take(&mut self.sink.inputs)
    }

    fn reset(&mut self) {
        self.parser = Parser::new();
        self.state = DecoderState::Ground;
        self.sink.forget();
        self.begun.clear();
        self.was_cut = false;
    }

    fn byte(&mut self, byte: u8) {
        match &mut self.state {
            DecoderState::Ground | DecoderState::Cut(_) | DecoderState::Held(..) => {
                if byte == ESC {
                    self.state = DecoderState::Escape(1);
                } else {
                    self.pass(byte);
                }
            }
            DecoderState::Escape(count) => {
                let count = *count;
                self.after_escape(byte, count);
            }
            DecoderState::Sequence(introducer) => {
                let introducer = *introducer;
                if self.begun.len() < MOST_BEGUN {
                    self.begun.push(byte);
                }
                match byte {
                    ESC => self.state = DecoderState::Within(introducer),
                    CTRL_C => {
                        self.reset();
                        self.sink.key(control(byte));
                    }
                    _ => self.pass(byte),
                }
            }
            DecoderState::Within(introducer) => {
                let introducer = *introducer;
                if byte == b'\\' {
                    // The end of a string; vte hears of it, and says no more about it.
                    self.parser.advance(&mut self.sink, &[ESC]);
                    self.reset();
                } else if is_string(introducer) && byte != ESC {
                    // A string that was cut off, and something new.
                    self.reset();
                    self.after_escape(byte, 1);
                } else {
                    self.reset();
                    self.state = DecoderState::Escape(1);
                    self.byte(byte);
                }
            }
            DecoderState::Paste(text) => {
                text.push(byte);
                if text.len() > MOST_PASTED + PASTE_END.len() {
                    // What does not fit is passed over, but its end is not.
                    text.remove(MOST_PASTED);
                }
                if text.ends_with(PASTE_END) {
                    let end = text.len() - PASTE_END.len();
                    let text = std::mem::take(text);
                    self.reset();
                    self.sink.paste(&text[..end]);
                }
            }
        }
    }

    /// A byte that follows `count` ESC.
    fn after_escape(&mut self, byte: u8, count: u8) {
        match byte {
            ESC if count >= 2 => self.sink.key(KeyCode::Esc.into()),
            ESC => self.state = DecoderState::Escape(count + 1),
            // Two ESC before a sequence: Alt with its key, as some terminals have it.
            b'[' | b'O' => self.begin(byte, count > 1),
            CTRL_C => {
                self.sink.escapes(count);
                self.reset();
                self.sink.key(control(byte));
            }
            _ => {
                self.sink.escapes(count - 1);
                match byte {
                    b']' | b'P' | b'X' | b'^' | b'_' => self.begin(byte, false),
                    _ => {
                        self.reset_keeping_inputs();
                        self.sink.alt = true;
                        self.pass(byte);
                    }
                }
            }
        }
    }

    fn reset_keeping_inputs(&mut self) {
        self.parser = Parser::new();
        self.state = DecoderState::Ground;
        self.begun.clear();
    }

    /// Begins a sequence.
    fn begin(&mut self, introducer: u8, alt: bool) {
        self.reset();
        self.sink.alt = alt;
        self.state = DecoderState::Sequence(introducer);
        self.sink.open = if introducer == b'O' {
            Open::SingleShift
        } else {
            Open::Sequence
        };
        if introducer != b'O' {
            self.parser.advance(&mut self.sink, &[ESC, introducer]);
        }
    }

    /// Hands a byte to vte.
    fn pass(&mut self, byte: u8) {
        self.parser.advance(&mut self.sink, &[byte]);
        if matches!(self.state, DecoderState::Sequence(_)) && self.sink.open == Open::Nothing {
            self.state = if std::mem::take(&mut self.sink.pastes) {
                DecoderState::Paste(Vec::new())
            } else {
                DecoderState::Ground
            };
            self.begun.clear();
        }
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// True if ESC and this byte begin a sequence.
fn is_introducer(byte: u8) -> bool {
    matches!(byte, b'[' | b'O') || is_string(byte)
}

/// True if a sequence with this introducer ends with ESC \.
fn is_string(introducer: u8) -> bool {
    matches!(introducer, b']' | b'P' | b'X' | b'^' | b'_')
}

#[cfg(test)]
mod tests;
