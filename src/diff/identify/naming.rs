//! Solved lines named as differences from the rule.
//!
//! ```text
//! moment   the line of a buffer
//! solved   the line of w, its coefficients and how it is written
//! rate     the one factor of a step: a correction, a counter, groups of tensors, a schedule
//! update   all of the line of w: where eps stands, the factors, the decay
//! ```

mod corrections;
mod moment;
mod rate;
mod solved;
mod update;

pub(super) use moment::{of_buffer, of_clipping};
pub(super) use rate::{counter_restarts, counter_stops};
pub(super) use solved::{Solved, said, terms};
pub(super) use update::of_update;

use super::{
    buffer::{self, Law},
    observed::Observed,
};
use crate::{
    debugger::Control,
    diff::finding::{Cause, IterationRange, LineTerm},
    format::{exact, rounded},
    value::Real,
};
use std::fmt::Write;

/// The settings of the rule that mean something to an update, by what they are.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownSettings {
    pub rate: Option<(String, f64)>,
    /// What is stated of the rate where that follows a schedule: it is no setting then.
    pub rates: Option<StatedRates>,
    pub decay: Option<(String, f64)>,
    pub eps: Option<(String, f64)>,
    pub first: Option<(String, f64)>,
    pub second: Option<(String, f64)>,
}

/// A rate that follows a schedule.
#[derive(Debug, Clone)]
pub(super) struct StatedRates {
    pub name: String,
    /// The schedule as it is written.
    pub text: String,
    /// Its value in each iteration.
    pub by_row: Vec<f64>,
}

impl KnownSettings {
    /// The stated rate in iteration `row`; 1 where the rule has none.
    fn rate_in(&self, row: usize) -> f64 {
        let stated = self.rates.as_ref().and_then(|it| it.by_row.get(row));
        let one = self.rate.as_ref().map(|it| it.1);
        stated.copied().or(one).unwrap_or(1.0)
    }

    /// The rule's weight decay.
    fn decay_text(&self) -> String {
        let text = |(name, value): &(String, f64)| format!("{name}={}", exact(*value));
        self.decay
            .as_ref()
            .map_or_else(|| "no weight decay".to_owned(), text)
    }

    /// A cause of weight decay, with the run's amount and the rule's.
    fn decay_valued(&self, found: Cause, run: f64) -> Cause {
        Cause {
            run: Some(Real(run)),
            ..self.decay_set(found)
        }
    }

    /// A cause of weight decay, with the rule's amount.
    fn decay_set(&self, found: Cause) -> Cause {
        match &self.decay {
            Some((name, value)) => found.of_setting(name, *value),
            None => found.of_setting("weight_decay", f64::NAN),
        }
    }
}

/// The terms of a buffer's line.
pub(super) fn line_terms(observed: &Observed, own: usize, law: &Law) -> Vec<LineTerm> {
    let name = observed.buffers[own].name.as_str();
    let terms = law.terms.iter().zip(&law.coefficients);
    terms
        .map(|(term, c)| LineTerm::new(Some(*c), term.text(observed, name)))
        .collect()
}

/// `0.9*exp_avg + 0.1*g`
pub(super) fn formula(observed: &Observed, own: usize, law: &Law) -> String {
    let mut text = String::new();
    for term in line_terms(observed, own, law) {
        let c = term.coefficient.map_or(f64::NAN, |it| it.0);
        let sign = match (text.is_empty(), c < 0.0) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        let amount = product(c.abs(), &term.term);
        let _ = write!(text, "{sign}{amount}");
    }
    text
}

/// A term with its coefficient, 1 being left out.
fn product(coefficient: f64, term: &str) -> String {
    if term == "1" {
        digits(coefficient)
    } else if coefficient.to_bits() == 1.0_f64.to_bits() {
        term.to_owned()
    } else {
        format!("{}*{term}", digits(coefficient))
    }
}

/// A coefficient with the digits that set it apart.
pub(super) fn digits(value: f64) -> String {
    let text = exact(value);
    if text.len() <= 12 {
        text
    } else {
        exact(rounded(value, 9))
    }
}

/// The iterations of these rows.
pub(super) fn iterations(observed: &Observed, rows: &[usize]) -> Vec<IterationRange> {
    IterationRange::of(rows.iter().map(|row| observed.t[*row]))
}

/// Names of tensors.
pub(super) fn tensors(observed: &Observed, parts: &[usize]) -> String {
    let names: Vec<&str> = parts
        .iter()
        .map(|at| observed.parts[*at].name.as_str())
        .collect();
    if names.len() > 6 {
        format!(
            "{} and {} more tensors",
            names[..5].join(", "),
            names.len() - 5
        )
    } else {
        names.join(", ")
    }
}

/// The law of one buffer as `question` finds it.
pub(super) fn law_of(
    observed: &Observed,
    own: usize,
    g: &[Vec<f64>],
    is_expected: bool,
    control: &mut Control,
) -> Option<Law> {
    buffer::BufferQuestion {
        observed,
        buffer: own,
        g,
        is_expected,
    }
    .law(control)
}
