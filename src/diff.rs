//! Comparison of a recorded run with a rule or another run: the first difference, and its cause.
//!
//! ```text
//! configured_rule  a rule with its settings, and its loss where that is known
//! by_group         the rule with settings of each group of parameters
//! infer            the rule of a run that names none
//! led              the rule's lines under the debugger, on what was recorded
//! recorded_part    what cannot be checked where norms or some elements were recorded
//! pairing          fields of the run -> variables of the rule
//! row_alignment    the iteration that used the gradient of a row
//! stepper          the rule led along the run, on its own steps or from row to row (replay)
//! against          the first difference of each field
//! shared_tensors   the tensors that two runs have in common
//! spread           the rows and tensors in which each field differs
//! two              the same for two runs
//! outside          what something else than the optimiser changed between two iterations
//! rule_pattern     the parts of a rule that people get wrong
//! identify         the lines of the run's own rule, solved for from what was recorded
//! diagnosis        which variant of the rule the run follows instead
//! finding          what was found, as data
//! report           all of it in words, or as JSON
//! ```
//! Two questions are asked. *Free*: rule and run begin at the same place; where do they part? *Replay*: from
//! what the run recorded at one row, does the rule lead to the next? The first shows what a user sees, the
//! second separates a wrong rule from rounding that has grown.

mod against;
mod by_group;
mod configured_rule;
mod diagnosis;
mod difference;
mod examine;
mod finding;
mod identify;
mod infer;
mod led;
mod number_format;
mod other_settings;
mod outside;
mod pairing;
mod put_back;
mod recorded_gradients;
mod recorded_part;
mod report;
mod row_alignment;
mod rule_pattern;
mod shared_tensors;
mod spread;
mod stepper;
mod two;

pub use configured_rule::ConfiguredRule;
pub use difference::{Difference, Tolerance};
pub use examine::{Question, examine, header_remarks};
pub use finding::{
    Ambiguity, Cause, CauseKind, CauseNumber, CauseQuantity, CauseText, CurvePoint, CurveSegment,
    CurveShape, Diagnosis, DivisorShape, EpsScaling, ExplainedVariant, FirstNonFinite,
    IterationRange, LineDifference, LineDivisor, LineTerm, OpenLine, TensorGroup,
};
pub use infer::{InferredRule, infer};
pub use led::led_lane;
pub use number_format::NumberFormat;
pub use outside::{ChangePattern, ChangePlace, OutsideChange};
pub use report::{
    Against, DiffLine, EndedSearch, OtherRounding, Remark, Report, ReportMode, RuleOn,
    SettingValues, schema,
};
pub use row_alignment::GradientTiming;
pub use shared_tensors::named_otherwise;
pub use spread::FieldSpread;
pub use stepper::Mode;
pub use two::{compare as compare_runs, stated_otherwise};
