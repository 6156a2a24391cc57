//! Curves over the run: which there are, and their values at every boundary, found out after the fact.
//!
//! The expressions are those that were asked for, those of the rule in focus, and the errors and losses of the
//! analysis. A replica of the lanes visits the past, so that the lanes themselves stay where they are.

mod ahead;
mod declared;
mod follow;
mod measured;
mod plan;
mod theory;
mod values;

use crate::{
    debugger::{Control, Session, lanes::Forecast},
    rule::Spacing,
    tui::{
        app::LaneTheory,
        contour::{Visit, Window},
        panes::Pane,
        plot::{PlotBucket, ValueScale},
        theme::Role,
    },
};
use follow::Follower;
use plan::{Across, CurvePlan, CurveSource, PanelPlan, PlannedCurve, as_f64};
use std::collections::HashMap;
use values::{crossings, divided, is_narrow, rounded, sizes, whole};

/// A diagram of the screen: what is drawn on one axis.
#[derive(Debug, Clone, Default)]
pub struct Panel {
    /// The heading.
    pub title: String,
    /// The axis, and what theory says of it, in a few words.
    pub note: String,
    /// What theory says of it.
    told: String,
    /// The heading of what is drawn, whatever it turns out to be.
    plan: String,
    /// The heights of values.
    pub scale: ValueScale,
    /// The curves.
    pub curves: Vec<PanelCurve>,
    /// Lines that were known beforehand.
    pub theory: Vec<Vec<PlotBucket>>,
    /// True if zero is in sight: damping is seen against it.
    pub has_zero: bool,
    /// Iterations up to now at which a curve changed its sign.
    pub crossings: Vec<f64>,
    /// True if its curves are those of losses.
    pub is_of_losses: bool,
    /// A level to reach.
    pub threshold: Option<f64>,
    /// The reason that there is nothing to draw.
    pub failed: Option<String>,
    /// The curves that are not drawn, and why.
    pub lost: Vec<String>,
    /// The paths of the curves against another value, instead of over t.
    pub phase: Option<Phase>,
}

/// A phase portrait: for each curve of a panel its path, with the other value across.
#[derive(Debug, Clone)]
pub struct Phase {
    /// The heights, by `scales`, of the values across that are in sight, and of the values up.
    pub window: Window,
    /// The scales of the two axes.
    pub scales: [ValueScale; 2],
    /// The path of each curve up to now, in heights.
    pub paths: Vec<Vec<Visit>>,
    /// Where each goes beyond.
    pub ahead: Vec<Vec<Visit>>,
    /// The name of the value across.
    pub across: String,
}

/// A curve of a diagram.
#[derive(Debug, Clone)]
pub struct PanelCurve {
    /// The name in the legend.
    pub label: String,
    /// The letter at its values, where there are no dots.
    pub mark: char,
    /// The colour.
    pub role: Role,
    /// Up to the iteration shown.
    pub past: Vec<PlotBucket>,
    /// Beyond it: what has been run, and what is known without running.
    pub ahead: Vec<PlotBucket>,
    /// The stretch in which most of a noisy value's neighbours lie.
    pub band: Vec<PlotBucket>,
    /// True if it depends on t and settings alone.
    pub is_known_ahead: bool,
}

/// The curves of a session.
#[derive(Debug, Default)]
pub struct Plots {
    plan: CurvePlan,
    follower: Follower,
    panels: HashMap<Pane, Vec<Panel>>,
    /// The errors that were expected at a boundary of a lane, after so many edits.
    local: Option<((String, usize, u64), Option<Forecast>)>,
}

/// The room for the panels of a pane.
#[derive(Debug, Clone, Copy)]
pub struct Room {
    /// Most panels.
    pub count: usize,
    /// The panel to begin with.
    pub first: usize,
    /// The first iteration.
    pub from: u64,
    /// The iterations that the width stands for.
    pub span: u64,
    /// The columns of the curves.
    pub columns: u16,
    /// The columns beside a panel's title in which its curves are named, and then what theory says; none where there is no
    /// room for more than the run and its prediction.
    pub beside: Option<u16>,
    /// True where there is room for diagrams that no rule declares.
    pub has_fillers: bool,
}

