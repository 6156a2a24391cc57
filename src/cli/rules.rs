//! `eigenstep rules [NAME]`: the update rules and their wrappers, the source of one, or several side by side.

use super::{
    outcome::{ExitStatus, Failure},
    output::write_source,
};
use crate::rule;
use clap::Args;
use std::io::Write;

/// List the update rules, print the source of one, or show several side by side
#[derive(Debug, Args)]
pub(super) struct RulesArgs {
    /// A rule by name, as gd or 'torch/lookahead(torch/adamw)', or a file to check
    name: Option<String>,
    /// Rules to show side by side, with differing lines marked
    #[arg(long, value_name = "RULE", num_args = 2.., conflicts_with = "name")]
    compare: Vec<String>,
}

/// Characters of a row for each rule, and all that a row may have.
const COLUMN: usize = 50;
const WIDEST: usize = 160;

/// Writes a line for each rule, or one rule's source as it is.
pub(super) fn run(args: &RulesArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    if !args.compare.is_empty() {
        let names = args.compare.iter();
        let rules = names
            .map(|name| rule::load(name))
            .collect::<Result<Vec<_>, _>>()?;
        let width = (COLUMN * rules.len()).min(WIDEST);
        out.write_all(rule::compare(&rules, width).as_bytes())?;
        return Ok(ExitStatus::Done);
    }
    if let Some(name) = &args.name {
        let source = &rule::load(name)?.source;
        write_source(&source.text, out)?;
        return Ok(ExitStatus::Done);
    }
    let mut rows = Vec::new();
    for name in rule::names() {
        rows.push((name.to_owned(), rule::load(name)?.title.clone()));
    }
    rows.extend(rule::wrappers().map(|it| {
        let name = format!("{}(RULE)", it.name);
        (name, format!("any rule {}", it.title))
    }));
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, title) in rows {
        writeln!(out, "{name:width$}  {title}")?;
    }
    Ok(ExitStatus::Done)
}
