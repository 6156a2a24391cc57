//! What a run may do otherwise, without numbers to solve for: other lines, other settings, and single events.

use super::{FreeNumber, FreeValues, Hypothesis, LocatedRule, LocatedSearch, RowEvent};
use crate::{
    diff::{
        diagnosis::mutation::mutations,
        finding::{CauseKind, CauseQuantity},
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
            let recorded = self.rows.recorded.get(name);
            let frames = self.rows.frames.iter();
            let stated = recorded.map(|it| frames.flat_map(|row| it.at(row.t).iter().copied()));
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

    /// Things that happen in single iterations.
    fn events(&self) -> Vec<Hypothesis> {
        let rule = &self.rules[0];
        let variables = &rule.subject.compiled.variables;
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
        let mut all = self.state_events(&moments, &states);
        let mut add = |kind, run_has: String, rule_has: &str, event| {
            all.push(Hypothesis {
                event: Some(event),
                ..Hypothesis::new(kind, run_has, rule_has)
            });
        };
        let mut everything = states.clone();
        everything.push(0);
        let text = "no update: nothing moves".to_owned();
        add(
            CauseKind::Order,
            text,
            "an update in every iteration",
            RowEvent::Kept(everything),
        );
        let mut but_counter = of(&|it| it != Some(StateRole::Count));
        if but_counter.len() < states.len() {
            but_counter.push(0);
            add(
                CauseKind::Order,
                "no update: nothing moves, though the counter goes on".to_owned(),
                "an update in every iteration",
                RowEvent::Kept(but_counter),
            );
        }
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
