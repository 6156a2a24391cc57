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

/// Numbers that JSON does not have and Python writes.
const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// The entries as rows, a line each, if `file` is such a document; else `file`, at its beginning.
pub(super) fn as_rows(mut file: Input) -> io::Result<Input> {
    let mut head = Vec::new();
    file.by_ref().take(HEAD).read_to_end(&mut head)?;
    file.rewind()?;
    let first = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let key = format!("\"{ENTRIES}\"");
    let names_entries = head.windows(key.len()).any(|it| it == key.as_bytes());
    let may_be_one = first.trim_ascii() == b"{" || names_entries;
    if !head.trim_ascii_start().starts_with(b"{") || !may_be_one {
        return Ok(file);
    }
    let mut text = Vec::new();
    file.by_ref().take(MOST).read_to_end(&mut text)?;
    file.rewind()?;
    let document: Option<Value> = serde_json::from_slice(&strict(&text)).ok();
    let Some(Value::Array(entries)) = document.as_ref().and_then(|it| it.get(ENTRIES)) else {
        return Ok(file);
    };
    let mut rows = tempfile::tempfile()?;
    let mut lines = Vec::new();
    for entry in entries {
        let mut entry = entry.clone();
        if let Value::Object(entry) = &mut entry {
            entry.retain(|_, value| {
                let text = value.as_str().unwrap_or_default();
                value.is_number() || WORDS.contains(&text)
            });
        }
        serde_json::to_writer(&mut lines, &entry)?;
        lines.push(b'\n');
    }
    rows.write_all(&lines)?;
    rows.rewind()?;
    Ok(rows.into())
}

/// The text with such numbers in quotes, in which a row may have any number.
fn strict(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut at, mut is_quoted) = (0, false);
    while let Some(byte) = text.get(at) {
        let rest = &text[at..];
        let word = WORDS.iter().find(|it| rest.starts_with(it.as_bytes()));
        if let Some(word) = word.filter(|_| !is_quoted) {
            out.extend([b"\"", word.as_bytes(), b"\""].concat());
            at += word.len();
            continue;
        }
        let escapes = is_quoted && *byte == b'\\';
        is_quoted ^= *byte == b'"';
        let len = if escapes { 2.min(rest.len()) } else { 1 };
        out.extend_from_slice(&rest[..len]);
        at += len;
    }
    out
}
