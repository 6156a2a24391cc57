//! Gradient descent's factor `|1 - eta*lambda|` of each direction against the step size, and its rate `R`,
//! the largest of them: least at `eta_opt`, one at `eta_max`.

use super::{Area, FINE, cannot, colour, fine, hex, letters, sample};
use crate::{
    analysis::{Reference, Unknown, theory},
    error::{Error, ErrorCode, Result},
    format::short,
    record::palette::LIGHT,
};
use plotters::{
    chart::SeriesLabelPosition,
    element::Circle,
    series::{DashedLineSeries, LineSeries},
    style::{BLACK, Color},
};

/// Directions that are drawn: the flattest and the steepest.
const MOST: usize = 6;
/// Step sizes at which the rate is looked up.
const SAMPLES: u32 = 600;
/// The end of the axis of rates: room above 1, where runs leave.
const HIGHEST: f64 = 1.4;

pub fn draw(area: &Area, reference: &Reference) -> Result<()> {
    let undefined = |why: Unknown| {
        Error::plain(
            ErrorCode::NotAvailable,
            format!("there are no rates of gradient descent to draw: {why}"),
        )
        .help("draw --figure contour or --figure loss")
    };
    let spectrum = (reference.eigenbasis()).ok_or_else(|| undefined(Unknown::NoMinimum))?;
    let eta_max = theory::eta_max(reference).map_err(undefined)?;
    let eta_opt = theory::eta_opt(reference).map_err(undefined)?;
    let end = 1.2 * eta_max;
    let title = "|r| = |1 - eta*lambda| and R";
    let mut chart = super::chart(area, title, 0.0..end, 0.0..HIGHEST)?;
    super::axes(&mut chart)
        .x_desc("eta")
        .x_label_formatter(&|eta| short(*eta))
        .draw()
        .map_err(cannot)?;
    let etas = || (0..=SAMPLES).map(|at| end * f64::from(at) / f64::from(SAMPLES));
    let n = spectrum.len();
    let shown = (0..n).filter(|at| n <= MOST || *at < MOST / 2 || *at >= n - MOST / 2);
    for (at, i) in shown.enumerate() {
        let lambda = spectrum.eigenvalues[i];
        let style = colour(at).stroke_width(FINE);
        let points = etas().map(|eta| (eta, theory::ratio(eta, lambda).abs()));
        chart
            .draw_series(LineSeries::new(points.filter(|it| it.1 <= HIGHEST), style))
            .map_err(cannot)?
            .label(format!("lambda = {}", short(lambda)))
            .legend(sample(style));
    }
    let heavy = BLACK.stroke_width(fine(2) - fine(1) / 2);
    let rate = etas().map(|eta| (eta, theory::rate(eta, spectrum)));
    chart
        .draw_series(LineSeries::new(rate.filter(|it| it.1 <= HIGHEST), heavy))
        .map_err(cannot)?
        .label("R, the largest")
        .legend(sample(heavy));
    for (name, eta) in [("eta_opt", eta_opt), ("eta_max", eta_max)] {
        let rate = theory::rate(eta, spectrum);
        let dashed = DashedLineSeries::new(
            [(eta, 0.0), (eta, rate)],
            fine(4),
            fine(3),
            hex(LIGHT.colours[8]).stroke_width(FINE),
        );
        chart.draw_series(dashed).map_err(cannot)?;
        let dot = Circle::new((eta, rate), fine(3), BLACK.filled());
        chart.draw_series([dot]).map_err(cannot)?;
        let below = (
            eta - 0.16 * end,
            if name == "eta_opt" { 0.06 } else { 0.14 },
        );
        let value = short(eta);
        let text = plotters::element::Text::new(format!("{name} {value}"), below, letters(11));
        chart.draw_series([text]).map_err(cannot)?;
    }
    super::legend(&mut chart, SeriesLabelPosition::UpperLeft)
}
