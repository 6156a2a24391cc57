//! What something else than the optimiser changed between two iterations, and what it looks like.

use super::{
    finding::{IterationRange, listed},
    number_format::NumberFormat,
};
use crate::{
    format::significant,
    lang::{number::is_absent, single::single},
    rule::Tensor,
    value::Real,
};
use schemars::JsonSchema;
use serde::Serialize;
use std::{fmt, ops::Range};

/// Numbers that have to bear out what a change looks like.
const BORNE_OUT: usize = 3;
/// Most tensors that a sentence names.
const MOST_NAMED: usize = 4;

/// Where numbers were changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangePlace {
    /// Before the iterations, by something else than the optimiser.
    #[default]
    Before,
    /// Within the iterations, beside what the rule does.
    Within,
}

/// Numbers of one tensor that were changed between iterations, or within some.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct OutsideChange {
    /// What was changed: the parameters (`w`), a state by the name that it was recorded under, or the gradient (`g`).
    pub field: String,
    /// The tensor; empty where there is one without a name.
    pub tensor: String,
    /// Where it was changed.
    pub place: ChangePlace,
    /// The iterations that began, or ended, with changed numbers.
    pub iterations: Vec<IterationRange>,
    /// The number of elements that were changed at most at once.
    pub elements: usize,
    /// The number of elements of the tensor.
    pub of_elements: usize,
    /// The largest change.
    pub largest: Real,
    /// What it looks like, as far as numbers tell.
    pub pattern: Option<ChangePattern>,
}

/// What changes look like.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ChangePattern {
    /// Numbers beyond a bound are put there.
    Clamp {
        /// The lower bound.
        low: Option<Real>,
        /// The upper bound.
        high: Option<Real>,
    },
    /// Numbers are set to 0.
    Zeroed,
    /// All numbers are multiplied by a factor.
    Factor {
        /// The factor.
        factor: Real,
    },
    /// A constant is added to all numbers.
    Constant {
        /// The constant.
        added: Real,
    },
    /// A multiple of the gradient of the iteration before is added.
    OfGradient {
        /// The factor.
        factor: Real,
    },
    /// Parts whose norm is above a limit are scaled to it.
    NormLimit {
        /// The axis that the parts are counted along, from 1; null where the tensor is one part.
        axis: Option<usize>,
        /// The limit.
        limit: Real,
    },
    /// All numbers are those of earlier iterations.
    PutBack {
        /// The iteration that left them, for each in which they were put back.
        after: Vec<u64>,
    },
    /// One element is another number.
    Element {
        /// Its index, as `[3,4]`.
        index: String,
        /// What it was.
        from: Real,
        /// What it became.
        to: Real,
        /// The bit that differs, from 0, where it is one.
        bit: Option<u32>,
    },
}

impl fmt::Display for ChangePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |it: &Real| significant(it.0, 6);
        match self {
            Self::Clamp {
                low: Some(low),
                high: Some(high),
            } => write!(
                f,
                "it looks like a clamp to [{}, {}]",
                short(low),
                short(high)
            ),
            Self::Clamp { low: Some(low), .. } => {
                write!(f, "it looks like a clamp to at least {}", short(low))
            }
            Self::Clamp { high, .. } => {
                let high = high.as_ref().map_or_else(String::new, short);
                write!(f, "it looks like a clamp to at most {high}")
            }
            Self::Zeroed => f.write_str("what was changed was set to 0"),
            Self::Factor { factor } => write!(f, "multiplied by {}", short(factor)),
            Self::Constant { added } => write!(f, "{} added to each number", short(added)),
            Self::OfGradient { factor } => write!(
                f,
                "it looks like {} times the gradient of the iteration before",
                short(factor)
            ),
            Self::NormLimit { axis: None, limit } => {
                write!(f, "it looks like a limit of {} on its norm", short(limit))
            }
            Self::NormLimit {
                axis: Some(axis),
                limit,
            } => write!(
                f,
                "it looks like a limit of {} on the norm of each {}",
                short(limit),
                match axis {
                    1 => "row".to_owned(),
                    2 => "column".to_owned(),
                    axis => format!("part along axis {axis}"),
                }
            ),
            Self::PutBack { after } => {
                let after: Vec<String> = after.iter().map(|t| format!("t = {t}")).collect();
                write!(f, "the numbers recorded at {}", after.join(", "))
            }
            Self::Element {
                index,
                from,
                to,
                bit,
            } => {
                write!(f, "element {index} from {:?} to {:?}", from.0, to.0)?;
                match bit {
                    Some(63) => f.write_str(": its sign is flipped"),
                    Some(bit) => write!(f, ": bit {bit} of it is flipped"),
                    None => Ok(()),
                }
            }
        }
    }
}

