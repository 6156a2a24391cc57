//! Every character that the screen draws with, in one table: one row a glyph, ASCII beside Unicode.
//!
//! No terminal says what its font holds, and nothing falls back on `LANG=C`: [`Charset::detect`] decides once, and
//! views take their characters from [`Charset::glyphs`] only. ASCII is 7-bit throughout, every glyph is one cell wide
//! (names excepted), and lanes can be told apart without colour.

use crate::lang::choice::Choice;
use ratatui::symbols::border;

/// The number of lanes with glyphs and colours of their own.
pub const LANES: usize = 8;

/// The set of characters that may be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Charset {
    /// 7-bit characters only.
    #[default]
    Ascii,
    /// Lines, arrows and Greek names; paths in quarters of a cell.
    Unicode,
    /// Unicode, with paths and curves in Braille dots, 2 by 4 a cell. Some fonts show Braille blank.
    Braille,
}

impl Choice for Charset {
    const WORDS: &'static [(&'static str, Self, &'static str)] = &[
        ("ascii", Self::Ascii, "7-bit characters only"),
        ("unicode", Self::Unicode, "Lines, arrows and Greek names"),
        (
            "braille",
            Self::Braille,
            "Unicode, with contours and curves in Braille dots, 2 by 4 a cell; some fonts show Braille blank",
        ),
    ];
}

impl Charset {
    /// The charset that was asked for, else Braille where the locale is UTF-8, else ASCII.
    ///
    /// As in POSIX, the first of `LC_ALL`, `LC_CTYPE` and `LANG` that is set and not empty is the locale, whatever
    /// the others say.
    #[must_use]
    pub fn detect(
        asked: Option<Self>,
        lc_all: Option<&str>,
        lc_ctype: Option<&str>,
        lang: Option<&str>,
    ) -> Self {
        let locale = [lc_all, lc_ctype, lang]
            .into_iter()
            .flatten()
            .find(|v| !v.is_empty());
        asked.unwrap_or(if locale.is_some_and(is_utf8) {
            Self::Braille
        } else {
            Self::Ascii
        })
    }

    /// The next coarser charset; the finest one after the coarsest.
    #[must_use]
    pub fn coarser(self) -> Self {
        match self {
            Self::Braille => Self::Unicode,
            Self::Unicode => Self::Ascii,
            Self::Ascii => Self::Braille,
        }
    }

    /// As it is called on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Unicode => "unicode",
            Self::Braille => "braille",
        }
    }

    /// The table's column for this charset.
    #[must_use]
    pub fn glyphs(self) -> &'static Glyphs {
        match self {
            Self::Ascii => &ASCII,
            Self::Unicode => &UNICODE,
            Self::Braille => &BRAILLE,
        }
    }

    /// The frame of a pane, from the table's borders.
    #[must_use]
    pub fn border(self) -> border::Set<'static> {
        match self {
            Self::Ascii => border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            },
            Self::Unicode | Self::Braille => border::PLAIN,
        }
    }

    /// True if paths and curves are drawn in Braille dots.
    #[must_use]
    pub fn has_dots(self) -> bool {
        self == Self::Braille
    }
}

/// A letter for each lane: the first one of its name that no lane before it has, else a digit.
#[must_use]
pub fn letters<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<char> {
    let mut letters: Vec<char> = Vec::new();
    for name in names {
        let own = name.chars().filter(char::is_ascii_alphabetic);
        let digits = '1'..='9';
        let free = own.chain(digits).find(|letter| !letters.contains(letter));
        letters.push(free.unwrap_or('?'));
    }
    letters
}

/// True if a locale names UTF-8, such as `en_GB.UTF-8` or `C.utf8@euro`.
fn is_utf8(locale: &str) -> bool {
    let codeset = locale
        .split('@')
        .next()
        .and_then(|l| l.split_once('.'))
        .map_or(locale, |(_, c)| c);
    codeset.eq_ignore_ascii_case("UTF-8") || codeset.eq_ignore_ascii_case("utf8")
}

