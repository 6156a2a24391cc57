//! The pen: colour and attributes that the terminal gives to what is printed next.
//!
//! A pen knows the shortest SGR sequence ("select graphic rendition", ECMA-48 8.3.117) that turns it into another
//! pen. The 16 named colours are written as 30-37 and 90-97, two or three bytes, and so follow the user's palette.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

/// Modifiers that can be seen on a cell without a glyph.
const VISIBLE_ON_BLANK: Modifier = Modifier::REVERSED
    .union(Modifier::UNDERLINED)
    .union(Modifier::SLOW_BLINK)
    .union(Modifier::RAPID_BLINK)
    .union(Modifier::CROSSED_OUT);

/// Each modifier with the code that sets it and the code that takes it away. Bold and dim share theirs.
const ATTRIBUTES: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// The attributes with which the terminal prints.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pen {
    foreground: Color,
    background: Color,
    modifier: Modifier,
}

impl Pen {
    /// The pen that draws `cell`.
    pub(super) fn of(cell: &Cell) -> Self {
        Self {
            foreground: cell.fg,
            background: cell.bg,
            modifier: cell.modifier,
        }
    }

    /// True if this pen, unchanged, makes `cell` look as it should: on a blank neither the colour of the glyph nor
    /// bold can be seen.
    pub(super) fn draws(self, cell: &Cell) -> bool {
        let wanted = Self::of(cell);
        self == wanted
            || cell.symbol() == " "
                && self.background == wanted.background
                && !self
                    .modifier
                    .union(wanted.modifier)
                    .intersects(VISIBLE_ON_BLANK)
    }

    /// Appends to `out` the shortest sequence that changes this pen into `wanted`.
    pub(super) fn change(self, wanted: Self, out: &mut Vec<u8>) {
        if self == wanted {
            return;
        }
        let mut step_by_step = Codes::default();
        step_by_step.attributes(self.modifier, wanted.modifier);
        if self.foreground != wanted.foreground {
            step_by_step.colour(wanted.foreground, Layer::Foreground);
        }
        if self.background != wanted.background {
            step_by_step.colour(wanted.background, Layer::Background);
        }
        let mut from_scratch = Codes::reset(wanted != Self::default());
        from_scratch.attributes(Modifier::empty(), wanted.modifier);
        if wanted.foreground != Color::Reset {
            from_scratch.colour(wanted.foreground, Layer::Foreground);
        }
        if wanted.background != Color::Reset {
            from_scratch.colour(wanted.background, Layer::Background);
        }
        let shorter = if step_by_step.0.len() < from_scratch.0.len() {
            step_by_step
        } else {
            from_scratch
        };
        out.extend_from_slice(b"\x1b[");
        out.extend_from_slice(&shorter.0);
        out.push(b'm');
    }
}

/// True if `cell` looks like one the terminal has just erased.
pub(super) fn is_bare(cell: &Cell) -> bool {
    Pen::default().draws(cell) && cell.symbol() == " "
}

/// The layer that a colour applies to.
#[derive(Clone, Copy)]
enum Layer {
    Foreground,
    Background,
}

/// The parameters of one SGR sequence, separated by `;`.
#[derive(Default)]
struct Codes(Vec<u8>);

impl Codes {
    /// The code 0, which may stay unwritten when nothing follows it.
    fn reset(more_follow: bool) -> Self {
        Self(if more_follow {
            b"0".to_vec()
        } else {
            Vec::new()
        })
    }

    fn push(&mut self, code: u8) {
        if !self.0.is_empty() {
            self.0.push(b';');
        }
        write_number(u16::from(code), &mut self.0);
    }

    fn push_all(&mut self, codes: &[u8]) {
        for &code in codes {
            self.push(code);
        }
    }

