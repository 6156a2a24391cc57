//! Conditions of lines, looked at in what a burst notes: between the lines of an iteration some names have their new values
//! already, and others those of the boundary before.

use super::{Boundaries, ComputedKey, Present, Quantity, Reading, Watch, read};
use crate::{
    debugger::lanes::{NamedLane, Rows},
    lang::wide::Wide,
    rule::Compiled,
};
use std::sync::Arc;

/// A place between two lines of the iterations of a lane.
#[derive(Debug, Clone, Copy)]
pub(in crate::debugger) struct Midway {
    /// The lane, by its number.
    pub lane: usize,
    /// The lines that have run by then.
    pub done: usize,
}

impl Midway {
    /// True where a name has the value of the boundary to which the iteration leads; none where its value is of neither.
    fn is_new(self, lane: usize, quantity: Quantity, compiled: &Compiled) -> Option<bool> {
        if self.done == 0 {
            return Some(true);
        }
        let at = match quantity {
            // The other lanes wait for this one.
            _ if lane != self.lane => return (quantity != Quantity::T).then_some(false),
            Quantity::T => return Some(true),
            Quantity::Variable(at) => at,
            // Errors are those of w, which is the first variable; so is the loss.
            Quantity::Alpha | Quantity::Loss => 0,
            Quantity::Gradient => return None,
            _ => return Some(false),
        };
        let (done, ahead) = compiled.lines.split_at(self.done.min(compiled.lines.len()));
        let [before, after] = [done, ahead].map(|it| it.iter().any(|it| it.variable == at));
        match (before, after) {
            (true, true) => None,
            (true, false) if quantity == Quantity::Loss => None,
            _ => Some(before),
        }
    }
}

impl Watch {
    /// True where its value at this place can be had of what a burst notes.
    pub(in crate::debugger) fn runs_midway(&self, at: Midway, lanes: &[NamedLane]) -> bool {
        let is_whole = |it: &Reading| {
            let lane = lanes.get(it.lane);
            lane.is_some_and(|lane| at.is_new(it.lane, it.quantity, lane.compiled()).is_some())
        };
        !self.looks_back && self.runs_in_bursts(lanes) && self.readings.iter().all(is_whole)
    }

    /// Takes note of what it reads on the boundary where a burst begins.
    pub fn note_before<P: Present + ?Sized>(&mut self, past: &mut P) {
        for at in 0..self.readings.len() {
            let reading = self.readings[at];
            let len = match &self.parts[at] {
                Some(part) => part.of,
                None => self.program.input(at).len(),
            };
            let mut value = vec![f64::NAN; len];
            read(past, reading, None, &mut value);
            self.pasts[at].clear();
            self.pasts[at].push_back(value);
        }
    }

    /// The first row of a burst to which an iteration leads that has it hold at this place.
    pub(in crate::debugger) fn first_midway(
        &mut self,
        at: Midway,
        rows: &mut Rows<'_>,
    ) -> Option<usize> {
        let pasts = self.readings.iter().zip(&self.pasts);
        let before = pasts.filter_map(|(reading, values)| {
            let compiled = rows.lane(reading.lane).compiled();
            let is_new = at.is_new(reading.lane, reading.quantity, compiled)?;
            let value = values.front().filter(|_| !is_new)?;
            Some((*reading, value.clone()))
        });
        let mut rows = MidwayRows {
            before: before.collect(),
            rows,
            row: 0,
            noted: Vec::new(),
        };
        self.rises(&mut rows, false).ok()
    }
}

/// The rows of a burst as they are seen at a place on the way to each of them.
struct MidwayRows<'a, 'b> {
    rows: &'a mut Rows<'b>,
    /// What is old there, with its values on the boundary before the first row.
    before: Vec<(Reading, Vec<f64>)>,
    row: usize,
    noted: Vec<Noted>,
}

/// Values that were computed at all rows.
struct Noted {
    key: Arc<ComputedKey>,
    values: Vec<f64>,
}

impl MidwayRows<'_, '_> {
    /// The values of what is old, on the boundary before the first row.
    fn before(&self, lane: usize, quantity: Quantity) -> Option<&[f64]> {
        let is_it = |it: &&(Reading, Vec<f64>)| (it.0.lane, it.0.quantity) == (lane, quantity);
        self.before.iter().find(is_it).map(|it| it.1.as_slice())
    }
}

impl Present for MidwayRows<'_, '_> {
    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]) {
        match (self.before(lane, quantity), self.row.checked_sub(1)) {
            (Some(values), None) => out.copy_from_slice(values),
            (Some(_), Some(row)) => {
                self.rows.turn_to(row);
                self.rows.read(lane, quantity, out);
            }
            (None, _) => {
                self.rows.turn_to(self.row);
                self.rows.read(lane, quantity, out);
            }
        }
    }

    fn element(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<f64> {
        match (self.before(lane, quantity), self.row.checked_sub(1)) {
            (Some(values), None) => return values.get(element).copied(),
            (Some(_), Some(row)) => self.rows.turn_to(row),
            (None, _) => self.rows.turn_to(self.row),
        }
        self.rows.element(lane, quantity, element)
    }
}

impl Boundaries for MidwayRows<'_, '_> {
    fn count(&self) -> usize {
        self.rows.count()
    }

    fn turn_to(&mut self, row: usize) {
        self.row = row;
    }

    /// Those of all rows and of the boundary before: one more than needed where it is old, which is as good a bound.
    fn extremes(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<[f64; 2]> {
        let [least, most] = self.rows.extremes(lane, quantity, element)?;
        let Some(values) = self.before(lane, quantity) else {
            return Some([least, most]);
        };
        let value = values.get(element).copied().filter(|it| !it.is_nan())?;
        Some([least.min(value), most.max(value)])
    }

    fn read_eight(&mut self, first: usize, reading: Reading, out: &mut [Wide]) -> bool {
        let is_old = self.before(reading.lane, reading.quantity).is_some();
        match first.checked_sub(usize::from(is_old)) {
            Some(first) => self.rows.read_eight(first, reading, out),
            None => false,
        }
    }

    fn noted_at(&self, key: &ComputedKey) -> Option<usize> {
        self.noted.iter().position(|it| *it.key == *key)
    }

    fn note(&mut self, key: &Arc<ComputedKey>, values: Vec<f64>) -> usize {
        let key = Arc::clone(key);
        self.noted.push(Noted { key, values });
        self.noted.len() - 1
    }

    fn noted(&self, at: usize) -> (&[f64], Option<[f64; 2]>) {
        let values = &self.noted[at].values;
        (values, super::extremes(values.iter().copied()))
    }
}
