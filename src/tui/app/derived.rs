//! Values that views need and that take some computing: the rule's `show` lines, alpha over the whole run,
//! and what theory says of it.

use crate::{
    analysis::{Outlook, stability::Edge},
    debugger::{
        Position, Session,
        lanes::Entry,
        watch::{Wanted, Watch},
    },
    tui::plot::Bucket,
    value::Value,
};

/// Eigenvectors whose component is drawn over time: the extreme ones.
const CURVES: usize = 4;
/// Boundaries at which components are looked up for a curve.
const SAMPLES: u64 = 400;

/// Computed values, each with what it was computed for.
#[derive(Debug, Default)]
pub struct Derived {
    lane: Option<(usize, String)>,
    watches: Vec<(String, Watch)>,
    shows: Vec<(String, Vec<f64>)>,
    curves: Vec<Vec<Bucket>>,
    /// Lane, edits, frontier and minimum that the curves were computed for.
    curves_for: Option<(String, usize, u64, Vec<f64>)>,
    /// The eigenvectors that they are of.
    shown: Vec<usize>,
    sight: Sight,
    /// When each lane is expected to come down to the tolerance.
    reached: Vec<Option<u64>>,
}

/// What theory says about the lane in focus where it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sight {
    /// What an iteration does to small errors.
    pub outlook: Option<Outlook>,
    /// How far it is from the edge of stability.
    pub edge: Option<Edge>,
    /// The errors that were expected by now, `[n]`.
    pub alpha: Option<Vec<f64>>,
    /// Whether they were expected exactly.
    pub exact: bool,
}

impl Derived {
    pub fn shows(&self) -> &[(String, Vec<f64>)] {
        &self.shows
    }

    pub fn alpha_curves(&self) -> &[Vec<Bucket>] {
        &self.curves
    }

    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    pub fn reached(&self, lane: usize) -> Option<u64> {
        self.reached.get(lane).copied().flatten()
    }

    /// Asks theory about the lane in focus.
    pub fn look_ahead(&mut self, session: &mut Session) {
        let tolerance = session.tolerance().loss();
        let entry = session.focused_mut();
        let t = entry.lane.position().t;
        self.sight = Sight {
            outlook: entry.outlook().cloned(),
            edge: entry.edge().ok(),
            ..Sight::default()
        };
        if let Some(forecast) = entry.forecast(tolerance) {
            self.sight.exact = forecast.prediction.exact;
            self.sight.alpha = forecast.alpha(t).map(<[f64]>::to_vec);
        }
    }

    /// Asks theory when each lane comes down to the tolerance; where it is not exact it does not say.
    pub fn look_for_convergence(&mut self, session: &mut Session) {
        let tolerance = session.tolerance().loss();
        let entries = session.entries_mut();
        self.reached = entries
            .map(|entry| {
                let forecast = entry.forecast(tolerance)?;
                let is_exact = forecast.prediction.exact;
                is_exact.then(|| entry.arrival(tolerance))?
            })
            .collect();
    }

    /// The errors that theory expects over time, for the curves that are shown; up to iteration `last`.
    pub fn expected_over_time(&self, session: &mut Session, last: u64) -> Vec<Vec<Bucket>> {
        let tolerance = session.tolerance().loss();
        let Some(forecast) = session.focused_mut().forecast(tolerance) else {
            return Vec::new();
        };
        let since = forecast.since;
        let alphas = &forecast.prediction.alpha;
        let count = usize::try_from(last.saturating_sub(since) + 1).unwrap_or(usize::MAX);
        let count = count.min(alphas.len());
        let stride = count.div_ceil(usize::try_from(SAMPLES).unwrap_or(1)).max(1);
        // What is expected to explode must not flatten what was measured.
        let measured = self.curves.iter().flatten();
        let most = 2.0
            * measured.fold(0.0, |most: f64, it| {
                most.max(it.max.abs()).max(it.min.abs())
            });
        let curve = |i: &usize| {
            let points = alphas[..count].iter().zip(since..).step_by(stride);
            #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
            points
                .take_while(|(alpha, _)| alpha[*i].abs() <= most)
                .map(|(alpha, t)| Bucket::one(t as f64, alpha[*i]))
                .collect()
        };
        self.shown.iter().map(curve).collect()
    }

    /// Evaluates the `show` lines of the rule in focus where the session is.
    pub fn shows_here(&mut self, session: &mut Session) {
        let focus = session.lanes().focus();
        let lane = Some((focus, session.lanes().focused().name.clone()));
        if lane != self.lane {
            self.lane = lane;
            let rule = session.lanes().focused().compiled().rule.clone();
            let names = session.lanes().names();
            self.watches = rule
                .shows
                .iter()
                .filter_map(|show| {
                    let watch =
                        Watch::of(&rule.source, show.expr.clone(), &names, Wanted::Any).ok()?;
                    Some((show.label.clone(), watch))
                })
                .collect();
        }
        let known = session.position() > Position::default();
        self.shows = (self.watches.iter_mut())
            .map(|(label, watch)| {
                let value = match session.value(watch) {
                    _ if !known => Vec::new(),
                    Value::Scalar(value) => vec![value],
                    Value::Vector(values) => values,
                    Value::Truth(holds) => vec![f64::from(u8::from(holds))],
                    Value::Truths(_) | Value::Matrix(_) => Vec::new(),
                };
                (label.clone(), value)
            })
            .collect();
    }

    /// Looks up the components of the error over the whole run of the lane in focus.
    pub fn alpha_over_time(&mut self, session: &mut Session) {
        let entry = session.lanes().focused();
        let frontier = entry.lane.timeline().frontier();
        let minimum = entry.reference.minimum.clone();
        let edits = entry.lane.edits().len();
        let key = (entry.name.clone(), edits, frontier, minimum);
        if self.curves_for.as_ref() == Some(&key) {
            return;
        }
        self.curves_for = Some(key);
        self.shown.clear();
        let Some(spectrum) = entry.reference.eigenbasis() else {
            self.curves.clear();
            return;
        };
        let n = spectrum.len();
        self.shown = if n <= CURVES {
            (0..n).collect()
        } else {
            (0..CURVES / 2).chain(n - CURVES / 2..n).collect()
        };
        self.curves = vec![Vec::new(); self.shown.len()];
        let mut alpha = vec![0.0; n];
        // Every boundary of a short run, evenly spaced ones of a long run; each is one keyframe away at most.
        let stride = frontier.div_ceil(SAMPLES).max(1);
        let mut t = 0;
        let Entry {
            lane, reference, ..
        } = session.focused_mut();
        lane.in_the_past(|lane| {
            while t <= frontier {
                lane.seek(Position::at(t), |_| true);
                if let Some(spectrum) = reference.eigenbasis() {
                    let w = lane.machine().w();
                    spectrum.components(w, &reference.minimum, &mut alpha);
                }
                for (curve, &i) in self.curves.iter_mut().zip(&self.shown) {
                    #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
                    curve.push(Bucket::one(t as f64, alpha[i]));
                }
                t += stride;
            }
        });
    }
}
