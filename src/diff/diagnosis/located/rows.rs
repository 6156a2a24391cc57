//! The rows in which causes are located: coordinates of every tensor, and the group that each belongs to.

use super::{super::effort::Effort, trial::Step};
use crate::{
    diff::{row_alignment::RowAlignment, stepper::RecordedRow},
    error::Result,
    lang::number::{ABSENT, is_absent},
    rule::Tensor,
    runs::{RecordedSettings, Run},
};
use std::{ops::Range, rc::Rc, sync::Arc};

/// Numbers that are held in all.
const HELD: usize = 1_000_000;
/// Most rows.
const ROWS: usize = 2000;
/// Coordinates that numbers are solved for from.
const SOLVED: usize = 1024;
/// Fewest coordinates of a tensor, where it has them.
const FEWEST: usize = 8;

/// The coordinates of one tensor among those that are looked at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LocatedTensor {
    pub name: String,
    pub range: Range<usize>,
    /// Its place among the tensors of the run.
    pub of: usize,
    /// The group that its settings are stated for.
    pub group: Option<usize>,
}

/// Rows of a run, held in memory.
pub(super) struct LocatedRows {
    pub frames: Vec<RecordedRow>,
    pub tensors: Vec<LocatedTensor>,
    /// What a search over the rows has done.
    pub effort: Rc<Effort>,
    /// The settings that the run states.
    pub recorded: Arc<RecordedSettings>,
    /// The group of each coordinate.
    pub groups: Vec<Option<usize>>,
    /// The number of parameters of the run, those that are not looked at included.
    pub dimension: usize,
    /// The norm of the gradient that the step after each row used and that of the step before it, of all parameters; NaN where
    /// none was recorded.
    norms: Vec<(f64, f64)>,
    /// The norm of what the step after each row adds to all parameters; NaN where that is not known.
    step_norms: Vec<f64>,
    /// True if the first of the rows is the first of the run.
    is_from_start: bool,
    /// Steps after which an average of w would begin anew with w.
    pub anew: Vec<usize>,
    /// The coordinates in the run.
    places: Vec<usize>,
    /// The tensor of the run that each coordinate belongs to.
    tensor_of: Vec<usize>,
    /// True for fields of the run with one number for each tensor.
    of_tensors: Vec<bool>,
}

impl LocatedRows {
    /// Reads the rows of `run` from a little before row `around` on, where there are too many to hold them all; of large
    /// tensors coordinates at equal distances, and those among `differing`, which are in order.
    pub fn new(
        run: &mut Run,
        alignment: RowAlignment,
        around: usize,
        differing: &[usize],
        is_as_recorded: bool,
    ) -> Result<Self> {
        let n = run.dimension();
        let rows = run.rows.min(ROWS);
        let first = around.saturating_sub(ROWS / 10).min(run.rows - rows);
        let fields = run.fields.iter().filter(|it| it.len == n).count();
        let most = HELD / rows.max(1) / (fields + 2);
        let mut all = Self::whole(run, is_as_recorded)?;
        let share = if n <= most {
            usize::MAX
        } else {
            (most / all.tensors.len().max(1)).max(FEWEST)
        };
        all.take_share(share, differing);
        all.is_from_start = first == 0;
        let mut last = RecordedRow::default();
        for row in first..first + rows {
            let mut frame = RecordedRow::default();
            alignment.frame(run, row, &mut frame)?;
            all.norms.push((
                norm(frame.gradient_after.as_ref()),
                norm(frame.gradient_before.as_ref()),
            ));
            if row > first {
                let begun = last.begun(0, &frame);
                let moved = begun.iter().zip(&frame.values[0]).map(|(a, b)| b - a);
                all.step_norms
                    .push(moved.map(|it| it * it).sum::<f64>().sqrt());
            }
            last.values = vec![frame.values[0].clone()];
            all.pick(&mut frame);
            all.frames.push(frame);
        }
        Ok(all)
    }

    /// The same rows; a search over them adds to `effort`.
    pub fn spending(self, effort: &Rc<Effort>) -> Self {
        Self {
            effort: Rc::clone(effort),
            ..self
        }
    }

