//! Bursts of all lanes: many boundaries at a time, kept as far as nothing has happened at them.

use super::{Lanes, NamedLane};
use crate::debugger::{
    machine::{BurstOf, Columns, Detail, Machine},
    watch::{Boundaries, ComputedKey, Present, Quantity, Reading, extremes},
};
use crate::lang::wide::Wide;
use std::sync::Arc;

/// What the lanes came by in a burst, to be read boundary by boundary.
pub struct Rows<'a> {
    lanes: &'a mut Lanes,
    columns: &'a mut [Columns],
    /// The row that is read.
    row: usize,
    /// The extremes that have been asked for.
    known: Vec<(ElementOf, Option<[f64; 2]>)>,
    /// Values that were computed of what the burst notes, and their extremes.
    noted: Vec<Noted>,
}

/// Values that were computed at all rows, and their extremes.
struct Noted {
    key: Arc<ComputedKey>,
    values: Vec<f64>,
    extremes: Option<[f64; 2]>,
}

/// Most programs of lanes that are remembered.
const MOST_PROGRAMS: usize = 64;

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
        let columns = &mut self.columns[lane];
        let found = match quantity {
            Quantity::Variable(at) => {
                let variable = &self.lanes.entries[lane].compiled().variables[at];
                let place = variable.range.start + element;
                let is_there = variable.range.contains(&place);
                is_there.then(|| columns.extremes(place))
            }
            Quantity::Loss => Some(extremes(columns.loss.iter().copied())),
            Quantity::Gradient => Some(columns.gradient_extremes(element)),
            // A difference grows with its first operand, however it is rounded.
            Quantity::Alpha if self.axis(lane, element).is_some() => {
                let axis = self.axis(lane, element).unwrap_or(0);
                let columns = &mut self.columns[lane];
                let origin = self.lanes.entries[lane].reference().minimum[axis];
                let found = columns.extremes(axis);
                Some(found.map(|extremes| extremes.map(|it| it - origin)))
            }
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

    fn read_eight(&mut self, first: usize, reading: Reading, out: &mut [Wide]) -> bool {
        let columns = &self.columns[reading.lane];
        match reading.quantity {
            Quantity::Variable(at) => {
                let entry = &self.lanes.entries[reading.lane];
                let at = entry.compiled().variables[at].range.start;
                columns.read_eight(first, at, out);
            }
            Quantity::Gradient => columns.read_eight_gradients(first, out),
            _ => return false,
        }
        true
    }

    fn noted_at(&self, key: &ComputedKey) -> Option<usize> {
        self.noted.iter().position(|it| *it.key == *key)
    }

    fn note(&mut self, key: &Arc<ComputedKey>, values: Vec<f64>) -> usize {
        self.noted.push(Noted {
            key: Arc::clone(key),
            extremes: extremes(values.iter().copied()),
            values,
        });
        self.noted.len() - 1
    }

    fn noted(&self, at: usize) -> (&[f64], Option<[f64; 2]>) {
        let noted = &self.noted[at];
        (&noted.values, noted.extremes)
    }
}

impl Rows<'_> {
    /// A lane, by its number.
    pub fn lane(&self, at: usize) -> &NamedLane {
        &self.lanes.entries[at]
    }

    /// The boundary of a row.
    pub fn t(&self, row: usize) -> u64 {
        self.columns.first().map_or(0, |it| it.t(row))
    }

    /// The axis (from 0) that an eigenvector of the lane's minimum lies along, if it does along one.
    fn axis(&self, lane: usize, element: usize) -> Option<usize> {
        let basis = self.lanes.entries[lane].reference().eigenbasis()?;
        basis.axis(element)
    }
}

impl Quantity {
    /// True where a burst notes all that it is made of.
    pub fn is_noted(self, entry: &NamedLane) -> bool {
        let notes_numbers = entry.lane.machine().notes_numbers();
        match self {
            Self::Setting(_) | Self::T | Self::Loss => true,
            Self::Variable(_) | Self::Gradient => notes_numbers,
            Self::Alpha => notes_numbers && entry.minima().is_fixed(),
            Self::Lambda | Self::Constant(_) => entry.minima().is_fixed(),
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
                let reference = entry.reference();
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
                let reference = entry.reference();
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

    /// For each lane, the first that it may run side by side with: under the same program, that is; it may be itself.
    fn companions(&mut self) -> Vec<usize> {
        if self.programs.len() >= MOST_PROGRAMS {
            // Those of lanes that are there are soon known again.
            self.programs.clear();
        }
        let mut companions = Vec::new();
        for at in 0..self.entries.len() {
            let program = self.program_number(at);
            let first = (0..at).find(|&before| {
                let machines = [before, at].map(|it| self.entries[it].lane.machine());
                companions[before] == before
                    && machines.iter().all(|it| it.runs_beside())
                    && self.program_number(before) == program
            });
            companions.push(first.unwrap_or(at));
        }
        companions
    }

    /// The number of the first program known that is that of lane `at`.
    fn program_number(&mut self, at: usize) -> usize {
        let compiled = self.entries[at].compiled();
        if let Some((_, number)) = self.programs.iter().find(|it| Arc::ptr_eq(&it.0, compiled)) {
            return *number;
        }
        let alike = self.programs.iter().find(|it| it.0.runs_as(compiled));
        let number = alike.map_or(self.programs.len(), |it| it.1);
        self.programs.push((Arc::clone(compiled), number));
        number
    }

    /// The variables of each lane that a burst does not bring back.
    pub fn passing(&self) -> Vec<Vec<f64>> {
        let lanes = self.entries.iter();
        lanes
            .map(|it| it.lane.machine().passing().to_vec())
            .collect()
    }

    /// Puts these back, on the boundary where a burst began.
    pub fn put_passing(&mut self, passing: &[Vec<f64>]) {
        for (entry, passing) in self.entries.iter_mut().zip(passing) {
            let machine = entry.lane.machine_mut();
            let lasting = machine.lasting().to_vec();
            machine.come_back(machine.position().t, &lasting, Some(passing));
        }
    }

    /// Runs a burst of all lanes, of no more than [so many](Self::burst_room) iterations; what they came by is in `columns`.
    pub fn burst<'a>(
        &'a mut self,
        count: usize,
        detail: Detail,
        columns: &'a mut Vec<Columns>,
    ) -> Rows<'a> {
        columns.resize_with(self.entries.len(), Columns::default);
        let bound = self.bound;
        let companions = self.companions();
        for first in 0..self.entries.len() {
            let entries = self.entries.iter_mut().zip(&mut *columns);
            let alike = entries.zip(&companions).filter(|it| *it.1 == first);
            let mut bursts: Vec<BurstOf<'_>> = alike
                .map(|((entry, columns), _)| {
                    let order = entry.lane.burst_order(count, bound, detail);
                    (entry.lane.machine_mut(), order, columns)
                })
                .collect();
            match &mut bursts[..] {
                [(machine, order, columns)] => machine.burst(*order, columns),
                _ => Machine::burst_beside(&mut bursts, &mut self.side_by_side),
            }
        }
        Rows {
            lanes: self,
            columns,
            row: 0,
            known: Vec::new(),
            noted: Vec::new(),
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
                entry.lane.go_back_into(row, bound, columns);
            }
            entry.lane.record_burst(columns);
        }
    }
}
