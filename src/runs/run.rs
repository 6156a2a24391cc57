//! A recorded run: its fields, and the numbers of any row.

mod elements;
mod parts;
mod rows;

use super::{
    RecordedSettings, cores,
    fields::{Field, FieldMeaning, Layout, without_parameters},
    growth::FollowedFile,
    store::Store,
    table::Column,
};
use crate::{
    columns::{Traced, name_of},
    error::{Error, ErrorCode, Result},
    lang::number::ABSENT,
    rule::Tensor,
};
use parts::RowParts;
pub use rows::FieldRows;
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Write, sync::Arc};

/// A recorded run.
///
/// Rows are numbered from 0. Reading one may mean reading the file, hence the `&mut`.
pub struct Run {
    /// The file.
    pub name: String,
    /// The first line, where that is no row: the scenario of a trace, or what a hook noted.
    pub header: Option<Value>,
    /// The first iteration that has a row.
    pub first: u64,
    /// The last iteration that has a row.
    pub last: u64,
    /// The number of rows.
    pub rows: usize,
    /// Rows that could not be read.
    pub skipped: usize,
    /// The error in the first of those.
    pub first_skipped: Option<Error>,
    /// All that was recorded, the parameters first.
    pub fields: Vec<Field>,
    /// The arrays that make up the parameters.
    pub tensors: Vec<Tensor>,
    /// True if the rows name their lanes.
    pub(super) names_lanes: bool,
    pub(super) store: Store,
    /// Rows of the store that come before the first one of the run.
    pub(super) before: usize,
    pub(super) growth: Option<Box<FollowedFile>>,
    pub(super) settings: Option<(usize, Arc<RecordedSettings>)>,
    /// The columns of tensors that later rows begin with: the first row of the store that has it, and what its first step
    /// began with.
    late: BTreeMap<usize, (usize, Vec<f64>)>,
}

impl Run {
    pub(super) fn new(
        name: String,
        header: Option<Value>,
        layout: Layout,
        store: Store,
        (first, last, rows): (u64, u64, usize),
        (skipped, first_skipped): (usize, Option<Error>),
        names_lanes: bool,
    ) -> Self {
        Self {
            name,
            header,
            first,
            last,
            rows,
            skipped,
            first_skipped,
            fields: layout.fields,
            tensors: layout.tensors,
            names_lanes,
            store,
            before: 0,
            growth: None,
            settings: None,
            late: BTreeMap::new(),
        }
    }

    /// What is told of rows that were skipped, with the place of the first; none where all could be read.
    #[must_use]
    pub fn skipped_note(&self) -> Option<String> {
        let first = self.first_skipped.as_ref()?;
        let rows = crate::text::counted(self.skipped, "row");
        let line = first
            .place()
            .map_or(String::new(), |(_, line, _)| format!("line {line}: "));
        Some(format!(
            "skipped {rows} that could not be read, the first in {line}{}",
            first.message()
        ))
    }

