//! The loss of a scenario: a named one, a formula, or a quadratic by its eigenvalues.

use super::{FlagGroup, PlaceKey, Scenario, list};
use crate::{
    analysis::spectrum::MAX_DENSE,
    error::{Error, ErrorCode, Result, Source, Span},
    loss::{self, Definition, Extents, Landscape, Quadratic, plane_rotation, random_rotation},
    text::counted,
};
use nalgebra::{DMatrix, DVector};
use std::{path::Path, sync::Arc};

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
        let matrix = self.hessian()?;
        let eigenvalues = match (&self.eigenvalues, &matrix) {
            // They are those of the matrix.
            (None, Some(matrix)) => vec![1.0; matrix.nrows()],
            (Some(eigenvalues), _) => eigenvalues.clone(),
            (None, None) => match &self.minimum {
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
                format!(
                    "an angle turns a quadratic in two parameters, and n is {n}: use --rotation-seed"
                )
            } else {
                format!("{degrees} is not an angle in degrees")
            };
            return Err(self.at("rotate", Error::plain(ErrorCode::InvalidValue, message)));
        }
        let start = self.start.clone().unwrap_or_else(|| vec![0.0; n]);
        if start.len() != n {
            let message = format!(
                "the loss has {}, but the start has {}",
                counted(n, "parameter"),
                start.len()
            );
            return Err(self.at("start", Error::plain(ErrorCode::ShapeMismatch, message)));
        }
        let (key, loss, basis) = match (matrix, self.rotation_seed) {
            (Some(matrix), _) => ("matrix", Quadratic::with_hessian(&matrix, &minimum), None),
            (None, 0) => {
                let loss = Quadratic::new(&eigenvalues, &minimum, degrees);
                let basis = (degrees != 0.0).then(|| plane_rotation(degrees));
                ("eigenvalues", loss, basis)
            }
            (None, seed) => {
                if n > MAX_DENSE {
                    let message = format!(
                        "at most {MAX_DENSE} eigenvectors are rotated at random, and n is {n}"
                    );
                    let error = Error::plain(ErrorCode::LimitReached, message);
                    return Err(self.at("rotation-seed", error));
                }
                let basis = random_rotation(n, seed);
                let loss = Quadratic::along(&eigenvalues, &basis, &minimum);
                ("eigenvalues", loss, Some(basis))
            }
        };
        let loss = loss.map_err(|error| self.at(key, error))?;
        let start = match (basis, self.rotate_start) {
            (Some(basis), Some(true)) => turned(&basis, &start, &minimum),
            _ => start,
        };
        Ok(Landscape {
            name: QUADRATIC.to_owned(),
            loss: Arc::new(loss),
            window: window(&start, &minimum),
            bound: bound(&start, &minimum),
            start,
        })
    }

    /// The Hessian of `--matrix`, and nothing beside it that would be another one.
    fn hessian(&self) -> Result<Option<DMatrix<f64>>> {
        let Some(path) = &self.matrix else {
            if self.rotation_seed != 0 && self.rotate.is_some_and(|it| it != 0.0) {
                let error = Error::plain(ErrorCode::Conflict, "the quadratic is rotated twice");
                return Err(self.at("rotate", error.help("give --rotate or --rotation-seed")));
            }
            return Ok(None);
        };
        let others = [
            ("eigenvalues", self.eigenvalues.is_some()),
            ("rotate", self.rotate.is_some()),
            ("rotation-seed", self.rotation_seed != 0),
            ("rotate-start", self.rotate_start == Some(true)),
        ];
        if let Some((other, _)) = others.iter().find(|(_, given)| *given) {
            let message = format!("`matrix` is the whole Hessian, and `{other}` would be another");
            let error = Error::plain(ErrorCode::Conflict, message).help("leave one of them out");
            return Err(self.at(other, error));
        }
        let source = Source::read(Path::new(path)).map_err(|error| self.at("matrix", error))?;
        matrix(&source).map(Some)
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

/// The matrix in a text: a row on each line, its numbers between commas or blanks.
fn matrix(source: &Arc<Source>) -> Result<DMatrix<f64>> {
    let (mut rows, mut at) = (Vec::new(), 0);
    for line in source.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let code = line.split('#').next().unwrap_or_default();
        let mut row = Vec::new();
        let mut from = start;
        for word in code.split([',', ';', ' ', '\t', '\r', '\n']) {
            if !word.is_empty() {
                row.push(list::number(source, Span::new(from, from + word.len()))?);
            }
            from += word.len() + 1;
        }
        if row.is_empty() {
            continue;
        }
        let wrong = |code, message| {
            Err(Error::new(
                code,
                source,
                Span::new(start, start + code_len(line)),
                message,
            ))
        };
        if rows
            .first()
            .is_some_and(|first: &Vec<f64>| first.len() != row.len())
        {
            let message = format!(
                "this row has {} numbers, the first one {}",
                row.len(),
                rows[0].len()
            );
            return wrong(ErrorCode::ShapeMismatch, message);
        }
        if row.len() > MAX_DENSE || rows.len() >= MAX_DENSE {
            return wrong(
                ErrorCode::LimitReached,
                format!("a matrix has at most {MAX_DENSE} rows"),
            );
        }
        rows.push(row);
    }
    if rows.is_empty() {
        let end = Span::new(0, source.text.len());
        let error = Error::new(
            ErrorCode::InvalidValue,
            source,
            end,
            "there is no number in this matrix",
        );
        return Err(error.help("write a row on each line: 2 1, and below it 1 3"));
    }
    let columns = rows[0].len();
    Ok(DMatrix::from_row_slice(rows.len(), columns, &rows.concat()))
}

/// The length of a line without its end.
fn code_len(line: &str) -> usize {
    line.trim_end().len()
}

/// `start`, turned about `minimum` by `basis`.
fn turned(basis: &DMatrix<f64>, start: &[f64], minimum: &[f64]) -> Vec<f64> {
    let minimum = DVector::from_row_slice(minimum);
    let error = DVector::from_row_slice(start) - &minimum;
    (&minimum + basis * error).as_slice().to_vec()
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
