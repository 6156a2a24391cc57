//! Rows held in memory to try variants on, and how precisely they were recorded.

use crate::{
    diff::{
        row_alignment::RowAlignment,
        stepper::{RecordedRow, single},
    },
    error::Result,
    format::rounded,
    runs::Run,
};

/// Numbers looked at to tell how precisely a run was recorded.
const LOOKED_AT: usize = 512;

/// The precision of the recorded numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RecordedPrecision {
    /// As 64-bit floats.
    Double,
    /// As 32-bit floats.
    Single,
    /// As decimals of so many significant digits.
    Digits(u8),
}

impl RecordedPrecision {
    /// The distance of neighbouring numbers near 1.
    pub fn unit(self) -> f64 {
        match self {
            Self::Double => f64::EPSILON,
            Self::Single => f64::from(f32::EPSILON),
            Self::Digits(digits) => 10f64.powi(1 - i32::from(digits)),
        }
    }
}

/// Rows to try variants on.
pub(super) struct Evidence {
    /// Stretches of rows, each without gaps in the file; the first one begins the run.
    pub stretches: Vec<Vec<RecordedRow>>,
    pub precision: RecordedPrecision,
}

impl Evidence {
    /// Takes the first rows of `run`, and those around row `around` where that is not among them.
    pub fn new(run: &mut Run, alignment: RowAlignment, around: Option<usize>) -> Result<Self> {
        let size: usize = run.fields.iter().map(|field| field.len).sum();
        let most = (400_000 / size.max(1)).clamp(24, 320);
        let mut parts = vec![(0, run.rows.min(most))];
        if let Some(around) = around.filter(|around| *around + 1 >= most) {
            let from = around.saturating_sub(8).max(most);
            parts.push((
                from.min(around.saturating_sub(1)),
                run.rows.min(from + most / 2),
            ));
        }
        let mut stretches = Vec::new();
        for (from, to) in parts {
            let mut frames = Vec::with_capacity(to - from);
            for row in from..to {
                let mut frame = RecordedRow::default();
                alignment.frame(run, row, &mut frame)?;
                frames.push(frame);
            }
            stretches.push(frames);
        }
        let precision = precision(&stretches);
        Ok(Self {
            stretches,
            precision,
        })
    }
}

/// The coarsest precision that all numbers fit.
fn precision(stretches: &[Vec<RecordedRow>]) -> RecordedPrecision {
    let rows = stretches.iter().flatten().skip(1);
    let parameters = rows.flat_map(|frame| frame.values.iter().take(1).flatten());
    let sample: Vec<f64> = parameters
        .copied()
        .filter(|value| value.is_finite() && value.fract() != 0.0)
        .take(LOOKED_AT)
        .collect();
    if sample.len() < 8 {
        return RecordedPrecision::Double;
    }
    for digits in 3..=12_u8 {
        let fits = |value: f64| rounded(value, usize::from(digits)).to_bits() == value.to_bits();
        if sample.iter().copied().all(fits) {
            return RecordedPrecision::Digits(digits);
        }
    }
    if sample.iter().all(|value| single(*value) == *value) {
        return RecordedPrecision::Single;
    }
    RecordedPrecision::Double
}
