//! The loss of each lane over its iterations, by decades.

use super::{Area, cannot, colour, fine, runs::FigureRun, sample};
use crate::error::Result;
use plotters::{chart::SeriesLabelPosition, series::LineSeries, style::Color};

/// Decades below the start of the highest loss that are drawn.
const MOST_DECADES: f64 = 12.0;

#[expect(clippy::cast_precision_loss, reason = "iterations of a picture")]
pub fn draw(area: &Area, runs: &[FigureRun]) -> Result<()> {
    let drawn = |loss: &f64| (*loss > 0.0 && loss.is_finite()).then(|| libm::log10(*loss));
    let all = || {
        runs.iter()
            .flat_map(|run| run.losses.iter().filter_map(drawn))
    };
    let high = libm::ceil(all().fold(0.0, f64::max));
    let low = libm::floor(all().fold(-6.0, f64::min)).max(high - MOST_DECADES);
    let longest = runs.iter().map(|run| run.losses.len()).max().unwrap_or(1);
    let mut chart = super::chart(area, "loss", 0.0..longest as f64, low..high)?;
    super::axes(&mut chart)
        .x_desc("t")
        .x_label_formatter(&|t| format!("{t:.0}"))
        .y_label_formatter(&|decade| format!("1e{decade:.0}"))
        .draw()
        .map_err(cannot)?;
    for (at, run) in runs.iter().enumerate() {
        let style = colour(at).stroke_width(fine(2) - fine(1) / 2);
        let points = run.losses.iter().enumerate();
        let points = points.filter_map(|(t, loss)| Some((t as f64, drawn(loss)?)));
        chart
            .draw_series(LineSeries::new(points.filter(|it| it.1 >= low), style))
            .map_err(cannot)?
            .label(run.name.clone())
            .legend(sample(style));
    }
    super::legend(&mut chart, SeriesLabelPosition::UpperRight)
}
