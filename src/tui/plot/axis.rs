//! The axis of values: ticks at round values, the same number of rows apart.
//!
//! On a signed logarithm zero has a row of its own, and what else is labelled are the decades around it.

use super::scale::ValueScale;
use crate::format::label;

/// Heights and the rows that they fall in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ValueAxis {
    scale: ValueScale,
    /// The height at the middle of the lowest row.
    base: f64,
    /// The height between ticks.
    step: f64,
    /// The rows between ticks, not whole ones on a signed logarithm.
    each: f64,
    rows: u16,
    /// The largest height on either side that is labelled.
    most: f64,
}

/// Most tick steps that are tried.
const TRIED: i32 = 10;

impl ValueAxis {
    /// The axis on `rows` rows (at least 1) that spreads the heights from `low` to `high` the most.
    pub fn fit(scale: ValueScale, ends: [f64; 2], rows: u16) -> Self {
        let [low, high] = widened(scale, ends);
        let room = f64::from(rows.max(2) - 1);
        if matches!(scale, ValueScale::SignedLog { .. }) {
            return Self::signed(scale, [low.min(0.0), high.max(0.0)], rows);
        }
        let axis = |base, step, each| Self {
            scale,
            base,
            step,
            each,
            rows,
            most: f64::INFINITY,
        };
        // The finest come first: a coarser one has to use more, by this factor.
        let widest = |axes: &mut dyn Iterator<Item = Self>, more: f64| {
            let used = |axis: &Self| {
                (high - low) / axis.step * axis.each + if axis.each > 1.0 { 0.5 } else { 0.0 }
            };
            axes.map(|axis| (used(&axis), axis))
                .fold(None, |best: Option<(f64, Self)>, next| match best {
                    Some(best) if more * best.0 >= next.0 => Some(best),
                    _ => Some(next),
                })
        };
        let steps = steps(scale, (high - low) / (room + 0.5), high - low);
        // A tick in the lowest row: as the heights grow the axis stays as it is for a while.
        let mut at_ticks = steps.iter().filter_map(|&step| {
            let base = (low / step + 1e-9).floor() * step;
            let count = ((high - base) / step - 1e-9).max(1.0);
            (count <= room).then(|| axis(base, step, (room / count).floor()))
        });
        // Where that leaves many rows empty, any row may be the lowest. Ends that have been rounded stay for a while, too.
        let least = if room < 7.0 { 2.0 } else { 3.0 };
        let part = libm::exp2(libm::log2(((high - low) / 8.0).max(1e-300)).floor());
        let (low, high) = ((low / part).floor() * part, (high / part).ceil() * part);
        let mut anywhere = steps.iter().filter_map(|&step| {
            let most = (step / (high - low) * (room + 0.5)).ceil().min(room);
            let each = std::iter::successors(Some(most), |each| Some(each - 1.0));
            each.take_while(|each| *each >= 1.0).find_map(|each| {
                let unit = step / each;
                let is_in_sight =
                    |base: &f64| low >= base - 0.5 * unit && high <= base + (room + 0.5) * unit;
                // The middle of a row, else what a dot in it stands for.
                let base = std::iter::once((low / unit).round() * unit)
                    .chain([2.0, 4.0].map(|parts| {
                        let dot = unit / parts;
                        ((high - (room + 0.5) * unit) / dot - 1e-9).ceil() * dot
                    }))
                    .find(is_in_sight)?;
                let ticks = ((base + room * unit) / step + 1e-9).floor()
                    - (base / step - 1e-9).ceil()
                    + 1.0;
                (ticks >= least).then(|| axis(base, step, each))
            })
        });
        match (widest(&mut at_ticks, 1.2), widest(&mut anywhere, 1.15)) {
            (Some((used, axis)), Some((more, _))) if used > 0.7 * room && more < 1.3 * used => axis,
            (_, Some((_, axis))) | (Some((_, axis)), None) => axis,
            (None, None) => axis(low, (high - low).max(f64::MIN_POSITIVE), room),
        }
    }

