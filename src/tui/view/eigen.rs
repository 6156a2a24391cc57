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
    let glyphs = app.charset.glyphs();
    let entry = app.session.lanes.focused();
    let machine = entry.lane.machine();
    let compiled = machine.compiled();
    let step = compiled
        .settings
        .iter()
        .position(|setting| matches!(setting.name.as_str(), "eta" | "lr" | "learning_rate"));
    let title = match (entry.reference.origin, step) {
        (Origin::Here, _) => "eigen  no minimum known".to_owned(),
        (_, Some(step)) => {
            let name = super::header::symbol(app, &compiled.settings[step].name);
            format!("eigen  r = 1 - {name}*{}", glyphs.lambda)
        }
        _ => "eigen".to_owned(),
    };
    // Where there is no room for a heading, the title names the columns.
    let has_heading = area.height > 4 || spectrum_len(app) + 3 <= usize::from(area.height);
    let title = if has_heading || entry.reference.origin == Origin::Here {
        title
    } else {
        let r = if step.is_some() && area.width >= 46 {
            " r"
        } else {
            ""
        };
        format!("eigen: {} {} ratio{r}", glyphs.lambda, glyphs.alpha)
    };
    let note = match entry.reference.origin {
        Origin::Here => String::new(),
        origin => format!("minimum {}", origin.name()),
    };
    let inner = frame(app, Pane::Eigen, area, &title, &note, buf);
    let Some(spectrum) = entry.reference.eigenbasis() else {
        put(
            buf,
            inner,
            1,
            0,
            "no minimum was found from here,",
            app.theme.style(Role::Quiet),
        );
        put(
            buf,
            inner,
            1,
            1,
            "so there is no error to take apart.",
            app.theme.style(Role::Quiet),
        );
        return;
    };
    if inner.is_empty() {
        return;
    }
    let width = if inner.width >= 56 { 9 } else { 8 };
    let with_r = inner.width >= 44 && step.is_some();
    // Lambda and alpha, then the two ratios: digits beyond the fourth would only flicker.
    let widths = [width, width, RATIO, RATIO];
    let column = |at: usize| {
        let used: usize = widths.iter().take(at).map(|width| width + 1).sum();
        u16::try_from(used).unwrap_or(u16::MAX)
    };
    let columns = if with_r { 4 } else { 3 };
    let mut first_row = 0;
    if has_heading {
        let names = [glyphs.lambda, glyphs.alpha, "ratio", "r"];
        for (at, name) in names.iter().take(columns).enumerate() {
            let text = format!("{name:>0$}", widths[at]);
            put(
                buf,
                inner,
                column(at),
                0,
                &text,
                app.theme.style(Role::Quiet),
            );
        }
        first_row = 1;
    }
    let rows = usize::from(inner.height.saturating_sub(first_row));
    let order = order(spectrum.len(), rows);
    let scroll = app.look.scroll.min(order.len().saturating_sub(rows));
    let rest = inner.width.saturating_sub(column(columns) + 1);
    let bar_width = (rest / 2).clamp(0, 33) | 1;
    let history_width = rest.saturating_sub(bar_width + 1);
    for (row, &i) in order.iter().skip(scroll).take(rows).enumerate() {
        let y = first_row + u16::try_from(row).unwrap_or(u16::MAX);
        let lambda = spectrum.eigenvalues[i];
        let alpha = app.recent.newest(i).unwrap_or(f64::NAN);
        let text = app.theme.style(Role::Text);
        let lambda_text = format!("{:>width$}", short(lambda));
        put(buf, inner, column(0), y, &lambda_text, text);
        put(buf, inner, column(1), y, &number(alpha, width), text);
        let ratio = app.recent.ratio(i);
        let ratio = ratio.map_or(" ".repeat(RATIO), |ratio| number(ratio, RATIO));
        put(buf, inner, column(2), y, &ratio, text);
        if let (true, Some(step)) = (with_r, step) {
            let r = theory::ratio(machine.setting(step), lambda);
            put(
                buf,
                inner,
                column(3),
                y,
                &number(r, RATIO),
                app.theme.style(Role::Quiet),
            );
        }
        if rest < 7 {
            continue;
        }
        let scale = Decades::below(scale_of(app, i), DECADES);
        let role = if alpha < 0.0 {
            Role::BarNegative
        } else {
            Role::BarPositive
        };
        let x = column(columns) + 1;
        put(
            buf,
            inner,
            x,
            y,
            &bar(alpha, bar_width, scale, glyphs),
            app.theme.style(role),
        );
        let past = app.recent.component(i);
        let past = history(&past, history_width, scale, glyphs);
        put(
            buf,
            inner,
            x + bar_width + 1,
            y,
            &past,
            app.theme.style(Role::Quiet),
        );
    }
    if order.len() > rows {
        let more = format!("{} of {}", rows, order.len());
        let x = area
            .width
            .saturating_sub(u16::try_from(more.len()).unwrap_or(0) + 3);
        put(
            buf,
            area,
            x,
            area.height.saturating_sub(1),
            &format!(" {more} "),
            app.theme.style(Role::Quiet),
        );
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
