//! Names of files as people write them.

use std::{borrow::Cow, env, path::PathBuf};

/// The path that `text` means: `~` and `~/...` are in the home directory, as in a shell.
#[must_use]
pub fn expand(text: &str) -> PathBuf {
    let below = match text.strip_prefix('~') {
        Some("") => Some(""),
        Some(rest) => rest.strip_prefix('/'),
        None => None,
    };
    match (below, env::var_os("HOME").filter(|home| !home.is_empty())) {
        (Some(below), Some(home)) => PathBuf::from(home).join(below),
        _ => PathBuf::from(text),
    }
}

/// `text` as one word of a shell.
#[must_use]
pub fn quoted(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_alphanumeric() || "_-./+,:@%=".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_where_a_shell_would_split_or_change_it() {
        for (text, word) in [
            ("a.toml", "a.toml"),
            ("a b.toml", "'a b.toml'"),
            ("it's", r"'it'\''s'"),
            ("$(x)", "'$(x)'"),
            ("~/a", "'~/a'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), word);
        }
    }
}
