//! Rows as columns of numbers.

use super::{
    COUNTERS,
    claims::Claims,
    row::{Flaw, Leaf, ParsedRow, RowForm},
};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// Numbers of one name over all rows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    /// The dotted name.
    pub name: String,
    /// Lengths along each axis; empty for one number.
    pub shape: Vec<usize>,
    width: usize,
    values: Vec<f64>,
    present: Vec<bool>,
    /// The number of rows that had it, those that are not held any more included.
    told: usize,
}

impl Column {
    /// Numbers in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows that had the column.
    pub fn told(&self) -> usize {
        self.told
    }

    /// The column's numbers in row `at`, if they were recorded.
    pub fn row(&self, at: usize) -> Option<&[f64]> {
        if !self.present.get(at).copied().unwrap_or(false) {
            return None;
        }
        self.values.get(at * self.width..(at + 1) * self.width)
    }

    /// The column's numbers in `rows`, if all of these recorded them.
    pub fn rows(&self, rows: Range<usize>) -> Option<&[f64]> {
        let present = self.present.get(rows.clone())?;
        let values = rows.start * self.width..rows.end * self.width;
        self.values
            .get(values)
            .filter(|_| present.iter().all(|it| *it))
    }
}

/// Rows in their order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct RowTable {
    /// The iteration of each row.
    pub t: Vec<u64>,
    /// All names that occur, in the order in which they do.
    pub columns: Vec<Column>,
    /// Where each name is among them.
    places: HashMap<String, usize>,
    /// The form of the last row, with the column of each of its leaves but the counter.
    last: (RowForm, Vec<Option<usize>>),
}

impl RowTable {
    /// The same columns without rows.
    pub fn emptied(&self) -> Self {
        let columns = self.columns.iter().map(|column| Column {
            values: Vec::new(),
            present: Vec::new(),
            ..column.clone()
        });
        Self {
            t: Vec::new(),
            columns: columns.collect(),
            places: self.places.clone(),
            last: self.last.clone(),
        }
    }

    /// Forgets the rows, and keeps the room that they took.
    pub fn clear(&mut self) {
        self.t.clear();
        for column in &mut self.columns {
            column.values.clear();
            column.present.clear();
        }
    }

    /// Bytes of its rows.
    pub fn size(&self) -> usize {
        let columns = self.columns.iter();
        let bytes = columns.map(|it| it.values.len() * size_of::<f64>() + it.present.len());
        bytes.sum::<usize>() + self.t.len() * size_of::<u64>()
    }

    /// Counts a row, whose numbers are not held, among those that have the columns at `columns`.
    pub fn count(&mut self, columns: impl Iterator<Item = usize>) {
        for at in columns {
            self.columns[at].told += 1;
        }
    }

    /// Adds a row for iteration `t`; the leaf called `counter` is left out.
    ///
    /// A flaw leaves the table as it was, but for names that are new.
    pub fn push(&mut self, t: u64, row: &ParsedRow, counter: &str) -> Result<(), Flaw> {
        let rows = self.t.len();
        if self.push_like_last(row) {
            self.t.push(t);
            self.settle(rows + 1);
            return Ok(());
        }
        let known = self.columns.len();
        let (mut form, mut places) = std::mem::take(&mut self.last);
        places.clear();
        let mut next = 0;
        for leaf in row.leaves() {
            let name = row.name(leaf);
            if name == counter {
                places.push(None);
                continue;
            }
            let at = match self.columns.get(next) {
                Some(column) if column.name == name => next,
                _ => self.column(name, row.shape(leaf), row.values(leaf).len()),
            };
            let column = &mut self.columns[at];
            if column.shape != row.shape(leaf) {
                let reason = format!(
                    "`{name}` has {} here, but {} before",
                    shape_name(row.shape(leaf)),
                    shape_name(&column.shape)
                );
                let flaw = Flaw::new(leaf.place.0, leaf.place.1, reason);
                self.settle(rows);
                return Err(flaw);
            }
            if column.present.len() > rows {
                let reason = format!("`{name}` stands in this row twice");
                let flaw = Flaw::new(leaf.place.0, leaf.place.1, reason);
                self.settle(rows);
                return Err(flaw);
            }
            column.values.extend_from_slice(row.values(leaf));
            column.present.push(true);
            places.push(Some(at));
            next = at + 1;
        }
        let claims = Claims::of(&self.columns);
        for at in known..self.columns.len() {
            let Some((reason, help)) = claims.flaw(&self.columns[at]) else {
                continue;
            };
            let mut leaves = row.leaves().iter();
            let leaf = leaves.find(|leaf| row.name(leaf) == self.columns[at].name);
            let (start, end) = leaf.map_or((0, 0), |leaf| leaf.place);
            self.columns.truncate(known);
            self.places.retain(|_, at| *at < known);
            self.settle(rows);
            return Err(Flaw::new(start, end, reason).help(help));
        }
        self.t.push(t);
        for column in &mut self.columns {
            column.told += usize::from(column.present.len() > rows);
        }
        self.settle(rows + 1);
        row.copy_form(&mut form);
        self.last = (form, places);
        Ok(())
    }

