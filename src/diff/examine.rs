//! The whole examination of a run against a rule.

mod rounding;
mod second;

use super::{
    against::{CompareOptions, Comparison, compare},
    by_group::RuleByGroup,
    configured_rule::ConfiguredRule,
    diagnosis::{self, Effort, FailingRows, LocateOptions},
    difference::{Difference, Tolerance},
    finding::Diagnosis,
    number_format::NumberFormat,
    other_settings,
    pairing::{Pair, Pairing, pair},
    put_back::tell_put_back,
    recorded_part::{refuse_norms, refuse_partial},
    report::{Against, Remark, Report, ReportMode},
    row_alignment::{GradientTiming, RowAlignment},
    spread::{FailingPlaces, FieldSpread},
    stepper::Mode,
};
use crate::{
    analysis::claim::Verdict,
    debugger::Control,
    error::{Error, ErrorCode, Result},
    format::exact,
    lang::graph::Extent,
    rule::{Compiled, StateRole, VariableKind},
    runs::{FieldMeaning, RecordedSettings, Run},
    text::counted,
    value::Real,
};
use rounding::{allowance, count_in_formats, formats, rounded_otherwise};
use second::second_cause;
use std::rc::Rc;

/// The terms of an examination.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// Along which steps.
    pub mode: Mode,
    /// The difference up to which numbers count as equal.
    pub tolerance: Tolerance,
    /// True if numbers coarser than 64-bit floats may differ by as much as their rounding explains.
    pub by_format: bool,
    /// Fields and the variables they record, where names do not tell.
    pub map: Vec<(String, String)>,
    /// The iteration that used the gradient of a row, if known.
    pub convention: Option<GradientTiming>,
    /// True to look for the cause of a difference.
    pub diagnose: bool,
}

