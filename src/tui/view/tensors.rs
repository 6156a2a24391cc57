//! The tensors of the lane in focus.
//!
//! ```text
//!   +- tensors ---------------------------------------------- 1-9 of 52 -+
//!   | tensor          shape    |w|    |g|  |dw|/|w|  rate  off not finite |
//!   | tok.weight      11x8   8.993  0.214    0.0031 0.003 1e-8          0 |
//!   +---------------------------------------------------------------------+
//! ```

use super::{
    frame::{clip, heading as title, put},
    pane_view::PaneView,
};
use crate::{
    debugger::answer::TensorColumn,
    tui::{app::App, panes::Pane, theme::Role},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants,
    prepare,
    draw,
};

/// The widest name that does not give way to columns.
const NAME: usize = 24;

/// A row for each tensor, the names of the columns, and the title.
fn wants(app: &App) -> u16 {
    let tensors = app.session.lanes().tensors().len().max(1);
    u16::try_from(tensors + 2).unwrap_or(u16::MAX)
}

fn prepare(app: &mut App, _: Rect) {
    app.prepare_tensors();
}

fn draw(app: &App, area: Rect, buf: &mut Buffer) {
    let tensors = &app.tensors.1.0;
    let rows = usize::from(area.height.saturating_sub(2)).max(1);
    let first = app.look.scroll.min(tensors.len().saturating_sub(rows));
    let note = if tensors.len() > rows {
        format!("{}-{} of {}", first + 1, first + rows, tensors.len())
    } else {
        String::new()
    };
    let columns = app.tensors.1.columns();
    let by = app.look.tensor_order.as_ref();
    let by = columns.iter().find(|it| Some(&it.heading) == by);
    let order = match by {
        Some(by) => by.order(),
        None => (0..tensors.len()).collect(),
    };
    let title_text = by.map_or("tensors".to_owned(), |it| {
        format!("tensors by {}", it.heading)
    });
    let inner = title(app, Pane::Tensors, area, &title_text, &note, buf);
    let columns = fitting(columns, usize::from(inner.width));
    let line = |at: Option<usize>| {
        let cells = columns.iter().map(|(column, width)| {
            let cell = column.cell(at, *width);
            clip(app, &cell, *width)
        });
        let cells: Vec<String> = cells.collect();
        cells.join(" ")
    };
    put(buf, inner, 0, 0, &line(None), app.theme.style(Role::Quiet));
    for (y, at) in (1..inner.height).zip(order.into_iter().skip(first)) {
        let role = if tensors[at].nonfinite > 0 {
            Role::Warning
        } else {
            Role::Text
        };
        put(buf, inner, 0, y, &line(Some(at)), app.theme.style(role));
    }
}

/// The columns that fit, from left to right, each with its width.
fn fitting(columns: Vec<TensorColumn>, room: usize) -> Vec<(TensorColumn, usize)> {
    let width = |column: &TensorColumn| match column.rank {
        0 => column.width().min(NAME),
        _ => column.width(),
    };
    let mut columns: Vec<_> = columns.into_iter().map(|it| (width(&it), it)).collect();
    let taken = |columns: &[(usize, TensorColumn)]| -> usize {
        columns
            .iter()
            .map(|it| it.0 + 1)
            .sum::<usize>()
            .saturating_sub(1)
    };
    while taken(&columns) > room && columns.len() > 1 {
        let worst = columns.iter().map(|it| it.1.rank).max();
        let last = columns.iter().rposition(|it| Some(it.1.rank) == worst);
        columns.remove(last.unwrap_or_default());
    }
    let left = room.saturating_sub(taken(&columns));
    let columns = columns
        .into_iter()
        .map(|(width, column)| match column.rank {
            0 => {
                let width = column.width().min(width + left);
                (column, width)
            }
            _ => (column, width),
        });
    columns.collect()
}
