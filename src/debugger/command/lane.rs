//! Commands on lanes: fork, turn to, add, drop.

mod add;

use super::Arguments;
use crate::{
    debugger::{
        answer::{Answer, Dropped, Focused, Forked},
        control::Control,
        lanes::{Entry, MOST_LANES},
        machine::Position,
        session::Session,
        stop::StopKind,
    },
    lang::{
        error::{Error, ErrorCode, Result},
        source::Span,
    },
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
fn check_name(session: &Session, name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit())
    {
        let message = format!("`{name}` cannot name a lane: use letters, digits and _");
        return Err(Error::plain(message).coded(ErrorCode::InvalidValue));
    }
    if name == "add" || session.lanes.find(name).is_some() {
        let message = format!("the name `{name}` is taken");
        return Err(Error::plain(message).coded(ErrorCode::NameTaken));
    }
    Ok(())
}

fn check_room(session: &Session) -> Result<()> {
    if session.lanes.entries.len() < MOST_LANES {
        return Ok(());
    }
    let message = format!("there are {MOST_LANES} lanes already; drop one first");
    Err(Error::plain(message).coded(ErrorCode::LimitReached))
}

/// Forks lane `at` where the session is; the fork becomes the lane in focus.
pub(super) fn fork_lane(session: &mut Session, at: usize, name: Option<&str>) -> Result<String> {
    check_room(session)?;
    let parent = &session.lanes.entries[at];
    if !parent.lane.can_be_changed() {
        let message = format!(
            "`{}` was recorded elsewhere: it cannot go on in another way",
            parent.name
        );
        return Err(Error::plain(message).coded(ErrorCode::NotAllowed));
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
        return Err(arguments
            .error(span, "a fork has one name")
            .help("usage: fork [NAME]"));
    }
    let name = words.first().map(|(_, name)| *name);
    let parent = session.lanes.focused().name.clone();
    let name = fork_lane(session, session.lanes.focus, name)
        .map_err(|error| error.located(arguments.line(), arguments.whole()))?;
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
        [] => Ok(Answer::Lanes(session.lane_table())),
        [(_, "add"), ..] => add::add(session, arguments, control),
        [(span, name)] => {
            let at = find(session, arguments, span, name)?;
            focus(session, at);
            Ok(Answer::Focused(Focused {
                lane: name.to_owned(),
            }))
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
        let names = session.lanes.entries.iter().map(|entry| &entry.name);
        arguments
            .error(span, format!("there is no lane `{name}`"))
            .suggest(name, "lanes", names)
    })
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
        return Err(arguments
            .error(span, "the last lane cannot be dropped")
            .coded(ErrorCode::NotAllowed)
            .help("add another one first: `lane add RULE`"));
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
    Ok(Answer::Dropped(Dropped {
        lane: name.to_owned(),
        stops: forget(session, gone),
    }))
}

/// Stops and displays know lanes by their numbers: those behind the lane that is gone move up by one, and
/// what read that lane goes with it. How many do.
fn forget(session: &mut Session, gone: usize) -> usize {
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
    before - session.stops.len() - session.displays.len()
}

/// A line as a saved session has it, which may be opened from any folder.
pub(super) fn saved(arguments: &Arguments) -> String {
    let line = &arguments.line().text;
    if let [(_, "add"), (span, file), ..] = arguments.words()[..]
        && rule::is_file(file)
        && let Ok(whole) = std::path::absolute(file)
        // A blank would end the name of the file.
        && let Some(whole) = whole.to_str().filter(|it| !it.contains(char::is_whitespace))
    {
        let saved = format!("{}{whole}{}", &line[..span.start], &line[span.end..]);
        return saved.trim().to_owned();
    }
    line.trim().to_owned()
}
