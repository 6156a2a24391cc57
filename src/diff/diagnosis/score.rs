//! The score of a variant on a run: the iterations it explains, from row to row.

use super::{
    evidence::{Evidence, RecordedPrecision},
    variant::Variant,
};
use crate::{
    diff::stepper::{Mode, RecordedRow, StepOutcome, Stepper},
    lang::number::is_absent,
};

/// Units in the last place that a right rule may be off by, in another order of operations, and where
/// buffers were not recorded but have to be carried along.
const RECORDED: f64 = 1024.0;
const CARRIED: f64 = 16_384.0;
/// The same for coarser numbers, whose rounding outweighs that of the arithmetic.
const COARSE: f64 = 24.0;

/// The score of one iteration.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct RowVerdict {
    /// The iteration.
    pub t: u64,
    /// The error of the rule relative to the size of the change; `None` where it cannot be computed.
    pub off: Option<f64>,
    /// True if the error is within rounding.
    pub explained: bool,
    /// The same relative to the last step, which is finer: for comparisons between variants.
    pub strict: f64,
}

/// The score of all iterations.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Score {
    pub verdicts: Vec<RowVerdict>,
}

impl Score {
    pub fn told(&self) -> usize {
        self.verdicts.iter().filter(|it| it.off.is_some()).count()
    }

    pub fn explained(&self) -> usize {
        self.verdicts.iter().filter(|it| it.explained).count()
    }

    /// The share of the iterations that can be told.
    pub fn share(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let share = self.explained() as f64 / self.told().max(1) as f64;
        share
    }

    pub fn explains_all(&self) -> bool {
        self.told() > 0 && self.explained() == self.told()
    }

    /// The largest deviation of those that are explained.
    pub fn residual(&self) -> f64 {
        let explained = self.verdicts.iter().filter(|it| it.explained);
        explained.filter_map(|it| it.off).fold(0.0, f64::max)
    }

    /// The mean of log10 of the deviation: small is good, and a few bad rows do not hide many good ones.
    pub fn depth(&self) -> f64 {
        let told = self.verdicts.iter().filter(|it| it.off.is_some());
        let depths = told.map(|it| {
            if it.strict.is_finite() {
                libm::log10(it.strict.max(1e-18))
            } else {
                6.0
            }
        });
        #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
        let mean = depths.sum::<f64>() / self.told().max(1) as f64;
        mean
    }

    /// The first iteration that is not explained.
    pub fn first_failure(&self) -> Option<u64> {
        let failed = |it: &&RowVerdict| it.off.is_some() && !it.explained;
        self.verdicts.iter().find(failed).map(|it| it.t)
    }
}

/// Judges a variant row by row.
pub(super) struct Judge {
    stepper: Stepper,
    settings: Vec<f64>,
    fixed: Vec<(usize, Vec<f64>)>,
    tolerance: f64,
    floor: f64,
    /// The iteration from which on other settings hold, which alone are judged, and those before it.
    switch: Option<(u64, Vec<f64>)>,
}

impl Judge {
    pub fn new(variant: &Variant, precision: RecordedPrecision, from_rows: bool) -> Self {
        let carries = variant.subject.compiled.kept()
            > variant
                .pairs
                .iter()
                .map(|pair| {
                    variant.subject.compiled.variables[pair.variable]
                        .range
                        .len()
                })
                .sum();
        let ulps = match (precision, carries) {
            (RecordedPrecision::Double, false) => RECORDED,
            (RecordedPrecision::Double, true) => CARRIED,
            _ => COARSE,
        };
        Self {
            stepper: Stepper::new(
                &variant.subject,
                &variant.pairs,
                Mode::Replay,
                variant.rounding,
                from_rows,
            ),
            settings: variant.subject.settings.clone(),
            fixed: variant.fixed.clone(),
            tolerance: ulps * precision.unit(),
            floor: precision.unit(),
            switch: None,
        }
    }

    /// Judges from iteration `t` on, up to which the variant's settings hold; others may be tried after it.
    pub fn only_from(mut self, t: u64) -> Self {
        self.switch = Some((t, self.settings.clone()));
        self
    }

    /// Tries other settings from here on.
    pub fn set(&mut self, settings: &[f64]) {
        self.settings = settings.to_vec();
        self.apply(false);
    }

    /// Gives the stepper the settings that hold before the switch, or those after it.
    fn apply(&mut self, before: bool) {
        let settings = match &self.switch {
            Some((_, settings)) if before => settings,
            _ => &self.settings,
        };
        for (at, value) in settings.iter().enumerate() {
            self.stepper.set(at, *value);
        }
    }

    pub fn begin(&mut self, frame: &RecordedRow) {
        if self.switch.is_some() {
            self.apply(true);
        }
        self.stepper.begin(frame, &self.settings, &self.fixed);
    }

