//! Settings from the run itself: those for which a variant leads from row to row with the least deviation.
//!
//! Least squares on the deviations, each relative to the recorded step (Levenberg 1944, Marquardt 1963),
//! in coordinates that keep every setting within its domain: the logarithm of a rate, that of 1 - beta of
//! a decay. A setting that the run does not depend on stays as it was.

use super::{
    effort::Effort,
    evidence::{Evidence, RecordedPrecision},
    score::{Judge, Score},
    variant::Variant,
};
use crate::{
    format::rounded,
    rule::{Domain, Setting},
};
use nalgebra::{DMatrix, DVector};

/// Rows of each stretch that a fit looks at.
const ROWS: usize = 24;
const ROUNDS: usize = 24;
/// Units in the last place within which an explanation is not doubted.
const CONVINCING: f64 = 256.0;

/// Values that settings often have, to begin from.
const DECAYS: [f64; 4] = [0.5, 0.9, 0.99, 0.999];
const SMALL: [f64; 3] = [1e-8, 1e-4, 1e-2];

/// A setting as a coordinate without bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    /// `exp(u)`
    Positive,
    /// `1 - exp(u)`, for what lies below 1
    BelowOne,
}

impl Scale {
    fn of(setting: &Setting) -> Option<Self> {
        match &setting.domain {
            Domain::Choice(_) | Domain::Whole { .. } => None,
            Domain::Interval { high, .. } if high.0 <= 1.0 => Some(Self::BelowOne),
            Domain::Interval { .. } => Some(Self::Positive),
        }
    }

    fn to_coordinate(self, value: f64) -> f64 {
        match self {
            Self::Positive => libm::log(value.max(1e-300)),
            Self::BelowOne => libm::log((1.0 - value).max(1e-300)),
        }
    }

    fn to_value(self, coordinate: f64) -> f64 {
        match self {
            Self::Positive => libm::exp(coordinate),
            Self::BelowOne => 1.0 - libm::exp(coordinate),
        }
    }
}

/// The variant with some of its settings fitted to the run, how well it explains that, and which settings
/// have moved.
pub(super) struct FittedVariant {
    pub variant: Variant,
    pub score: Score,
    pub moved: Vec<usize>,
}

/// The evidence and options shared by all fits.
#[derive(Clone, Copy)]
pub(super) struct Fitter<'a> {
    pub evidence: &'a Evidence,
    pub from_rows: bool,
    /// Only from this iteration on.
    pub only_from: Option<u64>,
    /// What has been done; fits are cut short once it is too much.
    pub effort: &'a Effort,
}

