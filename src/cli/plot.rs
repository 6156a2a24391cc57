//! `eigenstep plot`: the essay's figures of a run, as a vector picture.

use super::{
    essay,
    flags::ScenarioArgs,
    outcome::{ExitStatus, Failure},
    output::OutputArgs,
    waiting,
};
use crate::{
    record::figure::{self, Figure},
    scenario::Scenario,
};
use clap::{Args, ValueEnum};
use std::io::Write;

/// Draw level lines with paths, losses over time, and rates against step size, as SVG
#[derive(Debug, Args)]
pub(super) struct PlotArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    #[command(flatten)]
    drawn: DrawnArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Figures")]
struct DrawnArgs {
    /// A figure; may be repeated [default: all that apply, side by side]
    #[arg(long = "figure", value_enum)]
    figures: Vec<PlotSubject>,
    /// The essay's figures, whatever the scenario: rates, and the paths of its four experiments
    #[arg(long, conflicts_with_all = ["figures", "ScenarioArgs"])]
    essay: bool,
    /// Iterations [default: until all lanes have converged, at most 500]
    #[arg(long, value_name = "N")]
    steps: Option<u64>,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlotSubject {
    /// The loss as level lines, with paths, start and minimum
    Contour,
    /// The loss of each lane over its iterations
    Loss,
    /// |1 - eta*lambda| of each direction, and R, against eta
    Rates,
}

/// Runs the scenario and writes the picture.
pub(super) fn run(args: &PlotArgs, out: &mut impl Write) -> Result<ExitStatus, Failure> {
    args.drawn.output.check()?;
    args.drawn.output.is_one_of(&[("svg", ())])?;
    if args.drawn.essay {
        let picture = figure::draw_each(&mut essay::figures()?, 3, args.drawn.steps)?;
        return args.drawn.output.write(picture.as_bytes(), out);
    }
    let mut session = waiting::opening(&args.scenario.scenario()?, Scenario::session)?;
    let figures: Vec<Figure> = if args.drawn.figures.is_empty() {
        figure::fitting(&session)
    } else {
        let figures = args.drawn.figures.iter().map(|which| match which {
            PlotSubject::Contour => Figure::Contour,
            PlotSubject::Loss => Figure::Loss,
            PlotSubject::Rates => Figure::Rates,
        });
        figures.collect()
    };
    let picture = figure::draw(&figures, &mut session, args.drawn.steps)?;
    args.drawn.output.write(picture.as_bytes(), out)
}
