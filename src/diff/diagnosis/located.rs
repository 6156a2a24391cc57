//! Causes of a difference in a run that states its settings group by group and iteration by iteration: named with the
//! tensors and iterations that they concern.
//!
//! ```text
//! rows         the rows that are looked at, and the group of each coordinate
//! rule         a rule with a value of each setting for each coordinate
//! trial        a rule tried on every row and tensor
//! hypotheses   other lines, settings and single events that are tried
//! states       what may happen to states between two iterations, and formats that they may be kept in
//! bounds       lines of the rule with a bound on what they make
//! solved       one number that is solved for in each iteration
//! limits       what factors that were solved for have in common: a norm that is kept, a decay of w
//! free         how it is solved for, and what its values have in common
//! compound     several things that a run does otherwise in one group
//! own          all causes together on their own steps
//! check        causes held against all rows and parameters
//! said         causes in words
//! ```
//! A cause is told where it leads through every iteration of a group of tensors in which the rule fails, and where enough
//! recorded numbers bear it out.

mod bounds;
mod check;
mod compound;
mod free;
mod hypotheses;
mod limits;
mod own;
mod rows;
mod rule;
mod said;
mod solved;
mod states;
#[cfg(test)]
mod tests;
mod trial;

use crate::{
    debugger::{Control, Progress, interrupted},
    diff::{
        against::Allowance,
        configured_rule::ConfiguredRule,
        diagnosis::effort::Effort,
        difference::Tolerance,
        finding::{CauseKind, CauseQuantity, Diagnosis},
        number_format::NumberFormat,
        pairing::Pairing,
        row_alignment::RowAlignment,
        stepper::RecordedRow,
    },
    error::Result,
    format::rounded,
    runs::Run,
};
use free::SolvedStep;
use rows::LocatedRows;
use rule::LocatedRule;
use std::{rc::Rc, sync::Arc};
use trial::{Equality, FreeNumber, FreeValues, Place, RowEvent, TensorOutcome, Trial};

/// The terms on which causes are looked for.
pub(in crate::diff) struct LocateOptions<'a> {
    pub alignment: RowAlignment,
    pub tolerance: Tolerance,
    pub rounding: Option<&'a Allowance>,
    /// The first iteration that the rule does not lead through.
    pub first: u64,
    /// All iterations and tensors that it does not lead through.
    pub failing: &'a [(u64, usize)],
    /// Some coordinates that it does not lead through.
    pub places: &'a [usize],
    /// True if these are few of many numbers, of every tensor and in every iteration.
    pub are_few: bool,
    /// True if each tensor is a group of its own, whatever the run states.
    pub by_tensor: bool,
    /// What has been done: by several searches together, where they have it in common.
    pub effort: &'a Rc<Effort>,
}

/// Numbers that have to bear out what is tried, beyond those that were fitted.
const BORNE_OUT: usize = 2;
const BORNE_OUT_SINGLY: usize = 4;
const BORNE_OUT_COARSELY: usize = 6;

/// One thing that a run may do otherwise.
#[derive(Clone)]
struct Hypothesis {
    kind: CauseKind,
    run_has: String,
    rule_has: String,
    /// The rule that is tried, by its place.
    rule: usize,
    event: Option<RowEvent>,
    free: Option<(FreeNumber, FreeValues)>,
    /// The values that were solved for.
    solved: Vec<SolvedStep>,
    /// What they have in common, where it is a number that is no setting's.
    quantity: Option<(CauseQuantity, f64)>,
    /// Numbers that were fitted: simpler ones come first.
    fitted: usize,
}

impl Hypothesis {
    /// A hypothesis without numbers that are fitted, on the rule itself.
    fn new(kind: CauseKind, run_has: impl Into<String>, rule_has: impl Into<String>) -> Self {
        Self {
            kind,
            run_has: run_has.into(),
            rule_has: rule_has.into(),
            rule: 0,
            event: None,
            free: None,
            solved: Vec::new(),
            quantity: None,
            fitted: 0,
        }
    }
}

