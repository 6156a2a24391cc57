//! The lines of a file, or the chunks of a binary one, and the row that each of them is.

use crate::{
    error::{Error, ErrorCode, Result, Source, Span, source::LossyText},
    files::Input,
    runs::{
        COUNTERS,
        binary::{self, RowLayouts, StoredPlaces},
        csv::CsvColumns,
        fields, header, json, number,
        row::{Flaw, ParsedRow},
        table::Column,
    },
    text::{UTF8_MARK, is_utf16},
};
use std::{
    io::{BufRead, BufReader, Read, Seek, SeekFrom},
    sync::Arc,
};

/// True for the name of a column without which there is no run, or a wrong one.
fn is_wanted(name: &str) -> bool {
    COUNTERS.contains(&name) || fields::is_known(name)
}

/// The longest line: a row of some millions of numbers.
const MOST_ROW: u64 = 64 << 20;

const ONE_OF_THEM: &str = "take out the one that does not hold";

const LENIENT: &str = "--lenient skips such rows and counts them";

/// The kind of a chunk and its contents; none where it is not whole.
pub(in crate::runs) fn chunk(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, contents) = bytes.split_first_chunk()?;
    let (kind, size) = binary::head(*head);
    (contents.len() as u64 == size).then_some((kind, contents))
}

/// The lines of a file, or the chunks of a binary one that are rows, one at a time.
pub(in crate::runs) struct Lines {
    name: String,
    reader: BufReader<Input>,
    /// What the rows of a binary file consist of.
    layouts: Option<RowLayouts>,
    /// The line under way, with its end; of a chunk, all of it.
    pub line: Vec<u8>,
    /// The byte offset in the file.
    pub start: u64,
    /// The line number, from 1; of a chunk, that of its row.
    pub number: usize,
}

/// The line under way as it is to be read.
pub(in crate::runs) enum RowText<'a> {
    /// A line of text.
    Text(&'a [u8]),
    /// A chunk, with the layouts that rows have.
    Chunk(&'a RowLayouts, &'a [u8]),
}

impl Lines {
    pub fn new(name: String, file: Input) -> Self {
        Self {
            name,
            reader: BufReader::with_capacity(1 << 20, file),
            layouts: None,
            line: Vec::new(),
            start: 0,
            number: 0,
        }
    }

