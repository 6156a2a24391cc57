//! Reading a run: line by line into columns, or into an index where it is too large to be held.

pub(super) mod lines;
mod rows;

use super::{
    fields::{self, Layout},
    header::{self, Headed},
    input,
    run::Run,
    store::Store,
    table::RowTable,
};
use crate::{
    error::{Error, ErrorCode, Result},
    files::Input,
};
use lines::{LineParser, Lines};
use rows::{Rows, SEVERAL};

/// Bytes of numbers that are held; what is larger is read through an index.
const HELD: usize = 360 << 20;

/// Options for reading a run.
#[derive(Debug, Clone)]
pub struct ReadOptions {
    /// The lane to read, where rows name their lanes.
    pub lane: Option<String>,
    /// Skip rows that cannot be read, and count them.
    pub lenient: bool,
    /// The iteration of the first row, overriding what it says; those after it are shifted alike.
    pub first: Option<u64>,
    /// Bytes of numbers that are held in memory.
    pub held: usize,
}

impl Default for ReadOptions {
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
pub fn open(path: &str, options: &ReadOptions) -> Result<Run> {
    let input = input::open(path)?;
    let mut reader = Reader::new(input.name, input.file, options);
    let header = reader.header()?;
    reader.take_rows(Lines::next)?;
    let (layout, span) = reader.layout()?;
    let names_lanes = !reader.rows.lanes.is_empty();
    let name = reader.file.name().to_owned();
    let Reader {
        file, parser, rows, ..
    } = reader;
    let skipped = (rows.skipped, rows.first_skipped);
    let store = if rows.held {
        Store::Held(rows.table)
    } else {
        let schema = rows.table.emptied();
        Store::indexed(file, parser, rows.blocks, schema, options.lane.clone())
    };
    check(&name, header.as_ref(), &layout, false)?;
    let run = Run::new(name, header, layout, store, span, skipped, names_lanes);
    run.with_late_tensors()
}

/// Reads the run at `path`, to which rows are added: [`Run::grow`] takes them in. `-` is stdin.
///
/// Only the second row shows what is recorded of an iteration; `wait` is called until there are two, and says whether to
/// go on waiting.
///
/// # Errors
/// As [`open`]; a compressed file; nobody waited for the second row, and there is none.
pub fn open_growing(
    path: &str,
    options: &ReadOptions,
    wait: &mut dyn FnMut() -> bool,
) -> Result<Run> {
    let input = input::open_growing(path)?;
    let mut reader = Reader::new(input.name, input.file, options);
    let mut header = None;
    while reader.rows.count < 2 {
        if reader.is_at_start() {
            header = reader.header_that_is_whole()?;
        }
        reader.take_rows(Lines::next_whole)?;
        if reader.rows.count < 2 && !wait() {
            break;
        }
    }
    let (layout, span) = reader.layout()?;
    let rows = &reader.rows;
    let names_lanes = !rows.lanes.is_empty();
    let skipped = (rows.skipped, rows.first_skipped.clone());
    let name = reader.file.name().to_owned();
    let store = Store::Held(RowTable::default());
    check(&name, header.as_ref(), &layout, true)?;
    let run = Run::new(name, header, layout, store, span, skipped, names_lanes);
    run.growing(reader, input.again).with_late_tensors()
}

/// Checks the header against the rows.
fn check(
    name: &str,
    header: Option<&serde_json::Value>,
    layout: &Layout,
    is_followed: bool,
) -> Result<()> {
    let run = Headed {
        name,
        tensors: &layout.tensors,
        is_followed,
    };
    header::check(&run, header)
}

/// A run on its way from its lines into a table.
pub(super) struct Reader {
    file: Lines,
    parser: LineParser,
    pub rows: Rows,
    is_begun: bool,
}

impl Reader {
    fn new(name: String, file: Input, options: &ReadOptions) -> Self {
        Self {
            file: Lines::new(name, file),
            parser: LineParser::default(),
            rows: Rows::new(options),
            is_begun: false,
        }
    }

    fn header(&mut self) -> Result<Option<serde_json::Value>> {
        self.is_begun = true;
        self.file.header(&mut self.parser)
    }

    /// True until the header has been read.
    fn is_at_start(&self) -> bool {
        !self.is_begun
    }

    /// The header, once the file has all of it.
    fn header_that_is_whole(&mut self) -> Result<Option<serde_json::Value>> {
        if !self.file.has_header()? {
            return Ok(None);
        }
        self.header()
    }

    /// Takes in the rows of all lines that `next` goes to.
    pub fn take_rows(&mut self, next: fn(&mut Lines) -> Result<bool>) -> Result<()> {
        while self.is_begun && next(&mut self.file)? {
            if self.file.line.trim_ascii().is_empty() {
                continue;
            }
            if let Err(flaw) = self.rows.take(&self.file, &mut self.parser) {
                let error = self.file.error(&flaw);
                let may_skip = self.rows.is_lenient() || self.file.is_cut(&flaw);
                if !may_skip || flaw.help == Some(SEVERAL) {
                    return Err(error);
                }
                self.rows.skip(&self.file, error);
            }
            self.rows.let_go_of_much();
        }
        Ok(())
    }

