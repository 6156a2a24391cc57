//! Causes that were found on a part of a run, held against all of it.

use super::{
    LocatedCause, LocatedSearch,
    rows::LocatedRows,
    trial::{RowEvent, Step, Trial, Walker},
};
use crate::{
    debugger::{Control, interrupted},
    diff::{
        against::CompareOptions,
        row_alignment::RowAlignment,
        stepper::{Mode, RecordedRow, StepOutcome},
    },
    error::Result,
    runs::Run,
};
use std::collections::BTreeMap;

impl LocatedSearch<'_> {
    /// The iterations and tensors of which the rule itself fails in some number, and the causes that were `found` for them, too;
    /// `None` where that cannot be told.
    pub(super) fn check(
        &mut self,
        found: &[&LocatedCause],
        control: &mut Control,
    ) -> Result<Option<Vec<(u64, usize)>>> {
        if self.options.failing.is_empty() {
            return Ok(None);
        }
        let mut whole = LocatedRows::whole(self.run, self.subject.is_as_recorded)?;
        let mut left = Vec::new();
        let mut failing = self.options.failing.to_vec();
        if self.has_own_counters() {
            let mut all: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for (t, tensor) in &failing {
                let at = whole.tensors.iter().position(|it| it.of == *tensor);
                all.entry(*t).or_default().extend(at);
            }
            let frames = &self.rows.frames;
            let Some(rule) = self.rules[0].over(self.pairing, self.run, &whole, frames) else {
                return Ok(None);
            };
            let trial = Trial {
                rule: &rule,
                event: None,
                free: Vec::new(),
            };
            failing = self.left_by(&trial, &whole, &all, control)?;
        }
        for cause in found {
            let mut wanted: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
            for (t, tensor) in &failing {
                let at = whole.tensors.iter().position(|it| it.of == *tensor);
                if let Some(at) = at.filter(|at| cause.groups.contains(&self.groups[*at])) {
                    wanted.entry(*t).or_default().push(at);
                }
            }
            let frames = &self.rows.frames;
            let own = self.rule(&cause.parts);
            let Some(rule) = own.over(self.pairing, self.run, &whole, frames) else {
                return Ok(None);
            };
            let Trial {
                mut event, free, ..
            } = self.trial(&cause.parts);
            if let Some(RowEvent::Restored(_, rows)) = &mut event {
                let shift = u64::from(self.options.alignment.first_is_start);
                for (_, row) in rows {
                    let t = self.rows.frames[*row].t + shift;
                    let mut frame = RecordedRow::default();
                    let at = self.run.row_at(t)?.unwrap_or(0);
                    self.options.alignment.frame(self.run, at, &mut frame)?;
                    whole.pick(&mut frame);
                    whole.frames.push(frame);
                    *row = whole.frames.len() - 1;
                }
            }
            let trial = Trial {
                rule: &rule,
                event,
                free,
            };
            left.extend(self.left_by(&trial, &whole, &wanted, control)?);
        }
        left.sort_unstable();
        Ok(Some(left))
    }

    /// The iterations and tensors of `wanted` that `trial` does not lead through.
    fn left_by(
        &mut self,
        trial: &Trial,
        whole: &LocatedRows,
        wanted: &BTreeMap<u64, Vec<usize>>,
        control: &mut Control,
    ) -> Result<Vec<(u64, usize)>> {
        let how = CompareOptions {
            pairs: &trial.rule.pairs,
            settings: &[],
            by_group: None,
            mode: Mode::Replay,
            tolerance: self.equality.tolerance,
            alignment: self.options.alignment,
            from_rows: true,
            rounding: self.equality.rounding,
        };
        let before = 1 + usize::from(trial.event == Some(RowEvent::Stale));
        let mut walker = Walker::new(whole, self.equality, trial, Mode::Replay);
        let mut window = Window::default();
        let mut stands_at = None;
        let mut left = Vec::new();
        let numbers = self.rows.frames.windows(2).enumerate();
        let numbers: BTreeMap<u64, usize> = numbers.map(|(at, pair)| (pair[1].t, at)).collect();
        for row in 1..self.run.rows {
            let t = self.run.t(row)?;
            let own = wanted.get(&t);
            // States that were not recorded are led to.
            if own.is_none() && self.first > 0 {
                continue;
            }
            if !control.at(t) {
                return Err(interrupted());
            }
            for row in row.saturating_sub(before)..=row {
                window.read(self.run, self.options.alignment, whole, row)?;
            }
            let [Some(from), Some(to)] = [window.row(row - 1), window.row(row)] else {
                continue;
            };
            let step = Step {
                number: numbers.get(&to.t).copied().unwrap_or(usize::MAX),
                before: row.checked_sub(2).and_then(|it| window.row(it)),
                from,
                to,
            };
            if stands_at != Some(row - 1) {
                walker.begin(&step);
            }
            stands_at = Some(row);
            let outcome = walker.advance(&step, None);
            let own = own.map_or(&[][..], Vec::as_slice);
            let differ = match outcome {
                StepOutcome::Done if own.is_empty() => Vec::new(),
                StepOutcome::Done => walker.differs_in(&step, own, &how),
                _ => own.to_vec(),
            };
            left.extend(differ.into_iter().map(|at| (t, whole.tensors[at].of)));
        }
        Ok(left)
    }
}

/// The rows that are at hand.
#[derive(Default)]
struct Window {
    rows: Vec<(usize, RecordedRow)>,
}

impl Window {
    const MOST: usize = 3;

    /// Reads row `row`, in the place of the first one that is at hand, unless it is there.
    fn read(
        &mut self,
        run: &mut Run,
        alignment: RowAlignment,
        whole: &LocatedRows,
        row: usize,
    ) -> Result<()> {
        if self.row(row).is_some() {
            return Ok(());
        }
        let first = self.rows.iter().enumerate().min_by_key(|it| it.1.0);
        let first = first
            .map(|it| it.0)
            .filter(|_| self.rows.len() >= Self::MOST);
        let (_, mut frame) = first.map_or_else(Default::default, |at| self.rows.remove(at));
        alignment.frame(run, row, &mut frame)?;
        whole.pick(&mut frame);
        self.rows.push((row, frame));
        Ok(())
    }

    fn row(&self, row: usize) -> Option<&RecordedRow> {
        let mut rows = self.rows.iter();
        rows.find(|it| it.0 == row).map(|it| &it.1)
    }
}
