//! `eigenstep sweep`: a map of how runs end, over one or two settings.

use super::choice::read_with;
use super::{
    flags::ScenarioArgs,
    outcome::{ExitStatus, Failure},
    output::OutputArgs,
    waiting,
};
use crate::{
    debugger::{
        LossTolerance,
        command::{COUNTS, Phrase, SweepAxis},
        sweep::{Axis, Map, Measure, STEPS, SweepPlan},
    },
    error::{Error, ErrorCode, Source, Span},
    record::heat,
    scenario::{Scenario, Setup},
};
use clap::{Args, ValueEnum};
use std::io::{self, IsTerminal, Write};

/// Map how runs of one rule end, over one or two of its settings
#[derive(Debug, Args)]
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
        required = true,
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
            .unwrap_or(MapFormat::Text),
    };
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
    let map = plan.run(&setup.landscape, setup.noise, &mut |done, of| {
        bar.tell(done, of);
        true
    })?;
    bar.end();
    let Some(map) = map else {
        return Ok(ExitStatus::No);
    };
    let text = written(&map, format);
    args.map.output.write(text.as_bytes(), out)
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
