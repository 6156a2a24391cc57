//! The curves that there are: those asked for, those of the rule, and those of the analysis.

use crate::error::{Error, ErrorCode, Result};
use crate::{
    debugger::{
        Session,
        watch::{ExpectedType, Names, Watch},
    },
    error::{Source, Span},
    lang::{graph::Extent, syntax::Expr},
    rule::Spacing,
    tui::{panes::Pane, theme::Role},
};

/// Most curves of one expression in one panel; more elements are panels of their own.
pub(super) const TOGETHER: usize = 3;
/// Elements of a long vector that are drawn: those with the largest gradient at the start.
const ELEMENTS: usize = 2;

/// The quantiles between which a band lies.
const BAND: [f64; 2] = [0.1, 0.9];

/// The curves of a session as it is.
#[derive(Debug, Default)]
pub(super) struct CurvePlan {
    key: Option<PlanKey>,
    pub panels: Vec<(Pane, PanelPlan)>,
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
    /// The name of each lane, its rule, and whether its loss is known.
    lanes: Vec<(String, String, bool)>,
    focus: usize,
    plots: Vec<u64>,
    has_eigenbasis: bool,
    /// The elements that were asked for, if any.
    chosen: Option<Vec<usize>>,
}

/// A diagram.
#[derive(Debug, Clone)]
pub(super) struct PanelPlan {
    pub title: String,
    pub spacing: Spacing,
    pub curves: Vec<PlannedCurve>,
    /// What the curves are drawn against, instead of t: an element of an expression, and its name.
    pub across: Option<Across>,
    /// The element (from 0) of vectors that it shows, where the others have panels of their own.
    pub element: Option<usize>,
    /// The eigenvector (from 0) whose error it shows.
    pub eigenvector: Option<usize>,
    pub failed: Option<String>,
    /// True if it only fills what room the others leave.
    pub is_filler: bool,
}

/// What the curves of a phase portrait are drawn against: an element of an expression.
#[derive(Debug, Clone)]
pub(super) struct Across {
    pub curve: usize,
    pub element: usize,
    pub label: String,
    pub spacing: Spacing,
}

impl PanelPlan {
    /// True if its curves are those of losses.
    pub fn is_of_losses(&self) -> bool {
        let mut subjects = self.curves.iter().map(|curve| curve.subject);
        subjects.any(|subject| matches!(subject, CurveSource::Loss { .. }))
    }
}

/// A curve of a diagram.
#[derive(Debug, Clone)]
pub(super) struct PlannedCurve {
    pub label: String,
    pub mark: char,
    pub role: Role,
    pub subject: CurveSource,
    /// The expressions of the lower and the upper end of its band, if it has one.
    pub band: Option<[usize; 2]>,
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
    /// The panels of a pane, with those that fill what room is left or without.
    pub fn panels(&self, pane: Pane, with_fillers: bool) -> impl Iterator<Item = &PanelPlan> {
        let own = self.panels.iter().filter(move |(known, _)| *known == pane);
        let own = own.map(|(_, panel)| panel);
        own.filter(move |panel| with_fillers || !panel.is_filler)
    }

    /// The element of a vector that stands for it in the listing's histories.
    pub fn lead(&self) -> usize {
        self.elements.first().copied().unwrap_or(0)
    }

    /// For each expression the elements that a curve or a history shows, ascending.
    pub fn kept(&self) -> Vec<Vec<usize>> {
        let mut kept = vec![vec![0]; self.watches.len()];
        for variable in self.variables.iter().flatten() {
            kept[*variable].push(self.lead());
        }
        for across in self.panels.iter().filter_map(|(_, it)| it.across.as_ref()) {
            kept[across.curve].push(across.element);
        }
        for curve in self.panels.iter().flat_map(|(_, panel)| &panel.curves) {
            if let CurveSource::Watch { curve, element } = curve.subject {
                kept[curve].push(element);
            }
        }
        for (elements, watch) in kept.iter_mut().zip(&self.watches) {
            elements.sort_unstable();
            elements.dedup();
            elements.retain(|element| *element < size(watch));
        }
        kept
    }

    /// True if somebody chose the elements.
    pub fn is_chosen(&self) -> bool {
        self.key.as_ref().is_some_and(|key| key.chosen.is_some())
    }

    /// Makes the plan anew where something has changed; true if so.
    pub fn follow(&mut self, session: &Session, chosen: Option<&[usize]>) -> bool {
        let entries = session.lanes().entries().iter();
        let key = PlanKey {
            lanes: entries
                .map(|entry| {
                    let rule = entry.compiled().rule.name.clone();
                    (entry.name.clone(), rule, entry.lane.machine().has_loss())
                })
                .collect(),
            focus: session.lanes().focus(),
            plots: session.plots().iter().map(|(id, _)| *id).collect(),
            has_eigenbasis: session
                .lanes()
                .focused()
                .latest_reference()
                .eigenbasis()
                .is_some(),
            chosen: chosen.map(<[usize]>::to_vec),
        };
        if self.key.as_ref() == Some(&key) {
            return false;
        }
        *self = Self {
            key: Some(key),
            elements: chosen.map_or_else(|| elements(session), <[usize]>::to_vec),
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
            self.declared(plot, session, &names);
        }
        for plot in &compiled.rule.plots {
            self.declared(plot, session, &names);
        }
        // The panels of each element after those of the one before it.
        self.errors(session, &names);
        self.losses(session, &names);
        self.fillers(session, &names);
        true
    }

    /// Compiles the ends of a band, given the expressions of its quantiles.
    pub fn band(&mut self, quantile: impl Fn(f64) -> String, names: &Names) -> Option<[usize; 2]> {
        let [low, high] = BAND.map(|share| {
            let source = Source::new("<band>", quantile(share));
            self.watch(&source, None, names).ok()
        });
        Some([low?, high?])
    }

    /// Compiles an expression, unless it is followed already.
    pub fn watch(
        &mut self,
        source: &std::sync::Arc<Source>,
        expr: Option<&Expr>,
        names: &Names,
    ) -> Result<usize> {
        let watch = match expr {
            Some(expr) => Watch::of(source, expr.clone(), names, ExpectedType::Any),
            None => Watch::new(
                source,
                Span::new(0, source.text.len()),
                names,
                ExpectedType::Any,
            ),
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
}

/// The number of numbers the value of an expression is.
pub(super) fn size(watch: &Watch) -> usize {
    match watch.extent() {
        Extent::Vector(n) => n,
        _ => 1,
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
pub(super) fn mark(curves: &mut [PlannedCurve]) {
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

#[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
pub(super) fn as_f64(t: u64) -> f64 {
    t as f64
}
