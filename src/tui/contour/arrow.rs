//! Arrows at the current point, for vectors that a rule declares.
//!
//! They say a direction: whatever its length, a vector is drawn so many cells long. Where several point the same
//! way, the later ones are longer, so that all are seen.

use super::ink::Ink;
use super::{Point, Window};
use ratatui::layout::Rect;

/// The length of an arrow, in rows of cells.
const LENGTH: f64 = 3.0;
/// The share of a small area's height that an arrow may take.
const SHARE: f64 = 0.2;
/// Height of a cell over its width.
const TALL: f64 = super::window::CELL_ASPECT;

/// A vector at a point of the plane.
#[derive(Debug, Clone, Copy)]
pub struct Arrow<'a> {
    /// The tail, in the plane.
    pub from: Point,
    /// The components along the plane's axes.
    pub along: Point,
    /// The label.
    pub word: &'a str,
    /// The colour of its shaft.
    pub role: crate::tui::theme::Role,
}

/// The tail and the heading of an arrow, in cells.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aim {
    from: [f64; 2],
    /// Of length 1, as seen: a row is as long as [`TALL`] columns.
    unit: [f64; 2],
    /// The heading in eighths of a turn: 0 is right, 2 is up.
    pub octant: usize,
    /// The length without any others, in rows.
    rows: f64,
}

impl Arrow<'_> {
    /// The heading on the screen; `None` for an arrow of length 0.
    pub(super) fn aim(&self, window: &Window, area: Rect) -> Option<Aim> {
        let from = window.to_cells(self.from, area);
        let unit_of = |along: Point| {
            let tip = window.to_cells([0, 1].map(|i| self.from[i] + along[i]), area);
            let d = [tip[0] - from[0], TALL * (tip[1] - from[1])];
            let length = libm::hypot(d[0], d[1]);
            (length > 0.0 && length.is_finite()).then(|| d.map(|it| it / length))
        };
        // A vector may be too short or too long to be added to a point: then its direction is taken at a better size.
        let size = self
            .along
            .iter()
            .fold(0.0, |most: f64, it| most.max(it.abs()));
        let [x, y] = [window.x(), window.y()].map(|[low, high]| high - low);
        let unit = unit_of(self.along.map(|it| it / size * x.max(y)))?;
        let eighths = libm::atan2(-unit[1], unit[0]) / std::f64::consts::FRAC_PI_4;
        let octant = (0..8).find(|octant| {
            let off = (eighths - f64::from(*octant)).rem_euclid(8.0);
            off.min(8.0 - off) <= 0.5
        })?;
        Some(Aim {
            from,
            unit,
            octant: usize::try_from(octant).ok()?,
            rows: LENGTH.min(SHARE * f64::from(area.height)),
        })
    }
}

impl Aim {
    /// Draws the shaft, so many rows longer than alone; returns where the head stands.
    pub fn shaft(&self, longer: f64, is_ascii: bool, ink: &mut Ink, pen: u8) -> [f64; 2] {
        let rows = self.rows + longer;
        let at = |rows: f64| {
            [
                self.from[0] + rows * TALL * self.unit[0],
                self.from[1] + rows * self.unit[1],
            ]
        };
        if is_ascii {
            let glyph = ['-', '/', '|', '\\'][self.octant % 4];
            let mut along = 0.5;
            while along < rows - 0.4 {
                ink.glyph(at(along), glyph, pen);
                along += 0.25;
            }
        } else {
            ink.line(at(0.4), at(rows - 0.25), pen);
        }
        at(rows)
    }
}
