//! `set` and `undo`: edits of settings and variables.

use super::{
    Session, options,
    target::{Referent, elsewhere},
};
use crate::{
    debugger::{
        answer::{SetReport, Undone},
        change::Change,
        command::{Assignment, Command, Phrase},
        control::Control,
        lane::Lane,
        lanes::NamedLane,
        watch::ExpectedType,
    },
    error::{Error, ErrorCode, Result, Source, Span},
    format::exact,
    lang::{declaration::constant, synonym},
    loss::Loss,
    rule::{Compiled, Domain, Rule, Setting, VariableKind},
    value::Value,
};
use std::sync::Arc;

impl Session {
    /// True where `name` is one of the [options](super::SessionOptions), and of nothing that the lane in focus has.
    ///
    /// # Errors
    /// It names a lane that there is not.
    pub fn is_option(&self, name: &Phrase) -> Result<bool> {
        let target = Referent::read(self, name)?;
        let compiled = self.lanes.entries[target.lane].compiled();
        let own = target.name.text();
        let is_own = compiled.setting(own).is_some() || compiled.variable(own).is_some();
        let name = name.text();
        Ok(!is_own && (options::find(name).is_some() || self.front_end_value(name).is_some()))
    }

    /// Changes a setting, a variable or an element of one: in the lane if nothing lies beyond, else in a
    /// fork of it. The value is an expression.
    ///
    /// # Errors
    /// No such name, a value that it cannot have, a position between lines, a lane that was recorded.
    pub fn set(
        &mut self,
        name: impl Into<Phrase>,
        value: impl Into<Phrase>,
        control: &mut Control,
    ) -> Result<SetReport> {
        let assignment = Assignment::new(name, value);
        let target = Referent::read(self, &assignment.name)?;
        let entry = &self.lanes.entries[target.lane];
        let compiled = Arc::clone(entry.compiled());
        if !entry.lane.can_be_changed() && compiled.variable(target.name.text()).is_some() {
            let message = format!(
                "`{}` was recorded elsewhere and cannot be changed",
                entry.name
            );
            let error = assignment.name.error(message);
            return Err(error
                .coded(ErrorCode::NotAllowed)
                .help("a lane with a rule can: `lane add adam`"));
        }
        if entry.lane.position().line > 0 {
            let error = assignment
                .name
                .error("nothing can be set in the middle of an iteration");
            return Err(error
                .coded(ErrorCode::NotAllowed)
                .help("finish it with `step`, or go back to its start with `back`"));
        }
        let before = self.position();
        if let Some(set) = self.follow(&target, &assignment, control)? {
            self.changed(before, Command::Set(assignment));
            return Ok(set);
        }
        let change = self.change(&compiled, &target, &assignment.value, control)?;
        let set = self.make(target.lane, change, control)?;
        self.changed(before, Command::Set(assignment));
        Ok(set)
    }

    fn value_of(&mut self, value: &Phrase, control: &mut Control) -> Result<Value> {
        let mut watch = self.compile(value, ExpectedType::Any)?;
        let found = self.value(&mut watch, control);
        found.ok_or_else(|| {
            let error = value.error("interrupted while reading the past; nothing has changed");
            error.coded(ErrorCode::Interrupted)
        })
    }

    /// The value of an expression that is one number.
    pub(super) fn number(&mut self, value: &Phrase, control: &mut Control) -> Result<f64> {
        match self.value_of(value, control)? {
            Value::Scalar(number) => Ok(number),
            other => Err(value.error(format!("expected one number, found {other}"))),
        }
    }

    /// The value of an expression that `setting` may take.
    pub(super) fn setting_value(
        &mut self,
        setting: &Setting,
        value: &Phrase,
        control: &mut Control,
    ) -> Result<f64> {
        let number = self.number(value, control)?;
        check_domain(&setting.name, &setting.domain, number, value)?;
        Ok(number)
    }

