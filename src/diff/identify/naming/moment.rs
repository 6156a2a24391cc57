//! Differences between the solved line of a buffer and the rule's.

use super::{KnownSettings, digits, formula, line_terms};
use crate::{
    diff::{
        finding::{Cause, CauseForm, CauseKind, CauseQuantity},
        identify::{
            buffer::Law,
            observed::Observed,
            solve::{median, shortest},
            term::BufferTerm,
        },
    },
    format::{exact, rounded},
};

/// A buffer's line in the run, beside the rule's.
struct MomentLine<'a> {
    observed: &'a Observed,
    own: usize,
    run: &'a Law,
    rule: &'a Law,
    known: &'a KnownSettings,
    /// True if gradients enter as they are, and not squared.
    is_linear: bool,
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs())
}

/// The differences between the line of a buffer and the rule's; empty where they have no name.
pub fn of_buffer(
    observed: &Observed,
    own: usize,
    run: &Law,
    rule: &Law,
    known: &KnownSettings,
) -> Vec<Cause> {
    let is_linear = rule.has(BufferTerm::Gradient);
    let it = MomentLine {
        observed,
        own,
        run,
        rule,
        known,
        is_linear,
    };
    let mut causes = Vec::new();
    causes.extend(it.replaced());
    if causes.is_empty() {
        causes.extend(it.kept());
        causes.extend(it.gain());
        causes.extend(it.decay());
        causes.extend(it.rest());
    }
    // A line that reads as the rule's is none of its own.
    let own_line = it.line();
    causes.retain(|cause| cause.text.run != own_line || it.ruled() != formula(observed, own, run));
    let terms = |law: &Law| line_terms(observed, own, law);
    let lined = causes
        .into_iter()
        .map(|cause| cause.in_line(it.name(), terms(run), terms(rule)));
    lined.collect()
}

