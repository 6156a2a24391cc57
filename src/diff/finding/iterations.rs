//! Ranges of iterations, and how they are told.

use schemars::JsonSchema;
use serde::Serialize;

/// Most ranges that a sentence lists.
const MOST: usize = 6;

/// Iterations from one to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct IterationRange {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// The distance from one to the next: 1 where all between the two are meant.
    pub every: u64,
}

impl IterationRange {
    /// The ranges that `iterations` make, which ascend; one range with a larger distance where all of at least
    /// four single ones have it.
    pub(in crate::diff) fn of(iterations: impl IntoIterator<Item = u64>) -> Vec<Self> {
        let mut ranges: Vec<Self> = Vec::new();
        for t in iterations {
            match ranges.last_mut() {
                Some(last) if last.to + 1 == t => last.to = t,
                _ => ranges.push(Self {
                    from: t,
                    to: t,
                    every: 1,
                }),
            }
        }
        let single = ranges.iter().all(|it| it.from == it.to);
        let mut steps = ranges.windows(2).map(|pair| pair[1].from - pair[0].from);
        let step = steps.next();
        if let ([first, .., last], true, Some(every)) = (ranges.as_slice(), single, step)
            && ranges.len() > 3
            && steps.all(|it| it == every)
        {
            return vec![Self {
                from: first.from,
                to: last.to,
                every,
            }];
        }
        ranges
    }

    /// How many these are.
    pub(in crate::diff) fn count(&self) -> usize {
        let count = (self.to - self.from) / self.every.max(1) + 1;
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    fn text(self) -> String {
        let Self { from, to, every } = self;
        if from == to {
            from.to_string()
        } else if every == 1 {
            format!("{from}-{to}")
        } else {
            let ending = match (every % 10, every % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            let next = from + every;
            format!("{from}, {next}, ... {to} (every {every}{ending})")
        }
    }
}

/// `1-40, 43, 50-60`
pub(in crate::diff) fn listed(ranges: &[IterationRange]) -> String {
    let told: Vec<String> = ranges.iter().take(MOST).map(|it| it.text()).collect();
    let more = match ranges.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more stretches"),
    };
    told.join(", ") + &more
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(iterations: &[u64]) -> String {
        listed(&IterationRange::of(iterations.iter().copied()))
    }

    #[test]
    fn neighbours_make_a_range_and_steady_ones_a_period() {
        assert_eq!(told(&[1, 2, 3, 7, 9, 10]), "1-3, 7, 9-10");
        assert_eq!(told(&[5, 10, 15, 20]), "5, 10, ... 20 (every 5th)");
        assert_eq!(told(&[1, 3, 5, 7]), "1, 3, ... 7 (every 2nd)");
        assert_eq!(told(&[1, 14, 27, 40]), "1, 14, ... 40 (every 13th)");
        assert_eq!(told(&[5, 10, 15]), "5, 10, 15");
        let many: Vec<u64> = (1..9).map(|it| it * it).collect();
        assert_eq!(told(&many), "1, 4, 9, 16, 25, 36 and 2 more stretches");
        assert_eq!(told(&[]), "");
    }
}
