//! One picture of the screen, as text, with the codes of a terminal, or as SVG.

mod ansi;
mod shapes;
mod svg;

pub use ansi::ansi;
pub use svg::{SvgTheme, svg};

use super::screen::symbols;
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
    /// Each symbol with the columns that it takes.
    symbols: Vec<(usize, String)>,
    pub style: Style,
}

/// Neighbouring symbols of one kind.
#[derive(Debug)]
pub(super) struct Piece<K> {
    pub kind: K,
    /// The columns that they take.
    pub cells: usize,
    pub text: String,
}

impl StyledRun {
    /// The run, cut where symbols of one `kind` and of another meet.
    pub fn pieces<K: PartialEq>(&self, kind: impl Fn(&str) -> K) -> Vec<Piece<K>> {
        let mut pieces: Vec<Piece<K>> = Vec::new();
        for (cells, symbol) in &self.symbols {
            let kind = kind(symbol);
            match pieces.last_mut() {
                Some(piece) if piece.kind == kind => {
                    piece.cells += cells;
                    piece.text.push_str(symbol);
                }
                _ => pieces.push(Piece {
                    kind,
                    cells: *cells,
                    text: symbol.clone(),
                }),
            }
        }
        pieces
    }
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
        for (x, width, cell) in symbols(&row[..end]) {
            let style = Style::of(cell);
            let symbol = (width, cell.symbol().to_owned());
            match runs.last_mut() {
                Some(run) if run.style == style => run.symbols.push(symbol),
                _ => runs.push(StyledRun {
                    x,
                    symbols: vec![symbol],
                    style,
                }),
            }
        }
        runs
    })
    .collect()
}

/// `text` as the text of XML or HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // XML has no other control characters.
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    /// A wide character takes two cells, a mark above a letter none: what follows stands where a terminal puts it.
    #[test]
    fn a_symbol_takes_the_cells_that_a_terminal_gives_it() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        let line = "\u{3042}\u{3044}e\u{301}\u{2014}x";
        buffer.set_string(0, 0, line, ratatui::style::Style::default());
        assert_eq!(text(&buffer), format!("{line}\n"));
        assert_eq!(ansi(&buffer), format!("{line}\n"));
        let rows = runs(&buffer);
        let pieces = rows[0][0].pieces(str::is_ascii);
        let told: Vec<(usize, &str)> = pieces.iter().map(|it| (it.cells, &*it.text)).collect();
        assert_eq!(told, [(6, "\u{3042}\u{3044}e\u{301}\u{2014}"), (1, "x")]);
        // 12 of margin and 8.4 for each of the six cells before it.
        let svg = svg(&buffer, "", SvgTheme::Dark);
        assert!(svg.contains("textLength=\"58.8\""), "{svg}");
    }
}
