//! A scenario, checked and ready to run.

use super::{Constants, FLAGS, FlagGroup, PlaceKey, Scenario, Target, settings::LaneDraft};
use crate::{
    analysis::Minima,
    debugger::{
        Lane,
        lanes::{Lanes, MOST_LANES, NamedLane, free_name},
        precision::Precision,
        watch::{LaneNames, Names},
    },
    error::{Error, ErrorCode, Result},
    format::exact,
    loss::{Landscape, Noise},
    rule::{self, Compiled},
};
use std::sync::Arc;

/// The rule of a scenario that names none, and the setting of one that says nothing at all.
const DEFAULT_RULE: &str = "adam";
const DEFAULT_SETTING: (&str, &str) = ("eta", "eta_opt");

/// A scenario that is checked and ready to run.
pub struct Setup {
    /// The loss and where runs start.
    pub landscape: Landscape,
    /// The gradients' noise, if there is some.
    pub noise: Option<Noise>,
    /// The minima of the loss, of which that near the start may not have been looked for.
    pub minima: Arc<Minima>,
    /// Numbers that settings may be written in.
    pub constants: Constants,
    /// A lane for each rule, by its name: an identifier, and unique.
    pub lanes: Vec<(String, Lane)>,
    /// The scenario with nothing left to defaults: every setting of every lane is a number.
    pub scenario: Scenario,
}

