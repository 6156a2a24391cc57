//! Explanations in sentences that a person can act on.

use super::{effort, search::Candidate, variant::Variant};
use crate::{
    diff::{
        configured_rule::ConfiguredRule,
        finding::{
            Ambiguity, Cause, CauseKind, Diagnosis, ExplainedVariant, IterationRange, OwnCheck,
            listed as listed_iterations,
        },
        identify::Identified,
        number_format::NumberFormat,
        stepper::{Rounding, single},
    },
    format::{exact, significant},
    text::counted,
    value::Real,
};
use std::fmt::Write;

/// The share of the iterations from which on something is an explanation and no coincidence.
const ENOUGH: f64 = 0.05;

pub(super) fn diagnosis(
    base: &Variant,
    (told, alone): (&[Candidate], &[OwnCheck]),
    alike: &[Candidate],
    untried: &[&str],
    unit: f64,
    first_is_start: bool,
) -> Diagnosis {
    let shift = u64::from(first_is_start);
    let name = base.subject.compiled.rule.name.as_str();
    let all: Vec<ExplainedVariant> = told
        .iter()
        .zip(alone)
        .map(|(it, alone)| explanation(it, *alone, name, (unit, shift)))
        .collect();
    let mut text = Vec::new();
    let mut warnings = Vec::new();
    let mut nearest = None;
    let explanations: Vec<ExplainedVariant> = all
        .iter()
        .filter(|it| it.share >= ENOUGH)
        .cloned()
        .collect();
    match all.first() {
        _ if all.iter().all(|it| it.told == 0) => text.push(format!(
            "No iteration can be checked: log w and the gradient of every iteration from t = 0, or name the loss (--loss), and {name} can be followed."
        )),
        Some(best) if explanations.is_empty() => {
            text.push(if untried.is_empty() {
                format!("Nothing that was tried explains it: {name}, variants of it, and the other rules that are known.")
            } else {
                format!(
                    "Nothing that was tried explains it: {name} and variants of it. The search ended at its bound of {} multiplications; not tried, or not to the end: {}.",
                    effort::MOST, untried.join("; ")
                )
            });
            if let Some(t) = best.fails_at {
                let what = doing(&best.causes, name);
                text.push(format!("The nearest, {what}, first fails at t = {t}."));
                nearest = Some(best.clone());
            }
        }
        _ => text.extend(explanations.iter().map(|it| it.text.clone())),
    }
    if let Some(best) = explanations.first().filter(|it| it.fails_at.is_none()) {
        let mut kinds: Vec<CauseKind> = Vec::new();
        for other in alike {
            let causes = causes(other);
            let kind = causes
                .first()
                .map_or(CauseKind::Settings, |cause| cause.kind);
            // A limit that no gradient reaches is no mistake.
            if kind == CauseKind::Gradient || kinds.contains(&kind) {
                continue;
            }
            kinds.push(kind);
            let alternatives: Vec<Vec<Cause>> = alike
                .iter()
                .map(self::causes)
                .filter(|it| it.first().is_some_and(|cause| cause.kind == kind))
                .take(3)
                .collect();
            let those: Vec<String> = alternatives.iter().map(|it| listed(it)).collect();
            let this = doing(&best.causes, name);
            let text = format!(
                "This run cannot tell {this} from {}; {}.",
                those.join(", or from "),
                kind.probe()
            );
            warnings.push(Ambiguity {
                kind,
                alternatives,
                text,
            });
        }
    }
    Diagnosis {
        explanations,
        nearest,
        partial: Vec::new(),
        held: Vec::new(),
        open: Vec::new(),
        not_finite: None,
        warnings,
        text,
    }
}

/// The diagnosis of a run with so many numbers, of which several variants lead to all.
pub(super) fn too_few(base: &Variant, numbers: usize, explaining: &[Candidate]) -> Diagnosis {
    const NAMED: usize = 3;
    let name = base.subject.compiled.rule.name.as_str();
    let some = explaining.iter().take(NAMED);
    let some: Vec<String> = some.map(|it| doing(&causes(it), name)).collect();
    let more = match explaining.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let text = format!(
        "Too few numbers to tell rules apart: {} compared, and {} {}: {}{more}; so may other values of its settings. Log more iterations, and the buffers.",
        match numbers {
            1 => "1 number was".to_owned(),
            _ => format!("{numbers} numbers were"),
        },
        counted(explaining.len(), "variant"),
        if explaining.len() == 1 {
            "leads there"
        } else {
            "lead there"
        },
        some.join(", or ")
    );
    Diagnosis {
        explanations: Vec::new(),
        nearest: None,
        partial: Vec::new(),
        held: Vec::new(),
        open: Vec::new(),
        not_finite: None,
        warnings: Vec::new(),
        text: vec![text],
    }
}

