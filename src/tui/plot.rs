//! Curves over the iterations: anything with a value at every t.
//!
//! ```text
//!     100 m                 a column stands for some iterations: from the least to the greatest value
//!          mm  :            the stretch is filled, so no peak is ever lost
//!      10    mm:
//!            :mmm..         labels at round values, the same number of rows apart
//!       1      :   ...      dots: theory, and the run ahead of t
//! ```
//! Two iterates are joined where the curve runs on, not where it turns back at both: a swing is a wave, and a
//! zigzag its two envelopes.

mod axis;
mod scale;

use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::contour::dots::{ACROSS, DOWN, Dots, joined};
use super::glyphs::Charset;
use super::theme::{Role, Theme};
use axis::ValueAxis;
pub use scale::{PlotBucket, ValueScale};

/// The columns of the labels, the blank after them included.
pub const LABELS: u16 = 7;

/// One curve.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// In the order of t. Values that are not finite leave a gap.
    pub buckets: &'a [PlotBucket],
    /// The look.
    pub style: Style,
    /// The character at its values, where there are no dots.
    pub mark: char,
    /// The way in which it is drawn.
    pub stroke: Stroke,
}

/// The way in which a curve is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stroke {
    /// As a line: it was measured.
    Solid,
    /// As points: theory, and what lies ahead.
    Faint,
    /// As the ground between the least and the greatest values.
    Band,
}

/// A diagram of several curves over the iterations.
#[derive(Debug, Clone, Copy)]
pub struct Plot<'a> {
    /// The curves; later ones on top.
    pub series: &'a [Series<'a>],
    /// The heights of values.
    pub scale: ValueScale,
    /// True if zero is in sight whatever the values are.
    pub has_zero: bool,
    /// The first iteration.
    pub from: f64,
    /// The iterations that the width stands for.
    pub span: f64,
    /// A level drawn as a line across, such as a tolerance, where it is in sight.
    pub threshold: Option<f64>,
    /// Iterations at which a curve changes its sign.
    pub crossings: &'a [f64],
}

