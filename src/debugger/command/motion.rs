//! Commands that move through time.

use super::{Arguments, arguments::count};
use crate::{
    debugger::{
        answer::{Answer, Why},
        control::Control,
        machine::Position,
        run::Goal,
        session::Session,
        watch::Wanted,
    },
    lang::error::Result,
};

fn jump(session: &mut Session, target: Position, control: &mut Control) -> Answer {
    let arrived = session.lanes.seek(target, |t| control.at(t));
    let position = session.lanes.position();
    let why = if !arrived {
        Why::Interrupted
    } else if position < target {
        Why::Ended(session.lane_ends())
    } else {
        Why::Done
    };
    stay(session, why)
}

/// The answer where nothing is run, or no longer.
fn stay(session: &mut Session, why: Why) -> Answer {
    Answer::Stopped(session.stopped(why, Vec::new(), 0))
}

pub(super) fn step(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let times = arguments.times()?;
    Ok(Answer::Stopped(
        session.run(Goal::Iterations(times), control),
    ))
}

pub(super) fn back(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let times = arguments.times()?;
    let here = session.position();
    // Between the lines of an iteration, the boundary before it counts as one back.
    let whole = here.t + u64::from(here.line > 0);
    if whole == 0 && times > 0 {
        return Ok(stay(session, Why::Beginning));
    }
    Ok(jump(
        session,
        Position::at(whole.saturating_sub(times)),
        control,
    ))
}

pub(super) fn line(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let times = arguments.times()?;
    Ok(Answer::Stopped(session.run(Goal::Lines(times), control)))
}

pub(super) fn line_back(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let times = arguments.times()?;
    let here = session.position();
    let entry = session.lanes.focused();
    let per_iteration = entry.compiled().lines.len() as u64;
    if entry.lane.position().t < here.t || per_iteration == 0 {
        // The lane in focus has ended before, or was recorded: there are no lines to go back by.
        return back(session, arguments, control);
    }
    let done = here.t.saturating_mul(per_iteration) + here.line as u64;
    if done == 0 && times > 0 {
        return Ok(stay(session, Why::Beginning));
    }
    let target = done.saturating_sub(times);
    let position = Position {
        t: target / per_iteration,
        line: usize::try_from(target % per_iteration).unwrap_or(0),
    };
    Ok(jump(session, position, control))
}

pub(super) fn go_on(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    Ok(Answer::Stopped(session.run(Goal::Continue, control)))
}

pub(super) fn go_back(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    Ok(Answer::Stopped(session.run_back(control)))
}

pub(super) fn until(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let watch = session.watch(arguments.line(), arguments.span(), Wanted::Condition)?;
    Ok(Answer::Stopped(
        session.run(Goal::Until(Box::new(watch)), control),
    ))
}

pub(super) fn goto(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    let words = arguments.words();
    let t = match words.first() {
        Some((span, _)) => count(arguments.line(), *span)?,
        None => arguments
            .times_before()
            .ok_or_else(|| arguments.usage("goto which iteration?"))?,
    };
    let line = match words.get(1) {
        Some((span, _)) => {
            let lines = session.lanes.focused().compiled().lines.len();
            let line = usize::try_from(count(arguments.line(), *span)?).unwrap_or(usize::MAX);
            if lines == 0 {
                return Err(arguments
                    .error(*span, "a recorded run has no lines")
                    .help("goto T"));
            }
            if line >= lines {
                return Err(arguments.error(
                    *span,
                    format!(
                        "an iteration has {lines} lines; 0 to {} of them can be done",
                        lines - 1
                    ),
                ));
            }
            line
        }
        None => 0,
    };
    if let Some((span, _)) = words.get(2) {
        return Err(arguments.error(*span, "nothing may follow here"));
    }
    Ok(jump(session, Position { t, line }, control))
}

pub(super) fn first(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    Ok(jump(session, Position::default(), control))
}

pub(super) fn last(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    let newest = Position::at(session.lanes.frontier());
    Ok(jump(session, newest, control))
}

pub(super) fn restart(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    for stop in &mut session.stops {
        stop.hits = 0;
    }
    Ok(jump(session, Position::default(), control))
}
