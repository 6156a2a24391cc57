//! Lanes of a session: fork, focus, add, drop.

use super::Session;
use crate::{
    debugger::{
        answer::{Added, Dropped, Focused, Forked},
        command::{Assignment, Command, LaneCommand, Name, NewLane, Phrase},
        control::{Control, interrupted},
        lane::Lane,
        lanes::{MOST_LANES, NamedLane, check_name, free_name},
        machine::Position,
        stop::StopKind,
    },
    error::{Error, ErrorCode, Result},
    rule::{self, Compiled},
};
use std::sync::Arc;

impl Session {
    /// Forks a new lane off the one in focus, here; it gets the focus.
    ///
    /// # Errors
    /// There is no room, the name cannot be given, the lane was recorded elsewhere, or `control` said no.
    pub fn fork(&mut self, name: Option<Name>, control: &mut Control) -> Result<Forked> {
        let before = self.position();
        let from = self.lanes.focused().name.clone();
        let lane = self.fork_lane(self.lanes.focus, name.as_ref(), None, control)?;
        self.changed(before, Command::Fork(name));
        let t = self.position().t;
        Ok(Forked { lane, from, t })
    }

    /// Forks lane `at` where the session is; the fork gets the focus. Under `rule`, where there is one: a rule that has
    /// done the same up to here.
    pub(super) fn fork_lane(
        &mut self,
        at: usize,
        name: Option<&Name>,
        rule: Option<&Arc<Compiled>>,
        control: &mut Control,
    ) -> Result<String> {
        self.check_room()?;
        let parent = &self.lanes.entries[at];
        if !parent.lane.can_be_changed() {
            let message = format!(
                "`{}` was recorded elsewhere: it cannot go on in another way",
                parent.name
            );
            return Err(Error::plain(ErrorCode::NotAllowed, message)
                .help("a lane with a rule can: `lane add adam`"));
        }
        let position = parent.lane.position();
        // `adam_2` forks into `adam_3`.
        let numbered = parent.name.rsplit_once('_');
        let base = match numbered {
            Some((base, number)) if number.parse::<u64>().is_ok() => base,
            _ => &parent.name,
        };
        let name = match name {
            Some(name) => self.new_name(name)?,
            None => free_name(base, |name| self.lanes.find(name).is_some()),
        };
        let mut go_on = |t| control.at(t);
        let (landscape, noise) = (&self.landscape, self.noise);
        let lane = match rule {
            None => (parent.lane).fork(landscape, noise, position, &mut go_on)?,
            Some(rule) => {
                let mut lane = parent.lane.under(rule, landscape, noise, position)?;
                lane.seek(position, &mut go_on).then_some(lane)
            }
        };
        let lane = lane.ok_or_else(interrupted)?;
        let entry = parent.forked(name.clone(), lane);
        // Only the lane in focus may stand between lines: a fork of another one begins on the boundary.
        let mut here = self.lanes.position();
        if at != self.lanes.focus {
            here.line = 0;
        }
        self.lanes.entries.push(entry);
        self.lanes.focus = self.lanes.entries.len() - 1;
        self.lanes.return_to(here);
        Ok(name)
    }

    fn check_room(&self) -> Result<()> {
        if self.lanes.entries.len() < MOST_LANES {
            return Ok(());
        }
        let message = format!("there are {MOST_LANES} lanes already; drop one first");
        Err(Error::plain(ErrorCode::LimitReached, message).help("`drop NAME` removes a lane"))
    }

    /// A name that is given to a new lane.
    fn new_name(&self, name: &Name) -> Result<String> {
        let text = name.text();
        check_name(text).map_err(|error| error.located(name.source(), name.span()))?;
        if self.lanes.find(text).is_some() {
            let error = name.error(format!("the name `{text}` is taken"));
            return Err(error
                .coded(ErrorCode::NameTaken)
                .help("`info lanes` lists those that are"));
        }
        Ok(text.to_owned())
    }

