//! What a cell of the ground shows, and the numbers of cells.

/// The content of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    Empty,
    /// The loss is not finite here.
    Hole,
    /// A piece of a level's line.
    Line {
        level: u8,
        glyph: char,
    },
    /// A character of a level's label.
    Label {
        glyph: char,
    },
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of cells are far below 2^52"
)]
pub(crate) fn to_f64(count: usize) -> f64 {
    count as f64
}

/// The index of a level, of which there never are 256.
pub(super) fn narrow(level: usize) -> u8 {
    u8::try_from(level).unwrap_or(u8::MAX)
}
