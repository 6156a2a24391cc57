//! What the rounding of recorded numbers accounts for: their formats, and what numbers in these may be off by.

use crate::{
    debugger::{Control, Pace, interrupted, stride},
    diff::{
        against::{Allowance, CompareOptions},
        configured_rule::ConfiguredRule,
        number_format::NumberFormat,
        pairing::{Pair, Pairing},
        report::{OtherRounding, Remark, Report},
        row_alignment::RowAlignment,
        rule_pattern::RATES,
        stepper::{Mode, RecordedRow, Rounding, StepOutcome, Stepper},
    },
    error::Result,
    format::rounded,
    lang::single::single,
    rule::{Compiled, StateRole, VariableKind},
    runs::Run,
};

/// The rounding that a comparison by the `format` of the parameters allows for, where a run or a part of it is in one that
/// is coarser than 64 bits; and the names of the fields that are, where the parameters are not.
pub(super) fn allowance(
    run: &Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    formats: &[NumberFormat],
    format: Option<NumberFormat>,
) -> (Option<Allowance>, Vec<String>) {
    let is_coarse = format.is_some_and(|it| it != NumberFormat::Double);
    let mut kept = scalar_states(run, subject, pairing);
    let rounds = rounds_sums(subject);
    let single = single_rate(subject);
    if format.is_none() || !is_coarse && kept.is_empty() && !rounds && single.is_none() {
        return (None, Vec::new());
    }
    if is_coarse {
        let mut formats = formats.to_vec();
        // A state that is coarser than the parameters, without saying so, is what such a run does otherwise.
        let of_all = formats[0];
        for format in &mut formats {
            let is_kept = matches!(format, NumberFormat::Brain | NumberFormat::Half);
            if is_kept && format.unit() > of_all.unit() && is_silent_on(run, *format) {
                *format = of_all;
            }
        }
        return (Some(allow(subject, &formats)), Vec::new());
    }
    kept.retain(|field| formats[*field] == NumberFormat::Single);
    let names = kept.iter().map(|field| run.fields[*field].name.clone());
    let names: Vec<String> = names.chain(single.clone()).collect();
    let is_allowed = rounds || !names.is_empty();
    let allowance = is_allowed.then(|| Allowance {
        of_w: single.map_or(0.0, |_| {
            NumberFormat::Single.slack() * NumberFormat::Single.unit()
        }),
        ..allow_some(subject, formats, &kept)
    });
    (allowance, names)
}

/// Numbers of each row that its format is told from.
const LOOKED_AT: usize = 64;

/// The format of each field, told from its first rows.
pub(super) fn formats(run: &mut Run, alignment: RowAlignment) -> Result<Vec<NumberFormat>> {
    let mut numbers: Vec<Vec<f64>> = vec![Vec::new(); run.fields.len()];
    let mut frame = RecordedRow::default();
    // One tensor may be kept otherwise than all others.
    let n = run.dimension();
    let looked_at = n.min(LOOKED_AT);
    let places: Vec<usize> = (0..looked_at).map(|at| at * n / looked_at).collect();
    for row in 1..run.rows.min(40) {
        alignment.frame_of(run, row, Some(&places), &mut frame)?;
        for (numbers, values) in numbers.iter_mut().zip(&frame.values) {
            numbers.extend(values.iter().take(LOOKED_AT));
        }
    }
    let formats = numbers.iter().map(|it| NumberFormat::of(it.iter()));
    Ok(formats.collect())
}

/// Numbers that show how they were rounded, and the share of them that has to be other than the nearest.
const SHOWS: usize = 50;
const OTHERWISE: usize = 10;

/// A remark on parameters that are kept in `format`, which the run does not say, and are not the nearest numbers to where the rule
/// of `subject` leads from row to row.
///
/// # Errors
/// A file that cannot be read again; `control` said no.
pub(super) fn rounded_otherwise(
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    format: NumberFormat,
    control: &mut Control,
) -> Result<Option<Remark>> {
    let (mode, rounding) = (Mode::Replay, Rounding::Double);
    let mut stepper = Stepper::new(subject, how.pairs, mode, rounding, how.from_rows);
    let (mut from, mut to) = (RecordedRow::default(), RecordedRow::default());
    how.alignment.frame(run, 0, &mut from)?;
    if let Some(groups) = how.by_group {
        groups.hold(&mut stepper, from.t);
    }
    stepper.begin(&from, &subject.settings, &[]);
    let (mut all, mut others, mut towards_zero) = (0, 0, 0);
    let mut pace = Pace::new(stride(run.dimension(), 1));
    for row in 1..run.rows {
        how.alignment.frame(run, row, &mut to)?;
        if pace.is_due() && !control.at(to.t) {
            return Err(interrupted());
        }
        how.hold_settings(&mut stepper, &to);
        if stepper.advance(&from, &to) == StepOutcome::Done {
            let before = from.begun(0, &to);
            let both = to.values[0].iter().zip(stepper.value(0));
            for ((recorded, led), was) in both.zip(before.iter()) {
                // What does not move was not rounded.
                if !recorded.is_finite() || !led.is_finite() || led == was {
                    continue;
                }
                all += 1;
                if *recorded != format.rounds(*led) {
                    others += 1;
                    towards_zero += usize::from(recorded.abs() <= led.abs());
                }
            }
        }
        std::mem::swap(&mut from, &mut to);
    }
    let shows = all >= SHOWS && others * OTHERWISE > all;
    Ok(shows.then_some(Remark::RoundedOtherwise(OtherRounding {
        format,
        others: (others, all),
        is_towards_zero: towards_zero == others,
    })))
}

