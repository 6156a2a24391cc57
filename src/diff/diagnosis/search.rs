//! The order in which explanations are tried: the simpler first, until one explains everything.

use super::{
    effort::Effort,
    estimate::{Fitter, better},
    evidence::{Evidence, RecordedPrecision},
    mutation::mutations,
    score::Score,
    variant::{Variant, VariantDifference},
};
use crate::{
    debugger::{Control, Progress},
    diff::{
        configured_rule::ConfiguredRule,
        finding::CauseKind,
        pairing::pair,
        rule_pattern::{DECAYS, EPSILONS, RATES},
        stepper::Rounding,
    },
    rule,
    runs::Run,
};
use std::sync::Arc;

/// Variants that are looked into further at each stage.
const PROMISING: usize = 6;

/// What is tried where the rule explains the first iterations.
const LATER: &str = "other settings from an iteration on";
const OTHERS: &str = "the other rules that are known";
/// What it costs to believe in another rule.
const OTHER: u32 = 15;

/// A variant with what it costs to believe in it.
#[derive(Clone)]
pub(super) struct Candidate {
    pub variant: Variant,
    pub score: Score,
    /// Settings that were fitted, with the values they had.
    pub moved: Vec<(usize, f64)>,
    /// The size of the change to the rule; smaller changes are likelier.
    pub cost: u32,
    /// The first iteration for which it holds, if not all.
    pub from: Option<u64>,
}

impl Candidate {
    /// The prior cost of the candidate, raised where its error is small but above rounding.
    pub fn price(&self) -> u32 {
        let units = self.score.residual() / f64::EPSILON;
        let is_double = self.variant.rounding == Rounding::Double;
        match units {
            _ if !is_double => self.cost,
            units if units > 2048.0 => self.cost + 20,
            units if units > 128.0 => self.cost + 6,
            _ => self.cost,
        }
    }
}

/// A search over variants of the rule.
pub(super) struct Search<'a, 'b> {
    pub run: &'a Run,
    pub map: &'a [(String, String)],
    pub evidence: &'a Evidence,
    pub from_rows: bool,
    /// True if lines could be solved for; then single changes only are tried.
    pub is_solved: bool,
    pub found: Vec<Candidate>,
    /// Polled between one variant and the next; once it has said no, nothing more is tried.
    pub control: &'a mut Control<'b>,
    /// What has been done; once that is too much, nothing more is tried.
    pub effort: &'a Effort,
    pub stage: Stage,
}

/// How far a search has come.
#[derive(Default)]
pub(super) struct Stage {
    /// What is being tried.
    now: Option<&'static str>,
    /// What was not tried, or not to its end, because the search has done too much.
    pub untried: Vec<&'static str>,
}

