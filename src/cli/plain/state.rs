//! The position of the session in a line.

use crate::{
    debugger::{Lane, Session, answer::Stopped, lanes::NamedLane},
    format::short,
    lang::number::is_absent,
};

/// Parameters that are written out; more of them would not fit a line.
const MOST_PARAMETERS: usize = 4;

/// t, the loss and w of the lane in focus, the losses of the others, and the line that is about to run.
pub(super) fn of(session: &Session) -> String {
    let position = session.position();
    let entry = session.lanes().focused();
    let t = match position.line {
        0 => format!("t = {}", position.t),
        done => format!("t = {}, {} done", position.t + 1, lines(done)),
    };
    let mut parts = vec![if session.lanes().entries().len() > 1 {
        format!("{t}, {}: {}", entry.name, values(session, entry))
    } else {
        format!("{t}, {}", values(session, entry))
    }];
    for (at, other) in session.lanes().entries().iter().enumerate() {
        if at != session.lanes().focus()
            && let Some(loss) = loss(session, &other.lane)
        {
            parts.push(format!("{}: {loss}", other.name));
        }
    }
    let compiled = entry.compiled();
    if position.line > 0
        && let Some(statement) = compiled.rule.step.get(position.line)
    {
        let source = compiled.rule.source.slice(statement.span);
        let words: Vec<&str> = source.split_whitespace().collect();
        parts.push(format!("next: {}", words.join(" ")));
    }
    parts.join("; ")
}

/// The outcome of a run or a jump: its log, why it stopped, where, and the displays.
pub(super) fn after(session: &Session, stopped: &Stopped) -> String {
    let mut text = Vec::new();
    if stopped.logs_dropped > 0 {
        text.push(format!(
            "trace: {} older entries not shown",
            stopped.logs_dropped
        ));
    }
    text.extend(stopped.logs.iter().map(|log| {
        format!(
            "trace {}: t = {}: {} = {}",
            log.id, log.t, log.text, log.value
        )
    }));
    text.push(if stopped.why.is_event() {
        format!("{}; {}", stopped.reason(), of(session))
    } else {
        of(session)
    });
    text.extend((stopped.displays.iter()).map(ToString::to_string));
    text.join("\n")
}

fn values(session: &Session, entry: &NamedLane) -> String {
    let machine = entry.lane.machine();
    let norm = known(session, &entry.lane, machine.gradient_norm());
    let mut parts: Vec<String> = loss(session, &entry.lane).into_iter().collect();
    parts.push(format!("|g| = {norm}"));
    let w = machine.w();
    if w.len() <= MOST_PARAMETERS && !w.iter().all(|it| is_absent(*it)) {
        let w: Vec<String> = w.iter().map(|value| short(*value)).collect();
        parts.push(format!("w = [{}]", w.join(", ")));
    }
    parts.join(", ")
}

/// The loss; none for a run that was recorded without one.
fn loss(session: &Session, lane: &Lane) -> Option<String> {
    let machine = lane.machine();
    let loss = || format!("loss = {}", known(session, lane, machine.loss()));
    machine.has_loss().then(loss)
}

/// A number, which may be known here or not.
fn known(session: &Session, lane: &Lane, value: f64) -> String {
    if session.is_unknown(lane, value) {
        "unknown".to_owned()
    } else {
        short(value)
    }
}

fn lines(count: usize) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}
