//! The size of a variable over the run, as a few bars behind its line.

use super::columns::ListingLayout;
use crate::tui::{app::App, theme::Role, view::frame::put};
use ratatui::{buffer::Buffer, layout::Rect};

/// The size of an element over the run up to now, in a few bars that stay where they are: each stands for the same
/// number of iterations, which is doubled when they are full.
pub(super) fn history(
    app: &App,
    columns: &ListingLayout,
    which: usize,
    y: u16,
    inner: Rect,
    buf: &mut Buffer,
) {
    let Some(cells) = columns.history.checked_sub(1).filter(|cells| *cells > 0) else {
        return;
    };
    let now = app.session.position().t;
    let reached = app.session.lanes().frontier().max(now);
    let each = (reached / u64::from(cells) + 1).next_power_of_two();
    let sizes: Vec<Option<f64>> = (0..u64::from(cells))
        .map(|part| [part * each, (part + 1) * each])
        .map(|[first, end]| {
            let buckets = app.plots.history(which).iter();
            #[expect(clippy::cast_precision_loss, reason = "iterations on the screen")]
            let within =
                buckets.filter(|it| it.last >= first as f64 && it.first < end.min(now + 1) as f64);
            let sizes = within.map(|it| it.min.abs().max(it.max.abs()));
            sizes.filter(|it| it.is_finite()).reduce(f64::max)
        })
        .collect();
    let most = sizes
        .iter()
        .flatten()
        .fold(0.0, |most: f64, it| most.max(*it));
    let levels = app.charset.glyphs().history_sizes;
    let bars: String = sizes
        .into_iter()
        .map(|size| match size {
            Some(size) if most > 0.0 => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "from 0 to 3"
                )]
                let level = (4.0 * size / most).ceil().clamp(1.0, 4.0) as usize - 1;
                levels[level]
            }
            _ => ' ',
        })
        .collect();
    let x = inner.width.saturating_sub(cells);
    put(buf, inner, x, y, &bars, app.theme.style(Role::Quiet));
}
