//! The colours of casts and pictures: the sixteen that a terminal names, on a dark and on a light ground.

use crate::tui::theme::Background;

/// The colours behind the sixteen names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Text.
    pub foreground: &'static str,
    /// The background.
    pub background: &'static str,
    /// Black, red, green, yellow, blue, magenta, cyan, white; then the same, bright.
    pub colours: [&'static str; 16],
}

/// On a dark ground.
pub const DARK: Palette = Palette {
    foreground: "#d4d7dd",
    background: "#14171c",
    colours: [
        "#2a2f38", "#f0716b", "#7ec384", "#e5c07b", "#6ea8fe", "#c792ea", "#5cc4d6", "#c8ccd4",
        "#6b7280", "#ff938c", "#a5dba8", "#f3d999", "#9cc4ff", "#dcb6f5", "#8fdde9", "#f2f4f8",
    ],
};

/// On a light ground: every colour but white has a contrast of 4.5 with it.
pub const LIGHT: Palette = Palette {
    foreground: "#1f2430",
    background: "#fbfbf9",
    colours: [
        "#1f2430", "#b3261e", "#22723a", "#8a5a00", "#1a56c4", "#8e2fa8", "#0b6e80", "#e3e5ea",
        "#5b6270", "#c9372c", "#2a7d44", "#946200", "#2f66d0", "#9b3db5", "#117586", "#f4f5f7",
    ],
};

impl Palette {
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
            for colour in (1..7).chain(9..15).map(|at| palette.colours[at]) {
                let contrast = contrast(colour, palette.background);
                assert!(contrast >= 4.5, "{colour}: {contrast:.2}");
            }
            assert!(contrast(palette.foreground, palette.background) > 11.0);
        }
    }
}