impl MomentLine<'_> {
    fn name(&self) -> &str {
        &self.observed.buffers[self.own].name
    }

    fn source(&self) -> BufferTerm {
        if self.is_linear {
            BufferTerm::Gradient
        } else {
            BufferTerm::Square
        }
    }

    fn kind(&self) -> CauseKind {
        if self.is_linear {
            CauseKind::Momentum
        } else {
            CauseKind::Scale
        }
    }

    fn ordinal(&self) -> &'static str {
        if self.is_linear { "first" } else { "second" }
    }

    fn line(&self) -> String {
        format!(
            "`{}` = {}",
            self.name(),
            formula(self.observed, self.own, self.run)
        )
    }

    fn ruled(&self) -> String {
        formula(self.observed, self.own, self.rule)
    }

    /// True if the weights of old and new sum to 1.
    fn averages(&self, law: &Law) -> bool {
        (law.of(BufferTerm::Old) + law.of(self.source()) - 1.0).abs() < 1e-6
    }

    /// Something else goes in than the gradient, or its square.
    fn replaced(&self) -> Option<Cause> {
        let mut terms = self.run.terms.iter().copied();
        let name = self.name();
        let (kind, what) = terms.find_map(|term| match term {
            BufferTerm::Magnitude => Some((
                self.kind(),
                format!("`{name}` averaging |g| and not g^2 (the square is missing)"),
            )),
            BufferTerm::SignedSquare => Some((
                self.kind(),
                format!("`{name}` moved by a signed g^2, as Yogi does"),
            )),
            BufferTerm::Deviation(_) | BufferTerm::DeviationOld(_) => Some((
                self.kind(),
                format!("`{name}` averaging the square of g minus its mean, as AdaBelief does"),
            )),
            BufferTerm::Total => Some((
                CauseKind::Gradient,
                "the gradients accumulating: they are never set to zero (zero_grad)".to_owned(),
            )),
            BufferTerm::Pending => Some((
                CauseKind::Gradient,
                "the mean of the gradients since the last update going in".to_owned(),
            )),
            _ => None,
        })?;
        let is_lone = self.run.of(self.source()) == 0.0;
        is_lone.then(|| Cause::new(kind, format!("{what} ({})", self.line()), self.ruled()))
    }

    /// Another share of the old value is kept.
    fn kept(&self) -> Option<Cause> {
        let (kept, wanted) = (self.run.of(BufferTerm::Old), self.rule.of(BufferTerm::Old));
        if near(kept, wanted) {
            return None;
        }
        let setting = if self.is_linear {
            &self.known.first
        } else {
            &self.known.second
        };
        let same_gain = near(self.run.of(self.source()), self.rule.of(self.source()));
        let is_alike = same_gain || self.averages(self.run) == self.averages(self.rule);
        let beta = setting
            .as_ref()
            .filter(|(_, value)| near(*value, wanted) && is_alike && kept != 0.0);
        Some(match beta {
            Some((beta, value)) => Cause::new(
                self.kind(),
                format!("{beta}={} ({})", digits(kept), self.line()),
                format!("{beta}={}", exact(*value)),
            )
            .valued(beta, kept, *value),
            None if kept == 0.0 => Cause::new(
                self.kind(),
                format!(
                    "`{}` set to zero before each update: it is {}",
                    self.name(),
                    formula(self.observed, self.own, self.run)
                ),
                self.ruled(),
            ),
            None => Cause::new(self.kind(), self.line(), self.ruled()),
        })
    }

    /// New values enter with another weight.
    fn gain(&self) -> Option<Cause> {
        let (gain, ruled) = (self.run.of(self.source()), self.rule.of(self.source()));
        let both_average = self.averages(self.run) && self.averages(self.rule);
        if near(gain, ruled) || both_average {
            return None;
        }
        let factor = gain / ruled;
        let line = self.line();
        let rate = self.known.rate.as_ref();
        let rate = rate.filter(|it| near(gain.abs(), it.1 * ruled.abs()));
        let is_slip = self.is_linear
            && self.averages(self.rule)
            && (self.known.second.as_ref()).is_some_and(|it| near(gain, 1.0 - it.1));
        let mut kind = self.kind();
        let mut form = None;
        let mut numbers = Vec::new();
        let what = if gain == 0.0 {
            line
        } else if self.averages(self.run) {
            format!(
                "a {} moment that averages, with the factor {} ({line})",
                self.ordinal(),
                digits(gain)
            )
        } else if self.averages(self.rule) && near(gain, 1.0) {
            format!(
                "a {} moment without the factor {} ({line})",
                self.ordinal(),
                digits(ruled)
            )
        } else if near(factor, -1.0) {
            kind = CauseKind::Gradient;
            format!("the gradient with its sign flipped: the loss is maximised ({line})")
        } else if let Some((lr, value)) = rate {
            let weight = value * factor.signum();
            numbers.push((CauseQuantity::EntryWeight, weight));
            format!(
                "{lr} inside the velocity: `{}` holds g times {} ({line})",
                self.name(),
                digits(weight)
            )
        } else if is_slip {
            format!(
                "g entering `{}` with 1 - beta2 = {} ({line})",
                self.name(),
                digits(gain)
            )
        } else {
            kind = CauseKind::Gradient;
            let (factor, divisor) = self.scaling(factor);
            numbers.push((CauseQuantity::GradientFactor, factor));
            numbers.push((CauseQuantity::GradientDivisor, divisor));
            form = Some(CauseForm::ScaledGradient);
            format!(
                "the gradient scaled by a factor {} (divided by {}): {line}",
                digits(factor),
                digits(divisor)
            )
        };
        let cause = Cause::new(kind, what, self.ruled()).formed(form);
        Some(numbers.into_iter().fold(cause, |cause, (quantity, value)| {
            cause.with_number(quantity, value, None)
        }))
    }

    /// The factor of the gradient and what it is divided by, where the weight that new values enter with has this `factor`: the
    /// roundest of them that leave that weight in the digits which it was solved for.
    fn scaling(&self, factor: f64) -> (f64, f64) {
        let (gain, ruled) = (self.run.of(self.source()), self.rule.of(self.source()));
        let (found, power) = if self.is_linear {
            (factor, 1)
        } else {
            (factor.abs().sqrt(), 2)
        };
        let is_gain = |it: f64| (it.powi(power) * ruled - gain).abs() <= half_a_digit(gain);
        let round = (1..=ROUND).find_map(|digits| {
            let (factor, divisor) = (rounded(found, digits), rounded(1.0 / found, digits));
            let by_divisor = (1.0 / divisor, divisor);
            let both = [(factor, 1.0 / factor), by_divisor];
            both.into_iter().find(|it| is_gain(it.0))
        });
        round.unwrap_or((found, 1.0 / found))
    }

    /// Weight decay in the gradient.
    fn decay(&self) -> Option<Cause> {
        let gain = self.run.of(BufferTerm::Gradient);
        let decay = self.run.of(BufferTerm::Parameter);
        let ruled = self.rule.of(BufferTerm::Parameter);
        if !self.is_linear || near(decay, ruled) || gain == 0.0 {
            return None;
        }
        let amount = shortest(decay / gain, |value| {
            (value * gain - decay).abs() <= 1e-4 * decay.abs()
        });
        let what = if amount < 0.0 {
            "weight decay of the wrong sign in the gradient:"
        } else {
            "weight decay added to the gradient (coupled),"
        };
        let rules = ruled / self.rule.of(BufferTerm::Gradient);
        let rules = if rules == 0.0 {
            "no weight decay there".to_owned()
        } else {
            format!("weight_decay={}", digits(rules))
        };
        let run = format!("{what} weight_decay={} ({})", digits(amount), self.line());
        let form = (amount >= 0.0).then_some(CauseForm::CoupledDecay);
        let found = Cause::new(CauseKind::Decay, run, rules).formed(form);
        Some(self.known.decay_valued(found, amount))
    }

    /// Terms that the rule does not have.
    fn rest(&self) -> Vec<Cause> {
        let usual = [
            BufferTerm::Old,
            self.source(),
            BufferTerm::Parameter,
            BufferTerm::GradientParameter,
            BufferTerm::ParameterSquare,
        ];
        let rest = self.run.terms.iter().filter(|term| !usual.contains(term));
        rest.map(|term| {
            let what = match term {
                BufferTerm::OtherSquare(k) if self.run.of(*term) < 0.0 => format!(
                    "the square of `{}` subtracted from the stored `{}`, which is overwritten by the variance ({})",
                    self.observed.buffers[*k].name,
                    self.name(),
                    self.line()
                ),
                _ => self.line(),
            };
            Cause::new(self.kind(), what, self.ruled())
        })
        .collect()
    }
}