/// Changes in sentences, tensors with the same ones together.
pub(super) fn told(changes: &[OutsideChange]) -> String {
    let mut groups: Vec<(&OutsideChange, Vec<&OutsideChange>)> = Vec::new();
    for it in changes {
        let is_alike = |other: &OutsideChange| {
            let is_element = matches!(it.pattern, Some(ChangePattern::Element { .. }));
            let is_at_once = it.pattern.is_some() || other.iterations == it.iterations;
            let is_there = other.field == it.field && other.place == it.place;
            is_there && other.pattern == it.pattern && is_at_once && !is_element
        };
        match groups.iter_mut().find(|group| is_alike(group.0)) {
            Some(group) => group.1.push(it),
            None => groups.push((it, vec![it])),
        }
    }
    let sentences = groups.iter().map(|(first, all)| {
        let names = all.iter().take(MOST_NAMED).map(|it| it.name());
        let names: Vec<String> = names.collect();
        let more = match all.len().saturating_sub(MOST_NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let largest = all.iter().map(|it| it.largest.0).fold(0.0, f64::max);
        let mut iterations: Vec<u64> = all.iter().flat_map(|it| it.all_iterations()).collect();
        iterations.sort_unstable();
        iterations.dedup();
        let is_once = iterations.len() == 1;
        let place = format!(
            "{}{more} {} iteration{} {}",
            names.join(", "),
            match first.place {
                ChangePlace::Before => "before",
                ChangePlace::Within => "in",
            },
            if is_once { "" } else { "s" },
            listed(&IterationRange::of(iterations)),
        );
        match &first.pattern {
            Some(it @ ChangePattern::Element { .. }) => format!("{place}, {it}"),
            pattern => {
                let largest = significant(largest, 5);
                let is_all = all.iter().all(|it| it.elements == it.of_elements);
                let size = match all.as_slice() {
                    _ if is_all => format!(" (by up to {largest})"),
                    [one] => format!(
                        " (up to {} of {} numbers at once, by up to {largest})",
                        one.elements, one.of_elements
                    ),
                    _ => format!(" (some numbers, by up to {largest})"),
                };
                let pattern = pattern.as_ref();
                let pattern = pattern.map_or_else(String::new, |it| format!(": {it}"));
                format!("{place}{size}{pattern}")
            }
        }
    });
    sentences.collect::<Vec<String>>().join("; ")
}

impl OutsideChange {
    fn name(&self) -> String {
        match (self.field.as_str(), self.tensor.as_str()) {
            ("w", "") => "w".to_owned(),
            ("g", "") => "the gradient".to_owned(),
            ("w" | "g", tensor) => tensor.to_owned(),
            (field, "") => field.to_owned(),
            (field, tensor) => format!("{field}.{tensor}"),
        }
    }

    pub(super) fn all_iterations(&self) -> impl Iterator<Item = u64> + '_ {
        let ranges = self.iterations.iter();
        ranges.flat_map(|it| (it.from..=it.to).step_by(usize::try_from(it.every).unwrap_or(1)))
    }
}

/// Collects the changes of one field, row by row.
#[derive(Debug, Clone)]
pub(super) struct OutsideCollector {
    field: String,
    place: ChangePlace,
    tensors: Vec<ChangedTensor>,
    /// The share of its size by which a number may be off that was worked out rather than recorded.
    noise: f64,
    /// The format of the numbers, once some are known.
    format: Option<NumberFormat>,
}

impl OutsideCollector {
    /// A collector for changes of `field`, whose elements are those of `tensors`. Numbers that were worked out rather than
    /// recorded may be off by the share `noise` of their size.
    pub fn new(field: &str, tensors: &[Tensor], noise: f64) -> Self {
        let tensors = tensors.iter().map(|tensor| ChangedTensor {
            name: tensor.name.clone(),
            shape: tensor.shape.clone(),
            range: tensor.range.clone(),
            ..ChangedTensor::default()
        });
        Self {
            field: field.to_owned(),
            place: ChangePlace::default(),
            tensors: tensors.collect(),
            noise,
            format: None,
        }
    }

