//! `eigenstep losses [NAME]`: the named losses, or what is known about one.

use super::{Answer, Failure};
use crate::{
    analysis::Spectrum,
    lang::error::Error,
    loss::{self, NAMED},
    scenario::number,
};
use clap::Args;
use std::io::Write;

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
        let [x0, x1, y0, y1] = window.map(number);
        writeln!(out, "window       [{x0}, {x1}] x [{y0}, {y1}]")?;
    }
    let bound = number(landscape.bound);
    writeln!(out, "left when    some abs(w[i]) >= {bound}")?;
    let mut evaluator = landscape.loss.evaluator();
    for minimum in landscape.loss.minima() {
        write!(
            out,
            "minimum      {}  loss {}",
            point(&minimum),
            number(evaluator.value(&minimum))
        )?;
        if let Some(spectrum) = Spectrum::of(&evaluator.hessian(&minimum)) {
            let eigenvalues: Vec<String> =
                spectrum.eigenvalues.iter().map(|it| short(*it)).collect();
            write!(
                out,
                "  eigenvalues {}  kappa {}",
                eigenvalues.join(", "),
                short(spectrum.condition_number())
            )?;
        }
        writeln!(out)?;
    }
    Ok(Answer::Done)
}

fn point(w: &[f64]) -> String {
    let words: Vec<String> = w.iter().map(|value| number(*value)).collect();
    format!("({})", words.join(", "))
}

/// Six significant digits.
fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    number(rounded)
}
