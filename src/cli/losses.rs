//! `eigenstep losses [NAME]`: the named losses, or what is known about one.

use super::{Answer, Failure};
use crate::{
    analysis::{Origin, Reference, theory},
    format::{exact, significant},
    lang::error::Error,
    loss::{self, Loss, NAMED},
};
use clap::Args;
use std::io::{self, Write};

/// Lists the losses, or shows what is known about one
#[derive(Debug, Args)]
pub(super) struct LossesArgs {
    /// A loss by name
    name: Option<String>,
}

/// Writes a line for each loss, or one loss with its formula, start, window and minima.
pub(super) fn run(args: &LossesArgs, out: &mut impl Write) -> Result<Answer, Failure> {
    let names = || NAMED.iter().map(|row| row.name);
    let Some(name) = &args.name else {
        let width = names().map(str::len).max().unwrap_or(0);
        for row in NAMED {
            writeln!(out, "{:width$}  {}", row.name, row.shows)?;
        }
        return Ok(Answer::Done);
    };
    let row = loss::find(name).ok_or_else(|| {
        Error::plain(format!("there is no loss `{name}`")).suggest(name, "losses", names())
    })?;
    let landscape = row.landscape()?;
    writeln!(out, "{}: {}\n", row.name, row.shows)?;
    writeln!(out, "formula      {}", landscape.loss.formula())?;
    writeln!(out, "start        {}", point(&landscape.start))?;
    if let Some(window) = row.window {
        let [x0, x1, y0, y1] = window.map(exact);
        writeln!(out, "window       [{x0}, {x1}] x [{y0}, {y1}]")?;
    }
    let bound = exact(landscape.bound);
    writeln!(out, "left when    some abs(w[i]) >= {bound}")?;
    let known = landscape.loss.minima();
    for minimum in &known {
        write_minimum(out, &*landscape.loss, minimum, "")?;
    }
    if known.is_empty() {
        let found = Reference::near(&*landscape.loss, &landscape.start);
        match found.origin {
            Origin::Here => writeln!(out, "minimum      none was found from the start")?,
            Origin::Known | Origin::Polished => {
                let how = ", by Newton's method from the start";
                write_minimum(out, &*landscape.loss, &found.minimum, how)?;
            }
        }
    }
    Ok(Answer::Done)
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
    write!(out, "minimum      {}  loss {value}", point(minimum))?;
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
