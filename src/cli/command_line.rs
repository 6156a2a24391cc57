//! The whole command line: the debugger's own flags, and the commands with theirs.

use super::{
    check, completions, debug, diff, essay, exec, flags::ScenarioArgs, hook, losses, man, open,
    plot, record, rules, serve, snapshot, sweep, tour, trace,
};
use clap::Parser;

/// The end of `--help`.
const AFTER_HELP: &str = "\
Without a command, the debugger opens in the terminal; with no flags either, as with
--rule adam --set eta=eta_opt on the essay's valley.

Examples:
  eigenstep                                             Adam in the essay's valley, step by step
  eigenstep tour                                        the tours: a guided introduction, told in captions
  eigenstep --rule torch/adam --set lr=0.02 --loss rosenbrock
  eigenstep --rule gd --rule momentum --eigenvalues 1,50  two rules side by side
  eigenstep --loss 'x^4 + y^2' --start 1,1              your own loss
  eigenstep exec --rule adam -e continue -e 'print w'   without a terminal
  eigenstep trace --rule adam --steps 100 > run.jsonl   rows for other programs
  eigenstep diff run.jsonl --against torch/adam         where a run departs from a rule, and why
  eigenstep help step                                   explain a debugger command or term

Exit codes: 0 done, 1 the answer is no, 2 bad input, 130 interrupted.";

/// A debugger whose programs are optimisers.
#[derive(Debug, Parser)]
#[command(
    name = "eigenstep",
    version,
    args_conflicts_with_subcommands = true,
    after_help = AFTER_HELP
)]
pub(super) struct CommandLine {
    #[command(flatten)]
    pub scenario: ScenarioArgs,
    #[command(flatten)]
    pub screen: debug::ScreenArgs,
    #[command(flatten)]
    pub open: debug::OpenArgs,
    #[command(subcommand)]
    pub command: Option<Subcommand>,
}

#[derive(Debug, clap::Subcommand)]
pub(super) enum Subcommand {
    Trace(Box<trace::TraceArgs>),
    Exec(Box<exec::ExecArgs>),
    Serve(Box<serve::ServeArgs>),
    Tour(tour::TourArgs),
    Check(check::CheckArgs),
    Record(record::RecordArgs),
    Snapshot(Box<snapshot::SnapshotArgs>),
    Sweep(Box<sweep::SweepArgs>),
    Diff(Box<diff::DiffArgs>),
    Open(Box<open::OpenRunArgs>),
    Hook(hook::HookArgs),
    Plot(Box<plot::PlotArgs>),
    Essay(essay::EssayArgs),
    Rules(rules::RulesArgs),
    Losses(losses::LossesArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}
