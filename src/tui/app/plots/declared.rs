//! The panels of the plots that were asked for, and of those that the rule declares.

use super::plan::{Across, CurvePlan, CurveSource, PanelPlan, PlannedCurve, TOGETHER, mark, size};
use crate::{
    debugger::{Session, watch::Names},
    error::{Source, Span},
    lang::{
        graph::Extent,
        syntax::{Expr, ExprKind},
    },
    rule::{Compiled, CurveSpec, PlotSpec, StateRole, Tensor, VariableKind},
    tui::{app::parameter_name, panes::Pane, theme::Role},
};
use std::fmt::Write;

/// The diagrams that fill what room a pane has left, each with what it draws.
const FILLERS: [(Pane, &str, &str); 4] = [
    (Pane::Plot, "parameters", "w"),
    (Pane::Plot, "gradient", "grad symlog"),
    (Pane::Loss, "gradient norm", "norm(grad) log"),
    (Pane::Loss, "norm of w", "norm(w)"),
];

impl CurvePlan {
    /// The panels of a plot: one, or one for each element where there would be too many curves.
    pub fn declared(&mut self, plot: &PlotSpec, session: &Session, names: &Names) {
        let lanes = session.lanes();
        let compiled = lanes.focused().compiled();
        if let Some(against) = &plot.against {
            self.phases(plot, against, session, names);
            return;
        }
        let mut watches: Vec<(usize, &CurveSpec)> = Vec::new();
        let mut failed = None;
        for curve in &plot.curves {
            match self.watch(&plot.source, Some(&curve.expr), names) {
                Ok(watch) => watches.push((watch, curve)),
                Err(error) => failed = Some(error.message().to_owned()),
            }
        }
        let length = |watch: usize| size(&self.watches[watch]);
        let total: usize = watches.iter().map(|(watch, _)| length(*watch)).sum();
        let longest = watches
            .iter()
            .map(|(watch, _)| length(*watch))
            .max()
            .unwrap_or(1);
        let together = total <= TOGETHER;
        let shown: Vec<usize> = if longest == 1 {
            vec![0]
        } else if together && !self.is_chosen() {
            (0..longest).collect()
        } else {
            let fits = self.elements.iter().copied().filter(|at| *at < longest);
            fits.collect()
        };
        let groups: Vec<Vec<usize>> = if together {
            vec![shown]
        } else {
            shown.into_iter().map(|element| vec![element]).collect()
        };
        let has_state = watches
            .iter()
            .any(|(_, curve)| state_role(curve, compiled).is_some());
        for (rank, group) in groups.into_iter().enumerate() {
            let mut curves: Vec<PlannedCurve> = Vec::new();
            for (watch, curve) in &watches {
                let is_scalar = self.watches[*watch].extent() == Extent::Scalar;
                for &element in group.iter().take(if is_scalar { 1 } else { group.len() }) {
                    let label = if is_scalar || group.len() == 1 {
                        curve.label.clone()
                    } else if watches.len() == 1 {
                        parameter_name(lanes.tensors(), element)
                    } else {
                        let of = parameter_name(lanes.tensors(), element);
                        format!("{} {of}", curve.label)
                    };
                    let role = match state_role(curve, compiled) {
                        Some(role) if group.len() == 1 || is_scalar => role,
                        None if has_state => Role::Curve(curves.len() % 2),
                        _ => Role::Curve(curves.len()),
                    };
                    let own = CurveSource::Watch {
                        curve: *watch,
                        element: if is_scalar { 0 } else { element },
                    };
                    let of = (!is_scalar).then_some(element + 1);
                    let (subject, band) =
                        self.banded(plot, curve, of, names).unwrap_or((own, None));
                    curves.push(PlannedCurve {
                        label,
                        mark: ' ',
                        role,
                        subject,
                        band,
                    });
                }
            }
            mark(&mut curves);
            if let [only] = &mut curves[..] {
                // Without others beside it a curve has no name, and its panel has one.
                let letter = plot.title.chars().find(char::is_ascii_alphanumeric);
                only.mark = letter.unwrap_or(only.mark);
            }
            let element = (!together && longest > 1).then(|| group[0]);
            let mut title = of_element(&plot.title, element, lanes.tensors());
            if let Some(count) = plot.band {
                let _ = write!(title, ", median and band of {count}");
            }
            let panel = PanelPlan {
                title,
                spacing: plot.spacing,
                curves,
                across: None,
                element,
                eigenvector: None,
                failed: failed.clone(),
                is_filler: false,
            };
            // Panels of further elements come behind all others.
            let at = if rank == 0 {
                self.first_of_rest()
            } else {
                self.panels.len()
            };
            self.panels.insert(at, (Pane::Plot, panel));
        }
    }

