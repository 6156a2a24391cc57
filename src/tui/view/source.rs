//! The rule's source, with the value that each line last gave.
//!
//! ```text
//!   +- adam.rule -------------------------- w1 -------- w2 -+
//!   |   1 g     = grad(w)                  -0.5734   -37.12  |   B a break   > about to run
//!   | > 2 m     = beta1*m + (1 - beta1)*g  -0.3801*  -24.91* |   * changed by the last step
//!   |   3 s     = beta2*s + (1-beta2)*g^2  [0.0044   [18.20 ] |   [ ] (dim in colour): not run yet, so still
//!   |   bias correction of m                1.3929           |   that of the iteration before
//!   |   effective step size                                  |   a `show` of the rule, blank while its inputs
//!                                                              are of two iterations
//!   +-------------------------------------------------------+
//! ```
//! A run without lines shows its variables instead. A rule that is led along it has what was recorded and the difference
//! beside each element, and a ! before the first line whose result is not what was recorded.

mod columns;
mod comparison;
mod history;
mod summary;

use super::frame::{clip, heading, put};
use super::pane_view::PaneView;
use crate::{
    debugger::stop::StopKind,
    format::short,
    lang::graph::Extent,
    rule::{StateRole, Variable, VariableKind},
    tui::{
        app::App,
        cells::{cells, fitting_end},
        panes::Pane,
        theme::Role,
    },
};
use columns::{ListingLayout, MARKS};
use history::history;
use ratatui::{buffer::Buffer, layout::Rect};

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants,
    prepare: |_, _| {},
    draw,
};

/// The lines, what the rule shows and what is displayed, and the title.
pub(super) fn wants(app: &App) -> u16 {
    let compiled = app.session.lanes().focused().compiled();
    let lines = compiled.rule.step.len().max(if compiled.lines.is_empty() {
        compiled.variables.len()
    } else {
        0
    });
    let traces = app.session.stops().iter();
    let traces = traces.filter(|stop| stop.enabled && matches!(stop.kind, StopKind::Trace(_)));
    let shown = compiled.rule.shows.len() + app.session.displays().len() + traces.count();
    u16::try_from(lines + shown + 1).unwrap_or(u16::MAX)
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let entry = app.session.lanes().focused();
    let compiled = entry.compiled();
    let has_lines = !compiled.lines.is_empty();
    let kind = if has_lines { ".rule" } else { "" };
    let title = format!("{}{kind}", compiled.rule.name);
    let title = match app.columns.note() {
        note if note.is_empty() => title,
        note => format!("{title} {note}"),
    };
    let inner = heading(app, Pane::Source, area, &title, "", buf);
    if inner.is_empty() {
        return;
    }
    let columns = ListingLayout::new(app, inner.width);
    let begin = u16::try_from(title.len())
        .unwrap_or(u16::MAX)
        .saturating_add(4);
    let end = inner.x - area.x + columns.after(0);
    let first = columns.names.first().map_or(0, |name| cells(name) + 2);
    let first = u16::try_from(first).unwrap_or(u16::MAX);
    settings(app, area, begin, end.saturating_sub(first), buf);
    for (at, name) in columns.names.iter().take(columns.count).enumerate() {
        let room = match at {
            0 => usize::from(end.saturating_sub(begin)),
            _ => columns.each + 1,
        };
        let name = format!(" {} ", ending(app, name, room.saturating_sub(2)));
        let width = u16::try_from(cells(&name)).unwrap_or(u16::MAX);
        // It ends with its numbers.
        let x = (inner.x - area.x + columns.after(at)).saturating_sub(width);
        put(buf, area, x, 0, &name, app.theme.style(Role::Quiet));
    }
    if columns.history > 0 {
        let x = area.width.saturating_sub(columns.history);
        let name = if app.columns.is_summary {
            " spread "
        } else {
            " size "
        };
        put(buf, area, x, 0, name, app.theme.style(Role::Quiet));
    }
    if columns.names.len() > columns.count {
        let more = app.charset.glyphs().ellipsis.to_string();
        put(
            buf,
            area,
            area.width.saturating_sub(1),
            0,
            &more,
            app.theme.style(Role::Quiet),
        );
    }
    if !has_lines {
        let has_parameters = app
            .session
            .lanes()
            .focused()
            .lane
            .machine()
            .has_parameters();
        let variables = compiled.variables.iter().enumerate();
        let variables = variables.skip(usize::from(!has_parameters));
        for (y, (at, variable)) in (0..inner.height).zip(variables) {
            name(app, &columns, variable, y, inner, buf);
            values(app, &columns, at, variable, false, y, inner, buf);
        }
        return;
    }
    let steps = compiled.rule.step.len();
    let rows = steps + app.shows().len();
    let height = usize::from(inner.height);
    let cursor = app.look.cursor(&app.session).min(steps.saturating_sub(1));
    let update = (compiled.lines.iter())
        .rposition(|line| compiled.variables[line.variable].name == "w")
        .filter(|_| height > 2);
    let in_sight: Vec<usize> = shown(rows, height, cursor, update).collect();
    for (row, at) in in_sight.iter().copied().enumerate() {
        let y = u16::try_from(row).unwrap_or(u16::MAX);
        let before = row.checked_sub(1).map(|row| in_sight[row]);
        let is_last = row + 1 == in_sight.len();
        let follows = before.map_or(at == 0, |before| before + 1 == at);
        if !follows || (is_last && at + 1 < rows) {
            // Rows are left out above it, or below the last.
            let mark = app.charset.glyphs().ellipsis.to_string();
            put(buf, inner, 0, y, &mark, app.theme.style(Role::Quiet));
        }
        if at < steps {
            line(app, &columns, at, y, inner, buf);
        } else {
            show(app, &columns, at - steps, y, inner, buf);
        }
    }
}

