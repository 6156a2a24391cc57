//! Diagnosis of a run that is not the rule's: variants of the rule are replayed along it until one explains every
//! iteration.
//!
//! ```text
//! mutation    each part of a rule that people get wrong changed, as the text of another rule
//! variant     such a rule, ready to be led along the run
//! score       which iterations it leads through
//! estimate    its settings from the run
//! search      what is tried, and in which order
//! effort      how much of it
//! between     numbers that were changed between iterations
//! counted     settings that are whole numbers
//! located     the same for a run that states its settings by group and iteration
//! ```
//! A variant *explains* an iteration if it leads from the row before to this one up to rounding.

mod bank;
mod between;
mod counted;
mod effort;
mod equivalence;
mod estimate;
mod evidence;
mod located;
mod mutation;
mod render;
mod rule_patch;
mod score;
mod search;
mod variant;

use super::{
    configured_rule::ConfiguredRule,
    finding::{Diagnosis, OwnCheck, OwnTrack},
    identify::identify,
    pairing::Pairing,
    row_alignment::RowAlignment,
    stepper::{Mode, RecordedRow, StepOutcome, Stepper},
};
use crate::{
    analysis::claim::Unchecked,
    debugger::{Control, Pace, interrupted, stride},
    error::Result,
    runs::Run,
};
pub(super) use between::{FailingRows, between};
pub(super) use counted::counted;
pub(super) use effort::Effort;
use evidence::Evidence;
pub(super) use located::{LocateOptions, located};
use score::{Judge, Score};
use search::{Candidate, Search, Stage, rank};
use std::ops::ControlFlow;
use variant::Variant;

/// Most explanations that are told.
const MOST: usize = 4;
/// Most rows that an explanation is held against in the end.
const MOST_ROWS: usize = 200_000;

/// The fit of the rule to the run under one alignment of rows: iterations explained, and the depth.
pub(super) fn likelihood(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    alignment: RowAlignment,
    from_rows: bool,
) -> Result<(usize, f64)> {
    let evidence = Evidence::new(run, alignment, None)?;
    let variant = Variant::of(subject, pairing);
    let score = Judge::new(&variant, evidence.precision, from_rows).score(&evidence);
    let depth = if score.told() == 0 {
        f64::INFINITY
    } else {
        score.depth()
    };
    Ok((score.explained(), depth))
}

/// Numbers that tell no rules apart.
const FEW: usize = 2;
/// Parameters times rows up to which variants of the rule are led along a run one after the other.
const LED: usize = 40_000;

/// The causes for which `run` is not the rule's; for one that is (`same`), the differences it could not have shown.
///
/// Lines are solved for first; what they leave open, variants of the rule may explain.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
#[expect(clippy::too_many_arguments, reason = "all that an examination knows")]
pub(super) fn diagnosis(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    map: &[(String, String)],
    alignment: RowAlignment,
    from_rows: bool,
    same: bool,
    control: &mut Control,
) -> Result<Option<Diagnosis>> {
    let is_small = run.dimension() * run.rows.min(320) <= LED;
    if same {
        // Which variants the run cannot tell apart matters for small problems that are made to tell.
        if run.dimension() > 8 {
            return Ok(None);
        }
        let flags = (from_rows, true);
        let found = diagnose(run, subject, pairing, map, alignment, flags, control)?;
        return Ok((!found.warnings.is_empty()).then_some(found));
    }
    // A line of products of matrices is not made of what its own elements have been, so that none is solved for.
    let program = &subject.compiled.program;
    let multiplies = (0..program.line_count()).any(|at| program.multiplies_matrices(at));
    // Of so few numbers no line is solved for: any has some numbers that lead to them.
    let are_few = run.dimension() * run.rows.saturating_sub(1) <= FEW;
    let solved = if from_rows && !multiplies && !are_few {
        identify(run, subject, pairing, alignment, control)?
    } else {
        None
    };
    if let Some(solved) = solved.as_ref().filter(|it| it.is_whole()) {
        return Ok(Some(render::solved(solved, subject)));
    }
    // Of two or three coordinates an iteration tells too little by itself.
    let is_solved = solved.is_some() && run.dimension() > 3;
    let led = if is_small {
        Some(diagnose(
            run,
            subject,
            pairing,
            map,
            alignment,
            (from_rows, is_solved),
            control,
        )?)
    } else {
        None
    };
    let explains = |it: &Diagnosis| {
        it.explanations
            .first()
            .is_some_and(|it| it.fails_at.is_none())
    };
    Ok(match (led, solved) {
        (Some(led), _) if explains(&led) => Some(led),
        (led, Some(solved)) => Some(render::partly(&solved, subject, led)),
        (led, None) => led,
    })
}

