//! A picture with the codes of a terminal, line by line: for `cat` and for `less -R`.

use super::{Style, runs};
use crate::record::palette::place;
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier},
};
use std::fmt::Write;

/// The picture as lines, each of which ends in the terminal's own style.
#[must_use]
pub fn ansi(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in runs(buffer) {
        let mut styled = false;
        for run in row {
            let codes = codes(run.style);
            if !codes.is_empty() {
                let _ = write!(text, "\x1b[0;{codes}m");
            } else if styled {
                text.push_str("\x1b[0m");
            }
            styled = !codes.is_empty();
            for piece in run.pieces(|_| ()) {
                text.push_str(&piece.text);
            }
        }
        if styled {
            text.push_str("\x1b[0m");
        }
        text.push('\n');
    }
    text
}

/// The codes that turn the plain style into `style` (ECMA-48 8.3.117).
fn codes(style: Style) -> String {
    const ATTRIBUTES: [(Modifier, u8); 5] = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::ITALIC, 3),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
    ];
    let mut codes: Vec<String> = ATTRIBUTES
        .iter()
        .filter(|(modifier, _)| style.modifier.contains(*modifier))
        .map(|(_, code)| code.to_string())
        .collect();
    for (colour, plain) in [(style.foreground, 30), (style.background, 40)] {
        codes.extend(match (colour, place(colour)) {
            (Color::Indexed(index @ 16..), _) => Some(format!("{};5;{index}", plain + 8)),
            (_, Some(number @ 0..8)) => Some((plain + number).to_string()),
            (_, Some(number)) => Some((plain + 60 + number - 8).to_string()),
            (_, None) => None,
        });
    }
    codes.join(";")
}