impl Hypothesis {
    /// True if it is another line of the rule, which a run has in all iterations.
    fn is_other_line(&self) -> bool {
        let is_free = matches!(
            self.kind,
            CauseKind::Switch | CauseKind::Gradient | CauseKind::Decay
        );
        self.rule != 0 && self.free.is_none() && !is_free
    }
}

/// Digits of a number that somebody may have written.
const ROUND: usize = 3;

impl Hypothesis {
    /// True if its number, where it is one, has few digits.
    fn is_round(&self) -> bool {
        let number = match (&self.quantity, &self.free) {
            (Some((_, number)), _) => *number,
            (None, Some((_, FreeValues::Constant(value) | FreeValues::Multiple(value)))) => *value,
            _ => return true,
        };
        (number - rounded(number, ROUND)).abs() <= 1e-12 * number.abs()
    }
}

/// What leads through all that the rule fails in, in some groups of tensors: one thing, or several together.
struct LocatedCause {
    parts: Vec<Hypothesis>,
    cells: Vec<Vec<TensorOutcome>>,
    /// The groups it explains.
    groups: Vec<usize>,
    /// The largest deviation, in units of what is allowed.
    off: f64,
}

impl LocatedCause {
    /// True if it is a bound of a line, or a limit that numbers keep.
    fn is_bound(&self) -> bool {
        let mut parts = self.parts.iter();
        parts.all(|it| {
            let is_limit = it.quantity.is_some_and(|(it, _)| it.is_limit());
            is_limit || matches!(it.free, Some((FreeNumber::Bound(_), _)))
        })
    }
}

/// The causes for which `run` is not the rule's.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(in crate::diff) fn located(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    options: &LocateOptions,
    control: &mut Control,
) -> Result<Option<Diagnosis>> {
    let around = run.row_at(options.first)?.unwrap_or(0);
    let rows = LocatedRows::new(
        run,
        options.alignment,
        around,
        options.places,
        subject.is_as_recorded,
    )?
    .spending(options.effort);
    // Rows without parameters lead nowhere.
    let has_none = |row: &RecordedRow| row.values[0].len() < rows.width();
    if rows.frames.iter().any(has_none) {
        return Ok(None);
    }
    let written = Arc::clone(&subject.compiled.rule);
    let Some(base) = LocatedRule::new(&written, subject, pairing, run, &rows) else {
        return Ok(None);
    };
    let equality = Equality {
        tolerance: options.tolerance,
        rounding: options.rounding,
    };
    let mut search = LocatedSearch {
        pairing,
        run,
        options,
        subject,
        equality,
        rules: vec![base],
        bounded: None,
        base: Vec::new(),
        groups: Vec::new(),
        failing: Vec::new(),
        first: 0,
        tried: 0,
        untried: 0,
        rows,
    };
    let mut diagnosis = None;
    if search.fails(control) {
        let found = search.search(control);
        let causes: Vec<&LocatedCause> = found.iter().map(|it| &it.0).collect();
        let left = if search.is_part() && !control.has_ended() {
            search.check(&causes, control)?
        } else {
            None
        };
        diagnosis = Some(said::diagnosis(&search, &found, left.as_deref(), control));
    }
    // What was cut short says nothing.
    if control.has_ended() {
        return Err(interrupted());
    }
    Ok(diagnosis)
}

struct LocatedSearch<'a> {
    run: &'a mut Run,
    options: &'a LocateOptions<'a>,
    subject: &'a ConfiguredRule,
    pairing: &'a Pairing,
    equality: Equality<'a>,
    rows: LocatedRows,
    /// The rule itself, and variants of it.
    rules: Vec<LocatedRule>,
    /// Rules with a bound that the rule itself has not; none until they are asked for.
    bounded: Option<Vec<bounds::BoundedRule>>,
    /// The rule's own cells.
    base: Vec<Vec<TensorOutcome>>,
    /// The group of each tensor; those that no group has are one.
    groups: Vec<usize>,
    /// Steps and tensors that the rule does not lead through.
    failing: Vec<(usize, usize)>,
    /// The step that everything may begin with.
    first: usize,
    tried: usize,
    /// What was not tried because too much had been done.
    untried: usize,
}