/// Counts the differences of `report` in the units of what the fields were recorded in.
pub(super) fn count_in_formats(report: &mut Report, run: &Run, formats: &[NumberFormat]) {
    for it in &mut report.differences {
        let field = run.fields.iter().position(|field| field.name == it.field);
        if let Some(field) = field {
            it.count_in(formats[field]);
        }
    }
}

/// Fields with one number for all parameters, or for all of a tensor, that is no count. Libraries keep some in 32 bits whatever the parameters have,
/// as torch does the product of momenta of `NAdam`.
fn scalar_states(run: &Run, subject: &ConfiguredRule, pairing: &Pairing) -> Vec<usize> {
    let is_one = |pair: &&Pair| {
        let variable = &subject.compiled.variables[pair.variable];
        let is_state =
            matches!(variable.kind, VariableKind::State(it) if it != Some(StateRole::Count));
        let is_one = variable.range.len() == 1 || run.fields[pair.field].is_of_tensors();
        is_state && is_one && pair.variable != 0
    };
    let found = pairing.pairs.iter().filter(is_one);
    found.map(|pair| pair.field).collect()
}

/// The learning rate, where it is a number that only 32 bits make of one that somebody writes: libraries round what comes of such
/// a tensor to its format.
fn single_rate(subject: &ConfiguredRule) -> Option<String> {
    const DIGITS: usize = 7;
    let settings = subject.compiled.settings.iter().zip(&subject.settings);
    let mut rates = settings.filter(|it| RATES.contains(&it.0.name.as_str()));
    let is_single = |value: f64| {
        let written = rounded(value, DIGITS);
        value.to_bits() != written.to_bits()
            && value.to_bits() == f64::from(single(written)).to_bits()
    };
    let (rate, _) = rates.find(|(_, value)| is_single(**value))?;
    Some(rate.name.clone())
}

/// True if the rule rounds sums to a format coarser than 64 bits: their order, which is the library's own, then decides on
/// the last place.
fn rounds_sums(subject: &ConfiguredRule) -> bool {
    let Compiled { program, rule, .. } = &*subject.compiled;
    let mut lines = rule.step.iter().enumerate();
    lines.any(|(at, line)| NumberFormat::of_line(line).is_some() && program.adds_up(at))
}

/// What the rounding of a run in a coarse format accounts for.
fn allow(subject: &ConfiguredRule, formats: &[NumberFormat]) -> Allowance {
    let first = formats[0];
    let coarsest = formats.iter().copied().fold(first, NumberFormat::coarser);
    let slack = |format: NumberFormat| coarsest.slack().min(format.slack()) * format.unit();
    Allowance {
        by_field: formats.iter().map(|it| slack(*it)).collect(),
        step: slack(coarsest),
        beta: slowest_decay(subject),
        input: coarsest.unit(),
        line: coarsest.unit(),
        of_w: 0.0,
    }
}

/// What is accounted for by the rounding of the numbers in some fields of a run in 64 bits.
fn allow_some(subject: &ConfiguredRule, formats: &[NumberFormat], kept: &[usize]) -> Allowance {
    let slack = |format: NumberFormat| format.slack() * format.unit();
    let of = |field: usize| {
        slack(if kept.contains(&field) {
            NumberFormat::Single
        } else {
            NumberFormat::Double
        })
    };
    Allowance {
        by_field: (0..formats.len()).map(of).collect(),
        step: slack(NumberFormat::Double),
        beta: slowest_decay(subject),
        input: NumberFormat::Double.unit(),
        line: NumberFormat::Single.unit(),
        of_w: 0.0,
    }
}

/// The slowest decay among the settings of the rule.
fn slowest_decay(subject: &ConfiguredRule) -> f64 {
    let settings = subject.compiled.settings.iter().zip(&subject.settings);
    let decays =
        settings.filter(|(it, value)| it.name.contains('b') && (0.0..1.0).contains(*value));
    let slowest = decays.fold(0.0_f64, |most, (_, value)| most.max(*value));
    slowest.min(0.9999)
}

/// True if the header says which format the tensors have, and nothing of this one.
fn is_silent_on(run: &Run, format: NumberFormat) -> bool {
    let header = run.header.as_ref().filter(|it| it.get("dtypes").is_some());
    header.is_some_and(|it| !it.to_string().contains(format.name()))
}
