//! Values that views need and that take some computing: the rule's `show` lines, alpha over the whole run,
//! and what theory says of it.

#[cfg(test)]
pub(super) mod tests;

use super::{
    aside::Aside,
    frame_budget::{FrameBudget, Moment},
    lane_theory::{LaneTheory, Stage, Wanted, convergence},
};
use crate::{
    analysis::stability::Growth,
    debugger::{
        Control, Session,
        answer::DisplayValue,
        stop::StopKind,
        watch::{ExpectedType, Quantity, Watch},
    },
    rule::Compiled,
    value::Value,
};
use std::sync::Arc;

/// Computed values, each with what it was computed for.
#[derive(Debug, Default)]
pub struct Derived {
    lane: Option<(usize, String)>,
    watches: Vec<(String, Watch)>,
    /// The watches at the elements that are shown, where they need no others, and those elements.
    shown: (Option<Vec<usize>>, Vec<Option<Watch>>),
    /// Watches of traces, by their stop, as far as they have come; with the changes that were made by then.
    traces: (usize, Vec<(u64, Watch)>),
    shows: Vec<DerivedRow>,
    /// The moment that all of them were evaluated for.
    known: Option<Moment>,
    sight: LaneTheory,
    /// The moment that it is of.
    sight_of: Option<Moment>,
    /// True where that was on the screen before, in a run that plays faster than theory comes.
    is_late: bool,
    /// That of the moment on the screen, as far as it is known.
    coming: (Option<Moment>, LaneTheory, Stage),
    /// True once theory has been asked for this frame: several panes tell of it.
    has_looked_ahead: bool,
    /// Looks at what takes long, where the loop that draws is not to wait for it.
    aside: Option<Aside>,
    /// True where this frame lacks what is looked at there.
    awaits: bool,
    /// What panes have asked for since that began, and what is known.
    wanted: Wanted,
    answered: Wanted,
    /// The transient growth of errors, where somebody asked for it.
    growth: Option<Growth>,
    /// The iteration at which each lane is expected to come down to the tolerance.
    reached: Vec<Option<u64>>,
}

/// Theory that takes more than this [work](NamedLane::theory_work) waits until the frame is drawn that a key asks for.
const SOON: usize = 1 << 15;

/// A `show` of the rule where the session is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DerivedRow {
    /// The label.
    pub label: String,
    /// One number, or those of the elements that are shown where there are such; all of them where they are summed up.
    /// None where its inputs are not all of one iteration, or not all computed yet.
    pub values: Vec<Option<f64>>,
    /// True for one number.
    pub is_scalar: bool,
    /// True for truth values, which are 1 and 0.
    pub is_truth: bool,
    /// True if it is that of the iteration before the one under way.
    pub is_stale: bool,
}

impl DerivedRow {
    /// The row with these numbers, of which `elements` are shown.
    fn with(self, values: Vec<f64>, elements: Option<&[usize]>) -> Self {
        let is_scalar = values.len() == 1;
        let values = match elements.filter(|_| !is_scalar) {
            Some(elements) => (elements.iter().map(|at| values.get(*at).copied())).collect(),
            None => values.into_iter().map(Some).collect(),
        };
        Self {
            values,
            is_scalar,
            ..self
        }
    }
}

/// The iteration that values belong to while one is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// That under way.
    Now,
    /// The one before.
    Before,
    /// Some of each.
    Mixed,
}

/// The iteration that the variables which `watch` reads belong to, after `done` lines of one.
fn age(watch: &Watch, compiled: &Compiled, done: usize) -> Age {
    if done == 0 {
        return Age::Now;
    }
    let mut age = None;
    for reading in watch.readings() {
        let own = match reading.quantity {
            Quantity::T => Age::Now,
            Quantity::Variable(variable) => {
                let mut lines = (0..compiled.lines.len())
                    .filter(|&line| compiled.lines[line].variable == variable);
                match (lines.next(), lines.next_back()) {
                    (None, _) => continue,
                    (Some(first), _) if first >= done => Age::Before,
                    (Some(first), last) if last.unwrap_or(first) < done => Age::Now,
                    _ => Age::Mixed,
                }
            }
            _ => continue,
        };
        if *age.get_or_insert(own) != own {
            return Age::Mixed;
        }
    }
    age.unwrap_or(Age::Now)
}

