//! The rule that a run is held against: its settings, and its loss where that is known.

use super::{
    finding::{Cause, short},
    number_format::NumberFormat,
    report::{Against, SettingValues},
};
use crate::{
    error::{Error, ErrorCode, Result, Source},
    format::{exact, rounded},
    lang::single::single,
    loss::{Loss, Noise},
    rule::{self, Compiled, Domain, Param, Tensor, VariableKind},
    runs::{self, Run},
    scenario::Scenario,
};
use serde_json::Value;
use std::{path::Path, sync::Arc};

/// A rule with all that it needs to run.
#[derive(Clone)]
pub struct ConfiguredRule {
    /// The rule for as many parameters as the run has.
    pub compiled: Arc<Compiled>,
    /// The rule as it is written, where that has one number for states of which each tensor has its own here.
    pub written: Option<Arc<Compiled>>,
    /// A value for each setting.
    pub settings: Vec<f64>,
    /// The loss, if it is known.
    pub loss: Option<Arc<dyn Loss>>,
    /// The noise of its gradients, if there is some.
    pub noise: Option<Noise>,
    /// True where settings are those that the run itself states, group by group.
    pub is_as_recorded: bool,
    /// The names of settings that were given in the place of what the run states.
    pub given: Vec<String>,
    /// What the run's matrix products are rounded to, where that is coarser than its numbers.
    pub products: Option<NumberFormat>,
}

