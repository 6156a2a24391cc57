//! Iterations that the line of w does not lead through, although it does through almost all: where it would have led.

use super::{
    observed::Observed,
    search::Identification,
    update::{UpdateLaw, UpdateQuestion},
};
use crate::{
    diff::{
        finding::{Cause, CauseKind, IterationRange},
        outside::{ChangePlace, OutsideCollector, told},
    },
    runs::Run,
};

/// How many times what rounding leaves a number may be off by, for the iteration to be taken for one of the line's.
const NEARLY: f64 = 8.0;

/// An iteration that a line leads through but for some numbers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LeftIteration {
    pub t: u64,
    /// The parameters after it as they were recorded, at the coordinates that are looked at.
    pub recorded: Vec<f64>,
    /// Where the line leads instead; `None` where too few numbers are those of the line to tell.
    pub led: Option<Vec<f64>>,
}

impl UpdateQuestion<'_> {
    /// The iterations that `law` does not lead through in all cells.
    pub fn left(&self, law: &UpdateLaw) -> Vec<LeftIteration> {
        let rows = self.rows().into_iter();
        let left = rows.filter_map(|row| {
            let all = law.coefficients[row].iter().enumerate();
            let open = all.filter(|it| it.1.is_none()).map(|it| it.0);
            let open: Vec<usize> = open
                .filter(|cell| !self.nearly_leads(law, row, *cell))
                .collect();
            if open.is_empty() {
                return None;
            }
            let recorded = self.observed.w.after[row].clone();
            let mut led = Some(recorded.clone());
            for cell in open {
                let others = self.others(law, row, cell);
                led = led.zip(others).map(|(mut led, others)| {
                    for (at, value) in others {
                        led[at] = value;
                    }
                    led
                });
            }
            Some(LeftIteration {
                t: self.observed.t[row],
                recorded,
                led,
            })
        });
        left.collect()
    }

    /// True if the form of `law` leads through a cell of an iteration up to little more than rounding.
    fn nearly_leads(&self, law: &UpdateLaw, row: usize, cell: usize) -> bool {
        let places = &law.cells[cell].places;
        let found = self.nearest(&law.form, row, places);
        self.rests(&law.form, row, places)
            || found
                .is_some_and(|it| self.misses(&law.form, &it, row, places) <= NEARLY * self.slack())
    }

    /// The numbers of a cell that are others than those of `law`, and where it leads; `None` where they are most.
    fn others(&self, law: &UpdateLaw, row: usize, cell: usize) -> Option<Vec<(usize, f64)>> {
        let places = &law.cells[cell].places;
        let form = &law.form;
        let beside = law.coefficients[row].iter().flatten().cloned();
        let mut guesses: Vec<Vec<f64>> = beside.collect();
        // Without the number that is furthest off, and so on.
        let mut kept = places.clone();
        while kept.len() * 2 > places.len() && kept.len() > form.len() {
            let Some(found) = self.nearest(form, row, &kept) else {
                break;
            };
            if self.misses(form, &found, row, &kept) <= self.slack() {
                guesses.push(found);
                break;
            }
            let off = |at: &usize| self.misses(form, &found, row, &[*at]);
            let worst = (0..kept.len()).max_by(|a, b| off(&kept[*a]).total_cmp(&off(&kept[*b])))?;
            kept.remove(worst);
        }
        let off = |coefficients: &Vec<f64>| -> Vec<usize> {
            let places = places.iter().copied();
            let off =
                places.filter(|at| self.misses(form, coefficients, row, &[*at]) > self.slack());
            off.collect()
        };
        let found = guesses.into_iter().map(|it| (off(&it), it));
        let (off, coefficients) = found.min_by_key(|it| it.0.len())?;
        let before = &self.observed.w.before[row];
        let is_few = off.len() * 2 <= places.len();
        is_few.then(|| {
            let led = off.into_iter().map(|at| {
                let step = self.step(form, &coefficients, row, at);
                (at, before[at] + step)
            });
            led.collect()
        })
    }
}

/// Where the format of numbers makes a change of one uncertain.
fn noise(observed: &Observed) -> f64 {
    let format = observed.coarsest();
    4.0 * format.slack() * format.unit()
}

impl Identification {
    /// Names the numbers that a run has otherwise than the line of w makes them, where that is so in a few iterations; those in
    /// which nothing tells which numbers these are it only counts.
    pub fn tell_left(&mut self, run: &Run) {
        let left = std::mem::take(&mut self.found.left);
        if left.is_empty() || !self.found.is_whole() {
            return;
        }
        let observed = &self.observed;
        let mut changes = OutsideCollector::new("w", &run.tensors, noise(observed));
        changes = changes.at(ChangePlace::Within);
        let is_told = |it: &LeftIteration| it.led.is_some() && !observed.is_sampled;
        if !left.iter().all(is_told) {
            self.found.failing = IterationRange::of(left.iter().map(|it| it.t));
            return;
        }
        for it in &left {
            let (mut was, mut now) = (vec![0.0; run.dimension()], vec![0.0; run.dimension()]);
            let led = it.led.iter().flatten();
            for ((at, recorded), led) in observed.places.iter().zip(&it.recorded).zip(led) {
                (was[*at], now[*at]) = (*led, *recorded);
            }
            changes.row(it.t, &was, &now, None);
        }
        let changes = changes.changes();
        // As near as rounding may leave them, all of them.
        if changes.is_empty() {
            return;
        }
        let text = format!(
            "numbers that the step has changed beyond that ({})",
            told(&changes)
        );
        self.found.causes.push(Cause {
            changes,
            ..Cause::new(CauseKind::Order, text, "what the rule leads to")
        });
    }
}
