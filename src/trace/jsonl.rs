//! Rows as JSON lines.

use super::{Sink, TraceCell, TraceRow};
use crate::{
    columns::COLUMNS,
    format::{non_finite, shortest},
    lang::graph::Extent,
    scenario::Setup,
};
use serde::Serialize;
use std::io::{self, Write};

/// The version of the format.
const VERSION: u32 = 1;

/// Writes a header, then an object a line.
#[derive(Debug)]
pub struct Jsonl<W> {
    out: W,
    /// The line under way.
    text: String,
}

impl<W: Write> Jsonl<W> {
    /// Lines written to `out`.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out,
            text: String::new(),
        }
    }
}

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
        serde_json::to_writer(&mut self.out, &header)?;
        writeln!(self.out)
    }

    /// Names of lanes and variables are identifiers, so nothing needs escaping.
    fn row(&mut self, row: &TraceRow) -> io::Result<()> {
        let text = &mut self.text;
        text.clear();
        for (column, cell) in COLUMNS.iter().zip(&row.cells) {
            text.push(if text.is_empty() { '{' } else { ',' });
            key(text, column.name);
            match cell {
                TraceCell::Count(count) => text.push_str(&count.to_string()),
                TraceCell::Name(name) => string(text, name),
                TraceCell::Number(value) => number(text, *value),
                TraceCell::Vector(values) => array(text, values),
                TraceCell::Empty => text.push_str("null"),
            }
        }
        for field in &row.fields {
            text.push(',');
            key(text, field.name);
            match field.extent {
                Extent::Scalar => number(text, field.values[0]),
                Extent::Vector(_) | Extent::Matrices(..) => array(text, field.values),
                Extent::Matrix(_, columns) => {
                    let rows = field.values.chunks(columns.max(1));
                    list(text, rows, array);
                }
            }
        }
        text.push_str("}\n");
        self.out.write_all(text.as_bytes())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn string(text: &mut String, it: &str) {
    text.push('"');
    text.push_str(it);
    text.push('"');
}

fn key(text: &mut String, name: &str) {
    string(text, name);
    text.push(':');
}

fn list<T>(
    text: &mut String,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    text.push('[');
    for (at, item) in items.enumerate() {
        if at > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(']');
}

fn array(text: &mut String, values: &[f64]) {
    list(text, values.iter(), |text, value| number(text, *value));
}

fn number(text: &mut String, value: f64) {
    match non_finite(value) {
        // The shortest that round-trips is JSON for every finite number.
        None => shortest(text, value),
        Some(name) => string(text, name),
    }
}
