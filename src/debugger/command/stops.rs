//! Commands that make and change stops and displays.

use super::{
    Arguments,
    arguments::{count, words},
};
use crate::{
    debugger::{
        answer::{Answer, DisplayValue, Ignored, Selection},
        control::Control,
        session::Session,
        stop::{Change, Edge, Stop, StopKind},
        watch::Wanted,
    },
    lang::{
        error::{Error, ErrorCode, Result},
        source::Span,
    },
};

pub(super) fn break_at(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    add_break(session, arguments, false)
}

pub(super) fn break_once(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    add_break(session, arguments, true)
}

/// What may follow an expression: `once`, `ignore N`.
struct Tail {
    once: bool,
    ignore: u64,
}

/// Splits `once` and `ignore N` off the end.
fn tail(arguments: &Arguments) -> Result<(Span, Tail)> {
    let mut span = arguments.span();
    let mut tail = Tail {
        once: false,
        ignore: 0,
    };
    loop {
        let words = words(arguments.line(), span);
        match &words[..] {
            [.., (_, _), (place, "once")] => {
                tail.once = true;
                span.end = place.start;
            }
            [.., (_, _), (place, "ignore"), (number, _)] => {
                tail.ignore = count(arguments.line(), *number)?;
                span.end = place.start;
            }
            _ => return Ok((span, tail)),
        }
    }
}

fn add(session: &mut Session, kind: StopKind, once: bool, ignore: u64) -> Answer {
    let id = session.new_id();
    let stop = Stop {
        id,
        kind,
        enabled: true,
        once,
        ignore,
        hits: 0,
    };
    let told = session.stop_report(&stop);
    session.stops.push(stop);
    Answer::Stop(told)
}

fn add_break(session: &mut Session, arguments: &Arguments, once: bool) -> Result<Answer> {
    arguments.some()?;
    let (span, tail) = tail(arguments)?;
    let once = once || tail.once;
    let words = words(arguments.line(), span);
    if let [(_, "line"), rest @ ..] = &words[..]
        && rest
            .first()
            .is_none_or(|(_, word)| word.starts_with(|c: char| c.is_ascii_digit()))
    {
        let [(number, _), condition @ ..] = rest else {
            return Err(arguments.usage("break before which line?"));
        };
        let condition = match condition {
            [] => None,
            [(_, "if"), (first, _), ..] => {
                let within = Span::new(first.start, span.end);
                Some(session.watch(arguments.line(), within, Wanted::Condition)?)
            }
            [(place, _), ..] => {
                return Err(arguments.error(*place, "expected `if` and a condition, or nothing"));
            }
        };
        let lines = session.lanes.focused().compiled().lines.len();
        let line = usize::try_from(count(arguments.line(), *number)?).unwrap_or(usize::MAX);
        if line == 0 || line > lines {
            let message = match lines {
                0 => "a recorded run has no lines".to_owned(),
                _ => format!("the step has lines 1 to {lines}"),
            };
            return Err(arguments.error(*number, message));
        }
        let kind = StopKind::Line {
            lane: session.lanes.focus,
            line,
            condition,
        };
        return Ok(add(session, kind, once, tail.ignore));
    }
    let watch = session.watch(arguments.line(), span, Wanted::Condition)?;
    Ok(add(
        session,
        StopKind::Break(Edge::new(watch)),
        once,
        tail.ignore,
    ))
}

pub(super) fn watch(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let (span, tail) = tail(arguments)?;
    let watch = session.watch(arguments.line(), span, Wanted::Any)?;
    Ok(add(
        session,
        StopKind::Watch(Change::new(watch)),
        tail.once,
        tail.ignore,
    ))
}

pub(super) fn trace(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let watch = session.watch(arguments.line(), arguments.span(), Wanted::Any)?;
    Ok(add(session, StopKind::Trace(watch), false, 0))
}

