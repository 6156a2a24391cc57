//! The line that moves `w`: in which directions it steps, and how far in each iteration and tensor.

use super::{
    observed::Observed,
    solve::{miss, solve},
    step_form::{StepView, UpdateForm},
};
use crate::diff::number_format::NumberFormat;

/// Coordinates that share their coefficients, and the tensors that they belong to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TensorCell {
    pub places: Vec<usize>,
    pub parts: Vec<usize>,
}

/// The line of `w`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UpdateLaw {
    pub form: UpdateForm,
    pub cells: Vec<TensorCell>,
    /// `[iteration][cell]`: coefficients, where the form leads through it.
    pub coefficients: Vec<Vec<Option<Vec<f64>>>>,
    /// The share of iterations and cells that it leads through.
    pub share: f64,
}

/// The unknown line of `w`.
#[derive(Clone)]
pub(super) struct UpdateQuestion<'a> {
    pub observed: &'a Observed,
    /// The gradient that went in.
    pub g: &'a [Vec<f64>],
    /// True to solve for the rule's own update, and not the run's.
    pub is_expected: bool,
    /// The tensors that are solved for; all unless some are named.
    pub only: Option<Vec<usize>>,
    /// The updates that the counter has counted.
    pub count: Vec<f64>,
    /// Values of eps that are likely, the likeliest first.
    pub eps: Vec<f64>,
    /// Decays of second moments, the likeliest first.
    pub betas: Vec<f64>,
    /// Weights of the momentum in a sign.
    pub mixes: Vec<f64>,
}

/// Cells that a form is tried in before all are.
const PROBED: usize = 24;

