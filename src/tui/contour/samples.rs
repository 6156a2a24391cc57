//! The samples of a field, taken coarse first: every eighth across and down, then every fourth, second, and all.

use super::strokes::{self, Edges};
use super::{Cell, ContourField, Window, labels};
use crate::tui::glyphs::Charset;
use ratatui::layout::Size;

/// Samples that are taken first are so far apart.
pub const COARSEST: usize = 8;

/// The samples of the loss in one window, at one size, in one charset.
#[derive(Debug, Clone)]
pub struct Samples {
    window: Window,
    size: Size,
    charset: Charset,
    edges: Edges,
    /// Those that are so far apart are being taken, from this one on.
    stride: usize,
    next: usize,
    /// Those that are so far apart are known.
    known: Option<usize>,
}

impl Samples {
    /// None is taken yet, of an area of `size` cells.
    #[must_use]
    pub fn new(window: Window, size: Size, charset: Charset) -> Self {
        let across = match size {
            Size { width: 0, .. } | Size { height: 0, .. } => (0, 0),
            Size { width, height } => (usize::from(width), usize::from(height)),
        };
        Self {
            window,
            size,
            charset,
            edges: Edges::new(across),
            stride: COARSEST,
            next: 0,
            known: None,
        }
    }

    /// The number of all samples that are at most `stride` apart.
    #[must_use]
    pub fn count(&self, stride: usize) -> usize {
        let all = 0..self.edges.len();
        all.filter(|i| self.edges.is_on(*i, stride)).count()
    }

    /// How far the samples that are known are apart; none while the first are taken.
    #[must_use]
    pub fn known(&self) -> Option<usize> {
        self.known
    }

    /// Takes up to `most` samples, until those that are at most `finest` apart are known; returns the number of those
    /// left to take. `f` may answer NaN or infinity.
    pub fn take(
        &mut self,
        mut f: impl FnMut(f64, f64) -> f64,
        finest: usize,
        most: usize,
    ) -> usize {
        let (width, height) = (f64::from(self.size.width), f64::from(self.size.height));
        let mut left = most;
        while self.known.is_none_or(|known| known > finest) {
            while self.next < self.edges.len() {
                let i = self.next;
                let is_new = self.known.is_none_or(|known| !self.edges.is_on(i, known));
                if is_new && self.edges.is_on(i, self.stride) {
                    if left == 0 {
                        return 0;
                    }
                    left -= 1;
                    let [right, down] = self.edges.place(i, usize::from(self.size.width));
                    let [x, y] = self.window.at(right / width, down / height);
                    self.edges.set(i, f(x, y));
                }
                self.next += 1;
            }
            self.known = Some(self.stride);
            (self.stride, self.next) = (self.stride / 2, 0);
        }
        left
    }

    /// The level lines by the samples that are known; `minimum` is the loss at its minimum where that is
    /// known; otherwise the least sample stands for it. The window is drawn as it is: apply [`Window::fit`] first for equal
    /// units.
    #[must_use]
    pub fn field(&self, minimum: Option<f64>) -> Option<ContourField> {
        let known = self.known?;
        let across = (usize::from(self.size.width), usize::from(self.size.height));
        let (levels, mut cells, heights) = if self.edges.len() == 0 {
            (Vec::new(), Vec::new(), Vec::new())
        } else {
            let glyphs = self.charset.glyphs();
            match known {
                1 => strokes::draw(&self.edges, minimum, across, glyphs),
                _ => strokes::draw(&self.edges.filled(known), minimum, across, glyphs),
            }
        };
        if cells.iter().all(|cell| *cell == Cell::Hole) {
            // Hatching tells holes from the ground around them; without ground it would only hide the path.
            cells.fill(Cell::Empty);
        }
        labels::place(&levels, &mut cells, across.0);
        Some(ContourField {
            window: self.window,
            size: self.size,
            charset: self.charset,
            levels,
            cells,
            heights,
        })
    }

    /// True if they are of that window at that size; the caller knows if the loss has changed.
    #[must_use]
    pub fn are_of(&self, window: &Window, size: Size, charset: Charset) -> bool {
        self.window == *window && self.size == size && self.charset == charset
    }
}