    /// What `value` says of the setting `name` in the file of `rule`, where that is, or becomes, a schedule.
    pub(super) fn followed(
        &mut self,
        rule: &Rule,
        name: &str,
        value: &Phrase,
        control: &mut Control,
    ) -> Result<Option<String>> {
        if rule.declaration(name).is_none() {
            return Ok(None);
        }
        let source = value.source();
        let number = |part| self.number(&Phrase::at(source, part), control);
        let text = rule.as_schedule(name, source, value.span(), number)?;
        let schedule = rule.known_at_load().find(|it| it.name == name);
        if let (None, Some(schedule)) = (&text, schedule) {
            let number = self.number(value, control)?;
            check_domain(name, &schedule.domain, number, value)?;
            return Ok(Some(exact(number)));
        }
        Ok(text)
    }

    /// Lets a setting follow a schedule from here on, or a schedule another one, in a fork: its rule is a new one.
    fn follow(
        &mut self,
        target: &Referent,
        assignment: &Assignment,
        control: &mut Control,
    ) -> Result<Option<SetReport>> {
        let compiled = Arc::clone(self.lanes.entries[target.lane].compiled());
        let (rule, name) = (&compiled.rule, target.name.text());
        let Some(mut text) = self.followed(rule, name, &assignment.value, control)? else {
            return Ok(None);
        };
        if target.is_part() {
            let message = format!("`{name}` is one number and has no elements");
            return Err(target.own.error(message));
        }
        let lane = &self.lanes.entries[target.lane].lane;
        let t = lane.position().t;
        check_next(lane, name, &text, &assignment.value)?;
        if t > 0 {
            let settings = compiled.settings.iter().map(|it| it.name.as_str());
            let before = match settings.enumerate().find(|it| it.1 == name) {
                Some((at, _)) => lane.as_schedule(at, t),
                None => rule.schedule(name).unwrap_or_default().to_owned(),
            };
            text = format!("where(t > {t}, {text}, {before})");
        }
        let place = |error: Error| error.moved(assignment.value.source(), assignment.value.span());
        let followed = rule.with_value(name, &text).map_err(place)?;
        let followed = followed.compile(compiled.dimension()).map_err(place)?;
        let followed = Arc::new(followed);
        let old = next_value(lane, &*self.landscape.loss, name);
        let parent = self.lanes.entries[target.lane].name.clone();
        let fork = self.fork_lane(target.lane, None, Some(&followed), control)?;
        let here = self.position();
        let bound = self.lanes.bound;
        let entry = self.lanes.focused_mut();
        let new = next_value(&entry.lane, &*self.landscape.loss, name);
        entry.look_for_end(bound, &mut |t| control.at(t));
        self.lanes.seek(here, |t| control.at(t));
        self.forget_history();
        Ok(Some(SetReport {
            lane: fork,
            name: name.to_owned(),
            old,
            new,
            schedule: Some(text),
            t,
            forked_from: Some(parent),
            interrupted_at: control.has_ended().then(|| self.position().t),
        }))
    }

    /// The change that `target = value` makes.
    fn change(
        &mut self,
        compiled: &Compiled,
        target: &Referent,
        value: &Phrase,
        control: &mut Control,
    ) -> Result<Change> {
        let name = target.name.text();
        let mut settings = compiled.settings.iter();
        if let Some(at) = settings.position(|setting| setting.name == name) {
            if target.is_part() {
                let message = format!("`{name}` is one number and has no elements");
                return Err(target.own.error(message));
            }
            return Ok(Change::Setting {
                setting: at,
                value: self.setting_value(&compiled.settings[at], value, control)?,
            });
        }
        let mut variables = compiled.variables.iter();
        let Some(at) = variables.position(|variable| variable.name == name) else {
            let error = elsewhere(self, target, |own| format!("set {own}=..."));
            return Err(error.unwrap_or_else(|| unknown(self, compiled, &target.name)));
        };
        self.state_change(compiled, target, (at, value), control)
    }

