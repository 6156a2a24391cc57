//! The hunt for the first NaN or infinity of a run: which iteration, which line, which element.

use crate::{
    debugger::{lane::Lane, machine::Position},
    rule::{Variable, VariableKind},
};

/// The place at which the first non-finite value appeared.
#[derive(Debug, Clone, PartialEq)]
pub struct NotFinite {
    /// The iteration that made it; 0 where the run starts with it.
    pub t: u64,
    /// The line of its step, from 1; `None` where the start has it.
    pub line: Option<usize>,
    /// The variable; `loss` where all variables are finite but the loss at w is not.
    pub variable: String,
    /// The element, from 1, of a vector.
    pub coordinate: Option<usize>,
    /// The value: NaN or an infinity.
    pub value: f64,
    /// False where the hunt was interrupted: it is not finite then, but may not have been so first.
    pub is_first: bool,
}

/// Walks `lane` back from where it is to the iteration that spoilt w or a state, and through its lines; where `go_on`
/// says no, what is not finite on its boundary has to do.
///
/// The lane is back on its boundary afterwards.
pub(super) fn hunt(lane: &mut Lane, go_on: &mut dyn FnMut(u64) -> bool) -> NotFinite {
    let here = lane.position();
    lane.drop_anchor();
    let found = hunt_from(lane, here.t, go_on);
    lane.return_to(here);
    found.unwrap_or_else(|| NotFinite {
        is_first: false,
        ..standing(lane)
    })
}

fn hunt_from(lane: &mut Lane, t: u64, go_on: &mut dyn FnMut(u64) -> bool) -> Option<NotFinite> {
    let mut culprit = t;
    while culprit > 0 {
        if !lane.seek(Position::at(culprit - 1), &mut *go_on) {
            return None;
        }
        if !is_spoilt(lane) {
            return Some(walk(lane, culprit));
        }
        culprit -= 1;
    }
    Some(standing(lane))
}

/// True if `w` or a state is not finite. A non-finite temporary does no harm by itself.
fn is_spoilt(lane: &Lane) -> bool {
    let machine = lane.machine();
    let lasting = |it: &&Variable| it.kind != VariableKind::Temporary;
    let mut variables = machine.compiled().variables.iter().filter(lasting);
    variables.any(|it| machine.value(it).iter().any(|value| !value.is_finite()))
}

/// Runs the lines of iteration `t` until one of them assigns a value that is not finite.
fn walk(lane: &mut Lane, t: u64) -> NotFinite {
    let lines = lane.compiled().lines.clone();
    for (at, line) in lines.iter().enumerate() {
        lane.line();
        let machine = lane.machine();
        let variable = &machine.compiled().variables[line.variable];
        if let Some((coordinate, value)) = first(machine.value(variable)) {
            return NotFinite {
                t,
                line: Some(at + 1),
                variable: variable.name.clone(),
                coordinate,
                value,
                is_first: true,
            };
        }
    }
    // All variables are finite, so it is the loss where the last line to move w has put it.
    let moved = lines.iter().rposition(|line| line.variable == 0);
    NotFinite {
        t,
        line: moved.map(|at| at + 1),
        variable: "loss".into(),
        coordinate: None,
        value: lane.machine().loss(),
        is_first: true,
    }
}

/// The first that is not finite where `lane` stands; none of its lines has made it so.
fn standing(lane: &Lane) -> NotFinite {
    let machine = lane.machine();
    let lasting = |it: &&Variable| it.kind != VariableKind::Temporary;
    let mut variables = machine.compiled().variables.iter().filter(lasting);
    let spoilt = variables.find_map(|it| Some((it.name.clone(), first(machine.value(it))?)));
    let (variable, (coordinate, value)) =
        spoilt.unwrap_or_else(|| ("loss".into(), (None, machine.loss())));
    NotFinite {
        t: machine.position().t,
        line: None,
        variable,
        coordinate,
        value,
        is_first: true,
    }
}

/// The first element that is not finite, with its number where there are several.
fn first(values: &[f64]) -> Option<(Option<usize>, f64)> {
    let at = values.iter().position(|value| !value.is_finite())?;
    Some(((values.len() > 1).then_some(at + 1), values[at]))
}
