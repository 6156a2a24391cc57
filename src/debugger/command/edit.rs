//! `set` and `undo`: edits of settings and variables.

use super::{
    Arguments,
    options::{self, OPTIONS},
    target::Target,
};
use crate::{
    debugger::{
        answer::{Answer, SetReport, Undone},
        change::Change,
        control::Control,
        lanes::Entry,
        session::Session,
        watch::Wanted,
    },
    format::exact,
    lang::{
        error::{Error, ErrorCode, Result},
        source::Span,
    },
    rule::{Compiled, Setting, VariableKind},
    value::Value,
};
use std::sync::Arc;

pub(super) fn set(session: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    arguments.some()?;
    let (span, value) = split(arguments)?;
    let target = Target::read(session, arguments, span)?;
    let entry = &session.lanes.entries[target.lane];
    let compiled = Arc::clone(entry.compiled());
    let name = arguments.slice(target.name).to_owned();
    if !entry.lane.can_be_changed() && compiled.variable(&name).is_some() {
        return Err(arguments
            .error(
                span,
                format!(
                    "`{}` was recorded elsewhere and cannot be changed",
                    entry.name
                ),
            )
            .coded(ErrorCode::NotAllowed)
            .help("a lane with a rule can: `lane add adam`"));
    }
    let own = compiled.setting(&name).is_some() || compiled.variable(&name).is_some();
    if !own && options::find(arguments.slice(span)).is_some() {
        return options::set(session, arguments, &name, value);
    }
    if entry.lane.position().line > 0 {
        return Err(arguments
            .error(span, "within an iteration nothing can be set")
            .coded(ErrorCode::NotAllowed)
            .help("finish it with `step`, or go back to its start with `back`"));
    }
    let change = change(session, arguments, &compiled, &target, value)?;
    apply(session, arguments, target.lane, change).map(Answer::Set)
}

/// Splits `NAME = EXPR` or `NAME EXPR`.
fn split(arguments: &Arguments) -> Result<(Span, Span)> {
    let text = arguments.text();
    let span = arguments.span();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let name_len = text.find(|c: char| !fits(c)).unwrap_or(text.len());
    // Blanks may stand within brackets.
    let brackets = match &text[name_len..] {
        rest if rest.starts_with('[') => match rest.find(']') {
            Some(end) => end + 1,
            None => rest.find('=').unwrap_or(rest.len()),
        },
        _ => 0,
    };
    let name_len = name_len + brackets;
    let name = Span::new(span.start, span.start + name_len);
    let rest = &text[name_len..];
    let gap = rest.len() - rest.trim_start().len();
    let equals = usize::from(rest.trim_start().starts_with('='));
    let value = Span::new(name.end + gap + equals, span.end);
    if name_len == 0 || arguments.slice(value).trim().is_empty() {
        return Err(arguments.usage("set what to which value?"));
    }
    Ok((name, value))
}

/// The value of an expression that is one number.
pub(super) fn number(session: &mut Session, arguments: &Arguments, value: Span) -> Result<f64> {
    let mut watch = session.watch(arguments.line(), value, Wanted::Any)?;
    match session.value(&mut watch) {
        Value::Scalar(number) => Ok(number),
        other => Err(arguments.error(value, format!("expected one number, found {other}"))),
    }
}

/// The value of an expression that `setting` may take.
pub(super) fn setting_value(
    session: &mut Session,
    arguments: &Arguments,
    setting: &Setting,
    value: Span,
) -> Result<f64> {
    let number = number(session, arguments, value)?;
    let (name, domain) = (&setting.name, &setting.domain);
    if domain.contains(number) {
        return Ok(number);
    }
    let message = format!("{} lies outside the domain of `{name}`", exact(number));
    Err(arguments
        .error(value, message)
        .help(format!("`{name}` is in {domain}")))
}

/// What `target = value` changes.
fn change(
    session: &mut Session,
    arguments: &Arguments,
    compiled: &Compiled,
    target: &Target,
    value: Span,
) -> Result<Change> {
    let name = arguments.slice(target.name);
    if let Some(at) = compiled
        .settings
        .iter()
        .position(|setting| setting.name == name)
    {
        if target.index.is_some() {
            return Err(arguments.error(
                target.own,
                format!("`{name}` is one number and has no elements"),
            ));
        }
        return Ok(Change::Setting {
            setting: at,
            value: setting_value(session, arguments, &compiled.settings[at], value)?,
        });
    }
    let Some(at) = compiled
        .variables
        .iter()
        .position(|variable| variable.name == name)
    else {
        let error = target.elsewhere(session, arguments, |own| format!("set {own}=..."));
        return Err(error.unwrap_or_else(|| unknown(arguments, compiled, name, target.name)));
    };
    state_change(session, arguments, compiled, target, (at, value))
}

