//! The rule with other settings, led from row to row: which lines hold, and which settings make more hold.

use super::observed::{Observed, ObservedSeries};
use crate::{
    debugger::Control,
    diff::{
        number_format::NumberFormat,
        rule_pattern::{DECAYS, EPSILONS, RATES},
    },
    format::{exact, rounded},
    lang::number::is_absent,
    rule::{Compiled, Domain},
};
use std::ops::Range;

/// Rows that settings are tried on.
const TRIED: usize = 80;
/// Rows that most settings fail on already.
const FIRST: usize = 8;
/// Most settings that change together.
const MOST: usize = 3;

/// In which iterations one line of the rule leads to what was recorded.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct HeldLine {
    pub name: String,
    /// `None` where it cannot be told.
    pub rows: Vec<Option<bool>>,
}

impl HeldLine {
    pub fn is_whole(&self) -> bool {
        let mut told = self.rows.iter().flatten();
        told.clone().next().is_some() && told.all(|it| *it)
    }

    /// The first iteration in which it fails.
    pub fn fails(&self, observed: &Observed) -> Option<u64> {
        let row = self.rows.iter().position(|it| *it == Some(false))?;
        observed.t.get(row).copied()
    }
}

/// Settings, and what holds with them.
pub(super) struct Settled {
    pub settings: Vec<f64>,
    pub held: Vec<String>,
    is_whole: bool,
}

impl Settled {
    pub fn is_whole(&self) -> bool {
        self.is_whole
    }
}

/// The rule's lines under `settings`, each with the iterations for which it holds.
pub(super) fn held(observed: &Observed, settings: &[f64]) -> Vec<HeldLine> {
    held_in(observed, settings, usize::MAX)
}

fn held_in(observed: &Observed, settings: &[f64], most: usize) -> Vec<HeldLine> {
    let tracks: Vec<_> = observed
        .buffers
        .iter()
        .filter(|it| it.is_recorded && it.variable.is_some())
        .chain([&observed.w])
        .collect();
    let wanted: Vec<usize> = tracks.iter().filter_map(|it| it.variable).collect();
    let lead = observed.lead(settings, &wanted, most);
    let lost = lost(observed, settings);
    tracks
        .into_iter()
        .zip(lead)
        .map(|(track, lead)| {
            let rows = lead.iter().enumerate().map(|(row, expected)| {
                let all = 0..expected.len();
                fits(observed, track, row, expected, all, lost(row))
            });
            HeldLine {
                name: track.name.clone(),
                rows: rows.collect(),
            }
        })
        .collect()
}

/// For each tensor, in which iterations the rule's line of w leads to what was recorded, under the settings that were expected.
pub(super) fn held_by_tensor(observed: &Observed) -> Vec<HeldLine> {
    let lost = lost(observed, &observed.subject().settings);
    let w = &observed.w;
    let parts = observed.parts.iter();
    let held = parts.map(|part| {
        let rows = w.expected.iter().enumerate().map(|(row, expected)| {
            if expected.is_empty() {
                return None;
            }
            fits(observed, w, row, expected, part.range.clone(), lost(row))
        });
        HeldLine {
            name: part.name.clone(),
            rows: rows.collect(),
        }
    });
    held.collect()
}

/// What a correction loses of the numbers in an iteration, relative to the step.
fn lost<'a>(observed: &'a Observed, settings: &[f64]) -> impl Fn(usize) -> f64 + use<'a> {
    let coarsest = observed.coarsest();
    let betas = observed.subject().compiled.settings.iter().zip(settings);
    let beta = betas
        .filter(|(it, value)| it.name.contains('b') && (0.0..1.0).contains(*value))
        .fold(0.0_f64, |most, (_, value)| most.max(*value))
        .min(0.9999);
    move |row| {
        if coarsest == NumberFormat::Double {
            return 0.0;
        }
        let left = 1.0 - libm::pow(beta, observed.count[row].max(1.0));
        coarsest.unit() * (1.0 + 0.25 / left)
    }
}

