//! Located causes in words.

use super::{
    Hypothesis, LocatedCause, LocatedSearch,
    free::SolvedStep,
    trial::{FreeNumber, FreeValues, RowEvent},
};
use crate::{
    debugger::Control,
    diff::{
        finding::{
            Ambiguity, Cause, CauseKind, CauseText, Diagnosis, ExplainedVariant, IterationRange,
            OpenLine, Sample, listed, short,
        },
        number_format::NumberFormat,
    },
    format::exact,
    rule::Rule,
    runs::RecordedSetting,
    text::counted,
    value::Real,
};

/// Most tensors that are named.
const NAMED: usize = 5;

/// Both sides of a number that has other values than stated.
pub(super) fn of_number(
    number: FreeNumber,
    name: &str,
    values: &FreeValues,
    solved: &[SolvedStep],
    t: impl Fn(usize) -> u64,
) -> (String, String) {
    let is_gradient = number == FreeNumber::GradientFactor;
    if let (FreeNumber::Average(_), FreeValues::Constant(decay)) = (number, values) {
        let text = format!(
            "w overwritten by its moving average with a decay of {}",
            exact(*decay)
        );
        return (text, "w as the step leaves it".to_owned());
    }
    if let (FreeNumber::Interpolation, FreeValues::Constant(share)) = (number, values) {
        let text = format!(
            "w set to slow + {}*(w - slow) after the step, where slow is w as that left it the last time, or as it began \
             (Lookahead)",
            exact(*share)
        );
        return (text, "w as the step leaves it".to_owned());
    }
    let run = match values {
        FreeValues::Constant(value) if is_gradient => format!("{name} times {}", exact(*value)),
        FreeValues::Constant(value) => format!("{name}={}", exact(*value)),
        FreeValues::Multiple(times) => {
            format!("{name} {} times what is stated", exact(*times))
        }
        FreeValues::Late(by, beyond, _) => {
            let which = if *by > 0 { "before" } else { "after" };
            let far = counted(
                usize::try_from(by.unsigned_abs()).unwrap_or(usize::MAX),
                "iteration",
            );
            let beyond = beyond.iter();
            let beyond = beyond.map(|it| format!(", {} at t = {}", short(it.1), t(it.0)));
            let beyond: String = beyond.collect();
            format!("the {name} that is stated {far} {which}{beyond}")
        }
        FreeValues::ByStep(_) => {
            let some = solved.iter().step_by(1 + solved.len() / 5);
            let some: Vec<String> = some
                .map(|it| format!("{} at t = {}", short(it.value), t(it.step)))
                .collect();
            let what = if is_gradient {
                "times a factor"
            } else {
                "of other values"
            };
            format!("{name} {what}: {}", some.join(", "))
        }
    };
    if is_gradient {
        return (run, "the recorded gradient".to_owned());
    }
    let stated = solved.iter().map(|it| it.stated);
    let (low, high) = stated.fold((f64::INFINITY, f64::NEG_INFINITY), |it, value| {
        (it.0.min(value), it.1.max(value))
    });
    let rule = if low.to_bits() == high.to_bits() {
        format!("{name}={}", exact(low))
    } else {
        format!("{name} from {} to {}", short(low), short(high))
    };
    (run, rule)
}

