//! The numbers of one field in several rows.

use super::{super::store::Store, Run};
use crate::{
    error::Result,
    lang::number::{ABSENT, is_absent},
};

/// Rows that are read together where they are held.
const ROWS: usize = 1024;
/// Numbers of a field that are so at most, where that is more than one row.
const NUMBERS: usize = 1 << 16;

/// A field in some rows.
#[derive(Debug, Clone, Default)]
pub struct FieldRows {
    /// The numbers, one row after the other.
    pub values: Vec<f64>,
    /// For each row whether it was recorded there.
    pub is_told: Vec<bool>,
    room: Vec<f64>,
}

impl Run {
    /// The number of rows of which it is best to read one field after the other: one where they are read from the file.
    #[must_use]
    pub fn rows_at_once(&self) -> usize {
        let widest = self.fields.iter().map(|field| field.len).max();
        match &self.store {
            Store::Held(_) => (NUMBERS / widest.unwrap_or(1).max(1)).clamp(1, ROWS),
            Store::Indexed(_) => 1,
        }
    }

    /// Writes the numbers of `field` in `rows`, which ascend, to `out`.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn read_rows(&mut self, rows: &[usize], field: usize, out: &mut FieldRows) -> Result<()> {
        out.values.clear();
        out.is_told.clear();
        if self.copy_rows(rows, field, out).is_some() {
            return Ok(());
        }
        let len = self.fields[field].len;
        for row in rows {
            out.is_told.push(self.read(*row, field, &mut out.room)?);
            out.room.resize(len, ABSENT);
            out.values.extend_from_slice(&out.room);
        }
        Ok(())
    }

    /// The same where the rows follow each other and all of them have the field, which is one column; none elsewhere.
    fn copy_rows(&self, rows: &[usize], field: usize, out: &mut FieldRows) -> Option<()> {
        let (Store::Held(table), [part]) = (&self.store, self.fields[field].parts.as_slice())
        else {
            return None;
        };
        let (first, last) = (rows.first()? + self.before, rows.last()? + self.before);
        let is_one = part.spread.is_none() && last - first + 1 == rows.len();
        let values = table.columns[part.column?].rows(first..last + 1);
        let values = values.filter(|_| is_one)?;
        if field == 0 && values.iter().any(|value| is_absent(*value)) {
            return None;
        }
        out.values.extend_from_slice(values);
        out.is_told.resize(rows.len(), true);
        Some(())
    }
}
