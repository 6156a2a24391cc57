//! `info`: what there is to know of a session, topic by topic.

use super::Arguments;
use crate::{
    debugger::{
        answer::{Answer, exact},
        control::Control,
        explain::{element_name, short},
        session::Session,
        stop::{Stop, StopKind},
        watch::{Value, Watch},
    },
    lang::error::Result,
    rule::VariableKind,
};
use std::fmt::Write;

/// What `info` tells of.
pub(super) const TOPICS: [(&str, &str); 9] = [
    ("stops", "stops and displays, with their hits"),
    ("lanes", "the lanes side by side"),
    ("settings", "the settings of the rule and their domains"),
    ("variables", "all variables and their values"),
    ("edits", "what was set by hand, and when"),
    ("loss", "the loss, the minimum in force, the spectrum"),
    ("rule", "the rule's title, its sources and its lines"),
    (
        "prediction",
        "what theory says: alpha, regimes, the edge, when the loss is reached",
    ),
    ("options", "what set changes besides settings"),
];

pub(super) fn info(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    let word = arguments.text();
    let found: Vec<&str> = TOPICS
        .iter()
        .map(|(topic, _)| *topic)
        .filter(|topic| topic.starts_with(word))
        .collect();
    let text = match found[..] {
        ["stops"] => stops(session),
        ["lanes"] => lanes(session),
        ["settings"] => settings(session),
        ["variables"] => variables(session),
        ["edits"] => edits(session),
        ["loss"] => loss(session),
        ["rule"] => rule(session),
        ["prediction"] => super::prediction::tell(session),
        ["options"] => super::options::list(session),
        _ if word.is_empty() => {
            let rows: Vec<String> = TOPICS
                .iter()
                .map(|(topic, doc)| format!("info {topic:<11} {doc}"))
                .collect();
            rows.join("\n")
        }
        _ => {
            let topics = TOPICS.iter().map(|(topic, _)| *topic);
            return Err(arguments
                .error(arguments.span(), format!("info knows nothing of `{word}`"))
                .suggest(word, "topics", topics));
        }
    };
    Ok(Answer::Text(text))
}

fn stops(session: &mut Session) -> String {
    let mut text = String::new();
    for stop in &session.stops {
        let state = if stop.enabled { "" } else { "  (disabled)" };
        let ignore = match stop.ignore {
            0 => String::new(),
            count => format!("  (passes over {count} more)"),
        };
        let hits = if stop.hits == 1 { "hit" } else { "hits" };
        let _ = writeln!(
            text,
            "{:>3}  {}{}  {} {hits}{state}{ignore}",
            stop.id,
            stop.command(),
            home(session, stop),
            stop.hits
        );
    }
    for display in session.display_values() {
        let _ = writeln!(
            text,
            "{:>3}  display {} = {}",
            display.id, display.text, display.value
        );
    }
    if text.is_empty() {
        text = "no stops yet; make one with break, watch, trace or display".into();
    }
    text.trim_end().to_owned()
}

/// Which lane a stop is about, where there are several.
fn home(session: &Session, stop: &Stop) -> String {
    let entries = &session.lanes.entries;
    let home = match stop.kind {
        StopKind::Line { lane, .. } => Some(lane),
        _ => stop.watch().and_then(Watch::home),
    };
    let Some(entry) = home
        .and_then(|home| entries.get(home))
        .filter(|_| entries.len() > 1)
    else {
        return String::new();
    };
    let is_line = matches!(stop.kind, StopKind::Line { .. });
    if is_line && home != Some(session.lanes.focus) {
        format!("  [{}, waits for its lane to be in focus]", entry.name)
    } else {
        format!("  [{}]", entry.name)
    }
}

/// The lanes side by side.
pub(super) fn lanes(session: &Session) -> String {
    let mut text = format!(
        "  {:<14} {:<14} {:>8} {:>11} {:>11} {:>8} {:>8} {:>10}  state\n",
        "lane", "rule", "t", "loss", "|g|", "touched", "since", "gradients"
    );
    for (at, entry) in session.lanes.entries.iter().enumerate() {
        let machine = entry.lane.machine();
        let convergence = entry.lane.timeline().convergence();
        let count = |t: Option<u64>| t.map_or("-".to_owned(), |t| t.to_string());
        let norm = machine.gradient().iter().map(|g| g * g).sum::<f64>().sqrt();
        let mark = if at == session.lanes.focus { '*' } else { ' ' };
        let _ = writeln!(
            text,
            "{mark} {:<14} {:<14} {:>8} {:>11} {:>11} {:>8} {:>8} {:>10}  {}",
            entry.name,
            machine.compiled().rule.name,
            entry.lane.position().t,
            short(machine.loss()),
            short(norm),
            count(convergence.touched),
            count(convergence.since),
            entry.gradient_evaluations(),
            entry.state()
        );
    }
    text.trim_end().to_owned()
}

