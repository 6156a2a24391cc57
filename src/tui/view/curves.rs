//! Curves over the iterations: the loss of every lane, or the error along the eigenvectors.
//!
//! ```text
//!   +- loss (log) ---------------------------------+
//!   | 1e+01 *                                      |
//!   |         **::                                 |
//!   | 1e-06 --------::**---------------------------|   the tolerance
//!   +----------------------------------------------+
//! ```

use super::{frame, put};
use crate::{
    format::short,
    tui::{
        app::{App, Curve},
        layout::Pane,
        plot::{Bucket, Plot, Scale, Series},
        theme::Role,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let glyphs = app.charset.glyphs();
    let floor = floor(app);
    let tolerance = app.session.tolerance();
    let title = match app.look.curve {
        Curve::Loss if floor != 0.0 => format!("loss above {} (log)", short(floor)),
        // Decades are those of its size.
        Curve::Loss if has_negative(app) => "|loss| (log)".to_owned(),
        Curve::Loss => "loss (log)".to_owned(),
        Curve::AlphaDecades => format!("|{}| (log)", glyphs.alpha),
        Curve::Alpha => glyphs.alpha.to_owned(),
    };
    let last = horizon(app);
    let inner = frame(app, Pane::Loss, area, &title, &format!("t 0..{last}"), buf);
    #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
    let (t, now) = ([0.0, last as f64], app.session.position().t);
    // Where the run ends the curve does; a line tells only where the past is looked at.
    #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
    let cursor = (now < app.session.lanes().frontier()).then_some(now as f64);
    match app.look.curve {
        Curve::Loss => {
            let buckets: Vec<Vec<Bucket>> = (app.session.lanes().entries().iter())
                .map(|entry| buckets(entry.lane.timeline().loss.spans(), floor))
                .collect();
            let series = series(&buckets, app.session.lanes().focus());
            Plot {
                series: &series,
                scale: Scale::Log,
                t,
                threshold: (floor == tolerance.floor).then_some(tolerance.above),
                cursor,
            }
            .paint(inner, buf, &app.theme, app.charset);
        }
        Curve::Alpha | Curve::AlphaDecades => {
            let curves = app.alpha_curves();
            if curves.is_empty() {
                put(
                    buf,
                    inner,
                    1,
                    0,
                    "no minimum known, so there is no alpha",
                    app.theme.style(Role::Quiet),
                );
                return;
            }
            let mut series = series(curves, usize::MAX);
            // What was expected lies below, and goes on beyond the run.
            let expected = app.expected_curves().iter().map(|buckets| Series {
                buckets,
                lane: 0,
                expected: true,
            });
            series.splice(0..0, expected);
            let scale = if app.look.curve == Curve::Alpha {
                Scale::Linear
            } else {
                Scale::Log
            };
            Plot {
                series: &series,
                scale,
                t,
                threshold: None,
                cursor,
            }
            .paint(inner, buf, &app.theme, app.charset);
        }
    }
}

/// The least loss that is known: curves by decades show how far above it a run is.
fn floor(app: &App) -> f64 {
    let reference = &app.session.lanes().focused().reference;
    match reference.eigenbasis() {
        // A minimum that is 0 up to rounding is 0.
        Some(_) if reference.value.abs() > 1e-12 => reference.value,
        _ => 0.0,
    }
}

fn has_negative(app: &App) -> bool {
    let mut entries = app.session.lanes().entries().iter();
    entries.any(|entry| entry.lane.machine().loss() < 0.0)
}

fn buckets(
    spans: impl Iterator<Item = (u64, u64, crate::debugger::track::Bucket)>,
    floor: f64,
) -> Vec<Bucket> {
    #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
    spans
        .map(|(first, end, bucket)| Bucket {
            first: first as f64,
            last: (end - 1) as f64,
            min: above(bucket.min, floor),
            max: above(bucket.max, floor),
        })
        .collect()
}

/// How far above the floor; what is below it has no decade.
fn above(value: f64, floor: f64) -> f64 {
    if floor == 0.0 {
        value
    } else {
        (value - floor).max(0.0)
    }
}

/// The curves, the one in focus last and so on top.
fn series(buckets: &[Vec<Bucket>], focus: usize) -> Vec<Series<'_>> {
    let mut series: Vec<Series> = (buckets.iter().enumerate())
        .map(|(lane, buckets)| Series {
            buckets,
            lane,
            expected: false,
        })
        .collect();
    series.sort_by_key(|it| it.lane == focus);
    series
}

/// The last iteration that curves and timeline show: a round number, so that they stand still for a while.
pub(in crate::tui) fn horizon(app: &App) -> u64 {
    let frontier = app.session.lanes().frontier();
    let mut decade: u64 = 100;
    loop {
        for round in [1, 2, 5] {
            let horizon = decade.saturating_mul(round);
            if horizon >= frontier {
                return horizon;
            }
        }
        decade = decade.saturating_mul(10);
    }
}
