//! The curves that there are: those asked for, those of the rule, and those of the analysis.

use super::as_f64;
use crate::error::{Error, ErrorCode, Result};
use crate::{
    debugger::{
        Session,
        lanes::Lanes,
        watch::{Names, Past, Quantity, Wanted, Watch},
    },
    error::{Source, Span},
    format::short,
    lang::{
        graph::Extent,
        syntax::{Expr, ExprKind},
    },
    rule::{Compiled, PlotSpec, Spacing, StateRole, VariableKind},
    tui::{panes::Pane, plot::PlotBucket, theme::Role},
};

/// Most curves of one expression in one panel; more elements are panels of their own.
const TOGETHER: usize = 3;
/// Elements of a long vector that are drawn: those with the largest gradient at the start.
const ELEMENTS: usize = 2;
/// Eigenvectors whose error is drawn: the extreme ones.
const EIGENVECTORS: usize = 4;

/// The curves of a session as it is.
#[derive(Debug, Default)]
pub(super) struct CurvePlan {
    key: Option<PlanKey>,
    panels: Vec<(Pane, PanelPlan)>,
    /// The expressions that are followed.
    pub watches: Vec<Watch>,
    /// The variables of the rule in focus: the expression that follows each, and the element shown.
    pub variables: Vec<Option<usize>>,
    /// The elements that are shown of a vector, the most telling first.
    pub elements: Vec<usize>,
}

/// All that the curves depend on, besides how far the run has come.
#[derive(Debug, PartialEq)]
struct PlanKey {
    /// The name of each lane, and its rule.
    lanes: Vec<(String, String)>,
    focus: usize,
    plots: Vec<u64>,
    has_eigenbasis: bool,
}

/// A diagram.
#[derive(Debug, Clone)]
pub(super) struct PanelPlan {
    pub title: String,
    pub spacing: Spacing,
    pub curves: Vec<PlannedCurve>,
    /// The eigenvector (from 0) whose error it shows.
    pub eigenvector: Option<usize>,
    pub failed: Option<String>,
}

/// A curve of a diagram.
#[derive(Debug, Clone)]
pub(super) struct PlannedCurve {
    pub label: String,
    pub mark: char,
    pub role: Role,
    pub subject: CurveSource,
}

/// The values of a curve.
#[derive(Debug, Clone, Copy)]
pub(super) enum CurveSource {
    /// An element of an expression that is followed.
    Watch { curve: usize, element: usize },
    /// The height of a lane's loss above a floor.
    Loss { lane: usize, floor: f64 },
}

impl CurvePlan {
    /// True if an expression hangs on t and settings alone, so that it is known without a run.
    pub fn is_known_ahead(&self, curve: usize) -> bool {
        let watch = &self.watches[curve];
        !watch.looks_back()
            && watch
                .readings()
                .iter()
                .all(|reading| matches!(reading.quantity, Quantity::T | Quantity::Setting(_)))
    }

    /// The panels of a pane.
    pub fn panels(&self, pane: Pane) -> impl Iterator<Item = &PanelPlan> {
        let own = self.panels.iter().filter(move |(known, _)| *known == pane);
        own.map(|(_, panel)| panel)
    }

    /// Makes the plan anew where something has changed; true if so.
    pub fn follow(&mut self, session: &Session) -> bool {
        let entries = session.lanes().entries().iter();
        let key = PlanKey {
            lanes: entries
                .map(|entry| (entry.name.clone(), entry.compiled().rule.name.clone()))
                .collect(),
            focus: session.lanes().focus(),
            plots: session.plots().iter().map(|(id, _)| *id).collect(),
            has_eigenbasis: session.lanes().focused().reference.eigenbasis().is_some(),
        };
        if self.key.as_ref() == Some(&key) {
            return false;
        }
        *self = Self {
            key: Some(key),
            elements: elements(session),
            ..Self::default()
        };
        let names = session.lanes().names();
        let compiled = session.lanes().focused().compiled();
        for variable in &compiled.variables {
            let watch = self.watch(
                &Source::new("<screen>", variable.name.as_str()),
                None,
                &names,
            );
            self.variables.push(watch.ok());
        }
        for (_, plot) in session.plots() {
            self.declared(plot, &names, compiled);
        }
        for plot in &compiled.rule.plots {
            self.declared(plot, &names, compiled);
        }
        // The panels of each element after those of the one before it.
        self.errors(session, &names);
        self.losses(session);
        true
    }

    /// Compiles an expression, unless it is followed already.
    fn watch(
        &mut self,
        source: &std::sync::Arc<Source>,
        expr: Option<&Expr>,
        names: &Names,
    ) -> Result<usize> {
        let watch = match expr {
            Some(expr) => Watch::of(source, expr.clone(), names, Wanted::Any),
            None => Watch::new(source, Span::new(0, source.text.len()), names, Wanted::Any),
        };
        let watch = watch?;
        if matches!(watch.extent(), Extent::Matrix(..)) {
            return Err(Error::plain(
                ErrorCode::ShapeMismatch,
                "a matrix has no curve; take an element of it",
            ));
        }
        let known = self.watches.iter().position(|it| it.text() == watch.text());
        Ok(known.unwrap_or_else(|| {
            self.watches.push(watch);
            self.watches.len() - 1
        }))
    }

