//! `explain`: the line that made a value, its numbers substituted, and what was set by hand since.

use super::{
    Session,
    target::{Referent, elsewhere},
};
use crate::{
    debugger::{
        change::Change,
        command::Phrase,
        control::{Control, interrupted},
        explain::{EditInForce, ElementNames, Explanation, Known, write_out},
        lane::Lane,
        machine::Position,
    },
    error::{Error, ErrorCode, Result},
    lang::graph::Extent,
    rule::{Compiled, Tensor, Variable, part_name},
    value::Value,
};
use std::{ops::Range, sync::Arc};

fn no_variable(session: &Session, target: &Referent, compiled: &Compiled) -> Error {
    if let Some(error) = elsewhere(session, target, |own| format!("explain {own}")) {
        return error;
    }
    let name = target.name.text();
    let message = if compiled.setting(name).is_some() {
        format!("`{name}` is a setting: no line assigns it")
    } else {
        format!("the rule has no variable `{name}`")
    };
    let names = compiled.variables.iter().map(|variable| &variable.name);
    let error = target.name.error(message);
    error.suggest(name, "variables", names)
}

/// The error for a value that nothing has made here.
fn not_available(message: String) -> Error {
    Error::plain(ErrorCode::NotAvailable, message)
}

/// A variable, or elements of one, to be explained.
#[derive(Debug, Clone)]
pub struct ExplainTarget {
    /// The lane, by its number.
    pub lane: usize,
    /// The variable, by its number.
    pub variable: usize,
    /// Some of the elements (from 0, row by row), or all of them.
    pub elements: Option<Range<usize>>,
}

impl Session {
    /// Writes out the line that computed `[LANE.]NAME` or an element of it, and what was set by hand since.
    ///
    /// # Errors
    /// There is no such variable, nothing has computed it yet, or `control` said no.
    pub fn explain_name(
        &mut self,
        name: impl Into<Phrase>,
        control: &mut Control,
    ) -> Result<Explanation> {
        let target = Referent::read(self, &name.into())?;
        let compiled = Arc::clone(self.lanes.entries[target.lane].compiled());
        let mut variables = compiled.variables.iter();
        let Some(variable) = variables.position(|it| it.name == target.name.text()) else {
            return Err(no_variable(self, &target, &compiled));
        };
        let subject = ExplainTarget {
            lane: target.lane,
            variable,
            elements: target.elements(&compiled.variables[variable])?,
        };
        let explained = self.explain(&subject, control);
        explained.map_err(|error| error.located(target.own.source(), target.own.span()))
    }

    /// Writes out the line that made a value, and what was set by hand since.
    ///
    /// # Errors
    /// Nothing has made it yet, or `control` said no.
    pub fn explain(
        &mut self,
        subject: &ExplainTarget,
        control: &mut Control,
    ) -> Result<Explanation> {
        let has_norms = self.lanes.tensors().iter().any(|it| it.is_norm);
        let lane = &mut self.lanes.entries[subject.lane].lane;
        let name = &lane.compiled().variables[subject.variable].name;
        if lane.compiled().lines.is_empty() {
            let help = if has_norms {
                "the run has norms of tensors: a rule's lines need their elements"
            } else {
                "a rule has lines: open the run with `--rule NAME`"
            };
            let message = format!("`{name}` was recorded: no line assigns it");
            return Err(not_available(message).help(help));
        }
        let made = last_made(lane, subject.variable);
        let lane = &self.lanes.entries[subject.lane].lane;
        let edits = edits_since(lane, self.lanes.tensors(), subject, made);
        if made.is_none() && edits.is_empty() {
            let name = &lane.compiled().variables[subject.variable].name;
            if lane.position().t > lane.timeline().beginning() {
                let message = format!(
                    "no line has led to `{name}` here: the iteration before was not recorded"
                );
                return Err(not_available(message).help("`line` runs the next line"));
            }
            return Err(not_available(format!("no line has assigned `{name}` yet"))
                .help("`line` runs the next line, `step` the whole iteration"));
        }
        self.explained(subject, made, edits, control)
    }

