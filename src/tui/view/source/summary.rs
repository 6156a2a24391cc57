//! A vector summed up: its norm, its quantiles, and a histogram of its elements.
//!
//! ```text
//!     norm  median     max     min   spread
//!   0.3646 -0.0021  0.1914 -0.2315  .:|' .     a bar for each eighth of the stretch from min to max
//! ```

use super::columns::ListingLayout;
use crate::{
    lang::matrix::order,
    tui::{app::App, theme::Role, view::frame::put},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The names of the columns, the most telling first.
pub(super) const NAMES: [&str; 6] = ["norm", "median", "max", "min", "q90", "q10"];
/// Cells of the histogram.
pub(super) const BINS: usize = 8;

/// The numbers of [`NAMES`].
pub(super) fn numbers(values: &[f64]) -> [f64; 6] {
    let mut sorted = values.to_vec();
    order::sort(&mut sorted);
    let norm = values.iter().map(|value| value * value).sum::<f64>().sqrt();
    let at = |share: f64| order::at_share(&sorted, share);
    [norm, at(0.5), at(1.0), at(0.0), at(0.9), at(0.1)]
}

/// The number of elements in each eighth of the stretch that they span, as bars at the right.
pub(super) fn histogram(
    app: &App,
    columns: &ListingLayout,
    values: &[f64],
    y: u16,
    inner: Rect,
    buf: &mut Buffer,
) {
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let (low, high) = finite().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if columns.history == 0 || low > high {
        return;
    }
    let mut counts = [0_usize; BINS];
    for value in finite() {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "one of a few bins"
        )]
        let bin = ((value - low) / (high - low) * BINS as f64) as usize;
        counts[bin.min(BINS - 1)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let levels = app.charset.glyphs().history_sizes;
    let bars: String = counts
        .iter()
        .map(|count| match count {
            0 => ' ',
            count => levels[(count * levels.len()).div_ceil(most).clamp(1, levels.len()) - 1],
        })
        .collect();
    let x = inner.width.saturating_sub(u16::try_from(BINS).unwrap_or(0));
    put(buf, inner, x, y, &bars, app.theme.style(Role::Quiet));
}
