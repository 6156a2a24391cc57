//! The columns of the eigen pane: which are shown in how much room, and what stands in them.

use crate::tui::view::frame::put;
use crate::{
    analysis::{Claim, ClaimKind, Regime, stability::Direction},
    format::column::number,
    format::{label, short},
    tui::{
        app::App,
        bar::{Decades, bar, history},
        theme::Role,
    },
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Cells of a whole bar: two a decade on each side, and zero.
const WHOLE: u16 = 2 * 12 + 1;

/// Decades that a bar spans.
const DECADES: u8 = 6;

/// A column of the pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EigenColumn {
    /// The number of the eigenvector, from 1, where there are more than two.
    Index,
    Lambda,
    Alpha,
    /// The error that was expected.
    Expected,
    /// The factor of the last iteration: digits beyond the fourth would only flicker.
    Ratio,
    /// The curvature along the eigenvector at `w`, where that is not the eigenvalue at the minimum.
    Here,
    /// The factor of an iteration in theory: for gradient descent 1 - eta*lambda; where the
    /// error rings, by how much it shrinks.
    Factor,
    /// The regime, in a word.
    Regime,
    /// The effective step times the curvature at `w`: gradient descent is stable below 2.
    EtaLambda,
}

impl EigenColumn {
    pub fn name(self, app: &App) -> String {
        let glyphs = app.charset.glyphs();
        match self {
            Self::Index => "i".to_owned(),
            Self::Lambda => glyphs.lambda.to_owned(),
            Self::Alpha => glyphs.alpha.to_owned(),
            Self::Expected => {
                let exact = app.sight().claim(ClaimKind::Exact);
                let is_exact = exact.is_some_and(Claim::holds);
                if is_exact { "theory" } else { "~theory" }.to_owned()
            }
            Self::Ratio => "ratio".to_owned(),
            Self::Here => "at w".to_owned(),
            Self::Factor => "r".to_owned(),
            Self::Regime => String::new(),
            Self::EtaLambda => "eta_lambda".to_owned(),
        }
    }

    fn width(self) -> usize {
        match self {
            Self::Index => 3,
            Self::Lambda
            | Self::Alpha
            | Self::Expected
            | Self::Ratio
            | Self::Here
            | Self::Factor => 7,
            Self::Regime => 8,
            Self::EtaLambda => 10,
        }
    }

    /// The text in it for eigenvector `i` (from 0); nothing where that is not known.
    fn cell(self, app: &App, i: usize) -> (String, Role) {
        let width = self.width();
        let sight = app.sight();
        let reference = app.session.lanes().focused().latest_reference();
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
            Self::Expected => {
                let expected = sight.alpha.as_ref().map(|it| it[i]);
                // Below what rounding of w makes, the two are not to be compared.
                match expected.filter(|it| it.abs() <= sight.rounding) {
                    Some(_) => ("~0".to_owned(), Role::Quiet),
                    None => (shown(expected), Role::Quiet),
                }
            }
            Self::Ratio => {
                // Where the error was 0 there is none.
                let ratio = app.recent.ratio(reference, i).filter(|it| it.is_finite());
                (shown(ratio), Role::Text)
            }
            Self::Here => {
                let here = direction.map(|it| curvature(it.here, width));
                (here.unwrap_or_default(), Role::Quiet)
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
            Self::EtaLambda => {
                let effective = sight.effective.as_ref().and_then(|it| it.get(i));
                let text = effective.map(|it| number(*it, Self::Ratio.width()));
                (text.unwrap_or_default(), Role::Quiet)
            }
        }
    }

    fn is_theory(self) -> bool {
        matches!(
            self,
            Self::Expected | Self::Here | Self::Factor | Self::Regime | Self::EtaLambda
        )
    }

    /// True for what goes with the curvature at `w`, and must not stand beside another one alone.
    fn is_at_w(self) -> bool {
        matches!(
            self,
            Self::Here | Self::Factor | Self::Regime | Self::EtaLambda
        )
    }
}

/// The columns from left to right, each with the room from which it is shown: what was measured first, and
/// bars, or first what theory expects.
const MEASURED: [(EigenColumn, u16); 9] = [
    (EigenColumn::Index, 0),
    (EigenColumn::Lambda, 0),
    (EigenColumn::Alpha, 0),
    (EigenColumn::Expected, 62),
    (EigenColumn::Ratio, 34),
    (EigenColumn::Here, 42),
    (EigenColumn::Factor, 42),
    (EigenColumn::Regime, 52),
    (EigenColumn::EtaLambda, 74),
];
const THEORY: [(EigenColumn, u16); 9] = [
    (EigenColumn::Index, 0),
    (EigenColumn::Lambda, 0),
    (EigenColumn::Alpha, 0),
    (EigenColumn::Expected, 26),
    (EigenColumn::Ratio, 51),
    (EigenColumn::Here, 35),
    (EigenColumn::Factor, 43),
    (EigenColumn::Regime, 35),
    (EigenColumn::EtaLambda, 62),
];
/// In so much room what an iteration does stands in full where a bar would: `eta_lambda`, and one column less.
const TIGHT: std::ops::Range<usize> = 53..62;

/// The columns there, with one that is chosen.
const fn tight(chosen: EigenColumn) -> [(EigenColumn, u16); 7] {
    [
        (EigenColumn::Index, 0),
        (EigenColumn::Lambda, 0),
        (EigenColumn::Alpha, 0),
        (chosen, 0),
        (EigenColumn::Factor, 0),
        (EigenColumn::Regime, 0),
        (EigenColumn::EtaLambda, 0),
    ]
}