    /// Goes to the next line; false at the end.
    pub fn next(&mut self) -> Result<bool> {
        self.start += self.line.len() as u64;
        self.line.clear();
        self.number += 1;
        if self.layouts.is_some() {
            return self.next_chunk();
        }
        let mut within = (&mut self.reader).take(MOST_ROW);
        match within.read_until(b'\n', &mut self.line) {
            Ok(len) if len as u64 == MOST_ROW => Err(Error::plain(
                ErrorCode::LimitReached,
                format!(
                    "`{}`: line {} is longer than {} MiB",
                    self.name,
                    self.number,
                    MOST_ROW >> 20
                ),
            )
            .help("a run has a line for each iteration")),
            Ok(len) => Ok(len > 0),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// Goes to the next line that has its end; where the file ends before that, false, and it stands where it stood.
    pub fn next_whole(&mut self) -> Result<bool> {
        let is_whole = self.next()?
            && match &self.layouts {
                None => self.line.ends_with(b"\n"),
                Some(_) => chunk(&self.line).is_some(),
            };
        if !is_whole {
            self.seek(self.start, self.number)?;
        }
        Ok(is_whole)
    }

    /// True if the file ends before the place where it has been read to.
    pub fn has_shrunk(&self) -> bool {
        let found = self.reader.get_ref().metadata();
        found.is_ok_and(|it| it.len() < self.start)
    }

    /// Goes on after the line under way, of `len` bytes, which somebody has taken.
    pub fn pass(&mut self, len: usize) {
        self.start += len as u64;
        self.line.clear();
    }

    /// True for a binary file.
    pub fn are_chunks(&self) -> bool {
        self.layouts.is_some()
    }

    /// The same lines, to be read apart by way of `file`.
    pub fn apart(&self, file: Input) -> Self {
        Self {
            layouts: self.layouts.clone(),
            ..Self::new(self.name.clone(), file)
        }
    }

    /// Goes to the next chunk that is a row; layouts on the way are taken in.
    fn next_chunk(&mut self) -> Result<bool> {
        loop {
            if !self.read_chunk()? {
                return Ok(!self.line.is_empty());
            }
            let Some((0, text)) = chunk(&self.line) else {
                return Ok(true);
            };
            let known = self.layouts.get_or_insert_default();
            let found = match serde_json::from_slice::<serde_json::Value>(text) {
                Ok(json) => known.take(self.start, &json),
                Err(error) => Err(Flaw::new(0, 0, format!("it is no JSON: {error}"))),
            };
            if let Err(flaw) = found {
                return Err(self.damaged("the layout", &flaw));
            }
            self.start += self.line.len() as u64;
            self.line.clear();
        }
    }

    /// Reads a chunk; false where the file ends within it.
    fn read_chunk(&mut self) -> Result<bool> {
        let read = self.take(binary::HEAD as u64)?;
        let Some((_, size)) = self.line.first_chunk().copied().map(binary::head) else {
            return Ok(false);
        };
        debug_assert_eq!(read, binary::HEAD as u64);
        if size > binary::MOST_CHUNK {
            let most = binary::MOST_CHUNK >> 20;
            let message = format!(
                "`{}`: the chunk at byte {} is larger than {most} MiB",
                self.name, self.start
            );
            return Err(Error::plain(ErrorCode::LimitReached, message)
                .help("record fewer tensors, or some coordinates of them"));
        }
        Ok(self.take(size)? == size)
    }

    /// Reads up to `size` bytes more of the chunk under way.
    fn take(&mut self, size: u64) -> Result<u64> {
        let mut within = (&mut self.reader).take(size);
        match within.read_to_end(&mut self.line) {
            Ok(len) => Ok(len as u64),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// The line under way as it is to be read.
    pub fn written(&self) -> RowText<'_> {
        match &self.layouts {
            None => RowText::Text(&self.line),
            Some(layouts) => RowText::Chunk(layouts, &self.line),
        }
    }

    /// True if the file ends within the line under way, where it has `flaw`: a row that was still being written.
    pub fn is_cut(&self, flaw: &Flaw) -> bool {
        match &self.layouts {
            None => !self.line.ends_with(b"\n") && flaw.end >= self.line.trim_ascii_end().len(),
            Some(_) => chunk(&self.line).is_none(),
        }
    }

    /// The error of a chunk that is not what it should be.
    fn damaged(&self, which: &str, flaw: &Flaw) -> Error {
        let message = format!(
            "`{}`: {which} at byte {}: {}",
            self.name, self.start, flaw.reason
        );
        Error::plain(ErrorCode::InvalidData, message)
            .help("the file is damaged, or no recorder wrote it: record the run again")
    }

    /// Goes to the line before the one that begins at `offset`.
    pub fn seek(&mut self, offset: u64, number: usize) -> Result<()> {
        self.line.clear();
        self.start = offset;
        self.number = number - 1;
        match self.reader.seek(SeekFrom::Start(offset)) {
            Ok(_) => Ok(()),
            Err(error) => Err(self.failed(&error)),
        }
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::plain(
            ErrorCode::CannotRead,
            format!("cannot read `{}`: {error}", self.name),
        )
    }

    /// The error of rows that are not where they were.
    pub fn changed(&self) -> Error {
        let message = format!("`{}` has changed since it was opened", self.name);
        Error::plain(ErrorCode::CannotRead, message).help("open it again")
    }

    /// The flaw of the line under way, at its place in the file.
    pub fn error(&self, flaw: &Flaw) -> Error {
        if self.layouts.is_some() {
            let error = self.damaged(&format!("row {}", self.number), flaw);
            return error.help(flaw.help.unwrap_or(LENIENT));
        }
        // The lines before it are left out, but counted.
        let before = self.number - 1;
        let line = LossyText::new(&self.line);
        let text = "\n".repeat(before) + line.text.trim_end();
        let source = Source::new(self.name.as_str(), text);
        let place = |at| before + line.offset(at);
        let span = Span::new(place(flaw.start), place(flaw.end));
        let error = Error::data(&source, span, flaw.reason.as_str());
        match flaw.help {
            Some(help) => error.help(help),
            None => error.help(LENIENT),
        }
    }

    /// The name in errors.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True if the file, which is at its beginning, has all that stands before the rows.
    pub fn has_header(&mut self) -> Result<bool> {
        let is_whole = if self.begins_with_magic()? {
            self.start += self.line.len() as u64;
            self.line.clear();
            self.read_chunk()?
        } else {
            self.next_whole()?
        };
        self.seek(0, 1)?;
        Ok(is_whole)
    }

    /// Reads what stands before the rows: the header of a trace or the names of CSV's columns.
    pub fn header(&mut self, parser: &mut LineParser) -> Result<Option<serde_json::Value>> {
        if self.begins_with_magic()? {
            return self.binary_header().map(Some);
        }
        while self.next()? {
            if self.number == 1 && self.line.starts_with(UTF8_MARK) {
                self.line.drain(..UTF8_MARK.len());
                self.start = UTF8_MARK.len() as u64;
            }
            if self.number == 1 && is_utf16(&self.line) {
                return Err(
                    Error::plain(ErrorCode::NotUtf8, format!("`{}` is UTF-16", self.name))
                        .help("save it as UTF-8"),
                );
            }
            let line = self.line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            if !matches!(line[0], b'{' | b'[') {
                let columns = CsvColumns::read(&self.line).map_err(|flaw| self.error(&flaw))?;
                parser.columns = Some(columns);
                return Ok(None);
            }
            let value: Option<serde_json::Value> = serde_json::from_slice(&self.line).ok();
            let header = value.filter(|value| {
                let counts = |name: &str| value.get(name).is_some();
                value.is_object()
                    && (value.get("eigenstep").is_some() || !COUNTERS.iter().any(|it| counts(it)))
            });
            match header.is_some().then(|| header::twice(&self.line)) {
                None => self.seek(self.start, self.number)?,
                Some(None) => {}
                Some(Some(name)) => {
                    let flaw = Flaw::new(0, 1, format!("the header has `{name}` twice"));
                    return Err(self.error(&flaw.help(ONE_OF_THEM)));
                }
            }
            return Ok(header);
        }
        Ok(None)
    }
}

impl Lines {
    /// True for a binary file; it then stands after its version.
    fn begins_with_magic(&mut self) -> Result<bool> {
        self.take((binary::MAGIC.len() + size_of::<u32>()) as u64)?;
        let version = self.line.strip_prefix(&binary::MAGIC);
        let version = version.map(|it| it.first_chunk().copied().map(u32::from_le_bytes));
        match version {
            None => {
                self.seek(0, 1)?;
                Ok(false)
            }
            Some(Some(binary::VERSION)) => Ok(true),
            Some(version) => {
                let version = version.map_or("without a version".to_owned(), |it| {
                    format!("of version {it} of its format")
                });
                let message = format!("`{}` is {version}", self.name);
                let help = format!(
                    "version {} is read here; a newer eigenstep may read it",
                    binary::VERSION
                );
                Err(Error::plain(ErrorCode::InvalidData, message).help(help))
            }
        }
    }

    /// The first chunk of a binary file, which is a header.
    fn binary_header(&mut self) -> Result<serde_json::Value> {
        self.start += self.line.len() as u64;
        self.line.clear();
        let is_whole = self.read_chunk()?;
        let text = chunk(&self.line).filter(|it| is_whole && it.0 == 0);
        let json = text.and_then(|it| serde_json::from_slice::<serde_json::Value>(it.1).ok());
        let Some(json) = json.filter(serde_json::Value::is_object) else {
            let reason = if is_whole {
                "it is no JSON object"
            } else {
                "the file ends within it, and has no rows"
            };
            return Err(self.damaged("the header", &Flaw::new(0, 0, reason)));
        };
        if let Some(name) = text.and_then(|it| header::twice(it.1)) {
            let flaw = Flaw::new(0, 0, format!("it has `{name}` twice"));
            return Err(self.damaged("the header", &flaw).help(ONE_OF_THEM));
        }
        self.layouts = Some(RowLayouts::default());
        Ok(json)
    }
}

/// Makes rows of lines.
#[derive(Debug, Clone, Default)]
pub(in crate::runs) struct LineParser {
    columns: Option<CsvColumns>,
    /// The row that was read last.
    pub row: ParsedRow,
    cells: Vec<(usize, usize)>,
    /// The name of `t` in the rows.
    pub counter: &'static str,
    /// The first row's t, and what it counts as.
    pub shift: (u64, u64),
    place: (usize, usize),
    /// Where chunks of each kind have so many columns.
    stored: Vec<(u32, usize, Option<Arc<StoredPlaces>>)>,
}

impl LineParser {
    /// The `t` of a chunk whose kind was met before, and where it has the numbers of `columns`: none of them is read. None for
    /// what [`read`](Self::read) has to look at.
    pub fn find(
        &mut self,
        written: &RowText,
        columns: &[Column],
    ) -> Option<(u64, Arc<StoredPlaces>)> {
        let RowText::Chunk(layouts, bytes) = written else {
            return None;
        };
        let (kind, contents) = chunk(bytes)?;
        let len = columns.len();
        let known = self
            .stored
            .iter()
            .find(|it| (it.0, it.1) == (kind, len))
            .map(|it| it.2.clone());
        let places = known.unwrap_or_else(|| {
            let places = layouts.places(kind, columns, self.counter).map(Arc::new);
            self.stored.retain(|it| it.0 != kind);
            self.stored.push((kind, len, places.clone()));
            places
        })?;
        Some((places.iteration(contents)?, places))
    }

    /// Reads a row and returns its `t` as the line has it.
    pub fn read(&mut self, written: &RowText) -> std::result::Result<u64, Flaw> {
        let line = match written {
            RowText::Text(line) => *line,
            RowText::Chunk(..) => &[],
        };
        if self.counter.is_empty()
            && let Some(columns) = &mut self.columns
        {
            columns.leave_out_text(line, is_wanted);
        }
        match (written, &self.columns) {
            (RowText::Text(line), Some(columns)) => {
                columns.row(line, &mut self.row, &mut self.cells)?;
            }
            (RowText::Text(line), None) => json::read(line, &mut self.row)?,
            (RowText::Chunk(layouts, bytes), _) => match chunk(bytes) {
                Some((kind, contents)) => layouts.read(kind, contents, &mut self.row)?,
                None => return Err(Flaw::new(0, 0, "the file ends within it")),
            },
        }
        if self.counter.is_empty() {
            let named = |name: &&&str| {
                self.row
                    .leaves()
                    .iter()
                    .any(|leaf| self.row.name(leaf) == **name)
            };
            self.counter = COUNTERS.iter().find(named).copied().unwrap_or("");
        }
        let mut leaves = self.row.leaves().iter();
        let Some(leaf) = leaves.find(|leaf| self.row.name(leaf) == self.counter) else {
            let name = if self.counter.is_empty() {
                "t"
            } else {
                self.counter
            };
            return Err(Flaw::new(
                0,
                line.trim_ascii_end().len(),
                format!("this row has no `{name}`"),
            )
            .help("every row needs its iteration: \"t\":1"));
        };
        self.place = leaf.place;
        let t = match self.row.values(leaf) {
            [t] => number::iteration(*t),
            _ => None,
        };
        let Some(t) = t else {
            let reason = format!("`{}` is a whole number from 0", self.counter);
            return Err(Flaw::new(leaf.place.0, leaf.place.1, reason));
        };
        Ok(t)
    }

    /// The place of t in the line that was read last.
    pub fn place(&self) -> (usize, usize) {
        self.place
    }
}
