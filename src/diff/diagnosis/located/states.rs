//! What may happen to states between two iterations, and formats that they may be kept in.

use super::{Hypothesis, LocatedSearch, RowEvent, Trial, trial::Walker};
use crate::{
    diff::{finding::CauseKind, number_format::NumberFormat, stepper::Mode},
    rule::{StateRole, VariableKind},
};

impl LocatedSearch<'_> {
    /// What may happen to the `states`, which are fields, the `moments` among them.
    pub(super) fn state_events(&self, moments: &[usize], states: &[usize]) -> Vec<Hypothesis> {
        let named = |fields: &[usize]| {
            let fields = fields.iter().map(|it| &self.run.fields[*it].name);
            let names: Vec<String> = fields.map(|it| format!("`{it}`")).collect();
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
        for several in [moments, states] {
            if several.len() > 1 && !sets.iter().any(|it| it == several) {
                sets.push(several.to_vec());
            }
        }
        let those = |fields: &[usize]| if fields.len() == 1 { "it" } else { "them" };
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
            add(
                CauseKind::Start,
                format!("{} set to {values} after the step", named(fields)),
                &kept(fields),
                RowEvent::Cleared(fields.clone()),
            );
        }
        for (rows, when) in self.earlier_rows(states) {
            for fields in &sets {
                add(
                    CauseKind::Start,
                    format!("{} put back to {when}", named(fields)),
                    &kept(fields),
                    RowEvent::Restored(fields.clone(), rows.clone()),
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
        // States that are kept in few bits between two steps, or were saved so, are rows of more bits after each.
        let of_w = self.format_of(0);
        for fields in sets
            .iter()
            .filter(|it| it.iter().all(|at| moments.contains(at)))
        {
            for format in [NumberFormat::Brain, NumberFormat::Half] {
                if format.unit() > of_w.unit() {
                    add(
                        CauseKind::Precision,
                        format!(
                            "{} rounded to {} before the update",
                            named(fields),
                            format.name()
                        ),
                        &format!(
                            "{} as the update before left {}",
                            named(fields),
                            those(fields)
                        ),
                        RowEvent::RoundedBefore(fields.clone(), format),
                    );
                }
            }
        }
        all.extend(self.kept_coarsely(moments));
        all
    }

    /// That w or one of the `moments` is kept in a format which is coarser than that of the parameters, where all the numbers fit that
    /// which the steps leave in the tensors that the rule fails in.
    fn kept_coarsely(&self, moments: &[usize]) -> Vec<Hypothesis> {
        let mut all = Vec::new();
        let of_w = self.format_of(0);
        let failing = self.failing_tensors(&self.failing_groups());
        let of = |field: usize| {
            let width = self.rows.width();
            let own = self.rows.frames[1..].iter().flat_map(|it| {
                let values = &it.values[field];
                let ranges = failing
                    .iter()
                    .map(move |at| self.rows.tensors[*at].range.clone());
                ranges.flat_map(move |range| match values.len() {
                    len if len == width => &values[range],
                    _ => &values[..],
                })
            });
            NumberFormat::of(own)
        };
        for field in std::iter::once(&0).chain(moments) {
            let format = of(*field);
            if matches!(format, NumberFormat::Brain | NumberFormat::Half)
                && format.unit() > of_w.unit()
            {
                let name = self.run.fields[*field].name.as_str();
                let what = format.name();
                all.push(Hypothesis {
                    event: Some(RowEvent::Rounded(*field, format)),
                    ..Hypothesis::new(
                        CauseKind::Precision,
                        format!("{name} kept in {what} (rounded to it after each update)"),
                        format!("{name} in {}", of_w.name()),
                    )
                });
            }
        }
        all
    }

    /// The coarsest format that all numbers of `field` fit.
    fn format_of(&self, field: usize) -> NumberFormat {
        let values = self.rows.frames.iter().flat_map(|it| &it.values[field]);
        NumberFormat::of(values)
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
}

/// Words in a row: `a`, `b` and `c`.
fn conjoined(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
