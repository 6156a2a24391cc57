//! Expressions over many boundaries at once: the columns that a burst notes, and what came before it.

use super::{Boundaries, Present, Quantity, Reading, Watch, read};
use crate::{
    debugger::{lanes::NamedLane, machine::Detail},
    lang::{
        eval::NoAnswers,
        number::Number,
        program::Program,
        wide::{LANES, Wide},
    },
    value::is_same,
};
use pulp::{Arch, Simd, WithSimd};
use std::collections::VecDeque;

impl Watch {
    /// What it reads besides w, the states and the loss; of a lane that is there.
    pub(in crate::debugger) fn detail(&self, lanes: &[NamedLane]) -> Detail {
        let mut detail = Detail::default();
        for reading in &self.readings {
            match (reading.quantity, lanes.get(reading.lane)) {
                (Quantity::Gradient, _) => detail.gradient = true,
                (Quantity::Variable(at), Some(lane)) => {
                    detail.variables |= at >= lane.compiled().lasting().len();
                }
                _ => {}
            }
        }
        let histories = self.histories.iter().map(|it| it.detail(lanes));
        histories.fold(detail, Detail::and)
    }

    /// True where its value can be had of what a burst notes: of where the lanes are and were, and of nothing that is looked
    /// for there.
    pub(in crate::debugger) fn runs_in_bursts(&self, lanes: &[NamedLane]) -> bool {
        let is_noted = |it: &Reading| {
            let lane = lanes.get(it.lane);
            matches!(it.quantity, Quantity::History(_))
                || lane.is_some_and(|lane| it.quantity.is_noted(lane))
        };
        self.readings.iter().all(is_noted)
            && self.histories.iter().all(|it| it.runs_in_bursts(lanes))
    }

    /// Takes note of what it reads on the boundary where a burst begins, as far as that is read later.
    pub(in crate::debugger) fn begin_burst<P: Present + ?Sized>(&mut self, past: &mut P) {
        for at in 0..self.readings.len() {
            if self.readings[at].depth == 0 {
                continue;
            }
            let begun = &mut self.begun[at];
            begun.resize(self.places[at].len(), f64::NAN);
            read(past, self.readings[at], self.parts[at].as_ref(), begun);
        }
        for history in &mut self.histories {
            history.begin_burst(past);
        }
    }

    /// Lets the functions of the history see all rows of a burst ahead.
    pub(super) fn look_through(&mut self, rows: &mut impl Boundaries) {
        for history in &mut self.histories {
            history.look_through(rows);
        }
    }

    /// Goes on to a row of a burst.
    pub(in crate::debugger) fn pass(&mut self, rows: &mut impl Boundaries, row: usize) {
        for at in 0..self.readings.len() {
            let depth = self.readings[at].depth;
            if depth == 0 {
                continue;
            }
            let pasts: VecDeque<Vec<f64>> = (1..=depth)
                .rev()
                .map(|back| {
                    self.read_back(rows, at, row, back);
                    self.arena[self.places[at].clone()].to_vec()
                })
                .collect();
            self.pasts[at] = pasts;
        }
        for history in &mut self.histories {
            history.pass(rows, row);
        }
    }

    /// Reads into the arena what an input has at a row of a burst.
    fn read_row(&mut self, rows: &mut impl Boundaries, at: usize, row: usize) {
        match self.readings[at] {
            Reading {
                quantity: Quantity::History(which),
                ..
            } => {
                self.arena[self.places[at].start] = self.histories[which].value_at(row);
            }
            Reading { depth, .. } => self.read_back(rows, at, row, depth),
        }
    }

    /// Reads into the arena what an input has so many boundaries before a row of a burst.
    fn read_back(&mut self, rows: &mut impl Boundaries, at: usize, row: usize, back: usize) {
        let out = &mut self.arena[self.places[at].clone()];
        let Some(missing) = back.checked_sub(row).filter(|missing| *missing > 0) else {
            rows.turn_to(row - back);
            return read(rows, self.readings[at], self.parts[at].as_ref(), out);
        };
        // One boundary before the first row is where the burst begins.
        let pasts = &self.pasts[at];
        let known = match missing {
            1 => Some(&self.begun[at]),
            _ => (pasts.len() + 1)
                .checked_sub(missing)
                .and_then(|it| pasts.get(it)),
        };
        match known {
            Some(values) => out.copy_from_slice(values),
            None => out.fill(f64::NAN),
        }
    }

    /// True where the condition holds at a row of a burst.
    pub(in crate::debugger) fn holds_at(&mut self, rows: &mut impl Boundaries, row: usize) -> bool {
        if !self.looks_back {
            rows.turn_to(row);
            return self.holds(rows);
        }
        self.look_through(rows);
        self.evaluate_row(rows, row)[0] != 0.0
    }

    /// Computes the value at a row of a burst.
    pub(in crate::debugger) fn evaluate_at(&mut self, rows: &mut impl Boundaries, row: usize) {
        self.look_through(rows);
        self.evaluate_row(rows, row);
    }

