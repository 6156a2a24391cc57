//! Rows as CSV.

use super::{Sink, TraceCell, TraceRow};
use crate::{
    columns::{COLUMNS, Traced},
    format::{non_finite, shortest},
    lang::graph::Extent,
    rule::VariableKind,
    scenario::Setup,
};
use std::io::{self, Write};

/// Writes the names of the columns, then a line for each row.
pub struct Csv<W: Write> {
    out: csv::Writer<W>,
    columns: Vec<(String, Extent)>,
    /// The columns that every lane has, each with its extent.
    common: Vec<(usize, Extent)>,
    text: String,
}

impl<W: Write> Csv<W> {
    /// A table written to `out`.
    #[must_use]
    pub fn new(out: W) -> Self {
        Self {
            out: csv::WriterBuilder::new().flexible(true).from_writer(out),
            columns: Vec::new(),
            common: Vec::new(),
            text: String::new(),
        }
    }

    fn names(&mut self, name: &str, extent: Extent) -> io::Result<()> {
        match extent {
            Extent::Scalar => self.cell(name)?,
            Extent::Vector(len) | Extent::Matrices(.., len) => {
                for at in 1..=len {
                    self.cell(&format!("{name}[{at}]"))?;
                }
            }
            Extent::Matrix(rows, columns) => {
                for row in 1..=rows {
                    for column in 1..=columns {
                        self.cell(&format!("{name}[{row},{column}]"))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn numbers(&mut self, values: &[f64]) -> io::Result<()> {
        for value in values {
            if let Some(name) = non_finite(*value) {
                self.cell(name)?;
                continue;
            }
            self.text.clear();
            shortest(&mut self.text, *value);
            self.out.write_field(&self.text).map_err(cause)?;
        }
        Ok(())
    }

    fn empty(&mut self, extent: Extent) -> io::Result<()> {
        (0..extent.len()).try_for_each(|_| self.cell(""))
    }

    fn cell(&mut self, text: &str) -> io::Result<()> {
        self.out.write_field(text).map_err(cause)
    }

    fn end_line(&mut self) -> io::Result<()> {
        self.out.write_record(None::<&[u8]>).map_err(cause)
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
            self.names(column.name, extent)?;
            self.common.push((at, extent));
        }
        let columns = std::mem::take(&mut self.columns);
        for (name, extent) in &columns {
            self.names(name, *extent)?;
        }
        self.columns = columns;
        self.end_line()
    }

    fn row(&mut self, row: &TraceRow) -> io::Result<()> {
        for at in 0..self.common.len() {
            let (at, extent) = self.common[at];
            match row.cells[at] {
                TraceCell::Count(count) => self.cell(&count.to_string())?,
                TraceCell::Name(name) => self.cell(name)?,
                TraceCell::Number(value) => self.numbers(&[value])?,
                TraceCell::Vector(values) => self.numbers(values)?,
                TraceCell::Empty => self.empty(extent)?,
            }
        }
        let columns = std::mem::take(&mut self.columns);
        for (name, extent) in &columns {
            let mut fields = row.fields.iter();
            match fields.find(|field| field.name == name && field.extent == *extent) {
                Some(field) => self.numbers(field.values)?,
                None => self.empty(*extent)?,
            }
        }
        self.columns = columns;
        self.end_line()
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The error of the writer below, whose kind matters (a closed pipe is no failure).
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
