//! Where the session is, in a line.

use crate::debugger::{Session, answer::Stopped, explain::short, lanes::Entry};

/// Parameters that are written out; more of them would not fit a line.
const MOST_PARAMETERS: usize = 4;

/// t, the loss and w of the lane in focus, the losses of the others, and the line that is about to run.
pub(super) fn of(session: &Session) -> String {
    let position = session.position();
    let entry = session.lanes.focused();
    let several = session.lanes.entries.len() > 1;
    let mut text = format!("t = {}", position.t);
    if position.line > 0 {
        text += &format!(" and {} of the next", lines(position.line));
    }
    if several {
        text += &format!(", {}:", entry.name);
    } else {
        text.push(',');
    }
    text += &format!(" {}", values(entry));
    for (at, other) in session.lanes.entries.iter().enumerate() {
        if at != session.lanes.focus {
            let loss = short(other.lane.machine().loss());
            text += &format!("; {}: loss = {loss}", other.name);
        }
    }
    let compiled = entry.lane.machine().compiled();
    if position.line > 0
        && let Some(statement) = compiled.rule.step.get(position.line)
    {
        let source = compiled.rule.source.slice(statement.span);
        text += &format!("; next: {source}");
    }
    text
}

/// What a run or a jump has come to: its log and displays, why it stopped, and where.
pub(super) fn after(session: &Session, stopped: &Stopped) -> String {
    let mut text = String::new();
    if stopped.logs_dropped > 0 {
        text += &format!("trace: {} older entries not shown\n", stopped.logs_dropped);
    }
    for log in &stopped.logs {
        text += &format!(
            "trace {}: t = {}: {} = {}\n",
            log.id, log.t, log.text, log.value
        );
    }
    if stopped.why.is_event() {
        text += &format!("{}; ", stopped.why);
    }
    text += &of(session);
    for display in &stopped.displays {
        text += &format!("\n{}: {} = {}", display.id, display.text, display.value);
    }
    text
}

fn values(entry: &Entry) -> String {
    let machine = entry.lane.machine();
    let norm = machine.gradient().iter().map(|g| g * g).sum::<f64>().sqrt();
    let mut text = format!("loss = {}, |g| = {}", short(machine.loss()), short(norm));
    let w = machine.w();
    if w.len() <= MOST_PARAMETERS {
        let w: Vec<String> = w.iter().map(|value| short(*value)).collect();
        text += &format!(", w = [{}]", w.join(", "));
    }
    text
}

fn lines(count: usize) -> String {
    format!("{count} line{}", if count == 1 { "" } else { "s" })
}
