//! One sentence on what has just happened, in words that the rule and the analysis have.
//!
//! It holds no number that every step changes by a little: a screen far away is sent a sentence only when its words
//! are others.

use super::App;
use crate::{
    analysis::{Regime, claim},
    format::{rounded, short},
    lang::number::is_absent,
    rule::VariableKind,
    tui::{cells::cells, panes::Pane},
};

impl App {
    /// The last happening, in a sentence.
    #[must_use]
    pub fn happened(&self) -> String {
        let entry = self.session.lanes().focused();
        let position = entry.lane.position();
        if entry.is_halted() {
            if self.is_following() && entry.is_at_last_row() {
                return "the last row so far: more show as they come".to_owned();
            }
            let why = entry.halt.as_ref().map(|halt| halt.why.to_string());
            return format!("the run has ended: {}", why.unwrap_or_default());
        }
        if position.line > 0 {
            return self.line_ran(position.line);
        }
        if position.t == 0 {
            return "nothing has run yet: space runs an iteration, s runs one line".to_owned();
        }
        let news = Some(claim::news(&self.sight().claims)).filter(|it| !it.is_empty());
        let error = self.error();
        let error = error.or_else(|| self.loss_moved().map(str::to_owned));
        let parts = [news, self.corrections(), error];
        let [news, _, error] = &parts;
        let told = |parts: &[Option<String>]| {
            let parts: Vec<&str> = parts.iter().flatten().map(String::as_str).collect();
            parts.join("; ")
        };
        let room = usize::from(self.placed.happened.width);
        let shorter = [
            told(&parts),
            told(&[news.clone(), error.clone()]),
            told(&[news.clone().or_else(|| error.clone())]),
        ];
        let fits = shorter.iter().find(|it| cells(it) <= room);
        fits.unwrap_or(&shorter[2]).clone()
    }

    /// The line that ran last, and the one that is next.
    fn line_ran(&self, done: usize) -> String {
        let compiled = self.session.lanes().focused().compiled();
        let told = |line: usize| -> Option<String> {
            let variable = &compiled.variables[compiled.lines.get(line)?.variable];
            let states = &compiled.rule.states;
            let doc = states.iter().find(|state| state.name == variable.name);
            Some(match (variable.kind, doc) {
                (VariableKind::Parameters, _) => format!("{}, the parameters", variable.name),
                (_, Some(state)) => format!("{}, the {}", state.name, state.doc),
                _ => variable.name.clone(),
            })
        };
        let ran = told(done - 1).unwrap_or_default();
        let next = told(done).unwrap_or_default();
        format!(
            "line {done} computed {ran}; line {} is next: {next}",
            done + 1
        )
    }

    /// The factors that depend on t alone: they fall to 1 as a moment fills.
    fn corrections(&self) -> Option<String> {
        let panels = self.plots.panels(Pane::Plot);
        let panel = panels.iter().find(|panel| {
            panel.curves.iter().all(|it| it.is_known_ahead) && !panel.curves.is_empty()
        })?;
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let here = self.session.position().t as f64;
        let factors: Vec<String> = panel
            .curves
            .iter()
            .filter_map(|curve| {
                // Where the curve is not up to date, or thinned, its end is not the value here.
                let end = curve.past.last()?;
                let is_here = end.last >= here && end.min == end.max;
                let value = is_here.then_some(end.max)?;
                let value = if (value - 1.0).abs() < 0.05 {
                    "near 1".to_owned()
                } else {
                    format!("x {}", short(rounded(value, 2)))
                };
                Some(format!("{} {value}", curve.label))
            })
            .collect();
        (!factors.is_empty()).then(|| format!("{}: {}", panel.title, factors.join(", ")))
    }

    /// The error along the steepest direction: it tells first whether a step is too long.
    fn error(&self) -> Option<String> {
        let reference = self.session.lanes().focused().latest_reference();
        let spectrum = reference.eigenbasis()?;
        let i = spectrum.len().checked_sub(1)?;
        let lambda = short(spectrum.eigenvalues[i]);
        let errors: Vec<f64> = self.recent.component(reference, i).collect();
        let [.., before, now] = errors[..] else {
            return None;
        };
        let sides: Vec<bool> = errors
            .windows(2)
            .map(|pair| {
                pair[0] * pair[1] < 0.0 && !pair.iter().any(|it| self.recent.is_rounding(*it))
            })
            .collect();
        let flips = sides.iter().rev().take(3).all(|it| *it) && sides.len() > 2;
        let along = format!("along lambda {lambda}");
        if self.recent.is_rounding(now) {
            return Some(format!("{along} the error is down to rounding"));
        }
        let ratio = now / before;
        let regime = self
            .sight()
            .outlook
            .as_ref()
            .and_then(|it| it.directions.get(i))
            .map(|it| it.regime);
        Some(match regime {
            _ if flips => {
                let kept = (100.0 * ratio.abs()).round();
                format!("{along} each step lands on the other side, with {kept} % of the error")
            }
            Some(Regime::Diverging { .. }) if now.abs() > before.abs() => {
                format!("{along} the step is beyond the edge of stability: the error grows")
            }
            _ => match sides.iter().rposition(|it| *it) {
                Some(at) => {
                    let back = (sides.len() - 1 - at) as u64;
                    let t = self.session.position().t.saturating_sub(back);
                    format!("{along} the error last changed sign at t = {t}")
                }
                None if now.abs() > before.abs() => format!("{along} the error grows"),
                None => format!("{along} the error shrinks"),
            },
        })
    }

    fn loss_moved(&self) -> Option<&'static str> {
        let [before, now] = self.changes.loss()?;
        let lane = &self.session.lanes().focused().lane;
        let is_recorded = !lane.can_be_changed();
        match now.partial_cmp(&before) {
            Some(std::cmp::Ordering::Less) => Some("the loss fell"),
            Some(std::cmp::Ordering::Greater) => Some("the loss rose"),
            Some(std::cmp::Ordering::Equal) => Some("the loss did not change"),
            None if !is_recorded => Some("the loss is not a number"),
            None if !lane.machine().has_loss() => None,
            // It may have been recorded before, or now, and not at both.
            None if is_absent(now) => Some("no loss was recorded here"),
            None => now.is_nan().then_some("the loss is not a number"),
        }
    }
}
