//! A cause: one thing that a run does otherwise than the rule, with all its numbers.

use super::{
    curve::CurveSegment,
    iterations::IterationRange,
    line::{LineDifference, LineTerm},
};
use crate::{
    diff::{number_format::NumberFormat, outside::OutsideChange},
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Cause {
    /// The part of the rule concerned.
    pub kind: CauseKind,
    /// The difference itself, where it is one that others depend on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<CauseForm>,
    /// The setting concerned: one of the rule's, or one that the rule would need for what the run does.
    pub setting: Option<String>,
    /// The setting's value in the run, where it has one value.
    pub run: Option<Real>,
    /// The rule's value of the setting; null where the rule has no such setting.
    pub rule: Option<Real>,
    /// The setting's values in the run by tensors, where they differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<TensorGroup>,
    /// The value of the setting, or the weight in a buffer, by iterations where it changes: pairs of t and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<(u64, Real)>,
    /// The curve that these values follow, where it is one that has a name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curve: Vec<CurveSegment>,
    /// The values of the setting that the run states in these iterations, where they are not one: pairs of t and value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stated: Vec<(u64, Real)>,
    /// The names of the tensors concerned, where they are not all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tensors: Vec<String>,
    /// The group of the run, counted from 1, that these are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<usize>,
    /// The iterations concerned, where they are not all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub iterations: Vec<IterationRange>,
    /// Numbers that are no setting's: a limit, a factor, where a counter stops.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<CauseNumber>,
    /// Numbers that something else than the optimiser seems to have changed between iterations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<OutsideChange>,
    /// The format that numbers are rounded to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<NumberFormat>,
    /// The line of a buffer, or of w, in the run and in the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<LineDifference>,
    /// Lines of the rule's file concerned, counted from 1.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<usize>,
    /// Both sides in words.
    pub text: CauseText,
}

/// A difference that decides what else is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseForm {
    /// The gradient is multiplied by a factor before the rule sees it.
    ScaledGradient,
    /// Weight decay is added to the gradient.
    CoupledDecay,
    /// The weight decay of the rule is missing.
    NoDecay,
    /// No moment is corrected for its start at 0.
    NoCorrection,
    /// The first moment alone is corrected.
    FirstCorrectionOnly,
    /// eps is added to the root of a second moment that is not corrected yet.
    EpsBeforeCorrection,
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

/// A number of a cause that is no setting's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CauseNumber {
    /// The quantity that has this number.
    pub quantity: CauseQuantity,
    /// Its value in the run; null where only the rule has one.
    pub run: Option<Real>,
    /// Its value in the rule; null where only the run has one.
    pub rule: Option<Real>,
}

/// A quantity of a cause that is no setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseQuantity {
    /// The largest norm that a gradient keeps.
    ClippingLimit,
    /// The factor that each gradient is multiplied by.
    GradientFactor,
    /// The number that each gradient is divided by: 1 over the factor.
    GradientDivisor,
    /// The weight with which a new value enters a buffer.
    EntryWeight,
    /// The value that a buffer begins with.
    InitialValue,
    /// The most that a coordinate of w moves in an iteration.
    StepLimit,
    /// The largest norm that a step keeps.
    StepNorm,
    /// The factor that w is multiplied by, beside the step.
    WeightFactor,
    /// The share of the rate by which w decays, beside the step.
    WeightDecay,
    /// The coefficient of a direction in the step of w.
    StepCoefficient,
    /// The run's coefficient over the rule's.
    StepRatio,
    /// The run's values of a setting over those that it states.
    StatedMultiple,
    /// The iterations by which stated values come late; negative where they come early.
    StatedDelay,
    /// The number that is added to each coordinate of w in every iteration.
    AddedConstant,
    /// The step of a tensor over the norm of its parameters.
    TrustRatio,
    /// The share of the way to where the rule leads at which w ends, from 0 to 1.
    Interpolation,
    /// The counter's value in the first update.
    CounterStart,
    /// The counter's largest value.
    CounterLimit,
    /// The t after which the counter is 0 again.
    CounterReset,
    /// The t at which the counter is 1 again.
    CounterRestart,
    /// The beta that the first moment is corrected by, or averages with.
    FirstBeta,
    /// The beta that the second moment is corrected by, or averages with.
    SecondBeta,
}

impl CauseQuantity {
    /// True for a limit that a step or its gradient keeps, and for a decay beside the rule's own lines.
    pub(in crate::diff) fn is_limit(self) -> bool {
        matches!(
            self,
            Self::ClippingLimit | Self::StepNorm | Self::WeightFactor | Self::WeightDecay
        )
    }
}

impl Cause {
    /// A cause that no setting's value belongs to.
    #[must_use]
    pub fn new(kind: CauseKind, run: impl Into<String>, rule: impl Into<String>) -> Self {
        Self {
            kind,
            form: None,
            setting: None,
            run: None,
            rule: None,
            groups: Vec::new(),
            schedule: Vec::new(),
            curve: Vec::new(),
            stated: Vec::new(),
            tensors: Vec::new(),
            group: None,
            iterations: Vec::new(),
            numbers: Vec::new(),
            changes: Vec::new(),
            format: None,
            line: None,
            lines: Vec::new(),
            text: CauseText {
                run: run.into(),
                rule: rule.into(),
            },
        }
    }

    /// The setting and its value, where it is all that is other in all iterations of all tensors.
    pub(in crate::diff) fn one_setting(&self) -> Option<(&str, f64)> {
        let is_one = matches!(
            self.kind,
            CauseKind::Settings | CauseKind::Switch | CauseKind::Eps
        ) && self.form.is_none()
            && self.groups.is_empty()
            && self.schedule.is_empty()
            && self.tensors.is_empty()
            && self.iterations.is_empty()
            && self.numbers.is_empty();
        let value = self.run.filter(|_| is_one)?;
        Some((self.setting.as_deref()?, value.0))
    }

    /// The cause as a difference that others depend on.
    #[must_use]
    pub fn formed(mut self, form: impl Into<Option<CauseForm>>) -> Self {
        self.form = form.into();
        self
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

    /// The cause with a number that is no setting's, on the side of the run and on that of the rule.
    #[must_use]
    pub fn with_number(
        mut self,
        quantity: CauseQuantity,
        run: impl Into<Option<f64>>,
        rule: impl Into<Option<f64>>,
    ) -> Self {
        self.numbers.push(CauseNumber {
            quantity,
            run: run.into().map(Real),
            rule: rule.into().map(Real),
        });
        self
    }

    /// The cause as one of some iterations.
    #[must_use]
    pub fn in_iterations(mut self, iterations: Vec<IterationRange>) -> Self {
        self.iterations = iterations;
        self
    }

    /// The cause with the line of `variable` in the run and in the rule.
    #[must_use]
    pub fn in_line(mut self, variable: &str, run: Vec<LineTerm>, rule: Vec<LineTerm>) -> Self {
        self.line = Some(LineDifference {
            variable: variable.to_owned(),
            run,
            rule,
        });
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
    /// What something else than the optimiser does between iterations.
    Outside,
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
                "gradients that first grow and then shrink, and change their sign, may tell them apart"
            }
            Self::Gradient => "gradients larger than the limit would tell them apart",
            Self::Settings => {
                "a longer run, with gradients of several sizes, would tell them apart"
            }
            Self::Rule => "another loss, with gradients of several sizes, would tell them apart",
            Self::Outside => {
                "a run recorded by a hook would tell them apart: it notes what was changed"
            }
            Self::Precision => "a run logged with all its digits would tell them apart",
        }
    }
}
