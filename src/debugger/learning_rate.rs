//! The learning rate in force, wherever a rule keeps it.

use super::machine::Machine;
use std::borrow::Cow;

/// Names of learning rates.
const NAMES: [&str; 3] = ["lr", "learning_rate", "eta"];

/// The learning rate that a lane goes by.
pub struct LearningRate<'a> {
    /// The name in the rule.
    pub name: &'static str,
    /// One number for all parameters, or one for each; NaN before the line that computes it has run.
    pub values: Cow<'a, [f64]>,
    /// True if it is a setting; else a schedule, or what was recorded of each iteration.
    pub is_setting: bool,
}

impl<'a> LearningRate<'a> {
    /// That of the rule of `machine`; none where nothing goes by such a name.
    #[must_use]
    pub fn of(machine: &'a Machine) -> Option<Self> {
        let compiled = machine.compiled();
        NAMES.into_iter().find_map(|name| {
            let setting = compiled.settings.iter().position(|it| it.name == name);
            let setting = setting.map(|at| Cow::Owned(vec![machine.setting(at)]));
            let variable = || Some(Cow::Borrowed(machine.value(compiled.variable(name)?)));
            let is_setting = setting.is_some();
            let values = setting.or_else(variable)?;
            Some(Self {
                name,
                values,
                is_setting,
            })
        })
    }

    /// The smallest and the largest of those that are known.
    #[must_use]
    pub fn range(&self) -> Option<(f64, f64)> {
        let known = self.values.iter().copied().filter(|it| it.is_finite());
        known.fold(None, |range, it| {
            let (low, high) = range.unwrap_or((it, it));
            Some((low.min(it), high.max(it)))
        })
    }
}
