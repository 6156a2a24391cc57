//! The search: settings first, then lines of another structure.

use super::{
    buffer::Law,
    identified::Identified,
    naming::{self, KnownSettings, Solved, StatedRates, iterations},
    observed::Observed,
    own::{self, SolvedBuffer, SolvedLines, UsedGradient},
    remains::remains,
    replay,
    step_form::{Divisor, StepDirection, UpdateForm},
    term::BufferTerm,
    update::{UpdateLaw, UpdateQuestion},
};
use crate::{
    analysis::claim::Unchecked,
    debugger::Control,
    diff::{
        finding::{Cause, CauseForm, CauseKind, CauseQuantity, OpenLine, OwnCheck, listed},
        rule_pattern::{EPSILONS, RATES, RulePattern},
    },
    format::rounded,
    rule::{StateRole, VariableKind},
};

pub(super) struct Identification {
    pub observed: Observed,
    /// Settings as far as they are found.
    pub settings: Vec<f64>,
    /// The lines of the recorded buffers.
    pub laws: Vec<Option<Law>>,
    pub found: Identified,
}

/// Values that eps often has, the likelier first.
const EPS: [f64; 13] = [
    1e-8, 0.0, 1e-7, 1e-6, 1e-10, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1e-12, 1e-16, 1.0,
];

/// What is said of iterations in which the counter alone moves.
const COUNTED: &str = "though the counter goes on";

impl Identification {
    pub(super) fn known(&self, settings: &[f64]) -> KnownSettings {
        let rule = &self.observed.subject().compiled.rule;
        let anatomy = RulePattern::of(rule);
        let compiled = &self.observed.subject().compiled;
        let value = |name: &str| {
            let at = compiled.settings.iter().position(|it| it.name == name)?;
            Some((name.to_owned(), settings[at]))
        };
        let eps = rule
            .params
            .iter()
            .find(|it| EPSILONS.contains(&it.name.as_str()));
        let moment = |role: StateRole, found: Option<&str>| {
            found.and_then(value).filter(|_| {
                compiled
                    .variables
                    .iter()
                    .any(|it| it.kind == VariableKind::State(Some(role)))
            })
        };
        KnownSettings {
            rate: anatomy.rate.as_deref().and_then(value),
            rates: self.stated_rates(settings),
            decay: anatomy.decay.as_deref().and_then(value),
            eps: eps.and_then(|it| value(&it.name)),
            first: moment(
                StateRole::Momentum,
                anatomy.momentum.as_ref().map(|it| it.beta.as_str()),
            ),
            second: moment(
                StateRole::Scale,
                anatomy.scale.as_ref().map(|it| it.beta.as_str()),
            ),
        }
    }

    /// The rate in each iteration, where it follows a schedule.
    fn stated_rates(&self, settings: &[f64]) -> Option<StatedRates> {
        let compiled = &self.observed.subject().compiled;
        let mut schedules = compiled.rule.schedules.iter();
        let schedule = schedules.find(|it| RATES.contains(&it.name.as_str()))?;
        let mut variables = compiled.variables.iter();
        let variable = variables.position(|it| it.name == schedule.name)?;
        let lead = self.observed.lead(settings, &[variable], usize::MAX);
        let by_row = lead.into_iter().next()?;
        Some(StatedRates {
            name: schedule.name.clone(),
            text: compiled.rule.schedule(&schedule.name)?.to_owned(),
            by_row: by_row
                .iter()
                .map(|it| it.first().copied().unwrap_or(f64::NAN))
                .collect(),
        })
    }

