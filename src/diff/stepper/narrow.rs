//! What rounding may do to a few numbers of many: where a rule makes each element of what stands at the same place, and of
//! numbers that all share, the last iteration is gone through at those elements alone.

use super::{Mode, Stepper};
use crate::{
    diff::{configured_rule::ConfiguredRule, stepper::RecordedRow},
    rule::Compiled,
};
use std::sync::Arc;

/// Elements that are gone through at once.
const WIDTH: usize = 256;
/// Times as many parameters from which on that is less work.
const WORTH: usize = 4;

impl Stepper {
    /// The distance by which each of the numbers `asked`, an element of a variable, moves where those of the last iteration,
    /// between these rows, are changed by a share of their size: by `unit` the gradients and the states that it began with, by
    /// `line` each number that a line arrives at; and by what the rounding of states that were not recorded has amounted to, where
    /// that is followed.
    pub fn bounds(
        &mut self,
        asked: &[(usize, usize)],
        (from, to): (&RecordedRow, &RecordedRow),
        unit: f64,
        line: f64,
    ) -> Vec<f64> {
        let steps = to.t - from.t;
        let gradient = from.gradient_to(to).filter(|_| steps == 1);
        let few = asked.len() * WORTH < self.machine.compiled().dimension();
        let narrow = if few && gradient.is_some() {
            self.narrow.take().or_else(|| self.narrowed())
        } else {
            None
        };
        let (Some(mut narrow), Some(gradient)) = (narrow, gradient) else {
            let all = self.sensitivity((from.t, steps), gradient, unit, line);
            let compiled = self.machine.compiled();
            let of = |it: &(usize, usize)| {
                let own = all[compiled.variables[it.0].range.clone()][it.1];
                own + self.moved_by_rounding(it.0, it.1)
            };
            return asked.iter().map(of).collect();
        };
        let mut bounds = Vec::with_capacity(asked.len());
        for asked in asked.chunks(WIDTH) {
            let gradient = narrow.stand_where(self, asked, gradient);
            narrow.run(from.t, 1, Some(&gradient));
            let moved = narrow.sensitivity((from.t, 1), Some(&gradient), unit, line);
            let variables = &narrow.machine.compiled().variables;
            bounds.extend(asked.iter().enumerate().map(|(at, it)| {
                let range = &variables[it.0].range;
                moved[range.start + if range.len() == 1 { 0 } else { at }]
            }));
        }
        self.work += narrow.take_work();
        self.narrow = Some(narrow);
        for (bound, it) in bounds.iter_mut().zip(asked) {
            *bound += self.moved_by_rounding(it.0, it.1);
        }
        bounds
    }

    /// The same rule for a few elements; `None` where its elements are not each on their own.
    fn narrowed(&self) -> Option<Box<Self>> {
        let wide = self.machine.compiled();
        let n = wide.dimension();
        if n < WORTH * WIDTH || self.recorded.is_none() || !wide.program.is_elementwise() {
            return None;
        }
        let compiled = wide.rule.over(&[]).compile(WIDTH).ok()?;
        let is_alike = |compiled: &Compiled| {
            let both = wide.variables.iter().zip(&compiled.variables);
            let mut both = both.map(|(a, b)| (a.name == b.name, a.range.len(), b.range.len()));
            compiled.variables.len() == wide.variables.len()
                && both.all(|it| it == (true, n, WIDTH) || it == (true, 1, 1))
        };
        if !is_alike(&compiled) {
            return None;
        }
        let subject = ConfiguredRule {
            settings: vec![0.0; compiled.settings.len()],
            compiled: Arc::new(compiled),
            written: Some(Arc::clone(&self.written)),
            loss: None,
            noise: None,
            is_as_recorded: false,
            given: Vec::new(),
            products: self.products,
        };
        let narrow = Self::new(&subject, &[], Mode::Replay, self.rounding, true);
        Some(Box::new(narrow))
    }

    /// Begins, at the elements that are `asked` for, where `wide` began its last iteration; returns their gradient.
    fn stand_where(&mut self, wide: &Self, asked: &[(usize, usize)], gradient: &[f64]) -> Vec<f64> {
        let known = &wide.machine.compiled().variables;
        // An element of a number that all share is as good as any other.
        let places = (0..WIDTH).map(|at| {
            let (variable, place) = asked[at.min(asked.len() - 1)];
            if known[variable].range.len() == 1 {
                0
            } else {
                place
            }
        });
        let places: Vec<usize> = places.collect();
        let at_places = |values: &[f64]| -> Vec<f64> {
            if values.len() == 1 {
                return values.to_vec();
            }
            places.iter().map(|at| values[*at]).collect()
        };
        for at in 0..self.machine.compiled().settings.len() {
            self.machine.set(at, wide.machine.setting(at));
        }
        let held = wide.held.iter();
        self.held = held.map(|it| (it.0, at_places(&it.1))).collect();
        self.variables.clear();
        for variable in wide.machine.compiled().lasting() {
            let values = &wide.variables[variable.range.clone()];
            self.variables.extend(at_places(values));
        }
        at_places(gradient)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        diff::{pairing::Pair, stepper::Rounding},
        rule,
    };

    #[test]
    fn a_few_elements_have_the_bounds_that_all_together_give_them() {
        const N: usize = 2000;
        let number = |at: usize| f64::from(u32::try_from(at).unwrap());
        let spread =
            |by: f64| -> Vec<f64> { (0..N).map(|at| by * (0.1 + number(at)).sin()).collect() };
        for name in ["torch/adam", "torch/adamw", "torch/rmsprop", "torch/sgd"] {
            let compiled = Arc::new(rule::load(name).unwrap().compile(N).unwrap());
            let settings = compiled.settings.iter().map(|it| it.default).collect();
            let subject = ConfiguredRule::without_loss(Arc::clone(&compiled), settings);
            let pairs = [Pair {
                field: 0,
                variable: 0,
            }];
            let mode = Mode::Replay;
            let mut stepper = Stepper::new(&subject, &pairs, mode, Rounding::Double, true);
            let row = |t: u64| RecordedRow {
                t,
                values: vec![spread(if t == 0 { 1.0 } else { 0.5 })],
                gradient_before: Some(spread(0.3)),
                ..RecordedRow::default()
            };
            let (from, to) = (row(0), row(1));
            stepper.begin(&from, &subject.settings, &[]);
            stepper.advance(&from, &to);
            let states = 0..compiled.lasting().len();
            let asked = states.flat_map(|it| {
                let len = compiled.variables[it].range.len();
                [3, 77, 1999]
                    .into_iter()
                    .filter(move |at| *at < len)
                    .map(move |at| (it, at))
            });
            let asked: Vec<(usize, usize)> = asked.collect();
            let (unit, line) = (1e-7, 1e-6);
            let few = stepper.bounds(&asked, (&from, &to), unit, line);
            assert!(stepper.narrow.is_some(), "{name}");
            let all = stepper.sensitivity((0, 1), to.gradient_before.as_ref(), unit, line);
            let whole = asked
                .iter()
                .map(|it| all[compiled.variables[it.0].range.clone()][it.1]);
            assert_eq!(few, whole.collect::<Vec<f64>>(), "{name}");
            assert!(few.iter().any(|it| *it > 0.0), "{name}");
        }
    }
}
