//! Settings that count, and so are whole numbers: no step is a part of the way to another value, so that each is tried as it is.

use crate::{
    analysis::claim::Unchecked,
    debugger::{Control, Pace, Progress, interrupted, stride},
    diff::{
        against::{CompareOptions, compared, differs},
        by_group::RuleByGroup,
        configured_rule::ConfiguredRule,
        diagnosis::effort::Effort,
        finding::{Cause, CauseKind, Diagnosis, ExplainedVariant, OwnCheck, OwnTrack},
        number_format::NumberFormat,
        pairing::pair,
        report::{EndedSearch, Remark},
        stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper},
    },
    error::Result,
    format::exact,
    rule::{Domain, Rule},
    runs::Run,
};
use std::sync::Arc;

/// Up to here all values are tried; beyond, those that people choose.
const ALL: u32 = 20;
const CHOSEN: [f64; 15] = [
    24.0, 25.0, 30.0, 32.0, 40.0, 50.0, 64.0, 100.0, 128.0, 200.0, 256.0, 500.0, 512.0, 1000.0,
    10000.0,
];

/// The diagnosis that one setting that counts has another value, if with that the rule of `subject` leads through all of `run`,
/// whose numbers are of `format`; `first` is the first iteration that the rule does not lead through, `None` where it only begins
/// otherwise. What was not tried is told in `remarks`.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(in crate::diff) fn counted(
    run: &mut Run,
    subject: &ConfiguredRule,
    map: &[(String, String)],
    how: &CompareOptions,
    (format, first): (NumberFormat, Option<u64>),
    (control, remarks): (&mut Control, &mut Vec<Remark>),
) -> Result<Option<Diagnosis>> {
    let rule = written(subject);
    let Some(first) = first else {
        let begun = begun(run, subject, &rule, how)?;
        let told = (control, remarks);
        return try_all(run, subject, (map, how), begun, 1, format, told);
    };
    let shift = u64::from(how.alignment.first_is_start);
    let around = run.row_at(first - shift)?.unwrap_or(1).max(1);
    let mut tried: Vec<Vec<OtherValue>> = Vec::new();
    for setting in rule.declared() {
        let Domain::Whole { .. } = setting.domain else {
            continue;
        };
        let Some(own) = value(subject, &rule, setting.name) else {
            continue;
        };
        let values = candidates(own, setting.domain).into_iter();
        tried.extend(values.map(|value| vec![(setting.name.to_owned(), value, own)]));
    }
    tried.extend(moved(subject, &rule));
    let told = (control, remarks);
    try_all(run, subject, (map, how), tried, around, format, told)
}

/// The settings whose values states begin with, where those were recorded and are others.
fn begun(
    run: &mut Run,
    subject: &ConfiguredRule,
    rule: &Rule,
    how: &CompareOptions,
) -> Result<Vec<Vec<OtherValue>>> {
    let mut start = RecordedRow::default();
    how.alignment.frame(run, 0, &mut start)?;
    let variables = &subject.compiled.variables;
    let others = how.pairs.iter().filter_map(|pair| {
        let name = &variables[pair.variable].name;
        let state = rule.states.iter().find(|it| it.name == *name)?;
        let setting = rule.source.slice(state.initial.span);
        let own = value(subject, rule, setting)?;
        let (recorded, others) = start.values[pair.field].split_first()?;
        let is_one = others.iter().all(|it| it.to_bits() == recorded.to_bits());
        (is_one && own.to_bits() != recorded.to_bits())
            .then(|| (setting.to_owned(), *recorded, own))
    });
    let others: Vec<OtherValue> = others.collect();
    Ok(if others.is_empty() {
        Vec::new()
    } else {
        vec![others]
    })
}