    pub(super) fn run(&mut self, control: &mut Control) {
        if self.never_moves() {
            self.found.alone = own::rests(&self.observed);
            return;
        }
        self.formats();
        self.not_finite();
        let counter = if self.observed.counts_idle {
            COUNTED
        } else {
            "nor does the counter"
        };
        self.found.causes.extend(self.skips(counter));
        let base = self.settings.clone();
        let outcome = self.settle(control);
        if control.has_ended() {
            return;
        }
        let moved: Vec<usize> = (0..base.len())
            .filter(|at| base[*at].to_bits() != outcome.settings[*at].to_bits())
            .collect();
        for &at in &moved {
            let setting = &self.observed.subject().compiled.settings[at];
            let kind = if matches!(setting.domain, crate::rule::Domain::Choice(_)) {
                CauseKind::Switch
            } else {
                CauseKind::Settings
            };
            let say = |value: f64| format!("{}={}", setting.name, naming::digits(value));
            let factor = outcome.settings[at] / base[at];
            if let Some(text) = self.averaged(at, factor) {
                self.found.causes.push(
                    Cause::new(CauseKind::Momentum, text, say(base[at]))
                        .of_setting(&setting.name, base[at])
                        .with_number(CauseQuantity::EntryWeight, factor, None),
                );
                continue;
            }
            let found = Cause::new(kind, say(outcome.settings[at]), say(base[at]));
            let found = found.valued(&setting.name, outcome.settings[at], base[at]);
            self.found.causes.push(found);
        }
        self.settings.clone_from(&outcome.settings);
        self.observed.set(&outcome.settings);
        self.found.alone = if outcome.is_whole() {
            self.found.held = outcome.held;
            // The rule's own counter has counted the iterations that were skipped.
            let rule = &self.observed.subject().compiled.rule;
            let is_recorded = self.observed.counters().next().is_some();
            if !is_recorded && !RulePattern::of(rule).corrections.is_empty() {
                self.count_skips();
            }
            let lines = SolvedLines::of_rule(&self.observed, &outcome.settings);
            self.alone(&lines, control)
        } else {
            self.observed.expect();
            let told = self.found.causes.len();
            let alone = self.structured(&base, control);
            for cause in self.found.causes.iter_mut().skip(told) {
                let names = moved.iter().map(|at| {
                    let compiled = &self.observed.subject().compiled;
                    compiled.settings[*at].name.as_str()
                });
                of_the_step(cause, names);
            }
            alone
        };
    }

    /// The settings with which most lines hold: what the stated ones do not explain, numbers that were solved for may.
    pub(super) fn settle(&self, control: &mut Control) -> replay::Settled {
        let (numbers, doubt) = self.numbers(&self.laws(), control);
        replay::settle(&self.observed, &self.settings, &numbers, &doubt, control)
    }

    /// The cause if nothing moves in some iterations, where the counter does as it is `said`.
    fn skips(&self, said: &str) -> Option<Cause> {
        let rows = 0..self.observed.t.len();
        let (idle, acting): (Vec<usize>, Vec<usize>) =
            rows.partition(|row| self.observed.idle[*row]);
        if idle.is_empty() {
            return None;
        }
        let mostly_idle = idle.len() > acting.len();
        let told = if mostly_idle { &acting } else { &idle };
        let told = iterations(&self.observed, told);
        let listed = listed(&told);
        let text = if mostly_idle {
            format!(
                "an update in iterations {listed} only: in those between, nothing moves, {said}"
            )
        } else {
            format!("iterations {listed} skipped: nothing moves in them, {said}")
        };
        let found = Cause::new(CauseKind::Order, text, "an update in every iteration");
        Some(found.in_iterations(told))
    }

    /// Says of iterations that are skipped that the counter goes on in them.
    fn count_skips(&mut self) {
        let order = |it: &&mut Cause| it.kind == CauseKind::Order && !it.iterations.is_empty();
        if let Some(skips) = self.skips(COUNTED)
            && let Some(told) = self.found.causes.iter_mut().find(order)
        {
            *told = skips;
        }
    }

    /// Lines of another structure; where iterations are skipped, a counter stands still in them, or goes on if that alone
    /// leads along the run. Returns the lines on their own steps.
    fn structured(&mut self, base: &[f64], control: &mut Control) -> OwnCheck {
        let leads = |it: OwnCheck| matches!(it, OwnCheck::Led(it) if it.found.0 <= it.most.0);
        let before = self.found.clone();
        let lines = self.structure(base, control);
        let alone = self.alone(&lines, control);
        if leads(alone) || !self.observed.idle.contains(&true) {
            return alone;
        }
        let count = self.observed.count_all();
        let found = std::mem::replace(&mut self.found, before);
        let others = self.structure(base, control);
        let alone_then = self.alone(&others, control);
        if leads(alone_then) {
            self.count_skips();
            return alone_then;
        }
        self.found = found;
        self.observed.count = count;
        alone
    }

    /// The `lines` on their own steps, where all of the run is explained.
    fn alone(&self, lines: &SolvedLines, control: &mut Control) -> OwnCheck {
        if !self.found.is_whole() {
            return OwnCheck::Unchecked(Unchecked::NothingExplained);
        }
        own::own_steps(&self.observed, lines, control)
    }

