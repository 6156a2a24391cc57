//! Values of the settings of all lanes.

use super::{Constants, PlaceKey, Scenario, Target};
use crate::{
    debugger::precision::Precision,
    error::{Error, ErrorCode, Result, Source, Span, suggest},
    format::exact,
    rule::Compiled,
};
use std::sync::Arc;

/// Names of the step size in rules and libraries.
const STEP_SIZES: [&str; 7] = [
    "eta",
    "lr",
    "learning_rate",
    "learning-rate",
    "step_size",
    "alpha",
    "stepsize",
];

/// A lane under construction.
pub(super) struct LaneDraft {
    /// The lane's name.
    pub name: String,
    /// The rule as the scenario has it.
    pub rule: String,
    /// The numbers that it computes with.
    pub precision: Precision,
    /// The rule for this number of parameters.
    pub compiled: Arc<Compiled>,
    /// A value for each setting.
    pub values: Vec<f64>,
}

impl LaneDraft {
    /// Lets the setting `name` be what `text` says in the rule's file; the others keep their values.
    fn follow(&mut self, name: &str, text: &str) -> Result<()> {
        let rule = self.compiled.rule.with_value(name, text)?;
        let compiled = Arc::new(rule.compile(self.compiled.dimension())?);
        self.values = compiled.carried_over(&self.compiled, &self.values);
        self.compiled = compiled;
        Ok(())
    }
}

impl Scenario {
    /// Gives the settings of `lanes` their values: those for all lanes first, then those of one.
    ///
    /// # Errors
    /// A setting or a lane that does not exist, an expression that is none, a value outside of its domain.
    pub(super) fn assign(&self, lanes: &mut [LaneDraft], constants: &Constants) -> Result<()> {
        for (target, text) in &self.settings {
            let meant = self.meant(target, lanes)?;
            let value_key = PlaceKey::Value(target.clone());
            let own_source;
            let (source, span) = if let Some(place) = self.places.find(&value_key) {
                place
            } else {
                own_source = Source::new(format!("<{target}>"), text.as_str());
                (&own_source, Span::new(0, text.len()))
            };
            let mut value = None;
            for lane in meant {
                let draft = &mut lanes[lane];
                let rule = &draft.compiled.rule;
                let number = |part| constants.evaluate(source, part);
                let schedule = rule.as_schedule(&target.name, source, span, number)?;
                if let Some(schedule) = schedule {
                    let followed = draft.follow(&target.name, &schedule);
                    followed.map_err(|error| error.moved(source, span))?;
                    continue;
                }
                let value = match value {
                    Some(value) => value,
                    None => *value.insert(constants.evaluate(source, span)?),
                };
                if rule.schedule(&target.name).is_some() {
                    let followed = draft.follow(&target.name, &exact(value));
                    followed.map_err(|error| error.moved(source, span))?;
                    continue;
                }
                let LaneDraft {
                    compiled, values, ..
                } = draft;
                let mut settings = compiled.settings.iter();
                let Some(setting) = settings.position(|it| it.name == target.name) else {
                    continue;
                };
                let domain = &compiled.settings[setting].domain;
                if !domain.contains(value) {
                    let message = format!("`{}` cannot be {value}", target.name);
                    let param = &compiled.rule.params[setting];
                    let help = format!(
                        "{} ({}) lies in {domain}, {} unless it is set",
                        param.name, param.doc, param.default
                    );
                    return Err(
                        Error::new(ErrorCode::InvalidValue, source, span, message).help(help)
                    );
                }
                values[setting] = value;
            }
        }
        Ok(())
    }

    /// The lanes whose settings or schedules `target` means: at least one.
    fn meant(&self, target: &Target, lanes: &[LaneDraft]) -> Result<Vec<usize>> {
        let chosen: Vec<usize> = match &target.lane {
            None => (0..lanes.len()).collect(),
            Some(name) => match lanes.iter().position(|lane| lane.name == *name) {
                Some(at) => vec![at],
                None => (0..lanes.len())
                    .filter(|at| lanes[*at].rule == *name || lanes[*at].compiled.rule.name == *name)
                    .collect(),
            },
        };
        let key = PlaceKey::Setting(target.clone());
        if let (true, Some(name)) = (chosen.is_empty(), &target.lane) {
            let error = Error::plain(ErrorCode::UnknownLane, format!("there is no lane `{name}`"));
            let names = lanes.iter().map(|lane| lane.name.as_str());
            return Err(self
                .places
                .locate(&key, error.suggest(name, "lanes", names)));
        }
        let has = |at: &usize| lanes[*at].compiled.rule.declaration(&target.name).is_some();
        let meant: Vec<usize> = chosen.iter().copied().filter(has).collect();
        if !meant.is_empty() {
            return Ok(meant);
        }
        let who = match chosen.as_slice() {
            [at] => format!("`{}` has", lanes[*at].name),
            _ => "the rules have".to_owned(),
        };
        let mut names: Vec<&str> = Vec::new();
        for at in chosen {
            for name in lanes[at].compiled.rule.declared().map(|it| it.name) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        let message = format!("{who} no setting `{}`", target.name);
        let list = format!("settings: {}", names.join(", "));
        let step = names.iter().find(|name| STEP_SIZES.contains(name));
        let help = match (step, suggest::nearest(&target.name, &names)) {
            (Some(step), _) if STEP_SIZES.contains(&target.name.as_str()) => {
                let elsewhere = match target.name.as_str() {
                    "lr" => "; `lr` is a setting of torch/adam and its like",
                    "eta" => "; `eta` is a setting of the essay's rules",
                    _ => "",
                };
                format!("the step size is `{step}` here{elsewhere} ({list})")
            }
            (_, Some(near)) => format!("did you mean `{near}`? ({list})"),
            _ => list,
        };
        let error = Error::plain(ErrorCode::UnknownSetting, message).help(help);
        Err(self.places.locate(&key, error))
    }
}
