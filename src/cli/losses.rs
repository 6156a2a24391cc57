//! `eigenstep losses [NAME]`: the named losses, or the source of one with what is computed of it.

use super::{
    outcome::{ExitStatus, Failure},
    output::write_source,
};
use crate::{
    analysis::{Origin, Reference, theory},
    format::{exact, significant},
    loss::{self, Loss},
};
use clap::Args;
use std::io::{self, Write};

/// List the losses, or print the source of one
#[derive(Debug, Args)]
pub(super) struct LossesArgs {
    /// A loss by name, or a file to check
    name: Option<String>,
}

/// Writes a line for each loss, or one loss's source and, as comments, what its minima are like.
pub(super) fn run(args: &LossesArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let Some(name) = &args.name else {
        let names = loss::names();
        let width = names.iter().map(|name| name.len()).max().unwrap_or(0);
        for name in names {
            writeln!(out, "{name:width$}  {}", loss::load(name)?.title)?;
        }
        return Ok(ExitStatus::Done);
    };
    let file = loss::load(name)?;
    let landscape = file.landscape(None)?;
    write_source(file.source.text.trim_end(), out)?;
    writeln!(out, "\n")?;
    if file.start.is_empty() {
        if let Some(model) = landscape.loss.model() {
            writeln!(out, "# formula    {model}")?;
        }
        writeln!(out, "# start      {}", point(&landscape.start))?;
    }
    let known = landscape.loss.minima();
    for minimum in &known {
        write_minimum(out, &*landscape.loss, minimum, "")?;
    }
    if known.is_empty() {
        let found = Reference::near(&*landscape.loss, &landscape.start);
        match found.origin {
            Origin::Here => writeln!(out, "# minimum    none was found from the start")?,
            Origin::Known | Origin::Polished => {
                let how = ", by Newton's method from the start";
                write_minimum(out, &*landscape.loss, &found.minimum, how)?;
            }
        }
    }
    Ok(ExitStatus::Done)
}

/// A line on a minimum, and how it was found.
fn write_minimum(
    out: &mut impl Write,
    loss: &dyn Loss,
    minimum: &[f64],
    how: &str,
) -> io::Result<()> {
    let reference = Reference::around(loss, Origin::Known, minimum.to_vec());
    let value = exact(reference.value);
    write!(out, "# minimum    {}  loss {value}", point(minimum))?;
    if let Some(spectrum) = &reference.spectrum {
        let eigenvalues = spectrum.eigenvalues.iter().map(|it| significant(*it, 6));
        let eigenvalues: Vec<String> = eigenvalues.collect();
        write!(out, "  eigenvalues {}", eigenvalues.join(", "))?;
        if let Ok(kappa) = theory::kappa(&reference) {
            write!(out, "  kappa {}", significant(kappa, 6))?;
        }
    }
    writeln!(out, "{how}")
}

fn point(w: &[f64]) -> String {
    let words: Vec<String> = w.iter().map(|value| exact(*value)).collect();
    format!("({})", words.join(", "))
}
