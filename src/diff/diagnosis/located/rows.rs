//! The rows in which causes are located: coordinates of every tensor, and the group that each belongs to.

use crate::{
    diff::{row_alignment::RowAlignment, stepper::RecordedRow},
    error::Result,
    lang::number::{ABSENT, is_absent},
    runs::{RecordedSettings, Run},
};
use std::{ops::Range, sync::Arc};

/// Numbers that are held in all.
const HELD: usize = 4_000_000;
/// Most rows.
const ROWS: usize = 2000;
/// Fewest coordinates of a tensor, where it has them.
const FEWEST: usize = 8;

/// The coordinates of one tensor among those that are looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LocatedTensor {
    pub name: String,
    pub range: Range<usize>,
    /// The group that its settings are stated for.
    pub group: Option<usize>,
}

/// Rows of a run, held in memory.
pub(super) struct LocatedRows {
    pub frames: Vec<RecordedRow>,
    pub tensors: Vec<LocatedTensor>,
    /// The settings that the run states.
    pub recorded: Arc<RecordedSettings>,
    /// The group of each coordinate.
    pub groups: Vec<Option<usize>>,
    /// The number of parameters of the run, those that are not looked at included.
    pub dimension: usize,
}

impl LocatedRows {
    /// Reads the rows of `run` from a little before row `around` on, where there are too many to hold them all.
    pub fn new(run: &mut Run, alignment: RowAlignment, around: usize) -> Result<Self> {
        let n = run.dimension();
        let recorded = run.settings()?;
        let rows = run.rows.min(ROWS);
        let first = around.saturating_sub(ROWS / 10).min(run.rows - rows);
        let fields = run.fields.iter().filter(|it| it.len == n).count();
        let most = HELD / rows.max(1) / (fields + 2);
        let awake = run.tensors.iter().enumerate();
        let awake: Vec<_> = awake
            .filter(|(_, it)| !run.is_frozen(it.range.start) && !it.range.is_empty())
            .collect();
        let share = if n <= most {
            usize::MAX
        } else {
            (most / awake.len().max(1)).max(FEWEST)
        };
        let (mut places, mut tensors, mut tensor_of) = (Vec::new(), Vec::new(), Vec::new());
        for (number, tensor) in awake {
            let len = tensor.range.len();
            let taken = len.min(share);
            let from = places.len();
            places.extend((0..taken).map(|at| tensor.range.start + at * len / taken));
            tensor_of.resize(places.len(), number);
            tensors.push(LocatedTensor {
                name: tensor.name.clone(),
                range: from..places.len(),
                group: recorded.group_of(tensor.range.start),
            });
        }
        let of_tensors: Vec<bool> = run.fields.iter().map(|it| it.is_per_tensor).collect();
        let mut frames = Vec::with_capacity(rows);
        for row in first..first + rows {
            let mut frame = RecordedRow::default();
            alignment.frame(run, row, &mut frame)?;
            let pick = |values: &mut Vec<f64>, from: &[usize]| {
                let at = |at: &usize| values.get(*at).copied().unwrap_or(ABSENT);
                *values = from.iter().map(at).collect();
            };
            for (values, is_per_tensor) in frame.values.iter_mut().zip(&of_tensors) {
                if values.is_empty() {
                    continue;
                }
                if *is_per_tensor {
                    pick(values, &tensor_of);
                } else if values.len() == n {
                    pick(values, &places);
                }
            }
            let gradients = [&mut frame.gradient_after, &mut frame.gradient_before];
            let changed = frame.changed.iter_mut().map(|it| &mut it.1);
            for values in gradients.into_iter().flatten().chain(changed) {
                pick(values, &places);
            }
            frames.push(frame);
        }
        let groups = places.iter().map(|at| recorded.group_of(*at)).collect();
        Ok(Self {
            frames,
            tensors,
            recorded,
            groups,
            dimension: n,
        })
    }

    /// The number of coordinates that are looked at.
    pub fn width(&self) -> usize {
        self.groups.len()
    }

    /// The number of iterations between rows.
    pub fn steps(&self) -> usize {
        self.frames.len().saturating_sub(1)
    }

    /// The iteration that leads to the row after row `step`.
    pub fn t(&self, step: usize) -> u64 {
        self.frames[step + 1].t
    }

    /// The norm of the gradient that `step` uses, as far as it is looked at; NaN where none was recorded.
    pub fn gradient_norm(&self, step: usize) -> f64 {
        let (from, to) = (&self.frames[step], &self.frames[step + 1]);
        let gradient = from.gradient_to(to);
        let squares = |it: &Vec<f64>| {
            it.iter()
                .filter(|it| !is_absent(**it))
                .map(|it| it * it)
                .sum::<f64>()
        };
        gradient.map_or(f64::NAN, |it| squares(it).sqrt())
    }
}