/// All that was found, in sentences; `left` are the iterations and tensors that it does not lead through, of all of the run.
pub(super) fn diagnosis(
    search: &LocatedSearch,
    found: &[(LocatedCause, Vec<LocatedCause>)],
    left: Option<&[(u64, usize)]>,
    control: &mut Control,
) -> Diagnosis {
    let shift = u64::from(search.options.alignment.first_is_start);
    let name = search.subject.compiled.rule.name.as_str();
    let explained: Vec<usize> = found.iter().flat_map(|it| it.0.groups.clone()).collect();
    let open: Vec<usize> = search.failing_groups();
    let open: Vec<usize> = open
        .into_iter()
        .filter(|it| !explained.contains(it))
        .collect();
    let of = |it: &LocatedCause| -> Vec<Cause> {
        let sets = together(search, it);
        let parts = it.parts.iter();
        let by_part = parts.flat_map(|part| sets.iter().map(move |set| (part, set)));
        by_part
            .map(|(part, set)| cause(search, it, part, set, shift))
            .collect()
    };
    let mut causes: Vec<Cause> = Vec::new();
    let (mut text, mut warnings) = (Vec::new(), Vec::new());
    for (it, as_good) in found {
        let own = of(it);
        text.extend(own.iter().map(|it| sentence(it, search)));
        let all = |it: &LocatedCause| {
            let tensors = search.failing_tensors(&it.groups);
            let parts = it.parts.iter();
            let causes = parts.map(|part| cause(search, it, part, &tensors, shift));
            causes.collect::<Vec<Cause>>()
        };
        let others: Vec<Cause> = as_good.iter().flat_map(all).collect();
        let rounding = search.equality.rounding;
        let is_coarse = rounding.is_some_and(|it| it.input > NumberFormat::Single.unit());
        let bounds = as_good.iter().chain([it]).all(LocatedCause::is_bound);
        warnings.extend(
            all(it)
                .first()
                .and_then(|it| ambiguity(it, &others, bounds, is_coarse)),
        );
        causes.extend(own);
    }
    let (rows, last, sample) = told_of(search, left.is_some());
    let first = search.rows.t(0);
    let fails_at = left.and_then(|it| it.first()).map(|it| it.0);
    let looked_at = sample.map_or_else(String::new, |it| format!(" ({it} were looked at)"));
    let mut lines = Vec::new();
    if open.is_empty() && fails_at.is_none() {
        text.push(leads_through(search, rows, &looked_at));
    }
    text.extend(left.and_then(|left| not_all(search, left)));
    if !open.is_empty() {
        let line = open_line(search, &open, name);
        text.push(format!("Open: {}.", line.text));
        lines.push(line);
    }
    let mut failing: Vec<u64> = left.unwrap_or(&[]).iter().map(|it| it.0).collect();
    failing.dedup();
    let explained = rows.saturating_sub(failing.len());
    let explanations = if open.is_empty() && !causes.is_empty() {
        vec![ExplainedVariant {
            causes: causes.clone(),
            explained,
            told: rows,
            #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
            share: explained as f64 / rows.max(1) as f64,
            range: (first + shift, fails_at.map_or(last + shift, |t| t - 1)),
            arithmetic: NumberFormat::Double,
            fails_at,
            failing: Vec::new(),
            ulps: None,
            alone: search.own_steps(&found.iter().map(|it| &it.0).collect::<Vec<_>>(), control),
            sample,
            text: text.join(" "),
        }]
    } else {
        Vec::new()
    };
    let sentences = if explanations.is_empty() {
        text
    } else {
        vec![text.join(" ")]
    };
    Diagnosis {
        nearest: None,
        partial: if explanations.is_empty() {
            causes
        } else {
            Vec::new()
        },
        explanations,
        held: Vec::new(),
        open: lines,
        not_finite: None,
        warnings,
        text: sentences,
    }
}

/// The number of iterations that can be told, the last of them, and the part of the run that was looked at, unless all of it was
/// `checked`.
fn told_of(search: &LocatedSearch, checked: bool) -> (usize, u64, Option<Sample>) {
    let steps = search.base.iter();
    let rows = steps.filter(|it| it.iter().any(|it| it.is_told)).count();
    let last = search.rows.t(search.rows.steps() - 1);
    let sample = sample(search, rows).filter(|_| !checked);
    if checked && search.rows.frames.len() < search.run.rows {
        let shift = u64::from(search.options.alignment.first_is_start);
        return (search.run.rows - 1, search.run.last - shift, sample);
    }
    (rows, last, sample)
}

/// That the rule leads through all `rows` iterations with what was found.
fn leads_through(search: &LocatedSearch, rows: usize, looked_at: &str) -> String {
    let name = search.subject.compiled.rule.name.as_str();
    let settings = if search.subject.is_as_recorded {
        "the stated settings"
    } else {
        "these settings"
    };
    format!(
        "With that, {name} with {settings} leads through {}{looked_at}.",
        match rows {
            1 => "its one iteration".to_owned(),
            _ => format!("all {rows} iterations"),
        }
    )
}

/// What is `left` of a run that was looked at in part, in a sentence.
fn not_all(search: &LocatedSearch, left: &[(u64, usize)]) -> Option<String> {
    let (t, tensor) = left.first()?;
    let tensor = search.run.tensors[*tensor].name.as_str();
    let more = match left.len() - 1 {
        0 => String::new(),
        more => format!(", nor through {more} more of a tensor in an iteration"),
    };
    Some(format!(
        "That was found on a part of the parameters: of all, it does not lead {tensor} through iteration {t}{more}."
    ))
}

