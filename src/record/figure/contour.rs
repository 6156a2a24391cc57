//! The loss as level lines, with the paths of all lanes, their start and the minimum.

use super::{
    Area, FINE, cannot, colour, fine, hex, level_lines::ScalarField, runs::FigureRun, sample,
};
use crate::{
    debugger::Session,
    error::{Error, ErrorCode, Result},
    record::palette::LIGHT,
};
use plotters::{
    chart::SeriesLabelPosition,
    element::{Circle, Cross, PathElement},
    series::LineSeries,
    style::{BLACK, Color, ShapeStyle},
};

/// Corners of the grid across, and up.
const GRID: [usize; 2] = [241, 181];
/// The part of the window that is left free around what is seen.
const MARGIN: f64 = 0.15;

pub fn draw(area: &Area, session: &Session, runs: &[FigureRun]) -> Result<()> {
    if session.landscape().start.len() < 2 {
        return Err(Error::plain(
            ErrorCode::NotAvailable,
            "there is one parameter: a contour needs two",
        )
        .help("draw --figure loss"));
    }
    let reference = session.lanes().focused().reference();
    let minimum = reference.eigenbasis().map(|_| reference.minimum.as_slice());
    let [x, y] = window(session, runs, minimum);
    let title = &session.landscape().name;
    let mut chart = super::chart(area, title, x[0]..x[1], y[0]..y[1])?;
    super::axes(&mut chart)
        .disable_mesh()
        .x_desc("w[1]")
        .y_desc("w[2]")
        .draw()
        .map_err(cannot)?;
    let line = ShapeStyle::from(&hex(LIGHT.colours[8]).mix(0.55)).stroke_width(FINE);
    for points in levels(session, minimum, x, y) {
        let path = PathElement::new(points, line);
        chart.draw_series([path]).map_err(cannot)?;
    }
    for (at, run) in runs.iter().enumerate() {
        let style = colour(at).stroke_width(fine(2) - fine(1) / 2);
        let points = run.path.iter().map(|w| (w[0], w[1]));
        let series = LineSeries::new(points.clone(), style);
        chart
            .draw_series(series)
            .map_err(cannot)?
            .label(run.name.clone())
            .legend(sample(style));
        let dots =
            points.map(|point| Circle::new(point, fine(1) + fine(1) / 2, colour(at).filled()));
        chart.draw_series(dots).map_err(cannot)?;
    }
    let heavy = BLACK.stroke_width(fine(1) + fine(1) / 2);
    if let Some(minimum) = minimum {
        let cross = Cross::new((minimum[0], minimum[1]), fine(5), heavy);
        chart.draw_series([cross]).map_err(cannot)?;
    }
    let start = &session.landscape().start;
    let ring = Circle::new((start[0], start[1]), fine(4), heavy);
    chart.draw_series([ring]).map_err(cannot)?;
    super::legend(&mut chart, SeriesLabelPosition::LowerRight)
}

/// The window: the loss's own, or one around paths and minimum.
fn window(session: &Session, runs: &[FigureRun], minimum: Option<&[f64]>) -> [[f64; 2]; 2] {
    let start = session.landscape().start.as_slice();
    let places = runs
        .iter()
        .flat_map(|run| run.path.iter().map(Vec::as_slice));
    let places: Vec<&[f64]> = places.chain(minimum).chain([start]).collect();
    let own = session.landscape().window.filter(|_| start.len() == 2);
    let span = |at: usize| {
        let values = places.iter().map(|w| w[at]).filter(|it| it.is_finite());
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
            (low.min(it), high.max(it))
        });
        let room = (MARGIN * (high - low)).max(1e-9 + 1e-3 * high.abs());
        [low - room, high + room]
    };
    let seen = [span(0), span(1)];
    match own {
        Some(window) => [
            [seen[0][0].min(window.x.0), seen[0][1].max(window.x.1)],
            [seen[1][0].min(window.y.0), seen[1][1].max(window.y.1)],
        ],
        None => seen,
    }
}

/// Level lines, two to a decade above the minimum; where none is known, above the least loss of the grid.
#[expect(clippy::cast_precision_loss, reason = "a grid of some hundreds")]
fn levels(
    session: &Session,
    minimum: Option<&[f64]>,
    x: [f64; 2],
    y: [f64; 2],
) -> Vec<Vec<(f64, f64)>> {
    let [columns, rows] = GRID;
    let steps = [
        (x[1] - x[0]) / (columns - 1) as f64,
        (y[1] - y[0]) / (rows - 1) as f64,
    ];
    let mut evaluator = session.landscape().loss.evaluator();
    let mut place = session.lanes().focused().reference().minimum.clone();
    let mut values = Vec::with_capacity(columns * rows);
    for row in 0..rows {
        for column in 0..columns {
            place[0] = x[0] + steps[0] * column as f64;
            place[1] = y[0] + steps[1] * row as f64;
            values.push(evaluator.value(&place));
        }
    }
    let finite = values.iter().copied().filter(|it| it.is_finite());
    let lowest = match minimum {
        Some(minimum) => evaluator.value(minimum),
        None => finite.fold(f64::INFINITY, f64::min),
    };
    for value in &mut values {
        *value -= lowest;
    }
    let positive = values
        .iter()
        .copied()
        .filter(|it| *it > 0.0 && it.is_finite());
    let (least, most) = positive.fold((f64::INFINITY, 0.0_f64), |(least, most), it| {
        (least.min(it), most.max(it))
    });
    let grid = ScalarField {
        columns,
        rows,
        values,
    };
    if most <= 0.0 {
        return Vec::new();
    }
    // Below a ten-thousandth of the highest a grid sees little more than its own corners.
    let least = least.max(most * 1e-4);
    let mut lines = Vec::new();
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a few hundred decades at most"
    )]
    let (from, to) = (
        libm::floor(libm::log10(least)) as i32,
        libm::ceil(libm::log10(most)) as i32,
    );
    for decade in from..=to {
        for factor in [1.0, 3.0] {
            let level = factor * 10_f64.powi(decade);
            if level < least || level > most {
                continue;
            }
            lines.extend(grid.level_lines(level).into_iter().map(|line| {
                let place =
                    |(column, row): (f64, f64)| (x[0] + steps[0] * column, y[0] + steps[1] * row);
                line.into_iter().map(place).collect()
            }));
        }
    }
    lines
}
