//! Answers as JSON: what cannot be derived.

use crate::debugger::{
    lanes::HaltReason,
    stop::{Hit, HitKind},
    watch::Value,
};
use serde::{Serialize, Serializer};
use std::sync::Arc;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Truth(holds) => serializer.serialize_bool(*holds),
            Self::Scalar(value) => Number(*value).serialize(serializer),
            Self::Truths(values) => values.serialize(serializer),
            Self::Vector(values) => {
                serializer.collect_seq(values.iter().map(|value| Number(*value)))
            }
            Self::Matrix(rows) => {
                serializer.collect_seq(rows.iter().map(|row| Self::Vector(row.clone())))
            }
        }
    }
}

/// A text that several answers share.
pub(super) fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}

/// A number in JSON: those that JSON lacks are the strings "NaN", "Infinity" and "-Infinity".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Number(pub f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl Serialize for HaltReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Serialize for Hit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &self.id)?;
        match &self.what {
            HitKind::Became(text) => map.serialize_entry("became_true", text)?,
            HitKind::Line(line) => map.serialize_entry("line", line)?,
            HitKind::Changed { text, old, new } => {
                map.serialize_entry("changed", text)?;
                map.serialize_entry("old", old)?;
                map.serialize_entry("new", new)?;
            }
        }
        map.end()
    }
}
