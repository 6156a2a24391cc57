//! Differences between the solved line of `w` and the rule's.

use super::{
    KnownSettings, digits,
    rate::Rate,
    solved::{Solved, constant, direction_name, groups, groups_text, said, terms},
};
use crate::{
    diff::{
        finding::{Cause, CauseForm, CauseKind, CauseQuantity},
        identify::{
            observed::Observed,
            solve::{median, shortest},
            step_form::{Divisor, DivisorShape, EpsScaling, StepDirection, UpdateForm},
        },
    },
    format::{exact, rounded},
};
use std::fmt::Write;

/// The differences between the line of `w` and the rule's, and true if all of them have a name.
pub fn of_update(
    run: &Solved,
    rule: Option<&Solved>,
    known: &KnownSettings,
    stated: &KnownSettings,
) -> (Vec<Cause>, bool) {
    let observed = run.question.observed;
    let mut causes = Vec::new();
    let mut whole = true;
    let form = &run.law.form;
    let same_directions = rule.is_some_and(|it| it.law.form.divided == form.divided);
    let same_scale = rule.is_some_and(|it| match (it.law.form.divisor, form.divisor) {
        (Some(a), Some(b)) => a.scale == b.scale,
        (None, None) => true,
        _ => false,
    });
    if let Some(rule) = rule {
        causes.extend(of_divisor(observed, form, &rule.law.form, known));
        if !same_directions {
            let mut text = said(run);
            for (at, direction) in form.divided.iter().enumerate() {
                let theirs = rule.law.form.divided.iter().position(|it| it == direction);
                let both = constant(run, at).zip(theirs.and_then(|at| constant(rule, at)));
                if both.is_some_and(|(a, b)| (a / b - 2.0).abs() < 1e-9) {
                    let name = direction_name(observed, *direction);
                    let _ = write!(text, " (`{name}` counts twice)");
                }
            }
            causes.push(Cause::new(CauseKind::Rule, text, said(rule)).in_line(
                "w",
                terms(run),
                terms(rule),
            ));
        }
    } else {
        let found = Cause::new(CauseKind::Rule, said(run), "another line of w");
        causes.push(found.in_line("w", terms(run), Vec::new()));
        whole = false;
    }
    if form.divided.len() == 1
        && (rule.is_none() || (same_directions && same_scale))
        && (rule.is_some() || form.divided[0] == StepDirection::Gradient)
    {
        let (more, named) = Rate::new(run, rule, known, stated).causes();
        whole &= named;
        causes.extend(more);
    } else if let Some(rule) = rule.filter(|_| same_directions) {
        for term in 0..form.divided.len() {
            let what = direction_name(observed, form.divided[term]);
            causes.extend(of_factor(run, rule, term, &what, known));
        }
    } else {
        for term in 0..form.divided.len() {
            whole &= constant(run, term).is_some();
        }
    }
    for (at, direction) in form.plain.iter().enumerate() {
        let term = form.divided.len() + at;
        match direction {
            StepDirection::Parameter => match of_decay(run, rule, term, known) {
                Some(more) => causes.extend(more),
                None => whole = false,
            },
            StepDirection::One => causes.extend(of_constant(run, term, known)),
            _ => {}
        }
    }
    let lost = rule.is_some_and(|rule| {
        rule.law.form.plain.contains(&StepDirection::Parameter)
            && !form.plain.contains(&StepDirection::Parameter)
    });
    if lost && !form.plain.contains(&StepDirection::One) {
        let found = Cause::new(CauseKind::Decay, "no weight decay", known.decay_text());
        let found = found.formed(CauseForm::NoDecay);
        causes.push(known.decay_valued(found, 0.0));
    }
    // Beside a root that is not corrected, eps has one place only.
    let bare = [CauseForm::NoCorrection, CauseForm::FirstCorrectionOnly];
    let is_bare = |it: &Cause| it.form.is_some_and(|form| bare.contains(&form));
    if causes.iter().any(is_bare) {
        causes.retain(|it| it.form != Some(CauseForm::EpsBeforeCorrection));
    }
    // A number that is the rule's to the digits that are told.
    let is_ruled = |it: &Cause| {
        let both = it.run.zip(it.rule);
        let is_near = both.is_some_and(|(a, b)| (a.0 - b.0).abs() <= 1e-9 * b.0.abs());
        it.kind == CauseKind::Settings && is_near
    };
    causes.retain(|it| !is_ruled(it));
    (causes, whole)
}

