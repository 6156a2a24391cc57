//! `eigenstep open`: a run recorded elsewhere in the debugger, alone or beside rules that run.

use super::{
    debug::{self, ScreenArgs},
    diff::ReadingArgs,
    flags::{FlagArgs, RulesAndLoss},
    outcome::{ExitStatus, Failure},
};
use crate::{
    debugger::Session,
    error::{Error, ErrorCode, Result},
    runs,
    scenario::Scenario,
    text::counted,
};
use clap::Args;
use std::io::Write;

/// Open a run recorded elsewhere in the debugger: step, watch, break and plot what was recorded
#[derive(Debug, Args)]
#[command(
    after_help = "With --loss, level lines and alpha are shown too, and rules may run beside it:\neigenstep open run.jsonl --loss rosenbrock --rule torch/adam --set lr=0.02"
)]
pub(super) struct OpenRunArgs {
    /// The run: a file of JSON lines or CSV, or - for stdin
    #[arg(value_name = "RUN")]
    run: String,
    #[command(flatten)]
    flags: FlagArgs<RulesAndLoss>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// A plain line-by-line prompt for screen readers, logs and dumb terminals
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    looks: ScreenArgs,
}

impl OpenRunArgs {
    fn session(&self) -> Result<Session> {
        let mut run = runs::open(&self.run, &self.reading.options())?;
        let (first, last) = (run.first, run.last);
        let mut start = Vec::new();
        run.read(0, 0, &mut start)?;
        let mut scenario = Scenario::default();
        self.flags.apply(&mut scenario)?;
        if scenario.rules.is_empty() && !scenario.settings.is_empty() {
            return Err(Error::plain(
                ErrorCode::Conflict,
                "`--set` belongs to a rule beside the run",
            )
            .help("name it: --rule torch/adam"));
        }
        if !scenario.rules.is_empty() && !self.flags.has_loss() {
            return Err(Error::plain(
                ErrorCode::Conflict,
                "a rule beside the recorded run needs the loss of that run",
            )
            .help("add --loss NAME, or --eigenvalues, or --data"));
        }
        scenario.start = Some(start.clone());
        let mut noise = None;
        let mut lanes = Vec::new();
        let known = if !self.flags.has_loss() {
            None
        } else if scenario.rules.is_empty() {
            Some(scenario.landscape()?)
        } else {
            let setup = scenario.open()?;
            noise = setup.noise;
            lanes = setup.lanes;
            Some(setup.landscape)
        };
        if run.skipped > 0 {
            let _ = writeln!(
                std::io::stderr().lock(),
                "skipped {} that could not be read",
                counted(run.skipped, "row")
            );
        }
        let (mut lane, landscape) = runs::lane(run, known.as_ref())?;
        // Rules beside it begin at t = 0, and it with them.
        if scenario.rules.is_empty() {
            lane = lane.from_row(first);
        }
        lanes.insert(0, ("recorded".to_owned(), lane));
        let mut session = Session::new(landscape, noise, lanes, scenario.to_toml()?)?;
        session.allow_runs_of(session.options().max_run.max(last));
        Ok(session)
    }
}

/// Opens the debugger on the run.
pub(super) fn run(
    args: &OpenRunArgs,
    out: &mut impl Write,
) -> std::result::Result<ExitStatus, Failure> {
    debug::show(args.session()?, &args.looks, args.plain, out)
}