/// What was measured; what theory expects; the curvature that goes with the factor, where that is another.
const TIGHT_MEASURED: [(EigenColumn, u16); 7] = tight(EigenColumn::Ratio);
const TIGHT_THEORY: [(EigenColumn, u16); 7] = tight(EigenColumn::Expected);
const TIGHT_HERE: [(EigenColumn, u16); 7] = tight(EigenColumn::Here);
/// Without errors, what an iteration does is all there is.
const HERE: [(EigenColumn, u16); 4] = [
    (EigenColumn::Index, 0),
    (EigenColumn::Lambda, 0),
    (EigenColumn::Factor, 16),
    (EigenColumn::Regime, 25),
];

/// The way a row is laid out.
pub(super) struct EigenLayout {
    shown: Vec<EigenColumn>,
    /// The place where the bar begins.
    bar: u16,
    bar_width: u16,
    history_width: u16,
}

impl EigenLayout {
    pub fn new(app: &App, inner: Rect) -> Self {
        let is_predicted = app.sight().outlook.is_some();
        let reference = app.session.lanes().focused().latest_reference();
        let has_errors = reference.eigenbasis().is_some();
        // Where there is no room for their numbers, eigenvalues tell eigenvectors apart.
        let is_counted = reference.minimum.len() > 2 && inner.width >= 20;
        let index = if is_counted {
            EigenColumn::Index.width() + 1
        } else {
            0
        };
        let room = usize::from(inner.width).saturating_sub(index);
        let is_elsewhere = has_errors && outlook_is_elsewhere(app);
        let is_tight = TIGHT.contains(&room) && is_predicted;
        let table = match (has_errors, app.look.theory && is_predicted) {
            (false, _) => &HERE[..],
            (true, _) if is_tight && is_elsewhere => &TIGHT_HERE,
            (true, true) if is_tight => &TIGHT_THEORY,
            (true, false) if is_tight => &TIGHT_MEASURED,
            (true, true) => &THEORY,
            (true, false) => &MEASURED,
        };
        let fitting = table.iter().filter(|(column, from)| {
            let is_known = is_predicted || !column.is_theory();
            let beside = if is_elsewhere && column.is_at_w() && !is_tight {
                EigenColumn::Here.width() + 1
            } else {
                0
            };
            room >= usize::from(*from) + beside
                && is_known
                && (is_counted || *column != EigenColumn::Index)
                && (is_elsewhere || *column != EigenColumn::Here)
        });
        let shown: Vec<EigenColumn> = fitting.map(|(column, _)| *column).collect();
        let used: usize = shown.iter().map(|column| column.width() + 1).sum();
        let mut columns = Self {
            shown,
            bar: u16::try_from(used + 1).unwrap_or(u16::MAX),
            bar_width: 0,
            history_width: 0,
        };
        let rest = inner.width.saturating_sub(columns.bar);
        if !has_errors || is_tight {
            return columns;
        }
        // A decade is a cell at least on each side, before there is room for a history.
        if rest > WHOLE + 8 {
            columns.bar_width = WHOLE;
            columns.history_width = rest - (WHOLE + 1);
        } else if rest >= 5 {
            columns.bar_width = (rest - 1) | 1;
        }
        columns
    }

    /// True if effective steps are shown.
    pub fn asks_for_steps(&self) -> bool {
        self.has(EigenColumn::EtaLambda)
    }

    /// The columns that stand below those beside lambda where these are few: what theory says of an iteration.
    pub fn further(&self, app: &App) -> Vec<Self> {
        let is_narrow = self.shown == [EigenColumn::Lambda, EigenColumn::Alpha];
        if !is_narrow || app.sight().outlook.is_none() || outlook_is_elsewhere(app) {
            return Vec::new();
        }
        let beside_lambda = |column| Self {
            shown: vec![EigenColumn::Lambda, column],
            bar: 0,
            bar_width: 0,
            history_width: 0,
        };
        [EigenColumn::Factor, EigenColumn::Regime]
            .map(beside_lambda)
            .into()
    }

    pub fn has(&self, column: EigenColumn) -> bool {
        self.shown.contains(&column)
    }

    /// Each column with where it begins and how wide it is.
    fn places(&self) -> impl Iterator<Item = (EigenColumn, u16, usize)> + '_ {
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
                EigenColumn::Regime => format!("{text:<width$}"),
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
        let bar = bar(alpha, self.bar_width, scale, glyphs);
        put(buf, rows, self.bar, y, &bar, app.theme.style(Role::Bar));
        let reference = app.session.lanes().focused().latest_reference();
        let past: Vec<f64> = app.recent.component(reference, i).collect();
        let past = history(&past, self.history_width, scale, glyphs);
        let quiet = app.theme.style(Role::Quiet);
        put(buf, rows, self.bar + self.bar_width + 1, y, &past, quiet);
    }
}

/// True where the curvature that an iteration meets at `w` is not that at the minimum.
fn outlook_is_elsewhere(app: &App) -> bool {
    let outlook = app.sight().outlook.as_ref();
    outlook.is_some_and(|it| it.directions.iter().any(Direction::is_elsewhere))
}

/// The error along eigenvector `i` (from 0).
fn alpha(app: &App, i: usize) -> f64 {
    let reference = app.session.lanes().focused().latest_reference();
    let newest = app.recent.component(reference, i).next_back();
    newest.unwrap_or(f64::NAN)
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
        Regime::Ringing { period } => format!("ring {}", label::period(period)),
        Regime::Unknown => String::new(),
        other => other.word().to_owned(),
    }
}

/// The error that fills a bar: that at the start, rounded up to a power of ten so that it stands still.
fn scale_of(app: &App, i: usize) -> f64 {
    let session = &app.session;
    let reference = session.lanes().focused().latest_reference();
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
