//! The line of a buffer, named with what does not follow it.

use super::{
    buffer::{self, Law},
    curve,
    naming::{self, KnownSettings, formula, iterations, line_terms},
    observed::Observed,
    own::UsedGradient,
    solve,
    term::BufferTerm,
};
use crate::{
    debugger::Control,
    diff::finding::{
        Cause, CauseKind, CauseQuantity, IterationRange, LineTerm, OpenLine, listed, short, words,
    },
    value::Real,
};

use super::search::Identification;

impl Identification {
    /// Names the line of a buffer, and the gradient that went into it where that is not the recorded one.
    pub(super) fn buffer(
        &mut self,
        at: usize,
        law: &Law,
        rule: Option<&Law>,
        known: &KnownSettings,
        used: &UsedGradient,
        control: &mut Control,
    ) -> (Vec<Cause>, Option<UsedGradient>) {
        let o = &self.observed;
        let g = &used.rows(o);
        let question = buffer::BufferQuestion {
            observed: o,
            buffer: at,
            g,
            is_expected: false,
        };
        let rows = question.rows();
        let name = o.buffers[at].name.clone();
        let Some(rule) = rule else {
            // Of another gradient, a line by the rule's beta is the rule's.
            let stated = [&known.first, &known.second].map(|it| it.as_ref().map(|it| it.1));
            let kept = law.of(BufferTerm::Old);
            let is_average =
                law.terms.len() == 2 && (law.coefficients[1] + kept - 1.0).abs() < 1e-9;
            let is_stated = is_average && law.varying.is_none() && stated.contains(&Some(kept));
            if is_stated && !matches!(used, UsedGradient::Recorded) && law.share(&rows) > 0.97 {
                return (Vec::new(), None);
            }
            let (found, used) = self.beside_no_law(at, law, &rows);
            return (found.into_iter().collect(), used.map(UsedGradient::Solved));
        };
        let linear = rule.has(BufferTerm::Gradient);
        if law.varying.is_some() {
            if let Some((found, used)) =
                naming::of_clipping(o, law, rule.of(BufferTerm::Old)).filter(|_| linear)
            {
                return (vec![found], Some(UsedGradient::Solved(used)));
            }
            let kind = if linear {
                CauseKind::Momentum
            } else {
                CauseKind::Scale
            };
            let ruled = (formula(o, at, rule), line_terms(o, at, rule));
            return (vec![varying(o, at, law, kind, ruled)], None);
        }
        let mut causes = naming::of_buffer(o, at, law, rule, known);
        // Where the rule does not follow a line of its own, the run need not either.
        let reads_alike = formula(o, at, law) == formula(o, at, rule);
        let fails = |row: &usize| !law.holds[*row] && (rule.holds[*row] || !reads_alike);
        let failing: Vec<usize> = rows.iter().copied().filter(fails).collect();
        if !failing.is_empty() {
            match self.unfollowed(&question, law, rule, known, &failing, control) {
                Unfollowed::Named(more) => causes.push(more),
                Unfollowed::Clipped(more, used) => {
                    causes.push(more);
                    return (causes, Some(UsedGradient::Solved(used)));
                }
                Unfollowed::Open(line) => {
                    self.found.open.push(line);
                    causes.clear();
                }
            }
            return (causes, None);
        }
        // Where the rule begins otherwise and the run does not.
        if causes.is_empty() && law.holds[rows[0]] {
            let other = rows.iter().filter(|row| !rule.holds[**row]);
            if other.eq([&rows[0]]) {
                let run = format!(
                    "`{name}` beginning at 0: its first update is {} like all others (damped too)",
                    formula(o, at, law)
                );
                let rule = format!("`{name}` beginning with the first gradient");
                let found = Cause::new(CauseKind::Start, run, rule)
                    .with_number(CauseQuantity::InitialValue, 0.0, None)
                    .in_line(&name, line_terms(o, at, law), Vec::new());
                causes.push(found);
            }
        }
        let terms = [
            BufferTerm::Parameter,
            BufferTerm::Total,
            BufferTerm::Pending,
        ];
        let is_other = linear
            && (terms.iter().any(|it| law.has(*it))
                || causes.iter().any(|it| it.kind == CauseKind::Gradient));
        let other = is_other.then(|| UsedGradient::Line {
            law: law.clone(),
            rule: rule.clone(),
            of: Box::new(used.clone()),
        });
        (causes, other)
    }

