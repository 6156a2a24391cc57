//! The colours of casts and pictures: the sixteen that a terminal names, on a dark and on a light ground.

use crate::tui::theme::Background;
use ratatui::style::Color;

/// The colours behind the sixteen names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Text.
    pub foreground: &'static str,
    /// The background.
    pub background: &'static str,
    /// Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright.
    pub colours: [&'static str; 16],
    /// Those of the 256 that the theme uses and that are not shades of the sixteen, by their number.
    pub further: [&'static str; 5],
}

/// The sixteen, and the further ones.
const NAMED: u8 = 16;

/// The place of one of the 256 colours among the colours of a palette: the same for the shade of a colour on a dark and on
/// a light ground.
fn slot(index: u8) -> Option<u8> {
    Some(match index {
        0..NAMED => index,
        22 => 2,
        94 => 3,
        24 => 6,
        90 => 13,
        58 | 208 => NAMED,
        60 | 144 => NAMED + 1,
        233 | 255 => NAMED + 2,
        234 | 254 => NAMED + 3,
        235 => NAMED + 4,
        _ => return None,
    })
}

/// The place of a colour in a palette; `None` for the terminal's own and for any that the theme has not.
#[must_use]
pub fn place(colour: Color) -> Option<u8> {
    Some(match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(index) => slot(index)?,
        _ => return None,
    })
}

/// On a dark ground.
pub const DARK: Palette = Palette {
    foreground: "#d4d7dd",
    background: "#14171c",
    colours: [
        "#2a2f38", "#f0716b", "#7ec384", "#e5c07b", "#6ea8fe", "#c792ea", "#5cc4d6", "#c8ccd4",
        "#6b7280", "#ff938c", "#a5dba8", "#f3d999", "#9cc4ff", "#dcb6f5", "#8fdde9", "#f2f4f8",
    ],
    further: ["#ff8c1a", "#b5b58f", "#1a1e25", "#21262f", "#282e39"],
};

/// On a light ground: every colour but white has a contrast of 4.5 with it, and with its shades.
pub const LIGHT: Palette = Palette {
    foreground: "#1f2430",
    background: "#fbfbf9",
    colours: [
        "#1f2430", "#b3261e", "#22723a", "#8a5a00", "#1a56c4", "#8e2fa8", "#0b6e80", "#e3e5ea",
        "#5b6270", "#b83228", "#26723e", "#895b00", "#2c5fc2", "#963bb0", "#106e7e", "#f4f5f7",
    ],
    further: ["#676700", "#5f6285", "#f2f3ef", "#e9eae5", "#e1e3dc"],
};

impl Palette {
    /// The colours in the order of [`place`].
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.colours.into_iter().chain(self.further)
    }

    /// A colour; `own` for the terminal's own.
    #[must_use]
    pub fn colour(&self, colour: Color, own: &'static str) -> &'static str {
        let place = place(colour).map(usize::from);
        place.and_then(|at| self.all().nth(at)).unwrap_or(own)
    }

    /// The one for a ground.
    #[must_use]
    pub fn on(ground: Background) -> &'static Self {
        match ground {
            Background::Dark => &DARK,
            Background::Light => &LIGHT,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2).
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.040_45 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    fn contrast(a: &str, b: &str) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn every_colour_that_the_theme_names_can_be_read() {
        for palette in [&DARK, &LIGHT] {
            // Red to cyan, plain and bright; black and white are never asked for.
            let named = (1..7).chain(9..15).map(|at| palette.colours[at]);
            for colour in named.chain(palette.further.into_iter().take(2)) {
                for ground in palette
                    .further
                    .into_iter()
                    .skip(2)
                    .chain([palette.background])
                {
                    let contrast = contrast(colour, ground);
                    assert!(contrast >= 4.5, "{colour} on {ground}: {contrast:.2}");
                }
            }
            assert!(contrast(palette.foreground, palette.background) > 11.0);
        }
    }
}