    /// All coordinates of `run`, without its rows; what it states of settings matters where the rule has them as recorded.
    pub fn whole(run: &mut Run, is_as_recorded: bool) -> Result<Self> {
        let recorded = if is_as_recorded {
            run.settings()?
        } else {
            Arc::default()
        };
        let (mut places, mut tensors, mut tensor_of) = (Vec::new(), Vec::new(), Vec::new());
        for (number, tensor) in run.tensors.iter().enumerate() {
            if run.is_frozen(tensor.range.start) || tensor.range.is_empty() {
                continue;
            }
            let from = places.len();
            places.extend(tensor.range.clone());
            tensor_of.resize(places.len(), number);
            tensors.push(LocatedTensor {
                name: tensor.name.clone(),
                range: from..places.len(),
                of: number,
                group: recorded.group_of(tensor.range.start),
            });
        }
        Ok(Self {
            frames: Vec::new(),
            effort: Rc::default(),
            groups: Self::groups_of(&tensors, places.len()),
            tensors,
            recorded,
            dimension: run.dimension(),
            norms: Vec::new(),
            step_norms: Vec::new(),
            is_from_start: false,
            anew: Vec::new(),
            places,
            tensor_of,
            of_tensors: run.fields.iter().map(|it| it.is_per_tensor).collect(),
        })
    }

    /// Leaves so many coordinates of each tensor, and those that are `differing`.
    fn take_share(&mut self, share: usize, differing: &[usize]) {
        let all = std::mem::take(&mut self.places);
        self.tensor_of.clear();
        for tensor in &mut self.tensors {
            let own = &all[tensor.range.clone()];
            let taken = own.len().min(share);
            let from = self.places.len();
            self.places
                .extend((0..taken).map(|at| own[at * own.len() / taken]));
            if taken < own.len() {
                let others = differing.iter().filter(|at| own.binary_search(at).is_ok());
                self.places.extend(others);
                self.places[from..].sort_unstable();
                self.places.dedup();
            }
            self.tensor_of.resize(self.places.len(), tensor.of);
            tensor.range = from..self.places.len();
        }
        self.groups = Self::groups_of(&self.tensors, self.places.len());
    }

    /// The same rows with these tensors alone, of large ones fewer coordinates; those among `differing` are kept.
    pub fn only(&self, tensors: &[usize], differing: &[usize]) -> Self {
        // Of very many tensors, a few numbers of each are many together.
        let is_many = tensors.len() > SOLVED / FEWEST;
        let fewest = if is_many { 1 } else { FEWEST };
        let share = (SOLVED / tensors.len().max(1)).max(fewest);
        let mut kept = Vec::new();
        let mut own = Vec::new();
        for at in tensors {
            let tensor = &self.tensors[*at];
            let all: Vec<usize> = tensor.range.clone().collect();
            let taken = all.len().min(share);
            let evenly = (0..taken).map(|it| all[it * all.len() / taken]);
            let is_example = |it: &&usize| differing.binary_search(&self.places[**it]).is_ok();
            let examples = all.iter().filter(is_example).copied();
            let examples = examples.take(if is_many { share } else { usize::MAX });
            let mut places: Vec<usize> = evenly.chain(examples).collect();
            places.sort_unstable();
            places.dedup();
            own.push(LocatedTensor {
                range: kept.len()..kept.len() + places.len(),
                ..tensor.clone()
            });
            kept.extend(places);
        }
        let width = self.width();
        let pick = |values: &Vec<f64>| -> Vec<f64> {
            if values.len() == width {
                kept.iter().map(|at| values[*at]).collect()
            } else {
                values.clone()
            }
        };
        let frames = self.frames.iter().map(|frame| RecordedRow {
            t: frame.t,
            values: frame.values.iter().map(pick).collect(),
            gradient_after: frame.gradient_after.as_ref().map(pick),
            gradient_before: frame.gradient_before.as_ref().map(pick),
            changed: frame.changed.iter().map(|it| (it.0, pick(&it.1))).collect(),
        });
        Self {
            frames: frames.collect(),
            effort: Rc::clone(&self.effort),
            groups: Self::groups_of(&own, kept.len()),
            tensors: own,
            recorded: Arc::clone(&self.recorded),
            dimension: self.dimension,
            norms: self.norms.clone(),
            step_norms: self.step_norms.clone(),
            is_from_start: self.is_from_start,
            anew: self.anew.clone(),
            places: kept.iter().map(|at| self.places[*at]).collect(),
            tensor_of: kept.iter().map(|at| self.tensor_of[*at]).collect(),
            of_tensors: self.of_tensors.clone(),
        }
    }

    fn groups_of(tensors: &[LocatedTensor], width: usize) -> Vec<Option<usize>> {
        let mut groups = vec![None; width];
        for tensor in tensors {
            groups[tensor.range.clone()].fill(tensor.group);
        }
        groups
    }