/// Examines `run` against the rule of `subject`.
///
/// # Errors
/// A map that names nothing; a run without gradients where no loss is known; a rule that asks for more
/// gradients than were recorded; a file that cannot be read again; `control` said no.
pub fn examine(
    run: &mut Run,
    subject: &ConfiguredRule,
    question: &Question,
    control: &mut Control,
) -> Result<Report> {
    refuse_norms(run)?;
    let before = run.begin_at_start()?;
    refuse_another_length(run, subject)?;
    refuse_partial(run, subject)?;
    let products = NumberFormat::of_products(run);
    let subject = &ConfiguredRule {
        products,
        ..subject.clone()
    };
    let of_tensors = subject.of_resting_tensors(run)?;
    let subject = of_tensors.as_ref().unwrap_or(subject);
    run.spread_for(&subject.compiled);
    let pairing = pair(run, &subject.compiled, &question.map)?;
    let subject = &subject.clone().begun_as_noted(run, &pairing.settings)?;
    let has_gradient = run.meaning(FieldMeaning::Gradient).is_some();
    refuse_untold(run, subject)?;
    // A trace's own loss gives the gradients to the last bit, also where the rule asks elsewhere.
    let replay_rows = has_gradient && !(run.is_trace() && subject.loss.is_some());
    let alignment = choose(run, subject, &pairing, question.convention, replay_rows)?;
    let formats = formats(run, alignment)?;
    let format = formats[0];
    let is_coarse = question.by_format && format != NumberFormat::Double;
    let coarse = question.by_format.then_some(format);
    let (allowance, rounded) = allowance(run, subject, &pairing, &formats, coarse);
    let by_group = RuleByGroup::new(run, subject)?;
    let by_group = by_group.as_ref();
    let followed = by_group.map_or(subject, |it| &it.subject);
    let followed_pairs = pair(run, &followed.compiled, &question.map)?;
    let how = |mode| CompareOptions {
        pairs: &followed_pairs.pairs,
        settings: &followed_pairs.settings,
        by_group,
        mode,
        tolerance: question.tolerance,
        alignment,
        from_rows: match mode {
            Mode::Free => subject.loss.is_none(),
            Mode::Replay => replay_rows,
        },
        rounding: allowance.as_ref(),
    };
    // Rounding grows: what was rounded is judged from one row to the next.
    let asked = if allowance.is_some() {
        Mode::Replay
    } else {
        question.mode
    };
    let comparison = compare(run, followed, &how(asked), control)?;
    let against = described(run, subject, format)?;
    let mut report = Report::new(&run.name, against, report_mode(asked));
    let of_header = of_header(run, subject, allowance.is_some())?;
    let remarks = begins_later(run, before)
        .into_iter()
        .chain(of_header)
        .chain(from_rows(followed, &followed_pairs, &*run.settings()?))
        .chain(bases_taken(followed, &followed_pairs))
        .chain(by_group.into_iter().flat_map(RuleByGroup::remarks))
        .chain(tensors_rest(run))
        .chain(alignment.remark(has_gradient))
        .chain(comparison.is_resumed.then_some(Remark::Resumed))
        .chain(changed_outside(run, alignment, &comparison)?)
        .chain(not_recorded(&comparison))
        .chain(not_finite(run, &comparison));
    report.remarks.extend(remarks);
    report.skipped = run.skipped;
    report.not_compared.clone_from(&pairing.alone);
    let mut found = (comparison.spread.clone(), comparison.places.clone());
    report.take(comparison);
    report.most = question.tolerance.share().filter(|_| allowance.is_none());
    if is_coarse {
        count_in_formats(&mut report, run, &formats);
    }
    judge(&mut report, run, is_coarse.then_some(format), rounded);
    let mut by_row = report.differences.clone();
    if asked == Mode::Free && !report.same {
        let replay = compare(run, followed, &how(Mode::Replay), control)?;
        report.replay_same = (replay.compared > 0).then(|| replay.is_same());
        by_row = replay.differences;
        found = (replay.spread, replay.places);
    }
    if is_coarse && let Some(remark) = past_rounded(subject, &pairing, &report, format) {
        report.remarks.push(remark);
        return Ok(report.with_claims());
    }
    if by_group.is_some() && !report.same {
        report.spread.clone_from(&found.0);
    }
    tell_causes(
        &mut report,
        run,
        (subject, followed, &pairing),
        question,
        &how(Mode::Replay),
        (&found, &by_row),
        format,
        control,
    )?;
    Ok(report.with_claims())
}

/// Iterations that the rule leads through where it is said to do so in some.
const SOME: usize = 3;
/// Iterations for each one in which the rule does not hold, where those are a few of many.
const MANY_TO_ONE: usize = 20;
/// Most tensors that causes are looked for in one by one.
const MOST_TENSORS: usize = 64;

/// Where a run differs from a rule: by field, and by iteration and tensor.
type FoundPlaces = (Vec<FieldSpread>, FailingPlaces);

/// Says how numbers are rounded where they differ by nothing else, and looks for causes.
#[expect(clippy::too_many_arguments, reason = "all that an examination knows")]
fn tell_causes(
    report: &mut Report,
    run: &mut Run,
    rules: (&ConfiguredRule, &ConfiguredRule, &Pairing),
    question: &Question,
    how: &CompareOptions,
    found: (&FoundPlaces, &[Difference]),
    format: NumberFormat,
    control: &mut Control,
) -> Result<()> {
    let is_kept_so = report.differences.is_empty() && report.compared > 0;
    if is_kept_so && !report.same {
        let remark = rounded_otherwise(run, rules.1, how, format, control)?;
        report.remarks.extend(remark);
    }
    find_causes(report, run, rules, question, how, found, format, control)
}

