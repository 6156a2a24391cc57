//! Rows of a run, wherever they are held: in memory, or in a file of which one block is read at a time.

use super::{
    binary::{HEAD, Stored, StoredPlaces},
    read::lines::{LineParser, Lines},
    table::{Column, RowTable},
};
use crate::error::Result;
use foldhash::fast::FixedState;
use std::{
    hash::{BuildHasher, Hasher},
    sync::Arc,
};

/// Rows that are read together where a run is read through an index, and numbers that are so at most.
const MOST_ROWS: usize = 1024;
const MOST_NUMBERS: usize = 4 << 20;

/// The storage of the rows.
pub(super) enum Store {
    /// In memory.
    Held(RowTable),
    /// In the file.
    Indexed(Box<Index>),
}

/// A block of rows in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    /// The first byte.
    pub offset: u64,
    /// The line, from 1.
    pub line: usize,
    /// The number of its first row, from 0.
    row: usize,
    /// The iteration.
    pub t: u64,
    /// The number of rows when they were first read, and a digest of their lines then.
    seen: (usize, u64),
    /// The numbers in them.
    numbers: usize,
}

impl Block {
    /// A block that begins with row `row` of iteration `t`, at a byte and a line of the file.
    pub fn new((offset, line): (u64, usize), row: usize, t: u64) -> Self {
        Self {
            offset,
            line,
            row,
            t,
            seen: (0, 0),
            numbers: 0,
        }
    }

    /// Takes in a row's line, with so many numbers.
    pub fn take(&mut self, line: &[u8], numbers: usize) {
        self.seen = (self.seen.0 + 1, digest(self.seen.1, line));
        self.numbers += numbers;
    }

    /// True if the next row begins another.
    pub fn is_full(&self) -> bool {
        self.seen.0 >= MOST_ROWS || self.numbers >= MOST_NUMBERS
    }
}

/// The digest of what had the digest `before`, and a line after it.
fn digest(before: u64, line: &[u8]) -> u64 {
    let mut digest = FixedState::default().build_hasher();
    digest.write_u64(before);
    // The last line of a file that is still written to may get its end later.
    digest.write(line.trim_ascii_end());
    digest.finish()
}

/// Rows in a file, of which one block is held at a time.
pub(super) struct Index {
    lines: Lines,
    parser: LineParser,
    blocks: Vec<Block>,
    lane: Option<String>,
    schema: RowTable,
    held: Option<(usize, HeldRows)>,
}

/// The rows of a block: as columns or, of a binary file, as chunks whose numbers are read when they are asked for.
struct HeldRows {
    table: RowTable,
    chunks: Vec<(Vec<u8>, Arc<StoredPlaces>)>,
}

/// A row, wherever it is held.
pub(super) enum RowView<'a> {
    Table(&'a RowTable, usize),
    Chunk(u64, &'a [u8], &'a StoredPlaces),
}

impl<'a> RowView<'a> {
    /// The iteration; `None` where there is no such row.
    pub fn t(&self) -> Option<u64> {
        match self {
            Self::Table(table, at) => table.t.get(*at).copied(),
            Self::Chunk(t, ..) => Some(*t),
        }
    }

    /// The numbers of a column, if they were recorded.
    pub fn column(&self, column: usize) -> Option<Stored<'a>> {
        match self {
            Self::Table(table, at) => {
                let column = table.columns.get(column)?;
                column.row(*at).map(Stored::Numbers)
            }
            Self::Chunk(_, bytes, places) => places.column(column, &bytes[HEAD..]),
        }
    }
}

impl Store {
    pub fn indexed(
        lines: Lines,
        parser: LineParser,
        blocks: Vec<Block>,
        schema: RowTable,
        lane: Option<String>,
    ) -> Self {
        Self::Indexed(Box::new(Index {
            lines,
            parser,
            blocks,
            lane,
            schema,
            held: None,
        }))
    }

    /// All columns.
    pub fn columns(&self) -> &[Column] {
        match self {
            Self::Held(table) => &table.columns,
            Self::Indexed(index) => &index.schema.columns,
        }
    }

