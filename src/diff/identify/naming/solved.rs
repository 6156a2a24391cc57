//! The line of `w` with what solved for it: its coefficients as series, and how it is written.

use super::{digits, tensors};
use crate::{
    diff::{
        finding::{LineDivisor, LineTerm, TensorGroup},
        identify::{
            observed::Observed,
            solve::{median, shortest},
            step_form::{EpsScaling, StepDirection},
            update::{self, UpdateLaw},
        },
        number_format::NumberFormat,
    },
    value::Real,
};
use std::fmt::Write;

/// A law of `w`, with what solved for it.
pub struct Solved<'a> {
    pub question: &'a update::UpdateQuestion<'a>,
    pub law: &'a UpdateLaw,
}

impl Solved<'_> {
    /// The shortest decimal near `value` for which `holds`, or that numbers so coarse cannot tell from it.
    pub fn short(&self, value: f64, holds: impl Fn(f64) -> bool) -> f64 {
        let format = self.question.observed.coarsest();
        let blur = match format {
            NumberFormat::Brain | NumberFormat::Half => 0.5 * format.unit(),
            _ => 0.0,
        };
        shortest(value, |it| {
            (it - value).abs() <= blur * value.abs() || holds(it)
        })
    }

    /// The median ratio of the run's step to the rule's.
    pub fn ratio(&self, rule: &Solved) -> Option<f64> {
        let theirs = rule.series(0);
        let ratios: Vec<f64> = self
            .series(0)
            .iter()
            .zip(&theirs)
            .filter(|(a, b)| a.0 == b.0 && a.1 == b.1)
            .map(|(a, b)| a.2 / b.2)
            .collect();
        median(&ratios)
    }

    /// The middle of a coefficient.
    pub fn middle(&self, term: usize) -> Option<f64> {
        median(
            &self
                .series(term)
                .iter()
                .map(|it| it.2)
                .collect::<Vec<f64>>(),
        )
    }

    /// The coefficient of `term` in iteration `row` where the first coordinate of `other` is.
    pub(super) fn beside(
        &self,
        other: &update::TensorCell,
        row: usize,
        term: usize,
    ) -> Option<f64> {
        let place = other.places.first()?;
        let own = (self.law.cells.iter()).position(|it| it.places.contains(place))?;
        let found = self.law.coefficients.get(row)?.get(own)?.as_ref()?;
        found.get(term).copied()
    }

    /// Coefficients of one term as a series: `(row, cell, value)`.
    pub(super) fn series(&self, term: usize) -> Vec<(usize, usize, f64)> {
        let mut all = Vec::new();
        for (row, cells) in self.law.coefficients.iter().enumerate() {
            for (cell, found) in cells.iter().enumerate() {
                if let Some(found) = found {
                    all.push((row, cell, found[term]));
                }
            }
        }
        all
    }

    /// True if the law still explains almost all iterations of `cells` when coefficient `term` is
    /// `value(row, cell)`, or its own where that is `None`.
    pub(super) fn stands(
        &self,
        cells: &[usize],
        term: usize,
        value: impl Fn(usize, usize) -> Option<f64>,
    ) -> bool {
        let (mut told, mut held) = (0, 0);
        for (row, found) in self.law.coefficients.iter().enumerate() {
            for &cell in cells {
                let Some(found) = &found[cell] else { continue };
                let mut tried = found.clone();
                if let Some(value) = value(row, cell) {
                    tried[term] = value;
                }
                told += 1;
                held += usize::from(self.question.leads(
                    &self.law.form,
                    &tried,
                    row,
                    &self.law.cells[cell].places,
                ));
            }
        }
        told > 0 && held * 100 >= told * 98
    }

    /// True if coefficient `term` may be 0 everywhere: rounding hides it.
    pub fn is_hidden(&self, term: usize) -> bool {
        self.stands(&self.cells(), term, |_, _| Some(0.0))
    }

    pub(super) fn cells(&self) -> Vec<usize> {
        (0..self.law.cells.len()).collect()
    }

    fn parts(&self, cells: &[usize]) -> String {
        let parts: Vec<usize> = cells
            .iter()
            .flat_map(|cell| self.law.cells[*cell].parts.clone())
            .collect();
        tensors(self.question.observed, &parts)
    }
}

