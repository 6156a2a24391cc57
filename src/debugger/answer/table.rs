//! Rows below each other.

use std::fmt;

/// Writes the rows of a table, a line each and no blanks after the last; `none` where there are no rows.
pub(super) fn table(
    f: &mut fmt::Formatter<'_>,
    rows: impl IntoIterator<Item = String>,
    none: &str,
) -> fmt::Result {
    let rows: Vec<String> = rows.into_iter().collect();
    if rows.is_empty() {
        return f.write_str(none);
    }
    f.write_str(rows.join("\n").trim_end())
}
