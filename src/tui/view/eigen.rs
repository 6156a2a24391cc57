//! The error along each eigenvector of the Hessian.
//!
//! ```text
//!   +- eigen  minimum known  r = 1 - eta*lambda ------------------------------+
//!   |   lambda       alpha    ratio        r                                   |
//!   |        1    -0.57412   0.9790   0.9802       ====|           vvvv....    |
//!   |      100     0.37104  -0.9310  -0.9802           |===        V^V^v'.     |
//!   +-------------------------------------------------------------------------+
//! ```
//!
//! `ratio` is what the last iteration multiplied alpha by; `r` is what gradient descent would at this step
//! size. The bar's side is the sign, its length counts decades; behind it the last few values.

use super::{frame, put};
use crate::{
    analysis::{Origin, theory},
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

/// Columns of a ratio: a sign, four digits after the point.
const RATIO: usize = 7;
/// Decades that a bar spans.
const DECADES: u8 = 6;

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let entry = app.session.lanes.focused();
    let origin = entry.reference.origin;
    // Where there is no room for a heading, the title names the columns.
    let has_heading = area.height > 4 || spectrum_len(app) + 3 <= usize::from(area.height);
    let note = match origin {
        Origin::Here => String::new(),
        origin => format!("minimum {}", origin.name()),
    };
    let title = title(app, area, has_heading);
    let inner = frame(app, Pane::Eigen, area, &title, &note, buf);
    if entry.reference.eigenbasis().is_none() {
        let quiet = app.theme.style(Role::Quiet);
        put(buf, inner, 1, 0, "no minimum was found from here,", quiet);
        put(
            buf,
            inner,
            1,
            1,
            "so there is no error to take apart.",
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
        let more = format!(" {shown} of {} ", order.len());
        let x = area
            .width
            .saturating_sub(u16::try_from(more.len()).unwrap_or(0) + 1);
        let y = area.height.saturating_sub(1);
        put(buf, area, x, y, &more, app.theme.style(Role::Quiet));
    }
}

/// The number of the setting that is a step size, if the rule has one by a usual name.
fn step_size(app: &App) -> Option<usize> {
    let compiled = app.session.lanes.focused().lane.machine().compiled();
    let usual = |name: &str| matches!(name, "eta" | "lr" | "learning_rate");
    compiled
        .settings
        .iter()
        .position(|setting| usual(&setting.name))
}

fn title(app: &App, area: Rect, has_heading: bool) -> String {
    let glyphs = app.charset.glyphs();
    let entry = app.session.lanes.focused();
    let step = step_size(app);
    if entry.reference.origin == Origin::Here {
        return "eigen  no minimum known".to_owned();
    }
    if !has_heading {
        let r = if step.is_some() && area.width >= 46 {
            " r"
        } else {
            ""
        };
        return format!("eigen: {} {} ratio{r}", glyphs.lambda, glyphs.alpha);
    }
    match step {
        Some(step) => {
            let setting = &entry.lane.machine().compiled().settings[step].name;
            let name = super::header::symbol(app, setting);
            format!("eigen  r = 1 - {name}*{}", glyphs.lambda)
        }
        None => "eigen".to_owned(),
    }
}

/// How a row is laid out.
struct Columns {
    /// Columns of a number.
    width: usize,
    /// The step size that `r` is computed with, where there is room for that.
    step: Option<f64>,
    /// Where the bar begins.
    bar: u16,
    bar_width: u16,
    history_width: u16,
}

impl Columns {
    fn new(app: &App, inner: Rect) -> Self {
        let width = if inner.width >= 56 { 9 } else { 8 };
        let machine = app.session.lanes.focused().lane.machine();
        let step = step_size(app).filter(|_| inner.width >= 44);
        let mut columns = Self {
            width,
            step: step.map(|step| machine.setting(step)),
            bar: 0,
            bar_width: 0,
            history_width: 0,
        };
        columns.bar = columns.x(if columns.step.is_some() { 4 } else { 3 }) + 1;
        let rest = inner.width.saturating_sub(columns.bar);
        if rest >= 7 {
            columns.bar_width = (rest / 2).min(33) | 1;
            columns.history_width = rest.saturating_sub(columns.bar_width + 1);
        }
        columns
    }

    /// Lambda and alpha, then the two ratios: digits beyond the fourth would only flicker.
    fn width_of(&self, at: usize) -> usize {
        if at < 2 { self.width } else { RATIO }
    }

    fn x(&self, at: usize) -> u16 {
        let used: usize = (0..at).map(|before| self.width_of(before) + 1).sum();
        u16::try_from(used).unwrap_or(u16::MAX)
    }

    fn heading(&self, app: &App, inner: Rect, buf: &mut Buffer) {
        let glyphs = app.charset.glyphs();
        let names = [glyphs.lambda, glyphs.alpha, "ratio", "r"];
        let count = if self.step.is_some() { 4 } else { 3 };
        for (at, name) in names.iter().take(count).enumerate() {
            let text = format!("{name:>0$}", self.width_of(at));
            put(
                buf,
                inner,
                self.x(at),
                0,
                &text,
                app.theme.style(Role::Quiet),
            );
        }
    }

    /// The row of eigenvector `i` (from 0).
    fn row(&self, app: &App, i: usize, rows: Rect, y: u16, buf: &mut Buffer) {
        let reference = &app.session.lanes.focused().reference;
        let Some(spectrum) = reference.eigenbasis() else {
            return;
        };
        let width = self.width;
        let lambda = spectrum.eigenvalues[i];
        let alpha = app.recent.newest(i).unwrap_or(f64::NAN);
        let ratio = app.recent.ratio(i);
        let (text, quiet) = (app.theme.style(Role::Text), app.theme.style(Role::Quiet));
        let lambda_text = format!("{:>width$}", short(lambda));
        put(buf, rows, self.x(0), y, &lambda_text, text);
        put(buf, rows, self.x(1), y, &number(alpha, width), text);
        let ratio = ratio.map_or(" ".repeat(RATIO), |ratio| number(ratio, RATIO));
        put(buf, rows, self.x(2), y, &ratio, text);
        if let Some(step) = self.step {
            let r = theory::ratio(step, lambda);
            put(buf, rows, self.x(3), y, &number(r, RATIO), quiet);
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

fn spectrum_len(app: &App) -> usize {
    let reference = &app.session.lanes.focused().reference;
    reference
        .eigenbasis()
        .map_or(0, crate::analysis::Spectrum::len)
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
