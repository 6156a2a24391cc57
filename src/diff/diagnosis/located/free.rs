//! A number solved for in every iteration in which the rule does not lead to the run, and what its values have in common.

use super::{
    bounds,
    rows::LocatedRows,
    trial::{Beside, Equality, FreeNumber, FreeValues, Trial, Walker},
};
use crate::{
    debugger::{Control, Pace, stride},
    diff::{
        rule_pattern::{DECAYS, RATES},
        stepper::Mode,
    },
    format::rounded,
    rule::Domain,
};

const ROUNDS: usize = 40;
/// Units of what is allowed by which a number has to move with the free one to say anything of it.
pub(super) const TELLING: f64 = 10.0;

/// A value that leads through one step, and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct SolvedStep {
    pub step: usize,
    pub value: f64,
    /// The value that the run states.
    pub stated: f64,
    /// The least and the largest value that would do.
    pub within: (f64, f64),
    /// Recorded numbers that tell of it.
    pub telling: usize,
}

/// Solves for `number` in `steps` of `tensors`; `None` where no value leads through one of them, or `control` says no.
pub(super) fn solve(
    rows: &LocatedRows,
    equality: Equality,
    trial: &Trial,
    number: FreeNumber,
    steps: &[usize],
    tensors: &[usize],
    control: &mut Control,
) -> Option<Vec<SolvedStep>> {
    let mut pace = Pace::new(stride(rows.width(), 1));
    let mut walker = Walker::new(rows, equality, trial, Mode::Replay);
    let mut is_wanted = vec![false; rows.width()];
    for tensor in tensors {
        is_wanted[rows.tensors[*tensor].range.clone()].fill(true);
    }
    let first = rows.tensors[*tensors.first()?].range.start;
    let domain = match number {
        FreeNumber::Setting(at) if !is_signed(&trial.rule.settings[at].name) => {
            trial.rule.settings[at].domain.clone()
        }
        FreeNumber::Average(_) => Domain::Interval {
            low: (0.0, false),
            high: (1.0, false),
        },
        _ => Domain::Interval {
            low: (f64::NEG_INFINITY, false),
            high: (f64::INFINITY, false),
        },
    };
    let mut solved: Vec<SolvedStep> = Vec::new();
    for &step in steps {
        let stated = match number {
            FreeNumber::Setting(at) => {
                let to = &rows.frames[step + 1];
                trial.rule.stated(at, to.t, to, rows)[first]
            }
            FreeNumber::GradientFactor
            | FreeNumber::Interpolation
            | FreeNumber::StepFactor
            | FreeNumber::WeightFactor(_)
            | FreeNumber::Bound(_) => 1.0,
            // An average that forgets at once is w itself.
            FreeNumber::Average(_) => 0.0,
        };
        let mut at = |value: f64| -> Option<Vec<Beside>> {
            if pace.is_due() && !control.goes_on() {
                return None;
            }
            let mut numbers = Vec::new();
            walker.begin(&rows.step(step));
            let is_told = walker.step(&rows.step(step), Some(value), &mut numbers);
            numbers.retain(|it| is_wanted.get(it.at).copied().unwrap_or(false));
            (is_told && !numbers.is_empty()).then_some(numbers)
        };
        let last = solved.last().map(|it| it.value);
        let starts = match number {
            FreeNumber::Setting(at) if trial.rule.settings[at].name == bounds::NAME => {
                last.into_iter().chain(bounds::STARTS).collect()
            }
            _ => starts(stated, last),
        };
        let starts = starts.into_iter().filter(|it| domain.contains(*it));
        let (value, within, telling) = starts
            .into_iter()
            .find_map(|start| descend(&mut at, &domain, start, stated))?;
        solved.push(SolvedStep {
            step,
            value,
            stated,
            within,
            telling,
        });
    }
    Some(solved)
}

/// True for a setting whose sign a run may have wrong.
pub(super) fn is_signed(name: &str) -> bool {
    RATES.contains(&name) || DECAYS.contains(&name)
}

