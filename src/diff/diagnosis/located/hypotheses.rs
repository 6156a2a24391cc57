//! What a run may do otherwise, without numbers to solve for: other lines, other settings, and single events.

use super::{
    FreeNumber, FreeValues, Hypothesis, LocatedRule, LocatedSearch, RowEvent, Trial, trial::Walker,
};
use crate::{
    diff::{
        diagnosis::mutation::mutations,
        finding::{CauseKind, CauseQuantity},
        number_format::NumberFormat,
        stepper::Mode,
    },
    error::Source,
    rule::{Rule, StateRole, VariableKind},
};
use std::sync::Arc;

impl LocatedSearch<'_> {
    /// Hypotheses without numbers to solve for.
    pub(super) fn hypotheses(&mut self) -> Vec<Hypothesis> {
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
        let made = mutations(&written, &largest, true);
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
                    rule: self.rules.len() - 1,
                    ..Hypothesis::new(mutation.kind, &mutation.run_has, &mutation.rule_has)
                });
            }
        }
        all
    }

    /// Rows that the states may have been put back to before the steps in which the rule fails, where those are few, with what is
    /// said of them: rows that have the parameters which such a step begins with, and those whose counters the step goes on
    /// from.
    fn earlier_rows(&self, states: &[usize]) -> Vec<(Vec<(usize, usize)>, String)> {
        const FEW: usize = 3;
        let rule = &self.rules[0];
        let frames = &self.rows.frames;
        let mut steps: Vec<usize> = self.failing.iter().map(|it| it.0).collect();
        steps.dedup();
        if steps.len() > FEW {
            return Vec::new();
        }
        let is_count = |field: usize| {
            let mut pairs = rule.pairs.iter().filter(|it| it.field == field);
            pairs.any(|it| {
                let kind = rule.subject.compiled.variables[it.variable].kind;
                kind == VariableKind::State(Some(StateRole::Count))
            })
        };
        let counters: Vec<usize> = states.iter().copied().filter(|it| is_count(*it)).collect();
        let by_count = |step: usize| {
            let to = &frames[step + 1];
            let is_before = |row: &usize| {
                counters.iter().all(|field| {
                    let both = frames[*row].values[*field].iter().zip(&to.values[*field]);
                    both.clone().count() > 0 && both.into_iter().any(|(was, is)| was + 1.0 == *is)
                })
            };
            (1..step).rfind(|row| !counters.is_empty() && is_before(row))
        };
        let by_weights = |step: usize| {
            let begun = frames[step].begun(0, &frames[step + 1]);
            let has = |row: &usize| {
                let both = frames[*row].values[0].iter().zip(&*begun);
                both.into_iter().all(|(a, b)| a.to_bits() == b.to_bits())
            };
            (1..step).rfind(has)
        };
        let mut found: Vec<(Vec<(usize, usize)>, String)> = Vec::new();
        let by_trial = |step: usize| {
            let failing = self.failing.iter().filter(|it| it.0 == step);
            let failing: Vec<usize> = failing.map(|it| it.1).collect();
            let leads = |row: &usize| {
                let trial = Trial {
                    rule,
                    event: Some(RowEvent::Restored(states.to_vec(), vec![(step, *row)])),
                    free: Vec::new(),
                };
                let mut walker = Walker::new(&self.rows, self.equality, &trial, Mode::Replay);
                walker.begin(&self.rows.step(step));
                let mut numbers = Vec::new();
                walker.step(&self.rows.step(step), None, &mut numbers)
                    && numbers.iter().all(|it| it.off() <= 1.0)
            };
            (1..step).rfind(|row| !failing.is_empty() && leads(row))
        };
        for of in [
            &by_count as &dyn Fn(usize) -> Option<usize>,
            &by_weights,
            &by_trial,
        ] {
            let rows = steps.iter().map(|step| Some((*step, of(*step)?)));
            let Some(rows) = rows.collect::<Option<Vec<(usize, usize)>>>() else {
                continue;
            };
            let shift = u64::from(self.options.alignment.first_is_start);
            let ends = rows
                .iter()
                .map(|it| format!("t = {}", frames[it.1].t + shift));
            let ends: Vec<String> = ends.collect();
            if !found.iter().any(|it| it.0 == rows) {
                found.push((rows, format!("what was recorded at {}", conjoined(&ends))));
            }
        }
        found
    }

    /// The tensors that the rule fails in, where those are two of one shape that are looked at whole.
    fn two_alike(&self) -> Option<[usize; 2]> {
        let mut tensors: Vec<usize> = self.failing.iter().map(|it| it.1).collect();
        tensors.sort_unstable();
        tensors.dedup();
        let shape = |at: usize| {
            let tensor = &self.rows.tensors[at];
            let own = &self.run.tensors[tensor.of];
            (own.range.len() == tensor.range.len()).then_some(&own.shape)
        };
        match tensors[..] {
            [a, b] if shape(a).is_some() && shape(a) == shape(b) => Some([a, b]),
            _ => None,
        }
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
            conjoined(&names)
        };
        let mut all = Vec::new();
        let mut add = |kind, run_has: String, rule_has: &str, event| {
            all.push(Hypothesis {
                event: Some(event),
                ..Hypothesis::new(kind, run_has, rule_has)
            });
        };
        let mut sets: Vec<Vec<usize>> = states.iter().map(|it| vec![*it]).collect();
        for several in [&moments, &states] {
            if several.len() > 1 && !sets.contains(several) {
                sets.push(several.clone());
            }
        }
        let kept = |fields: &[usize]| {
            let are = if fields.len() == 1 { "is" } else { "are" };
            format!("{}, which {are} kept", named(fields))
        };
        for fields in &sets {
            let values = match fields.len() {
                1 => "its initial value",
                _ => "their initial values",
            };
            add(
                CauseKind::Start,
                format!("{} reset to {values}", named(fields)),
                &kept(fields),
                RowEvent::Forgotten(fields.clone()),
            );
        }
        for (rows, when) in self.earlier_rows(&states) {
            for fields in &sets {
                add(
                    CauseKind::Start,
                    format!("{} put back to {when}", named(fields)),
                    &kept(fields),
                    RowEvent::Restored(fields.clone(), rows.clone()),
                );
            }
        }
        let of = |field: usize| {
            let values = self.rows.frames.iter().flat_map(|it| &it.values[field]);
            NumberFormat::of(values)
        };
        let of_w = of(0);
        for field in &moments {
            let format = of(*field);
            if matches!(format, NumberFormat::Brain | NumberFormat::Half)
                && format.unit() > of_w.unit()
            {
                let name = self.run.fields[*field].name.as_str();
                let what = format.name();
                add(
                    CauseKind::Precision,
                    format!("{name} kept in {what} (rounded to it after each update)"),
                    &format!("{name} in {}", of_w.name()),
                    RowEvent::Rounded(*field, format),
                );
            }
        }
        if let Some([a, b]) = self.two_alike() {
            let tensors = &self.rows.tensors;
            for fields in sets
                .iter()
                .filter(|it| it.iter().all(|at| moments.contains(at)))
            {
                add(
                    CauseKind::Start,
                    format!(
                        "{} of {} and {} exchanged",
                        named(fields),
                        tensors[a].name,
                        tensors[b].name
                    ),
                    &format!("{} of each tensor's own", named(fields)),
                    RowEvent::Swapped(fields.clone(), a, b),
                );
            }
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
        // Of w alone it is a rate twice as large.
        if !moments.is_empty() {
            let text = "the step taken twice".to_owned();
            let one = "one step in every iteration";
            add(CauseKind::Order, text, one, RowEvent::Twice);
        }
        let text = "the gradient of the iteration before".to_owned();
        add(
            CauseKind::Gradient,
            text,
            "the recorded gradient",
            RowEvent::Stale,
        );
        // Numbers that nothing has to be fitted for.
        let factors = [(-1.0, "the gradient negated"), (0.0, "a gradient of 0")];
        all.extend(factors.map(|(factor, run_has)| Hypothesis {
            free: Some((FreeNumber::GradientFactor, FreeValues::Constant(factor))),
            quantity: Some((CauseQuantity::GradientFactor, factor)),
            ..Hypothesis::new(CauseKind::Gradient, run_has, "the recorded gradient")
        }));
        all
    }
}

/// Words in a row: `a`, `b` and `c`.
fn conjoined(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
