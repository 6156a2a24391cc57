//! The flags of a scenario, shared by every front end that runs one.

use crate::{
    lang::{
        error::{Error, Result},
        suggest,
    },
    scenario::Scenario,
};
use clap::Args;
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
    /// Adds normal noise of this standard deviation to each gradient [default: 0]
    #[arg(long, value_name = "SIGMA", allow_hyphen_values = true)]
    noise: Option<String>,
    /// Which noise [default: 0]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    seed: Option<String>,
}

impl ScenarioArgs {
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
            ("noise", &self.noise),
            ("seed", &self.seed),
        ];
        for (flag, value) in single {
            if let Some(value) = value {
                scenario.apply(flag, value)?;
            }
        }
        Ok(scenario)
    }
}

/// A word that names no file may be a command with a slip in it.
fn not_a_command(word: &str, error: Error) -> Error {
    const COMMANDS: [&str; 7] = ["trace", "check", "record", "snapshot", "essay", "rules", "losses"];
    match suggest::nearest(word, COMMANDS) {
        Some(near) if !Path::new(word).exists() => {
            Error::plain(format!("there is no command and no file `{word}`"))
                .help(format!("did you mean `eigenstep {near}`?"))
        }
        _ => error,
    }
}
