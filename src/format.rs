//! Numbers as text: the one place where a number becomes what a person, a file or a program reads.
//!
//! | function | gives | for |
//! |---|---|---|
//! | [`exact`] | `0.1`, `1e-320`, `NaN` | what is read back: commands, flags, `print` |
//! | [`shortest`] | `0.1`, `2.0`, `1e-320` | traces: many numbers |
//! | [`short`] | `0.3801`, `1.83e5` | sentences and tables: four significant digits |
//! | [`rounded`] | 0.38 | a number cut to so many digits |
//! | [`significant`] | `0.333333` | constants of losses and rules, to so many digits |
//! | [`column::number`], [`column::scientific`] | ` 1.83e+01` | columns that keep their width |
//! | [`label::height`], [`label::share`], [`label::period`], [`label::growth`] | `1e-5`, `0.031` | pictures and narrow columns |
//! | [`Notation`] | as `{EXPR:.3}` asks | captions of walks |
//! | [`non_finite`] | `NaN`, `-Infinity` | JSON and CSV, which lack these numbers |

pub mod column;
pub mod label;

/// The shortest text that reads back as the same number, without the `.0` of a whole one.
#[must_use]
pub fn exact(value: f64) -> String {
    let mut text = format!("{value:?}");
    if text.ends_with(".0") {
        text.truncate(text.len() - 2);
    }
    text
}

/// Hands the shortest text that reads back as the same number to `put`, in parts: that of `{:?}`, several times as fast.
#[inline]
pub fn shortest(value: f64, mut put: impl FnMut(&str)) {
    let size = value.abs();
    if may_be_tied(value) || size >= 1e16 || size.is_nan() {
        put(&format!("{value:?}"));
        return;
    }
    let mut buffer = zmij::Buffer::new();
    let written = buffer.format_finite(value);
    if !(1e-5..1e-4).contains(&size) {
        put(written);
        return;
    }
    // The two disagree about where exponents begin: 0.000012 is 1.2e-5.
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", written),
    };
    let (first, others) = digits.trim_start_matches("0.0000").split_at(1);
    let point = if others.is_empty() { "" } else { "." };
    for part in [sign, first, point, others, "e-5"] {
        put(part);
    }
}

/// True where two texts may be shortest and equally near: of the form m/2^e with m 5^e of 17 digits.
fn may_be_tied(value: f64) -> bool {
    let bits = value.to_bits();
    let exponent = value.abs().to_bits() >> 52;
    let fraction = bits & ((1 << 52) - 1) | u64::from(exponent > 0) << 52;
    let e = 1075 - exponent.max(1).cast_signed() - i64::from(fraction.trailing_zeros());
    (1..=24).contains(&e)
}

/// A number to four significant digits, as one would write it by hand.
#[must_use]
pub fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    if value == value.trunc() && value.abs() < 1e6 {
        return format!("{value}");
    }
    let size = value.abs();
    if !(1e-4..1e6).contains(&size) {
        let text = format!("{value:.3e}");
        // 1.000e-6 reads better as 1e-6.
        return match text.split_once('e') {
            Some((digits, exponent)) if digits.contains('.') => {
                format!("{}e{exponent}", without_zeros(digits))
            }
            _ => text,
        };
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 7"
    )]
    let decimals = (3.0 - libm::log10(size).floor()).clamp(0.0, 7.0) as usize;
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        without_zeros(&text).to_owned()
    } else {
        text
    }
}

/// The number that `value` is when written to so many significant digits, 1 at least.
#[must_use]
pub fn rounded(value: f64, digits: usize) -> f64 {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    text.parse().unwrap_or(value)
}

/// Decimals without the zeros at their end.
fn without_zeros(decimals: &str) -> &str {
    decimals.trim_end_matches('0').trim_end_matches('.')
}

/// A number rounded to `digits` significant digits (at least one), then written as [`exact`] does.
#[must_use]
pub fn significant(value: f64, digits: usize) -> String {
    let text = format!("{value:.*e}", digits.saturating_sub(1));
    exact(text.parse().unwrap_or(value))
}

