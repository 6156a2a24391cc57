//! What a run may do otherwise with one number: a setting, or the size of the gradient, solved for in each iteration.

use super::{
    BORNE_OUT, FreeNumber, FreeValues, Hypothesis, LocatedCause, LocatedRows, LocatedRule,
    LocatedSearch, Place, SolvedStep, Trial, bounds, free, said,
};
use crate::{
    debugger::{Control, Progress},
    diff::{
        finding::{CauseKind, CauseQuantity},
        rule_pattern::RATES,
    },
    format::rounded,
};

/// The tensors of some groups that the rule fails in, with the coordinates that numbers are solved for from.
struct SolvedPart {
    groups: Vec<usize>,
    /// By their places among all tensors.
    tensors: Vec<usize>,
    rows: LocatedRows,
    rule: LocatedRule,
}

impl LocatedSearch<'_> {
    /// Hypotheses with a number that is solved for in every iteration in which `group` fails, and where that is no use in
    /// the tensors of that group alone.
    pub(super) fn free(
        &mut self,
        open: &[usize],
        group: usize,
        control: &mut Control,
    ) -> Vec<LocatedCause> {
        let mut found = Vec::new();
        let numbers = self.free_numbers();
        let mut scopes = vec![open.to_vec()];
        if open.len() > 1 {
            scopes.push(vec![group]);
        }
        for groups in scopes {
            let tensors = self.failing_tensors(&groups);
            let rows = self.rows.only(&tensors, self.options.places);
            let Some(rule) = self.rules[0].within(self.pairing, self.run, &rows) else {
                return found;
            };
            let part = SolvedPart {
                groups,
                tensors,
                rows,
                rule,
            };
            found.extend(self.solved_for(&numbers, &part, control));
            // One limit is likelier than a value for each iteration.
            let is_by_step = |it: &LocatedCause| {
                let is_free =
                    |part: &Hypothesis| matches!(part.free, Some((_, FreeValues::ByStep(_))));
                it.parts
                    .iter()
                    .any(|part| is_free(part) && part.fitted > part.solved.len())
            };
            if found.iter().all(is_by_step) {
                self.make_bounded();
                let bounds = 0..self.bounded.as_ref().map_or(0, Vec::len);
                let bounds: Vec<FreeNumber> = bounds.map(FreeNumber::Bound).collect();
                found.extend(self.solved_for(&bounds, &part, control));
            }
            if !found.is_empty() || control.has_ended() {
                break;
            }
        }
        found
    }

    /// The numbers that are solved for.
    pub(super) fn free_numbers(&self) -> Vec<FreeNumber> {
        let settings = (0..self.rules[0].settings.len()).map(FreeNumber::Setting);
        let others = [
            FreeNumber::GradientFactor,
            FreeNumber::StepFactor,
            FreeNumber::WeightFactor(Place::Before),
            FreeNumber::WeightFactor(Place::After),
            FreeNumber::Average(0),
            FreeNumber::Average(1),
            FreeNumber::Interpolation,
        ];
        settings.chain(others).collect()
    }

    /// The hypotheses in which one of `numbers` has other values in the groups of `part`.
    fn solved_for(
        &mut self,
        numbers: &[FreeNumber],
        part: &SolvedPart,
        control: &mut Control,
    ) -> Vec<LocatedCause> {
        let mut found = Vec::new();
        for (done, number) in numbers.iter().enumerate() {
            let of = numbers.len();
            if !control.hear(Progress::Runs { done, of }) {
                return Vec::new();
            }
            if self.rows.effort.is_spent() {
                self.untried += of - done;
                break;
            }
            self.tried += 1;
            found.extend(self.solved(*number, part, control));
        }
        found
    }

    /// The hypotheses in which `number` has other values in the groups of `part`.
    fn solved(
        &self,
        number: FreeNumber,
        part: &SolvedPart,
        control: &mut Control,
    ) -> Vec<LocatedCause> {
        let SolvedPart {
            groups, tensors, ..
        } = part;
        let mut all: Vec<SolvedStep> = Vec::new();
        let mut by_step = vec![f64::NAN; self.rows.steps()];
        let steps = self.failing_steps();
        let bounded = match number {
            FreeNumber::Bound(at) => self.bounded.as_ref().map(|it| &it[at]),
            _ => None,
        };
        let own = bounded.map(|it| self.rules[it.rule].within(self.pairing, self.run, &part.rows));
        let rule = match &own {
            Some(Some(rule)) => rule,
            Some(None) => return Vec::new(),
            None => &part.rule,
        };
        let own = match number {
            FreeNumber::Bound(_) => {
                let mut settings = rule.settings.iter();
                let Some(at) = settings.position(|it| it.name == bounds::NAME) else {
                    return Vec::new();
                };
                FreeNumber::Setting(at)
            }
            _ => number,
        };
        let trial = Trial {
            rule,
            event: None,
            free: vec![(own, FreeValues::Constant(1.0))],
        };
        for step in steps {
            let fails = |it: &usize| self.base[step][tensors[*it]].fails();
            let own: Vec<usize> = (0..tensors.len()).filter(fails).collect();
            if own.is_empty() {
                continue;
            }
            let Some(found) = free::solve(
                &part.rows,
                self.equality,
                &trial,
                trial.free[0].0,
                &[step],
                &own,
                control,
            ) else {
                return Vec::new();
            };
            all.extend(found);
        }
        for it in &all {
            by_step[it.step] = it.value;
        }
        let name = self.name_of(number);
        let first = self.rows.tensors[tensors[0]].range.start;
        let stated_before = |step: usize, by: i64| {
            let FreeNumber::Setting(at) = number else {
                return Some(1.0);
            };
            let to = &self.rows.frames[step + 1];
            let t = to.t.saturating_add_signed(-by);
            let is_told = self.rows.t(0) <= t && t <= self.rows.t(self.rows.steps() - 1);
            let value = is_told.then(|| self.rules[0].stated(at, t, to, &self.rows)[first]);
            value.filter(|it| !it.is_nan())
        };
        if let Some(limit) = self.limit(number, &all, &by_step) {
            return Vec::from_iter(self.located_in(groups, limit, control));
        }
        // A factor of the step that is one for all iterations is one of the rate.
        let is_own = match number {
            FreeNumber::Interpolation => self.is_apart(),
            _ => self.is_average(number, &all),
        };
        if number.is_after_step() && !is_own {
            return Vec::new();
        }
        let known = self.known_values(number);
        let mut forms = free::common(&all, &known, &stated_before);
        if let Some(bounded) = bounded {
            let one = forms.into_iter().find_map(|it| match it {
                FreeValues::Constant(bound) => Some(bounded.hypothesis(number, bound, &all)),
                _ => None,
            });
            return Vec::from_iter(one.and_then(|it| self.located_in(groups, it, control)));
        }
        // Values that have nothing in common are told where each is told by several numbers. An average has one decay, and a
        // way one share.
        let has_one = matches!(number, FreeNumber::Average(_) | FreeNumber::Interpolation);
        if !has_one && all.iter().all(|it| it.telling > BORNE_OUT) {
            forms.push(FreeValues::ByStep(by_step));
        }
        let located = forms.into_iter().filter_map(|values| {
            let hypothesis = self.hypothesis(number, &name, values, &all);
            self.located_in(groups, hypothesis, control)
        });
        located.take(1).collect()
    }

    /// The cause that `hypothesis` is, if it explains all of `groups`.
    fn located_in(
        &self,
        groups: &[usize],
        hypothesis: Hypothesis,
        control: &mut Control,
    ) -> Option<LocatedCause> {
        let found = self.locate(vec![hypothesis], control)?;
        let mut wanted = groups.iter();
        wanted.all(|it| found.groups.contains(it)).then_some(found)
    }

    /// Rates that are a few times what is stated. Much else leads through coarse numbers, so that these are tried beside other lines,
    /// not after them.
    pub(super) fn coarse_rates(&self) -> Vec<Hypothesis> {
        const TIMES: [f64; 6] = [2.0, 0.5, 10.0, 0.1, 100.0, 0.01];
        let rates = self.rules[0].settings.iter().enumerate();
        let rates = rates.filter(|it| RATES.contains(&it.1.name.as_str()));
        let mut all = Vec::new();
        for (at, _) in rates {
            let number = FreeNumber::Setting(at);
            let [stated] = self.known_values(number)[..] else {
                continue;
            };
            for times in TIMES {
                let value = rounded(times * stated, 12);
                let solved = self.failing_steps().into_iter().map(|step| SolvedStep {
                    step,
                    value,
                    stated,
                    within: (value, value),
                    telling: 0,
                });
                let solved: Vec<SolvedStep> = solved.collect();
                let values = FreeValues::Constant(value);
                all.push(Hypothesis {
                    fitted: 0,
                    ..self.hypothesis(number, &self.name_of(number), values, &solved)
                });
            }
        }
        all
    }

    /// The steps in which the rule fails.
    fn failing_steps(&self) -> Vec<usize> {
        let mut steps: Vec<usize> = self.failing.iter().map(|it| it.0).collect();
        steps.dedup();
        steps
    }

    /// What `number` is a number of.
    fn name_of(&self, number: FreeNumber) -> String {
        match number {
            FreeNumber::Setting(at) => self.rules[0].settings[at].name.clone(),
            FreeNumber::Average(_) => "a decay".to_owned(),
            FreeNumber::Interpolation => "a share".to_owned(),
            FreeNumber::StepFactor => "the step".to_owned(),
            FreeNumber::WeightFactor(_) => "w".to_owned(),
            FreeNumber::GradientFactor | FreeNumber::Bound(_) => "the gradient".to_owned(),
        }
    }

    /// Values that the run states for `number` somewhere.
    pub(super) fn known_values(&self, number: FreeNumber) -> Vec<f64> {
        let FreeNumber::Setting(at) = number else {
            return match number {
                FreeNumber::GradientFactor => vec![1.0],
                _ => Vec::new(),
            };
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

    pub(super) fn hypothesis(
        &self,
        number: FreeNumber,
        name: &str,
        values: FreeValues,
        solved: &[SolvedStep],
    ) -> Hypothesis {
        let fitted = match &values {
            FreeValues::Constant(_) => 1,
            FreeValues::Multiple(_) => 2,
            FreeValues::Late(_, beyond, _) => 2 + beyond.len(),
            FreeValues::ByStep(_) => 2 + solved.len(),
        };
        let (run_has, rule_has) =
            said::of_number(number, name, &values, solved, |step| self.rows.t(step));
        let kind = match number {
            FreeNumber::Setting(_) => CauseKind::Settings,
            FreeNumber::GradientFactor | FreeNumber::Bound(_) => CauseKind::Gradient,
            FreeNumber::Average(_) | FreeNumber::Interpolation | FreeNumber::StepFactor => {
                CauseKind::Order
            }
            FreeNumber::WeightFactor(_) => CauseKind::Decay,
        };
        #[expect(clippy::cast_precision_loss, reason = "two iterations at most")]
        let quantity = match (number, &values) {
            (_, FreeValues::Multiple(times)) => Some((CauseQuantity::StatedMultiple, *times)),
            (_, FreeValues::Late(by, ..)) => Some((CauseQuantity::StatedDelay, *by as f64)),
            (FreeNumber::GradientFactor, FreeValues::Constant(factor)) => {
                Some((CauseQuantity::GradientFactor, *factor))
            }
            (FreeNumber::Interpolation, FreeValues::Constant(share)) => {
                Some((CauseQuantity::Interpolation, *share))
            }
            _ => None,
        };
        Hypothesis {
            free: Some((number, values)),
            solved: solved.to_vec(),
            quantity,
            fitted,
            ..Hypothesis::new(kind, run_has, rule_has)
        }
    }
}