/// Looks for the causes of what a comparison of `run` with a rule found: where it differs, and the first differences from row to
/// row.
#[expect(clippy::too_many_arguments, reason = "all that an examination knows")]
fn find_causes(
    report: &mut Report,
    run: &mut Run,
    (subject, followed, pairing): (&ConfiguredRule, &ConfiguredRule, &Pairing),
    question: &Question,
    how: &CompareOptions,
    (found, by_row): (&FoundPlaces, &[Difference]),
    format: NumberFormat,
    control: &mut Control,
) -> Result<()> {
    // Where the parameters never move, any rule leads through the run that is given no gradient.
    let tells = !report.same || report.sameness().verdict == Verdict::Holds;
    // No step shows what a counter that differs would be a sign of.
    if let Some(counters) = counters_alone(run, subject, pairing, by_row) {
        report.remarks.push(Remark::CountersDiffer { counters });
        return Ok(());
    }
    if !question.diagnose || report.compared == 0 || !tells {
        return Ok(());
    }
    let (spread, places) = found;
    let first = spread.iter().filter_map(|it| it.range).map(|it| it.0).min();
    let first = first.filter(|_| !report.same);
    if !report.same {
        let (map, of) = (&question.map, (format, first));
        let told = (&mut *control, &mut report.remarks);
        report.diagnosis = diagnosis::counted(run, subject, map, how, of, told)?;
        if report.diagnosis.is_some() {
            return Ok(());
        }
    }
    let effort = Rc::new(Effort::default());
    let options = |first: u64, by_tensor: bool| LocateOptions {
        alignment: how.alignment,
        tolerance: question.tolerance,
        rounding: how.rounding,
        first,
        failing: &places.cells,
        places: &places.examples,
        are_few: places.are_few,
        by_tensor,
        effort: &effort,
    };
    let mut spare = None;
    // Rows that somebody writes of a rule of one's own may be of anything: their lines are solved for.
    let is_noted = subject.is_as_recorded || is_hooked(run);
    if let Some(first) = first.filter(|_| is_noted) {
        let options = options(first, false);
        let differ = how.by_group.is_some();
        (report.diagnosis, spare) = located(run, subject, pairing, &options, differ, control)?;
    }
    // Where the rule leads through some iterations, what is other in a few is likelier than another rule, or than numbers that
    // were changed from outside. Tensors may differ.
    let some = first.filter(|_| is_noted && is_partly(places, report.compared));
    if let Some(first) = some.filter(|_| is_open(report) && run.tensors.len() <= MOST_TENSORS) {
        let options = options(first, true);
        let found = simply_located(run, subject, pairing, &options, control)?;
        report.diagnosis = found.or(report.diagnosis.take());
    }
    // What a rule or a setting does, it does to whole tensors. Where a few of many numbers differ, in a few iterations, something
    // has changed these: lines are not solved for.
    let are_few = places.are_few && places.iterations() <= report.compared / MANY_TO_ONE;
    let failing = FailingRows {
        rows: &places.rows,
        compared: report.compared,
        are_all_told: report.untold == 0,
    };
    let is_outside =
        are_few && is_noted && !report.same && spare.is_none() && !is_explained(report);
    if is_outside {
        let told = (&mut *control, &mut report.remarks);
        let found = diagnosis::between(run, followed, how, (format, &failing), told)?;
        if found.is_some() {
            report.diagnosis = found;
            return Ok(());
        }
    }
    // A cause that leads through a part of the run was held against all of it.
    let is_located = is_explained(report);
    // Other causes are looked for among rules with one value of each setting.
    if report.diagnosis.is_none() && how.by_group.is_none() {
        report.diagnosis = diagnosis::diagnosis(
            run,
            subject,
            pairing,
            &question.map,
            how.alignment,
            how.from_rows,
            report.same,
            control,
        )?;
    }
    if report.same {
        return Ok(());
    }
    if let Some(found) = &mut report.diagnosis {
        check_found(found, run, (subject, followed, pairing), how, control)?;
    }
    // Tensors may differ, and iterations: a setting or an event is likelier than numbers that were changed from outside. Of rows
    // without a recorder's header, too, a line may be another one that none is solved for.
    let is_asked = if is_noted {
        some.is_none() && run.tensors.len() <= MOST_TENSORS
    } else {
        how.by_group.is_none()
    };
    if let Some(first) = first.filter(|_| is_asked && is_open(report)) {
        let options = options(first, is_noted);
        let found = simply_located(run, subject, pairing, &options, control)?;
        report.diagnosis = found.or(report.diagnosis.take());
    }
    if is_open(report) && spare.is_some() {
        report.diagnosis = spare;
    }
    if !is_located && !is_outside && is_open(report) {
        let told = (control, &mut report.remarks);
        let found = diagnosis::between(run, followed, how, (format, &failing), told)?;
        report.diagnosis = found.or(report.diagnosis.take());
    }
    Ok(())
}

