//! Choices as values of flags.

use crate::lang::choice::Choice;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Takes the words of `T`, each with its meaning in help.
pub(super) fn words<T: Choice + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let rows = T::WORDS.iter();
    let words = rows.map(|(word, _, doc)| PossibleValue::new(*word).help(*doc));
    PossibleValuesParser::new(words).try_map(|word| T::named(&word))
}
