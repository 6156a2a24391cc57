//! Numbers as programs of all sorts write them.

use super::row::Flaw;

/// The number that `text` spells, if it does; one in digits that is too large for 64 bits is none.
#[inline]
pub(super) fn parse(text: &[u8]) -> Option<f64> {
    parse_text(std::str::from_utf8(text).ok()?)
}

/// As [`parse`].
#[inline]
pub(super) fn parse_text(text: &str) -> Option<f64> {
    // Of what the standard parser takes, all is wanted: signs, exponents, `inf`, `infinity`, `nan` in
    // letters of any case.
    let value: f64 = text.parse().ok()?;
    (!value.is_infinite() || !has_digits(text.as_bytes())).then_some(value)
}

fn has_digits(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit)
}

/// What is wrong with `text`, from byte `start` to `end` of its line, where a number is expected.
pub(super) fn flaw(text: &[u8], start: usize, end: usize) -> Flaw {
    let value: Option<f64> = std::str::from_utf8(text)
        .ok()
        .and_then(|it| it.trim().parse().ok());
    if value.is_some_and(f64::is_infinite) {
        return Flaw::new(
            start,
            end,
            "this number is too large: 64 bits end at 1.8e308",
        )
        .help("write `Infinity` where it was infinite; --lenient skips such rows and counts them");
    }
    Flaw::new(start, end, "this is not a number")
}

/// `value` as an iteration's number: whole, from 0.
pub(super) fn iteration(value: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be whole and in range"
    )]
    let whole = value as u64;
    (value >= 0.0 && value <= 2f64.powi(53) && value.fract() == 0.0).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_spellings_are_numbers() {
        for (text, value) in [
            ("1", 1.0),
            ("-2.5e-3", -2.5e-3),
            ("+7", 7.0),
            ("inf", f64::INFINITY),
            ("Infinity", f64::INFINITY),
            ("-inf", f64::NEG_INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(value), "{text}");
        }
        for text in ["NaN", "nan", "-nan"] {
            assert!(parse(text.as_bytes()).is_some_and(f64::is_nan), "{text}");
        }
        for text in ["", "-", "1,5", "0x10", "one", "1e400", "-1e400"] {
            assert_eq!(parse(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn an_iteration_is_whole() {
        assert_eq!(iteration(3.0), Some(3));
        for bad in [-1.0, 0.5, f64::NAN, 1e300] {
            assert_eq!(iteration(bad), None);
        }
    }
}