impl LocatedSearch<'_> {
    /// Looks where the rule fails; false where that is nowhere.
    fn fails(&mut self, control: &mut Control) -> bool {
        let trial = self.trial(&[]);
        self.base = trial::cells(&self.rows, self.equality, &trial, 0, control, |_, _| true);
        let other = self.rows.recorded.tensors().len();
        let tensors = self.rows.tensors.iter();
        let by_tensor = self.options.by_tensor;
        let groups = tensors.enumerate().map(|(at, it)| {
            if by_tensor {
                at
            } else {
                it.group.unwrap_or(other)
            }
        });
        self.groups = groups.collect();
        let steps = self.base.iter().enumerate();
        self.failing = steps
            .flat_map(|(step, cells)| {
                let tensors = cells.iter().enumerate().filter(|it| it.1.fails());
                tensors.map(move |it| (step, it.0)).collect::<Vec<_>>()
            })
            .collect();
        self.add_failing_elsewhere();
        let Some(&(first, _)) = self.failing.first() else {
            return false;
        };
        self.rows.anew = self.failing.iter().map(|it| it.0).collect();
        self.rows.anew.dedup();
        // Where what was recorded is enough, nothing has to be led there.
        let is_told = |it: &[Vec<TensorOutcome>]| {
            it.get(first)
                .is_some_and(|it| it.iter().any(|it| it.is_told))
        };
        let trial = self.trial(&[]);
        let late = trial::cells(&self.rows, self.equality, &trial, first, control, |_, _| {
            false
        });
        self.first = if is_told(&late) { first } else { 0 };
        true
    }

    /// True if tensors have counters of their own that differ: the comparison, whose rule has one for all, then finds more that
    /// fails than does.
    fn has_own_counters(&self) -> bool {
        let counted = self.run.fields.iter().enumerate();
        let mut counted = counted.filter(|it| it.1.is_per_tensor).map(|it| it.0);
        counted.any(|field| {
            self.rows.frames.iter().any(|frame| {
                let values = &frame.values[field];
                values.iter().any(|it| it.to_bits() != values[0].to_bits())
            })
        })
    }

    /// Adds the steps and tensors that the rule does not lead through at coordinates which are not looked at.
    fn add_failing_elsewhere(&mut self) {
        if !self.is_part() || self.has_own_counters() {
            return;
        }
        let shift = u64::from(self.options.alignment.first_is_start);
        for (t, of) in self.options.failing {
            let steps = &self.rows.frames[1..];
            let step = steps.binary_search_by_key(t, |it| it.t + shift);
            let tensor = self.rows.tensors.iter().position(|it| it.of == *of);
            if let (Ok(step), Some(tensor)) = (step, tensor)
                && self.base[step][tensor].is_told
            {
                self.failing.push((step, tensor));
            }
        }
        self.failing.sort_unstable();
        self.failing.dedup();
    }

    /// True if the numbers are rounded to fewer than 32 bits.
    fn is_coarse(&self) -> bool {
        let rounding = self.equality.rounding;
        rounding.is_some_and(|it| it.input > NumberFormat::Single.unit())
    }

    /// True if only a part of the run is looked at.
    fn is_part(&self) -> bool {
        self.rows.frames.len() < self.run.rows || self.rows.width() < self.rows.dimension
    }

    /// Groups in which the rule fails.
    fn failing_groups(&self) -> Vec<usize> {
        let mut groups: Vec<usize> = self.failing.iter().map(|it| self.groups[it.1]).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The causes: as few as explain the groups that can be explained, and others that do so as well.
    fn search(&mut self, control: &mut Control) -> Vec<(LocatedCause, Vec<LocatedCause>)> {
        if self.is_beyond_telling() {
            return Vec::new();
        }
        let mut all = Vec::new();
        let mut hypotheses = self.hypotheses();
        if self.is_coarse() {
            hypotheses.extend(self.coarse_rates());
        }
        let of = hypotheses.len();
        for (done, hypothesis) in hypotheses.iter().enumerate() {
            if !control.hear(Progress::Runs { done, of }) {
                return Vec::new();
            }
            if self.rows.effort.is_spent() {
                self.untried += of - done;
                break;
            }
            self.tried += 1;
            all.extend(self.locate(vec![hypothesis.clone()], control));
        }
        let mut open = self.failing_groups();
        let mut found: Vec<(LocatedCause, Vec<LocatedCause>)> = Vec::new();
        loop {
            let explains =
                |it: &LocatedCause| it.groups.iter().filter(|it| open.contains(it)).count();
            let most = all.iter().map(&explains).max().unwrap_or(0);
            if most == 0 && !open.is_empty() {
                if self.rows.effort.is_spent() {
                    self.untried += open.len() * self.free_numbers().len();
                    break;
                }
                let group = open[0];
                let free = self.free(&open, group, control);
                if free.is_empty() && self.options.by_tensor {
                    // What has a cause in some tensors alone is not told.
                    return Vec::new();
                }
                if free.is_empty() {
                    let several = self.compound(group, &hypotheses, control);
                    found.extend(several.map(|it| (it, Vec::new())));
                    open.remove(0);
                } else {
                    all.extend(free);
                }
                if open.is_empty() {
                    break;
                }
                continue;
            }
            if most == 0 {
                break;
            }
            let (mut best, rest): (Vec<LocatedCause>, Vec<LocatedCause>) =
                all.into_iter().partition(|it| explains(it) == most);
            best.sort_by(|a, b| {
                self.rank(a)
                    .cmp(&self.rank(b))
                    .then(a.off.total_cmp(&b.off))
            });
            let first = best.remove(0);
            let (as_good, others): (Vec<LocatedCause>, Vec<LocatedCause>) = best
                .into_iter()
                .partition(|it| it.groups == first.groups && self.rank(it) == self.rank(&first));
            open.retain(|it| !first.groups.contains(it));
            all = rest;
            all.extend(others);
            found.push((first, as_good));
        }
        found
    }

    /// The order in which causes are told: those of all iterations first, those without fitted numbers, and round numbers
    /// before others. What nobody schedules is no cause of a few iterations where the gradient is one as well.
    fn rank(&self, it: &LocatedCause) -> (usize, bool, bool, bool) {
        let is_some = !self.is_throughout(it);
        let is_odd = it.parts.iter().any(|it| !it.is_round());
        let is_unlikely = |part: &Hypothesis| match part.free {
            Some((FreeNumber::Setting(at), _)) => {
                !free::is_signed(&self.rules[0].settings[at].name)
            }
            _ => false,
        };
        let is_unlikely = is_some && it.parts.iter().any(is_unlikely);
        (fitted(&it.parts), is_some, is_odd, is_unlikely)
    }

    /// True if the hypothesis holds in all iterations of the tensors that it explains.
    fn is_throughout(&self, it: &LocatedCause) -> bool {
        let tensors = self.failing_tensors(&it.groups);
        it.cells.iter().zip(&self.base).all(|(cells, base)| {
            let mut own = tensors.iter().filter(|at| base[**at].is_told);
            own.all(|at| cells[*at].holds())
        })
    }

    /// The tensors of `groups` in which the rule fails.
    fn failing_tensors(&self, groups: &[usize]) -> Vec<usize> {
        let of = self
            .failing
            .iter()
            .filter(|it| groups.contains(&self.groups[it.1]));
        let mut tensors: Vec<usize> = of.map(|it| it.1).collect();
        tensors.sort_unstable();
        tensors.dedup();
        tensors
    }

    /// The rule that `parts` change, or the rule itself.
    fn rule(&self, parts: &[Hypothesis]) -> &LocatedRule {
        let changed = parts.iter().map(|it| it.rule).find(|it| *it != 0);
        &self.rules[changed.unwrap_or(0)]
    }

    /// What has to be tried for `parts` together.
    fn trial(&self, parts: &[Hypothesis]) -> Trial<'_> {
        self.trial_with(parts, &[])
    }

    /// The same, with these values of numbers of the rule itself.
    fn trial_with(&self, parts: &[Hypothesis], more: &[(FreeNumber, FreeValues)]) -> Trial<'_> {
        let rule = self.rule(parts);
        let own = |number: FreeNumber| match number {
            FreeNumber::Setting(at) => {
                let name = &self.rules[0].settings[at].name;
                let mut settings = rule.settings.iter();
                let at = settings.position(|it| it.name == *name)?;
                Some(FreeNumber::Setting(at))
            }
            FreeNumber::GradientFactor
            | FreeNumber::Average(_)
            | FreeNumber::Interpolation
            | FreeNumber::StepFactor
            | FreeNumber::WeightFactor(_) => Some(number),
            FreeNumber::Bound(_) => {
                let at = rule
                    .settings
                    .iter()
                    .position(|it| it.name == bounds::NAME)?;
                Some(FreeNumber::Setting(at))
            }
        };
        let free = parts.iter().filter_map(|it| it.free.as_ref());
        let free = free.chain(more);
        let free = free.filter_map(|(number, values)| Some((own(*number)?, values.clone())));
        Trial {
            rule,
            event: parts.iter().find_map(|it| it.event.clone()),
            free: free.collect(),
        }
    }

    /// Tries `parts` together; `None` where they explain no group.
    fn locate(&self, parts: Vec<Hypothesis>, control: &mut Control) -> Option<LocatedCause> {
        let trial = self.trial(&parts);
        let mut left = self.failing_groups();
        // Only until it is known to explain nothing.
        trial::cells(
            &self.rows,
            self.equality,
            &trial,
            self.first,
            control,
            |step, cells| {
                left.retain(|group| {
                    let mut own = (0..cells.len()).filter(|at| self.groups[*at] == *group);
                    own.all(|at| !self.base[step][at].fails() || cells[at].holds())
                });
                !left.is_empty()
            },
        );
        if left.is_empty() {
            return None;
        }
        let cells = trial::cells(&self.rows, self.equality, &trial, 0, control, |_, _| true);
        if !self.is_borne_out(&parts, &cells, &left) {
            return None;
        }
        let mut off = 0.0_f64;
        for (step, tensor) in &self.failing {
            if left.contains(&self.groups[*tensor]) {
                off = off.max(cells[*step][*tensor].off);
            }
        }
        let found = LocatedCause {
            parts,
            cells,
            groups: left,
            off,
        };
        // A program does not change while it runs.
        let is_line = found.parts.iter().any(Hypothesis::is_other_line);
        (!is_line || self.is_throughout(&found)).then_some(found)
    }

    /// True if enough numbers that the rule fails in are, in all of `groups`, those of `parts` together.
    fn is_borne_out(
        &self,
        parts: &[Hypothesis],
        cells: &[Vec<TensorOutcome>],
        groups: &[usize],
    ) -> bool {
        let is_own = |tensor: usize| groups.contains(&self.groups[tensor]);
        let mut failing = self.failing.iter().filter(|it| is_own(it.1));
        failing.all(|(step, tensor)| cells[*step][*tensor].holds())
            && self.failing_numbers(is_own) >= fitted(parts) + self.needed()
    }

    /// True if so few numbers are not the rule's that they bear nothing out: what it does otherwise would show in more of a tensor
    /// than one element.
    fn is_beyond_telling(&self) -> bool {
        let failing = self.failing_numbers(|_| true);
        let of_one_element = self.rules[0].pairs.len();
        failing < self.needed() || self.options.are_few && failing <= of_one_element
    }

    /// The numbers that are looked at and that the rule fails in, of the tensors that `is_own` admits.
    fn failing_numbers(&self, is_own: impl Fn(usize) -> bool) -> usize {
        let own = self.failing.iter().filter(|it| is_own(it.1));
        own.map(|(step, tensor)| self.base[*step][*tensor].failing)
            .sum()
    }

    /// The numbers that have to bear out what is tried, beyond those that were fitted.
    fn needed(&self) -> usize {
        match self.equality.rounding {
            Some(_) if self.is_coarse() => BORNE_OUT_COARSELY,
            Some(_) => BORNE_OUT_SINGLY,
            None => BORNE_OUT,
        }
    }
}

/// Numbers that were fitted in all.
fn fitted(parts: &[Hypothesis]) -> usize {
    parts.iter().map(|it| it.fitted).sum()
}