/// The differences in eps: its place and size.
fn of_divisor(
    observed: &Observed,
    run: &UpdateForm,
    rule: &UpdateForm,
    known: &KnownSettings,
) -> Vec<Cause> {
    let (Some(a), Some(b)) = (run.divisor, rule.divisor) else {
        return match (run.divisor, rule.divisor) {
            (None, Some(_)) => vec![Cause::new(
                CauseKind::Scale,
                "no division by the second moment",
                "one",
            )],
            _ => Vec::new(),
        };
    };
    let mut causes = Vec::new();
    let eps = known.eps.as_ref().map_or("eps", |it| it.0.as_str());
    if a.scale != b.scale {
        causes.push(Cause::new(
            CauseKind::Scale,
            format!("`{}` below the fraction", observed.buffers[a.scale].name),
            format!("`{}` there", observed.buffers[b.scale].name),
        ));
    }
    let knows_correction = [a, b].iter().any(|it| it.spread != EpsScaling::Constant);
    let place = |it: &Divisor| match (it.shape, it.spread) {
        (DivisorShape::Root, EpsScaling::Constant) if !knows_correction => "eps added to the root",
        (DivisorShape::Root, EpsScaling::Constant) => {
            "eps added to the root before the bias correction"
        }
        (DivisorShape::Root, EpsScaling::Corrected) => "eps added to the corrected root",
        (DivisorShape::Root, EpsScaling::Powered) => {
            "eps added to a root divided by the power beta2^t"
        }
        (DivisorShape::Inside, _) => "eps inside the square root",
        (DivisorShape::Plain, _) => "no square root of the second moment",
    };
    if a.eps == 0.0 && b.eps > 0.0 {
        causes.push(
            Cause::new(
                CauseKind::Eps,
                format!("no {eps}, or one that does not show"),
                format!("{eps}={}", exact(b.eps)),
            )
            .valued(eps, 0.0, b.eps),
        );
    } else {
        let is_corrected = [a.spread, b.spread].contains(&EpsScaling::Corrected);
        let is_scaled_otherwise = a.shape == DivisorShape::Root && a.spread != b.spread;
        if a.shape != b.shape || (is_scaled_otherwise && is_corrected) {
            let is_before = (a.shape, a.spread) == (DivisorShape::Root, EpsScaling::Constant);
            let form = is_before.then_some(CauseForm::EpsBeforeCorrection);
            causes.push(Cause::new(CauseKind::Eps, place(&a), place(&b)).formed(form));
        }
        if (a.eps - b.eps).abs() > 1e-6 * b.eps {
            causes.push(
                Cause::new(
                    CauseKind::Eps,
                    format!("an {eps} of {}", digits(a.eps)),
                    format!("one of {}", exact(b.eps)),
                )
                .valued(eps, a.eps, b.eps),
            );
        }
    }
    causes
}

/// A factor of a step with several directions, beside the rule's.
fn of_factor(
    run: &Solved,
    rule: &Solved,
    term: usize,
    what: &str,
    known: &KnownSettings,
) -> Vec<Cause> {
    let middle = |it: &Solved| median(&it.series(term).iter().map(|it| it.2).collect::<Vec<f64>>());
    let (Some(a), Some(b)) = (middle(run), middle(rule)) else {
        return Vec::new();
    };
    if run.stands(&run.cells(), term, |_, _| Some(b)) {
        return Vec::new();
    }
    let r = a / b;
    if run.stands(&run.cells(), term, |_, _| Some(-b)) {
        return vec![Cause::new(
            CauseKind::Momentum,
            format!("`{what}` entering the step with the opposite sign"),
            "the other sign",
        )];
    }
    let name = known.rate.as_ref().map_or("lr", |it| it.0.as_str());
    match constant(run, term) {
        Some(value) => vec![
            Cause::new(
                CauseKind::Settings,
                format!(
                    "{}*{what} in the step ({}, a factor of {})",
                    digits(value),
                    name,
                    digits(rounded(r, 6))
                ),
                format!("{}*{what}", digits(b)),
            )
            .with_number(CauseQuantity::StepCoefficient, value, b)
            .with_number(CauseQuantity::StepRatio, r, None),
        ],
        None => vec![
            Cause::new(
                CauseKind::Settings,
                format!("the factor of {what} changing from iteration to iteration"),
                format!("{}*{what}", digits(b)),
            )
            .with_number(CauseQuantity::StepCoefficient, None, b),
        ],
    }
}

