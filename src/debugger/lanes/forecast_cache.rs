//! Theory about a lane at its position, cached: its modes, its distance from the edge of stability,
//! and the forecast of its errors.
//!
//! All of it is a function of the lane's position; it is computed when it is asked for, and kept until the
//! lane is elsewhere.

use super::{NamedLane, claims::ClaimKey};
use crate::{
    analysis::{
        Boundary, Claim, Known, LocalModes, Prediction, Stability, Unknown,
        stability::{Edge, Growth},
    },
    debugger::{change::Edit, control::Control, lane::Lane, machine::Position},
    loss::{Evaluator, Noise},
    rule::Compiled,
};
use std::sync::Arc;

/// Beyond so many numbers that move, nothing is predicted: n = 66 for a rule with two states.
const MOST: usize = 200;
/// A local prediction is made so many iterations before.
const LOCAL: u64 = 5;
/// One that holds for the present scales goes so far beyond where the lane is.
const AHEAD: u64 = 50;
/// Iterations that are predicted to begin with, and at most, where a prediction is exact.
const FIRST: usize = 512;
const FURTHEST: usize = 8192;
/// A local one is made anew at each stop, and goes this many times less far.
const NEARER: usize = 4;
/// Products that the longest prediction may take: some 50 ms.
const WORK: usize = 50_000_000;

/// The forecasts and modes of a lane, cached by position.
#[derive(Debug, Clone)]
pub struct ForecastCache {
    /// None where there are too many parameters.
    stability: Option<Stability>,
    outlook: Option<(CacheKey, Option<LocalModes>)>,
    edge: Option<(CacheKey, Known<Edge>)>,
    pub(super) growth: Option<(CacheKey, Known<Growth>)>,
    pub(super) radius: Option<(CacheKey, Known<f64>)>,
    forecast: Option<((CacheKey, f64), Option<Forecast>)>,
    /// The exact one that was made last, and from where; none where it could not be exact.
    exact: Option<(CacheKey, Option<Forecast>)>,
    /// The t at which the loss was predicted to reach a tolerance, from some boundary before it did.
    arrival: Option<((CacheKey, f64), Option<u64>)>,
    pub(super) claims: Option<(ClaimKey, Vec<Claim>)>,
}

/// The arguments of a cached result: a boundary, the edits up to it, and the active minimum.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CacheKey {
    t: u64,
    edits: Vec<Edit>,
    minimum: Vec<f64>,
}

/// Errors that were expected.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// The boundary from which they were predicted.
    pub since: u64,
    /// From there on; many thousand numbers, which its copies share.
    pub prediction: Arc<Prediction>,
}

impl Forecast {
    /// The errors at the boundary `t`, `[n]`.
    #[must_use]
    pub fn alpha(&self, t: u64) -> Option<&[f64]> {
        let at = usize::try_from(t.checked_sub(self.since)?).ok()?;
        self.prediction.alpha.get(at).map(Vec::as_slice)
    }

    /// The first t at which the loss is at most `tolerance`, as far as was predicted.
    #[must_use]
    pub fn reaches(&self, tolerance: f64) -> Option<u64> {
        let count = self.prediction.first_within(tolerance)?;
        Some(self.since + count as u64)
    }
}

impl ForecastCache {
    /// Nothing is known yet of runs of `compiled`.
    pub(super) fn new(compiled: &Arc<Compiled>) -> Self {
        // What moves is w and states, so matrices of a few hundred rows are not even begun.
        // Nothing is known about how a run without lines goes on.
        let stability = (compiled.kept() <= 4 * MOST && !compiled.lines.is_empty())
            .then(|| Stability::new(compiled).ok())
            .flatten()
            .filter(|stability| stability.size() <= MOST);
        Self {
            stability,
            outlook: None,
            edge: None,
            growth: None,
            radius: None,
            forecast: None,
            exact: None,
            arrival: None,
            claims: None,
        }
    }
}

impl NamedLane {
    /// True if predictions are possible: no more than 200 numbers move.
    #[must_use]
    pub fn is_predictable(&self) -> bool {
        self.forecasts.stability.is_some()
    }

