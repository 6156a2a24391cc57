//! Curves over the iterations: the loss, or anything else with a value at every t.
//!
//! ```text
//!    1e+01 *                    a column stands for many iterations: from its least to its greatest value
//!           **  :               the stretch is filled, so no peak is ever lost
//!    1e-01    **:
//!               :***  *
//!    1e-03      *   **:         labels at round decades, at least two rows apart
//!    1e-06 -----------:-------  the tolerance
//!          t 0    |       117   the iteration shown
//! ```

mod scale;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::contour::dots::{ACROSS, DOWN, Dots};
use super::contour::levels::{linear_label, round_step};
use super::glyphs::Charset;
use super::theme::{Role, Theme};
use scale::Heights;
pub use scale::{Bucket, Scale};

/// The columns of the labels, the blank after them included.
pub const LABELS: u16 = 7;

/// One curve.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// In the order of t. Values that are not finite leave a gap.
    pub buckets: &'a [Bucket],
    /// The lane, for glyph and colour.
    pub lane: usize,
    /// Whether it is what was expected, which is drawn faintly.
    pub expected: bool,
}

/// A diagram of several curves over one stretch of t.
#[derive(Debug, Clone, Copy)]
pub struct Plot<'a> {
    /// The curves; later ones on top.
    pub series: &'a [Series<'a>],
    /// How values become heights.
    pub scale: Scale,
    /// The first and last iteration shown.
    pub t: [f64; 2],
    /// A level drawn as a line across, such as a tolerance; it is kept in sight.
    pub threshold: Option<f64>,
    /// The iteration marked at the upper and at the lower edge.
    pub cursor: Option<f64>,
}

