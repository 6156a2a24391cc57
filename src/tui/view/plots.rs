//! Curves over t, one diagram below the other on one axis of t.
//!
//! ```text
//!   - bias correction ----------- 1 of m  2 of s - log -     title: a letter and a name for each curve
//!      1000 22                                               labels at round values
//!       100   2222222222_______
//!        10 11                                               letters: run so far; dots: ahead of t, or theory
//!         1   1111111111.......
//!         t 0        8  ^     16        24        32         the axis of t, with a mark at the iteration shown
//! ```
//! In Braille the curves are dots, told apart by colour and by a name beside each.

use super::frame::{clip, heading, put};
use super::pane_view::PaneView;
use crate::tui::{
    app::{App, Panel, PanelCurve, Phase, Room},
    cells::cells,
    contour::{self, Axes, Overlay, Trail},
    layout::DIAGRAM,
    panes::Pane,
    plot::{LABELS, Plot, Series, Stroke},
    size_class::SizeClass,
    theme::Role,
};
use ratatui::{buffer::Buffer, layout::Rect, style::Style};

/// The pane of curves.
pub(super) const PLOT: PaneView = PaneView {
    wants: |app| wants(app, Pane::Plot),
    prepare: |app, place| prepare(app, Pane::Plot, place),
    draw: |app, place, buf| draw(app, Pane::Plot, place, buf),
};

/// The pane of losses and errors.
pub(super) const LOSS: PaneView = PaneView {
    wants: |app| wants(app, Pane::Loss),
    prepare: |app, place| prepare(app, Pane::Loss, place),
    draw: |app, place, buf| draw(app, Pane::Loss, place, buf),
};

/// The rows that diagrams have a use for: none where there are no curves.
pub(super) fn wants(app: &App, pane: Pane) -> u16 {
    match app.plots.count(pane, has_fillers(app)) {
        0 => 0,
        count => u16::try_from(count)
            .unwrap_or(u16::MAX)
            .saturating_mul(DIAGRAM)
            .saturating_add(1),
    }
}

/// True where there is room for more than what the rule declares.
fn has_fillers(app: &App) -> bool {
    app.placed.class == SizeClass::Wide || app.look.maximised
}

/// Rows beyond which a diagram is not easier to read, where others could stand in them.
const TALL: u16 = DIAGRAM + 6;

/// The least rows of a diagram, its title included: waves of errors want more than curves that rise or fall.
fn least(app: &App, pane: Pane) -> u16 {
    match app.placed.class {
        SizeClass::Wide => 12,
        SizeClass::Normal if pane == Pane::Loss => 6,
        // What a walkthrough talks about is shown, if not as high.
        SizeClass::Compact if app.caption.is_some() => 4,
        _ => 5,
    }
}

pub(super) fn prepare(app: &mut App, pane: Pane, place: Rect) {
    let columns = columns(place);
    let rows = place.height.saturating_sub(axis_rows(app, pane, place));
    let count = (rows / least(app, pane)).max(1);
    let own = u16::try_from(app.plots.count(pane, false)).unwrap_or(u16::MAX);
    let has_fillers = has_fillers(app) && rows / own.max(1) > TALL;
    let drawn = app.plots.count(pane, has_fillers).min(count.into());
    let height = usize::from(rows) / drawn.max(1);
    let room = Room {
        count: count.into(),
        first: app.look.first_plot,
        from: beginning(app),
        span: span(app, columns),
        columns,
        beside: if app.look.maximised {
            Some(u16::MAX)
        } else {
            (height >= ROOMY).then_some(place.width)
        },
        has_fillers,
    };
    app.prepare_plots(pane, room);
}

/// Newest steps of a phase portrait that are joined, and brighter.
const RECENT: usize = 6;

/// Rows that have room for more than the run and its prediction.
const ROOMY: usize = 5;

/// The columns of the curves themselves.
fn columns(place: Rect) -> u16 {
    place.width.saturating_sub(LABELS + 1) & !1
}

