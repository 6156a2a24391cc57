//! The findings of an examination: what the run does otherwise than the rule, and why.

mod cause;
mod curve;
mod iterations;
mod line;
mod open_line;
mod own_check;

pub use cause::{Cause, CauseForm, CauseKind, CauseNumber, CauseQuantity, CauseText, TensorGroup};
pub use curve::{CurvePoint, CurveSegment, CurveShape};
pub(super) use curve::{short, words};
pub use iterations::IterationRange;
pub(super) use iterations::listed;
pub use line::{DivisorShape, EpsScaling, LineDifference, LineDivisor, LineTerm};
pub use open_line::{FirstNonFinite, OpenLine};
pub(super) use own_check::OwnTrack;
pub use own_check::{OwnCheck, OwnSteps};

use super::number_format::NumberFormat;
use crate::{
    format::{exact, significant},
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// The causes for which a run is not the rule's.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Diagnosis {
    /// Explanations, the best first; empty if none was found.
    pub explanations: Vec<ExplainedVariant>,
    /// The variant that leads furthest, where none is an explanation.
    pub nearest: Option<ExplainedVariant>,
    /// Causes that leave something open: with them the rule does not lead through all of the run.
    pub partial: Vec<Cause>,
    /// Names of variables whose lines are the rule's in all iterations.
    pub held: Vec<String>,
    /// Lines that nothing was found for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenLine>,
    /// The first number that is not finite, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_finite: Option<FirstNonFinite>,
    /// Differences that the run cannot show, and runs that could.
    pub warnings: Vec<Ambiguity>,
    /// All of it but the warnings in sentences.
    pub text: Vec<String>,
}

impl Diagnosis {
    /// True if the best explanation has a few causes, and no setting of many values that nothing ties together.
    pub(super) fn is_simple(&self) -> bool {
        const MOST: usize = 3;
        self.explanations.first().is_some_and(|it| {
            let is_simple = |it: &Cause| {
                let is_tied = !it.numbers.is_empty();
                is_tied || it.schedule.len() <= 1
            };
            // One thing that happens to tensors at different times is one.
            let mut things: Vec<_> = it
                .causes
                .iter()
                .map(|it| (it.kind, &it.text.rule))
                .collect();
            things.dedup();
            things.len() <= MOST && it.causes.iter().all(is_simple)
        })
    }

    /// True if the best explanation leads through all of the run by other lines of the rule, with no number that was fitted
    /// but a limit or a decay.
    pub(super) fn is_structural(&self) -> bool {
        let is_line = |it: &Cause| {
            it.kind != CauseKind::Settings
                && it.setting.is_none()
                && it.numbers.is_empty()
                && it.iterations.is_empty()
                && !it.lines.is_empty()
        };
        // A limit, or a decay, has one number that all iterations bear out.
        let is_limit = |it: &Cause| {
            let is_limit = |it: &CauseNumber| it.quantity.is_limit();
            it.setting.is_none() && it.numbers.iter().any(is_limit)
        };
        let best = self.explanations.first();
        let fits = |it: &Cause| is_line(it) || is_limit(it);
        self.is_whole() && best.is_some_and(|it| it.causes.iter().all(fits))
    }

    /// The same beside settings, which come first, of the rule called `name`.
    pub(super) fn beside(mut self, settings: Vec<Cause>, name: &str) -> Self {
        let said = settings.iter().map(|it| {
            let CauseText { run, rule } = &it.text;
            format!("The run has {run}; {name} has {rule}. ")
        });
        let said: String = said.collect();
        if let Some(best) = self.explanations.first_mut() {
            best.causes.splice(0..0, settings);
            best.text = said + &best.text;
            if let Some(text) = self.text.first_mut() {
                text.clone_from(&best.text);
            }
        }
        self
    }

    /// Tells of the setting `name` that the rows state its values, whatever `value` the rule has without them.
    pub(super) fn stated_by_rows(&mut self, name: &str, value: f64) {
        let (old, new) = (
            format!("itself has {name}={}", exact(value)),
            format!("itself has the {name} that the rows state"),
        );
        for text in &mut self.text {
            *text = text.replace(&old, &new);
        }
        for it in &mut self.explanations {
            it.text = it.text.replace(&old, &new);
        }
    }

