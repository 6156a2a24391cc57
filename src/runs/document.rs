//! A log that is one JSON document: `{"log_history": [{"step": 10, "loss": 2.3}, ...]}`, as trainers save their state.

use crate::files::Input;
use serde_json::Value;
use std::io::{self, Read, Seek, Write};

/// The key of the entries.
const ENTRIES: &str = "log_history";
/// Bytes of a document at most: of its entries there is one for each time that something was logged.
const MOST: u64 = 64 << 20;
/// Bytes in which a document that has entries shows that it is no file of rows.
const HEAD: u64 = 4096;

/// The entries as rows, a line each, if `file` is such a document; else `file`, at its beginning.
pub(super) fn as_rows(mut file: Input) -> io::Result<Input> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    file.rewind()?;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let begins = head.trim_ascii_start().starts_with(b"{");
    let is_row = serde_json::from_slice::<Value>(first)
        .is_ok_and(|value| value.is_object() && value.get(ENTRIES).is_none());
    if !begins || is_row {
        return Ok(file);
    }
    let mut text = Vec::new();
    file.by_ref().take(MOST).read_to_end(&mut text)?;
    file.rewind()?;
    let document: Option<Value> = serde_json::from_slice(&text).ok();
    let Some(Value::Array(entries)) = document.as_ref().and_then(|it| it.get(ENTRIES)) else {
        return Ok(file);
    };
    let mut rows = tempfile::tempfile()?;
    let mut lines = Vec::new();
    for entry in entries {
        let mut entry = entry.clone();
        if let Value::Object(entry) = &mut entry {
            entry.retain(|_, value| value.is_number());
        }
        serde_json::to_writer(&mut lines, &entry)?;
        lines.push(b'\n');
    }
    rows.write_all(&lines)?;
    rows.rewind()?;
    Ok(rows.into())
}