impl ConfiguredRule {
    /// The rule with the settings that `causes` have for a run; `None` where one of them is more than a setting.
    pub(super) fn with<'a>(&self, causes: impl IntoIterator<Item = &'a Cause>) -> Option<Self> {
        let mut settings = self.settings.clone();
        for cause in causes {
            let (name, value) = cause.one_setting()?;
            let mut own = self.compiled.settings.iter();
            settings[own.position(|it| it.name == name)?] = value;
        }
        Some(Self {
            settings,
            is_as_recorded: false,
            ..self.clone()
        })
    }

    /// The rule `name` (or file) with `settings` (`NAME=EXPR`) for the parameters `start`.
    ///
    /// `loss` has the flags that describe the loss; it is `None` where the loss is not known.
    ///
    /// # Errors
    /// No such rule, setting or loss; a loss of another number of parameters.
    pub fn new(
        name: &str,
        settings: &[String],
        loss: Option<Scenario>,
        start: &[f64],
    ) -> Result<Self> {
        let is_known = loss.is_some();
        let mut scenario = loss.unwrap_or_default();
        scenario.apply("rule", name)?;
        for setting in settings {
            scenario.apply("set", setting)?;
        }
        if !is_known {
            let (compiled, settings) = scenario.rule_alone(start.len())?;
            return Ok(Self::without_loss(compiled, settings));
        }
        scenario.start = Some(start.to_vec());
        let mut setup = scenario.open()?;
        if setup.lanes.is_empty() {
            return Err(Error::plain(
                ErrorCode::Usage,
                "there is no rule to compare the run with",
            ));
        }
        let (_, lane) = setup.lanes.swap_remove(0);
        Ok(Self {
            compiled: Arc::clone(lane.compiled()),
            written: None,
            settings: lane.initial_settings().to_vec(),
            loss: Some(setup.landscape.loss),
            noise: setup.noise,
            is_as_recorded: false,
            given: Vec::new(),
            products: None,
        })
    }

    /// A rule on a loss that is not known.
    #[must_use]
    pub fn without_loss(compiled: Arc<Compiled>, settings: Vec<f64>) -> Self {
        Self {
            compiled,
            written: None,
            settings,
            loss: None,
            noise: None,
            is_as_recorded: false,
            given: Vec::new(),
            products: None,
        }
    }

    /// The same rule with what the recorder of `run` noted before the first iteration of the settings that rows have, which
    /// are named by their places among the settings: rows say what has changed.
    ///
    /// # Errors
    /// A file that cannot be read again.
    pub fn begun_as_noted(mut self, run: &mut Run, in_rows: &[(usize, usize)]) -> Result<Self> {
        let noted = run.settings()?;
        for (_, at) in in_rows.iter().filter(|_| !self.is_as_recorded) {
            let name = &self.compiled.settings[*at].name;
            let first = noted.get(name).map(|it| it.at(run.first + 1));
            if let Some([first, rest @ ..]) = first
                && rest.iter().all(|it| it.to_bits() == first.to_bits())
            {
                self.settings[*at] = *first;
            }
        }
        Ok(self)
    }

    /// The same rule for parameters that consist of `tensors`.
    ///
    /// # Errors
    /// It is written for each tensor, and these do not have as many parameters.
    pub fn over(self, tensors: &[Tensor]) -> Result<Self> {
        if !self.compiled.rule.tells_tensors_apart() {
            return Ok(self);
        }
        let rule = self.compiled.rule.over(tensors);
        Ok(Self {
            compiled: Arc::new(rule.compile(self.compiled.dimension())?),
            ..self
        })
    }

    /// The same rule with states of one number as vectors, where tensors of `run` rest: one that is not stepped in an
    /// iteration does not count it. What `run` has as one number for all tensors stays that.
    ///
    /// # Errors
    /// None for rules that compile.
    pub fn of_resting_tensors(&self, run: &Run) -> Result<Option<Self>> {
        let is_shared = |name: &str| {
            let field = run.field(name).map(|at| &run.fields[at]);
            field.is_some_and(|it| it.len == 1 && !it.is_per_tensor)
        };
        let one = self.compiled.variables.iter().filter(|it| {
            let is_state = matches!(it.kind, VariableKind::State(_));
            is_state && it.range.len() == 1 && !is_shared(&it.name)
        });
        let names: Vec<&str> = one.map(|it| it.name.as_str()).collect();
        if names.is_empty() || run.resting_tensors().is_empty() {
            return Ok(None);
        }
        let rule = self.compiled.rule.with_states_as_vectors(&names)?;
        Ok(Some(Self {
            compiled: Arc::new(rule.compile(self.compiled.dimension())?),
            written: Some(Arc::clone(&self.compiled)),
            ..self.clone()
        }))
    }

    /// The rule, settings, loss and noise that the header of a trace names for `lane`.
    ///
    /// # Errors
    /// A header that names none, or what cannot be opened.
    pub fn of_trace(run: &Run, lane: Option<&str>) -> Result<Self> {
        let missing = || {
            let message = format!("`{}` does not say which rule made it", run.name);
            Error::plain(ErrorCode::InsufficientData, message).help(NAME_ONE)
        };
        if let Some(subject) = Self::of_hook(run)? {
            return Ok(subject);
        }
        let scenario = run
            .header
            .as_ref()
            .and_then(|header| header.get("scenario"));
        let table = scenario
            .and_then(|it| toml::to_string(it).ok())
            .ok_or_else(missing)?;
        let source = Source::new(format!("the header of {}", run.name), table);
        let mut setup = Scenario::from_toml(&source, Path::new(""))?.open()?;
        let at = match lane {
            Some(lane) => setup.lanes.iter().position(|(name, _)| name == lane),
            None => (!setup.lanes.is_empty()).then_some(0),
        };
        let (_, lane) = setup.lanes.swap_remove(at.ok_or_else(missing)?);
        Ok(Self {
            compiled: Arc::clone(lane.compiled()),
            written: None,
            settings: lane.initial_settings().to_vec(),
            loss: Some(setup.landscape.loss),
            noise: setup.noise,
            is_as_recorded: false,
            given: Vec::new(),
            products: None,
        })
    }

    /// The rule and the settings that a hook noted in the header; none where it names no rule.
    ///
    /// # Errors
    /// A rule that there is not, or that has not such settings; a header that contradicts itself.
    pub fn of_hook(run: &Run) -> Result<Option<Self>> {
        let Some(header) = run.header.as_ref() else {
            return Ok(None);
        };
        let Some(name) = rule_of_header(header) else {
            return Ok(None);
        };
        if rule::embedded(&name).is_none() {
            let message = format!("`{}` was made by {name}, which is no rule here", run.name);
            return Err(Error::plain(ErrorCode::InsufficientData, message).help(NAME_ONE));
        }
        Self::as_noted(run, &name).map(Some)
    }

    /// The rule `name` for a run whose header may note settings: those where it is the header's own, or where the header names
    /// one that nobody knows here; `None` otherwise.
    ///
    /// # Errors
    /// A header that contradicts itself.
    pub fn noted_for(run: &Run, name: &str) -> Result<Option<Self>> {
        let noted = run.header.as_ref().and_then(rule_of_header);
        let is_its_own = noted
            .as_ref()
            .is_some_and(|it| it == name || rule::embedded(it).is_none());
        if !is_its_own || rule::embedded(name).is_none() {
            return Ok(None);
        }
        Self::as_noted(run, name).map(Some)
    }

    /// The rule that the header of `run` names, or its rule `name`, with the settings that are `given` (`NAME=EXPR`) in the
    /// place of those that the header states; `None` where it states none.
    ///
    /// # Errors
    /// What is given is none of the rule's settings, or no value of it; a header that contradicts itself.
    pub fn noted_with(run: &mut Run, name: Option<&str>, given: &[String]) -> Result<Option<Self>> {
        let find = |run: &Run| match name {
            Some(name) => Self::noted_for(run, name),
            None => Self::of_hook(run),
        };
        let Some(noted) = find(run)?.filter(|_| !given.is_empty()) else {
            return find(run);
        };
        let rule = noted.compiled.rule.name.as_str();
        let subject = Self::new(rule, given, None, &vec![0.0; run.dimension()])?;
        let given = given.iter().map(|text| {
            let (name, text) = text.split_once('=').unwrap_or((text, ""));
            let settings = subject.compiled.settings.iter().zip(&subject.settings);
            let mut own = settings.filter(|it| it.0.name == name.trim());
            let value = own.next().map(|it| Value::from(*it.1));
            let value = value.filter(|it| !it.is_null());
            (
                name.trim().to_owned(),
                value.unwrap_or_else(|| text.trim().into()),
            )
        });
        let given: Vec<(String, Value)> = given.collect();
        run.state(&given);
        let given = given.into_iter().map(|it| it.0).collect();
        Ok(find(run)?.map(|it| Self { given, ..it }))
    }

    /// The numbers that the header of `run` states for settings of this rule which have others here, of those that rows do not
    /// state: where the settings were given and the header is of the same rule.
    #[must_use]
    pub fn stated_otherwise(&self, run: &Run) -> Vec<(String, f64)> {
        let named = run.header.as_ref().and_then(rule_of_header);
        let is_own = named.is_some_and(|it| it == self.compiled.rule.name);
        if self.is_as_recorded || !is_own {
            return Vec::new();
        }
        let settings = self.compiled.settings.iter().zip(&self.settings);
        let stated = runs::numbers(&runs::settings_of_run(run)).into_iter();
        let stated = stated.filter(|(name, value)| {
            let mut own = settings.clone().filter(|it| it.0.name == *name);
            let is_other = |own: f64| (own - value).abs() > 1e-12 * value.abs();
            own.any(|it| is_other(*it.1)) && !run.has_in_rows(name)
        });
        stated.collect()
    }

    /// The rule `name` with the settings that a hook noted in the header of `run`.
    fn as_noted(run: &Run, name: &str) -> Result<Self> {
        runs::check_header(run)?;
        let settings = &runs::settings_of_run(run);
        let texts = settings.iter();
        let texts =
            texts.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
        let rule = rule::load(name)?;
        let texts = texts.filter(|(key, _)| rule.declaration(key).is_some());
        // The word of a library for one of a few ways stands for its number.
        let mut words = Vec::new();
        let mut schedules = Vec::new();
        for (key, text) in texts {
            let param = rule.params.iter().find(|it| it.name == key);
            match param.filter(|it| matches!(it.domain, Domain::Choice(_))) {
                Some(param) => match param.value_called(&text) {
                    Some(value) => words.push((key, value)),
                    None => return Err(no_such_way(run, name, param, &text)),
                },
                None => schedules.push((key, text)),
            }
        }
        let schedules = schedules.into_iter();
        // What decides on the lines themselves, as how often they are repeated.
        let numbers = runs::numbers(settings).into_iter();
        let counts = numbers.filter(|(key, _)| rule.schedule(key).is_some());
        let counts = counts.map(|(key, value)| (key, exact(value)));
        let schedules: Vec<String> = schedules
            .chain(counts)
            .map(|(key, text)| format!("{key}={text}"))
            .collect();
        let subject = Self::new(name, &schedules, None, &vec![0.0; run.dimension()]);
        let mut subject = subject.map_err(|error| {
            let message = format!(
                "`{}` was made by {name} with {}: {}",
                run.name,
                schedules.join(", "),
                error.message()
            );
            Error::plain(error.code(), message).help(format!(
                "a setting is a number, or a schedule like 0.1*0.5^(t/20); or {NAME_ONE}"
            ))
        })?;
        let numbers = runs::numbers(settings);
        for (key, value) in numbers.into_iter().chain(words) {
            let known = subject.compiled.settings.iter();
            if let Some(at) = known.into_iter().position(|it| it.name == key) {
                let domain = &subject.compiled.settings[at].domain;
                if !domain.is_continuous() && !domain.contains(value) {
                    let param = rule.params.iter().find(|it| it.name == key);
                    return Err(param.map_or_else(
                        || Error::plain(ErrorCode::InvalidValue, key.clone()),
                        |param| no_such_way(run, name, param, &exact(value)),
                    ));
                }
                subject.settings[at] = value;
            }
        }
        subject.is_as_recorded = true;
        subject.over(&run.tensors)
    }

    /// The rule and its settings as data.
    #[must_use]
    pub fn described(&self) -> Against {
        self.described_along(|_| None, NumberFormat::Double)
    }

    /// The same of a run in which settings take values of these ranges, and whose numbers are those of `format`.
    pub(super) fn described_along(
        &self,
        range: impl Fn(&str) -> Option<(f64, f64)>,
        format: NumberFormat,
    ) -> Against {
        let settings = self.compiled.settings.iter().zip(&self.settings);
        let settings = settings.map(|(setting, value)| (setting.name.clone(), *value));
        Against::Rule {
            rule: self.compiled.rule.name.clone(),
            settings: SettingValues(settings.collect()),
            text: self.title(range, format),
        }
    }

    /// The title: the rule, and the settings that are not at their defaults, in the digits that tell them apart in a run of
    /// this `format`.
    fn title(&self, range: impl Fn(&str) -> Option<(f64, f64)>, format: NumberFormat) -> String {
        let is_double = format == NumberFormat::Double;
        let shown = |value: f64| {
            let same = |it: &f64| single(*it).to_bits() == single(value).to_bits();
            let mut short = (1..=9).map(|digits| rounded(value, digits));
            exact(short.find(|it| !is_double && same(it)).unwrap_or(value))
        };
        let settings = self.compiled.settings.iter().zip(&self.settings);
        let rule = &self.compiled.rule;
        let bundled = rule::load(&rule.name).ok();
        let schedules = rule.known_at_load().filter_map(|it| {
            let follows = rule.schedule(&it.name)?;
            let own = bundled.as_ref().and_then(|rule| rule.schedule(&it.name));
            (own != Some(follows)).then(|| format!("{}={follows}", it.name))
        });
        let set: Vec<String> = settings
            .filter_map(|(setting, value)| {
                let name = setting.name.as_str();
                if let Some((low, high)) = range(name) {
                    return Some(format!("{name}={} to {}", short(low), short(high)));
                }
                let is_other = setting.default.to_bits() != value.to_bits();
                is_other.then(|| format!("{name}={}", shown(*value)))
            })
            .chain(schedules)
            .collect();
        if set.is_empty() {
            self.compiled.rule.name.clone()
        } else {
            format!("{} {}", self.compiled.rule.name, set.join(" "))
        }
    }

    /// The number of gradients that an iteration evaluates.
    #[must_use]
    pub fn questions(&self) -> usize {
        self.compiled.further_gradients + usize::from(self.compiled.uses_gradient)
    }
}

