//! The path of a lane: its iterates as dots, joined where the path runs on.
//!
//! ```text
//!    :.                 a step that goes on in the direction of its neighbours is drawn as a line, so a swing
//!      ':.   |          becomes a curve; one that turns back both before and after is not, so a zigzag becomes
//!         ':.|          its two envelopes instead of a wedge. The newest steps are joined anyway, and brighter;
//!         .:'o          of a zigzag only two of them. Where lines would cover most of the room, older steps are
//!      .:'              dots, too.
//! ```

use super::ink::Ink;
use super::{Point, Window};
use crate::tui::glyphs::Charset;
use crate::tui::theme::Role;
use ratatui::layout::Rect;

/// Height of a cell over its width, to measure angles as they are seen.
const TALL: f64 = super::window::CELL_ASPECT;
/// Turns back among the newest steps after which no older ones are joined.
const MOST_TURNS: usize = 2;

/// The share of the dots that older steps may cover as lines.
const CROWDED: f64 = 0.3;

/// A place that a lane has been at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Visit {
    /// The iteration.
    pub t: u64,
    /// The point in the plane; a path is broken where that is not finite.
    pub at: Point,
}

/// The path of one lane.
#[derive(Debug, Clone, Copy)]
pub struct Trail<'a> {
    /// The colours of its older part, which is dimmed, and of its newest steps.
    pub roles: [Role; 2],
    /// The visited points, oldest first; the last one is the present.
    pub visits: &'a [Visit],
    /// The points beyond the present, where they are shown.
    pub ahead: &'a [Visit],
    /// The number of last steps that are joined, and brighter than those before.
    pub recent: usize,
    /// True for the selected lane, which is drawn last.
    pub selected: bool,
    /// The letter at its present point, and at its newest ones where cells cannot hold dots.
    pub letter: char,
}

/// A path with all that is needed to draw it.
pub(super) struct Stroke<'a> {
    trail: &'a Trail<'a>,
    /// The visits in cells.
    places: Vec<[f64; 2]>,
    /// The places beyond the present.
    ahead: Vec<[f64; 2]>,
    /// For each place, true if the step that ends there is drawn as a line.
    joined: Vec<bool>,
    /// The first place of the brighter part.
    fresh: usize,
    area: Rect,
}

impl<'a> Stroke<'a> {
    pub fn new(trail: &'a Trail<'a>, window: &Window, area: Rect) -> Self {
        let at = |visit: &Visit| window.to_cells(visit.at, area);
        let places: Vec<[f64; 2]> = trail.visits.iter().map(at).collect();
        let consecutive = |k: usize| trail.visits[k].t == trail.visits[k - 1].t + 1;
        // Whether steps k and k + 1 point within 90 degrees of each other, as far as there are two.
        let runs_on = |k: usize| {
            k > 0 && k + 1 < places.len() && {
                let step = |k: usize| [0, 1].map(|i| places[k][i] - places[k - 1][i]);
                let (a, b) = (step(k), step(k + 1));
                a[0] * b[0] + TALL * TALL * a[1] * b[1] > 0.0
            }
        };
        let joins = |k: usize| k > 0 && consecutive(k) && (runs_on(k - 1) || runs_on(k));
        let mut joined: Vec<bool> = (0..places.len()).map(joins).collect();
        let last = places.len().saturating_sub(1);
        let mut fresh = last;
        let mut turns = 0;
        while fresh > 0 && last - fresh < trail.recent && turns < MOST_TURNS {
            if fresh < last && !runs_on(fresh) {
                turns += 1;
                if turns == MOST_TURNS {
                    break;
                }
            }
            joined[fresh] = joined[fresh] || consecutive(fresh);
            fresh -= 1;
        }
        Self {
            trail,
            places,
            ahead: trail.ahead.iter().map(at).collect(),
            joined,
            fresh,
            area,
        }
    }

    /// What lies beyond the present, in dots that nothing joins.
    pub fn ahead(&self, ink: &mut Ink, pen: u8) {
        self.ahead.iter().for_each(|place| ink.dot(*place, pen));
    }

    /// True if lines along all older steps would leave no more than a blot, in the dots that the charset has.
    fn is_crowded(&self, charset: Charset) -> bool {
        let [across, down] = Ink::grain(charset).map(super::to_f64);
        let steps = (1..=self.fresh).filter(|k| self.joined[*k]);
        let dots: f64 = steps
            .filter_map(|k| self.seen(k))
            .map(|[from, to]| {
                ((to[0] - from[0]).abs() * across).max((to[1] - from[1]).abs() * down)
            })
            .sum();
        let room = f64::from(self.area.width) * across * f64::from(self.area.height) * down;
        dots > CROWDED * room
    }

    /// The part before the newest steps.
    pub fn older(&self, charset: Charset, ink: &mut Ink, pen: u8) {
        let has_lines = charset != Charset::Ascii && !self.is_crowded(charset);
        for k in 0..=self.fresh.min(self.places.len().saturating_sub(1)) {
            let Some(place) = self.places.get(k) else {
                return;
            };
            ink.dot(*place, pen);
            if k > 0 && self.joined[k] && has_lines {
                self.line(k, ink, pen);
            }
        }
    }

    /// The newest steps.
    pub fn newest(&self, charset: Charset, ink: &mut Ink, pen: u8) {
        for k in self.fresh + 1..self.places.len() {
            if self.joined[k] {
                if charset == Charset::Ascii {
                    self.strokes(k, ink, pen);
                } else {
                    self.line(k, ink, pen);
                }
            }
        }
        for place in self.places.iter().skip(self.fresh) {
            if charset == Charset::Ascii {
                ink.glyph(*place, self.trail.letter, pen);
            } else {
                ink.dot(*place, pen);
            }
        }
    }

    /// The part of step `k` that is in sight.
    fn seen(&self, k: usize) -> Option<[[f64; 2]; 2]> {
        super::overlay::clip(
            [self.places[k - 1], self.places[k]],
            f64::from(self.area.width),
            f64::from(self.area.height),
        )
    }

    fn line(&self, k: usize, ink: &mut Ink, pen: u8) {
        if let Some([from, to]) = self.seen(k) {
            ink.line(from, to, pen);
        }
    }

    /// Step `k` in characters that lean as it does; a flat one in dots of two heights, since `-` is a level line.
    fn strokes(&self, k: usize, ink: &mut Ink, pen: u8) {
        let Some([from, to]) = self.seen(k) else {
            return;
        };
        let d = [to[0] - from[0], to[1] - from[1]];
        let rows = d[1].abs();
        if rows < 0.4 * d[0].abs() {
            return ink.line(from, to, pen);
        }
        let glyph = if d[0].abs() <= 0.4 * rows {
            '|'
        } else if (d[0] > 0.0) == (d[1] > 0.0) {
            '\\'
        } else {
            '/'
        };
        // One character a row, between the rows of the two iterates.
        let (top, bottom) = if d[1] > 0.0 { (from, to) } else { (to, from) };
        let mut row = top[1].floor() + 1.0;
        while row < bottom[1].floor() {
            let part = (row + 0.5 - top[1]) / (bottom[1] - top[1]);
            ink.glyph(
                [top[0] + part * (bottom[0] - top[0]), row + 0.5],
                glyph,
                pen,
            );
            row += 1.0;
        }
    }
}
