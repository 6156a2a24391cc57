//! The ends that a front end can come to: done, the answer is no, or a failure.

use crate::error::{Error, ErrorCode};
use std::{fmt, io};

/// The outcome of a front end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExitStatus {
    /// Done.
    Done,
    /// Done, and the answer is no.
    No,
}

/// The reason for which a front end gave up.
#[derive(Debug)]
pub(super) enum Failure {
    /// Something in the flags, the files or the texts in them.
    Input(Error),
    /// Writing to stdout failed.
    Output(io::Error),
}

impl Failure {
    /// The system's refusal of something else than writing, which `what` names: "use the terminal".
    pub fn system(what: &str, error: &io::Error) -> Self {
        Self::Input(Error::plain(
            ErrorCode::System,
            format!("cannot {what}: {error}"),
        ))
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Input(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "{error}"),
            Self::Output(error) => write!(f, "error: cannot write to standard output: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe that nobody reads is a quiet end for what goes to stdout, and for nothing else.
    #[test]
    fn only_output_is_told_as_output() {
        let broken = || io::Error::from(io::ErrorKind::BrokenPipe);
        assert!(matches!(Failure::from(broken()), Failure::Output(_)));
        let Failure::Input(error) = Failure::system("handle signals", &broken()) else {
            panic!("told as output");
        };
        assert_eq!(error.code(), ErrorCode::System);
        assert!(error.message().starts_with("cannot handle signals: "));
    }
}
