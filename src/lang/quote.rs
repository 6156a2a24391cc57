//! Quotes: how a text stands in a command line where it would be read as something else without them.

/// `text` in double quotes, on one line.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// The text that stands between two quotes.
#[must_use]
pub fn unquoted(inner: &str) -> String {
    let mut out = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            },
            other => out.push(other),
        }
    }
    out
}

/// The byte of `text` after the quote that closes the one at its beginning.
#[must_use]
pub fn close(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The byte of the first character outside of quotes that `ends`, or the length of `text`.
#[must_use]
pub fn find(text: &str, ends: impl Fn(&str) -> bool) -> usize {
    let mut at = 0;
    while let Some(character) = text[at..].chars().next() {
        if character == '"' {
            at += close(&text[at..]).unwrap_or(text.len() - at);
        } else if ends(&text[at..]) {
            return at;
        } else {
            at += character.len_utf8();
        }
    }
    text.len()
}

/// `text` as a line has it: as it is where that reads back the same, else in quotes.
#[must_use]
pub fn written(text: &str, is_plain: impl FnOnce(&str) -> bool) -> String {
    let whole = !text.is_empty() && text.trim() == text && !text.contains(['\n', '\r']);
    if whole && !text.starts_with('"') && is_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// One word as a line has it; `taken` are those that mean something else there.
#[must_use]
pub fn word(text: &str, taken: &[&str]) -> String {
    written(text, |text| {
        !text.contains(char::is_whitespace) && !taken.contains(&text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_undone() {
        for text in [
            "",
            " ",
            "a b",
            "\"",
            "\\",
            "a\\\"b\n\tc\r",
            "x\\n",
            "\u{e9}\u{3bb}",
        ] {
            let quoted = quoted(text);
            assert_eq!(close(&quoted), Some(quoted.len()), "{quoted}");
            assert_eq!(unquoted(&quoted[1..quoted.len() - 1]), text);
        }
        assert_eq!(close("\"open"), None);
        assert_eq!(find("\"a b\"c d", |rest| rest.starts_with(' ')), 6);
        assert_eq!(word("a b", &[]), "\"a b\"");
        assert_eq!(word("add", &["add"]), "\"add\"");
        assert_eq!(word("a\"b", &[]), "a\"b");
    }
}
