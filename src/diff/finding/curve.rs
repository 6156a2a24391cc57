//! The curve that a changing number follows, in stretches that have a name.

use crate::{
    format::{rounded, significant},
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write;

/// A stretch of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CurveSegment {
    /// The shape.
    #[serde(flatten)]
    pub shape: CurveShape,
    /// Its first point.
    pub from: CurvePoint,
    /// Its last point.
    pub to: CurvePoint,
    /// Its first value over that of the stretch before; null for the first stretch.
    pub ratio: Option<Real>,
}

/// The shape of a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase", tag = "shape")]
pub enum CurveShape {
    /// The same value throughout.
    Constant,
    /// A straight line.
    Linear,
    /// A power of t.
    Power {
        /// The exponent.
        exponent: Real,
    },
    /// A geometric sequence.
    Exponential {
        /// The factor from one iteration to the next.
        factor: Real,
    },
    /// A cosine.
    Cosine {
        /// The iterations that half a wave takes.
        half_wave: Real,
    },
}

/// A point of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, JsonSchema)]
pub struct CurvePoint {
    /// The iteration.
    pub t: u64,
    /// The value there.
    pub value: Real,
}

/// A value of a curve to five digits, or fewer where that is all it has.
pub(in crate::diff) fn short(value: f64) -> String {
    // No sign for nothing.
    significant(value + 0.0, 5)
}

/// A curve in words, `name` being what changes.
pub(in crate::diff) fn words(name: &str, curve: &[CurveSegment]) -> String {
    if curve.len() > 1 && curve.iter().all(|it| it.shape == CurveShape::Constant) {
        return stairs(name, curve);
    }
    let mut text = String::new();
    for (at, it) in curve.iter().enumerate() {
        if at > 0 {
            text += ", then ";
        }
        let (first, last) = (it.from.value.0, it.to.value.0);
        let ends = format!(
            "from {} at t = {} to {} at t = {}",
            short(first),
            it.from.t,
            short(last),
            it.to.t
        );
        let way = if last.abs() < first.abs() {
            "falls"
        } else {
            "rises"
        };
        let subject = if at == 0 {
            format!("{name} ")
        } else {
            String::new()
        };
        let _ = match it.shape {
            CurveShape::Constant if curve.len() == 1 => write!(text, "{name} is {}", short(first)),
            CurveShape::Constant => {
                let t = it.from.t;
                write!(text, "{subject}stays at {} from t = {t}", short(first))
            }
            CurveShape::Linear => write!(text, "{subject}{way} linearly {ends}"),
            CurveShape::Power { exponent: Real(p) } if (p + 0.5).abs() < 1e-6 => {
                write!(text, "{subject}{way} as 1/sqrt(t), {ends}")
            }
            CurveShape::Power { exponent: Real(p) } => {
                write!(text, "{subject}{way} as t^{}, {ends}", rounded(p, 4))
            }
            CurveShape::Exponential { factor: Real(q) } => {
                let q = rounded(q, 6);
                write!(
                    text,
                    "{subject}{way} by a factor of {q} an iteration, {ends}"
                )
            }
            CurveShape::Cosine {
                half_wave: Real(half),
            } => write!(
                text,
                "{subject}{way} along a cosine (half a wave in {} iterations), {ends}",
                rounded(half, 4)
            ),
        };
    }
    text
}

/// A curve of steps.
fn stairs(name: &str, curve: &[CurveSegment]) -> String {
    let mut text = String::new();
    for it in curve {
        let value = short(it.from.value.0);
        let _ = match it.ratio {
            None => write!(text, "{name} is {value} until t = {}", it.to.t),
            Some(Real(ratio)) => write!(
                text,
                ", {value} (a factor of {}) from t = {}",
                rounded(ratio, 4),
                it.from.t
            ),
        };
    }
    text
}
