//! A table split into what is known of each row and what is to be predicted.

use super::DataTable;
use crate::error::{Error, ErrorCode, Result};

/// Features, with a 1 before them for the intercept, and targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Design {
    /// The names of the features, in the order of their columns.
    pub features: Vec<String>,
    /// The name of the target.
    pub target: String,
    /// For each row 1, then its features: `[rows, 1 + features]`, row by row.
    pub x: Vec<f64>,
    /// The targets, `[rows]`.
    pub y: Vec<f64>,
}

impl Design {
    /// Splits `table`: `target` is predicted from all other columns. With `standardise` each feature has
    /// mean 0 and variance 1 over the rows (the target stays as it is).
    ///
    /// # Errors
    /// No such column; a feature that is to be standardised and has one value only, or values too large or
    /// too small for their variance to be a float.
    pub fn new(table: &DataTable, target: &str, standardise: bool) -> Result<Self> {
        let Some(at) = table.columns.iter().position(|name| name == target) else {
            let error = Error::plain(
                ErrorCode::UnknownColumn,
                format!("`{}` has no column `{target}`", table.source.name),
            );
            return Err(error.suggest(target, "columns", &table.columns));
        };
        let features: Vec<usize> = (0..table.columns.len()).filter(|it| *it != at).collect();
        let rows = table.rows();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a table has far fewer than 2^53 rows"
        )]
        let count = rows as f64;
        let mut scales = vec![(0.0, 1.0); features.len()];
        if standardise {
            let (means, variances) = moments(table, count);
            for (scale, feature) in scales.iter_mut().zip(&features) {
                let (mean, variance) = (means[*feature], variances[*feature]);
                let varies = || {
                    let mut rows = 0..rows;
                    rows.any(|row| table.row(row)[*feature] != table.row(0)[*feature])
                };
                let fits = mean.is_finite() && variance.is_finite();
                if !fits || !variance.is_normal() && varies() {
                    let name = &table.columns[*feature];
                    let size = if fits { "small" } else { "large" };
                    let message =
                        format!("the numbers in column `{name}` are too {size} to be standardised");
                    return Err(Error::data(&table.source, table.place(0, *feature), message)
                        .help("give them in another unit, so that their squares fit in a 64-bit float"));
                }
                if variance.sqrt() <= 1e-12 * mean.abs() {
                    let name = &table.columns[*feature];
                    let message = format!("column `{name}` has the same value in every row");
                    return Err(
                        Error::data(&table.source, table.place(0, *feature), message)
                            .help("remove the column, or give --standardise 0"),
                    );
                }
                *scale = (mean, variance.sqrt());
            }
        }
        let mut x = Vec::with_capacity(rows * (1 + features.len()));
        for row in 0..rows {
            x.push(1.0);
            let cells = table.row(row);
            x.extend(
                features
                    .iter()
                    .zip(&scales)
                    .map(|(at, (mean, size))| (cells[*at] - mean) / size),
            );
        }
        Ok(Self {
            features: features
                .iter()
                .map(|it| table.columns[*it].clone())
                .collect(),
            target: target.to_owned(),
            x,
            y: (0..rows).map(|row| table.row(row)[at]).collect(),
        })
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.y.len()
    }

    /// Numbers in a row of `x`: the intercept's 1 and the features.
    #[must_use]
    pub fn width(&self) -> usize {
        1 + self.features.len()
    }

    /// Row `at` of `x` and its target.
    #[inline]
    #[must_use]
    pub fn row(&self, at: usize) -> (&[f64], f64) {
        let wide = self.width();
        (&self.x[at * wide..(at + 1) * wide], self.y[at])
    }

    /// True if every target is 0 or 1, and both occur.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        self.y.iter().all(|y| *y == 0.0 || *y == 1.0)
            && self.y.contains(&0.0)
            && self.y.contains(&1.0)
    }

    /// Refuses targets other than 0 and 1, and those of one class only.
    ///
    /// # Errors
    /// The first row of `table` whose target is neither, with its place.
    pub fn expect_binary(&self, table: &DataTable) -> Result<()> {
        let column = table.columns.iter().position(|name| *name == self.target);
        let other = self.y.iter().position(|y| *y != 0.0 && *y != 1.0);
        if let (Some(row), Some(column)) = (other, column) {
            let place = table.place(row, column);
            let message = format!(
                "`{}` in column `{}` is neither 0 nor 1",
                self.y[row], self.target
            );
            return Err(Error::data(&table.source, place, message)
                .help("logistic regression tells two classes apart; `linear` fits any number"));
        }
        if self.is_binary() {
            return Ok(());
        }
        let message = format!("column `{}` has one class only", self.target);
        Err(Error::plain(ErrorCode::InvalidData, message).help("some rows have to be 0 and some 1"))
    }
}

/// The mean of each column over `count` rows, and its variance: sums over the rows in their order.
fn moments(table: &DataTable, count: f64) -> (Vec<f64>, Vec<f64>) {
    let nothing = || vec![std::iter::empty::<f64>().sum::<f64>(); table.columns.len()];
    let rows = || table.cells.chunks_exact(table.columns.len().max(1));
    let mut means = nothing();
    for row in rows() {
        for (sum, cell) in means.iter_mut().zip(row) {
            *sum += cell;
        }
    }
    for mean in &mut means {
        *mean /= count;
    }
    let mut variances = nothing();
    for row in rows() {
        for ((sum, cell), mean) in variances.iter_mut().zip(row).zip(&means) {
            *sum += (cell - mean) * (cell - mean);
        }
    }
    for variance in &mut variances {
        *variance /= count;
    }
    (means, variances)
}
