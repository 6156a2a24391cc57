//! A rule with the settings that a run states: by group of parameters, and by iteration.

use super::{
    configured_rule::ConfiguredRule, report::Remark, rule_pattern::RATES, stepper::Stepper,
};
use crate::{
    error::{Error, ErrorCode, Result},
    format::exact,
    rule::Rule,
    runs::{RecordedSetting, RecordedSettings, Run},
};
use std::sync::Arc;

/// A rule of which some settings are states that no line assigns: those that differ between groups as vectors.
#[derive(Clone)]
pub struct RuleByGroup {
    /// The rule.
    pub subject: ConfiguredRule,
    recorded: Arc<RecordedSettings>,
    /// The settings that are states.
    stated: Vec<StatedSetting>,
}

/// A setting that is a state.
#[derive(Debug, Clone)]
struct StatedSetting {
    name: String,
    variable: usize,
    /// True if groups have values of their own.
    is_by_group: bool,
    /// The value where no group has one.
    elsewhere: f64,
}

impl RuleByGroup {
    /// The rule of `subject` with the settings that `run` states group by group; `None` where one value holds for all.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn new(run: &mut Run, subject: &ConfiguredRule) -> Result<Option<Self>> {
        if !subject.is_as_recorded {
            return Ok(None);
        }
        let by_group = Self::build(run.settings()?, subject, &[], false)?;
        Ok((!by_group.stated.is_empty()).then_some(by_group))
    }

    /// The rule of `subject` with all settings that `run` states or that its rows have under the names `columns`; of a run
    /// that is followed, with its rate in any case.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn along(run: &mut Run, subject: &ConfiguredRule, columns: &[&str]) -> Result<Self> {
        let recorded = if subject.is_as_recorded {
            run.settings()?
        } else {
            Arc::default()
        };
        // Of a run that is still written nobody knows whether its rate will change.
        let open = RATES.iter().copied();
        let open = open.filter(|it| run.is_followed() && recorded.get(it).is_some());
        let columns: Vec<&str> = columns.iter().copied().chain(open).collect();
        Self::build(recorded, subject, &columns, true)
    }

    fn build(
        recorded: Arc<RecordedSettings>,
        subject: &ConfiguredRule,
        columns: &[&str],
        with_changes: bool,
    ) -> Result<Self> {
        refuse_what_none_can_be(&recorded, &subject.compiled.rule)?;
        let own = subject.compiled.settings.iter().zip(&subject.settings);
        let names = own.clone().map(|(it, _)| it.name.as_str());
        let of = |name: &&str, has: &dyn Fn(&RecordedSetting) -> bool| {
            recorded.get(name).is_some_and(has)
        };
        let differs = |it: &RecordedSetting| it.differs_between_groups();
        let is_open = |it: &&str| columns.contains(it) && of(it, &|it| it.at(0).len() > 1);
        let vectors = names.clone().filter(|it| of(it, &differs) || is_open(it));
        let vectors: Vec<&str> = vectors.collect();
        let numbers = names.filter(|name| {
            let changes = of(name, &|it| it.changes());
            with_changes && !vectors.contains(name) && (changes || columns.contains(name))
        });
        let numbers: Vec<&str> = numbers.collect();
        let rule = &subject.compiled.rule;
        let rule = rule.with_settings_as_states(&vectors, &numbers)?;
        let compiled = Arc::new(rule.compile(subject.compiled.dimension())?);
        let stays = |name: &str| compiled.setting(name).is_some();
        let settings = own.clone().filter(|(it, _)| stays(&it.name));
        let settings = settings.map(|(_, value)| *value).collect();
        let stated = own.filter(|(it, _)| !stays(&it.name));
        let stated = stated.filter_map(|(it, value)| {
            let mut variables = compiled.variables.iter();
            let variable = variables.position(|at| at.name == it.name)?;
            Some(StatedSetting {
                name: it.name.clone(),
                variable,
                is_by_group: vectors.contains(&it.name.as_str()),
                elsewhere: *value,
            })
        });
        Ok(Self {
            stated: stated.collect(),
            recorded,
            subject: ConfiguredRule {
                compiled: Arc::clone(&compiled),
                settings,
                ..subject.clone()
            },
        })
    }

    /// Takes in the settings of rows that `run` has got since.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn go_on(&mut self, run: &mut Run) -> Result<()> {
        if self.subject.is_as_recorded {
            self.recorded = run.settings()?;
        }
        Ok(())
    }

    /// The values of the settings that are states in iteration `t`, with their variables.
    pub fn settings_of(&self, t: u64) -> impl Iterator<Item = (usize, Vec<f64>)> + '_ {
        self.stated.iter().map(move |stated| {
            let len = self.subject.compiled.variables[stated.variable].range.len();
            let mut values = vec![stated.elsewhere; len];
            if let Some(setting) = self.recorded.get(&stated.name) {
                let groups = setting.at(t);
                if stated.is_by_group {
                    self.recorded.spread(groups, &mut values);
                } else if let Some(value) = groups.first() {
                    values.fill(*value);
                }
            }
            (stated.variable, values)
        })
    }

    /// Gives `stepper`, which leads this rule, the settings of iteration `t`.
    pub fn hold(&self, stepper: &mut Stepper, t: u64) {
        for (variable, values) in self.settings_of(t) {
            stepper.hold(variable, values);
        }
    }

    /// Remarks on the settings that are taken group by group.
    pub fn remarks(&self) -> impl Iterator<Item = Remark> + '_ {
        self.stated.iter().filter_map(|stated| {
            let setting = self.recorded.get(&stated.name)?;
            let sizes = self.recorded.tensors().iter().map(Vec::len);
            let values = (!setting.changes()).then(|| setting.at(0).iter().map(|it| exact(*it)));
            Some(Remark::SettingByGroup {
                setting: stated.name.clone(),
                tensors: sizes.collect(),
                values: values.map(Iterator::collect),
            })
        })
    }
}

/// An error for a recorded value of one of the rule's settings that is none of a few, or no whole number where it counts.
fn refuse_what_none_can_be(recorded: &RecordedSettings, rule: &Rule) -> Result<()> {
    for param in rule.declared().filter(|it| !it.domain.is_continuous()) {
        let stated = recorded.get(param.name);
        let bad = stated
            .and_then(|it| it.first(|value| !value.is_nan() && !param.domain.contains(value)));
        if let Some((t, value)) = bad {
            let (name, doc, domain) = (param.name, param.doc, param.domain);
            let message = format!(
                "the run states {name}={} from t = {t} on, which {} cannot have",
                exact(value),
                rule.name
            );
            let error = Error::plain(ErrorCode::InvalidValue, message);
            return Err(error.help(format!("its {name} ({doc}) lies in {domain}; correct the file, or hold the run against a rule that has such a {name}: --against FILE")));
        }
    }
    Ok(())
}
