//! Remarks of a comparison: the reading of the rows, and what cannot be told from them.

use crate::{
    diff::{
        number_format::NumberFormat,
        outside::{OutsideChange, told},
    },
    text::counted,
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// What to do about settings of a header that a rule that was named is not compared with.
const WITHOUT_RULE: &str = "without --against, that is taken, and --set changes it";
/// Names that a remark gives.
const MOST_NAMES: usize = 4;

/// A search for causes that ended at its bound of work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct EndedSearch {
    /// What was looked for.
    pub search: String,
    /// What it goes through: iterations, values.
    pub unit: String,
    /// The number of these that were tried.
    pub tried: usize,
    /// The number of all.
    pub of: usize,
}

impl fmt::Display for EndedSearch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the search for {} ended at its bound of work, so that {} of {} were not tried",
            self.search,
            self.of - self.tried,
            counted(self.of, &self.unit)
        )
    }
}

/// A remark of a comparison; its `Display` is the sentence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Remark {
    /// Rows before the first one with parameters are left out.
    BeginsLater {
        /// The number of rows that are left out.
        rows: usize,
        /// The iteration of the first row with parameters.
        t: u64,
    },
    /// Settings are taken from the rows, iteration by iteration.
    SettingsFromRows {
        /// Their names.
        settings: Vec<String>,
    },
    /// Tensors that two runs have under different names, and that are compared in their order.
    TensorsInOrder {
        /// The names of each in the first run and in the second.
        names: Vec<[String; 2]>,
    },
    /// Settings of which two runs state other values.
    StatedOtherwise {
        /// Each with both values, of each group where groups differ, and the first iteration in which they do.
        settings: Vec<String>,
    },
    /// Settings that the header has and the rule has not, of which nothing is known.
    SettingsUnknown {
        /// Each with its value.
        settings: Vec<String>,
    },
    /// The header states other values of settings than the rule that was named with its settings has.
    HeaderStates {
        /// Each with the header's value.
        settings: Vec<String>,
    },
    /// Matrix products are rounded to a format that is coarser than the numbers.
    ProductsRounded {
        /// The format.
        format: NumberFormat,
    },
    /// The optimiser's class is derived from the one that the rule is.
    Derived {
        /// The class.
        class: String,
    },
    /// The first bases that a decomposition made are those of the run.
    BasesTaken {
        /// The states.
        states: Vec<String>,
    },
    /// A setting is taken group by group.
    SettingByGroup {
        /// The setting.
        setting: String,
        /// The number of tensors in each group.
        tensors: Vec<usize>,
        /// The value of each group, where no iteration changes it.
        values: Option<Vec<String>>,
    },
    /// Tensors that are not stepped in some iterations, where they have no gradient.
    TensorsRest {
        /// Their names.
        tensors: Vec<String>,
    },
    /// Parameters that something else than the optimiser changed between iterations, as the rows say.
    ChangedOutside {
        /// The changes by tensor.
        changes: Vec<OutsideChange>,
    },
    /// The states of the first row are those of an optimiser that had taken steps.
    Resumed,
    /// Rows were logged before each update: the first one, called t = 1, holds the start.
    LoggedBefore,
    /// The gradient of a row is the one at its w, which the next iteration uses.
    GradientAhead,
    /// Rows of which nothing can be told, because they come several iterations after the row before them.
    RowsApart {
        /// The number of them.
        rows: usize,
    },
    /// States that depend on rows before the first one.
    NotRecorded {
        /// Names of the states.
        variables: Vec<String>,
    },
    /// Nothing but counters differs from row to row.
    CountersDiffer {
        /// Names of the counters.
        counters: Vec<String>,
    },
    /// Steps that were not taken: the gradient is not finite, and nothing moved.
    StepsSkipped {
        /// The number of these rows, which are not compared.
        rows: usize,
    },
    /// States that a rule keeps of its past were not recorded: what they were rounded to, and what comes of it, is not known.
    PastRounded {
        /// The states.
        states: Vec<String>,
        /// The deviation that this leaves open.
        most: Real,
    },
    /// Parameters that are not finite: of their lines nothing can be told.
    NotFinite {
        /// The first iteration that leaves one.
        t: u64,
        /// The parameter.
        coordinate: String,
    },
    /// A search for causes ended at its bound of work.
    SearchEnded(EndedSearch),
    /// Nothing could be compared.
    NothingCompared,
    /// In a run of 64-bit floats, some states are 32-bit floats, and rows match to within what that loses.
    StatesRounded {
        /// The fields of these states.
        states: Vec<String>,
    },
    /// Numbers coarser than 64-bit floats match to within their rounding.
    Rounded {
        /// The format that the numbers fit.
        format: NumberFormat,
        /// True if the header does not say so: the run keeps its parameters otherwise than it states.
        is_unstated: bool,
    },
    /// Parameters are kept in a coarse format, but not as the nearest numbers of it to where the rule leads.
    RoundedOtherwise(OtherRounding),
}