    /// The numbers that a look at theory computes with, about: of a matrix and its eigenvalues, and of a Hessian; and those
    /// that the active minimum is looked for with, as long as it is not known.
    #[must_use]
    pub fn theory_work(&self) -> usize {
        let n = self.compiled().dimension();
        let rows = self.lane.rows().max(1);
        let theory = (self.forecasts.stability.as_ref())
            .map_or(0, |stability| stability.size().pow(3) + n * n * rows);
        theory
            + if self.knows_reference() {
                0
            } else {
                self.minima().work()
            }
    }

    /// The modes of an iteration at the lane's position; `None` where there are too many
    /// parameters, or the derivative is not finite.
    pub fn outlook(&mut self) -> Option<&LocalModes> {
        self.forecasts.stability.as_ref()?;
        let key = self.key();
        if self.forecasts.outlook.as_ref().is_none_or(|it| it.0 != key) {
            let spectrum = self.reference().spectrum.clone();
            let share = self.share();
            let found = self.on_boundary(|stability, evaluator, at| {
                stability.outlook(evaluator, at, spectrum.as_ref(), share)
            });
            self.forecasts.outlook = Some((key, found.flatten()));
        }
        self.forecasts.outlook.as_ref()?.1.as_ref()
    }

    /// The lane's distance from the edge of stability.
    ///
    /// # Errors
    /// No curvature is stable, or every one; or more numbers move than are taken into account.
    pub fn edge(&mut self) -> Known<Edge> {
        if !self.is_predictable() {
            return Err(Unknown::TooMany);
        }
        let key = self.key();
        if let Some((known, edge)) = &self.forecasts.edge
            && *known == key
        {
            return *edge;
        }
        let found = self.on_boundary(|stability, evaluator, at| stability.edge(evaluator, at));
        let edge = found.unwrap_or(Err(Unknown::TooMany));
        self.forecasts.edge = Some((key, edge));
        edge
    }

    /// The stationary variance of each alpha under `noise`, where it is plain and there is such a state.
    ///
    /// # Errors
    /// The noise is another, or no such state is reached.
    pub fn variance(&mut self, noise: Noise) -> Known<Vec<f64>> {
        if noise.sigma <= 0.0 || noise.batch > 0 || noise.dropout > 0.0 {
            return Err(Unknown::OtherNoise);
        }
        let spectrum = self
            .reference()
            .eigenbasis()
            .ok_or(Unknown::NoMinimum)?
            .clone();
        let found = self.on_boundary(|stability, evaluator, at| {
            stability.variance(evaluator, at, &spectrum, noise.sigma)
        });
        found.unwrap_or(Err(Unknown::TooMany))
    }

    /// The forecast of the errors: from the last edit or the start on where the rule is linear and the
    /// loss quadratic, else from a few iterations ago, by the derivative there.
    ///
    /// `tolerance` is the loss that an exact one is followed to, if it gets there. None, too, where `control` said no on
    /// the way back to where it begins.
    pub fn forecast(&mut self, tolerance: f64, control: &mut Control) -> Option<&Forecast> {
        self.forecasts.stability.as_ref()?;
        let key = (self.key(), tolerance);
        if self
            .forecasts
            .forecast
            .as_ref()
            .is_none_or(|it| it.0 != key)
        {
            let mut found = self.foresee(&key.0, tolerance, control);
            if control.has_ended() {
                return None;
            }
            if let Some(forecast) = found
                .as_mut()
                .filter(|_| self.lane.machine().noise().is_some())
            {
                // Errors are means, and the loss of a mean is not the mean of losses.
                Arc::make_mut(&mut forecast.prediction).loss.clear();
            }
            self.forecasts.forecast = Some((key, found));
        }
        self.forecasts.forecast.as_ref()?.1.as_ref()
    }