impl Room {
    /// The iteration after the last one.
    fn end(self) -> u64 {
        self.from.saturating_add(self.span)
    }
}

/// The theory that lines are drawn of.
#[derive(Clone, Copy)]
pub(super) enum PlotTheory<'a> {
    /// That of where the lane in focus is.
    Here(&'a LaneTheory),
    /// It comes later: what was drawn last stays until then, where that was of the same run.
    Coming { is_same_run: bool },
}

impl Plots {
    /// Finds out which curves there are.
    pub(super) fn plan(&mut self, session: &Session, chosen: Option<&[usize]>) {
        if self.plan.follow(session, chosen) {
            self.follower.forget();
        }
    }

    /// The number of panels a pane has, with those that fill what room is left or without.
    #[must_use]
    pub fn count(&self, pane: Pane, with_fillers: bool) -> usize {
        self.plan.panels(pane, with_fillers).count()
    }

    /// The panels of a pane as they were prepared last.
    #[must_use]
    pub fn panels(&self, pane: Pane) -> &[Panel] {
        self.panels.get(&pane).map_or(&[], Vec::as_slice)
    }

    /// The values of variable `name`, element `element`, over the run, where they are followed.
    #[must_use]
    pub fn history(&self, variable: usize) -> &[PlotBucket] {
        self.follower.history(variable)
    }

    /// Brings the curves up to the newest boundary.
    pub(super) fn follow(&mut self, session: &mut Session) {
        self.follower.follow(session, &self.plan);
    }

    /// The newest iteration whose values are drawn, where the run goes further.
    #[must_use]
    pub fn reached(&self) -> Option<u64> {
        self.follower.newest().filter(|_| self.is_behind())
    }

