//! The columns of the eigen pane: which are shown in how much room, and what stands in them.

use super::put;
use crate::{
    analysis::Regime,
    format::column::number,
    format::short,
    tui::{
        app::App,
        bar::{Decades, bar, history},
        theme::Role,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Decades that a bar spans.
const DECADES: u8 = 6;

/// A column of the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
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
    pub fn name(self, app: &App) -> String {
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

    /// What stands in it for eigenvector `i` (from 0); nothing where that is not known.
    fn cell(self, app: &App, i: usize) -> (String, Role) {
        let width = self.width();
        let sight = app.sight();
        let reference = &app.session.lanes().focused().reference;
        let outlook = sight.outlook.as_ref();
        let direction = outlook.and_then(|outlook| outlook.directions.get(i));
        let shown = |value: Option<f64>| value.map_or(String::new(), |it| number(it, width));
        match self {
            Self::Index => ((i + 1).to_string(), Role::Quiet),
            Self::Lambda => {
                let spectrum = reference.spectrum.as_ref();
                let lambda = spectrum.map(|it| curvature(it.eigenvalues[i], width));
                (lambda.unwrap_or_default(), Role::Text)
            }
            Self::Alpha => (number(alpha(app, i), width), Role::Text),
            Self::Expected => (shown(sight.alpha.as_ref().map(|it| it[i])), Role::Quiet),
            Self::Ratio => {
                // Where the error was 0 there is none.
                let ratio = app.recent.ratio(i).filter(|it| it.is_finite());
                (shown(ratio), Role::Text)
            }
            Self::Factor => {
                let mode = direction.and_then(|it| it.modes.first());
                let factor = mode.map(|it| if it.im == 0.0 { it.re } else { it.norm() });
                (shown(factor), Role::Quiet)
            }
            Self::Regime => match direction.map(|it| it.regime) {
                Some(regime @ (Regime::Diverging { .. } | Regime::Growing { .. })) => {
                    (word(regime), Role::Warning)
                }
                regime => (regime.map_or(String::new(), word), Role::Quiet),
            },
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
pub(super) struct Columns {
    shown: Vec<Column>,
    /// Where the bar begins.
    bar: u16,
    bar_width: u16,
    history_width: u16,
}

impl Columns {
    pub fn new(app: &App, inner: Rect) -> Self {
        let is_predicted = app.sight().outlook.is_some();
        let reference = &app.session.lanes().focused().reference;
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

    pub fn has(&self, column: Column) -> bool {
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

    pub fn heading(&self, app: &App, inner: Rect, buf: &mut Buffer) {
        for (column, x, width) in self.places() {
            let text = format!("{:>width$}", column.name(app));
            put(buf, inner, x, 0, &text, app.theme.style(Role::Quiet));
        }
    }

    /// The row of eigenvector `i` (from 0).
    pub fn row(&self, app: &App, i: usize, rows: Rect, y: u16, buf: &mut Buffer) {
        for (column, x, width) in self.places() {
            let (text, role) = column.cell(app, i);
            let text = match column {
                Column::Regime => format!("{text:<width$}"),
                _ => format!("{text:>width$}"),
            };
            put(buf, rows, x, y, &text, app.theme.style(role));
        }
        if self.bar_width > 0 {
            self.bar(app, i, rows, y, buf);
        }
    }

    /// The error as a bar, and the last few before it.
    fn bar(&self, app: &App, i: usize, rows: Rect, y: u16, buf: &mut Buffer) {
        let alpha = alpha(app, i);
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
        let quiet = app.theme.style(Role::Quiet);
        put(buf, rows, self.bar + self.bar_width + 1, y, &past, quiet);
    }
}

/// The error along eigenvector `i` (from 0).
fn alpha(app: &App, i: usize) -> f64 {
    app.recent.newest(i).unwrap_or(f64::NAN)
}

/// An eigenvalue as short as it may be, and no longer than its column.
fn curvature(value: f64, width: usize) -> String {
    // A number keeps a column for its sign, which few eigenvalues need.
    let texts = [short(value), number(value, width + 1).trim().to_owned()];
    let fits = texts.into_iter().find(|text| text.len() <= width);
    fits.unwrap_or_else(|| number(value, width))
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
        Regime::Growing { .. } => "grows".into(),
        Regime::Unknown => String::new(),
    }
}

/// The error that fills a bar: that at the start, rounded up to a power of ten so that it stands still.
fn scale_of(app: &App, i: usize) -> f64 {
    let session = &app.session;
    let reference = &session.lanes().focused().reference;
    let error: Vec<f64> = (session.landscape().start.iter().zip(&reference.minimum))
        .map(|(start, minimum)| start - minimum)
        .collect();
    let size = reference
        .eigenbasis()
        .map_or(1.0, |spectrum| spectrum.component(i, &error).abs());
    if size > 0.0 {
        libm::exp10(libm::log10(size).ceil())
    } else {
        1.0
    }
}
