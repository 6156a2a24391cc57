//! Paths, arrows and marks on top of a contour.
//!
//! ```text
//!   + start .. : |\   -g          start, older iterates, the newest steps, now, arrows from there, the minimum
//!                | \ ^
//!                   \|  x min     a later row wins: older paths, newest paths, arrows, probes, minima, start,
//!                    @            where other lanes are, now
//! ```
//!
//! Dots of several lanes in one cell are joined, so no lane hides another. Words stand beside their marks where
//! nothing else does. Where the selected lane has left the window an arrow on the edge says which way.

use super::ink::Ink;
use super::trail::{Stroke, Trail};
use super::{Arrow, Point, Window, put};
use crate::tui::cells::cells;
use crate::tui::glyphs::{Charset, Glyphs};
use crate::tui::theme::{Role, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Everything drawn on top of a contour.
#[derive(Debug, Clone, Copy, Default)]
pub struct Overlay<'a> {
    /// The lanes' paths.
    pub trails: &'a [Trail<'a>],
    /// The start of the runs.
    pub start: Option<Point>,
    /// The minima of the loss.
    pub minima: &'a [Point],
    /// Points at which the current iteration evaluated gradients.
    pub probes: &'a [Point],
    /// Vectors at the current point.
    pub arrows: &'a [Arrow<'a>],
}

/// Cells that may be between a mark and its word, besides the blank.
const FARTHEST: i64 = 2;

/// The area, the buffer and the tables, carried along.
struct Canvas<'a> {
    window: &'a Window,
    area: Rect,
    buf: &'a mut Buffer,
    theme: &'a Theme,
    charset: Charset,
    glyphs: &'a Glyphs,
}

impl Overlay<'_> {
    /// Paints into the area that shows the window, onto cells without a symbol: those left so let the ground through.
    pub fn paint(
        &self,
        window: &Window,
        area: Rect,
        buf: &mut Buffer,
        theme: &Theme,
        charset: Charset,
    ) {
        if area.is_empty() {
            return;
        }
        let mut canvas = Canvas {
            window,
            area,
            buf,
            theme,
            charset,
            glyphs: charset.glyphs(),
        };
        let mut trails: Vec<&Trail> = self.trails.iter().collect();
        trails.sort_by_key(|trail| trail.selected);
        canvas.paths(&trails);
        let heads = canvas.arrows(self.arrows);
        let mut words = Vec::new();
        for &probe in self.probes {
            canvas.mark(probe, canvas.glyphs.probe, theme.style(Role::Probe));
            words.push((probe, "probe"));
        }
        for &minimum in self.minima {
            canvas.mark(minimum, canvas.glyphs.minimum, theme.style(Role::Minimum));
            words.push((minimum, "min"));
        }
        if let Some(start) = self.start {
            canvas.mark(start, canvas.glyphs.start, theme.style(Role::Start));
            words.push((start, "start"));
        }
        for trail in &trails {
            canvas.now(trail, trails.len() > 1);
        }
        for (arrow, at) in heads {
            canvas.word(at, arrow.word, theme.style(arrow.role));
        }
        for (point, word) in words {
            if let Some(cell) = window.cell_of(point, area) {
                let at = [cell.x - area.x, cell.y - area.y].map(i64::from);
                canvas.word(at, word, theme.style(Role::Axis));
            }
        }
    }
}

