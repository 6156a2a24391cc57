//! Numbers in columns of a fixed width, for tables that stand still.
//!
//! Every number takes exactly the width it is given, with a column for the sign, so that a step rewrites digits and
//! nothing else. Which notation is used depends only on the decade of the value, never on its digits:
//!
//! ```text
//!   width 8   -0.3801 is "-0.38010"   -37.12 is "-37.1200"   1.83e5 is " 1.8e+05"   1e-217 is "  1e-217"
//!             fixed for 0 and for 0.001 <= |v| < 10^(width - 3), scientific outside
//! ```

/// The least width: a sign, and `1e-05`.
pub const LEAST: usize = 6;

/// Formats a number in exactly `width` columns (at least [`LEAST`]), as precisely as they allow.
///
/// In 6 columns there is no room for three digits of exponent: `<e-99` and `>e+99` say so.
#[must_use]
pub fn number(value: f64, width: usize) -> String {
    let width = width.max(LEAST);
    let size = value.abs();
    let digits = if size.is_nan() {
        "NaN".to_string()
    } else if size.is_infinite() {
        return format!("{:>width$}", if value > 0.0 { "+inf" } else { "-inf" });
    } else {
        let fixed = size == 0.0 || (size >= 1e-3 && size < ten_to(width - 3));
        let fixed = if fixed {
            fixed_digits(size, width - 1)
        } else {
            None
        };
        fixed.unwrap_or_else(|| scientific_digits(size, width - 1))
    };
    signed(value, &digits, width)
}

/// Formats a number in exactly `width` columns, always in scientific notation: for a loss, which falls through decades.
#[must_use]
pub fn scientific(value: f64, width: usize) -> String {
    let width = width.max(LEAST);
    if value.is_finite() {
        signed(value, &scientific_digits(value.abs(), width - 1), width)
    } else {
        number(value, width)
    }
}

/// Right-aligned, the sign in front of the digits; a number that is negative always says so, zero never does.
fn signed(value: f64, digits: &str, width: usize) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{:>width$}", format!("{sign}{digits}"))
}

/// A number from 0.001 on, in exactly `room` columns; `None` if rounding makes it too long to keep a decimal.
fn fixed_digits(size: f64, room: usize) -> Option<String> {
    let whole = format!("{:.0}", size.trunc()).len();
    let decimals = room.checked_sub(whole + 1).filter(|&d| d > 0)?;
    let text = format!("{size:.decimals$}");
    if text.len() <= room {
        return Some(text);
    }
    // 9.9999 has become 10.000: one decimal less.
    (decimals > 1).then(|| format!("{size:.*}", decimals - 1))
}

/// `d.ddde-XX` in at most `room` columns.
fn scientific_digits(size: f64, room: usize) -> String {
    // Rounding to fewer digits may raise the exponent: take the most digits that fit, down to one.
    for decimals in (0..room.saturating_sub(5)).rev() {
        let text = exponential(size, decimals);
        if text.len() <= room {
            return text;
        }
    }
    let shortest = exponential(size, 0);
    match shortest.len() <= room {
        true => shortest,
        false if size < 1.0 => "<e-99".to_string(),
        false => ">e+99".to_string(),
    }
}

/// Scientific notation with a sign and two digits of exponent at least, as C writes it.
fn exponential(size: f64, decimals: usize) -> String {
    let text = format!("{size:.decimals$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent
        .strip_prefix('-')
        .map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

fn ten_to(power: usize) -> f64 {
    i32::try_from(power).map_or(f64::INFINITY, |p| 10_f64.powi(p))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_column_of_the_listing() {
        let shown = [
            -0.3801,
            -37.12,
            0.0044,
            18.2,
            1.83e5,
            1e-217,
            -2.5e-217,
            0.0,
            -0.0,
            9.999_999_9,
            99_999.99,
        ];
        let lines: Vec<String> = shown.iter().map(|&v| number(v, 8)).collect();
        assert_eq!(
            lines,
            [
                "-0.38010", "-37.1200", " 0.00440", " 18.2000", " 1.8e+05", "  1e-217", " -3e-217",
                " 0.00000", " 0.00000", " 10.0000", " 1.0e+05"
            ]
        );
    }

    #[test]
    fn what_is_not_a_number_says_so() {
        assert_eq!(number(f64::NAN, 8), "     NaN");
        assert_eq!(number(f64::INFINITY, 6), "  +inf");
        assert_eq!(number(f64::NEG_INFINITY, 6), "  -inf");
        assert_eq!(scientific(f64::NAN, 9), "      NaN");
    }

    #[test]
    fn a_loss_falls_through_decades_in_place() {
        assert_eq!(scientific(18.3, 9), " 1.83e+01");
        assert_eq!(scientific(9.996, 9), " 1.00e+01");
        assert_eq!(scientific(4.9e-324, 9), " 4.9e-324");
        assert_eq!(number(1e-217, 6), " <e-99");
        assert_eq!(number(-1e300, 6), "->e+99");
        assert_eq!(number(-1e-5, 6), "-1e-05");
    }

    fn any_size() -> impl Strategy<Value = f64> {
        (-1.0..1.0_f64, -320..300_i32).prop_map(|(m, e)| m * 10_f64.powi(e))
    }

    proptest! {
        #[test]
        fn every_number_fills_its_width(v in prop_oneof![any_size(), any::<f64>()], width in 6_usize..=12) {
            prop_assert_eq!(number(v, width).len(), width);
            prop_assert_eq!(scientific(v, width).len(), width);
        }

        /// From width 7 on, what is shown parses back to within half a unit of its last digit.
        #[test]
        fn what_is_shown_is_near(v in any_size(), width in 7_usize..=12) {
            let text = number(v, width);
            let shown: f64 = text.trim().parse().unwrap();
            let (mantissa, exponent) = text.trim().split_once('e').unwrap_or((text.trim(), "0"));
            let decimals = mantissa.split_once('.').map_or(0, |(_, d)| d.len());
            let unit: f64 = format!("1e{}", exponent.parse::<i64>().unwrap() - i64::try_from(decimals).unwrap()).parse().unwrap();
            prop_assert!((shown - v).abs() <= 0.5001 * unit.max(f64::MIN_POSITIVE), "{v:e} as {text}");
        }

        #[test]
        fn order_survives(a in any_size(), b in any_size(), width in 7_usize..=12) {
            let shown = |v: f64| number(v, width).trim().parse::<f64>().unwrap();
            let (low, high) = (shown(a.min(b)), shown(a.max(b)));
            prop_assert!(low <= high);
        }

        /// Within a decade the notation and the place of the point stay.
        #[test]
        fn digits_do_not_jitter(a in 1.0..9.4_f64, b in 1.0..9.4_f64, e in -300..300_i32, width in 7_usize..=12) {
            let places = |v: f64| {
                let text = number(v * 10_f64.powi(e), width);
                (text.find('.'), text.find('e'), text.len())
            };
            prop_assert_eq!(places(a), places(b));
        }
    }
}
