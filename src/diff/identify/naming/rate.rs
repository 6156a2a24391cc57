//! The one factor of a step: a correction, a counter, a rate, groups of tensors, a schedule, a ratio of norms.

use super::{
    KnownSettings,
    corrections::{corrections, count},
    digits,
    solved::{Solved, groups, groups_text},
};
use crate::{
    diff::{
        finding::{Cause, CauseKind, CauseQuantity, CurveSegment, short, words},
        identify::{
            curve::segments,
            solve::{median, shortest},
            step_form::StepDirection,
        },
        number_format::NumberFormat,
    },
    format::exact,
    value::Real,
};

/// The factor of a step whose other directions are the rule's.
pub(super) struct Rate<'a> {
    run: &'a Solved<'a>,
    rule: Option<&'a Solved<'a>>,
    known: &'a KnownSettings,
    stated: &'a KnownSettings,
    name: &'a str,
    lr: f64,
    cells: Vec<usize>,
    series: Vec<(usize, usize, f64)>,
    /// True if the rule's own factor is known throughout.
    is_ruled: bool,
}

impl<'a> Rate<'a> {
    pub fn new(
        run: &'a Solved<'a>,
        rule: Option<&'a Solved<'a>>,
        known: &'a KnownSettings,
        stated: &'a KnownSettings,
    ) -> Self {
        let series = run.series(0);
        let mut rate = Self {
            run,
            rule,
            known,
            stated,
            name: match (&known.rate, &known.rates) {
                (Some((name, _)), _) => name,
                (_, Some(stated)) => &stated.name,
                _ => "lr",
            },
            lr: known.rate.as_ref().map_or(1.0, |it| it.1),
            cells: run.cells(),
            series,
            is_ruled: false,
        };
        let all = rate.series.iter();
        let ruled = all.filter(|it| rate.ruled(it.0, it.1).is_some()).count();
        rate.is_ruled = ruled * 10 > rate.series.len() * 9;
        rate
    }

    /// The differences from the rule's factor, and true if they have a name.
    pub fn causes(&self) -> (Vec<Cause>, bool) {
        let is_the_rules = || {
            self.run
                .stands(&self.cells, 0, |row, cell| self.ruled(row, cell))
        };
        if self.is_ruled && is_the_rules() {
            return (Vec::new(), true);
        }
        let found = self
            .everywhere()
            .or_else(|| self.corrected())
            .or_else(|| self.grouped());
        if let Some(causes) = found {
            return (causes, true);
        }
        if let Some(found) = self.scheduled() {
            return (vec![found], true);
        }
        if let Some(found) = ratio_of_norms(self.run) {
            return (vec![found], true);
        }
        // Beside a factor of the rule that is not known, nothing says that the rate is another.
        if !self.is_ruled {
            return (Vec::new(), false);
        }
        let text = format!(
            "{} times one factor for each iteration and tensor, which has no name",
            self.name
        );
        (vec![self.own(text)], false)
    }

    fn own(&self, text: String) -> Cause {
        if let Some(stated) = &self.known.rates {
            let rule = format!("{}={}", self.name, stated.text);
            let points = self.run.question.observed.t.iter().copied();
            let stated = points.zip(stated.by_row.iter().copied().map(Real));
            return Cause {
                stated: stated.collect(),
                ..Cause::new(CauseKind::Settings, text, rule).of_setting(self.name, f64::NAN)
            };
        }
        Cause::new(
            CauseKind::Settings,
            text,
            format!("{}={}", self.name, exact(self.lr)),
        )
        .of_setting(self.name, self.lr)
    }

    /// Another rate, the same in all iterations and tensors.
    fn constant(&self, value: f64) -> Cause {
        let found = self.own(format!("{}={}", self.name, digits(value)));
        let rule = found.rule.map_or(f64::NAN, |it| it.0);
        found.valued(self.name, value, rule)
    }

    /// What is stated, times one factor.
    fn multiple(&self, times: f64) -> Cause {
        let text = format!("{} {} times what is stated", self.name, digits(times));
        self.own(text)
            .with_number(CauseQuantity::StatedMultiple, times, None)
    }

    /// The run's rate where the rule's factor is taken `times`, in iteration `row`.
    fn rate(&self, row: usize, times: f64) -> f64 {
        match &self.known.rates {
            Some(_) if self.is_ruled => self.known.rate_in(row) * times,
            _ => self.lr * times,
        }
    }