/// True if the diagnosis leaves something open.
fn is_open(report: &Report) -> bool {
    !report.diagnosis.as_ref().is_some_and(Diagnosis::is_whole)
}

/// True if the diagnosis explains a part of the run.
fn is_explained(report: &Report) -> bool {
    let found = report.diagnosis.as_ref();
    found.is_some_and(|it| !it.explanations.is_empty())
}

/// Says of settings in `found` that the rows state them, holds it against all of `run`, and looks for a second cause.
fn check_found(
    found: &mut Diagnosis,
    run: &mut Run,
    (subject, followed, pairing): (&ConfiguredRule, &ConfiguredRule, &Pairing),
    how: &CompareOptions,
    control: &mut Control,
) -> Result<()> {
    for (_, setting) in &pairing.settings {
        let name = subject.compiled.settings[*setting].name.as_str();
        found.stated_by_rows(name, subject.settings[*setting]);
    }
    check_in_full(found, run, followed, how, control)?;
    if let Some(more) = second_cause(found, run, subject, pairing, how, control)? {
        *found = more;
    }
    Ok(())
}

/// Holds the best explanation of `found` against all of `run` where it was looked for in a part of it, and is one of settings.
fn check_in_full(
    found: &mut Diagnosis,
    run: &mut Run,
    subject: &ConfiguredRule,
    how: &CompareOptions,
    control: &mut Control,
) -> Result<()> {
    let Some(best) = found.explanations.first_mut() else {
        return Ok(());
    };
    let Some(subject) = subject.with(&best.causes) else {
        return Ok(());
    };
    let Some(sample) = best.sample else {
        return Ok(());
    };
    let whole = compare(run, &subject, how, control)?;
    let remark = sample.remark();
    let (first, last) = (run.t(0)? + 1, run.last);
    let differs = whole.differences.iter().map(|it| it.t).min();
    let (told, range) = best.of_all(whole.compared, (first, last), differs);
    let text = best.text.replace(&remark, "").replacen(&told, &range, 1);
    if let Some(shown) = found.text.first_mut() {
        shown.clone_from(&text);
    }
    best.text = text;
    Ok(())
}

/// True if a run of so many iterations that were `compared` holds in some, beside those that are `failing`.
fn is_partly(failing: &FailingPlaces, compared: usize) -> bool {
    failing.iterations() + SOME <= compared
}

fn report_mode(mode: Mode) -> ReportMode {
    match mode {
        Mode::Free => ReportMode::Free,
        Mode::Replay => ReportMode::Replay,
    }
}

/// An error for a rule for another number of parameters.
fn refuse_another_length(run: &Run, subject: &ConfiguredRule) -> Result<()> {
    if subject.compiled.dimension() == run.dimension() {
        return Ok(());
    }
    let message = format!(
        "the rule is configured for {}, and `{}` has {}",
        counted(subject.compiled.dimension(), "parameter"),
        run.name,
        run.dimension()
    );
    Err(Error::plain(ErrorCode::InsufficientData, message)
        .help("configure it with a start of the run's length"))
}

/// True if a hook recorded `run`, which has tensors and states as the library has them.
fn is_hooked(run: &Run) -> bool {
    let header = run.header.as_ref();
    header.is_some_and(|it| it.get("hook").is_some())
}

