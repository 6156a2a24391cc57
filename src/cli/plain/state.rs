//! The position of the session in a line.

use crate::{
    debugger::{Session, answer::Stopped, lanes::NamedLane},
    format::short,
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
        format!("{t}, {}: {}", entry.name, values(entry))
    } else {
        format!("{t}, {}", values(entry))
    }];
    for (at, other) in session.lanes().entries().iter().enumerate() {
        if at != session.lanes().focus() {
            let loss = short(other.lane.machine().loss());
            parts.push(format!("{}: loss = {loss}", other.name));
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

fn values(entry: &NamedLane) -> String {
    let machine = entry.lane.machine();
    let norm = machine.gradient_norm();
    let text = format!("loss = {}, |g| = {}", short(machine.loss()), short(norm));
    let w = machine.w();
    if w.len() > MOST_PARAMETERS {
        return text;
    }
    let w: Vec<String> = w.iter().map(|value| short(*value)).collect();
    format!("{text}, w = [{}]", w.join(", "))
}

fn lines(count: usize) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}
