//! Braille dots, 2 by 4 a cell.
//!
//! ```text
//!   1 4      the numbers of the dots, as they are in the character's code
//!   2 5
//!   3 6
//!   7 8
//! ```

/// Dots across a cell.
pub const ACROSS: usize = 2;
/// Dots down a cell.
pub const DOWN: usize = 4;

/// The character without dots.
const BLANK: u32 = 0x2800;

/// The character with the dots of two; `None` unless both are of dots.
#[must_use]
pub fn joined(one: char, other: char) -> Option<char> {
    let bits = |character: char| {
        u32::from(character)
            .checked_sub(BLANK)
            .filter(|bits| *bits < 256)
    };
    char::from_u32(BLANK | bits(one)? | bits(other)?)
}

/// A canvas of dots.
#[derive(Debug, Clone)]
pub struct Dots {
    columns: usize,
    bits: Vec<u8>,
}

impl Dots {
    /// An empty canvas of `columns` by `rows` cells.
    #[must_use]
    pub fn new(columns: usize, rows: usize) -> Self {
        Self {
            columns,
            bits: vec![0; columns * rows],
        }
    }

    /// Sets the dot in column `x` and row `y` of dots; outside the canvas nothing happens.
    pub fn set(&mut self, x: usize, y: usize) {
        const BITS: [[u8; ACROSS]; DOWN] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
        let (column, row) = (x / ACROSS, y / DOWN);
        if column < self.columns
            && let Some(bits) = self.bits.get_mut(row * self.columns + column)
        {
            *bits |= BITS[y % DOWN][x % ACROSS];
        }
    }

    /// The character of a cell; `None` where no dot is set.
    #[must_use]
    pub fn glyph(&self, column: usize, row: usize) -> Option<char> {
        let bits = *self
            .bits
            .get(row * self.columns + column)
            .filter(|&&b| b != 0)?;
        char::from_u32(BLANK | u32::from(bits))
    }
}