impl Canvas<'_> {
    fn paths(&mut self, trails: &[&Trail]) {
        let (columns, rows) = (usize::from(self.area.width), usize::from(self.area.height));
        let mut ink = Ink::new(self.charset, columns, rows);
        let strokes: Vec<Stroke> = (trails.iter())
            .map(|trail| Stroke::new(trail, self.window, self.area))
            .collect();
        let mut pens = vec![self.theme.style(Role::Quiet)];
        for stroke in &strokes {
            stroke.ahead(&mut ink, 0);
        }
        for (stroke, trail) in strokes.iter().zip(trails) {
            stroke.older(self.charset, &mut ink, pen(pens.len()));
            let style = self.theme.style(trail.roles[0]);
            pens.push(style.add_modifier(Modifier::DIM));
        }
        for (stroke, trail) in strokes.iter().zip(trails) {
            stroke.newest(self.charset, &mut ink, pen(pens.len()));
            pens.push(self.theme.style(trail.roles[1]));
        }
        self.lay(&ink, &pens);
    }

    /// Draws the shafts and heads; returns the cells of the heads.
    fn arrows<'b>(&mut self, arrows: &'b [Arrow<'b>]) -> Vec<(&'b Arrow<'b>, [i64; 2])> {
        let (columns, rows) = (usize::from(self.area.width), usize::from(self.area.height));
        let mut ink = Ink::new(self.charset, columns, rows);
        let mut heads = Vec::new();
        let mut pens = Vec::new();
        let mut ways = Vec::new();
        for arrow in arrows {
            let Some(aim) = arrow.aim(self.window, self.area) else {
                continue;
            };
            let before = ways.iter().filter(|way| **way == aim.octant).count();
            ways.push(aim.octant);
            let pen = pen(pens.len());
            pens.push(self.theme.style(arrow.role));
            let is_ascii = self.charset == Charset::Ascii;
            let head = aim.shaft(super::to_f64(before), is_ascii, &mut ink, pen);
            ink.glyph(head, self.glyphs.heads[aim.octant], pen);
            heads.push((arrow, head.map(whole)));
        }
        self.lay(&ink, &pens);
        heads
    }

    fn lay(&mut self, ink: &Ink, pens: &[Style]) {
        for ([column, row], glyph, pen) in ink.cells() {
            let at = [column, row].map(|it| i64::try_from(it).unwrap_or(i64::MAX));
            let style = pens.get(usize::from(pen)).copied().unwrap_or_default();
            put(self.buf, self.area, at, glyph, style);
        }
    }

    fn now(&mut self, trail: &Trail, among_others: bool) {
        let Some(point) = trail.visits.last().map(|visit| visit.at) else {
            return;
        };
        if !trail.selected {
            self.mark(point, trail.letter, self.theme.style(trail.roles[1]));
            return;
        }
        let style = self.theme.style(Role::Now);
        if self.window.contains(point) {
            let glyph = if among_others {
                trail.letter
            } else {
                self.glyphs.now
            };
            self.mark(point, glyph, style);
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
            let at = [cell.x - self.area.x, cell.y - self.area.y].map(i64::from);
            put(self.buf, self.area, at, glyph, style);
        }
    }

    /// Writes a word beside a cell, right or left of it, in its row or the next ones, where nothing stands; a path that
    /// begins or ends there may be between.
    fn word(&mut self, [column, row]: [i64; 2], word: &str, style: Style) {
        let length = i64::try_from(cells(word)).unwrap_or(0);
        let mut places = (0..=FARTHEST).flat_map(|away| {
            let (right, left) = (column + 2 + away, column - 1 - length - away);
            [0, 1, -1]
                .into_iter()
                .flat_map(move |below| [[right, row + below], [left, row + below]])
        });
        let free = |[x, y]: &[i64; 2]| {
            (*x - 1..=*x + length).all(|x| self.symbol(x, *y).is_none_or(str::is_empty))
                && *x >= 0
                && x + length <= i64::from(self.area.width)
                && (0..i64::from(self.area.height)).contains(y)
        };
        // The cell itself is taken; what else is beside it decides.
        let place = places.find(free);
        if let Some([x, y]) = place {
            let spaced = format!(" {word} ");
            super::write(self.buf, self.area, [x - 1, y], &spaced, style);
        }
    }

    fn symbol(&self, column: i64, row: i64) -> Option<&str> {
        let x = u16::try_from(column)
            .ok()
            .filter(|x| *x < self.area.width)?;
        let y = u16::try_from(row).ok().filter(|y| *y < self.area.height)?;
        Some(self.buf.cell((self.area.x + x, self.area.y + y))?.symbol())
    }
}

fn pen(count: usize) -> u8 {
    u8::try_from(count).unwrap_or(u8::MAX)
}

/// The part of a line inside `0..=width` by `0..=height` (Liang and Barsky 1984); `None` if there is none, or if an end
/// is not finite.
pub(super) fn clip([a, b]: [[f64; 2]; 2], width: f64, height: f64) -> Option<[[f64; 2]; 2]> {
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

#[expect(clippy::cast_possible_truncation, reason = "clamped first")]
fn whole(coordinate: f64) -> i64 {
    coordinate.clamp(-1e6, 1e6).floor() as i64
}

#[cfg(test)]
mod tests;
