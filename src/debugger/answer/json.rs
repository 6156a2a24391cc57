//! Answers as JSON: what cannot be derived.

use crate::debugger::{
    lanes::HaltReason,
    stop::{Hit, HitKind},
};
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// A text that several answers share.
pub(super) fn text<S: Serializer>(text: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
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
