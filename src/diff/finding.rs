//! The findings of an examination: what the run does otherwise than the rule, and why.

use serde::Serialize;
use std::fmt;

/// The causes for which a run is not the rule's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Diagnosis {
    /// Explanations, the best first; empty if none was found.
    pub explanations: Vec<ExplainedVariant>,
    /// Differences that the run cannot show, and runs that could.
    pub warnings: Vec<String>,
    /// All of it in sentences.
    pub sentences: Vec<String>,
}

/// A variant of the rule that leads through many iterations of the run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedVariant {
    /// The run's differences from the rule; empty for the rule itself.
    pub causes: Vec<Cause>,
    /// Iterations that it leads through.
    pub explained: usize,
    /// Iterations of which that can be told.
    pub told: usize,
    /// The share of the two.
    pub share: f64,
    /// The first and the last iteration that it leads through.
    pub range: (u64, u64),
    /// The first iteration that it does not lead through.
    pub fails_at: Option<u64>,
    /// The largest deviation where it holds, in units of the last place of the run's numbers.
    pub ulps: f64,
    /// In a sentence.
    pub sentence: String,
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The part of the rule concerned.
    pub kind: CauseKind,
    /// The run's side, in words.
    pub run: String,
    /// The rule's side, in words.
    pub rule: String,
}

/// The part of a rule that a cause or mutation concerns; two mutations of one kind exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CauseKind {
    /// The place of eps.
    Eps,
    /// Bias correction.
    Correction,
    /// The iteration's number that it uses.
    Counter,
    /// The first moment or the velocity.
    Momentum,
    /// The second moment.
    Scale,
    /// Weight decay.
    Decay,
    /// The initial states.
    Start,
    /// The order of the lines.
    Order,
    /// A switch of the rule.
    Switch,
    /// The gradient that goes in.
    Gradient,
    /// Values of settings.
    Settings,
    /// Another rule altogether.
    Rule,
    /// The precision of the arithmetic.
    Precision,
}

impl CauseKind {
    /// A run that tells variants of this kind apart.
    #[must_use]
    pub fn probe(self) -> &'static str {
        match self {
            Self::Eps => {
                "gradients as small as eps would tell them apart: scale the loss until abs(g) is about 1e-8, or set eps=1e-2"
            }
            Self::Correction | Self::Counter => {
                "the first iterations would tell them apart, with a first gradient unlike those after it: log from t = 0"
            }
            Self::Momentum => {
                "gradients that change from one iteration to the next, with their buffer logged, would tell them apart"
            }
            Self::Scale => {
                "gradients whose size changes from one iteration to the next would tell them apart"
            }
            Self::Decay => "a weight decay of 0.1 and parameters far from 0 would tell them apart",
            Self::Start => {
                "the first iterations would tell them apart: log from t = 0, with the buffers"
            }
            Self::Order => {
                "gradients that change sign from one iteration to the next would tell them apart"
            }
            Self::Switch => {
                "a run in which the switch matters would tell them apart: gradients that first grow and then shrink"
            }
            Self::Gradient => "gradients larger than the limit would tell them apart",
            Self::Settings => {
                "a longer run, with gradients of several sizes, would tell them apart"
            }
            Self::Rule => "another loss, with gradients of several sizes, would tell them apart",
            Self::Precision => "a run logged with all its digits would tell them apart",
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, sentence) in self.sentences.iter().enumerate() {
            let share = self.explanations.get(at).map(|it| it.share * 100.0);
            match share {
                Some(share) => writeln!(f, "{share:5.1} %  {sentence}")?,
                None => writeln!(f, "{sentence}")?,
            }
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}