    /// Zero in the middle of a row, and both ends in sight.
    fn signed(scale: ValueScale, [low, high]: [f64; 2], rows: u16) -> Self {
        let room = f64::from(rows.max(2) - 1);
        let span = (high - low).max(1e-9);
        let mut below = (room * -low / span).round();
        if low < 0.0 {
            below = below.max(1.0);
        }
        if high > 0.0 {
            below = below.min(room - 1.0);
        }
        let fit = |rows: f64, height: f64| {
            if height > 0.0 {
                rows.max(0.5) / height
            } else {
                f64::MAX
            }
        };
        let each = fit(below, -low).min(fit(room - below, high)).min(room);
        Self {
            scale,
            base: -below / each,
            step: 1.0,
            each,
            rows,
            most: high.max(-low) + 0.3,
        }
    }

    /// The depth of a height, 0 at the upper edge and 1 at the lower.
    pub fn depth(&self, height: f64) -> f64 {
        let up = (height - self.base) / self.step * self.each + 0.5;
        1.0 - up / f64::from(self.rows.max(1))
    }

    /// The row of each tick from the top, with its label.
    pub fn ticks(&self) -> Vec<(u16, String)> {
        let mut ticks: Vec<(u16, String)> = Vec::new();
        let mut add = |height: f64, apart: u16| {
            let depth = self.depth(height);
            if (0.0..=1.0).contains(&depth) && height.abs() <= self.most {
                let row = super::row(depth, self.rows);
                if ticks.iter().all(|(other, _)| other.abs_diff(row) >= apart) {
                    ticks.push((row, self.label(height)));
                }
            }
        };
        if matches!(self.scale, ValueScale::SignedLog { .. }) {
            // Zero first, then the largest decades: where rows are short those between give way.
            add(0.0, 1);
            for decade in (1..=40).rev() {
                add(f64::from(decade), 2);
                add(-f64::from(decade), 2);
            }
            return ticks;
        }
        // Zero among them.
        let stride = self.stride();
        let from = (self.base / self.step - 1e-9).ceil();
        let odd = (from / stride).fract() != 0.0;
        let first = if odd { from + 1.0 } else { from };
        for at in 0..=self.rows {
            add((first + stride * f64::from(at)) * self.step, 1);
        }
        ticks
    }

    /// The steps from one label to the next: two where ticks stand in neighbouring rows.
    fn stride(&self) -> f64 {
        if self.each > 1.0 { 1.0 } else { 2.0 }
    }

    fn label(&self, height: f64) -> String {
        if !self.scale.has_decades() {
            let step = self.step * self.stride();
            return label::short_multiple(height, step, usize::from(super::LABELS));
        }
        label::half_decade(self.scale.value(height))
    }
}

/// Some room around a curve that does not move.
fn widened(scale: ValueScale, [low, high]: [f64; 2]) -> [f64; 2] {
    let middle = f64::midpoint(low, high);
    let half = f64::midpoint(high, -low);
    let least = match scale {
        ValueScale::Linear if half > 1e-6 * middle.abs() => half,
        ValueScale::Linear if middle == 0.0 => 1.0,
        ValueScale::Linear => 0.5 * middle.abs(),
        _ => half.max(0.25),
    };
    [middle - least.min(1e300), middle + least.min(1e300)]
}

