//! The eigenvalues of the iteration in the complex plane: a root locus beside the unit circle.
//!
//! ```text
//!   -- modes -------------- radius 0.9487, grows to 1.6 first -
//!   |            . . ' ' . .            |
//!   |        .                 1        |   a digit: the direction it belongs to
//!   |      .          |          2      |   x: several, or no direction of its own
//!   |      . -------- + -------- .      |   inside the circle errors shrink, outside they grow;
//!   |      .          |          2      |   off the real axis they ring, left of 0 they flip
//!   |        .                 1        |
//!   |            . . , , . .            |
//!   +-----------------------------------+
//! ```
//!
//! It moves with settings, scales and curvature. In the pane in focus the numbers stand beside the
//! circle where there is room.

use super::frame::{clip, heading, put};
use super::pane_view::PaneView;
use crate::{
    format::short,
    tui::{app::App, panes::Pane, theme::Role},
};
use nalgebra::Complex;
use ratatui::{buffer::Buffer, layout::Rect};

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants,
    prepare,
    draw,
};

/// The plane reaches a little beyond the circle, or to the largest mode, up to so far.
const LEAST: f64 = 1.15;
const MOST: f64 = 2.5;
/// Numbers stand so far left of 0, in radii of the circle.
const MARGIN: f64 = 1.02;
/// Points that the circle is drawn with.
const POINTS: u32 = 240;
/// A cell is about twice as high as wide.
const ASPECT: f64 = 2.0;

/// The rows of a circle that one can read.
pub(super) fn wants(_: &App) -> u16 {
    16
}

pub(super) fn prepare(app: &mut App, _: Rect) {
    app.look_ahead();
    app.derived.look_at_growth(&mut app.session);
}

/// A mode and the mark that it is drawn with.
fn marked(app: &App) -> Vec<(Complex<f64>, char)> {
    let Some(outlook) = &app.sight().outlook else {
        return Vec::new();
    };
    let is_apart = !outlook.directions.is_empty()
        && outlook.directions.len() < 10
        && outlook.directions.iter().all(|it| it.decoupled);
    if !is_apart {
        return outlook.modes.iter().map(|z| (*z, 'x')).collect();
    }
    let directions = ('1'..='9').zip(&outlook.directions);
    directions
        .flat_map(|(mark, direction)| direction.modes.iter().map(move |z| (*z, mark)))
        .collect()
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let modes = marked(app);
    let radius = modes.iter().map(|(z, _)| z.norm()).fold(0.0, f64::max);
    let held = app.sight().outlook.as_ref().is_some_and(|it| it.held);
    let size = match app.late_theory() {
        Some(t) => format!("{} at t = {t}", short(radius)),
        None if app.is_theory_coming() => "...".to_owned(),
        None => short(radius),
    };
    let title = match (modes.is_empty(), held) {
        (true, _) => "modes".to_owned(),
        (false, false) => format!("modes  radius {size}"),
        (false, true) => format!("modes  radius {size}, scales held"),
    };
    let growth = app.derived.growth().filter(|it| it.is_worth_telling());
    let note = growth.map_or(String::new(), |it| {
        format!("first grows to {} at +{}", short(it.factor), it.after)
    });
    let inner = heading(app, Pane::Modes, area, &title, &note, buf);
    let quiet = app.theme.style(Role::Quiet);
    if modes.is_empty() {
        let text = "the eigenvalues of an iteration are not known here";
        let text = clip(app, text, usize::from(inner.width));
        put(buf, inner, 1, 0, &text, quiet);
        return;
    }
    if inner.height < 3 || inner.width < 7 {
        return;
    }
    let plane = CirclePlane::new(inner, radius);
    // Numbers change with every step: they are for who has turned to the pane.
    if app.look.focus == Pane::Modes {
        numbers(app, &modes, (inner, &plane), buf);
    }
    plane.axes(app, inner, buf);
    for at in 0..POINTS {
        let angle = 2.0 * std::f64::consts::PI * f64::from(at) / f64::from(POINTS);
        let z = Complex::new(libm::cos(angle), libm::sin(angle));
        if let Some((x, y)) = plane.cell(z) {
            put(buf, inner, x, y, ".", quiet);
        }
    }
    for (at, (z, mark)) in modes.iter().enumerate() {
        let Some((x, y)) = plane.cell(*z) else {
            continue;
        };
        let shared = modes
            .iter()
            .enumerate()
            .any(|(other, (z, it))| other != at && it != mark && plane.cell(*z) == Some((x, y)));
        let mark = if shared { 'x' } else { *mark };
        let role = if crate::analysis::claim::grows(z.norm()) {
            Role::Warning
        } else {
            Role::Text
        };
        put(buf, inner, x, y, &mark.to_string(), app.theme.style(role));
    }
}

/// The numbers of the modes, a pair in one line, beside the circle where there is room.
fn numbers(
    app: &App,
    modes: &[(Complex<f64>, char)],
    (inner, plane): (Rect, &CirclePlane),
    buf: &mut Buffer,
) {
    let beside = (plane.middle.0 - plane.scale.0 * MARGIN).max(0.0);
    let upper = modes.iter().filter(|(z, _)| z.im >= 0.0);
    for (y, (z, mark)) in (0..inner.height).zip(upper) {
        let text = if z.im == 0.0 {
            format!("{mark} {:.4}", z.re)
        } else {
            format!("{mark} {:.4} +-{:.4}i", z.re, z.im)
        };
        #[expect(clippy::cast_precision_loss, reason = "a few letters")]
        let width = text.len() as f64;
        if width < beside {
            put(buf, inner, 0, y, &text, app.theme.style(Role::Text));
        }
    }
}

/// The complex plane in cells, with 0 in the middle.
struct CirclePlane {
    middle: (f64, f64),
    /// Columns and rows for 1.
    scale: (f64, f64),
    size: (u16, u16),
}

impl CirclePlane {
    fn new(inner: Rect, radius: f64) -> Self {
        let reach = (1.05 * radius).clamp(LEAST, MOST);
        let (width, height) = (f64::from(inner.width) - 1.0, f64::from(inner.height) - 1.0);
        let rows = (0.5 * height / reach).min(0.5 * width / (ASPECT * reach));
        Self {
            middle: ((0.5 * width).floor(), (0.5 * height).floor()),
            scale: (ASPECT * rows, rows),
            size: (inner.width, inner.height),
        }
    }

    /// The cell of `z`, if it is in the picture.
    fn cell(&self, z: Complex<f64>) -> Option<(u16, u16)> {
        let x = (self.middle.0 + z.re * self.scale.0).round();
        let y = (self.middle.1 - z.im * self.scale.1).round();
        let within = (0.0..f64::from(self.size.0)).contains(&x)
            && (0.0..f64::from(self.size.1)).contains(&y);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "within the size of a screen"
        )]
        within.then_some((x as u16, y as u16))
    }

    /// The real axis and the imaginary one, within the circle.
    fn axes(&self, app: &App, inner: Rect, buf: &mut Buffer) {
        let style = app.theme.style(Role::Axis);
        let glyphs = app.charset.glyphs();
        let mut across = |z: Complex<f64>, text: &str| {
            if let Some((x, y)) = self.cell(z) {
                put(buf, inner, x, y, text, style);
            }
        };
        for at in -100..=100 {
            let at = f64::from(at) / 100.0;
            across(Complex::new(0.0, at), "|");
            across(Complex::new(at, 0.0), &glyphs.horizontal.to_string());
        }
        across(Complex::new(0.0, 0.0), "+");
    }
}
