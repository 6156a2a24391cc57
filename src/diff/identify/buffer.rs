//! The line that updates a buffer, from what it was, what it became and what it may be made of.

use super::{
    observed::Observed,
    solve::{MOST, median, miss, shortest, solve},
    term::BufferTerm,
};
use crate::debugger::Control;
use std::collections::BTreeSet;

/// The line of a buffer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Law {
    pub terms: Vec<BufferTerm>,
    /// A coefficient for each term.
    pub coefficients: Vec<f64>,
    /// For each iteration, whether the line leads through it.
    pub holds: Vec<bool>,
    /// Coefficients of each iteration, where they change.
    pub varying: Option<Vec<Vec<f64>>>,
}

impl Law {
    /// The share of the iterations that can be told in which it holds.
    pub fn share(&self, rows: &[usize]) -> f64 {
        let held = rows.iter().filter(|row| self.holds[**row]).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let share = held as f64 / rows.len().max(1) as f64;
        share
    }

    /// The coefficient of `term`; 0 where it has none.
    pub fn of(&self, term: BufferTerm) -> f64 {
        let at = self.terms.iter().position(|it| *it == term);
        at.map_or(0.0, |at| self.coefficients[at])
    }

    pub fn has(&self, term: BufferTerm) -> bool {
        self.terms.contains(&term)
    }

    /// True if what goes in is a square of some kind.
    pub fn is_of_squares(&self) -> bool {
        self.terms.iter().any(|it| {
            matches!(
                it,
                BufferTerm::Square
                    | BufferTerm::Magnitude
                    | BufferTerm::SignedSquare
                    | BufferTerm::Deviation(_)
                    | BufferTerm::DeviationOld(_)
            )
        })
    }
}

/// The unknown line of one buffer, as recorded or as the rule has it.
pub(super) struct BufferQuestion<'a> {
    pub observed: &'a Observed,
    pub buffer: usize,
    /// The gradient that is thought to have gone in.
    pub g: &'a [Vec<f64>],
    pub is_expected: bool,
}

