//! The error along each eigenvector of the Hessian, beside what theory expected.
//!
//! ```text
//!   +- eigen  edge 0.990 ---------------------------------- minimum known -+
//!   | lambda    alpha   theory   ratio       r                             |
//!   |      1 -0.57412 -0.57412  0.9802  0.9802 monotone   ====|     vvvv.  |
//!   |    100  0.37104  0.37104 -0.9802 -0.9802 flipping       |=== V^V^v   |
//!   +----------------------------------------------------------------------+
//!   +- eigen  edge 0.100 ------ no minimum known -+
//!   |   i  lambda       r                         |   more than two: numbered
//!   |   1      -2  1.2000 diverges                |   no minimum: no errors either
//!   +---------------------------------------------+
//! ```
//!
//! With more room, or in the place of bars, `eta_lambda` stands beside them, the step per gradient that a steady gradient leads to times the
//! curvature at `w`: gradient descent is stable below 2.
//!
//! Off a quadratic `at w`, the curvature that the iteration meets, stands beside lambda, that at the minimum:
//! `r` goes with the former.
//!
//! Theory that takes long comes some frames after a key: until then `edge ...` stands in the title, and the columns of
//! theory are those of the place before.
//!
//! `ratio` is what the last iteration multiplied alpha by; `r` is what it does in theory (1 - eta*lambda
//! for gradient descent), and the word after it what that comes to. `theory` is the alpha that was
//! expected: exact where the rule is linear and the loss quadratic; `~theory` was predicted a few
//! iterations ago for the scales and the curvature that were. The edge is the curvature's share of the
//! largest stable one. The bar's side is the sign, its length counts decades; behind it the last few
//! values. Where there is no room for all, `view theory` trades bars for what theory says.

mod columns;

use super::frame::{clip, heading, put};
use super::pane_view::PaneView;
use crate::{
    analysis::{
        Claim, ClaimKind, Origin,
        claim::{Doubt, Verdict},
    },
    format::label,
    tui::{app::App, panes::Pane, size_class::SizeClass, theme::Role},
};
use columns::{EigenColumn, EigenLayout};
use ratatui::{buffer::Buffer, layout::Rect};

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants,
    prepare,
    draw,
};

/// A row for each eigenvalue, as long as curves keep their room, the names of the columns, and the title.
pub(super) fn wants(app: &App) -> u16 {
    let n = app.session.lanes().focused().compiled().dimension();
    let most = match app.placed.class {
        SizeClass::Wide => 14,
        _ => 6,
    };
    u16::try_from(n.min(most) + 2).unwrap_or(u16::MAX)
}

pub(super) fn prepare(app: &mut App, area: Rect) {
    app.look_ahead();
    if EigenLayout::new(app, area).asks_for_steps() {
        app.derived.look_at_steps(&mut app.session);
    }
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let focused = app.session.lanes().focused();
    let (reference, knows_home) = (focused.latest_reference(), focused.minima().knows_home());
    // Where there is no room for a heading, the title names the columns.
    let has_heading = area.height > 3 || spectrum_len(app) + 2 <= usize::from(area.height);
    let rows = usize::from(area.height).saturating_sub(1 + usize::from(has_heading));
    let note = match reference.origin {
        _ if spectrum_len(app) > rows => format!("{rows} of {}", spectrum_len(app)),
        Origin::Here if !knows_home => "...".to_owned(),
        Origin::Here => "no minimum known".to_owned(),
        origin => format!("minimum {}", origin.name()),
    };
    let title = title(app, area, has_heading);
    let inner = heading(app, Pane::Eigen, area, &title, &note, buf);
    if let Err(why) = reference.known_spectrum() {
        let quiet = app.theme.style(Role::Quiet);
        let text = if !knows_home {
            "looking for the minimum near the start".to_owned()
        } else if app.session.landscape().loss.is_known() {
            why.to_string()
        } else {
            "the loss of this run is not known: open it with --loss".to_owned()
        };
        put(
            buf,
            inner,
            1,
            0,
            &clip(app, &text, usize::from(inner.width)),
            quiet,
        );
        return;
    }
    let columns = EigenLayout::new(app, inner);
    let mut rows = inner;
    if has_heading && inner.height > 0 {
        columns.heading(app, inner, buf);
        rows.y += 1;
        rows.height -= 1;
    }
    let shown = usize::from(rows.height);
    let count = spectrum_len(app);
    let scroll = app.look.scroll.min(count.saturating_sub(shown));
    for (y, at) in (0..rows.height).zip(scroll..count) {
        columns.row(app, shown_at(at, count, shown), rows, y, buf);
    }
    // What has no room beside stands below.
    let block = u16::try_from(count).map_or(u16::MAX, |it| it.saturating_add(1));
    for columns in columns.further(app) {
        rows.y += block.min(rows.height);
        rows.height -= block.min(rows.height);
        if !has_heading || rows.height + 1 < block {
            return;
        }
        columns.heading(
            app,
            Rect {
                y: rows.y - 1,
                ..inner
            },
            buf,
        );
        for (y, at) in (0..rows.height).zip(0..count) {
            columns.row(app, shown_at(at, count, shown), rows, y, buf);
        }
    }
}

/// The pane's name, the distance to the edge, and the columns where they have no heading.
fn title(app: &App, area: Rect, has_heading: bool) -> String {
    let glyphs = app.charset.glyphs();
    let stable = app.sight().claim(ClaimKind::Stable);
    let told = match stable.map(|it| &it.verdict) {
        Some(Verdict::Fails) => match stable.and_then(Claim::beside_the_edge) {
            Some(reason) => format!(": unstable, {reason}"),
            None => ": unstable".to_owned(),
        },
        Some(Verdict::Unknown(
            Doubt::Check { .. } | Doubt::Third { .. } | Doubt::Neutral { .. },
        )) => ": unknown".to_owned(),
        _ => String::new(),
    };
    let edge = match app.sight().edge {
        Some(edge) => match app.late_theory() {
            Some(t) => format!("  edge {}{told} at t = {t}", label::share(edge.share)),
            None if app.is_theory_coming() => "  edge ...".to_owned(),
            None => format!("  edge {}{told}", label::share(edge.share)),
        },
        None => String::new(),
    };
    if has_heading {
        // A title that is cut would name another edge.
        let whole = format!("eigen{edge}");
        let fits = whole.len() + 4 <= usize::from(area.width);
        return if fits { whole } else { "eigen".to_owned() };
    }
    let indent = u16::from(area.x > 0);
    let inner = Rect {
        width: area.width.saturating_sub(indent),
        ..area
    };
    let columns = EigenLayout::new(app, inner);
    let expected = if columns.has(EigenColumn::Expected) {
        format!(" {}", EigenColumn::Expected.name(app))
    } else {
        String::new()
    };
    format!("eigen{edge}: {} {}{expected}", glyphs.lambda, glyphs.alpha)
}

fn spectrum_len(app: &App) -> usize {
    let reference = app.session.lanes().focused().latest_reference();
    (reference.spectrum.as_ref()).map_or(0, crate::analysis::Spectrum::len)
}

/// The eigenvalue in place `at` of so many: ascending where all fit, else the extremes first.
fn shown_at(at: usize, count: usize, rows: usize) -> usize {
    if count <= rows {
        at
    } else if at.is_multiple_of(2) {
        at / 2
    } else {
        count - 1 - at / 2
    }
}
