//! Directories of the user's, where the XDG base directory specification puts them.

use std::{
    env,
    path::{Path, PathBuf},
};

/// `eigenstep` in the directory that `variable` names, else in `below_home` of the home directory.
///
/// A path that is not absolute counts for nothing, as the specification asks.
pub(super) fn directory(variable: &str, below_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    let base = absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)))?;
    Some(base.join(Path::new("eigenstep")))
}
