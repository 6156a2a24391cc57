//! What factors that were solved for in each iteration have in common: a norm that nothing goes beyond, a decay of w.

use super::{FreeNumber, FreeValues, Hypothesis, LocatedSearch, Place, SolvedStep};
use crate::{
    diff::{
        finding::{CauseKind, CauseQuantity},
        rule_pattern::RATES,
    },
    format::{exact, rounded},
};

/// What libraries add to the norm that they divide by: nothing, or what tells in small norms alone.
const DIVISORS: [f64; 2] = [0.0, 1e-6];
/// The share by which norms that are one may be off.
const OF_GRADIENTS: f64 = 1e-5;
/// The same of steps, which are differences of rounded numbers.
const OF_STEPS: f64 = 1e-4;

impl LocatedSearch<'_> {
    /// What the factors of `number` that were solved for come of, if that is a norm or a decay.
    pub(super) fn limit(
        &self,
        number: FreeNumber,
        solved: &[SolvedStep],
        by_step: &[f64],
    ) -> Option<Hypothesis> {
        let values = (number, FreeValues::ByStep(by_step.to_vec()));
        let (kind, run_has, rule_has, quantity, values) = match number {
            FreeNumber::GradientFactor => {
                let of_norms = |norms: &[f64]| {
                    DIVISORS.into_iter().find_map(|more| {
                        let after = |it: &SolvedStep| it.value * (norms[it.step] + more);
                        self.norm(norms, after, solved, by_step, OF_GRADIENTS)
                    })
                };
                let norms = self.norms(|step| self.rows.gradient_norm(step));
                let (of, (limit, how)) = match of_norms(&norms) {
                    Some(found) => (String::new(), found),
                    None => self.some_tensors().find_map(|(name, tensors)| {
                        let norm = |step| self.rows.norm_of(&tensors, step).unwrap_or(f64::NAN);
                        let found = of_norms(&self.norms(norm))?;
                        Some((format!(" by the norm of {name} alone"), found))
                    })?,
                };
                let text = format!("the gradient {how} a norm of {}{of}", exact(limit));
                let quantity = (CauseQuantity::ClippingLimit, limit);
                let rule = "the recorded gradient";
                (CauseKind::Gradient, text, rule, quantity, values)
            }
            FreeNumber::StepFactor => {
                let norms = self.norms(|step| self.rows.step_norm(step));
                let after = |it: &SolvedStep| norms[it.step];
                let (limit, how) = self.norm(&norms, after, solved, by_step, OF_STEPS)?;
                let text = format!("the step {how} a norm of {}", exact(limit));
                let quantity = (CauseQuantity::StepNorm, limit);
                let rule = "the step as its lines make it";
                (CauseKind::Order, text, rule, quantity, values)
            }
            FreeNumber::WeightFactor(place) => self.decay(place, solved)?,
            _ => return None,
        };
        Some(Hypothesis {
            free: Some(values),
            solved: solved.to_vec(),
            quantity: Some(quantity),
            // A setting, and a limit, are likelier.
            fitted: if matches!(number, FreeNumber::WeightFactor(_)) {
                3
            } else {
                1
            },
            ..Hypothesis::new(kind, run_has, rule_has)
        })
    }

    /// Tensors that are not all, whose norm somebody may have taken for that of all: those of a group, and each one. None where they
    /// are not looked at whole.
    fn some_tensors(&self) -> impl Iterator<Item = (String, Vec<usize>)> {
        let tensors = &self.rows.tensors;
        let is_whole = self.rows.width() == self.rows.dimension;
        let mut groups: Vec<usize> = tensors.iter().filter_map(|it| it.group).collect();
        groups.sort_unstable();
        groups.dedup();
        let groups = groups.into_iter().map(|group| {
            let own = (0..tensors.len()).filter(|at| tensors[*at].group == Some(group));
            (format!("group {}", group + 1), own.collect::<Vec<usize>>())
        });
        let each = (0..tensors.len()).map(|at| (tensors[at].name.clone(), vec![at]));
        let some = groups.filter(|it| (2..tensors.len()).contains(&it.1.len()));
        some.chain(each).filter(move |_| is_whole)
    }

    fn norms(&self, of: impl Fn(usize) -> f64) -> Vec<f64> {
        (0..self.rows.steps()).map(of).collect()
    }

    /// The one norm that is left in the steps that were solved for, where those of all the others are within it; and in words what
    /// keeps to it. `norms` are what was recorded.
    fn norm(
        &self,
        norms: &[f64],
        left: impl Fn(&SolvedStep) -> f64,
        solved: &[SolvedStep],
        by_step: &[f64],
        share: f64,
    ) -> Option<(f64, &'static str)> {
        let left = solved.iter().map(left);
        let (low, high) = left.fold((f64::INFINITY, 0.0_f64), |it, norm| {
            (it.0.min(norm), it.1.max(norm))
        });
        let is_one = low > 0.0 && high - low <= share * high;
        let limit = rounded(high, if share > OF_GRADIENTS { 4 } else { 5 });
        let is_below =
            |step: usize| !norms[step].is_finite() || norms[step] <= limit * (1.0 + share);
        let mut others = (0..self.rows.steps()).filter(|step| by_step[*step].is_nan());
        // In a few iterations alone a limit is one where somebody may have written it.
        let is_told = solved.len() > 2 && others.all(is_below);
        let is_written = (limit - rounded(limit, 2)).abs() <= 1e-9 * limit;
        let is_clipped = solved.iter().all(|it| it.value < 1.0);
        let is_scaled = solved.len() == norms.len() && solved.len() > 2;
        if !is_one || !(is_told || is_written) || !(is_clipped || is_scaled) {
            return None;
        }
        Some((
            limit,
            if is_clipped {
                "clipped to"
            } else {
                "scaled to"
            },
        ))
    }

    /// A decay that the factors of w are: by a share of its own, or by one of the rate.
    #[expect(clippy::type_complexity, reason = "the parts of a hypothesis")]
    fn decay(
        &self,
        place: Place,
        solved: &[SolvedStep],
    ) -> Option<(
        CauseKind,
        String,
        &'static str,
        (CauseQuantity, f64),
        (FreeNumber, FreeValues),
    )> {
        let rate = self.rates();
        let of_one = |it: &SolvedStep| (1.0 - it.within.1, 1.0 - it.within.0);
        let of_all = meet(solved.iter().map(of_one));
        let of_rate = rate.as_ref().and_then(|(_, values)| {
            let own = solved.iter().filter(|it| values[it.step] > 0.0);
            let share = |it: &SolvedStep| {
                let rate = values[it.step];
                let (low, high) = of_one(it);
                (low / rate, high / rate)
            };
            meet(own.map(share))
        });
        let digits = |it: f64| exact(it).len();
        let amount = match (of_all, of_rate) {
            (Some(one), Some(other)) => digits(one) <= digits(other),
            (one, _) => one.is_some(),
        };
        let side = match place {
            Place::Before => "before",
            Place::After => "after",
        };
        let number = FreeNumber::WeightFactor(place);
        let (text, quantity, values) = if amount {
            let factor = 1.0 - of_all?;
            let factor = rounded(factor, 9);
            let text = format!("w multiplied by {} {side} the step", exact(factor));
            let quantity = (CauseQuantity::WeightFactor, factor);
            (text, quantity, FreeValues::Constant(factor))
        } else {
            let (name, values) = rate?;
            let share = of_rate?;
            let text = format!(
                "w multiplied by 1 - {}*{name} {side} the step (decoupled weight decay)",
                exact(share)
            );
            let by_step = values.iter().map(|rate| 1.0 - share * rate).collect();
            let quantity = (CauseQuantity::WeightDecay, share);
            (text, quantity, FreeValues::ByStep(by_step))
        };
        if quantity.1 == 0.0 {
            return None;
        }
        let rule = "no such factor";
        Some((CauseKind::Decay, text, rule, quantity, (number, values)))
    }

    /// The name of the rate, and its stated value in every step, where it is one for all tensors.
    fn rates(&self) -> Option<(String, Vec<f64>)> {
        let rule = &self.rules[0];
        let mut settings = rule.settings.iter();
        let at = settings.position(|it| RATES.contains(&it.name.as_str()))?;
        let stated = (0..self.rows.steps()).map(|step| {
            let to = &self.rows.frames[step + 1];
            let values = rule.stated(at, to.t, to, &self.rows);
            let first = *values.first()?;
            let is_one = values.iter().all(|it| it.to_bits() == first.to_bits());
            is_one.then_some(first)
        });
        let values: Option<Vec<f64>> = stated.collect();
        Some((rule.settings[at].name.clone(), values?))
    }

    /// True if the rule leads through an iteration between any two that it does not lead through: what w was set back to then is not
    /// where the iteration began.
    pub(super) fn is_apart(&self) -> bool {
        let steps = &self.rows.anew;
        steps.first().is_some_and(|it| *it > 0) && steps.windows(2).all(|it| it[1] > it[0] + 1)
    }

    /// True unless `number` is the decay of an average that was w itself wherever it was written: then it is one of the rate.
    pub(super) fn is_average(&self, number: FreeNumber, solved: &[SolvedStep]) -> bool {
        let FreeNumber::Average(late) = number else {
            return false;
        };
        solved.iter().any(|it| {
            let average = self.rows.average(it.step, it.value, late);
            average.is_some_and(|average| average != self.rows.frames[it.step].values[0])
        })
    }
}

/// The number with the fewest digits that lies within all of these.
fn meet(within: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (low, high) = within.fold((f64::NEG_INFINITY, f64::INFINITY), |met, it| {
        (met.0.max(it.0), met.1.min(it.1))
    });
    (low <= high && low.is_finite() && high.is_finite()).then(|| super::free::short((low, high)))
}