impl Plot<'_> {
    /// Paints labels, lines and curves into `area`.
    pub fn paint(&self, area: Rect, buf: &mut Buffer, theme: &Theme, charset: Charset) {
        let area = area.intersection(buf.area);
        if area.width <= LABELS || area.height == 0 || !(self.span > 0.0 && self.span.is_finite()) {
            return;
        }
        let inner = Rect {
            x: area.x + LABELS,
            width: area.width - LABELS,
            ..area
        };
        let Some(ends) = self.ends() else {
            return;
        };
        let axis = ValueAxis::fit(self.scale, ends, area.height);
        let width = usize::from(LABELS - 1);
        for (y, label) in axis.ticks() {
            let label: String = label.chars().take(width).collect();
            let label = format!("{label:>width$}");
            buf.set_stringn(area.x, area.y + y, label, width, theme.style(Role::Axis));
        }
        let glyphs = charset.glyphs();
        let signed = self.scale != ValueScale::Log && ends[0] < 0.0 && ends[1] > 0.0;
        let zero = signed.then(|| row(axis.depth(0.0), inner.height));
        let threshold = self.threshold.and_then(|v| self.scale.height(v));
        let threshold = threshold.map(|h| axis.depth(h));
        let threshold = threshold.filter(|depth| (0.0..1.0).contains(depth));
        let lines = [
            (zero, Role::Quiet),
            (threshold.map(|d| row(d, inner.height)), Role::Threshold),
        ];
        for (y, role) in lines {
            let Some(y) = y else { continue };
            for x in (inner.left()..inner.right()).step_by(2) {
                buf[(x, inner.y + y)]
                    .set_char(glyphs.curve_threshold)
                    .set_style(theme.style(role));
            }
        }
        for series in self.series {
            if series.stroke == Stroke::Band {
                self.ground(series, inner, &axis, charset, buf);
            } else if charset.has_dots() {
                self.dots(series, inner, &axis, buf);
            } else {
                let stems = zero.filter(|_| self.has_stems(inner.width));
                self.strokes(series, inner, &axis, stems, glyphs.curve_between, buf);
            }
        }
        if let Some(y) = zero {
            for x in self
                .crossings
                .iter()
                .filter_map(|&t| self.column(t, inner.width))
            {
                buf[(inner.x + x, inner.y + y)]
                    .set_char(glyphs.crossing)
                    .set_style(theme.style(Role::Key));
            }
        }
    }

    /// True if each value is joined to the zero line: of a curve that crosses it, where a column is no more than one
    /// iteration.
    fn has_stems(&self, width: u16) -> bool {
        let measured = self.series.iter().filter(|it| it.stroke == Stroke::Solid);
        let signs =
            |is: fn(&PlotBucket) -> bool| measured.clone().any(|it| it.buckets.iter().any(is));
        self.has_zero
            && self.span <= f64::from(width)
            && signs(|it| it.min < 0.0)
            && signs(|it| it.max > 0.0)
    }

    /// The heights that the curves span, and the threshold where that is near; `None` where there is nothing to draw.
    fn ends(&self) -> Option<[f64; 2]> {
        let curves = self
            .series
            .iter()
            .flat_map(|s| s.buckets)
            .filter_map(|b| self.scale.stretch(*b))
            .flatten();
        let (low, high) = curves.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
        if low > high {
            return None;
        }
        let threshold = self.threshold.and_then(|v| self.scale.height(v));
        let near = if self.scale.has_decades() {
            1.0
        } else {
            0.2 * (high - low)
        };
        let threshold = threshold.filter(|h| (low - near..=high + near).contains(h));
        let [low, high] = threshold.map_or([low, high], |h| [low.min(h), high.max(h)]);
        Some(if self.has_zero {
            [low.min(0.0), high.max(0.0)]
        } else {
            [low, high]
        })
    }

    /// The column of an iteration among `width`; `None` outside the stretch.
    fn column(&self, t: f64, width: u16) -> Option<u16> {
        // An iteration has the middle of its place: where that is a cell wide, a step writes one cell.
        let t = t - self.from;
        (t >= 0.0 && t < self.span).then(|| row((t + 0.5) / self.span, width))
    }

    /// For every column what the curve does there, straight lines between buckets included.
    fn columns(&self, series: &Series, axis: &ValueAxis, width: u16) -> Vec<Option<PlotColumn>> {
        let mut columns: Vec<Option<PlotColumn>> = vec![None; usize::from(width)];
        let mut widen = |x: u16, ends: [f64; 2], joined: bool| {
            let column = &mut columns[usize::from(x)];
            let own = PlotColumn {
                ends,
                joined,
                whole: true,
            };
            *column = Some(column.map_or(own, |known| PlotColumn {
                ends: [known.ends[0].min(ends[0]), known.ends[1].max(ends[1])],
                joined: known.joined,
                whole: known.whole && (joined || ends == known.ends),
            }));
        };
        let joins = joins(series.buckets);
        let mut before: Option<(u16, [f64; 2])> = None;
        for (bucket, joined) in series.buckets.iter().zip(joins) {
            let Some([low, high]) = self.scale.stretch(*bucket) else {
                before = None;
                continue;
            };
            let ends = [axis.depth(high), axis.depth(low)];
            let end = self.from + self.span * (1.0 - 1e-9);
            let last = bucket.last.min(end).max(bucket.first);
            let (Some(from), Some(to)) =
                (self.column(bucket.first, width), self.column(last, width))
            else {
                before = None;
                continue;
            };
            let joined = joined && before.is_some();
            if let Some((x, old)) = before.filter(|_| joined) {
                let gap = from.saturating_sub(x);
                for i in 1..gap {
                    let part = f64::from(i) / f64::from(gap);
                    let middle = |e: [f64; 2]| 0.5 * (e[0] + e[1]);
                    let depth = middle(old) + part * (middle(ends) - middle(old));
                    widen(x + i, [depth, depth], true);
                }
            }
            (from..=to).for_each(|x| widen(x, ends, joined || x > from));
            before = Some((to, ends));
        }
        columns
    }

    /// [`Plot::columns`] in whole rows of `height`. A column that is joined to the one before reaches to its end, so
    /// that a steep curve has no holes.
    fn stacks(
        &self,
        series: &Series,
        axis: &ValueAxis,
        width: u16,
        height: u16,
    ) -> Vec<Option<[u16; 2]>> {
        let mut before: Option<[u16; 2]> = None;
        let columns = self.columns(series, axis, width).into_iter();
        columns
            .map(|column| {
                let own = column.map(|it| it.ends.map(|d| row(d, height)));
                let joined = column.is_some_and(|it| it.joined);
                let stack = own.map(|[top, bottom]| {
                    let reach = before.filter(|_| joined).unwrap_or([top, bottom]);
                    let [above, below] = reach;
                    [
                        top.min(below.saturating_add(1)),
                        bottom.max(above.saturating_sub(1)),
                    ]
                });
                before = own;
                stack
            })
            .collect()
    }

    fn strokes(
        &self,
        series: &Series,
        area: Rect,
        axis: &ValueAxis,
        stems: Option<u16>,
        between: char,
        buf: &mut Buffer,
    ) {
        let columns = self.columns(series, axis, area.width);
        let stacks = self.stacks(series, axis, area.width, area.height);
        for ((x, ends), column) in (area.x..).zip(stacks).zip(columns) {
            let (Some([top, bottom]), Some(column)) = (ends, column) else {
                continue;
            };
            let own = column.ends.map(|depth| row(depth, area.height));
            let solid = series.stroke == Stroke::Solid;
            let (from, to) = match stems.filter(|_| solid) {
                Some(zero) => (own[0].min(zero), own[1].max(zero)),
                None if solid && column.whole => (top, bottom),
                None => (own[0], own[1]),
            };
            for y in from..=to {
                let is_value = y == own[0] || y == own[1];
                let is_filled = solid && (column.whole || stems.is_some());
                if is_value || is_filled && y != stems.unwrap_or(u16::MAX) {
                    let glyph = if is_value { series.mark } else { between };
                    paint(&mut buf[(x, area.y + y)], glyph, series.style);
                }
            }
        }
    }

    /// The stretch between the least and the greatest value of each column: every second dot, or every cell.
    fn ground(
        &self,
        series: &Series,
        area: Rect,
        axis: &ValueAxis,
        charset: Charset,
        buf: &mut Buffer,
    ) {
        if !charset.has_dots() {
            for (x, column) in (area.x..).zip(self.columns(series, axis, area.width)) {
                let Some(column) = column else { continue };
                let [top, bottom] = column.ends.map(|depth| row(depth, area.height));
                for y in top..=bottom {
                    let cell = &mut buf[(x, area.y + y)];
                    paint(cell, charset.glyphs().curve_band, series.style);
                }
            }
            return;
        }
        let mut dots = Dots::new(usize::from(area.width), usize::from(area.height));
        let (across, down) = (
            narrow(ACROSS).saturating_mul(area.width),
            narrow(DOWN).saturating_mul(area.height),
        );
        for (x, column) in self.columns(series, axis, across).into_iter().enumerate() {
            let Some(column) = column else { continue };
            let [top, bottom] = column.ends.map(|depth| usize::from(row(depth, down)));
            (top..=bottom)
                .filter(|y| (x + y) % 2 == 0)
                .for_each(|y| dots.set(x, y));
        }
        put(&dots, area, series.style, buf);
    }

    fn dots(&self, series: &Series, area: Rect, axis: &ValueAxis, buf: &mut Buffer) {
        let mut dots = Dots::new(usize::from(area.width), usize::from(area.height));
        let (across, down) = (
            narrow(ACROSS).saturating_mul(area.width),
            narrow(DOWN).saturating_mul(area.height),
        );
        let columns = self.columns(series, axis, across).into_iter();
        let stacks = self.stacks(series, axis, across, down).into_iter();
        for (x, (ends, column)) in stacks.zip(columns).enumerate() {
            let (Some([top, bottom]), Some(column)) = (ends, column) else {
                continue;
            };
            if column.whole {
                (top..=bottom).for_each(|y| dots.set(x, usize::from(y)));
            } else {
                let own = column.ends.map(|depth| row(depth, down));
                for y in own {
                    dots.set(x, usize::from(y));
                }
            }
        }
        put(&dots, area, series.style, buf);
    }
}