/// An error for a run without the gradients that the rule asks for.
fn refuse_untold(run: &Run, subject: &ConfiguredRule) -> Result<()> {
    let rule = subject.compiled.rule.name.as_str();
    let has_gradient = run.meaning(FieldMeaning::Gradient).is_some();
    if subject.loss.is_none() && !has_gradient && run.rows < 2 {
        let message = format!(
            "`{}` has no iteration: one row, t = {}",
            run.name, run.first
        );
        return Err(Error::plain(ErrorCode::InsufficientData, message)
            .help("begin to record before the first step of the optimiser, and take steps"));
    }
    if subject.loss.is_none() && !has_gradient {
        let message = format!("`{}` has no gradients, and its loss is not known", run.name);
        return Err(
            Error::plain(ErrorCode::InsufficientData, message).help(if is_hooked(run) {
                "no parameter had one when its optimiser stepped: give the optimiser those that are trained, and clear \
                 gradients after the step, not before it"
            } else {
                "log them as `g`, or name the loss: --loss 'x^2 + 10*y^2'"
            }),
        );
    }
    if subject.loss.is_none() && subject.questions() > 1 {
        let message = format!(
            "`{rule}` asks for more than the one gradient of an iteration that was recorded"
        );
        return Err(Error::plain(ErrorCode::InsufficientData, message)
            .help("name the loss: --loss 'x^2 + 10*y^2'"));
    }
    Ok(())
}

/// Takes back that a run is the same of which nothing was compared, or whose numbers are `coarse` without saying so.
fn judge(report: &mut Report, run: &Run, coarse: Option<NumberFormat>, rounded: Vec<String>) {
    if report.compared == 0 {
        report.same = false;
        report.remarks.push(Remark::NothingCompared);
    }
    if let Some(format) = coarse.filter(|_| report.same) {
        let is_unstated =
            matches!(format, NumberFormat::Brain | NumberFormat::Half) && !format.is_stated_by(run);
        report.same = !is_unstated;
        report.remarks.push(Remark::Rounded {
            format,
            is_unstated,
        });
    }
    if report.same && !rounded.is_empty() {
        report
            .remarks
            .push(Remark::StatesRounded { states: rounded });
    }
}

/// The largest deviation, in units in the last place, that inner products with what rings keep are taken to make.
const RINGS_MAKE: f64 = 8192.0;

/// A remark on rings that were not recorded, in a run whose numbers have a coarse `format`: what came into them was rounded
/// first, and where it nearly cancels, what comes of it is far from what the rule makes of numbers that were not.
fn past_rounded(
    subject: &ConfiguredRule,
    pairing: &Pairing,
    report: &Report,
    format: NumberFormat,
) -> Option<Remark> {
    let Compiled {
        program, variables, ..
    } = &*subject.compiled;
    let first = report.differences.iter().map(|it| it.t).min()?;
    let most = report.differences.iter().filter(|it| it.t == first);
    let most = most.fold(0.0, |most: f64, it| most.max(it.relative));
    // In the first iteration nothing is past.
    let is_past = program.keeps_rings() && first > 1;
    if report.same || !is_past || most > RINGS_MAKE * format.unit() {
        return None;
    }
    let is_recorded = |at| pairing.pairs.iter().any(|it| it.variable == at);
    let states = variables.iter().enumerate().filter(|(at, it)| {
        let is_state = matches!(it.kind, VariableKind::State(None));
        is_state && matches!(it.extent, Extent::Matrix(..)) && !is_recorded(*at)
    });
    let states: Vec<String> = states.map(|(_, it)| it.name.clone()).collect();
    let most = Real(most);
    (!states.is_empty()).then_some(Remark::PastRounded { states, most })
}

