//! The flags of a scenario, shared by every front end that runs one: made of the table of flags.

use super::{
    appearance::AppearanceChoices,
    unknown_word::{ends_in, no_command},
};
use crate::{
    debugger::Rights,
    error::{Error, ErrorCode, Result},
    runs,
    scenario::{FLAGS, Flag, FlagGroup, Scenario, ValueForm},
};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Args, Command, FromArgMatches};
use std::{marker::PhantomData, path::Path};

/// Flags of the table as they were given, in its order: those that `S` selects.
#[derive(Debug, Clone)]
pub struct FlagArgs<S> {
    given: Vec<(&'static Flag, String)>,
    selection: PhantomData<S>,
}

/// The flags that a front end takes.
pub trait Selection: Clone {
    /// The heading above them in help.
    const HEADING: &'static str;
    /// True if `flag` is one of them.
    fn takes(flag: &Flag) -> bool;
    /// What stands for `flag` where it is not given, if that is not the scenario's default.
    fn otherwise(_flag: &Flag) -> Option<&'static str> {
        None
    }
}

/// What a recorded run goes by where a flag is not given.
fn of_the_run(flag: &Flag) -> Option<&'static str> {
    match flag.form {
        ValueForm::Rules => Some("the rule that the run names"),
        _ if flag.name == "loss" => Some("none: the recorded gradients do"),
        _ => None,
    }
}

/// All flags of a scenario.
#[derive(Debug, Clone)]
pub struct AllFlags;

impl Selection for AllFlags {
    const HEADING: &'static str = "Scenario";
    fn takes(_: &Flag) -> bool {
        true
    }
}

/// Rules and their settings, and the loss: the start comes from elsewhere.
#[derive(Debug, Clone)]
pub struct RulesAndLoss;

impl Selection for RulesAndLoss {
    const HEADING: &'static str = "Rules and loss";
    fn takes(flag: &Flag) -> bool {
        flag.part == FlagGroup::Rule || flag.part.describes_loss()
    }
    fn otherwise(flag: &Flag) -> Option<&'static str> {
        of_the_run(flag)
    }
}

/// Settings and the loss: rule and start come from elsewhere.
#[derive(Debug, Clone)]
pub struct SettingsAndLoss;

impl Selection for SettingsAndLoss {
    const HEADING: &'static str = "Settings and loss";
    fn takes(flag: &Flag) -> bool {
        flag.form == ValueForm::Settings || flag.part.describes_loss()
    }
    fn otherwise(flag: &Flag) -> Option<&'static str> {
        of_the_run(flag)
    }
}

impl<S: Selection> FlagArgs<S> {
    /// The values of the flags of `part`.
    pub(super) fn of(&self, part: FlagGroup) -> impl Iterator<Item = &str> {
        let given = self.given.iter();
        given
            .filter(move |(flag, _)| flag.part == part)
            .map(|(_, value)| value.as_str())
    }

    /// True if a flag of `part` was given.
    pub(super) fn has(&self, part: FlagGroup) -> bool {
        self.of(part).next().is_some()
    }

    /// True if a flag that describes the loss was given.
    pub(super) fn has_loss(&self) -> bool {
        self.given
            .iter()
            .any(|(flag, _)| flag.part.describes_loss())
    }

    /// The flags that describe the loss, if there are some.
    ///
    /// # Errors
    /// What cannot be read, at its place.
    pub(super) fn loss(&self) -> Result<Option<Scenario>> {
        if !self.has_loss() {
            return Ok(None);
        }
        let mut scenario = Scenario::default();
        self.apply(&mut scenario)?;
        scenario.clear_rules();
        Ok(Some(scenario))
    }

    /// Puts what was given into `scenario`.
    ///
    /// # Errors
    /// What cannot be read, at its place.
    pub(super) fn apply(&self, scenario: &mut Scenario) -> Result<()> {
        self.given
            .iter()
            .try_for_each(|(flag, value)| scenario.apply(flag.name, value))
    }
}

impl<S> Default for FlagArgs<S> {
    fn default() -> Self {
        Self {
            given: Vec::new(),
            selection: PhantomData,
        }
    }
}

impl<S: Selection> FromArgMatches for FlagArgs<S> {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        let mut args = Self::default();
        args.update_from_arg_matches(matches)?;
        Ok(args)
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        for flag in FLAGS.iter().filter(|flag| S::takes(flag)) {
            let values = matches.get_many::<String>(flag.name).into_iter().flatten();
            self.given.extend(values.map(|value| (flag, value.clone())));
        }
        Ok(())
    }
}

