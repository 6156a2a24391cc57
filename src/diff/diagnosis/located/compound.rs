//! Several things that a run does otherwise in one group of tensors.
//!
//! Recorded states make each line observable: what makes the line of one variable hold is kept, and the next is looked for
//! on top of it. Settings that meet in one line are solved for together, from all iterations at once.

use super::{
    BORNE_OUT, FreeNumber, FreeValues, Hypothesis, LocatedCause, LocatedSearch, SolvedStep, fitted,
    free::TELLING,
    trial::{Beside, Walker},
};
use crate::{
    debugger::{Control, Progress},
    diff::{finding::CauseKind, stepper::Mode},
    format::rounded,
};
use nalgebra::{DMatrix, DVector};
use std::collections::BTreeSet;

/// Most things that are found together.
const PARTS: usize = 4;
/// Most rounds of Gauss and Newton's method, and the share that the first ones have to bring the worst deviation down to.
const ROUNDS: usize = 20;
const EARLY: usize = 4;
const EARLY_SHARE: f64 = 0.1;
/// Iterations from which settings are solved for; that they hold in all is seen afterwards.
const SOLVED: usize = 24;

/// Settings that are solved for together.
struct Unknown {
    number: FreeNumber,
    /// True where what the run states changes: the number is what it is multiplied by.
    is_multiple: bool,
    /// The stated value, or 1 for a multiple of it.
    stated: f64,
}

impl Unknown {
    fn values(&self, value: f64) -> FreeValues {
        if self.is_multiple {
            FreeValues::Multiple(value)
        } else {
            FreeValues::Constant(value)
        }
    }
}