    /// Names the line of a buffer where the rule's own is none that can be solved for, or where it has no such buffer.
    fn beside_no_law(
        &mut self,
        at: usize,
        law: &Law,
        rows: &[usize],
    ) -> (Option<Cause>, Option<Vec<Vec<f64>>>) {
        let o = &self.observed;
        let name = o.buffers[at].name.clone();
        let ruled = self.ruled_line(at);
        if law.varying.is_some() {
            let clipped = law.coefficients.first();
            let clipped = clipped.and_then(|kept| naming::of_clipping(o, law, *kept));
            if let Some((found, used)) = clipped {
                return (Some(found), Some(used));
            }
            let rule = ruled.unwrap_or_else(|| "no such buffer".to_owned());
            let ruled = (rule, Vec::new());
            return (Some(varying(o, at, law, CauseKind::Rule, ruled)), None);
        }
        let share = law.share(rows);
        if share <= 0.97 {
            let told = share * 100.0;
            self.found.open.push(OpenLine {
                text: format!(
                    "the line `{name}` = {} holds in {told:.0} % of the iterations",
                    formula(o, at, law)
                ),
                run: line_terms(o, at, law),
                share: Some(Real(share)),
                variable: name,
                ..OpenLine::default()
            });
            return (None, None);
        }
        let line = formula(o, at, law);
        let (text, rule) = match ruled {
            Some(ruled) => (format!("`{name}` = {line}"), ruled),
            None => (
                format!("a buffer `{name}` = {line}, which the rule does not have"),
                "no such buffer".to_owned(),
            ),
        };
        let found = Cause::new(CauseKind::Rule, text, rule);
        (
            Some(found.in_line(&name, line_terms(o, at, law), Vec::new())),
            None,
        )
    }

    /// The rule's line of a buffer as it is written, where the rule has one.
    fn ruled_line(&self, at: usize) -> Option<String> {
        let compiled = &self.observed.subject().compiled;
        let own = &compiled.variables[self.observed.buffers[at].variable?].name;
        let line = compiled.rule.step.iter().rfind(|it| it.target == *own)?;
        let text = compiled.rule.source.slice(line.span);
        let words: Vec<&str> = text.split_whitespace().collect();
        Some(format!("`{}`", words.join(" ")))
    }

