//! Tensors that another rule moves, beside those that the rule itself does.

use super::{
    naming::{self, Solved},
    own::{SolvedUpdate, UsedGradient},
    replay,
    search::Identification,
    step_form::{StepDirection, UpdateForm},
    update::{UpdateLaw, UpdateQuestion},
};
use crate::{
    debugger::Control,
    diff::finding::{Cause, CauseKind},
};

impl Identification {
    /// The cause, and the lines of w, if the rule leads some tensors through all iterations, and all others follow one line with
    /// the same factors throughout; `rule` is the rule's own line, which `question` asks for.
    pub(super) fn two_rules(
        &self,
        question: &UpdateQuestion,
        rule: Option<&UpdateForm>,
        used: &UsedGradient,
        control: &mut Control,
    ) -> Option<(Cause, Vec<SolvedUpdate>)> {
        let o = &self.observed;
        let held = replay::held_by_tensor(o);
        let (own, other): (Vec<usize>, Vec<usize>) =
            (0..o.parts.len()).partition(|at| held[*at].is_whole());
        let moves = |at: &usize| {
            let range = o.parts[*at].range.clone();
            let mut rows = 0..o.t.len();
            rows.any(|row| o.w.before[row][range.clone()] != o.w.after[row][range.clone()])
        };
        if other.is_empty() || !own.iter().any(moves) {
            return None;
        }
        let only = |parts: &[usize]| UpdateQuestion {
            only: Some(parts.to_vec()),
            ..question.clone()
        };
        let ours = only(&other);
        let (cause, law) = self.another_rule(&ours, &own, &other, control)?;
        let solved = Solved {
            question: &ours,
            law: &law,
        };
        let is_steady = naming::terms(&solved)
            .iter()
            .all(|it| it.coefficient.is_some());
        if !is_steady || !ours.left(&law).is_empty() {
            return None;
        }
        let theirs = only(&own);
        let of_rule = rule.and_then(|form| theirs.law(form, &theirs.rows()));
        let line = |law: UpdateLaw| SolvedUpdate {
            law,
            count: question.count.clone(),
            used: used.clone(),
        };
        Some((cause, of_rule.into_iter().chain([law]).map(line).collect()))
    }

    /// The cause if the tensors `other`, which `question` asks for, follow a line that is not the rule's; on those that are its
    /// `own` the rule holds.
    pub(super) fn another_rule(
        &self,
        question: &UpdateQuestion,
        own: &[usize],
        other: &[usize],
        control: &mut Control,
    ) -> Option<(Cause, UpdateLaw)> {
        let buffers: Vec<usize> = (0..self.observed.buffers.len())
            .filter(|at| self.observed.buffers[*at].is_recorded)
            .collect();
        let (law, _) = question.search(&[], &buffers, &[], control);
        let law = law.filter(|it| it.share > 0.97)?;
        let solved = Solved {
            question,
            law: &law,
        };
        let line = naming::said(&solved);
        let plain = law.form.divided == [StepDirection::Gradient] && law.form.divisor.is_none();
        let terms = naming::terms(&solved);
        let is_uphill = terms
            .iter()
            .any(|it| it.coefficient.is_some_and(|c| c.0 > 0.0));
        let remark = match (plain, is_uphill) {
            (true, false) => " (plain gradient descent)",
            (true, true) => " (plain gradient ascent)",
            (false, _) => "",
        };
        let text = format!(
            "another rule on {}: there {line}{remark}; on {} the rule holds",
            naming::tensors(&self.observed, other),
            naming::tensors(&self.observed, own)
        );
        let found = Cause::new(CauseKind::Rule, text, "one rule for all tensors");
        Some((found.in_line("w", terms, Vec::new()), law))
    }
}
