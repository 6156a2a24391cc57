//! Commands on lanes: fork, add, turn to, drop.

use super::{Arguments, arguments::words, edit::number};
use crate::{
    debugger::{
        answer::{Answer, Forked},
        control::Control,
        lane::Lane,
        lanes::{Entry, MOST_LANES},
        machine::Position,
        session::Session,
        stop::StopKind,
    },
    lang::{error::Result, source::Span, suggest},
    rule,
};
use std::sync::Arc;

/// A name like `adam` that no lane has yet: `adam_2` and so on where it is taken.
fn free_name(session: &Session, rule: &str) -> String {
    let base: String = rule
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let mut name = base.clone();
    let mut number = 2;
    while session.lanes.find(&name).is_some() {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

/// Checks that a name may be given to a new lane.
fn check_name(session: &Session, name: &str) -> std::result::Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit())
    {
        return Err(format!(
            "`{name}` cannot name a lane: use letters, digits and _"
        ));
    }
    if name == "add" || session.lanes.find(name).is_some() {
        return Err(format!("the name `{name}` is taken"));
    }
    Ok(())
}

fn check_room(session: &Session) -> std::result::Result<(), String> {
    if session.lanes.entries.len() < MOST_LANES {
        return Ok(());
    }
    Err(format!(
        "there are {MOST_LANES} lanes already; drop one first"
    ))
}

/// Forks lane `at` where the session is; the fork becomes the lane in focus.
pub(super) fn fork_lane(
    session: &mut Session,
    at: usize,
    name: Option<&str>,
) -> std::result::Result<String, String> {
    check_room(session)?;
    let parent = &session.lanes.entries[at];
    if !parent.lane.can_be_changed() {
        return Err(format!(
            "`{}` was recorded elsewhere: it cannot go on in another way",
            parent.name
        ));
    }
    let position = parent.lane.position();
    // `adam_2` forks into `adam_3`.
    let numbered = parent.name.rsplit_once('_');
    let base = match numbered {
        Some((base, number)) if number.parse::<u64>().is_ok() => base,
        _ => &parent.name,
    };
    let name = match name {
        Some(name) => {
            check_name(session, name)?;
            name.to_owned()
        }
        None => free_name(session, base),
    };
    let lane = parent
        .lane
        .fork(&session.landscape, session.noise, position);
    let mut entry = Entry::new(name.clone(), lane, Arc::clone(parent.minima()));
    entry.halt = parent.halt.clone().filter(|halt| halt.t <= position.t);
    // Only the lane in focus may stand between lines: a fork of another one begins on the boundary.
    let mut here = session.lanes.position();
    if at != session.lanes.focus {
        here.line = 0;
    }
    session.lanes.entries.push(entry);
    session.lanes.focus = session.lanes.entries.len() - 1;
    session.lanes.seek(here, |_| true);
    Ok(name)
}

pub(super) fn fork(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    let words = arguments.words();
    if let [_, (span, _), ..] = words[..] {
        return Err(arguments.error(span, "a fork has one name"));
    }
    let name = words.first().map(|(_, name)| *name);
    let parent = session.lanes.focused().name.clone();
    let name = fork_lane(session, session.lanes.focus, name)
        .map_err(|message| arguments.usage(message))?;
    let t = session.position().t;
    Ok(Answer::Forked(Forked {
        lane: name,
        from: parent,
        t,
    }))
}

pub(super) fn lane(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let words = arguments.words();
    match words[..] {
        [] => Ok(Answer::Lanes(super::info::lanes(session))),
        [(_, "add"), ..] => add(session, arguments, control),
        [(span, name)] => {
            let at = find(session, arguments, span, name)?;
            focus(session, at);
            Ok(Answer::Done(format!("lane `{name}` in focus")))
        }
        [_, (span, _), ..] => Err(arguments.error(span, "nothing may follow the lane's name")),
    }
}

/// Turns to lane `at`. A position between lines belongs to one lane only, so the session falls back to
/// the boundary before it.
fn focus(session: &mut Session, at: usize) {
    let here = session.lanes.position();
    session.lanes.seek(Position::at(here.t), |_| true);
    session.lanes.focus = at;
}

fn find(session: &Session, arguments: &Arguments, span: Span, name: &str) -> Result<usize> {
    session.lanes.find(name).ok_or_else(|| {
        let names: Vec<String> = session
            .lanes
            .entries
            .iter()
            .map(|entry| entry.name.clone())
            .collect();
        let error = arguments.error(span, format!("there is no lane `{name}`"));
        match suggest::help(name, "lanes", names) {
            Some(help) => error.help(help),
            None => error,
        }
    })
}

