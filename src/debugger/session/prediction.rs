//! `info prediction`: the predictions of theory for the lane in focus, beside measurements.

use super::Session;
use crate::{
    analysis::{
        ClaimKind,
        claim::{Doubt, Verdict},
        stability,
    },
    debugger::{
        LossTolerance,
        answer::{
            ClaimTable, Convergence, DirectionReport, EdgeReport, GrowthReport, IterationReport,
            Method, ModeReport, PredictionReport, Reached,
        },
        control::{Control, interrupted},
        lanes::NamedLane,
        machine::Position,
    },
    error::Result,
    value::Real,
};

impl Session {
    /// The predictions of theory for the lane in focus, beside measurements.
    ///
    /// # Errors
    /// `control` said no.
    pub fn prediction(&mut self, control: &mut Control) -> Result<PredictionReport> {
        let told = tell(self, control);
        if control.has_ended() {
            return Err(interrupted());
        }
        Ok(told)
    }

    /// The claims about the lane in focus.
    ///
    /// # Errors
    /// `control` said no.
    pub fn claims(&mut self, control: &mut Control) -> Result<ClaimTable> {
        let goal = self.tolerance();
        let entry = self.lanes.focused_mut();
        let claims = entry.claims(goal, control);
        if control.has_ended() {
            return Err(interrupted());
        }
        Ok(ClaimTable {
            claims,
            lane: entry.name.clone(),
            t: entry.lane.position().t,
        })
    }
}

fn tell(session: &mut Session, control: &mut Control) -> PredictionReport {
    let goal = session.tolerance();
    let tolerance = goal.loss();
    let noise = session.noise;
    let entry = session.lanes.focused_mut();
    let mut told = PredictionReport {
        lane: entry.name.clone(),
        how: if entry.compiled().lines.is_empty() {
            Method::Recorded
        } else if entry.reference().eigenbasis().is_none() {
            Method::NoMinimum
        } else {
            Method::Not
        },
        from_t: None,
        held: false,
        directions: Vec::new(),
        iteration: None,
        edge: None,
        no_edge: None,
        no_variance: None,
        convergence: None,
        claims: Vec::new(),
        growth: None,
        noisy: noise.is_some(),
        predictable: entry.is_predictable(),
    };
    if told.how == Method::Recorded {
        return told;
    }
    told.claims = entry.claims(goal, control);
    if let Some(forecast) = entry.forecast(tolerance, control) {
        let exact = told.claims.iter().find(|it| it.kind == ClaimKind::Exact);
        told.how = match exact.map(|it| it.verdict) {
            Some(Verdict::Holds) => Method::Exactly,
            Some(Verdict::Unknown(Doubt::Noise)) => Method::OnAverage,
            Some(Verdict::Unknown(Doubt::Rounding { .. })) => Method::Untold,
            Some(Verdict::Unknown(_)) => Method::Doubted,
            Some(Verdict::Fails) | None => Method::Locally,
        };
        told.from_t = Some(forecast.since);
    }
    let variances = match noise.map(|noise| entry.variance(noise)) {
        Some(Ok(variances)) => Some(variances),
        Some(Err(why)) => {
            told.no_variance = Some(why);
            None
        }
        None => None,
    };
    if let Some(outlook) = entry.outlook().cloned() {
        told.held = outlook.held;
        let variances = variances.as_deref();
        told.directions = directions(entry, tolerance, variances, &outlook, control);
        // Errors that mix have modes together only.
        let is_whole = told.directions.iter().all(|it| !it.mixed) && !told.directions.is_empty();
        told.iteration = (!is_whole).then(|| IterationReport {
            regime: outlook.regime,
            modes: outlook.modes.iter().map(ModeReport::from).collect(),
        });
    }
    match entry.edge() {
        Ok(edge) => {
            told.edge = Some(EdgeReport {
                share: Real(edge.share),
                curvature: Real(edge.curvature),
            });
        }
        Err(why) => told.no_edge = Some(why),
    }
    told.convergence = convergence(entry, goal, control);
    let growth = entry.growth().ok().filter(|it| it.is_worth_telling());
    told.growth = growth.map(|it| GrowthReport {
        factor: Real(it.factor),
        after: it.after,
    });
    told
}

fn directions(
    entry: &mut NamedLane,
    tolerance: f64,
    variances: Option<&[f64]>,
    outlook: &stability::LocalModes,
    control: &mut Control,
) -> Vec<DirectionReport> {
    let t = entry.lane.position().t;
    let forecast = entry.forecast(tolerance, control);
    let since = forecast.filter(|it| it.prediction.exact).map(|it| it.since);
    let predicted = forecast.and_then(|forecast| Some(forecast.alpha(t)?.to_vec()));
    let alpha = errors(entry);
    let rounding = since.filter(|_| entry.lane.machine().noise().is_none());
    let rounding = rounding.map_or(0.0, |since| entry.rounding_of_alpha(since));
    let at = |values: Option<&[f64]>, at: usize| values.map(|values| Real(values[at]));
    let effective = entry.effective_curvatures().ok();
    let directions = outlook.directions.iter().enumerate();
    let told = directions.map(|(index, direction)| DirectionReport {
        lambda: Real(direction.lambda),
        here: Real(direction.here),
        eta_lambda: at(effective.as_deref(), index),
        alpha: at(alpha.as_deref(), index),
        predicted: at(predicted.as_deref(), index),
        variance: at(variances, index),
        regime: direction.regime,
        modes: direction.modes.iter().map(ModeReport::from).collect(),
        rounded: alpha.as_ref().is_some_and(|it| it[index].abs() <= rounding),
        mixed: !direction.decoupled,
    });
    told.collect()
}

/// The errors of the boundary before: w may be under way.
fn errors(entry: &mut NamedLane) -> Option<Vec<f64>> {
    let here = entry.lane.position();
    entry.lane.return_to(Position::at(here.t));
    let reference = entry.reference();
    let alpha = reference.eigenbasis().map(|spectrum| {
        let mut alpha = vec![0.0; reference.minimum.len()];
        let w = entry.lane.machine().w();
        spectrum.components(w, &reference.minimum, &mut alpha);
        alpha
    });
    entry.lane.return_to(here);
    alpha
}

fn convergence(
    entry: &mut NamedLane,
    goal: LossTolerance,
    control: &mut Control,
) -> Option<Convergence> {
    let tolerance = goal.loss();
    let touched = entry.lane.timeline().convergence().touched;
    let t = entry.lane.position().t;
    let touched = touched.filter(|touched| *touched <= t);
    let forecast = entry.forecast(tolerance, control)?.clone();
    let is_exact = forecast.prediction.exact;
    // What lies behind is not predicted from here: where that is local, what was said there counts.
    let forecast = match touched {
        Some(touched) if !is_exact => entry.foresaw(touched, tolerance, control),
        _ => Some(forecast),
    };
    let arrival = if is_exact {
        entry.arrival(tolerance, control)
    } else {
        None
    };
    let predicted = forecast.as_ref().map_or(Reached::Unknown, |forecast| {
        match arrival.or_else(|| forecast.reaches(tolerance)) {
            Some(reached) => Reached::At(reached),
            None if forecast.prediction.loss.is_empty() => Reached::Unknown,
            None if is_exact => Reached::Never,
            None => Reached::NotWithin(forecast.prediction.loss.len()),
        }
    });
    Some(Convergence {
        tolerance: Real(goal.above),
        floor: Real(goal.floor),
        from_t: forecast
            .filter(|_| !is_exact)
            .map(|forecast| forecast.since),
        predicted,
        measured: touched,
    })
}
