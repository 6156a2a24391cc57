//! Python, with which the hooks and the dialogue are tried.

use std::{path::PathBuf, process::Command};

/// The interpreter. Where there is none, what needs it goes untried, except in CI, where it fails.
pub fn python() -> Option<PathBuf> {
    for name in ["python3", "python"] {
        let tried = Command::new(name).arg("--version").output();
        if tried.is_ok_and(|output| output.status.success()) {
            return Some(name.into());
        }
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "there is no Python: hooks and the client of `serve` cannot be tried"
    );
    eprintln!("NO PYTHON HERE: hooks and the client of `serve` are not tried");
    None
}
