//! Lines of what theory says: expected errors and losses, envelopes, and bounds that hold for any method.

use super::{
    Panel, Plots, Room,
    plan::{CurveSource, PanelPlan, as_f64},
};
use crate::{
    analysis::{Regime, theory},
    debugger::{Control, Session, lanes::Forecast},
    format::{label, short},
    tui::{app::LaneTheory, cells::cells, plot::PlotBucket},
};

/// Iterations between two forecasts of a run whose scales move.
const ANCHORS: u64 = 16;

impl Plots {
    /// The errors that are expected: exact ones, or by what held at the last of some boundaries, so that they do not
    /// move at every step.
    fn forecast(
        &mut self,
        session: &mut Session,
        tolerance: f64,
        control: &mut Control,
    ) -> Option<Forecast> {
        let t = session.position().t;
        let entry = session.focused_mut();
        let forecast = entry.forecast(tolerance, control);
        if let Some(forecast) = forecast.filter(|it| it.prediction.exact) {
            return Some(forecast.clone());
        }
        let anchor = t / ANCHORS * ANCHORS;
        let key = (entry.name.clone(), entry.lane.edits().len(), anchor);
        if self.local.as_ref().is_none_or(|(known, _)| *known != key) {
            let found = entry.foresaw(anchor, tolerance, control);
            if control.has_ended() {
                return found;
            }
            self.local = Some((key, found));
        }
        self.local.as_ref()?.1.clone()
    }

    /// The theory of the errors and of the loss, as lines and in words.
    pub(super) fn analysis(
        &mut self,
        session: &mut Session,
        sight: &LaneTheory,
        plan: &PanelPlan,
        (room, control): (Room, &mut Control),
        panel: &mut Panel,
    ) {
        let tolerance = session.latest_tolerance();
        let measured = panel
            .curves
            .iter()
            .flat_map(|curve| curve.past.iter().chain(&curve.ahead));
        // What is expected to explode must not flatten what was measured.
        let most = 2.0
            * measured.fold(0.0, |most: f64, it| {
                most.max(it.max.abs()).max(it.min.abs())
            });
        // What has ended goes nowhere, whatever was predicted.
        let focused = session.lanes().focused();
        let ended = focused.is_halted().then(|| focused.frontier());
        let span = ended.map_or(room.end(), |t| room.end().min(t + 1));
        let Some(planned) = plan.curves.first() else {
            return;
        };
        match planned.subject {
            CurveSource::Loss { floor, .. } => {
                if floor == tolerance.floor {
                    panel.threshold = Some(tolerance.above);
                }
                let exact = session
                    .focused_mut()
                    .forecast(tolerance.loss(), control)
                    .filter(|forecast| forecast.prediction.exact);
                if let Some(forecast) = exact {
                    let losses = forecast.prediction.loss.iter().map(|loss| loss - floor);
                    panel
                        .theory
                        .push(line(losses, forecast.since, span, f64::INFINITY));
                }
                // Lines without a name would be those of anything.
                let fits = |name: &&&str| {
                    let columns = room.beside.map(usize::from);
                    columns.is_some_and(|columns| named(panel, name) < columns)
                };
                if let Some(name) = BOUNDS.iter().find(fits) {
                    bounds(session, floor, room, span, (panel, name));
                }
            }
            CurveSource::Watch { .. } => {
                let Some(i) = plan.eigenvector else { return };
                let direction = sight.outlook.as_ref().and_then(|it| it.directions.get(i));
                let mode = direction.and_then(|it| it.modes.first().copied());
                let regime = direction.map_or(Regime::Unknown, |it| it.regime);
                let Some(forecast) = self.forecast(session, tolerance.loss(), control) else {
                    return;
                };
                let alphas = || forecast.prediction.alpha.iter().map(|alpha| alpha[i]);
                panel
                    .theory
                    .push(line(alphas(), forecast.since, span, most));
                let Some(mode) = mode else { return };
                panel.told = match ended {
                    Some(t) => format!("ended at t = {t}"),
                    None => told(regime, mode.re, mode.norm()),
                };
                let swings = matches!(regime, Regime::Ringing { .. });
                if forecast.prediction.exact && swings {
                    let envelope = envelope(alphas(), mode.norm());
                    for side in [1.0, -1.0] {
                        let count = alphas().len();
                        let values = (0..count)
                            .map(|k| side * envelope * libm::pow(mode.norm(), as_f64(k as u64)));
                        // Nothing beyond what was measured, which it must not flatten.
                        let within =
                            values.map(|it| if it.abs() <= 0.5 * most { it } else { f64::NAN });
                        let bounded = line(within, forecast.since, span, f64::INFINITY);
                        panel.theory.push(bounded);
                    }
                }
            }
        }
    }
}

