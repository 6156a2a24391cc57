//! The rule of a run whose header names none: the simplest of those that come with the program that leads through its rows.
//!
//! Settings are solved for in some rows and coordinates; the rule is then led from row to row through all coordinates of as
//! many rows as there is time for.

use super::{
    configured_rule::ConfiguredRule,
    difference::Tolerance,
    examine::{Question, examine},
    identify::settled,
    pairing::pair,
    recorded_part::refuse_norms,
    row_alignment::{GradientTiming, RowAlignment},
    stepper::Mode,
};
use crate::{
    analysis::claim::Verdict,
    debugger::{Control, Progress, interrupted},
    error::{Error, ErrorCode, Result},
    format::exact,
    rule::{self, VariableKind},
    runs::{FieldMeaning, Run, SETTINGS},
};
use std::{cmp::Reverse, sync::Arc};

/// Rows and coordinates in which settings are solved for.
const ROWS: usize = 48;
const COORDINATES: usize = 48;
/// The fewest rows from which anything is inferred.
const FEWEST: usize = 5;
/// Numbers of the run that a rule is held against.
const HELD: usize = 2_000_000;
/// The smallest relative error of a setting that counts as another value.
const MOVED: f64 = 1e-9;

/// A rule that leads through a run that does not name it.
pub struct InferredRule {
    /// The rule with its settings.
    pub rule: ConfiguredRule,
    /// The rows that it was held against, in all coordinates.
    pub rows: usize,
}

impl InferredRule {
    /// The rule and the settings that are not at their defaults.
    #[must_use]
    pub fn title(&self) -> String {
        let settings = self
            .rule
            .compiled
            .settings
            .iter()
            .zip(&self.rule.settings)
            .filter(|(setting, value)| setting.default.to_bits() != value.to_bits())
            .map(|(setting, value)| format!(" {}={}", setting.name, exact(*value)));
        let name = self.rule.compiled.rule.name.clone();
        std::iter::once(name).chain(settings).collect()
    }
}

/// A rule to try, and what speaks for it.
struct Candidate {
    subject: ConfiguredRule,
    /// Recorded buffers that have the names of its states, and all of its states.
    names: (Reverse<usize>, usize),
}

/// Looks for the rule of `run`.
///
/// # Errors
/// The reason why there is none: too little was recorded, or no rule leads through it; a file that cannot be read again;
/// `control` said no.
pub fn infer(
    run: &mut Run,
    timing: Option<GradientTiming>,
    control: &mut Control,
) -> Result<InferredRule> {
    run.first_rows(usize::MAX, |run| {
        // Rows before all parameters are there lead nowhere.
        run.begin_at_start()?;
        search(run, timing, control)
    })
}

fn search(
    run: &mut Run,
    timing: Option<GradientTiming>,
    control: &mut Control,
) -> Result<InferredRule> {
    let insufficient = |what: String| Err(Error::plain(ErrorCode::InsufficientData, what));
    refuse_norms(run)?;
    if run.meaning(FieldMeaning::Gradient).is_none() {
        return insufficient("no gradients were recorded".to_owned());
    }
    if run.rows < FEWEST {
        return insufficient(format!("of {} rows; {FEWEST} are needed", run.rows));
    }
    let candidates = candidates(run);
    let tried = candidates.len();
    let mut found: Vec<(usize, InferredRule)> = Vec::new();
    let mut names = None;
    for (done, it) in candidates.into_iter().enumerate() {
        if !control.hear(Progress::Runs { done, of: tried }) {
            return Err(interrupted());
        }
        if names != Some(it.names) && !found.is_empty() {
            break;
        }
        names = Some(it.names);
        for settings in settings(run, &it.subject, timing, control)? {
            let subject = ConfiguredRule {
                settings,
                ..it.subject.clone()
            };
            let moved = moved(&subject);
            if found.iter().any(|other| other.0 <= moved) {
                continue;
            }
            if let Some(rows) = leads(run, &subject, timing, control)? {
                found.push((
                    moved,
                    InferredRule {
                        rule: subject,
                        rows,
                    },
                ));
            }
        }
    }
    match found.into_iter().min_by_key(|it| it.0) {
        Some((_, inferred)) => Ok(inferred),
        None => insufficient(format!("none of {tried} with fixed settings fits")),
    }
}

