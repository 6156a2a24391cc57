//! One picture of the screen, as text, with the codes of a terminal, or as SVG.

mod ansi;
mod shapes;
mod svg;

pub use ansi::ansi;
pub use svg::{SvgTheme, svg};

use ratatui::{
    buffer::{Buffer, Cell},
    style::{Color, Modifier},
};

/// The picture as lines of text.
#[must_use]
pub fn text(buffer: &Buffer) -> String {
    let mut text = super::screen::rows(buffer).join("\n");
    text.push('\n');
    text
}

/// The style of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    pub foreground: Color,
    pub background: Color,
    pub modifier: Modifier,
}

impl Style {
    fn of(cell: &Cell) -> Self {
        Self {
            foreground: cell.fg,
            background: cell.bg,
            modifier: cell.modifier,
        }
    }
}

/// Neighbouring cells that look the same.
#[derive(Debug)]
pub(super) struct StyledRun {
    /// The column of the first.
    x: usize,
    cells: usize,
    pub text: String,
    pub style: Style,
}

/// The runs of each row. Blanks at the end of a row that cannot be seen are left out.
pub(super) fn runs(buffer: &Buffer) -> Vec<Vec<StyledRun>> {
    let width = usize::from(buffer.area.width).max(1);
    let rows = buffer.content.chunks(width);
    rows.map(|row| {
        let seen = |cell: &Cell| {
            cell.symbol() != " "
                || cell.bg != Color::Reset
                || cell
                    .modifier
                    .intersects(Modifier::REVERSED | Modifier::UNDERLINED)
        };
        let end = row.iter().rposition(seen).map_or(0, |last| last + 1);
        let mut runs: Vec<StyledRun> = Vec::new();
        for (x, cell) in row[..end].iter().enumerate() {
            let style = Style::of(cell);
            match runs.last_mut() {
                Some(run) if run.style == style => {
                    run.text.push_str(cell.symbol());
                    run.cells += 1;
                }
                _ => runs.push(StyledRun {
                    x,
                    cells: 1,
                    text: cell.symbol().to_owned(),
                    style,
                }),
            }
        }
        runs
    })
    .collect()
}

/// The number of one of the sixteen colours; `None` for the terminal's own and for any other.
pub(super) fn number(colour: Color) -> Option<u8> {
    Some(match colour {
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
        Color::Indexed(index @ 0..=15) => index,
        _ => return None,
    })
}