/// The diagnosis from solved lines that explain all of the run.
pub(super) fn solved(it: &Identified, subject: &ConfiguredRule) -> Diagnosis {
    let name = subject.compiled.rule.name.as_str();
    let rules: Vec<&str> = it
        .causes
        .iter()
        .map(|cause| cause.text.rule.as_str())
        .collect();
    let remark = it.sample.map_or_else(String::new, |it| it.remark());
    let failing = it.failing.iter().map(IterationRange::count).sum::<usize>();
    let explained = it.rows.saturating_sub(failing);
    let (which, but) = if failing == 0 {
        let which = format!("Iterations {}-{} of the run match", it.range.0, it.range.1);
        (which, String::new())
    } else {
        let which = format!(
            "{explained} of {} iterations of the run ({}-{}) match",
            it.rows, it.range.0, it.range.1
        );
        (
            which,
            format!("; not in {}", listed_iterations(&it.failing)),
        )
    };
    let sentence = format!(
        "{which} {}; {name} itself has {}{but}.{remark}",
        doing(&it.causes, name),
        rules.join(" and ")
    );
    let mut sentences = vec![sentence.clone()];
    sentences.extend(it.not_finite.iter().map(|it| format!("{it}.")));
    let explanation = ExplainedVariant {
        causes: it.causes.clone(),
        explained,
        told: it.rows,
        share: share(explained, it.rows),
        range: it.range,
        arithmetic: NumberFormat::Double,
        fails_at: it.failing.first().map(|it| it.from),
        failing: it.failing.clone(),
        ulps: None,
        alone: it.alone,
        sample: it.sample,
        text: sentence,
    };
    Diagnosis {
        explanations: vec![explanation],
        nearest: None,
        partial: Vec::new(),
        held: it.held.clone(),
        open: it.open.clone(),
        not_finite: it.not_finite.clone(),
        warnings: Vec::new(),
        text: sentences,
    }
}

/// The diagnosis from solved lines that leave something open; `led` is the one from variants of the rule.
pub(super) fn partly(
    it: &Identified,
    subject: &ConfiguredRule,
    led: Option<Diagnosis>,
) -> Diagnosis {
    let name = subject.compiled.rule.name.as_str();
    let mut sentences = Vec::new();
    if !it.held.is_empty() {
        sentences.push(format!(
            "In all {} iterations these lines hold as {name} has them: {}.",
            it.rows,
            it.held.join(", ")
        ));
    }
    for cause in &it.causes {
        sentences.push(format!(
            "The run has {}; {name} has {}.",
            cause.text.run, cause.text.rule
        ));
    }
    sentences.extend(it.open.iter().map(|it| format!("Open: {}.", it.text)));
    sentences.extend(it.not_finite.iter().map(|it| format!("{it}.")));
    let mut explanations = Vec::new();
    if let Some(led) = led.filter(|_| it.causes.is_empty()) {
        // What explains a stretch of the run says where it changes.
        for (at, explanation) in led.explanations.into_iter().enumerate() {
            if at == 0 && explanation.causes.is_empty() {
                sentences.insert(0, explanation.text.clone());
                explanations.push(explanation);
            }
        }
    }
    Diagnosis {
        explanations,
        nearest: None,
        partial: it.causes.clone(),
        held: it.held.clone(),
        open: it.open.clone(),
        not_finite: it.not_finite.clone(),
        warnings: Vec::new(),
        text: sentences,
    }
}

fn causes(candidate: &Candidate) -> Vec<Cause> {
    let variant = &candidate.variant;
    let told = variant.traits.iter().map(|it| {
        let cause = Cause {
            numbers: it.numbers.clone(),
            ..Cause::new(it.kind, it.run_has.as_str(), it.rule_has.as_str())
        };
        match &it.setting {
            Some((setting, run, rule)) => cause.valued(setting, *run, *rule),
            None => cause,
        }
    });
    let mut causes: Vec<Cause> = told.collect();
    for (at, before) in &candidate.moved {
        let setting = &variant.subject.compiled.settings[*at].name;
        let now = variant.subject.settings[*at];
        // The amount of something that the rule does not have belongs to what was said of it.
        if let (true, Some(last)) = (before.is_nan(), causes.last_mut()) {
            let _ = write!(last.text.run, ", {setting}={}", shown(now));
            *last = last.clone().valued(setting, now, *before);
            continue;
        }
        let cause = Cause::new(
            CauseKind::Settings,
            format!("{setting}={}", shown_beside(now, *before)),
            format!("{setting}={}", shown(*before)),
        );
        causes.push(cause.valued(setting, now, *before));
    }
    causes
}

