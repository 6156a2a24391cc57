//! `sweep`: a map of how runs of the rule in focus end, over one or two of its settings.

use super::{Arguments, arguments::count, edit::number};
use crate::{
    debugger::{
        answer::{Answer, Missing},
        control::{Control, Progress},
        session::Session,
        sweep::{Axis, Measure, Plan, Range, STEPS},
    },
    lang::{
        error::{Error, Result},
        source::Span,
    },
};

/// Values of the first axis and of the second, unless a count is given: they fit a small terminal.
pub const COUNTS: [usize; 2] = [60, 15];

pub(super) fn sweep(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut axes: Vec<Axis> = Vec::new();
    let (mut steps, mut measure) = (STEPS, Measure::default());
    let mut words = arguments.words().into_iter();
    while let Some((span, word)) = words.next() {
        match word {
            "steps" => {
                let (value, _) = words
                    .next()
                    .ok_or_else(|| arguments.error(span, "how many steps?"))?;
                steps = count(arguments.line(), value)?;
                if steps == 0 {
                    return Err(arguments.error(value, "a run has one step at least"));
                }
            }
            "measure" => {
                let (value, name) = words
                    .next()
                    .ok_or_else(|| arguments.error(span, "measure iterations, rate or radius?"))?;
                measure = Measure::parse(name).ok_or_else(|| {
                    arguments.error(
                        value,
                        format!("`{name}` is none of iterations, rate, radius"),
                    )
                })?;
            }
            _ if axes.len() == 2 => {
                return Err(arguments.error(span, "a map has two axes at most"));
            }
            _ => axes.push(axis(session, arguments, span, COUNTS[axes.len()])?),
        }
    }
    if axes.is_empty() {
        return Err(arguments.usage("sweep over which setting?"));
    }
    let here = |error: Error| error.located(arguments.line(), arguments.span());
    let machine = session.lanes.focused().lane.machine();
    let plan = Plan {
        steps,
        measure,
        tolerance: session.tolerance(),
        ..Plan::new(machine, &session.landscape.name, axes).map_err(here)?
    };
    let mut go_on = |done, of| control.hear(Progress::Runs { done, of });
    let map = plan.run(&session.landscape, session.noise, &mut go_on);
    let map = map.map_err(here)?;
    Ok(match map {
        Some(map) => Answer::Swept(Box::new(map)),
        None => Answer::Interrupted(Missing::Map),
    })
}

fn axis(session: &mut Session, arguments: &Arguments, span: Span, count: usize) -> Result<Axis> {
    let line = arguments.line();
    let range = Range::parse(line, span)?;
    let low = number(session, arguments, range.low)?;
    let high = number(session, arguments, range.high)?;
    range.axis(line, session.lanes.focused().compiled(), (low, high), count)
}
