//! Causes of a difference in a run that states its settings group by group and iteration by iteration: named with the
//! tensors and iterations that they concern.
//!
//! ```text
//! rows     the rows that are looked at, and the group of each coordinate
//! rule     a rule with a value of each setting for each coordinate
//! trial    a rule tried on every row and tensor
//! free     a number solved for in each iteration, and what its values have in common
//! said     causes in words
//! ```
//! A cause is told where it leads through every iteration of a group of tensors in which the rule fails, and where enough
//! recorded numbers bear it out.

mod free;
mod rows;
mod rule;
mod said;
mod trial;

use super::mutation::mutations;
use crate::{
    debugger::{Control, Progress, interrupted},
    diff::{
        against::Allowance,
        configured_rule::ConfiguredRule,
        difference::Tolerance,
        finding::{CauseKind, Diagnosis},
        pairing::Pairing,
        row_alignment::RowAlignment,
    },
    error::{Result, Source},
    format::{exact, rounded},
    rule::{Rule, StateRole, VariableKind},
    runs::Run,
};
use free::SolvedStep;
use rows::LocatedRows;
use rule::LocatedRule;
use std::sync::Arc;
use trial::{Equality, FreeNumber, FreeValues, RowEvent, TensorOutcome, Trial};

/// The terms on which causes are looked for.
pub(in crate::diff) struct LocateOptions<'a> {
    pub alignment: RowAlignment,
    pub tolerance: Tolerance,
    pub rounding: Option<&'a Allowance>,
    /// The first iteration that the rule does not lead through.
    pub first: u64,
}

/// Numbers that have to bear out what is tried, beyond those that were fitted.
const BORNE_OUT: usize = 2;
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
    /// Numbers that were fitted: simpler ones come first.
    fitted: usize,
}

/// A hypothesis that leads through all that the rule fails in, in some groups of tensors.
struct LocatedCause {
    hypothesis: Hypothesis,
    cells: Vec<Vec<TensorOutcome>>,
    /// The groups it explains.
    groups: Vec<usize>,
    /// The largest deviation, in units of what is allowed.
    off: f64,
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
    let rows = LocatedRows::new(run, options.alignment, around)?;
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
        subject,
        equality,
        rules: vec![base],
        base: Vec::new(),
        groups: Vec::new(),
        failing: Vec::new(),
        first: 0,
        tried: 0,
        rows,
    };
    if !search.fails() {
        return Ok(None);
    }
    let found = search.search(control);
    if control.has_ended() {
        return Err(interrupted());
    }
    Ok(Some(said::diagnosis(&search, &found, options.alignment)))
}

struct LocatedSearch<'a> {
    run: &'a Run,
    subject: &'a ConfiguredRule,
    pairing: &'a Pairing,
    equality: Equality<'a>,
    rows: LocatedRows,
    /// The rule itself, and variants of it.
    rules: Vec<LocatedRule>,
    /// The rule's own cells.
    base: Vec<Vec<TensorOutcome>>,
    /// The group of each tensor; those that no group has are one.
    groups: Vec<usize>,
    /// Steps and tensors that the rule does not lead through.
    failing: Vec<(usize, usize)>,
    /// The step that everything may begin with.
    first: usize,
    tried: usize,
}