    /// Judges how the states begin, where that was recorded.
    pub fn start(&self, frame: &RecordedRow) -> Option<RowVerdict> {
        let pairs = self
            .stepper
            .pairs()
            .iter()
            .filter(|pair| pair.variable != 0);
        let known = pairs.filter(|pair| frame.t == 0 && !frame.values[pair.field].is_empty());
        let mut off = None;
        for pair in known {
            let expected = self.stepper.initial(pair.variable);
            for (a, b) in frame.values[pair.field].iter().zip(expected) {
                let miss = if a == b {
                    0.0
                } else {
                    (a - b).abs() / a.abs().max(b.abs())
                };
                off = Some(miss.max(off.unwrap_or(0.0)));
            }
        }
        let off = off.filter(|_| self.switch.is_none())?;
        Some(RowVerdict {
            t: 0,
            off: Some(off),
            explained: off <= self.tolerance,
            strict: off,
        })
    }

    /// Takes the step from one row to the next; false where that cannot be told or is not asked.
    fn advance(&mut self, from: &RecordedRow, to: &RecordedRow) -> bool {
        let asked = match &self.switch {
            Some((t, _)) if to.t == *t || (from.t < *t && to.t > *t) => {
                self.apply(false);
                true
            }
            Some((t, _)) => to.t > *t,
            None => true,
        };
        self.stepper.advance(from, to) == StepOutcome::Done && asked
    }

    /// Judges the step from one row to the next.
    pub fn step(&mut self, from: &RecordedRow, to: &RecordedRow) -> RowVerdict {
        let mut verdict = RowVerdict {
            t: to.t,
            off: None,
            explained: false,
            strict: 0.0,
        };
        if !self.advance(from, to) {
            return verdict;
        }
        let mut off = 0.0_f64;
        let mut is_told = false;
        for pair in self.stepper.pairs() {
            let recorded = &to.values[pair.field];
            let before = from.begun(pair.field, to);
            let expected = self.stepper.value(pair.variable);
            for (at, (&a, &b)) in recorded.iter().zip(expected).enumerate() {
                let was = before.get(at).copied().unwrap_or(0.0);
                is_told |= pair.variable == 0 && (a.is_finite() || was.is_finite());
                let gradient = from.gradient_to(to);
                let is_still = gradient
                    .and_then(|it| it.get(at))
                    .is_some_and(|it| is_absent(*it));
                if a == b || (a.is_nan() && b.is_nan()) || is_absent(a) || is_still {
                    continue;
                }
                let size = a.abs().max(b.abs()).max(was.abs());
                let miss = (a - b).abs();
                off = off.max(if miss.is_finite() {
                    miss / size
                } else {
                    f64::INFINITY
                });
                let step = (a - was).abs().max(size * self.floor);
                let strict = if miss.is_finite() {
                    miss / step
                } else {
                    f64::INFINITY
                };
                verdict.strict = verdict.strict.max(strict);
            }
        }
        // Of parameters none of which was a number any more, any rule makes the same.
        if !is_told {
            return verdict;
        }
        verdict.off = Some(off);
        verdict.explained = off <= self.tolerance;
        verdict
    }

    /// Judges all rows of `evidence`.
    pub fn score(&mut self, evidence: &Evidence) -> Score {
        let mut score = Score::default();
        for frames in &evidence.stretches {
            let Some(first) = frames.first() else {
                continue;
            };
            self.begin(first);
            score.verdicts.extend(self.start(first));
            for pair in frames.windows(2) {
                score.verdicts.push(self.step(&pair[0], &pair[1]));
            }
        }
        score
    }

    /// The residuals of a fit: for each coordinate of each row, the error relative to the step there.
    pub fn residuals(&mut self, evidence: &Evidence, most: usize, out: &mut Vec<f64>) {
        out.clear();
        for frames in &evidence.stretches {
            let Some(first) = frames.first() else {
                continue;
            };
            self.begin(first);
            let first_asked = self.switch.as_ref().map_or(0, |(t, _)| *t);
            let asked = frames.iter().filter(|frame| frame.t < first_asked).count();
            for rows in frames.windows(2).take(asked + most) {
                let (from, to) = (&rows[0], &rows[1]);
                let told = self.advance(from, to);
                for pair in self.stepper.pairs() {
                    let expected = self.stepper.value(pair.variable);
                    let before = from.begun(pair.field, to);
                    for (at, (&a, &b)) in to.values[pair.field].iter().zip(expected).enumerate() {
                        let was = before.get(at).copied().unwrap_or(0.0);
                        let step = (a - was)
                            .abs()
                            .max(a.abs() * self.floor)
                            .max(f64::MIN_POSITIVE);
                        let off = (b - a) / step;
                        out.push(if told && off.is_finite() {
                            off.clamp(-1e3, 1e3)
                        } else if told {
                            1e3
                        } else {
                            0.0
                        });
                    }
                }
            }
        }
    }
}
