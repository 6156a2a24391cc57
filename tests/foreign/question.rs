//! The question that runs of elsewhere are asked.

use eigenstep::diff::{Mode, Question, Tolerance};

/// The rule on its own steps, to 9 digits.
pub fn question() -> Question {
    Question {
        mode: Mode::Free,
        tolerance: Tolerance {
            relative: 1e-9,
            absolute: 0.0,
        },
        by_format: false,
        map: Vec::new(),
        convention: None,
        diagnose: true,
    }
}
