//! Reading a run: line by line into columns, or into an index where it is too large to be held.

mod lines;
mod rows;

pub(super) use lines::{LineParser, Lines};

use super::{
    fields, input,
    run::{Run, Store},
};
use crate::error::{Error, ErrorCode, Result};
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
    let mut file = Lines::new(input.name.clone(), input.file);
    let mut parser = LineParser::default();
    let header = file.header(&mut parser)?;
    let mut rows = Rows::new(options);
    while file.next()? {
        if file.line.trim_ascii().is_empty() {
            continue;
        }
        if let Err(flaw) = rows.take(&file, &mut parser) {
            let error = file.error(&flaw);
            let may_skip = options.lenient || file.is_cut(&flaw);
            if !may_skip || flaw.help == Some(SEVERAL) {
                return Err(error);
            }
            rows.skip(&file, error);
        }
        rows.let_go_of_much();
    }
    let (Some(first), Some(last)) = (rows.blocks.first().map(|block| block.t), rows.last) else {
        return Err(nothing(
            &input.name,
            options,
            &rows.lanes,
            rows.first_skipped,
        ));
    };
    let names_lanes = !rows.lanes.is_empty();
    let layout = fields::layout(&rows.table, &input.name)?;
    let store = if rows.held {
        Store::Held(rows.table)
    } else {
        let schema = rows.table.emptied();
        Store::indexed(file, parser, rows.blocks, schema, options)
    };
    Ok(Run::new(
        input.name,
        header,
        layout,
        store,
        (first, last, rows.count),
        (rows.skipped, rows.first_skipped),
        names_lanes,
    ))
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
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "t,w[1]\n0,1\n1,0.5\n2,0.25\n").unwrap();
        let path = file.path().to_str().unwrap();
        for held in [HELD, 0] {
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
