//! The error along each eigenvector of the Hessian, beside what theory expected.
//!
//! ```text
//!   +- eigen  edge 0.990 ----------------------------------- minimum known ---+
//!   | lambda    alpha   theory   ratio       r                                 |
//!   |      1 -0.57412 -0.57412  0.9802  0.9802 monotone   ====|     vvvv.      |
//!   |    100  0.37104  0.37104 -0.9802 -0.9802 flipping       |=== V^V^v       |
//!   +-------------------------------------------------------------------------+
//! ```
//!
//! `ratio` is what the last iteration multiplied alpha by; `r` is what it does in theory (1 - eta*lambda
//! for gradient descent), and the word after it what that comes to. `theory` is the alpha that was
//! expected: exact where the rule is linear and the loss quadratic; `~theory` was predicted a few
//! iterations ago for the scales and the curvature that were. The edge is the curvature's share of the
//! largest stable one. The bar's side is the sign, its length counts decades; behind it the last few
//! values. Where there is no room for all, `view theory` trades bars for what theory says.

use super::{frame, more, put};
use crate::{
    analysis::{Origin, Regime},
    debugger::explain::short,
    tui::{
        app::App,
        bar::{Decades, bar, history},
        layout::Pane,
        number::number,
        theme::Role,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Decades that a bar spans.
const DECADES: u8 = 6;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let reference = &app.session.lanes.focused().reference;
    // Where there is no room for a heading, the title names the columns.
    let has_heading = area.height > 4 || spectrum_len(app) + 3 <= usize::from(area.height);
    let note = match reference.origin {
        Origin::Here => "no minimum known".to_owned(),
        origin => format!("minimum {}", origin.name()),
    };
    let title = title(app, area, has_heading);
    let inner = frame(app, Pane::Eigen, area, &title, &note, buf);
    if reference.spectrum.is_none() {
        let quiet = app.theme.style(Role::Quiet);
        put(
            buf,
            inner,
            1,
            0,
            "too many parameters for an eigenbasis",
            quiet,
        );
        return;
    }
    let columns = Columns::new(app, inner);
    let mut rows = inner;
    if has_heading && inner.height > 0 {
        columns.heading(app, inner, buf);
        rows.y += 1;
        rows.height -= 1;
    }
    let shown = usize::from(rows.height);
    let order = order(spectrum_len(app), shown);
    let scroll = app.look.scroll.min(order.len().saturating_sub(shown));
    for (y, &i) in (0..rows.height).zip(order.iter().skip(scroll)) {
        columns.row(app, i, rows, y, buf);
    }
    if order.len() > shown {
        more(app, area, shown, order.len(), buf);
    }
}

/// The pane's name, the distance to the edge, and the columns where they have no heading.
fn title(app: &App, area: Rect, has_heading: bool) -> String {
    let glyphs = app.charset.glyphs();
    let edge = match app.sight().edge {
        Some(edge) if edge.share > 1.0 => format!("  edge {}: unstable", share(edge.share)),
        Some(edge) => format!("  edge {}", share(edge.share)),
        None => String::new(),
    };
    if has_heading {
        return format!("eigen{edge}");
    }
    let columns = Columns::new(app, super::inner(area));
    let expected = if columns.has(Column::Expected) {
        format!(" {}", Column::Expected.name(app))
    } else {
        String::new()
    };
    format!("eigen{edge}: {} {}{expected}", glyphs.lambda, glyphs.alpha)
}

/// A share in three digits or so.
fn share(value: f64) -> String {
    if (1e-3..1e3).contains(&value) {
        let decimals = if value < 10.0 { 3 } else { 0 };
        format!("{value:.decimals$}")
    } else {
        format!("{value:.0e}")
    }
}

/// A column of the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    /// Which eigenvector, from 1, where there are more than two.
    Index,
    Lambda,
    Alpha,
    /// The error that was expected.
    Expected,
    /// What the last iteration multiplied the error by: digits beyond the fourth would only flicker.
    Ratio,
    /// What theory says that an iteration multiplies it by: for gradient descent 1 - eta*lambda; where the
    /// error rings, by how much it shrinks.
    Factor,
    /// What an iteration does, in a word.
    Regime,
}

