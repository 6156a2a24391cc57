//! A recorded run: its fields, and the numbers of any row.

use super::{
    RecordedSettings,
    binary::{HEAD, Stored, StoredPlaces},
    cores,
    fields::{Field, FieldMeaning, FieldPart, Layout, without_parameters},
    growth::FollowedFile,
    read::{LineParser, Lines, ReadOptions},
    table::{Column, RowTable},
};
use crate::{
    columns::{Traced, name_of},
    error::{Error, ErrorCode, Result},
    lang::number::{ABSENT, is_absent},
    rule::{Compiled, Tensor, index},
};
use foldhash::fast::FixedState;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hasher},
    sync::Arc,
};

/// Rows that are read together where a run is read through an index, and numbers that are so at most.
const MOST_ROWS: usize = 1024;
const MOST_NUMBERS: usize = 4 << 20;

/// A recorded run.
///
/// Rows are numbered from 0. Reading one may mean reading the file, hence the `&mut`.
pub struct Run {
    /// The file.
    pub name: String,
    /// The first line, where that is no row: the scenario of a trace, or what a hook noted.
    pub header: Option<Value>,
    /// The first iteration that has a row.
    pub first: u64,
    /// The last iteration that has a row.
    pub last: u64,
    /// The number of rows.
    pub rows: usize,
    /// Rows that could not be read.
    pub skipped: usize,
    /// The error in the first of those.
    pub first_skipped: Option<Error>,
    /// All that was recorded, the parameters first.
    pub fields: Vec<Field>,
    /// The arrays that make up the parameters.
    pub tensors: Vec<Tensor>,
    /// True if the rows name their lanes.
    pub(super) names_lanes: bool,
    pub(super) store: Store,
    /// Rows of the store that come before the first one of the run.
    pub(super) before: usize,
    pub(super) growth: Option<Box<FollowedFile>>,
    pub(super) settings: Option<(usize, Arc<RecordedSettings>)>,
    /// The columns of tensors that later rows begin with: the first row of the store that has it, and what its first step
    /// began with.
    late: BTreeMap<usize, (usize, Vec<f64>)>,
}

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
enum RowView<'a> {
    Table(&'a RowTable, usize),
    Chunk(u64, &'a [u8], &'a StoredPlaces),
}

impl<'a> RowView<'a> {
    /// The iteration; `None` where there is no such row.
    fn t(&self) -> Option<u64> {
        match self {
            Self::Table(table, at) => table.t.get(*at).copied(),
            Self::Chunk(t, ..) => Some(*t),
        }
    }

