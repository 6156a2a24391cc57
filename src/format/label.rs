//! Numbers as labels of pictures and narrow columns, where characters are few.

use super::short;

/// A round height of a contour line in the fewest characters: `0.03`, `200`, `1e-5`.
#[must_use]
pub fn height(value: f64) -> String {
    if (0.001..100_000.0).contains(&value) {
        format!("{value}")
    } else {
        format!("{value:e}")
    }
}

/// A ratio of two sizes in three digits or so: `0.031`, `12`, `2e5`.
#[must_use]
pub fn share(value: f64) -> String {
    if (1e-3..1e3).contains(&value) {
        let decimals = if value < 10.0 { 3 } else { 0 };
        format!("{value:.decimals$}")
    } else {
        format!("{value:.0e}")
    }
}

/// A period in iterations, two digits of it: where it moves, more would only flicker.
#[must_use]
pub fn period(value: f64) -> String {
    if value < 9.95 {
        format!("{value:.1}")
    } else if value < 99.5 {
        format!("{value:.0}")
    } else if value < 995.0 {
        format!("{:.0}", (value / 10.0).round() * 10.0)
    } else {
        format!("{value:.0e}")
    }
}

/// A factor of growth by iteration: `1.083`, `1.00002`, `2.10e5`.
#[must_use]
pub fn growth(value: f64) -> String {
    if value < 1e4 {
        factor(value, 3)
    } else {
        format!("{value:.2e}")
    }
}

/// A factor with so many decimals, or with as many more as tell it from 1: `0.9487`, `1.000021`.
#[must_use]
pub fn factor(value: f64, decimals: usize) -> String {
    let away = usize::try_from(-decade((value - 1.0).abs())).unwrap_or(0);
    let decimals = match away {
        // Further digits are those of rounding.
        away if away > decimals && away < 15 => away + 1,
        _ => decimals,
    };
    format!("{value:.decimals$}")
}

/// A modulus in four digits, or in as many as tell it from 1.
#[must_use]
pub fn modulus(value: f64) -> String {
    let told = short(value);
    let is_rounded = told == "1" && value.to_bits() != 1.0_f64.to_bits();
    if is_rounded { factor(value, 3) } else { told }
}

/// A multiple of a round step, with as many decimals as the step has.
#[must_use]
pub fn multiple(value: f64, step: f64) -> String {
    let decimals = usize::try_from(-decade(step * 1.000_001)).unwrap_or(0);
    let value = if value.abs() < 0.5 * step { 0.0 } else { value };
    if decimals > 6 && value == 0.0 {
        return "0".to_owned();
    }
    if decimals > 6 || value.abs() >= 1e6 {
        let digits = usize::try_from(decade(value.abs()) - decade(step * 1.000_001)).unwrap_or(0);
        return format!("{value:.digits$e}");
    }
    format!("{value:.decimals$}")
}

/// A multiple of a round step in fewer than `most` characters: with its decimals, else as a whole number and a power of ten.
#[must_use]
pub fn short_multiple(height: f64, step: f64, most: usize) -> String {
    let text = multiple(height, step);
    if text.len() < most {
        return text;
    }
    let mut power = (libm::log10(step) + 1e-9).floor();
    let mut whole = (height / libm::exp10(power)).round();
    while whole != 0.0 && whole % 10.0 == 0.0 {
        whole /= 10.0;
        power += 1.0;
    }
    if whole == 0.0 {
        return "0".to_owned();
    }
    format!("{whole}e{power}")
}

/// A power of ten, or three of them, as short as it may be; a height half-way between two powers counts as three.
#[must_use]
pub fn half_decade(value: f64) -> String {
    let height = libm::log10(value.abs());
    let is_half = (height - height.floor() - 0.5).abs() < 1e-6;
    let three = 3.0 * libm::exp10(height.floor());
    power_of_ten(if is_half {
        three.copysign(value)
    } else {
        value
    })
}

/// A power of ten, or three of them, as short as it may be.
#[must_use]
pub fn power_of_ten(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 {
        return "0".to_owned();
    }
    if (0.999e-3..=1.001e4).contains(&size) {
        let decimals = if size >= 0.999 { 0 } else { 3 };
        let text = format!("{value:.decimals$}");
        if decimals == 0 {
            return text;
        }
        return text.trim_end_matches('0').to_owned();
    }
    format!("{value:.0e}")
}

/// The exponent of the power of ten at or below a height.
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    reason = "the decade of an f64 lies within -324..=308"
)]
pub fn decade(height: f64) -> i32 {
    libm::log10(height.max(1e-300)).floor() as i32
}
