//! The map of a sweep as SVG: a square for each run, lighter where it is better.

use super::still::escaped;
use crate::{
    debugger::sweep::{LEVELS, Map, Outcome},
    format::short,
};
use std::fmt::Write;

/// Colours of the grades, the best first: they fall in lightness, so they survive printing in grey.
const COLOURS: [&str; LEVELS] = [
    "#fde725", "#aadc32", "#5ec962", "#27ad81", "#21918c", "#2c728e", "#3b528b", "#472d7b",
    "#440154",
];
/// A run that did not get there.
const NEVER: &str = "#c8ccd4";
/// A run that diverged.
const DIVERGED: &str = "#f0c9c7";
/// A run of which nothing is known.
const UNKNOWN: &str = "#ffffff";
/// Width and height of the map itself.
const WIDE: f64 = 600.0;
const HIGH: f64 = 400.0;
const LEFT: f64 = 90.0;
const TOP: f64 = 50.0;
const SWATCH: f64 = 66.0;

fn colour(map: &Map, outcome: Outcome) -> &'static str {
    match outcome {
        it if map.diverges(it) => DIVERGED,
        Outcome::Value(value) => COLOURS[map.level(value)],
        Outcome::Never => NEVER,
        Outcome::Diverged => DIVERGED,
        Outcome::Unknown => UNKNOWN,
    }
}

/// The map as an SVG document.
#[must_use]
pub fn svg(map: &Map) -> String {
    let (columns, rows) = map.size();
    let (across, up) = (&map.axes[0], map.axes.get(1));
    let high = if up.is_some() { HIGH } else { 60.0 };
    let (width, height) = (LEFT + WIDE + 30.0, TOP + high + 110.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <title>{0}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{LEFT}\" y=\"24\">{0}</text>\n<g shape-rendering=\"crispEdges\">\n",
        escaped(&map.heading())
    );
    let (step_x, step_y) = (WIDE / count(columns), high / count(rows));
    for row in 0..rows {
        let y = TOP + high - step_y * count(row + 1);
        let mut column = 0;
        while column < columns {
            // Equal neighbours are one rectangle.
            let fill = colour(map, map.at(column, row));
            let same = (column..columns).take_while(|at| colour(map, map.at(*at, row)) == fill);
            let run = same.count();
            let x = LEFT + step_x * count(column);
            let _ = writeln!(
                out,
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{:.2}\" height=\"{step_y:.2}\" fill=\"{fill}\"/>",
                step_x * count(run)
            );
            column += run;
        }
    }
    out += "</g>\n";
    let bottom = TOP + high;
    let text = |x: f64, y: f64, anchor: &str, text: &str| {
        format!(
            "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{}</text>\n",
            escaped(text)
        )
    };
    let scale = |log: bool| if log { " (log)" } else { "" };
    let values = &across.values;
    out += &text(LEFT, bottom + 18.0, "start", &short(values[0]));
    let middle = format!("{}{}", across.name, scale(across.log));
    out += &text(LEFT + WIDE / 2.0, bottom + 18.0, "middle", &middle);
    out += &text(
        LEFT + WIDE,
        bottom + 18.0,
        "end",
        &short(values[columns - 1]),
    );
    if let Some(axis) = up {
        out += &text(LEFT - 8.0, bottom, "end", &short(axis.values[0]));
        out += &text(LEFT - 8.0, TOP + 10.0, "end", &short(axis.values[rows - 1]));
        let name = format!("{}{}", axis.name, scale(axis.log));
        out += &text(LEFT - 8.0, TOP + high / 2.0, "end", &name);
    }
    if let Some((column, row)) = map.best() {
        let x = LEFT + step_x * (count(column) + 0.5);
        let y = bottom - step_y * (count(row) + 0.5);
        let _ = writeln!(
            out,
            "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"6\" fill=\"none\" stroke=\"#000000\" stroke-width=\"1.5\"/>"
        );
        let best = map.tell(map.at(column, row));
        let line = format!("best: {best} at {}", map.place(column, row));
        out += &text(LEFT, bottom + 42.0, "start", &line);
    }
    legend(map, bottom + 56.0, &mut out);
    out + "</svg>\n"
}

fn legend(map: &Map, y: f64, out: &mut String) {
    let mut x = LEFT;
    let mut swatch = |fill: &str, label: &str| {
        let _ = writeln!(
            out,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"12\" fill=\"{fill}\"/>\n\
             <text x=\"{x:.1}\" y=\"{:.1}\" font-size=\"11\">{label}</text>",
            SWATCH - 4.0,
            y + 25.0
        );
        x += SWATCH;
    };
    for (level, fill) in COLOURS.iter().enumerate().step_by(2) {
        if let Some(limit) = map.limit(level) {
            swatch(fill, &format!("to {}", short(limit)));
        }
    }
    swatch(NEVER, "never");
    swatch(DIVERGED, "diverges");
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand at most")]
fn count(count: usize) -> f64 {
    count as f64
}