    /// The numbers of a column, if they were recorded.
    fn column(&self, column: usize) -> Option<Stored<'a>> {
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
        options: &ReadOptions,
    ) -> Self {
        Self::Indexed(Box::new(Index {
            lines,
            parser,
            blocks,
            lane: options.lane.clone(),
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

    /// Row `at`.
    fn row(&mut self, at: usize) -> Result<RowView<'_>> {
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

/// The parts of a field in a row.
struct RowParts<'a> {
    view: &'a RowView<'a>,
    late: &'a BTreeMap<usize, (usize, Vec<f64>)>,
    /// The number of the row in the store.
    row: usize,
    field: usize,
}

impl<'a> RowParts<'a> {
    fn new(
        view: &'a RowView<'a>,
        late: &'a BTreeMap<usize, (usize, Vec<f64>)>,
        row: usize,
        field: usize,
    ) -> Self {
        Self {
            view,
            late,
            row,
            field,
        }
    }

    /// The parameters of a tensor that begins in a later row.
    fn late(&self, part: &FieldPart) -> Option<&'a [f64]> {
        let late = part.column.and_then(|column| self.late.get(&column));
        let late = late.filter(|it| self.field == 0 && self.row < it.0);
        late.map(|it| it.1.as_slice())
    }

    /// Adds the numbers of all `parts` to `out`; false, and `out` is empty, where none were recorded, or not all parameters.
    fn read(&self, parts: &[FieldPart], out: &mut Vec<f64>) -> bool {
        let mut is_known = false;
        for part in parts {
            let values = part.column.and_then(|column| self.view.column(column));
            is_known |= values.is_some();
            match (values, &part.spread) {
                (Some(values), None) => values.put(out),
                (Some(values), Some(places)) => {
                    let value = |place: &u32| values.get(*place as usize);
                    out.extend(places.iter().map(|place| value(place).unwrap_or(ABSENT)));
                }
                (None, spread) => match (self.late(part), spread) {
                    (Some(first), None) => out.extend_from_slice(first),
                    (Some(first), Some(places)) => {
                        let value = |place: &u32| first.get(*place as usize).copied();
                        out.extend(places.iter().map(|it| value(it).unwrap_or(ABSENT)));
                    }
                    (None, _) => out.resize(out.len() + part.len, ABSENT),
                },
            }
        }
        self.ends(is_known, out)
    }

    /// The same of the numbers at `places`, which are in order.
    fn read_at(&self, parts: &[FieldPart], places: &[usize], out: &mut Vec<f64>) -> bool {
        let (mut is_known, mut is_whole) = (false, true);
        let (mut first, mut rest) = (0, places);
        for part in parts {
            let values = part.column.and_then(|column| self.view.column(column));
            let late = self.late(part);
            is_known |= values.is_some();
            is_whole &= part.len == 0 || values.is_some() || late.is_some();
            let end = first + part.len;
            let (own, others) = rest.split_at(rest.partition_point(|it| *it < end));
            out.extend(own.iter().map(|place| {
                let at = place - first;
                let value = match (values, &part.spread) {
                    (Some(values), None) => values.get(at),
                    (Some(values), Some(places)) => values.get(places[at] as usize),
                    (None, spread) => {
                        let at = spread.as_ref().map_or(at, |places| places[at] as usize);
                        late.and_then(|it| it.get(at).copied())
                    }
                };
                value.unwrap_or(ABSENT)
            }));
            (first, rest) = (end, others);
        }
        self.ends(is_known && (self.field != 0 || is_whole), out)
    }

    fn ends(&self, is_known: bool, out: &mut Vec<f64>) -> bool {
        let is_told = is_known && (self.field != 0 || !out.iter().any(|value| is_absent(*value)));
        if !is_told {
            out.clear();
        }
        is_told
    }
}

impl Run {
    pub(super) fn new(
        name: String,
        header: Option<Value>,
        layout: Layout,
        store: Store,
        (first, last, rows): (u64, u64, usize),
        (skipped, first_skipped): (usize, Option<Error>),
        names_lanes: bool,
    ) -> Self {
        Self {
            name,
            header,
            first,
            last,
            rows,
            skipped,
            first_skipped,
            fields: layout.fields,
            tensors: layout.tensors,
            names_lanes,
            store,
            before: 0,
            growth: None,
            settings: None,
            late: BTreeMap::new(),
        }
    }

    /// Lets tensors that begin in a later row rest before it, at what their first step began with, where the row says so.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub(super) fn with_late_tensors(mut self) -> Result<Self> {
        let begun = self.meaning(FieldMeaning::BegunWith);
        let mut open: Vec<usize> = (0..self.tensors.len()).collect();
        for row in 0..self.rows {
            let row_view = self.store.row(row)?;
            let numbers = |field: usize, tensor: usize| {
                let column = self.fields[field].parts.get(tensor)?.column?;
                Some((column, row_view.column(column)?))
            };
            let come: Vec<usize> = open
                .extract_if(.., |it| numbers(0, *it).is_some())
                .collect();
            for tensor in come.into_iter().filter(|_| row > 0) {
                let own = numbers(0, tensor).map(|it| it.0);
                let first = begun.and_then(|field| numbers(field, tensor));
                let (Some(own), Some((_, first))) = (own, first) else {
                    self.late.clear();
                    return Ok(self);
                };
                let mut begun = Vec::new();
                first.put(&mut begun);
                self.late.insert(own, (row, begun));
            }
            // What comes with nothing to begin with, or never, is as it was.
            if open.is_empty() || row == 0 && begun.is_none() {
                break;
            }
        }
        Ok(self)
    }

    /// The number of parameters.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.fields[0].len
    }

    /// True if parameters were recorded; of a log of metrics, none were.
    #[must_use]
    pub fn has_parameters(&self) -> bool {
        self.fields[0].parts.iter().any(|it| it.column.is_some())
    }

    /// Refuses a run without parameters.
    ///
    /// # Errors
    /// There are none.
    pub fn need_parameters(&self) -> Result<()> {
        if self.has_parameters() {
            return Ok(());
        }
        let names = self.fields[1..].iter().map(|field| field.name.as_str());
        Err(without_parameters(&self.name, names))
    }

    /// The parameters in the first row that has them.
    ///
    /// # Errors
    /// No row has all of them; a file that cannot be read again.
    pub fn start(&mut self) -> Result<Vec<f64>> {
        let mut start = Vec::new();
        self.first_with_parameters(&mut start)?;
        Ok(start)
    }

    /// Leaves out the rows before the first one that has the parameters, and returns their number.
    ///
    /// # Errors
    /// No row has all parameters; a file that cannot be read again.
    pub fn begin_at_start(&mut self) -> Result<usize> {
        let row = self.first_with_parameters(&mut Vec::new())?;
        if row == 0 {
            return Ok(0);
        }
        // What they say of settings holds all the same.
        let settings = self.settings()?;
        self.first = self.t(row)?;
        self.rows -= row;
        self.before += row;
        self.settings = Some((self.rows, settings));
        Ok(row)
    }

    /// Lets `look` see the run as if it had its first `rows` rows only.
    pub fn first_rows<T>(&mut self, rows: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        let (first, all, before) = (self.first, self.rows, self.before);
        let settings = self.settings.take();
        self.rows = rows.min(all);
        let found = look(self);
        (self.first, self.rows, self.before) = (first, all, before);
        self.settings = settings;
        found
    }

    /// The first row that has the parameters, which go to `out`.
    fn first_with_parameters(&mut self, out: &mut Vec<f64>) -> Result<usize> {
        for row in 0..self.rows {
            if self.read(row, 0, out)? {
                return Ok(row);
            }
        }
        let message = format!("no row of `{}` has all parameters", self.name);
        let names = self.tensors.iter().map(|it| it.name.as_str());
        let names: Vec<&str> = names.filter(|it| !it.is_empty()).collect();
        Err(Error::plain(ErrorCode::InsufficientData, message)
            .help(format!("log these in one row: {}", names.join(", "))))
    }

    /// True if the run was written by this program, or by a hook of it that follows its conventions: its header says
    /// so, or, in CSV, which has none, its columns do.
    #[must_use]
    pub fn is_trace(&self) -> bool {
        match &self.header {
            Some(header) => header.get("eigenstep").is_some(),
            None => {
                self.names_lanes
                    && [Traced::Loss, Traced::Gradient]
                        .iter()
                        .all(|it| self.field(name_of(*it)).is_some())
            }
        }
    }

    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The field that is the gradient, or the loss.
    #[must_use]
    pub fn meaning(&self, meaning: FieldMeaning) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| field.meaning == meaning)
    }

    /// The iteration of row `row`.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn t(&mut self, row: usize) -> Result<u64> {
        let row = self.store.row(self.before + row)?;
        Ok(row.t().unwrap_or(self.last))
    }

    /// Writes the numbers of `field` in row `row` to `out`; false where none were recorded.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn read(&mut self, row: usize, field: usize, out: &mut Vec<f64>) -> Result<bool> {
        out.clear();
        if field == 0 && !self.has_parameters() {
            out.push(ABSENT);
            return Ok(true);
        }
        let view = self.store.row(self.before + row)?;
        let part = RowParts::new(&view, &self.late, self.before + row, field);
        Ok(part.read(&self.fields[field].parts, out))
    }

    /// Writes the numbers of every field in row `row` to `out`; nothing where none were recorded. Of fields that have a number
    /// for each parameter, `only` those at some places are read, which are in order.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn read_row(
        &mut self,
        row: usize,
        only: Option<&[usize]>,
        out: &mut Vec<Vec<f64>>,
    ) -> Result<()> {
        out.resize(self.fields.len(), Vec::new());
        if !self.has_parameters() {
            for (field, out) in out.iter_mut().enumerate() {
                self.read(row, field, out)?;
            }
            return Ok(());
        }
        let n = self.dimension();
        let view = self.store.row(self.before + row)?;
        let parts = |field: usize| RowParts::new(&view, &self.late, self.before + row, field);
        let fields = self.fields.iter().enumerate().zip(out);
        let (large, small): (Vec<_>, Vec<_>) = fields.partition(|it| it.0.1.len == n);
        for ((at, field), out) in small {
            out.clear();
            parts(at).read(&field.parts, out);
        }
        let numbers = large.len() * only.map_or(n, <[usize]>::len);
        cores::each(large, numbers, |((at, field), out)| {
            out.clear();
            match only {
                Some(places) => parts(at).read_at(&field.parts, places, out),
                None => parts(at).read(&field.parts, out),
            }
        });
        Ok(())
    }

    /// True if only the norm of each tensor was recorded: the header says so or, in recordings of older
    /// hooks, every tensor is one number and none was ever negative.
    #[must_use]
    pub fn has_norms(&mut self) -> bool {
        let noted = self.header.as_ref().and_then(|it| it.get("norms"));
        if let Some(noted) = noted {
            return noted.as_bool().unwrap_or(false);
        }
        let from_hook = self
            .header
            .as_ref()
            .is_some_and(|it| it.get("hook").is_some());
        let scalars = self.tensors.len() > 1 && self.tensors.iter().all(|it| it.shape.is_empty());
        if !(from_hook && scalars) {
            return false;
        }
        let mut values = Vec::new();
        let gradient = self.meaning(FieldMeaning::Gradient);
        (0..self.rows.min(50)).all(|row| {
            [Some(0), gradient].into_iter().flatten().all(|field| {
                let read = self.read(row, field, &mut values).unwrap_or(false);
                !read || values.iter().all(|value| *value >= 0.0 || value.is_nan())
            })
        })
    }

    /// True if coordinate `at` of the parameters belongs to a tensor that never has a gradient.
    #[must_use]
    pub fn is_frozen(&self, at: usize) -> bool {
        let Some(field) = self.meaning(FieldMeaning::Gradient) else {
            return false;
        };
        let tensor = self.tensors.iter().position(|it| it.range.contains(&at));
        let parts = &self.fields[field].parts;
        parts.len() >= self.tensors.len()
            && tensor.is_some_and(|tensor| parts[tensor].column.is_none())
    }

    /// The tensors that have no gradient in some row in which others have one: they are not stepped there, as before they
    /// are unfrozen, or where tensors take turns. Of a run that is read through an index, those with fewer than others.
    #[must_use]
    pub fn resting_tensors(&self) -> Vec<&str> {
        let Some(field) = self.meaning(FieldMeaning::Gradient) else {
            return Vec::new();
        };
        let columns = self.store.columns();
        let parts = self.fields[field].parts.iter().zip(&self.tensors);
        let known = parts.filter_map(|(part, tensor)| Some((columns.get(part.column?)?, tensor)));
        let known: Vec<(&Column, &Tensor)> = known.collect();
        // In a part of a run, those of others show when there was a step.
        let all = self.fields[field].parts.iter();
        let all: Vec<&Column> = all.filter_map(|part| columns.get(part.column?)).collect();
        let most = all.iter().map(|it| it.told()).max().unwrap_or(0);
        // No step leads to the first row: where all have one in every other, there is nothing to look for.
        let rows = self.before + self.rows;
        let are_complete = all.iter().all(|it| it.told() + 1 >= rows);
        let is_used = |row: &usize| all.iter().any(|it| it.row(*row).is_some());
        let used: Vec<usize> = if are_complete {
            Vec::new()
        } else {
            (0..rows).filter(is_used).collect()
        };
        let rests = |column: &Column| {
            column.told() < most || used.iter().any(|row| column.row(*row).is_none())
        };
        let resting = known.iter().filter(|it| rests(it.0));
        resting.map(|it| it.1.name.as_str()).collect()
    }

    /// Lets fields that have one number for each tensor, where the variable of `rule` by their name has one for each
    /// element, have it for each element, too.
    pub fn spread_for(&mut self, rule: &Compiled) {
        let n = self.dimension();
        for variable in rule.variables.iter().filter(|it| it.range.len() == n) {
            if let Some(at) = self.field(&variable.name)
                && let Some(field) = self.fields[at].spread(&self.tensors)
            {
                self.fields[at] = field;
            }
        }
        for variable in &rule.variables {
            if let Some(lens) = &variable.by_tensor {
                self.join(&variable.name, lens);
            }
        }
    }

    /// Makes one field called `name` of those that it has for single tensors, if they have as many numbers as `lens` says.
    fn join(&mut self, name: &str, lens: &[usize]) {
        let of = |tensor: &Tensor| self.field(&format!("{name}.{}", tensor.name));
        let own: Vec<Option<usize>> = self.tensors.iter().map(of).collect();
        let fits = |(at, len): (&Option<usize>, &usize)| {
            at.is_none_or(|at| {
                self.fields[at].len == *len && self.fields[at].meaning == FieldMeaning::Other
            })
        };
        let is_there = own.iter().any(Option::is_some) && self.field(name).is_none();
        if !is_there || own.len() != lens.len() || !own.iter().zip(lens).all(fits) {
            return;
        }
        let parts = own.iter().zip(lens).flat_map(|(at, len)| match at {
            Some(at) => self.fields[*at].parts.clone(),
            None => vec![FieldPart {
                column: None,
                len: *len,
                spread: None,
            }],
        });
        let joined = Field {
            name: name.to_owned(),
            meaning: FieldMeaning::Other,
            len: lens.iter().sum(),
            shape: vec![lens.iter().sum()],
            is_like_parameters: false,
            is_per_tensor: false,
            parts: parts.collect(),
        };
        let mut own = own.into_iter().flatten();
        if let Some(first) = own.next() {
            self.fields[first] = joined;
        }
        let mut others: Vec<usize> = own.collect();
        others.sort_unstable();
        for at in others.into_iter().rev() {
            self.fields.remove(at);
        }
    }

    /// The last row at or before iteration `t`; `None` before the first.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn row_at(&mut self, t: u64) -> Result<Option<usize>> {
        let (base, rest) = match &mut self.store {
            Store::Held(table) => (0, &table.t),
            Store::Indexed(index) => {
                let block = index
                    .blocks
                    .partition_point(|block| block.t <= t)
                    .saturating_sub(1);
                let first = index.blocks.get(block).map_or(0, |block| block.row);
                (first, &index.block(block)?.table.t)
            }
        };
        let within = rest.partition_point(|row| *row <= t);
        Ok((base + within).checked_sub(1 + self.before))
    }

    /// The tensor of element `at` of a field that has something for each, and the index in that.
    fn of_joined(&self, field: &Field, at: usize) -> Option<(&str, String)> {
        if field.is_like_parameters || field.parts.len() != self.tensors.len() || at >= field.len {
            return None;
        }
        let mut rest = at;
        let mut parts = field.parts.iter().zip(&self.tensors);
        let (part, tensor) = parts.find(|(part, _)| {
            let is_within = rest < part.len;
            rest -= if is_within { 0 } else { part.len };
            is_within
        })?;
        let columns = self.store.columns();
        let shape = &columns.get(part.column?)?.shape;
        (self.tensors.len() > 1).then(|| (tensor.name.as_str(), index(shape, rest)))
    }

    /// The name of coordinate `at` (from 0) of a field.
    #[must_use]
    pub fn coordinate(&self, field: usize, at: usize) -> String {
        let field = &self.fields[field];
        let unnamed = self.tensors.len() == 1 && self.tensors[0].name.is_empty();
        if field.is_per_tensor {
            return format!("{}.{}", field.name, self.tensors[at].name);
        }
        if let Some((tensor, inside)) = self.of_joined(field, at) {
            return format!("{}.{tensor}{inside}", field.name);
        }
        if !field.is_like_parameters || unnamed {
            return format!("{}{}", field.name, index(&field.shape, at));
        }
        let holds = |tensor: &&Tensor| tensor.range.contains(&at);
        match self.tensors.iter().find(holds) {
            Some(tensor) => {
                let vector = match field.meaning {
                    FieldMeaning::Parameters => "w",
                    _ => &field.name,
                };
                tensor.element_name(vector, at)
            }
            None => field.name.clone(),
        }
    }
}