/// A setting's value: fitted ones to six digits where they are not round.
fn shown(value: f64) -> String {
    let text = exact(value);
    if text.len() <= 10 {
        text
    } else {
        significant(value, 6)
    }
}

/// The same beside the rule's own, with digits enough to tell them apart, and said to be that in 32 bits where it is.
fn shown_beside(now: f64, before: f64) -> String {
    let text = shown(now);
    if now == before || text != shown(before) {
        return text;
    }
    let rounded = if now == single(before) {
        format!(" ({} in 32 bits)", shown(before))
    } else {
        String::new()
    };
    let apart = (7..17).map(|digits| significant(now, digits));
    let apart = apart.into_iter().find(|text| *text != shown(before));
    format!("{}{rounded}", apart.unwrap_or_else(|| exact(now)))
}

fn explanation(
    candidate: &Candidate,
    alone: OwnCheck,
    name: &str,
    (unit, shift): (f64, u64),
) -> ExplainedVariant {
    let score = &candidate.score;
    let explained = score.verdicts.iter().filter(|it| it.explained && it.t > 0);
    let explained: Vec<u64> = explained.map(|it| it.t + shift).collect();
    let range = (
        explained.first().copied().unwrap_or(0),
        explained.last().copied().unwrap_or(0),
    );
    let causes = causes(candidate);
    let ulps = (score.residual() / unit).ceil();
    // A start that is right is no iteration; one that is not counts against the variant.
    let starts = score.verdicts.iter().filter(|it| it.t == 0 && it.explained);
    let told = score.told() - starts.count();
    let share = share(explained.len(), told);
    let mut explanation = ExplainedVariant {
        explained: explained.len(),
        told,
        share,
        fails_at: score.first_failure().map(|t| t + shift),
        failing: Vec::new(),
        range,
        arithmetic: match candidate.variant.rounding {
            Rounding::Single => NumberFormat::Single,
            Rounding::Double => NumberFormat::Double,
        },
        ulps: Some(Real(ulps)),
        alone,
        sample: None,
        text: String::new(),
        causes,
    };
    explanation.text = sentence(&explanation, name);
    explanation
}

/// The share of the iterations that were `told` in which something is explained.
fn share(explained: usize, told: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    let share = explained as f64 / told.max(1) as f64;
    share
}

fn sentence(it: &ExplainedVariant, name: &str) -> String {
    let length = usize::try_from(it.range.1 - it.range.0 + 1).unwrap_or(usize::MAX);
    let which = if length <= it.explained && length > 1 {
        format!("Iterations {}-{} of the run match", it.range.0, it.range.1)
    } else if it.explained == 1 {
        format!("Iteration {} of the run matches", it.range.0)
    } else {
        format!(
            "{} of {} iterations of the run ({}-{}) match",
            it.explained, it.told, it.range.0, it.range.1
        )
    };
    let (arithmetic, unit) = match it.arithmetic {
        NumberFormat::Single => (" in 32-bit arithmetic", "32-bit ulp"),
        _ => ("", "ulp"),
    };
    let what = doing(&it.causes, name);
    let mut text = format!("{which} {what}{arithmetic}");
    if let Some(Real(ulps)) = it.ulps {
        // Writing to a string cannot fail.
        let _ = write!(text, ", to {ulps} {unit}");
    }
    let rules: Vec<&str> = it
        .causes
        .iter()
        .filter(|cause| cause.kind != CauseKind::Rule)
        .map(|cause| cause.text.rule.as_str())
        .collect();
    let other = it.causes.iter().any(|cause| cause.kind == CauseKind::Rule);
    match (it.causes.is_empty(), it.fails_at) {
        (true, None) => text += ": the rule is right",
        (true, Some(_)) => text += " as it is",
        _ if other => text += "; that is another rule",
        _ => {
            let _ = write!(text, "; {name} itself has {}", rules.join(" and "));
        }
    }
    if let Some(t) = it.fails_at.filter(|t| it.explained > 0 && *t > it.range.0) {
        let _ = write!(text, "; it fails at t = {t} first");
    }
    text + "."
}

/// The rule with what is different about it.
fn doing(causes: &[Cause], name: &str) -> String {
    match causes {
        [] => name.to_owned(),
        [rule, rest @ ..] if rule.kind == CauseKind::Rule => doing(rest, &rule.text.run),
        _ => format!("{name} with {}", listed(causes)),
    }
}

fn listed(causes: &[Cause]) -> String {
    let all: Vec<&str> = causes.iter().map(|cause| cause.text.run.as_str()).collect();
    all.join(" and ")
}