    /// Adds the numbers of a row of the same names and shapes as the last one to the columns of those; false where it is of
    /// others.
    fn push_like_last(&mut self, row: &ParsedRow) -> bool {
        if !row.has_form(&self.last.0) {
            return false;
        }
        for (leaf, at) in row.leaves().iter().zip(&self.last.1) {
            let Some(at) = at else { continue };
            let column = &mut self.columns[*at];
            match row.values(leaf) {
                [value] => column.values.push(*value),
                values => column.values.extend_from_slice(values),
            }
            column.present.push(true);
            column.told += 1;
        }
        true
    }

    /// Adds what a row has to the last one, of the same iteration; false, and nothing is done, where that has any of it
    /// or the row tells a name twice.
    pub fn merge(&mut self, row: &ParsedRow, counter: &str) -> bool {
        let Some(last) = self.t.len().checked_sub(1) else {
            return false;
        };
        // Counters besides `counter` count something else, and need not agree.
        let told = row.leaves().iter().filter(|leaf| {
            let known = self.places.get(row.name(leaf));
            let is_new = known.is_none_or(|at| !self.columns[*at].present[last]);
            is_new || !COUNTERS.contains(&row.name(leaf))
        });
        let told: Vec<&Leaf> = told.filter(|leaf| row.name(leaf) != counter).collect();
        let fits = |leaf: &&Leaf| {
            let known = self.places.get(row.name(leaf));
            known.is_none_or(|at| {
                let it = &self.columns[*at];
                let same = it.row(last) == Some(row.values(leaf));
                same || !it.present[last] && it.shape == row.shape(leaf)
            })
        };
        let mut names = HashSet::new();
        let mut is_told_once = |leaf: &&Leaf| names.insert(row.name(leaf));
        if !told.iter().all(fits) || !told.iter().all(&mut is_told_once) {
            return false;
        }
        for leaf in told {
            let at = self.column(row.name(leaf), row.shape(leaf), row.values(leaf).len());
            let column = &mut self.columns[at];
            let from = last * column.width;
            column.values[from..].copy_from_slice(row.values(leaf));
            column.told += usize::from(!column.present[last]);
            column.present[last] = true;
        }
        true
    }

    /// The column called `name`, made unless it is there.
    fn column(&mut self, name: &str, shape: &[usize], width: usize) -> usize {
        if let Some(at) = self.places.get(name) {
            return *at;
        }
        let rows = self.t.len();
        self.columns.push(Column {
            name: name.to_owned(),
            shape: shape.to_vec(),
            width,
            values: vec![f64::NAN; rows * width],
            present: vec![false; rows],
            told: 0,
        });
        self.places.insert(name.to_owned(), self.columns.len() - 1);
        self.columns.len() - 1
    }

    /// Gives every column `rows` rows.
    fn settle(&mut self, rows: usize) {
        for column in &mut self.columns {
            if column.present.len() != rows {
                column.present.resize(rows, false);
                column.values.resize(rows * column.width, f64::NAN);
            }
        }
    }
}

/// A shape in words.
pub(super) fn shape_name(shape: &[usize]) -> String {
    match shape {
        [] => "one number".to_owned(),
        [1] => "an array of 1 number".to_owned(),
        [len] => format!("an array of {len} numbers"),
        _ => {
            let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
            format!("an array of {}", lengths.join(" x "))
        }
    }
}