impl Derived {
    pub fn shows(&self) -> &[DerivedRow] {
        &self.shows
    }

    pub fn sight(&self) -> &LaneTheory {
        &self.sight
    }

    pub fn reached(&self, lane: usize) -> Option<u64> {
        self.reached.get(lane).copied().flatten()
    }

    /// Asks theory about the lane in focus, once a frame. What takes long is known some frames after the first; where the
    /// run `plays` on meanwhile, that of a moment before.
    pub fn look_ahead(&mut self, session: &mut Session, budget: &mut FrameBudget, plays: bool) {
        if std::mem::replace(&mut self.has_looked_ahead, true) {
            return;
        }
        let here = Some(budget.at());
        let is_quick = session.lanes().focused().theory_work() <= SOON;
        let is_answered = self.aside.is_none() || is_quick || self.answered.covers(self.wanted);
        if self.sight_of == here && is_answered {
            return;
        }
        if self.coming.0 != here {
            self.coming = (here, LaneTheory::default(), Stage::Outlook);
            let is_other = |it: &Moment| !it.is_near(budget.at());
            if !is_quick && self.sight_of.as_ref().is_none_or(is_other) {
                self.sight = LaneTheory::default();
            }
        }
        self.is_late &= plays;
        if !is_quick && budget.is_first() {
            if let Some(aside) = self.aside.as_ref().filter(|_| !plays) {
                aside.forget();
            }
            budget.cut();
            return;
        }
        if !is_quick && self.look_aside(session, budget, plays) {
            return;
        }
        let (_, coming, stage) = &mut self.coming;
        let has_ended = budget.spend(session, |session, control| {
            loop {
                let goal = session.tolerance();
                let next = coming.look(*stage, session.focused_mut(), goal, control);
                if control.has_ended() && !is_quick {
                    return true;
                }
                *stage = next;
                if next == Stage::Done || !is_quick {
                    return control.has_ended();
                }
            }
        });
        if *stage == Stage::Done {
            self.sight = std::mem::take(coming);
            // What was cut short is looked for again.
            self.sight_of = here.filter(|_| !has_ended);
            self.coming.0 = None;
        } else {
            budget.cut();
        }
    }

    /// Begins a frame: theory has not been asked for yet.
    pub fn begin_frame(&mut self) {
        (self.has_looked_ahead, self.awaits) = (false, false);
    }

    /// True where the active minimum of the lane in focus is looked at aside, and not known yet; else it is from now on.
    pub fn waits_for_minimum(&self, session: &Session) -> bool {
        let is_aside = self.is_aside(session);
        let focused = session.lanes().focused();
        if !is_aside {
            let _known = focused.reference();
        }
        is_aside && !focused.knows_reference()
    }

    /// True where the minimum near the start was not known yet: it is looked for aside from now on, if it was not.
    pub fn waits_for_home(&mut self, session: &Session) -> bool {
        let minima = session.lanes().focused().minima();
        let Some(aside) = self.aside.as_mut().filter(|_| !minima.knows_home()) else {
            return false;
        };
        aside.search(minima);
        // Where it has been found by now, the next frame knows.
        self.awaits = true;
        true
    }

    /// Lets what takes long be looked at beside the loop that draws, which asks again.
    pub fn work_aside(&mut self) {
        self.aside = Some(Aside::default());
    }

    /// True where the last frame lacks what is looked at aside.
    pub fn awaits(&self) -> bool {
        self.awaits
    }

    /// True while it is looked at.
    pub fn is_at_work(&self) -> bool {
        self.awaits && self.aside.as_ref().is_some_and(Aside::is_at_work)
    }