    /// The panels of a plot: one, or one for each element where there would be too many curves.
    fn declared(&mut self, plot: &PlotSpec, names: &Names, compiled: &Compiled) {
        let mut watches = Vec::new();
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
        } else if together {
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
            .any(|(_, curve)| state_role(&curve.expr, compiled).is_some());
        for (rank, group) in groups.into_iter().enumerate() {
            let mut curves: Vec<PlannedCurve> = Vec::new();
            for (watch, curve) in &watches {
                let is_scalar = self.watches[*watch].extent() == Extent::Scalar;
                for &element in group.iter().take(if is_scalar { 1 } else { group.len() }) {
                    let label = if is_scalar || group.len() == 1 {
                        curve.label.clone()
                    } else if watches.len() == 1 {
                        format!("w{}", element + 1)
                    } else {
                        format!("{} w{}", curve.label, element + 1)
                    };
                    let role = match state_role(&curve.expr, compiled) {
                        Some(role) if group.len() == 1 || is_scalar => role,
                        None if has_state => [Role::Key, Role::Ok][curves.len() % 2],
                        _ => Role::Curve(curves.len()),
                    };
                    curves.push(PlannedCurve {
                        label,
                        mark: ' ',
                        role,
                        subject: CurveSource::Watch {
                            curve: *watch,
                            element: if is_scalar { 0 } else { element },
                        },
                    });
                }
            }
            mark(&mut curves);
            let title = if together || longest == 1 {
                plot.title.clone()
            } else {
                format!("{} of w{}", plot.title, group[0] + 1)
            };
            let panel = PanelPlan {
                title,
                spacing: plot.spacing,
                curves,
                eigenvector: None,
                failed: failed.clone(),
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

    /// The place where the panels of further elements begin.
    fn first_of_rest(&self) -> usize {
        let lead = self.elements.first().map_or(0, |element| element + 1);
        let is_further = |(_, panel): &(Pane, PanelPlan)| {
            panel
                .title
                .rsplit_once(" of w")
                .is_some_and(|(_, element)| element != lead.to_string())
        };
        self.panels
            .iter()
            .position(is_further)
            .unwrap_or(self.panels.len())
    }

    /// A panel for the error along each of the extreme eigenvectors, the steepest first.
    fn errors(&mut self, session: &Session, names: &Names) {
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
    fn losses(&mut self, session: &Session) {
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

    /// The values of an expression that hangs on t and settings alone, with the settings that are in force.
    pub fn ahead(
        &mut self,
        session: &Session,
        curve: usize,
        element: usize,
        times: impl Iterator<Item = u64>,
    ) -> Vec<PlotBucket> {
        let watch = &mut self.watches[curve];
        times
            .map(|t| {
                let mut later = Later {
                    lanes: session.lanes(),
                    t: as_f64(t),
                };
                let values = watch.evaluate(&mut later);
                PlotBucket::one(as_f64(t), values.get(element).copied().unwrap_or(f64::NAN))
            })
            .collect()
    }
}

/// The number of numbers the value of an expression is.
pub(super) fn size(watch: &Watch) -> usize {
    match watch.extent() {
        Extent::Vector(n) => n,
        _ => 1,
    }
}

/// The lanes as they are, at another t.
struct Later<'a> {
    lanes: &'a Lanes,
    t: f64,
}

impl Past for Later<'_> {
    fn beginning(&self) -> u64 {
        self.lanes.beginning()
    }

    fn go_to(&mut self, _: u64) {}

    fn read(&mut self, lane: usize, quantity: Quantity, out: &mut [f64]) {
        match quantity {
            Quantity::T => out.fill(self.t),
            other => {
                let value = other.element(&self.lanes.entries()[lane], 0);
                out.fill(value.unwrap_or(f64::NAN));
            }
        }
    }

    fn element(&mut self, _: usize, _: Quantity, _: usize) -> Option<f64> {
        None
    }

    fn go_on(&mut self, _: u64) -> bool {
        true
    }
}

/// The colour of the state that an expression is no more than, if it is one.
fn state_role(expr: &Expr, compiled: &Compiled) -> Option<Role> {
    let name = match &expr.kind {
        ExprKind::Name(name) => name,
        ExprKind::Index(vector, _) => match &vector.kind {
            ExprKind::Name(name) => name,
            _ => return None,
        },
        _ => return None,
    };
    match compiled.variable(name)?.kind {
        VariableKind::State(Some(StateRole::Momentum)) => Some(Role::Momentum),
        VariableKind::State(Some(StateRole::Scale)) => Some(Role::Scale),
        _ => None,
    }
}

/// The parameters in the order of their gradient at the start, the largest first.
fn elements(session: &Session) -> Vec<usize> {
    let start = &session.landscape().start;
    let mut gradient = vec![0.0; start.len()];
    session
        .landscape()
        .loss
        .evaluator()
        .value_and_gradient(start, &mut gradient);
    let mut order: Vec<usize> = (0..start.len()).collect();
    order.sort_by(|a, b| {
        gradient[*b]
            .abs()
            .total_cmp(&gradient[*a].abs())
            .then(a.cmp(b))
    });
    if order.len() > TOGETHER {
        order.truncate(ELEMENTS);
    }
    order
}

/// Gives each curve a letter of its name that no other has: of what the names do not have in common, where possible.
fn mark(curves: &mut [PlannedCurve]) {
    let labels: Vec<Vec<char>> = curves.iter().map(|it| it.label.chars().collect()).collect();
    let shared = |at: usize| {
        labels
            .iter()
            .all(|label| label.get(at) == labels[0].get(at))
    };
    let common = if labels.len() > 1 {
        (0..labels[0].len()).take_while(|&at| shared(at)).count()
    } else {
        0
    };
    let mut taken: Vec<char> = Vec::new();
    for (curve, label) in curves.iter_mut().zip(&labels) {
        let own = label.iter().skip(common).chain(label);
        let free = own
            .copied()
            .find(|c| c.is_ascii_alphanumeric() && !taken.contains(c));
        let letter = free.or_else(|| ('a'..='z').find(|c| !taken.contains(c)));
        curve.mark = letter.unwrap_or('*');
        taken.push(curve.mark);
    }
}