/// None where the rule has one, `has`.
fn no_decay(known: &KnownSettings, has: &str) -> Cause {
    let found = Cause::new(CauseKind::Decay, "no weight decay", has);
    known.decay_valued(found.formed(Some(CauseForm::NoDecay)), 0.0)
}

/// Weight decay apart from the gradient.
fn of_decay(
    run: &Solved,
    rule: Option<&Solved>,
    term: usize,
    known: &KnownSettings,
) -> Option<Vec<Cause>> {
    let lr = known.rate.as_ref().map_or(1.0, |it| it.1);
    let is_scheduled = known.rates.is_some();
    let stated = known.decay.as_ref().map_or(0.0, |it| it.1);
    let rule_term = rule.and_then(|rule| {
        let mut plain = rule.law.form.plain.iter();
        let at = plain.position(|it| *it == StepDirection::Parameter)?;
        Some(rule.law.form.divided.len() + at)
    });
    let has = if rule_term.is_some() {
        known.decay_text()
    } else {
        "no decoupled weight decay".to_owned()
    };
    let cells = run.cells();
    let rate = |row: usize, cell: usize| rate_beside(run, rule?, (row, cell), known);
    let say = |text: String, value: f64| {
        let found = Cause::new(CauseKind::Decay, text, has.clone());
        Some(vec![known.decay_valued(found, value)])
    };
    let is = |cells: &[usize], value: f64| run.stands(cells, term, |_, _| Some(value));
    if let Some((rule, theirs)) = rule.zip(rule_term)
        && (!is_scheduled && is(&cells, -lr * stated)
            || run.stands(&cells, term, |row, cell| {
                rate(row, cell).map(|rate| -rate * stated)
            })
            || is_ruled(run, rule, term, theirs))
    {
        return Some(Vec::new());
    }
    // A number that rounding hides is no decay.
    if run.is_hidden(term) {
        return Some(
            rule_term
                .map(|_| no_decay(known, &has))
                .into_iter()
                .collect(),
        );
    }
    let middle = |cells: &[usize]| {
        let series = run.series(term);
        let own = series.iter().filter(|it| cells.contains(&it.1));
        median(&own.map(|it| it.2).collect::<Vec<f64>>()).unwrap_or(f64::NAN)
    };
    let d = middle(&cells);
    if is(&cells, d) {
        if stated > 0.0 && is(&cells, -stated) {
            return say(
                format!(
                    "decoupled weight decay not scaled by the step size, weight_decay={}",
                    exact(stated)
                ),
                stated,
            );
        }
        // In units of the rate that the run has, where that is one.
        let own = rule.and_then(|rule| one_rate(run, rule, &cells, known));
        let own = own.unwrap_or(lr);
        let amount = -shortest(d / own, |it| is(&cells, it * own));
        if amount < 0.0 {
            return say(
                format!(
                    "weight decay of the wrong sign (w grows): weight_decay={}",
                    digits(amount)
                ),
                amount,
            );
        }
        return say(
            if rule_term.is_some() {
                format!("weight_decay={}", digits(amount))
            } else {
                format!("decoupled weight decay, weight_decay={}", digits(amount))
            },
            amount,
        );
    }
    if let Some(values) = decay_by_rate(run, term, &cells, &rate) {
        let name = known
            .decay
            .as_ref()
            .map_or("weight_decay", |it| it.0.as_str());
        let found = Cause::new(CauseKind::Decay, groups_text(run, name, &values), has);
        return Some(vec![Cause {
            groups: groups(run, &values),
            ..known.decay_set(found)
        }]);
    }
    if run.stands(&cells, term, |row, cell| {
        run.law.coefficients[row][cell]
            .as_ref()
            .map(|it| it[0] * stated)
    }) {
        return say(
            format!(
                "weight decay scaled by the corrected rate of the step, weight_decay={}",
                exact(stated)
            ),
            stated,
        );
    }
    None
}

