//! The whole examination of a run against a rule.

use super::{
    against::{How, compare},
    diagnosis,
    difference::Tolerance,
    pairing::pair,
    reading::{Convention, Reading},
    report::Report,
    stepper::Mode,
    subject::Subject,
};
use crate::{
    lang::error::{Error, Result},
    runs::{Meaning, Run},
};

/// What is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Along which steps.
    pub mode: Mode,
    /// How far numbers may lie apart.
    pub tolerance: Tolerance,
    /// Which field is which variable, where names do not tell.
    pub map: Vec<(String, String)>,
    /// Which iteration used the gradient of a row, if that is known.
    pub convention: Option<Convention>,
    /// Whether to look for the cause of a difference.
    pub diagnose: bool,
}

/// Examines `run` against the rule of `subject`.
///
/// # Errors
/// A map that names nothing; a run without gradients where no loss is known; a rule that asks for more
/// gradients than were recorded; a file that cannot be read again.
pub fn examine(run: &mut Run, subject: &Subject, question: &Question) -> Result<Report> {
    let pairing = pair(run, &subject.compiled, &question.map)?;
    let has_gradient = run.meaning(Meaning::Gradient).is_some();
    let rule = subject.compiled.rule.name.as_str();
    if subject.loss.is_none() && !has_gradient {
        let message = format!("`{}` has no gradients, and its loss is not known", run.name);
        return Err(
            Error::plain(message).help("log them as `g`, or name the loss: --loss 'x^2 + 10*y^2'")
        );
    }
    if subject.loss.is_none() && subject.questions() > 1 {
        let message = format!(
            "`{rule}` asks for more than the one gradient of an iteration that was recorded"
        );
        return Err(Error::plain(message).help("name the loss: --loss 'x^2 + 10*y^2'"));
    }
    // A trace's own loss gives the gradients to the last bit, also where the rule asks elsewhere.
    let replay_tape = has_gradient && !(run.is_trace() && subject.loss.is_some());
    let reading = choose(run, subject, &pairing, question, replay_tape)?;
    let how = |mode| How {
        pairs: &pairing.pairs,
        mode,
        tolerance: question.tolerance,
        reading,
        from_tape: match mode {
            Mode::Free => subject.loss.is_none(),
            Mode::Replay => replay_tape,
        },
    };
    let comparison = compare(run, subject, &how(question.mode))?;
    let mode = if question.mode == Mode::Free {
        "free"
    } else {
        "replay"
    };
    let mut report = Report::new(&run.name, &subject.title(), mode);
    report.skipped = run.skipped;
    report.not_compared.clone_from(&pairing.alone);
    report
        .remarks
        .extend(reading.remark(has_gradient).map(str::to_owned));
    if !comparison.unknown.is_empty() {
        report.remarks.push(format!(
            "{} was not recorded and the rows do not begin at its start: what depends on it cannot be told",
            comparison.unknown.join(", ")
        ));
    }
    report.take(comparison);
    if report.compared == 0 && report.untold > 0 {
        report.same = false;
        report.remarks.push("log every iteration from t = 0 with its gradient and buffers, or name the loss (--loss)".to_owned());
    }
    if question.mode == Mode::Free && !report.same {
        let replay = compare(run, subject, &how(Mode::Replay))?;
        report.replay_same = (replay.compared > 0).then(|| replay.is_same());
    }
    if question.diagnose && report.compared > 0 {
        let found =
            diagnosis::diagnose(run, subject, &pairing, &question.map, reading, replay_tape)?;
        if !report.same || !found.warnings.is_empty() {
            report.diagnosis = Some(found);
        }
    }
    Ok(report)
}

/// The way of reading the rows in which the rule explains most.
fn choose(
    run: &mut Run,
    subject: &Subject,
    pairing: &super::Pairing,
    question: &Question,
    from_tape: bool,
) -> Result<Reading> {
    let all = Reading::possible(run, question.convention)?;
    let mut best = all[0];
    if all.len() == 1 {
        return Ok(best);
    }
    let mut most = (0, f64::INFINITY);
    for reading in all {
        let (explained, depth) = diagnosis::likelihood(run, subject, pairing, reading, from_tape)?;
        if explained > most.0 || (explained == most.0 && depth < most.1 - 0.05) {
            (best, most) = (reading, (explained, depth));
        }
    }
    Ok(best)
}
