//! The values that a setting may take.

use std::fmt;

/// An interval, a few values, or whole numbers.
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
    /// The whole numbers from `low` to `high`, which may be infinite.
    Whole {
        /// The least of them.
        low: f64,
        /// The largest of them.
        high: f64,
    },
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
            Self::Whole { low, high } => {
                value.is_finite() && value.fract() == 0.0 && (*low..=*high).contains(&value)
            }
        }
    }

    /// True where there is something between any two values: a number that can be solved for step by step.
    #[must_use]
    pub fn is_continuous(&self) -> bool {
        matches!(self, Self::Interval { .. })
    }

    /// The whole numbers of the domain, of a setting that counts.
    #[must_use]
    pub fn of_whole_numbers(self) -> Self {
        let Self::Interval { low, high } = self else {
            return self;
        };
        let (least, most) = (libm::ceil(low.0), libm::floor(high.0));
        let is_out = |(bound, is_included): (f64, bool), end: f64| !is_included && bound == end;
        Self::Whole {
            low: least + f64::from(u8::from(is_out(low, least))),
            high: most - f64::from(u8::from(is_out(high, most))),
        }
    }

    /// Reads `(0, inf)`, `[0, 1)`, `{0, 1}`, or whole numbers: `{1, 2, ...}`, `{0, 1, ..., 99}`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (open, close) = (text.chars().next()?, text.chars().last()?);
        let inner = text.get(1..text.len() - 1)?;
        if (open, close) == ('{', '}') && inner.contains("...") {
            return Self::parse_whole(inner);
        }
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

    /// Reads `1, 2, ...`, `0, 1, ..., 99` or `..., -1, 0, 1, ...`.
    fn parse_whole(inner: &str) -> Option<Self> {
        let number = |text: &&str| {
            let value = text.parse::<f64>().ok();
            value.filter(|it| it.is_finite() && it.fract() == 0.0)
        };
        let mut parts: Vec<&str> = inner.split(',').map(str::trim).collect();
        let is_below = parts.first() == Some(&"...");
        parts.drain(..usize::from(is_below));
        let rest = parts.iter().position(|it| *it == "...")?;
        let shown = parts[..rest].iter().map(number);
        let shown = shown.collect::<Option<Vec<f64>>>()?;
        let high = match &parts[rest + 1..] {
            [] => f64::INFINITY,
            [last] => number(last)?,
            _ => return None,
        };
        let is_counted = shown.windows(2).all(|it| it[1] - it[0] == 1.0);
        let (first, last) = (shown.first()?, shown.last()?);
        let low = if is_below { f64::NEG_INFINITY } else { *first };
        (shown.len() > 1 && is_counted && *last < high).then_some(Self::Whole { low, high })
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
            Self::Whole { low, high } if *low == f64::NEG_INFINITY && *high == f64::INFINITY => {
                write!(f, "{{..., -1, 0, 1, ...}}")
            }
            Self::Whole { low, high } if *low == f64::NEG_INFINITY => {
                write!(f, "{{..., {}, {high}}}", high - 1.0)
            }
            Self::Whole { low, high } if *high == f64::INFINITY => {
                write!(f, "{{{low}, {}, ...}}", low + 1.0)
            }
            Self::Whole { low, high } if high - low < 2.0 => {
                let both = if low == high {
                    String::new()
                } else {
                    format!(", {high}")
                };
                write!(f, "{{{low}{both}}}")
            }
            Self::Whole { low, high } => write!(f, "{{{low}, {}, ..., {high}}}", low + 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_are_read_and_written_alike() {
        for text in ["{1, 2, ...}", "{0, 1, ..., 99}", "{..., -1, 0, 1, ...}"] {
            let domain = Domain::parse(text).unwrap();
            assert_eq!(domain.to_string(), text);
            assert!(domain.contains(2.0) && !domain.contains(2.5), "{text}");
            assert!(!domain.contains(f64::INFINITY) && !domain.contains(f64::NAN));
        }
        assert!(!Domain::parse("{1, 2, ...}").unwrap().contains(0.0));
        assert!(!Domain::parse("{0, 1, ..., 99}").unwrap().contains(100.0));
        for text in [
            "{1, ...}",
            "{1, 3, ...}",
            "{...}",
            "{1, 2.5, ...}",
            "{1, 2, ..., 2}",
            "{1, 2, ..., 5, 6}",
        ] {
            assert_eq!(Domain::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_counts_takes_the_whole_numbers_of_its_interval() {
        let of = |text: &str| Domain::parse(text).unwrap().of_whole_numbers().to_string();
        assert_eq!(of("[0, 100)"), "{0, 1, ..., 99}");
        assert_eq!(of("(0, inf)"), "{1, 2, ...}");
        assert_eq!(of("[0.5, 1.5]"), "{1}");
        assert_eq!(of("{0, 1}"), "{0, 1}");
    }
}