/// The first of other values of settings with which the rule leads through all of `run`; of all of them, most fail at row
/// `around`.
fn try_all(
    run: &mut Run,
    subject: &ConfiguredRule,
    (map, how): (&[(String, String)], &CompareOptions),
    tried: Vec<Vec<OtherValue>>,
    around: usize,
    format: NumberFormat,
    (control, remarks): (&mut Control, &mut Vec<Remark>),
) -> Result<Option<Diagnosis>> {
    let rule = written(subject);
    let of = tried.len();
    let effort = Effort::default();
    for (done, values) in tried.into_iter().enumerate() {
        if !control.hear(Progress::Runs { done, of }) {
            return Err(interrupted());
        }
        if effort.is_spent() {
            remarks.push(Remark::SearchEnded(EndedSearch {
                search: "settings that count, or that stand in another's place,".to_owned(),
                unit: "value".to_owned(),
                tried: done,
                of,
            }));
            break;
        }
        let variant = values
            .iter()
            .try_fold(subject.clone(), |it, (name, to, _)| {
                with_value(&it, run, (name, *to))
            });
        let Some(variant) = variant else {
            continue;
        };
        // Most fail where the rule does.
        let by_group = RuleByGroup::new(run, &variant)?;
        let by_group = by_group.as_ref();
        let followed = by_group.map_or(&variant, |it| &it.subject);
        let pairing = pair(run, &followed.compiled, map)?;
        let how = CompareOptions {
            pairs: &pairing.pairs,
            settings: &pairing.settings,
            by_group,
            mode: Mode::Replay,
            ..*how
        };
        let found = if fails(run, followed, &how, around, &effort)? {
            None
        } else {
            led(run, followed, &how, format, &effort, control)?
        };
        // A value with which rounding grows without bound leads anywhere; its own steps lead elsewhere.
        let is_refuted = |it: &Led| matches!(it.alone, OwnCheck::Led(_)) && !it.alone.holds();
        if let Some(found) = found.filter(|it| !is_refuted(it)) {
            return Ok(Some(told(run, &rule, &values, found)?));
        }
    }
    Ok(None)
}

/// A setting with the value that is tried and the one it has.
type OtherValue = (String, f64, f64);

/// The rule of `subject` as it is written.
fn written(subject: &ConfiguredRule) -> Arc<Rule> {
    Arc::clone(&subject.written.as_ref().unwrap_or(&subject.compiled).rule)
}

/// Values that stand in another setting than the one that has them, of those that do nothing unless they are given.
fn moved(subject: &ConfiguredRule, rule: &Rule) -> Vec<Vec<OtherValue>> {
    let open = rule.declared().filter(|it| {
        let is_number = matches!(it.domain, Domain::Interval { .. });
        is_number && it.domain.contains(0.0)
    });
    let open: Vec<_> = open
        .filter_map(|it| Some((value(subject, rule, it.name)?, it)))
        .collect();
    let given = open.iter().filter(|it| it.0 != 0.0);
    let pairs = given.flat_map(|(number, from)| {
        let others = open.iter().filter(|it| it.0 == 0.0);
        let others = others.filter(|it| it.1.domain.contains(*number));
        others.map(|(_, to)| {
            vec![
                (to.name.to_owned(), *number, 0.0),
                (from.name.to_owned(), 0.0, *number),
            ]
        })
    });
    pairs.collect()
}

/// The value that `subject` has of a setting, which may decide on its lines.
fn value(subject: &ConfiguredRule, rule: &Rule, name: &str) -> Option<f64> {
    let mut settings = subject.compiled.settings.iter();
    if let Some(at) = settings.position(|it| it.name == name) {
        return subject.settings.get(at).copied();
    }
    rule.known_at_load()
        .find(|it| it.name == name)
        .map(|it| it.first)
}

/// Other values than `own`, the nearest first.
fn candidates(own: f64, domain: &Domain) -> Vec<f64> {
    let mut all: Vec<f64> = (0..=ALL).map(f64::from).chain(CHOSEN).collect();
    all.extend([
        own - 1.0,
        own + 1.0,
        2.0 * own,
        libm::floor(0.5 * own),
        10.0 * own,
    ]);
    all.retain(|it| domain.contains(*it) && it.to_bits() != own.to_bits());
    all.sort_by(|a, b| {
        (a - own)
            .abs()
            .total_cmp(&(b - own).abs())
            .then(a.total_cmp(b))
    });
    all.dedup();
    all
}

/// The rule of `subject` with another value of a setting.
fn with_value(
    subject: &ConfiguredRule,
    run: &Run,
    (name, value): (&str, f64),
) -> Option<ConfiguredRule> {
    let mut variant = subject.clone();
    if let Some(at) = subject
        .compiled
        .settings
        .iter()
        .position(|it| it.name == name)
    {
        variant.settings[at] = value;
        return Some(variant);
    }
    let rule = written(subject).with_value(name, &exact(value)).ok()?;
    let before = subject.written.as_ref().unwrap_or(&subject.compiled);
    variant.compiled = Arc::new(rule.compile(before.dimension()).ok()?);
    variant.written = None;
    variant.settings = variant
        .compiled
        .carried_over(&subject.compiled, &subject.settings);
    let resting = variant.of_resting_tensors(run).ok()?;
    Some(resting.unwrap_or(variant))
}