/// Looks for variants of the rule that explain the run.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
fn diagnose(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    map: &[(String, String)],
    alignment: RowAlignment,
    (from_rows, is_solved): (bool, bool),
    control: &mut Control,
) -> Result<Diagnosis> {
    let base = Variant::of(subject, pairing);
    let precision = Evidence::new(run, alignment, None)?.precision;
    let around = first_failing_row(run, &base, precision, alignment, from_rows, control)?;
    let evidence = Evidence::new(run, alignment, around)?;
    let effort = Effort::default();
    let mut search = Search {
        effort: &effort,
        stage: Stage::default(),
        run,
        map,
        evidence: &evidence,
        from_rows,
        is_solved,
        found: Vec::new(),
        control,
    };
    search.run(base.clone());
    if search.control.has_ended() {
        return Err(interrupted());
    }
    let (mut found, untried) = (search.found, search.stage.untried);
    rank(&mut found);
    let found = distinct(found);
    let few = too_few(&found);
    let (told, alike) = split(found, &evidence);
    let mut told: Vec<Candidate> = told;
    for candidate in &mut told {
        candidate.score = whole(run, candidate, precision, alignment, from_rows, control)?;
    }
    rank(&mut told);
    let mut alone = Vec::new();
    for it in &told {
        alone.push(own_steps(
            run, it, precision, alignment, from_rows, control,
        )?);
    }
    let unit = precision.unit();
    if let Some((numbers, explaining)) = few {
        return Ok(render::too_few(&base, numbers, &explaining));
    }
    Ok(render::diagnosis(
        &base,
        (&told, &alone),
        &alike,
        &untried,
        unit,
        alignment.first_is_start,
    ))
}

/// Shows `visit` the first row of `run`, and then each one with the row before it, until it breaks.
fn walk<T>(
    run: &mut Run,
    alignment: RowAlignment,
    control: &mut Control,
    mut visit: impl FnMut(Option<&RecordedRow>, &RecordedRow) -> ControlFlow<T>,
) -> Result<Option<T>> {
    let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
    let mut pace = Pace::new(stride(run.dimension(), 1));
    for row in 0..run.rows.min(MOST_ROWS) {
        alignment.frame(run, row, &mut to)?;
        if pace.is_due() && !control.at(to.t) {
            return Err(interrupted());
        }
        if let ControlFlow::Break(found) = visit((row > 0).then_some(&from), &to) {
            return Ok(Some(found));
        }
        std::mem::swap(&mut from, &mut to);
    }
    Ok(None)
}

/// The first row that the rule does not lead to.
fn first_failing_row(
    run: &mut Run,
    base: &Variant,
    precision: evidence::RecordedPrecision,
    alignment: RowAlignment,
    from_rows: bool,
    control: &mut Control,
) -> Result<Option<usize>> {
    let mut judge = Judge::new(base, precision, from_rows);
    let mut row = 0;
    walk(run, alignment, control, |from, to| {
        let Some(from) = from else {
            judge.begin(to);
            return match judge.start(to) {
                Some(verdict) if !verdict.explained => ControlFlow::Break(1),
                _ => ControlFlow::Continue(()),
            };
        };
        row += 1;
        let verdict = judge.step(from, to);
        match verdict.off {
            Some(_) if !verdict.explained => ControlFlow::Break(row),
            _ => ControlFlow::Continue(()),
        }
    })
}

/// Judges a candidate on all rows.
fn whole(
    run: &mut Run,
    candidate: &Candidate,
    precision: evidence::RecordedPrecision,
    alignment: RowAlignment,
    from_rows: bool,
    control: &mut Control,
) -> Result<Score> {
    let mut judge = Judge::new(&candidate.variant, precision, from_rows);
    if let Some(from) = candidate.from {
        let mut before = candidate.variant.clone();
        for (at, value) in &candidate.moved {
            before.subject.settings[*at] = *value;
        }
        judge = Judge::new(&before, precision, from_rows).only_from(from);
        judge.set(&candidate.variant.subject.settings);
    }
    let mut score = Score::default();
    walk(run, alignment, control, |from, to| {
        if let Some(from) = from {
            score.verdicts.push(judge.step(from, to));
        } else {
            judge.begin(to);
            score.verdicts.extend(judge.start(to));
        }
        ControlFlow::<()>::Continue(())
    })?;
    Ok(score)
}