    /// Asks for theory aside; false where it is to be looked at here.
    fn look_aside(&mut self, session: &mut Session, budget: &mut FrameBudget, plays: bool) -> bool {
        let Some(aside) = &mut self.aside else {
            return false;
        };
        let asked = std::mem::take(&mut self.wanted);
        match aside.look((budget.at(), asked), plays, session) {
            Ok(None) => {
                self.wanted = asked;
                self.awaits = true;
            }
            Ok(Some((of, sight))) => {
                self.is_late = of.0 != budget.at();
                self.sight = sight.theory;
                (self.growth, self.reached) = (sight.growth, sight.reached);
                (self.sight_of, self.answered) = (Some(of.0), of.1);
                if self.is_late {
                    self.wanted = asked;
                    self.awaits = true;
                } else {
                    self.coming.0 = None;
                }
            }
            Err(()) => self.aside = None,
        }
        self.aside.is_some()
    }

    /// True while theory is that of another moment than the one on the screen.
    pub fn is_coming(&self) -> bool {
        self.coming.0.is_some()
    }

    /// The t that theory is of, where the run has played on since it was asked.
    pub fn late(&self) -> Option<u64> {
        let of = self.sight_of.filter(|_| self.is_late && self.is_coming());
        of.map(Moment::t)
    }

    /// True if there is some of the run of the lane in focus, be it of another moment.
    pub fn has_sight(&self) -> bool {
        self.sight != LaneTheory::default()
    }

    /// True where what panes ask for besides is looked at aside.
    fn is_aside(&self, session: &Session) -> bool {
        self.aside.is_some() && session.lanes().focused().theory_work() > SOON
    }

    /// Asks theory for the effective steps of the lane in focus.
    pub fn look_at_steps(&mut self, session: &mut Session) {
        self.wanted.steps = true;
        if !self.is_coming() && !self.is_aside(session) {
            self.sight.effective = session.focused_mut().effective_curvatures().ok();
        }
    }

    /// Asks theory how far errors grow before they shrink.
    pub fn look_at_growth(&mut self, session: &mut Session) {
        self.wanted.growth = true;
        if !self.is_coming() && !self.is_aside(session) {
            self.growth = session.focused_mut().growth().ok();
        }
    }

    pub fn growth(&self) -> Option<Growth> {
        self.growth
    }

    /// Asks theory when each lane comes down to the tolerance: as far as that is claimed and holds.
    pub fn look_for_convergence(&mut self, session: &mut Session, budget: &mut FrameBudget) {
        self.wanted.convergence = true;
        if self.is_coming() || self.is_aside(session) {
            return;
        }
        let goal = session.tolerance();
        budget.spend(session, |session, control| {
            self.reached = convergence(session.entries_mut(), goal, control);
        });
    }

