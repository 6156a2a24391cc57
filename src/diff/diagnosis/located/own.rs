//! All causes together on their own steps: from the first row on, each tensor as its cause has it.

use super::{
    LocatedCause, LocatedSearch,
    trial::{Trial, Walker},
};
use crate::{
    analysis::claim::Unchecked,
    debugger::{Control, Pace, stride},
    diff::{
        finding::{OwnCheck, OwnTrack},
        number_format::NumberFormat,
        stepper::{Mode, StepOutcome},
    },
};

impl LocatedSearch<'_> {
    /// Lets the rule, with the causes that were `found`, go its own way along the rows that are looked at.
    pub(super) fn own_steps(&self, found: &[&LocatedCause], control: &mut Control) -> OwnCheck {
        let trials: Vec<Trial> = std::iter::once(Trial {
            rule: &self.rules[0],
            event: None,
            free: Vec::new(),
        })
        .chain(found.iter().map(|it| self.trial(&it.parts)))
        .collect();
        let walker = |trial| Walker::new(&self.rows, self.equality, trial, Mode::Free);
        let mut walkers: Vec<Walker> = trials.iter().map(walker).collect();
        let frames = &self.rows.frames;
        for walker in &mut walkers {
            walker.begin(&self.rows.step(0));
        }
        let throughout: Vec<bool> = found.iter().map(|it| self.is_throughout(it)).collect();
        let tensors = found.iter().map(|it| self.failing_tensors(&it.groups));
        let tensors: Vec<Vec<usize>> = tensors.collect();
        let mut track = OwnTrack::default();
        track.begin(&frames[0].values[0]);
        let mut own = frames[0].values.clone();
        let mut pace = Pace::new(stride(self.rows.width(), 1));
        for step in 0..self.rows.steps() {
            if pace.is_due() && !control.goes_on() {
                break;
            }
            let to = &frames[step + 1];
            let outcomes = walkers
                .iter_mut()
                .map(|it| it.advance(&self.rows.step(step), None));
            let outcomes: Vec<StepOutcome> = outcomes.collect();
            if outcomes[0] == StepOutcome::CannotTell {
                // It goes on from what was recorded.
                own.clone_from(&to.values);
                track.begin(&own[0]);
            } else {
                let acting = found.iter().zip(&throughout).zip(&tensors);
                let acting = acting.map(|it| (*it.0.0, *it.0.1, it.1));
                own = self.together(step, acting, &walkers, &own);
                track.hold(&to.values[0], &own[0]);
            }
            for walker in &mut walkers {
                walker.put(&own);
            }
        }
        let values = frames.iter().flat_map(|it| &it.values[0]);
        let unit = NumberFormat::of(values).unit();
        track.outcome(unit, Unchecked::StatesNotRecorded)
    }

    /// The state after `step`, by field: of each tensor that of its cause where that acts, else the rule's.
    fn together<'c>(
        &self,
        step: usize,
        found: impl Iterator<Item = (&'c LocatedCause, bool, &'c Vec<usize>)>,
        walkers: &[Walker],
        before: &[Vec<f64>],
    ) -> Vec<Vec<f64>> {
        let mut after = before.to_vec();
        for pair in &self.rules[0].pairs {
            after[pair.field] = walkers[0].value(pair.variable).to_vec();
        }
        for ((cause, is_throughout, tensors), walker) in found.zip(&walkers[1..]) {
            let rule = self.rule(&cause.parts);
            for (at, tensor) in self.rows.tensors.iter().enumerate() {
                let acts = is_throughout || self.base[step][at].fails();
                if !acts || !tensors.contains(&at) {
                    continue;
                }
                for pair in &rule.pairs {
                    let from = if walker.keeps(pair.field) {
                        &before[pair.field][..]
                    } else {
                        walker.value(pair.variable)
                    };
                    let to = &mut after[pair.field];
                    // A number that is no tensor's is every tensor's.
                    if to.len() == self.rows.width() && from.len() == to.len() {
                        to[tensor.range.clone()].copy_from_slice(&from[tensor.range.clone()]);
                    } else if from.len() == to.len() {
                        to.copy_from_slice(from);
                    }
                }
            }
        }
        after
    }
}