/// The counters that differ, where nothing else does.
fn counters_alone(
    run: &Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    differences: &[Difference],
) -> Option<Vec<String>> {
    let counts = |pair: &&Pair| {
        let kind = subject.compiled.variables[pair.variable].kind;
        kind == VariableKind::State(Some(StateRole::Count))
    };
    let counters = pairing.pairs.iter().filter(counts);
    let counters: Vec<&str> = counters
        .map(|pair| run.fields[pair.field].name.as_str())
        .collect();
    let differ = differences.iter().map(|it| it.field.as_str());
    let is_alone = !differences.is_empty() && differ.clone().all(|it| counters.contains(&it));
    is_alone.then(|| differ.map(str::to_owned).collect())
}

/// Most numbers of a run in which other lines of the rule are tried before settings, where those do not vary: of more, it takes
/// as long again as all the rest.
const MOST_BEFORE_SETTINGS: usize = 10_000_000;

/// Causes by tensor and iteration. Where the run states one value of each setting for all tensors and iterations, only another
/// line of the rule that leads through all of it: what is left open then, settings may explain, and after them, in the second
/// place, what was found here. Those that leave something open only where groups differ.
fn located(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    options: &LocateOptions,
    differ: bool,
    control: &mut Control,
) -> Result<(Option<Diagnosis>, Option<Diagnosis>)> {
    let recorded = run.settings()?;
    let mut all = recorded.all().iter().filter(|_| subject.is_as_recorded);
    let is_in_rows = !pairing.settings.is_empty();
    let varies = is_in_rows || all.any(|it| it.differs_between_groups() || it.changes());
    if !varies && run.dimension().saturating_mul(run.rows) > MOST_BEFORE_SETTINGS {
        return Ok((None, None));
    }
    let Some(found) = diagnosis::located(run, subject, pairing, options, control)? else {
        return Ok((None, None));
    };
    if varies {
        let is_told = differ || !found.explanations.is_empty();
        return Ok((is_told.then_some(found), None));
    }
    Ok(if found.is_structural() {
        (Some(found), None)
    } else {
        let is_likely = found.is_whole() && found.is_simple();
        (None, is_likely.then_some(found))
    })
}

/// The causes by tensor and iteration if they are few and leave nothing open.
fn simply_located(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    options: &LocateOptions,
    control: &mut Control,
) -> Result<Option<Diagnosis>> {
    let found = diagnosis::located(run, subject, pairing, options, control)?;
    Ok(found.filter(|it| it.is_whole() && it.is_simple()))
}

/// A remark on rows that were left out because they come before the parameters.
fn begins_later(run: &Run, rows: usize) -> Option<Remark> {
    (rows > 0).then_some(Remark::BeginsLater { rows, t: run.first })
}

/// A remark on tensors that are not stepped in some iterations.
fn tensors_rest(run: &Run) -> Option<Remark> {
    let tensors: Vec<String> = run
        .resting_tensors()
        .into_iter()
        .map(str::to_owned)
        .collect();
    (!tensors.is_empty()).then_some(Remark::TensorsRest { tensors })
}

/// A remark on parameters that something else than the optimiser changed.
fn changed_outside(
    run: &mut Run,
    alignment: RowAlignment,
    comparison: &Comparison,
) -> Result<Option<Remark>> {
    let mut changes = comparison.changed.clone();
    tell_put_back(run, alignment, &mut changes)?;
    Ok((!changes.is_empty()).then_some(Remark::ChangedOutside { changes }))
}

/// What `run` is held against, with the range of each setting that it states several values of; its numbers are those of
/// `format`.
fn described(run: &mut Run, subject: &ConfiguredRule, format: NumberFormat) -> Result<Against> {
    let recorded = run.settings()?;
    let range = |name: &str| {
        let stated = recorded.get(name).filter(|_| subject.is_as_recorded)?;
        stated.range()
    };
    Ok(subject.described_along(range, format))
}

/// A remark on parameters that are not finite.
fn not_finite(run: &Run, comparison: &Comparison) -> Option<Remark> {
    let (t, at) = comparison.not_finite?;
    let coordinate = run.coordinate(0, at);
    Some(Remark::NotFinite { t, coordinate })
}