impl BufferQuestion<'_> {
    fn goal(&self, row: usize) -> Option<&Vec<f64>> {
        let track = &self.observed.buffers[self.buffer];
        let rows = if self.is_expected {
            &track.expected
        } else {
            &track.after
        };
        rows.get(row).filter(|it| !it.is_empty())
    }

    /// Iterations that can be told.
    pub fn rows(&self) -> Vec<usize> {
        let track = &self.observed.buffers[self.buffer];
        let finite = |values: &[f64]| values.iter().all(|it| it.is_finite());
        (0..self.observed.t.len())
            .filter(|row| {
                !self.observed.idle[*row]
                    && self.goal(*row).is_some_and(|it| finite(it))
                    && finite(&track.before[*row])
                    && finite(&self.g[*row])
                    && finite(&self.observed.w.after[*row])
            })
            .collect()
    }

    /// The columns of `terms` over `rows`, the goal and what rounding leaves of it.
    fn system(&self, terms: &[BufferTerm], rows: &[usize]) -> (Vec<Vec<f64>>, Vec<f64>, Vec<f64>) {
        let k = self.observed.places.len();
        let track = &self.observed.buffers[self.buffer];
        let unit = if self.is_expected {
            f64::EPSILON
        } else {
            track.format.unit()
        };
        let mut goal = Vec::with_capacity(rows.len() * k);
        let mut floor = Vec::with_capacity(rows.len() * k);
        for &row in rows {
            let values = self.goal(row).map_or(&[][..], Vec::as_slice);
            for (at, value) in values.iter().enumerate() {
                goal.push(*value);
                let gathered = if terms.contains(&BufferTerm::Pending) {
                    0.1 * self.observed.pending_size[row]
                } else {
                    0.0
                };
                floor.push(
                    unit * value.abs().max(track.before[row][at].abs()).max(gathered) + 1e-300,
                );
            }
        }
        let columns = terms.iter().map(|term| {
            let values = rows.iter().flat_map(|row| {
                (0..k).map(|at| term.value(self.observed, self.buffer, self.g, *row, at))
            });
            values.collect()
        });
        (columns.collect(), goal, floor)
    }

    fn unit(&self) -> f64 {
        let track = &self.observed.buffers[self.buffer];
        if self.is_expected {
            f64::EPSILON
        } else {
            track.format.unit()
        }
    }

    fn slack(&self) -> f64 {
        let track = &self.observed.buffers[self.buffer];
        if self.is_expected {
            64.0
        } else {
            track.format.slack()
        }
    }

    /// True if the line with these coefficients explains iteration `row`.
    pub fn leads(&self, terms: &[BufferTerm], coefficients: &[f64], row: usize) -> bool {
        let (columns, goal, floor) = self.system(terms, &[row]);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        miss(&columns, coefficients, &goal, &floor, self.unit()) <= self.slack()
    }

    /// The buffer before iteration `row`, by coordinate, from which `law` leads to its recorded value after it.
    pub fn starts(&self, law: &Law, row: usize) -> Vec<f64> {
        let kept = law.of(BufferTerm::Old);
        let goal = self.goal(row).map_or(&[][..], Vec::as_slice);
        let rest = |at: usize| -> f64 {
            let terms = law
                .terms
                .iter()
                .zip(&law.coefficients)
                .filter(|it| *it.0 != BufferTerm::Old);
            terms
                .map(|(term, c)| c * term.value(self.observed, self.buffer, self.g, row, at))
                .sum()
        };
        goal.iter()
            .enumerate()
            .map(|(at, value)| (value - rest(at)) / kept)
            .collect()
    }

    fn fit(&self, terms: &[BufferTerm], rows: &[usize]) -> Option<(Vec<f64>, f64)> {
        let (columns, goal, floor) = self.system(terms, rows);
        let columns: Vec<&[f64]> = columns.iter().map(Vec::as_slice).collect();
        let found = solve(&columns, &goal, &floor)?;
        let off = miss(&columns, &found, &goal, &floor, self.unit());
        Some((found, off))
    }

    /// The line with the fewest terms that leads through most iterations.
    pub fn law(&self, control: &mut Control) -> Option<Law> {
        let rows = self.rows();
        if rows.len() < 4 {
            return None;
        }
        let windows = windows(&rows);
        let mut best: Option<Law> = None;
        // A state that the step of w is made of is that step in all rules: this is no line of its own.
        let is_of_rule = self.observed.buffers[self.buffer].variable.is_some();
        let is_circular = |terms: &[BufferTerm]| {
            is_of_rule && terms.contains(&BufferTerm::Step) && !terms.contains(&BufferTerm::Old)
        };
        let sets = subsets(&BufferTerm::all(self.observed, self.buffer));
        for terms in sets.into_iter().filter(|it| !is_circular(it)) {
            for window in &windows {
                if !control.goes_on() {
                    return None;
                }
                // Most sets fail on two iterations already.
                if self.observed.places.len() > terms.len()
                    && self
                        .fit(&terms, &window[..2])
                        .is_none_or(|it| it.1 > self.slack())
                {
                    continue;
                }
                let Some((found, off)) = self.fit(&terms, window) else {
                    continue;
                };
                if off > self.slack()
                    || found
                        .iter()
                        .zip(&terms)
                        .any(|(c, it)| c.abs() < 1e-12 && *it != BufferTerm::One)
                {
                    continue;
                }
                let law = self.settled(&terms, found, &rows, control);
                let share = law.share(&rows);
                // A further term has to lead through many more iterations.
                let needed = best.as_ref().map_or(0.3, |best| best.share(&rows) + 0.2);
                if share > 0.97 {
                    return Some(law);
                }
                if share >= needed {
                    best = Some(law);
                }
            }
        }
        let varying = self.varying(&rows, control);
        match (&best, varying) {
            (Some(best), Some(varying))
                if best.share(&rows) < 0.6 && varying.share(&rows) > 0.9 =>
            {
                Some(varying)
            }
            (None, varying) => varying,
            _ => best,
        }
    }

    /// The law with coefficients from all iterations in which it holds, rounded where that is no worse.
    fn settled(
        &self,
        terms: &[BufferTerm],
        found: Vec<f64>,
        rows: &[usize],
        control: &mut Control,
    ) -> Law {
        let mut holding = |coefficients: &[f64]| -> Vec<bool> {
            let mut holds = vec![false; self.observed.t.len()];
            if !control.goes_on() {
                return holds;
            }
            for &row in rows {
                holds[row] = self.leads(terms, coefficients, row);
            }
            holds
        };
        let count = |holds: &[bool]| holds.iter().filter(|it| **it).count();
        let mut coefficients = found;
        let mut holds = holding(&coefficients);
        let held: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|row| holds[*row])
            .step_by(1 + rows.len() / 60)
            .collect();
        if let Some((again, _)) = self.fit(terms, &held) {
            let now = holding(&again);
            if count(&now) >= count(&holds) {
                (coefficients, holds) = (again, now);
            }
        }
        for at in 0..coefficients.len() {
            let most = count(&holds);
            let mut tried = coefficients.clone();
            tried[at] = shortest(coefficients[at], |value| {
                let mut tried = coefficients.clone();
                tried[at] = value;
                count(&holding(&tried)) >= most
            });
            // 1 - beta is as round as beta.
            if tried[at].to_bits() == coefficients[at].to_bits() {
                tried[at] = 1.0
                    - shortest(1.0 - coefficients[at], |value| {
                        let mut tried = coefficients.clone();
                        tried[at] = 1.0 - value;
                        count(&holding(&tried)) >= most
                    });
            }
            holds = holding(&tried);
            coefficients = tried;
        }
        Law {
            terms: terms.to_vec(),
            coefficients,
            holds,
            varying: None,
        }
    }

    /// A law whose coefficients change from iteration to iteration.
    pub fn varying(&self, rows: &[usize], control: &mut Control) -> Option<Law> {
        let k = self.observed.places.len();
        let mut best: Option<Law> = None;
        for source in [
            BufferTerm::Gradient,
            BufferTerm::Square,
            BufferTerm::Magnitude,
        ] {
            let terms = [BufferTerm::Old, source];
            if k < 4 {
                continue;
            }
            if !control.goes_on() {
                return None;
            }
            let mut law = Law {
                terms: terms.to_vec(),
                coefficients: Vec::new(),
                holds: vec![false; self.observed.t.len()],
                varying: Some(vec![Vec::new(); self.observed.t.len()]),
            };
            for &row in rows {
                // From nothing, only what is new goes in.
                let fresh = self.observed.buffers[self.buffer].before[row]
                    .iter()
                    .all(|it| *it == 0.0);
                let found = if fresh {
                    self.fit(&terms[1..], &[row])
                        .map(|(found, off)| (vec![f64::NAN, found[0]], off))
                } else {
                    self.fit(&terms, &[row])
                };
                let Some((found, off)) = found else {
                    continue;
                };
                law.holds[row] = off <= self.slack();
                if let Some(varying) = &mut law.varying {
                    varying[row] = found;
                }
            }
            law.coefficients = (0..2)
                .map(|at| {
                    let own = law
                        .varying
                        .iter()
                        .flatten()
                        .filter_map(|it| it.get(at).copied());
                    median(&own.collect::<Vec<f64>>()).unwrap_or(f64::NAN)
                })
                .collect();
            if law.share(rows) > best.as_ref().map_or(0.8, |it| it.share(rows)) {
                best = Some(law);
            }
        }
        best
    }
}

