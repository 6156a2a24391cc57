//! A run that is still written: rows are taken in as the file gets them.

use super::{Field, FieldMeaning, Run, SETTINGS, fields::FieldPart, read::Reader, store::Store};
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
        let unknown = self.unknown_since(growth.columns);
        self.growth = Some(growth);
        Ok(NewRows {
            rows: self.rows - known,
            unknown,
        })
    }

    /// The names of the columns after the first `known`, but for settings: those are read from here on.
    fn unknown_since(&mut self, known: usize) -> Vec<String> {
        let columns = self.store.columns().iter().enumerate().skip(known);
        let columns = columns.map(|(at, it)| (at, it.name.clone(), it.width(), it.shape.clone()));
        let mut unknown = Vec::new();
        for (at, name, len, shape) in columns.collect::<Vec<_>>() {
            if name.starts_with(SETTINGS) && self.field(&name).is_none() {
                self.fields.push(Field {
                    name,
                    meaning: FieldMeaning::Other,
                    len,
                    shape,
                    is_like_parameters: false,
                    is_per_tensor: false,
                    parts: vec![FieldPart::whole(Some(at), len)],
                });
            } else if !name.starts_with(SETTINGS) {
                unknown.push(name);
            }
        }
        unknown
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
            Store::Indexed(index) => {
                let rows = &self.reader.rows;
                index.learn(&rows.blocks, &rows.table);
            }
        }
    }
}
