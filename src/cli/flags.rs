//! The flags of a scenario, shared by every front end that runs one.

use super::looks::Wanted;
use crate::{
    debugger::Rights,
    lang::{
        error::{Error, Result},
        suggest,
    },
    scenario::Scenario,
};
use clap::{Args, CommandFactory};
use std::path::Path;

/// What is debugged.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "What is debugged")]
pub struct ScenarioArgs {
    /// A scenario in TOML, with the names of the flags below as keys; flags win over it, and --rule over its settings too
    #[arg(value_name = "SCENARIO")]
    file: Option<String>,
    /// An update rule by name, or the file of one; repeat it to run several side by side [default: adam at eta_opt]
    #[arg(long = "rule", value_name = "NAME|FILE.rule")]
    rules: Vec<String>,
    /// Sets a setting of one rule or of all; EXPR may use eta_opt eta_max kappa lambda[i] n pi
    #[arg(
        long = "set",
        value_name = "[RULE.]NAME=EXPR",
        allow_hyphen_values = true
    )]
    settings: Vec<String>,
    /// A loss by name, or a formula in w[i] (x y z are the first three) [default: valley]
    #[arg(long, value_name = "NAME|FORMULA", allow_hyphen_values = true)]
    loss: Option<String>,
    /// A quadratic with these eigenvalues [default: 1,100]
    #[arg(long, value_name = "L1,L2,...", allow_hyphen_values = true)]
    eigenvalues: Option<String>,
    /// Turns the quadratic (n = 2) by this many degrees [default: 0]
    #[arg(long, value_name = "DEG", allow_hyphen_values = true)]
    rotate: Option<String>,
    /// Where the quadratic is smallest [default: 0.8,0.6]
    #[arg(long, value_name = "W1,W2,...", allow_hyphen_values = true)]
    minimum: Option<String>,
    /// Where the run starts; sets the number of parameters of a formula
    #[arg(long, value_name = "W1,W2,...", allow_hyphen_values = true)]
    start: Option<String>,
    /// The CSV file for --loss linear, logistic or mlp [default: 150 bundled synthetic seedlings]
    #[arg(long, value_name = "FILE.csv")]
    data: Option<String>,
    /// The column of the file that is predicted from all others
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Whether the other columns are brought to mean 0 and variance 1 [default: 1]
    #[arg(long, value_name = "0|1")]
    standardise: Option<String>,
    /// Adds R/2 times the squared weights to a loss on data [default: 0]
    #[arg(long, value_name = "R", allow_hyphen_values = true)]
    ridge: Option<String>,
    /// Sizes of the hidden layers of --loss mlp [default: 3]
    #[arg(long, value_name = "N1,N2,...")]
    hidden: Option<String>,
    /// Takes each gradient over so many rows of the data, drawn anew [default: all]
    #[arg(long, value_name = "ROWS", allow_hyphen_values = true)]
    batch: Option<String>,
    /// Adds normal noise of this standard deviation to each gradient [default: 0]
    #[arg(long, value_name = "SIGMA", allow_hyphen_values = true)]
    noise: Option<String>,
    /// Puts 0 in the place of each element of each gradient with this chance [default: 0]
    #[arg(long, value_name = "CHANCE", allow_hyphen_values = true)]
    dropped: Option<String>,
    /// Which noise, batches, and start of a network [default: 0]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    seed: Option<String>,
}

/// What commands that come in files may do.
#[derive(Debug, Clone, Copy, Default, Args)]
pub(super) struct RightsArgs {
    /// Lets the commands of scenarios, saved sessions and walks write files
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
    /// Takes away the file, unless it is a scenario's: a front end that takes another file means that.
    pub(super) fn take_other_file(&mut self) -> Option<String> {
        let is_scenario =
            |file: &mut String| Path::new(file).extension().is_some_and(|it| it == "toml");
        self.file.take_if(|file| !is_scenario(file))
    }

    /// The scenario of the file, if one is given, with the flags in it.
    ///
    /// # Errors
    /// What cannot be read, at its place.
    pub fn scenario(&self) -> Result<Scenario> {
        let mut scenario = match &self.file {
            Some(file) => {
                Scenario::read(Path::new(file)).map_err(|error| not_a_command(file, error))?
            }
            None => Scenario::default(),
        };
        if !self.rules.is_empty() {
            scenario.clear_rules();
        }
        let quadratic = [&self.eigenvalues, &self.rotate, &self.minimum];
        let has_quadratic = quadratic.iter().any(|flag| flag.is_some());
        // A loss on the command line takes the place of the file's; two of them there are an error.
        if self.loss.is_some() && !has_quadratic {
            (scenario.eigenvalues, scenario.rotate, scenario.minimum) = (None, None, None);
        } else if has_quadratic && self.loss.is_none() {
            scenario.loss = None;
        }
        for rule in &self.rules {
            scenario.apply("rule", rule)?;
        }
        for setting in &self.settings {
            scenario.apply("set", setting)?;
        }
        let single = [
            ("loss", &self.loss),
            ("eigenvalues", &self.eigenvalues),
            ("rotate", &self.rotate),
            ("minimum", &self.minimum),
            ("start", &self.start),
            ("data", &self.data),
            ("target", &self.target),
            ("standardise", &self.standardise),
            ("ridge", &self.ridge),
            ("hidden", &self.hidden),
            ("batch", &self.batch),
            ("noise", &self.noise),
            ("dropped", &self.dropped),
            ("seed", &self.seed),
        ];
        for (flag, value) in single {
            if let Some(value) = value {
                scenario.apply(flag, value)?;
            }
        }
        // What only a screen wants is wrong or right wherever the file is read.
        Wanted::of(&scenario)?;
        Ok(scenario)
    }
}

/// A word that names no file may be a command with a slip in it.
fn not_a_command(word: &str, error: Error) -> Error {
    let cli = super::Cli::command();
    let commands = cli.get_subcommands().map(clap::Command::get_name);
    match suggest::nearest(word, commands) {
        Some(near) if !Path::new(word).exists() => {
            Error::plain(format!("there is no command and no file `{word}`"))
                .help(format!("did you mean `eigenstep {near}`?"))
        }
        _ => error,
    }
}