    /// Evaluates the `show` lines of the rule in focus where the session is, at these elements; at all where they are
    /// summed up.
    pub fn shows_here(
        &mut self,
        session: &mut Session,
        elements: Option<&[usize]>,
        budget: &mut FrameBudget,
    ) {
        let focus = session.lanes().focus();
        let lane = Some((focus, session.lanes().focused().name.clone()));
        if lane != self.lane {
            self.lane = lane;
            let rule = session.lanes().focused().compiled().rule.clone();
            let names = session.lanes().names();
            self.watches = rule
                .shows
                .iter()
                .filter_map(|show| {
                    let watch =
                        Watch::of(&rule.source, show.expr.clone(), &names, ExpectedType::Any)
                            .ok()?;
                    Some((show.label.clone(), watch))
                })
                .collect();
            self.shown = (None, vec![None; self.watches.len()]);
            self.known = None;
        }
        if self.shown.0.as_deref() != elements {
            let restricted = (self.watches.iter()).map(|(_, watch)| watch.at_elements(elements?));
            self.shown = (elements.map(<[usize]>::to_vec), restricted.collect());
            self.known = None;
        }
        let compiled = Arc::clone(session.lanes().focused().compiled());
        let here = session.lanes().focused().lane.position();
        let known = budget.at();
        if self.known == Some(known) {
            return;
        }
        self.known = budget.spend(session, |session, control| {
            let watches = self.watches.iter_mut().zip(&mut self.shown.1);
            self.shows = watches
                .map(|((label, watch), restricted)| {
                    let age = age(watch, &compiled, here.line);
                    let is_stale = age == Age::Before;
                    // Before the first iteration nothing has been computed, and in it nothing is left of one before.
                    let known =
                        age != Age::Mixed && here.t + u64::from(here.line > 0 && !is_stale) > 0;
                    let row = DerivedRow {
                        label: label.clone(),
                        is_stale,
                        is_truth: watch.is_truth(),
                        ..DerivedRow::default()
                    };
                    // In the first iteration a number that is missing anywhere makes the row unknown.
                    let restricted = restricted.as_mut().filter(|_| here.t > 0);
                    let values = match restricted {
                        _ if !known => return row,
                        Some(watch) => {
                            let values = numbers(session.value(watch, control)).into_iter();
                            let values = values.map(Some).collect();
                            return DerivedRow { values, ..row };
                        }
                        None => numbers(session.value(watch, control)),
                    };
                    if here.t == 0 && values.iter().any(|value| value.is_nan()) {
                        return row;
                    }
                    row.with(values, elements)
                })
                .collect();
            let displays = session.display_values(control).into_iter();
            let traces = self.trace_values(session, control).into_iter();
            let docked = displays.map(|it| ("", it));
            let docked = docked.chain(traces.map(|it| ("trace ", it)));
            self.shows.extend(docked.map(|(kind, display)| {
                let more = match display {
                    DisplayValue { value: None, .. } => " ...",
                    DisplayValue {
                        unknown: Some(_), ..
                    } => ": unknown",
                    _ => "",
                };
                let row = DerivedRow {
                    label: format!("{}: {kind}{}{more}", display.id, display.text),
                    is_truth: matches!(display.value, Some(Value::Truth(_) | Value::Truths(_))),
                    ..DerivedRow::default()
                };
                let value = display.value.filter(|_| display.unknown.is_none());
                row.with(numbers(value), elements)
            }));
            (!control.has_ended()).then_some(known)
        });
    }
}

impl Derived {
    /// The values of all traces here. A watch that logs has to see each boundary in its turn, so that it is a copy which
    /// looks, and goes on at the next frame from where it has come to.
    fn trace_values(&mut self, session: &mut Session, control: &mut Control) -> Vec<DisplayValue> {
        let changes = session.changes().count();
        let (at, begun) = std::mem::take(&mut self.traces);
        let begun = if at == changes { begun } else { Vec::new() };
        let enabled = session.stops().iter().filter(|stop| stop.enabled);
        let traces = enabled.filter_map(|stop| match &stop.kind {
            StopKind::Trace(watch) => {
                let mut begun = begun.iter();
                let looking = begun.find(|(id, _)| *id == stop.id);
                Some((stop.id, looking.map_or(watch, |(_, watch)| watch).clone()))
            }
            _ => None,
        });
        let mut traces: Vec<(u64, Watch)> = traces.collect();
        let values = traces.iter_mut();
        let values = values.map(|(id, watch)| session.display_value(*id, watch, control));
        let values = values.collect();
        self.traces = (changes, traces);
        values
    }
}

/// The numbers of a value that a row has room for.
fn numbers(value: Option<Value>) -> Vec<f64> {
    match value {
        Some(Value::Scalar(value)) => vec![value],
        Some(Value::Vector(values)) => values,
        Some(truth @ (Value::Truth(_) | Value::Truths(_))) => truth.numbers(),
        Some(Value::Matrix(_)) | None => Vec::new(),
    }
}
