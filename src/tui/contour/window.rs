//! The piece of the plane that a contour shows, and where its points fall on the cells.
//!
//! ```text
//!   y1 +---------+   row 0 is the top: y grows upwards, rows grow downwards;
//!      |         |   a cell stands for its centre.
//!   y0 +---------+
//!      x0       x1
//! ```

use ratatui::layout::{Position, Rect};

/// A point of the plane that is shown, `[x, y]`.
pub type Point = [f64; 2];

/// Height of a terminal cell over its width.
pub const CELL_ASPECT: f64 = 2.0;

/// A rectangle of the plane: finite, wider and taller than rounding error.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    x: AxisRange,
    y: AxisRange,
}

/// The scale from plane units to cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// Fill the area; a circle may look like an ellipse. Reads best for valleys.
    #[default]
    Stretch,
    /// A unit of x is as long on the glass as a unit of y: angles and circles are true.
    EqualUnits,
}

/// One axis of a window: `low < high`.
#[derive(Debug, Clone, Copy, PartialEq)]
struct AxisRange {
    low: f64,
    high: f64,
}

impl AxisRange {
    /// The span between two ends, in either order; `None` if they are not finite or too close to be told apart.
    fn new(a: f64, b: f64) -> Option<Self> {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let length = high - low;
        let resolution = 1e-9 * low.abs().max(high.abs());
        let sound = low.is_finite() && high.is_finite() && length < 1e300;
        (sound && length > resolution.max(1e-300)).then_some(Self { low, high })
    }

    fn length(self) -> f64 {
        self.high - self.low
    }

    fn middle(self) -> f64 {
        self.low + 0.5 * self.length()
    }

    fn contains(self, v: f64) -> bool {
        self.low <= v && v <= self.high
    }

    /// Scales around `centre`; unchanged where the result would not be a span.
    fn scaled(self, centre: f64, factor: f64) -> Self {
        let to = |end: f64| centre + (end - centre) * factor;
        Self::new(to(self.low), to(self.high)).unwrap_or(self)
    }

    fn shifted(self, by: f64) -> Self {
        Self::new(self.low + by, self.high + by).unwrap_or(self)
    }

    fn followed(self, v: f64) -> Self {
        let length = self.length();
        if self.contains(v) {
            return self;
        }
        let away = if v > self.high {
            v - self.low
        } else {
            self.high - v
        };
        let grown = length * libm::exp2(libm::log2(away / length).floor()) * 2.0;
        if v > self.high {
            Self::new(self.low, self.low + grown)
        } else {
            Self::new(self.high - grown, self.high)
        }
        .unwrap_or(self)
    }
}

impl Window {
    /// The window between two ends of each axis, in either order. `None` where an end is not finite or an axis
    /// would be shorter than rounding error.
    #[must_use]
    pub fn new(x: [f64; 2], y: [f64; 2]) -> Option<Self> {
        Some(Self {
            x: AxisRange::new(x[0], x[1])?,
            y: AxisRange::new(y[0], y[1])?,
        })
    }

    /// Left and right end, `[x0, x1]`.
    #[must_use]
    pub fn x(&self) -> [f64; 2] {
        [self.x.low, self.x.high]
    }

    /// Lower and upper end, `[y0, y1]`.
    #[must_use]
    pub fn y(&self) -> [f64; 2] {
        [self.y.low, self.y.high]
    }

    /// The middle of the window.
    #[must_use]
    pub fn centre(&self) -> Point {
        [self.x.middle(), self.y.middle()]
    }

    /// True if the point lies in the window, edges included; false for NaN.
    #[must_use]
    pub fn contains(&self, [x, y]: Point) -> bool {
        self.x.contains(x) && self.y.contains(y)
    }

    /// Magnifies around a point, which stays where it is on the screen: `factor` 2 shows half as many units, larger;
    /// below 1 more of them, smaller.
    /// Unchanged at the limits of f64 and for a factor or point that is not finite and positive.
    #[must_use]
    pub fn zoom(&self, around: Point, factor: f64) -> Self {
        if !(factor > 0.0 && factor.is_finite() && around.iter().all(|v| v.is_finite())) {
            return *self;
        }
        Self {
            x: self.x.scaled(around[0], 1.0 / factor),
            y: self.y.scaled(around[1], 1.0 / factor),
        }
    }

    /// Moves by fractions of the window's own size: `pan(0.25, 0.0)` looks a quarter further right.
    #[must_use]
    pub fn pan(&self, right: f64, up: f64) -> Self {
        Self {
            x: self.x.shifted(right * self.x.length()),
            y: self.y.shifted(up * self.y.length()),
        }
    }

    /// The window, doubled towards a point that has left it until the point is inside: everything seen before
    /// stays in sight, and the picture stands still for most iterations of even a diverging run.
    #[must_use]
    pub fn follow(&self, [x, y]: Point) -> Self {
        if !(x.is_finite() && y.is_finite()) {
            return *self;
        }
        Self {
            x: self.x.followed(x),
            y: self.y.followed(y),
        }
    }

    /// The window to draw in `area`: itself, or, for [`Scaling::EqualUnits`], grown along its shorter side
    /// until a unit is equally long on both axes.
    #[must_use]
    pub fn fit(&self, area: Rect, scaling: Scaling) -> Self {
        if scaling == Scaling::Stretch || area.is_empty() {
            return *self;
        }
        let (width, height) = (f64::from(area.width), f64::from(area.height) * CELL_ASPECT);
        let unit = (self.x.length() / width).max(self.y.length() / height);
        let [x, y] = self.centre();
        Self {
            x: self.x.scaled(x, unit * width / self.x.length()),
            y: self.y.scaled(y, unit * height / self.y.length()),
        }
    }

    /// The position of a point, in cells from the area's top left corner: `[1.5, 0.5]` is the middle of the second
    /// cell of the first row. Not clipped: outside the window it lies outside the area.
    #[must_use]
    pub fn to_cells(&self, [x, y]: Point, area: Rect) -> [f64; 2] {
        [
            (x - self.x.low) / self.x.length() * f64::from(area.width),
            (self.y.high - y) / self.y.length() * f64::from(area.height),
        ]
    }

    /// The cell that shows a point; `None` outside the window.
    #[must_use]
    pub fn cell_of(&self, point: Point, area: Rect) -> Option<Position> {
        if area.is_empty() || !self.contains(point) {
            return None;
        }
        let [column, row] = self.to_cells(point, area);
        Some(Position::new(
            area.x.saturating_add(whole(column, area.width)),
            area.y.saturating_add(whole(row, area.height)),
        ))
    }

    /// The point in the middle of a cell, for a click; `None` outside the area.
    #[must_use]
    pub fn point_of(&self, cell: Position, area: Rect) -> Option<Point> {
        area.contains(cell).then(|| {
            self.at(
                (f64::from(cell.x - area.x) + 0.5) / f64::from(area.width),
                (f64::from(cell.y - area.y) + 0.5) / f64::from(area.height),
            )
        })
    }

    /// The point at a fraction of the width from the left and of the height from the top.
    #[must_use]
    pub(crate) fn at(&self, right: f64, down: f64) -> Point {
        [
            self.x.low + right * self.x.length(),
            self.y.high - down * self.y.length(),
        ]
    }
}

/// The cell index of a coordinate inside `0..=length`; the far edge belongs to the last cell.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to 0..length first"
)]
fn whole(coordinate: f64, length: u16) -> u16 {
    coordinate.clamp(0.0, f64::from(length.saturating_sub(1))) as u16
}

#[cfg(test)]
mod tests;