macro_rules! glyphs {
    ($( $(#[$doc:meta])* $name:ident : $kind:ty = $ascii:expr, $unicode:expr; )*) => {
        /// One column of the table: every glyph in one charset.
        #[derive(Debug, PartialEq, Eq)]
        pub struct Glyphs { $( $(#[$doc])* pub $name: $kind, )* }

        /// The 7-bit column.
        pub static ASCII: Glyphs = Glyphs { $( $name: $ascii, )* };

        const FINE: Glyphs = Glyphs { $( $name: $unicode, )* };

        /// The Unicode column.
        pub static UNICODE: Glyphs = FINE;

        /// The Unicode column where there are Braille dots: a flat level line has five heights in a cell.
        pub static BRAILLE: Glyphs = Glyphs { strokes: &['⎺', '⎻', '─', '⎼', '⎽'], ..FINE };

        impl Glyphs {
            /// Every glyph with its name in the table, in the table's order.
            #[must_use]
            pub fn rows(&self) -> Vec<(&'static str, Vec<String>)> {
                vec![$( (stringify!($name), GlyphRow::texts(&self.$name)), )*]
            }
        }
    };
}

glyphs! {
    /// Horizontal border.
    horizontal: char = '-', '─';
    /// Vertical border.
    vertical: char = '|', '│';
    /// Top left corner.
    top_left: char = '+', '┌';
    /// Top right corner.
    top_right: char = '+', '┐';
    /// Bottom left corner.
    bottom_left: char = '+', '└';
    /// Bottom right corner.
    bottom_right: char = '+', '┘';
    /// A tick at the left edge of a picture.
    tick_right: char = '-', '┤';
    /// A tick on a bottom border.
    tick_bottom: char = '+', '┴';

    /// Level line: flat, from the top of the cell to its floor. For the top the floor of the cell above stands: a macron
    /// has gaps, an eighth of a block is too bold, and fonts without Braille lack the scan lines, too.
    strokes: &'static [char] = &['_', '-', '_'], &['_', '─', '_'];
    /// Level line: upright.
    stroke_upright: char = '|', '│';
    /// Level line: from top left to bottom right.
    stroke_falling: char = '\\', '╲';
    /// Level line: from bottom left to top right.
    stroke_rising: char = '/', '╱';
    /// Level line: where it turns back within a cell, open to the right and to the left.
    tips: [char; 2] = ['(', ')'], ['(', ')'];
    /// A point at which the loss is not finite.
    hole: char = ':', '░';

    /// Each lane's mark on its curves.
    lanes: [char; LANES] = ['*', '#', '+', '%', '&', '$', '=', '~'], ['•', '■', '◆', '▲', '★', '▼', '◉', '◈'];
    /// The start of the runs.
    start: char = 'S', '+';
    /// The newest iterates of a single lane, where cells cannot hold dots.
    newest: char = 'o', 'o';
    /// The present point of a single lane.
    now: char = '@', '●';
    /// A minimum of the loss.
    minimum: char = 'x', '×';
    /// A point at which the current iteration evaluated a gradient.
    probe: char = '?', '◇';
    /// The selected lane is out of sight: left, right, above, below.
    away: [char; 4] = ['<', '>', '^', 'v'], ['←', '→', '↑', '↓'];

    /// The head of an arrow, from that to the right on, anticlockwise.
    heads: [char; 8] = ['>', '^', '^', '^', '<', 'v', 'v', 'v'], ['→', '↗', '↑', '↖', '←', '↙', '↓', '↘'];

    /// Beside a value that the last step changed.
    changed: char = '*', '*';
    /// The line about to run.
    cursor: char = '>', '▸';
    /// A line that stops.
    breakpoint: char = 'B', '●';
    /// A breakpoint that is switched off.
    breakpoint_off: char = 'b', '○';
    /// Beside an edited setting.
    edited: char = '!', '✎';
    /// Rose in the last step.
    up: char = '^', '↑';
    /// Fell in the last step.
    down: char = 'v', '↓';
    /// Did not change.
    same: char = '=', '=';

    /// Timeline: visited.
    time_past: char = '=', '━';
    /// Timeline: known but ahead.
    time_ahead: char = '-', '─';
    /// Timeline: here.
    time_now: char = 'o', '●';
    /// Timeline: a stop.
    time_stop: char = '|', '╋';
    /// Timeline: an edit or a fork.
    time_edit: char = '!', '┳';

    /// Signed bar: filled. Bars one above the other stay apart.
    bar_fill: char = '=', '▆';
    /// Signed bar: not filled.
    bar_track: char = ' ', ' ';
    /// Signed bar: zero.
    bar_centre: char = '|', '│';
    /// Signed bar: longer than the bar.
    bar_over: [char; 2] = ['<', '>'], ['◀', '▶'];
    /// History of a positive value, small to large.
    history_above: [char; 4] = ['\'', '"', '^', 'A'], ['˙', '▔', '▀', '▛'];
    /// History of a negative value, small to large.
    history_below: [char; 4] = ['.', ',', 'v', 'V'], ['.', '▁', '▄', '▙'];
    /// History of a size, small to large. Histories one above the other stay apart.
    history_sizes: [char; 4] = ['_', '.', '-', '\''], ['▁', '▃', '▅', '▇'];
    /// History of zero, or of less than the scale shows.
    history_none: char = '-', '-';
    /// History of what is not a number.
    history_hole: char = '?', '?';

    /// Curve: the stretch between a column's least and greatest value.
    curve_between: char = ':', '┊';
    /// Curve: the stretch between two quantiles of a noisy value.
    curve_band: char = '"', '▒';
    /// A curve that was expected.
    curve_expected: char = '.', '·';
    /// Curve: the tolerance.
    curve_threshold: char = '-', '╌';
    /// Curve: the iteration shown.
    curve_cursor: char = '|', '│';

    /// Curve: a change of sign.
    crossing: char = '+', '×';
    /// Axis of t: the iteration shown.
    axis_now: char = '^', '▲';

    /// There is more, that way: above, below.
    more: [char; 2] = ['^', 'v'], ['▴', '▾'];
    /// Cut off.
    ellipsis: char = '~', '…';

    /// Eigenvalue.
    lambda: &'static str = "lambda", "λ";
    /// Component of the error along an eigenvector.
    alpha: &'static str = "alpha", "α";
    /// Condition number.
    kappa: &'static str = "kappa", "κ";
    /// Step size.
    eta: &'static str = "eta", "η";
    /// Decay.
    beta: &'static str = "beta", "β";
    /// Guard of a root.
    delta: &'static str = "delta", "δ";
    /// Spectral radius.
    rho: &'static str = "rho", "ρ";
    /// Noise.
    sigma: &'static str = "sigma", "σ";
    /// From old to new.
    becomes: &'static str = "->", "→";
    /// Multiplied by.
    times: &'static str = "x", "×";
    /// The length of the gradient.
    norm_g: &'static str = "|g|", "‖g‖";
}

impl Glyphs {
    /// The stroke of a flat level line at a depth of its cell, 0 at the top and 1 on the floor; and whether it is to
    /// be drawn in the cell above, where no stroke lies at the top of a cell.
    #[must_use]
    pub fn flat_stroke(&self, depth: f64) -> (char, bool) {
        let [top, .., floor] = self.strokes else {
            return (self.horizontal, false);
        };
        let last = self.strokes.len() - 1;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "one of a few strokes"
        )]
        let at = (depth.clamp(0.0, 1.0) * last as f64).round() as usize;
        (self.strokes[at], at == 0 && top == floor)
    }
}

/// A row of the glyph table, as text.
trait GlyphRow {
    fn texts(&self) -> Vec<String>;
}

impl GlyphRow for char {
    fn texts(&self) -> Vec<String> {
        vec![self.to_string()]
    }
}

impl<const N: usize> GlyphRow for [char; N] {
    fn texts(&self) -> Vec<String> {
        self.iter().map(char::to_string).collect()
    }
}

impl GlyphRow for &'static [char] {
    fn texts(&self) -> Vec<String> {
        self.iter().map(char::to_string).collect()
    }
}

impl GlyphRow for &'static str {
    fn texts(&self) -> Vec<String> {
        vec![(*self).to_string()]
    }
}

#[cfg(test)]
mod tests;