/// The next thing to do where the header does not say what a run was made by.
const NAME_ONE: &str = "name the rule and its settings: --against torch/adam --set lr=0.01";

/// The error where a run was made in a way that its rule does not have.
fn no_such_way(run: &Run, rule: &str, param: &Param, word: &str) -> Error {
    let setting = &param.name;
    let message = format!(
        "`{}` was made with {setting}={word}, which {rule} does not have",
        run.name
    );
    let error = Error::plain(ErrorCode::InvalidValue, message);
    error.help(match param.domain {
        Domain::Choice(_) => format!("its {setting} is {}; {NAME_ONE}", param.doc),
        _ => format!(
            "its {setting} ({}) lies in {}; {NAME_ONE}",
            param.doc, param.domain
        ),
    })
}

/// The rule that a hook names in its header: by its own name, or by that of torch's class.
fn rule_of_header(header: &Value) -> Option<String> {
    let word = |name: &str| header.get(name).and_then(Value::as_str);
    let groups = header.get("groups").and_then(Value::as_array);
    let mut rules = groups
        .into_iter()
        .flatten()
        .map(|it| it.get("rule").and_then(Value::as_str));
    let first = rules.next().flatten();
    let of_all = first.filter(|_| rules.all(|it| it == first));
    match (word("rule").or(of_all), word("hook"), word("optimizer")) {
        (Some(rule), _, _) => Some(rule.to_owned()),
        (None, Some("pytorch"), Some(name)) => Some(format!("torch/{}", name.to_lowercase())),
        _ => None,
    }
}
