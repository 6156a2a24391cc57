//! A rule whose settings differ between groups of parameters, as the run states them.

use super::{configured_rule::ConfiguredRule, report::Remark, stepper::Stepper};
use crate::{
    error::Result,
    format::exact,
    runs::{RecordedSetting, RecordedSettings, Run},
};
use std::sync::Arc;

/// A rule with the settings that differ between groups as vectors.
#[derive(Clone)]
pub struct RuleByGroup {
    /// The rule, in which these settings are states that no line assigns.
    pub subject: ConfiguredRule,
    recorded: Arc<RecordedSettings>,
    /// The variables of these settings, and their values where no group has one.
    vectors: Vec<VectorSetting>,
}

#[derive(Debug, Clone)]
struct VectorSetting {
    name: String,
    variable: usize,
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
        let recorded = RecordedSettings::of(run)?;
        let differs = |name: &str| {
            let setting = recorded.get(name);
            setting.is_some_and(RecordedSetting::differs_between_groups)
        };
        let own = subject.compiled.settings.iter().zip(&subject.settings);
        let names: Vec<&str> = own
            .clone()
            .map(|(it, _)| it.name.as_str())
            .filter(|name| differs(name))
            .collect();
        if names.is_empty() {
            return Ok(None);
        }
        let rule = subject.compiled.rule.with_vector_settings(&names)?;
        let compiled = Arc::new(rule.compile(subject.compiled.dimension())?);
        let stays = |name: &str| compiled.setting(name).is_some();
        let settings = own.clone().filter(|(it, _)| stays(&it.name));
        let settings = settings.map(|(_, value)| *value).collect();
        let vectors = own.filter_map(|(it, value)| {
            let variable = compiled
                .variables
                .iter()
                .position(|at| at.name == it.name)?;
            Some(VectorSetting {
                name: it.name.clone(),
                variable,
                elsewhere: *value,
            })
        });
        Ok(Some(Self {
            vectors: vectors.collect(),
            recorded: Arc::new(recorded),
            subject: ConfiguredRule {
                compiled: Arc::clone(&compiled),
                settings,
                ..subject.clone()
            },
        }))
    }

    /// Gives `stepper`, which leads this rule, the settings of iteration `t`.
    pub fn hold(&self, stepper: &mut Stepper, t: u64) {
        let n = self.subject.compiled.dimension();
        for vector in &self.vectors {
            let Some(setting) = self.recorded.get(&vector.name) else {
                continue;
            };
            let mut values = vec![vector.elsewhere; n];
            self.recorded.spread(setting.at(t), &mut values);
            stepper.hold(vector.variable, values);
        }
    }

    /// Remarks on the settings that are taken group by group.
    pub fn remarks(&self) -> impl Iterator<Item = Remark> + '_ {
        self.vectors.iter().filter_map(|vector| {
            let setting = self.recorded.get(&vector.name)?;
            let sizes = self.recorded.tensors().iter().map(Vec::len);
            let changes = setting.changes();
            Some(Remark::SettingByGroup {
                setting: vector.name.clone(),
                tensors: sizes.collect(),
                values: (!changes).then(|| setting.at(0).iter().map(|it| exact(*it)).collect()),
            })
        })
    }
}