    /// The t at which the loss was predicted to come down to `tolerance`, by the prediction that was in force
    /// before it did: what is said of it later is no prediction any more.
    pub fn arrival(&mut self, tolerance: f64, control: &mut Control) -> Option<u64> {
        let here = self.lane.position().t;
        let touched = self.lane.timeline().convergence().touched;
        let forecast = self.forecast(tolerance, control)?;
        let (since, reached) = (forecast.since, forecast.reaches(tolerance));
        let Some(touched) = touched.filter(|touched| *touched < since && *touched <= here) else {
            return reached;
        };
        let key = (self.key_at(touched.saturating_sub(1)), tolerance);
        if let Some((known, arrival)) = &self.forecasts.arrival
            && *known == key
        {
            return *arrival;
        }
        let exact = self.forecasts.exact.take();
        let before = self.foresee(&key.0, tolerance, control);
        self.forecasts.exact = exact;
        if control.has_ended() {
            return None;
        }
        let arrival = before.and_then(|forecast| forecast.reaches(tolerance));
        self.forecasts.arrival = Some((key, arrival));
        arrival
    }

    fn foresee(
        &mut self,
        key: &CacheKey,
        tolerance: f64,
        control: &mut Control,
    ) -> Option<Forecast> {
        let size = self.forecasts.stability.as_ref()?.size();
        let furthest = (WORK / (size * size).max(1)).clamp(FIRST, FURTHEST);
        self.reference().eigenbasis()?;
        let base = self.base(key.t);
        // Very long runs are predicted anew from time to time.
        let since = base + (key.t - base) / furthest as u64 * furthest as u64;
        let whole = CacheKey {
            t: since,
            ..key.clone()
        };
        let is_known = (self.forecasts.exact.as_ref()).filter(|(known, _)| *known == whole);
        let is_linear = match is_known {
            Some((_, None)) => false,
            Some((_, Some(forecast)))
                if forecast.alpha(key.t).is_some() && forecast.reaches(tolerance).is_some()
                    || forecast.prediction.alpha.len() > furthest =>
            {
                return Some(forecast.clone());
            }
            Some(_) => true,
            None => self.predict(since, 1, control)?.exact,
        };
        if is_linear {
            let forecast = self.predict_far(since, (key.t, tolerance), furthest, control)?;
            self.forecasts.exact = Some((whole, Some(forecast.clone())));
            return Some(forecast);
        }
        self.forecasts.exact = Some((whole, None));
        self.foresee_locally(key.t, tolerance, furthest / NEARER, control)
    }

    /// The local forecast of boundary `t`, made a few iterations before it and continued for a while beyond.
    fn foresee_locally(
        &mut self,
        t: u64,
        tolerance: f64,
        furthest: usize,
        control: &mut Control,
    ) -> Option<Forecast> {
        // At the start scales are 0, and nothing follows from that.
        let since = self.base(t).max(1).max(t.saturating_sub(LOCAL));
        if t < since {
            return None;
        }
        // Scales that are held are soon others.
        if !self.forecasts.stability.as_ref()?.holds_scales() {
            return self.predict_far(since, (t, tolerance), furthest, control);
        }
        let count = usize::try_from(t + AHEAD - since).ok()?;
        let prediction = self.predict(since, count, control)?.into();
        Some(Forecast { since, prediction })
    }

    /// The forecast made just before boundary `t`, where none is exact; none where `control` said no.
    pub fn foresaw(&mut self, t: u64, tolerance: f64, control: &mut Control) -> Option<Forecast> {
        self.reference().eigenbasis()?;
        self.foresee_locally(t, tolerance, FIRST, control)
    }

    /// An exact prediction from `since` on that gets to `t` and, if it ever does, to the tolerance.
    fn predict_far(
        &mut self,
        since: u64,
        (t, tolerance): (u64, f64),
        furthest: usize,
        control: &mut Control,
    ) -> Option<Forecast> {
        let mut count = FIRST;
        loop {
            let prediction = self.predict(since, count, control)?.into();
            let forecast = Forecast { since, prediction };
            let losses = &forecast.prediction.loss;
            let half = losses.get(losses.len() / 2);
            let falls = half.is_some_and(|half| losses.last() < Some(half));
            let done = forecast.reaches(tolerance).is_some() || !falls;
            // One that ends before that says nothing of what comes after.
            let has_ended = forecast.prediction.alpha.len() <= count;
            if count >= furthest || has_ended || done && forecast.alpha(t).is_some() {
                return Some(forecast);
            }
            count = furthest.min(2 * count);
        }
    }

