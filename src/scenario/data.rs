//! The loss of a scenario that is fitted to data.

use super::{FlagGroup, Scenario};
use crate::{
    error::{Error, ErrorCode, Result},
    loss::{self, Definition, Landscape, Model, ModelConfig},
};
use std::path::PathBuf;

impl Scenario {
    /// The loss, if it is one on data; nothing if it is another and no flag is about data.
    ///
    /// # Errors
    /// Flags about data beside a loss that has none; a batch of more rows than there are; all that [`Model::fit`] refuses.
    pub(super) fn fitted(&self) -> Result<Option<Landscape>> {
        let name = self.loss.as_deref().map_or("", str::trim);
        let file = loss::find(name).map_err(|error| self.at("loss", error))?;
        let Some(Definition::Model(model)) = file.as_ref().map(|file| &file.definition) else {
            let batch = (self.batch > 0).then_some("batch");
            let Some(flag) = self.given(FlagGroup::Data).or(batch) else {
                return Ok(None);
            };
            let message = format!("`{flag}` belongs to a loss on data");
            let help = "say which: --loss linear, --loss logistic or --loss mlp";
            return Err(self.at(flag, Error::plain(ErrorCode::Conflict, message).help(help)));
        };
        let model = *model;
        if self.hidden.is_some() && model != Model::Mlp {
            let message = format!("`{name}` has no hidden layers");
            let error =
                Error::plain(ErrorCode::Conflict, message).help("the network is --loss mlp");
            return Err(self.at("hidden", error));
        }
        let plain = ModelConfig::default();
        let how = ModelConfig {
            data: self.data.as_ref().map(PathBuf::from),
            target: self.target.clone(),
            standardise: self.standardise.unwrap_or(plain.standardise),
            ridge: self.ridge.unwrap_or(plain.ridge),
            hidden: self.hidden.clone().unwrap_or(plain.hidden),
            seed: self.seed,
        };
        let table = how.table().map_err(|error| self.at("data", error))?;
        let mut landscape = model.fit(name, &table, &how, None).map_err(|error| {
            let known = |target: &String| table.columns().contains(target);
            let flag = if !how.ridge.is_finite() || how.ridge < 0.0 {
                "ridge"
            } else if self.target.as_ref().is_none_or(known) && self.hidden.is_some() {
                "hidden"
            } else if self.target.is_some() {
                "target"
            } else {
                "data"
            };
            self.at(flag, error)
        })?;
        let rows = landscape.loss.rows();
        if self.batch > rows {
            let message = format!(
                "a batch of {} rows cannot be drawn from a table of {rows}",
                self.batch
            );
            let help = format!("give --batch {rows} or less; 0 takes every row, as without it");
            return Err(self.at(
                "batch",
                Error::plain(ErrorCode::InvalidValue, message).help(help),
            ));
        }
        if let Some(start) = &self.start {
            let (n, given) = (landscape.start.len(), start.len());
            if given != n {
                let message =
                    format!("the loss `{name}` has {n} parameters, but the start has {given}");
                return Err(self.at("start", Error::plain(ErrorCode::ShapeMismatch, message)));
            }
            landscape.start.clone_from(start);
        }
        Ok(Some(landscape))
    }
}