impl Scenario {
    /// True if no flag says anything.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        FLAGS
            .iter()
            .all(|flag| (flag.slot)(self).texts().is_empty())
    }

    /// The scenario that opens where [nothing](Self::is_bare) is said: the essay's, with the step size that it
    /// chooses, as a setting that is set.
    #[must_use]
    pub fn default_rule(&self) -> Self {
        let mut scenario = self.clone();
        scenario.rules = vec![DEFAULT_RULE.to_owned()];
        let (name, value) = DEFAULT_SETTING;
        scenario
            .settings
            .insert(Target::parse(name), value.to_owned());
        scenario
    }

    /// Checks everything and makes lanes at t = 0.
    ///
    /// # Errors
    /// The first thing that is wrong, at its place in the flags or in the file.
    pub fn open(&self) -> Result<Setup> {
        if self.is_bare() {
            return self.default_rule().open();
        }
        let landscape = self.landscape()?;
        let noise = self.noise()?;
        let n = landscape.start.len();
        let minima = Arc::new(Minima::new(Arc::clone(&landscape.loss), &landscape.start));
        let constants = Constants::new(n, &minima);
        let mut drafts = self.drafts(n)?;
        self.assign(&mut drafts, &constants)?;
        let scenario = self.spelled_out(&drafts, &landscape);
        let lanes = drafts.into_iter().map(|draft| {
            let lane = Lane::new(draft.compiled, &landscape, noise, draft.values);
            let lane = lane.in_precision(draft.precision);
            let lane = lane.map_err(|error| self.at("precision", error))?;
            Ok((draft.name, lane))
        });
        let lanes = lanes.collect::<Result<_>>()?;
        Ok(Setup {
            landscape,
            noise,
            minima,
            constants,
            lanes,
            scenario,
        })
    }

    /// The first rule for `n` parameters and its settings, which may name no constant of a loss: there is none.
    ///
    /// # Errors
    /// No such rule, a setting that it does not have or cannot have.
    pub fn rule_alone(&self, n: usize) -> Result<(Arc<Compiled>, Vec<f64>)> {
        let mut drafts = self.drafts(n)?;
        drafts.truncate(1);
        self.assign(&mut drafts, &Constants::without_loss(n))?;
        let draft = drafts.swap_remove(0);
        Ok((draft.compiled, draft.values))
    }

    /// The precision of each of `count` lanes.
    fn precisions(&self, count: usize) -> Result<Vec<Precision>> {
        let given = self.precision.as_deref().unwrap_or("f64");
        let given = given.split(',').map(Precision::parse);
        let given = given.collect::<Result<Vec<_>>>();
        let given = given.map_err(|error| self.at("precision", error))?;
        match given[..] {
            [all] => Ok(vec![all; count]),
            _ if given.len() == count => Ok(given),
            _ => {
                let message = format!("{} precisions for {count} lanes", given.len());
                let error = Error::plain(ErrorCode::InvalidValue, message);
                Err(self.at(
                    "precision",
                    error.help("give one for all lanes, or one for each"),
                ))
            }
        }
    }

    fn noise(&self) -> Result<Option<Noise>> {
        if !(0.0..1.0).contains(&self.grad_dropout) {
            let message = format!("{} is not a probability below 1", self.grad_dropout);
            return Err(self.at(
                "grad-dropout",
                Error::plain(ErrorCode::InvalidValue, message).help("0 drops nothing"),
            ));
        }
        let noise = Noise {
            sigma: self.noise,
            seed: self.seed,
            batch: self.batch,
            dropout: self.grad_dropout,
        };
        if self.noise.is_finite() && self.noise >= 0.0 {
            return Ok((!noise.is_none()).then_some(noise));
        }
        let message = format!("{} is not a standard deviation", self.noise);
        let error = Error::plain(ErrorCode::InvalidValue, message).help("0 or more; 0 is no noise");
        Err(self.at("noise", error))
    }

    /// Every lane with its settings at their defaults.
    fn drafts(&self, n: usize) -> Result<Vec<LaneDraft>> {
        let default = [DEFAULT_RULE.to_owned()];
        let rules = if self.rules.is_empty() {
            &default[..]
        } else {
            &self.rules
        };
        if let Some(text) = rules.get(MOST_LANES) {
            let message =
                format!("there is no room for `{text}`: {MOST_LANES} lanes run at a time");
            return Err(self.places.locate(
                &PlaceKey::Rule(MOST_LANES),
                Error::plain(ErrorCode::LimitReached, message),
            ));
        }
        let precisions = self.precisions(rules.len())?;
        let mut drafts: Vec<LaneDraft> = Vec::new();
        for (at, (text, precision)) in rules.iter().zip(precisions).enumerate() {
            let rule =
                rule::load(text).map_err(|error| self.places.locate(&PlaceKey::Rule(at), error))?;
            let compiled = Arc::new(rule.compile(n)?);
            let taken = |name: &str| drafts.iter().any(|draft| draft.name == name);
            let name = free_name(&format!("{}{}", rule.name, precision.suffix()), taken);
            drafts.push(LaneDraft {
                name,
                rule: text.clone(),
                precision,
                values: compiled.settings.iter().map(|it| it.default).collect(),
                compiled,
            });
        }
        Ok(drafts)
    }

    fn spelled_out(&self, drafts: &[LaneDraft], landscape: &Landscape) -> Scenario {
        let mut full = self.clone();
        full.rules = drafts.iter().map(|draft| draft.rule.clone()).collect();
        full.settings.clear();
        full.commands.clear();
        full.looks.clear();
        for draft in drafts {
            for (setting, value) in draft.compiled.settings.iter().zip(&draft.values) {
                let target = Target {
                    lane: Some(draft.name.clone()),
                    name: setting.name.clone(),
                };
                full.settings.insert(target, exact(*value));
            }
            let rule = &draft.compiled.rule;
            for schedule in rule.known_at_load() {
                let target = Target {
                    lane: Some(draft.name.clone()),
                    name: schedule.name.clone(),
                };
                let follows = rule.schedule(&schedule.name).unwrap_or_default();
                full.settings.insert(target, follows.to_owned());
            }
        }
        if self.loss.is_none() && self.given(FlagGroup::Quadratic).is_none() {
            full.loss = Some(landscape.name.clone());
        }
        full.start = Some(landscape.start.clone());
        // It has been turned.
        full.rotate_start = None;
        full
    }
}

impl Setup {
    /// The lanes in lockstep, the first in focus.
    ///
    /// # Errors
    /// There is none: they have been taken out.
    pub fn into_lanes(self) -> Result<Lanes> {
        let minima = self.minima;
        let lanes = self.lanes.into_iter();
        let entries = lanes.map(|(name, lane)| NamedLane::new(name, lane, Arc::clone(&minima)));
        Lanes::new(entries.collect(), &self.landscape)
    }

    /// The names that a watch on the lanes may use.
    #[must_use]
    pub fn names(&self) -> Names {
        let lanes = self.lanes.iter();
        let lanes =
            lanes.map(|(name, lane)| LaneNames::new(name, lane.compiled(), self.minima.home()));
        Names {
            lanes: lanes.collect(),
            focus: 0,
            tensors: Arc::default(),
        }
    }
}
