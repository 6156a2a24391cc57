//! The values that a setting may take.

use std::fmt;

/// An interval, or a few values.
#[derive(Debug, Clone, PartialEq)]
pub enum Domain {
    /// From `low` to `high`; `true` beside a bound includes it.
    Interval {
        /// Lower bound and whether it belongs to the domain.
        low: (f64, bool),
        /// Upper bound and whether it belongs to the domain.
        high: (f64, bool),
    },
    /// One of these.
    Choice(Vec<f64>),
}

impl Domain {
    /// True if `value` belongs to the domain; NaN never does.
    #[must_use]
    #[expect(
        clippy::float_cmp,
        reason = "a choice is one of the listed values exactly"
    )]
    pub fn contains(&self, value: f64) -> bool {
        match self {
            Self::Interval { low, high } => {
                let above = value > low.0 || (low.1 && value == low.0);
                let below = value < high.0 || (high.1 && value == high.0);
                above && below
            }
            Self::Choice(values) => values.contains(&value),
        }
    }

    /// Reads `(0, inf)`, `[0, 1)` or `{0, 1}`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (open, close) = (text.chars().next()?, text.chars().last()?);
        let inner = text.get(1..text.len() - 1)?;
        let values = inner
            .split(',')
            .map(|value| match value.trim() {
                "inf" => Some(f64::INFINITY),
                "-inf" => Some(f64::NEG_INFINITY),
                number => number.parse::<f64>().ok().filter(|value| value.is_finite()),
            })
            .collect::<Option<Vec<f64>>>()?;
        match (open, close, values.as_slice()) {
            ('{', '}', [_, ..]) => Some(Self::Choice(values)),
            ('(' | '[', ')' | ']', &[low, high]) if low <= high => Some(Self::Interval {
                low: (low, open == '['),
                high: (high, close == ']'),
            }),
            _ => None,
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interval { low, high } => {
                let open = if low.1 { '[' } else { '(' };
                let close = if high.1 { ']' } else { ')' };
                write!(f, "{open}{}, {}{close}", low.0, high.0)
            }
            Self::Choice(values) => {
                let values: Vec<String> = values.iter().map(f64::to_string).collect();
                write!(f, "{{{}}}", values.join(", "))
            }
        }
    }
}
