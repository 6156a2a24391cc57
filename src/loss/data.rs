//! Tables of numbers, from CSV files: what data losses are made of.
//!
//! The first line names the columns; every other cell is a finite number. Fields are separated by
//! commas, semicolons or tabs, whichever the first line has most of.

mod design;
mod read;

pub use design::Design;

use crate::{
    error::{Result, Source, Span},
    files,
};
use std::{path::Path, sync::Arc};

/// The bundled table: 150 seedlings that never were. Synthetic, drawn once from a fixed seed: height is
/// nearly linear in the other columns, survival is likelier with light, water and a high pH, but noisy.
const SEEDLINGS: &str = include_str!("data/seedlings.csv");

/// Numbers in rows and named columns.
#[derive(Debug, Clone, PartialEq)]
pub struct DataTable {
    source: Arc<Source>,
    columns: Vec<String>,
    /// Row by row.
    cells: Vec<f64>,
}

impl DataTable {
    /// The table that comes with the program.
    ///
    /// # Errors
    /// None.
    pub fn seedlings() -> Result<Self> {
        Self::parse(&Source::new("seedlings.csv", SEEDLINGS))
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// A file that cannot be read, and all that [`DataTable::parse`] refuses.
    pub fn read(path: &Path) -> Result<Self> {
        Self::parse(&Source::read_within(path, files::MOST_NUMBERS)?)
    }

    /// Reads `source` as CSV.
    ///
    /// # Errors
    /// No header, no rows, names that repeat, lines of other lengths, cells that hold no finite number:
    /// each with its line and column.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        read::table(source)
    }

    /// The names of the columns.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.cells.len() / self.columns.len().max(1)
    }

    /// The place of a cell in the source; row and column count from 0.
    fn place(&self, row: usize, column: usize) -> Span {
        read::place(&self.source, row, column)
    }

    /// The cells of row `at` (from 0).
    #[must_use]
    pub fn row(&self, at: usize) -> &[f64] {
        let wide = self.columns.len();
        &self.cells[at * wide..(at + 1) * wide]
    }
}