/// The coefficient of `term`, where it is the same everywhere.
pub(super) fn constant(run: &Solved, term: usize) -> Option<f64> {
    let series = run.series(term);
    let value = median(&series.iter().map(|it| it.2).collect::<Vec<f64>>())?;
    let short = shortest(value, |it| run.stands(&run.cells(), term, |_, _| Some(it)));
    run.stands(&run.cells(), term, |_, _| Some(short))
        .then_some(short)
}

/// The terms of the step of `w`.
pub fn terms(run: &Solved) -> Vec<LineTerm> {
    let observed = run.question.observed;
    let form = &run.law.form;
    let divisor = form.divisor.map(|it| LineDivisor {
        buffer: observed.buffers[it.scale].name.clone(),
        shape: it.shape,
        eps: Real(it.eps),
        scaling: it.spread,
        beta: (it.spread != EpsScaling::Constant).then_some(Real(it.beta)),
    });
    let divided = form.divided.iter().map(|it| (it, divisor.clone()));
    let plain = form.plain.iter().map(|it| (it, None));
    let term = |(term, (direction, divisor)): (usize, (&StepDirection, Option<LineDivisor>))| {
        let mix = match direction {
            StepDirection::SignMixed(_, share) => Some(Real(*share)),
            _ => None,
        };
        LineTerm {
            mix,
            divisor,
            ..LineTerm::new(constant(run, term), direction_name(observed, *direction))
        }
    };
    divided.chain(plain).enumerate().map(term).collect()
}

/// The update in the language of rules, coefficients that change as `a_t`.
pub fn said(run: &Solved) -> String {
    let mut text = "w = w".to_owned();
    for (at, term) in terms(run).iter().enumerate() {
        let (amount, is_negative) = match term.coefficient {
            Some(Real(value)) => (digits(value.abs()), value < 0.0),
            None => (
                format!("{}_t", ["a", "b", "c", "d"][at.min(3)]),
                run.middle(at).unwrap_or(0.0) < 0.0,
            ),
        };
        let sign = if is_negative { "-" } else { "+" };
        let _ = write!(text, " {sign} {amount}*{}", term.term);
        if let Some(divisor) = &term.divisor {
            let _ = write!(text, "{divisor}");
        }
    }
    text
}

pub(super) fn direction_name(observed: &Observed, direction: StepDirection) -> String {
    let name = |k: usize| observed.buffers[k].name.clone();
    match direction {
        StepDirection::Gradient => "g".into(),
        StepDirection::After(k) => name(k),
        StepDirection::Before(k) => format!("(previous {})", name(k)),
        StepDirection::Sign(k) => format!("sign({})", name(k)),
        StepDirection::SignGradient => "sign(g)".into(),
        StepDirection::SignMixed(k, b) => format!(
            "sign({}*(previous {}) + {}*g)",
            digits(b),
            name(k),
            digits(1.0 - b)
        ),
        StepDirection::Toward(k) => format!("({} - w)", name(k)),
        StepDirection::Product(k, l) => format!("{}*{}", name(k), name(l)),
        StepDirection::Parameter => "w".into(),
        StepDirection::One => "1".into(),
    }
}

/// Cells that have the same value.
fn grouped(values: &[f64]) -> Vec<(f64, Vec<usize>)> {
    let mut seen: Vec<(f64, Vec<usize>)> = Vec::new();
    for (cell, value) in values.iter().enumerate() {
        match seen
            .iter_mut()
            .find(|it| (it.0 - value).abs() <= 1e-6 * value.abs().max(it.0.abs()))
        {
            Some(it) => it.1.push(cell),
            None => seen.push((*value, vec![cell])),
        }
    }
    seen
}

/// The tensors that share each of the cells' `values`.
pub(super) fn groups(run: &Solved, values: &[f64]) -> Vec<TensorGroup> {
    let group = |(value, cells): (f64, Vec<usize>)| TensorGroup {
        tensors: cells
            .iter()
            .flat_map(|cell| &run.law.cells[*cell].parts)
            .map(|part| run.question.observed.parts[*part].name.clone())
            .collect(),
        value: Real(value),
    };
    grouped(values).into_iter().map(group).collect()
}

/// `weight_decay 0.05 on a, b; 0 on c`
pub(super) fn groups_text(run: &Solved, name: &str, values: &[f64]) -> String {
    let seen = grouped(values);
    let all: Vec<String> = seen
        .iter()
        .map(|(value, cells)| format!("{name}={} on {}", digits(*value), run.parts(cells)))
        .collect();
    if all.len() > 1 {
        format!("groups of tensors: {}", all.join("; "))
    } else {
        all.join("; ")
    }
}
