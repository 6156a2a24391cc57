//! `sweep`: a map of how runs of the rule in focus end, over one or two of its settings.

use super::Session;
use crate::{
    debugger::{
        command::{COUNTS, SweepAxis, SweepCommand},
        control::{Control, Progress},
        sweep::{Axis, Map, STEPS, SweepPlan},
    },
    error::{Error, ErrorCode, Result},
};

impl Session {
    /// Runs the rule in focus over one or two of its settings; none where `control` said no.
    ///
    /// # Errors
    /// No axis or more than two, no such setting, a range that cannot be, too many runs.
    pub fn sweep(&mut self, sweep: &SweepCommand, control: &mut Control) -> Result<Option<Map>> {
        if sweep.axes.is_empty() || sweep.axes.len() > COUNTS.len() {
            let error = Error::plain(ErrorCode::Usage, "a map has one axis or two");
            return Err(error.help("as in `sweep eta=1e-4..1:log`"));
        }
        let mut axes: Vec<Axis> = Vec::new();
        for (axis, count) in sweep.axes.iter().zip(COUNTS) {
            axes.push(self.axis(axis, count, control)?);
        }
        let machine = self.lanes.focused().lane.machine();
        let plan = SweepPlan {
            steps: sweep.steps.unwrap_or(STEPS),
            measure: sweep.measure.unwrap_or_default(),
            tolerance: self.tolerance(),
            ..SweepPlan::new(machine, &self.landscape.name, axes)?
        };
        let mut go_on = |done, of| control.hear(Progress::Runs { done, of });
        plan.run(&self.landscape, self.noise, &mut go_on)
    }

    fn axis(&mut self, axis: &SweepAxis, count: usize, control: &mut Control) -> Result<Axis> {
        let low = self.number(&axis.from, control)?;
        let high = self.number(&axis.to, control)?;
        axis.values(self.lanes.focused().compiled(), (low, high), count)
    }
}