    /// True if the run goes further than the curves: the next frame draws more of them.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.follower.is_behind
    }

    /// Makes the panels of a pane ready.
    pub(super) fn prepare(
        &mut self,
        session: &mut Session,
        theory: PlotTheory,
        pane: Pane,
        room: Room,
        control: &mut Control,
    ) {
        let plans = self.plan.panels(pane, room.has_fillers);
        let plans: Vec<PanelPlan> = plans.cloned().collect();
        let count = room.count.min(plans.len());
        let panels = (0..count)
            .map(|at| {
                let plan = &plans[(room.first + at) % plans.len()];
                self.panel(session, theory, (pane, plan), room, control)
            })
            .collect();
        self.panels.insert(pane, panels);
    }

    fn panel(
        &mut self,
        session: &mut Session,
        theory: PlotTheory,
        (pane, plan): (Pane, &PanelPlan),
        room: Room,
        control: &mut Control,
    ) -> Panel {
        let now = as_f64(session.position().t);
        let mut panel = Panel {
            title: plan.title.clone(),
            has_zero: plan.spacing == Spacing::SignedLog,
            failed: plan.failed.clone(),
            is_of_losses: plan.is_of_losses(),
            ..Panel::default()
        };
        for planned in &plan.curves {
            let all = self.buckets(session, planned, room);
            let (past, ahead) = divided(all, now);
            if plan.spacing == Spacing::SignedLog {
                panel.crossings.extend(crossings(&past));
            }
            panel.curves.push(PanelCurve {
                label: planned.label.clone(),
                mark: planned.mark,
                role: planned.role,
                past,
                ahead,
                band: self.band(planned, now),
                is_known_ahead: matches!(planned.subject, CurveSource::Watch { curve, .. }
                    if self.plan.is_known_ahead(curve)),
            });
        }
        tell_what_is_not_finite(&mut panel, as_f64(room.from));
        if panel.crossings.len() > usize::from(room.columns) / 4 {
            // Where it changes in every iteration a mark says nothing.
            panel.crossings.clear();
        }
        match theory {
            PlotTheory::Here(sight) => {
                self.analysis(session, sight, plan, (room, control), &mut panel);
            }
            PlotTheory::Coming { is_same_run } => {
                let mut before = self.panels(pane).iter();
                let before = before.find(|it| is_same_run && it.plan == plan.title);
                if let Some(before) = before {
                    panel.theory.clone_from(&before.theory);
                    panel.told.clone_from(&before.told);
                    panel.threshold = before.threshold;
                }
            }
        }
        panel.plan.clone_from(&plan.title);
        panel.note.clone_from(&panel.told);
        if let Some(across) = &plan.across {
            panel.phase = self.phase(plan, across, session.position().t);
            if panel.phase.is_none() {
                // Not drawn over t either.
                panel.curves.iter_mut().for_each(|it| it.past.clear());
            }
            let name = &across.label;
            let names: Vec<&str> = plan.curves.iter().map(|it| it.label.as_str()).collect();
            let axes = format!("{} against {name}", names.join(", "));
            let is_titled = panel.title.starts_with(&axes);
            let scales = panel.phase.as_ref().map(|phase| phase.scales);
            let [across, up] = scales.unwrap_or_default().map(scale_word);
            let scales = match (up, across) {
                ("", "") => String::new(),
                (up, "") => format!("{up} upwards"),
                ("", across) => format!("{across} across"),
                (up, across) if up == across => format!("both {up}"),
                (up, across) => format!("{up} against {across}"),
            };
            let parts = [if is_titled { String::new() } else { axes }, scales];
            let parts: Vec<String> = parts.into_iter().filter(|it| !it.is_empty()).collect();
            panel.note = parts.join(", ");
            return panel;
        }
        let most = sizes(&panel.curves).fold(0.0, f64::max);
        let iterations = as_f64(room.span) / f64::from(room.columns.max(1));
        panel.scale = match plan.spacing {
            Spacing::Linear => ValueScale::Linear,
            Spacing::Log | Spacing::SignedLog if is_narrow(sizes(&panel.curves)) => {
                ValueScale::Linear
            }
            Spacing::Log => ValueScale::Log,
            Spacing::SignedLog => ValueScale::signed(most, iterations),
        };
        let drawn = panel.curves.iter();
        let mut drawn = drawn.flat_map(|curve| curve.past.iter().chain(&curve.ahead));
        if panel.is_of_losses
            && panel.scale == ValueScale::Log
            && drawn.any(|bucket| bucket.min < 0.0)
        {
            // Decades are those of its size.
            panel.title = match panel.title.strip_prefix("loss above ") {
                Some(floor) => format!("|loss - {floor}|"),
                None => panel.title.replacen("loss", "|loss|", 1),
            };
        }
        panel.note = [panel.note.as_str(), scale_word(panel.scale)]
            .into_iter()
            .filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join(", ");
        panel
    }

    /// The paths of the curves of `plan` up to `now` and beyond, and the window that holds all that is known of them; none
    /// where nothing is.
    fn phase(&self, plan: &PanelPlan, over: &Across, now: u64) -> Option<Phase> {
        let middle = |bucket: &PlotBucket| f64::midpoint(bucket.min, bucket.max);
        let across = self.follower.buckets(over.curve, over.element);
        let mut paths: Vec<Vec<Visit>> = Vec::new();
        for planned in &plan.curves {
            let CurveSource::Watch { curve, element } = planned.subject else {
                continue;
            };
            let own = self.follower.buckets(curve, element);
            // Of a long run a place stands for some iterations.
            let places = across.iter().zip(&own).map(|(x, y)| Visit {
                t: whole(x.first),
                at: [middle(x), middle(y)],
            });
            let places: Vec<Visit> = places
                .filter(|it| it.at.iter().all(|v| v.is_finite()))
                .collect();
            paths.push(places);
        }
        let scales = [over.spacing, plan.spacing];
        let scales = [0, 1].map(|axis| {
            let values = || paths.iter().flatten().map(|it| it.at[axis].abs());
            match scales[axis] {
                Spacing::Linear => ValueScale::Linear,
                _ if is_narrow(values()) => ValueScale::Linear,
                Spacing::Log => ValueScale::Log,
                Spacing::SignedLog => ValueScale::signed_within(values().collect()),
            }
        });
        for path in &mut paths {
            let height = |visit: &Visit| {
                let [x, y] = visit.at;
                let at = [scales[0].height(x)?, scales[1].height(y)?];
                Some(Visit { at, ..*visit })
            };
            *path = path.iter().filter_map(height).collect();
        }
        let ends = |axis: usize| {
            let heights = paths.iter().flatten().map(|it| it.at[axis]);
            // An empty decade says that values are there.
            rounded(heights, if scales[axis].has_decades() { 8.0 } else { 4.0 })
        };
        let window = Window::new(ends(0)?, ends(1)?)?;
        let parts = paths.into_iter();
        let (paths, ahead) = parts
            .map(|path| path.into_iter().partition(|it| it.t <= now))
            .unzip();
        Some(Phase {
            window,
            scales,
            paths,
            ahead,
            across: over.label.clone(),
        })
    }

    /// All that is known of a curve, thinned to what its columns can show.
    fn buckets(
        &mut self,
        session: &mut Session,
        planned: &PlannedCurve,
        room: Room,
    ) -> Vec<PlotBucket> {
        if let CurveSource::Loss { lane, floor } = planned.subject {
            let Some(entry) = session.lanes().entries().get(lane) else {
                return Vec::new();
            };
            let above = |value: f64| {
                if floor == 0.0 {
                    value
                } else {
                    (value - floor).max(0.0)
                }
            };
            let newest = entry.frontier();
            let spans = entry.lane.timeline().loss.spans();
            return spans
                .map(|(first, end, bucket)| PlotBucket {
                    first: as_f64(first),
                    last: as_f64((end - 1).min(newest)),
                    min: above(bucket.min),
                    max: above(bucket.max),
                })
                .collect();
        }
        let CurveSource::Watch { curve, element } = planned.subject else {
            return Vec::new();
        };
        let mut buckets = self.follower.buckets(curve, element);
        if self.plan.is_known_ahead(curve) {
            let known = session.lanes().frontier();
            let stride = (room.span / (2 * u64::from(room.columns.max(1)))).max(1);
            let ahead = self.plan.ahead(
                session,
                curve,
                element,
                (known + 1..room.end()).step_by(usize::try_from(stride).unwrap_or(1)),
            );
            buckets.extend(ahead);
        }
        buckets
    }

    /// The band of a curve up to `now`.
    fn band(&self, planned: &PlannedCurve, now: f64) -> Vec<PlotBucket> {
        let Some(ends) = planned.band else {
            return Vec::new();
        };
        let [low, high] = ends.map(|curve| self.follower.buckets(curve, 0));
        let band = low.iter().zip(&high).map(|(low, high)| PlotBucket {
            min: low.min,
            max: high.max,
            ..*low
        });
        divided(band.collect(), now).0
    }
}

/// Says of a curve whose values are known from its second iteration on, but never finite, that this is why it is not
/// drawn: at the beginning variables have no values.
fn tell_what_is_not_finite(panel: &mut Panel, beginning: f64) {
    let is_lost = |curve: &PanelCurve| {
        let known = || curve.past.iter().chain(&curve.ahead);
        known().any(|it| it.last > beginning)
            && known().all(|it| !it.min.is_finite() && !it.max.is_finite())
    };
    let lost: Vec<String> = panel
        .curves
        .iter()
        .filter(|curve| is_lost(curve))
        .map(|curve| format!("{}: no finite value", curve.label))
        .collect();
    if lost.len() == panel.curves.len() && panel.failed.is_none() && !lost.is_empty() {
        panel.failed = Some(lost.join(", "));
    } else {
        panel.lost = lost;
    }
}

/// The word for a scale; none for one by value.
fn scale_word(scale: ValueScale) -> &'static str {
    match scale {
        ValueScale::Linear => "",
        ValueScale::Log => "log",
        ValueScale::SignedLog { .. } => "signed log",
    }
}