/// The first of these names, and how many there are beyond.
pub(super) fn some_of(names: &[String]) -> String {
    let some = names[..names.len().min(MOST_NAMES)].join(", ");
    match names.len().saturating_sub(MOST_NAMES) {
        0 => some,
        more => format!("{some} and {more} more"),
    }
}

/// Parameters in a coarse format that are not the nearest numbers of it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OtherRounding {
    /// The format.
    pub format: NumberFormat,
    /// Numbers that are not the nearest, and all that the rule leads to.
    pub others: (usize, usize),
    /// True if all of them are nearer to 0 than where the rule leads.
    pub is_towards_zero: bool,
}

impl fmt::Display for OtherRounding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (others, all) = self.others;
        let how = if self.is_towards_zero {
            "all of them are rounded towards 0 (truncated)"
        } else {
            "they are rounded up or down by something else (as stochastic rounding does), or more than once"
        };
        write!(
            f,
            "of the {all} numbers of w that the rule leads to, {others} are not the nearest in {} to that: {how}",
            self.format.name()
        )
    }
}

/// That `setting` is taken by groups, with the `values` of each, where no iteration changes them.
fn by_group(setting: &str, tensors: &[usize], values: Option<&[String]>) -> String {
    let Some(values) = values else {
        return format!("{setting} is that of each group and iteration, from the rows");
    };
    let groups = values.iter().zip(tensors).filter(|it| *it.1 > 0);
    let groups =
        groups.map(|(value, tensors)| format!("{value} on {}", counted(*tensors, "tensor")));
    let groups: Vec<String> = groups.collect();
    format!("{setting} is that of each group: {}", groups.join(", "))
}

/// What the rounding of past states does to inner products of them.
fn past_rounded(states: &[String], most: f64) -> String {
    format!(
        "what {} were rounded to was not recorded: errors like {most:.1e} come of it where inner products cancel, so that later rows tell nothing",
        states.join(", ")
    )
}

/// That so many rows come several iterations after the row before them.
fn rows_apart(rows: usize) -> String {
    let which = if rows == 1 {
        "1 row is".to_owned()
    } else {
        format!("{rows} rows are")
    };
    format!(
        "{which} several iterations past the row before: what lies between was not recorded, and nothing is told of it"
    )
}

/// That numbers are those of `format`, which the header may not state.
fn rounded(format: NumberFormat, is_unstated: bool) -> String {
    let name = format.name();
    if is_unstated {
        format!(
            "w is kept in {name}, which the header does not say: each row matches to within the rounding of {name}"
        )
    } else {
        format!("the numbers are those of {name}: each row matches to within its rounding")
    }
}