    /// Leaves of a row what is looked at: numbers of coordinates, and those of tensors once for each.
    pub fn pick(&self, frame: &mut RecordedRow) {
        let n = self.dimension;
        let pick = |values: &mut Vec<f64>, from: &[usize]| {
            if from.len() != values.len() || from.len() != n {
                let at = |at: &usize| values.get(*at).copied().unwrap_or(ABSENT);
                *values = from.iter().map(at).collect();
            }
        };
        for (values, is_per_tensor) in frame.values.iter_mut().zip(&self.of_tensors) {
            if values.is_empty() {
                continue;
            }
            if *is_per_tensor {
                pick(values, &self.tensor_of);
            } else if values.len() == n {
                pick(values, &self.places);
            }
        }
        let gradients = [&mut frame.gradient_after, &mut frame.gradient_before];
        let changed = frame.changed.iter_mut().map(|it| &mut it.1);
        for values in gradients.into_iter().flatten().chain(changed) {
            pick(values, &self.places);
        }
    }

    /// The tensors with their shapes, if all coordinates of each are looked at.
    pub fn whole_tensors(&self, run: &Run) -> Option<Vec<Tensor>> {
        let tensors = self.tensors.iter().map(|it| {
            let of = &run.tensors[it.of];
            let tensor = Tensor {
                range: it.range.clone(),
                ..of.clone()
            };
            (of.range.len() == it.range.len()).then_some(tensor)
        });
        tensors.collect()
    }

    /// The number of coordinates that are looked at.
    pub fn width(&self) -> usize {
        self.groups.len()
    }

    /// The number of iterations between rows.
    pub fn steps(&self) -> usize {
        self.frames.len().saturating_sub(1)
    }

    /// The rows of step `number`.
    pub fn step(&self, number: usize) -> Step<'_> {
        Step {
            number,
            before: number.checked_sub(1).map(|it| &self.frames[it]),
            from: &self.frames[number],
            to: &self.frames[number + 1],
        }
    }

    /// The iteration that leads to the row after row `step`.
    pub fn t(&self, step: usize) -> u64 {
        self.frames[step + 1].t
    }

    /// The moving average of w up to where `step` begins, with this decay, from the row `late` rows after the first of the run on;
    /// `None` where that is not known.
    pub fn average(&self, step: usize, decay: f64, late: usize) -> Option<Vec<f64>> {
        let from = self
            .anew
            .iter()
            .rfind(|it| **it < step)
            .map_or(late, |it| it + 1);
        let rows = self
            .frames
            .get(from..=step)
            .filter(|_| self.is_from_start)?;
        let mut average = rows.first()?.values[0].clone();
        for row in &rows[1..] {
            for (own, w) in average.iter_mut().zip(&row.values[0]) {
                *own = decay * *own + (1.0 - decay) * w;
            }
        }
        Some(average)
    }

    /// The parameters after the last step before `step` of those after which an average would begin anew, or the first of the run.
    pub fn last_anew(&self, step: usize) -> Option<&[f64]> {
        let last = self.anew.iter().rfind(|it| **it < step);
        let row = self.frames.get(last.map_or(0, |it| it + 1));
        row.filter(|_| self.is_from_start)
            .map(|it| it.values[0].as_slice())
    }

    /// The norm of the gradient that `step` uses, of some tensors; `None` where not all of it is at hand.
    pub fn norm_of(&self, tensors: &[usize], step: usize) -> Option<f64> {
        let (from, to) = (self.frames.get(step)?, self.frames.get(step + 1)?);
        let gradient = from.gradient_to(to)?;
        let mut squares = 0.0;
        for tensor in tensors {
            let own = gradient.get(self.tensors[*tensor].range.clone())?;
            squares += own
                .iter()
                .filter(|it| !is_absent(**it))
                .map(|it| it * it)
                .sum::<f64>();
        }
        Some(squares.sqrt())
    }

    /// The norm of what `step` adds to all parameters.
    pub fn step_norm(&self, step: usize) -> f64 {
        self.step_norms.get(step).copied().unwrap_or(f64::NAN)
    }

    /// The norm of the gradient of all parameters that `step` uses; NaN where none was recorded.
    pub fn gradient_norm(&self, step: usize) -> f64 {
        let (after, before) = (self.norms[step].0, self.norms[step + 1].1);
        if before.is_nan() { after } else { before }
    }
}

/// The norm of a gradient; NaN where there is none.
fn norm(gradient: Option<&Vec<f64>>) -> f64 {
    let squares = |it: &Vec<f64>| {
        let known = it.iter().filter(|it| !is_absent(**it));
        known.map(|it| it * it).sum::<f64>()
    };
    gradient.map_or(f64::NAN, |it| squares(it).sqrt())
}
