//! Commands that look and change nothing.

use super::Arguments;
use crate::{
    debugger::{
        answer::Answer,
        control::Control,
        explain::{Known, explain as write_out, short},
        machine::Position,
        session::Session,
        view_command::ViewCommand,
        watch::{Value, Wanted},
    },
    lang::error::Result,
    rule::VariableKind,
};
use std::{fmt::Write, path::Path};

pub(super) fn print(
    session: &mut Session,
    arguments: &Arguments,
    control: &mut Control,
) -> Result<Answer> {
    arguments.some()?;
    let mut watch = session.watch(arguments.line(), arguments.span(), Wanted::Any)?;
    let Some(value) = session.value_attended(&mut watch, control) else {
        return Ok(Answer::Done("interrupted".into()));
    };
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
            let compiled = session.lanes.focused().compiled();
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
        let compiled = std::sync::Arc::clone(entry.compiled());
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
