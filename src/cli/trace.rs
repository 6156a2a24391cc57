//! `eigenstep trace`: a run as JSON lines or CSV.

use super::{
    flags::ScenarioArgs,
    outcome::{ExitStatus, Failure},
    waiting,
};
use crate::{
    debugger::watch::{ExpectedType, Names, Watch},
    error::{Error, ErrorCode, Source, Span},
    scenario::Scenario,
    text::counted,
    trace::{self, Csv, Jsonl, Sink, TraceRange},
};
use clap::{Args, ValueEnum};
use std::io::{self, Write};

/// Write a run to stdout, one row per iteration and lane
#[derive(Debug, Args)]
pub(super) struct TraceArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    extent: RangeArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct RangeArgs {
    /// Iterations to run; with --until, at most [default with --until: 10000]
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    steps: Option<u64>,
    /// Run until this holds, like 'loss < 1e-6'; exit code 1 if it never does
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    until: Option<String>,
    /// Write only rows whose t is a multiple of K, and the last row
    #[arg(long, value_name = "K", allow_hyphen_values = true, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    every: u64,
    /// Format of the rows
    #[arg(long, value_enum, default_value_t = TraceFormat::Jsonl)]
    format: TraceFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TraceFormat {
    /// A header, then a JSON object a line
    Jsonl,
    /// Comma-separated values
    Csv,
}

/// Most iterations of a run that only a condition ends.
const MOST_STEPS: u64 = 10_000;

/// Runs the scenario and writes its rows.
pub(super) fn run(args: &TraceArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    let setup = waiting::opening(&args.scenario.scenario()?, Scenario::open)?;
    let until = match &args.extent.until {
        Some(text) => Some(condition(text, &setup.names())?),
        None => None,
    };
    if args.extent.steps.is_none() && until.is_none() {
        let error = Error::plain(ErrorCode::Usage, "a trace needs an end");
        return Err(error
            .help("add --steps 200 or --until 'loss < 1e-6'")
            .into());
    }
    let extent = TraceRange {
        steps: args.extent.steps.unwrap_or(MOST_STEPS),
        every: args.extent.every,
        until,
    };
    let (mut jsonl, mut csv);
    let sink: &mut dyn Sink = match args.extent.format {
        TraceFormat::Jsonl => {
            jsonl = Jsonl::new(out);
            &mut jsonl
        }
        TraceFormat::Csv => {
            csv = Csv::new(out);
            &mut csv
        }
    };
    let steps = extent.steps;
    let met = trace::run(setup, extent, sink)?;
    match &args.extent.until {
        Some(text) if !met => {
            let steps = counted(steps, "iteration");
            let message = format!("`{}` did not hold within {steps}", text.trim());
            // The rows are there; where this cannot be said, the exit code says it.
            let _ = writeln!(io::stderr().lock(), "{message}");
            Ok(ExitStatus::No)
        }
        _ => Ok(ExitStatus::Done),
    }
}

fn condition(text: &str, names: &Names) -> Result<Watch, Error> {
    let source = Source::new("--until", text);
    let whole = Span::new(0, text.len());
    Watch::new(&source, whole, names, ExpectedType::Condition)
}
