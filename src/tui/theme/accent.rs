//! The accent colours, in one table: each has one meaning.

use super::{Background, ColourDepth};
use ratatui::style::Color::{
    self, Blue, Cyan, Green, Indexed, LightBlue, LightGreen, LightMagenta, LightRed, Magenta, Red,
    Reset, Yellow,
};

/// The meaning of an accent colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accent {
    /// New: changed by the last step, and the iteration shown.
    Recent,
    /// What halts a run: stops, errors, divergence.
    Halt,
    /// A first moment: a state `as momentum`.
    FirstMoment,
    /// A second moment: a state `as scale`.
    SecondMoment,
    /// The ground: level lines and heights.
    Ground,
    /// One of several things drawn in one picture, by its place from 0; its name or letter stands beside it.
    Series(usize),
}

/// The series with colours of their own; letters tell further ones apart.
pub const SERIES: usize = 4;

impl Accent {
    /// Every accent.
    pub const ALL: [Self; 5 + SERIES] = [
        Self::Recent,
        Self::Halt,
        Self::FirstMoment,
        Self::SecondMoment,
        Self::Ground,
        Self::Series(0),
        Self::Series(1),
        Self::Series(2),
        Self::Series(3),
    ];

    /// The colour on a ground. Of sixteen colours only three can be read on a light ground: there the others are that
    /// of text, and glyphs tell.
    #[must_use]
    pub fn colour(self, ground: Background, depth: ColourDepth) -> Color {
        let [dark, light, deep_dark, deep_light] = match self {
            Self::Recent => [Yellow, Red, Yellow, Indexed(94)],
            Self::Halt => [LightRed, Reset, LightRed, Red],
            Self::FirstMoment => [Cyan, Blue, Cyan, Indexed(24)],
            Self::SecondMoment => [LightMagenta, Magenta, LightMagenta, Indexed(90)],
            Self::Ground => [LightBlue, Reset, LightBlue, Blue],
            Self::Series(at) => match at % SERIES {
                0 => [Reset, Reset, Reset, Reset],
                1 => [Green, Reset, Green, Indexed(22)],
                2 => [LightGreen, Reset, Indexed(208), Indexed(58)],
                _ => [Reset, Reset, Indexed(144), Indexed(60)],
            },
        };
        match (depth, ground) {
            (ColourDepth::Sixteen, Background::Dark) => dark,
            (ColourDepth::Sixteen, Background::Light) => light,
            (ColourDepth::Many, Background::Dark) => deep_dark,
            (ColourDepth::Many, Background::Light) => deep_light,
        }
    }
}

/// The shades of the ground from low to high, on a dark and on a light one; the lowest has none.
pub(super) const SHADES: [&[u8]; 2] = [&[233, 234, 235], &[255, 254]];
