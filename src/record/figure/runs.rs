//! The runs that are drawn: where each lane went, and its loss.

use crate::debugger::{Control, Position, Session};

/// Iterations of a picture, unless all lanes arrive earlier.
const MOST: u64 = 500;

/// A lane's run.
#[derive(Debug, Clone, PartialEq)]
pub struct FigureRun {
    /// The lane.
    pub name: String,
    /// The parameters at each boundary.
    pub path: Vec<Vec<f64>>,
    /// The loss at each boundary.
    pub losses: Vec<f64>,
}

/// Runs all lanes for so many iterations; without a number, until all have come down to the tolerance, or
/// for a good while.
pub fn run(session: &mut Session, steps: Option<u64>) -> Vec<FigureRun> {
    let tolerance = session.tolerance().loss();
    let mut runs: Vec<FigureRun> = session
        .lanes()
        .entries()
        .iter()
        .map(|entry| FigureRun {
            name: entry.name.clone(),
            path: Vec::new(),
            losses: Vec::new(),
        })
        .collect();
    session.seek(Position::at(0), &mut Control::default());
    for t in 0..=steps.unwrap_or(MOST) {
        for (run, entry) in runs.iter_mut().zip(session.lanes().entries()) {
            let machine = entry.lane.machine();
            // A lane that has ended stays where it did.
            if entry.lane.position().t == t {
                run.path.push(machine.w().to_vec());
                run.losses.push(machine.loss());
            }
        }
        let arrived = |run: &FigureRun| run.losses.last().is_some_and(|loss| *loss <= tolerance);
        if session.lanes().all_halted() || steps.is_none() && runs.iter().all(arrived) {
            break;
        }
        session.seek(Position::at(t + 1), &mut Control::default());
    }
    runs
}