    /// The collector for changes that were made at `place`.
    pub fn at(self, place: ChangePlace) -> Self {
        Self { place, ..self }
    }

    /// Takes in that iteration `t` began with `now`, where `was` had been recorded before it; `gradient` is the one that the
    /// iteration before used.
    pub fn row(&mut self, t: u64, was: &[f64], now: &[f64], gradient: Option<&[f64]>) {
        let format = *self
            .format
            .get_or_insert_with(|| NumberFormat::of(was.iter()));
        let slack = (format.slack() * format.unit(), self.noise);
        for tensor in &mut self.tensors {
            let range = tensor.range.clone();
            let g = gradient.and_then(|it| it.get(range.clone()));
            tensor.row(t, &was[range.clone()], &now[range], g, slack, format);
        }
    }

    /// What was found.
    pub fn changes(&self) -> Vec<OutsideChange> {
        let changed = self.tensors.iter().filter(|it| !it.iterations.is_empty());
        let changes = changed.map(|it| OutsideChange {
            field: self.field.clone(),
            place: self.place,
            tensor: it.name.clone(),
            iterations: IterationRange::of(it.iterations.iter().copied()),
            elements: it.elements,
            of_elements: it.range.len(),
            largest: Real(it.largest),
            pattern: it.pattern(),
        });
        let mut changes: Vec<OutsideChange> = changes.collect();
        let clamps = |it: &ChangedTensor| it.clamps();
        let known = self.tensors.iter().filter(|it| !it.iterations.is_empty());
        if let Some(bounds) = known.map(clamps).reduce(Bounds::and).flatten() {
            let is_clamp =
                |it: &OutsideChange| matches!(it.pattern, Some(ChangePattern::Clamp { .. }));
            let is_few = |it: &OutsideChange| {
                let is_element = matches!(it.pattern, Some(ChangePattern::Element { .. }));
                is_element || it.pattern.is_none()
            };
            let fits = |it: &OutsideChange| is_clamp(it) || is_few(it);
            if changes.iter().any(is_clamp) && changes.iter().all(fits) {
                for it in &mut changes {
                    it.pattern = Some(bounds.pattern());
                }
            }
        }
        changes
    }
}

/// The bounds of a clamp.
#[derive(Debug, Clone, Copy)]
struct Bounds {
    low: Option<f64>,
    high: Option<f64>,
}

impl Bounds {
    /// Bounds that are both; none where they contradict each other.
    fn and(a: Option<Self>, b: Option<Self>) -> Option<Self> {
        let both = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a == b).then_some(Some(a)),
            (a, b) => Some(a.or(b)),
        };
        let (a, b) = (a?, b?);
        Some(Self {
            low: both(a.low, b.low)?,
            high: both(a.high, b.high)?,
        })
    }

    fn pattern(self) -> ChangePattern {
        ChangePattern::Clamp {
            low: self.low.map(Real),
            high: self.high.map(Real),
        }
    }
}

/// A guess with one number, as long as it holds.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Guess {
    #[default]
    Open,
    Holds(f64),
    Fails,
}

impl Guess {
    /// Takes in one more value of the number, which is off by at most `slack` of its size.
    fn take(&mut self, value: f64, slack: f64) {
        *self = match *self {
            Self::Open if value.is_finite() => Self::Holds(value),
            Self::Holds(known) if (known - value).abs() <= slack * known.abs().max(value.abs()) => {
                Self::Holds(known)
            }
            _ => Self::Fails,
        };
    }

    fn value(self) -> Option<f64> {
        match self {
            Self::Holds(value) => Some(value),
            Self::Open | Self::Fails => None,
        }
    }
}

#[derive(Debug, Clone, Default)]
struct ChangedTensor {
    name: String,
    shape: Vec<usize>,
    range: Range<usize>,
    iterations: Vec<u64>,
    /// Elements changed at once, and in all.
    elements: usize,
    all: usize,
    largest: f64,
    /// The element that was changed, and from what to what, where it is one.
    single: Option<(usize, f64, f64, NumberFormat)>,
    low: Guess,
    high: Guess,
    /// The smallest and the largest of the numbers that stayed.
    stayed: Option<(f64, f64)>,
    is_zeroed: Guess,
    factor: Guess,
    added: Guess,
    of_gradient: Guess,
    whole: Guess,
    rows: Guess,
    columns: Guess,
}

