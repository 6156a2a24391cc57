//! Moving through time.

use super::Session;
use crate::{
    debugger::{
        answer::{StopReason, Stopped},
        command::{Phrase, TimePoint},
        control::Control,
        machine::Position,
        run::Goal,
        watch::ExpectedType,
    },
    error::Result,
};

impl Session {
    /// Runs `count` iterations, or goes on by so many rows where all lanes were recorded; one that has begun counts as one.
    pub fn step(&mut self, count: u64, control: &mut Control) -> Stopped {
        self.run(Goal::Iterations(count), control)
    }

    /// Runs `count` lines of the rule in focus.
    pub fn step_lines(&mut self, count: u64, control: &mut Control) -> Stopped {
        self.run(Goal::Lines(count), control)
    }

    /// Goes back `count` iterations, or rows where all lanes were recorded. Between the lines of one, the boundary before it counts as one back.
    pub fn back(&mut self, count: u64, control: &mut Control) -> Stopped {
        let here = self.position();
        let whole = here.t + u64::from(here.line > 0);
        let beginning = self.lanes.beginning();
        if whole <= beginning && count > 0 {
            return self.stay(StopReason::Beginning, control);
        }
        let target = self.lanes.before(whole, count).unwrap_or(beginning);
        self.jump(Position::at(target.max(beginning)), control)
    }

    /// Goes back `count` lines of the rule in focus; by iterations where it has none here.
    pub fn back_lines(&mut self, count: u64, control: &mut Control) -> Stopped {
        let here = self.position();
        let entry = self.lanes.focused();
        let per_iteration = entry.compiled().lines.len() as u64;
        let is_behind = entry.lane.position().t < here.t;
        let leads_here = here.line > 0 || self.lanes.before(here.t, 1) == here.t.checked_sub(1);
        if is_behind || per_iteration == 0 || !leads_here || here == Position::default() {
            // The lane in focus has ended before, or was recorded here: there are no lines to go back by.
            return self.back(count, control);
        }
        let done = here.t.saturating_mul(per_iteration) + here.line as u64;
        let target = done.saturating_sub(count);
        let position = Position {
            t: target / per_iteration,
            line: usize::try_from(target % per_iteration).unwrap_or(0),
        };
        self.jump(position, control)
    }

    /// Runs until `condition` holds.
    ///
    /// # Errors
    /// It is no condition on these lanes.
    pub fn run_until(
        &mut self,
        condition: impl Into<Phrase>,
        control: &mut Control,
    ) -> Result<Stopped> {
        let watch = self.compile(&condition.into(), ExpectedType::Condition)?;
        Ok(self.run(Goal::Until(Box::new(watch)), control))
    }

    /// Goes to a moment, running on where it lies beyond what was run; to the next row where it has none and all lanes were
    /// recorded.
    ///
    /// # Errors
    /// The rule in focus has fewer lines.
    pub fn goto(&mut self, moment: &TimePoint, control: &mut Control) -> Result<Stopped> {
        let lines = self.lanes.focused().compiled().lines.len();
        let line = usize::try_from(moment.line.value).unwrap_or(usize::MAX);
        if line > 0 && lines == 0 {
            let error = moment.line.error("a recorded run has no lines");
            return Err(error.help("goto T"));
        }
        if line > 0 && line >= lines {
            let last = lines - 1;
            let message = format!("LINE is 0 to {last}: an iteration has {lines} lines");
            let next = format!(
                "`goto {}` is the end of that iteration",
                moment.t.saturating_add(1)
            );
            return Err(moment.line.error(message).help(next));
        }
        let there = self.lanes.at_or_after(moment.t);
        let line = if there == moment.t { line } else { 0 };
        Ok(self.jump(Position { t: there, line }, control))
    }

    /// Goes to t = 0, or to the first row of recorded runs.
    pub fn first(&mut self, control: &mut Control) -> Stopped {
        self.jump(Position::at(self.lanes.beginning()), control)
    }

    /// Goes to the newest iteration of any lane, or to the last row of recorded runs.
    pub fn last(&mut self, control: &mut Control) -> Stopped {
        self.jump(Position::at(self.lanes.last()), control)
    }

    /// Goes to t = 0, and resets the hit counts of all stops.
    pub fn restart(&mut self, control: &mut Control) -> Stopped {
        for stop in &mut self.stops {
            stop.hits = 0;
        }
        self.first(control)
    }

    fn jump(&mut self, target: Position, control: &mut Control) -> Stopped {
        let arrived = self.seek(target, control);
        let why = if !arrived {
            StopReason::Interrupted
        } else if self.position() < target {
            StopReason::Ended(self.lane_ends())
        } else {
            StopReason::Done
        };
        self.stay(why, control)
    }

    /// The answer where nothing is run, or no longer.
    fn stay(&mut self, why: StopReason, control: &mut Control) -> Stopped {
        self.stopped(why, Vec::new(), 0, control)
    }
}
