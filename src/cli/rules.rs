//! `eigenstep rules [NAME]`: the update rules, or the source of one.

use super::{Answer, Failure};
use crate::rule;
use clap::Args;
use std::io::Write;

/// Lists the update rules, or prints the source of one
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// A rule by name, or the file of one, which is checked
    name: Option<String>,
}

/// Writes a line for each rule, or one rule's source as it is.
pub(super) fn run(args: &RulesArgs, out: &mut impl Write) -> Result<Answer, Failure> {
    if let Some(name) = &args.name {
        let source = &rule::load(name)?.source;
        out.write_all(source.text.as_bytes())?;
        return Ok(Answer::Done);
    }
    let names = rule::names();
    let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
    for name in names {
        writeln!(out, "{name:width$}  {}", rule::load(name)?.title)?;
    }
    Ok(Answer::Done)
}
