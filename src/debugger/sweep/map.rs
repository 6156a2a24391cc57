//! A finished map: a value for each run, and how good it is among the others.

use super::{Axis, MOST_RUNS, Measure, SweepPlan};
use crate::{
    analysis::claim::{self, Doubt},
    debugger::tolerance::LossTolerance,
    rule,
    value::Real,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt::Write;

/// Grades of a value, the best being 0.
pub const LEVELS: usize = 9;

/// The slowest rate that is told from slower ones.
const SLOW: f64 = 0.999;

/// The outcome of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    /// With this measure; less is better.
    Value(f64),
    /// Not reached within the iterations of the run.
    Never,
    /// Divergence: the spectral radius is above 1 where the rule is linear; elsewhere it got beyond a
    /// million times its start, or out of the numbers. Where the radius is what is measured, it is a value.
    Diverged,
    /// There is no such number, or it is not known.
    Unknown,
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Value(value) => serializer.serialize_f64(*value),
            Self::Never => serializer.serialize_str("never"),
            Self::Diverged => serializer.serialize_str("diverged"),
            Self::Unknown => serializer.serialize_str("unknown"),
        }
    }
}

impl JsonSchema for Outcome {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Outcome".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The measure of a run, or how it ended without one.",
            "anyOf": [
                {"type": "number"},
                {"type": "string", "enum": ["never", "diverged", "unknown"]}
            ]
        })
    }
}

fn above<S: Serializer>(tolerance: &LossTolerance, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(tolerance.above)
}

fn settings<S: Serializer>(shared: &[(String, f64)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(shared.iter().map(|(name, value)| (name, Real(*value))))
}

/// The distance above the floor; whoever reads a map knows the floor from elsewhere.
fn read_above<'a, D: Deserializer<'a>>(deserializer: D) -> Result<LossTolerance, D::Error> {
    let above = f64::deserialize(deserializer)?;
    Ok(LossTolerance { above, floor: 0.0 })
}

/// The outcomes stand elsewhere.
fn no_cells<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Vec<Outcome>, D::Error> {
    de::IgnoredAny::deserialize(deserializer)?;
    Ok(Vec::new())
}

fn read_settings<'a, D: Deserializer<'a>>(deserializer: D) -> Result<Vec<(String, f64)>, D::Error> {
    let map = serde_json::Map::deserialize(deserializer)?;
    let pairs = map.into_iter().map(|(name, value)| {
        let Real(value) = serde_json::from_value(value).map_err(de::Error::custom)?;
        Ok((name, value))
    });
    pairs.collect()
}

/// A run whose claim to have settled is doubted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DoubtedRun {
    /// The index among the cells, from 0.
    pub cell: usize,
    /// The doubt.
    pub why: Doubt,
}

/// The ends of all runs of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Map {
    /// The name of the runs, for headings.
    pub title: String,
    /// The measure that was taken.
    pub measure: Measure,
    /// Iterations of each run.
    pub steps: u64,
    /// The loss that counted as converged.
    #[serde(serialize_with = "above", deserialize_with = "read_above")]
    #[schemars(with = "f64")]
    pub tolerance: LossTolerance,
    /// Across, and up if there are two.
    pub axes: Vec<Axis>,
    /// Outcomes row by row, the lowest value of the second axis first.
    #[serde(deserialize_with = "no_cells")]
    pub cells: Vec<Outcome>,
    /// The runs that are at or below the tolerance where it is unknown whether they have settled.
    pub doubts: Vec<DoubtedRun>,
    /// True if that was looked at: not where an iteration keeps more than 64 numbers.
    pub judged: bool,
    /// The rule, as `lane add` takes it.
    rule: String,
    /// The settings that all runs share.
    #[serde(serialize_with = "settings", deserialize_with = "read_settings")]
    #[schemars(with = "std::collections::BTreeMap<String, Real>")]
    shared: Vec<(String, f64)>,
    /// The best and the worst value.
    #[serde(skip)]
    span: Option<[f64; 2]>,
}