/// Remarks on rows, and on variables of the rule, that were not recorded.
fn not_recorded(comparison: &Comparison) -> impl Iterator<Item = Remark> + use<> {
    let rows = comparison.apart;
    let apart = (rows > 0).then_some(Remark::RowsApart { rows });
    let variables = comparison.unknown.clone();
    let unknown = (!variables.is_empty()).then_some(Remark::NotRecorded { variables });
    apart.into_iter().chain(unknown)
}

/// A remark on bases that the run has.
fn bases_taken(subject: &ConfiguredRule, pairing: &Pairing) -> Option<Remark> {
    let variables = &subject.compiled.variables;
    let states = pairing.pairs.iter().map(|it| &variables[it.variable]);
    let states = states.filter(|it| it.kind == VariableKind::State(Some(StateRole::Basis)));
    let states: Vec<String> = states.map(|it| it.name.clone()).collect();
    (!states.is_empty()).then_some(Remark::BasesTaken { states })
}

/// What is to be known of the header of `run` by whoever sees the rule of `subject` on it.
///
/// # Errors
/// A setting that is known to make other updates than those of the rule.
pub fn header_remarks(run: &Run, subject: &ConfiguredRule) -> Result<Vec<Remark>> {
    of_header(run, subject, false)
}

/// Remarks on what the header says; `is_allowed` where rounding is accounted for.
fn of_header(run: &Run, subject: &ConfiguredRule, is_allowed: bool) -> Result<Vec<Remark>> {
    let program = &subject.compiled.program;
    let multiplies = (0..subject.compiled.lines.len()).any(|at| program.multiplies_matrices(at));
    let products = subject.products.filter(|_| multiplies && is_allowed);
    let rounded = products.map(|format| Remark::ProductsRounded { format });
    if !subject.is_as_recorded {
        let stated = subject.stated_otherwise(run).into_iter();
        let settings: Vec<String> = stated
            .map(|(name, value)| format!("{name}={}", exact(value)))
            .collect();
        let stated = (!settings.is_empty()).then_some(Remark::HeaderStates { settings });
        return Ok(rounded.into_iter().chain(stated).collect());
    }
    let header = run.header.as_ref();
    let class = header.and_then(|it| it.get("class")?.as_str());
    let class = class.map(|class| Remark::Derived {
        class: class.to_owned(),
    });
    let settings = other_settings::unknown(run, &subject.compiled.rule)?;
    let unknown = (!settings.is_empty()).then_some(Remark::SettingsUnknown { settings });
    Ok(class.into_iter().chain(rounded).chain(unknown).collect())
}

/// A remark on the settings that the rows say.
fn from_rows(
    subject: &ConfiguredRule,
    pairing: &Pairing,
    noted: &RecordedSettings,
) -> Option<Remark> {
    let settings = pairing.settings.iter();
    let settings = settings.map(|it| subject.compiled.settings[it.1].name.clone());
    // Of groups that differ, none is taken.
    let is_one = |name: &String| {
        noted
            .get(name)
            .is_none_or(|it| !it.differs_between_groups())
    };
    let settings: Vec<String> = settings.filter(is_one).collect();
    (!settings.is_empty()).then_some(Remark::SettingsFromRows { settings })
}

/// The way of reading the rows in which the rule explains most.
pub(super) fn choose(
    run: &mut Run,
    subject: &ConfiguredRule,
    pairing: &Pairing,
    convention: Option<GradientTiming>,
    from_rows: bool,
) -> Result<RowAlignment> {
    let all = RowAlignment::possible(run, convention)?;
    let mut best = all[0];
    if all.len() == 1 {
        return Ok(best);
    }
    let mut most = (0, f64::INFINITY);
    for alignment in all {
        let (explained, depth) =
            diagnosis::likelihood(run, subject, pairing, alignment, from_rows)?;
        if explained > most.0 || (explained == most.0 && depth < most.1 - 0.05) {
            (best, most) = (alignment, (explained, depth));
        }
    }
    Ok(best)
}
