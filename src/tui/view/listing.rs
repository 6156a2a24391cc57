//! The rule's source, with the value that each line last gave.
//!
//! ```text
//!   +- adam.rule -------------------------- w1 -------- w2 -+
//!   |   1 g     = grad(w)                  -0.5734   -37.12  |   B a break   > about to run
//!   | > 2 m     = beta1*m + (1 - beta1)*g  -0.3801*  -24.91* |   * changed by the last step
//!   |   bias correction m_hat/m             1.3929           |   a `show` of the rule
//!   +-------------------------------------------------------+
//! ```
//! A run without lines shows its variables instead.

use super::{clip, frame, put};
use crate::{
    format::column::number,
    lang::graph::Extent,
    rule::{Role as StateRole, Variable, VariableKind},
    tui::{app::App, layout::Pane, theme::Role},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// Columns before the line's number: break and cursor.
const MARKS: u16 = 2;

/// How a line is laid out.
struct Columns {
    /// Digits of the last line's number.
    digits: usize,
    /// Where the source begins.
    source: u16,
    /// How many elements are shown.
    count: usize,
    /// Columns of a number.
    width: usize,
    /// Where the first number begins.
    start: u16,
}

impl Columns {
    fn new(app: &App, room: u16) -> Self {
        let compiled = app.session.lanes().focused().compiled();
        let n = compiled.dimension();
        let digits = compiled.lines.len().max(1).to_string().len();
        // Enough for three digits of what is small; more of them would jitter at every step.
        let width = if room >= 72 { 9 } else { 8 };
        // A number and its mark; half the room is the source's.
        let each = width + 1;
        let fits = (usize::from(room) / 2 / each).max(1);
        let count = n.min(fits).min(crate::tui::app::ELEMENTS);
        let used = u16::try_from(count * each).unwrap_or(u16::MAX);
        Self {
            digits,
            source: MARKS + u16::try_from(digits + 1).unwrap_or(u16::MAX),
            count,
            width,
            start: room.saturating_sub(used),
        }
    }

    /// The room for the source.
    fn room(&self) -> usize {
        usize::from(self.start.saturating_sub(self.source + 1))
    }

    fn x(&self, at: usize) -> u16 {
        self.start + u16::try_from(at * (self.width + 1)).unwrap_or(u16::MAX)
    }
}

pub(super) fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let entry = app.session.lanes().focused();
    let compiled = entry.compiled();
    let has_lines = !compiled.lines.is_empty();
    let kind = if has_lines { ".rule" } else { "" };
    let title = format!("{}{kind}", compiled.rule.name);
    let inner = frame(app, Pane::Source, area, &title, "", buf);
    if inner.is_empty() {
        return;
    }
    let columns = Columns::new(app, inner.width);
    for at in 0..columns.count {
        let x = inner.x - area.x + columns.x(at) + u16::try_from(columns.width).unwrap_or(0) - 3;
        let name = format!(" w{} ", at + 1);
        put(
            buf,
            area,
            x.saturating_sub(1),
            0,
            &name,
            app.theme.style(Role::Quiet),
        );
    }
    if compiled.dimension() > columns.count {
        let more = app.charset.glyphs().ellipsis.to_string();
        put(
            buf,
            area,
            area.width.saturating_sub(2),
            0,
            &more,
            app.theme.style(Role::Quiet),
        );
    }
    if !has_lines {
        let variables = compiled.variables.iter().enumerate();
        for (y, (at, variable)) in (0..inner.height).zip(variables) {
            name(app, &columns, variable, y, inner, buf);
            values(app, &columns, at, variable, y, inner, buf);
        }
        return;
    }
    let steps = compiled.rule.step.len();
    let rows = steps + app.shows().len();
    let height = usize::from(inner.height);
    let cursor = app.look.cursor(&app.session).min(steps.saturating_sub(1));
    // Keep the cursor in sight, and as much of the rest as there is room for.
    let first = if rows <= height {
        0
    } else {
        (cursor + 2).saturating_sub(height)
    };
    for (row, at) in (first..rows).take(height).enumerate() {
        let y = u16::try_from(row).unwrap_or(u16::MAX);
        if at < steps {
            line(app, &columns, at, y, inner, buf);
        } else {
            show(app, &columns, at - steps, y, inner, buf);
        }
    }
}

/// What stands before a line: a break, the cursor, the number.
fn margin(app: &App, columns: &Columns, at: usize, y: u16, inner: Rect, buf: &mut Buffer) {
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
    if about_to_run {
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
    if under_cursor && !about_to_run {
        put(buf, inner, 1, y, "-", app.theme.style(Role::Quiet));
    }
}

/// A line of the step.
fn line(app: &App, columns: &Columns, at: usize, y: u16, inner: Rect, buf: &mut Buffer) {
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
    // The value that this line gave last: later lines may have assigned the name again.
    let has_run = position.t > 0 || at < position.line;
    if has_run || variable.kind != VariableKind::Temporary {
        values(
            app,
            columns,
            compiled.lines[at].variable,
            variable,
            y,
            inner,
            buf,
        );
    }
}

/// The name of a variable that no line makes.
fn name(app: &App, columns: &Columns, variable: &Variable, y: u16, inner: Rect, buf: &mut Buffer) {
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

fn values(
    app: &App,
    columns: &Columns,
    which: usize,
    variable: &Variable,
    y: u16,
    inner: Rect,
    buf: &mut Buffer,
) {
    let machine = app.session.lanes().focused().lane.machine();
    let value = machine.value(variable);
    let shown = if variable.extent == Extent::Scalar {
        1
    } else {
        columns.count
    };
    for (at, value) in value.iter().take(shown).enumerate() {
        let changed = app.changes.has(which, at);
        let role = if changed { Role::Changed } else { Role::Text };
        let x = columns.x(at);
        let style = app.theme.style(role);
        put(buf, inner, x, y, &number(*value, columns.width), style);
        if changed {
            let mark = app.charset.glyphs().changed.to_string();
            let x = x + u16::try_from(columns.width).unwrap_or(0);
            put(buf, inner, x, y, &mark, style);
        }
    }
}

/// A `show` of the rule.
fn show(app: &App, columns: &Columns, at: usize, y: u16, inner: Rect, buf: &mut Buffer) {
    let Some((label, value)) = app.shows().get(at) else {
        return;
    };
    let room = columns.room();
    put(
        buf,
        inner,
        columns.source,
        y,
        &clip(app, label, room),
        app.theme.style(Role::Quiet),
    );
    for (at, value) in value.iter().take(columns.count).enumerate() {
        let text = number(*value, columns.width);
        put(
            buf,
            inner,
            columns.x(at),
            y,
            &text,
            app.theme.style(Role::Quiet),
        );
    }
}

/// A line of source that fits: as it is written, else without its optional blanks, else cut.
fn fitted(app: &App, source: &str, room: usize) -> String {
    if source.chars().count() <= room {
        return source.to_owned();
    }
    let words: Vec<&str> = source.split_whitespace().collect();
    let single = words.join(" ");
    if single.chars().count() <= room {
        return single;
    }
    // `not`, `and`, `or` need theirs.
    let tight = ["+", "-", "*", "/", "=", "<", ">", ","]
        .iter()
        .fold(single, |text, operator| {
            text.replace(&format!(" {operator} "), operator)
                .replace(&format!("{operator} "), operator)
        });
    clip(app, &tight, room)
}
