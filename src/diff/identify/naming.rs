//! Solved lines named as differences from the rule.
//!
//! ```text
//! moment   the line of a buffer
//! solved   the line of w, its coefficients and how it is written
//! rate     the one factor of a step: a correction, a counter, groups of tensors, a schedule
//! update   all of the line of w: where eps stands, the factors, the decay
//! ```

mod moment;
mod rate;
mod solved;
mod update;

pub(super) use moment::{of_buffer, of_clipping};
pub(super) use solved::{Solved, said};
pub(super) use update::of_update;

use super::{
    buffer::{self, Law},
    observed::Observed,
    term::BufferTerm,
};
use crate::{
    diff::finding::{Cause, CauseKind, LineTerm},
    format::{exact, rounded},
    value::Real,
};
use std::fmt::Write;

/// The settings of the rule that mean something to an update, by what they are.
#[derive(Debug, Clone, Default)]
pub(super) struct KnownSettings {
    pub rate: Option<(String, f64)>,
    pub decay: Option<(String, f64)>,
    pub eps: Option<(String, f64)>,
    pub first: Option<(String, f64)>,
    pub second: Option<(String, f64)>,
}

impl KnownSettings {
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

/// A difference from the rule.
pub(super) fn cause(kind: CauseKind, run: impl Into<String>, rule: impl Into<String>) -> Cause {
    Cause::new(kind, run, rule)
}

/// The terms of a buffer's line.
fn line_terms(observed: &Observed, own: usize, law: &Law) -> Vec<LineTerm> {
    let name = observed.buffers[own].name.as_str();
    let terms = law.terms.iter().zip(&law.coefficients);
    let term = |(term, c): (&BufferTerm, &f64)| LineTerm {
        coefficient: Real(*c),
        term: term.text(observed, name),
    };
    terms.map(term).collect()
}

/// `0.9*exp_avg + 0.1*g`
pub(super) fn formula(observed: &Observed, own: usize, law: &Law) -> String {
    let name = observed.buffers[own].name.as_str();
    let mut text = String::new();
    for (term, c) in law.terms.iter().zip(&law.coefficients) {
        let sign = match (text.is_empty(), *c < 0.0) {
            (true, true) => "-",
            (true, false) => "",
            (false, true) => " - ",
            (false, false) => " + ",
        };
        let factor = if c.abs().to_bits() == 1.0_f64.to_bits() {
            String::new()
        } else {
            format!("{}*", digits(c.abs()))
        };
        let _ = write!(text, "{sign}{factor}{}", term.text(observed, name));
    }
    text
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

/// `1-40, 43 and 50-60`, of iterations of which these rows are some.
pub(super) fn iterations(observed: &Observed, rows: &[usize]) -> String {
    let mut runs: Vec<(u64, u64)> = Vec::new();
    for &row in rows {
        let t = observed.t[row];
        match runs.last_mut() {
            Some(last) if last.1 + 1 == t => last.1 = t,
            _ => runs.push((t, t)),
        }
    }
    let steps: Vec<u64> = runs.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    let single = runs.iter().all(|run| run.0 == run.1);
    if let (true, Some(step)) = (single && runs.len() > 3, steps.first())
        && steps.iter().all(|it| it == step)
    {
        return format!(
            "{}, {}, ... {} (every {step}th)",
            runs[0].0,
            runs[1].0,
            runs[runs.len() - 1].0
        );
    }
    let told: Vec<String> = runs
        .iter()
        .take(6)
        .map(|run| {
            if run.0 == run.1 {
                run.0.to_string()
            } else {
                format!("{}-{}", run.0, run.1)
            }
        })
        .collect();
    let more = if runs.len() > 6 {
        format!(" and {} more stretches", runs.len() - 6)
    } else {
        String::new()
    };
    told.join(", ") + &more
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
) -> Option<Law> {
    buffer::BufferQuestion {
        observed,
        buffer: own,
        g,
        is_expected,
    }
    .law()
}
