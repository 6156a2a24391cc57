//! The panels of the analysis: errors along eigenvectors, and the loss of every lane.

use super::plan::{CurvePlan, CurveSource, PanelPlan, PlannedCurve};
use crate::{
    debugger::{Session, watch::Names},
    error::Source,
    format::short,
    rule::Spacing,
    tui::{glyphs, panes::Pane, theme::Role},
};
use std::fmt::Write;

/// Eigenvectors whose error is drawn: the extreme ones.
const EIGENVECTORS: usize = 4;
/// Losses that the band about a noisy run is made of.
const BAND_OF: usize = 20;

impl CurvePlan {
    /// A panel for the error along each of the extreme eigenvectors, the steepest first.
    pub fn errors(&mut self, session: &Session, names: &Names) {
        let Some(spectrum) = session.lanes().focused().latest_reference().eigenbasis() else {
            return;
        };
        let n = spectrum.len();
        let mut order: Vec<usize> = (0..n.min(EIGENVECTORS))
            .map(|at| if at % 2 == 0 { n - 1 - at / 2 } else { at / 2 })
            .collect();
        order.dedup();
        for i in order {
            let text = format!("alpha[{}]", i + 1);
            let Ok(curve) = self.watch(&Source::new("<screen>", text), None, names) else {
                continue;
            };
            let number = i + 1;
            let panel = PanelPlan {
                title: format!("alpha {number}: lambda {}", short(spectrum.eigenvalues[i])),
                spacing: Spacing::SignedLog,
                curves: vec![PlannedCurve {
                    label: format!("alpha {number}"),
                    mark: char::from_digit(u32::try_from(number % 10).unwrap_or(0), 10)
                        .unwrap_or('*'),
                    role: Role::Curve(0),
                    subject: CurveSource::Watch { curve, element: 0 },
                    band: None,
                }],
                across: None,
                element: None,
                eigenvector: Some(i),
                failed: None,
                is_filler: false,
            };
            self.panels.push((Pane::Loss, panel));
        }
    }

    /// The loss of every lane, with a band about it where gradients are noisy.
    pub fn losses(&mut self, session: &Session, names: &Names) {
        let reference = session.lanes().focused().latest_reference();
        // A minimum that is 0 up to rounding is 0.
        let floor = match reference.eigenbasis() {
            Some(_) if reference.value.abs() > 1e-12 => reference.value,
            _ => 0.0,
        };
        let entries = session.lanes().entries();
        let mut title = if floor == 0.0 {
            "loss".to_owned()
        } else {
            format!("loss above {}", short(floor))
        };
        let focus = session.lanes().focus();
        let letters = glyphs::letters(entries.iter().map(|entry| entry.name.as_str()));
        let is_noisy = session.noise().is_some();
        if is_noisy {
            let _ = write!(title, ", band of {BAND_OF}");
        }
        let known = entries.iter().enumerate();
        let known = known.filter(|(_, entry)| entry.lane.machine().has_loss());
        let mut curves: Vec<PlannedCurve> = known
            .map(|(lane, entry)| {
                let quantile = |share| {
                    format!(
                        "quantile_over({}.loss - {floor}, {share}, {BAND_OF})",
                        entry.name
                    )
                };
                PlannedCurve {
                    label: entry.name.clone(),
                    mark: letters[lane],
                    role: Role::Path(lane),
                    subject: CurveSource::Loss { lane, floor },
                    band: is_noisy.then(|| self.band(quantile, names)).flatten(),
                }
            })
            .collect();
        if curves.is_empty() {
            return;
        }
        // The one in focus first.
        curves.sort_by_key(
            |curve| !matches!(curve.subject, CurveSource::Loss { lane, .. } if lane == focus),
        );
        let panel = PanelPlan {
            title,
            spacing: Spacing::Log,
            curves,
            across: None,
            element: None,
            eigenvector: None,
            failed: None,
            is_filler: false,
        };
        let first = entries.len() > 1;
        let at = if first {
            let own = self.panels.iter().position(|(pane, _)| *pane == Pane::Loss);
            own.unwrap_or(self.panels.len())
        } else {
            self.panels.len()
        };
        self.panels.insert(at, (Pane::Loss, panel));
    }
}
