//! Commands that look and change nothing.

use super::Arguments;
use crate::{
    debugger::{
        answer::{Answer, exact},
        explain::{Known, explain as write_out, short},
        machine::Position,
        run::Control,
        session::Session,
        stop::{Stop, StopKind},
        view_command::ViewCommand,
        watch::{Value, Wanted, Watch},
    },
    lang::error::Result,
    rule::VariableKind,
};
use std::{fmt::Write, path::Path};

pub(super) fn print(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut watch = session.watch(arguments.line(), arguments.span(), Wanted::Any)?;
    let value = session.value(&mut watch);
    let text = watch.text().to_owned();
    Ok(Answer::Printed { text, value })
}

pub(super) fn explain(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let name = arguments.text().trim();
    match session.explain(name) {
        Ok(explanation) => Ok(Answer::Explained(explanation)),
        Err(message) => {
            let compiled = session.lanes.focused().lane.machine().compiled();
            let names = compiled
                .variables
                .iter()
                .map(|variable| variable.name.clone());
            let error = arguments.error(arguments.span(), message);
            Err(match compiled.variable(name) {
                Some(_) => error,
                None => error.suggest(name, "variables", names),
            })
        }
    }
}

impl Session {
    /// Writes out the line that made the value of `name` in the lane in focus.
    ///
    /// # Errors
    /// A message: there is no such variable, or nothing has made it yet.
    pub fn explain(
        &mut self,
        name: &str,
    ) -> std::result::Result<super::super::explain::Explanation, String> {
        let here = self.position();
        let entry = self.lanes.focused_mut();
        let position = entry.lane.position();
        let compiled = std::sync::Arc::clone(entry.lane.machine().compiled());
        let Some(variable) = compiled.variables.iter().position(|it| it.name == name) else {
            if compiled.setting(name).is_some() {
                return Err(format!("`{name}` is a setting: no line makes it"));
            }
            return Err(format!("the rule has no variable `{name}`"));
        };
        // The last line that has assigned it: in the iteration under way, else in the one before.
        let assigns = |line: &usize| compiled.lines[*line].variable == variable;
        let line = (0..position.line)
            .rev()
            .find(assigns)
            .map(|line| (position.t, line));
        let line = line.or_else(|| {
            let t = position.t.checked_sub(1)?;
            let line = (0..compiled.lines.len()).rev().find(assigns)?;
            Some((t, line))
        });
        if compiled.lines.is_empty() {
            return Err(format!("`{name}` was recorded: no line makes it"));
        }
        let Some((t, line)) = line else {
            return Err(format!("no line has assigned `{name}` yet"));
        };
        entry.lane.seek(Position { t, line }, |_| true);
        let machine = entry.lane.machine();
        let mut known = Known::new();
        for (at, setting) in compiled.settings.iter().enumerate() {
            known.insert(setting.name.clone(), vec![machine.setting(at)]);
        }
        for it in &compiled.variables {
            known.insert(it.name.clone(), machine.value(it).to_vec());
        }
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        known.insert("t".into(), vec![(t + 1) as f64]);
        entry.lane.line();
        let variable = &compiled.variables[variable];
        let result = Value::of(variable.extent, entry.lane.machine().value(variable));
        let expr = &compiled.rule.step[line].expr;
        let explanation = write_out(name, (t + 1, line + 1), expr, &known, &result);
        self.lanes.seek(here, |_| true);
        Ok(explanation)
    }
}

pub(super) fn list(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.none()?;
    let entry = session.lanes.focused();
    let position = entry.lane.position();
    let machine = entry.lane.machine();
    let compiled = machine.compiled();
    let mut text = String::new();
    for (at, statement) in compiled.rule.step.iter().enumerate() {
        let cursor = if at == position.line { '>' } else { ' ' };
        let source = compiled.rule.source.slice(statement.span);
        let variable = &compiled.variables[compiled.lines[at].variable];
        let known =
            position.t > 0 || at < position.line || variable.kind != VariableKind::Temporary;
        let value = if known {
            brief(machine.value(variable))
        } else {
            String::new()
        };
        let _ = writeln!(text, "{cursor} {:>2}  {source:<40} {value}", at + 1);
    }
    Ok(Answer::Text(text.trim_end().to_owned()))
}