/// The gradient clipped by its norm, from a line whose gain changes, and the gradients that went in.
pub fn of_clipping(observed: &Observed, law: &Law, kept: f64) -> Option<(Cause, Vec<Vec<f64>>)> {
    let varying = law.varying.as_ref()?;
    // A buffer that forgets at another pace has another line altogether.
    if (law.coefficients.first()? - kept).abs() > 1e-6 {
        return None;
    }
    let share = 1.0 - kept;
    let mut factors = vec![f64::NAN; observed.t.len()];
    let mut limits = Vec::new();
    // The largest norm that was left as it is.
    let mut largest = 0.0_f64;
    for row in 0..observed.t.len() {
        let Some(gain) = varying[row].get(1).filter(|_| law.holds[row]) else {
            continue;
        };
        let factor = gain / share;
        let norm = observed.g[row].iter().map(|g| g * g).sum::<f64>().sqrt();
        factors[row] = factor;
        if factor < 1.0 - 1e-6 {
            limits.push(factor * norm);
        } else {
            largest = largest.max(norm);
        }
    }
    let limit = median(&limits)?;
    let near = |it: &&f64| (**it - limit).abs() <= 1e-4 * limit;
    let close = limits.iter().filter(near).count();
    // Of sampled tensors the norm is not known.
    if observed.is_sampled || close * 10 < limits.len() * 9 || largest > limit * (1.0 + 1e-4) {
        return None;
    }
    let limit = shortest(limit, |it| near(&&it));
    let scaled = observed.g.iter().zip(&factors);
    let used = scaled.map(|(g, factor)| g.iter().map(|x| x * factor).collect());
    let text = format!(
        "the gradient clipped by its norm, to {0} (clip={0})",
        digits(limit)
    );
    let cause = Cause::new(CauseKind::Gradient, text, "the gradient as it is");
    let cause = cause.with_number(CauseQuantity::ClippingLimit, limit, None);
    Some((cause, used.collect()))
}

/// Digits of a factor that somebody may have written.
const ROUND: usize = 4;

/// Half a unit in the last digit of a number that was rounded to a few.
fn half_a_digit(value: f64) -> f64 {
    let digits = (1..=9).find(|it| rounded(value, *it).to_bits() == value.to_bits());
    let digits = digits.and_then(|it| i32::try_from(it).ok());
    digits.map_or(0.0, |digits| {
        let place = libm::floor(libm::log10(value.abs())) + 1.0 - f64::from(digits);
        0.500_001 * libm::pow(10.0, place)
    })
}
