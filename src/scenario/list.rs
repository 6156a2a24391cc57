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
        let span = Span::new(start, start + element.len());
        match element.split_once("..") {
            Some((low, _)) => numbers.extend(law(source, span, low.len())?),
            None => numbers.push(number(source, span)?),
        }
        start += element.len() + 1;
    }
    Ok(numbers)
}

/// Most numbers of a law.
const MOST: u64 = 100_000;

/// Reads `LOW..HIGH:COUNT`, evenly spaced, or `LOW..HIGH:log:COUNT`, evenly in the logarithm; both ends included.
fn law(source: &Arc<Source>, span: Span, low: usize) -> Result<Vec<f64>> {
    let refused = |message: &str| {
        let error = Error::new(ErrorCode::InvalidValue, source, span, message);
        error.help("a law looks like 1..100:10, or 1..100:log:10")
    };
    let from = number(source, Span::new(span.start, span.start + low))?;
    let rest = span.start + low + 2;
    let mut parts = source.slice(Span::new(rest, span.end)).split(':');
    let high = parts.next().unwrap_or_default();
    let to = number(source, Span::new(rest, rest + high.len()))?;
    let (is_log, count) = match (parts.next(), parts.next(), parts.next()) {
        (Some("log"), Some(count), None) => (true, count),
        (Some(count), None, None) => (false, count),
        _ => return Err(refused("this law does not say how many numbers it has")),
    };
    let at = span.end - count.len();
    let count = self::count(source, Span::new(at, span.end))?;
    if !(2..=MOST).contains(&count) {
        return Err(refused(&format!("a law has 2 to {MOST} numbers")));
    }
    if is_log && (from <= 0.0 || to <= 0.0) {
        return Err(refused("a number that is not above 0 has no logarithm"));
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a hundred thousand")]
    let share = |at: u64| at as f64 / (count - 1) as f64;
    let value = |at: u64| match at {
        0 => from,
        _ if at + 1 == count => to,
        _ if is_log => {
            let (low, high) = (libm::log(from), libm::log(to));
            libm::exp(low + share(at) * (high - low))
        }
        _ => from + share(at) * (to - from),
    };
    Ok((0..count).map(value).collect())
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
    )
    .help("numbers look like 1, -0.5 or 1e-3, up to 1.8e308"))
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
            .help("write digits alone, like 3")
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
            let error = Error::new(ErrorCode::InvalidValue, source, span, message);
            Err(error.help("1 is yes, 0 is no"))
        }
    }
}
