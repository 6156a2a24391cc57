//! Options of a session: what `set` changes besides settings and variables.

use super::Session;
use crate::{
    debugger::{
        answer::{OptionSet, OptionValue},
        command::{Assignment, Command, Phrase},
        control::Control,
        machine::Position,
    },
    error::Result,
    value::Real,
};

/// The options, with a line on each.
pub(in crate::debugger) const OPTIONS: [(&str, &str); 3] = [
    (
        "tolerance",
        "a loss this close to its minimum counts as converged",
    ),
    (
        "max-run",
        "iterations after which `continue` and `until` give up",
    ),
    (
        "bound",
        "stop a run where some abs(w[i]) reaches this (no verdict on divergence); off: no bound",
    ),
];

/// The option called `name`.
pub(super) fn find(name: &str) -> Option<&'static str> {
    let mut names = OPTIONS.iter().map(|(option, _)| *option);
    names.find(|option| *option == name)
}

/// An option of a front end. The debugger keeps its value, and leaves its meaning to the front end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FrontEndOption {
    /// The name, as `set` has it.
    pub name: &'static str,
    /// One line for help.
    pub doc: &'static str,
    /// The value.
    pub value: FrontEndValue,
}

/// The value of an option of a front end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FrontEndValue {
    /// On or off.
    Switch(bool),
    /// A number.
    Number {
        /// The value.
        value: f64,
        /// The least and the largest value that it may have.
        range: [f64; 2],
    },
}

impl Session {
    /// Adds the option of a front end, unless there is one of its name.
    pub fn offer(&mut self, option: FrontEndOption) {
        if self.front_end_value(option.name).is_none() {
            self.front_end.push(option);
        }
    }

    /// The options of the front end.
    #[must_use]
    pub fn front_end_options(&self) -> &[FrontEndOption] {
        &self.front_end
    }

    /// The commands of the front end that arrange what it shows: a saved session ends with them.
    #[must_use]
    pub fn arrangement(&self) -> &[String] {
        &self.arrangement
    }

    /// Takes note of how the front end is arranged.
    pub fn set_arrangement(&mut self, commands: Vec<String>) {
        self.arrangement = commands;
    }

    /// Takes note of one more command that arranges the front end.
    pub fn arrange(&mut self, command: &str) {
        self.arrangement.push(command.to_owned());
    }