/// The rows in sight where there is no room for all: the cursor's, as much of the rest as fits, and last the line that
/// moves w, `update`, if it would be cut off.
fn shown(
    rows: usize,
    height: usize,
    cursor: usize,
    update: Option<usize>,
) -> impl Iterator<Item = usize> {
    let window = |height: usize| {
        let first = if rows <= height {
            0
        } else {
            (cursor + 2).saturating_sub(height)
        };
        first..rows.min(first + height)
    };
    let below = update.filter(|update| *update >= window(height).end);
    let window = window(height - usize::from(below.is_some()));
    // The cursor may have come down to it.
    let below = below.filter(|update| !window.contains(update));
    window.chain(below)
}

/// The settings in force behind the title: in bold and with a mark those that were set since the start.
fn settings(app: &App, area: Rect, begin: u16, end: u16, buf: &mut Buffer) {
    let lane = &app.session.lanes().focused().lane;
    let mut x = begin;
    for (at, setting) in lane.compiled().settings.iter().enumerate() {
        let value = lane.machine().setting(at);
        let initial = lane.initial_settings().get(at);
        let is_edited = initial.is_some_and(|initial| initial.to_bits() != value.to_bits());
        let name = super::header::symbol(app, &setting.name);
        let mark = if is_edited {
            app.charset.glyphs().edited
        } else {
            ' '
        };
        let text = format!("{mark}{name} {} ", short(value));
        let width = u16::try_from(cells(&text)).unwrap_or(u16::MAX);
        if x.saturating_add(width) > end {
            return;
        }
        let role = if is_edited { Role::Edit } else { Role::Quiet };
        put(buf, area, x, 0, &text, app.theme.style(role));
        x += width;
    }
}

/// The end of `name` that fits into `room` cells, with a mark where something is cut.
fn ending(app: &App, name: &str, room: usize) -> String {
    if cells(name) <= room {
        return name.to_owned();
    }
    let mark = app.charset.glyphs().ellipsis;
    format!("{mark}{}", fitting_end(name, room.saturating_sub(1)))
}

