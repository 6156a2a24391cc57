//! `eigenstep hook`: modules that record runs of other libraries.

use super::outcome::{ExitStatus, Failure};
use clap::{Args, ValueEnum};
use std::io::Write;

/// Print a Python module that records training runs for `open` and `diff`
#[derive(Debug, Args)]
#[command(
    after_help = "eigenstep hook pytorch > eigenstep_hook.py; its first lines say how it is used."
)]
pub(super) struct HookArgs {
    /// The library to record from
    #[arg(value_enum)]
    library: Library,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Library {
    /// torch.optim, or a user's own optimiser on torch
    #[value(alias = "torch")]
    Pytorch,
    /// optax, or a user's own gradient transformation on jax
    #[value(aliases = ["optax", "flax"])]
    Jax,
}

/// The line of each module that takes in what they share.
const IMPORT: &str =
    "from .rows import _Array, _Output, _is_due, _number, _path_of, _places, _plain\n";

/// Prints the module, in one file that needs no other.
pub(super) fn run(args: &HookArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let text = match args.library {
        Library::Pytorch => include_str!("../../python/eigenstep_hooks/pytorch.py"),
        Library::Jax => include_str!("../../python/eigenstep_hooks/jax.py"),
    };
    let shared = include_str!("../../python/eigenstep_hooks/rows.py");
    out.write_all(text.replacen(IMPORT, shared, 1).as_bytes())?;
    Ok(ExitStatus::Done)
}