/// Round steps from about `least` on: 1, 2, 5 times a power of ten; decades are whole, or halves where there are few,
/// and few of them may be counted by threes and fours.
fn steps(scale: ValueScale, least: f64, span: f64) -> Vec<f64> {
    let finest = match scale {
        ValueScale::Linear => 1e-300,
        _ if span < 2.5 => 0.5,
        _ => 1.0,
    };
    let least = least.max(finest);
    let decade = libm::log10(least).floor();
    let few = if scale.has_decades() {
        &[3.0, 4.0][..]
    } else {
        &[]
    };
    let round = (0..TRIED).map(|at| {
        let power = libm::exp10(decade + f64::from(at / 3));
        power * [1.0, 2.0, 5.0][usize::try_from(at % 3).unwrap_or(0)]
    });
    let mut steps: Vec<f64> = round
        .chain(few.iter().copied())
        .filter(|step| step.is_finite() && *step >= least * (1.0 - 1e-9))
        .filter(|step| !scale.has_decades() || *step == 0.5 || step.fract() == 0.0)
        .collect();
    steps.sort_by(f64::total_cmp);
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_stand_evenly_at_round_values() {
        let axis = ValueAxis::fit(ValueScale::Log, [-6.0, 1.2], 12);
        let rows: Vec<u16> = axis.ticks().iter().map(|(row, _)| *row).collect();
        let gaps: Vec<u16> = rows.windows(2).map(|it| it[0].abs_diff(it[1])).collect();
        assert!(gaps.iter().all(|gap| *gap == gaps[0]), "{rows:?}");
        // A run down to the tolerance has all rows to itself.
        let axis = ValueAxis::fit(ValueScale::Log, [-7.2, 0.34], 9);
        let used = axis.depth(-7.2) - axis.depth(0.34);
        assert!(used > 0.75, "{used}");
        let axis = ValueAxis::fit(ValueScale::Linear, [-58.0, 3.0], 7);
        let labels: Vec<String> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert!(labels.iter().any(|label| label == "0"), "{labels:?}");
    }

    #[test]
    fn a_fall_of_half_a_decade_has_most_rows_and_two_labels() {
        for rows in 5..40 {
            let axis = ValueAxis::fit(ValueScale::Log, [-0.44, 0.08], rows);
            let used = axis.depth(-0.44) - axis.depth(0.08);
            assert!(used > 0.5, "{rows} rows: {used}");
            let labels: Vec<String> = axis.ticks().into_iter().map(|it| it.1).collect();
            assert!(labels.contains(&"1".to_owned()), "{rows} rows: {labels:?}");
            assert!(labels.len() > 1, "{rows} rows: {labels:?}");
        }
    }

    #[test]
    fn labels_of_small_and_large_values_are_whole() {
        for (value, step, label) in [
            (0.5, 0.5, "0.5"),
            (-1e-5, 1e-5, "-1e-5"),
            (-1.2e-5, 2e-6, "-12e-6"),
            (2.5e7, 5e6, "2.5e7"),
            (0.0, 1e-9, "0"),
        ] {
            let shown = label::short_multiple(value, step, usize::from(super::super::LABELS));
            assert_eq!(shown.trim_end_matches(".0"), label);
            assert!(shown.len() <= 6, "{shown}");
        }
    }

    #[test]
    fn everything_is_in_sight() {
        for (low, high) in [
            (-6.0, 1.2),
            (0.5, 0.5),
            (0.0, 0.0),
            (-0.3, 12.7),
            (3.0, 3.1),
        ] {
            for rows in 2..20 {
                for scale in [
                    ValueScale::Linear,
                    ValueScale::Log,
                    ValueScale::signed(12.0, 3.0),
                ] {
                    let axis = ValueAxis::fit(scale, [low, high], rows);
                    for height in [low, high] {
                        let depth = axis.depth(height);
                        assert!(
                            (0.0..=1.0).contains(&depth),
                            "{low} {high} {rows} {scale:?}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn a_signed_log_is_the_same_on_both_sides() {
        let scale = ValueScale::signed(0.8, 4.0);
        for value in [0.0, 1e-4, 0.02, 0.5, 0.8] {
            let height = scale.height(value).unwrap();
            assert_eq!(scale.height(-value), Some(-height));
            assert!((scale.value(height) - value).abs() <= 1e-12);
        }
    }
}