    /// The panels of values against another: one, or one for each element that is shown.
    fn phases(&mut self, plot: &PlotSpec, against: &CurveSpec, session: &Session, names: &Names) {
        let lanes = session.lanes();
        let compiled = lanes.focused().compiled();
        let mut followed = Vec::new();
        let mut failed = None;
        for curve in plot.curves.iter().chain([against]) {
            match self.watch(&plot.source, Some(&curve.expr), names) {
                Ok(watch) => followed.push((watch, curve)),
                Err(error) => failed = Some(error.message().to_owned()),
            }
        }
        let length = |watch: usize| size(&self.watches[watch]);
        let longest = followed.iter().map(|(watch, _)| length(*watch)).max();
        let longest = longest.unwrap_or(1);
        let shown: Vec<usize> = if longest == 1 || failed.is_some() {
            vec![0]
        } else {
            let fits = self.elements.iter().copied().filter(|at| *at < longest);
            fits.collect()
        };
        for (rank, element) in shown.into_iter().enumerate() {
            // An expression with one value has the same one beside each element of the others.
            let mut ends: Vec<(usize, usize, String)> = (followed.iter())
                .map(|(watch, curve)| match length(*watch) {
                    1 => (*watch, 0, curve.label.clone()),
                    _ => (*watch, element, format!("{}[{}]", curve.label, element + 1)),
                })
                .collect();
            let across = ends.pop().map(|(curve, element, label)| Across {
                curve,
                element,
                label,
                spacing: plot.across,
            });
            let mut curves: Vec<PlannedCurve> = (ends.into_iter().zip(&plot.curves).enumerate())
                .map(|(at, ((curve, element, label), spec))| PlannedCurve {
                    label,
                    mark: ' ',
                    role: state_role(spec, compiled).unwrap_or(Role::Curve(at)),
                    subject: CurveSource::Watch { curve, element },
                    band: None,
                })
                .collect();
            mark(&mut curves);
            let element = (longest > 1).then_some(element);
            let title = of_element(&plot.title, element, lanes.tensors());
            let panel = PanelPlan {
                title,
                spacing: plot.spacing,
                curves,
                across,
                element,
                eigenvector: None,
                failed: failed.clone(),
                is_filler: false,
            };
            let at = if rank == 0 {
                self.first_of_rest()
            } else {
                self.panels.len()
            };
            self.panels.insert(at, (Pane::Plot, panel));
        }
    }

    /// The panels that fill what room the others leave: what every rule has.
    pub fn fillers(&mut self, session: &Session, names: &Names) {
        for (pane, title, value) in FILLERS {
            let source = Source::new("<screen>", value);
            let whole = Span::new(0, value.len());
            let Ok(plot) = PlotSpec::parse(&source, whole, Some(title)) else {
                continue;
            };
            let others = std::mem::take(&mut self.panels);
            self.declared(&plot, session, names);
            let fillers = std::mem::replace(&mut self.panels, others);
            self.panels.extend(fillers.into_iter().map(|(_, panel)| {
                let is_filler = true;
                (pane, PanelPlan { is_filler, ..panel })
            }));
        }
    }

    /// The median of a curve that has a band, and the band.
    fn banded(
        &mut self,
        plot: &PlotSpec,
        curve: &CurveSpec,
        element: Option<usize>,
        names: &Names,
    ) -> Option<(CurveSource, Option<[usize; 2]>)> {
        plot.band?;
        let quantile = |share| plot.quantile(curve, element, share);
        let median = Source::new("<band>", quantile(0.5));
        let curve = self.watch(&median, None, names).ok()?;
        let band = self.band(quantile, names);
        Some((CurveSource::Watch { curve, element: 0 }, band))
    }

    /// The place where the panels of further elements begin.
    fn first_of_rest(&self) -> usize {
        let lead = self.lead();
        let is_further =
            |(_, panel): &(Pane, PanelPlan)| panel.element.is_some_and(|it| it != lead);
        self.panels
            .iter()
            .position(is_further)
            .unwrap_or(self.panels.len())
    }
}

/// The title of a panel that shows one element of what it is about.
fn of_element(title: &str, element: Option<usize>, tensors: &[Tensor]) -> String {
    match element {
        Some(element) => format!("{title} of {}", parameter_name(tensors, element)),
        None => title.to_owned(),
    }
}

/// The colour of the state that a curve shows, or that its label ends with, as `of m` does.
fn state_role(curve: &CurveSpec, compiled: &Compiled) -> Option<Role> {
    let of = |expr: &Expr| match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        _ => None,
    };
    let shown = match &curve.expr.kind {
        ExprKind::Index(vector, _) => of(vector),
        _ => of(&curve.expr),
    };
    let name = shown.as_deref().or(curve.label.split(' ').next_back())?;
    match compiled.variable(name)?.kind {
        VariableKind::State(Some(StateRole::Momentum)) => Some(Role::Momentum),
        VariableKind::State(Some(StateRole::Scale)) => Some(Role::Scale),
        _ => None,
    }
}
