//! A loss as its file has it.
//!
//! ```text
//! loss NAME "what it is"
//! cite "source"                           any number of times
//! formula = EXPR                          a function of w (x y z are w[1] w[2] w[3]); indented lines go on with it
//! quadratic = L1, L2, ...                 or a quadratic with these eigenvalues,
//! rotate = DEGREES                            turned (in the plane),
//! model = linear | logistic | mlp         or a model that is fitted to data
//! start = W1, W2, ...                     where runs start; sets the number of parameters
//! window = [X0, X1] x [Y0, Y1]            what to look at first, where there are two
//! bound = B                               a run has left when some abs(w[i]) reaches B
//! minimum = W1, W2, ...                   a known minimum; any number of times
//! minimum[i] = EXPR                       one that there is for any number of parameters
//! shows "what there is to see on it"
//! ```
//! `#` starts a comment; blank lines are free. Every number may be an expression, like `3*pi`.

use super::{
    Extents, Formula, Landscape, Loss, Model, ModelConfig, Quadratic,
    declared_minimum::{self, Minimum},
    file_reader,
};
use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// A loss with what its file says about it.
#[derive(Debug, Clone)]
pub struct LossFile {
    /// The name, an identifier.
    pub name: String,
    /// One line on what it is.
    pub title: String,
    /// Publications that it comes from.
    pub cites: Vec<String>,
    /// One line on what there is to see on it; may be empty in a user's file.
    pub shows: String,
    /// The way to compute it.
    pub definition: Definition,
    /// The start of runs, `[n]`; empty where the data decide on n.
    pub start: Vec<f64>,
    /// The rectangle to look at first, where there are two parameters.
    pub window: Option<Extents>,
    /// A run has left when some `abs(w[i])` reaches this.
    pub bound: f64,
    /// The minima that are known.
    pub(super) minima: Vec<Minimum>,
    /// The file.
    pub source: Arc<Source>,
}

/// The way to compute a loss.
#[derive(Debug, Clone, PartialEq)]
pub enum Definition {
    /// By the formula at this place of the file.
    Formula(Span),
    /// A quadratic: its Hessian's eigenvalues, and the degrees by which it is turned.
    Quadratic(Vec<f64>, f64),
    /// A model fitted to data.
    Model(Model),
}

impl LossFile {
    /// Reads `source`.
    ///
    /// # Errors
    /// The first line that is not as the grammar above has it, or does not fit the lines before; a minimum that the
    /// formula does not have.
    pub fn parse(source: &Arc<Source>) -> Result<Self> {
        let file = file_reader::read(source)?;
        if !file.start.is_empty() {
            let landscape = file.landscape(None)?;
            if let Definition::Formula(_) = file.definition {
                declared_minimum::check(source, &*landscape.loss, &file.minima)?;
            }
        }
        Ok(file)
    }

    /// The loss with what is known about it, from `start` or else from its own.
    ///
    /// # Errors
    /// A start of a length that the loss cannot have.
    pub fn landscape(&self, start: Option<&[f64]>) -> Result<Landscape> {
        let minima = |n| self.minima.iter().map(move |minimum| minimum.at(n));
        let any_dimension = self.minima.iter().any(Minimum::is_general);
        if let Some(start) = start
            && start.len() != self.start.len()
            && !self.start.is_empty()
            && (!any_dimension || start.is_empty())
        {
            return Err(Error::plain(
                ErrorCode::ShapeMismatch,
                format!(
                    "the loss `{}` has {} parameters, but the start has {}",
                    self.name,
                    self.start.len(),
                    start.len()
                ),
            ));
        }
        let n = start.map_or(self.start.len(), <[f64]>::len);
        let loss: Arc<dyn Loss> = match &self.definition {
            Definition::Model(model) => {
                return model.landscape(&self.name, &ModelConfig::default(), start);
            }
            Definition::Quadratic(eigenvalues, degrees) => {
                let minimum = minima(n).next().unwrap_or_else(|| vec![0.0; n]);
                Arc::new(Quadratic::new(eigenvalues, &minimum, *degrees)?)
            }
            Definition::Formula(span) => {
                let formula = Formula::within(&self.source, *span, n)?;
                Arc::new(formula.with_minima(minima(n).collect()))
            }
        };
        let mut landscape = Landscape {
            name: self.name.clone(),
            loss,
            start: self.start.clone(),
            window: self.window.filter(|_| n == 2),
            bound: self.bound,
        };
        if let Some(start) = start {
            landscape.start = start.to_vec();
            // A run may start anywhere, so it must not end where it starts.
            let farthest = start.iter().fold(0.0_f64, |most, w| most.max(w.abs()));
            landscape.bound = landscape.bound.max(5.0 * farthest);
        }
        Ok(landscape)
    }

    /// The first known minimum, for as many parameters as the start has.
    #[must_use]
    pub fn first_minimum(&self) -> Option<Vec<f64>> {
        let first = self.minima.first()?;
        Some(first.at(self.start.len()))
    }
}
