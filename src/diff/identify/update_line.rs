//! The line of `w`, named with what does not follow it.

use super::{
    bounds::clamped,
    buffer::Law,
    naming::{self, KnownSettings, Solved, iterations},
    own::{SolvedStep, SolvedUpdate, UsedGradient},
    replay,
    search::Identification,
    solve,
    step_form::StepDirection,
    update::{self, UpdateLaw},
};
use crate::{
    debugger::Control,
    diff::finding::{Cause, CauseForm, CauseKind, CauseQuantity, IterationRange, OpenLine, listed},
    value::Real,
};

impl Identification {
    /// Names the line of `w`, and returns what leads along it.
    pub(super) fn update(
        &mut self,
        used: &UsedGradient,
        laws: &[Option<Law>],
        held: &[replay::HeldLine],
        (known, stated): (&KnownSettings, &KnownSettings),
        causes: &mut Vec<Cause>,
        control: &mut Control,
    ) -> SolvedStep {
        let g = &used.rows(&self.observed);
        let (tried, update, rule) = self.updates(g, laws, control);
        let form = rule.as_ref().map(|it| &it.1.form);
        if let Some((question, law)) = &update
            && law.share < 0.97
            && let Some((found, lines)) = self.two_rules(question, form, used, control)
        {
            causes.push(found);
            return SolvedStep::Lines(lines);
        }
        let (mut open, mut left) = (Vec::new(), Vec::new());
        let mut lines = SolvedStep::Lines(Vec::new());
        let fails = held
            .iter()
            .find(|it| it.name == "w")
            .and_then(|it| it.fails(&self.observed));
        let first = self.observed.t[0];
        let until = until(first, fails);
        let remainder = OpenLine {
            variable: "w".to_owned(),
            tried: Some(tried),
            fails_at: fails,
            held: held_until(first, fails),
            ..OpenLine::default()
        };
        if let Some((mut question, mut law)) = update {
            let counter = if law.share < 0.97 {
                recount(&mut question, &mut law)
            } else {
                None
            };
            causes.extend(counter.clone());
            let theirs = rule
                .as_ref()
                .map(|(question, law)| Solved { question, law });
            let run = Solved {
                question: &question,
                law: &law,
            };
            let exceptions = if law.share < 0.97 {
                self.exceptions(&run, control)
            } else {
                Some((Vec::new(), None))
            };
            let line = |law: UpdateLaw| SolvedUpdate {
                law,
                count: question.count.clone(),
                used: used.clone(),
            };
            if let Some((more, other)) = exceptions {
                let all = [Some(law.clone()), other];
                lines = SolvedStep::Lines(all.into_iter().flatten().map(line).collect());
                let (named, whole) = naming::of_update(&run, theirs.as_ref(), known, stated);
                if whole || !named.is_empty() {
                    causes.extend(named);
                    causes.extend(more);
                }
                if whole && law.share >= 0.97 {
                    left = question.left(&law);
                }
                if !whole {
                    open.push(OpenLine {
                        run: naming::terms(&run),
                        text: format!(
                            "{until}; it is {}, whose factors have no name",
                            naming::said(&run)
                        ),
                        ..remainder
                    });
                }
            } else if let Some((found, limit)) = clamped(&self.observed, known) {
                causes.push(found);
                lines = limit.map_or(lines, SolvedStep::AtMost);
            } else {
                open.push(in_part(&run, &until, tried, remainder));
            }
        } else if let Some((found, limit)) = clamped(&self.observed, known) {
            causes.push(found);
            lines = limit.map_or(lines, SolvedStep::AtMost);
        } else {
            open.push(OpenLine {
                text: match tried {
                    0 => format!("{until}: too little is left to tell other forms by"),
                    _ => format!(
                        "{until}: none of the {tried} forms that were tried leaves only rounding"
                    ),
                },
                ..remainder
            });
        }
        let law = rule.as_ref().map(|it| &it.1);
        taken_twice(causes, law.filter(|_| open.is_empty()));
        self.found.left = left;
        self.found.open.append(&mut open);
        lines
    }

