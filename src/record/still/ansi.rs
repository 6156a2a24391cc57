//! A picture with the codes of a terminal, line by line: for `cat` and for `less -R`.

use super::{Style, number, runs};
use ratatui::{buffer::Buffer, style::Modifier};
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
    let colour = |number: u8, plain: u8| match number {
        0..8 => plain + number,
        _ => plain + 60 + number - 8,
    };
    if let Some(number) = number(style.foreground) {
        codes.push(colour(number, 30).to_string());
    }
    if let Some(number) = number(style.background) {
        codes.push(colour(number, 40).to_string());
    }
    codes.join(";")
}
