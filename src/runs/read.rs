//! Reading a run: line by line into columns, or into an index where it is too large to be held.

use super::{
    csv::Columns,
    fields, input, json, number,
    row::{Flaw, Row},
    run::{BLOCK, Block, Run, Store},
    table::Table,
};
use crate::lang::{
    error::{Error, Result},
    source::{Source, Span},
};
use std::{
    fs::File,
    io::{BufRead, BufReader, Seek, SeekFrom},
};

/// Names of the iteration, the first that a row has counts.
const COUNTERS: [&str; 6] = ["t", "iteration", "iter", "step", "global_step", "epoch"];

/// Bytes of numbers that are held; what is larger is read through an index.
const HELD: usize = 360 << 20;

/// How a run is read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which lane's rows, where rows name their lanes.
    pub lane: Option<String>,
    /// Skip rows that cannot be read, and count them.
    pub lenient: bool,
    /// The iteration of the first row, whatever it says; those after it are shifted alike.
    pub first: Option<u64>,
    /// Bytes of numbers that are held in memory.
    pub held: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            lane: None,
            lenient: false,
            first: None,
            held: HELD,
        }
    }
}

/// Reads the run at `path`; `-` is stdin.
///
/// # Errors
/// A file that cannot be read; the first row that is none, with its place (unless rows may be skipped);
/// rows without parameters, or of several lanes of which none was chosen.
pub fn open(path: &str, options: &Options) -> Result<Run> {
    let input = input::open(path)?;
    let mut file = Lines::new(input.name.clone(), input.file);
    let mut parser = Parser::default();
    let header = file.header(&mut parser)?;
    let mut table = Table::default();
    let mut blocks: Vec<Block> = Vec::new();
    let mut rows = 0;
    let mut last: Option<u64> = None;
    let mut held = true;
    let mut skipped = 0;
    let mut first_skipped = None;
    let mut lanes: Vec<String> = Vec::new();
    while file.next()? {
        let line = file.line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        let result = parser.read(&file.line).and_then(|t| {
            let Some(t) = t else { return Ok(()) };
            if let Some(lane) = &parser.row.lane {
                if !lanes.contains(lane) {
                    lanes.push(lane.clone());
                }
                match &options.lane {
                    Some(wanted) if wanted != lane => return Ok(()),
                    None if lanes.len() > 1 => return Err(several(&parser.row, &lanes)),
                    _ => {}
                }
            }
            let t = t.checked_sub(parser.shift.0).map(|t| t + parser.shift.1);
            let t = match (t, options.first, rows) {
                (_, Some(first), 0) => {
                    parser.shift = (parser.raw_t, first);
                    Some(first)
                }
                (t, ..) => t,
            };
            let place = parser.place();
            match (t, last) {
                (None, _) => return Err(Flaw::new(place.0, place.1, "this row comes before the first")),
                (Some(t), Some(last)) if t <= last => {
                    let reason = format!("t = {t} does not come after t = {last}");
                    return Err(Flaw::new(place.0, place.1, reason)
                        .help("rows stand in the order of t, each t once; --lane NAME picks one of several runs"));
                }
                _ => {}
            }
            let t = t.unwrap_or_default();
            if rows % BLOCK == 0 {
                if !held {
                    table = table.emptied();
                }
                blocks.push(Block { offset: file.start, line: file.number, t });
            }
            table.push(t, &parser.row, parser.counter)?;
            rows += 1;
            last = Some(t);
            Ok(())
        });
        if let Err(flaw) = result {
            let error = file.error(&flaw);
            if !options.lenient || flaw.help == Some(SEVERAL) {
                return Err(error);
            }
            // A block that began with this row begins with the next.
            if blocks
                .last()
                .is_some_and(|block| block.offset == file.start)
            {
                blocks.pop();
            }
            skipped += 1;
            first_skipped.get_or_insert(error);
        }
        if held && rows % 4096 == 0 && table.size() > options.held {
            held = false;
            table = table.emptied();
        }
    }
    let (Some(first), Some(last)) = (blocks.first().map(|block| block.t), last) else {
        return Err(nothing(&input.name, options, &lanes, first_skipped));
    };
    let layout = fields::layout(&table, &input.name)?;
    let store = if held {
        Store::Held(table)
    } else {
        let schema = table.emptied();
        Store::indexed(file, parser, blocks, schema, options)
    };
    Ok(Run::new(
        input.name,
        header,
        layout,
        store,
        (first, last, rows),
        (skipped, first_skipped),
    ))
}