    /// The rule's factor in an iteration and cell.
    fn ruled(&self, row: usize, cell: usize) -> Option<f64> {
        self.rule?.beside(&self.run.law.cells[cell], row, 0)
    }

    /// The factor to compare with.
    fn base(&self, row: usize, cell: usize) -> Option<f64> {
        if self.is_ruled {
            self.ruled(row, cell)
        } else {
            Some(-self.lr)
        }
    }

    fn ratios(&self) -> Vec<(usize, usize, f64)> {
        let ratio = |(row, cell, value): &(usize, usize, f64)| {
            Some((*row, *cell, value / self.base(*row, *cell)?))
        };
        self.series.iter().filter_map(ratio).collect()
    }

    fn fits(&self, cells: &[usize], r: f64) -> bool {
        let value = |row: usize, cell: usize| self.base(row, cell).map(|it| it * r);
        self.run.stands(cells, 0, value)
    }

    fn middle(&self, which: impl Fn(usize) -> bool) -> f64 {
        let ratios = self.ratios();
        let own: Vec<f64> = ratios
            .iter()
            .filter(|it| which(it.1))
            .map(|it| it.2)
            .collect();
        median(&own).unwrap_or(f64::NAN)
    }

    /// A factor that is the same everywhere.
    fn everywhere(&self) -> Option<Vec<Cause>> {
        let r = self.middle(|_| true);
        if !self.fits(&self.cells, r) {
            return None;
        }
        if self.fits(&self.cells, 1.0) {
            return Some(Vec::new());
        }
        let form = &self.run.law.form;
        let decay = form
            .plain
            .iter()
            .position(|it| *it == StepDirection::Parameter);
        let d = decay.and_then(|at| self.run.middle(form.divided.len() + at));
        if let Some(d) = d.filter(|d| *d < 0.0 && self.fits(&self.cells, 1.0 + d)) {
            let amount = shortest(-d / self.lr, |it| {
                (it * self.lr + d).abs() <= 1e-3 * d.abs()
            });
            let text = format!(
                "decoupled weight decay after the step, weight_decay={}",
                digits(amount)
            );
            let found = Cause::new(CauseKind::Decay, text, self.known.decay_text());
            return Some(vec![self.known.decay_valued(found, amount)]);
        }
        if r < 0.0 && self.fits(&self.cells, -1.0) {
            let text = "a step of the opposite sign (uphill: maximize)";
            return Some(vec![Cause::new(
                CauseKind::Gradient,
                text,
                "a step downhill",
            )]);
        }
        let value = self
            .run
            .short(self.lr * r, |it| self.fits(&self.cells, it / self.lr));
        if self.known.rates.is_some() && self.is_ruled {
            return Some(vec![self.multiple(value)]);
        }
        Some(vec![self.constant(value)])
    }

    /// The betas that were found, 0 where there is none.
    fn betas(&self) -> (f64, f64) {
        let beta = |it: &Option<(String, f64)>| it.as_ref().map_or(0.0, |it| it.1);
        (beta(&self.known.first), beta(&self.known.second))
    }

    /// A correction, by the betas that were found or by those that were stated.
    fn corrected(&self) -> Option<Vec<Cause>> {
        self.rule?;
        let beta = |it: &Option<(String, f64)>| it.as_ref().map_or(0.0, |it| it.1);
        let found = self.betas();
        let stated = (beta(&self.stated.first), beta(&self.stated.second));
        let mut betas = vec![found, stated];
        betas.dedup();
        betas
            .into_iter()
            .filter(|it| it.0 > 0.0 || it.1 > 0.0)
            .find_map(|betas| {
                self.corrected_by(betas, betas != found)
                    .or_else(|| self.counted(betas))
            })
    }