/// The name of a number that JSON and CSV lack: `NaN`, `Infinity` or `-Infinity`; none for a finite number.
#[must_use]
pub fn non_finite(value: f64) -> Option<&'static str> {
    if value.is_finite() {
        None
    } else if value.is_nan() {
        Some("NaN")
    } else if value > 0.0 {
        Some("Infinity")
    } else {
        Some("-Infinity")
    }
}

/// A way of writing numbers that a caption asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// As [`short`] does.
    Short,
    /// So many decimals: `.3`.
    Fixed(usize),
    /// So many decimals and a power of ten: `.3e`.
    Scientific(usize),
}

impl Notation {
    /// The most decimals that can be asked for: more than any `f64` needs.
    const MOST: usize = 17;

    /// Reads `.3` or `.1e`; none where `text` is neither.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('.')?;
        let (digits, scientific) = match digits.strip_suffix('e') {
            Some(digits) => (digits, true),
            None => (digits, false),
        };
        let count: usize = digits.parse().ok().filter(|count| *count <= Self::MOST)?;
        Some(if scientific {
            Self::Scientific(count)
        } else {
            Self::Fixed(count)
        })
    }

    /// Writes a number this way.
    #[must_use]
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Short => short(value),
            Self::Fixed(count) => format!("{value:.count$}"),
            Self::Scientific(count) => format!("{value:.count$e}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_whole_number_has_no_point() {
        for (value, text) in [
            (1.0, "1"),
            (-0.0, "-0"),
            (1e15, "1000000000000000"),
            (1e16, "1e16"),
            (0.1, "0.1"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(exact(value), text);
        }
    }

    #[test]
    fn the_shortest_text_changes_its_form_where_debug_does() {
        let edges = [
            0.0,
            1e-5,
            1e-4,
            1e15,
            1e16,
            1e17,
            5e-324,
            f64::MIN_POSITIVE,
            f64::MAX,
        ];
        let around = edges
            .iter()
            .flat_map(|it: &f64| [it.next_down(), *it, it.next_up()]);
        for value in around
            .flat_map(|it| [it, -it])
            .chain([f64::NAN, f64::INFINITY])
        {
            let mut text = String::new();
            shortest(value, |part| text.push_str(part));
            assert_eq!(text, format!("{value:?}"));
        }
    }

    #[test]
    fn four_digits_are_short() {
        for (value, text) in [
            (-0.380_123, "-0.3801"),
            (37.120_4, "37.12"),
            (123_456.7, "123457"),
            (1.83e7, "1.83e7"),
            (1e-6, "1e-6"),
            (0.001, "0.001"),
        ] {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn significant_digits_are_counted_from_the_first() {
        assert_eq!(significant(1.0 / 3.0, 6), "0.333333");
        assert_eq!(significant(123_456_789.0, 6), "123457000");
        assert_eq!(significant(f64::INFINITY, 6), "inf");
    }

    #[test]
    fn a_notation_is_a_point_and_a_count() {
        assert_eq!(Notation::parse(".3"), Some(Notation::Fixed(3)));
        assert_eq!(Notation::parse(".1e"), Some(Notation::Scientific(1)));
        for bad in ["3", ".", ".e", ".18", ".-1", ".3f"] {
            assert_eq!(Notation::parse(bad), None, "{bad}");
        }
        assert_eq!(Notation::Scientific(1).write(1.23e-6), "1.2e-6");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn the_shortest_text_is_that_of_debug(any in any::<f64>(), digits in any::<i64>(), power in -22..22_i32, bits in any::<u64>()) {
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            let decimal = digits as f64 * 10_f64.powi(power - 18);
            for value in [any, decimal, f64::from_bits(bits)] {
                let mut text = String::new();
                shortest(value, |part| text.push_str(part));
                prop_assert_eq!(text, format!("{:?}", value));
            }
        }

        #[test]
        fn exact_text_reads_back_to_the_same_bits(value in any::<f64>()) {
            let read: f64 = exact(value).parse().unwrap();
            prop_assert!(read.to_bits() == value.to_bits() || value.is_nan());
        }
    }
}