/// Values to begin from: the one of the step before, the stated one, and others that settings often have.
fn starts(stated: f64, last: Option<f64>) -> Vec<f64> {
    let mut all: Vec<f64> = last.into_iter().collect();
    all.extend([
        stated,
        0.0,
        0.5,
        0.9,
        0.99,
        0.999,
        0.01,
        1.0,
        stated * 10.0,
        stated / 10.0,
    ]);
    all.retain(|it| it.is_finite());
    all
}

/// Gauss and Newton's method from `start`: a value that leads through, the values that would, and how many numbers tell.
fn descend(
    at: &mut impl FnMut(f64) -> Option<Vec<Beside>>,
    domain: &Domain,
    start: f64,
    stated: f64,
) -> Option<(f64, (f64, f64), usize)> {
    let mut value = start;
    let mut now = at(value)?;
    let mut best = f64::INFINITY;
    for _ in 0..ROUNDS {
        let slopes = slopes(at, domain, value, &now)?;
        let weighted = now.iter().zip(&slopes);
        let (mut along, mut square) = (0.0, 0.0);
        for (number, slope) in weighted {
            let weight = 1.0 / number.allowed.max(f64::MIN_POSITIVE);
            let off = (number.recorded - number.expected) * weight;
            if off.is_finite() {
                along += off * slope * weight;
                square += (slope * weight) * (slope * weight);
            }
        }
        let worst = now.iter().map(Beside::off).fold(0.0, f64::max);
        if square <= 0.0 || !square.is_finite() {
            // A bound that nothing comes near, say, leads through whatever it is.
            return (worst <= 1.0).then(|| known(&now, &slopes, value, stated));
        }
        let step = along / square;
        let is_there = worst <= 1.0 && (worst >= 0.5 * best || step == 0.0);
        if is_there {
            return Some(known(&now, &slopes, value, stated));
        }
        if best.is_finite() && worst > 1e3 * best {
            return None;
        }
        // It has come to rest where nothing leads through.
        if worst > 1.0 && step.abs() <= 1e-12 * value.abs() {
            return None;
        }
        best = best.min(worst);
        let mut next = value + step;
        if !next.is_finite() {
            return None;
        }
        while !domain.contains(next) {
            next = 0.5 * (next + value);
            if (next - value).abs() <= 1e-15 * value.abs() {
                return None;
            }
        }
        value = next;
        now = at(value)?;
    }
    let worst = now.iter().map(Beside::off).fold(0.0, f64::max);
    if worst > 1.0 {
        return None;
    }
    let slopes = slopes(at, domain, value, &now)?;
    Some(known(&now, &slopes, value, stated))
}

/// The derivative of every number by the free one.
fn slopes(
    at: &mut impl FnMut(f64) -> Option<Vec<Beside>>,
    domain: &Domain,
    value: f64,
    now: &[Beside],
) -> Option<Vec<f64>> {
    let size = if value == 0.0 {
        1e-3
    } else {
        1e-4 * value.abs()
    };
    let mut by = size;
    for _ in 0..8 {
        if domain.contains(value + by) {
            break;
        }
        by = if by > 0.0 { -by } else { -0.1 * by };
    }
    let moved = at(value + by)?;
    if moved.len() != now.len() {
        return None;
    }
    let slopes = moved
        .iter()
        .zip(now)
        .map(|(a, b)| (a.expected - b.expected) / by);
    Some(
        slopes
            .map(|it| if it.is_finite() { it } else { 0.0 })
            .collect(),
    )
}

/// All that is known of a value that leads through.
fn known(now: &[Beside], slopes: &[f64], value: f64, stated: f64) -> (f64, (f64, f64), usize) {
    let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
    let mut telling = 0;
    for (number, slope) in now.iter().zip(slopes) {
        let moves = slope.abs() * (value - stated).abs();
        telling += usize::from(moves > TELLING * number.allowed);
        if *slope == 0.0 {
            continue;
        }
        let middle = value + (number.recorded - number.expected) / slope;
        let reach = number.allowed / slope.abs();
        if middle.is_finite() && reach.is_finite() {
            (low, high) = (low.max(middle - reach), high.min(middle + reach));
        }
    }
    (value, (low.min(value), high.max(value)), telling)
}

