//! Numbers as labels of pictures and narrow columns, where characters are few.

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

/// A factor of growth by iteration: `1.083`, `2.10e5`.
#[must_use]
pub fn growth(value: f64) -> String {
    if value < 1e4 {
        format!("{value:.3}")
    } else {
        format!("{value:.2e}")
    }
}
