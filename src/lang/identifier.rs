//! Identifiers: names of variables, settings, lanes and losses.

/// True if `text` is an identifier: ASCII letters, digits and `_`, no digit first.
#[must_use]
pub fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `name` as one, all other characters replaced by `_`: `torch/adam` is `torch_adam`, `2nd` is `_2nd`.
#[must_use]
pub fn identifier(name: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut identifier: String = name.chars().map(fits).collect();
    if !is_identifier(&identifier) {
        identifier.insert(0, '_');
    }
    identifier
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_makes_an_identifier() {
        for (name, made) in [
            ("torch/adam", "torch_adam"),
            ("2nd", "_2nd"),
            ("", "_"),
            ("µ", "_"),
            ("a b", "a_b"),
        ] {
            assert_eq!(identifier(name), made);
            assert!(is_identifier(made));
        }
    }
}