    /// True if the best explanation leads through all of the run.
    pub(super) fn is_whole(&self) -> bool {
        self.explanations
            .first()
            .is_some_and(ExplainedVariant::is_whole)
    }
}

impl ExplainedVariant {
    /// Takes in that it was led through all of a run, of so many iterations in this range, and first `differs`; returns how the
    /// sentence of it began, and how it begins now.
    pub(super) fn of_all(
        &mut self,
        compared: usize,
        range: (u64, u64),
        differs: Option<u64>,
    ) -> (String, String) {
        let sentence = |it: (u64, u64)| format!("Iterations {}-{} of the run match", it.0, it.1);
        let before = sentence(self.range);
        self.sample = None;
        self.fails_at = differs;
        self.told = compared;
        let holds = differs.map_or(compared, |t| {
            usize::try_from(t.saturating_sub(range.0)).unwrap_or(compared)
        });
        self.explained = holds.min(compared);
        self.range = (range.0, differs.map_or(range.1, |t| t.saturating_sub(1)));
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let share = self.explained as f64 / compared.max(1) as f64;
        self.share = share;
        (before, sentence(self.range))
    }

    /// True if it leads through all iterations, one by one.
    fn is_whole(&self) -> bool {
        self.fails_at.is_none() && self.explained >= self.told
    }
}

/// Variants of one kind that the run cannot tell from the best explanation.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Ambiguity {
    /// The part of the rule concerned.
    pub kind: CauseKind,
    /// The causes that each of the variants would have.
    pub alternatives: Vec<Vec<Cause>>,
    /// In a sentence, with a run that would tell them apart.
    pub text: String,
}

/// A variant of the rule that leads through many iterations of the run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct ExplainedVariant {
    /// The run's differences from the rule; empty for the rule itself.
    pub causes: Vec<Cause>,
    /// Iterations that it leads through.
    pub explained: usize,
    /// Iterations of which that can be told.
    pub told: usize,
    /// The share of the two, from 0 to 1.
    pub share: f64,
    /// The first and the last iteration that it leads through.
    pub range: (u64, u64),
    /// The arithmetic of the variant.
    pub arithmetic: NumberFormat,
    /// The first iteration that it does not lead through.
    pub fails_at: Option<u64>,
    /// The iterations that it does not lead through, where they are a few of many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub failing: Vec<IterationRange>,
    /// The largest deviation where it holds, in units of the last place of the run's numbers; null where it was not
    /// measured in these.
    pub ulps: Option<Real>,
    /// The check of the variant, which was found from row to row: the same on its own steps from the run's first row up to
    /// where it fails.
    pub alone: OwnCheck,
    /// The part of the run that was looked at, where it is not all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// In a sentence.
    pub text: String,
}

/// A part of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sample {
    /// Iterations looked at.
    pub iterations: usize,
    /// Iterations that there are.
    pub of_iterations: usize,
    /// Parameters looked at.
    pub parameters: usize,
    /// Parameters that there are.
    pub of_parameters: usize,
}

impl Sample {
    /// What it shows, after the sentence that is told of it.
    pub(super) fn remark(&self) -> String {
        #[expect(clippy::cast_precision_loss, reason = "a count of parameters")]
        let share = 300.0 / self.parameters.max(1) as f64;
        let rest = if self.parameters < self.of_parameters {
            format!(
                ": what concerns {} % of the parameters would have been seen in 95 of 100 cases",
                significant(share.min(100.0), 2)
            )
        } else {
            String::new()
        };
        format!(" Looked at: {self}{rest}.")
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} iterations and {} of {} parameters",
            self.iterations, self.of_iterations, self.parameters, self.of_parameters
        )
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, sentence) in self.text.iter().enumerate() {
            match self.explanations.get(at) {
                Some(it) if it.is_whole() && (!it.alone.holds() || it.sample.is_some()) => {
                    writeln!(f, "likely   {sentence}")?;
                }
                Some(it) => writeln!(f, "{:5.1} %  {sentence}", it.share * 100.0)?,
                None => writeln!(f, "{sentence}")?,
            }
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {}", warning.text)?;
        }
        Ok(())
    }
}