/// The first iteration of the run: later than 0 where a recording begins later.
fn beginning(app: &App) -> u64 {
    app.session.lanes().beginning()
}

/// The iterations that the width stands for: doubled when it is full, so that in between nothing moves.
fn span(app: &App, columns: u16) -> u64 {
    let reached = app.session.lanes().frontier().max(app.session.position().t);
    let reached = reached.saturating_sub(beginning(app));
    let mut span = u64::from(columns.max(4));
    while span <= reached {
        span = span.saturating_mul(2);
    }
    span
}

/// True if the axis of t stands below this pane: not where another one with the same axis follows.
fn axis_rows(app: &App, pane: Pane, place: Rect) -> u16 {
    let below = app.placed.panes().any(|(other, at)| {
        other != pane
            && matches!(other, Pane::Plot | Pane::Loss)
            && (at.x, at.width) == (place.x, place.width)
            && at.y >= place.bottom()
            && !at.is_empty()
    });
    u16::from(!below && place.height > 4)
}

pub(super) fn draw(app: &App, pane: Pane, place: Rect, buf: &mut Buffer) {
    let panels = app.plots.panels(pane);
    let axis = axis_rows(app, pane, place);
    let columns = columns(place);
    if panels.is_empty() {
        let inner = heading(app, pane, place, pane.row().name, "", buf);
        let quiet = app.theme.style(Role::Quiet);
        let text = "no curves: plot EXPR, EXPR ... draws some";
        put(
            buf,
            inner,
            1,
            0,
            &clip(app, text, usize::from(inner.width)),
            quiet,
        );
        return;
    }
    let rows = place.height - axis.min(place.height);
    let count = u16::try_from(panels.len()).unwrap_or(1);
    let mut top = place.y;
    for (at, panel) in (0..count).zip(panels) {
        let height = rows / count + u16::from(at < rows % count);
        let area = Rect {
            y: top,
            height,
            ..place
        };
        top += height;
        diagram(app, pane, panel, area, columns, buf);
    }
    if axis > 0 {
        let area = Rect {
            y: place.bottom() - 1,
            height: 1,
            ..place
        };
        time_axis(app, area, columns, buf);
    }
}

fn diagram(app: &App, pane: Pane, panel: &Panel, area: Rect, columns: u16, buf: &mut Buffer) {
    let note = match app.plots.reached() {
        // Curves of losses are those of the run itself.
        Some(t) if !panel.is_of_losses => format!("computed to t = {t} so far"),
        _ => panel.note.clone(),
    };
    let note = shortened(&note, usize::from(area.width), cells(&panel.title));
    let inner = heading(app, pane, area, &panel.title, note, buf);
    let title = u16::try_from(cells(&panel.title)).unwrap_or(u16::MAX);
    let note = u16::try_from(cells(note) + 6).unwrap_or(u16::MAX);
    if panel.curves.len() > 1 {
        let indent = inner.x - area.x;
        legend(
            app,
            panel,
            area,
            (
                title.saturating_add(5 + indent),
                area.width.saturating_sub(note),
            ),
            buf,
        );
    }
    if let Some(failed) = &panel.failed {
        let error = app.theme.style(Role::Error);
        put(
            buf,
            inner,
            1,
            0,
            &clip(app, failed, usize::from(inner.width)),
            error,
        );
        return;
    }
    if let Some(phase) = &panel.phase {
        portrait(app, panel, phase, inner, buf);
        return;
    }
    let quiet = app.theme.style(Role::Quiet);
    let faint = app.charset.glyphs().curve_expected;
    let theory = panel.theory.iter().map(|buckets| Series {
        buckets,
        style: quiet,
        mark: faint,
        stroke: Stroke::Faint,
    });
    let ahead = panel.curves.iter().map(|curve| Series {
        buckets: &curve.ahead,
        style: quiet,
        mark: faint,
        stroke: Stroke::Faint,
    });
    let bands = panel.curves.iter().map(|curve| Series {
        buckets: &curve.band,
        style: quiet,
        mark: faint,
        stroke: Stroke::Band,
    });
    // The first that is named on top.
    let past = panel.curves.iter().rev().map(|curve| Series {
        buckets: &curve.past,
        style: app.theme.style(curve.role),
        mark: curve.mark,
        stroke: Stroke::Solid,
    });
    let series: Vec<Series> = bands.chain(theory).chain(ahead).chain(past).collect();
    let drawn = Rect {
        width: (LABELS + columns).min(inner.width),
        ..inner
    };
    #[expect(clippy::cast_precision_loss, reason = "a column on the screen")]
    let (from, span) = (beginning(app) as f64, span(app, columns) as f64);
    Plot {
        series: &series,
        scale: panel.scale,
        has_zero: panel.has_zero,
        from,
        span,
        threshold: panel.threshold,
        crossings: &panel.crossings,
    }
    .paint(drawn, buf, &app.theme, app.charset);
    if app.charset.has_dots() && panel.curves.len() > 1 {
        names(app, panel, drawn, buf);
    }
    for (y, lost) in (0..drawn.height).zip(&panel.lost) {
        let room = usize::from(drawn.width.saturating_sub(LABELS));
        let y = drawn.height - 1 - y;
        put(
            buf,
            drawn,
            LABELS,
            y,
            &clip(app, lost, room),
            app.theme.style(Role::Error),
        );
    }
}

