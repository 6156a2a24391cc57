//! Numbers and lists of them, as flags have them: `-1.2,1`.

use crate::error::{Error, ErrorCode, Result, Source, Span};
use std::sync::Arc;

/// Reads numbers separated by commas.
///
/// # Errors
/// An empty list, an element that is no number or not a finite one.
pub(super) fn numbers(source: &Arc<Source>) -> Result<Vec<f64>> {
    let text = &source.text;
    if text.trim().is_empty() {
        return Err(Error::new(
            ErrorCode::InvalidValue,
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
        Error::new(ErrorCode::InvalidValue, source, place, message)
            .help("numbers look like 1, -0.5 or 1e-3")
    })?;
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::new(
        ErrorCode::InvalidValue,
        source,
        place,
        format!("`{word}` is not a finite number"),
    ))
}

/// Reads the part `span` as a whole number from 0.
///
/// # Errors
/// What is none.
pub(super) fn count(source: &Arc<Source>, span: Span) -> Result<u64> {
    let text = source.slice(span);
    let word = text.trim();
    word.parse().map_err(|_| {
        let message = format!("`{word}` is not a whole number from 0");
        Error::new(ErrorCode::InvalidValue, source, span, message)
    })
}

/// Reads whole numbers separated by commas; none from an empty text.
///
/// # Errors
/// An element that is no whole number.
pub(super) fn counts(source: &Arc<Source>) -> Result<Vec<u64>> {
    let mut counts = Vec::new();
    let mut start = 0;
    if source.text.trim().is_empty() {
        return Ok(counts);
    }
    for element in source.text.split(',') {
        counts.push(count(source, Span::new(start, start + element.len()))?);
        start += element.len() + 1;
    }
    Ok(counts)
}

/// Reads the part `span` as 0 or 1.
///
/// # Errors
/// Everything else.
pub(super) fn choice(source: &Arc<Source>, span: Span) -> Result<bool> {
    match source.slice(span).trim() {
        "0" => Ok(false),
        "1" => Ok(true),
        other => {
            let message = format!("`{other}` is neither 0 nor 1");
            Err(Error::new(ErrorCode::InvalidValue, source, span, message))
        }
    }
}
