//! `info`: what there is to know of a session, topic by topic.

use super::Arguments;
use crate::{
    analysis::{Reference, minimum::Kernel, theory},
    debugger::{
        self,
        answer::{Answer, Edit, Edits, Lane, Lanes, Setting, Settings, Stop, StopKind, Stops},
        control::Control,
        session::Session,
        stop::StopKind as Kind,
        watch::Watch,
    },
    format::short,
    lang::error::Result,
    rule::VariableKind,
    value::{Real, Value},
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
        ["stops"] => return Ok(Answer::Stops(stops(session))),
        ["lanes"] => return Ok(Answer::Lanes(lanes(session))),
        ["settings"] => return Ok(Answer::Settings(settings(session))),
        ["edits"] => return Ok(Answer::Edits(edits(session))),
        ["prediction"] => {
            let prediction = super::prediction::tell(session);
            return Ok(Answer::Prediction(Box::new(prediction)));
        }
        ["variables"] => variables(session),
        ["loss"] => loss(session),
        ["rule"] => rule(session),
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

fn stops(session: &mut Session) -> Stops {
    let stops = session.stops.iter();
    Stops {
        stops: stops.map(|stop| tell_of(session, stop)).collect(),
        displays: session.display_values(),
    }
}

/// What there is to know of a stop.
pub(super) fn tell_of(session: &Session, stop: &debugger::stop::Stop) -> Stop {
    let home = match stop.kind {
        Kind::Line { lane, .. } => Some(lane),
        _ => stop.watch().and_then(Watch::home),
    };
    let entry = home.and_then(|home| session.lanes.entries.get(home));
    let line = match stop.kind {
        Kind::Line { line, .. } => Some(line),
        _ => None,
    };
    let words = match entry {
        Some(entry) if session.lanes.entries.len() > 1 => {
            if line.is_some() && home != Some(session.lanes.focus) {
                format!("  [{}, waits for its lane to be in focus]", entry.name)
            } else {
                format!("  [{}]", entry.name)
            }
        }
        _ => String::new(),
    };
    Stop {
        id: stop.id,
        kind: match stop.kind {
            Kind::Break(_) => StopKind::Break,
            Kind::Line { .. } => StopKind::Line,
            Kind::Watch(_) => StopKind::Watch,
            Kind::Trace(_) => StopKind::Trace,
        },
        expression: stop.watch().map(|watch| watch.text().to_owned()),
        line,
        lane: entry.map(|entry| entry.name.clone()),
        enabled: stop.enabled,
        once: stop.once,
        ignore: stop.ignore,
        hits: stop.hits,
        command: stop.command(),
        home: words,
    }
}

/// The lanes side by side.
pub(super) fn lanes(session: &Session) -> Lanes {
    let entries = session.lanes.entries.iter().enumerate();
    let lanes = entries.map(|(at, entry)| {
        let machine = entry.lane.machine();
        let convergence = entry.lane.timeline().convergence();
        Lane {
            name: entry.name.clone(),
            rule: machine.compiled().rule.name.clone(),
            focus: at == session.lanes.focus,
            t: entry.lane.position().t,
            loss: Real(machine.loss()),
            gradient_norm: Real(machine.gradient_norm()),
            touched: convergence.touched,
            since: convergence.since,
            gradient_evaluations: entry.gradient_evaluations(),
            state: entry.state(),
        }
    });
    Lanes(lanes.collect())
}

fn settings(session: &Session) -> Settings {
    let machine = session.lanes.focused().lane.machine();
    let params = machine.compiled().rule.params.iter().enumerate();
    let settings = params.map(|(at, param)| Setting {
        name: param.name.clone(),
        value: Real(machine.setting(at)),
        default: Real(param.default),
        domain: param.domain.to_string(),
        doc: param.doc.clone(),
    });
    Settings(settings.collect())
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

fn edits(session: &Session) -> Edits {
    let lane = &session.lanes.focused().lane;
    let edits = lane.edits().iter().map(|edit| {
        let (old, new) = edit.values(lane.compiled());
        Edit {
            t: edit.position.t,
            line: edit.position.line,
            what: edit.name(lane.compiled()),
            old,
            new,
        }
    });
    Edits(edits.collect())
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
        let _ = writeln!(text, "lambda = {lambda}, {}", conditioning(reference));
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

/// The condition number and the step sizes of gradient descent, or the reason for which there are none.
fn conditioning(reference: &Reference) -> String {
    let kappa = match theory::kappa(reference) {
        Ok(kappa) => format!("kappa = {}", short(kappa)),
        Err(why) => format!("no kappa: {why}"),
    };
    let range = match reference.kernel {
        Kernel::Level => " (of the range: the loss is level where lambda is 0)",
        Kernel::Empty | Kernel::Rising => "",
    };
    match (theory::eta_max(reference), theory::eta_opt(reference)) {
        (Ok(max), Ok(opt)) => format!(
            "{kappa}{range}\ngradient descent: eta_max = {}, eta_opt = {}",
            short(max),
            short(opt)
        ),
        (Err(why), _) | (_, Err(why)) => {
            format!("{kappa}\ngradient descent: no eta_max, no eta_opt: {why}")
        }
    }
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