/// True if the numbers of `track` at `places` are those `expected` after an iteration; `None` where there are none, or nothing
/// was updated.
fn fits(
    observed: &Observed,
    track: &ObservedSeries,
    row: usize,
    expected: &[f64],
    places: Range<usize>,
    lost: f64,
) -> Option<bool> {
    // Where nothing moves, there was no update: a matter of its own.
    if observed.idle[row] {
        return None;
    }
    let coarsest = observed.coarsest();
    let is_double = [track.format, coarsest] == [NumberFormat::Double; 2];
    let slack = if is_double { 1024.0 } else { coarsest.slack() };
    let (before, after) = (&track.before[row], &track.after[row]);
    let mut told = false;
    let mut fits = true;
    for at in places {
        let (a, b, was) = (after[at], expected[at], before[at]);
        // A tensor may have no such buffer.
        if is_absent(a) || (a.is_nan() && b.is_nan()) {
            continue;
        }
        told = true;
        let was = if was.is_finite() { was } else { 0.0 };
        let size = a.abs().max(b.abs()).max(was.abs());
        let allowed = slack * (track.format.unit() * size + lost * (a - was).abs());
        fits &= a == b || (a - b).abs() <= allowed;
    }
    told.then_some(fits)
}

/// Looks for the fewest settings that make more lines hold, each with one of `numbers` as its value or, where it is a switch,
/// turned; where one does not do, two that are exchanged, two of `doubt` together, or one that is off by a round factor or has
/// the value of another.
pub(super) fn settle(
    observed: &Observed,
    base: &[f64],
    numbers: &[f64],
    doubt: &[(usize, Vec<f64>)],
    control: &mut Control,
) -> Settled {
    let compiled = observed.subject().compiled.clone();
    let mut settings = base.to_vec();
    let mut lines = Lines { observed, control };
    let mut best = lines.holding(&settings, TRIED);
    let mut left: Vec<usize> = (0..settings.len()).collect();
    // Lines say where rates, decays and eps stand, and how large they are.
    let is_solved = |name: &str| [&RATES[..], &DECAYS, &EPSILONS].concat().contains(&name);
    let names = compiled.settings.iter().map(|it| is_solved(&it.name));
    let others: Vec<bool> = names.map(|it| !it).collect();
    for _ in 0..MOST {
        if best.iter().all(|it| *it) {
            break;
        }
        let of_numbers = |_: f64| numbers.to_vec();
        let free: Vec<usize> = left.iter().copied().filter(|at| others[*at]).collect();
        let beside = |value: f64| near(value, base);
        let found = lines.one(&settings, &best, &left, &of_numbers, &compiled);
        let found = found.or_else(|| lines.exchanged(&settings, &best, &free, &compiled));
        let found = found.or_else(|| two(&settings, doubt, &mut |it| lines.more(it, &best)));
        let found = found.or_else(|| lines.one(&settings, &best, &free, &beside, &compiled));
        let Some((tried, now)) = found else { break };
        left.retain(|at| tried[*at].to_bits() == settings[*at].to_bits());
        (settings, best) = (tried, now);
    }
    let held = held(observed, &settings);
    let is_whole = !held.is_empty() && held.iter().all(HeldLine::is_whole);
    Settled {
        settings,
        held: held
            .into_iter()
            .filter(HeldLine::is_whole)
            .map(|it| it.name)
            .collect(),
        is_whole,
    }
}

/// Values that somebody writes where another was meant: off by a round factor, another small count, or one of `stated`.
fn near(value: f64, stated: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = [10.0, 0.1, 2.0, 0.5, 100.0, 0.01]
        .map(|it| rounded(value * it, 9))
        .to_vec();
    if value >= 2.0 && value == libm::floor(value) {
        all.extend((0..=10).map(f64::from));
    }
    all.extend(stated.iter().filter(|it| **it > 0.0 && it.is_finite()));
    all
}

/// Settings, and the lines that hold with them.
type Tried = (Vec<f64>, Vec<bool>);