    /// The reason for the iterations that a buffer's line does not explain.
    fn unfollowed(
        &self,
        question: &buffer::BufferQuestion,
        law: &Law,
        rule: &Law,
        known: &KnownSettings,
        failing: &[usize],
        control: &mut Control,
    ) -> Unfollowed {
        let o = &self.observed;
        let at = question.buffer;
        let name = o.buffers[at].name.as_str();
        let rows = question.rows();
        let linear = rule.has(BufferTerm::Gradient);
        let others = law.terms.iter().copied().find(|it| *it != BufferTerm::Old);
        let source = if linear {
            BufferTerm::Gradient
        } else {
            others.unwrap_or(BufferTerm::Square)
        };
        // From nothing: only what is new went in.
        let alone = |row: &usize| {
            let gains = [law.of(source), 1.0, -1.0, rule.of(source)];
            let mut gains = gains.into_iter();
            gains.find(|gain| question.leads(&[source], &[*gain], *row))
        };
        let gains: Vec<Option<f64>> = failing.iter().map(alone).collect();
        if gains.iter().all(Option::is_some) && failing.len() * 4 <= rows.len() {
            let gain = gains[0].unwrap_or(1.0);
            let line = format!("{}*{}", naming::digits(gain), source.text(o, name));
            let alone_terms = |gain: f64| vec![LineTerm::new(Some(gain), source.text(o, name))];
            if failing != [rows[0]] {
                let lost = iterations(o, failing);
                let run = format!(
                    "`{name}` lost before iteration {}: it starts again from 0 there, as {line}",
                    listed(&lost)
                );
                let found = Cause::new(CauseKind::Start, run, "a buffer that is kept")
                    .with_number(CauseQuantity::InitialValue, 0.0, None)
                    .in_iterations(lost)
                    .in_line(name, alone_terms(gain), Vec::new());
                return Unfollowed::Named(found);
            }
            let lr = known.rate.as_ref().map_or(1.0, |it| it.1);
            let is_bare = (gain * lr - rule.of(source)).abs() < 1e-9 && (lr - 1.0).abs() > 1e-9;
            let remark = if is_bare {
                ": the gradient without the learning rate"
            } else {
                ""
            };
            let run = format!(
                "`{name}` beginning at t = {} as {line}{remark}",
                o.t[rows[0]]
            );
            let found = Cause::new(CauseKind::Start, run, formula(o, at, rule))
                .in_iterations(iterations(o, &rows[..1]))
                .in_line(name, alone_terms(gain), line_terms(o, at, rule));
            return Unfollowed::Named(found);
        }
        if failing == [rows[0]] && !o.buffers[at].has_start {
            return Unfollowed::Named(self.beginning(at, law, question.g, rows[0]));
        }
        let varied = question.varying(&rows, control).filter(|_| linear);
        let clipped = varied.and_then(|it| naming::of_clipping(o, &it, law.of(BufferTerm::Old)));
        if let Some((named, used)) = clipped {
            return Unfollowed::Clipped(named, used);
        }
        let (holds, failing) = (rows.len() - failing.len(), iterations(o, failing));
        let text = format!(
            "the line `{name}` = {} holds in {holds} of {} iterations, not in {}",
            formula(o, at, law),
            rows.len(),
            listed(&failing)
        );
        Unfollowed::Open(OpenLine {
            variable: name.to_owned(),
            run: line_terms(o, at, law),
            explained: Some((holds, rows.len())),
            failing,
            text,
            ..OpenLine::default()
        })
    }

    /// The cause for a buffer whose start was not recorded and is not 0.
    fn beginning(&self, at: usize, law: &Law, g: &[Vec<f64>], row: usize) -> Cause {
        let o = &self.observed;
        let name = o.buffers[at].name.as_str();
        let question = buffer::BufferQuestion {
            observed: o,
            buffer: at,
            g,
            is_expected: false,
        };
        let starts = question.starts(law, row);
        let middle = solve::median(&starts).unwrap_or(f64::NAN);
        let near = starts
            .iter()
            .all(|it| (it - middle).abs() <= 1e-6 * middle.abs());
        let start = (near && middle.is_finite())
            .then(|| solve::shortest(middle, |it| (it - middle).abs() <= 1e-6 * middle.abs()));
        let text = match start {
            Some(start) => format!("`{name}` beginning at {}", naming::digits(start)),
            None => format!("`{name}` beginning at a value other than 0, which was not recorded"),
        };
        Cause::new(CauseKind::Start, text, format!("`{name}` beginning at 0")).with_number(
            CauseQuantity::InitialValue,
            start,
            0.0,
        )
    }
}

/// The findings on iterations that a line does not explain.
enum Unfollowed {
    Named(Cause),
    /// With the gradients that went in.
    Clipped(Cause, Vec<Vec<f64>>),
    Open(OpenLine),
}

