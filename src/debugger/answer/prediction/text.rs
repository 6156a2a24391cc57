//! Predictions, as text.
//!
//! ```text
//! gd, predicted exactly from t = 0
//!     lambda     alpha  predicted  in words
//!          1  -0.65399   -0.65399  monotone, x0.9802
//!        100   0.49049    0.49049  flipping, x0.9802
//! edge: 0.9901 of the largest stable curvature, 101
//! loss <= 1e-6: predicted at t = 419, not measured yet
//! ```

use crate::{
    analysis::{
        Claim, Regime, Unknown,
        claim::{self, Doubt, Verdict},
    },
    debugger::{
        LossTolerance,
        answer::{ClaimTable, Convergence, DirectionReport, Method, PredictionReport, Reached},
    },
    format::short,
    text,
    value::Real,
};
use std::fmt::{self, Write};

/// Directions that are listed at each end of the spectrum.
const ENDS: usize = 8;

impl fmt::Display for ClaimTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at t = {}", self.lane, self.t)?;
        if self.claims.is_empty() {
            f.write_str(": nothing is claimed of a recorded run")?;
        }
        self.claims.iter().try_for_each(|it| write!(f, "\n  {it}"))
    }
}

impl fmt::Display for PredictionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lane = &self.lane;
        if self.how == Method::Recorded {
            return write!(f, "{lane} is a recorded run: there is nothing to predict");
        }
        let mut text = format!("{lane}, {}\n", self.how());
        self.table(&mut text);
        let rounded = self.directions.iter().zip(1..).filter(|it| it.0.rounded);
        let rounded: Vec<String> = rounded.map(|(_, at)| at.to_string()).collect();
        if !rounded.is_empty() && rounded.len() <= ENDS {
            let which = rounded.join(", ");
            let _ = writeln!(text, "alpha {which}: no more than what rounding of w makes");
        }
        if let Some(iteration) = &self.iteration {
            let factor = iteration.modes.first().map_or(f64::NAN, |it| it.modulus.0);
            let factor = if shrinks(iteration.regime) {
                format!(", x{}", short(factor))
            } else {
                String::new()
            };
            let _ = writeln!(text, "an iteration: {}{factor}", iteration.regime);
        }
        let _ = match &self.edge {
            Some(edge) => writeln!(
                text,
                "edge: {} of the largest stable curvature, {}",
                short(edge.share.0),
                short(edge.curvature.0)
            ),
            None if !self.predictable => {
                writeln!(
                    text,
                    "edge: unknown: an iteration changes too many numbers to analyse"
                )
            }
            None => match self.no_edge {
                Some(why @ (Unknown::AlwaysStable | Unknown::NeverStable)) => {
                    writeln!(text, "edge: none here: {why}")
                }
                Some(why) => writeln!(text, "edge: unknown: {why}"),
                None => Ok(()),
            },
        };
        let effective = self.directions.iter().map(|it| it.eta_lambda);
        let effective: Option<Vec<String>> = effective.map(|it| Some(short(it?.0))).collect();
        if let Some(effective) = effective.filter(|it| (1..=ENDS).contains(&it.len())) {
            let _ = writeln!(
                text,
                "effective step times curvature: {}; gradient descent is stable below 2",
                effective.join(", ")
            );
        }
        if claim::unstable_rest(&self.claims).is_some() {
            let _ = writeln!(
                text,
                "it rests on an unstable point: the gradient is exactly 0; any disturbance drives it away"
            );
        }
        if let Some(growth) = &self.growth {
            let _ = writeln!(
                text,
                "transient growth: an error may first grow to {} times itself, after {}",
                short(growth.factor.0),
                text::counted(growth.after, "iteration")
            );
        }
        if let Some(convergence) = &self.convergence {
            let _ = writeln!(text, "{convergence}");
        }
        // What is told above by itself is not told twice.
        let doubted = |it: &&Claim| {
            let doubt = matches!(
                it.verdict,
                Verdict::Unknown(
                    Doubt::Check { .. }
                        | Doubt::Third { .. }
                        | Doubt::Neutral { .. }
                        | Doubt::Height { .. }
                )
            );
            doubt || it.beside_the_edge().is_some()
        };
        for claim in self.claims.iter().filter(doubted) {
            let _ = writeln!(text, "{claim}");
        }
        if self.noisy {
            let spread = match self.no_variance {
                Some(why) => format!("no stationary state is predicted: {why}"),
                None if self.held => {
                    "with the scales held fixed, the variance of alpha would settle as listed"
                        .to_owned()
                }
                None => "the variance of alpha settles as listed".to_owned(),
            };
            let _ = writeln!(text, "noise: predictions are means; {spread}");
        }
        f.write_str(text.trim_end())
    }
}

impl PredictionReport {
    fn how(&self) -> String {
        let from = self.from_t.unwrap_or(0);
        match self.how {
            Method::Exactly => format!("predicted exactly from t = {from}"),
            Method::OnAverage => format!("predicted on average from t = {from}"),
            Method::Untold => {
                format!("predicted from t = {from}, as far as rounding lets one tell")
            }
            Method::Doubted => format!("predicted from t = {from}, but errors are others"),
            Method::Locally => format!("predicted locally from t = {from}"),
            Method::NoMinimum => "no minimum is known, so no error is predicted".into(),
            Method::Not | Method::Recorded => "not predicted here".into(),
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
        // What an iteration does goes with the curvature at w, where that is another.
        let apart = |it: &DirectionReport| {
            (it.here.0 - it.lambda.0).abs() > 1e-6 * it.here.0.abs().max(it.lambda.0.abs())
        };
        let moved = self.directions.iter().any(apart);
        let here = |text: &str| {
            if moved {
                format!(" {text:>12}")
            } else {
                String::new()
            }
        };
        let number = |value: Option<Real>| value.map_or("-".to_owned(), |it| short(it.0));
        let _ = writeln!(
            text,
            "{:>10} {:>12} {:>12}{}{}  in words{held}",
            "lambda",
            "alpha",
            "predicted",
            spread("variance"),
            here("u'H(w)u")
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
                "{:>10} {:>12} {:>12}{}{}  {direction}",
                short(direction.lambda.0),
                number(direction.alpha),
                number(direction.predicted),
                spread(&number(direction.variance)),
                here(&short(direction.here.0)),
            );
        }
    }
}

/// True for a regime that says neither by its name nor with its factor by how much an error shrinks.
fn shrinks(regime: Regime) -> bool {
    matches!(
        regime,
        Regime::Monotone | Regime::Ringing { .. } | Regime::Flipping
    )
}

impl fmt::Display for DirectionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.regime)?;
        if shrinks(self.regime) {
            let factor = self.modes.first().map_or(f64::NAN, |mode| mode.modulus.0);
            write!(f, ", x{}", short(factor))?;
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
        write!(f, "loss <= {}: ", LossTolerance { above, floor })?;
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