impl ChangedTensor {
    fn row(
        &mut self,
        t: u64,
        was: &[f64],
        now: &[f64],
        g: Option<&[f64]>,
        (unit, noise): (f64, f64),
        format: NumberFormat,
    ) {
        let slack = unit.max(noise);
        let close = |a: f64, b: f64, size: f64| (a - b).abs() <= noise * size;
        let is_other = |at: &usize| {
            let (a, b) = (was[*at], now[*at]);
            let is_same = a == b || (a.is_nan() && b.is_nan()) || close(a, b, a.abs().max(b.abs()));
            !is_same && !is_absent(a) && !is_absent(b)
        };
        let changed: Vec<usize> = (0..was.len()).filter(is_other).collect();
        let Some(&first) = changed.first() else {
            return;
        };
        self.single =
            (self.all == 0 && changed.len() == 1).then(|| (first, was[first], now[first], format));
        self.iterations.push(t);
        self.elements = self.elements.max(changed.len());
        self.all += changed.len();
        for &at in &changed {
            let off = (now[at] - was[at]).abs();
            self.largest = self
                .largest
                .max(if off.is_nan() { f64::INFINITY } else { off });
            let bound = if now[at] < was[at] {
                &mut self.high
            } else {
                &mut self.low
            };
            bound.take(now[at], slack);
            self.is_zeroed.take(now[at], 0.0);
        }
        let mut is_changed = vec![false; was.len()];
        for at in &changed {
            is_changed[*at] = true;
        }
        for at in (0..was.len()).filter(|at| !is_changed[*at]) {
            let (low, high) = self.stayed.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
            self.stayed = Some((low.min(was[at]), high.max(was[at])));
        }
        self.guess(was, now, g, slack);
        let part = |of: &dyn Fn(usize) -> usize, parts: usize| {
            Self::norms(was, now, &is_changed, of, parts, slack)
        };
        let columns = self.shape.get(1..).map_or(1, |it| it.iter().product());
        let take = |guess: &mut Guess, norms: Option<Vec<f64>>| match norms {
            Some(norms) => norms.into_iter().for_each(|it| guess.take(it, slack)),
            None => *guess = Guess::Fails,
        };
        let all = part(&|_| 0, 1);
        take(&mut self.whole, all);
        if let [rows, _, ..] = self.shape.as_slice() {
            let by_row = part(&|at| at / columns.max(1), *rows);
            let by_column = part(&|at| at % columns.max(1), columns);
            take(&mut self.rows, by_row);
            take(&mut self.columns, by_column);
        }
    }

    /// Guesses of all numbers by one: told by the largest, held against the others.
    fn guess(&mut self, was: &[f64], now: &[f64], g: Option<&[f64]>, slack: f64) {
        let largest = |of: &dyn Fn(usize) -> f64| {
            let known = (0..was.len()).filter(|at| of(*at).is_finite());
            known.max_by(|a, b| of(*a).abs().total_cmp(&of(*b).abs()))
        };
        let holds = |guess: &mut Guess, found: Option<f64>, led: &dyn Fn(usize, f64) -> f64| {
            let known = guess.value().or(found).filter(|_| *guess != Guess::Fails);
            let is_led = |value: f64| {
                (0..was.len()).all(|at| {
                    let size = was[at].abs().max(now[at].abs());
                    is_absent(was[at]) || (led(at, value) - now[at]).abs() <= 2.0 * slack * size
                })
            };
            *guess = match known {
                Some(value) if is_led(value) => Guess::Holds(value),
                _ => Guess::Fails,
            };
        };
        let at = largest(&|at| was[at]);
        holds(
            &mut self.factor,
            at.map(|at| now[at] / was[at]),
            &|at, it| was[at] * it,
        );
        let at = largest(&|at| now[at] - was[at]);
        holds(
            &mut self.added,
            at.map(|at| now[at] - was[at]),
            &|at, it| was[at] + it,
        );
        let Some(g) = g else {
            self.of_gradient = Guess::Fails;
            return;
        };
        let at = largest(&|at| g[at]).filter(|at| g[*at] != 0.0);
        let factor = at.map(|at| (now[at] - was[at]) / g[at]);
        holds(&mut self.of_gradient, factor, &|at, it| {
            was[at] + it * g[at]
        });
    }