    /// The change that `target = value` makes where the target is variable `at` or an element of it.
    fn state_change(
        &mut self,
        compiled: &Compiled,
        target: &Referent,
        (at, value): (usize, &Phrase),
        control: &mut Control,
    ) -> Result<Change> {
        let name = target.name.text();
        let variable = &compiled.variables[at];
        if variable.kind == VariableKind::Temporary {
            let message = format!(
                "`{name}` is computed anew in each iteration; setting it would change nothing"
            );
            return Err(target
                .name
                .error(message)
                .coded(ErrorCode::NotAllowed)
                .help("set w, a state or a setting"));
        }
        let elements = target.elements(variable)?;
        let given = self.value_of(value, control)?;
        if matches!(given, Value::Truth(_) | Value::Truths(_)) != variable.is_truth {
            let error = if variable.is_truth {
                let error = value.error(format!("expected a truth value, found {given}"));
                error.help(format!("as in: set {name}=true"))
            } else {
                value.error(format!("expected numbers, found {given}"))
            };
            return Err(error);
        }
        let values = given.numbers();
        if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
            return Err(value.error(format!("`{name}` cannot be {}", exact(*bad))));
        }
        let wanted = elements.unwrap_or(0..variable.extent.len());
        let (from, values) = match values.len() {
            1 => (wanted.start, vec![values[0]; wanted.len()]),
            given if given == wanted.len() => (wanted.start, values),
            given => {
                let message = format!("{given} numbers do not fit `{}`", target.own.text());
                return Err(value.error(message));
            }
        };
        Ok(Change::State {
            variable: at,
            from,
            values,
        })
    }

    /// Makes a change here: in the lane if nothing lies beyond, else in a fork of it.
    fn make(&mut self, lane: usize, change: Change, control: &mut Control) -> Result<SetReport> {
        let mut target = lane;
        let mut forked = None;
        let entry = &self.lanes.entries[lane];
        if entry.lane.position().t < entry.frontier() || !entry.lane.is_newest() {
            forked = Some(entry.name.clone());
            self.fork_lane(lane, None, None, control)?;
            target = self.lanes.entries.len() - 1;
        }
        // A fork has the focus, and may have taken the session back to the boundary.
        let here = self.position();
        let tensors = Arc::clone(&self.lanes.tensors);
        let entry = &mut self.lanes.entries[target];
        let t = entry.lane.position().t;
        let edit = entry.lane.edit(change).clone();
        let (old, new) = edit.values(entry.compiled());
        let mut set = SetReport {
            lane: entry.name.clone(),
            name: edit.name(entry.compiled(), &tensors),
            old,
            new,
            schedule: None,
            t,
            forked_from: forked,
            interrupted_at: None,
        };
        entry.halt.take_if(|halt| halt.t >= t);
        entry.look_for_end(self.lanes.bound, &mut |t| control.at(t));
        // A lane whose run had ended comes to where the others are.
        self.lanes.seek(here, |t| control.at(t));
        self.forget_history();
        set.interrupted_at = control.has_ended().then(|| self.position().t);
        Ok(set)
    }

    /// Undoes the last edit of the lane in focus, and runs on to where the lane had been.
    ///
    /// # Errors
    /// It has none.
    pub fn undo(&mut self, control: &mut Control) -> Result<Undone> {
        let here = self.position();
        let (bound, stride) = (self.lanes.bound, self.lanes.stride());
        let entry = self.lanes.focused_mut();
        let reached = entry.frontier();
        let Some(edit) = entry.lane.undo(&mut |t| control.at(t)) else {
            let message = format!("the lane `{}` has no edit to undo", entry.name);
            return Err(
                Error::plain(ErrorCode::NotAvailable, message).help("`set NAME=EXPR` makes one")
            );
        };
        // The run after the edit is another one now: it may end elsewhere.
        entry.halt.take_if(|halt| halt.t >= edit.position.t);
        let mut go_on = |t| control.at(t);
        entry.look_for_end(bound, &mut go_on);
        entry.run_to(reached, bound, stride, &mut go_on);
        self.lanes.seek(here, go_on);
        self.forget_history();
        let after = self.position();
        let tensors = Arc::clone(&self.lanes.tensors);
        self.changed(here, Command::Undo);
        let entry = self.lanes.focused();
        Ok(Undone {
            lane: entry.name.clone(),
            name: edit.name(entry.compiled(), &tensors),
            t: edit.position.t,
            same_as: same_as(self, entry),
            interrupted_at: control.has_ended().then_some(after.t),
        })
    }
}