impl LocatedSearch<'_> {
    /// Looks where the rule fails; false where that is nowhere.
    fn fails(&mut self) -> bool {
        let trial = Trial {
            rule: &self.rules[0],
            event: None,
            free: None,
        };
        self.base = trial::cells(&self.rows, self.equality, &trial, 0, |_, _| true);
        let other = self.rows.recorded.tensors().len();
        let tensors = self.rows.tensors.iter();
        self.groups = tensors.map(|it| it.group.unwrap_or(other)).collect();
        let steps = self.base.iter().enumerate();
        self.failing = steps
            .flat_map(|(step, cells)| {
                let tensors = cells.iter().enumerate().filter(|it| it.1.fails());
                tensors.map(move |it| (step, it.0)).collect::<Vec<_>>()
            })
            .collect();
        let Some(&(first, _)) = self.failing.first() else {
            return false;
        };
        // Where what was recorded is enough, nothing has to be led there.
        let is_told = |it: &[Vec<TensorOutcome>]| {
            it.get(first)
                .is_some_and(|it| it.iter().any(|it| it.is_told))
        };
        let late = trial::cells(&self.rows, self.equality, &trial, first, |_, _| false);
        self.first = if is_told(&late) { first } else { 0 };
        true
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
        let mut all = Vec::new();
        let hypotheses = self.hypotheses();
        let of = hypotheses.len();
        for (done, hypothesis) in hypotheses.into_iter().enumerate() {
            if !control.hear(Progress::Runs { done, of }) {
                return Vec::new();
            }
            self.tried += 1;
            all.extend(self.locate(hypothesis));
        }
        let mut open = self.failing_groups();
        let mut found: Vec<(LocatedCause, Vec<LocatedCause>)> = Vec::new();
        loop {
            let explains =
                |it: &LocatedCause| it.groups.iter().filter(|it| open.contains(it)).count();
            let most = all.iter().map(&explains).max().unwrap_or(0);
            if most == 0 && !open.is_empty() {
                let group = open[0];
                let free = self.free(&open, group, control);
                if free.is_empty() {
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

    /// The order in which causes are told: those of all iterations first, and those without fitted numbers.
    fn rank(&self, it: &LocatedCause) -> (usize, bool) {
        (it.hypothesis.fitted, !self.is_throughout(it))
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

    /// Hypotheses without numbers to solve for.
    fn hypotheses(&mut self) -> Vec<Hypothesis> {
        let mut all = self.events();
        let written = Arc::clone(&self.rules[0].written);
        let largest = |name: &str| {
            let stated = self
                .rows
                .recorded
                .get(name)
                .map(|it| it.at(0).iter().copied());
            let stated = stated.and_then(|it| it.filter(|it| !it.is_nan()).reduce(f64::max));
            let own = self
                .subject
                .compiled
                .settings
                .iter()
                .position(|it| it.name == name);
            stated.or_else(|| own.map(|at| self.subject.settings[at]))
        };
        let made = mutations(&written, &largest);
        for mutation in made
            .iter()
            .filter(|it| it.counts.is_none() && it.open.is_none())
        {
            let source = Source::new(written.source.name.as_str(), mutation.text.as_str());
            let Ok(rule) = Rule::parse(&source).map(Arc::new) else {
                continue;
            };
            let mut subject = self.subject.clone();
            for (name, value) in &mutation.set {
                let own = subject
                    .compiled
                    .settings
                    .iter()
                    .position(|it| it.name == *name);
                if let Some(at) = own {
                    subject.settings[at] = *value;
                }
            }
            let variant = LocatedRule::new(&rule, &subject, self.pairing, self.run, &self.rows);
            if let Some(variant) = variant {
                self.rules.push(variant);
                all.push(Hypothesis {
                    kind: mutation.kind,
                    run_has: mutation.run_has.clone(),
                    rule_has: mutation.rule_has.clone(),
                    rule: self.rules.len() - 1,
                    event: None,
                    free: None,
                    solved: Vec::new(),
                    fitted: 0,
                });
            }
        }
        all
    }

    /// Things that happen in single iterations.
    fn events(&self) -> Vec<Hypothesis> {
        let rule = &self.rules[0];
        let variables = &rule.subject.compiled.variables;
        let field = |at: usize| self.run.fields[at].name.as_str();
        let of = |wanted: &dyn Fn(Option<StateRole>) -> bool| -> Vec<usize> {
            let pairs = rule
                .pairs
                .iter()
                .filter(|it| match variables[it.variable].kind {
                    VariableKind::State(role) => wanted(role),
                    _ => false,
                });
            pairs.map(|it| it.field).collect()
        };
        let moments = of(&|it| matches!(it, Some(StateRole::Momentum | StateRole::Scale)));
        let states = of(&|_| true);
        let named = |fields: &[usize]| {
            let names: Vec<String> = fields
                .iter()
                .map(|it| format!("`{}`", field(*it)))
                .collect();
            match names.split_last() {
                Some((last, [])) => last.clone(),
                Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
                None => String::new(),
            }
        };
        let mut all = Vec::new();
        let mut add = |kind, run_has: String, rule_has: &str, event| {
            all.push(Hypothesis {
                kind,
                run_has,
                rule_has: rule_has.to_owned(),
                rule: 0,
                event: Some(event),
                free: None,
                solved: Vec::new(),
                fitted: 0,
            });
        };
        let mut forgotten: Vec<Vec<usize>> = moments.iter().map(|it| vec![*it]).collect();
        forgotten.extend([moments.clone(), states.clone()]);
        forgotten.dedup();
        for fields in forgotten.into_iter().filter(|it| !it.is_empty()) {
            let (values, are) = match fields.len() {
                1 => ("its initial value", "is"),
                _ => ("their initial values", "are"),
            };
            let names = named(&fields);
            add(
                CauseKind::Start,
                format!("{names} reset to {values}"),
                &format!("{names}, which {are} kept"),
                RowEvent::Forgotten(fields),
            );
        }
        let mut everything = states.clone();
        everything.push(0);
        let text = "no update: nothing moves".to_owned();
        add(
            CauseKind::Order,
            text,
            "an update in every iteration",
            RowEvent::Kept(everything),
        );
        let text = "no update of w, though the states go on".to_owned();
        add(
            CauseKind::Order,
            text,
            "an update in every iteration",
            RowEvent::Kept(vec![0]),
        );
        let text = "the gradient of the iteration before".to_owned();
        add(
            CauseKind::Gradient,
            text,
            "the recorded gradient",
            RowEvent::Stale,
        );
        all
    }

    /// Tries `hypothesis`; `None` where it explains no group.
    fn locate(&self, hypothesis: Hypothesis) -> Option<LocatedCause> {
        let trial = Trial {
            rule: &self.rules[hypothesis.rule],
            event: hypothesis.event.clone(),
            free: hypothesis.free.clone(),
        };
        let mut left = self.failing_groups();
        // Only until it is known to explain nothing.
        trial::cells(
            &self.rows,
            self.equality,
            &trial,
            self.first,
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
        let cells = trial::cells(&self.rows, self.equality, &trial, 0, |_, _| true);
        left.retain(|group| self.is_borne_out(&hypothesis, &cells, *group));
        let mut off = 0.0_f64;
        for (step, tensor) in &self.failing {
            if left.contains(&self.groups[*tensor]) {
                off = off.max(cells[*step][*tensor].off);
            }
        }
        (!left.is_empty()).then_some(LocatedCause {
            hypothesis,
            cells,
            groups: left,
            off,
        })
    }

    /// True if enough numbers that the rule fails in are those of the hypothesis.
    fn is_borne_out(
        &self,
        hypothesis: &Hypothesis,
        cells: &[Vec<TensorOutcome>],
        group: usize,
    ) -> bool {
        let own = self.failing.iter().filter(|it| self.groups[it.1] == group);
        let mut numbers = 0;
        for (step, tensor) in own {
            if !cells[*step][*tensor].holds() {
                return false;
            }
            numbers += self.base[*step][*tensor].failing;
        }
        let needed = if self.equality.rounding.is_some() {
            BORNE_OUT_COARSELY
        } else {
            BORNE_OUT
        };
        numbers >= hypothesis.fitted + needed
    }

    /// Hypotheses with a number that is solved for in every iteration in which `group` fails, and where that is no use in
    /// the tensors of that group alone.
    fn free(&mut self, open: &[usize], group: usize, control: &mut Control) -> Vec<LocatedCause> {
        let mut found = Vec::new();
        let settings = (0..self.rules[0].settings.len()).map(FreeNumber::Setting);
        let numbers: Vec<FreeNumber> = settings.chain([FreeNumber::GradientFactor]).collect();
        let mut scopes = vec![open.to_vec()];
        if open.len() > 1 {
            scopes.push(vec![group]);
        }
        for groups in scopes {
            for (done, number) in numbers.iter().enumerate() {
                let of = numbers.len();
                if !control.hear(Progress::Runs { done, of }) {
                    return Vec::new();
                }
                self.tried += 1;
                found.extend(self.solved(*number, &groups));
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The hypotheses in which `number` has other values in `groups`.
    fn solved(&self, number: FreeNumber, groups: &[usize]) -> Vec<LocatedCause> {
        let mut all: Vec<SolvedStep> = Vec::new();
        let mut by_step = vec![f64::NAN; self.rows.steps()];
        let tensors = self.failing_tensors(groups);
        let mut steps: Vec<usize> = self.failing.iter().map(|it| it.0).collect();
        steps.dedup();
        let trial = Trial {
            rule: &self.rules[0],
            event: None,
            free: Some((number, FreeValues::Constant(1.0))),
        };
        for step in steps {
            let fails = |it: &&usize| self.base[step][**it].fails();
            let own: Vec<usize> = tensors.iter().filter(fails).copied().collect();
            if own.is_empty() {
                continue;
            }
            let Some(found) = free::solve(&self.rows, self.equality, &trial, number, &[step], &own)
            else {
                return Vec::new();
            };
            all.extend(found);
        }
        for it in &all {
            by_step[it.step] = it.value;
        }
        let (name, stated_before): (String, Box<dyn Fn(usize, i64) -> f64>) = match number {
            FreeNumber::Setting(at) => {
                let first = self.rows.tensors[tensors[0]].range.start;
                let stated = move |step: usize, by: i64| {
                    let to = &self.rows.frames[step + 1];
                    let t = to.t.saturating_add_signed(-by);
                    self.rules[0].stated(at, t, to, &self.rows)[first]
                };
                (self.rules[0].settings[at].name.clone(), Box::new(stated))
            }
            FreeNumber::GradientFactor => ("the gradient".to_owned(), Box::new(|_, _| 1.0)),
        };
        if let Some(clipped) = self.clipped(number, &all, &by_step) {
            let located = self.locate(clipped);
            let is_whole = |it: &LocatedCause| groups.iter().all(|group| it.groups.contains(group));
            return located.into_iter().filter(is_whole).collect();
        }
        let known = self.known_values(number);
        let mut forms = free::common(&all, &known, &*stated_before);
        // Values that have nothing in common are told where each is told by several numbers.
        if all.iter().all(|it| it.telling > BORNE_OUT) {
            forms.push(FreeValues::ByStep(by_step));
        }
        let located = forms.into_iter().filter_map(|values| {
            let hypothesis = self.hypothesis(number, &name, values, &all);
            let it = self.locate(hypothesis)?;
            groups
                .iter()
                .all(|group| it.groups.contains(group))
                .then_some(it)
        });
        located.take(1).collect()
    }

    /// The gradient clipped by its norm after it was recorded, if that is what the factors that were solved for do.
    fn clipped(
        &self,
        number: FreeNumber,
        solved: &[SolvedStep],
        by_step: &[f64],
    ) -> Option<Hypothesis> {
        if number != FreeNumber::GradientFactor || self.rows.width() < self.rows.dimension {
            return None;
        }
        let norms: Vec<f64> = (0..self.rows.steps())
            .map(|step| self.rows.gradient_norm(step))
            .collect();
        let left = solved.iter().map(|it| it.value * norms[it.step]);
        let (low, high) = left.fold((f64::INFINITY, 0.0_f64), |it, norm| {
            (it.0.min(norm), it.1.max(norm))
        });
        // Libraries add 1e-6 to the norm that they divide by.
        let is_one = solved.len() > 2 && high - low <= 1e-5 * high;
        let limit = rounded(high, 5);
        let is_below =
            |step: usize| !norms[step].is_finite() || norms[step] <= limit * (1.0 + 1e-5);
        let mut others = (0..self.rows.steps()).filter(|step| by_step[*step].is_nan());
        if !is_one || solved.iter().any(|it| it.value >= 1.0) || !others.all(is_below) {
            return None;
        }
        Some(Hypothesis {
            kind: CauseKind::Gradient,
            run_has: format!("the gradient clipped to a norm of {}", exact(limit)),
            rule_has: "the recorded gradient".to_owned(),
            rule: 0,
            event: None,
            free: Some((number, FreeValues::ByStep(by_step.to_vec()))),
            solved: solved.to_vec(),
            fitted: 2 + solved.len(),
        })
    }

    /// Values that the run states for `number` somewhere.
    fn known_values(&self, number: FreeNumber) -> Vec<f64> {
        let FreeNumber::Setting(at) = number else {
            return vec![1.0];
        };
        let mut all = Vec::new();
        let Some(stated) = self.rows.recorded.get(&self.rules[0].settings[at].name) else {
            return all;
        };
        for frame in &self.rows.frames {
            all.extend(stated.at(frame.t).iter().filter(|it| !it.is_nan()));
        }
        all.sort_by(f64::total_cmp);
        all.dedup();
        all
    }

    fn hypothesis(
        &self,
        number: FreeNumber,
        name: &str,
        values: FreeValues,
        solved: &[SolvedStep],
    ) -> Hypothesis {
        let fitted = match &values {
            FreeValues::Constant(_) => 1,
            FreeValues::Multiple(_) | FreeValues::Late(_) => 2,
            FreeValues::ByStep(_) => 2 + solved.len(),
        };
        let (run_has, rule_has) =
            said::of_number(number, name, &values, solved, |step| self.rows.t(step));
        Hypothesis {
            kind: match number {
                FreeNumber::Setting(_) => CauseKind::Settings,
                FreeNumber::GradientFactor => CauseKind::Gradient,
            },
            run_has,
            rule_has,
            rule: 0,
            event: None,
            free: Some((number, values)),
            solved: solved.to_vec(),
            fitted,
        }
    }
}