impl Search<'_, '_> {
    fn fitter(&self) -> Fitter<'_> {
        Fitter {
            evidence: self.evidence,
            from_rows: self.from_rows,
            only_from: None,
            effort: self.effort,
        }
    }

    /// True where nothing more is to be tried.
    fn done(&self) -> bool {
        self.control.has_ended() || self.effort.is_spent() || self.is_explained()
    }

    fn is_explained(&self) -> bool {
        let fitter = self.fitter();
        self.found.iter().any(|it| fitter.convinced(&it.score))
    }

    /// True if `what` is to be tried next; what is not because too much has been done is noted.
    fn tries(&mut self, what: &'static str) -> bool {
        self.note();
        if self.effort.is_spent() && !self.is_explained() {
            self.stage.untried.push(what);
        } else {
            self.stage.now = Some(what);
        }
        !self.done()
    }

    /// Notes what was under way when too much had been done.
    fn note(&mut self) {
        if self.effort.is_spent() && !self.is_explained() {
            self.stage.untried.extend(self.stage.now.take());
        }
    }

    /// True to go on with the next variant.
    fn goes_on(&mut self) -> bool {
        let done = self.found.len();
        !self.effort.is_spent() && self.control.hear(Progress::Runs { done, of: done + 1 })
    }

    fn keep(&mut self, variant: Variant, cost: u32) {
        if !self.goes_on() {
            return;
        }
        let score = self.fitter().score(&variant);
        self.found.push(Candidate {
            variant,
            score,
            moved: Vec::new(),
            cost,
            from: None,
        });
    }

    /// Looks for variants of `base` that explain the run; returns the score of the base itself.
    pub fn run(&mut self, base: Variant) -> Score {
        let own = self.in_stages(base);
        self.note();
        own
    }

    fn in_stages(&mut self, mut base: Variant) -> Score {
        // Each stage costs more time and explains by more changes than the one before, so the search ends with the
        // first that explains the run. A candidate's `cost` is the price of its changes when equals are ranked: 9 for
        // a setting, 10 for a mutation, 15 for another rule, 20 for two mutations.
        if self.evidence.precision == RecordedPrecision::Single {
            let fitter = self.fitter();
            let (plain, all) = (base.single(false), base.single(true));
            let all_fit = better(&fitter.score(&all), &fitter.score(&plain));
            base = if all_fit { all } else { plain };
        }
        self.keep(base.clone(), 0);
        let own = self.found.first().map(|it| it.score.clone());
        let own = own.unwrap_or_default();
        let is_right = self.done();
        // Of a rule that is right they would only show what the run cannot tell.
        let singles = self.mutants(&base, !is_right);
        self.stage.now = Some("single changes of its lines");
        for single in &singles {
            self.keep(single.clone(), 10);
        }
        // Where the rule is right, its variants only show what the run cannot tell.
        if is_right {
            return own;
        }
        // Where its lines have been solved for, so have its settings.
        if self.is_solved {
            if self.tries(OTHERS) {
                self.other_rules(&base);
            }
            if self.tries(LATER) {
                self.later(&base, &own);
            }
            return own;
        }
        // All of them are fitted, or none: several may explain the run.
        let to_fit = if self.tries("what they add, with its size fitted") {
            &singles
        } else {
            &[][..]
        };
        for single in to_fit {
            if let Some(at) = single.open
                && self.goes_on()
            {
                let fit = self.fitter().setting(single, at);
                self.found.push(Candidate {
                    score: fit.score,
                    variant: fit.variant,
                    moved: vec![(at, f64::NAN)],
                    cost: 11,
                    from: None,
                });
            }
        }
        if self.tries("other values of its settings") {
            self.fits(&base, 0);
        }
        // A switch may do nothing while another setting is at its default, as Nesterov's without momentum.
        let is_switch = |it: &&Variant| {
            it.traits
                .last()
                .is_some_and(|it| it.kind == CauseKind::Switch)
        };
        let may_switch = self.tries("its switches with other settings");
        for switched in singles.iter().filter(is_switch).filter(|_| may_switch) {
            if !self.done() {
                self.fits(switched, 10);
            }
        }
        if self.tries(LATER) {
            self.later(&base, &own);
        }
        if self.tries(OTHERS) {
            self.other_rules(&base);
            self.other_settings();
        }
        if self.tries("single changes with other settings") {
            for at in self.promising(PROMISING, |it| it.cost == 10) {
                let Candidate { variant, .. } = self.found[at].clone();
                self.fits(&variant, 10);
            }
        }
        if self.tries("two changes together") {
            self.pairs(&singles);
        }
        if self.tries("two changes with other settings") {
            for at in self.promising(PROMISING, |it| it.cost == 20 && it.moved.is_empty()) {
                let Candidate { variant, .. } = self.found[at].clone();
                self.fits(&variant, 20);
            }
        }
        own
    }

    fn mutants(&self, base: &Variant, wrapped: bool) -> Vec<Variant> {
        let value = |name: &str| base.value(name);
        let all = mutations(&base.subject.compiled.rule, &value, wrapped);
        all.iter()
            .filter_map(|it| base.mutated(it, self.run, self.map))
            .collect()
    }

    /// The most promising candidates of those that `which` admits.
    fn promising(&self, most: usize, which: impl Fn(&Candidate) -> bool) -> Vec<usize> {
        let mut all: Vec<usize> = (0..self.found.len())
            .filter(|at| which(&self.found[*at]))
            .collect();
        all.sort_by(|a, b| {
            let (a, b) = (&self.found[*a].score, &self.found[*b].score);
            b.explained()
                .cmp(&a.explained())
                .then(a.depth().total_cmp(&b.depth()))
        });
        // Half of them by rows explained, half by depth: a fit may need the latter.
        let mut deep = all.clone();
        deep.sort_by(|a, b| {
            self.found[*a]
                .score
                .depth()
                .total_cmp(&self.found[*b].score.depth())
        });
        all.truncate(most / 2);
        deep.retain(|at| !all.contains(at));
        all.extend(deep.into_iter().take(most - most / 2));
        all
    }

    /// Fits the settings of a variant: one, then all.
    fn fits(&mut self, variant: &Variant, cost: u32) {
        if !self.goes_on() {
            return;
        }
        let fitter = self.fitter();
        let mut fits = Vec::new();
        fits.extend(fitter.one(variant));
        if !fits.iter().any(|fit| fit.score.explains_all()) {
            fits.extend(fitter.all(variant));
        }
        for fit in fits.into_iter().filter(|fit| !fit.moved.is_empty()) {
            let moved = fit
                .moved
                .iter()
                .map(|at| (*at, variant.subject.settings[*at]));
            let moved: Vec<(usize, f64)> = moved.collect();
            self.found.push(Candidate {
                cost: cost + 9 * u32::try_from(moved.len()).unwrap_or(u32::MAX).min(9),
                score: fit.score,
                variant: fit.variant,
                moved,
                from: None,
            });
        }
    }

    /// Looks for settings that explain the later iterations, if the rule itself explains the first ones.
    fn later(&mut self, base: &Variant, own: &Score) {
        let (Some(from), true) = (own.first_failure(), own.share() > 0.02) else {
            return;
        };
        let fitter = Fitter {
            only_from: Some(from),
            ..self.fitter()
        };
        if let Some(fit) = fitter.one(base).filter(|fit| fit.score.share() > 0.5) {
            let moved = fit.moved.iter().map(|at| (*at, base.subject.settings[*at]));
            self.found.push(Candidate {
                moved: moved.collect(),
                cost: 9,
                score: fit.score,
                variant: fit.variant,
                from: Some(from),
            });
        }
    }

    /// Every other rule that comes with the program, with the settings that it shares.
    fn other_rules(&mut self, base: &Variant) {
        let old = base.subject.compiled.rule.name.clone();
        for name in rule::names() {
            if name == old {
                continue;
            }
            let Some(subject) = transferred(name, base) else {
                continue;
            };
            let Ok(pairing) = pair(self.run, &subject.compiled, self.map) else {
                continue;
            };
            let mut variant = Variant::of(&subject, &pairing);
            variant.rounding = base.rounding;
            variant.traits.push(VariantDifference {
                kind: CauseKind::Rule,
                run_has: name.to_owned(),
                rule_has: old.clone(),
                numbers: Vec::new(),
                setting: None,
            });
            self.keep(variant, OTHER);
        }
    }

    /// The other rules that lead furthest, with settings of their own.
    fn other_settings(&mut self) {
        if self.done() {
            return;
        }
        for at in self.promising(PROMISING, |it| it.cost == OTHER) {
            let Candidate { variant, .. } = self.found[at].clone();
            self.fits(&variant, OTHER);
        }
    }

    /// Two mutations of different kinds.
    fn pairs(&mut self, singles: &[Variant]) {
        for first in singles {
            if self.control.has_ended() || self.effort.is_spent() {
                return;
            }
            let kind = first.traits.first().map(|it| it.kind);
            for second in self.mutants(first, false) {
                let other = second.traits.last().map(|it| it.kind);
                // One order of the two is enough.
                if kind < other {
                    self.keep(second, 20);
                }
            }
        }
    }
}