fn nothing(name: &str, options: &Options, lanes: &[String], skipped: Option<Error>) -> Error {
    match (&options.lane, skipped) {
        (Some(lane), _) if !lanes.is_empty() => {
            Error::plain(format!("`{name}` has no lane `{lane}`")).suggest(lane, "lanes", lanes)
        }
        (_, Some(error)) => error,
        _ => Error::plain(format!("`{name}` has no rows"))
            .help("a row is a line like {\"t\":1,\"w\":[0.5,-0.2],\"g\":[1,2]}, or CSV with a line of names"),
    }
}

const SEVERAL: &str = "choose one with --lane NAME";

fn several(row: &Row, lanes: &[String]) -> Flaw {
    let place = row.leaves().first().map_or((0, 1), |leaf| leaf.place);
    let reason = format!("the rows belong to several lanes: {}", lanes.join(", "));
    Flaw::new(place.0, place.1, reason).help(SEVERAL)
}

/// The lines of a file, one at a time.
pub(super) struct Lines {
    name: String,
    reader: BufReader<File>,
    /// The line under way, with its end.
    pub line: Vec<u8>,
    /// Where it begins in the file.
    pub start: u64,
    /// Its number, from 1.
    pub number: usize,
}

impl Lines {
    fn new(name: String, file: File) -> Self {
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
        match self.reader.read_until(b'\n', &mut self.line) {
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
        Error::plain(format!("cannot read `{}`: {error}", self.name))
    }

    /// The flaw of the line under way, at its place in the file.
    pub fn error(&self, flaw: &Flaw) -> Error {
        // The lines before it are left out, but counted.
        let before = self.number - 1;
        let mut text = "\n".repeat(before);
        text += String::from_utf8_lossy(&self.line).trim_end();
        let source = Source::new(self.name.as_str(), text);
        let span = Span::new(before + flaw.start, before + flaw.end);
        let error = Error::new(&source, span, flaw.reason.as_str());
        match flaw.help {
            Some(help) => error.help(help),
            None => error.help("--lenient skips such rows and counts them"),
        }
    }

    /// Reads what stands before the rows: the header of a trace or the names of CSV's columns.
    fn header(&mut self, parser: &mut Parser) -> Result<Option<serde_json::Value>> {
        while self.next()? {
            if self.number == 1 && self.line.starts_with(b"\xef\xbb\xbf") {
                // The mark stays in the file: it counts as blank.
                self.line[..3].fill(b' ');
            }
            let line = self.line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            if !matches!(line[0], b'{' | b'[') {
                let columns = Columns::read(&self.line).map_err(|flaw| self.error(&flaw))?;
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
pub(super) struct Parser {
    columns: Option<Columns>,
    /// The row that was read last.
    pub row: Row,
    cells: Vec<(usize, usize)>,
    /// What the rows call `t`.
    pub counter: &'static str,
    raw_t: u64,
    /// The first row's t, and what it counts as.
    pub shift: (u64, u64),
    place: (usize, usize),
}

impl Parser {
    /// Reads a row and returns its `t` as the line has it.
    pub fn read(&mut self, line: &[u8]) -> std::result::Result<Option<u64>, Flaw> {
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
            .help("every row tells its iteration: \"t\":1"));
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
        self.raw_t = t;
        Ok(Some(t))
    }

    fn place(&self) -> (usize, usize) {
        self.place
    }
}