/// What stays open in the groups `open`.
fn open_line(search: &LocatedSearch, open: &[usize], name: &str) -> OpenLine {
    let tensors = search.failing_tensors(open);
    let of = tensors_text(search, &tensors).map_or_else(String::new, |it| format!(" in {it}"));
    OpenLine {
        variable: "w".to_owned(),
        tried: Some(search.tried),
        tensors: names(search, &tensors),
        group: group_of(search, &tensors),
        text: match (search.tried, search.untried) {
            (0, 0) => {
                format!("too few numbers differ{of} to tell by what the run leaves {name} there")
            }
            (tried, untried) => {
                let untried = match untried {
                    0 => String::new(),
                    untried => format!(
                        "; the search ended at its bound of work, so that {untried} of {} were not tried",
                        tried + untried
                    ),
                };
                format!(
                    "nothing that was tried explains{of} where the run leaves {name}: {tried} changes of the rule, events \
                     and settings{untried}"
                )
            }
        },
        ..OpenLine::default()
    }
}

/// A cause in a sentence.
fn sentence(cause: &Cause, search: &LocatedSearch) -> String {
    let CauseText { run, rule } = &cause.text;
    let name = search.subject.compiled.rule.name.as_str();
    let is_stated = search.subject.is_as_recorded || !cause.stated.is_empty();
    let is_given = |name: &String| search.subject.given.contains(name);
    let whose = match cause.kind {
        CauseKind::Settings if cause.setting.as_ref().is_some_and(is_given) => {
            format!("{name} was given")
        }
        CauseKind::Settings if is_stated => "the run states".to_owned(),
        _ => format!("{name} has"),
    };
    format!("The run has {run}; {whose} {rule}.")
}

/// Causes that explain as much.
fn ambiguity(
    cause: &Cause,
    others: &[Cause],
    are_bounds: bool,
    is_coarse: bool,
) -> Option<Ambiguity> {
    // To maximise is to negate the gradient, in every run.
    let is_maximize =
        |it: &Cause| it.kind == CauseKind::Switch && it.text.run.starts_with("maximize=");
    let negates = |it: &Cause| is_maximize(it) || it.kind == CauseKind::Gradient;
    let is_same =
        |it: &Cause| negates(it) && negates(cause) && (is_maximize(it) || is_maximize(cause));
    let others: Vec<&Cause> = others.iter().filter(|it| !is_same(it)).collect();
    let kind = others.first()?.kind;
    let probe = if is_coarse {
        "a run that keeps 32 bits would tell them apart"
    } else if are_bounds {
        "a run with other settings would tell them apart"
    } else {
        kind.probe()
    };
    let those: Vec<&str> = others.iter().map(|it| it.text.run.as_str()).collect();
    Some(Ambiguity {
        kind,
        text: format!(
            "This run cannot tell {} from {}; {}.",
            cause.text.run,
            those.join(", or from "),
            probe
        ),
        alternatives: others.into_iter().map(|it| vec![it.clone()]).collect(),
    })
}

/// The part of the run that is looked at, where it is not all of it.
fn sample(search: &LocatedSearch, iterations: usize) -> Option<Sample> {
    let sample = Sample {
        iterations,
        of_iterations: search.run.rows.saturating_sub(1),
        parameters: search.rows.width(),
        of_parameters: search.rows.dimension,
    };
    let is_all =
        sample.iterations >= sample.of_iterations && sample.parameters >= sample.of_parameters;
    (!is_all).then_some(sample)
}

/// Most sets of tensors that are told apart by the iterations that a cause concerns.
const MOST_SETS: usize = 6;

/// The tensors that a cause concerns: together where they are concerned in the same iterations, unless that is too much to tell.
fn together(search: &LocatedSearch, it: &LocatedCause) -> Vec<Vec<usize>> {
    let tensors = search.failing_tensors(&it.groups);
    if search.is_throughout(it) {
        return vec![tensors];
    }
    let mut sets: Vec<(Vec<usize>, Vec<usize>)> = Vec::new();
    for tensor in tensors.iter().copied() {
        let steps = search.failing.iter().filter(|at| at.1 == tensor);
        let steps: Vec<usize> = steps.map(|at| at.0).collect();
        match sets.iter_mut().find(|set| set.0 == steps) {
            Some(set) => set.1.push(tensor),
            None => sets.push((steps, vec![tensor])),
        }
    }
    if sets.len() > MOST_SETS {
        return vec![tensors];
    }
    sets.into_iter().map(|it| it.1).collect()
}

