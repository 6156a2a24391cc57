//! What theory says of a lane where it is, part by part.

use crate::{
    analysis::{
        Claim, ClaimKind, LocalModes,
        stability::{Edge, Growth},
    },
    debugger::{Control, LossTolerance, lanes::NamedLane},
};

/// A part of theory: where it takes long, a frame has time for one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    /// The effect of an iteration.
    #[default]
    Outlook,
    /// The distance from the edge of stability.
    Edge,
    /// What is claimed of the run.
    Claims,
    /// The errors that were expected.
    Forecast,
    /// All is known.
    Done,
}

/// The theory of the lane in focus where it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaneTheory {
    /// The effect of an iteration on small errors.
    pub outlook: Option<LocalModes>,
    /// The distance from the edge of stability.
    pub edge: Option<Edge>,
    /// The errors that were expected by now, `[n]`.
    pub alpha: Option<Vec<f64>>,
    /// The claims about it, where few enough numbers move for theory to say anything.
    pub claims: Vec<Claim>,
    /// Rounding of `w` explains errors up to this size.
    pub rounding: f64,
    /// The effective steps times the curvatures at `w`, `[n]`, where somebody asked for them.
    pub effective: Option<Vec<f64>>,
}

impl LaneTheory {
    /// Looks at one part, and says which is next.
    pub(super) fn look(
        &mut self,
        stage: Stage,
        entry: &mut NamedLane,
        goal: LossTolerance,
        control: &mut Control,
    ) -> Stage {
        match stage {
            Stage::Outlook => {
                self.outlook = entry.outlook().cloned();
                Stage::Edge
            }
            Stage::Edge => {
                self.edge = entry.edge().ok();
                Stage::Claims
            }
            Stage::Claims => {
                if entry.is_predictable() {
                    self.claims = entry.claims(goal, control);
                }
                Stage::Forecast
            }
            Stage::Forecast => {
                let t = entry.lane.position().t;
                if let Some(forecast) = entry.forecast(goal.loss(), control) {
                    let is_exact = forecast.prediction.exact;
                    self.alpha = forecast.alpha(t).map(<[f64]>::to_vec);
                    let since = forecast.since;
                    if is_exact {
                        self.rounding = entry.rounding_of_alpha(since);
                    }
                }
                Stage::Done
            }
            Stage::Done => stage,
        }
    }

    /// The claim of this kind about the run as a whole.
    #[must_use]
    pub fn claim(&self, kind: ClaimKind) -> Option<&Claim> {
        self.claims.iter().find(|it| it.kind == kind)
    }
}

/// What panes ask of theory besides, as far as they are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Wanted {
    /// The effective steps of the lane in focus.
    pub steps: bool,
    /// The transient growth of its errors.
    pub growth: bool,
    /// The iteration at which each lane is expected to come down to the tolerance.
    pub convergence: bool,
}

impl Wanted {
    /// True if that is all that `asked` has.
    pub fn covers(self, asked: Self) -> bool {
        (self.steps || !asked.steps)
            && (self.growth || !asked.growth)
            && (self.convergence || !asked.convergence)
    }
}

/// All that is asked of theory at once.
#[derive(Debug, Clone, Default)]
pub(super) struct Sight {
    pub theory: LaneTheory,
    pub growth: Option<Growth>,
    pub reached: Vec<Option<u64>>,
}

impl Sight {
    /// Looks at all of it; what `control` cuts short is missing.
    pub fn look(
        wanted: Wanted,
        lanes: &mut [NamedLane],
        focus: usize,
        goal: LossTolerance,
        control: &mut Control,
    ) -> Self {
        let mut sight = Self::default();
        let mut stage = Stage::default();
        let entry = &mut lanes[focus];
        while stage != Stage::Done && control.goes_on() {
            stage = sight.theory.look(stage, entry, goal, control);
        }
        if wanted.steps && control.goes_on() {
            sight.theory.effective = entry.effective_curvatures().ok();
        }
        if wanted.growth && control.goes_on() {
            sight.growth = entry.growth().ok();
        }
        if wanted.convergence {
            sight.reached = convergence(lanes.iter_mut(), goal, control);
        }
        sight
    }
}

/// The iteration at which each lane comes down to the tolerance: as far as that is claimed and holds.
pub(super) fn convergence<'a>(
    lanes: impl Iterator<Item = &'a mut NamedLane>,
    goal: LossTolerance,
    control: &mut Control,
) -> Vec<Option<u64>> {
    let arrival = |entry: &mut NamedLane| {
        if !entry.is_predictable() || !control.goes_on() {
            return None;
        }
        let claims = entry.claims(goal, control);
        let arrives = claims.iter().find(|it| it.kind == ClaimKind::ArrivesAt)?;
        arrives.predicted().filter(|_| arrives.holds())
    };
    lanes.map(arrival).collect()
}
