//! `set` and `undo`: edits of settings and variables.

use super::{
    Arguments,
    options::{self, OPTIONS},
};
use crate::{
    debugger::{
        answer::{Answer, exact},
        change::Change,
        control::Control,
        session::Session,
        watch::{Value, Wanted},
    },
    lang::{
        error::{Error, Result},
        graph::Extent,
        source::Span,
    },
    rule::{Compiled, VariableKind},
};
use std::sync::Arc;

pub(super) fn set(session: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    arguments.some()?;
    let (target, value) = split(arguments)?;
    let name = arguments.slice(target).to_owned();
    let (lane, element) = lane_of(session, arguments, target)?;
    let entry = &session.lanes.entries[lane];
    let compiled = Arc::clone(entry.compiled());
    let variable = name.split('[').next().unwrap_or("");
    if !entry.lane.can_be_changed() && compiled.variable(variable).is_some() {
        return Err(arguments
            .error(
                target,
                format!(
                    "`{}` was recorded elsewhere and cannot be changed",
                    entry.name
                ),
            )
            .help("a lane with a rule can: `lane add adam`"));
    }
    let own = compiled.setting(&name).is_some() || compiled.variable(&name).is_some();
    if !own && options::find(&name).is_some() {
        return options::set(session, arguments, &name, value);
    }
    if entry.lane.position().line > 0 {
        return Err(arguments
            .error(target, "within an iteration nothing can be set")
            .help("finish it with `step`, or go back to its start with `back`"));
    }
    let change = change(session, arguments, &compiled, element, value)?;
    Ok(Answer::Done(apply(session, arguments, lane, change)?))
}

