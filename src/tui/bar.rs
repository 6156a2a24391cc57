//! A signed bar around zero, and the short history beside it: how an error along one eigenvector rings and dies away.
//!
//! ```text
//!   alpha -0.371   =====|          A V A V ^ v ^ v " , ' .
//!                  ^ the bar changes side with the sign; its length counts decades,
//!                    so a damped oscillation is seen to shrink at a steady pace
//! ```

use super::glyphs::Glyphs;

/// The decades that a bar or a history spans: from `floor`, where nothing shows, to `full`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decades {
    floor: f64,
    full: f64,
}

impl Decades {
    /// From `count` decades below `full` up to `full`; a `full` that is no positive number counts as 1.
    #[must_use]
    pub fn below(full: f64, count: u8) -> Self {
        let full = if full > 0.0 && full.is_finite() {
            libm::log10(full)
        } else {
            0.0
        };
        Self {
            floor: full - f64::from(count.max(1)),
            full,
        }
    }

    /// The share of the scale that a value reaches: 0 at the floor, 1 at full, more above.
    #[must_use]
    pub fn reach(&self, value: f64) -> f64 {
        ((libm::log10(value.abs()) - self.floor) / (self.full - self.floor)).max(0.0)
    }
}

/// A bar of exactly `width` cells: zero in the middle, positive to the right. A value that is not a number has none.
///
/// ```
/// use eigenstep::tui::{bar::{bar, Decades}, glyphs::ASCII};
/// let scale = Decades::below(1.0, 4);
/// assert_eq!(bar(1.0, 9, scale, &ASCII), "    |====");
/// assert_eq!(bar(-0.01, 9, scale, &ASCII), "  ==|    ");
/// ```
#[must_use]
pub fn bar(value: f64, width: u16, scale: Decades, glyphs: &Glyphs) -> String {
    let width = usize::from(width);
    let half = width.saturating_sub(1) / 2;
    let mut cells = vec![glyphs.bar_track; width];
    if let Some(centre) = cells.get_mut(half) {
        *centre = glyphs.bar_centre;
    }
    if half == 0 || value == 0.0 || value.is_nan() {
        return cells.into_iter().collect();
    }
    let reach = scale.reach(value);
    let length = steps(reach, half).min(half);
    let (from, edge, side) = if value < 0.0 {
        (half - length, 0, 0)
    } else {
        (half + 1, half + half, 1)
    };
    cells[from..from + length].fill(glyphs.bar_fill);
    if reach > 1.0 + 1e-9 {
        cells[edge] = glyphs.bar_over[side];
    }
    cells.into_iter().collect()
}

/// The last `width` values, oldest left, one cell each: which half of the cell is inked tells the sign, how much of it
/// the size, a quarter of the scale a step.
#[must_use]
pub fn history(values: &[f64], width: u16, scale: Decades, glyphs: &Glyphs) -> String {
    let shown = &values[values.len().saturating_sub(usize::from(width))..];
    shown.iter().map(|&v| mark(v, scale, glyphs)).collect()
}

fn mark(value: f64, scale: Decades, glyphs: &Glyphs) -> char {
    if value.is_nan() {
        return glyphs.history_hole;
    }
    let signs = if value < 0.0 {
        &glyphs.history_below
    } else {
        &glyphs.history_above
    };
    match steps(scale.reach(value), signs.len()) {
        0 => glyphs.history_none,
        n => signs[n.min(signs.len()) - 1],
    }
}

/// A reach in whole steps, rounded up, so that whatever lies above the floor shows.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped first"
)]
fn steps(reach: f64, count: usize) -> usize {
    let count = count.min(10_000);
    (reach.min(1.0) * super::contour::to_f64(count) - 1e-9)
        .ceil()
        .max(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::glyphs::{ASCII, UNICODE};
    use proptest::prelude::*;

    /// Gradient descent at `eta_opt` on kappa = 100: the steep component keeps its size times 0.98 and flips each step.
    #[test]
    fn the_bar_changes_sides_with_the_sign() {
        let scale = Decades::below(1.0, 4);
        assert_eq!(bar(-0.6, 17, scale, &ASCII), "========|        ");
        assert_eq!(bar(0.588, 17, scale, &ASCII), "        |========");
        assert_eq!(bar(0.0, 17, scale, &ASCII), "        |        ");
        assert_eq!(bar(1e-4, 17, scale, &ASCII), "        |        ");
        assert_eq!(bar(1.1e-4, 17, scale, &ASCII), "        |=       ");
        assert_eq!(bar(-30.0, 9, scale, &ASCII), "<===|    ");
    }

    #[test]
    fn damping_is_seen() {
        let ringing: Vec<f64> = (0..16).map(|t| (-0.5_f64).powi(t)).collect();
        assert_eq!(
            history(&ringing, 15, Decades::below(1.0, 4), &ASCII),
            r#"VAV^v^,",'.'.--"#
        );
    }

    proptest! {
        #[test]
        fn a_bar_fills_its_width(v in any::<f64>(), width in 0_u16..60, full in any::<f64>(), count in any::<u8>()) {
            for glyphs in [&ASCII, &UNICODE] {
                let scale = Decades::below(full, count);
                prop_assert_eq!(bar(v, width, scale, glyphs).chars().count(), usize::from(width));
                prop_assert_eq!(history(&[v, -v, 0.0], width, scale, glyphs).chars().count(), usize::from(width.min(3)));
            }
        }

        #[test]
        fn a_larger_error_has_no_shorter_bar(a in -6.0..1.0_f64, b in -6.0..1.0_f64) {
            let length = |e: f64| {
                let text = bar(10_f64.powf(e), 41, Decades::below(1.0, 5), &ASCII);
                text.chars().filter(|&c| c != ' ').count()
            };
            prop_assert!((a > b) || length(a) <= length(b));
        }
    }
}