/// Names of the lines, the longest first.
const BOUNDS: [&str; 3] = [
    "bounds (k-1)/(k+1) and (sqrt k-1)/(sqrt k+1)",
    "bounds (k-1)/(k+1), sqrt k",
    "bounds k, sqrt k",
];

/// The columns that hold the title, the names of the curves and those of the lines.
fn named(panel: &Panel, name: &str) -> usize {
    let labels = panel.curves.iter().map(|it| cells(&it.label) + 4);
    let legend = match panel.curves.len() {
        0 | 1 => 0,
        // Blanks between the three.
        _ => labels.sum::<usize>() + ", log".len() + 4,
    };
    cells(&panel.title) + legend + name.len() + 8
}

/// The share of the loss at the start that a diagram of losses spans at least.
const HEIGHT: f64 = 1e-2;

/// The lines of the best worst-case rates on a quadratic: (kappa - 1)/(kappa + 1) of gradient descent with a constant
/// step size, and (sqrt kappa - 1)/(sqrt kappa + 1) of any method by gradients in many dimensions (Nesterov 2004,
/// theorem 2.1.13), from the start on.
fn bounds(session: &Session, floor: f64, room: Room, end: u64, (panel, name): (&mut Panel, &str)) {
    let focused = session.lanes().focused();
    let Ok(kappa) = theory::kappa(focused.latest_reference()) else {
        return;
    };
    let start = focused.lane.timeline().path.points().next();
    let (true, Some(start)) = (session.landscape().loss.is_quadratic(), start) else {
        return;
    };
    let height = start.loss - floor;
    // Below all others a line would only flatten them.
    let curves = panel
        .curves
        .iter()
        .flat_map(|it| it.past.iter().chain(&it.ahead));
    let others = curves.chain(panel.theory.iter().flatten());
    let lows = others.map(|it| it.min).filter(|low| *low > 0.0);
    let least = lows.fold(HEIGHT * height, f64::min).max(1e-16 * height);
    let stride = (room.span / (2 * u64::from(room.columns.max(1)))).max(1);
    for root in [kappa, kappa.sqrt()] {
        let rate = (root - 1.0) / (root + 1.0);
        let loss = |t: u64| height * libm::pow(rate, 2.0 * as_f64(t - start.t));
        let firsts = (room.from.max(start.t)..end).step_by(usize::try_from(stride).unwrap_or(1));
        let falling = firsts.map(|first| {
            let last = (first + stride - 1).min(end - 1);
            PlotBucket {
                first: as_f64(first),
                last: as_f64(last),
                min: loss(last),
                max: loss(first),
            }
        });
        let seen = falling.take_while(|it| it.max > least);
        panel.theory.push(seen.collect());
    }
    name.clone_into(&mut panel.told);
}

/// The regime of an error in a few words, with the factor of an iteration.
fn told(regime: Regime, real: f64, modulus: f64) -> String {
    let word = regime.word();
    match regime {
        Regime::Ringing { period } => {
            let (period, factor) = (label::period(period), label::factor(modulus, 4));
            format!("{word}, period {period}, x {factor}")
        }
        Regime::Monotone | Regime::Flipping => format!("{word}, x {}", label::factor(real, 4)),
        Regime::Diverging { factor } => format!("{word}, x {}", label::factor(factor, 4)),
        Regime::Growing { factor } => {
            format!("{word} for now, x {}", label::factor(factor, 4))
        }
        Regime::Constant { step } => format!("{word} steps of {}", short(step.abs())),
        Regime::Swinging { step } => format!("{word} by {}", short(step.abs())),
        Regime::OneShot | Regime::Still => word.to_owned(),
        Regime::Unknown => String::new(),
    }
}

/// The least C with |alpha(k)| <= C r^k.
fn envelope(alphas: impl Iterator<Item = f64>, modulus: f64) -> f64 {
    let decades = libm::log(modulus);
    let scaled = alphas
        .enumerate()
        .map(|(k, alpha)| libm::log(alpha.abs()) - as_f64(k as u64) * decades);
    libm::exp(
        scaled
            .filter(|it| it.is_finite())
            .fold(f64::NEG_INFINITY, f64::max),
    )
}

/// Values at every iteration from `since` on, up to `span`, as long as they are at most `most` in size.
fn line(values: impl Iterator<Item = f64>, since: u64, span: u64, most: f64) -> Vec<PlotBucket> {
    let points = (since..span).zip(values);
    points
        .take_while(|(_, value)| value.is_nan() || value.abs() <= most)
        .map(|(t, value)| PlotBucket::one(as_f64(t), value))
        .collect()
}