impl Map {
    pub(super) fn new(plan: SweepPlan, cells: Vec<Outcome>, doubts: Vec<DoubtedRun>) -> Self {
        let judged = plan.is_judged();
        let source = &plan.compiled.rule.source;
        let name = &plan.compiled.rule.name;
        let is_embedded = rule::embedded(name).is_some_and(|it| it.text == source.text);
        let shared = plan
            .compiled
            .settings
            .iter()
            .zip(&plan.settings)
            .enumerate();
        let shared = shared.filter(|(at, _)| plan.axes.iter().all(|axis| axis.setting != *at));
        Self {
            rule: if is_embedded { name } else { &source.name }.clone(),
            shared: shared
                .map(|(_, (setting, value))| (setting.name.clone(), *value))
                .collect(),
            title: plan.title,
            measure: plan.measure,
            steps: plan.steps,
            tolerance: plan.tolerance,
            axes: plan.axes,
            cells: Vec::new(),
            doubts: Vec::new(),
            judged,
            span: None,
        }
        .filled(cells, doubts)
    }

    /// The map with these outcomes.
    pub(super) fn filled(self, cells: Vec<Outcome>, doubts: Vec<DoubtedRun>) -> Self {
        let mut span: Option<[f64; 2]> = None;
        for cell in &cells {
            if let Outcome::Value(value) = cell
                && !self.diverges(*cell)
            {
                let [low, high] = span.unwrap_or([*value; 2]);
                span = Some([low.min(*value), high.max(*value)]);
            }
        }
        Self {
            cells,
            doubts,
            span,
            ..self
        }
    }

    /// Columns and rows of the map.
    #[must_use]
    pub fn size(&self) -> (usize, usize) {
        let rows = self.axes.get(1).map_or(1, |axis| axis.values.len());
        (self.axes[0].values.len(), rows)
    }

    /// The number of runs, unless there are more than can be.
    pub(super) fn runs(&self) -> Option<usize> {
        let mut axes = self.axes.iter();
        let runs = axes.try_fold(1_usize, |runs, axis| runs.checked_mul(axis.values.len()))?;
        (1..=MOST_RUNS).contains(&runs).then_some(runs)
    }

    /// The outcome in `column` and `row`, counted from the lowest values.
    #[must_use]
    pub fn at(&self, column: usize, row: usize) -> Outcome {
        self.cells[row * self.size().0 + column]
    }

    /// The doubt that the run in `column` and `row` has settled, if there is one.
    #[must_use]
    pub fn doubt(&self, column: usize, row: usize) -> Option<Doubt> {
        let cell = row * self.size().0 + column;
        let doubted = self.doubts.binary_search_by_key(&cell, |it| it.cell);
        doubted.ok().map(|at| self.doubts[at].why)
    }

    /// The best run's column and row, if one has a value.
    #[must_use]
    pub fn best(&self) -> Option<(usize, usize)> {
        let value = |at: &usize| match self.cells[*at] {
            Outcome::Value(value) if !self.diverges(self.cells[*at]) => Some(value),
            _ => None,
        };
        let known = (0..self.cells.len()).filter(|at| value(at).is_some());
        let best = known.min_by(|a, b| {
            let (a, b) = (value(a).unwrap_or(f64::NAN), value(b).unwrap_or(f64::NAN));
            a.total_cmp(&b)
        })?;
        let columns = self.size().0;
        Some((best % columns, best / columns))
    }

