//! Rows as JSON lines.

use super::{Sink, TraceCell, TraceRow};
use crate::{columns::COLUMNS, format::non_finite, lang::graph::Extent, scenario::Setup};
use serde::Serialize;
use std::io::{self, Write};

/// The version of the format.
const VERSION: u32 = 1;

/// Writes a header, then an object a line.
#[derive(Debug)]
pub struct Jsonl<W>(pub W);

#[derive(Serialize)]
struct Header<'a> {
    eigenstep: u32,
    scenario: &'a crate::scenario::Scenario,
}

impl<W: Write> Sink for Jsonl<W> {
    fn begin(&mut self, setup: &Setup) -> io::Result<()> {
        let header = Header {
            eigenstep: VERSION,
            scenario: &setup.scenario,
        };
        serde_json::to_writer(&mut self.0, &header)?;
        writeln!(self.0)
    }

    /// Names of lanes and variables are identifiers, so nothing needs escaping.
    fn row(&mut self, row: &TraceRow) -> io::Result<()> {
        let out = &mut self.0;
        let mut before = '{';
        for (column, cell) in COLUMNS.iter().zip(&row.cells) {
            write!(out, "{before}\"{}\":", column.name)?;
            before = ',';
            match cell {
                TraceCell::Count(count) => write!(out, "{count}")?,
                TraceCell::Name(name) => write!(out, "\"{name}\"")?,
                TraceCell::Number(value) => number(out, *value)?,
                TraceCell::Vector(values) => array(out, values)?,
                TraceCell::Empty => write!(out, "null")?,
            }
        }
        for field in &row.fields {
            write!(out, ",\"{}\":", field.name)?;
            match field.extent {
                Extent::Scalar => number(out, field.values[0])?,
                Extent::Vector(_) => array(out, field.values)?,
                Extent::Matrix(_, columns) => {
                    let mut rows = field.values.chunks(columns.max(1));
                    write!(out, "[")?;
                    if let Some(first) = rows.next() {
                        array(out, first)?;
                    }
                    for row in rows {
                        write!(out, ",")?;
                        array(out, row)?;
                    }
                    write!(out, "]")?;
                }
            }
        }
        writeln!(out, "}}")
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn array(out: &mut impl Write, values: &[f64]) -> io::Result<()> {
    write!(out, "[")?;
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            write!(out, ",")?;
        }
        number(out, *value)?;
    }
    write!(out, "]")
}

fn number(out: &mut impl Write, value: f64) -> io::Result<()> {
    match non_finite(value) {
        // The debug form is the shortest that round-trips, and is JSON for every finite number.
        None => write!(out, "{value:?}"),
        Some(name) => write!(out, "\"{name}\""),
    }
}