/// `lane add RULE [as NAME] [set NAME=EXPR, ...]`
fn add(session: &mut Session, arguments: &Arguments, control: &mut Control) -> Result<Answer> {
    let words = arguments.words();
    let Some((rule_span, rule_name)) = words.get(1).copied() else {
        return Err(arguments.usage("add a lane of which rule?"));
    };
    check_room(session).map_err(|message| arguments.error(rule_span, message))?;
    let loaded = rule::load(rule_name).map_err(|error| {
        if error.origin().is_some() {
            return error;
        }
        let placed = arguments.error(rule_span, error.message());
        match error.next_step() {
            Some(help) => placed.help(help),
            None => placed,
        }
    })?;
    let compiled = Arc::new(loaded.compile(session.landscape.start.len())?);
    let mut rest = 2;
    let mut name = free_name(session, &loaded.name);
    if let Some((span, "as")) = words.get(rest).copied() {
        let Some((name_span, given)) = words.get(rest + 1).copied() else {
            return Err(arguments.error(span, "as what?"));
        };
        check_name(session, given).map_err(|message| arguments.error(name_span, message))?;
        given.clone_into(&mut name);
        rest += 2;
    }
    let mut settings: Vec<f64> = compiled
        .settings
        .iter()
        .map(|setting| setting.default)
        .collect();
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
            return Err(arguments.error(span, format!("expected `as` or `set`, found `{word}`")));
        }
    }
    let here = session.position();
    let (bound, stride) = (session.lanes.bound, session.lanes.stride());
    let lane = Lane::new(compiled, &session.landscape, session.noise, settings);
    let minima = Arc::clone(session.lanes.focused().minima());
    let mut entry = Entry::new(name.clone(), lane, minima);
    entry.lane.set_tolerance(session.tolerance());
    entry.look_for_end(bound);
    // It takes part from where the others are.
    if !entry.run_to(here.t, bound, stride, &mut |t| control.at(t)) {
        return Ok(Answer::Text(format!(
            "interrupted; there is no lane `{name}`"
        )));
    }
    session.lanes.seek(Position::at(here.t), |_| true);
    session.lanes.entries.push(entry);
    session.lanes.focus = session.lanes.entries.len() - 1;
    Ok(Answer::Done(format!("lane `{name}` runs {}", loaded.name)))
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
    let value = number(session, arguments, value_span)?;
    let domain = &compiled.settings[at].domain;
    if !domain.contains(value) {
        return Err(arguments
            .error(
                value_span,
                format!("{value} lies outside the domain of `{name}`"),
            )
            .help(format!("`{name}` is in {domain}")));
    }
    Ok((at, value))
}

pub(super) fn drop_lane(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    let words = arguments.words();
    let [(span, name)] = words[..] else {
        return Err(arguments.usage("drop which lane?"));
    };
    let gone = find(session, arguments, span, name)?;
    if session.lanes.entries.len() == 1 {
        return Err(arguments.error(span, "the last lane cannot be dropped"));
    }
    let here = session.position();
    session.lanes.seek(Position::at(here.t), |_| true);
    session.lanes.entries.remove(gone);
    let focus = session.lanes.focus;
    session.lanes.focus = if focus >= gone {
        focus.saturating_sub(1)
    } else {
        focus
    };
    let renumber = |lane: usize| match lane {
        lane if lane == gone => None,
        lane if lane > gone => Some(lane - 1),
        lane => Some(lane),
    };
    let before = session.stops.len() + session.displays.len();
    session.stops.retain_mut(|stop| {
        if let StopKind::Line { lane, .. } = &mut stop.kind {
            match renumber(*lane) {
                Some(new) => *lane = new,
                None => return false,
            }
        }
        stop.watch_mut()
            .is_none_or(|watch| watch.renumber(&renumber))
    });
    session
        .displays
        .retain_mut(|(_, watch)| watch.renumber(&renumber));
    let lost = before - session.stops.len() - session.displays.len();
    let with = match lost {
        0 => String::new(),
        1 => ", and the stop or display that read it".to_owned(),
        lost => format!(", and the {lost} stops and displays that read it"),
    };
    Ok(Answer::Done(format!("dropped lane `{name}`{with}")))
}