    /// Writes out what line `line` (from 0) of the lane in focus made when it ran last.
    ///
    /// # Errors
    /// There is no such line, it has not run yet, or `control` said no.
    pub fn explain_line(&mut self, line: usize, control: &mut Control) -> Result<Explanation> {
        let lane = &mut self.lanes.focused_mut().lane;
        let Some(code) = lane.compiled().lines.get(line) else {
            return Err(not_available(format!("there is no line {}", line + 1)));
        };
        let variable = code.variable;
        let position = lane.position();
        let t = if line < position.line {
            Some(position.t)
        } else {
            led_from(lane)
        };
        let Some(t) = t else {
            return Err(not_available(format!("line {} has not run yet", line + 1)));
        };
        let ran = Position { t, line };
        let made = last_made(lane, variable);
        let subject = ExplainTarget {
            lane: self.lanes.focus,
            variable,
            elements: None,
        };
        // What was set since is told where this line made the value that it replaced.
        let edits = match made {
            Some(made) if made == ran => {
                let lane = &self.lanes.focused().lane;
                edits_since(lane, self.lanes.tensors(), &subject, Some(made))
            }
            _ => Vec::new(),
        };
        self.explained(&subject, Some(ran), edits, control)
    }

    /// Runs the line again that stands at `made`, and writes it out.
    fn explained(
        &mut self,
        subject: &ExplainTarget,
        made: Option<Position>,
        edits: Vec<EditInForce>,
        control: &mut Control,
    ) -> Result<Explanation> {
        let here = self.lanes.drop_anchor();
        let prefix = if subject.lane == self.lanes.focus {
            String::new()
        } else {
            format!("{}.", self.lanes.entries[subject.lane].name)
        };
        let n = self.landscape.start.len();
        let own = self.lanes.own(subject.lane, n);
        let tensors = Arc::clone(&self.lanes.tensors);
        let entry = &mut self.lanes.entries[subject.lane];
        let compiled = Arc::clone(entry.compiled());
        let variable = &compiled.variables[subject.variable];
        let mut explanation = Explanation {
            lane: entry.name.clone(),
            name: format!("{prefix}{}", variable.name),
            t: edits.first().map_or(0, |edit| edit.t),
            line: None,
            off: None,
            edits,
            elements: Vec::new(),
            hidden: 0,
        };
        if let Some(Position { t, line }) = made {
            let lane = &mut entry.lane;
            if !lane.seek(Position::at(t), |t| control.at(t)) {
                self.lanes.return_to(here);
                return Err(interrupted());
            }
            lane.drop_anchor();
            lane.return_to(Position { t, line });
            let known = known(lane, &compiled);
            // The line alone, without the edits that were made after it.
            let machine = lane.machine_mut();
            machine.line();
            let result = variable.value(machine.value(variable));
            lane.return_to(Position::at(t));
            let expr = &compiled.rule.step[line].expr;
            let by_tensor = compiled.rule.is_for_each_tensor;
            let names = ElementNames {
                variable: &variable.name,
                lane: &prefix,
                tensors: if variable.extent == Extent::Vector(n) {
                    &tensors
                } else {
                    &[]
                },
            };
            let count = result.numbers().len();
            let wanted = match subject.elements.clone() {
                None if count == n => own,
                Some(part) => vec![part],
                None => std::iter::once(0..count).collect(),
            };
            let (elements, hidden) = write_out(&names, expr, &known, by_tensor, &result, &wanted);
            explanation = Explanation {
                t: t + 1,
                line: Some(line + 1),
                elements,
                hidden,
                ..explanation
            };
        }
        for edit in &mut explanation.edits {
            edit.name = format!("{prefix}{}", edit.name);
        }
        self.lanes.return_to(here);
        let off = self.first_deviation();
        let off = off.filter(|it| explanation.line == Some(it.line) && explanation.t == here.t);
        let is_own = subject.lane == self.lanes.focus;
        explanation.off = off.filter(|_| is_own).map(|it| it.relative);
        Ok(explanation)
    }
}

