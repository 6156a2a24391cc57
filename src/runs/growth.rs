//! A run that is still written: rows are taken in as the file gets them.

use super::{Run, read::Reader, run::Store};
use crate::{debugger::NewRows, error::Result, files::Input};

/// The end of a file that grows.
pub(super) struct FollowedFile {
    reader: Reader,
    /// The same file, for an index once not all rows are held.
    again: Option<Input>,
    columns: usize,
}

impl Run {
    /// The run of what `reader` has read and goes on reading; `again` is the same file.
    pub(super) fn growing(mut self, reader: Reader, again: Input) -> Self {
        let columns = reader.rows.table.columns.len();
        let mut growth = FollowedFile {
            reader,
            again: Some(again),
            columns,
        };
        growth.put_into(&mut self.store);
        self.growth = Some(Box::new(growth));
        self
    }

    /// Takes in the rows that the file has got since it was last read; none for a run that is not followed.
    ///
    /// # Errors
    /// The file cannot be read, has become shorter, or has a line that is no row: it is not followed any further.
    pub fn grow(&mut self) -> Result<NewRows> {
        let Some(mut growth) = self.growth.take() else {
            return Ok(NewRows::default());
        };
        growth.take_from(&mut self.store);
        let taken = growth.reader.take_more();
        growth.put_into(&mut self.store);
        let rows = &growth.reader.rows;
        let known = self.rows;
        self.rows = rows.count - self.before;
        self.last = rows.last.unwrap_or(self.last);
        self.skipped = rows.skipped;
        taken?;
        let columns = self.store.column_names();
        let unknown = columns.into_iter().skip(growth.columns).collect();
        self.growth = Some(growth);
        Ok(NewRows {
            rows: self.rows - known,
            unknown,
        })
    }

    /// True if rows may be added.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.growth.is_some()
    }
}

impl FollowedFile {
    /// Takes the rows that are held where they are read to.
    fn take_from(&mut self, store: &mut Store) {
        if let Store::Held(table) = store {
            std::mem::swap(&mut self.reader.rows.table, table);
        }
    }

    /// Gives back the rows where all are held, or the places of the blocks that they are in.
    fn put_into(&mut self, store: &mut Store) {
        match store {
            Store::Held(table) if self.reader.rows.held => {
                std::mem::swap(&mut self.reader.rows.table, table);
            }
            Store::Held(_) => {
                if let Some(file) = self.again.take() {
                    *store = self.reader.indexed(file);
                }
            }
            Store::Indexed(index) => index.learn(&self.reader.rows.blocks),
        }
    }
}