/// Splits `NAME = EXPR` or `NAME EXPR`.
fn split(arguments: &Arguments) -> Result<(Span, Span)> {
    let text = arguments.text();
    let span = arguments.span();
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.[],-".contains(c);
    let name_len = text.find(|c: char| !fits(c)).unwrap_or(text.len());
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

/// The lane that `lane.name` names, or the one in focus, and the rest of the name.
fn lane_of(session: &Session, arguments: &Arguments, target: Span) -> Result<(usize, Span)> {
    let text = arguments.slice(target);
    let Some(dot) = text.find('.') else {
        return Ok((session.lanes.focus, target));
    };
    let lane_span = Span::new(target.start, target.start + dot);
    if let Some(lane) = session.lanes.find(&text[..dot]) {
        return Ok((lane, Span::new(lane_span.end + 1, target.end)));
    }
    let names = session.lanes.entries.iter().map(|entry| &entry.name);
    Err(arguments
        .error(lane_span, format!("there is no lane `{}`", &text[..dot]))
        .suggest(&text[..dot], "lanes", names))
}

/// What `element = value` changes.
fn change(
    session: &mut Session,
    arguments: &Arguments,
    compiled: &Compiled,
    element: Span,
    value: Span,
) -> Result<Change> {
    let text = arguments.slice(element);
    let (name, index) = match text.split_once('[') {
        Some((name, rest)) => (name, Some(rest.trim_end_matches(']'))),
        None => (text, None),
    };
    let name_span = Span::new(element.start, element.start + name.len());
    if let Some(at) = compiled
        .settings
        .iter()
        .position(|setting| setting.name == name)
    {
        if index.is_some() {
            return Err(arguments.error(
                element,
                format!("`{name}` is one number and has no elements"),
            ));
        }
        let number = number(session, arguments, value)?;
        let domain = &compiled.settings[at].domain;
        if !domain.contains(number) {
            return Err(arguments
                .error(
                    value,
                    format!("{} lies outside the domain of `{name}`", exact(number)),
                )
                .help(format!("`{name}` is in {domain}")));
        }
        return Ok(Change::Setting {
            setting: at,
            value: number,
        });
    }
    let Some(at) = compiled
        .variables
        .iter()
        .position(|variable| variable.name == name)
    else {
        return Err(unknown(arguments, compiled, name, name_span));
    };
    let variable = &compiled.variables[at];
    if variable.kind == VariableKind::Temporary {
        return Err(arguments
            .error(
                name_span,
                format!("`{name}` is made anew in each iteration; to set it would change nothing"),
            )
            .help("set w, a state or a setting"));
    }
    let len = variable.extent.len();
    let is_scalar = variable.extent == Extent::Scalar;
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
    match (index, values.len()) {
        (Some(_), _) if is_scalar => Err(arguments.error(
            element,
            format!("`{name}` is one number and has no elements"),
        )),
        (Some(index), 1) => {
            let Some(from) = place(index, variable.extent) else {
                let message = format!("`{name}` is {}; indices run from 1", variable.extent);
                return Err(arguments.error(element, message));
            };
            Ok(Change::State {
                variable: at,
                from,
                values,
            })
        }
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
        (_, given) => Err(arguments.error(value, format!("{given} numbers do not fit `{text}`"))),
    }
}

/// Which element, from 0, `[I]` or `[I,J]` means.
fn place(index: &str, extent: Extent) -> Option<usize> {
    let index_below = |text: &str, len: usize| -> Option<usize> {
        let index: usize = text.trim().parse().ok()?;
        (1..=len).contains(&index).then(|| index - 1)
    };
    match (extent, index.split_once(',')) {
        (Extent::Vector(len), None) => index_below(index, len),
        (Extent::Matrix(rows, columns), Some((row, column))) => {
            Some(index_below(row, rows)? * columns + index_below(column, columns)?)
        }
        _ => None,
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
) -> Result<String> {
    let mut target = lane;
    let mut said = String::new();
    let entry = &session.lanes.entries[lane];
    if entry.lane.position().t < entry.frontier() || !entry.lane.is_newest() {
        let name = super::lane::fork_lane(session, lane, None)
            .map_err(|message| arguments.usage(message))?;
        said = format!("forked lane `{name}` from here; ");
        target = session.lanes.entries.len() - 1;
    }
    // A fork has the focus, and may have taken the session back to the boundary.
    let here = session.position();
    let entry = &mut session.lanes.entries[target];
    let t = entry.lane.position().t;
    said += &describe(&entry.lane, &change);
    entry.lane.edit(change);
    entry.halt.take_if(|halt| halt.t >= t);
    entry.look_for_end(session.lanes.bound);
    // A lane whose run had ended comes to where the others are.
    session.lanes.seek(here, |_| true);
    session.forget_history();
    Ok(format!("{said} at t = {t}"))
}

/// What a change does, in words.
fn describe(lane: &crate::debugger::lane::Lane, change: &Change) -> String {
    let compiled = lane.compiled();
    match change {
        Change::Setting { setting, value } => {
            let old = lane.machine().setting(*setting);
            format!(
                "{}: {} -> {}",
                compiled.settings[*setting].name,
                exact(old),
                exact(*value)
            )
        }
        Change::State {
            variable,
            from,
            values,
        } => {
            let variable = &compiled.variables[*variable];
            let old = &lane.machine().value(variable)[*from..*from + values.len()];
            let whole = values.len() == variable.extent.len();
            let place = if whole {
                String::new()
            } else {
                format!("[{}]", from + 1)
            };
            let show = |values: &[f64]| match values {
                [value] => exact(*value),
                values => Value::Vector(values.to_vec()).to_string(),
            };
            format!(
                "{}{place}: {} -> {}",
                variable.name,
                show(old),
                show(values)
            )
        }
    }
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
        return Err(arguments.usage(format!(
            "the lane `{}` has no edit to take back",
            entry.name
        )));
    };
    // The run after the edit is another one now: it may end elsewhere.
    entry.halt.take_if(|halt| halt.t >= edit.position.t);
    entry.look_for_end(bound);
    entry.run_to(reached, bound, stride, &mut |t| control.at(t));
    session.lanes.seek(here, &mut |t| control.at(t));
    session.forget_history();
    let compiled = session.lanes.focused().compiled();
    let name = match &edit.change {
        Change::Setting { setting, .. } => &compiled.settings[*setting].name,
        Change::State { variable, .. } => &compiled.variables[*variable].name,
    };
    Ok(Answer::Done(format!(
        "took back the edit of {name} at t = {}",
        edit.position.t
    )))
}
