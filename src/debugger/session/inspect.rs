//! Looking at a session: values, and the session as text.

use super::Session;
use crate::{
    debugger::{
        answer::Saved,
        command::{Destination, Phrase},
        control::Control,
        watch::{ExpectedType, Quantity, Watch},
    },
    error::{ErrorCode, Result},
    files::{self, WriteError},
    rule::VariableKind,
    value::Value,
};

impl Session {
    /// The value of an expression here; none where `control` ended a long look into the past.
    ///
    /// # Errors
    /// It is no expression on these lanes.
    pub fn evaluate(
        &mut self,
        expression: impl Into<Phrase>,
        control: &mut Control,
    ) -> Result<Option<Value>> {
        let mut watch = self.compile(&expression.into(), ExpectedType::Any)?;
        Ok(self.value(&mut watch, control))
    }

    /// The first variable that `watch` reads and that no line has assigned yet, with the number of the line that will.
    pub(in crate::debugger) fn unassigned(&self, watch: &Watch) -> Option<(String, usize)> {
        watch.readings().iter().find_map(|reading| {
            let Quantity::Variable(variable) = reading.quantity else {
                return None;
            };
            let lane = &self.lanes.entries.get(reading.lane)?.lane;
            let (compiled, here) = (lane.compiled(), lane.position());
            let own = compiled.variables.get(variable)?;
            let mut lines = compiled.lines.iter();
            let line = lines.position(|line| line.variable == variable)?;
            let is_missing =
                own.kind == VariableKind::Temporary && here.t == 0 && here.line <= line;
            is_missing.then(|| (own.name.clone(), line + 1))
        })
    }

    /// The reason why the row of a recorded run that `watch` reads cannot be read here, if there is one.
    pub(in crate::debugger) fn unreadable(&self, watch: &Watch) -> Option<&str> {
        watch.lanes().into_iter().find_map(|at| {
            let entry = self.lanes.entries.get(at)?;
            entry.lane.machine().unreadable().map(|why| &**why)
        })
    }

    /// Writes the session into a file that can be opened again.
    ///
    /// # Errors
    /// A lane was recorded elsewhere, the file is there already, or it cannot be written.
    pub fn save(&mut self, to: &Destination) -> Result<Saved> {
        let mut entries = self.lanes.entries.iter();
        if let Some(entry) = entries.find(|entry| !entry.lane.can_be_changed()) {
            let message = format!(
                "`{}` was recorded elsewhere, and is in its own file",
                entry.name
            );
            return Err(to
                .file
                .error(message)
                .help("`drop` it to save the other lanes"));
        }
        let path = files::expand(to.file.text());
        let existing = self.saved.existing(&path, to.replace);
        files::write(&path, self.to_text().as_bytes(), existing).map_err(|error| {
            let message = format!("cannot write `{}`: {error}", path.display());
            let help = match error {
                WriteError::Exists => format!("`save! {}` replaces it", to.file.text()),
                _ => "nothing was saved; try another folder".to_owned(),
            };
            to.file
                .error(message)
                .coded(ErrorCode::CannotWrite)
                .help(help)
        })?;
        self.saved.add(&path);
        self.journal.mark_saved();
        Ok(Saved {
            file: path.display().to_string(),
        })
    }

    /// The session as text: its scenario, the commands that lead to where it is, and those that arrange the front end.
    #[must_use]
    pub fn to_text(&self) -> String {
        let commands = self.commands();
        let commands = commands.iter().map(ToString::to_string);
        let commands: Vec<String> = commands
            .chain(self.arrangement().iter().cloned())
            .map(|command| format!("  {},\n", toml::Value::String(command)))
            .collect();
        format!("commands = [\n{}]\n\n{}", commands.concat(), self.origin())
    }
}
