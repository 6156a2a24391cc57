//! `info prediction`: what theory says about the lane in focus, beside what was measured.
//!
//! ```text
//! gd, predicted exactly from t = 0
//!     lambda     alpha  predicted  in words
//!          1  -0.65399   -0.65399  monotone, x0.9802
//!        100   0.49049    0.49049  flipping, x0.9802
//! edge: the curvature is 0.9901 of the largest stable one, 101
//! loss <= 1e-6: predicted at t = 419, not measured yet
//! ```

use crate::{
    analysis::{Regime, stability::Direction},
    debugger::{Tolerance, explain::short, lanes::Entry, session::Session},
};
use std::fmt::Write;

/// Directions that are listed at each end of the spectrum.
const ENDS: usize = 8;

/// The whole text.
pub(super) fn tell(session: &mut Session) -> String {
    let goal = session.tolerance();
    let tolerance = goal.loss();
    let noise = session.noise;
    let entry = session.lanes.focused_mut();
    if entry.compiled().lines.is_empty() {
        return format!(
            "{} was recorded: nothing is known that could be predicted",
            entry.name
        );
    }
    let how = how(entry, tolerance);
    let mut text = format!("{}, {how}\n", entry.name);
    let variances = noise.and_then(|noise| entry.variance(noise));
    directions(entry, tolerance, variances.as_deref(), &mut text);
    let _ = match entry.edge() {
        None if !entry.is_predictable() => {
            writeln!(text, "more numbers move than are taken into account")
        }
        Some(edge) => writeln!(
            text,
            "edge: the curvature is {} of the largest stable one, {}",
            short(edge.share),
            short(edge.curvature)
        ),
        None => writeln!(text, "edge: none here: every curvature is stable"),
    };
    convergence(entry, goal, &mut text);
    if noise.is_some() {
        let spread = match variances {
            Some(_) => "the variance of alpha settles as listed",
            None => "no stationary state is predicted",
        };
        let _ = writeln!(text, "noise: predictions are means; {spread}");
    }
    text.trim_end().to_owned()
}

/// How its errors are predicted.
fn how(entry: &mut Entry, tolerance: f64) -> String {
    let known = entry.reference.eigenbasis().is_some();
    match entry.forecast(tolerance) {
        Some(forecast) if forecast.prediction.exact => {
            format!("predicted exactly from t = {}", forecast.since)
        }
        Some(forecast) => format!("predicted locally from t = {}", forecast.since),
        None if !known => "no minimum is known, so no error is predicted".into(),
        None => "not predicted here".into(),
    }
}

fn directions(entry: &mut Entry, tolerance: f64, variances: Option<&[f64]>, text: &mut String) {
    let t = entry.lane.position().t;
    let Some(outlook) = entry.outlook().cloned() else {
        return;
    };
    let forecast = entry.forecast(tolerance);
    let predicted = forecast.and_then(|forecast| Some(forecast.alpha(t)?.to_vec()));
    let reference = &entry.reference;
    let n = reference.minimum.len();
    let mut alpha = None;
    // The errors of the boundary: w may be under way.
    let here = entry.lane.position();
    entry.lane.seek(crate::debugger::Position::at(t), |_| true);
    if let Some(spectrum) = reference.eigenbasis() {
        let w = entry.lane.machine().w();
        let found = alpha.insert(vec![0.0; n]);
        spectrum.components(w, &reference.minimum, found);
    }
    entry.lane.seek(here, |_| true);
    let held = if outlook.held { ", scales held" } else { "" };
    let spread = |text: &str| match variances {
        Some(_) => format!(" {text:>12}"),
        None => String::new(),
    };
    let _ = writeln!(
        text,
        "{:>10} {:>12} {:>12}{}  in words{held}",
        "lambda",
        "alpha",
        "predicted",
        spread("variance")
    );
    for (at, direction) in outlook.directions.iter().enumerate() {
        if n > 2 * ENDS && at == ENDS {
            let _ = writeln!(text, "{:>10}", "...");
        }
        if n > 2 * ENDS && (ENDS..n - ENDS).contains(&at) {
            continue;
        }
        let expected = predicted
            .as_ref()
            .map_or("-".to_owned(), |it| short(it[at]));
        let _ = writeln!(
            text,
            "{:>10} {:>12} {expected:>12}{}  {}",
            short(direction.lambda),
            alpha.as_ref().map_or("-".to_owned(), |it| short(it[at])),
            variances.map_or(String::new(), |it| spread(&short(it[at]))),
            words(direction)
        );
    }
    if outlook.directions.is_empty() {
        let _ = writeln!(text, "an iteration: {}", outlook.regime);
    }
}

/// A direction's regime, and what an iteration multiplies its errors by.
fn words(direction: &Direction) -> String {
    let size = direction.modes.first().map_or(f64::NAN, |mode| mode.norm());
    let factor = match direction.regime {
        Regime::Monotone | Regime::Ringing { .. } | Regime::Flipping => {
            format!(", x{}", short(size))
        }
        _ => String::new(),
    };
    let mixed = if direction.decoupled {
        ""
    } else {
        " (mixes with others)"
    };
    format!("{}{factor}{mixed}", direction.regime)
}

fn convergence(entry: &mut Entry, goal: Tolerance, text: &mut String) {
    let tolerance = goal.loss();
    let touched = entry.lane.timeline().convergence().touched;
    let t = entry.lane.position().t;
    let touched = touched.filter(|touched| *touched <= t);
    let Some(forecast) = entry.forecast(tolerance).cloned() else {
        return;
    };
    // What lies behind is not predicted from here: where that is local, what was said there counts.
    let forecast = match touched {
        Some(touched) if !forecast.prediction.exact => entry.foresaw(touched, tolerance),
        _ => Some(forecast),
    };
    let expected = match forecast {
        None => "not predicted".to_owned(),
        Some(forecast) => match forecast.reaches(tolerance) {
            Some(reached) if forecast.prediction.exact => format!("predicted at t = {reached}"),
            Some(reached) => format!("predicted at t = {reached} from t = {}", forecast.since),
            None if forecast.prediction.exact => "not predicted to be reached".to_owned(),
            None => format!(
                "not predicted within {} iterations",
                forecast.prediction.loss.len()
            ),
        },
    };
    let measured = match touched {
        Some(touched) => format!("measured at t = {touched}"),
        None => "not measured yet".to_owned(),
    };
    let _ = writeln!(text, "loss <= {goal}: {expected}, {measured}");
}
