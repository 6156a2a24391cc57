//! The past of lanes, as watches visit it.

use super::{LaneNames, Names, Past, Present, Quantity, Watch};
use crate::debugger::{
    control::{Control, Pace},
    lanes::{Lanes, PastLanes},
    machine::Position,
};
use std::sync::Arc;

impl Lanes {
    /// The names that watches may use.
    #[must_use]
    pub fn names(&self) -> Names {
        let lanes = self.entries.iter();
        let lanes = lanes.map(|it| LaneNames::new(&it.name, it.compiled(), it.reference()));
        Names {
            lanes: lanes.collect(),
            focus: self.focus,
            tensors: Arc::clone(&self.tensors),
        }
    }
}

/// Whoever has lanes can be read where these are.
impl<T: AsMut<Lanes>> Present for T {
    #[inline]
    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]) {
        let entry = &mut self.as_mut().entries[lane];
        if quantity.is_about_minimum() {
            entry.refresh_minimum();
        }
        quantity.read(entry, out);
    }

    #[inline]
    fn element(&mut self, lane: usize, quantity: Quantity, element: usize) -> Option<f64> {
        let entry = &mut self.as_mut().entries[lane];
        if quantity.is_about_minimum() {
            entry.refresh_minimum();
        }
        quantity.element(entry, element)
    }
}

impl AsMut<Lanes> for Lanes {
    #[inline]
    fn as_mut(&mut self) -> &mut Lanes {
        self
    }
}

impl AsMut<Lanes> for PastLanes<'_, '_> {
    #[inline]
    fn as_mut(&mut self) -> &mut Lanes {
        self.lanes
    }
}

impl Past for PastLanes<'_, '_> {
    fn beginning(&self) -> u64 {
        self.lanes.beginning()
    }

    fn after(&mut self, t: u64) -> u64 {
        self.lanes.after(t)
    }

    fn before(&mut self, t: u64, count: u64) -> Option<u64> {
        self.lanes.before(t, count)
    }

    /// A lane that has not come so far stays at its newest boundary.
    fn go_to(&mut self, t: u64) -> bool {
        let control = &mut *self.control;
        let mut entries = self.lanes.entries.iter_mut();
        entries.all(|entry| entry.seek_known(Position::at(t), &mut |at| control.at(at)))
    }

    fn go_on(&mut self, t: u64, watch: &Watch) -> bool {
        let is_due = self.pace.is_due() || watch.takes_long(&self.lanes.entries);
        !is_due || self.control.at(t)
    }
}

/// Lanes whose past is visited under a control that may end that.
pub(in crate::debugger) struct Interruptible<'a, 'b> {
    lanes: &'a mut Lanes,
    control: &'a mut Control<'b>,
    pace: Pace,
}

impl<'a, 'b> Interruptible<'a, 'b> {
    /// The past of `lanes` under `control`.
    pub fn new(lanes: &'a mut Lanes, control: &'a mut Control<'b>) -> Self {
        Self {
            pace: Pace::new(lanes.stride()),
            lanes,
            control,
        }
    }
}

impl AsMut<Lanes> for Interruptible<'_, '_> {
    #[inline]
    fn as_mut(&mut self) -> &mut Lanes {
        self.lanes
    }
}

impl Past for Interruptible<'_, '_> {
    fn beginning(&self) -> u64 {
        self.lanes.beginning()
    }

    fn after(&mut self, t: u64) -> u64 {
        self.lanes.after(t)
    }

    fn before(&mut self, t: u64, count: u64) -> Option<u64> {
        self.lanes.before(t, count)
    }

    fn go_to(&mut self, t: u64) -> bool {
        self.lanes
            .seek(Position::at(t), &mut |at| self.control.at(at))
    }

    fn go_on(&mut self, t: u64, watch: &Watch) -> bool {
        let is_due = self.pace.is_due() || watch.takes_long(&self.lanes.entries);
        !is_due || self.control.at(t)
    }
}
