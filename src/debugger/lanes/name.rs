//! Names of lanes: identifiers that mean nothing else where they stand.

use crate::{
    error::{Error, ErrorCode, Result},
    lang::identifier,
};

/// Words that stand where a lane's name may: `lane add RULE`, and those of expressions.
const RESERVED: [&str; 6] = ["add", "and", "false", "not", "or", "true"];

/// A name for a lane, made of any text: `torch/adam` gives `torch_adam`, `torch/sam(gd)` gives `torch_sam_gd`.
#[must_use]
pub fn identifier(text: &str) -> String {
    let mut name = identifier::identifier(text.trim_end_matches(')'));
    if check_name(&name).is_err() {
        name.insert(0, '_');
    }
    name
}

/// Checks that a name may be one of a lane.
///
/// # Errors
/// It is no identifier, or a reserved word; without a place.
pub fn check_name(name: &str) -> Result<()> {
    if !identifier::is_identifier(name) {
        let error = Error::plain(
            ErrorCode::InvalidValue,
            format!("`{name}` cannot name a lane"),
        );
        return Err(error.help("use letters, digits and _, as in `slow_2`"));
    }
    if RESERVED.contains(&name) {
        let message = format!("`{name}` is a word of the command language and cannot name a lane");
        return Err(Error::plain(ErrorCode::NameTaken, message).help(format!("`_{name}` can")));
    }
    Ok(())
}

/// A name for a lane that is not `taken`: after `adam` come `adam_2` and so on.
#[must_use]
pub fn free_name(text: &str, taken: impl Fn(&str) -> bool) -> String {
    let base = identifier(text);
    let mut name = base.clone();
    let mut number = 2_u64;
    while taken(&name) {
        name = format!("{base}_{number}");
        number += 1;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_gives_a_name_that_a_lane_may_have() {
        for (text, name) in [
            ("torch/adam", "torch_adam"),
            (
                "torch/sam(torch/lookahead(gd))",
                "torch_sam_torch_lookahead_gd",
            ),
            ("2nd", "_2nd"),
            ("add", "_add"),
            ("not", "_not"),
            ("", "_"),
            ("a b\u{e9}", "a_b_"),
        ] {
            assert_eq!(identifier(text), name);
            assert!(check_name(name).is_ok());
        }
        assert_eq!(
            free_name("gd", |name| ["gd", "gd_2"].contains(&name)),
            "gd_3"
        );
    }
}