    fn predict(&mut self, since: u64, count: usize, control: &mut Control) -> Option<Prediction> {
        let reference = self.reference().clone();
        let share = self.share();
        self.at_boundary(since, control, |stability, evaluator, at| {
            stability.predict(evaluator, at, &reference, count, share)
        })?
    }

    /// The share of the gradient's elements that is not dropped at random.
    fn share(&self) -> f64 {
        let noise = self.lane.machine().noise();
        noise.map_or(1.0, |noise| 1.0 - noise.dropout)
    }

    /// The boundary after the last edit before `t`, or the start.
    pub(super) fn base(&self, t: u64) -> u64 {
        let after = |edit: &Edit| edit.position.t + u64::from(edit.position.line > 0);
        let edits = self.lane.edits().iter().map(after);
        edits.filter(|edit| *edit <= t).max().unwrap_or(0)
    }

    pub(super) fn key(&self) -> CacheKey {
        self.key_at(self.lane.position().t)
    }

    /// The same for all boundaries since the last edit where the iteration is known to be one linear map.
    pub(super) fn key_of_iteration(&self) -> CacheKey {
        let key = self.key();
        let is_linear = matches!(&self.forecasts.exact, Some((_, Some(_))));
        let t = if is_linear { self.base(key.t) } else { key.t };
        CacheKey { t, ..key }
    }

    fn key_at(&self, t: u64) -> CacheKey {
        let edits = self.lane.edits();
        let past = edits.partition_point(|edit| edit.position <= Position::at(t));
        CacheKey {
            t,
            edits: edits[..past].to_vec(),
            // The same everywhere, or a function of the boundary.
            minimum: if self.minima().is_fixed() || self.minima().are_out_of_sight() {
                Vec::new()
            } else {
                self.reference().minimum.clone()
            },
        }
    }

    /// Asks something about the boundary where the lane is, or the one before.
    pub(super) fn on_boundary<T>(
        &mut self,
        ask: impl FnOnce(&mut Stability, &mut dyn Evaluator, Boundary) -> T,
    ) -> Option<T> {
        let stability = self.forecasts.stability.as_mut()?;
        let here = self.lane.position();
        if here.line == 0 {
            return Some(ask_there(&mut self.lane, stability, ask));
        }
        Some(self.lane.in_the_past(|lane| {
            lane.return_to(Position::at(here.t));
            ask_there(lane, stability, ask)
        }))
    }

    /// Asks something about the boundary `t`; none where `control` said no on the way there.
    pub(super) fn at_boundary<T>(
        &mut self,
        t: u64,
        control: &mut Control,
        ask: impl FnOnce(&mut Stability, &mut dyn Evaluator, Boundary) -> T,
    ) -> Option<T> {
        let stability = self.forecasts.stability.as_mut()?;
        let there = Position::at(t);
        if there == self.lane.position() {
            return Some(ask_there(&mut self.lane, stability, ask));
        }
        self.lane.in_the_past(|lane| {
            let is_there = lane.seek(there, |t| control.at(t));
            is_there.then(|| ask_there(lane, stability, ask))
        })
    }
}

/// Asks something about the boundary where `lane` is.
fn ask_there<T>(
    lane: &mut Lane,
    stability: &mut Stability,
    ask: impl FnOnce(&mut Stability, &mut dyn Evaluator, Boundary) -> T,
) -> T {
    let machine = lane.machine();
    let t = machine.position().t;
    let count = machine.compiled().settings.len();
    let settings: Vec<f64> = (0..count).map(|at| machine.setting(at)).collect();
    let kept = machine.variables().to_vec();
    let at = Boundary {
        t,
        settings: &settings,
        kept: &kept,
    };
    ask(stability, lane.machine_mut().evaluator(), at)
}