/// A value in a few characters.
fn brief(values: &[f64]) -> String {
    let shown: Vec<String> = values.iter().take(4).map(|value| short(*value)).collect();
    let more = if values.len() > 4 { " ..." } else { "" };
    format!("{}{more}", shown.join("  "))
}

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

impl super::super::lanes::Entry {
    /// How many gradients the rule has asked for by now.
    #[must_use]
    pub fn gradient_evaluations(&self) -> u64 {
        let compiled = self.lane.machine().compiled();
        let each = u64::from(compiled.uses_gradient) + compiled.further_gradients as u64;
        each * self.lane.position().t
    }

    /// How the run stands, in a few words.
    #[must_use]
    pub fn state(&self) -> String {
        let convergence = self.lane.timeline().convergence();
        let tolerance = convergence.tolerance;
        let t = self.lane.position().t;
        match (&self.halt, convergence.since, convergence.touched) {
            (Some(halt), ..) if self.is_halted() => format!("ended: {}", halt.why),
            (_, _, Some(touched)) if touched > t => {
                format!("comes down to {tolerance:?} at t = {touched}")
            }
            (_, Some(since), _) => format!("below {tolerance:?} since t = {since}"),
            (_, None, Some(touched)) => {
                format!("touched {tolerance:?} at t = {touched}, above it again")
            }
            _ => String::new(),
        }
    }
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
    let compiled = lane.machine().compiled();
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
                let place = if whole {
                    String::new()
                } else {
                    format!("[{}]", from + 1)
                };
                format!("{}{place} = {}", variable.name, numbers(values))
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
    let rule = &session.lanes.focused().lane.machine().compiled().rule;
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

pub(super) fn save(
    session: &mut Session,
    arguments: &Arguments,
    _: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut entries = session.lanes.entries.iter();
    if let Some(entry) = entries.find(|entry| !entry.lane.can_be_changed()) {
        let message = format!(
            "`{}` was recorded elsewhere, and is in its own file",
            entry.name
        );
        return Err(arguments
            .error(arguments.span(), message)
            .help("`drop` it to save the other lanes"));
    }
    let path = Path::new(arguments.text());
    std::fs::write(path, session.to_text()).map_err(|error| {
        arguments
            .error(
                arguments.span(),
                format!("cannot write `{}`: {error}", path.display()),
            )
            .help("nothing was saved; try another place")
    })?;
    Ok(Answer::Done(format!(
        "saved; open it again with: eigenstep {}",
        path.display()
    )))
}

impl Session {
    /// The session as text: its scenario and the commands that lead to where it is.
    #[must_use]
    pub fn to_text(&self) -> String {
        let commands: Vec<String> = self
            .commands()
            .iter()
            .map(|command| format!("  {},\n", toml::Value::String(command.clone())))
            .collect();
        format!("commands = [\n{}]\n\n{}", commands.concat(), self.origin())
    }
}

pub(super) fn view(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    let words = arguments.words();
    let texts: Vec<&str> = words.iter().map(|(_, word)| *word).collect();
    match ViewCommand::parse(&texts) {
        Ok(command) => Ok(Answer::View(command)),
        Err((at, message)) => {
            let span = words.get(at).map_or(arguments.span(), |(span, _)| *span);
            Err(arguments
                .error(span, message)
                .help("`help view` lists what it can do"))
        }
    }
}

pub(super) fn quit(_: &mut Session, arguments: &Arguments, _: &mut Control) -> Result<Answer> {
    arguments.none()?;
    Ok(Answer::Quit)
}