    fn corrected_by(&self, (first, second): (f64, f64), is_other: bool) -> Option<Vec<Cause>> {
        let parts = self.run.question.observed.parts.len();
        for it in corrections(first, second, parts) {
            let value = |row: usize, cell: usize| {
                let part = self.run.law.cells[cell].parts.first().copied().unwrap_or(0);
                let within = if it.is_shared {
                    count(part) / count(parts)
                } else {
                    0.0
                };
                -self.lr * (it.factor)(self.run.question.count[row] + within)
            };
            let fits = |r: f64| {
                self.run
                    .stands(&self.cells, 0, |row, cell| Some(r * value(row, cell)))
            };
            if fits(1.0) {
                return Some(if it.is_ruled {
                    Vec::new()
                } else {
                    vec![it.cause()]
                });
            }
            let ratios: Vec<f64> = self
                .series
                .iter()
                .map(|it| it.2 / value(it.0, it.1))
                .collect();
            let r = median(&ratios).unwrap_or(f64::NAN);
            if !fits(r) {
                continue;
            }
            let rate = shortest(self.lr * r, |it| fits(it / self.lr));
            let mut causes = vec![self.constant(rate)];
            if !it.is_ruled {
                causes.insert(0, it.cause());
            } else if is_other {
                let text = format!("corrections by {} and {}", digits(first), digits(second));
                let rule = "corrections by the betas of the moments";
                let (one, two) = self.betas();
                causes.push(
                    Cause::new(CauseKind::Correction, text, rule)
                        .with_number(CauseQuantity::FirstBeta, first, one)
                        .with_number(CauseQuantity::SecondBeta, second, two),
                );
            }
            return Some(causes);
        }
        None
    }

    /// A counter that stops, or that begins anew.
    fn counted(&self, (first, second): (f64, f64)) -> Option<Vec<Cause>> {
        let both =
            |t: f64| -self.lr * (1.0 - libm::pow(second, t)).sqrt() / (1.0 - libm::pow(first, t));
        let counts = &self.run.question.count;
        let last = counts.last().copied()?;
        for &at in counts.iter().filter(|t| **t > 1.0 && **t < last) {
            let quick = self.series.iter().filter(|it| counts[it.0] > at).take(3);
            let (mut anew, mut stopped) = (true, true);
            for (row, _, value) in quick.chain(self.series.last()) {
                let near = |it: f64| (value - it).abs() <= 1e-4 * it.abs();
                anew &= near(both(counts[*row] - at));
                stopped &= near(both(at));
            }
            let again = |row: usize, _: usize| {
                let t = counts[row];
                Some(both(if t > at { t - at } else { t }))
            };
            let found = if anew && self.run.stands(&self.cells, 0, again) {
                counter_restarts(at)
            } else if stopped
                && self
                    .run
                    .stands(&self.cells, 0, |row, _| Some(both(counts[row].min(at))))
            {
                counter_stops(at)
            } else {
                continue;
            };
            return Some(vec![found]);
        }
        None
    }

    /// A rate for each tensor.
    fn grouped(&self) -> Option<Vec<Cause>> {
        let by_cell: Vec<f64> = self
            .cells
            .iter()
            .map(|cell| self.middle(|it| it == *cell))
            .collect();
        let each = |cell: &usize| self.fits(&[*cell], by_cell[*cell]);
        if self.known.rates.is_some() || self.cells.len() < 2 || !self.cells.iter().all(each) {
            return None;
        }
        let short = |cell: &usize| {
            shortest(self.lr * by_cell[*cell], |it| {
                self.fits(&[*cell], it / self.lr)
            })
        };
        let values: Vec<f64> = self.cells.iter().map(short).collect();
        Some(vec![Cause {
            groups: groups(self.run, &values),
            ..self.own(groups_text(self.run, self.name, &values))
        }])
    }