impl Column {
    fn name(self, app: &App) -> String {
        let glyphs = app.charset.glyphs();
        match self {
            Self::Index => "i".to_owned(),
            Self::Lambda => glyphs.lambda.to_owned(),
            Self::Alpha => glyphs.alpha.to_owned(),
            Self::Expected if app.sight().exact => "theory".to_owned(),
            Self::Expected => "~theory".to_owned(),
            Self::Ratio => "ratio".to_owned(),
            Self::Factor => "r".to_owned(),
            Self::Regime => String::new(),
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Index => 3,
            Self::Lambda | Self::Ratio | Self::Factor => 7,
            Self::Alpha | Self::Expected | Self::Regime => 8,
        }
    }

    fn is_theory(self) -> bool {
        matches!(self, Self::Expected | Self::Factor | Self::Regime)
    }
}

/// The columns from left to right, each with the room from which it is shown: what was measured first, and
/// bars, or first what theory expects.
const MEASURED: [(Column, u16); 7] = [
    (Column::Index, 0),
    (Column::Lambda, 0),
    (Column::Alpha, 0),
    (Column::Expected, 62),
    (Column::Ratio, 34),
    (Column::Factor, 42),
    (Column::Regime, 64),
];
const THEORY: [(Column, u16); 7] = [
    (Column::Index, 0),
    (Column::Lambda, 0),
    (Column::Alpha, 0),
    (Column::Expected, 26),
    (Column::Ratio, 51),
    (Column::Factor, 43),
    (Column::Regime, 35),
];
/// Without errors, what an iteration does is all there is.
const HERE: [(Column, u16); 4] = [
    (Column::Index, 0),
    (Column::Lambda, 0),
    (Column::Factor, 16),
    (Column::Regime, 25),
];

/// How a row is laid out.
struct Columns {
    shown: Vec<Column>,
    /// Where the bar begins.
    bar: u16,
    bar_width: u16,
    history_width: u16,
}

impl Columns {
    fn new(app: &App, inner: Rect) -> Self {
        let is_predicted = app.sight().outlook.is_some();
        let reference = &app.session.lanes.focused().reference;
        let has_errors = reference.eigenbasis().is_some();
        let table = match (has_errors, app.look.theory && is_predicted) {
            (false, _) => &HERE[..],
            (true, true) => &THEORY,
            (true, false) => &MEASURED,
        };
        let is_counted = reference.minimum.len() > 2;
        let index = if is_counted {
            Column::Index.width() + 1
        } else {
            0
        };
        let room = usize::from(inner.width).saturating_sub(index);
        let fitting = table.iter().filter(|(column, from)| {
            let is_known = is_predicted || !column.is_theory();
            room >= usize::from(*from) && is_known && (is_counted || *column != Column::Index)
        });
        let shown: Vec<Column> = fitting.map(|(column, _)| *column).collect();
        let used: usize = shown.iter().map(|column| column.width() + 1).sum();
        let mut columns = Self {
            shown,
            bar: u16::try_from(used + 1).unwrap_or(u16::MAX),
            bar_width: 0,
            history_width: 0,
        };
        let rest = inner.width.saturating_sub(columns.bar);
        if !has_errors {
            return columns;
        }
        if rest >= 12 {
            columns.bar_width = (rest / 2).min(33) | 1;
            columns.history_width = rest.saturating_sub(columns.bar_width + 1);
        } else if rest >= 5 {
            columns.bar_width = (rest - 1) | 1;
        }
        columns
    }

    fn has(&self, column: Column) -> bool {
        self.shown.contains(&column)
    }

