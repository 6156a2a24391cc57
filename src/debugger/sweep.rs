//! Many runs of one rule, one for each pair of values of two settings: a map of how they end.
//!
//! Runs share nothing, so each core takes whole rows of the map from a counter until none is left; a
//! thread pool would have nothing to balance that this does not.

mod axis;
mod map;
mod measure;
mod shard;
mod text;
mod wide;

pub use axis::Axis;
pub use map::{DoubtedRun, LEVELS, Map, Outcome};
use measure::Losses;
pub use measure::Measure;
pub use shard::{MapPart, Shard};
pub use text::RAMP;
use wide::WideRuns;

use super::{control::stride, machine::Machine, precision::Precision, tolerance::LossTolerance};
use crate::lang::wide::LANES;
use crate::{
    analysis::{
        Boundary, Known, Minima, Origin, Stability, Unknown,
        claim::{self, Doubt},
    },
    error::{Error, ErrorCode, Result},
    loss::{Landscape, Noise},
    rule::Compiled,
};
use std::{
    array::from_fn,
    num::NonZero,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// Iterations of each run, unless it is told.
pub const STEPS: u64 = 1000;
/// Most runs of a map.
pub const MOST_RUNS: usize = 4_000_000;

/// The runs of a sweep: one rule over a grid of settings.
#[derive(Debug, Clone)]
pub struct SweepPlan {
    /// The name of the runs, for headings.
    pub title: String,
    /// The rule.
    pub compiled: Arc<Compiled>,
    /// Values of the rule's settings; those of the axes are overwritten.
    pub settings: Vec<f64>,
    /// Across, and up if there are two.
    pub axes: Vec<Axis>,
    /// Iterations of each run.
    pub steps: u64,
    /// The measure taken of each run.
    pub measure: Measure,
    /// The loss that counts as converged.
    pub tolerance: LossTolerance,
    /// The numbers that runs are computed with.
    pub precision: Precision,
}

impl SweepPlan {
    /// Runs with the rule and the settings of `machine`, on the loss called `loss`.
    ///
    /// # Errors
    /// Two axes over the same setting.
    pub fn new(machine: &Machine, loss: &str, axes: Vec<Axis>) -> Result<Self> {
        if let [first, second] = &axes[..]
            && first.name == second.name
        {
            let error = Error::plain(ErrorCode::Conflict, "the two axes need different settings");
            return Err(error.help(format!("sweep something else beside {}", first.name)));
        }
        let compiled = Arc::clone(machine.compiled());
        let settings = (0..compiled.settings.len()).map(|at| machine.setting(at));
        Ok(Self {
            title: format!("{} on {loss}", compiled.rule.name),
            settings: settings.collect(),
            compiled,
            axes,
            steps: STEPS,
            measure: Measure::default(),
            tolerance: LossTolerance::default(),
            precision: machine.precision(),
        })
    }

    /// Makes all runs. `go_on` hears how many of how many are done, and may answer no: then there is no map.
    ///
    /// # Errors
    /// Too many runs, or a rate where the loss has no minimum to approach.
    pub fn run(
        self,
        landscape: &Landscape,
        noise: Option<Noise>,
        go_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Map>> {
        let all = 0..self.runs();
        let outcomes = self.outcomes(landscape, noise, all, go_on)?;
        Ok(outcomes.map(|outcomes| {
            let (cells, doubts) = split(0, outcomes);
            Map::new(self, cells, doubts)
        }))
    }

    /// The number of runs.
    fn runs(&self) -> usize {
        self.axes.iter().map(|axis| axis.values.len()).product()
    }

    /// Makes the runs with these indices. `go_on` is that of [`run`](Self::run).
    fn outcomes(
        &self,
        landscape: &Landscape,
        noise: Option<Noise>,
        part: Range<usize>,
        go_on: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Option<Vec<SweptRun>>> {
        let all = self.runs();
        if all > MOST_RUNS {
            let error = Error::plain(ErrorCode::LimitReached, format!("{all} runs are too many"));
            return Err(error.help(format!("at most {MOST_RUNS} at a time")));
        }
        let minima = Minima::new(Arc::clone(&landscape.loss), &landscape.start);
        if minima.home().origin == Origin::Here && self.measure != Measure::Iterations {
            let message = "no minimum is known, so there is no rate at which it is approached";
            return Err(
                Error::plain(ErrorCode::NotAvailable, message).help("measure iterations instead")
            );
        }
        if self.measure == Measure::Radius && self.judge().is_some_and(|it| it.holds_scales()) {
            let name = &self.compiled.rule.name;
            let message = format!("{name} keeps a scale, so its iteration has no fixed radius");
            return Err(
                Error::plain(ErrorCode::NotAvailable, message).help("measure rate, which runs it")
            );
        }
        SweepWorker::new(self, landscape, noise, &minima)?;
        let runs = part.len();
        let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (sender, receiver) = mpsc::channel();
        let stride = stride(landscape.loss.dimension(), landscape.loss.rows());
        let mut cells = vec![(Outcome::Never, None); runs];
        let all = thread::scope(|scope| {
            let cores = thread::available_parallelism().map_or(1, NonZero::get);
            for _ in 0..cores.min(runs.div_ceil(CHUNK)) {
                let (sender, plan, minima) = (sender.clone(), self, &minima);
                let (next, stop, first) = (&next, &stop, part.start);
                scope.spawn(move || {
                    // It has been made once, so it can be made again.
                    let Ok(mut worker) = SweepWorker::new(plan, landscape, noise, minima) else {
                        return;
                    };
                    let mut goes_on = |t: u64| {
                        if !t.is_multiple_of(stride) {
                            return true;
                        }
                        !stop.load(Ordering::Relaxed) && sender.send(SweepMessage::Alive).is_ok()
                    };
                    loop {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        if at >= runs.div_ceil(CHUNK) {
                            return;
                        }
                        let from = at * CHUNK;
                        let cells = first + from..first + runs.min(from + CHUNK);
                        let Some(outcomes) = worker.outcomes(cells, &mut goes_on) else {
                            return;
                        };
                        if sender.send(SweepMessage::Done(from, outcomes)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            collect(&receiver, &mut cells, &stop, go_on)
        });
        Ok(all.then_some(cells))
    }
}

/// The outcomes of the runs from `first` on, and the doubted ones among them.
fn split(first: usize, runs: Vec<SweptRun>) -> (Vec<Outcome>, Vec<DoubtedRun>) {
    let doubts = (first..).zip(&runs);
    let doubts = doubts.filter_map(|(cell, (_, why))| Some(DoubtedRun { cell, why: (*why)? }));
    let doubts = doubts.collect();
    (
        runs.into_iter().map(|(outcome, _)| outcome).collect(),
        doubts,
    )
}

/// Beyond so many kept numbers an iteration is run, not judged by its derivative.
const JUDGED: usize = 64;

impl SweepPlan {
    /// True if the iteration is small enough for a judge.
    fn is_judged(&self) -> bool {
        self.compiled.kept() <= JUDGED
    }

    /// The judge of linear runs, and of those that have arrived.
    fn judge(&self) -> Option<Stability> {
        self.is_judged()
            .then(|| Stability::new(&self.compiled).ok())
            .flatten()
    }
}

/// Runs that a core takes at a time.
const CHUNK: usize = 16;

/// The outcome of a run, and the doubt that it has settled.
type SweptRun = (Outcome, Option<Doubt>);

/// A report from a worker thread.
enum SweepMessage {
    /// Still at work.
    Alive,
    /// Outcomes of consecutive runs, from this index on.
    Done(usize, Vec<SweptRun>),
}

/// Puts outcomes in their places until all are there, or until it is told to stop.
fn collect(
    receiver: &mpsc::Receiver<SweepMessage>,
    cells: &mut [SweptRun],
    stop: &AtomicBool,
    go_on: &mut dyn FnMut(usize, usize) -> bool,
) -> bool {
    let mut done = 0;
    for news in receiver {
        if let SweepMessage::Done(from, outcomes) = news {
            done += outcomes.len();
            cells[from..from + outcomes.len()].copy_from_slice(&outcomes);
        }
        if !go_on(done, cells.len()) {
            stop.store(true, Ordering::Relaxed);
            return false;
        }
    }
    done == cells.len()
}

/// One core's machine.
struct SweepWorker<'a> {
    plan: &'a SweepPlan,
    start: &'a [f64],
    machine: Machine,
    settings: Vec<f64>,
    minima: &'a Minima,
    /// Tells how linear runs end.
    stability: Option<Stability>,
    /// Those of the run under way.
    losses: Losses,
    /// Runs side by side, where they can be.
    wide: Option<WideRuns>,
}

impl<'a> SweepWorker<'a> {
    fn new(
        plan: &'a SweepPlan,
        landscape: &'a Landscape,
        noise: Option<Noise>,
        minima: &'a Minima,
    ) -> Result<Self> {
        let machine = Machine::new(
            Arc::clone(&plan.compiled),
            &*landscape.loss,
            noise,
            &plan.settings,
            &landscape.start,
        );
        let is_wide = plan.precision == Precision::Double && noise.is_none();
        let wide = is_wide.then(|| WideRuns::new(&plan.compiled, landscape.loss.evaluator()));
        Ok(Self {
            wide: wide.flatten(),
            machine: machine.in_precision(plan.precision, &*landscape.loss)?,
            start: &landscape.start,
            settings: plan.settings.clone(),
            stability: plan.judge(),
            plan,
            minima,
            losses: Losses::default(),
        })
    }

    /// The outcomes of the runs of some cells, counted row by row; `None` if `goes_on` returns false on the way.
    fn outcomes(
        &mut self,
        cells: Range<usize>,
        goes_on: &mut dyn FnMut(u64) -> bool,
    ) -> Option<Vec<SweptRun>> {
        let known = cells.clone().map(|cell| self.known_outcome(cell));
        let mut outcomes: Vec<Option<SweptRun>> = known.collect();
        let unknown = (0..cells.len()).filter(|at| outcomes[*at].is_none());
        let unknown: Vec<usize> = unknown.collect();
        let first = cells.start;
        for group in unknown.chunks(LANES) {
            let is_wide = group.len() > 1 && self.wide.is_some();
            if is_wide {
                let cells: [usize; LANES] = from_fn(|at| first + group[at.min(group.len() - 1)]);
                self.run_side_by_side(&cells, goes_on)?;
            }
            for (lane, at) in group.iter().enumerate() {
                self.restart(first + at);
                if is_wide {
                    self.take_from(lane);
                } else {
                    self.losses.gather(&mut self.machine, self.plan, goes_on)?;
                }
                outcomes[*at] = Some(self.outcome_of_run());
            }
        }
        outcomes.into_iter().collect()
    }

    /// Runs cells side by side.
    fn run_side_by_side(
        &mut self,
        cells: &[usize; LANES],
        goes_on: &mut dyn FnMut(u64) -> bool,
    ) -> Option<()> {
        let settings = cells.map(|cell| {
            self.choose(cell);
            self.settings.clone()
        });
        let wide = self.wide.as_mut()?;
        let went = wide.gather(self.plan.steps, &settings, self.start, claim::FAR, goes_on);
        went.then_some(())
    }

    /// Takes the run of a lane over, as if the machine had run it.
    fn take_from(&mut self, lane: usize) {
        let Some(wide) = &self.wide else { return };
        let variables = self.losses.take(wide, lane);
        if let Some(variables) = variables {
            self.machine.restore(self.plan.steps, &variables);
        }
    }

    /// Chooses the settings of a cell.
    fn choose(&mut self, cell: usize) {
        let columns = self.plan.axes[0].values.len();
        for (axis, at) in self.plan.axes.iter().zip([cell % columns, cell / columns]) {
            self.settings[axis.setting] = axis.values[at];
        }
    }

    /// Puts the machine at the start of the run of a cell.
    fn restart(&mut self, cell: usize) {
        self.choose(cell);
        self.machine.restart(&self.settings, self.start);
    }

    /// The outcome of the run of a cell, where it need not be run.
    fn known_outcome(&mut self, cell: usize) -> Option<SweptRun> {
        self.restart(cell);
        match (self.plan.measure, self.radius()) {
            (Measure::Radius, Ok(radius)) => Some((Outcome::Value(radius), None)),
            (Measure::Radius, Err(_)) => Some((self.radius_at_minimum(), None)),
            // What grows in the long run has diverged, whatever it does within this one.
            (_, Ok(radius)) if claim::grows(radius) => Some((Outcome::Diverged, None)),
            (Measure::Rate, Ok(radius)) => Some((Outcome::Value(radius), None)),
            (Measure::Rate, Err(_)) | (Measure::Iterations, _) => None,
        }
    }

    /// The outcome of the run that has been made.
    fn outcome_of_run(&mut self) -> SweptRun {
        match self.plan.measure {
            Measure::Iterations => {
                let losses = &self.losses;
                let outcome = losses.iterations(&self.machine, self.plan, self.minima);
                let doubt = match outcome {
                    Outcome::Value(since) => self.doubt(since),
                    _ => None,
                };
                (outcome, doubt)
            }
            Measure::Rate | Measure::Radius => {
                let near = self.minima.near(self.machine.w());
                (self.losses.rate(&near), None)
            }
        }
    }

    /// The doubt that the run, which is at or below the tolerance since some t, stays there.
    fn doubt(&mut self, since: f64) -> Option<Doubt> {
        let stability = self.stability.as_mut()?;
        let kept = self.machine.variables().to_vec();
        let w = self.machine.w().to_vec();
        let is_still = self.machine.gradient_norm() == 0.0;
        let t = self.machine.position().t;
        let at = Boundary {
            t,
            settings: &self.settings,
            kept: &kept,
        };
        let evaluator = self.machine.evaluator();
        let modes = stability.outlook(evaluator, at, None, 1.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of iterations"
        )]
        let rows = (t + 1).saturating_sub(since as u64);
        claim::doubt_of_settling(&modes, rows, is_still, || {
            if stability.spectrum(evaluator, &w)?.curves_upward() {
                stability.edge(evaluator, at)
            } else {
                Err(Unknown::Saddle)
            }
        })
    }

    /// The spectral radius of the run's iterations, where they are linear.
    fn radius(&mut self) -> Known<f64> {
        let stability = self.stability.as_mut().ok_or(Unknown::TooMany)?;
        let kept = self.machine.variables().to_vec();
        let at = Boundary {
            t: 0,
            settings: &self.settings,
            kept: &kept,
        };
        stability.radius(self.machine.evaluator(), at)
    }

    fn radius_at_minimum(&mut self) -> Outcome {
        let Some(stability) = &mut self.stability else {
            return Outcome::Unknown;
        };
        let kept = self.machine.variables().to_vec();
        let at = Boundary {
            t: 0,
            settings: &self.settings,
            kept: &kept,
        };
        let home = self.minima.home();
        match stability.radius_at_minimum(self.machine.evaluator(), at, home) {
            Ok(radius) => Outcome::Value(radius),
            Err(_) => Outcome::Unknown,
        }
    }
}
