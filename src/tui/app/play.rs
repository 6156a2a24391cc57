//! Playing a run, forward or back, until a key is pressed; and nudging a setting as a slider would.

use super::{AfterKey, App, Message};
use crate::{
    debugger::{
        Change, Control,
        answer::Answer,
        command::{Assignment, Command, LaneCommand, Located, TimePoint, Times},
        session::FrontEndValue,
    },
    error::Result,
    format::{rounded, short},
    rule::{Domain, Setting},
    tui::command::SPEED,
};
use std::time::Duration;

/// A run that plays by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Playing {
    /// True if it goes forward.
    pub forward: bool,
}

/// Theory that is looked at aside is asked for again after so long.
const AT_WORK: Duration = Duration::from_millis(4);

/// The factor of a nudge.
const NUDGE: f64 = 1.25;

impl App {
    /// The pause before the next frame: that of a run that plays, or none at all where curves or theory are behind their run;
    /// or before the next look at a run that is followed.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        if self.is_behind() {
            return Some(if self.waits() {
                AT_WORK
            } else {
                Duration::ZERO
            });
        }
        let look = self.is_following().then_some(Self::LOOK);
        self.beat().or(look)
    }

    /// Lets theory that takes long be looked at beside the loop that draws.
    /// Frames are cut short as soon as `is_pressed` says that a key waits.
    pub fn work_aside(&mut self, is_pressed: impl Fn() -> bool + 'static) {
        self.derived.work_aside();
        self.budget.heed(is_pressed);
    }

    /// True while the next frame would show no more than the last: all that is missing is looked at aside.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.derived.is_at_work() && !self.is_cut_short()
    }

    /// The time from one iteration of a run that plays to the next.
    #[must_use]
    pub fn beat(&self) -> Option<Duration> {
        self.playing?;
        Some(Duration::from_secs_f64(1.0 / self.speed()))
    }

    /// True if the next frame shows more of a run that has come to rest.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.is_cut_short() || self.derived.awaits()
    }

    fn is_cut_short(&self) -> bool {
        self.plots.is_behind() || self.budget.is_cut() || self.picture.is_behind()
    }

    /// Iterations a second of a run that plays.
    fn speed(&self) -> f64 {
        match self.session.front_end_value(SPEED.name) {
            Some(FrontEndValue::Number { value, .. }) => value,
            _ => 1.0,
        }
    }

    /// Begins to play, or stops.
    pub(super) fn toggle_play(&mut self, forward: bool) {
        self.playing = match self.playing {
            Some(_) => None,
            None => Some(Playing { forward }),
        };
        if self.playing.is_some() {
            let speed = short(self.speed());
            let text = format!("playing, {speed} iterations a second: any key pauses");
            self.message = Message::Said(text);
        }
    }

    /// Stops playing, as any key does; false where nothing played.
    pub(super) fn stop_playing(&mut self) -> bool {
        if self.playing.take().is_none() {
            return false;
        }
        self.message = Message::Hints;
        true
    }

    /// The next iteration of a run that plays.
    #[must_use]
    pub fn play_on(&mut self) -> AfterKey {
        match self.playing {
            None => AfterKey::Nothing,
            Some(Playing { forward: false }) if self.session.position().t == 0 => {
                self.stop_playing();
                AfterKey::Nothing
            }
            Some(_) if self.session.lanes().all_halted() && self.plays_forward() => {
                self.stop_playing();
                AfterKey::Nothing
            }
            Some(Playing { forward: true }) => AfterKey::Execute(Command::Step(Times(1)).into()),
            Some(Playing { forward: false }) => AfterKey::Execute(Command::Back(Times(1)).into()),
        }
    }

    fn plays_forward(&self) -> bool {
        self.playing.is_some_and(|playing| playing.forward)
    }

    /// Makes the setting that was set last somewhat larger or smaller here, and runs what had been run before again.
    pub(super) fn nudge(&mut self, up: bool, control: &mut Control) -> Result<()> {
        let lane = &self.session.lanes().focused().lane;
        let here = self.session.position();
        let frontier = self.session.lanes().frontier();
        let last = lane
            .edits()
            .iter()
            .rev()
            .find_map(|edit| match edit.change {
                Change::Setting { setting, .. } => Some((setting, edit.position)),
                Change::State { .. } => None,
            });
        let at = last.map_or(0, |(setting, _)| setting);
        let Some(setting) = lane.compiled().settings.get(at) else {
            self.message = Message::Said("this run has no settings to nudge".into());
            return Ok(());
        };
        let name = setting.name.clone();
        let Some(value) = nudged(setting, lane.machine().setting(at), up) else {
            self.message = Message::Said(format!("{name} is at the end of its domain"));
            return Ok(());
        };
        // A nudge of what was set here takes its place; without that each would fork another lane.
        let newest = self.session.lanes().focused().lane.edits().last();
        let again = newest.is_some_and(|edit| {
            edit.position == here
                && matches!(edit.change, Change::Setting { setting, .. } if setting == at)
        });
        if again {
            self.take_back(control)?;
        }
        let set = Assignment::new(name.as_str(), format!("{value:?}"));
        self.perform(&Command::Set(set).into(), control)?;
        if frontier > here.t {
            for (t, line) in [(frontier, 0), (here.t, here.line)] {
                let line = Located::from(line as u64);
                self.perform(&Command::Goto(TimePoint { t, line }).into(), control)?;
            }
        }
        self.message = Message::Said(format!("{name} = {}", short(value)));
        Ok(())
    }
}