    /// Each column with where it begins and how wide it is.
    fn places(&self) -> impl Iterator<Item = (Column, u16, usize)> + '_ {
        self.shown.iter().scan(0, |x, column| {
            let from = *x;
            *x += u16::try_from(column.width() + 1).unwrap_or(u16::MAX);
            Some((*column, from, column.width()))
        })
    }

    fn heading(&self, app: &App, inner: Rect, buf: &mut Buffer) {
        for (column, x, width) in self.places() {
            let text = format!("{:>width$}", column.name(app));
            put(buf, inner, x, 0, &text, app.theme.style(Role::Quiet));
        }
    }

    /// The row of eigenvector `i` (from 0).
    fn row(&self, app: &App, i: usize, rows: Rect, y: u16, buf: &mut Buffer) {
        let reference = &app.session.lanes.focused().reference;
        let Some(spectrum) = &reference.spectrum else {
            return;
        };
        let sight = app.sight();
        let alpha = app.recent.newest(i).unwrap_or(f64::NAN);
        let directions = sight.outlook.as_ref().map(|outlook| &outlook.directions);
        let direction = directions.and_then(|it| it.get(i));
        let regime = direction.map(|it| it.regime);
        let factor = direction
            .and_then(|it| it.modes.first())
            .map(|mode| if mode.im == 0.0 { mode.re } else { mode.norm() });
        let quiet = app.theme.style(Role::Quiet);
        for (column, x, width) in self.places() {
            let blank = || " ".repeat(width);
            let (text, role) = match column {
                Column::Index => (format!("{:>width$}", i + 1), Role::Quiet),
                Column::Lambda => (curvature(spectrum.eigenvalues[i], width), Role::Text),
                Column::Alpha => (number(alpha, width), Role::Text),
                Column::Expected => (
                    (sight.alpha.as_ref()).map_or_else(blank, |it| number(it[i], width)),
                    Role::Quiet,
                ),
                Column::Ratio => (
                    // Where the error was 0 there is none.
                    (app.recent.ratio(i).filter(|it| it.is_finite()))
                        .map_or_else(blank, |ratio| number(ratio, width)),
                    Role::Text,
                ),
                Column::Factor => (
                    factor.map_or_else(blank, |factor| number(factor, width)),
                    Role::Quiet,
                ),
                Column::Regime => (
                    format!("{:<width$}", regime.map_or(String::new(), word)),
                    match regime {
                        Some(Regime::Diverging { .. }) => Role::Warning,
                        _ => Role::Quiet,
                    },
                ),
            };
            put(buf, rows, x, y, &text, app.theme.style(role));
        }
        if self.bar_width == 0 {
            return;
        }
        let glyphs = app.charset.glyphs();
        let scale = Decades::below(scale_of(app, i), DECADES);
        let role = if alpha < 0.0 {
            Role::BarNegative
        } else {
            Role::BarPositive
        };
        let bar = bar(alpha, self.bar_width, scale, glyphs);
        put(buf, rows, self.bar, y, &bar, app.theme.style(role));
        let past = history(&app.recent.component(i), self.history_width, scale, glyphs);
        put(buf, rows, self.bar + self.bar_width + 1, y, &past, quiet);
    }
}

/// An eigenvalue as short as it may be, and no longer than its column.
fn curvature(value: f64, width: usize) -> String {
    // A number keeps a column for its sign, which few eigenvalues need.
    let texts = [short(value), number(value, width + 1).trim().to_owned()];
    let fits = texts.into_iter().find(|text| text.len() <= width);
    fits.map_or_else(|| number(value, width), |text| format!("{text:>width$}"))
}

/// A regime in at most eight letters.
fn word(regime: Regime) -> String {
    match regime {
        Regime::OneShot => "one shot".into(),
        Regime::Monotone => "monotone".into(),
        // Two digits: where scales move, more would only flicker.
        Regime::Ringing { period } if period < 9.95 => format!("ring {period:.1}"),
        Regime::Ringing { period } if period < 99.5 => format!("ring {period:.0}"),
        Regime::Ringing { period } if period < 995.0 => {
            format!("ring {:.0}", (period / 10.0).round() * 10.0)
        }
        Regime::Ringing { period } => format!("ring {period:.0e}"),
        Regime::Flipping => "flipping".into(),
        Regime::Still => "still".into(),
        Regime::Constant => "constant".into(),
        Regime::Diverging { .. } => "diverges".into(),
        Regime::Unknown => String::new(),
    }
}

fn spectrum_len(app: &App) -> usize {
    let reference = &app.session.lanes.focused().reference;
    (reference.spectrum.as_ref()).map_or(0, crate::analysis::Spectrum::len)
}

/// The error that fills a bar: that at the start, rounded up to a power of ten so that it stands still.
fn scale_of(app: &App, i: usize) -> f64 {
    let session = &app.session;
    let reference = &session.lanes.focused().reference;
    let error: Vec<f64> = (session.landscape.start.iter().zip(&reference.minimum))
        .map(|(start, minimum)| start - minimum)
        .collect();
    let size = reference
        .eigenbasis()
        .map_or(1.0, |spectrum| spectrum.component(i, &error).abs());
    if size > 0.0 {
        10_f64.powf(size.log10().ceil())
    } else {
        1.0
    }
}

/// The eigenvalues in the order in which they are shown: ascending where all fit, else the extremes first.
fn order(count: usize, rows: usize) -> Vec<usize> {
    if count <= rows {
        return (0..count).collect();
    }
    (0..count)
        .map(|at| {
            if at % 2 == 0 {
                at / 2
            } else {
                count - 1 - at / 2
            }
        })
        .collect()
}
