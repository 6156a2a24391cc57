//! Scenarios: rules with their settings, a loss, a start.
//!
//! A [`Scenario`] is plain data. It is read from flags or from a TOML file, prints itself back as either,
//! and [opens](Scenario::open) into lanes that are ready to run:
//!
//! ```
//! use eigenstep::scenario::Scenario;
//!
//! let scenario = Scenario::from_flags(&[("rule", "gd"), ("set", "eta=eta_opt")])?;
//! assert_eq!(scenario.to_flags(), ["--rule", "gd", "--set", "eta=eta_opt"]);
//!
//! let mut setup = scenario.open()?;
//! let (name, lane) = &mut setup.lanes[0];
//! for _ in 0..419 {
//!     lane.iterate();
//! }
//! assert_eq!(name, "gd");
//! assert!(lane.machine().loss() <= 1e-6);
//! # Ok::<(), eigenstep::error::Error>(())
//! ```

mod constants;
mod data;
mod flag;
mod flags;
pub mod journal;
mod list;
mod objective;
mod open;
mod place;
mod session;
mod settings;
pub(crate) mod toml;

pub use constants::Constants;
pub use flag::{FLAGS, Flag, FlagGroup, LOOKS, ValueForm, find as find_flag, names as flag_names};
pub use open::Setup;
pub use place::{PlaceKey, Places};

use crate::debugger::Rights;
use std::{collections::BTreeMap, fmt};

/// Rules with their settings, a loss and a start. Everything that is left out has a default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scenario {
    /// A lane for each: a rule's name, or the file of one. Empty: Adam.
    pub rules: Vec<String>,
    /// Values of settings, in the language; a setting of one lane wins over one for all lanes.
    pub settings: BTreeMap<Target, String>,
    /// A named loss or a formula; excludes the three that describe a quadratic.
    pub loss: Option<String>,
    /// Eigenvalues of a quadratic's Hessian; the valley's 1, 100 unless given.
    pub eigenvalues: Option<Vec<f64>>,
    /// Degrees by which a plane quadratic is turned, counter-clockwise; 0 unless given.
    pub rotate: Option<f64>,
    /// The file of a quadratic's Hessian.
    pub matrix: Option<String>,
    /// The seed of a random rotation of the quadratic's eigenvectors; 0 leaves them along the axes.
    pub rotation_seed: u64,
    /// True if the start is turned about the minimum with the quadratic.
    pub rotate_start: Option<bool>,
    /// The minimum of the quadratic, `[n]`; the valley's (0.8, 0.6) unless given, ones where n is not 2.
    pub minimum: Option<Vec<f64>>,
    /// The start, `[n]`; the loss's own start unless given. Sets the dimension of a formula.
    pub start: Option<Vec<f64>>,
    /// The CSV file that a loss on data is fitted to; the bundled seedlings unless given.
    pub data: Option<String>,
    /// The column of it that is predicted.
    pub target: Option<String>,
    /// True if its other columns are standardised to mean 0 and variance 1, as they are unless this is false.
    pub standardise: Option<bool>,
    /// The ridge of a loss on data; 0 unless given.
    pub ridge: Option<f64>,
    /// Sizes of a network's hidden layers; one of 3 units unless given.
    pub hidden: Option<Vec<usize>>,
    /// Rows that each gradient of a loss on data is taken over; 0 takes all.
    pub batch: usize,
    /// Standard deviation of the noise on each element of each gradient.
    pub noise: f64,
    /// The chance of each element of each gradient to be 0 instead.
    pub grad_dropout: f64,
    /// The precision of each lane, between commas, or of all.
    pub precision: Option<String>,
    /// The random seed of noise, batches and network initialisation.
    pub seed: u64,
    /// Wishes for the screen, by the names of their [flags](LOOKS); front ends know what they mean.
    pub looks: BTreeMap<&'static str, String>,
    /// Commands that the debugger executes when the scenario is opened; only files have them.
    pub commands: Vec<String>,
    /// The rights of these commands; no file grants them itself.
    pub rights: Rights,
    /// The places that all this was read from, for errors.
    pub places: Places,
}

/// A setting of one lane, or of every lane that has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The lane, by its name or by its rule's; `None` for all.
    pub lane: Option<String>,
    /// The setting.
    pub name: String,
}

impl Target {
    /// Reads `NAME` or `LANE.NAME`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.rsplit_once('.') {
            Some((lane, name)) => Self {
                lane: Some(lane.trim().to_owned()),
                name: name.trim().to_owned(),
            },
            None => Self {
                lane: None,
                name: text.trim().to_owned(),
            },
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.lane {
            Some(lane) => write!(f, "{lane}.{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}