impl App {
    /// Undoes the last edit, and leaves a lane that is its parent again without it.
    fn take_back(&mut self, control: &mut Control) -> Result<()> {
        let undone = self.session.apply(&Command::Undo, control)?;
        let Answer::Undone(undone) = undone else {
            return Ok(());
        };
        if let Some(parent) = undone.same_as {
            let focus = LaneCommand::Focus(parent.as_str().into());
            self.perform(&Command::Lane(focus).into(), control)?;
            let drop = Command::Drop(undone.lane.as_str().into());
            self.perform(&drop.into(), control)?;
        }
        Ok(())
    }
}

/// A value somewhat above or below, to three digits; decays near 1 move by their distance from it.
fn nudged(setting: &Setting, value: f64, up: bool) -> Option<f64> {
    if let Domain::Whole { .. } = setting.domain {
        // What counts goes on by a quarter as well, and by 1 at least.
        let by = libm::round(0.25 * value.abs()).max(1.0);
        let next = if up { value + by } else { value - by };
        return setting.domain.contains(next).then_some(next);
    }
    let is_share = setting.domain.contains(0.5) && !setting.domain.contains(1.5);
    let factor = if up { NUDGE } else { 1.0 / NUDGE };
    let next = if is_share && value >= 0.5 {
        1.0 - rounded((1.0 - value) / factor, 3)
    } else if value == 0.0 {
        if up { 0.01 } else { return None }
    } else {
        rounded(value * factor, 3)
    };
    // What is 1 - 0.08 in decimal is so in the text, too.
    let next = rounded(next, 12);
    (setting.domain.contains(next) && next != value).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nudge_keeps_to_the_domain_and_to_round_values() {
        let setting = |domain: &str| Setting {
            name: "a".into(),
            default: 0.5,
            domain: Domain::parse(domain).unwrap(),
            at: 0,
        };
        assert_eq!(nudged(&setting("(0, inf)"), 0.0198, true), Some(0.0248));
        assert_eq!(nudged(&setting("[0, 1)"), 0.9, true), Some(0.92));
        assert_eq!(nudged(&setting("[0, 1)"), 0.9, false), Some(0.875));
        assert_eq!(nudged(&setting("{0, 1}"), 1.0, true), None);
        assert_eq!(nudged(&setting("{1, 2, ...}"), 5.0, true), Some(6.0));
        assert_eq!(nudged(&setting("{1, 2, ...}"), 1.0, false), None);
    }
}
