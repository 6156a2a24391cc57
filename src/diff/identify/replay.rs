//! The rule with other settings, led from row to row: which lines hold, and which settings make more hold.

use super::observed::Observed;
use crate::{debugger::Control, diff::number_format::NumberFormat, rule::Domain};

/// Rows that settings are tried on.
const TRIED: usize = 80;
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
    let coarsest = observed.coarsest();
    let betas = observed.subject().compiled.settings.iter().zip(settings);
    let beta = betas
        .filter(|(it, value)| it.name.contains('b') && (0.0..1.0).contains(*value))
        .fold(0.0_f64, |most, (_, value)| most.max(*value))
        .min(0.9999);
    tracks
        .into_iter()
        .zip(lead)
        .map(|(track, lead)| {
            let rows = lead.iter().enumerate().map(|(row, expected)| {
                if expected.is_empty() {
                    return None;
                }
                let (before, after) = (&track.before[row], &track.after[row]);
                let lost = match coarsest {
                    NumberFormat::Double => 0.0,
                    _ => {
                        coarsest.unit()
                            * (1.0 + 0.25 / (1.0 - libm::pow(beta, observed.count[row].max(1.0))))
                    }
                };
                let mut told = false;
                let mut fits = true;
                for ((a, b), was) in after.iter().zip(expected).zip(before) {
                    if a.is_nan() && b.is_nan() {
                        continue;
                    }
                    told = true;
                    let was = if was.is_finite() { *was } else { 0.0 };
                    let size = a.abs().max(b.abs()).max(was.abs());
                    let slack = if track.format == NumberFormat::Double
                        && coarsest == NumberFormat::Double
                    {
                        1024.0
                    } else {
                        coarsest.slack()
                    };
                    let allowed = slack * (track.format.unit() * size + lost * (a - was).abs());
                    fits &= a == b || (a - b).abs() <= allowed;
                }
                told.then_some(fits)
            });
            HeldLine {
                name: track.name.clone(),
                rows: rows.collect(),
            }
        })
        .collect()
}

/// Looks for the fewest settings that make more lines hold, each with one of `numbers` as its value or, where
/// it is a switch, turned; two of `doubt` together where one does not do.
pub(super) fn settle(
    observed: &Observed,
    base: &[f64],
    numbers: &[f64],
    doubt: &[(usize, Vec<f64>)],
    control: &mut Control,
) -> Settled {
    let compiled = observed.subject().compiled.clone();
    let mut settings = base.to_vec();
    // Lines that hold throughout, and whether any that did is lost.
    let mut score = |settings: &[f64]| {
        if !control.goes_on() {
            return Vec::new();
        }
        held_in(observed, settings, TRIED)
            .iter()
            .map(HeldLine::is_whole)
            .collect::<Vec<bool>>()
    };
    let mut best = score(&settings);
    let mut left: Vec<usize> = (0..settings.len()).collect();
    for _ in 0..MOST {
        if best.iter().all(|it| *it) {
            break;
        }
        let count = |lines: &[bool]| lines.iter().filter(|it| **it).count();
        let mut found: Option<(usize, f64, Vec<bool>)> = None;
        for &at in &left {
            let domain = &compiled.settings[at].domain;
            let values: Vec<f64> = match domain {
                Domain::Choice(choices) => choices.clone(),
                Domain::Interval { .. } | Domain::Whole { .. } => numbers.to_vec(),
            };
            for value in values {
                let same = (value - settings[at]).abs() <= 1e-9 * settings[at].abs();
                if same || !domain.contains(value) {
                    continue;
                }
                let mut tried = settings.clone();
                tried[at] = value;
                let now = score(&tried);
                let digits = |x: f64| crate::format::exact(x).len();
                if best.iter().zip(&now).any(|(was, is)| *was && !is) {
                    continue;
                }
                let better = match &found {
                    None => count(&now) > count(&best),
                    Some((_, old, most)) => {
                        count(&now) > count(most)
                            || (count(&now) == count(most) && digits(value) < digits(*old))
                    }
                };
                if better {
                    found = Some((at, value, now));
                }
            }
        }
        let Some((at, value, now)) = found else {
            if let Some(both) = two(&settings, doubt, &mut score, count(&best)) {
                settings = both;
            }
            break;
        };
        settings[at] = value;
        left.retain(|it| *it != at);
        best = now;
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

/// Two settings that make a line hold only together.
fn two(
    settings: &[f64],
    doubt: &[(usize, Vec<f64>)],
    score: &mut dyn FnMut(&[f64]) -> Vec<bool>,
    before: usize,
) -> Option<Vec<f64>> {
    for (at, (first, values)) in doubt.iter().enumerate() {
        for (second, others) in &doubt[at + 1..] {
            for &a in values {
                for &b in others {
                    let mut tried = settings.to_vec();
                    (tried[*first], tried[*second]) = (a, b);
                    if score(&tried).iter().filter(|it| **it).count() > before {
                        return Some(tried);
                    }
                }
            }
        }
    }
    None
}