/// What `target = value` changes where the target is variable `at` or an element of it.
fn state_change(
    session: &mut Session,
    arguments: &Arguments,
    compiled: &Compiled,
    target: &Target,
    (at, value): (usize, Span),
) -> Result<Change> {
    let name = arguments.slice(target.name);
    let variable = &compiled.variables[at];
    if variable.kind == VariableKind::Temporary {
        return Err(arguments
            .error(
                target.name,
                format!("`{name}` is made anew in each iteration; to set it would change nothing"),
            )
            .coded(ErrorCode::NotAllowed)
            .help("set w, a state or a setting"));
    }
    let len = variable.extent.len();
    let element = target.element(arguments, variable)?;
    let mut watch = session.watch(arguments.line(), value, Wanted::Any)?;
    let values = match session.value(&mut watch) {
        Value::Scalar(number) => vec![number],
        Value::Vector(numbers) => numbers,
        Value::Matrix(rows) => rows.concat(),
        other => return Err(arguments.error(value, format!("expected numbers, found {other}"))),
    };
    if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
        let message = format!("`{name}` cannot be {}", exact(*bad));
        return Err(arguments.error(value, message));
    }
    match (element, values.len()) {
        (Some(from), 1) => Ok(Change::State {
            variable: at,
            from,
            values,
        }),
        (None, 1) => Ok(Change::State {
            variable: at,
            from: 0,
            values: vec![values[0]; len],
        }),
        (None, given) if given == len => Ok(Change::State {
            variable: at,
            from: 0,
            values,
        }),
        (_, given) => {
            let text = arguments.slice(target.own);
            let message = format!("{given} numbers do not fit `{text}`");
            Err(arguments.error(value, message))
        }
    }
}

fn unknown(arguments: &Arguments, compiled: &Compiled, name: &str, span: Span) -> Error {
    let names: Vec<String> = (compiled.settings.iter().map(|setting| setting.name.clone()))
        .chain(
            (compiled.variables.iter())
                .filter(|variable| variable.kind != VariableKind::Temporary)
                .map(|variable| variable.name.clone()),
        )
        .chain(OPTIONS.iter().map(|(option, _)| (*option).to_owned()))
        .collect();
    let error = arguments.error(span, format!("nothing called `{name}` can be set"));
    error.suggest(name, "there are", names)
}

/// Makes the change here: in the lane if nothing lies beyond, else in a fork of it.
fn apply(
    session: &mut Session,
    arguments: &Arguments,
    lane: usize,
    change: Change,
) -> Result<SetReport> {
    let mut target = lane;
    let mut forked = None;
    let entry = &session.lanes.entries[lane];
    if entry.lane.position().t < entry.frontier() || !entry.lane.is_newest() {
        forked = Some(entry.name.clone());
        super::lane::fork_lane(session, lane, None)
            .map_err(|error| error.located(arguments.line(), arguments.whole()))?;
        target = session.lanes.entries.len() - 1;
    }
    // A fork has the focus, and may have taken the session back to the boundary.
    let here = session.position();
    let entry = &mut session.lanes.entries[target];
    let t = entry.lane.position().t;
    let edit = entry.lane.edit(change).clone();
    let (old, new) = edit.values(entry.compiled());
    let set = SetReport {
        lane: entry.name.clone(),
        name: edit.name(entry.compiled()),
        old,
        new,
        t,
        forked_from: forked,
    };
    entry.halt.take_if(|halt| halt.t >= t);
    entry.look_for_end(session.lanes.bound);
    // A lane whose run had ended comes to where the others are.
    session.lanes.seek(here, |_| true);
    session.forget_history();
    Ok(set)
}

/// An older lane that makes the same run: the parent of a fork whose edits have been taken back.
fn same_as(session: &Session, entry: &Entry) -> Option<String> {
    let lane = &entry.lane;
    let same = |other: &&Entry| {
        Arc::ptr_eq(other.compiled(), entry.compiled())
            && other.lane.initial_settings() == lane.initial_settings()
            && other.lane.edits() == lane.edits()
    };
    let older = &session.lanes.entries[..session.lanes.focus];
    let other = older.iter().find(same);
    other.map(|other| other.name.clone())
}

pub(super) fn undo(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    let here = session.position();
    let (bound, stride) = (session.lanes.bound, session.lanes.stride());
    let entry = session.lanes.focused_mut();
    let reached = entry.frontier();
    let Some(edit) = entry.lane.undo() else {
        let message = format!("the lane `{}` has no edit to take back", entry.name);
        return Err(arguments.usage(message).coded(ErrorCode::NotAvailable));
    };
    // The run after the edit is another one now: it may end elsewhere.
    entry.halt.take_if(|halt| halt.t >= edit.position.t);
    entry.look_for_end(bound);
    entry.run_to(reached, bound, stride, &mut |t| control.at(t));
    session.lanes.seek(here, &mut |t| control.at(t));
    session.forget_history();
    let entry = session.lanes.focused();
    Ok(Answer::Undone(Undone {
        lane: entry.name.clone(),
        name: edit.name(entry.compiled()),
        t: edit.position.t,
        same_as: same_as(session, entry),
    }))
}
