//! Values that views need and that take some computing: the rule's `show` lines, alpha over the whole run.

use crate::{
    debugger::{
        Position, Session,
        watch::{Value, Wanted, Watch},
    },
    tui::plot::Bucket,
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
    /// Lane, edits and frontier that the curves were computed for.
    curves_for: Option<(String, usize, u64)>,
}

impl Derived {
    pub fn shows(&self) -> &[(String, Vec<f64>)] {
        &self.shows
    }

    pub fn alpha_curves(&self) -> &[Vec<Bucket>] {
        &self.curves
    }

    /// Evaluates the `show` lines of the rule in focus where the session is.
    pub fn shows_here(&mut self, session: &mut Session) {
        let focus = session.lanes.focus;
        let lane = Some((focus, session.lanes.focused().name.clone()));
        if lane != self.lane {
            self.lane = lane;
            let rule = session
                .lanes
                .focused()
                .lane
                .machine()
                .compiled()
                .rule
                .clone();
            let names = session.lanes.names();
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
        let entry = session.lanes.focused();
        let frontier = entry.lane.timeline().frontier();
        let key = (entry.name.clone(), entry.lane.edits().len(), frontier);
        if self.curves_for.as_ref() == Some(&key) {
            return;
        }
        self.curves_for = Some(key);
        let Some(spectrum) = entry.reference.eigenbasis() else {
            self.curves.clear();
            return;
        };
        let n = spectrum.len();
        let shown: Vec<usize> = if n <= CURVES {
            (0..n).collect()
        } else {
            (0..CURVES / 2).chain(n - CURVES / 2..n).collect()
        };
        self.curves = vec![Vec::new(); shown.len()];
        let mut alpha = vec![0.0; n];
        let here = session.position();
        // Every boundary of a short run, evenly spaced ones of a long run; each is one keyframe away at most.
        let stride = frontier.div_ceil(SAMPLES).max(1);
        let mut t = 0;
        while t <= frontier {
            let entry = session.lanes.focused_mut();
            entry.lane.seek(Position::at(t), |_| true);
            if let Some(spectrum) = entry.reference.eigenbasis() {
                spectrum.components(
                    entry.lane.machine().w(),
                    &entry.reference.minimum,
                    &mut alpha,
                );
            }
            for (curve, &i) in self.curves.iter_mut().zip(&shown) {
                #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
                curve.push(Bucket::one(t as f64, alpha[i]));
            }
            t += stride;
        }
        session.lanes.seek(here, |_| true);
    }
}
