//! `lane add`: a rule beside those that run.

use super::{check_name, check_room, free_name};
use crate::{
    debugger::{
        answer::{Added, Answer, Missing},
        command::{Arguments, arguments::words, edit::setting_value},
        control::Control,
        lane::Lane,
        lanes::Entry,
        machine::Position,
        session::Session,
    },
    lang::{error::Result, source::Span},
    rule,
};
use std::sync::Arc;

const USAGE: &str = "usage: lane add RULE [as NAME] [set NAME=EXPR, ...]";

/// `lane add RULE [as NAME] [set NAME=EXPR, ...]`
pub(super) fn add(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let words = arguments.words();
    let Some((rule_span, rule_name)) = words.get(1).copied() else {
        return Err(arguments.usage("add a lane of which rule?"));
    };
    check_room(session).map_err(|error| error.located(arguments.line(), rule_span))?;
    let loaded =
        rule::load(rule_name).map_err(|error| error.located(arguments.line(), rule_span))?;
    let compiled = Arc::new(loaded.compile(session.landscape.start.len())?);
    let mut rest = 2;
    let mut name = free_name(session, &loaded.name);
    if let Some((span, "as")) = words.get(rest).copied() {
        let Some((name_span, given)) = words.get(rest + 1).copied() else {
            return Err(arguments.error(span, "as what?").help(USAGE));
        };
        check_name(session, given).map_err(|error| error.located(arguments.line(), name_span))?;
        given.clone_into(&mut name);
        rest += 2;
    }
    let defaults = compiled.settings.iter().map(|setting| setting.default);
    let mut settings: Vec<f64> = defaults.collect();
    match words.get(rest).copied() {
        None => {}
        Some((span, "set")) => {
            let within = Span::new(span.end, arguments.span().end);
            for part in parts(arguments, within) {
                let (at, value) = setting(session, arguments, &compiled, part)?;
                settings[at] = value;
            }
        }
        Some((span, word)) => {
            let message = format!("expected `as` or `set`, found `{word}`");
            return Err(arguments.error(span, message).help(USAGE));
        }
    }
    let here = session.position();
    let (bound, stride) = (session.lanes.bound, session.lanes.stride());
    let lane = Lane::new(compiled, &session.landscape, session.noise, settings);
    let minima = Arc::clone(session.lanes.focused().minima());
    let mut entry = Entry::new(name.clone(), lane, minima);
    entry.set_tolerance(session.options.tolerance);
    entry.look_for_end(bound);
    // It takes part from where the others are.
    if !entry.run_to(here.t, bound, stride, &mut |t| control.at(t)) {
        return Ok(Answer::Interrupted(Missing::Lane(name)));
    }
    session.lanes.seek(Position::at(here.t), |_| true);
    session.lanes.entries.push(entry);
    session.lanes.focus = session.lanes.entries.len() - 1;
    Ok(Answer::Added(Added {
        lane: name,
        rule: loaded.name.clone(),
    }))
}

/// The parts of a list that commas outside of brackets separate.
fn parts(arguments: &Arguments, within: Span) -> Vec<Span> {
    let text = arguments.slice(within);
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, character) in text.char_indices() {
        match character {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(Span::new(within.start + start, within.start + at));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(Span::new(within.start + start, within.end));
    parts
}

/// Reads `NAME=EXPR`: which setting, and its value.
fn setting(
    session: &mut Session,
    arguments: &Arguments,
    compiled: &rule::Compiled,
    part: Span,
) -> Result<(usize, f64)> {
    let text = arguments.slice(part);
    let Some(equals) = text.find('=') else {
        return Err(arguments.error(part, "expected NAME=EXPR"));
    };
    let name = words(arguments.line(), Span::new(part.start, part.start + equals));
    let [(span, name)] = name[..] else {
        return Err(arguments.error(part, "expected NAME=EXPR"));
    };
    let Some(at) = compiled
        .settings
        .iter()
        .position(|setting| setting.name == name)
    else {
        let names = compiled.settings.iter().map(|setting| setting.name.clone());
        let error = arguments.error(span, format!("the rule has no setting `{name}`"));
        return Err(error.suggest(name, "settings", names));
    };
    let value_span = Span::new(part.start + equals + 1, part.end);
    let value = setting_value(session, arguments, &compiled.settings[at], value_span)?;
    Ok((at, value))
}
