//! Numbers and lists of them, as flags have them: `-1.2,1`.

use crate::lang::{
    error::{Error, Result},
    source::{Source, Span},
};
use std::sync::Arc;

/// Reads numbers separated by commas.
///
/// # Errors
/// An empty list, an element that is no number or not a finite one.
pub(super) fn numbers(source: &Arc<Source>) -> Result<Vec<f64>> {
    let text = &source.text;
    if text.trim().is_empty() {
        return Err(Error::new(
            source,
            Span::new(0, text.len()),
            format!("`{}` is given no number", source.name),
        )
        .help(format!(
            "give numbers separated by commas: {} 0,0",
            source.name
        )));
    }
    let mut numbers = Vec::new();
    let mut start = 0;
    for element in text.split(',') {
        numbers.push(number(source, Span::new(start, start + element.len()))?);
        start += element.len() + 1;
    }
    Ok(numbers)
}

/// Reads the part `span` as one finite number.
///
/// # Errors
/// What is no number, or not a finite one.
pub(super) fn number(source: &Arc<Source>, span: Span) -> Result<f64> {
    let text = source.slice(span);
    let word = text.trim();
    let lead = text.len() - text.trim_start().len();
    let place = Span::new(span.start + lead, span.start + lead + word.len());
    let value: f64 = word.parse().map_err(|_| {
        let message = if word.is_empty() {
            "a number is missing here".to_owned()
        } else {
            format!("`{word}` is not a number")
        };
        Error::new(source, place, message).help("numbers look like 1, -0.5 or 1e-3")
    })?;
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::new(
        source,
        place,
        format!("`{word}` is not a finite number"),
    ))
}
