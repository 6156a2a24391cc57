//! Running back: to the nearest earlier stop.
//!
//! The past cannot be run backwards. It is run again in stretches, the latest first, each watched to its
//! end for the last thing that would have stopped it.

use super::{
    answer::{StopReason, Stopped},
    control::Control,
    machine::Position,
    run::Goal,
    session::Session,
    watch::Watch,
};

/// Iterations of the first stretch; each further one is twice as long.
const FIRST_STRETCH: u64 = 256;
/// Iterations of the longest stretch.
const LONGEST_STRETCH: u64 = 1 << 16;

/// The last thing in a stretch that would have stopped a run, and where.
type Found = Option<(Position, StopReason)>;

impl Session {
    /// Runs back to the nearest earlier hit of any stop, end of a lane, or coming down to the tolerance; or
    /// to that before `count` of them.
    ///
    /// Hits are not counted on the way back, and counts of hits to ignore are not looked at.
    pub fn reverse_continue(&mut self, count: u64, control: &mut Control) -> Stopped {
        let mut why = StopReason::Done;
        for _ in 0..count {
            why = self.reverse_continue_once(control);
            if matches!(why, StopReason::Interrupted | StopReason::Beginning) {
                break;
            }
        }
        self.stopped(why, Vec::new(), 0, control)
    }

    fn reverse_continue_once(&mut self, control: &mut Control) -> StopReason {
        let here = self.lanes.drop_anchor();
        let mut end = here;
        // What depends on the whole history is followed from its beginning once, not for each stretch.
        let mut enabled = self.stops.iter().filter(|stop| stop.enabled);
        let spans_all = enabled.any(|stop| stop.watch().is_some_and(Watch::spans_all));
        let beginning = self.lanes.beginning();
        let mut length = if spans_all { here.t } else { FIRST_STRETCH };
        let why = loop {
            let from = end.t.saturating_sub(length).max(beginning);
            let from = self.lanes.before(from + 1, 1).unwrap_or(beginning);
            match self.last_hit(from, end, here, control) {
                Err(Interrupted) => {
                    self.lanes.return_to(here);
                    break StopReason::Interrupted;
                }
                Ok(Some((position, why))) => {
                    if self.lanes.seek(position, |t| control.at(t)) {
                        break why;
                    }
                    break StopReason::Interrupted;
                }
                Ok(None) if from == beginning => {
                    self.lanes.return_to(Position::at(beginning));
                    break StopReason::Beginning;
                }
                Ok(None) => {
                    end = Position::at(from);
                    length = (length * 2).min(LONGEST_STRETCH);
                }
            }
        };
        if let StopReason::Hits(hits) = &why {
            let once = |id: &u64| self.stops.iter().any(|stop| stop.id == *id && stop.once);
            let spent: Vec<u64> = hits.iter().map(|hit| hit.id).filter(once).collect();
            self.drop_stops(&spent);
        }
        why
    }

    /// The last hit after the boundary `from` up to `end` that lies before `limit`.
    fn last_hit(
        &mut self,
        from: u64,
        end: Position,
        limit: Position,
        control: &mut Control,
    ) -> Result<Found, Interrupted> {
        let mut goal = Goal::Continue;
        if !self.ready(Position::at(from), &mut goal, control) {
            return Err(Interrupted);
        }
        let by_line = self.has_line_stops();
        let stride = self.stride(&goal);
        let mut arrived = self.arrivals();
        let mut last = None;
        // A run begins before the first line of all.
        if by_line && from == 0 && Position::default() < limit {
            last = self.hits_on_line();
        }
        loop {
            let here = self.lanes.position();
            // Within the iteration of the limit there are only lines to look at.
            let within = here.t == limit.t && !by_line;
            if here >= end || here >= limit || within || self.lanes.all_halted() {
                return Ok(last);
            }
            self.leave(&mut goal);
            if by_line {
                self.lanes.line();
                while self.lanes.position().line > 0 {
                    if self.lanes.position() >= limit {
                        return Ok(last);
                    }
                    last = self.hits_on_line().or(last);
                    self.lanes.line();
                }
            } else {
                self.lanes.iterate();
            }
            let here = self.lanes.position();
            if here >= limit {
                return Ok(last);
            }
            if let Some(why) = self.arrive(&mut goal, &mut arrived, None, control) {
                last = Some((here, why));
            }
            if here.t.is_multiple_of(stride) && !control.at(here.t) {
                return Err(Interrupted);
            }
        }
    }

    /// The stops of the line that is about to run, and where that is.
    fn hits_on_line(&mut self) -> Found {
        let hits = self.line_hits(None);
        (!hits.is_empty()).then(|| (self.lanes.position(), StopReason::Hits(hits)))
    }
}

/// The search was told to stop.
struct Interrupted;