/// The position before the line that assigned the variable last: in the iteration under way, else in the
/// one before.
fn last_made(lane: &mut Lane, variable: usize) -> Option<Position> {
    let position = lane.position();
    let before = led_from(lane);
    let lines = &lane.compiled().lines;
    let last = |before: usize| {
        let mut lines = lines[..before].iter();
        lines.rposition(|line| line.variable == variable)
    };
    let now = last(position.line).map(|line| Position { line, ..position });
    now.or_else(|| {
        Some(Position {
            t: before?,
            line: last(lines.len())?,
        })
    })
}

/// The boundary from which lines led to the one before the lane's position; none where it begins there, or was recorded
/// without the iteration before.
fn led_from(lane: &mut Lane) -> Option<u64> {
    let from = lane.position().t.checked_sub(1)?;
    let is_there = from >= lane.timeline().beginning() && lane.machine_mut().has_boundary(from);
    is_there.then_some(from)
}

/// The edits of the subject that are in force: after `made`, not after the lane's position, and not
/// overwritten by a later one.
fn edits_since(
    lane: &Lane,
    tensors: &[Tensor],
    subject: &ExplainTarget,
    made: Option<Position>,
) -> Vec<EditInForce> {
    let here = lane.position();
    let variable = &lane.compiled().variables[subject.variable];
    let wanted = subject.elements.clone();
    let mut open: Vec<usize> = wanted.unwrap_or(0..variable.extent.len()).collect();
    let mut found = Vec::new();
    for edit in lane.edits().iter().rev() {
        let Change::State {
            variable: at,
            from,
            values,
        } = &edit.change
        else {
            continue;
        };
        let since = made.is_none_or(|made| edit.position > made) && edit.position <= here;
        let covers = |element: &usize| (*from..*from + values.len()).contains(element);
        if *at != subject.variable || !since || !open.iter().any(covers) {
            continue;
        }
        open.retain(|element| !covers(element));
        found.push(edited(
            (variable, tensors),
            subject,
            (*from, values),
            (edit.position, here),
        ));
    }
    found.reverse();
    found
}

fn edited(
    (variable, tensors): (&Variable, &[Tensor]),
    subject: &ExplainTarget,
    (from, values): (usize, &[f64]),
    (then, here): (Position, Position),
) -> EditInForce {
    let set = from..from + values.len();
    let part = match &subject.elements {
        Some(wanted) => wanted.start.max(set.start)..wanted.end.min(set.end),
        None => set,
    };
    let value = match &values[part.start - from..part.end - from] {
        [value] => variable.element(*value),
        values => variable.value(values),
    };
    EditInForce {
        name: part_name(&variable.name, variable.extent, tensors, part),
        t: then.t,
        here: then == here,
        value,
    }
}

/// The values that names have where the lane is.
fn known(lane: &Lane, compiled: &Compiled) -> Known {
    let machine = lane.machine();
    let mut known = Known::new();
    let w = machine.w();
    #[expect(
        clippy::cast_precision_loss,
        reason = "neither parameters nor iterations come to 2^53"
    )]
    let (n, t) = (w.len() as f64, (machine.position().t + 1) as f64);
    for (name, value) in ["x", "y", "z"].into_iter().zip(w) {
        known.insert(name.into(), Value::Scalar(*value));
    }
    known.insert("n".into(), Value::Scalar(n));
    // What the rule calls by these names comes before them.
    for (at, setting) in compiled.settings.iter().enumerate() {
        known.insert(setting.name.clone(), Value::Scalar(machine.setting(at)));
    }
    for fixed in &compiled.rule.fixed {
        known.insert(fixed.name.clone(), Value::Scalar(fixed.first));
    }
    for it in &compiled.variables {
        known.insert(it.name.clone(), it.value(machine.value(it)));
    }
    known.insert("t".into(), Value::Scalar(t));
    known
}
