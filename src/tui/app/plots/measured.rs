//! The panels of the analysis: errors along eigenvectors, and the loss of every lane.

use super::plan::{CurvePlan, CurveSource, PanelPlan, PlannedCurve, mark};
use crate::{
    debugger::{Session, watch::Names},
    error::Source,
    format::short,
    rule::Spacing,
    tui::{panes::Pane, theme::Role},
};

/// Eigenvectors whose error is drawn: the extreme ones.
const EIGENVECTORS: usize = 4;

impl CurvePlan {
    /// A panel for the error along each of the extreme eigenvectors, the steepest first.
    pub fn errors(&mut self, session: &Session, names: &Names) {
        let Some(spectrum) = session.lanes().focused().reference.eigenbasis() else {
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
                    role: Role::Curve(3 + i % 2),
                    subject: CurveSource::Watch { curve, element: 0 },
                }],
                eigenvector: Some(i),
                failed: None,
            };
            self.panels.push((Pane::Loss, panel));
        }
    }

    /// The loss of every lane.
    pub fn losses(&mut self, session: &Session) {
        let reference = &session.lanes().focused().reference;
        // A minimum that is 0 up to rounding is 0.
        let floor = match reference.eigenbasis() {
            Some(_) if reference.value.abs() > 1e-12 => reference.value,
            _ => 0.0,
        };
        let entries = session.lanes().entries();
        let mut negative = entries.iter().map(|entry| entry.lane.machine().loss());
        let title = if floor != 0.0 {
            format!("loss above {}", short(floor))
        } else if negative.any(|loss| loss < 0.0) {
            // Decades are those of its size.
            "|loss|".to_owned()
        } else {
            "loss".to_owned()
        };
        let focus = session.lanes().focus();
        let mut curves: Vec<PlannedCurve> = (entries.iter().enumerate())
            .map(|(lane, entry)| PlannedCurve {
                label: entry.name.clone(),
                mark: ' ',
                role: Role::Path(lane),
                subject: CurveSource::Loss { lane, floor },
            })
            .collect();
        mark(&mut curves);
        // The one in focus on top.
        curves.sort_by_key(
            |curve| matches!(curve.subject, CurveSource::Loss { lane, .. } if lane == focus),
        );
        let panel = PanelPlan {
            title,
            spacing: Spacing::Log,
            curves,
            eigenvector: None,
            failed: None,
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
