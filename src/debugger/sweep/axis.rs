//! The values that a setting takes: `eta=1e-4..1:log:60`.

use crate::{
    error::{Error, ErrorCode, Result},
    rule::{Compiled, Domain},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A setting and the values that it takes, ascending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Axis {
    /// The setting's name.
    pub name: String,
    /// The setting's index in the rule.
    #[serde(skip)]
    pub setting: usize,
    /// The values along the axis.
    pub values: Vec<f64>,
    /// True if the values are equally spaced in the logarithm.
    pub log: bool,
}

impl Axis {
    /// `count` values of the setting `name` from `low` to `high`, both included; of a setting with a few
    /// values, those of them that lie there; of one that counts, whole numbers.
    ///
    /// # Errors
    /// No such setting, values outside of its domain, an empty range, logarithms of what has none.
    pub fn new(
        compiled: &Compiled,
        name: &str,
        (low, high): (f64, f64),
        log: bool,
        count: usize,
    ) -> Result<Self> {
        let mut settings = compiled.settings.iter();
        let Some(setting) = settings.position(|it| it.name == name) else {
            if let Some(follows) = compiled.rule.schedule(name) {
                let message = format!("`{name}` follows {follows} and has no one value to vary");
                let help = format!("give it one first: `set {name}=0.1`, or --set {name}=0.1");
                return Err(Error::plain(ErrorCode::NotAvailable, message).help(help));
            }
            let message = format!("`{}` has no setting `{name}`", compiled.rule.name);
            let names = compiled.settings.iter().map(|it| it.name.as_str());
            return Err(
                Error::plain(ErrorCode::UnknownSetting, message).suggest(name, "settings", names)
            );
        };
        if !(low < high && low.is_finite() && high.is_finite()) {
            let message = format!("the range {low}..{high} is reversed");
            return Err(
                Error::plain(ErrorCode::InvalidValue, message).help("give the lower end first")
            );
        }
        if log && low <= 0.0 {
            let message = format!("{low} has no logarithm");
            return Err(Error::plain(ErrorCode::InvalidValue, message)
                .help("begin above 0, or leave :log out"));
        }
        let domain = &compiled.settings[setting].domain;
        if let Some(bad) = [low, high].iter().find(|value| !domain.contains(**value)) {
            let message = format!("`{name}` cannot be {bad}");
            return Err(
                Error::plain(ErrorCode::InvalidValue, message).help(format!("it is in {domain}"))
            );
        }
        let value = |at: usize| {
            #[expect(clippy::cast_precision_loss, reason = "at most a few thousand")]
            let share = at as f64 / (count.max(2) - 1) as f64;
            match at {
                0 => low,
                _ if at + 1 == count => high,
                _ if log => {
                    let (low, high) = (libm::log(low), libm::log(high));
                    libm::exp(low + share * (high - low))
                }
                _ => low + share * (high - low),
            }
        };
        let values = match domain {
            Domain::Interval { .. } => (0..count).map(value).collect(),
            Domain::Choice(values) => {
                let mut values = values.clone();
                values.retain(|value| (low..=high).contains(value));
                values.sort_by(f64::total_cmp);
                values
            }
            Domain::Whole { .. } => {
                let mut values: Vec<f64> = (0..count).map(value).map(libm::round).collect();
                values.dedup();
                values
            }
        };
        Ok(Self {
            name: name.to_owned(),
            setting,
            values,
            log,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_run_from_end_to_end() {
        let rule = crate::rule::load("momentum").unwrap();
        let compiled = rule.compile(2).unwrap();
        let axis = Axis::new(&compiled, "eta", (0.01, 1.0), true, 3).unwrap();
        assert_eq!((axis.values[0], axis.values[2]), (0.01, 1.0));
        assert!((axis.values[1] - 0.1).abs() < 1e-12);
        let axis = Axis::new(&compiled, "beta", (0.0, 0.9), false, 10).unwrap();
        assert!((axis.values[1] - 0.1).abs() < 1e-12);
        assert!(Axis::new(&compiled, "eta", (0.0, 1.0), true, 3).is_err());
        assert!(Axis::new(&compiled, "beta", (0.0, 1.0), false, 3).is_err());
        assert!(Axis::new(&compiled, "gamma", (0.0, 1.0), false, 3).is_err());
        let rule = crate::rule::load("torch/adam").unwrap();
        let compiled = rule.compile(2).unwrap();
        let axis = Axis::new(&compiled, "amsgrad", (0.0, 1.0), false, 9).unwrap();
        assert_eq!(axis.values, [0.0, 1.0], "there is nothing between");
        let rule = crate::rule::load("torch/lookahead(torch/adamw)").unwrap();
        let compiled = rule.compile(2).unwrap();
        let axis = Axis::new(&compiled, "lookahead_k", (1.0, 4.0), false, 9).unwrap();
        assert_eq!(
            axis.values,
            [1.0, 2.0, 3.0, 4.0],
            "none is counted in halves"
        );
    }
}