impl Fitter<'_> {
    /// The settings that can be fitted.
    pub fn free(variant: &Variant) -> Vec<usize> {
        let settings = variant.subject.compiled.settings.iter().enumerate();
        settings
            .filter(|(_, it)| Scale::of(it).is_some())
            .map(|(at, _)| at)
            .collect()
    }

    fn precision(self) -> RecordedPrecision {
        self.evidence.precision
    }

    /// Takes in that `variant` is led along so many rows of each stretch.
    fn spend(self, variant: &Variant, most: usize) {
        let stretches = self.evidence.stretches.iter();
        let rows: usize = stretches.map(|it| it.len().min(most)).sum();
        let work = variant.subject.compiled.program.work();
        self.effort.spend(rows.saturating_mul(work));
    }

    pub fn score(self, variant: &Variant) -> Score {
        self.spend(variant, usize::MAX);
        self.judge(variant).score(self.evidence)
    }

    fn judge(self, variant: &Variant) -> Judge {
        let judge = Judge::new(variant, self.precision(), self.from_rows);
        match self.only_from {
            Some(t) => judge.only_from(t),
            None => judge,
        }
    }

    /// Fits one setting at a time and returns the best, if some setting by itself explains more.
    pub fn one(self, variant: &Variant) -> Option<FittedVariant> {
        let fits = Self::free(variant)
            .into_iter()
            .take_while(|_| !self.effort.is_spent())
            .map(|at| self.setting(variant, at));
        fits.filter(|fit| !fit.moved.is_empty())
            .reduce(|a, b| if better(&b.score, &a.score) { b } else { a })
    }

    /// Fits setting `at`.
    pub fn setting(self, variant: &Variant, at: usize) -> FittedVariant {
        let mut best = self.fit(variant, &[at], &variant.subject.settings);
        for start in starts(&variant.subject.compiled.settings[at]) {
            if self.convinced(&best.score) || self.effort.is_spent() {
                break;
            }
            let mut settings = variant.subject.settings.clone();
            settings[at] = start;
            let fit = self.fit(variant, &[at], &settings);
            if better(&fit.score, &best.score) {
                best = fit;
            }
        }
        best
    }

    /// True if the score leaves nothing to explain.
    pub fn convinced(self, score: &Score) -> bool {
        score.explains_all() && score.residual() <= CONVINCING * self.precision().unit()
    }

    /// Fits all settings at once.
    pub fn all(self, variant: &Variant) -> Option<FittedVariant> {
        let free = Self::free(variant);
        if free.len() < 2 {
            return None;
        }
        let mut best = self.fit(variant, &free, &variant.subject.settings);
        for &at in &free {
            for start in starts(&variant.subject.compiled.settings[at]) {
                if self.convinced(&best.score) || self.effort.is_spent() {
                    return Some(best);
                }
                let mut settings = best.variant.subject.settings.clone();
                settings[at] = start;
                let fit = self.fit(variant, &free, &settings);
                if better(&fit.score, &best.score) {
                    best = fit;
                }
            }
        }
        Some(best)
    }

    fn fit(self, variant: &Variant, free: &[usize], start: &[f64]) -> FittedVariant {
        let mut judge = self.judge(variant);
        let settings = self.descend(&mut judge, variant, free, start);
        let settings = self.rounded(&mut judge, variant, free, settings);
        let mut fitted = variant.clone();
        fitted.subject.settings = settings;
        judge.set(&fitted.subject.settings);
        self.spend(variant, usize::MAX);
        let own = &variant.subject.settings;
        let moved = |at: &usize| {
            let (a, b) = (fitted.subject.settings[*at], own[*at]);
            (a - b).abs() > 1e-9 * a.abs().max(b.abs())
        };
        FittedVariant {
            score: judge.score(self.evidence),
            moved: free.iter().copied().filter(moved).collect(),
            variant: fitted,
        }
    }

    /// Levenberg and Marquardt's method from `start`.
    fn descend(
        self,
        judge: &mut Judge,
        variant: &Variant,
        free: &[usize],
        start: &[f64],
    ) -> Vec<f64> {
        let scales: Vec<(usize, Scale)> = free
            .iter()
            .filter_map(|at| Some((*at, Scale::of(&variant.subject.compiled.settings[*at])?)))
            .collect();
        let domain = |at: usize| &variant.subject.compiled.settings[at].domain;
        let mut settings = start.to_vec();
        let mut residuals = Vec::new();
        let mut at = |judge: &mut Judge, settings: &[f64]| {
            judge.set(settings);
            self.spend(variant, ROWS);
            judge.residuals(self.evidence, ROWS, &mut residuals);
            DVector::from_column_slice(&residuals)
        };
        let mut now = at(judge, &settings);
        let mut damping = 1e-3;
        for _ in 0..ROUNDS {
            let cost = now.norm_squared();
            if cost < 1e-26 || now.is_empty() || self.effort.is_spent() {
                break;
            }
            // Forward differences: a row's deviation has no derivative that could be written down for any rule.
            let mut jacobian = DMatrix::zeros(now.len(), scales.len());
            for (column, (setting, scale)) in scales.iter().enumerate() {
                let mut moved = settings.clone();
                let coordinate = scale.to_coordinate(settings[*setting]) + 1e-6;
                moved[*setting] = scale.to_value(coordinate);
                let difference = (at(judge, &moved) - &now) / 1e-6;
                jacobian.set_column(column, &difference);
            }
            let gradient = jacobian.transpose() * &now;
            let normal = jacobian.transpose() * &jacobian;
            let mut improved = false;
            for _ in 0..8 {
                let mut damped = normal.clone();
                // Marquardt's scaling; the small term keeps a setting that nothing depends on from being singular.
                for i in 0..scales.len() {
                    damped[(i, i)] += damping * (normal[(i, i)] + 1e-12);
                }
                let Some(step) = damped.cholesky().map(|it| it.solve(&gradient)) else {
                    damping = (damping * 10.0).max(1e-9);
                    continue;
                };
                let mut next = settings.clone();
                for (column, (setting, scale)) in scales.iter().enumerate() {
                    // No setting changes by more than a factor of e^5 at a time.
                    let coordinate =
                        scale.to_coordinate(settings[*setting]) - step[column].clamp(-5.0, 5.0);
                    let value = scale.to_value(coordinate);
                    if domain(*setting).contains(value) {
                        next[*setting] = value;
                    }
                }
                let there = at(judge, &next);
                if there.norm_squared() < cost {
                    (settings, now) = (next, there);
                    damping = (damping / 10.0).max(1e-12);
                    improved = true;
                    break;
                }
                damping *= 10.0;
            }
            if !improved || cost - now.norm_squared() < 1e-12 * cost {
                break;
            }
        }
        settings
    }

    /// Settings with fewer digits, or as they were, where that explains as much.
    fn rounded(
        self,
        judge: &mut Judge,
        variant: &Variant,
        free: &[usize],
        mut settings: Vec<f64>,
    ) -> Vec<f64> {
        let mut rate = |settings: &[f64]| {
            judge.set(settings);
            self.spend(variant, usize::MAX);
            let score = judge.score(self.evidence);
            (score.explained(), score.depth())
        };
        let mut best = rate(&settings);
        for &at in free {
            let fitted = settings[at];
            let own = variant.subject.settings[at];
            let nice = (1..=7)
                .flat_map(|digits| [rounded(fitted, digits), 1.0 - rounded(1.0 - fitted, digits)]);
            for value in std::iter::once(own).chain(nice) {
                let near = (value - fitted).abs() <= 1e-2 * fitted.abs().max(value.abs())
                    || value.to_bits() == own.to_bits();
                if self.effort.is_spent()
                    || !near
                    || !variant.subject.compiled.settings[at].domain.contains(value)
                {
                    continue;
                }
                settings[at] = value;
                let now = rate(&settings);
                // People write 0.9, not 0.90000001: a rounder value may double the mean deviation.
                if now.0 >= best.0 && now.1 <= best.1 + 0.3 {
                    best = (now.0, best.1.min(now.1));
                    break;
                }
                settings[at] = fitted;
            }
        }
        settings
    }
}

/// True if `a` explains more iterations than `b`, or as many more closely.
pub(super) fn better(a: &Score, b: &Score) -> bool {
    match a.explained().cmp(&b.explained()) {
        std::cmp::Ordering::Equal => a.depth() < b.depth() - 1e-3,
        order => order == std::cmp::Ordering::Greater,
    }
}

/// Values to begin from, besides the setting's own.
fn starts(setting: &Setting) -> Vec<f64> {
    let values: Vec<f64> = match Scale::of(setting) {
        Some(Scale::BelowOne) => DECAYS.to_vec(),
        // Libraries admit any momentum; it is a decay all the same.
        Some(Scale::Positive) if setting.name == "momentum" => DECAYS.to_vec(),
        Some(Scale::Positive) if setting.domain.contains(0.0) => SMALL.to_vec(),
        _ => vec![setting.default * 10.0, setting.default / 10.0],
    };
    values
        .into_iter()
        .filter(|value| setting.domain.contains(*value))
        .collect()
}