/// The number of settings that are not at their defaults, by which the simpler of two rules is told.
fn moved(subject: &ConfiguredRule) -> usize {
    let settings = subject.compiled.settings.iter().zip(&subject.settings);
    let moved = settings.filter(|(it, value)| {
        (it.default - **value).abs() > MOVED * it.default.abs().max(value.abs())
    });
    moved.count()
}

/// The rules that may have made what was recorded, the likelier first: those with the names of the buffers, then those that
/// keep less.
fn candidates(run: &Run) -> Vec<Candidate> {
    let is_buffer = |at: usize| {
        let field = &run.fields[at];
        let is_other = field.meaning == FieldMeaning::Other && !field.name.starts_with(SETTINGS);
        is_other && field.is_like_parameters
    };
    let mut found = Vec::new();
    for name in rule::names() {
        let Some(subject) = rule_over(run, name) else {
            continue;
        };
        let compiled = &subject.compiled;
        if subject.questions() != 1 || !compiled.uses_gradient {
            continue;
        }
        let Ok(pairing) = pair(run, compiled, &[]) else {
            continue;
        };
        let alone = pairing.alone.iter().filter_map(|it| run.field(it));
        if alone.into_iter().any(is_buffer) {
            continue;
        }
        let named = pairing.pairs.iter().filter(|it| {
            is_buffer(it.field) && run.fields[it.field].name == compiled.variables[it.variable].name
        });
        let states = compiled.variables.iter().filter(|it| {
            matches!(it.kind, VariableKind::State(_)) && it.range.len() == compiled.dimension()
        });
        let names = (Reverse(named.count()), states.count());
        found.push(Candidate { subject, names });
    }
    found.sort_by_key(|it| (it.names, it.subject.settings.len()));
    found
}

/// The rule `name` at its defaults for the parameters of `run`; none where it is for others.
fn rule_over(run: &Run, name: &str) -> Option<ConfiguredRule> {
    let rule = rule::load(name).ok()?.over(&run.tensors);
    let compiled = Arc::new(rule.compile(run.dimension()).ok()?);
    let settings = compiled.settings.iter().map(|it| it.default).collect();
    Some(ConfiguredRule::without_loss(compiled, settings))
}

/// Settings with which the rule of `subject` may lead through `run`.
fn settings(
    run: &mut Run,
    subject: &ConfiguredRule,
    timing: Option<GradientTiming>,
    control: &mut Control,
) -> Result<Vec<Vec<f64>>> {
    let mut sample = run.sampled(COORDINATES);
    let own = if run.dimension() > COORDINATES {
        run.swap(&mut sample);
        let own = rule_over(run, &subject.compiled.rule.name);
        run.swap(&mut sample);
        own
    } else {
        Some(subject.clone())
    };
    let Some(own) = own else {
        return Ok(Vec::new());
    };
    run.swap(&mut sample);
    let found = run.first_rows(ROWS, |run| {
        let pairing = pair(run, &own.compiled, &[])?;
        let mut found = Vec::new();
        for alignment in RowAlignment::possible(run, timing)? {
            found.extend(settled(run, &own, &pairing, alignment, control)?);
        }
        // What rows say of settings is for the check.
        if !pairing.settings.is_empty() {
            found.push(own.settings.clone());
        }
        Ok(found)
    });
    run.swap(&mut sample);
    found
}

/// The rows through which the rule of `subject` leads `run` in all coordinates, if it does.
fn leads(
    run: &mut Run,
    subject: &ConfiguredRule,
    timing: Option<GradientTiming>,
    control: &mut Control,
) -> Result<Option<usize>> {
    let rows = (HELD / run.dimension().max(1)).max(FEWEST).min(run.rows);
    let question = Question {
        mode: Mode::Replay,
        tolerance: Tolerance {
            relative: 1e-9,
            absolute: 0.0,
        },
        by_format: true,
        map: Vec::new(),
        convention: timing,
        diagnose: false,
    };
    // What is rearranged for this rule is not to stay for others.
    let mut all = run.sampled(usize::MAX);
    run.swap(&mut all);
    let report = run.first_rows(rows, |run| examine(run, subject, &question, control));
    run.swap(&mut all);
    Ok(match report {
        Ok(report) if report.sameness().verdict == Verdict::Holds => Some(rows),
        Err(error) if error.code() == ErrorCode::Interrupted => return Err(error),
        Ok(_) | Err(_) => None,
    })
}
