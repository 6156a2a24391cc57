//! A session: lanes, stops, displays and options, and a method for everything that can be done with them.

mod edit;
mod explain;
mod growth;
mod info;
mod inspect;
mod lanes;
mod motion;
mod options;
mod prediction;
mod stops;
mod succeed;
mod sweep;
mod target;

pub use explain::ExplainTarget;
pub(super) use options::OPTIONS;
pub use options::{FrontEndOption, FrontEndValue};

use super::{
    answer::{DisplayValue, Log, StopReason, Stopped},
    command::{Assignment, Command, LaneCommand, Phrase},
    control::Control,
    journal::{Journal, JournalMark},
    lane::Lane,
    lanes::{Lanes, NamedLane, PastLanes},
    machine::Position,
    rights::Rights,
    stop::{Stop, StopKind},
    tolerance::LossTolerance,
    watch::{ExpectedType, Watch},
};
use crate::{
    analysis::Minima,
    error::{Result, Source, Span},
    files::Written,
    lang::number::is_absent,
    loss::{Landscape, Noise},
    rule::{PlotSpec, Tensor},
    text::LazyText,
    value::Value,
};
use std::sync::Arc;

/// Everything that is debugged.
pub struct Session {
    pub(super) landscape: Landscape,
    pub(super) noise: Option<Noise>,
    pub(super) lanes: Lanes,
    pub(super) stops: Vec<Stop>,
    /// The expressions shown at every stop, by their numbers.
    pub(super) displays: Vec<(u64, Watch)>,
    /// Curves that were asked for, each plot with its number.
    pub(super) plots: Vec<(u64, PlotSpec)>,
    pub(super) options: SessionOptions,
    /// Options that mean something to the front end only.
    pub(super) front_end: Vec<FrontEndOption>,
    /// The commands of the front end that arrange what it shows.
    pub(super) arrangement: Vec<String>,
    /// The rights of the commands that come next.
    pub(super) rights: Rights,
    /// The files that it was saved in.
    pub(super) saved: Written,
    pub(super) journal: Journal,
    /// The scenario that it began with, as text that can be read again.
    pub(super) origin: LazyText,
    pub(super) next_id: u64,
    /// The command that an empty line repeats.
    pub(super) repeat: Option<Command>,
}

/// Everything that `set` changes besides the rules' settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SessionOptions {
    /// The loss above the minimum that counts as converged.
    pub tolerance: f64,
    /// Iterations that one command may run.
    pub max_run: u64,
    /// Entries of `trace` that the answer to a run holds, the newest ones: as many as somebody reads on a
    /// screen. Where they go to a file or a pipe it is to be more.
    pub most_logs: usize,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            tolerance: LossTolerance::ABOVE,
            max_run: 10_000,
            most_logs: 1000,
        }
    }
}

impl Session {
    /// A session at t = 0. `origin` is the scenario as text, for `save` and for journals.
    ///
    /// # Errors
    /// There is no lane.
    pub fn new(
        landscape: Landscape,
        noise: Option<Noise>,
        lanes: Vec<(String, Lane)>,
        origin: impl Into<LazyText>,
    ) -> Result<Self> {
        let minima = Arc::new(Minima::new(Arc::clone(&landscape.loss), &landscape.start));
        Self::near(&minima, landscape, noise, lanes, origin)
    }

    /// The same where the minima of the loss near the start have been looked for already, which may take long.
    ///
    /// # Errors
    /// There is no lane.
    pub fn near(
        minima: &Arc<Minima>,
        landscape: Landscape,
        noise: Option<Noise>,
        lanes: Vec<(String, Lane)>,
        origin: impl Into<LazyText>,
    ) -> Result<Self> {
        let entries = lanes
            .into_iter()
            .map(|(name, lane)| NamedLane::new(name, lane, Arc::clone(minima)))
            .collect();
        let mut session = Self {
            lanes: Lanes::new(entries, &landscape)?,
            landscape,
            noise,
            stops: Vec::new(),
            displays: Vec::new(),
            plots: Vec::new(),
            options: SessionOptions::default(),
            front_end: Vec::new(),
            arrangement: Vec::new(),
            rights: Rights::All,
            saved: Written::default(),
            journal: Journal::default(),
            origin: origin.into(),
            next_id: 1,
            repeat: None,
        };
        session.lanes.look_for_ends(&mut Control::default());
        Ok(session)
    }

    /// The same with names for parts of the parameters.
    #[must_use]
    pub fn with_tensors(mut self, tensors: &[Tensor]) -> Self {
        self.lanes.tensors = tensors.into();
        self
    }

    /// The same where tensors, each with the name of a lane, are stepped by the rule of that lane alone.
    #[must_use]
    pub fn with_owners(mut self, owners: Vec<Option<String>>) -> Self {
        self.lanes.owners = owners;
        self
    }