    /// The fields of the rows, and the first iteration, the last, and the number of rows.
    fn layout(&self) -> Result<(Layout, (u64, u64, usize))> {
        let first_skipped = self.rows.first_skipped.clone();
        let rows = &self.rows;
        let (Some(first), Some(last)) = (rows.blocks.first().map(|block| block.t), rows.last)
        else {
            return Err(nothing(
                self.file.name(),
                rows.options(),
                &rows.lanes,
                first_skipped,
            ));
        };
        let layout = fields::layout(&rows.table, self.file.name())?;
        Ok((layout, (first, last, rows.count)))
    }

    /// Takes in the rows that the file has got since it was last read.
    ///
    /// # Errors
    /// It cannot be read, has become shorter, or has a line that is no row.
    pub fn take_more(&mut self) -> Result<()> {
        if self.file.has_shrunk() {
            return Err(self.file.changed());
        }
        self.take_rows(Lines::next_whole)
    }

    /// Rows that are read by an index through `file`, which has the same text.
    pub fn indexed(&self, file: Input) -> Store {
        let lines = self.file.apart(file);
        let schema = self.rows.table.emptied();
        let blocks = self.rows.blocks.clone();
        Store::indexed(
            lines,
            self.parser.clone(),
            blocks,
            schema,
            self.rows.options().lane.clone(),
        )
    }
}

fn nothing(name: &str, options: &ReadOptions, lanes: &[String], skipped: Option<Error>) -> Error {
    match (&options.lane, skipped) {
        (Some(lane), _) if !lanes.is_empty() => {
            Error::plain(ErrorCode::UnknownLane, format!("`{name}` has no lane `{lane}`")).suggest(lane, "lanes", lanes)
        }
        (_, Some(error)) => error,
        _ => Error::plain(ErrorCode::InsufficientData, format!("`{name}` has no rows"))
            .help("a row is a line like {\"t\":1,\"w\":[0.5,-0.2],\"g\":[1,2]}, or CSV with a line of names"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::faults::{self, Fault};

    #[test]
    fn rows_that_have_been_replaced_are_told_from_rows_that_were_added() {
        let text = |ends: u32, w: u32| -> String {
            let rows = (0..ends).map(|t| format!("{{\"t\":{t},\"w\":[{}]}}\n", (t + w) % 7));
            rows.collect()
        };
        let file = tempfile::NamedTempFile::new().unwrap();
        let indexed = ReadOptions {
            held: 0,
            ..ReadOptions::default()
        };
        // Numbers are let go of after 4096 rows.
        std::fs::write(file.path(), text(5000, 0).trim_end()).unwrap();
        let mut run = open(file.path().to_str().unwrap(), &indexed).unwrap();
        let mut w = Vec::new();
        std::fs::write(file.path(), text(5500, 0)).unwrap();
        for row in [10, 4999, 2000] {
            run.read(row, 0, &mut w).unwrap();
            assert_eq!(w, [f64::from(u32::try_from(row).unwrap() % 7)]);
        }
        // Another run, whose rows are as long.
        std::fs::write(file.path(), text(5500, 1)).unwrap();
        for row in [10, 4999] {
            let error = run.read(row, 0, &mut w).unwrap_err();
            assert!(error.to_string().contains("has changed since"), "{error}");
        }
    }

    #[test]
    fn a_run_is_read_as_it_is_or_an_error_is_told_whatever_call_fails() {
        let rows = b"t,w[1]\n0,1\n1,0.5\n2,0.25\n";
        let layout = br#"{"columns":[["t","<u8",[]],["w","<f8",[1]]]}"#;
        let row = |t: u64, w: f64| [t.to_le_bytes(), w.to_le_bytes()].concat();
        let chunk = |kind: u32, contents: &[u8]| {
            let size = contents.len() as u64;
            [&kind.to_le_bytes()[..], &size.to_le_bytes(), contents].concat()
        };
        let binary = [
            b"eigenrun\x01\0\0\0".to_vec(),
            chunk(0, b"{}"),
            chunk(0, layout),
            chunk(1, &row(0, 1.0)),
            chunk(1, &row(1, 0.5)),
            chunk(1, &row(2, 0.25)),
        ];
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        for (written, held) in [
            (&rows[..], HELD),
            (&rows[..], 0),
            (&binary.concat()[..], HELD),
            (&binary.concat()[..], 0),
        ] {
            std::fs::write(path, written).unwrap();
            let options = ReadOptions {
                held,
                ..ReadOptions::default()
            };
            let read = || {
                let mut run = open(path, &options)?;
                let mut w = Vec::new();
                for row in 0..3 {
                    run.read(row, 0, &mut w)?;
                }
                Ok::<_, Error>((run.first, run.last, w))
            };
            let whole = read().unwrap();
            faults::each_call(|fault| match read() {
                Ok(found) => assert_eq!(found, whole, "{fault:?}"),
                Err(error) => {
                    assert_eq!(error.code(), ErrorCode::CannotRead, "{fault:?}: {error}");
                    assert_ne!(fault, Fault::Short);
                }
            });
        }
    }
}