/// Which lines hold with which settings.
struct Lines<'a, 'b, 'c> {
    observed: &'a Observed,
    control: &'b mut Control<'c>,
}

impl Lines<'_, '_, '_> {
    /// For each line whether it holds in all of the first `most` rows; nothing once the search is to end.
    fn holding(&mut self, settings: &[f64], most: usize) -> Vec<bool> {
        if !self.control.goes_on() {
            return Vec::new();
        }
        let lines = held_in(self.observed, settings, most);
        lines.iter().map(HeldLine::is_whole).collect()
    }

    /// The lines that hold with `settings`, where they are more than `best` and all of those.
    fn more(&mut self, settings: &[f64], best: &[bool]) -> Option<Vec<bool>> {
        let is_more = |now: &[bool]| {
            let pairs = || best.iter().zip(now);
            pairs().all(|(was, is)| !was || *is) && pairs().any(|(was, is)| !was && *is)
        };
        // What fails in the first rows need not be led through all.
        let first = self.holding(settings, FIRST);
        if !is_more(&first) {
            return None;
        }
        let now = self.holding(settings, TRIED);
        is_more(&now).then_some(now)
    }

    /// The one setting that makes most lines hold, with one of `values` of its own; the shorter number of two.
    fn one(
        &mut self,
        settings: &[f64],
        best: &[bool],
        left: &[usize],
        values: &dyn Fn(f64) -> Vec<f64>,
        compiled: &Compiled,
    ) -> Option<Tried> {
        let count = |lines: &[bool]| lines.iter().filter(|it| **it).count();
        let digits = |x: f64| exact(x).len();
        let mut found: Option<(f64, Tried)> = None;
        for &at in left {
            let domain = &compiled.settings[at].domain;
            let values = match domain {
                Domain::Choice(choices) => choices.clone(),
                Domain::Interval { .. } | Domain::Whole { .. } => values(settings[at]),
            };
            for value in values {
                let same = (value - settings[at]).abs() <= 1e-9 * settings[at].abs();
                if same || !domain.contains(value) {
                    continue;
                }
                let mut tried = settings.to_vec();
                tried[at] = value;
                let Some(now) = self.more(&tried, best) else {
                    continue;
                };
                let is_better = found.as_ref().is_none_or(|(old, (_, most))| {
                    count(&now) > count(most)
                        || (count(&now) == count(most) && digits(value) < digits(*old))
                });
                if is_better {
                    found = Some((value, (tried, now)));
                }
            }
        }
        found.map(|it| it.1)
    }

    /// Two settings with the values of each other.
    fn exchanged(
        &mut self,
        settings: &[f64],
        best: &[bool],
        left: &[usize],
        compiled: &Compiled,
    ) -> Option<Tried> {
        for (at, &first) in left.iter().enumerate() {
            for &second in &left[at + 1..] {
                let (a, b) = (settings[first], settings[second]);
                let domain = |at: usize| &compiled.settings[at].domain;
                let is_one = |at: usize| matches!(domain(at), Domain::Interval { .. });
                let fits = domain(first).contains(b) && domain(second).contains(a);
                if a.to_bits() == b.to_bits() || !fits || !is_one(first) || !is_one(second) {
                    continue;
                }
                let mut tried = settings.to_vec();
                tried.swap(first, second);
                if let Some(now) = self.more(&tried, best) {
                    return Some((tried, now));
                }
            }
        }
        None
    }
}

/// Two settings that make a line hold only together.
fn two(
    settings: &[f64],
    doubt: &[(usize, Vec<f64>)],
    more: &mut dyn FnMut(&[f64]) -> Option<Vec<bool>>,
) -> Option<Tried> {
    for (at, (first, values)) in doubt.iter().enumerate() {
        for (second, others) in &doubt[at + 1..] {
            for &a in values {
                for &b in others {
                    let mut tried = settings.to_vec();
                    (tried[*first], tried[*second]) = (a, b);
                    if let Some(now) = more(&tried) {
                        return Some((tried, now));
                    }
                }
            }
        }
    }
    None
}
