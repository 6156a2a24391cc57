//! A rule in which settings have a value for each coordinate, and counters one for each tensor.

use super::rows::LocatedRows;
use crate::{
    diff::{
        configured_rule::ConfiguredRule,
        pairing::{Pair, Pairing},
        stepper::RecordedRow,
    },
    rule::{Domain, Rule},
    runs::{FieldMeaning, Run, SETTINGS},
};
use std::sync::Arc;

/// A rule whose settings are vectors with the values that the run states.
pub(super) struct LocatedRule {
    pub subject: ConfiguredRule,
    pub pairs: Vec<Pair>,
    pub settings: Vec<VectorSetting>,
    /// The rule as it is written.
    pub written: Arc<Rule>,
    /// What it was made of: its settings are those of the rule as it is written.
    configured: ConfiguredRule,
}

/// Which settings and counters are vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Vectors {
    /// All of them: any may differ.
    All,
    /// Those whose values differ; others are numbers, which takes less time where there are many coordinates.
    Needed,
}

/// A setting that is a vector.
#[derive(Debug, Clone)]
pub(super) struct VectorSetting {
    pub name: String,
    pub domain: Domain,
    variable: usize,
    /// The value where the run states none.
    elsewhere: f64,
    /// A column that has the value in each row.
    column: Option<usize>,
}

impl LocatedRule {
    /// `rule` as a variant of that of `subject`, whose fields are paired by `pairing`; `None` where it cannot be.
    pub fn new(
        rule: &Arc<Rule>,
        subject: &ConfiguredRule,
        pairing: &Pairing,
        run: &Run,
        rows: &LocatedRows,
    ) -> Option<Self> {
        Self::build(
            rule,
            subject,
            pairing,
            run,
            (rows, &rows.frames),
            Vectors::All,
        )
    }

    /// The same rule for the coordinates of `rows`, which are some of those that it has.
    pub fn within(&self, pairing: &Pairing, run: &Run, rows: &LocatedRows) -> Option<Self> {
        Self::new(&self.written, &self.configured, pairing, run, rows)
    }

    /// The same rule for the coordinates of `rows`; `frames` are rows that tell which counters differ between tensors.
    pub fn over(
        &self,
        pairing: &Pairing,
        run: &Run,
        rows: &LocatedRows,
        frames: &[RecordedRow],
    ) -> Option<Self> {
        let (rule, subject) = (&self.written, &self.configured);
        Self::build(rule, subject, pairing, run, (rows, frames), Vectors::Needed)
    }

