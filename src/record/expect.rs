//! Expectations of a walk, and the values found instead.

use super::playback_target::PlaybackEnd;
use crate::{
    debugger::{Control, Session, interrupted, watch::ExpectedType},
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{
        parse::expression_within,
        syntax::{Expr, ExprKind, Infix},
    },
    value::Value,
};
use std::sync::Arc;

/// Looks whether the condition at `span` holds where the session is.
///
/// # Errors
/// A text that is no condition there; or, as [`PlaybackEnd::Unmet`], the part that does not hold, with the
/// values found.
pub fn condition(
    source: &Arc<Source>,
    span: Span,
    session: &mut Session,
) -> std::result::Result<(), PlaybackEnd> {
    let mut watch = session.watch(source, span, ExpectedType::Condition)?;
    if session.value(&mut watch, &mut Control::default()) == Some(Value::Truth(true)) {
        return Ok(());
    }
    let expr = expression_within(source, span)?;
    let part = failing(source, &expr, session)?;
    let message = format!("`{}` does not hold here", source.slice(span));
    let error = Error::new(ErrorCode::ExpectationFailed, source, part.span, message)
        .label(found(source, part, session)?);
    Err(PlaybackEnd::Unmet(error))
}

/// Looks whether some row shows `text`.
///
/// # Errors
/// As [`PlaybackEnd::Unmet`], that none does, with the row that comes nearest.
pub fn shown(
    source: &Arc<Source>,
    span: Span,
    rows: &[String],
    text: &str,
) -> std::result::Result<(), PlaybackEnd> {
    if rows.iter().any(|row| row.contains(text)) {
        return Ok(());
    }
    let error = Error::new(
        ErrorCode::ExpectationFailed,
        source,
        span,
        format!("the screen does not show `{text}`"),
    );
    let words = |row: &&String| {
        let shown: Vec<&str> = row.split_whitespace().collect();
        let wanted = text.split_whitespace();
        wanted.filter(|word| shown.contains(word)).count()
    };
    let row = rows.iter().max_by_key(words).filter(|row| words(row) > 0);
    Err(PlaybackEnd::Unmet(match row {
        Some(row) => error.help(format!("it shows: {}", row.trim())),
        None => error,
    }))
}

/// The value of a part of an expression.
fn value(source: &Arc<Source>, expr: &Expr, session: &mut Session) -> Result<Value> {
    let mut watch = session.watch(source, expr.span, ExpectedType::Any)?;
    let value = session.value(&mut watch, &mut Control::default());
    value.ok_or_else(interrupted)
}

/// Of parts joined by `and`, the first that does not hold.
fn failing<'a>(source: &Arc<Source>, expr: &'a Expr, session: &mut Session) -> Result<&'a Expr> {
    if let ExprKind::Chain(first, rest) = &expr.kind
        && rest.iter().all(|(infix, _)| *infix == Infix::And)
    {
        for part in std::iter::once(&**first).chain(rest.iter().map(|(_, part)| part)) {
            if value(source, part, session)? != Value::Truth(true) {
                return failing(source, part, session);
            }
        }
    }
    Ok(expr)
}

/// The values that are compared, or just the value.
fn found(source: &Arc<Source>, expr: &Expr, session: &mut Session) -> Result<String> {
    if let ExprKind::Chain(left, rest) = &expr.kind
        && let [(infix, right)] = &rest[..]
        && infix.binding() == Infix::Less.binding()
    {
        let left = value(source, left, session)?;
        let right = value(source, right, session)?;
        return Ok(format!("found: {left} {} {right}", infix.symbol()));
    }
    Ok(format!("found: {}", value(source, expr, session)?))
}
