//! Losses on data: which table, which column, which model.

mod summary;

pub use summary::{Model, ModelSummary, Objective};

use super::{Design, Landscape, Linear, Logistic, Loss, Mlp, data::DataTable};
use crate::error::{Error, ErrorCode, Result};
use std::{path::PathBuf, sync::Arc};

/// The options of a loss on data.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    /// The CSV file; `None`: the bundled seedlings.
    pub data: Option<PathBuf>,
    /// The column that is predicted; `None`: `height_cm` or `survived` of the seedlings.
    pub target: Option<String>,
    /// True to standardise features to mean 0 and variance 1; without, the valley is far longer.
    pub standardise: bool,
    /// Adds ridge/2 times the squared weights (not the intercepts) to the loss.
    pub ridge: f64,
    /// Sizes of the network's hidden layers.
    pub hidden: Vec<usize>,
    /// The seed of the network's random start.
    pub seed: u64,
}

impl Default for ModelConfig {
    fn default() -> Self {
        Self {
            data: None,
            target: None,
            standardise: true,
            ridge: 0.0,
            hidden: vec![3],
            seed: 0,
        }
    }
}

impl ModelConfig {
    /// The table that is fitted.
    ///
    /// # Errors
    /// A file that cannot be read as one.
    pub fn table(&self) -> Result<DataTable> {
        match &self.data {
            Some(path) => DataTable::read(path),
            None => DataTable::seedlings(),
        }
    }
}

/// A run has left when a weight is as large as this.
const BOUND: f64 = 1e3;

/// Most units of a hidden layer, and most hidden layers.
const MOST: usize = 64;

impl Model {
    /// All models.
    pub const ALL: [Self; 3] = [Self::Linear, Self::Logistic, Self::Mlp];

    /// As the files of losses have it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Logistic => "logistic",
            Self::Mlp => "mlp",
        }
    }

    /// The target among the bundled columns.
    fn default_target(self) -> &'static str {
        match self {
            Self::Linear => "height_cm",
            Self::Logistic | Self::Mlp => "survived",
        }
    }

    /// The loss called `name` on the table that `how` names, see [`Model::fit`].
    ///
    /// # Errors
    /// A file that cannot be read as a table, and all that [`Model::fit`] refuses.
    pub fn landscape(
        self,
        name: &str,
        how: &ModelConfig,
        start: Option<&[f64]>,
    ) -> Result<Landscape> {
        self.fit(name, &how.table()?, how, start)
    }

    /// The loss called `name` on `table`, from `start` or else from 0 (a network: from its random start).
    ///
    /// # Errors
    /// No such column, targets that the model cannot fit, a start of another length, a ridge below 0,
    /// hidden layers of no size.
    pub fn fit(
        self,
        name: &str,
        table: &DataTable,
        how: &ModelConfig,
        start: Option<&[f64]>,
    ) -> Result<Landscape> {
        let target = match (&how.target, &how.data) {
            (Some(target), _) => target.as_str(),
            (None, None) => self.default_target(),
            (None, Some(_)) => {
                let columns = table.columns().join(", ");
                return Err(
                    Error::plain(ErrorCode::Usage, "which column is to be predicted?")
                        .help(format!("add --target COLUMN: {columns}")),
                );
            }
        };
        if !(how.ridge >= 0.0 && how.ridge.is_finite()) {
            return Err(Error::plain(
                ErrorCode::InvalidValue,
                format!("{} is not a ridge", how.ridge),
            )
            .help("0 or more"));
        }
        let design = Design::new(table, target, how.standardise)?;
        let mut origin = vec![0.0; design.width()];
        let loss: Arc<dyn Loss> = match self {
            Self::Linear => Arc::new(Linear::new(design, how.ridge)),
            Self::Logistic => {
                design.expect_binary(table)?;
                Arc::new(Logistic::new(design, how.ridge))
            }
            Self::Mlp => {
                let fits = |size: &usize| (1..=MOST).contains(size);
                if how.hidden.len() > MOST || !how.hidden.iter().all(fits) {
                    let message = format!("hidden layers have 1 to {MOST} units");
                    return Err(Error::plain(ErrorCode::InvalidValue, message)
                        .help("as in 4,3 for two layers"));
                }
                let network = Mlp::new(design, &how.hidden, how.ridge);
                origin = network.start(how.seed);
                Arc::new(network)
            }
        };
        let start = match start {
            Some(start) if start.len() != origin.len() => {
                return Err(Error::plain(
                    ErrorCode::ShapeMismatch,
                    format!(
                        "the loss `{name}` has {} parameters, but the start has {}",
                        origin.len(),
                        start.len()
                    ),
                ));
            }
            Some(start) => start.to_vec(),
            None => origin,
        };
        Ok(Landscape {
            name: name.to_owned(),
            loss,
            start,
            window: None,
            bound: BOUND,
        })
    }
}