impl fmt::Display for Remark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BeginsLater { rows, t } => write!(
                f,
                "{} before t = {t} without parameters: left out",
                counted(*rows, "row")
            ),
            Self::StepsSkipped { rows } => write!(
                f,
                "{} skipped, as gradient scalers do: the gradient is not finite, and nothing moved",
                counted(*rows, "step")
            ),
            Self::TensorsInOrder { names } => f.write_str(&in_order(names)),
            Self::StatedOtherwise { settings } => {
                write!(f, "the runs state other settings: {}", settings.join("; "))
            }
            Self::SettingsFromRows { settings } => write!(
                f,
                "{} of each iteration is taken from the rows",
                settings.join(", ")
            ),
            Self::SettingsUnknown { settings } => write!(
                f,
                "the header has {}, which the rule does not have: passed over",
                settings.join(", ")
            ),
            Self::HeaderStates { settings } => {
                let settings = settings.join(", ");
                write!(f, "the header states {settings}: {WITHOUT_RULE}")
            }
            Self::ProductsRounded { format } => write!(
                f,
                "matrix products are taken to be rounded to {}, as the header says",
                format.name()
            ),
            Self::Derived { class } => write!(
                f,
                "the optimiser is {class}, whose class is derived from what it is held against"
            ),
            Self::BasesTaken { states } => write!(
                f,
                "the first {} are taken as the run has them: a decomposition leaves signs open, and more where eigenvalues agree",
                states.join(", ")
            ),
            Self::SettingByGroup {
                setting,
                tensors,
                values,
            } => f.write_str(&by_group(setting, tensors, values.as_deref())),
            Self::TensorsRest { tensors } => write!(
                f,
                "{} not stepped in some iterations, without a gradient: states stay, and each tensor counts its own steps",
                some_of(tensors)
            ),
            Self::ChangedOutside { changes } => write!(
                f,
                "weights were changed between iterations, not by the optimiser, and each iteration is judged from where it began: {}",
                told(changes)
            ),
            Self::Resumed => f.write_str(
                "the optimiser had taken steps before the first row: it begins with the states of that row",
            ),
            Self::LoggedBefore => f.write_str(
                "read as logged before each update: row t = 1 holds the start, so that t counts from 0",
            ),
            Self::GradientAhead => f.write_str(
                "the gradient of a row is read as the one at its w, which the next iteration uses",
            ),
            Self::RowsApart { rows } => f.write_str(&rows_apart(*rows)),
            Self::NotRecorded { variables } => write!(
                f,
                "{} was not recorded and the rows do not begin at its start: what depends on it cannot be judged",
                variables.join(", ")
            ),
            Self::PastRounded { states, most } => f.write_str(&past_rounded(states, most.0)),
            Self::RoundedOtherwise(it) => it.fmt(f),
            Self::CountersDiffer { counters } => write!(
                f,
                "from row to row nothing differs but {}, which counts: no step shows it",
                counters.join(", ")
            ),
            Self::NotFinite { t, coordinate } => write!(
                f,
                "w is not finite from t = {t} on, first {coordinate}: what is not finite is no sign of any rule"
            ),
            Self::SearchEnded(search) => search.fmt(f),
            Self::NothingCompared => f.write_str(
                "log every iteration from t = 0 with its gradient and buffers, or name the loss (--loss)",
            ),
            Self::StatesRounded { states } => write!(
                f,
                "the numbers of {} are those of float32: each row matches to within their rounding",
                states.join(", ")
            ),
            Self::Rounded {
                format,
                is_unstated,
            } => f.write_str(&rounded(*format, *is_unstated)),
        }
    }
}

/// How tensors with other names are compared, with the first of them.
fn in_order(names: &[[String; 2]]) -> String {
    const MOST: usize = 2;
    let shown = names.iter().take(MOST);
    let shown: Vec<String> = shown.map(|[a, b]| format!("{a} with {b}")).collect();
    let more = match names.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let how = "no tensor has the same name in both, and they are compared in their order";
    format!("{how}: {}{more}", shown.join(", "))
}
