//! The corrections of moments for their start at 0 that people make, right ones and wrong ones.

use crate::diff::finding::{Cause, CauseForm, CauseKind, CauseQuantity};

/// Corrections that the rule is taken to have.
const RULED: &str = "bias correction of both moments, by a counter that is 1 in the first update";

/// A correction of the moments, and what it does to the step in an update.
pub(super) struct CorrectedStep {
    pub kind: CauseKind,
    pub form: Option<CauseForm>,
    pub name: &'static str,
    /// True for the rule's own.
    pub is_ruled: bool,
    /// True where all tensors advance one counter.
    pub is_shared: bool,
    /// The counter's value in the first update.
    pub start: f64,
    /// The counter's largest value.
    pub limit: Option<f64>,
    pub factor: Box<dyn Fn(f64) -> f64>,
}

impl CorrectedStep {
    pub fn cause(&self) -> Cause {
        let cause = Cause::new(self.kind, self.name, RULED).formed(self.form);
        let cause = cause.with_number(CauseQuantity::CounterStart, self.start, 1.0);
        match self.limit {
            Some(limit) => cause.with_number(CauseQuantity::CounterLimit, limit, None),
            None => cause,
        }
    }
}

/// Corrections that people make, where the second moment stands uncorrected below the fraction.
pub(super) fn corrections(first: f64, second: f64, parts: usize) -> Vec<CorrectedStep> {
    let one = move |t: f64| 1.0 - libm::pow(first, t);
    let two = move |t: f64| (1.0 - libm::pow(second, t)).sqrt();
    let both = move |t: f64| two(t) / one(t);
    let correction = |name, factor| CorrectedStep {
        kind: CauseKind::Correction,
        form: None,
        name,
        is_ruled: false,
        is_shared: false,
        start: 1.0,
        limit: None,
        factor,
    };
    let counter = |name, start, limit, factor| CorrectedStep {
        kind: CauseKind::Counter,
        form: None,
        name,
        is_ruled: false,
        is_shared: false,
        start,
        limit,
        factor,
    };
    let mut all = vec![
        CorrectedStep {
            form: Some(CauseForm::NoCorrection),
            ..correction(
                "no bias correction",
                Box::new(|_| 1.0) as Box<dyn Fn(f64) -> f64>,
            )
        },
        CorrectedStep {
            form: Some(CauseForm::FirstCorrectionOnly),
            ..correction(
                "bias correction of the first moment only (the second is not corrected)",
                Box::new(move |t| 1.0 / one(t)),
            )
        },
        correction(
            "bias correction of the second moment only (the first is not corrected)",
            Box::new(two),
        ),
        CorrectedStep {
            is_ruled: true,
            ..correction("bias correction of both moments", Box::new(both))
        },
        counter(
            "a step counter that starts at 2 (advanced before and after, or once too often)",
            2.0,
            None,
            Box::new(move |t| both(t + 1.0)),
        ),
        counter(
            "a step counter that starts at 0 (the first update sees 0)",
            0.0,
            None,
            Box::new(move |t| both(t - 1.0)),
        ),
        counter(
            "a step counter that never advances beyond 1 (the corrections are always those of the first update)",
            1.0,
            Some(1.0),
            Box::new(move |_| both(1.0)),
        ),
        correction(
            "moments divided by the power beta^t, not by 1 - beta^t",
            Box::new(move |t| libm::pow(second, t).sqrt() / libm::pow(first, t)),
        ),
        correction(
            "a second moment corrected without the root",
            Box::new(move |t| two(t) * both(t)),
        ),
    ];
    if parts > 1 {
        // The number of the tensor stands behind the point.
        let parts = count(parts);
        let shared = move |t: f64| (t.floor() - 1.0) * parts + (t - t.floor()) * parts + 1.0;
        all.push(CorrectedStep {
            is_shared: true,
            ..counter(
                "a step counter that every tensor advances, shared by all of them",
                1.0,
                None,
                Box::new(move |t| both(shared(t))),
            )
        });
    }
    all
}

/// A count as a number.
pub(super) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