    /// Lets tensors that begin in a later row rest before it, at what their first step began with, where the row says so.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub(super) fn with_late_tensors(mut self) -> Result<Self> {
        let begun = self.meaning(FieldMeaning::BegunWith);
        let mut open: Vec<usize> = (0..self.tensors.len()).collect();
        for row in 0..self.rows {
            let row_view = self.store.row(row)?;
            let numbers = |field: usize, tensor: usize| {
                let column = self.fields[field].parts.get(tensor)?.column?;
                Some((column, row_view.column(column)?))
            };
            let come: Vec<usize> = open
                .extract_if(.., |it| numbers(0, *it).is_some())
                .collect();
            for tensor in come.into_iter().filter(|_| row > 0) {
                let own = numbers(0, tensor).map(|it| it.0);
                let first = begun.and_then(|field| numbers(field, tensor));
                let (Some(own), Some((_, first))) = (own, first) else {
                    self.late.clear();
                    return Ok(self);
                };
                let mut begun = Vec::new();
                first.put(&mut begun);
                self.late.insert(own, (row, begun));
            }
            // What comes with nothing to begin with, or never, is as it was.
            if open.is_empty() || row == 0 && begun.is_none() {
                break;
            }
        }
        Ok(self)
    }

    /// The number of parameters.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.fields[0].len
    }

    /// True if parameters were recorded; of a log of metrics, none were.
    #[must_use]
    pub fn has_parameters(&self) -> bool {
        self.fields[0].parts.iter().any(|it| it.column.is_some())
    }

    /// Refuses a run without parameters.
    ///
    /// # Errors
    /// There are none.
    pub fn need_parameters(&self) -> Result<()> {
        if self.has_parameters() {
            return Ok(());
        }
        let names = self.fields[1..].iter().map(|field| field.name.as_str());
        Err(without_parameters(&self.name, names))
    }

    /// The parameters in the first row that has them.
    ///
    /// # Errors
    /// No row has all of them; a file that cannot be read again.
    pub fn start(&mut self) -> Result<Vec<f64>> {
        let mut start = Vec::new();
        self.first_with_parameters(&mut start)?;
        Ok(start)
    }

    /// Leaves out the rows before the first one that has the parameters, and returns their number.
    ///
    /// # Errors
    /// No row has all parameters; a file that cannot be read again.
    pub fn begin_at_start(&mut self) -> Result<usize> {
        let row = self.first_with_parameters(&mut Vec::new())?;
        if row == 0 {
            return Ok(0);
        }
        // What they say of settings holds all the same.
        let settings = self.settings()?;
        self.first = self.t(row)?;
        self.rows -= row;
        self.before += row;
        self.settings = Some((self.rows, settings));
        Ok(row)
    }

    /// Lets `look` see the run as if it had its first `rows` rows only.
    pub fn first_rows<T>(&mut self, rows: usize, look: impl FnOnce(&mut Self) -> T) -> T {
        let (first, all, before) = (self.first, self.rows, self.before);
        let settings = self.settings.take();
        self.rows = rows.min(all);
        let found = look(self);
        (self.first, self.rows, self.before) = (first, all, before);
        self.settings = settings;
        found
    }

    /// The first row that has the parameters, which go to `out`.
    fn first_with_parameters(&mut self, out: &mut Vec<f64>) -> Result<usize> {
        for row in 0..self.rows {
            if self.read(row, 0, out)? {
                return Ok(row);
            }
        }
        let message = format!("no row of `{}` has all parameters", self.name);
        let names = self.tensors.iter().map(|it| it.name.as_str());
        let names: Vec<&str> = names.filter(|it| !it.is_empty()).collect();
        Err(Error::plain(ErrorCode::InsufficientData, message)
            .help(format!("log these in one row: {}", names.join(", "))))
    }

    /// True if the run was written by this program, or by a hook of it that follows its conventions: its header says
    /// so, or, in CSV, which has none, its columns do.
    #[must_use]
    pub fn is_trace(&self) -> bool {
        match &self.header {
            Some(header) => header.get("eigenstep").is_some(),
            None => {
                self.names_lanes
                    && [Traced::Loss, Traced::Gradient]
                        .iter()
                        .all(|it| self.field(name_of(*it)).is_some())
            }
        }
    }

    /// The field called `name`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// The field that is the gradient, or the loss.
    #[must_use]
    pub fn meaning(&self, meaning: FieldMeaning) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| field.meaning == meaning)
    }

    /// The field that is the gradient where the loss of the same row is: a trace has that of the step that led there, too.
    #[must_use]
    pub fn gradient_beside_loss(&self) -> Option<usize> {
        let traced = self.field(name_of(Traced::Gradient));
        let traced = traced.filter(|_| self.is_trace());
        traced.or_else(|| self.meaning(FieldMeaning::Gradient))
    }

    /// The iteration of row `row`.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn t(&mut self, row: usize) -> Result<u64> {
        let row = self.store.row(self.before + row)?;
        Ok(row.t().unwrap_or(self.last))
    }

    /// Writes the numbers of `field` in row `row` to `out`; false where none were recorded.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn read(&mut self, row: usize, field: usize, out: &mut Vec<f64>) -> Result<bool> {
        out.clear();
        if field == 0 && !self.has_parameters() {
            out.push(ABSENT);
            return Ok(true);
        }
        let view = self.store.row(self.before + row)?;
        let part = RowParts::new(&view, &self.late, self.before + row, field);
        Ok(part.read(&self.fields[field].parts, out))
    }

    /// Writes the numbers of every field in row `row` to `out`; nothing where none were recorded. Of fields that have a number
    /// for each parameter, `only` those at some places are read, which are in order.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn read_row(
        &mut self,
        row: usize,
        only: Option<&[usize]>,
        out: &mut Vec<Vec<f64>>,
    ) -> Result<()> {
        out.resize(self.fields.len(), Vec::new());
        if !self.has_parameters() {
            for (field, out) in out.iter_mut().enumerate() {
                self.read(row, field, out)?;
            }
            return Ok(());
        }
        let n = self.dimension();
        let view = self.store.row(self.before + row)?;
        let parts = |field: usize| RowParts::new(&view, &self.late, self.before + row, field);
        let fields = self.fields.iter().enumerate().zip(out);
        let (large, small): (Vec<_>, Vec<_>) = fields.partition(|it| it.0.1.len == n);
        for ((at, field), out) in small {
            out.clear();
            parts(at).read(&field.parts, out);
        }
        let numbers = large.len() * only.map_or(n, <[usize]>::len);
        cores::each(large, numbers, |((at, field), out)| {
            out.clear();
            match only {
                Some(places) => parts(at).read_at(&field.parts, places, out),
                None => parts(at).read(&field.parts, out),
            }
        });
        Ok(())
    }

    /// The tensors of which some elements were recorded, or one process's part, as the header says: their names as text, if there
    /// are any.
    #[must_use]
    pub fn partial_tensors(&self) -> Option<String> {
        const NAMED: usize = 5;
        let header = self.header.as_ref()?;
        let noted = ["coordinates", "shards"].map(|key| header.get(key));
        let is_partial = |name: &&str| noted.iter().flatten().any(|it| it.get(*name).is_some());
        let names = self.tensors.iter().map(|it| it.name.as_str());
        let partial: Vec<&str> = names.filter(is_partial).collect();
        let named = partial.iter().take(NAMED).map(|it| format!("`{it}`"));
        let mut text = named.collect::<Vec<String>>().join(", ");
        if partial.len() > NAMED {
            let _ = write!(text, " and {} more", partial.len() - NAMED);
        }
        (!text.is_empty()).then_some(text)
    }

    /// True if only the norm of each tensor was recorded: the header says so or, in recordings of older
    /// hooks, every tensor is one number and none was ever negative.
    #[must_use]
    pub fn has_norms(&mut self) -> bool {
        let noted = self.header.as_ref().and_then(|it| it.get("norms"));
        if let Some(noted) = noted {
            return noted.as_bool().unwrap_or(false);
        }
        let from_hook = self
            .header
            .as_ref()
            .is_some_and(|it| it.get("hook").is_some());
        let scalars = self.tensors.len() > 1 && self.tensors.iter().all(|it| it.shape.is_empty());
        if !(from_hook && scalars) {
            return false;
        }
        let mut values = Vec::new();
        let gradient = self.meaning(FieldMeaning::Gradient);
        (0..self.rows.min(50)).all(|row| {
            [Some(0), gradient].into_iter().flatten().all(|field| {
                let read = self.read(row, field, &mut values).unwrap_or(false);
                !read || values.iter().all(|value| *value >= 0.0 || value.is_nan())
            })
        })
    }

    /// True if coordinate `at` of the parameters belongs to a tensor that never has a gradient.
    #[must_use]
    pub fn is_frozen(&self, at: usize) -> bool {
        let Some(field) = self.meaning(FieldMeaning::Gradient) else {
            return false;
        };
        let tensor = self.tensors.iter().position(|it| it.range.contains(&at));
        let parts = &self.fields[field].parts;
        parts.len() >= self.tensors.len()
            && tensor.is_some_and(|tensor| parts[tensor].column.is_none())
    }

    /// The tensors that have no gradient in some row in which others have one: they are not stepped there, as before they
    /// are unfrozen, or where tensors take turns. Of a run that is read through an index, those with fewer than others.
    #[must_use]
    pub fn resting_tensors(&self) -> Vec<&str> {
        let Some(field) = self.meaning(FieldMeaning::Gradient) else {
            return Vec::new();
        };
        let columns = self.store.columns();
        let parts = self.fields[field].parts.iter().zip(&self.tensors);
        let known = parts.filter_map(|(part, tensor)| Some((columns.get(part.column?)?, tensor)));
        let known: Vec<(&Column, &Tensor)> = known.collect();
        // In a part of a run, those of others show when there was a step.
        let all = self.fields[field].parts.iter();
        let all: Vec<&Column> = all.filter_map(|part| columns.get(part.column?)).collect();
        let most = all.iter().map(|it| it.told()).max().unwrap_or(0);
        // No step leads to the first row: where all have one in every other, there is nothing to look for.
        let rows = self.before + self.rows;
        let are_complete = all.iter().all(|it| it.told() + 1 >= rows);
        let is_used = |row: &usize| all.iter().any(|it| it.row(*row).is_some());
        let used: Vec<usize> = if are_complete {
            Vec::new()
        } else {
            (0..rows).filter(is_used).collect()
        };
        let rests = |column: &Column| {
            column.told() < most || used.iter().any(|row| column.row(*row).is_none())
        };
        let resting = known.iter().filter(|it| rests(it.0));
        resting.map(|it| it.1.name.as_str()).collect()
    }

    /// The last iteration up to `t` that has a row.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn until(&mut self, t: u64) -> Result<Option<u64>> {
        let row = self.row_at(t)?;
        row.map(|row| self.t(row)).transpose()
    }

    /// The last row at or before iteration `t`; `None` before the first.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn row_at(&mut self, t: u64) -> Result<Option<usize>> {
        let rows = self.store.rows_until(t)?;
        Ok(rows.checked_sub(1 + self.before))
    }
}