/// One cause, with the `tensors`, iterations and lines that it concerns.
fn cause(
    search: &LocatedSearch,
    it: &LocatedCause,
    own: &Hypothesis,
    tensors: &[usize],
    shift: u64,
) -> Cause {
    let mut run_has = own.run_has.clone();
    let of = tensors_text(search, tensors);
    // What is exchanged names its tensors.
    let is_named = matches!(own.event, Some(RowEvent::Swapped(..)));
    if let Some(of) = of.as_ref().filter(|_| !is_named) {
        let seen = if shows_elsewhere(search, it, tensors) {
            ", in"
        } else {
            ", seen in"
        };
        run_has = format!("{run_has}{seen} {of}");
    }
    let steps = search.failing.iter().filter(|at| tensors.contains(&at.1));
    let mut steps: Vec<u64> = steps.map(|at| search.rows.t(at.0) + shift).collect();
    // Tensors that are told of together may be concerned in different iterations.
    let of_each = steps.len();
    steps.dedup();
    let is_apart = of_each != steps.len() * tensors.len();
    // In other iterations nothing was put back.
    let is_once = matches!(own.event, Some(RowEvent::Restored(..)));
    let is_of_all = search.is_throughout(it) && !is_once;
    let iterations = if is_of_all && !is_in_some(search, own, steps.len()) {
        Vec::new()
    } else {
        IterationRange::of(steps)
    };
    if !iterations.is_empty() {
        let word = match iterations.as_slice() {
            _ if is_apart => "some of iterations",
            [one] if one.from == one.to => "iteration",
            _ => "iterations",
        };
        run_has = format!("{run_has}, in {word} {}", listed(&iterations));
    }
    let lines = lines(search, own);
    if !lines.is_empty() {
        let lines: Vec<String> = lines
            .iter()
            .map(|(line, text)| format!("line {line}: `{text}`"))
            .collect();
        run_has = format!("{run_has} ({})", lines.join("; "));
    }
    let cause = Cause::new(own.kind, run_has, own.rule_has.as_str()).in_iterations(iterations);
    let at = |it: &SolvedStep| search.rows.t(it.step) + shift;
    let mut cause = cause;
    if let Some((FreeNumber::Setting(number), values)) = &own.free {
        let stated = own.solved.first().map_or(f64::NAN, |it| it.stated);
        let mut others = own.solved.iter();
        let is_one = others.all(|it| it.stated.to_bits() == stated.to_bits());
        let name = &search.rules[0].settings[*number].name;
        cause = cause.of_setting(name, if is_one { stated } else { f64::NAN });
        if let FreeValues::Constant(value) = values {
            cause.run = Some(Real(*value));
        }
        if !is_one {
            let stated = own.solved.iter();
            cause.stated = stated.map(|it| (at(it), Real(it.stated))).collect();
        }
    }
    if let Some((quantity, number)) = own.quantity {
        cause = cause.with_number(quantity, number, None);
    }
    if matches!(
        own.free,
        Some((_, FreeValues::ByStep(_) | FreeValues::Late(..)))
    ) {
        let points = own.solved.iter();
        cause.schedule = points.map(|it| (at(it), Real(it.value))).collect();
    }
    cause.lines = lines.iter().map(|it| it.0).collect();
    if of.is_some() {
        cause.tensors = names(search, tensors);
        cause.group = group_of(search, tensors);
    }
    cause
}

/// True if the cause would show in other tensors as well, so that it is not there; a group is told apart by what is stated of it.
fn shows_elsewhere(search: &LocatedSearch, it: &LocatedCause, tensors: &[usize]) -> bool {
    if group_of(search, tensors).is_some() && is_of_a_group(search, it) {
        return true;
    }
    let mut others = (0..search.rows.tensors.len()).filter(|at| !tensors.contains(at));
    others.any(|at| it.cells.iter().any(|cells| cells[at].fails()))
}

/// True if it is a setting of its own, or an event, or concerns lines with a setting that groups have otherwise.
fn is_of_a_group(search: &LocatedSearch, it: &LocatedCause) -> bool {
    let base = &search.rules[0].written;
    let settings = search.rows.recorded.all().iter();
    let apart = settings.filter(|it| it.differs_between_groups());
    let apart: Vec<&str> = apart.map(|it| it.name.as_str()).collect();
    let is_apart = |rule: &Rule, other: &Rule| {
        let known: Vec<String> = (0..other.step.len())
            .map(|at| line_text(other, at))
            .collect();
        let mut lines = rule.step.iter().enumerate();
        lines.any(|(at, line)| {
            let is_new = !known.contains(&line_text(rule, at));
            is_new && apart.iter().any(|name| line.expr.mentions(name))
        })
    };
    it.parts.iter().any(|part| {
        let changed = &search.rules[part.rule].written;
        part.rule == 0 || is_apart(changed, base) || is_apart(base, changed)
    })
}