/// True if coefficient `term` is the rule's own, `theirs`: beside other directions it may be a part of what these are.
fn is_ruled(run: &Solved, rule: &Solved, term: usize, theirs: usize) -> bool {
    run.stands(&run.cells(), term, |row, cell| {
        rule.beside(&run.law.cells[cell], row, theirs)
    })
}

/// The run's rate in an iteration and cell: what the step has beside the rule's, times what the rule's is.
fn rate_beside(
    run: &Solved,
    rule: &Solved,
    (row, cell): (usize, usize),
    known: &KnownSettings,
) -> Option<f64> {
    let own = run.law.coefficients[row][cell].as_ref()?[0];
    Some(known.rate_in(row) * own / rule.beside(&run.law.cells[cell], row, 0)?)
}

/// The run's rate, where it is the same in all iterations of `cells`.
fn one_rate(run: &Solved, rule: &Solved, cells: &[usize], known: &KnownSettings) -> Option<f64> {
    let own = run.series(0).into_iter();
    let own = own.filter_map(|(row, cell, _)| rate_beside(run, rule, (row, cell), known));
    let stands = |rate: f64| {
        run.stands(cells, 0, |row, cell| {
            Some(rate / known.rate_in(row) * rule.beside(&run.law.cells[cell], row, 0)?)
        })
    };
    let rate = median(&own.collect::<Vec<f64>>())?;
    stands(rate).then(|| shortest(rate, stands))
}

/// The decay of each cell, scaled by the rate of each iteration and tensor.
fn decay_by_rate(
    run: &Solved,
    term: usize,
    cells: &[usize],
    rate: &dyn Fn(usize, usize) -> Option<f64>,
) -> Option<Vec<f64>> {
    let stands = |cell: usize, amount: f64| {
        let value = |row: usize, cell: usize| rate(row, cell).map(|rate| -rate * amount);
        run.stands(&[cell], term, value)
    };
    let series = run.series(term);
    let share = |cell: &usize| {
        let own = series.iter().filter(|it| it.1 == *cell);
        let shares = own.filter_map(|(row, cell, value)| Some(-value / rate(*row, *cell)?));
        median(&shares.collect::<Vec<f64>>()).unwrap_or(f64::NAN)
    };
    let shares: Vec<f64> = cells.iter().map(share).collect();
    if !cells
        .iter()
        .zip(&shares)
        .all(|(cell, share)| stands(*cell, *share))
    {
        return None;
    }
    let short = |(cell, share): (&usize, &f64)| {
        if stands(*cell, 0.0) {
            0.0
        } else {
            shortest(*share, |it| stands(*cell, it))
        }
    };
    Some(cells.iter().zip(&shares).map(short).collect())
}

/// A number that is added to every coordinate.
fn of_constant(run: &Solved, term: usize, known: &KnownSettings) -> Vec<Cause> {
    let Some(value) = constant(run, term) else {
        return vec![Cause::new(
            CauseKind::Decay,
            "each coordinate moved by the same number, which changes",
            "nothing of the kind",
        )];
    };
    let lr = known.rate.as_ref().map_or(1.0, |it| it.1);
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-3 * b.abs();
    let text = match (&known.decay, &known.eps) {
        (Some((name, decay)), _) if *decay > 0.0 && near(-value, lr * decay) => {
            format!(
                "weight decay without the parameter: {} (lr*{name}) is subtracted from each coordinate, not multiplied by w",
                digits(-value)
            )
        }
        _ => format!(
            "{} added to each coordinate of w in every iteration (a constant, where eps belongs to the root)",
            digits(value)
        ),
    };
    vec![
        Cause::new(CauseKind::Decay, text, "nothing of the kind").with_number(
            CauseQuantity::AddedConstant,
            value,
            None,
        ),
    ]
}