    /// The norms that the parts of at least two elements which were changed have got; none where one is not scaled as a whole.
    fn norms(
        was: &[f64],
        now: &[f64],
        is_changed: &[bool],
        of: &dyn Fn(usize) -> usize,
        parts: usize,
        slack: f64,
    ) -> Option<Vec<f64>> {
        let mut sums = vec![(0.0, 0.0, 0.0, false, 0); parts];
        for at in 0..was.len() {
            let sum = &mut sums[of(at)];
            sum.0 += was[at] * was[at];
            sum.1 += was[at] * now[at];
            sum.2 += now[at] * now[at];
            sum.3 |= is_changed[at];
            sum.4 += 1;
        }
        let scaled = |at: usize| {
            let sum = sums[of(at)];
            let off = (was[at] * sum.1 / sum.0 - now[at]).abs();
            !sum.3 || off <= 4.0 * slack * was[at].abs().max(now[at].abs())
        };
        let is_scaled = (0..was.len()).all(scaled) && sums.iter().all(|it| !it.3 || it.4 > 1);
        let norms = sums.iter().filter(|it| it.3).map(|it| f64::sqrt(it.2));
        is_scaled.then(|| norms.collect())
    }

    /// The bounds, where all that was changed was put there, and what stayed is within.
    fn clamps(&self) -> Option<Bounds> {
        let (low, high) = self.stayed.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
        let is_low = self.low.value().is_none_or(|it| low >= it);
        let is_high = self.high.value().is_none_or(|it| high <= it);
        let fails = self.low == Guess::Fails || self.high == Guess::Fails;
        (is_low && is_high && !fails).then(|| Bounds {
            low: self.low.value(),
            high: self.high.value(),
        })
    }

    fn pattern(&self) -> Option<ChangePattern> {
        if let Some((at, from, to, format)) = self.single {
            return Some(ChangePattern::Element {
                index: crate::rule::index(&self.shape, at),
                from: Real(from),
                to: Real(to),
                bit: flipped(from, to, format),
            });
        }
        if self.all < BORNE_OUT {
            return None;
        }
        let real = |guess: Guess| guess.value().map(Real);
        if self.is_zeroed.value() == Some(0.0) {
            return Some(ChangePattern::Zeroed);
        }
        if let Some(factor) = real(self.factor) {
            return Some(ChangePattern::Factor { factor });
        }
        if let Some(added) = real(self.added) {
            return Some(ChangePattern::Constant { added });
        }
        if let Some(factor) = real(self.of_gradient) {
            return Some(ChangePattern::OfGradient { factor });
        }
        if let Some(bounds) = self.clamps() {
            return Some(bounds.pattern());
        }
        let limits = [
            (None, self.whole),
            (Some(1), self.rows),
            (Some(2), self.columns),
        ];
        let limit = limits.iter().find_map(|it| Some((it.0, it.1.value()?)));
        // One norm is no limit yet.
        let limit = limit.filter(|it| self.iterations.len() > 1 || it.0.is_some());
        limit.map(|(axis, limit)| ChangePattern::NormLimit {
            axis,
            limit: Real(limit),
        })
    }
}

/// The bit of a number of `format` that is another in `to` than in `from`, where that is what differs; 63 is the sign.
fn flipped(from: f64, to: f64, format: NumberFormat) -> Option<u32> {
    let is_to = |value: f64| (value - to).abs() <= 4.0 * format.unit() * value.abs().max(to.abs());
    if from != 0.0 && is_to(-from) {
        return Some(63);
    }
    let other = |bit: u32| match format {
        NumberFormat::Double => f64::from_bits(from.to_bits() ^ (1 << bit)),
        _ => f64::from(f32::from_bits(single(from).to_bits() ^ (1 << bit))),
    };
    let bits = if format == NumberFormat::Double {
        63
    } else {
        31
    };
    // What rounding changes as well is no sign of anything.
    let mut found = (8..bits).filter(|bit| is_to(other(*bit)) && !is_to(from));
    found.next_back()
}
