//! The minima that a loss file declares, and the check that the loss has them.

use super::{Evaluator, Loss, norm};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    format::short,
    lang::{declaration::constant, matrix::eigen},
    value::Value,
};
use std::sync::Arc;

/// Radii of the surroundings that are looked at, relative to the larger of 1 and the largest coordinate.
const RADII: [f64; 3] = [1e-3, 1e-4, 1e-5];
/// The share of the loss's change within a radius that it may fall by: that of a minimum that is off by a tenth of
/// the radius.
const SHARE: f64 = 0.01;
/// The relative rounding error of a loss, at most.
const ROUNDING: f64 = 1e-13;
/// Most coordinates whose axes are looked along.
const AXES: usize = 64;
/// Most parameters for which the eigenvector of least curvature is looked along.
const EIGEN: usize = 32;

/// A minimum that a file declares.
#[derive(Debug, Clone)]
pub(super) struct Minimum {
    /// The place.
    pub place: MinimumPlace,
    /// The line of the file that declares it.
    pub line: Span,
}

/// The place of a minimum.
#[derive(Debug, Clone)]
pub(super) enum MinimumPlace {
    /// One place.
    At(Vec<f64>),
    /// A place for any number of parameters: coordinate `i` is the part of the file at this span.
    General(Arc<Source>, Span),
}

impl Minimum {
    /// True if there is one for any number of parameters.
    pub fn is_general(&self) -> bool {
        matches!(self.place, MinimumPlace::General(..))
    }

    /// The coordinates, `[n]`.
    pub fn at(&self, n: usize) -> Vec<f64> {
        match &self.place {
            MinimumPlace::At(place) => place.clone(),
            // Read once when the file was; what cannot be computed for another n is nowhere.
            MinimumPlace::General(source, span) => (1..=n)
                .map(|i| coordinate(source, *span, i, n).unwrap_or(f64::NAN))
                .collect(),
        }
    }
}

/// Coordinate `i` of `n`, from 1, as the part of the file at `span` computes it.
///
/// # Errors
/// What is no constant expression in `i` and `n`.
#[expect(clippy::cast_precision_loss, reason = "dimensions are far below 2^53")]
pub(super) fn coordinate(source: &Arc<Source>, span: Span, i: usize, n: usize) -> Result<f64> {
    let known = [("i", i as f64), ("n", n as f64)];
    constant(source, span, &known, "a coordinate of a minimum")
}

/// Checks that each of `minima` is one of `loss`, and is declared once.
///
/// # Errors
/// A minimum at which the loss is not finite, one near which it falls at every radius, one that stands there twice;
/// each at its line.
pub(super) fn check(source: &Arc<Source>, loss: &dyn Loss, minima: &[Minimum]) -> Result<()> {
    let mut evaluator = loss.evaluator();
    let mut seen: Vec<Vec<f64>> = Vec::new();
    for minimum in minima {
        let error = |message| Error::new(ErrorCode::InvalidValue, source, minimum.line, message);
        let w = minimum.at(loss.dimension());
        let place = Value::Vector(w.clone());
        if seen.contains(&w) {
            return Err(error(format!("the minimum at {place} is declared twice")));
        }
        let value = evaluator.value(&w);
        if !value.is_finite() {
            let message = format!("the loss is {} at {place}", short(value));
            return Err(error(message).help("a minimum is a place at which the loss is finite"));
        }
        if let Some((lower, there)) = descent(&mut *evaluator, &w, value) {
            let message = format!("the loss has no minimum at {place}");
            let (value, lower) = (short(value), short(lower));
            return Err(error(message).help(format!(
                "it falls from {value} there to {lower} at {}",
                Value::Vector(there)
            )));
        }
        seen.push(w);
    }
    Ok(())
}

/// A place in the nearest surroundings of `w` at which the loss is lower, with the loss there; `None` where within
/// some radius it is nowhere lower by more than a rounded minimum explains.
///
/// Nothing is asked of derivatives, which a tip does not have and a degenerate minimum has in vain.
fn descent(evaluator: &mut dyn Evaluator, w: &[f64], value: f64) -> Option<(f64, Vec<f64>)> {
    let size = w.iter().fold(1.0_f64, |most, w| most.max(w.abs()));
    let directions = directions(evaluator, w);
    let mut lower = None;
    for radius in RADII {
        let (mut change, mut least) = (0.0_f64, (value, Vec::new()));
        for direction in &directions {
            let ahead = w.iter().zip(direction);
            let there: Vec<f64> = ahead.map(|(w, d)| w + radius * size * d).collect();
            let found = evaluator.value(&there);
            if found.is_finite() {
                change = change.max((found - value).abs());
            }
            if found < least.0 {
                least = (found, there);
            }
        }
        if value - least.0 <= SHARE * change + ROUNDING * value.abs() {
            return None;
        }
        lower.get_or_insert(least);
    }
    lower
}

/// Unit vectors to look along: the gradient, the axes, diagonals of neighbouring axes, and the eigenvector of the
/// least eigenvalue; each with its opposite.
fn directions(evaluator: &mut dyn Evaluator, w: &[f64]) -> Vec<Vec<f64>> {
    let n = w.len();
    let mut gradient = vec![0.0; n];
    evaluator.value_and_gradient(w, &mut gradient);
    let mut all = vec![gradient];
    for at in 0..n.min(AXES) {
        let mut axis = vec![0.0; n];
        axis[at] = 1.0;
        all.push(axis.clone());
        if at + 1 < n {
            axis[at + 1] = 1.0;
            all.push(axis.clone());
            axis[at + 1] = -1.0;
            all.push(axis);
        }
    }
    if n <= EIGEN {
        let found = eigen::symmetric(evaluator.hessian(w));
        all.extend(found.map(|(_, vectors)| vectors.column(0).iter().copied().collect()));
    }
    let mut units = Vec::new();
    for direction in all {
        let length = norm(&direction);
        if length > 0.0 && length.is_finite() {
            units.push(direction.iter().map(|it| it / length).collect());
            units.push(direction.iter().map(|it| -it / length).collect());
        }
    }
    units
}