impl LocatedSearch<'_> {
    /// What explains `group` together, where no one thing does.
    pub(super) fn compound(
        &mut self,
        group: usize,
        hypotheses: &[Hypothesis],
        control: &mut Control,
    ) -> Option<LocatedCause> {
        let mut parts: Vec<Hypothesis> = Vec::new();
        let all: BTreeSet<usize> = self.rules[0].pairs.iter().map(|it| it.field).collect();
        let mut failing = self.failing_fields(&parts, group, &all, control)?;
        while !failing.is_empty() && parts.len() < PARTS {
            let (more, left) = self.next_part(&parts, group, &failing, hypotheses, control)?;
            parts.extend(more);
            failing = left;
        }
        let cause = self.locate(parts, control)?;
        cause.groups.contains(&group).then(|| LocatedCause {
            groups: vec![group],
            ..cause
        })
    }

    /// What makes more lines hold on top of `parts`, and the fields that fail still.
    fn next_part(
        &mut self,
        parts: &[Hypothesis],
        group: usize,
        failing: &BTreeSet<usize>,
        hypotheses: &[Hypothesis],
        control: &mut Control,
    ) -> Option<(Vec<Hypothesis>, BTreeSet<usize>)> {
        let is_changed = parts.iter().any(|it| it.rule != 0);
        let has_event = parts.iter().any(|it| it.event.is_some());
        let fits =
            |it: &&Hypothesis| !(it.rule != 0 && is_changed || it.event.is_some() && has_event);
        let mut candidates: Vec<Vec<Hypothesis>> = hypotheses
            .iter()
            .filter(fits)
            .map(|it| vec![it.clone()])
            .collect();
        let open = self.unknowns(parts, group);
        for unknown in &open {
            for field in failing {
                if self.may_try() {
                    candidates.extend(self.fit(parts, &[unknown], group, *field, control));
                }
            }
        }
        let mut best = self.best(parts, group, failing, candidates, control);
        if best.is_none() && failing.len() == 1 {
            let field = *failing.first()?;
            // A switch, and a setting of the line that it changes.
            let switches = hypotheses.iter().filter(fits);
            for switch in switches.filter(|it| it.kind == CauseKind::Switch) {
                let turned: Vec<Hypothesis> = parts.iter().chain([switch]).cloned().collect();
                for unknown in &open {
                    if best.is_some() || !self.may_try() {
                        continue;
                    }
                    let more = self.fit(&turned, &[unknown], group, field, control);
                    let more = more.map(|it| [vec![switch.clone()], it].concat());
                    let more = more.into_iter().collect();
                    best = self.best(parts, group, failing, more, control);
                }
            }
            for first in 0..open.len() {
                for second in first + 1..open.len() {
                    if !control.hear(Progress::Runs {
                        done: first,
                        of: open.len(),
                    }) {
                        return None;
                    }
                    if !self.may_try() {
                        continue;
                    }
                    let both = [&open[first], &open[second]];
                    let pair = self.fit(parts, &both, group, field, control);
                    let pair = pair.into_iter().collect();
                    best = best.or_else(|| self.best(parts, group, failing, pair, control));
                }
            }
        }
        best
    }

    /// True to try one thing more, which is counted; what is not because too much has been done is counted, too.
    fn may_try(&mut self) -> bool {
        let is_spent = self.rows.effort.is_spent();
        if is_spent {
            self.untried += 1;
        } else {
            self.tried += 1;
        }
        !is_spent
    }

    /// The candidate on top of `parts` that leaves the fewest fields failing; of those the one with the fewest fitted
    /// numbers.
    fn best(
        &mut self,
        parts: &[Hypothesis],
        group: usize,
        failing: &BTreeSet<usize>,
        candidates: Vec<Vec<Hypothesis>>,
        control: &mut Control,
    ) -> Option<(Vec<Hypothesis>, BTreeSet<usize>)> {
        let mut best: Option<(Vec<Hypothesis>, BTreeSet<usize>)> = None;
        for more in candidates {
            if self.rows.effort.is_spent() {
                self.untried += 1;
                continue;
            }
            let all: Vec<Hypothesis> = parts.iter().chain(&more).cloned().collect();
            let left = self.failing_fields(&all, group, failing, control);
            let Some(left) = left.filter(|left| left.len() < failing.len()) else {
                continue;
            };
            let size = (left.len(), fitted(&more));
            if best
                .as_ref()
                .is_none_or(|it| size < (it.1.len(), fitted(&it.0)))
            {
                best = Some((more, left));
            }
        }
        best
    }

    /// The fields that fail in `group` with `parts`; `None` where one fails that is not among `known`, `control` says no, or too
    /// much has been done.
    fn failing_fields(
        &self,
        parts: &[Hypothesis],
        group: usize,
        known: &BTreeSet<usize>,
        control: &mut Control,
    ) -> Option<BTreeSet<usize>> {
        let mut failing = BTreeSet::new();
        self.walk(parts, &[], group, usize::MAX, control, |pairs, number| {
            if number.off() > 1.0 {
                failing.insert(pairs[number.pair]);
            }
            failing.len() < known.len() && failing.is_subset(known)
        })?;
        failing.is_subset(known).then_some(failing)
    }

    /// Leads `parts`, with `free` for some numbers, from row to row, for so many steps at `most` from where the rule fails, and
    /// hands on what `group` has; stops where `take`, which has the field of each pair, too, says no.
    fn walk(
        &self,
        parts: &[Hypothesis],
        free: &[(FreeNumber, FreeValues)],
        group: usize,
        most: usize,
        control: &mut Control,
        mut take: impl FnMut(&[usize], &Beside) -> bool,
    ) -> Option<()> {
        let trial = self.trial_with(parts, free);
        let fields: Vec<usize> = trial.rule.pairs.iter().map(|it| it.field).collect();
        let mut is_own = vec![false; self.rows.width()];
        for (tensor, of) in self.rows.tensors.iter().zip(&self.groups) {
            is_own[tensor.range.clone()].fill(*of == group);
        }
        let mut walker = Walker::new(&self.rows, self.equality, &trial, Mode::Replay);
        let first = if most < self.rows.steps() {
            self.first
        } else {
            0
        };
        walker.begin(&self.rows.step(first));
        let mut numbers = Vec::new();
        for step in (first..self.rows.steps()).take(most) {
            if !control.goes_on() || self.rows.effort.is_spent() {
                return None;
            }
            if !walker.step(&self.rows.step(step), None, &mut numbers) {
                continue;
            }
            let mut own = numbers.iter().filter(|it| is_own.get(it.at) == Some(&true));
            if !own.all(|it| take(&fields, it)) {
                break;
            }
        }
        Some(())
    }

    /// The settings that `parts` leave as they are stated.
    fn unknowns(&self, parts: &[Hypothesis], group: usize) -> Vec<Unknown> {
        let rule = self.rule(parts);
        let Some(tensor) = self.groups.iter().position(|it| *it == group) else {
            return Vec::new();
        };
        let first = self.rows.tensors[tensor].range.start;
        let is_free = |at: usize| {
            let taken = parts.iter().filter_map(|it| it.free.as_ref());
            !taken.into_iter().any(|it| it.0 == FreeNumber::Setting(at))
        };
        let open = (0..self.rules[0].settings.len()).filter(|at| is_free(*at));
        let unknown = |at: usize| {
            let name = &self.rules[0].settings[at].name;
            rule.settings.iter().position(|it| it.name == *name)?;
            let stated = |step: usize| {
                let to = &self.rows.frames[step + 1];
                self.rules[0].stated(at, to.t, to, &self.rows)[first]
            };
            let value = stated(0);
            let is_multiple = (0..self.rows.steps()).any(|step| stated(step) != value);
            Some(Unknown {
                number: FreeNumber::Setting(at),
                is_multiple,
                stated: if is_multiple { 1.0 } else { value },
            })
        };
        open.filter_map(unknown).collect()
    }

    /// The numbers of `field` where the `unknowns` have the values `x`.
    fn numbers(&self, problem: &Problem, x: &[f64], control: &mut Control) -> Option<Vec<Beside>> {
        let free = problem.unknowns.iter().zip(x);
        let free: Vec<_> = free.map(|(it, x)| (it.number, it.values(*x))).collect();
        let mut all = Vec::new();
        self.walk(
            problem.parts,
            &free,
            problem.group,
            SOLVED,
            control,
            |fields, it| {
                if fields[it.pair] == problem.field {
                    all.push(*it);
                }
                true
            },
        )?;
        (!all.is_empty()).then_some(all)
    }

    /// Values of the `unknowns` with which the line of `field` holds in every iteration: the shortest that do.
    fn fit(
        &self,
        parts: &[Hypothesis],
        unknowns: &[&Unknown],
        group: usize,
        field: usize,
        control: &mut Control,
    ) -> Option<Vec<Hypothesis>> {
        let problem = Problem {
            parts,
            unknowns,
            group,
            field,
        };
        let stated: Vec<f64> = unknowns.iter().map(|it| it.stated).collect();
        let all = vec![true; unknowns.len()];
        // A line that one of them does not matter to says nothing of it.
        let numbers = self.numbers(&problem, &stated, control)?;
        let slopes = self.slopes(&problem, &stated, &all, &numbers, control)?;
        if slopes
            .column_iter()
            .any(|it| it.iter().all(|it| *it == 0.0))
        {
            return None;
        }
        let others = (0..unknowns.len()).map(|at| {
            let mut x = stated.clone();
            x[at] = if x[at] == 0.0 { 0.1 } else { 100.0 * x[at] };
            x
        });
        let mut begin = std::iter::once(stated.clone()).chain(others);
        let mut x = begin.find_map(|start| self.descend(&problem, start, &all, control))?;
        let mut open = all;
        for at in 0..x.len() {
            open[at] = false;
            let known = self.known_values(unknowns[at].number).into_iter();
            let known = known.filter(|_| !unknowns[at].is_multiple);
            let short = (1..=12).map(|digits| rounded(x[at], digits));
            let candidates: Vec<f64> = known.chain(short).collect();
            let is_near = |it: &f64| (it - x[at]).abs() <= 1e-2 * x[at].abs();
            let shorter = candidates.into_iter().filter(is_near).find_map(|value| {
                let mut start = x.clone();
                start[at] = value;
                self.descend(&problem, start, &open, control)
            });
            x = shorter.unwrap_or(x);
        }
        let numbers = self.numbers(&problem, &x, control)?;
        let slopes = self.slopes(&problem, &x, &vec![true; x.len()], &numbers, control)?;
        let parts = (0..x.len()).map(|at| {
            let by = (x[at] - stated[at]).abs();
            let tells = |(it, slope): (&Beside, &f64)| slope.abs() * by > TELLING * it.allowed;
            let column = slopes.column(at);
            let telling = numbers.iter().zip(column.iter());
            let telling = telling.filter(|it| tells(*it)).count();
            (telling > BORNE_OUT).then(|| {
                let name = match unknowns[at].number {
                    FreeNumber::Setting(number) => self.rules[0].settings[number].name.as_str(),
                    _ => "the gradient",
                };
                let solved = self.stated_steps(unknowns[at], x[at], group, telling);
                let values = unknowns[at].values(x[at]);
                self.hypothesis(unknowns[at].number, name, values, &solved)
            })
        });
        parts.collect()
    }

    /// What is stated of an unknown in the iterations in which `group` fails.
    fn stated_steps(
        &self,
        unknown: &Unknown,
        value: f64,
        group: usize,
        telling: usize,
    ) -> Vec<SolvedStep> {
        let FreeNumber::Setting(at) = unknown.number else {
            return Vec::new();
        };
        let own = self.failing.iter().filter(|it| self.groups[it.1] == group);
        let mut steps: Vec<(usize, usize)> = own.copied().collect();
        steps.dedup_by_key(|it| it.0);
        let solved = steps.into_iter().map(|(step, tensor)| {
            let to = &self.rows.frames[step + 1];
            let first = self.rows.tensors[tensor].range.start;
            let stated = self.rules[0].stated(at, to.t, to, &self.rows)[first];
            let value = if unknown.is_multiple {
                value * stated
            } else {
                value
            };
            SolvedStep {
                step,
                value,
                stated,
                within: (value, value),
                telling,
            }
        });
        solved.collect()
    }

    /// Gauss and Newton's method from `x`, for those that are `open`; `None` where it leads to no values that do.
    fn descend(
        &self,
        problem: &Problem,
        mut x: Vec<f64>,
        open: &[bool],
        control: &mut Control,
    ) -> Option<Vec<f64>> {
        let mut best = f64::INFINITY;
        let mut first = f64::INFINITY;
        for round in 0..ROUNDS {
            if !self.may_be(problem, &x) {
                return None;
            }
            let numbers = self.numbers(problem, &x, control)?;
            let worst = numbers.iter().map(Beside::off).fold(0.0, f64::max);
            if worst <= 1.0 {
                return Some(x);
            }
            if worst > 1e3 * best || !open.contains(&true) {
                return None;
            }
            if round == 0 {
                first = worst;
            } else if round == EARLY && worst > EARLY_SHARE * first {
                return None;
            }
            best = best.min(worst);
            let slopes = self.slopes(problem, &x, open, &numbers, control)?;
            let off = numbers.iter().map(|it| {
                let off = (it.recorded - it.expected) / it.allowed;
                if off.is_finite() { off } else { 0.0 }
            });
            let off = DVector::from_iterator(numbers.len(), off);
            let mut weighted = slopes;
            for (mut row, number) in weighted.row_iter_mut().zip(&numbers) {
                row /= number.allowed.max(f64::MIN_POSITIVE);
            }
            // Scaled, so that settings of different sizes can be told from ones that do nothing.
            let lengths: Vec<f64> = weighted.column_iter().map(|it| it.norm()).collect();
            for (mut column, length) in weighted.column_iter_mut().zip(&lengths) {
                column /= if *length > 0.0 { *length } else { 1.0 };
            }
            let normal = weighted.tr_mul(&weighted);
            // nalgebra cannot sort singular values that are NaN.
            if normal.iter().any(|entry| !entry.is_finite()) {
                return None;
            }
            let normal = normal.svd(true, true);
            let step = normal.solve(&weighted.tr_mul(&off), 1e-12).ok()?;
            let moves = x.iter_mut().zip(open).zip(step.iter().zip(&lengths));
            for ((x, _), (by, length)) in moves.filter(|it| *it.0.1 && *it.1.1 > 0.0) {
                *x += by / length;
            }
        }
        None
    }

    /// True if the unknowns may have the values `x`.
    fn may_be(&self, problem: &Problem, x: &[f64]) -> bool {
        problem
            .unknowns
            .iter()
            .zip(x)
            .all(|(it, x)| match it.number {
                _ if it.is_multiple => *x >= 0.0 && x.is_finite(),
                FreeNumber::Setting(at) => self.rules[0].settings[at].domain.contains(*x),
                _ => x.is_finite(),
            })
    }

    /// The derivatives of `numbers` by the unknowns that are `open`, a column for each; 0 for the others.
    fn slopes(
        &self,
        problem: &Problem,
        x: &[f64],
        open: &[bool],
        numbers: &[Beside],
        control: &mut Control,
    ) -> Option<DMatrix<f64>> {
        let mut slopes = DMatrix::zeros(numbers.len(), x.len());
        for at in (0..x.len()).filter(|at| open[*at]) {
            let size = if x[at] == 0.0 {
                1e-3
            } else {
                1e-4 * x[at].abs()
            };
            let moved = [size, -size].into_iter().find_map(|by| {
                let mut moved = x.to_vec();
                moved[at] += by;
                self.may_be(problem, &moved).then_some((moved, by))
            });
            let (moved, by) = moved?;
            let there = self.numbers(problem, &moved, control)?;
            if there.len() != numbers.len() {
                return None;
            }
            for (row, (a, b)) in there.iter().zip(numbers).enumerate() {
                let slope = (a.expected - b.expected) / by;
                slopes[(row, at)] = if slope.is_finite() { slope } else { 0.0 };
            }
        }
        Some(slopes)
    }
}

/// Unknown settings of a group, and the field whose line they are solved from.
struct Problem<'a> {
    parts: &'a [Hypothesis],
    unknowns: &'a [&'a Unknown],
    group: usize,
    field: usize,
}