pub(super) fn display(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut watch = session.watch(arguments.line(), arguments.span(), Wanted::Any)?;
    let value = session.value(&mut watch);
    let id = session.new_id();
    let text = watch.text().to_owned();
    session.displays.push((id, watch));
    Ok(Answer::Display(DisplayValue { id, text, value }))
}

/// The numbers that the arguments name, all of them checked; `None` for `all`.
fn ids(session: &Session, arguments: &Arguments) -> Result<Option<Vec<u64>>> {
    arguments.some()?;
    let words = arguments.words();
    if let [(_, "all")] = words[..] {
        return Ok(None);
    }
    words
        .iter()
        .map(|(span, _)| {
            let id = count(arguments.line(), *span)?;
            let known = session.stops.iter().any(|stop| stop.id == id)
                || session.displays.iter().any(|(display, _)| *display == id);
            if known {
                return Ok(id);
            }
            Err(nothing_called(session, arguments, *span, id))
        })
        .collect::<Result<Vec<u64>>>()
        .map(Some)
}

pub(super) fn delete(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    let ids = ids(session, arguments)?;
    let named = |id: u64| ids.as_ref().is_none_or(|ids| ids.contains(&id));
    session.stops.retain(|stop| !named(stop.id));
    session.displays.retain(|(id, _)| !named(*id));
    Ok(Answer::Deleted(Selection { ids }))
}

fn switch(session: &mut Session, arguments: &Arguments, enabled: bool) -> Result<Answer> {
    let ids = ids(session, arguments)?;
    for (at, id) in ids.iter().flatten().enumerate() {
        if session.displays.iter().any(|(display, _)| display == id) {
            let span = arguments.words()[at].0;
            let message = format!("{id} is a display, and always shown");
            return Err(arguments
                .error(span, message)
                .help(format!("`delete {id}` removes it")));
        }
    }
    for stop in &mut session.stops {
        if ids.as_ref().is_none_or(|ids| ids.contains(&stop.id)) {
            stop.enabled = enabled;
        }
    }
    let selection = Selection { ids };
    Ok(if enabled {
        Answer::Enabled(selection)
    } else {
        Answer::Disabled(selection)
    })
}

pub(super) fn enable(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    switch(session, arguments, true)
}

pub(super) fn disable(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    switch(session, arguments, false)
}

pub(super) fn ignore(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    let words = arguments.words();
    let (id_span, times_span, hits_span) = match words[..] {
        [(id, _), (times, _)] => (id, times, None),
        [(id, _), (times, _), (_, "hits"), (hits, _)] => (id, times, Some(hits)),
        _ => return Err(arguments.usage("`ignore` needs a stop and a number of hits")),
    };
    let id = count(arguments.line(), id_span)?;
    let times = count(arguments.line(), times_span)?;
    let hits = hits_span.map(|span| count(arguments.line(), span));
    let hits = hits.transpose()?;
    if session.displays.iter().any(|(display, _)| *display == id) {
        let error = arguments.error(id_span, format!("{id} is a display, which has no hits"));
        return Err(error.help("`info stops` lists stops and displays"));
    }
    let Some(stop) = session.stops.iter_mut().find(|stop| stop.id == id) else {
        return Err(nothing_called(session, arguments, id_span, id));
    };
    stop.ignore = times;
    stop.hits = hits.unwrap_or(stop.hits);
    Ok(Answer::Ignored(Ignored { id, hits: times }))
}

/// What is wrong with a number that no stop or display has.
fn nothing_called(session: &Session, arguments: &Arguments, span: Span, id: u64) -> Error {
    let all: Vec<String> = (session.stops.iter().map(|stop| stop.id))
        .chain(session.displays.iter().map(|(id, _)| *id))
        .map(|id| id.to_string())
        .collect();
    let error = arguments.error(span, format!("there is no stop or display {id}"));
    let error = error.coded(ErrorCode::UnknownStop);
    if all.is_empty() {
        return error.help("there are none yet; make one with break, watch, trace or display");
    }
    error.help(format!("there are {}", all.join(", ")))
}