    pub(super) fn laws(&self) -> Vec<Option<Law>> {
        (0..self.observed.buffers.len())
            .map(|at| self.laws.get(at).cloned().flatten())
            .collect()
    }

    /// Numbers that settings may have: coefficients of lines, and what they say of the rate.
    pub(super) fn numbers(
        &self,
        laws: &[Option<Law>],
        control: &mut Control,
    ) -> (Vec<f64>, Vec<(usize, Vec<f64>)>) {
        let mut numbers = Vec::new();
        let mut doubt: Vec<(usize, Vec<f64>)> = Vec::new();
        let at = |name: &str| {
            self.observed
                .subject()
                .compiled
                .settings
                .iter()
                .position(|it| it.name == name)
        };
        for law in laws.iter().flatten().filter(|it| it.varying.is_none()) {
            numbers.push(law.of(BufferTerm::Old));
            for source in [BufferTerm::Gradient, BufferTerm::Square] {
                let gain = law.of(source);
                if gain != 0.0 {
                    numbers.extend([1.0 - gain, gain, law.of(BufferTerm::Parameter) / gain]);
                }
            }
            let both = law.of(BufferTerm::GradientParameter) / (2.0 * law.of(BufferTerm::Square));
            numbers.push(both);
        }
        let (_, update, rule) = self.updates(&self.observed.g, laws, control);
        let known = self.known(&self.settings);
        let lr = known.rate.as_ref().map_or(1.0, |it| it.1);
        if let Some((question, law)) = &update {
            let run = Solved { question, law };
            if let Some(divisor) = law.form.divisor {
                numbers.push(divisor.eps);
            }
            let rate = rule.as_ref().map_or(lr, |(question, rule)| {
                let rule = Solved {
                    question,
                    law: rule,
                };
                let ratio = run.ratio(&rule);
                ratio.map_or(lr, |r| lr * r)
            });
            let rate = run.short(rate, |it| (it - rate).abs() <= 1e-5 * rate.abs());
            numbers.push(rate);
            let setting = |it: &Option<(String, f64)>| it.as_ref().and_then(|it| at(&it.0));
            if let Some(at) = setting(&known.rate) {
                doubt.push((at, vec![rate]));
            }
            if let (Some(at), Some(divisor)) = (setting(&known.eps), law.form.divisor) {
                doubt.push((at, vec![divisor.eps]));
            }
            for (at, direction) in law.form.plain.iter().enumerate() {
                if *direction == StepDirection::Parameter
                    && let term = law.form.divided.len() + at
                    && let Some(d) = run.middle(term)
                {
                    // A number that rounding hides is no decay.
                    let shrinks = if run.is_hidden(term) { 0.0 } else { -d };
                    let amounts = [shrinks / rate, shrinks / lr]
                        .into_iter()
                        .flat_map(|x| [1, 2, 4].map(|digits| rounded(x, digits)));
                    let amounts: Vec<f64> = amounts.collect();
                    // A decay of the stated amount over lr is one that lr does not scale, whatever its sign.
                    let stated = known.decay.as_ref().map_or(0.0, |it| it.1);
                    let is_other =
                        |x: &f64| stated == 0.0 || ((x * lr).abs() - stated).abs() > 1e-6 * stated;
                    numbers.extend(amounts.iter().copied().filter(is_other));
                    if let Some(at) = setting(&known.decay) {
                        doubt.push((at, amounts.into_iter().filter(is_other).collect()));
                    }
                }
            }
        }
        numbers.retain(|it| it.is_finite());
        numbers.sort_by(f64::total_cmp);
        numbers.dedup_by(|a, b| (*a - *b).abs() <= 1e-12 * b.abs());
        (numbers, doubt)
    }