    /// The loss that all lanes are on.
    #[must_use]
    #[inline]
    pub fn landscape(&self) -> &Landscape {
        &self.landscape
    }

    /// True where `value`, the loss or a gradient's norm of `lane`, is no number for want of one: nobody has recorded it, or
    /// the loss is not known.
    #[must_use]
    pub fn is_unknown(&self, lane: &Lane, value: f64) -> bool {
        if lane.can_be_changed() {
            value.is_nan() && !self.landscape.loss.is_known()
        } else {
            is_absent(value)
        }
    }

    /// The noise on its gradients; none where they are exact.
    #[must_use]
    #[inline]
    pub fn noise(&self) -> Option<Noise> {
        self.noise
    }

    /// The lanes, at equal t.
    #[must_use]
    #[inline]
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// The boundary before `t`: that of the row before, where all lanes were recorded.
    pub fn boundary_before(&mut self, t: u64) -> Option<u64> {
        self.lanes.before(t, 1)
    }

    /// The lane in focus, to be asked for what it works out once: forecasts, variances, the active minimum.
    pub fn focused_mut(&mut self) -> &mut NamedLane {
        self.lanes.focused_mut()
    }

    /// Every lane, in the order of its number, to be asked likewise.
    pub fn entries_mut(&mut self) -> impl Iterator<Item = &mut NamedLane> {
        self.lanes.entries.iter_mut()
    }

    /// The points where runs pause, in the order in which they were made.
    #[must_use]
    pub fn stops(&self) -> &[Stop] {
        &self.stops
    }

    /// The options in force.
    #[must_use]
    #[inline]
    pub fn options(&self) -> &SessionOptions {
        &self.options
    }

    /// Holds up to `count` entries of `trace`, the newest ones, in the answer to a run.
    pub fn keep_logs(&mut self, count: usize) {
        self.options.most_logs = count;
    }

    /// Lets `continue` and `until` run for `iterations` before they give up.
    pub fn allow_runs_of(&mut self, iterations: u64) {
        self.options.max_run = iterations.max(1);
    }

    /// Takes all lanes to `target`, running on where it lies beyond what was run; no stop is looked at.
    ///
    /// False where `control` said no on the way: the lanes are at equal t then too.
    pub fn seek(&mut self, target: Position, control: &mut Control) -> bool {
        self.lanes.seek(target, |t| control.at(t))
    }

    /// Shows the past of all lanes to `look`, while they stay where they are; `control` may end its walks there.
    pub fn in_the_past<T>(
        &mut self,
        control: &mut Control,
        look: impl FnOnce(&mut PastLanes<'_, '_>) -> T,
    ) -> T {
        self.lanes.in_the_past(control, look)
    }

    /// Shows all lanes to `look` where they are; it is to go nowhere else.
    pub fn at_present<T>(
        &mut self,
        control: &mut Control,
        look: impl FnOnce(&mut PastLanes<'_, '_>) -> T,
    ) -> T {
        self.lanes.at_present(control, look)
    }

    /// The loss that counts as converged, above the active minimum.
    #[must_use]
    pub fn tolerance(&self) -> LossTolerance {
        LossTolerance {
            above: self.options.tolerance,
            floor: self.lanes.focused().reference().floor(),
        }
    }

    /// The same above the minimum as far as it is [known](NamedLane::latest_reference).
    #[must_use]
    pub fn latest_tolerance(&self) -> LossTolerance {
        LossTolerance {
            above: self.options.tolerance,
            floor: self.lanes.focused().latest_reference().floor(),
        }
    }

    /// Gives the commands that come next other rights; returns those that they had.
    pub fn set_rights(&mut self, rights: Rights) -> Rights {
        std::mem::replace(&mut self.rights, rights)
    }

