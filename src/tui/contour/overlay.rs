//! Paths and marks on top of a contour.
//!
//! ```text
//!   +  .  .  *  :  *  * o      start, older iterates, recent ones with the straight line between them, now
//!   a later row wins:          older path, recent path, probes, minima, start, where other lanes are, now
//! ```
//!
//! Iterates are joined by straight lines, clipped to the window, so that a jump is seen as a jump. Where the selected
//! lane has left the window an arrow on the edge says which way.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::{Point, Window, put};
use crate::tui::glyphs::{Glyphs, LANES};
use crate::tui::theme::{Role, Theme};

/// The path of one lane.
#[derive(Debug, Clone, Copy)]
pub struct Track<'a> {
    /// The lane's number from 0: its glyph and colour.
    pub lane: usize,
    /// Its iterates up to now, oldest first; the last one is where it is. Points that are not finite break the path.
    pub points: &'a [Point],
    /// How many of the last points are drawn as recent.
    pub recent: usize,
    /// Whether this is the selected lane: drawn last, with `o` where it is.
    pub selected: bool,
}

/// Everything drawn on top of a contour.
#[derive(Debug, Clone, Copy, Default)]
pub struct Overlay<'a> {
    /// The lanes' paths.
    pub tracks: &'a [Track<'a>],
    /// Where the runs start.
    pub start: Option<Point>,
    /// The minima of the loss.
    pub minima: &'a [Point],
    /// Where the running iteration asked for gradients.
    pub probes: &'a [Point],
}

/// The area, the buffer and the tables, carried along.
struct Canvas<'a> {
    window: &'a Window,
    area: Rect,
    buf: &'a mut Buffer,
    theme: &'a Theme,
    glyphs: &'a Glyphs,
}

impl Overlay<'_> {
    /// Paints into the area that shows the window.
    pub fn paint(
        &self,
        window: &Window,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        glyphs: &Glyphs,
    ) {
        if area.is_empty() {
            return;
        }
        let mut canvas = Canvas {
            window,
            area,
            buf,
            theme,
            glyphs,
        };
        let mut tracks: Vec<&Track> = self.tracks.iter().collect();
        tracks.sort_by_key(|t| t.selected);
        for track in &tracks {
            canvas.older(track);
        }
        for track in &tracks {
            canvas.recent(track);
        }
        for &probe in self.probes {
            canvas.mark(probe, glyphs.probe, theme.style(Role::Probe));
        }
        for &minimum in self.minima {
            canvas.mark(minimum, glyphs.minimum, theme.style(Role::Minimum));
        }
        if let Some(start) = self.start {
            canvas.mark(start, glyphs.start, theme.style(Role::Start));
        }
        for track in tracks {
            canvas.now(track);
        }
    }
}

impl Track<'_> {
    /// The first recent point.
    fn split(&self) -> usize {
        self.points.len().saturating_sub(self.recent.max(1))
    }
}

impl Canvas<'_> {
    fn older(&mut self, track: &Track) {
        let style = self
            .theme
            .style(Role::Trail(track.lane))
            .add_modifier(Modifier::DIM);
        let last = (track.split() + 1).min(track.points.len());
        self.lines(
            &track.points[..last],
            self.glyphs.trails[track.lane % LANES],
            style,
        );
    }

    fn recent(&mut self, track: &Track) {
        let points = &track.points[track.split()..];
        let style = self.theme.style(Role::Path(track.lane));
        self.lines(points, self.glyphs.lines[track.lane % LANES], style);
        for &point in points {
            self.mark(point, self.glyphs.lanes[track.lane % LANES], style);
        }
    }

    fn now(&mut self, track: &Track) {
        let Some(&point) = track.points.last() else {
            return;
        };
        if !track.selected {
            let glyph = self.glyphs.others[track.lane % LANES];
            self.mark(point, glyph, self.theme.style(Role::Path(track.lane)));
            return;
        }
        let style = self.theme.style(Role::Now);
        if self.window.contains(point) {
            self.mark(point, self.glyphs.now, style);
        } else if point.iter().all(|v| v.is_finite()) {
            let [column, row] = self.window.to_cells(point, self.area);
            let (width, height) = (f64::from(self.area.width), f64::from(self.area.height));
            let side = match (column < 0.0, column > width, row < 0.0) {
                (true, ..) => 0,
                (_, true, _) => 1,
                (.., true) => 2,
                _ => 3,
            };
            let at = [
                whole(column.clamp(0.0, width - 1.0)),
                whole(row.clamp(0.0, height - 1.0)),
            ];
            put(self.buf, self.area, at, self.glyphs.away[side], style);
        }
    }

    fn mark(&mut self, point: Point, glyph: char, style: Style) {
        if let Some(cell) = self.window.cell_of(point, self.area) {
            let at = [
                i64::from(cell.x - self.area.x),
                i64::from(cell.y - self.area.y),
            ];
            put(self.buf, self.area, at, glyph, style);
        }
    }

    fn lines(&mut self, points: &[Point], glyph: char, style: Style) {
        for pair in points.windows(2) {
            let ends = [pair[0], pair[1]].map(|p| self.window.to_cells(p, self.area));
            let Some([from, to]) = clip(
                ends,
                f64::from(self.area.width),
                f64::from(self.area.height),
            ) else {
                continue;
            };
            let length = (to[0] - from[0])
                .abs()
                .max((to[1] - from[1]).abs())
                .ceil()
                .max(1.0);
            for i in 0..=whole(length) {
                let part = as_f64(i) / length;
                let at = [0, 1].map(|k| whole(from[k] + part * (to[k] - from[k])));
                let at = [
                    at[0].min(i64::from(self.area.width) - 1),
                    at[1].min(i64::from(self.area.height) - 1),
                ];
                put(self.buf, self.area, at, glyph, style);
            }
        }
    }
}

/// The part of a line inside `0..=width` by `0..=height` (Liang and Barsky 1984); `None` if there is none, or if an end
/// is not finite.
fn clip([a, b]: [[f64; 2]; 2], width: f64, height: f64) -> Option<[[f64; 2]; 2]> {
    let d = [b[0] - a[0], b[1] - a[1]];
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (towards, room) in [
        (-d[0], a[0]),
        (d[0], width - a[0]),
        (-d[1], a[1]),
        (d[1], height - a[1]),
    ] {
        if !(towards.is_finite() && room.is_finite()) || (towards == 0.0 && room < 0.0) {
            return None;
        }
        if towards < 0.0 {
            enter = enter.max(room / towards);
        } else if towards > 0.0 {
            leave = leave.min(room / towards);
        }
    }
    let at = |part: f64| {
        [
            (a[0] + part * d[0]).clamp(0.0, width),
            (a[1] + part * d[1]).clamp(0.0, height),
        ]
    };
    (enter <= leave).then(|| [at(enter), at(leave)])
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "coordinates are clipped to the area first"
)]
fn whole(coordinate: f64) -> i64 {
    coordinate.floor() as i64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a line has at most as many cells as the screen is wide"
)]
fn as_f64(i: i64) -> f64 {
    i as f64
}

#[cfg(test)]
mod tests;