/// A line of a rule as it is written.
fn line_text(rule: &Rule, at: usize) -> String {
    let text = rule.source.slice(rule.step[at].span);
    text.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// True if what the run states of a setting changes, and is right in some iterations.
fn is_in_some(search: &LocatedSearch, it: &Hypothesis, failing: usize) -> bool {
    let Some((FreeNumber::Setting(at), FreeValues::Constant(_) | FreeValues::ByStep(_))) = it.free
    else {
        return false;
    };
    let stated = search.rows.recorded.get(&search.rules[0].settings[at].name);
    stated.is_some_and(RecordedSetting::changes) && failing < search.rows.steps()
}

/// The names of `tensors`, with their group where they are all of it; `None` where they are all tensors.
fn tensors_text(search: &LocatedSearch, tensors: &[usize]) -> Option<String> {
    let all = &search.rows.tensors;
    if tensors.len() == all.len() {
        return None;
    }
    let named = &tensors[..tensors.len().min(NAMED)];
    let names: Vec<&str> = named.iter().map(|at| all[*at].name.as_str()).collect();
    let more = match tensors.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let names = format!("{}{more}", names.join(", "));
    Some(match group_of(search, tensors) {
        Some(group) => format!("group {group} ({names})"),
        None => names,
    })
}

/// The names of `tensors`.
fn names(search: &LocatedSearch, tensors: &[usize]) -> Vec<String> {
    let all = &search.rows.tensors;
    tensors.iter().map(|at| all[*at].name.clone()).collect()
}

/// The group, counted from 1, that `tensors` are all of.
fn group_of(search: &LocatedSearch, tensors: &[usize]) -> Option<usize> {
    let group = search.groups[*tensors.first()?];
    let own = (0..search.groups.len()).filter(|at| search.groups[*at] == group);
    let is_group = own.eq(tensors.iter().copied());
    (is_group && !search.options.by_tensor && group < search.rows.recorded.tensors().len())
        .then_some(group + 1)
}

/// The lines of the rule that the cause concerns, with their numbers in its file.
fn lines(search: &LocatedSearch, it: &Hypothesis) -> Vec<(usize, String)> {
    const MOST: usize = 2;
    let base = &search.rules[0].written;
    let changed = &search.rules[it.rule].written;
    let wanted: Vec<usize> = match (&it.event, &it.free) {
        (
            Some(
                RowEvent::Forgotten(fields)
                | RowEvent::Cleared(fields)
                | RowEvent::Restored(fields, _)
                | RowEvent::Swapped(fields, ..)
                | RowEvent::RoundedBefore(fields, _),
            ),
            _,
        ) => {
            let pairs = search.rules[0]
                .pairs
                .iter()
                .filter(|it| fields.contains(&it.field));
            let variables = &search.rules[0].subject.compiled.variables;
            let names: Vec<&str> = pairs
                .map(|it| variables[it.variable].name.as_str())
                .collect();
            let steps = base.step.iter().enumerate();
            let own = steps.filter(|it| names.contains(&it.1.target.as_str()));
            own.map(|it| it.0).collect()
        }
        (Some(RowEvent::Kept(_) | RowEvent::Twice | RowEvent::Rounded(..)), _)
        | (
            None,
            Some((
                FreeNumber::Average(_)
                | FreeNumber::Interpolation
                | FreeNumber::StepFactor
                | FreeNumber::WeightFactor(_),
                _,
            )),
        ) => Vec::new(),
        (Some(RowEvent::Stale), _) | (None, Some((FreeNumber::GradientFactor, _))) => {
            let steps = base.step.iter().position(|it| it.target == "g");
            steps.into_iter().collect()
        }
        (None, Some((FreeNumber::Setting(at), _))) => {
            let name = search.rules[0].settings[*at].name.as_str();
            let steps = base.step.iter().enumerate();
            let own = steps.filter(|it| it.1.expr.mentions(name));
            own.map(|it| it.0).collect()
        }
        (None, None | Some((FreeNumber::Bound(_), _))) => {
            let others: Vec<String> = (0..changed.step.len())
                .map(|at| line_text(changed, at))
                .collect();
            let own = (0..base.step.len()).filter(|at| !others.contains(&line_text(base, *at)));
            let own: Vec<usize> = own.collect();
            let known: Vec<String> = (0..base.step.len()).map(|at| line_text(base, at)).collect();
            let mut added = (0..changed.step.len()).filter(|at| !known.contains(&others[*at]));
            // A line that is added changes what the line before it has made of its variable.
            let before = |target: &str| base.step.iter().rposition(|it| it.target == target);
            match added.next().map(|at| changed.step[at].target.as_str()) {
                Some(target) if own.is_empty() => before(target).into_iter().collect(),
                _ => own,
            }
        }
    };
    let told = wanted.iter().take(MOST);
    told.map(|at| (base.step[*at].line, line_text(base, *at)))
        .collect()
}