/// Forms that the values have in common, the simplest first: one value, stated ones of other iterations, a multiple of the
/// stated ones.
pub(super) fn common(
    solved: &[SolvedStep],
    known: &[f64],
    stated_at: &dyn Fn(usize, i64) -> Option<f64>,
) -> Vec<FreeValues> {
    let mut all = Vec::new();
    let meet = |of: &dyn Fn(&SolvedStep) -> (f64, f64)| {
        let within = solved.iter().map(of);
        let (low, high) = within.fold((f64::NEG_INFINITY, f64::INFINITY), |met, it| {
            (met.0.max(it.0), met.1.min(it.1))
        });
        (low <= high && low.is_finite() && high.is_finite()).then_some((low, high))
    };
    if let Some(within) = meet(&|it| it.within) {
        let has = |it: &&f64| within.0 <= **it && **it <= within.1;
        let value = known.iter().find(has).copied();
        all.push(FreeValues::Constant(value.unwrap_or_else(|| short(within))));
    }
    let changes = solved
        .windows(2)
        .any(|it| it[0].stated.to_bits() != it[1].stated.to_bits());
    // Stated values are known: nothing is fitted but by how many iterations they are off.
    for by in [1, -1, 2, -2] {
        let is_of = |it: &&SolvedStep| stated_at(it.step, by).is_some();
        let (inside, beyond): (Vec<&SolvedStep>, Vec<&SolvedStep>) = solved.iter().partition(is_of);
        let off = |it: &SolvedStep| {
            stated_at(it.step, by).map_or(0.0, |value| {
                let nearest = value.clamp(it.within.0, it.within.1);
                (value - nearest).abs() / value.abs().max(f64::MIN_POSITIVE)
            })
        };
        // A rate may be stated in 32 bits, or in the digits that somebody printed.
        let is = |it: &&SolvedStep| off(it) <= ROUNDED;
        let is_told = inside.len() > 2 && inside.iter().all(is);
        if changes && is_told && !is_alike(&inside, by, stated_at) {
            let own = |it: &&SolvedStep| (it.step, short(it.within));
            let as_stated = |it: &&SolvedStep| match stated_at(it.step, by) {
                Some(value) if off(it) == 0.0 => (it.step, value),
                _ => own(it),
            };
            all.push(FreeValues::Late(
                by,
                beyond.iter().map(own).collect(),
                inside.iter().map(as_stated).collect(),
            ));
        }
    }
    let ratio = |it: &SolvedStep| {
        let (a, b) = (it.within.0 / it.stated, it.within.1 / it.stated);
        (a.min(b), a.max(b))
    };
    if changes
        && solved.iter().all(|it| it.stated != 0.0)
        && let Some(within) = meet(&ratio)
    {
        all.push(FreeValues::Multiple(short(within)));
    }
    all
}

/// The share of a stated value by which it may be off because it was rounded when it was stated.
const ROUNDED: f64 = 1e-6;

/// True if stated values of `by` iterations before are, where they are rounded, those of the iterations themselves.
fn is_alike(
    inside: &[&SolvedStep],
    by: i64,
    stated_at: &dyn Fn(usize, i64) -> Option<f64>,
) -> bool {
    inside.iter().all(|it| {
        let other = stated_at(it.step, by).unwrap_or(it.stated);
        (other - it.stated).abs() <= ROUNDED * other.abs()
    })
}

/// The number with the fewest digits between two.
pub(super) fn short((low, high): (f64, f64)) -> f64 {
    let middle = 0.5 * (low + high);
    if low <= 0.0 && high >= 0.0 {
        return 0.0;
    }
    let mut some = (1..=15).map(|digits| rounded(middle, digits));
    some.find(|it| low <= *it && *it <= high).unwrap_or(middle)
}