impl UpdateQuestion<'_> {
    /// Iterations that can be told.
    pub fn rows(&self) -> Vec<usize> {
        let finite =
            |values: &Vec<f64>| !values.is_empty() && values.iter().all(|it| it.is_finite());
        (0..self.observed.t.len())
            .filter(|row| {
                let o = self.observed;
                let whole = |values: &[Vec<f64>]| values.get(*row).is_some_and(finite);
                !o.idle[*row]
                    && whole(self.g)
                    && whole(&o.w.before)
                    && whole(&o.w.after)
                    && whole(self.view().rows_of(&o.w))
            })
            .collect()
    }

    fn view(&self) -> StepView<'_> {
        StepView {
            observed: self.observed,
            g: self.g,
            is_expected: self.is_expected,
        }
    }

    /// The unit roundoff of the update's arithmetic in iteration `row`.
    fn unit(&self, row: usize) -> f64 {
        if self.is_expected {
            return f64::EPSILON;
        }
        let format = self.observed.coarsest();
        if format == NumberFormat::Double {
            return f64::EPSILON;
        }
        // 1 - beta^t loses what a power near 1 is rounded by.
        let beta = self.betas.iter().copied().fold(0.0, f64::max).min(0.9999);
        let lost = 1.0 - libm::pow(beta, self.observed.count[row].max(1.0));
        format.unit() * (1.0 + 0.25 / lost)
    }

    pub(super) fn slack(&self) -> f64 {
        if self.is_expected {
            64.0
        } else {
            self.observed.coarsest().slack()
        }
    }

    /// The columns of `form` in a cell of an iteration, the step, and what rounding leaves of it.
    fn system(
        &self,
        form: &UpdateForm,
        row: usize,
        places: &[usize],
    ) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let o = self.observed;
        let view = self.view();
        let to = view.rows_of(&o.w);
        let unit = if self.is_expected {
            f64::EPSILON
        } else {
            o.w.format.unit()
        };
        let step = places
            .iter()
            .map(|at| to[row][*at] - o.w.before[row][*at])
            .collect();
        let floor = places
            .iter()
            .map(|at| unit * to[row][*at].abs().max(o.w.before[row][*at].abs()) + 1e-300)
            .collect();
        let divided = form.divided.iter().map(|direction| {
            places
                .iter()
                .map(|at| {
                    let divisor = form
                        .divisor
                        .map_or(1.0, |it| it.value(&view, self.count[row], row, *at));
                    direction.value(&view, row, *at) / divisor
                })
                .collect()
        });
        let plain = form.plain.iter().map(|direction| {
            places
                .iter()
                .map(|at| direction.value(&view, row, *at))
                .collect()
        });
        (divided.chain(plain).collect(), step, floor)
    }

    /// True if a cell rests in an iteration where all that `form` is made of is 0, as where no gradient comes: that tells nothing of it.
    pub(super) fn rests(&self, form: &UpdateForm, row: usize, places: &[usize]) -> bool {
        let (columns, step, floor) = self.system(form, row, places);
        let is_none = columns.iter().all(|it| it.iter().all(|x| *x == 0.0));
        is_none
            && step
                .iter()
                .zip(floor)
                .all(|(step, floor)| step.abs() <= floor)
    }

    /// The coefficients of `form` in a cell, if it leads through.
    fn fit(&self, form: &UpdateForm, row: usize, places: &[usize]) -> Option<Vec<f64>> {
        let found = self.nearest(form, row, places)?;
        self.leads(form, &found, row, places).then_some(found)
    }

    /// The coefficients of `form` that lead nearest to where a cell was recorded.
    pub(super) fn nearest(
        &self,
        form: &UpdateForm,
        row: usize,
        places: &[usize],
    ) -> Option<Vec<f64>> {
        let (columns, step, floor) = self.system(form, row, places);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        if columns.iter().any(|it| it.iter().any(|x| !x.is_finite())) {
            return None;
        }
        solve(&columns, &step, &floor)
    }

    /// How far `form` with these coefficients leads from where a cell was recorded, in units of rounding.
    pub(super) fn misses(
        &self,
        form: &UpdateForm,
        coefficients: &[f64],
        row: usize,
        places: &[usize],
    ) -> f64 {
        let (columns, step, floor) = self.system(form, row, places);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        miss(&columns, coefficients, &step, &floor, self.unit(row))
    }

    /// The step that `form` with these coefficients makes of a coordinate.
    pub(super) fn step(
        &self,
        form: &UpdateForm,
        coefficients: &[f64],
        row: usize,
        at: usize,
    ) -> f64 {
        let (columns, _, _) = self.system(form, row, &[at]);
        let parts = columns.iter().zip(coefficients);
        parts.map(|(column, c)| column[0] * c).sum()
    }

    /// True if `form` with these coefficients explains a cell of an iteration.
    pub fn leads(
        &self,
        form: &UpdateForm,
        coefficients: &[f64],
        row: usize,
        places: &[usize],
    ) -> bool {
        self.misses(form, coefficients, row, places) <= self.slack()
    }

    /// Coordinates that share coefficients where `free` of them are to be found: each tensor's, small ones
    /// together, all where none is large enough.
    fn cells(&self, free: usize) -> Vec<TensorCell> {
        let mut cells: Vec<TensorCell> = Vec::new();
        let mut small = TensorCell {
            places: Vec::new(),
            parts: Vec::new(),
        };
        let is_asked = |at: &usize| self.only.as_ref().is_none_or(|only| only.contains(at));
        for (at, part) in self
            .observed
            .parts
            .iter()
            .enumerate()
            .filter(|it| is_asked(&it.0))
        {
            if part.range.len() > free {
                cells.push(TensorCell {
                    places: part.range.clone().collect(),
                    parts: vec![at],
                });
            } else {
                small.places.extend(part.range.clone());
                small.parts.push(at);
            }
        }
        if small.places.len() > free {
            cells.push(small);
        }
        cells
    }

    /// The law of `form`: coefficients for each iteration and cell.
    pub fn law(&self, form: &UpdateForm, rows: &[usize]) -> Option<UpdateLaw> {
        let cells = self.cells(form.len());
        if cells.is_empty() {
            return None;
        }
        // Most forms fail at once, and of very many cells in all that are looked at first.
        let looked = cells.len().min(PROBED);
        let probed: Vec<&TensorCell> = (0..looked)
            .map(|at| &cells[at * cells.len() / looked])
            .collect();
        let probes: Vec<usize> = (0..9).map(|at| rows[at * (rows.len() - 1) / 8]).collect();
        let leads = |row: &usize| {
            probed
                .iter()
                .any(|it| self.fit(form, *row, &it.places).is_some())
        };
        if ![probes[2], probes[4], probes[7]].iter().any(leads) {
            return None;
        }
        if probes.iter().filter(|row| leads(row)).count() < 3 {
            return None;
        }
        let mut coefficients = vec![vec![None; cells.len()]; self.observed.t.len()];
        let (mut held, mut told) = (0, 0);
        for &row in rows {
            for (cell, found) in cells.iter().zip(&mut coefficients[row]) {
                *found = self.fit(form, row, &cell.places);
                held += usize::from(found.is_some());
                told += usize::from(found.is_some() || !self.rests(form, row, &cell.places));
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let share = held as f64 / told.max(1) as f64;
        Some(UpdateLaw {
            form: form.clone(),
            cells,
            coefficients,
            share,
        })
    }
}