/// What leading a rule through all of a run has shown.
struct Led {
    rows: usize,
    alone: OwnCheck,
    held: Vec<String>,
}

/// True if the rule of `subject` does not lead from the row before row `around` of `run` to that.
fn fails(
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    around: usize,
    effort: &Effort,
) -> Result<bool> {
    let pairs = compared(run, how);
    let mut stepper = Stepper::new(
        subject,
        &pairs,
        Mode::Replay,
        Rounding::Double,
        how.from_rows,
    );
    let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
    how.alignment.frame(run, around - 1, &mut from)?;
    how.alignment.frame(run, around, &mut to)?;
    begin(&mut stepper, subject, how, &from);
    how.hold_settings(&mut stepper, &to);
    let is_told = stepper.advance(&from, &to) == StepOutcome::Done;
    let fails = is_told && differs(run, &mut stepper, &pairs, (&from, &to), how);
    effort.spend(stepper.take_work());
    Ok(fails)
}

/// Begins at the row `from`.
fn begin(
    stepper: &mut Stepper,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    from: &RecordedRow,
) {
    if let Some(groups) = how.by_group {
        groups.hold(stepper, from.t);
    }
    stepper.begin(from, &subject.settings, &[]);
}

/// Leads the rule of `subject` through `run`; `None` where it does not lead to some row, or that cannot be told.
fn led(
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    format: NumberFormat,
    effort: &Effort,
    control: &mut Control,
) -> Result<Option<Led>> {
    let pairs = compared(run, how);
    let of = |mode| Stepper::new(subject, &pairs, mode, Rounding::Double, how.from_rows);
    let (mut stepper, mut own) = (of(Mode::Replay), of(Mode::Free));
    let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
    how.alignment.frame(run, 0, &mut from)?;
    for it in [&mut stepper, &mut own] {
        begin(it, subject, how, &from);
    }
    let mut track = OwnTrack::default();
    track.begin(&from.values[0]);
    let mut rows = 0;
    let mut pace = Pace::new(stride(run.dimension(), 1));
    for row in 1..run.rows {
        how.alignment.frame(run, row, &mut to)?;
        if pace.is_due() && !control.at(to.t) {
            return Err(interrupted());
        }
        for it in [&mut stepper, &mut own] {
            how.hold_settings(it, &to);
        }
        match stepper.advance(&from, &to) {
            StepOutcome::Done => {
                rows += 1;
                if differs(run, &mut stepper, &pairs, (&from, &to), how) {
                    return Ok(None);
                }
            }
            StepOutcome::Skipped => {}
            StepOutcome::CannotTell => return Ok(None),
        }
        if own.advance(&from, &to) == StepOutcome::Done {
            track.hold(&to.values[0], own.value(0));
        }
        effort.spend(stepper.take_work() + own.take_work());
        std::mem::swap(&mut from, &mut to);
    }
    let held = pairs.iter().map(|it| run.fields[it.field].name.clone());
    Ok(Some(Led {
        rows,
        alone: track.outcome(format.unit(), Unchecked::StatesNotRecorded),
        held: held.collect(),
    }))
}

/// The diagnosis that the run has another value than the rule.
fn told(run: &mut Run, rule: &Rule, values: &[OtherValue], led: Led) -> Result<Diagnosis> {
    let said = |name: &str, value: f64| format!("{name}={}", exact(value));
    let cause = |(name, value, own): &OtherValue| {
        Cause::new(CauseKind::Settings, said(name, *value), said(name, *own))
            .valued(name, *value, *own)
    };
    let all = |of: &dyn Fn(&OtherValue) -> String| {
        let all: Vec<String> = values.iter().map(of).collect();
        all.join(" and ")
    };
    let range = (run.t(0)? + 1, run.last);
    let text = format!(
        "Iterations {}-{} of the run match {} with {}; {} itself has {}.",
        range.0,
        range.1,
        rule.name,
        all(&|it| said(&it.0, it.1)),
        rule.name,
        all(&|it| said(&it.0, it.2))
    );
    let explanation = ExplainedVariant {
        causes: values.iter().map(cause).collect(),
        explained: led.rows,
        told: led.rows,
        share: 1.0,
        range,
        arithmetic: NumberFormat::Double,
        fails_at: None,
        failing: Vec::new(),
        ulps: None,
        alone: led.alone,
        sample: None,
        text: text.clone(),
    };
    Ok(Diagnosis {
        explanations: vec![explanation],
        nearest: None,
        partial: Vec::new(),
        held: led.held,
        open: Vec::new(),
        not_finite: None,
        warnings: Vec::new(),
        text: vec![text],
    })
}
