//! What theory says about a lane, beside what was measured.
//!
//! ```text
//! gd, predicted exactly from t = 0
//!     lambda     alpha  predicted  in words
//!          1  -0.65399   -0.65399  monotone, x0.9802
//!        100   0.49049    0.49049  flipping, x0.9802
//! edge: the curvature is 0.9901 of the largest stable one, 101
//! loss <= 1e-6: predicted at t = 419, not measured yet
//! ```

use crate::{analysis::Unknown, debugger::Tolerance, format::short, value::Real};
use serde::Serialize;
use std::fmt::{self, Write};

/// Directions that are listed at each end of the spectrum.
const ENDS: usize = 8;

/// What theory says about a lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prediction {
    /// The lane.
    pub lane: String,
    /// How its errors are predicted.
    pub how: How,
    /// The boundary from which they are predicted.
    pub from_t: Option<u64>,
    /// Whether scales are held, so that the factors are true for the moment only.
    pub held: bool,
    /// What one iteration does along each eigenvector of the Hessian.
    pub directions: Vec<Direction>,
    /// What one iteration does, where no direction is known.
    pub iteration: Option<String>,
    /// How far the curvature is from the largest stable one.
    pub edge: Option<Edge>,
    /// The reason for which there is no edge, or none is known.
    pub no_edge: Option<Unknown>,
    /// When the loss comes down to the tolerance.
    pub convergence: Option<Convergence>,
    /// The reason for which alpha has no stationary variance under the noise.
    pub no_variance: Option<Unknown>,
    /// Whether gradients are noisy: predictions are means then.
    pub noisy: bool,
    /// Whether few enough numbers move for anything to be predicted.
    pub predictable: bool,
}

/// How errors are predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// To the last.
    Exactly,
    /// As far as the loss is like its quadratic model here.
    Locally,
    /// Not here.
    Not,
    /// Not at all: no minimum is known.
    NoMinimum,
    /// Not at all: the run was recorded, and nothing is known of its rule.
    Recorded,
}

/// What one iteration does along an eigenvector of the Hessian.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Direction {
    /// The eigenvalue.
    pub lambda: Real,
    /// The error along it.
    pub alpha: Option<Real>,
    /// What that is predicted to be.
    pub predicted: Option<Real>,
    /// What its variance settles at, under noise.
    pub variance: Option<Real>,
    /// What the iteration does to it, in words.
    pub regime: String,
    /// What the iteration multiplies it by, where that is not in those words.
    pub factor: Option<Real>,
    /// Whether it mixes with errors along others.
    pub mixed: bool,
}

/// The curvature in units of the largest stable one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Edge {
    /// Its share: unstable above 1.
    pub share: Real,
    /// The largest stable curvature.
    pub curvature: Real,
}

/// When the loss comes down to the tolerance.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Convergence {
    /// How far above its minimum the loss counts as converged.
    pub tolerance: Real,
    /// The loss at that minimum.
    pub floor: Real,
    /// The boundary from which it is predicted, where that is local.
    pub from_t: Option<u64>,
    /// What is predicted.
    pub predicted: Reached,
    /// The t at which it was measured.
    pub measured: Option<u64>,
}

/// When something is predicted to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// At this t.
    At(u64),
    /// Never.
    Never,
    /// Not within so many iterations.
    NotWithin(usize),
    /// Nothing was predicted where it mattered.
    Unknown,
}

impl fmt::Display for Prediction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lane = &self.lane;
        if self.how == How::Recorded {
            return write!(
                f,
                "{lane} was recorded: nothing is known that could be predicted"
            );
        }
        let mut text = format!("{lane}, {}\n", self.how());
        self.table(&mut text);
        if let Some(regime) = &self.iteration {
            let _ = writeln!(text, "an iteration: {regime}");
        }
        let _ = match &self.edge {
            Some(edge) => writeln!(
                text,
                "edge: the curvature is {} of the largest stable one, {}",
                short(edge.share.0),
                short(edge.curvature.0)
            ),
            None if !self.predictable => {
                writeln!(text, "more numbers move than are taken into account")
            }
            None => match self.no_edge {
                Some(why @ (Unknown::AlwaysStable | Unknown::NeverStable)) => {
                    writeln!(text, "edge: none here: {why}")
                }
                Some(why) => writeln!(text, "edge: unknown: {why}"),
                None => Ok(()),
            },
        };
        if let Some(convergence) = &self.convergence {
            let _ = writeln!(text, "{convergence}");
        }
        if self.noisy {
            let spread = match self.no_variance {
                Some(why) => format!("no stationary state is predicted: {why}"),
                None if self.held => {
                    "if the scales stayed as they are, the variance of alpha would settle as listed"
                        .to_owned()
                }
                None => "the variance of alpha settles as listed".to_owned(),
            };
            let _ = writeln!(text, "noise: predictions are means; {spread}");
        }
        f.write_str(text.trim_end())
    }
}

impl Prediction {
    fn how(&self) -> String {
        let from = self.from_t.unwrap_or(0);
        match self.how {
            How::Exactly => format!("predicted exactly from t = {from}"),
            How::Locally => format!("predicted locally from t = {from}"),
            How::NoMinimum => "no minimum is known, so no error is predicted".into(),
            How::Not | How::Recorded => "not predicted here".into(),
        }
    }

    fn has_variances(&self) -> bool {
        self.directions.iter().any(|it| it.variance.is_some())
    }

    fn table(&self, text: &mut String) {
        let n = self.directions.len();
        if n == 0 && self.iteration.is_none() {
            return;
        }
        let held = if self.held { ", scales held" } else { "" };
        let variances = self.has_variances();
        let spread = |text: &str| {
            if variances {
                format!(" {text:>12}")
            } else {
                String::new()
            }
        };
        let number = |value: Option<Real>| value.map_or("-".to_owned(), |it| short(it.0));
        let _ = writeln!(
            text,
            "{:>10} {:>12} {:>12}{}  in words{held}",
            "lambda",
            "alpha",
            "predicted",
            spread("variance")
        );
        for (at, direction) in self.directions.iter().enumerate() {
            if n > 2 * ENDS && at == ENDS {
                let _ = writeln!(text, "{:>10}", "...");
            }
            if n > 2 * ENDS && (ENDS..n - ENDS).contains(&at) {
                continue;
            }
            let _ = writeln!(
                text,
                "{:>10} {:>12} {:>12}{}  {direction}",
                short(direction.lambda.0),
                number(direction.alpha),
                number(direction.predicted),
                spread(&number(direction.variance)),
            );
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.regime)?;
        if let Some(factor) = self.factor {
            write!(f, ", x{}", short(factor.0))?;
        }
        f.write_str(if self.mixed {
            " (mixes with others)"
        } else {
            ""
        })
    }
}

impl fmt::Display for Convergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (above, floor) = (self.tolerance.0, self.floor.0);
        write!(f, "loss <= {}: ", Tolerance { above, floor })?;
        match self.predicted {
            Reached::At(t) => {
                write!(f, "predicted at t = {t}")?;
                if let Some(from) = self.from_t {
                    write!(f, " from t = {from}")?;
                }
            }
            Reached::Never => f.write_str("not predicted to be reached")?,
            Reached::NotWithin(count) => write!(f, "not predicted within {count} iterations")?,
            Reached::Unknown => f.write_str("not predicted")?,
        }
        match self.measured {
            Some(t) => write!(f, ", measured at t = {t}"),
            None => f.write_str(", not measured yet"),
        }
    }
}
