//! Choices as values of flags.

use crate::{error::Result, lang::choice::Choice};
use clap::builder::{PossibleValue, PossibleValuesParser, StringValueParser, TypedValueParser};

/// Takes the words of `T`, each with its meaning in help.
pub(super) fn words<T: Choice + Send + Sync>() -> impl TypedValueParser<Value = T> {
    let rows = T::WORDS.iter();
    let words = rows.map(|(word, _, doc)| PossibleValue::new(*word).help(*doc));
    PossibleValuesParser::new(words).try_map(|word| T::named(&word))
}

/// Takes what `read` makes of the text.
pub(super) fn read_with<T: Clone + Send + Sync + 'static>(
    read: fn(&str) -> Result<T>,
) -> impl TypedValueParser<Value = T> {
    // The parser frames the message itself.
    StringValueParser::new()
        .try_map(move |text| read(&text).map_err(|error| error.message().to_owned()))
}
