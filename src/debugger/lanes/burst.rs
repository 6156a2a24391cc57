//! Bursts of all lanes: many boundaries at a time, kept as far as nothing has happened at them.

use super::{Lanes, NamedLane};
use crate::debugger::{
    machine::Columns,
    watch::{Boundaries, Present, Quantity},
};

/// What the lanes came by in a burst, to be read boundary by boundary.
pub struct Rows<'a> {
    lanes: &'a mut Lanes,
    columns: &'a mut [Columns],
    /// The row that is read.
    row: usize,
    /// The extremes that have been asked for.
    known: Vec<(ElementOf, Option<[f64; 2]>)>,
}

/// A lane, a quantity and one of its elements.
type ElementOf = (usize, Quantity, usize);

impl Boundaries for Rows<'_> {
    fn count(&self) -> usize {
        self.columns.first().map_or(0, Columns::count)
    }

    fn turn_to(&mut self, row: usize) {
        self.row = row;
    }

    fn extremes(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<[f64; 2]> {
        let asked = (lane, quantity, element);
        if let Some((_, known)) = self.known.iter().find(|it| it.0 == asked) {
            return *known;
        }
        let columns = &self.columns[lane];
        let found = match quantity {
            Quantity::Variable(at) => {
                let variable = &self.lanes.entries[lane].compiled().variables[at];
                let place = variable.range.start + element;
                let is_there = variable.range.contains(&place);
                is_there.then(|| extremes(columns.column(place)))
            }
            Quantity::Loss => Some(extremes(columns.loss.iter().copied())),
            Quantity::Gradient => Some(extremes(columns.gradient_column(element))),
            _ => {
                let values = (0..self.count()).map(|row| {
                    self.row = row;
                    self.element(lane, quantity, element)
                });
                let values: Option<Vec<f64>> = values.collect();
                values.map(|values| extremes(values.into_iter()))
            }
        };
        let known = found.flatten();
        self.known.push((asked, known));
        known
    }
}

/// The least and the largest of some numbers; none where one of them is NaN.
fn extremes(numbers: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let (mut least, mut most, mut is_known) = (f64::INFINITY, f64::NEG_INFINITY, true);
    for number in numbers {
        is_known &= !number.is_nan();
        least = if number < least { number } else { least };
        most = if number > most { number } else { most };
    }
    is_known.then_some([least, most])
}

impl Quantity {
    /// True where a burst notes all that it is made of.
    pub fn is_noted(self, entry: &NamedLane) -> bool {
        match self {
            Self::Variable(_) | Self::Setting(_) | Self::T | Self::Loss | Self::Gradient => true,
            Self::Alpha | Self::Lambda | Self::Constant(_) => entry.minima().is_fixed(),
            _ => false,
        }
    }
}

impl Present for Rows<'_> {
    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]) {
        let columns = &self.columns[lane];
        let entry = &mut self.lanes.entries[lane];
        match quantity {
            Quantity::Variable(at) => {
                let variable = &entry.compiled().variables[at];
                out.copy_from_slice(&columns.variables(self.row)[variable.range.clone()]);
            }
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            Quantity::T => out[0] = columns.t(self.row) as f64,
            Quantity::Loss => out[0] = columns.loss[self.row],
            Quantity::Gradient => out.copy_from_slice(columns.gradient(self.row)),
            Quantity::Alpha => {
                let reference = &entry.reference;
                match reference.eigenbasis() {
                    Some(spectrum) => {
                        spectrum.components(columns.w(self.row), &reference.minimum, out);
                    }
                    None => out.fill(f64::NAN),
                }
            }
            // What is the same at every boundary.
            _ => quantity.read(entry, out),
        }
    }

    fn element(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<f64> {
        let columns = &self.columns[lane];
        let entry = &self.lanes.entries[lane];
        match quantity {
            Quantity::Variable(at) => {
                let variable = &entry.compiled().variables[at];
                let values = &columns.variables(self.row)[variable.range.clone()];
                values.get(element).copied()
            }
            #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
            Quantity::T => Some(columns.t(self.row) as f64),
            Quantity::Loss => columns.loss.get(self.row).copied(),
            Quantity::Gradient => columns.gradient(self.row).get(element).copied(),
            Quantity::Alpha => {
                let reference = &entry.reference;
                let spectrum = reference.eigenbasis()?;
                let is_one = element < spectrum.len();
                is_one.then(|| {
                    spectrum.component_from(element, columns.w(self.row), &reference.minimum)
                })
            }
            _ => quantity.element(entry, element),
        }
    }
}

impl Lanes {
    /// The iterations that a burst may take from here: 0 where there can be none.
    pub fn burst_room(&self) -> u64 {
        let rooms = self.entries.iter();
        let rooms = rooms.map(|entry| {
            let is_open = entry.halt.is_none();
            if is_open { entry.lane.burst_room() } else { 0 }
        });
        let t = self.entries[0].lane.position().t;
        let is_level = self.entries.iter().all(|it| it.lane.position().t == t);
        rooms.min().filter(|_| is_level).unwrap_or(0)
    }

    /// Runs a burst of all lanes, of no more than [so many](Self::burst_room) iterations; what they came by is in `columns`.
    pub fn burst<'a>(
        &'a mut self,
        count: usize,
        detail: bool,
        columns: &'a mut Vec<Columns>,
    ) -> Rows<'a> {
        columns.resize_with(self.entries.len(), Columns::default);
        for (entry, columns) in self.entries.iter_mut().zip(&mut *columns) {
            let bound = self.bound;
            (entry.lane.machine_mut()).burst(count, bound, detail, columns);
        }
        Rows {
            lanes: self,
            columns,
            row: 0,
            known: Vec::new(),
        }
    }
}

impl Rows<'_> {
    /// The first row at which the run of a lane ends.
    pub fn first_end(&self) -> Option<usize> {
        let bound = self.lanes.bound;
        self.columns
            .iter()
            .filter_map(|it| it.first_end(bound))
            .min()
    }

    /// The first row before row `end` at which a lane converges that had not `before`, or else `end`; `before` is brought
    /// up to the row before it.
    pub fn first_arrival(&self, before: &mut [bool], end: usize) -> usize {
        let timelines = self.lanes.entries.iter().map(|it| it.lane.timeline());
        let lanes = || timelines.clone().zip(&*self.columns);
        let arrivals = |end: usize, before: &[bool]| -> Vec<(Option<usize>, bool)> {
            let lanes = lanes().zip(before);
            let scan = lanes
                .map(|((timeline, columns), before)| timeline.first_arrival(columns, end, *before));
            scan.collect()
        };
        let mut found = arrivals(end, before);
        let first = found.iter().filter_map(|it| it.0).min();
        if let Some(first) = first {
            found = arrivals(first, before);
        }
        for (before, (_, now)) in before.iter_mut().zip(found) {
            *before = now;
        }
        first.unwrap_or(end)
    }

    /// Keeps the rows before `row`: the lanes stand on the boundary of the last of them.
    pub fn keep(self, row: usize) {
        for (entry, columns) in self.lanes.entries.iter_mut().zip(self.columns) {
            if row < columns.count() {
                let bound = self.lanes.bound;
                (entry.lane.machine_mut()).go_back_into(row, bound, columns);
            }
            entry.lane.record_burst(columns);
        }
    }
}