    /// The names of all options: the debugger's, and those of the front end.
    pub(in crate::debugger) fn option_names(&self) -> impl Iterator<Item = &'static str> {
        let own = OPTIONS.iter().map(|(option, _)| *option);
        own.chain(self.front_end.iter().map(|it| it.name))
    }

    /// The value of an option of the front end; none where it has none of this name.
    #[must_use]
    pub fn front_end_value(&self, name: &str) -> Option<FrontEndValue> {
        let mut options = self.front_end.iter();
        options.find(|it| it.name == name).map(|it| it.value)
    }

    /// True if there is a switch of this name, and it is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.front_end_value(name) == Some(FrontEndValue::Switch(true))
    }

    /// Sets an option. The value is an expression, or a word: on, off.
    ///
    /// # Errors
    /// There is no such option, or it cannot have this value.
    pub fn set_option(
        &mut self,
        name: impl Into<Phrase>,
        value: impl Into<Phrase>,
        control: &mut Control,
    ) -> Result<OptionSet> {
        let assignment = Assignment::new(name, value);
        let value = &assignment.value;
        let set = match find(assignment.name.text()) {
            Some("tolerance") => self.set_tolerance(value, control)?,
            Some("bound") => self.set_bound(value, control)?,
            Some(_) => self.set_max_run(value, control)?,
            None => self.set_front_end(&assignment.name, value, control)?,
        };
        let name = assignment.name.text().to_owned();
        let after = self.position();
        self.changed(after, Command::Set(assignment));
        Ok(OptionSet {
            name,
            value: set,
            interrupted_at: control.has_ended().then_some(after.t),
        })
    }

    /// Sets an option of the front end.
    fn set_front_end(
        &mut self,
        name: &Phrase,
        given: &Phrase,
        control: &mut Control,
    ) -> Result<OptionValue> {
        let at = self.front_end.iter().position(|it| it.name == name.text());
        let Some(at) = at else {
            let error = name.error(format!("there is no option `{}`", name.text()));
            return Err(error.suggest(name.text(), "options", self.option_names()));
        };
        let value = match self.front_end[at].value {
            FrontEndValue::Switch(_) => FrontEndValue::Switch(switched(name.text(), given)?),
            FrontEndValue::Number { range, .. } => {
                let value = self.number(given, control)?;
                let [least, largest] = range;
                if !(least..=largest).contains(&value) {
                    let message = format!("{} is a number from {least} to {largest}", name.text());
                    let help = format!("as in `set {}={largest}`", name.text());
                    return Err(given.error(message).help(help));
                }
                FrontEndValue::Number { value, range }
            }
        };
        self.front_end[at].value = value;
        Ok(value.into())
    }

    fn set_tolerance(&mut self, value: &Phrase, control: &mut Control) -> Result<OptionValue> {
        let number = self.number(value, control)?;
        if !(number > 0.0 && number.is_finite()) {
            let error = value.error("a tolerance must be positive");
            return Err(error.help("as in `set tolerance=1e-8`"));
        }
        self.options.tolerance = number;
        let here = self.position();
        for entry in &mut self.lanes.entries {
            entry.set_tolerance(number, &mut |t| control.at(t));
        }
        self.lanes.seek(here, |t| control.at(t));
        Ok(OptionValue::Number(Real(number)))
    }

    fn set_max_run(&mut self, value: &Phrase, control: &mut Control) -> Result<OptionValue> {
        let number = self.number(value, control)?;
        if !(number.fract() == 0.0 && (1.0..=1e12).contains(&number)) {
            let error = value.error("max-run is a whole number from 1 to 1e12");
            return Err(error.help("as in `set max-run=1e6`"));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked to be a whole number in range"
        )]
        {
            self.options.max_run = number as u64;
        }
        Ok(OptionValue::Count(self.options.max_run))
    }

    /// Moves the bound; where each run ends is looked for again from its beginning.
    fn set_bound(&mut self, value: &Phrase, control: &mut Control) -> Result<OptionValue> {
        let bound = match value.text().trim() {
            "off" => f64::INFINITY,
            _ => self.number(value, control)?,
        };
        if bound.is_nan() || bound <= 0.0 {
            let error = value.error("a bound is positive, or off");
            return Err(error.help("as in `set bound=1e6`"));
        }
        let (here, stride) = (self.position(), self.lanes.stride());
        self.lanes.bound = bound;
        for entry in &mut self.lanes.entries {
            let reached = entry.lane.timeline().frontier();
            entry.halt = None;
            entry.lane.return_to(Position::default());
            let mut go_on = |t| control.at(t);
            entry.look_for_end(bound, &mut go_on);
            let is_whole = entry.run_to(reached, bound, stride, &mut go_on);
            if !is_whole {
                // Nobody has looked whether the rest stays within the bound.
                entry.lane.forget_beyond();
            }
        }
        self.lanes.seek(here, |t| control.at(t));
        Ok(if bound.is_finite() {
            OptionValue::Number(Real(bound))
        } else {
            OptionValue::Off
        })
    }
}

fn switched(name: &str, given: &Phrase) -> Result<bool> {
    match given.text().trim() {
        "on" => Ok(true),
        "off" => Ok(false),
        other => {
            let error = given.error(format!("`{other}` is neither on nor off"));
            Err(error.help(format!("as in `set {name}=on`")))
        }
    }
}

impl From<FrontEndValue> for OptionValue {
    fn from(value: FrontEndValue) -> Self {
        match value {
            FrontEndValue::Switch(on) => Self::Switch(on),
            FrontEndValue::Number { value, .. } => Self::Number(Real(value)),
        }
    }
}