    /// The place in time at which the session is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.lanes.position()
    }

    /// The commands that lead from the scenario to where the session is.
    #[must_use]
    pub fn commands(&self) -> Vec<Command> {
        let commands = self.commands_since(&mut JournalMark::default());
        commands.unwrap_or_default()
    }

    /// The commands that lead from where `told` leads to where the session is; `told` leads there, too, then. None where
    /// it is of another session.
    pub fn commands_since(&self, told: &mut JournalMark) -> Option<Vec<Command>> {
        self.journal
            .commands_since(told, self.position(), &self.stops)
    }

    /// True if lanes, stops, displays or edits have been made or changed since it was saved or opened.
    #[must_use]
    pub fn has_unsaved_changes(&self) -> bool {
        self.journal.unsaved().any(|command| match command {
            Command::Lane(LaneCommand::Focus(_)) => false,
            Command::Set(Assignment { name, .. }) => !self.is_option(name).unwrap_or(false),
            _ => true,
        })
    }

    /// Takes note that there is a file with all that has been changed so far.
    pub fn mark_saved(&mut self) {
        self.journal.mark_saved();
    }

    /// The commands that have changed it, in their order.
    pub fn changes(&self) -> impl Iterator<Item = &Command> {
        self.journal.changes()
    }

    /// The command that an empty line repeats, once there is one.
    #[must_use]
    pub fn repeated(&self) -> Option<&Command> {
        self.repeat.as_ref()
    }

    /// Takes note of a command that was given at `before` and has changed something.
    pub(super) fn changed(&mut self, before: Position, command: Command) {
        self.lanes.refresh_minima();
        let after = self.position();
        self.journal.add(command, before, after);
        self.journal.visit(after.t);
    }

    /// The scenario that the session began with, as text.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The curves that were asked for, by their numbers.
    #[must_use]
    pub fn plots(&self) -> &[(u64, PlotSpec)] {
        &self.plots
    }

    /// The expressions shown at every stop, by their numbers.
    #[must_use]
    pub fn displays(&self) -> &[(u64, Watch)] {
        &self.displays
    }

    /// The value of a watch here; none where `control` ended a long look into the past.
    pub fn value(&mut self, watch: &mut Watch, control: &mut Control) -> Option<Value> {
        let here = self.position();
        let t = here.t + u64::from(here.line > 0);
        let settled =
            !watch.looks_back() || (self.lanes).in_the_past(control, |past| watch.settle(past, t));
        if !settled {
            return None;
        }
        if here.line == 0 {
            watch.arrive(&mut self.lanes, here.t);
        }
        watch.evaluate(&mut self.lanes);
        self.lanes.refresh_minima();
        Some(watch.value())
    }

    /// Compiles an expression for the lanes as they are.
    pub(super) fn compile(&self, phrase: &Phrase, wanted: ExpectedType) -> Result<Watch> {
        self.watch(phrase.source(), phrase.span(), wanted)
    }

    /// Compiles the part `within` of `source` for the lanes as they are.
    ///
    /// # Errors
    /// As [`Watch::new`].
    pub fn watch(&self, source: &Arc<Source>, within: Span, wanted: ExpectedType) -> Result<Watch> {
        Watch::new(source, within, &self.lanes.names(), wanted)
    }

    /// The answer that a run or a jump gives here.
    pub(super) fn stopped(
        &mut self,
        why: StopReason,
        logs: Vec<Log>,
        logs_dropped: u64,
        control: &mut Control,
    ) -> Stopped {
        self.lanes.refresh_minima();
        let position = self.position();
        self.journal.visit(position.t);
        let ended = match why {
            StopReason::NothingRuns => {
                self.lanes.look_for_ends(control);
                self.lane_ends()
            }
            _ => Vec::new(),
        };
        Stopped {
            lane: self.lanes.focused().name.clone(),
            t: position.t,
            line: position.line,
            why,
            ended,
            logs,
            logs_dropped,
            displays: self.display_values(control),
        }
    }

    /// The value of the display `id` here, and the reason where it is unknown.
    pub fn display_value(
        &mut self,
        id: u64,
        watch: &mut Watch,
        control: &mut Control,
    ) -> DisplayValue {
        let value = self.value(watch, control);
        let unknown = value.is_some().then(|| watch.no_value(&mut self.lanes));
        DisplayValue {
            id,
            text: watch.text().to_owned(),
            value,
            unknown: unknown.flatten(),
        }
    }

    /// The values of all displays here; none of those whose long look into the past `control` ended.
    pub fn display_values(&mut self, control: &mut Control) -> Vec<DisplayValue> {
        let mut displays = std::mem::take(&mut self.displays);
        let values = displays
            .iter_mut()
            .map(|(id, watch)| self.display_value(*id, watch, control))
            .collect();
        self.displays = displays;
        values
    }

    /// After an edit: what watches have seen of the history may not be so any more.
    pub(super) fn forget_history(&mut self) {
        for stop in &mut self.stops {
            if let Some(watch) = stop.watch_mut() {
                watch.forget();
            }
        }
        for (_, watch) in &mut self.displays {
            watch.forget();
        }
    }

    /// The number of the stop on `line` (from 1) of the lane in focus, if there is one.
    #[must_use]
    pub fn break_on_line(&self, line: usize) -> Option<u64> {
        self.line_stop(line).map(|stop| stop.id)
    }

    /// The stop on `line` (from 1) of the lane in focus, if there is one.
    #[must_use]
    pub fn line_stop(&self, line: usize) -> Option<&Stop> {
        self.stops.iter().find(|stop| {
            matches!(stop.kind, StopKind::Line { lane, line: at, .. }
                if lane == self.lanes.focus && at == line)
        })
    }

    /// A number for a stop or a display.
    pub(super) fn new_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id - 1
    }
}
