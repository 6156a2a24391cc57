//! `eigenstep sweep`: a map of how runs end, over one or two settings.

use super::choice::read_with;
use super::{
    flags::{GROUP, ScenarioArgs},
    outcome::{ExitStatus, Failure},
    output::OutputArgs,
    waiting,
};
use crate::{
    debugger::{
        LossTolerance,
        command::{COUNTS, Phrase, SweepAxis},
        sweep::{Axis, Map, MapPart, Measure, STEPS, Shard, SweepPlan},
    },
    error::{Error, ErrorCode, Source, Span},
    files::MOST_NUMBERS,
    record::heat,
    scenario::{Scenario, Setup},
};
use clap::{Args, ValueEnum};
use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
};

/// Map how runs of one rule end, over one or two of its settings
#[derive(Debug, Args)]
#[command(after_help = "\
On several machines, each makes a part, and one joins them:
  eigenstep sweep --over eta=1e-4..1:log:500 --over beta1=0..0.99:500 --shard 1/2 -o 1.csv
  eigenstep sweep --over eta=1e-4..1:log:500 --over beta1=0..0.99:500 --shard 2/2 -o 2.csv
  eigenstep sweep --merge 1.csv 2.csv -o map.svg")]
pub(super) struct SweepArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    map: MapArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Map")]
struct MapArgs {
    /// A setting and its range; repeat for a second axis. LO and HI may use eta_opt eta_max kappa lambda[i]
    #[arg(
        long,
        required_unless_present = "merge",
        value_name = "NAME=LO..HI[:log][:COUNT]",
        allow_hyphen_values = true
    )]
    over: Vec<String>,
    /// Iterations of each run
    #[arg(long, value_name = "N", default_value_t = STEPS, value_parser = clap::value_parser!(u64).range(1..))]
    steps: u64,
    /// The quantity to measure of each run
    #[arg(long, value_enum, default_value_t = SweepQuantity::Iterations)]
    measure: SweepQuantity,
    /// Convergence threshold, measured above the minimum of the loss
    #[arg(long, value_name = "LOSS", default_value_t = LossTolerance::ABOVE, value_parser = read_with(tolerance))]
    tolerance: f64,
    /// Format of the map [default: as the file's name ends, else text]
    #[arg(long, value_enum)]
    format: Option<MapFormat>,
    /// Make part K of N of the map, from 1, as CSV for --merge
    #[arg(long, value_name = "K/N", value_parser = read_with(Shard::parse))]
    shard: Option<Shard>,
    /// Join all parts that --shard has made
    #[arg(
        long,
        value_name = "PART",
        num_args = 1..,
        conflicts_with_all = ["over", "shard", "steps", "measure", "tolerance", GROUP],
    )]
    merge: Vec<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SweepQuantity {
    /// Iterations until the loss stays at or below the tolerance
    Iterations,
    /// The factor of one iteration on the error: exact for linear rules, else measured over the run
    Rate,
    /// The spectral radius of an iteration, without a run: for linear rules, else at the minimum
    Radius,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MapFormat {
    /// A character for each run
    Text,
    /// A row for each run
    Csv,
    /// A vector picture
    Svg,
}

/// Endings of file names.
const ENDINGS: [(&str, MapFormat); 3] = [
    ("txt", MapFormat::Text),
    ("csv", MapFormat::Csv),
    ("svg", MapFormat::Svg),
];

fn tolerance(text: &str) -> crate::error::Result<f64> {
    let number = text.parse::<f64>().ok();
    let number = number.filter(|it| *it > 0.0 && it.is_finite());
    number.ok_or_else(|| Error::plain(ErrorCode::InvalidValue, "a tolerance must be positive"))
}

/// Makes all runs and writes the map.
pub(super) fn run(args: &SweepArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    args.map.output.check()?;
    let format = match args.map.format {
        Some(format) => format,
        None => args
            .map
            .output
            .is_one_of(&ENDINGS)?
            .unwrap_or(match args.map.shard {
                Some(_) => MapFormat::Csv,
                None => MapFormat::Text,
            }),
    };
    if !args.map.merge.is_empty() {
        let map = joined(&args.map.merge)?;
        let text = written(&map, format);
        return args.map.output.write(text.as_bytes(), out);
    }
    if args.map.shard.is_some() && format != MapFormat::Csv {
        let error = Error::plain(ErrorCode::Conflict, "a part of a map is CSV");
        let help = "leave --format out, or name the file NAME.csv; --merge draws the map";
        return Err(error.help(help).into());
    }
    let setup = waiting::opening(&args.scenario.scenario()?, Scenario::open)?;
    let [(_, lane)] = &setup.lanes[..] else {
        let error = Error::plain(ErrorCode::Usage, "a sweep takes one rule");
        return Err(error.help("give --rule once").into());
    };
    let mut axes: Vec<Axis> = Vec::new();
    for text in &args.map.over {
        if axes.len() == COUNTS.len() {
            let error = Error::plain(ErrorCode::Usage, "a map has at most two axes");
            return Err(error.help("give --over once or twice").into());
        }
        axes.push(axis(&setup, text, COUNTS[axes.len()])?);
    }
    let plan = SweepPlan {
        steps: args.map.steps,
        measure: match args.map.measure {
            SweepQuantity::Iterations => Measure::Iterations,
            SweepQuantity::Rate => Measure::Rate,
            SweepQuantity::Radius => Measure::Radius,
        },
        tolerance: LossTolerance {
            above: args.map.tolerance,
            floor: setup.minima.floor(),
        },
        ..SweepPlan::new(lane.machine(), &setup.landscape.name, axes)?
    };
    let mut bar = Bar::new();
    let mut go_on = |done, of| {
        bar.tell(done, of);
        true
    };
    let (landscape, noise) = (&setup.landscape, setup.noise);
    let text = match args.map.shard {
        None => plan
            .run(landscape, noise, &mut go_on)?
            .map(|map| written(&map, format)),
        Some(shard) => {
            let scenario = serde_json::to_value(&setup.scenario).map_err(io::Error::from)?;
            plan.run_part(shard, landscape, noise, scenario, &mut go_on)?
                .map(|part| part.to_text())
        }
    };
    bar.end();
    match text {
        Some(text) => args.map.output.write(text.as_bytes(), out),
        None => Ok(ExitStatus::No),
    }
}

/// The map that these parts make together.
fn joined(paths: &[PathBuf]) -> Result<Map, Error> {
    let mut parts = Vec::new();
    for path in paths {
        let source = Source::read_within(path, MOST_NUMBERS)?;
        parts.push((path.display().to_string(), MapPart::read(&source)?));
    }
    MapPart::join(parts)
}

fn written(map: &Map, format: MapFormat) -> String {
    match format {
        MapFormat::Text => format!("{map}\n"),
        MapFormat::Csv => map.to_csv(),
        MapFormat::Svg => heat::svg(map),
    }
}

fn axis(setup: &Setup, text: &str, count: usize) -> Result<Axis, Error> {
    let source = Source::new("--over", text);
    let whole = Span::new(0, text.len());
    let axis = SweepAxis::parse(&Phrase::at(&source, whole))?;
    let value = |end: &Phrase| setup.constants.evaluate(end.source(), end.span());
    let ends = (value(&axis.from)?, value(&axis.to)?);
    axis.values(setup.lanes[0].1.compiled(), ends, count)
}

/// A bar on stderr, where that is a terminal.
struct Bar {
    shown: bool,
    percent: usize,
}

/// Columns of the bar.
const WIDTH: usize = 40;

impl Bar {
    fn new() -> Self {
        Self {
            shown: io::stderr().is_terminal(),
            percent: usize::MAX,
        }
    }

    fn tell(&mut self, done: usize, of: usize) {
        let percent = 100 * done / of.max(1);
        if !self.shown || percent == self.percent {
            return;
        }
        self.percent = percent;
        let bar = "#".repeat(WIDTH * percent / 100);
        // Where this cannot be said, the map will still be there.
        let _ = write!(io::stderr().lock(), "\r[{bar:.<WIDTH$}] {percent:>3}%");
    }

    fn end(&self) {
        if self.shown {
            let _ = write!(io::stderr().lock(), "\r{:1$}\r", "", WIDTH + 8);
        }
    }
}