    /// The law of `w` in the run and that of the rule, with how many forms were tried.
    #[expect(clippy::type_complexity, reason = "a question and its answer, twice")]
    pub(super) fn updates<'a>(
        &'a self,
        g: &'a [Vec<f64>],
        laws: &[Option<Law>],
        control: &mut Control,
    ) -> (
        usize,
        Option<(UpdateQuestion<'a>, UpdateLaw)>,
        Option<(UpdateQuestion<'a>, UpdateLaw)>,
    ) {
        let o = &self.observed;
        let known = self.known(&self.settings);
        let roles = |role: StateRole| {
            let of = |variable: usize| match o.subject().compiled.variables[variable].kind {
                VariableKind::State(own) => own,
                _ => None,
            };
            move |at: &usize| o.buffers[*at].variable.and_then(of) == Some(role)
        };
        let all = 0..o.buffers.len();
        let is_square = |at: &usize| laws[*at].as_ref().is_some_and(Law::is_of_squares);
        let is_linear = |at: &usize| {
            laws[*at].as_ref().is_some_and(|law| {
                law.terms.iter().any(|it| {
                    matches!(
                        it,
                        BufferTerm::Gradient
                            | BufferTerm::Total
                            | BufferTerm::Pending
                            | BufferTerm::Previous
                            | BufferTerm::Sign
                    )
                })
            })
        };
        let by_name = |at: &usize, names: &[&str]| {
            let name = o.buffers[*at].name.to_lowercase();
            names.iter().any(|it| name.contains(it))
        };
        let scales: Vec<usize> = all
            .clone()
            .filter(|at| {
                is_square(at)
                    || roles(StateRole::Scale)(at)
                    || by_name(at, &["sq", "var", "second"])
            })
            .collect();
        let momenta: Vec<usize> = all
            .filter(|at| {
                (is_linear(at)
                    || roles(StateRole::Momentum)(at)
                    || by_name(at, &["avg", "moment", "veloc"]))
                    && !scales.contains(at)
            })
            .collect();
        let mut momenta = momenta;
        momenta.truncate(3);
        let mut eps: Vec<f64> = known.eps.iter().map(|it| it.1).collect();
        let stated = eps.first().copied();
        eps.extend(EPS.into_iter().filter(|it| Some(*it) != stated));
        let mut betas: Vec<f64> = known.second.iter().map(|it| it.1).collect();
        for at in &scales {
            if let Some(law) = &laws[*at] {
                betas.push(law.of(BufferTerm::Old));
            }
        }
        betas.retain(|it| (0.1..1.0).contains(it));
        betas.dedup_by(|a, b| (*a - *b).abs() < 1e-9);
        let mut mixes: Vec<f64> = known.first.iter().map(|it| it.1).collect();
        mixes.extend(known.second.iter().map(|it| it.1));
        let question = |is_expected: bool, g: &'a [Vec<f64>]| UpdateQuestion {
            observed: o,
            g,
            is_expected,
            only: None,
            count: if is_expected {
                o.rule_count.clone()
            } else {
                o.count.clone()
            },
            eps: eps.clone(),
            betas: betas.clone(),
            mixes: mixes.clone(),
        };
        let theirs = question(true, &o.g);
        let recorded = |all: &[usize]| {
            all.iter()
                .copied()
                .filter(|at| o.buffers[*at].is_recorded)
                .collect::<Vec<usize>>()
        };
        let (rule, _) = theirs.search(&[], &recorded(&momenta), &recorded(&scales), control);
        let rule = rule.or_else(|| theirs.search(&[], &momenta, &scales, control).0);
        let first = rule
            .as_ref()
            .map_or_else(Vec::new, |rule| beside(&rule.form, &theirs));
        let ours = question(false, g);
        let (law, tried) = ours.search(&first, &momenta, &scales, control);
        (
            tried,
            law.map(|law| (ours, law)),
            rule.map(|law| (theirs, law)),
        )
    }

    /// Solves for lines of another structure, the last resort.
    fn structure(&mut self, base: &[f64], control: &mut Control) -> SolvedLines {
        let mut lines = SolvedLines::of_rule(&self.observed, &self.settings);
        let known = self.known(&self.settings);
        let stated = self.known(base);
        let held = replay::held(&self.observed, &self.settings);
        let mut used = UsedGradient::Recorded;
        let mut is_other = false;
        let mut laws = self.laws();
        let mut causes = Vec::new();
        // The first moment tells which gradient went in.
        let order = |at: &usize| {
            let role = self.observed.buffers[*at]
                .variable
                .map(|it| self.observed.subject().compiled.variables[it].kind);
            u8::from(role != Some(VariableKind::State(Some(StateRole::Momentum))))
        };
        let mut tracks: Vec<usize> = (0..self.observed.buffers.len())
            .filter(|at| self.observed.buffers[*at].is_recorded)
            .collect();
        tracks.sort_by_key(order);
        for at in tracks {
            let name = self.observed.buffers[at].name.clone();
            if held.iter().any(|it| it.name == name && it.is_whole()) {
                self.found.held.push(name);
                continue;
            }
            let rule = (!self.observed.buffers[at].expected.is_empty())
                .then(|| naming::law_of(&self.observed, at, &self.observed.g, true, control))
                .flatten();
            if is_other {
                let g = used.rows(&self.observed);
                laws[at] = naming::law_of(&self.observed, at, &g, false, control);
            }
            let Some(law) = laws[at].clone() else {
                let open = remains(&self.observed, at, rule.as_ref());
                self.found.open.push(open);
                continue;
            };
            let (mut named, gradient) =
                self.buffer(at, &law, rule.as_ref(), &known, &used, control);
            lines.buffers[at] = Some(SolvedBuffer {
                law,
                rule,
                used: used.clone(),
            });
            if let Some(gradient) = gradient {
                used = gradient;
                is_other = true;
            }
            causes.append(&mut named);
        }
        let w_held = held.iter().any(|it| it.name == "w" && it.is_whole());
        if w_held {
            self.found.held.push("w".to_owned());
        } else {
            let known = (&known, &stated);
            let before = causes.len() + self.found.open.len();
            let names = |it: &OpenLine| it.variable == "w";
            lines.w = self.update(&used, &laws, &held, known, &mut causes, control);
            // From the buffers as they were recorded.
            let is_open = self.found.open.iter().any(names);
            let told = causes.len() + self.found.open.len();
            let is_stated = self.settings == base;
            if told == before && !is_open && is_stated && self.found.left.is_empty() {
                self.found.held.push("w".to_owned());
            }
        }
        // One cause is told once, by whichever line showed it.
        let mut kept: Vec<Cause> = Vec::new();
        for it in causes {
            let amount = |text: &str| text.split(" (").next().unwrap_or("").to_owned();
            let scaled = |it: &Cause| {
                matches!(
                    it.form,
                    Some(CauseForm::ScaledGradient | CauseForm::CoupledDecay)
                )
            };
            let known = kept.iter().any(|old| {
                old.kind == it.kind
                    && (amount(&old.text.run) == amount(&it.text.run)
                        || (scaled(old) && scaled(&it)))
            });
            if !known {
                kept.push(it);
            }
        }
        // What is divided by, without its line, may be corrected already.
        if self.is_scale_open() {
            let bare = [CauseForm::NoCorrection, CauseForm::FirstCorrectionOnly];
            kept.retain(|it| !it.form.is_some_and(|form| bare.contains(&form)));
        }
        self.found.causes.extend(kept);
        lines
    }

    /// True if the line of a state that scales is open.
    fn is_scale_open(&self) -> bool {
        let variables = &self.observed.subject().compiled.variables;
        let scales = variables
            .iter()
            .filter(|it| it.kind == VariableKind::State(Some(StateRole::Scale)));
        let names: Vec<&str> = scales.map(|it| it.name.as_str()).collect();
        let mut open = self.found.open.iter();
        open.any(|it| names.contains(&it.variable.as_str()))
    }
}

