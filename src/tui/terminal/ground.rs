//! The terminal's ground: asked for by OSC 11, and told from the colour of the reply.
//!
//! ```text
//!   ESC ] 11 ; ? ESC \              what colour is the ground?
//!   ESC ] 11 ; rgb:1c1c/1c1c/1c1c ESC \
//! ```
//! Source: "XTerm Control Sequences", Operating System Commands; the form of colours is that of XParseColor.

use crate::tui::theme::Background;

/// The question.
pub(super) const ASK: &[u8] = b"\x1b]11;?\x1b\\";

/// The ground that a reply tells of; none where it is another reply, or no colour.
pub(super) fn of_reply(params: &[&[u8]]) -> Option<Background> {
    let [b"11", colour] = params else {
        return None;
    };
    let [red, green, blue] = colour_of(std::str::from_utf8(colour).ok()?)?;
    // Rec. 709, as WCAG has it; on halves of the scale it needs no correction for gamma.
    let brightness = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    Some(if brightness > 0.5 {
        Background::Light
    } else {
        Background::Dark
    })
}

/// The parts of a colour, from 0 to 1: `rgb:` with one to four digits each, `rgba:` with a fourth part, or `#rrggbb`.
fn colour_of(text: &str) -> Option<[f64; 3]> {
    let part = |digits: &str| {
        if !(1..=4).contains(&digits.len()) {
            return None;
        }
        let most = (1_u32 << (4 * digits.len())) - 1;
        Some(f64::from(u32::from_str_radix(digits, 16).ok()?) / f64::from(most))
    };
    if let Some(digits) = text.strip_prefix('#') {
        let each = digits.len() / 3;
        let cut = |at: usize| part(digits.get(at * each..(at + 1) * each)?);
        return (digits.len() == 3 * each)
            .then(|| Some([cut(0)?, cut(1)?, cut(2)?]))
            .flatten();
    }
    let parts = text.strip_prefix("rgba:").or(text.strip_prefix("rgb:"))?;
    let mut parts = parts.split('/').map(part);
    Some([parts.next()??, parts.next()??, parts.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ground_is_told_from_its_colour() {
        let told = |colour: &str| of_reply(&[b"11", colour.as_bytes()]);
        for light in [
            "rgb:ffff/ffff/ffff",
            "rgb:fd/f6/e3",
            "#fdf6e3",
            "rgba:f/f/e/f",
        ] {
            assert_eq!(told(light), Some(Background::Light), "{light}");
        }
        for dark in ["rgb:0000/0000/0000", "rgb:00/2b/36", "#1c1c1c", "rgb:0/0/f"] {
            assert_eq!(told(dark), Some(Background::Dark), "{dark}");
        }
        for none in [
            "",
            "?",
            "rgb:",
            "rgb:1/2",
            "rgb:fffff/0/0",
            "#12",
            "#é11111",
            "rgb:g/0/0",
        ] {
            assert_eq!(told(none), None, "{none}");
        }
        assert_eq!(of_reply(&[b"10", b"rgb:ff/ff/ff"]), None, "that of text");
    }
}
