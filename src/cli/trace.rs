//! `eigenstep trace`: a run as JSON lines or CSV.

use super::{Answer, Failure, ScenarioArgs};
use crate::trace::{self, Csv, Extent, Jsonl, Sink};
use clap::{Args, ValueEnum};
use std::io::Write;

/// Writes a run to stdout: a row for each iteration and lane
#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    extent: ExtentArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What is written")]
struct ExtentArgs {
    /// Iterations to run
    #[arg(long, value_name = "N")]
    steps: u64,
    /// Writes the rows whose t is a multiple of K, and the last
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// How rows are written
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A header, then a JSON object a line
    Jsonl,
    /// Comma-separated values
    Csv,
}

/// Runs the scenario and writes its rows.
pub(super) fn run(args: &TraceArgs, out: &mut impl Write) -> Result<Answer, Failure> {
    let mut setup = args.scenario.scenario()?.open()?;
    let (mut jsonl, mut csv);
    let sink: &mut dyn Sink = match args.extent.format {
        Format::Jsonl => {
            jsonl = Jsonl(out);
            &mut jsonl
        }
        Format::Csv => {
            csv = Csv::new(out);
            &mut csv
        }
    };
    let extent = Extent {
        steps: args.extent.steps,
        every: args.extent.every,
    };
    trace::run(&mut setup, extent, sink, |_| false)?;
    Ok(Answer::Done)
}
