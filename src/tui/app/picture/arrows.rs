//! The vectors that rules declare as arrows, at the current point of the lane in focus.

use super::Plane;
use crate::tui::app::frame_budget::{FrameBudget, Moment};
use crate::{
    debugger::{
        Position, Session,
        watch::{ExpectedType, Quantity, Watch},
    },
    rule::{self, VariableKind},
    tui::{contour::Point, theme::Role},
    value::Value,
};

/// Arrows: what each is called, its components along the plane's axes, and its colour.
#[derive(Debug, Default)]
pub struct Arrows {
    lane: Option<(usize, String)>,
    watches: Vec<(String, Role, Watch)>,
    /// The watches at the elements that the plane shows, where they need no others.
    restricted: (Option<[usize; 2]>, Vec<Option<Watch>>),
    shown: Vec<(String, Point, Role)>,
    /// The moment and the plane that all of them were evaluated for.
    known: Option<(Moment, Plane)>,
}

impl Arrows {
    /// The arrows, in the order of the rule.
    pub fn shown(&self) -> &[(String, Point, Role)] {
        &self.shown
    }

    /// Evaluates them where the session is.
    pub fn look(&mut self, session: &mut Session, budget: &mut FrameBudget, plane: Plane) {
        let focused = session.lanes().focused();
        let lane = Some((session.lanes().focus(), focused.name.clone()));
        if lane != self.lane {
            self.lane = lane;
            let names = session.lanes().names();
            let rule = focused.compiled().rule.clone();
            let watch = |arrow: &rule::Show| {
                let watch =
                    Watch::of(&rule.source, arrow.expr.clone(), &names, ExpectedType::Any).ok()?;
                let role = role(session, &watch);
                Some((arrow.label.clone(), role, watch))
            };
            self.watches = rule.arrows.iter().filter_map(watch).collect();
            self.restricted = (None, vec![None; self.watches.len()]);
        }
        let here = (budget.at(), plane);
        if self.known == Some(here) {
            return;
        }
        let elements = plane.elements();
        if self.restricted.0 != elements {
            let watches = self.watches.iter();
            let restricted = watches.map(|(_, _, watch)| watch.at_elements(elements?.as_slice()));
            self.restricted = (elements, restricted.collect());
        }
        self.shown.clear();
        if session.position() == Position::default() && !session.lanes().focused().lane.is_newest()
        {
            return;
        }
        self.known = budget.spend(session, |session, control| {
            let watches = self.watches.iter_mut().zip(&mut self.restricted.1);
            for ((label, role, watch), restricted) in watches {
                let is_restricted = restricted.is_some();
                let watch = restricted.as_mut().unwrap_or(watch);
                let Some(Value::Vector(vector)) = session.value(watch, control) else {
                    continue;
                };
                let along = match vector[..] {
                    [x, y] if is_restricted => Some([x, y]),
                    _ => plane.along(session, &vector),
                };
                if let Some(along) = along {
                    self.shown.push((label.clone(), along, *role));
                }
            }
            (!control.has_ended()).then_some(here)
        });
    }
}

/// The colour of what an arrow is made of: that of the first state with a part to play that it reads.
fn role(session: &Session, watch: &Watch) -> Role {
    let variables = &session.lanes().focused().compiled().variables;
    let roles = watch.readings().iter().filter_map(|reading| {
        let Quantity::Variable(at) = reading.quantity else {
            return None;
        };
        match variables[at].kind {
            VariableKind::State(role) => role,
            _ => None,
        }
    });
    match roles.into_iter().next() {
        Some(rule::StateRole::Momentum) => Role::Momentum,
        Some(rule::StateRole::Scale) => Role::Scale,
        Some(rule::StateRole::Count | rule::StateRole::Basis) | None => Role::Text,
    }
}