/// Takes from a cause a value of a setting that has another by the lines before, of those with `names`: the step alone has it.
fn of_the_step<'a>(cause: &mut Cause, mut names: impl Iterator<Item = &'a str>) {
    let own = cause.one_setting().map(|it| it.0);
    let (Some(run), Some(rule)) = (cause.run, cause.rule) else {
        return;
    };
    if own.is_some_and(|own| names.any(|it| it == own)) {
        let times = run.0 / rule.0;
        let text = format!("the step of w times {}", naming::digits(times));
        *cause = Cause::new(CauseKind::Rule, text, "the step as it is").with_number(
            CauseQuantity::StepRatio,
            times,
            None,
        );
    }
}

/// Forms next to the rule's: it itself, with another decay, with eps elsewhere.
fn beside(rule: &UpdateForm, question: &UpdateQuestion) -> Vec<UpdateForm> {
    let none: Vec<StepDirection> = Vec::new();
    let extras = [
        rule.plain.clone(),
        none,
        vec![StepDirection::Parameter],
        vec![StepDirection::One],
    ];
    let with = |divisor: Option<Divisor>, extras: &[Vec<StepDirection>]| {
        let form = |plain: &Vec<StepDirection>| UpdateForm {
            divisor,
            plain: plain.clone(),
            ..rule.clone()
        };
        extras.iter().map(form).collect::<Vec<UpdateForm>>()
    };
    let mut all = with(rule.divisor, &extras);
    if let Some(divisor) = rule.divisor {
        for other in question.divisors(&[divisor.scale]) {
            all.extend(with(Some(other), &extras[..3]));
        }
    }
    all
}
