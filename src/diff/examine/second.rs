//! A second cause: what a run does otherwise beside settings that lead through almost all of it.

use super::MOST_TENSORS;
use crate::{
    debugger::Control,
    diff::{
        against::{CompareOptions, compare},
        configured_rule::ConfiguredRule,
        diagnosis::{self, Effort, LocateOptions},
        finding::{Cause, Diagnosis},
        pairing::Pairing,
    },
    error::Result,
    runs::Run,
};
use std::rc::Rc;

/// Looks, where `found` has settings that lead through a run but for some numbers, for what these have in common: another line of
/// the rule, a bound, an event. The rule of `subject` has one value of each setting.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(super) fn second_cause(
    found: &Diagnosis,
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    how: &CompareOptions,
    control: &mut Control,
) -> Result<Option<Diagnosis>> {
    let Some(best) = found.explanations.first() else {
        return Ok(None);
    };
    let (left, settings): (Vec<&Cause>, Vec<&Cause>) =
        best.causes.iter().partition(|it| !it.changes.is_empty());
    let leaves_some = !left.is_empty() || !best.failing.is_empty();
    if !leaves_some
        || settings.is_empty()
        || how.by_group.is_some()
        || run.tensors.len() > MOST_TENSORS
    {
        return Ok(None);
    }
    let Some(beside) = subject.with(settings.iter().copied()) else {
        return Ok(None);
    };
    let compared = compare(run, &beside, how, control)?;
    let ranges = compared.spread.iter().filter_map(|it| it.range);
    let Some(first) = ranges.map(|it| it.0).min() else {
        return Ok(None);
    };
    let effort = Rc::new(Effort::default());
    for by_tensor in [false, true] {
        let options = LocateOptions {
            alignment: how.alignment,
            tolerance: how.tolerance,
            rounding: how.rounding,
            first,
            failing: &compared.places.cells,
            places: &compared.places.examples,
            are_few: compared.places.are_few,
            by_tensor,
            effort: &effort,
        };
        let second = diagnosis::located(run, &beside, pairing, &options, control)?;
        if let Some(second) = second.filter(|it| it.is_whole() && it.is_simple()) {
            let settings = settings.into_iter().cloned().collect();
            let name = &subject.compiled.rule.name;
            return Ok(Some(second.beside(settings, name)));
        }
    }
    Ok(None)
}