    /// Names the iterations and tensors that the law of `w` does not lead through; `None` where they have none.
    fn exceptions(
        &self,
        run: &Solved,
        control: &mut Control,
    ) -> Option<(Vec<Cause>, Option<UpdateLaw>)> {
        let o = &self.observed;
        let rows = run.question.rows();
        let through = |cell: usize| {
            rows.iter()
                .filter(|row| run.law.coefficients[**row][cell].is_some())
                .count()
        };
        let cells: Vec<usize> = (0..run.law.cells.len())
            .filter(|cell| through(*cell) * 50 < rows.len() * 49)
            .collect();
        if cells.len() < run.law.cells.len() {
            return self.other_tensors(run, &cells, control);
        }
        let failing: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|row| run.law.coefficients[*row].iter().any(Option::is_none))
            .collect();
        let still = |row: &usize| o.w.before[*row] == o.w.after[*row];
        if failing.iter().all(still) {
            let still = iterations(o, &failing);
            let text = format!(
                "no update of w in iterations {} (w does not move, though the buffers do)",
                listed(&still)
            );
            let found = Cause::new(CauseKind::Order, text, "an update in every iteration");
            return Some((vec![found.in_iterations(still)], None));
        }
        let slow = o
            .buffers
            .iter()
            .filter(|it| it.is_recorded)
            .find_map(|track| {
                let shares: Vec<f64> = failing
                    .iter()
                    .flat_map(|row| {
                        (0..o.places.len()).map(|at| {
                            let (slow, there) = (
                                track.before[*row][at],
                                o.w.expected[*row].get(at).copied().unwrap_or(f64::NAN),
                            );
                            (o.w.after[*row][at] - slow) / (there - slow)
                        })
                    })
                    .collect();
                let share = solve::median(&shares)?;
                let off = shares
                    .iter()
                    .filter(|it| (*it - share).abs() > 1e-5)
                    .count();
                (off * 10 <= shares.len() && (share - 1.0).abs() > 1e-3)
                    .then(|| (track.name.clone(), share))
            });
        let (name, share) = slow?;
        let share = solve::shortest(share, |it| (it - share).abs() <= 1e-5);
        let failing = iterations(o, &failing);
        let text = format!(
            "w interpolated in iterations {}: it ends at {} of the way from `{name}` to where the rule leads (slow weights, as Lookahead has them)",
            listed(&failing),
            naming::digits(share)
        );
        let rule = "the rule's own step in every iteration";
        let found = Cause::new(CauseKind::Rule, text, rule)
            .in_iterations(failing)
            .with_number(CauseQuantity::Interpolation, share, 1.0);
        Some((vec![found], None))
    }

    /// Names the line of tensors that another rule moves.
    fn other_tensors(
        &self,
        run: &Solved,
        cells: &[usize],
        control: &mut Control,
    ) -> Option<(Vec<Cause>, Option<UpdateLaw>)> {
        let parts = |cells: &mut dyn Iterator<Item = usize>| -> Vec<usize> {
            cells
                .flat_map(|cell| run.law.cells[cell].parts.clone())
                .collect()
        };
        let other = parts(&mut cells.iter().copied());
        let own = parts(&mut (0..run.law.cells.len()).filter(|cell| !cells.contains(cell)));
        let question = update::UpdateQuestion {
            only: Some(other.clone()),
            ..run.question.clone()
        };
        let (found, law) = self.another_rule(&question, &own, &other, control)?;
        Some((vec![found], Some(law)))
    }
}

/// The iterations from `first` on until a line `fails`.
fn held_until(first: u64, fails: Option<u64>) -> Option<IterationRange> {
    fails.filter(|t| *t > first).map(|t| IterationRange {
        from: first,
        to: t - 1,
        every: 1,
    })
}

/// What is left open of a line of w that leads through a part of the tensors and iterations only.
fn in_part(run: &Solved, until: &str, tried: usize, remainder: OpenLine) -> OpenLine {
    let (question, law) = (run.question, run.law);
    let rows = question.rows();
    let leads = |row: &&usize| law.coefficients[**row].iter().all(Option::is_some);
    let (held, all) = (rows.iter().filter(leads).count(), rows.len());
    let of = if law.cells.len() > 1 {
        format!(
            "tensors, iteration by iteration (in all tensors at once in {held} of {all} iterations)"
        )
    } else {
        "iterations".to_owned()
    };
    OpenLine {
        run: naming::terms(run),
        share: Some(Real(law.share)),
        explained: Some((held, all)),
        text: format!(
            "{until}; it is {} in {:.0} % of the {of}, and none of the {tried} forms that were tried leads through the others",
            naming::said(run),
            law.share * 100.0
        ),
        ..remainder
    }
}

/// Where the rule's own line of w holds, from iteration `first` on, until it `fails`.
fn until(first: u64, fails: Option<u64>) -> String {
    match fails {
        Some(t) if t > first => {
            let range = match t - first {
                1 => format!("iteration {first}"),
                _ => format!("iterations {first}-{}", t - 1),
            };
            format!("the line of `w` is the rule's in {range} and fails at t = {t} first")
        }
        _ => "the line of `w` is not the rule's from the first iteration on".to_owned(),
    }
}

/// Says of decay in the gradient that the rule's own besides is there as well, where all of a run is explained; `rule` is the
/// rule's line.
fn taken_twice(causes: &mut [Cause], rule: Option<&UpdateLaw>) {
    let coupled = causes
        .iter()
        .position(|it| it.form == Some(CauseForm::CoupledDecay));
    let apart = rule.is_some_and(|law| law.form.plain.contains(&StepDirection::Parameter));
    let lost = causes.iter().any(|it| it.form == Some(CauseForm::NoDecay));
    if let (Some(at), true) = (coupled, apart && !lost) {
        causes[at].text.run += ", and decoupled besides: the decay is taken twice";
    }
}

/// The cause if the step counter stops, or restarts, at the iteration where `law` ceases to hold.
fn recount(question: &mut update::UpdateQuestion, law: &mut update::UpdateLaw) -> Option<Cause> {
    let rows = question.rows();
    let fails = |row: &usize| law.coefficients[*row].iter().any(Option::is_none);
    let from = rows.iter().position(fails)?;
    let last = *rows.get(from.checked_sub(1)?)?;
    let before = question.count.clone();
    let at = before[last];
    let t = question.observed.t[last];
    for anew in [true, false] {
        question.count = before
            .iter()
            .map(|count| {
                if anew && *count > at {
                    count - at
                } else if anew {
                    *count
                } else {
                    count.min(at)
                }
            })
            .collect();
        let Some(found) = question.law(&law.form, &rows).filter(|it| it.share > 0.97) else {
            continue;
        };
        *law = found;
        #[expect(clippy::cast_precision_loss, reason = "no run reaches 2^53 iterations")]
        let found = if anew {
            naming::counter_restarts(t as f64)
        } else {
            naming::counter_stops(at)
        };
        return Some(found);
    }
    question.count = before;
    None
}