impl Plot<'_> {
    /// Paints labels, threshold, cursor and curves into `area`.
    pub fn paint(&self, area: Rect, buf: &mut Buffer, theme: &Theme, charset: Charset) {
        let area = area.intersection(buf.area);
        let [first, last] = self.t;
        if area.width <= LABELS
            || area.height == 0
            || !(first <= last && (last - first).is_finite())
        {
            return;
        }
        let inner = Rect {
            x: area.x + LABELS,
            width: area.width - LABELS,
            ..area
        };
        let Some(heights) = self.heights() else {
            return;
        };
        self.labels(
            Rect {
                width: LABELS,
                ..area
            },
            heights,
            buf,
            theme.style(Role::Axis),
        );
        let glyphs = charset.glyphs();
        if let Some(height) = self.threshold.and_then(|v| self.scale.height(v)) {
            let y = inner.y + row(heights.depth(height), inner.height);
            for x in inner.left()..inner.right() {
                buf[(x, y)]
                    .set_char(glyphs.curve_threshold)
                    .set_style(theme.style(Role::Threshold));
            }
        }
        if let Some(x) = self.cursor.and_then(|t| self.column(t, inner.width)) {
            // Its two ends only: a whole line would be written anew with every step.
            for y in [inner.top(), inner.bottom() - 1] {
                buf[(inner.x + x, y)]
                    .set_char(glyphs.curve_cursor)
                    .set_style(theme.style(Role::TimePast));
            }
        }
        for series in self.series {
            let role = if series.expected {
                Role::Quiet
            } else {
                Role::Path(series.lane)
            };
            let style = theme.style(role);
            if charset.has_dots() {
                self.dots(series, inner, heights, buf, style);
            } else {
                let lane = glyphs.lanes[series.lane % glyphs.lanes.len()];
                let marks = if series.expected {
                    [glyphs.curve_expected; 2]
                } else {
                    [lane, glyphs.curve_between]
                };
                self.strokes(series, inner, heights, buf, style, marks);
            }
        }
    }

    /// What the curves and the threshold span, a little widened; `None` where there is nothing to draw.
    fn heights(&self) -> Option<Heights> {
        let curves = self
            .series
            .iter()
            .flat_map(|s| s.buckets)
            .filter_map(|b| self.scale.stretch(*b))
            .flatten();
        let threshold = self.threshold.and_then(|v| self.scale.height(v));
        let (low, high) = curves
            .chain(threshold)
            .fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return None;
        }
        let middle = 0.5 * low + 0.5 * high;
        let least = if self.scale == Scale::Log {
            1.0
        } else {
            (1e-9 * middle.abs()).max(1e-300)
        };
        let half = (0.5 * high - 0.5 * low).max(0.5 * least).min(1e300);
        Some(Heights {
            low: middle - half,
            high: middle + half,
        })
    }

    /// Round heights, at least two rows apart.
    fn labels(&self, area: Rect, heights: Heights, buf: &mut Buffer, style: Style) {
        let rows = f64::from(area.height.max(2)) / 2.0;
        let rough = round_step((heights.high - heights.low) / rows);
        let step = if self.scale == Scale::Log {
            rough.max(1.0)
        } else {
            rough
        };
        let first = (heights.low / step - 1e-9).ceil();
        let mut taken = None;
        for height in (0_i32..200)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|&h| h <= heights.high + 1e-9 * step)
        {
            let y = area.y + row(heights.depth(height), area.height);
            if taken == Some(y) {
                continue;
            }
            taken = Some(y);
            let label = match self.scale {
                Scale::Log => format!("1e{height:+03.0}"),
                Scale::Linear => linear_label(height, step),
            };
            let label: String = label.chars().take(usize::from(LABELS - 1)).collect();
            let width = usize::from(LABELS - 1);
            buf.set_stringn(area.x, y, format!("{label:>width$}"), width, style);
        }
    }

    /// The column of an iteration among `width`; `None` outside the stretch.
    fn column(&self, t: f64, width: u16) -> Option<u16> {
        let [first, last] = self.t;
        (first..=last)
            .contains(&t)
            .then(|| row((t - first) / (last - first).max(1e-300), width))
    }

    /// For every column the least and greatest depth of the curve, straight lines between buckets included.
    fn columns(&self, series: &Series, heights: Heights, width: u16) -> Vec<Option<[f64; 2]>> {
        let mut columns: Vec<Option<[f64; 2]>> = vec![None; usize::from(width)];
        let mut widen = |x: u16, ends: [f64; 2]| {
            let column = &mut columns[usize::from(x)];
            let [top, bottom] = column.unwrap_or(ends);
            *column = Some([top.min(ends[0]), bottom.max(ends[1])]);
        };
        let mut before: Option<(u16, [f64; 2])> = None;
        for bucket in series.buckets {
            let stretch = self.scale.stretch(*bucket);
            let seen = bucket.last >= self.t[0] && bucket.first <= self.t[1];
            let Some([low, high]) = stretch.filter(|_| seen) else {
                before = None;
                continue;
            };
            let ends = [heights.depth(high), heights.depth(low)];
            let [from, to] = [bucket.first, bucket.last]
                .map(|t| self.column(t.clamp(self.t[0], self.t[1]), width));
            let (Some(from), Some(to)) = (from, to) else {
                continue;
            };
            if let Some((x, old)) = before {
                let gap = from.saturating_sub(x);
                for i in 1..gap {
                    let part = f64::from(i) / f64::from(gap);
                    let middle = |e: [f64; 2]| 0.5 * (e[0] + e[1]);
                    let depth = middle(old) + part * (middle(ends) - middle(old));
                    widen(x + i, [depth, depth]);
                }
            }
            (from..=to).for_each(|x| widen(x, ends));
            before = Some((to, ends));
        }
        columns
    }

    /// [`Plot::columns`] in whole rows of `height`. Each column reaches to the end of the one before, so that a steep
    /// curve has no holes.
    fn stacks(
        &self,
        series: &Series,
        heights: Heights,
        width: u16,
        height: u16,
    ) -> Vec<Option<[u16; 2]>> {
        let mut before: Option<[u16; 2]> = None;
        let columns = self.columns(series, heights, width).into_iter();
        columns
            .map(|ends| {
                let own = ends.map(|e| e.map(|d| row(d, height)));
                let joined = own.map(|[top, bottom]| {
                    let [above, below] = before.unwrap_or([top, bottom]);
                    [
                        top.min(below.saturating_add(1)),
                        bottom.max(above.saturating_sub(1)),
                    ]
                });
                before = own;
                joined
            })
            .collect()
    }

    fn strokes(
        &self,
        series: &Series,
        area: Rect,
        heights: Heights,
        buf: &mut Buffer,
        style: Style,
        glyphs: [char; 2],
    ) {
        let [mark, between] = glyphs;
        for (x, ends) in (area.x..).zip(self.stacks(series, heights, area.width, area.height)) {
            let Some([top, bottom]) = ends else { continue };
            for y in top..=bottom {
                let glyph = if y == top || y == bottom {
                    mark
                } else {
                    between
                };
                buf[(x, area.y + y)].set_char(glyph).set_style(style);
            }
        }
    }

    fn dots(&self, series: &Series, area: Rect, heights: Heights, buf: &mut Buffer, style: Style) {
        let mut dots = Dots::new(usize::from(area.width), usize::from(area.height));
        let (across, down) = (
            narrow(ACROSS).saturating_mul(area.width),
            narrow(DOWN).saturating_mul(area.height),
        );
        for (x, ends) in self
            .stacks(series, heights, across, down)
            .into_iter()
            .enumerate()
        {
            let Some([top, bottom]) = ends else { continue };
            (top..=bottom).for_each(|y| dots.set(x, usize::from(y)));
        }
        for y in 0..area.height {
            for x in 0..area.width {
                if let Some(glyph) = dots.glyph(usize::from(x), usize::from(y)) {
                    buf[(area.x + x, area.y + y)]
                        .set_char(glyph)
                        .set_style(style);
                }
            }
        }
    }
}

/// The cell at a share of a length; 1 belongs to the last cell.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..length first"
)]
fn row(share: f64, length: u16) -> u16 {
    (share * f64::from(length)).clamp(0.0, f64::from(length.saturating_sub(1))) as u16
}

fn narrow(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
