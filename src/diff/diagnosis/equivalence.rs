//! Equivalence of variants: the same rule written in another way.

use super::{evidence::Evidence, variant::Variant};
use crate::diff::{
    configured_rule::ConfiguredRule,
    stepper::{Mode, RecordedRow, StepOutcome, Stepper},
};

/// Iterations over which they have to agree.
const ITERATIONS: u64 = 40;
/// Relative tolerance.
const RELATIVE: f64 = 1e-9;

/// True if the two agree on gradients of all sizes that grow, shrink and change sign.
pub(super) fn are_equivalent(a: &Variant, b: &Variant, evidence: &Evidence) -> bool {
    let Some(first) = evidence.stretches.first().and_then(|frames| frames.first()) else {
        return false;
    };
    match (path(a, first), path(b, first)) {
        (Some(a), Some(b)) => a.iter().zip(&b).all(|(a, b)| {
            (a - b).abs() <= RELATIVE * a.abs().max(b.abs()) || (a.is_nan() && b.is_nan())
        }),
        _ => false,
    }
}

/// The parameters over some iterations, led by the same gradients.
fn path(variant: &Variant, first: &RecordedRow) -> Option<Vec<f64>> {
    let subject = ConfiguredRule {
        loss: None,
        noise: None,
        ..variant.subject.clone()
    };
    let n = subject.compiled.dimension();
    let mut from = RecordedRow {
        t: 0,
        values: first.values.iter().map(|_| Vec::new()).collect(),
        ..RecordedRow::default()
    };
    let wave = |at: usize, phase: u64| {
        let angle = phase * 97 + u64::try_from(at).unwrap_or(0) * 31 + 7;
        f64::from(u32::try_from(angle % 193).unwrap_or(0)) / 96.5 - 1.0
    };
    from.values[0] = (0..n).map(|at| wave(at, 0)).collect();
    let mut stepper = Stepper::new(&subject, &[], Mode::Free, variant.rounding, true);
    stepper.begin(&from, &subject.settings, &variant.fixed);
    let mut path = Vec::new();
    for t in 1..=ITERATIONS {
        let size = 10f64.powi(i32::try_from(t % 11).unwrap_or(0) - 9);
        let to = RecordedRow {
            t,
            values: from.values.clone(),
            gradient_before: Some((0..n).map(|at| size * wave(at, t)).collect()),
            ..RecordedRow::default()
        };
        if stepper.advance(&from, &to) == StepOutcome::CannotTell {
            return None;
        }
        path.extend_from_slice(stepper.value(0));
        from = to;
    }
    Some(path)
}