    fn build(
        rule: &Arc<Rule>,
        subject: &ConfiguredRule,
        pairing: &Pairing,
        run: &Run,
        (rows, frames): (&LocatedRows, &[RecordedRow]),
        vectors: Vectors,
    ) -> Option<Self> {
        let differs = |field: usize| {
            vectors == Vectors::All
                || frames.iter().any(|it| {
                    let values = &it.values[field];
                    let first = values.first().map(|it| it.to_bits());
                    values.iter().any(|it| Some(it.to_bits()) != first)
                })
        };
        let own = |name: &str| {
            let at = subject
                .compiled
                .settings
                .iter()
                .position(|it| it.name == name)?;
            subject.settings.get(at).copied()
        };
        let variable_name = |pair: &Pair| subject.compiled.variables[pair.variable].name.as_str();
        let counted = pairing.pairs.iter();
        let counted = counted.filter(|it| run.fields[it.field].is_per_tensor && differs(it.field));
        let counted: Vec<&str> = counted.map(variable_name).collect();
        let params = rule.params.iter().filter(|it| {
            let stated = rows.recorded.get(&it.name);
            let differs = stated.is_some_and(|it| it.differs_between_groups() || it.changes());
            differs || matches!(it.domain, Domain::Interval { .. })
        });
        let params: Vec<_> = params.cloned().collect();
        let names = params.iter().map(|it| it.name.as_str());
        let (vectors, numbers): (Vec<&str>, Vec<&str>) = names.partition(|name| {
            let stated = rows.recorded.get(name);
            vectors == Vectors::All
                || stated
                    .is_some_and(|it| it.differs_between_groups() || rows.groups.contains(&None))
        });
        let led = rule.with_settings_as_states(&vectors, &numbers).ok()?;
        let led = led.with_states_as_vectors(&counted).ok()?;
        let led = match rows.whole_tensors(run) {
            Some(tensors) => led.over(&tensors),
            None => led,
        };
        let compiled = Arc::new(led.compile(rows.width()).ok()?);
        let place = |name: &str| compiled.variables.iter().position(|it| it.name == name);
        let columns = |name: &str| {
            let mut noted = pairing.settings.iter().filter(|it| {
                let is_named = subject.compiled.settings[it.1].name == name;
                // Of groups, what is recorded tells more.
                let is_of_groups = rows.recorded.get(name).is_some();
                is_named && !(is_of_groups && run.fields[it.0].name.starts_with(SETTINGS))
            });
            noted.next().map(|it| it.0)
        };
        let settings = params
            .iter()
            .filter(|it| compiled.setting(&it.name).is_none());
        let settings = settings.filter_map(|it| {
            Some(VectorSetting {
                variable: place(&it.name)?,
                elsewhere: own(&it.name).unwrap_or(it.default),
                column: columns(&it.name),
                name: it.name.clone(),
                domain: it.domain.clone(),
            })
        });
        let kept = compiled.settings.iter();
        let kept = kept.map(|it| own(&it.name).unwrap_or(it.default)).collect();
        // What was recorded as the gradient goes in: it is no news.
        let gradient = run.meaning(FieldMeaning::Gradient);
        let compared = pairing.pairs.iter().filter(|it| Some(it.field) != gradient);
        let pairs = compared.filter_map(|pair| {
            let variable = place(variable_name(pair))?;
            let field = pair.field;
            let len = compiled.variables[variable].range.len();
            let is_one = len == 1 && run.fields[field].is_per_tensor;
            let mut known = rows.frames.iter();
            let fits = is_one || known.all(|it| [0, len].contains(&it.values[field].len()));
            fits.then_some(Pair { field, variable })
        });
        Some(Self {
            pairs: pairs.collect(),
            settings: settings.collect(),
            written: Arc::clone(rule),
            configured: subject.clone(),
            subject: ConfiguredRule {
                settings: kept,
                loss: None,
                noise: None,
                compiled,
                ..subject.clone()
            },
        })
    }

    /// The values of setting `at` in iteration `t`, which leads to the row `to`: for each coordinate, or one for all.
    pub fn stated(&self, at: usize, t: u64, to: &RecordedRow, rows: &LocatedRows) -> Vec<f64> {
        let setting = &self.settings[at];
        let width = self.subject.compiled.variables[setting.variable]
            .range
            .len();
        let row = if to.t == t {
            Some(to)
        } else {
            rows.frames.iter().find(|it| it.t == t)
        };
        if let Some(column) = setting.column {
            let value = row.and_then(|it| it.values[column].first().copied());
            // Of another iteration that has none, nothing is stated.
            if let Some(value) = value.or((to.t != t).then_some(f64::NAN)) {
                return vec![value; width];
            }
        }
        let Some(stated) = rows.recorded.get(&setting.name) else {
            return vec![setting.elsewhere; width];
        };
        let groups = stated.at(t);
        let value = |group: &Option<usize>| {
            let value = group.and_then(|it| groups.get(it)).copied();
            value.filter(|it| !it.is_nan()).unwrap_or(setting.elsewhere)
        };
        rows.groups.iter().take(width).map(value).collect()
    }

    /// The variable that setting `at` is.
    pub fn variable(&self, at: usize) -> usize {
        self.settings[at].variable
    }
}
