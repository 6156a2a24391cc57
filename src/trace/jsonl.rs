//! Rows as JSON lines.

use super::{Sink, TraceCell, TraceRow, page::Page};
use crate::{columns::COLUMNS, lang::graph::Extent, scenario::Setup};
use serde::Serialize;
use std::io::{self, Write};

/// The version of the format.
const VERSION: u32 = 1;

/// Writes a header, then an object a line.
#[derive(Debug)]
pub struct Jsonl<W> {
    page: Page<W>,
}

impl<W: Write> Jsonl<W> {
    /// Lines written to `out`.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            page: Page::new(out),
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
        self.page.push(&serde_json::to_vec(&header)?);
        self.page.push(b"\n");
        self.page.end_row()
    }

    /// Names of lanes and variables are identifiers, so nothing needs escaping.
    fn row(&mut self, row: &TraceRow) -> io::Result<()> {
        let page = &mut self.page;
        let mut before: &[u8] = b"{\"";
        for (column, cell) in COLUMNS.iter().zip(&row.cells) {
            key(page, before, column.name);
            before = b",\"";
            match cell {
                TraceCell::Count(count) => page.count(*count),
                TraceCell::Name(name) => {
                    page.push(b"\"");
                    page.push(name.as_bytes());
                    page.push(b"\"");
                }
                TraceCell::Number(value) => page.number(*value, QUOTE),
                TraceCell::Vector(values) => array(page, values),
                TraceCell::Empty => page.push(b"null"),
            }
        }
        for field in &row.fields {
            key(page, before, field.name);
            match field.extent {
                Extent::Scalar => page.number(field.values[0], QUOTE),
                Extent::Vector(_) | Extent::Matrices(..) => array(page, field.values),
                Extent::Matrix(_, columns) => {
                    let rows = field.values.chunks(columns.max(1));
                    list(page, rows, array);
                }
            }
        }
        page.push(b"}\n");
        page.end_row()
    }

    fn end(&mut self) -> io::Result<()> {
        self.page.end()
    }
}

/// Around what is no number in JSON.
const QUOTE: &[u8] = b"\"";

fn key<W: Write>(page: &mut Page<W>, before: &[u8], name: &str) {
    page.push(before);
    page.push(name.as_bytes());
    page.push(b"\":");
}

#[inline]
fn list<W: Write, T>(
    page: &mut Page<W>,
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut Page<W>, T),
) {
    let mut before = b"[";
    for item in items {
        page.push(before);
        write(page, item);
        before = b",";
    }
    if before == b"[" {
        page.push(before);
    }
    page.push(b"]");
}

fn array<W: Write>(page: &mut Page<W>, values: &[f64]) {
    list(page, values.iter(), |page, value| {
        page.number(*value, QUOTE);
    });
}