/// The paths of values against another, as a contour has those of lanes.
fn portrait(app: &App, panel: &Panel, phase: &Phase, room: Rect, buf: &mut Buffer) {
    let trails: Vec<Trail> = (phase.paths.iter().zip(&panel.curves).enumerate())
        .map(|(at, (visits, curve))| Trail {
            roles: [curve.role; 2],
            visits,
            ahead: &phase.ahead[at],
            recent: RECENT,
            selected: at == 0,
            letter: curve.mark,
        })
        .collect();
    let names = match &panel.curves[..] {
        [only] => [phase.across.as_str(), only.label.as_str()],
        _ => [phase.across.as_str(), ""],
    };
    let plot = contour::plot(room, &phase.window, phase.scales[1]);
    let axes = Axes {
        window: &phase.window,
        names,
        scales: phase.scales,
    };
    axes.paint(room, plot, buf, &app.theme, app.charset.glyphs());
    let overlay = Overlay {
        trails: &trails,
        ..Overlay::default()
    };
    overlay.paint(&phase.window, plot, buf, &app.theme, app.charset);
}

/// As much of a note as there is room for beside the title: its last parts give way.
fn shortened(note: &str, width: usize, title: usize) -> &str {
    let mut ends = std::iter::once(note.len()).chain(note.rmatch_indices(", ").map(|it| it.0));
    let fitting = ends.find(|end| cells(&note[..*end]) + title + 8 < width);
    &note[..fitting.unwrap_or(0)]
}

/// A letter and a name for each curve, between the title and the note.
fn legend(app: &App, panel: &Panel, area: Rect, (from, to): (u16, u16), buf: &mut Buffer) {
    let mut x = from;
    for curve in &panel.curves {
        let text = if app.charset.has_dots() || curve.label == curve.mark.to_string() {
            format!(" {} ", curve.label)
        } else {
            format!(" {} {} ", curve.mark, curve.label)
        };
        let mut text = text;
        let mut width = u16::try_from(cells(&text)).unwrap_or(u16::MAX);
        if x.saturating_add(width) > to {
            text = format!(" {} ", curve.mark);
            width = 3;
        }
        if x.saturating_add(width) > to {
            return;
        }
        put(buf, area, x, 0, &text, style(app, curve));
        x += width;
    }
}

fn style(app: &App, curve: &PanelCurve) -> Style {
    app.theme.style(curve.role)
}