/// Three stretches of a few iterations: of the beginning, the middle and the end.
fn windows(rows: &[usize]) -> Vec<Vec<usize>> {
    let len = rows.len();
    let size = (len / 3).clamp(3, 8);
    let starts: BTreeSet<usize> = [len / 2, len.saturating_sub(size + 2), (len / 8).max(1)]
        .into_iter()
        .map(|at| at.min(len - size.min(len)))
        .collect();
    starts
        .into_iter()
        .map(|at| rows[at..(at + size).min(len)].to_vec())
        .collect()
}

/// Sets of terms, the smaller first; those with the buffer's old value before those without.
fn subsets(terms: &[BufferTerm]) -> Vec<Vec<BufferTerm>> {
    let mut all: Vec<Vec<BufferTerm>> = terms.iter().take(2).map(|it| vec![*it]).collect();
    all.extend(terms.iter().map(|it| vec![BufferTerm::Old, *it]));
    all.extend(terms.iter().skip(2).map(|it| vec![*it]));
    for (at, first) in terms.iter().enumerate() {
        for second in &terms[at + 1..] {
            all.push(vec![BufferTerm::Old, *first, *second]);
        }
    }
    // A square of a sum has all of its products.
    all.push(vec![
        BufferTerm::Old,
        BufferTerm::Square,
        BufferTerm::GradientParameter,
        BufferTerm::ParameterSquare,
    ]);
    for term in terms {
        if let BufferTerm::GradientOther(at) = term {
            all.push(vec![
                BufferTerm::Old,
                BufferTerm::Square,
                *term,
                BufferTerm::OtherSquare(*at),
            ]);
        }
    }
    all.retain(|it| it.len() <= MOST);
    all
}