/// The margin before a line: a break, the cursor, the number.
fn margin(app: &App, columns: &ListingLayout, at: usize, y: u16, inner: Rect, buf: &mut Buffer) {
    let glyphs = app.charset.glyphs();
    let entry = app.session.lanes().focused();
    let about_to_run = at == entry.lane.position().line && !entry.is_halted();
    let under_cursor = at == app.look.cursor(&app.session);

    if let Some(stop) = app.session.line_stop(at + 1) {
        let mark = if stop.enabled {
            glyphs.breakpoint
        } else {
            glyphs.breakpoint_off
        };
        put(
            buf,
            inner,
            0,
            y,
            &mark.to_string(),
            app.theme.style(Role::Breakpoint),
        );
    }
    if columns.off == Some(at + 1) {
        put(buf, inner, 1, y, "!", app.theme.style(Role::Warning));
    } else if about_to_run {
        put(
            buf,
            inner,
            1,
            y,
            &glyphs.cursor.to_string(),
            app.theme.style(Role::Prompt),
        );
    }
    // The mark and the number tell: a line that is drawn anew as it is reached would cost more than its value.
    let role = if under_cursor || about_to_run {
        Role::Key
    } else {
        Role::Quiet
    };
    put(
        buf,
        inner,
        MARKS,
        y,
        &format!("{:>1$}", at + 1, columns.digits),
        app.theme.style(role),
    );
    if under_cursor && !about_to_run && columns.off != Some(at + 1) {
        put(buf, inner, 1, y, "-", app.theme.style(Role::Quiet));
    }
}

/// A line of the step.
fn line(app: &App, columns: &ListingLayout, at: usize, y: u16, inner: Rect, buf: &mut Buffer) {
    margin(app, columns, at, y, inner, buf);
    let entry = app.session.lanes().focused();
    let compiled = entry.compiled();
    let position = entry.lane.position();
    let statement = &compiled.rule.step[at];
    let source = compiled.rule.source.slice(statement.span);
    let room = columns.room();
    let source = fitted(app, source, room);
    let text = app.theme.style(Role::Text);
    put(buf, inner, columns.source, y, &source, text);
    let variable = &compiled.variables[compiled.lines[at].variable];
    let name_role = match variable.kind {
        VariableKind::State(Some(StateRole::Momentum)) => Some(Role::Momentum),
        VariableKind::State(Some(StateRole::Scale)) => Some(Role::Scale),
        VariableKind::State(Some(StateRole::Count)) => Some(Role::Count),
        _ => None,
    };
    if let Some(role) = name_role {
        let name: String = source.chars().take(variable.name.len()).collect();
        put(buf, inner, columns.source, y, &name, app.theme.style(role));
    }
    if !app.columns.is_summary {
        history(app, columns, compiled.lines[at].variable, y, inner, buf);
    }
    // The value that this line gave last: later lines may have assigned the name again.
    let has_run = position.t > 0 || at < position.line;
    if has_run || variable.kind != VariableKind::Temporary {
        values(
            app,
            columns,
            compiled.lines[at].variable,
            variable,
            position.line > 0 && at >= position.line,
            y,
            inner,
            buf,
        );
    }
}

/// The name of a variable that no line makes.
fn name(
    app: &App,
    columns: &ListingLayout,
    variable: &Variable,
    y: u16,
    inner: Rect,
    buf: &mut Buffer,
) {
    let room = columns.room();
    let style = app.theme.style(Role::Text);
    put(
        buf,
        inner,
        columns.source,
        y,
        &clip(app, &variable.name, room),
        style,
    );
}