    /// Switches to a lane. A position between lines belongs to one lane only, so the session falls back to
    /// the boundary before it.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn focus(&mut self, name: impl Into<Name>) -> Result<Focused> {
        let name = name.into();
        let at = self.find_lane(&name)?;
        let before = self.position();
        self.lanes.return_to(Position::at(before.t));
        self.lanes.focus = at;
        let lane = name.text().to_owned();
        self.changed(before, Command::Lane(LaneCommand::Focus(name)));
        Ok(Focused { lane })
    }

    fn find_lane(&self, name: &Phrase) -> Result<usize> {
        self.lanes.find(name.text()).ok_or_else(|| {
            let names = self.lanes.entries.iter().map(|entry| &entry.name);
            let error = name.error(format!("there is no lane `{}`", name.text()));
            error.suggest(name.text(), "lanes", names)
        })
    }

    /// Adds a lane that takes part from where the others are, and gets the focus; none where `control`
    /// said no on the way there. It computes in the precision of the lane that has had the focus.
    ///
    /// # Errors
    /// There is no room, no such rule, no such setting, or the name cannot be given.
    pub fn add_lane(&mut self, new: &NewLane, control: &mut Control) -> Result<Option<Added>> {
        let room = self.check_room();
        room.map_err(|error| error.located(new.rule.source(), new.rule.span()))?;
        let loaded = rule::load(new.rule.text())
            .map_err(|error| error.located(new.rule.source(), new.rule.span()))?;
        let mut loaded = loaded.over(&self.lanes.tensors);
        for Assignment { name, value } in &new.set {
            if let Some(text) = self.followed(&loaded, name.text(), value, control)? {
                let followed = loaded.with_value(name.text(), &text);
                loaded = followed.map_err(|error| error.moved(value.source(), value.span()))?;
            }
        }
        let compiled = Arc::new(loaded.compile(self.landscape.start.len())?);
        let precision = self.lanes.focused().lane.machine().precision();
        let name = if let Some(name) = &new.name {
            self.new_name(name)?
        } else {
            let name = format!("{}{}", loaded.name, precision.suffix());
            free_name(&name, |name| self.lanes.find(name).is_some())
        };
        let defaults = compiled.settings.iter().map(|setting| setting.default);
        let mut settings: Vec<f64> = defaults.collect();
        let is_set = |it: &&Assignment| loaded.schedule(it.name.text()).is_none();
        for assignment in new.set.iter().filter(is_set) {
            let (at, value) = self.assigned(&compiled, assignment, control)?;
            settings[at] = value;
        }
        let before = self.position();
        let (bound, stride) = (self.lanes.bound, self.lanes.stride());
        let lane = Lane::new(compiled, &self.landscape, self.noise, settings);
        let lane = lane.in_precision(precision);
        let lane = lane.map_err(|error| error.located(new.rule.source(), new.rule.span()))?;
        let minima = Arc::clone(self.lanes.focused().minima());
        let mut entry = NamedLane::new(name.clone(), lane, minima);
        let mut go_on = |t| control.at(t);
        entry.set_tolerance(self.options.tolerance, &mut go_on);
        entry.look_for_end(bound, &mut go_on);
        entry.run_to(before.t, bound, stride, &mut go_on);
        if control.has_ended() {
            return Ok(None);
        }
        self.lanes.return_to(Position::at(before.t));
        self.lanes.entries.push(entry);
        self.lanes.focus = self.lanes.entries.len() - 1;
        self.changed(before, Command::Lane(LaneCommand::Add(from_anywhere(new))));
        let rule = loaded.name.clone();
        Ok(Some(Added { lane: name, rule }))
    }

    /// The setting of `compiled` that an assignment is about, and its value.
    fn assigned(
        &mut self,
        compiled: &rule::Compiled,
        assignment: &Assignment,
        control: &mut Control,
    ) -> Result<(usize, f64)> {
        let name = assignment.name.text();
        let mut settings = compiled.settings.iter();
        let Some(at) = settings.position(|setting| setting.name == name) else {
            let names = compiled.rule.declared().map(|it| it.name);
            let message = format!("the rule has no setting `{name}`");
            let error = assignment.name.error(message);
            return Err(error.suggest(name, "settings", names));
        };
        let value = self.setting_value(&compiled.settings[at], &assignment.value, control)?;
        Ok((at, value))
    }

    /// Removes a lane, and with it the stops and displays that read it.
    ///
    /// # Errors
    /// There is none of that name, or it is the last one.
    pub fn drop_lane(&mut self, name: impl Into<Name>) -> Result<Dropped> {
        let name = name.into();
        let gone = self.find_lane(&name)?;
        if self.lanes.entries.len() == 1 {
            let error = name.error("the last lane cannot be dropped");
            return Err(error
                .coded(ErrorCode::NotAllowed)
                .help("add another one first: `lane add RULE`"));
        }
        let before = self.position();
        self.lanes.return_to(Position::at(before.t));
        self.lanes.entries.remove(gone);
        let focus = self.lanes.focus;
        self.lanes.focus = if focus >= gone {
            focus.saturating_sub(1)
        } else {
            focus
        };
        let stops = self.forget_lane(gone);
        let lane = name.text().to_owned();
        self.changed(before, Command::Drop(name));
        Ok(Dropped { lane, stops })
    }

    /// Stops and displays know lanes by their numbers: those behind the lane that is gone move up by one,
    /// and what read that lane goes with it. Returns how many do.
    fn forget_lane(&mut self, gone: usize) -> usize {
        let renumber = |lane: usize| match lane {
            lane if lane == gone => None,
            lane if lane > gone => Some(lane - 1),
            lane => Some(lane),
        };
        let before = self.stops.len() + self.displays.len();
        self.stops.retain_mut(|stop| {
            if let StopKind::Line { lane, .. } = &mut stop.kind {
                match renumber(*lane) {
                    Some(new) => *lane = new,
                    None => return false,
                }
            }
            stop.watch_mut()
                .is_none_or(|watch| watch.renumber(&renumber))
        });
        self.displays
            .retain_mut(|(_, watch)| watch.renumber(&renumber));
        before - self.stops.len() - self.displays.len()
    }
}

/// The same lane, its rule's file named from the root.
fn from_anywhere(new: &NewLane) -> NewLane {
    let mut new = new.clone();
    let file = new.rule.text();
    if rule::is_file(file)
        && let Ok(whole) = std::path::absolute(file)
        && let Some(whole) = whole.to_str()
    {
        new.rule = whole.into();
    }
    new
}