    /// The first row of a burst at which something may be missing that it reads: why, is known where the lanes are there.
    pub(in crate::debugger) fn first_unknown(
        &mut self,
        rows: &mut impl Boundaries,
    ) -> Option<usize> {
        let may_be_missing = |it: &Reading| it.depth > 0 || !it.quantity.is_always_known();
        let asked = (0..self.readings.len()).filter(|at| may_be_missing(&self.readings[*at]));
        let asked: Vec<usize> = asked.collect();
        (0..if asked.is_empty() { 0 } else { rows.count() }).find(|row| {
            asked.iter().any(|at| {
                self.read_row(rows, *at, *row);
                let read = &self.arena[self.places[*at].clone()];
                read.iter().any(|it| it.is_nan())
            })
        })
    }

    fn evaluate_row(&mut self, rows: &mut impl Boundaries, row: usize) -> &[f64] {
        for at in 0..self.readings.len() {
            self.read_row(rows, at, row);
        }
        self.program.run_all(&mut self.arena, &mut NoAnswers);
        &self.arena[self.program.variable(0)]
    }

    /// The first row of a burst at which the condition holds and did not `before`; none, with whether it holds at the end.
    pub(in crate::debugger) fn rises(
        &mut self,
        rows: &mut impl Boundaries,
        mut before: bool,
    ) -> std::result::Result<usize, bool> {
        if !self.clauses.is_empty() {
            return self.clauses_rise(rows, before);
        }
        self.look_through(rows);
        for first in (0..rows.count()).step_by(LANES) {
            let [values, ..] = self.evaluate_rows(rows, first) else {
                break;
            };
            for (row, value) in (first..rows.count()).zip(values.0) {
                let holds = value != 0.0;
                if holds && !before {
                    return Ok(row);
                }
                before = holds;
            }
        }
        Err(before)
    }

    /// The same, of clauses that all have to hold.
    fn clauses_rise(
        &mut self,
        rows: &mut impl Boundaries,
        mut before: bool,
    ) -> std::result::Result<usize, bool> {
        let mut all = true;
        for clause in &mut self.clauses {
            match clause.holds_throughout(rows) {
                Some(false) => return Err(false),
                Some(true) => {}
                None => all = false,
            }
        }
        if all && before {
            return Err(true);
        }
        for row in 0..rows.count() {
            rows.turn_to(row);
            let mut clauses = self.clauses.iter_mut();
            let holds = all || clauses.all(|clause| clause.holds_at(rows, row));
            if holds && !before {
                return Ok(row);
            }
            before = holds;
        }
        Err(before)
    }

    /// Its values, of one number each, at all rows of a burst.
    pub(super) fn column(&mut self, rows: &mut impl Boundaries) -> Vec<f64> {
        let count = rows.count();
        let mut values = Vec::with_capacity(count.next_multiple_of(LANES));
        for first in (0..count).step_by(LANES) {
            if let [eight, ..] = self.evaluate_rows(rows, first) {
                values.extend_from_slice(&eight.0);
            }
        }
        values.truncate(count);
        values
    }

    /// The first row of a burst at which the value is not `known`.
    pub(in crate::debugger) fn changes(
        &mut self,
        rows: &mut impl Boundaries,
        known: &[f64],
    ) -> Option<usize> {
        self.look_through(rows);
        for first in (0..rows.count()).step_by(LANES) {
            let values = self.evaluate_rows(rows, first);
            let is_known = |lane: usize| {
                let mut now = [f64::NAN; 1];
                match values {
                    [value] => {
                        now[0] = value.0[lane];
                        is_same(&now, known)
                    }
                    _ => is_same(&Wide::lane(values, lane).collect::<Vec<f64>>(), known),
                }
            };
            let mut lanes = (first..rows.count()).zip(0..LANES);
            if let Some((row, _)) = lanes.find(|(_, lane)| !is_known(*lane)) {
                return Some(row);
            }
        }
        None
    }

    /// Computes the value at eight rows of a burst, from `first` on; lanes beyond the last row repeat it.
    pub(super) fn evaluate_rows(&mut self, rows: &mut impl Boundaries, first: usize) -> &[Wide] {
        if self.wide.is_empty() {
            let numbers = self.arena.iter();
            self.wide = numbers.map(|value| Wide::constant(*value)).collect();
        }
        let last = rows.count().saturating_sub(1);
        let own = self.program.variable(0);
        if !self.program.runs_wide() {
            for lane in 0..LANES {
                let value = self.evaluate_row(rows, (first + lane).min(last)).to_vec();
                Wide::put_lane(&mut self.wide[own.clone()], lane, &value);
            }
            return &self.wide[own];
        }
        for at in 0..self.readings.len() {
            let (reading, place) = (self.readings[at], self.places[at].clone());
            let wide = &mut self.wide[place.clone()];
            if self.parts[at].is_none()
                && let Some(first) = first.checked_sub(reading.depth)
                && rows.read_eight(first, reading, wide)
            {
                continue;
            }
            for lane in 0..LANES {
                self.read_row(rows, at, (first + lane).min(last));
                let numbers = &self.arena[place.clone()];
                Wide::put_lane(&mut self.wide[place.clone()], lane, numbers);
            }
        }
        Arch::new().dispatch(WideRun(&self.program, &mut self.wide));
        &self.wide[own]
    }
}

/// A run of a program on eight boundaries, with the instructions that the processor has.
struct WideRun<'a>(&'a Program, &'a mut [Wide]);

impl WithSimd for WideRun<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        self.0.run_few_inline(self.1, &mut NoAnswers);
    }
}
