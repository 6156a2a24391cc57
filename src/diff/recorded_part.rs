//! Runs of which norms, or some of the elements, were recorded.

use super::configured_rule::ConfiguredRule;
use crate::{
    error::{Error, ErrorCode, Result},
    runs::Run,
};

/// An error for a run of which only norms were recorded.
pub(super) fn refuse_norms(run: &mut Run) -> Result<()> {
    if !run.has_norms() {
        return Ok(());
    }
    let message = format!(
        "`{}` has norms of tensors, not their elements: no rule can be checked on them",
        run.name
    );
    Err(Error::plain(ErrorCode::InsufficientData, message)
        .help("record elements: without norms=True, or some of them with coordinates={...}"))
}

/// An error where a rule makes an element of others, as of a norm or a product of matrices, and some of these were not recorded.
pub(super) fn refuse_partial(run: &Run, subject: &ConfiguredRule) -> Result<()> {
    if subject.compiled.program.is_elementwise() {
        return Ok(());
    }
    let Some(partial) = run.partial_tensors() else {
        return Ok(());
    };
    let message = format!(
        "`{}` has some elements of {partial}, and {} makes an element of all that are in its tensor",
        run.name, subject.compiled.rule.name
    );
    Err(Error::plain(ErrorCode::InsufficientData, message)
        .help("record these tensors whole: without coordinates={...}, and in a run of one process where several have parts of them"))
}
