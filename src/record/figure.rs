//! The essay's figures as vector pictures: the loss with the paths, the losses over time, and what the
//! step size does to each direction.
//!
//! plotters draws axes, ticks and legends; its SVG backend counts in whole units, so that everything is
//! drawn several times as large and shown at its size.

mod contour;
mod curves;
mod level_lines;
mod rates;
mod runs;

pub use runs::{FigureRun, run};

use super::palette::LIGHT;
use crate::{
    analysis::theory,
    debugger::Session,
    error::{Error, ErrorCode, Result},
};
use plotters::{
    chart::{ChartBuilder, ChartContext, MeshStyle, SeriesLabelPosition},
    coord::{Shift, cartesian::Cartesian2d, types::RangedCoordf64},
    drawing::{DrawingArea, IntoDrawingArea},
    element::PathElement,
    prelude::SVGBackend,
    style::{Color, RGBColor, ShapeStyle, TRANSPARENT, TextStyle, WHITE},
};
use std::ops::Range;

/// Units of the backend in one of the picture.
const FINE: u32 = 8;
/// The height of a panel.
const HEIGHT: u32 = 400;
/// The width of a panel.
const WIDTH: u32 = 520;

/// A part of the picture.
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A choice of figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// The loss as level lines, with each lane's path and the minimum.
    Contour,
    /// The loss of each lane over its iterations.
    Loss,
    /// Gradient descent's factor of each direction, and its rate, against the step size.
    Rates,
}

/// Draws figures side by side, as an SVG document.
///
/// # Errors
/// A figure that this scenario has not: a contour of one parameter, rates without a spectrum.
pub fn draw(figures: &[Figure], session: &mut Session, steps: Option<u64>) -> Result<String> {
    let runs = run(session, steps);
    document(figures.len(), figures.len(), |panels| {
        let mut pairs = figures.iter().zip(panels);
        pairs.try_for_each(|(figure, panel)| figure.fill(panel, session, &runs))
    })
}

/// Draws a figure of each session, so many in a row, as an SVG document.
///
/// # Errors
/// As [`draw`].
pub fn draw_each(
    parts: &mut [(Figure, Session)],
    columns: usize,
    steps: Option<u64>,
) -> Result<String> {
    document(parts.len(), columns, |panels| {
        parts
            .iter_mut()
            .zip(panels)
            .try_for_each(|((figure, session), panel)| {
                let runs = run(session, steps);
                figure.fill(panel, session, &runs)
            })
    })
}

impl Figure {
    fn fill(self, panel: &Area, session: &mut Session, runs: &[FigureRun]) -> Result<()> {
        match self {
            Self::Contour => contour::draw(panel, session, runs),
            Self::Loss => curves::draw(panel, runs),
            Self::Rates => rates::draw(panel, session.lanes().focused().reference()),
        }
    }
}

/// An SVG document of so many panels, so many in a row, which `fill` draws.
fn document(
    panels: usize,
    columns: usize,
    fill: impl FnOnce(&[Area]) -> Result<()>,
) -> Result<String> {
    let columns = columns.max(1);
    let rows = panels.div_ceil(columns).max(1);
    let units = |count: usize| u32::try_from(count).unwrap_or(1);
    let size = (WIDTH * units(columns), HEIGHT * units(rows));
    let mut document = String::new();
    {
        let fine = (size.0 * FINE, size.1 * FINE);
        let root = SVGBackend::with_string(&mut document, fine).into_drawing_area();
        root.fill(&WHITE).map_err(cannot)?;
        fill(&root.split_evenly((rows, columns)))?;
        root.present().map_err(cannot)?;
    }
    let drawn = format!("width=\"{}\" height=\"{}\"", size.0 * FINE, size.1 * FINE);
    let shown = format!("width=\"{}\" height=\"{}\"", size.0, size.1);
    Ok(document.replacen(&drawn, &shown, 1))
}

/// The figures that this scenario has.
#[must_use]
pub fn fitting(session: &Session) -> Vec<Figure> {
    let mut figures = Vec::new();
    if session.landscape().start.len() > 1 {
        figures.push(Figure::Contour);
    }
    figures.push(Figure::Loss);
    if theory::eta_opt(session.lanes().focused().reference()).is_ok() {
        figures.push(Figure::Rates);
    }
    figures
}

/// The backend writes to memory: nothing of this should happen.
fn cannot<E: std::error::Error>(error: E) -> Error {
    Error::plain(ErrorCode::Internal, format!("cannot draw: {error}"))
}

/// The colour of lane `at`, one after the other.
fn colour(at: usize) -> RGBColor {
    const ORDER: [usize; 6] = [1, 4, 2, 5, 3, 6];
    hex(LIGHT.colours[ORDER[at % ORDER.len()]])
}

/// A colour from `#rrggbb`.
fn hex(text: &str) -> RGBColor {
    let channel = |at: usize| {
        let digits = text.get(at..at + 2).unwrap_or("0");
        u8::from_str_radix(digits, 16).unwrap_or(0)
    };
    RGBColor(channel(1), channel(3), channel(5))
}

/// Lettering of so many points.
fn letters(points: u32) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", f64::from(points * FINE)))
}

/// A length of the picture, for the backend.
fn fine(length: u32) -> u32 {
    length * FINE
}

/// A panel's chart.
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The chart of a panel, with its title over it and room for what the axes say.
fn chart<'a, 'b>(
    area: &'a Area<'b>,
    title: &str,
    x: Range<f64>,
    y: Range<f64>,
) -> Result<Chart<'a, 'b>> {
    ChartBuilder::on(area)
        .caption(title, letters(15))
        .margin(fine(12))
        .x_label_area_size(fine(34))
        .y_label_area_size(fine(46))
        .build_cartesian_2d(x, y)
        .map_err(cannot)
}

/// The axes of a chart and the grid behind it, yet to be named and drawn.
fn axes<'a, 'b, 'c>(
    chart: &'c mut Chart<'a, 'b>,
) -> MeshStyle<'a, 'c, RangedCoordf64, RangedCoordf64, SVGBackend<'b>> {
    let mut axes = chart.configure_mesh();
    axes.light_line_style(TRANSPARENT)
        .bold_line_style(hex(LIGHT.colours[7]).stroke_width(FINE))
        .axis_style(hex(LIGHT.colours[8]).stroke_width(FINE))
        .label_style(letters(11))
        .axis_desc_style(letters(13));
    axes
}

/// The piece of a line that stands before its name in the legend.
fn sample(style: ShapeStyle) -> impl Fn((i32, i32)) -> PathElement<(i32, i32)> {
    const LENGTH: i32 = 18 * FINE.cast_signed();
    move |(x, y)| PathElement::new([(x, y), (x + LENGTH, y)], style)
}

/// The names of the lines, in a corner.
fn legend<'a, 'b: 'a>(chart: &mut Chart<'a, 'b>, place: SeriesLabelPosition) -> Result<()> {
    chart
        .configure_series_labels()
        .position(place)
        .background_style(WHITE.mix(0.8))
        .label_font(letters(11))
        .legend_area_size(fine(26))
        .margin(fine(6))
        .draw()
        .map_err(cannot)
}