    /// A schedule: one factor for each iteration, times one for each tensor.
    fn scheduled(&self) -> Option<Cause> {
        let observed = self.run.question.observed;
        let is_coarse = observed.coarsest() != NumberFormat::Double;
        let tolerance = if is_coarse { 3e-4 } else { 1e-7 };
        let mut points: Vec<(u64, f64)> = Vec::new();
        let mut spread = vec![Vec::new(); self.cells.len()];
        let ratios = self.ratios();
        for rows in ratios.chunk_by(|a, b| a.0 == b.0) {
            let (row, _, first) = rows[0];
            points.push((observed.t[row], self.rate(row, first)));
            for (_, cell, value) in rows {
                spread[*cell].push(value / first);
            }
        }
        let factors: Vec<f64> = spread
            .iter()
            .map(|it| median(it).unwrap_or(f64::NAN))
            .collect();
        let is_steady = |(values, factor): (&Vec<f64>, &f64)| {
            let far = |it: &&f64| (**it - factor).abs() > 30.0 * tolerance * factor.abs();
            values.iter().filter(far).count() * 20 <= values.len()
        };
        if factors.iter().any(|it| it.is_nan()) || !spread.iter().zip(&factors).all(is_steady) {
            return None;
        }
        // One value beside a stated schedule.
        let middle = median(&points.iter().map(|it| it.1).collect::<Vec<f64>>())?;
        let is_one = |value: f64| {
            let far = |it: &&(u64, f64)| (it.1 - value).abs() > tolerance * value.abs();
            points.iter().filter(far).count() == 0
        };
        let is_even = factors.iter().all(|it| (it - 1.0).abs() <= 1e-3);
        if self.known.rates.is_some() && is_even && is_one(middle) {
            return Some(self.constant(self.run.short(middle, is_one)));
        }
        let subject = format!("{} that follows a schedule: it", self.name);
        let curve = segments(&points, tolerance);
        // A curve without a name is a rate only where nothing else is different.
        let is_alike = self
            .rule
            .is_some_and(|it| it.law.form.divisor == self.run.law.form.divisor);
        if curve.is_none() && (!is_alike || !self.is_ruled || ratio_of_norms(self.run).is_some()) {
            return None;
        }
        let said = curve
            .as_deref()
            .map(|it: &[CurveSegment]| words(&subject, it));
        let mut text = said.unwrap_or_else(|| {
            let some = points.iter().step_by(1 + points.len() / 6);
            let shown: Vec<String> = some
                .map(|(t, value)| format!("{} at t = {t}", short(*value)))
                .collect();
            format!(
                "steps of other lengths, as if {} changed from iteration to iteration ({})",
                self.name,
                shown.join(", ")
            )
        });
        let mut shares = Vec::new();
        if factors.iter().any(|it| (it - 1.0).abs() > 1e-3) {
            let round = |it: &f64| shortest(*it, |x| (x - it).abs() <= 1e-3 * it.abs());
            let values: Vec<f64> = factors.iter().map(round).collect();
            text += ", times ";
            text += &groups_text(self.run, "a factor", &values);
            shares = groups(self.run, &values);
        }
        Some(Cause {
            schedule: points.iter().map(|it| (it.0, Real(it.1))).collect(),
            curve: curve.unwrap_or_default(),
            groups: shares,
            ..self.own(text)
        })
    }
}

/// A counter that begins anew after it was `at`.
pub(in crate::diff::identify) fn counter_restarts(at: f64) -> Cause {
    let text = format!(
        "a step counter that restarts at t = {}: it was reset to zero after t = {at}",
        at + 1.0
    );
    Cause::new(CauseKind::Counter, text, "one that goes on")
        .with_number(CauseQuantity::CounterReset, at, None)
        .with_number(CauseQuantity::CounterRestart, at + 1.0, None)
}

/// A counter that stays at `at`.
pub(in crate::diff::identify) fn counter_stops(at: f64) -> Cause {
    let text = format!("a step counter that stops at {at}: it never goes beyond {at}");
    Cause::new(CauseKind::Counter, text, "one that goes on").with_number(
        CauseQuantity::CounterLimit,
        at,
        None,
    )
}

/// Names layer-wise scaling, where the factor of each tensor and iteration is the ratio of the norms of `w` and of
/// the step's direction.
fn ratio_of_norms(run: &Solved) -> Option<Cause> {
    let observed = run.question.observed;
    if observed.is_sampled {
        return None;
    }
    // |step| / |w| is the same everywhere where the direction is scaled to the norm of w.
    let norm = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let ratio = |(row, cell, _): &(usize, usize, f64)| {
        let places = &run.law.cells[*cell].places;
        let (before, after) = (&observed.w.before[*row], &observed.w.after[*row]);
        norm(&mut places.iter().map(|at| after[*at] - before[*at]))
            / norm(&mut places.iter().map(|at| before[*at]))
    };
    let ratios: Vec<f64> = run.series(0).iter().map(ratio).collect();
    let middle = median(&ratios)?;
    let near = |it: f64| (it - middle).abs() <= 1e-5 * middle;
    let close = ratios.iter().filter(|it| near(**it)).count();
    (close * 10 > ratios.len() * 9).then(|| {
        let ratio = shortest(middle, near);
        let text = format!(
            "a trust ratio: the step of each tensor is scaled to norm(w) over the norm of its direction, times {} (as LAMB does)",
            digits(ratio)
        );
        Cause::new(CauseKind::Rule, text, "one rate for all tensors")
            .with_number(CauseQuantity::TrustRatio, ratio, None)
    })
}