/// The rule `name` with the settings that `base` has under this or a like name.
fn transferred(name: &str, base: &Variant) -> Option<ConfiguredRule> {
    let rule = rule::load(name).ok()?;
    let own = &base.subject.compiled;
    let rule = rule.over(&own.rule.tensors);
    let compiled = Arc::new(rule.compile(own.dimension()).ok()?);
    let families: [&[&str]; 6] = [
        &RATES,
        &EPSILONS,
        &DECAYS,
        &["beta1", "b1", "beta_1"],
        &["beta2", "b2", "beta_2"],
        &["momentum", "beta", "alpha", "rho", "decay"],
    ];
    let value = |setting: &str| {
        let family = families.iter().find(|family| family.contains(&setting));
        base.value(setting)
            .or_else(|| family?.iter().find_map(|like| base.value(like)))
    };
    let settings = compiled.settings.iter().map(|setting| {
        let like = value(&setting.name).filter(|value| setting.domain.contains(*value));
        like.unwrap_or(setting.default)
    });
    Some(ConfiguredRule {
        settings: settings.collect(),
        compiled,
        ..base.subject.clone()
    })
}

/// Sorts the best first: by what they explain, then by how little they change.
pub(super) fn rank(found: &mut [Candidate]) {
    found.sort_by(|a, b| {
        b.score
            .explained()
            .cmp(&a.score.explained())
            .then(a.price().cmp(&b.price()))
            .then(a.score.depth().total_cmp(&b.score.depth()))
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diff::row_alignment::{GradientTiming, RowAlignment},
        runs::{ReadOptions, open},
    };
    use std::fmt::Write;

    #[test]
    fn a_search_ends_at_its_bound_and_says_what_was_not_tried() {
        let mut text = String::new();
        for t in 0..12 {
            let w = |at: u32| f64::from((7 * t + 5 * at) % 11) / 8.0;
            let matrix = format!("[[{},{}],[{},{}]]", w(0), w(1), w(2), w(3));
            let row = format!("\"w\":{{\"a\":{matrix}}},\"g\":{{\"a\":{matrix}}}");
            writeln!(text, "{{\"t\":{t},{row}}}").unwrap();
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let mut run = open(file.path().to_str().unwrap(), &ReadOptions::default()).unwrap();
        let rule = rule::load("torch/muon").unwrap().over(&run.tensors);
        let compiled = Arc::new(rule.compile(run.dimension()).unwrap());
        let settings = compiled.settings.iter().map(|it| it.default).collect();
        let subject = ConfiguredRule::without_loss(Arc::clone(&compiled), settings);
        let pairing = pair(&run, &compiled, &[]).unwrap();
        let alignment = RowAlignment {
            convention: GradientTiming::Used,
            first_is_start: false,
        };
        let evidence = Evidence::new(&mut run, alignment, None).unwrap();
        let led = 12 * compiled.program.work();
        let untried = |most: usize| {
            let effort = Effort::up_to(most);
            let mut search = Search {
                run: &run,
                map: &[],
                evidence: &evidence,
                from_rows: true,
                is_solved: false,
                found: Vec::new(),
                control: &mut Control::default(),
                effort: &effort,
                stage: Stage::default(),
            };
            search.run(Variant::of(&subject, &pairing));
            // What was under way is one round of a fit at most.
            assert!(
                effort.spent() < most + 100 * led,
                "{}",
                effort.spent() / led
            );
            assert!(!search.found.is_empty());
            search.stage.untried
        };
        let few = untried(2 * led);
        assert_eq!(few.first(), Some(&"single changes of its lines"));
        assert!(few.contains(&"the other rules that are known"));
        let more = untried(500 * led);
        assert!(more.len() < few.len(), "{more:?}");
        assert!(few.ends_with(&more), "{more:?}");
    }
}