    /// The grade of a value among all: 0 is the best. Grades of iterations are even by their logarithms,
    /// those of rates by the iterations that a rate takes.
    #[must_use]
    pub fn level(&self, value: f64) -> usize {
        let Some(span) = self.span else { return 0 };
        let [low, high, value] = [span[0], span[1], value].map(|it| self.height(it));
        if high <= low {
            return 0;
        }
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let levels = LEVELS as f64;
        let level = (value - low) / (high - low) * levels;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped first"
        )]
        let level = level.clamp(0.0, levels - 1.0) as usize;
        level
    }

    /// The worst value of a grade.
    #[must_use]
    pub fn limit(&self, level: usize) -> Option<f64> {
        let [low, high] = self.span?.map(|it| self.height(it));
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let share = (level + 1) as f64 / LEVELS as f64;
        let height = low + share * (high - low);
        Some(match self.measure {
            Measure::Iterations => libm::exp(height),
            Measure::Rate | Measure::Radius => libm::exp(-libm::exp(-height)),
        })
    }

    /// A value on the scale on which grades are even: rates slower than 0.999 are all alike.
    fn height(&self, value: f64) -> f64 {
        match self.measure {
            Measure::Iterations => libm::log(value.max(1.0)),
            // The logarithm of the iterations that gain a factor e.
            Measure::Rate | Measure::Radius => -libm::log(-libm::log(value.clamp(1e-12, SLOW))),
        }
    }

    /// True for a run that grows for good, whether its measure is known or not.
    #[must_use]
    pub fn diverges(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Value(value) => self.measure == Measure::Radius && claim::grows(value),
            it => it == Outcome::Diverged,
        }
    }

    /// The rule that was run, by its name or its file.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// The settings of the run in `column` and `row`, those of the axes first.
    #[must_use]
    pub fn settings(&self, column: usize, row: usize) -> Vec<(&str, f64)> {
        let own = self.axes.iter().zip([column, row]);
        let own = own.map(|(axis, at)| (axis.name.as_str(), axis.values[at]));
        let shared = self
            .shared
            .iter()
            .map(|(name, value)| (name.as_str(), *value));
        own.chain(shared).collect()
    }

    /// The map as CSV: a row for each run, with the axes' values and its own; how it ended where it has none.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut text = self.csv_names();
        self.write_csv(&mut text, 0);
        text
    }

    /// The line of names.
    pub(super) fn csv_names(&self) -> String {
        let names: Vec<&str> = self.axes.iter().map(|axis| axis.name.as_str()).collect();
        format!("{},{},outcome\n", names.join(","), self.measure.name())
    }

    /// The axes' values of a run, with a comma behind each.
    pub(super) fn csv_place(&self, cell: usize) -> String {
        let columns = self.size().0;
        let mut text = String::new();
        for (axis, at) in self.axes.iter().zip([cell % columns, cell / columns]) {
            let _ = write!(text, "{:?},", axis.values[at]);
        }
        text
    }

    /// A line for each run; the outcomes are those of the runs from `first` on.
    pub(super) fn write_csv(&self, text: &mut String, first: usize) {
        let mut doubted = self.doubts.iter().peekable();
        for (cell, outcome) in (first..).zip(&self.cells) {
            *text += &self.csv_place(cell);
            let is_doubted = doubted.next_if(|it| it.cell == cell).is_some();
            let end = match is_doubted {
                _ if self.diverges(*outcome) => DIVERGED,
                true => DOUBTED,
                false => REACHED,
            };
            let _ = match outcome {
                Outcome::Value(value) if self.measure == Measure::Iterations => {
                    writeln!(text, "{value:.0},{end}")
                }
                Outcome::Value(value) => writeln!(text, "{value:?},{end}"),
                Outcome::Never => writeln!(text, ",never"),
                Outcome::Diverged => writeln!(text, ",{DIVERGED}"),
                Outcome::Unknown => writeln!(text, ",unknown"),
            };
        }
    }
}

/// Ends of runs that have a value.
const REACHED: &str = "reached";
const DOUBTED: &str = "doubted";
/// And of runs that grow for good, with or without one.
const DIVERGED: &str = "diverged";

impl Outcome {
    /// Reads what a line of CSV has behind the axes' values.
    pub(super) fn of_csv(text: &str) -> Option<Self> {
        let (value, end) = text.split_once(',')?;
        match (value, end) {
            ("", "never") => Some(Self::Never),
            ("", DIVERGED) => Some(Self::Diverged),
            ("", "unknown") => Some(Self::Unknown),
            (_, REACHED | DOUBTED | DIVERGED) => {
                let value = value.parse().ok().filter(|it: &f64| it.is_finite())?;
                Some(Self::Value(value))
            }
            _ => None,
        }
    }
}
