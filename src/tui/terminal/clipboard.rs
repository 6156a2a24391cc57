//! The clipboard on the side of the terminal: OSC 52, which goes through SSH like everything that is written.
//!
//! ```text
//!   ESC ] 52 ; c ; BASE64 BEL      put this text on the clipboard
//! ```
//! Source: "XTerm Control Sequences", Operating System Commands. Nothing answers, so what is known of a terminal is known
//! from its environment.

use std::fmt::Write;

/// The longest text in base64 that xterm takes, and others after it.
const MOST: usize = 74_994;

/// The fate of a text that was to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CopyOutcome {
    /// The terminal was asked to take it.
    Asked,
    /// The same, and this has to be so for it to arrive.
    AskedIf(&'static str),
    /// The terminal was not asked, for this reason.
    Refused(&'static str),
}

/// The fate of a text of so many bytes, by what the environment says of the terminal.
pub(super) fn outcome(bytes: usize, variable: impl Fn(&str) -> Option<String>) -> CopyOutcome {
    let has = |name: &str| variable(name).is_some_and(|value| !value.is_empty());
    let is = |name: &str, value: &str| variable(name).as_deref() == Some(value);
    if bytes.div_ceil(3) * 4 > MOST {
        CopyOutcome::Refused("terminals take 56 kB at most, and it is longer")
    } else if has("TMUX") {
        CopyOutcome::AskedIf("tmux: needs set-clipboard on")
    } else if has("STY") {
        CopyOutcome::Refused("GNU screen passes no OSC 52 on; select with the mouse")
    } else if is("TERM", "linux") {
        CopyOutcome::Refused("the Linux console has no clipboard")
    } else if is("TERM_PROGRAM", "Apple_Terminal") {
        CopyOutcome::Refused("Terminal.app takes no OSC 52; select with the mouse")
    } else if has("VTE_VERSION") {
        CopyOutcome::Refused("terminals on VTE take no OSC 52; select with the mouse")
    } else {
        CopyOutcome::Asked
    }
}

/// The sequence that puts `text` on the clipboard.
pub(super) fn request(text: &str) -> String {
    let mut sequence = String::from("\x1b]52;c;");
    for group in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0, |bits, at| {
            bits << 8 | group.get(at).map_or(0, |it| u32::from(*it))
        });
        for at in 0..4 {
            let digit = bits >> (18 - 6 * at) & 63;
            let _ = sequence.write_char(if at > group.len() { '=' } else { base64(digit) });
        }
    }
    sequence.push('\x07');
    sequence
}

/// The digit of base64 (RFC 4648).
fn base64(digit: u32) -> char {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char::from(DIGITS[digit as usize & 63])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_in_base64() {
        // The test vectors of RFC 4648.
        for (text, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("\u{3b1}\n", "zrEK"),
        ] {
            assert_eq!(request(text), format!("\x1b]52;c;{coded}\x07"));
        }
    }

    #[test]
    fn a_terminal_that_is_known_to_refuse_is_not_asked() {
        let of = |bytes, name: &'static str, value: &'static str| {
            outcome(bytes, move |asked| {
                (asked == name).then(|| value.to_owned())
            })
        };
        assert_eq!(of(100, "TERM", "xterm-256color"), CopyOutcome::Asked);
        assert_eq!(of(56_244, "TERM", "xterm"), CopyOutcome::Asked);
        let is_refused = |outcome| matches!(outcome, CopyOutcome::Refused(_));
        assert!(is_refused(of(56_246, "TERM", "xterm")));
        for (name, value) in [
            ("TERM", "linux"),
            ("STY", "1.pts"),
            ("TERM_PROGRAM", "Apple_Terminal"),
            ("VTE_VERSION", "7600"),
        ] {
            assert!(is_refused(of(100, name, value)), "{name}");
        }
        assert!(matches!(
            of(100, "TMUX", "/tmp/tmux"),
            CopyOutcome::AskedIf(_)
        ));
    }
}