    fn attributes(&mut self, from: Modifier, to: Modifier) {
        let mut on = from;
        for (attribute, _, off) in ATTRIBUTES {
            if on.contains(attribute) && !to.contains(attribute) {
                self.push(off);
                // The code may take another attribute with it.
                for (other, _, other_off) in ATTRIBUTES {
                    if other_off == off {
                        on.remove(other);
                    }
                }
            }
        }
        for (attribute, set, _) in ATTRIBUTES {
            if to.contains(attribute) && !on.contains(attribute) {
                self.push(set);
            }
        }
    }

    fn colour(&mut self, colour: Color, layer: Layer) {
        let (named, bright, extended) = match layer {
            Layer::Foreground => (30, 90, 38),
            Layer::Background => (40, 100, 48),
        };
        match colour {
            Color::Reset => self.push(named + 9),
            Color::Black => self.push(named),
            Color::Red => self.push(named + 1),
            Color::Green => self.push(named + 2),
            Color::Yellow => self.push(named + 3),
            Color::Blue => self.push(named + 4),
            Color::Magenta => self.push(named + 5),
            Color::Cyan => self.push(named + 6),
            Color::Gray => self.push(named + 7),
            Color::DarkGray => self.push(bright),
            Color::LightRed => self.push(bright + 1),
            Color::LightGreen => self.push(bright + 2),
            Color::LightYellow => self.push(bright + 3),
            Color::LightBlue => self.push(bright + 4),
            Color::LightMagenta => self.push(bright + 5),
            Color::LightCyan => self.push(bright + 6),
            Color::White => self.push(bright + 7),
            Color::Indexed(index) => self.push_all(&[extended, 5, index]),
            Color::Rgb(red, green, blue) => self.push_all(&[extended, 2, red, green, blue]),
        }
    }
}

/// Appends `number` in decimal.
pub(super) fn write_number(number: u16, out: &mut Vec<u8>) {
    if number >= 10 {
        write_number(number / 10, out);
    }
    out.push(b'0' + (number % 10) as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(from: (Color, Color, Modifier), to: (Color, Color, Modifier)) -> String {
        let pen = |(foreground, background, modifier)| Pen {
            foreground,
            background,
            modifier,
        };
        let mut out = Vec::new();
        pen(from).change(pen(to), &mut out);
        String::from_utf8(out).unwrap()
    }

    const PLAIN: (Color, Color, Modifier) = (Color::Reset, Color::Reset, Modifier::empty());

    #[test]
    fn a_named_colour_costs_two_digits() {
        assert_eq!(
            change(PLAIN, (Color::Red, Color::Reset, Modifier::empty())),
            "\x1b[31m"
        );
        assert_eq!(
            change(PLAIN, (Color::LightCyan, Color::Blue, Modifier::empty())),
            "\x1b[96;44m"
        );
    }

    #[test]
    fn returning_to_plain_is_one_bare_reset() {
        assert_eq!(
            change((Color::Red, Color::Blue, Modifier::BOLD), PLAIN),
            "\x1b[m"
        );
        assert_eq!(change(PLAIN, PLAIN), "");
    }

    #[test]
    fn bold_is_kept_when_dim_is_taken_away_with_the_shared_code() {
        let both = (Color::Red, Color::Reset, Modifier::BOLD | Modifier::DIM);
        assert_eq!(
            change(both, (Color::Red, Color::Reset, Modifier::BOLD)),
            "\x1b[22;1m"
        );
    }

    #[test]
    fn a_blank_is_drawn_by_any_pen_whose_traces_it_does_not_show() {
        let blank = Cell::default();
        let bold_red = Pen {
            foreground: Color::Red,
            background: Color::Reset,
            modifier: Modifier::BOLD,
        };
        assert!(bold_red.draws(&blank));
        assert!(!bold_red.draws(&Cell::new("x")));
        assert!(
            !Pen {
                modifier: Modifier::REVERSED,
                ..bold_red
            }
            .draws(&blank)
        );
        assert!(
            !Pen {
                background: Color::Blue,
                ..bold_red
            }
            .draws(&blank)
        );
    }
}