fn settings(session: &Session) -> String {
    let machine = session.lanes.focused().lane.machine();
    let mut text = String::new();
    let params = machine.compiled().rule.params.iter();
    for (at, param) in params.enumerate() {
        let domain = param.domain.to_string();
        let value = exact(machine.setting(at));
        let _ = writeln!(
            text,
            "{:<10} = {value:<24} in {domain:<10} {}",
            param.name, param.doc
        );
    }
    if text.is_empty() {
        return "the rule has no settings".into();
    }
    text.trim_end().to_owned()
}

fn variables(session: &Session) -> String {
    let machine = session.lanes.focused().lane.machine();
    let position = session.position();
    let mut text = String::new();
    for variable in &machine.compiled().variables {
        let (what, known) = match variable.kind {
            VariableKind::Parameters => ("parameters".to_owned(), true),
            VariableKind::State(Some(role)) => (role.name().to_owned(), true),
            VariableKind::State(None) => ("state".to_owned(), true),
            VariableKind::Temporary => ("temporary".to_owned(), position.t > 0),
        };
        let values = machine.value(variable);
        let value = if known {
            Value::of(variable.extent, values).to_string()
        } else {
            "no value yet".to_owned()
        };
        let _ = writeln!(text, "{:<12} {what:<10} {value}", variable.name);
    }
    text.trim_end().to_owned()
}

fn edits(session: &Session) -> String {
    let lane = &session.lanes.focused().lane;
    let compiled = lane.compiled();
    let mut text = String::new();
    for edit in lane.edits() {
        let what = match &edit.change {
            crate::debugger::lane::Change::Setting { setting, value } => {
                format!("{} = {}", compiled.settings[*setting].name, exact(*value))
            }
            crate::debugger::lane::Change::State {
                variable,
                from,
                values,
            } => {
                let variable = &compiled.variables[*variable];
                let whole = values.len() == variable.extent.len();
                let name = if whole {
                    variable.name.clone()
                } else {
                    element_name(&variable.name, variable.extent, *from)
                };
                format!("{name} = {}", numbers(values))
            }
        };
        let _ = writeln!(text, "t = {:<8} {what}", edit.position.t);
    }
    if text.is_empty() {
        return "no edits in this lane".into();
    }
    text.trim_end().to_owned()
}

/// One number, or a list of them.
fn numbers(values: &[f64]) -> String {
    match values {
        [value] => exact(*value),
        values => Value::Vector(values.to_vec()).to_string(),
    }
}

fn loss(session: &Session) -> String {
    let landscape = &session.landscape;
    let reference = &session.lanes.focused().reference;
    let mut text = format!("{}: {}\n", landscape.name, landscape.loss.formula());
    let place = Value::Vector(reference.minimum.clone());
    let _ = match reference.origin {
        crate::analysis::Origin::Here => {
            writeln!(text, "no minimum found; the Hessian is that at {place}")
        }
        origin => writeln!(
            text,
            "minimum ({}): {place}, loss {} there",
            origin.name(),
            short(reference.value)
        ),
    };
    if let Some(spectrum) = &reference.spectrum {
        let lambda = Value::Vector(spectrum.eigenvalues.clone());
        let _ = writeln!(
            text,
            "lambda = {lambda}, kappa = {}",
            short(spectrum.condition_number())
        );
        let _ = writeln!(
            text,
            "gradient descent: eta_max = {}, eta_opt = {}",
            short(crate::analysis::theory::eta_max(spectrum)),
            short(crate::analysis::theory::eta_opt(spectrum))
        );
    }
    if let Some(noise) = session.noise {
        let _ = writeln!(
            text,
            "gradient noise: sigma {}, seed {}",
            noise.sigma, noise.seed
        );
    }
    text.trim_end().to_owned()
}

fn rule(session: &Session) -> String {
    let rule = &session.lanes.focused().compiled().rule;
    let cites: Vec<String> = rule
        .cites
        .iter()
        .map(|cite| format!("  {cite}\n"))
        .collect();
    format!(
        "{}: {}\n{}\n{}",
        rule.name,
        rule.title,
        cites.concat(),
        rule.source.text.trim_end()
    )
}
