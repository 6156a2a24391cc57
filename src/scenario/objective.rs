//! The loss of a scenario: a named one, a formula, or a quadratic by its eigenvalues.

use super::{FlagGroup, PlaceKey, Scenario};
use crate::{
    error::{Error, ErrorCode, Result},
    loss::{self, Definition, Extents, Landscape, Quadratic},
};
use std::sync::Arc;

/// The name that a quadratic of one's own goes by.
const QUADRATIC: &str = "quadratic";

impl Scenario {
    /// The loss, with its start.
    ///
    /// # Errors
    /// Flags that exclude each other, lengths that differ, numbers that are not finite, no such loss.
    pub fn landscape(&self) -> Result<Landscape> {
        if let Some(start) = &self.start {
            self.check("start", start)?;
        }
        let quadratic = self.given(FlagGroup::Quadratic);
        let named = self.loss.as_deref().filter(|loss| loss.trim() != QUADRATIC);
        if (named.is_none() || quadratic.is_none())
            && let Some(landscape) = self.fitted()?
        {
            return Ok(landscape);
        }
        match (named, quadratic) {
            (None, _) if self.loss.is_some() => self.quadratic(),
            (Some(loss), Some(flag)) => {
                let message = format!("`{flag}` belongs to a quadratic, but the loss is `{loss}`");
                Err(self.at(flag, Error::plain(ErrorCode::Conflict, message).help(
                    "leave the loss out: eigenvalues, rotate and minimum describe a quadratic of their own",
                )))
            }
            (Some(loss), None) => {
                let file = loss::find(loss).map_err(|error| self.at("loss", error))?;
                let (key, landscape) = match file {
                    Some(file) => ("start", file.landscape(self.start.as_deref())),
                    None => ("loss", loss::landscape(loss, self.start.as_deref())),
                };
                landscape.map_err(|error| self.at(key, error))
            }
            (None, None) => {
                loss::landscape(loss::DEFAULT, self.start.as_deref()).map_err(|error| {
                    let help = "say which loss: --eigenvalues has one for each parameter, --loss may be a formula";
                    self.at("start", error.help(help))
                })
            }
            (None, Some(_)) => self.quadratic(),
        }
    }

    fn quadratic(&self) -> Result<Landscape> {
        let valley = loss::load(loss::DEFAULT)?;
        let valley_minimum = valley.first_minimum().unwrap_or_default();
        let Definition::Quadratic(valley, _) = valley.definition else {
            return Err(Error::plain(
                ErrorCode::Internal,
                "the default loss is not a quadratic",
            ));
        };
        let eigenvalues = match &self.eigenvalues {
            Some(eigenvalues) => eigenvalues.clone(),
            None => match &self.minimum {
                Some(minimum) if minimum.len() != valley.len() => {
                    let message = format!(
                        "the valley has 2 parameters, but the minimum has {}",
                        minimum.len()
                    );
                    let error = Error::plain(ErrorCode::ShapeMismatch, message)
                        .help("give --eigenvalues too, one for each parameter");
                    return Err(self.at("minimum", error));
                }
                _ => valley,
            },
        };
        self.check("eigenvalues", &eigenvalues)?;
        let n = eigenvalues.len();
        let minimum = match &self.minimum {
            Some(minimum) => minimum.clone(),
            None if n == valley_minimum.len() => valley_minimum,
            None => vec![1.0; n],
        };
        self.check("minimum", &minimum)?;
        if minimum.len() != n {
            let message = format!(
                "{n} eigenvalues need a minimum of {n} coordinates, not {}",
                minimum.len()
            );
            return Err(self.at("minimum", Error::plain(ErrorCode::ShapeMismatch, message)));
        }
        let degrees = self.rotate.unwrap_or(0.0);
        if !degrees.is_finite() || (degrees != 0.0 && n != 2) {
            let message = if degrees.is_finite() {
                format!("only a quadratic in two parameters can be rotated, and n is {n}")
            } else {
                format!("{degrees} is not an angle in degrees")
            };
            return Err(self.at("rotate", Error::plain(ErrorCode::InvalidValue, message)));
        }
        let start = self.start.clone().unwrap_or_else(|| vec![0.0; n]);
        if start.len() != n {
            let message = format!(
                "the loss has {n} parameters, but the start has {}",
                start.len()
            );
            return Err(self.at("start", Error::plain(ErrorCode::ShapeMismatch, message)));
        }
        let loss = Quadratic::new(&eigenvalues, &minimum, degrees)
            .map_err(|error| self.at("eigenvalues", error))?;
        Ok(Landscape {
            name: QUADRATIC.to_owned(),
            loss: Arc::new(loss),
            window: window(&start, &minimum),
            bound: bound(&start, &minimum),
            start,
        })
    }

    /// Refuses an empty list and numbers that are not finite.
    fn check(&self, key: &'static str, numbers: &[f64]) -> Result<()> {
        let message = match numbers.iter().find(|value| !value.is_finite()) {
            Some(bad) => format!("{bad} is not a finite number"),
            None if numbers.is_empty() => format!("`{key}` has no number"),
            None => return Ok(()),
        };
        Err(self.at(key, Error::plain(ErrorCode::InvalidValue, message)))
    }

    /// `error` with the place of the flag or key `name`.
    #[must_use]
    pub fn at(&self, name: &'static str, error: Error) -> Error {
        let key = PlaceKey::Named(name);
        // A formula is a text of its own, which stands in a file as it is.
        if let (Some(origin), Some((source, span))) = (error.origin(), self.places.find(&key))
            && origin.name.starts_with('<')
            && !source.name.starts_with('-')
            && let Some(start) = source.slice(span).find(origin.text.as_str())
        {
            return error.within(&Arc::clone(source), span.start + start);
        }
        self.places.locate(&key, error)
    }
}

/// The window of the essay's picture: the start at an edge, the minimum in the middle.
fn window(start: &[f64], minimum: &[f64]) -> Option<Extents> {
    let (&[x0, y0], &[x, y]) = (start, minimum) else {
        return None;
    };
    let (width, height) = ((x - x0).abs(), (y - y0).abs());
    let widest = match width.max(height) {
        0.0 => 1.0,
        widest => widest,
    };
    // A start on an axis through the minimum must not make the window flat.
    let (width, height) = (width.max(widest / 4.0), height.max(widest / 4.0));
    Some(Extents {
        x: (x - width, x + width),
        y: (y - height, y + height),
    })
}

/// Five times as far as the start, the minimum or 1 lies from the origin: 5 for the essay's valley.
fn bound(start: &[f64], minimum: &[f64]) -> f64 {
    let sizes = start.iter().chain(minimum).map(|value| value.abs());
    5.0 * sizes.fold(1.0, f64::max)
}
