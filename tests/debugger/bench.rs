//! A session with commands typed into it.

use eigenstep::{
    debugger::{
        Change, Control, Machine, Position, Session,
        answer::{Answer, StopReason, Stopped},
        lanes::NamedLane,
    },
    error::Source,
    scenario::Scenario,
};
use std::sync::Arc;

/// A session under test.
pub struct Bench {
    pub session: Session,
}

impl Bench {
    /// A session with these flags, as on a command line: `--rule gd --set eta=0.1`.
    pub fn open(flags: &str) -> Self {
        Self::of(&scenario(flags))
    }

    pub fn of(scenario: &Scenario) -> Self {
        let session = scenario.session().unwrap_or_else(|error| panic!("{error}"));
        Self { session }
    }

    pub fn try_answer(&mut self, command: &str) -> Result<Answer, String> {
        let line = Source::new("<test>", command);
        self.session
            .execute(&line, &mut Control::default())
            .map_err(|error| error.to_string())
    }

    pub fn answer(&mut self, command: &str) -> Answer {
        self.try_answer(command)
            .unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// The answer as text.
    pub fn says(&mut self, command: &str) -> String {
        self.answer(command).to_string()
    }

    /// The complaint.
    pub fn refuses(&mut self, command: &str) -> String {
        match self.try_answer(command) {
            Ok(answer) => panic!("{command} should be wrong, but answers {answer}"),
            Err(error) => error,
        }
    }

    pub fn stopped(&mut self, command: &str) -> Stopped {
        match self.answer(command) {
            Answer::Stopped(stopped) => stopped,
            other => panic!("{command} answers {other:?}"),
        }
    }

    /// The reason why a run has stopped, and the place.
    pub fn why(&mut self, command: &str) -> (u64, usize, StopReason) {
        let stopped = self.stopped(command);
        (stopped.t, stopped.line, stopped.why)
    }

    /// Executes several commands, one per line.
    pub fn all(&mut self, commands: &str) {
        for command in commands.lines().map(str::trim).filter(|it| !it.is_empty()) {
            self.answer(command);
        }
    }

    /// The value of an expression that is one number.
    pub fn number(&mut self, expression: &str) -> f64 {
        let text = self.says(&format!("print {expression}"));
        let value = text.strip_prefix(&format!("{expression} = ")).unwrap();
        value.parse().unwrap_or_else(|_| panic!("{text}"))
    }

    /// The commands that lead here, as lines.
    pub fn commands(&self) -> Vec<String> {
        let commands = self.session.commands();
        commands.iter().map(ToString::to_string).collect()
    }

    pub fn at(&self) -> (u64, usize) {
        let position = self.session.position();
        (position.t, position.line)
    }

    pub fn lane(&self, name: &str) -> &NamedLane {
        let at = self.session.lanes().find(name);
        &self.session.lanes().entries()[at.unwrap_or_else(|| panic!("no lane {name}"))]
    }

    /// All that makes a lane what it is, to the bit: place, settings, variables.
    pub fn bits(&self, name: &str) -> (Position, Vec<u64>) {
        bits(self.lane(name).lane().machine())
    }

    pub fn all_bits(&self) -> Vec<(String, (Position, Vec<u64>))> {
        let entries = self.session.lanes().entries().iter();
        entries
            .map(|entry| (entry.name().to_owned(), bits(entry.lane().machine())))
            .collect()
    }

    /// Runs the edits of each lane in a machine of its own, straight from the start, and compares.
    pub fn check_against_straight_runs(&self) {
        for entry in self.session.lanes().entries() {
            let machine = entry.lane().machine();
            let mut straight = Machine::new(
                Arc::clone(machine.compiled()),
                &*self.session.landscape().loss,
                self.session.noise(),
                entry.lane().initial_settings(),
                &self.session.landscape().start,
            );
            let mut edits = entry.lane().edits().iter().peekable();
            loop {
                let here = straight.position();
                while let Some(edit) = edits.next_if(|edit| edit.position == here) {
                    match &edit.change {
                        Change::Setting { setting, value } => straight.set(*setting, *value),
                        Change::State {
                            variable,
                            from,
                            values,
                        } => straight.write(*variable, *from, values),
                    }
                }
                if here.t == machine.position().t {
                    break;
                }
                straight.iterate();
            }
            for _ in 0..machine.position().line {
                straight.line();
            }
            assert_eq!(bits(machine), bits(&straight), "lane {}", entry.name());
        }
    }
}

pub fn scenario(flags: &str) -> Scenario {
    let mut scenario = Scenario::default();
    let words: Vec<&str> = flags.split_whitespace().collect();
    for pair in words.chunks(2) {
        scenario
            .apply(pair[0].trim_start_matches('-'), pair[1])
            .unwrap_or_else(|error| panic!("{error}"));
    }
    scenario
}

pub fn bits(machine: &Machine) -> (Position, Vec<u64>) {
    let settings = (0..machine.compiled().settings.len()).map(|at| machine.setting(at));
    let numbers = settings.chain(machine.variables().iter().copied());
    // A NaN is a NaN, whatever its sign and payload.
    let bits = numbers.map(|value| {
        if value.is_nan() {
            u64::MAX
        } else {
            value.to_bits()
        }
    });
    (machine.position(), bits.collect())
}

/// The ids of the stops that were hit.
pub fn hits(why: &StopReason) -> Vec<u64> {
    match why {
        StopReason::Hits(hits) => hits.iter().map(|hit| hit.id).collect(),
        other => panic!("{other:?}"),
    }
}
