//! The lines of a run's own rule, solved for from what was recorded, and named by what the rule has instead.
//!
//! ```text
//! observed    what stood before and after each iteration, and where the rule would have led
//! solve       least squares of a few columns
//! term        what the line of a buffer may be made of
//! buffer      the line of a buffer: coefficients of such terms
//! step_form   what the line of w may be made of
//! update      the line of w: directions, and how far in each iteration and tensor
//! form_search the simplest form that leads through the run
//! curve       a number that changes, as the curve that it follows
//! remains     what a buffer has beside the rule's line, where no line is found for it
//! replay      the rule with other settings, led from row to row
//! search      settings first, then lines of another structure
//! signs       what a run shows without any line
//! buffer_line the line of a buffer named, with what does not follow it
//! update_line the same for the line of w
//! exceptions  iterations that the line of w does not lead through
//! by_tensor   tensors that another rule moves
//! bounds      steps of which some coordinates stand at a bound
//! naming      what was solved for, as differences from the rule
//! own         the lines that were solved for, on their own steps
//! ```
//! A recorded buffer shows both sides of the line that updates it, so that its coefficients can be solved
//! for; the smallest set of terms that leaves only rounding is the line. What is claimed was led through the
//! iterations that are claimed with it.
//!
//! A search that its control has ended finds nothing more; [`identify`] tells of it once, at the end.

mod bounds;
mod buffer;
mod buffer_line;
mod by_tensor;
mod curve;
mod exceptions;
mod form_search;
mod identified;
mod naming;
mod observed;
mod own;
mod remains;
mod replay;
mod search;
mod signs;
mod solve;
mod step_form;
mod term;
mod update;
mod update_line;

pub(super) use identified::Identified;

use super::{
    configured_rule::ConfiguredRule, finding::Sample, pairing::Pairing, row_alignment::RowAlignment,
};
use crate::{
    debugger::{Control, interrupted},
    error::Result,
    rule::Tensor,
    runs::Run,
};
use buffer::Law;
use observed::Observed;
use term::BufferTerm;

/// The law that each buffer follows, where it follows one.
fn laws_of(observed: &Observed, control: &mut Control) -> Vec<Option<Law>> {
    let buffers = 0..observed.buffers.len();
    buffers
        .map(|at| naming::law_of(observed, at, &observed.g, false, control))
        .collect()
}

/// Solves for the lines of `run`; `None` where its rows hold nothing to solve for.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(super) fn identify(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    alignment: RowAlignment,
    control: &mut Control,
) -> Result<Option<Identified>> {
    let Some(mut observed) = Observed::new(run, subject, pairing, alignment, &[], control)? else {
        return Ok(None);
    };
    let still = observed.still();
    if !still.is_empty() {
        match Observed::new(run, subject, pairing, alignment, &still, control)? {
            Some(others) => observed = others,
            None => return Ok(None),
        }
    }
    let laws = laws_of(&observed, control);
    observed.expect();
    pair_by_law(run, &mut observed, &laws, control);
    observed.expect();
    let mut search = search::Identification {
        found: Identified::default(),
        settings: subject.settings.clone(),
        observed,
        laws,
    };
    search.found.rows = search.observed.t.len();
    let iterations = search.observed.t.len();
    let of_iterations = run.rows.saturating_sub(1).max(iterations);
    let parameters = search.observed.places.len();
    let moves = |it: &&Tensor| !run.is_frozen(it.range.start) && !still.contains(&it.name);
    let moving: usize = run
        .tensors
        .iter()
        .filter(moves)
        .map(|it| it.range.len())
        .sum();
    let is_part = iterations < of_iterations || parameters < moving;
    search.found.sample = is_part.then_some(Sample {
        iterations,
        of_iterations,
        parameters,
        of_parameters: run.dimension(),
    });
    search.found.range = (
        search.observed.t.first().copied().unwrap_or(0),
        search.observed.t.last().copied().unwrap_or(0),
    );
    search.found.causes.extend(signs::frozen(&still));
    search.run(control);
    if control.has_ended() {
        return Err(interrupted());
    }
    search.tell_left(run);
    if let Some(first) = &mut search.found.not_finite
        && let Some(field) = run.field(&first.field)
    {
        first.name = run.coordinate(field, first.coordinate - 1);
    }
    Ok(Some(search.found))
}

/// Settings with which the rule of `subject` leads through the rows of `run` that are looked at, if no line has to be another.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(super) fn settled(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    alignment: RowAlignment,
    control: &mut Control,
) -> Result<Option<Vec<f64>>> {
    let Some(mut observed) = Observed::new(run, subject, pairing, alignment, &[], control)? else {
        return Ok(None);
    };
    let laws = laws_of(&observed, control);
    observed.expect();
    let mut search = search::Identification {
        found: Identified::default(),
        settings: subject.settings.clone(),
        observed,
        laws,
    };
    // What one line says of a setting shows in the next.
    for _ in 0..subject.settings.len().max(1) {
        let outcome = search.settle(control);
        if control.has_ended() {
            return Err(interrupted());
        }
        if outcome.is_whole() {
            return Ok(Some(outcome.settings));
        }
        if outcome.settings == search.settings {
            break;
        }
        search.observed.set(&outcome.settings);
        search.observed.expect();
        search.settings = outcome.settings;
    }
    Ok(None)
}

/// Pairs recorded buffers that no name gives away with the rule's states that have the same line.
fn pair_by_law(run: &Run, observed: &mut Observed, laws: &[Option<Law>], control: &mut Control) {
    let shape = |law: &Law| {
        (
            law.has(BufferTerm::Old),
            law.has(BufferTerm::Gradient),
            law.is_of_squares(),
        )
    };
    let open: Vec<usize> = (0..observed.buffers.len())
        .filter(|at| observed.buffers[*at].is_recorded && observed.buffers[*at].variable.is_none())
        .collect();
    for track in open {
        let Some(law) = &laws[track] else { continue };
        let carried = (0..observed.buffers.len()).filter(|at| !observed.buffers[*at].is_recorded);
        let same: Vec<usize> = carried
            .filter(|at| {
                naming::law_of(observed, *at, &observed.g, true, control)
                    .is_some_and(|it| shape(&it) == shape(law))
            })
            .filter_map(|at| observed.buffers[at].variable)
            .collect();
        let free = |variable: &&usize| {
            !observed
                .buffers
                .iter()
                .any(|it| it.is_recorded && it.variable == Some(**variable))
        };
        if let Some(variable) = same.iter().find(free).copied() {
            observed.pair(run, track, variable);
        }
    }
}
