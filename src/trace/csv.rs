//! Rows as CSV.

use super::{Sink, TraceCell, TraceRow, TracedVariable, page::Page};
use crate::{
    columns::{COLUMNS, Traced},
    lang::graph::Extent,
    rule::VariableKind,
    scenario::Setup,
};
use std::io::{self, Write};

/// Writes the names of the columns, then a line for each row.
pub struct Csv<W: Write> {
    page: Page<W>,
    /// True where a cell of the line stands before.
    is_within: bool,
    columns: Vec<(String, Extent)>,
    /// The columns that every lane has, each with its extent.
    common: Vec<(usize, Extent)>,
}

impl<W: Write> Csv<W> {
    /// A table written to `out`.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            page: Page::new(out),
            is_within: false,
            columns: Vec::new(),
            common: Vec::new(),
        }
    }

    fn names(&mut self, name: &str, extent: Extent) {
        match extent {
            Extent::Scalar => self.cell(name),
            Extent::Vector(len) | Extent::Matrices(.., len) => {
                for at in 1..=len {
                    self.cell(&format!("{name}[{at}]"));
                }
            }
            Extent::Matrix(rows, columns) => {
                for row in 1..=rows {
                    for column in 1..=columns {
                        self.cell(&format!("\"{name}[{row},{column}]\""));
                    }
                }
            }
        }
    }

    fn numbers(&mut self, values: &[f64]) {
        for value in values {
            self.separate();
            self.page.number(*value, b"");
        }
    }

    fn empty(&mut self, extent: Extent) {
        for _ in 0..extent.len() {
            self.separate();
        }
    }

    /// Begins another cell.
    fn separate(&mut self) {
        if std::mem::replace(&mut self.is_within, true) {
            self.page.push(b",");
        }
    }

    /// Writes a cell of text without commas and quotes, or within these.
    fn cell(&mut self, text: &str) {
        self.separate();
        self.page.push(text.as_bytes());
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.is_within = false;
        self.page.push(b"\n");
        self.page.end_row()
    }
}

impl<W: Write> Sink for Csv<W> {
    fn begin(&mut self, setup: &Setup) -> io::Result<()> {
        for (_, lane) in &setup.lanes {
            for variable in &lane.compiled().variables {
                let column = (variable.name.clone(), variable.extent);
                if variable.kind != VariableKind::Parameters && !self.columns.contains(&column) {
                    self.columns.push(column);
                }
            }
        }
        let vector = Extent::Vector(setup.landscape.start.len());
        for (at, column) in COLUMNS.iter().enumerate() {
            if column.quantity == Traced::Error && !setup.minima.may_be_found() {
                continue;
            }
            let extent = if column.is_vector {
                vector
            } else {
                Extent::Scalar
            };
            self.names(column.name, extent);
            self.common.push((at, extent));
        }
        let columns = std::mem::take(&mut self.columns);
        for (name, extent) in &columns {
            self.names(name, *extent);
        }
        self.columns = columns;
        self.end_line()
    }

    fn row(&mut self, row: &TraceRow) -> io::Result<()> {
        for at in 0..self.common.len() {
            let (at, extent) = self.common[at];
            match row.cells[at] {
                TraceCell::Count(count) => {
                    self.separate();
                    self.page.count(count);
                }
                TraceCell::Name(name) => self.cell(name),
                TraceCell::Number(value) => self.numbers(&[value]),
                TraceCell::Vector(values) => self.numbers(values),
                TraceCell::Empty => self.empty(extent),
            }
        }
        let columns = std::mem::take(&mut self.columns);
        for (at, (name, extent)) in columns.iter().enumerate() {
            // One lane's are the columns in their order.
            let is_it = |field: &&TracedVariable| field.name == name && field.extent == *extent;
            let field = row.fields.get(at).filter(is_it);
            match field.or_else(|| row.fields.iter().find(is_it)) {
                Some(field) => self.numbers(field.values),
                None => self.empty(*extent),
            }
        }
        self.columns = columns;
        self.end_line()
    }

    fn end(&mut self) -> io::Result<()> {
        self.page.end()
    }
}
