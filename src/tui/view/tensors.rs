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
    tui::{app::App, cells::cells, panes::Pane, theme::Role},
};
use ratatui::{buffer::Buffer, layout::Rect};

/// The pane.
pub(super) const VIEW: PaneView = PaneView {
    wants,
    prepare,
    draw,
};

/// The widest name that does not give way to columns.
const NAME: usize = 22;

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
    let by = by.map(|it| it.heading.clone());
    let columns = fitting(columns, by.as_deref(), usize::from(inner.width));
    let line = |at: Option<usize>| {
        let cells = columns.iter().map(|(column, width)| {
            let cell = column.cell(at, *width);
            let cell = match column.rank {
                0 => shortened(&cell, *width),
                _ => cell,
            };
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

/// A dotted name with its parts cut to their first letters and digits, from the left, until it fits: the part that tells a
/// tensor from its neighbours is the last one. `b.layers.0.linear1.weight` is `b.l.0.linear1.weight`.
fn shortened(name: &str, width: usize) -> String {
    let name = name.trim_end();
    let mut parts: Vec<String> = name.split('.').map(str::to_owned).collect();
    let last = parts.len() - 1;
    for at in 0..last {
        if cells(&parts.join(".")) <= width {
            break;
        }
        let Some(letter) = parts[at].chars().next().filter(|it| !it.is_ascii_digit()) else {
            continue;
        };
        let stem = parts[at].trim_end_matches(|it: char| it.is_ascii_digit());
        let digits = &parts[at][stem.len()..];
        parts[at] = [letter].into_iter().chain(digits.chars()).collect();
    }
    let short = parts.join(".");
    let padding = " ".repeat(width.saturating_sub(cells(&short)));
    short + &padding
}

/// The columns that fit, from left to right, each with its width; the one that they are ordered `by` is among them.
fn fitting(
    columns: Vec<TensorColumn>,
    by: Option<&str>,
    room: usize,
) -> Vec<(TensorColumn, usize)> {
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
        let rank = |it: &(usize, TensorColumn)| match by {
            Some(by) if it.1.heading == by => 0,
            _ => it.1.rank,
        };
        let worst = columns.iter().map(rank).max();
        let last = columns.iter().rposition(|it| Some(rank(it)) == worst);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_keeps_the_part_that_tells_it_from_its_neighbours() {
        let name = "b.layers.0.linear1.weight";
        assert_eq!(shortened(name, 30), format!("{name}     "));
        assert_eq!(shortened(name, 22), "b.l.0.linear1.weight  ");
        assert_eq!(shortened(name, 16), "b.l.0.l1.weight ");
        assert_eq!(shortened("tok.weight", 4), "t.weight");
        assert_eq!(shortened("ab..12x.b", 4), "a..12x.b");
    }
}
