//! Ctrl-C in commands that answer a program: once it ends what is under way, twice the program.

use crate::{
    error::{Error, ErrorCode, Result},
    signals,
};
use std::process;

/// Calls `stop` at the first of these signals; a second one ends the process at once.
///
/// # Errors
/// No handler can be set.
pub(super) fn end_at(heeded: &[i32], stop: impl Fn() + Send + 'static) -> Result<()> {
    let mut was_told = false;
    let heard = signals::listen(heeded, move |signal| {
        if was_told {
            process::exit(signals::exit_code(signal));
        }
        was_told = true;
        stop();
    });
    heard.map_err(|error| Error::plain(ErrorCode::System, format!("cannot handle Ctrl-C: {error}")))
}
