//! Parameters that were put back to what they were after an earlier iteration, as by a checkpoint that was loaded again.

use super::{
    outside::{ChangePattern, ChangePlace, OutsideChange},
    row_alignment::RowAlignment,
    stepper::RecordedRow,
};
use crate::{error::Result, runs::Run};
use std::ops::Range;

/// Most iterations in which a tensor is looked for among earlier ones.
const FEW: usize = 3;

/// A tensor that an iteration began with other numbers of.
struct Wanted {
    /// Its place among the changes.
    change: usize,
    range: Range<usize>,
    t: u64,
    begun: Vec<f64>,
    /// The last iteration before it that left these numbers.
    after: Option<u64>,
}

/// Tells of those `changes` of `w` in `run` that look like nothing else whether an earlier iteration left just these numbers.
///
/// # Errors
/// A file that cannot be read again.
pub(super) fn tell_put_back(
    run: &mut Run,
    alignment: RowAlignment,
    changes: &mut [OutsideChange],
) -> Result<()> {
    let shift = u64::from(alignment.first_is_start);
    let mut wanted = Vec::new();
    for (at, change) in changes.iter().enumerate() {
        let is_w = change.field == "w" && change.place == ChangePlace::Before;
        let tensor = run.tensors.iter().find(|it| it.name == change.tensor);
        let iterations: Vec<u64> = change.all_iterations().take(FEW + 1).collect();
        if let Some(tensor) = tensor.filter(|_| is_w && change.pattern.is_none())
            && iterations.len() <= FEW
        {
            wanted.extend(iterations.into_iter().map(|t| Wanted {
                change: at,
                range: tensor.range.clone(),
                t,
                begun: Vec::new(),
                after: None,
            }));
        }
    }
    if wanted.is_empty() {
        return Ok(());
    }
    let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
    for row in 0..run.rows {
        alignment.frame(run, row, &mut to)?;
        for it in wanted
            .iter_mut()
            .filter(|it| it.t == to.t + shift && row > 0)
        {
            it.begun = from.begun(0, &to)[it.range.clone()].to_vec();
        }
        std::mem::swap(&mut from, &mut to);
    }
    for row in 0..run.rows {
        alignment.frame(run, row, &mut to)?;
        for it in wanted.iter_mut().filter(|it| to.t + shift < it.t) {
            let both = to.values[0][it.range.clone()].iter().zip(&it.begun);
            if both.into_iter().all(|(a, b)| a.to_bits() == b.to_bits()) && !it.begun.is_empty() {
                it.after = Some(to.t + shift);
            }
        }
    }
    for (at, change) in changes.iter_mut().enumerate() {
        let own = wanted.iter().filter(|it| it.change == at);
        let after: Option<Vec<u64>> = own.map(|it| it.after).collect();
        if let Some(after) = after.filter(|it| !it.is_empty()) {
            change.pattern = Some(ChangePattern::PutBack { after });
        }
    }
    Ok(())
}