/// Puts dots into cells: those of a curve that was measured stay beside those of the next.
fn put(dots: &Dots, area: Rect, style: Style, buf: &mut Buffer) {
    for y in 0..area.height {
        for x in 0..area.width {
            if let Some(glyph) = dots.glyph(usize::from(x), usize::from(y)) {
                let cell = &mut buf[(area.x + x, area.y + y)];
                let is_faint = (style.add_modifier | cell.modifier).contains(Modifier::DIM);
                let below = cell.symbol().chars().next().filter(|_| !is_faint);
                let glyph = below
                    .and_then(|below| joined(below, glyph))
                    .unwrap_or(glyph);
                paint(cell, glyph, style);
            }
        }
    }
}

/// Puts a glyph into a cell: nothing of the curve below shines through, its dimness neither.
fn paint(cell: &mut Cell, glyph: char, style: Style) {
    cell.set_char(glyph).set_style(Style::reset().patch(style));
}

/// A curve within a column.
#[derive(Debug, Clone, Copy)]
struct PlotColumn {
    /// The least and greatest depth.
    ends: [f64; 2],
    /// True if it is joined to the column before.
    joined: bool,
    /// True if it passes through all between its ends: not where it is a zigzag.
    whole: bool,
}

/// True if each bucket is joined to the one before it: not where the curve turns back at both.
fn joins(buckets: &[PlotBucket]) -> Vec<bool> {
    let middle = |at: usize| {
        let bucket = buckets.get(at)?;
        Some(f64::midpoint(bucket.min, bucket.max))
    };
    let rise = |at: usize| Some(middle(at)? - middle(at.checked_sub(1)?)?);
    let turns = |one: Option<f64>, next: Option<f64>| match (one, next) {
        (Some(one), Some(next)) => one * next < 0.0,
        _ => true,
    };
    (0..buckets.len())
        .map(|at| {
            let own = rise(at);
            let (before, after) = (at.checked_sub(1).and_then(rise), rise(at + 1));
            !(turns(before, own) && turns(own, after)) || before.is_none() && after.is_none()
        })
        .collect()
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
