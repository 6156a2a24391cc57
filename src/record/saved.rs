//! A saved session as a walk: what it did, one command after the other.

use super::walk::{Action, SIZE, Step, Walk, narration};
use crate::{
    lang::{
        error::{Error, Result},
        source::{Source, Span},
    },
    scenario::Scenario,
};
use std::{path::Path, sync::Arc};

/// The walk that does what the session saved in the file at `path` did.
///
/// # Errors
/// A file that cannot be read, or that no session was saved in; with its place.
pub fn walk(path: &Path) -> Result<Arc<Walk>> {
    let source = Source::read(path)?;
    Ok(Arc::new(Walk::parse(&source)?))
}
