//! Steps of which some coordinates stand at a bound.

use super::{
    naming::{self, KnownSettings},
    observed::{self, Observed},
    solve,
};
use crate::{
    diff::finding::{Cause, CauseKind, CauseQuantity},
    rule::{StateRole, VariableKind},
};

/// The cause if steps are clipped: each coordinate makes the rule's step, or one at a bound that all share; and the most that
/// a coordinate then moves, where beside that it makes the step of the rule as it is stated.
pub(super) fn clamped(o: &Observed, known: &KnownSettings) -> Option<(Cause, Option<f64>)> {
    let of = |role: StateRole| {
        o.buffers.iter().find(|it| {
            it.variable.is_some_and(|at| {
                o.subject().compiled.variables[at].kind == VariableKind::State(Some(role))
            })
        })
    };
    let ruled = |row: usize, at: usize| Some(o.w.expected.get(row)?.get(at)? - o.w.before[row][at]);
    if let Some(found) = clamped_from(o, of(StateRole::Momentum), &ruled) {
        let limit = found.numbers.first().and_then(|it| it.run);
        return Some((found, limit.map(|it| it.0)));
    }
    // The same with eps beside the uncorrected root, as those who write bounds have it.
    let (m, s) = (of(StateRole::Momentum)?, of(StateRole::Scale)?);
    let [lr, eps, first, second] =
        [&known.rate, &known.eps, &known.first, &known.second].map(|it| it.as_ref().map(|it| it.1));
    let (lr, eps, first, second) = (lr?, eps?, first?, second?);
    let hat = |row: usize, at: usize| {
        let t = o.count[row];
        let rate = lr * (1.0 - libm::pow(second, t)).sqrt() / (1.0 - libm::pow(first, t));
        Some(-rate * m.after[row][at] / (s.after[row][at].sqrt() + eps))
    };
    clamped_from(o, Some(m), &hat).map(|found| (found, None))
}

fn clamped_from(
    o: &Observed,
    momentum: Option<&observed::ObservedSeries>,
    ruled: &dyn Fn(usize, usize) -> Option<f64>,
) -> Option<Cause> {
    let near = |a: f64, b: f64| (a - b).abs() <= 1e-7 * a.abs().max(b.abs());
    let mut steps: Vec<f64> = Vec::new();
    let (mut own, mut shared, mut odd, mut mixed) = (0, 0, 0, 0);
    for row in (0..o.t.len()).filter(|row| !o.idle[*row]) {
        let (mut low, mut high): (Option<f64>, Option<f64>) = (None, None);
        let (free, bound) = (own, shared);
        for at in 0..o.places.len() {
            let step = o.w.after[row][at] - o.w.before[row][at];
            let ruled = ruled(row, at)?;
            let size = f64::EPSILON * o.w.after[row][at].abs() * 64.0;
            if near(step, ruled) || (step - ruled).abs() <= size {
                own += 1;
                continue;
            }
            if step.abs() < ruled.abs() {
                steps.push(step.abs());
            }
            let m = momentum.map_or(1.0, |it| it.after[row][at]);
            let bound = if step.abs() < ruled.abs() {
                &mut high
            } else {
                &mut low
            };
            match bound {
                // To stay is no step at a bound.
                _ if step == 0.0 => odd += 1,
                Some(bound) if near(*bound, step / m) || (*bound * m - step).abs() <= size => {
                    shared += 1;
                }
                Some(_) => odd += 1,
                None => *bound = Some(step / m),
            }
        }
        mixed += usize::from(own > free && shared > bound);
    }
    if own == 0 {
        return None;
    }
    let limit = solve::median(&steps);
    let at_limit = steps
        .iter()
        .filter(|it| limit.is_some_and(|limit| near(**it, limit)))
        .count();
    let acting = o.idle.iter().filter(|it| !**it).count();
    let off = acting * o.places.len() - own - at_limit;
    if let Some(limit) = limit.filter(|it| *it > 0.0 && at_limit > 4 && off * 50 <= own + at_limit)
    {
        let limit = solve::shortest(limit, |it| near(it, limit));
        let text = format!(
            "each element of the update clipped: no coordinate of w moves by more than {} in an iteration",
            naming::digits(limit)
        );
        return Some(
            Cause::new(CauseKind::Rule, text, "the update as it is").with_number(
                CauseQuantity::StepLimit,
                limit,
                None,
            ),
        );
    }
    // Where in each iteration all coordinates are at a bound or none is, it is another line.
    (shared > 8 && odd * 20 <= shared && mixed > 2).then(|| {
        Cause::new(
            CauseKind::Rule,
            "the rate of each coordinate kept between two bounds that all share in an iteration (as AdaBound does)",
            "the rate of each coordinate as it is",
        )
    })
}
