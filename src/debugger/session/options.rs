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
pub(in crate::debugger) const OPTIONS: [(&str, &str); 4] = [
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
    ("speed", "iterations per second while playing, 0.1 to 100"),
];

/// The option called `name`.
pub(super) fn find(name: &str) -> Option<&'static str> {
    let mut names = OPTIONS.iter().map(|(option, _)| *option);
    names.find(|option| *option == name)
}

/// An option of a front end: on or off. The debugger keeps it, and leaves its meaning to the front end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// The name, as `set` has it.
    pub name: &'static str,
    /// One line for help.
    pub doc: &'static str,
    /// True while it is on.
    pub on: bool,
}

impl Session {
    /// Adds the switch of a front end, unless there is one of its name.
    pub fn offer(&mut self, switch: Switch) {
        if !self.has_switch(switch.name) {
            self.switches.push(switch);
        }
    }

    /// The switches of the front end.
    #[must_use]
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// True if there is a switch of this name, and it is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.switches.iter().any(|it| it.name == name && it.on)
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
        let before = self.position();
        let set = match find(assignment.name.text()) {
            Some("speed") => self.set_speed(value, control)?,
            Some("tolerance") => self.set_tolerance(value, control)?,
            Some("bound") => self.set_bound(value, control)?,
            Some(_) => self.set_max_run(value, control)?,
            None if self.has_switch(assignment.name.text()) => {
                self.turn(assignment.name.text(), value)?
            }
            None => {
                let name = &assignment.name;
                let error = name.error(format!("there is no option `{}`", name.text()));
                let names = OPTIONS.iter().map(|(option, _)| *option);
                return Err(error.suggest(name.text(), "options", names));
            }
        };
        let name = assignment.name.text().to_owned();
        let after = self.position();
        self.changed(after, Command::Set(assignment));
        Ok(OptionSet {
            name,
            value: set,
            interrupted_at: (after < before).then_some(after.t),
        })
    }

    pub(super) fn has_switch(&self, name: &str) -> bool {
        self.switches.iter().any(|it| it.name == name)
    }

    /// Turns a switch on or off.
    fn turn(&mut self, name: &str, value: &Phrase) -> Result<OptionValue> {
        let on = match value.text().trim() {
            "on" => true,
            "off" => false,
            other => {
                let error = value.error(format!("`{other}` is neither on nor off"));
                return Err(error.help(format!("as in `set {name}=on`")));
            }
        };
        for switch in self.switches.iter_mut().filter(|it| it.name == name) {
            switch.on = on;
        }
        Ok(OptionValue::Switch(on))
    }

    fn set_speed(&mut self, value: &Phrase, control: &mut Control) -> Result<OptionValue> {
        let number = self.number(value, control)?;
        if !(0.1..=100.0).contains(&number) {
            let error = value.error("a speed is a number from 0.1 to 100");
            return Err(error.help("as in `set speed=10`"));
        }
        self.options.speed = number;
        Ok(OptionValue::Number(Real(number)))
    }

    fn set_tolerance(&mut self, value: &Phrase, control: &mut Control) -> Result<OptionValue> {
        let number = self.number(value, control)?;
        if !(number > 0.0 && number.is_finite()) {
            let error = value.error("a tolerance is a number above 0");
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
            let error = value.error("a bound is a number above 0, or off");
            return Err(error.help("as in `set bound=1e6`"));
        }
        let (here, stride) = (self.position(), self.lanes.stride());
        self.lanes.bound = bound;
        for entry in &mut self.lanes.entries {
            let reached = entry.lane.timeline().frontier();
            entry.halt = None;
            entry.lane.seek(Position::default(), |_| true);
            entry.look_for_end(bound);
            if !entry.run_to(reached, bound, stride, &mut |t| control.at(t)) {
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
