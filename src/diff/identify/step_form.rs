//! The forms that the line of `w` may have: sums of directions, some of them divided.

use super::observed::{Observed, ObservedSeries};
pub(super) use crate::diff::finding::{DivisorShape, EpsScaling};

/// The numbers that a step is made of: those of a run, or those that the rule expects of it.
pub(super) struct StepView<'a> {
    pub observed: &'a Observed,
    /// The gradient that went in.
    pub g: &'a [Vec<f64>],
    /// True for those of the rule.
    pub is_expected: bool,
}

impl StepView<'_> {
    /// Where `track` arrives in each iteration.
    pub fn rows_of<'b>(&self, track: &'b ObservedSeries) -> &'b [Vec<f64>] {
        if self.is_expected && !track.expected.is_empty() {
            &track.expected
        } else {
            &track.after
        }
    }
}

/// A direction, coordinate by coordinate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum StepDirection {
    /// The gradient that went in.
    Gradient,
    /// A buffer after its update, and before it.
    After(usize),
    Before(usize),
    /// The sign of a buffer, of the gradient, of the two mixed.
    Sign(usize),
    SignGradient,
    SignMixed(usize, f64),
    /// From `w` to a buffer.
    Toward(usize),
    /// Two buffers multiplied.
    Product(usize, usize),
    /// `w` itself, and the same for every coordinate.
    Parameter,
    One,
}

impl StepDirection {
    /// The direction's value in iteration `row`, at coordinate `at`.
    pub fn value(self, view: &StepView, row: usize, at: usize) -> f64 {
        let (o, g) = (view.observed, view.g);
        let after = |k: usize| {
            view.rows_of(&o.buffers[k])
                .get(row)
                .map_or(f64::NAN, |it| it.get(at).copied().unwrap_or(f64::NAN))
        };
        let sign = |x: f64| if x == 0.0 { 0.0 } else { x.signum() };
        match self {
            Self::Gradient => g[row][at],
            Self::After(k) => after(k),
            Self::Before(k) => o.buffers[k].before[row][at],
            Self::Sign(k) => sign(after(k)),
            Self::SignGradient => sign(g[row][at]),
            Self::SignMixed(k, b) => {
                sign(b * o.buffers[k].before[row][at] + (1.0 - b) * g[row][at])
            }
            Self::Toward(k) => o.buffers[k].before[row][at] - o.w.before[row][at],
            Self::Product(k, l) => after(k) * after(l),
            Self::Parameter => o.w.before[row][at],
            Self::One => 1.0,
        }
    }

    /// The buffers that have to be there before it has a value.
    pub fn needs(self) -> [Option<usize>; 2] {
        match self {
            Self::After(k) | Self::Sign(k) => [Some(k), None],
            Self::Product(k, l) => [Some(k), Some(l)],
            _ => [None, None],
        }
    }
}

/// The divisor of a step's direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Divisor {
    pub scale: usize,
    pub shape: DivisorShape,
    pub spread: EpsScaling,
    pub eps: f64,
    /// The decay of the second moment, whose correction scales eps.
    pub beta: f64,
}

impl Divisor {
    /// The divisor's value in iteration `row`, which is update number `count`, at coordinate `at`.
    pub fn value(self, view: &StepView, count: f64, row: usize, at: usize) -> f64 {
        let s = StepDirection::After(self.scale).value(view, row, at);
        let correction = match self.spread {
            EpsScaling::Constant => 1.0,
            EpsScaling::Corrected => 1.0 - libm::pow(self.beta, count),
            EpsScaling::Powered => libm::pow(self.beta, count),
        };
        match self.shape {
            DivisorShape::Root => s.sqrt() + self.eps * correction.sqrt(),
            DivisorShape::Inside => (s + self.eps * correction).sqrt(),
            DivisorShape::Plain => s + self.eps,
        }
    }
}

/// Directions that an update is a sum of: the first are divided, the last are not.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct UpdateForm {
    pub divided: Vec<StepDirection>,
    pub divisor: Option<Divisor>,
    pub plain: Vec<StepDirection>,
}

impl UpdateForm {
    pub fn len(&self) -> usize {
        self.divided.len() + self.plain.len()
    }
}