/// Names beside the curves, each at a column of its own where there is room above or below.
fn names(app: &App, panel: &Panel, drawn: Rect, buf: &mut Buffer) {
    let columns = drawn.width.saturating_sub(LABELS);
    let count = u16::try_from(panel.curves.len()).unwrap_or(1);
    for (at, curve) in (1..).zip(&panel.curves) {
        let from = drawn.x + LABELS + columns * at / (2 * count + 1);
        let colour = style(app, curve);
        let on_curve = |y: &u16| {
            let cell = &buf[(from, *y)];
            is_dots(cell.symbol()) && cell.fg == colour.fg.unwrap_or_default()
        };
        let Some(y) = (drawn.top()..drawn.bottom()).find(on_curve) else {
            continue;
        };
        let width = u16::try_from(cells(&curve.label)).unwrap_or(u16::MAX);
        // Beside another name there is a blank.
        let free = |y: u16| {
            let place = from..from.saturating_add(width);
            let beside = [from.saturating_sub(1), place.end];
            let is_name = |x: u16| x < drawn.right() && has_letters(buf[(x, y)].symbol());
            place.end <= drawn.right()
                && place.clone().all(|x| !is_dots(buf[(x, y)].symbol()))
                && !place.chain(beside).any(is_name)
        };
        let near = [y.checked_sub(1), Some(y + 1)].into_iter().flatten();
        let mut near = near.filter(|y| (drawn.top()..drawn.bottom()).contains(y));
        if let Some(y) = near.find(|y| free(*y)) {
            put(
                buf,
                drawn,
                from - drawn.x,
                y - drawn.y,
                &curve.label,
                colour,
            );
        }
    }
}

fn has_letters(symbol: &str) -> bool {
    symbol.chars().any(char::is_alphanumeric)
}

fn is_dots(symbol: &str) -> bool {
    symbol
        .chars()
        .next()
        .is_some_and(|c| ('\u{2801}'..='\u{28ff}').contains(&c))
}

/// Round iterations, and a mark at the one that is shown.
fn time_axis(app: &App, area: Rect, columns: u16, buf: &mut Buffer) {
    let span = span(app, columns);
    let indent = u16::from(area.x > 0);
    let left = indent + LABELS;
    let style = app.theme.style(Role::Axis);
    put(buf, area, left.saturating_sub(2), 0, "t", style);
    let from = beginning(app);
    let end = from.saturating_add(span);
    let column = |t: u64| {
        let x = u128::from(t.saturating_sub(from)) * u128::from(columns) / u128::from(span.max(1));
        left + u16::try_from(x).unwrap_or(u16::MAX)
    };
    // Labels that do not touch, at a quarter, an eighth ... of a power of two: as the span is doubled they stay.
    let widest = u64::try_from(end.to_string().len() + 3).unwrap_or(8);
    let each = (span.saturating_mul(widest)).div_ceil(u64::from(columns.max(1)));
    let each = round(each);
    let now = column(app.session.position().t);
    // Of two axes side by side, one tells where the run is.
    let is_second = app.placed.panes().any(|(other, at)| {
        matches!(other, Pane::Plot | Pane::Loss) && at.x < area.x && at.bottom() == area.bottom()
    });
    let first = from.div_ceil(each.max(1)).saturating_mul(each);
    for t in (first..end).step_by(usize::try_from(each).unwrap_or(usize::MAX).max(1)) {
        let text = t.to_string();
        let x = column(t);
        let end = x + u16::try_from(text.len()).unwrap_or(0);
        // The mark has its place to itself: with a digit beside it, it would be another number.
        if end <= area.width && (is_second || !(x..=end).contains(&now)) {
            put(buf, area, x, 0, &text, style);
        }
    }
    let mark = app.charset.glyphs().axis_now.to_string();
    if now < area.width && !is_second {
        put(buf, area, now, 0, &mark, app.theme.style(Role::Key));
    }
}

/// The number of the form 1, 2 or 5 times a power of ten next above.
fn round(value: u64) -> u64 {
    let mut decade: u64 = 1;
    loop {
        for part in [1, 2, 5] {
            let round = decade.saturating_mul(part);
            if round >= value {
                return round;
            }
        }
        decade = decade.saturating_mul(10);
    }
}