impl<S: Selection> Args for FlagArgs<S> {
    fn augment_args(command: Command) -> Command {
        let mut command = command.next_help_heading(S::HEADING);
        for flag in FLAGS.iter().filter(|flag| S::takes(flag)) {
            let repeats = matches!(flag.form, ValueForm::Rules | ValueForm::Settings);
            let action = if repeats {
                ArgAction::Append
            } else {
                ArgAction::Set
            };
            let help = match (S::otherwise(flag), flag.doc.split_once(" [default: ")) {
                (Some(otherwise), Some((what, _))) => format!("{what} [default: {otherwise}]"),
                _ => flag.doc.to_owned(),
            };
            command = command.args([Arg::new(flag.name)
                .long(flag.name)
                .aliases(flag.aliases)
                .value_name(flag.value)
                .help(help)
                .allow_hyphen_values(true)
                .action(action)]);
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// A scenario: a file, and flags that win over it.
#[derive(Debug, Clone, Default)]
pub struct ScenarioArgs {
    file: Option<String>,
    flags: FlagArgs<AllFlags>,
}

/// The name of the file among the arguments, and of the group of them all.
const FILE: &str = "file";
pub(super) const GROUP: &str = "ScenarioArgs";

impl FromArgMatches for ScenarioArgs {
    fn from_arg_matches(matches: &ArgMatches) -> std::result::Result<Self, clap::Error> {
        Ok(Self {
            file: matches.get_one::<String>(FILE).cloned(),
            flags: FlagArgs::from_arg_matches(matches)?,
        })
    }

    fn update_from_arg_matches(
        &mut self,
        matches: &ArgMatches,
    ) -> std::result::Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for ScenarioArgs {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(FILE).value_name("SCENARIO").help(
            "A scenario in TOML, its keys named like the flags; flags override it, and --rule discards its settings too",
        );
        let command = command.next_help_heading(AllFlags::HEADING).args([file]);
        let names = FLAGS.iter().map(|flag| flag.name).chain([FILE]);
        FlagArgs::<AllFlags>::augment_args(command)
            .group(ArgGroup::new(GROUP).multiple(true).args(names))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// Rights of commands that come in files.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct RightsArgs {
    /// Let commands in scenarios, saved sessions and walks write files
    #[arg(long)]
    allow_writes: bool,
}

impl RightsArgs {
    /// The rights that they have.
    pub(super) fn rights(self) -> Rights {
        if self.allow_writes {
            Rights::All
        } else {
            Rights::NoWriting
        }
    }
}

impl ScenarioArgs {
    /// The file's name, if one is given.
    pub(super) fn file(&self) -> Option<&str> {
        self.file.as_deref()
    }

    /// Takes away the file, unless it is a scenario's: a front end that takes another file means that.
    pub(super) fn take_other_file(&mut self) -> Option<String> {
        self.file.take_if(|file| !ends_in(file, "toml"))
    }

    /// Takes away the file, if it is a recorded run by its ending, or stdin.
    pub(super) fn take_run(&mut self) -> Option<String> {
        let is_run = |file: &str| file == "-" || runs::ENDINGS.iter().any(|it| ends_in(file, it));
        self.file.take_if(|file| is_run(file))
    }

    /// The rules and the loss beside a recorded run.
    ///
    /// # Errors
    /// A flag for what the run has itself; what cannot be read, at its place.
    pub(super) fn beside_run(&self) -> Result<Scenario> {
        let other = |flag: &&'static Flag| !RulesAndLoss::takes(flag);
        let mut given = self.flags.given.iter().map(|(flag, _)| *flag);
        if let Some(flag) = given.find(other) {
            let message = format!(
                "a recorded run has been made already: --{} says nothing",
                flag.name
            );
            return Err(Error::plain(ErrorCode::Conflict, message)
                .help("leave it out; --rule, --set and the flags of the loss say what stands beside the run"));
        }
        let mut scenario = Scenario::default();
        self.flags.apply(&mut scenario)?;
        Ok(scenario)
    }

    /// The scenario of the file, if one is given, with the flags in it.
    ///
    /// # Errors
    /// What cannot be read, at its place.
    pub fn scenario(&self) -> Result<Scenario> {
        let mut scenario = match &self.file {
            Some(file) => {
                Scenario::read(Path::new(file)).map_err(|error| not_a_file(file, error))?
            }
            None => Scenario::default(),
        };
        if self
            .flags
            .given
            .iter()
            .any(|(flag, _)| flag.form == ValueForm::Rules)
        {
            scenario.clear_rules();
        }
        // A loss on the command line takes the place of the file's; two of them there are an error.
        match (
            self.flags.has(FlagGroup::Loss),
            self.flags.has(FlagGroup::Quadratic),
        ) {
            (true, false) => scenario.clear(FlagGroup::Quadratic),
            (false, true) => scenario.clear(FlagGroup::Loss),
            _ => {}
        }
        self.flags.apply(&mut scenario)?;
        // What only a screen wants is wrong or right wherever the file is read.
        AppearanceChoices::of(&scenario)?;
        Ok(scenario)
    }
}

/// A word that names no file may have been meant as something else.
fn not_a_file(word: &str, error: Error) -> Error {
    if Path::new(word).exists() || ends_in(word, "toml") {
        return error;
    }
    no_command(word, std::iter::empty())
}