fn check_domain(name: &str, domain: &Domain, number: f64, value: &Phrase) -> Result<()> {
    if domain.contains(number) {
        return Ok(());
    }
    let message = format!("{} lies outside the domain of `{name}`", exact(number));
    let error = value.error(message);
    Err(error.help(format!("`{name}` is in {domain}")))
}

/// Checks that the schedule `text` of `name` gives it a value of its domain in the lane's next iteration.
fn check_next(lane: &Lane, name: &str, text: &str, place: &Phrase) -> Result<()> {
    let (machine, rule) = (lane.machine(), &lane.compiled().rule);
    let params = rule.params.iter().enumerate();
    let params = params.map(|(at, it)| (it.name.as_str(), machine.setting(at)));
    let schedules = rule.known_at_load().map(|it| (it.name.as_str(), it.first));
    let mut known: Vec<(&str, f64)> = params.chain(schedules).collect();
    #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
    known.push(("t", (machine.position().t + 1) as f64));
    let source = Source::new("<schedule>", text);
    let number = constant(&source, Span::new(0, text.len()), &known, "a schedule");
    let number = number.map_err(|error| error.moved(place.source(), place.span()))?;
    let setting = rule.declaration(name);
    setting.map_or(Ok(()), |it| check_domain(name, it.domain, number, place))
}

/// The value that the setting or schedule `name` has in the next iteration of a lane.
fn next_value(lane: &Lane, loss: &dyn Loss, name: &str) -> Value {
    let compiled = lane.compiled();
    let mut settings = compiled.settings.iter();
    if let Some(at) = settings.position(|it| it.name == name) {
        return Value::Scalar(lane.machine().setting(at));
    }
    if let Some(fixed) = compiled.rule.fixed.iter().find(|it| it.name == name) {
        return Value::Scalar(fixed.first);
    }
    let mut machine = lane.machine().twin(loss);
    for _ in &compiled.rule.schedules {
        machine.line();
    }
    let variable = compiled.variable(name);
    Value::Scalar(variable.map_or(f64::NAN, |it| machine.value(it)[0]))
}

fn unknown(session: &Session, compiled: &Compiled, name: &Phrase) -> Error {
    let settings = compiled.settings.iter();
    let lasting = |variable: &&crate::rule::Variable| variable.kind != VariableKind::Temporary;
    let names: Vec<String> = settings
        .map(|setting| setting.name.clone())
        .chain(
            (compiled.variables.iter())
                .filter(lasting)
                .map(|variable| variable.name.clone()),
        )
        .chain(session.option_names().map(str::to_owned))
        .collect();
    let error = name.error(format!(
        "there is no setting, variable or option `{}`",
        name.text()
    ));
    let error = error.coded(ErrorCode::UnknownName);
    let meant = synonym::of_quantity(name.text(), &names);
    let error = error.suggest(name.text(), "there are", names);
    match meant {
        Some(help) => error.help(help),
        None => error,
    }
}

/// An older lane that makes the same run: the parent of a fork whose edits have been undone.
fn same_as(session: &Session, entry: &NamedLane) -> Option<String> {
    let lane = &entry.lane;
    let same = |other: &&NamedLane| {
        Arc::ptr_eq(other.compiled(), entry.compiled())
            && other.lane.initial_settings() == lane.initial_settings()
            && other.lane.edits() == lane.edits()
    };
    let older = &session.lanes.entries[..session.lanes.focus];
    let other = older.iter().find(same);
    other.map(|other| other.name.clone())
}