/// Lets a candidate go its own way from the first row on, with the recorded gradients where there are any, up to the first
/// row that it does not lead to.
fn own_steps(
    run: &mut Run,
    candidate: &Candidate,
    precision: evidence::RecordedPrecision,
    alignment: RowAlignment,
    from_rows: bool,
    control: &mut Control,
) -> Result<OwnCheck> {
    let variant = &candidate.variant;
    let fails_at = candidate.score.first_failure();
    if candidate.score.explained() == 0 {
        return Ok(OwnCheck::Unchecked(Unchecked::NothingExplained));
    }
    let mut stepper = Stepper::new(
        &variant.subject,
        &variant.pairs,
        Mode::Free,
        variant.rounding,
        from_rows,
    );
    let mut settings = variant.subject.settings.clone();
    if candidate.from.is_some() {
        for (at, before) in &candidate.moved {
            settings[*at] = *before;
        }
    }
    let mut track = OwnTrack::default();
    walk(run, alignment, control, |from, to| {
        let Some(from) = from else {
            stepper.begin(to, &settings, &variant.fixed);
            track.begin(&to.values[0]);
            return ControlFlow::Continue(());
        };
        if fails_at.is_some_and(|t| to.t >= t) {
            return ControlFlow::Break(());
        }
        if candidate.from.is_some_and(|t| to.t >= t) {
            for (at, _) in &candidate.moved {
                stepper.set(*at, variant.subject.settings[*at]);
            }
        }
        // After a gap it goes on from what was recorded.
        if stepper.advance(from, to) == StepOutcome::CannotTell {
            track.begin(&to.values[0]);
        } else {
            track.hold(&to.values[0], stepper.value(0));
        }
        ControlFlow::Continue(())
    })?;
    Ok(track.outcome(precision.unit(), Unchecked::StatesNotRecorded))
}

/// Leaves out candidates that say the same as a better one.
fn distinct(found: Vec<Candidate>) -> Vec<Candidate> {
    let mut kept: Vec<Candidate> = Vec::new();
    for candidate in found {
        let same = |it: &Candidate| {
            it.variant.traits == candidate.variant.traits
                && it.variant.subject.settings == candidate.variant.subject.settings
                && it.from == candidate.from
        };
        if !kept.iter().any(same) {
            kept.push(candidate);
        }
    }
    kept
}

/// The numbers of a run that are so few that they tell no rules apart, and those rules that lead to all of them; `None` where there are more numbers, or one
/// that leads there.
fn too_few(found: &[Candidate]) -> Option<(usize, Vec<Candidate>)> {
    let best = found.first().filter(|it| it.cost > 0)?;
    let Variant { subject, pairs, .. } = &best.variant;
    let variables = pairs
        .iter()
        .map(|it| &subject.compiled.variables[it.variable]);
    let of_a_row = variables.map(|it| it.range.len()).sum::<usize>();
    let numbers = best.score.told() * of_a_row;
    let explaining = found.iter().filter(|it| it.score.explains_all());
    let explaining: Vec<Candidate> = explaining.cloned().collect();
    let is_fitted = |it: &Candidate| it.moved.len() >= numbers;
    let tells = explaining.len() < 2 && !explaining.iter().any(is_fitted);
    (numbers <= FEW && !explaining.is_empty() && !tells).then_some((numbers, explaining))
}

/// The best candidates, and those that the run cannot tell from the best although they are different rules.
fn split(found: Vec<Candidate>, evidence: &Evidence) -> (Vec<Candidate>, Vec<Candidate>) {
    let Some(best) = found.first().cloned() else {
        return (found, Vec::new());
    };
    let as_good = |it: &Candidate| {
        it.score.explained() == best.score.explained()
            && it.score.explained() > 0
            && it.cost <= best.cost.max(10)
    };
    let mut told: Vec<Candidate> = Vec::new();
    let mut alike = Vec::new();
    for candidate in found {
        if told.is_empty() {
            told.push(candidate);
        } else if as_good(&candidate) {
            if !equivalence::are_equivalent(&best.variant, &candidate.variant, evidence) {
                alike.push(candidate);
            }
        } else if told.len() < MOST && candidate.score.explained() > 0 {
            // What explains no row that a better one does not is no news.
            let news = candidate.score.verdicts.iter().any(|verdict| {
                let known = |it: &Candidate| {
                    it.score
                        .verdicts
                        .iter()
                        .any(|v| v.t == verdict.t && v.explained)
                };
                verdict.explained && !told.iter().any(known)
            });
            if news {
                told.push(candidate);
            }
        }
    }
    // Where nothing explains much, the nearest is shown all the same.
    (told, alike)
}
