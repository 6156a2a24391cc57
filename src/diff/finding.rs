//! The findings of an examination: what the run does otherwise than the rule, and why.

use super::number_format::NumberFormat;
use crate::value::Real;
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
    /// Differences that the run cannot show, and runs that could.
    pub warnings: Vec<Ambiguity>,
    /// All of it but the warnings in sentences.
    pub text: Vec<String>,
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
    /// The largest deviation where it holds, in units of the last place of the run's numbers.
    #[serde(serialize_with = "super::difference::number")]
    #[schemars(with = "Real")]
    pub ulps: f64,
    /// In a sentence.
    pub text: String,
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cause {
    /// The part of the rule concerned.
    pub kind: CauseKind,
    /// The setting concerned: one of the rule's, or one that the rule would need for what the run does.
    pub setting: Option<String>,
    /// The setting's value in the run, where it has one value.
    pub run: Option<Real>,
    /// The rule's value of the setting; null where the rule has no such setting.
    pub rule: Option<Real>,
    /// The setting's values in the run by tensors, where they differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<TensorGroup>,
    /// The setting's value in the run by iterations, where it changes: pairs of t and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<(u64, Real)>,
    /// The line of a buffer in the run and in the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<LineDifference>,
    /// Both sides in words.
    pub text: CauseText,
}

/// A cause in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CauseText {
    /// The run's side: `eta=0.02`, `no bias correction`.
    pub run: String,
    /// The rule's side.
    pub rule: String,
}

/// Tensors that share the value of a setting.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TensorGroup {
    /// Names of the tensors.
    pub tensors: Vec<String>,
    /// Their value.
    pub value: Real,
}

/// The line of a buffer as sums of terms, of which the run and the rule have different ones.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineDifference {
    /// The buffer that the line updates.
    pub variable: String,
    /// The run's terms.
    pub run: Vec<LineTerm>,
    /// The rule's terms.
    pub rule: Vec<LineTerm>,
}

/// One term of a line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct LineTerm {
    /// The number that the term is multiplied by.
    pub coefficient: Real,
    /// The term in the language of rules: `exp_avg`, `g^2`.
    pub term: String,
}

impl Cause {
    /// A cause that no setting's value belongs to.
    #[must_use]
    pub fn new(kind: CauseKind, run: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            kind,
            setting: None,
            run: None,
            rule: None,
            groups: Vec::new(),
            schedule: Vec::new(),
            line: None,
            text: CauseText {
                run: run.into(),
                rule: rule.into(),
            },
        }
    }

    /// The cause with the values of its setting; the rule's is NaN where the rule has no such setting.
    #[must_use]
    pub fn valued(mut self, setting: &str, run: f64, rule: f64) -> Self {
        self.run = Some(Real(run));
        self.of_setting(setting, rule)
    }

    /// The cause of a setting that has no one value in the run.
    #[must_use]
    pub fn of_setting(mut self, setting: &str, rule: f64) -> Self {
        self.setting = Some(setting.to_owned());
        self.rule = (!rule.is_nan()).then_some(Real(rule));
        self
    }
}

/// The part of a rule that a cause or mutation concerns; two mutations of one kind exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
        for (at, sentence) in self.text.iter().enumerate() {
            let share = self.explanations.get(at).map(|it| it.share * 100.0);
            match share {
                Some(share) => writeln!(f, "{share:5.1} %  {sentence}")?,
                None => writeln!(f, "{sentence}")?,
            }
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {}", warning.text)?;
        }
        Ok(())
    }
}
