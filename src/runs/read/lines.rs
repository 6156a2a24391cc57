//! The lines of a file, and the row that each of them is.

use crate::{
    error::{Error, ErrorCode, Result, Source, Span, source::LossyText},
    files::Input,
    runs::{
        COUNTERS,
        csv::CsvColumns,
        fields, json, number,
        row::{Flaw, ParsedRow},
    },
    text::{UTF8_MARK, is_utf16},
};
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

/// True for the name of a column without which there is no run, or a wrong one.
fn is_wanted(name: &str) -> bool {
    COUNTERS.contains(&name) || fields::is_known(name)
}

/// The longest line: a row of some millions of numbers.
const MOST_ROW: u64 = 64 << 20;

/// The lines of a file, one at a time.
pub(in crate::runs) struct Lines {
    name: String,
    reader: BufReader<Input>,
    /// The line under way, with its end.
    pub line: Vec<u8>,
    /// The byte offset in the file.
    pub start: u64,
    /// The line number, from 1.
    pub number: usize,
}

impl Lines {
    pub fn new(name: String, file: Input) -> Self {
        Self {
            name,
            reader: BufReader::with_capacity(1 << 20, file),
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
            None => error.help("--lenient skips such rows and counts them"),
        }
    }

    /// Reads what stands before the rows: the header of a trace or the names of CSV's columns.
    pub fn header(&mut self, parser: &mut LineParser) -> Result<Option<serde_json::Value>> {
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
            if header.is_none() {
                self.seek(self.start, self.number)?;
            }
            return Ok(header);
        }
        Ok(None)
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
}

impl LineParser {
    /// Reads a row and returns its `t` as the line has it.
    pub fn read(&mut self, line: &[u8]) -> std::result::Result<u64, Flaw> {
        if self.counter.is_empty()
            && let Some(columns) = &mut self.columns
        {
            columns.leave_out_text(line, is_wanted);
        }
        match &self.columns {
            Some(columns) => columns.row(line, &mut self.row, &mut self.cells)?,
            None => json::read(line, &mut self.row)?,
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