    /// The number of rows up to iteration `t`, that one included.
    pub fn rows_until(&mut self, t: u64) -> Result<usize> {
        let (base, rest) = match self {
            Self::Held(table) => (0, &table.t),
            Self::Indexed(index) => {
                let block = index.blocks.partition_point(|block| block.t <= t);
                let block = block.saturating_sub(1);
                let first = index.blocks.get(block).map_or(0, |block| block.row);
                (first, &index.block(block)?.table.t)
            }
        };
        Ok(base + rest.partition_point(|row| *row <= t))
    }

    /// Row `at`.
    pub fn row(&mut self, at: usize) -> Result<RowView<'_>> {
        match self {
            Self::Held(table) => Ok(RowView::Table(table, at)),
            Self::Indexed(index) => {
                let block = index.blocks.partition_point(|block| block.row <= at);
                let block = block.saturating_sub(1);
                let within = at - index.blocks.get(block).map_or(0, |block| block.row);
                if index.block(block)?.table.t.len() <= within {
                    return Err(index.lines.changed());
                }
                let held = index.block(block)?;
                Ok(match held.chunks.get(within) {
                    Some((bytes, places)) => RowView::Chunk(held.table.t[within], bytes, places),
                    None => RowView::Table(&held.table, within),
                })
            }
        }
    }
}

impl Index {
    /// Takes note of blocks that were added or have got rows, and of the columns that `table` has.
    pub fn learn(&mut self, blocks: &[Block], table: &RowTable) {
        self.schema = table.emptied();
        // The last block that was known may have grown, and there may be more columns.
        let known = self.blocks.len().saturating_sub(1);
        self.held = None;
        self.blocks.truncate(known);
        self.blocks.extend_from_slice(&blocks[known..]);
    }

    fn block(&mut self, at: usize) -> Result<&HeldRows> {
        let held = match self.held.take() {
            Some((known, held)) if known == at => held,
            Some((_, held)) => self.read(at, held)?,
            None => {
                let held = HeldRows {
                    table: self.schema.emptied(),
                    chunks: Vec::new(),
                };
                self.read(at, held)?
            }
        };
        Ok(&self.held.insert((at, held)).1)
    }

    /// Reads a block again into the room of `held`; what could not be read the first time is passed over again.
    fn read(&mut self, at: usize, mut held: HeldRows) -> Result<HeldRows> {
        held.table.clear();
        let mut room = std::mem::take(&mut held.chunks);
        let Some(block) = self.blocks.get(at) else {
            return Ok(held);
        };
        self.lines.seek(block.offset, block.line)?;
        let (rows, seen) = block.seen;
        let (mut last, mut found) = (None, 0);
        while held.table.t.len() < rows && self.lines.next()? {
            let written = self.lines.written();
            let (t, stored) = if self.lines.are_chunks() {
                match self.parser.find(&written, &self.schema.columns) {
                    Some((t, stored)) => (t, Some(stored)),
                    None => continue,
                }
            } else {
                match self.parser.read(&written) {
                    Ok(t) => (t, None),
                    Err(_) => continue,
                }
            };
            let is_wanted = stored.is_some() || self.parser.row.is_of(self.lane.as_ref());
            let (from, to) = self.parser.shift;
            let Some(t) = t.checked_sub(from).map(|t| t + to) else {
                continue;
            };
            if !is_wanted || last.is_some_and(|last| t <= last) {
                continue;
            }
            let counter = self.parser.counter;
            let line = &mut self.lines.line;
            match stored {
                Some(stored) => {
                    found = digest(found, line);
                    let mut bytes = room.pop().map_or_else(Vec::new, |it| it.0);
                    std::mem::swap(&mut bytes, line);
                    self.lines.pass(bytes.len());
                    held.chunks.push((bytes, stored));
                    held.table.t.push(t);
                }
                None if held.table.push(t, &self.parser.row, counter).is_ok() => {
                    found = digest(found, line);
                }
                None => continue,
            }
            last = Some(t);
        }
        if found != seen || held.table.t.len() < rows {
            return Err(self.lines.changed());
        }
        Ok(held)
    }
}