/// A line whose coefficients change from iteration to iteration.
fn varying(
    o: &Observed,
    at: usize,
    law: &Law,
    kind: CauseKind,
    (rule, ruled): (String, Vec<LineTerm>),
) -> Cause {
    let name = o.buffers[at].name.as_str();
    let series = |term: usize| -> Vec<(u64, f64)> {
        let varying = law.varying.as_ref();
        let point = |row: usize| Some((o.t[row], *varying?.get(row)?.get(term)?));
        (0..o.t.len())
            .filter_map(point)
            .filter(|it| it.1.is_finite())
            .collect()
    };
    let steady = |points: &[(u64, f64)]| {
        points
            .iter()
            .all(|it| (it.1 - points[0].1).abs() < 1e-6 * points[0].1.abs())
    };
    let source = law.terms[1].text(o, name);
    let (kept, gains) = (series(0), series(1));
    let averages = kept.iter().all(|(t, k)| {
        gains
            .iter()
            .any(|(u, g)| t == u && (k + g - 1.0).abs() < 1e-6)
    });
    // Where what enters has one weight, it is what is kept that varies.
    let (which, points) = match gains.first() {
        Some(_) if steady(&gains) => ("old", &kept),
        _ => ("new", &gains),
    };
    let rest: Vec<(u64, f64)> = points.iter().copied().filter(|it| it.0 > 1).collect();
    let is_scalar = steady(&kept);
    let first = kept.first().map(|it| it.1).filter(|_| is_scalar);
    let curve = curve::segments(&rest, 1e-6).filter(|_| !is_scalar);
    let text = if is_scalar {
        let values = few_values(&gains).unwrap_or_else(|| {
            "with one scalar s_t for each iteration (as where the gradient is divided by a norm)"
                .to_owned()
        });
        format!(
            "`{name}` = {}*{name} + s_t*{source} {values}",
            naming::digits(first.unwrap_or(0.0))
        )
    } else {
        let subject = format!("the weight of {which} values in `{name}`");
        let values = || {
            let some = points.iter().step_by(1 + points.len() / 5);
            let shown: Vec<String> = some
                .map(|(t, g)| format!("{} at t = {t}", short(*g)))
                .collect();
            format!(
                "{subject} changes from iteration to iteration: {}",
                shown.join(", ")
            )
        };
        let words = curve
            .as_deref()
            .map_or_else(values, |it| words(&subject, it));
        let beta = if averages {
            "beta varies, the two weights add up to 1"
        } else {
            "momentum varies"
        };
        format!("a weight of `{name}` that varies by iteration ({beta}): {words}")
    };
    let run = [(first, name.to_owned()), (None, source)];
    let run = run.map(|(coefficient, term)| LineTerm::new(coefficient, term));
    Cause {
        schedule: points.iter().map(|it| (it.0, Real(it.1))).collect(),
        curve: curve.unwrap_or_default(),
        ..Cause::new(kind, text, rule).in_line(name, run.to_vec(), ruled)
    }
}

/// What is said of a number that has a few values only, each in its iterations; `None` where it has many.
fn few_values(points: &[(u64, f64)]) -> Option<String> {
    const MOST: usize = 3;
    let mut values: Vec<(f64, Vec<u64>)> = Vec::new();
    for (t, value) in points {
        let near = |it: &&mut (f64, Vec<u64>)| (it.0 - value).abs() <= 1e-6 * value.abs();
        match values.iter_mut().find(near) {
            Some(known) => known.1.push(*t),
            None => values.push((*value, vec![*t])),
        }
        if values.len() > MOST {
            return None;
        }
    }
    // The usual one comes last.
    values.sort_by_key(|it| it.1.len());
    let (usual, others) = values.split_last()?;
    let short = |value: f64| {
        let short = solve::shortest(value, |it| (it - value).abs() <= 1e-6 * value.abs());
        naming::digits(short)
    };
    let told = others.iter().map(|(value, at)| {
        let at = listed(&IterationRange::of(at.iter().copied()));
        format!("{} in iterations {at}", short(*value))
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| {
        let others = told.join(", ");
        format!(
            "where s_t is {others}, and {} in all others",
            short(usual.0)
        )
    })
}
