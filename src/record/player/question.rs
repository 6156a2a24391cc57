//! The questions of a walk: what somebody answers is held against the value of an expression.

use super::Player;
use crate::{
    debugger::{Control, command::Phrase, interrupted, watch::ExpectedType},
    error::{Error, ErrorCode, Result, Span},
    tui::app::App,
    value::Value,
};

/// An answer within this share of the right one is right: two digits.
const CLOSE: f64 = 0.02;

impl Player {
    /// True while a question waits for its answer.
    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.asked.is_some()
    }

    /// Holds what somebody has typed against the answer of the question that waits for one: a sentence on it.
    ///
    /// # Errors
    /// It is no expression on these lanes.
    pub fn judge(&self, typed: &Phrase, app: &mut App) -> Result<String> {
        let Some(span) = self.asked else {
            return Ok("nothing is asked here".to_owned());
        };
        let Some(found) = app
            .session
            .evaluate(typed.clone(), &mut Control::default())?
        else {
            return Ok("the answer was interrupted".to_owned());
        };
        let answer = self.answer(span, app)?;
        let is_right = match (&found, &answer) {
            (Value::Scalar(found), Value::Scalar(answer)) => {
                (found - answer).abs() <= CLOSE * answer.abs()
            }
            (found, answer) => found == answer,
        };
        let typed = typed.text();
        Ok(if is_right {
            format!("{typed}: that is right (space goes on)")
        } else {
            format!("{typed}: that is not it; try again, or space for the answer")
        })
    }

    /// The answer to a question: the value of the expression at `span`, where the session is.
    pub(super) fn answer(&self, span: Span, app: &mut App) -> Result<Value> {
        let source = &self.walk.source;
        let mut watch = app.session.watch(source, span, ExpectedType::Any)?;
        let answer = app.session.value(&mut watch, &mut Control::default());
        let answer = answer.ok_or_else(interrupted)?;
        if answer.numbers().iter().any(|it| it.is_nan()) {
            let message = "this question has no answer here";
            return Err(Error::new(
                ErrorCode::ExpectationFailed,
                source,
                span,
                message,
            ));
        }
        Ok(answer)
    }
}
