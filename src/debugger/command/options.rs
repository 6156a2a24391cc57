//! What `set` changes besides settings and variables: the options of a session.

use super::{Arguments, edit};
use crate::{
    debugger::{
        answer::{Answer, OptionSet, OptionValue},
        machine::Position,
        session::Session,
    },
    lang::{error::Result, source::Span},
    value::Real,
};

/// The options, with a line on each.
pub(in crate::debugger) const OPTIONS: [(&str, &str); 4] = [
    (
        "tolerance",
        "how far above its minimum the loss counts as converged",
    ),
    (
        "max-run",
        "iterations that `continue` and `until` may run before they give up",
    ),
    (
        "bound",
        "a run here ends where some abs(w[i]) reaches this, a stop and no verdict; off: go on past it",
    ),
    ("mouse", "on or off: whether clicks are heeded"),
];

/// The option called `name`.
pub(super) fn find(name: &str) -> Option<&'static str> {
    let mut names = OPTIONS.iter().map(|(option, _)| *option);
    names.find(|option| *option == name)
}

/// Sets the option `name` to the value that stands at `value`.
pub(super) fn set(
    session: &mut Session,
    arguments: &Arguments,
    name: &str,
    value: Span,
) -> Result<Answer> {
    let value = match name {
        "mouse" => mouse(session, arguments, value)?,
        "tolerance" => tolerance(session, arguments, value)?,
        "bound" => bound(session, arguments, value)?,
        _ => max_run(session, arguments, value)?,
    };
    Ok(Answer::OptionSet(OptionSet {
        name: name.to_owned(),
        value,
    }))
}

fn mouse(session: &mut Session, arguments: &Arguments, value: Span) -> Result<OptionValue> {
    session.options.mouse = match arguments.slice(value).trim() {
        "on" => true,
        "off" => false,
        other => return Err(arguments.error(value, format!("`{other}` is neither on nor off"))),
    };
    Ok(OptionValue::Switch(session.options.mouse))
}

fn tolerance(session: &mut Session, arguments: &Arguments, value: Span) -> Result<OptionValue> {
    let number = edit::number(session, arguments, value)?;
    if !(number > 0.0 && number.is_finite()) {
        return Err(arguments.error(value, "a tolerance is a number above 0"));
    }
    session.options.tolerance = number;
    for entry in &mut session.lanes.entries {
        entry.set_tolerance(number);
    }
    Ok(OptionValue::Number(Real(number)))
}

fn max_run(session: &mut Session, arguments: &Arguments, value: Span) -> Result<OptionValue> {
    let number = edit::number(session, arguments, value)?;
    if !(number.fract() == 0.0 && (1.0..=1e12).contains(&number)) {
        return Err(arguments.error(value, "max-run is a whole number from 1 to 1e12"));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    {
        session.options.max_run = number as u64;
    }
    Ok(OptionValue::Count(session.options.max_run))
}

/// Moves the bound; where each run ends is looked for again from its beginning.
fn bound(session: &mut Session, arguments: &Arguments, value: Span) -> Result<OptionValue> {
    let bound = match arguments.slice(value).trim() {
        "off" => f64::INFINITY,
        _ => edit::number(session, arguments, value)?,
    };
    if bound.is_nan() || bound <= 0.0 {
        return Err(arguments.error(value, "a bound is a number above 0, or off"));
    }
    let here = session.position();
    session.lanes.bound = bound;
    for entry in &mut session.lanes.entries {
        let reached = entry.lane.timeline().frontier();
        entry.halt = None;
        entry.lane.seek(Position::default(), |_| true);
        entry.look_for_end(bound);
        entry.run_to(reached, bound, u64::MAX, &mut |_| true);
    }
    session.lanes.seek(here, |_| true);
    Ok(if bound.is_finite() {
        OptionValue::Number(Real(bound))
    } else {
        OptionValue::Off
    })
}