#[expect(
    clippy::too_many_arguments,
    reason = "a row: its variable, its look and its place"
)]
fn values(
    app: &App,
    columns: &ListingLayout,
    which: usize,
    variable: &Variable,
    is_stale: bool,
    y: u16,
    inner: Rect,
    buf: &mut Buffer,
) {
    let machine = app.session.lanes().focused().lane.machine();
    let value = machine.value(variable);
    let role = if is_stale { Role::Quiet } else { Role::Text };
    let recorded = app.session.recorded_value(variable);
    let lines = &app.session.lanes().focused().compiled().lines;
    let is_off = columns
        .off
        .is_some_and(|at| lines[at - 1].variable == which);
    let off_role = if is_off { Role::Warning } else { Role::Quiet };
    if variable.extent != Extent::Scalar && app.columns.is_summary {
        columns.summary(app, value, (role, is_stale), y, inner, buf);
        if let Some([norm, most]) = comparison::summed(value, recorded) {
            for (at, number, role) in [(1, norm, Role::Quiet), (2, most, off_role)] {
                let text = columns.written(number, false);
                columns.cell(app, at, &text, (role, false), y, inner, buf);
            }
        }
        summary::histogram(app, columns, value, y, inner, buf);
        return;
    }
    let elements: &[usize] = match variable.extent {
        Extent::Scalar => &[0],
        _ => app.columns.shown(),
    };
    for (at, element) in elements.iter().take(columns.elements()).enumerate() {
        let at = columns.of_element(at);
        let Some(value) = value.get(*element) else {
            continue;
        };
        if let Some((recorded, off)) = comparison::of_element(*value, recorded.get(*element)) {
            let text = columns.written(recorded, variable.is_truth);
            columns.cell(app, at + 1, &text, (Role::Quiet, false), y, inner, buf);
            let text = columns.written(off, false);
            columns.cell(app, at + 2, &text, (off_role, false), y, inner, buf);
        }
        let changed = !is_stale && app.changes.has(which, *element);
        let role = match (is_stale, changed) {
            (true, _) => Role::Quiet,
            (_, true) => Role::Changed,
            _ => Role::Text,
        };
        let text = columns.written(*value, variable.is_truth);
        columns.cell(app, at, &text, (role, is_stale), y, inner, buf);
        if changed && !app.theme.has_colour() {
            let mark = app.charset.glyphs().changed.to_string();
            let x = columns.after(at);
            put(buf, inner, x, y, &mark, app.theme.style(role));
        }
    }
}

/// A `show` of the rule.
fn show(app: &App, columns: &ListingLayout, at: usize, y: u16, inner: Rect, buf: &mut Buffer) {
    let Some(row) = app.shows().get(at) else {
        return;
    };
    let label = clip(app, &row.label, columns.room());
    let quiet = app.theme.style(Role::Quiet);
    put(buf, inner, columns.source, y, &label, quiet);
    let look = (Role::Quiet, row.is_stale);
    if app.columns.is_summary && !row.is_scalar && !row.values.is_empty() {
        let values: Vec<f64> = row.values.iter().copied().flatten().collect();
        columns.summary(app, &values, look, y, inner, buf);
        summary::histogram(app, columns, &values, y, inner, buf);
        return;
    }
    for (at, value) in row.values.iter().take(columns.elements()).enumerate() {
        if let Some(value) = value {
            let text = columns.written(*value, row.is_truth);
            let at = columns.of_element(at);
            columns.cell(app, at, &text, look, y, inner, buf);
        }
    }
}

/// A line of source that fits: as it is written, else without its optional blanks, else cut.
fn fitted(app: &App, source: &str, room: usize) -> String {
    if cells(source) <= room {
        return source.to_owned();
    }
    let single = single(source);
    if cells(&single) <= room {
        return single;
    }
    clip(app, &tight(source), room)
}

/// A line of source with single blanks.
fn single(source: &str) -> String {
    let words: Vec<&str> = source.split_whitespace().collect();
    words.join(" ")
}

/// A line of source without its optional blanks: `not`, `and`, `or` need theirs.
fn tight(source: &str) -> String {
    ["+", "-", "*", "/", "=", "<", ">", ","]
        .iter()
        .fold(single(source), |text, operator| {
            text.replace(&format!(" {operator} "), operator)
                .replace(&format!("{operator} "), operator)
        })
}
