//! Codes of errors: stable names for programs, beside messages for people.

use serde::Serialize;
use std::fmt;

/// Declares the codes, their names and what each of them means, in one table.
macro_rules! codes {
    ($($variant:ident, $name:literal, $doc:literal;)*) => {
        /// The kind of an error, under a name that stays the same when its message changes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, schemars::JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum ErrorCode {
            $(#[doc = $doc] $variant,)*
        }

        impl ErrorCode {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name, in kebab case.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// A line on what it means.
            #[must_use]
            pub fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc),* }
            }
        }
    };
}

codes! {
    Syntax, "syntax", "The text does not follow the grammar.";
    Usage, "usage", "A command, a flag or a request lacks an argument, or has one too many.";
    InvalidValue, "invalid-value", "The value is of the wrong type, or outside the domain.";
    Conflict, "conflict", "Two flags, keys or arguments exclude each other, or one needs another that is missing.";
    ShapeMismatch, "shape-mismatch", "Scalars, vectors or matrices do not fit together.";
    UnknownName, "unknown-name", "The name means nothing here.";
    UnknownColumn, "unknown-column", "The table or the recorded run has no such column.";
    UnknownCommand, "unknown-command", "There is no such command.";
    UnknownFlag, "unknown-flag", "There is no such flag, or no such key of a TOML file.";
    UnknownFunction, "unknown-function", "The language has no such function.";
    UnknownLane, "unknown-lane", "There is no such lane.";
    UnknownLoss, "unknown-loss", "There is no such loss.";
    UnknownRule, "unknown-rule", "There is no such rule.";
    UnknownSetting, "unknown-setting", "The rule has no such setting.";
    UnknownStop, "unknown-stop", "There is no stop or display with this number.";
    UnknownTopic, "unknown-topic", "There is no such topic of help or info.";
    UnknownVariable, "unknown-variable", "The rule has no such variable.";
    UnknownWalk, "unknown-walk", "There is no such walk or tour.";
    AmbiguousName, "ambiguous-name", "The abbreviation fits several names.";
    NameTaken, "name-taken", "The name is in use already.";
    NotAvailable, "not-available", "The value does not exist here or yet, as before the first iteration.";
    NotAllowed, "not-allowed", "This cannot be done here, as an edit within an iteration or of a recorded run.";
    LimitReached, "limit-reached", "There would be more lanes, runs or iterations than allowed.";
    Interrupted, "interrupted", "The command was interrupted before it could finish.";
    NeedsScreen, "needs-screen", "The command acts on a screen, and there is none, or no terminal that can show it.";
    InvalidData, "invalid-data", "A table of data or a recorded run cannot be read as one.";
    InsufficientData, "insufficient-data", "The recorded run lacks what the question needs, such as gradients or rows.";
    ExpectationFailed, "expectation-failed", "A walk expects something that is not so.";
    CannotRead, "cannot-read", "A file or stdin cannot be read.";
    CannotWrite, "cannot-write", "A file or stdout cannot be written.";
    NotUtf8, "not-utf8", "The text is not UTF-8.";
    System, "system", "The operating system refused something else, such as a signal handler.";
    Internal, "internal", "A fault of the program itself: please report it.";
    InvalidRequest, "invalid-request", "A line sent to `serve` is not a request.";
    RequestTooLong, "request-too-long", "A line sent to `serve` exceeds the limit on its length.";
}

impl ErrorCode {
    /// True where the text is at fault, so that another text would do.
    #[must_use]
    pub fn is_of_the_text(self) -> bool {
        matches!(
            self,
            Self::Syntax | Self::Usage | Self::InvalidValue | Self::ShapeMismatch
        )
    }

    /// The code of an unknown name, by the plural that its help lists candidates under; none where the kind of
    /// thing has no code of its own.
    pub(super) fn of_unknown(kind: &str) -> Option<Self> {
        Some(match kind {
            "columns" | "fields" => Self::UnknownColumn,
            "commands" => Self::UnknownCommand,
            "flags" => Self::UnknownFlag,
            "functions" => Self::UnknownFunction,
            "known names" => Self::UnknownName,
            "lanes" => Self::UnknownLane,
            "losses" => Self::UnknownLoss,
            "rules" => Self::UnknownRule,
            "settings" => Self::UnknownSetting,
            "topics" => Self::UnknownTopic,
            "tours" => Self::UnknownWalk,
            "variables" => Self::UnknownVariable,
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_by_its_name() {
        for code in ErrorCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{code}\""));
        }
    }

    #[test]
    fn no_two_codes_share_a_name() {
        let mut names: Vec<&str> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn the_table_of_the_docs_is_this_one() {
        let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/answers.md");
        let text = std::fs::read_to_string(docs).unwrap();
        let rows = ErrorCode::ALL.iter();
        let rows: Vec<String> = rows
            .map(|code| format!("| `{code}` | {} |", code.doc()))
            .collect();
        let rows = rows.join("\n");
        assert!(text.contains(&rows), "docs/answers.md should have\n{rows}");
    }
}
