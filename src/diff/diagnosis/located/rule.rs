//! A rule in which every setting has a value for each coordinate, and every counter one for each tensor.

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
        let counted = counted.filter(|it| run.fields[it.field].is_per_tensor);
        let counted: Vec<&str> = counted.map(variable_name).collect();
        let params = rule.params.iter().filter(|it| {
            let stated = rows.recorded.get(&it.name);
            let differs = stated.is_some_and(|it| it.differs_between_groups() || it.changes());
            differs || matches!(it.domain, Domain::Interval { .. })
        });
        let params: Vec<_> = params.cloned().collect();
        let names: Vec<&str> = params.iter().map(|it| it.name.as_str()).collect();
        let vectors = rule.with_settings_as_states(&names, &[]).ok()?;
        let vectors = vectors.with_states_as_vectors(&counted).ok()?;
        let compiled = Arc::new(vectors.compile(rows.width()).ok()?);
        let place = |name: &str| compiled.variables.iter().position(|it| it.name == name);
        let columns = |name: &str| {
            let mut noted = pairing.settings.iter().filter(|it| {
                let is_named = subject.compiled.settings[it.1].name == name;
                is_named && !run.fields[it.0].name.starts_with(SETTINGS)
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
            let fits = rows
                .frames
                .iter()
                .all(|it| [0, len].contains(&it.values[field].len()));
            fits.then_some(Pair { field, variable })
        });
        Some(Self {
            pairs: pairs.collect(),
            settings: settings.collect(),
            written: Arc::clone(rule),
            subject: ConfiguredRule {
                settings: kept,
                loss: None,
                noise: None,
                compiled,
                ..subject.clone()
            },
        })
    }

    /// The values of setting `at` in iteration `t`, which leads to the row `to`.
    pub fn stated(&self, at: usize, t: u64, to: &RecordedRow, rows: &LocatedRows) -> Vec<f64> {
        let setting = &self.settings[at];
        let column = setting.column.and_then(|it| to.values[it].first().copied());
        if let Some(value) = column {
            return vec![value; rows.width()];
        }
        let Some(stated) = rows.recorded.get(&setting.name) else {
            return vec![setting.elsewhere; rows.width()];
        };
        let groups = stated.at(t);
        let value = |group: &Option<usize>| {
            let value = group.and_then(|it| groups.get(it)).copied();
            value.filter(|it| !it.is_nan()).unwrap_or(setting.elsewhere)
        };
        rows.groups.iter().map(value).collect()
    }

    /// The variable that setting `at` is.
    pub fn variable(&self, at: usize) -> usize {
        self.settings[at].variable
    }
}
