//! The backend that turns changed cells into the fewest bytes, one write a frame.
//!
//! Ratatui says which cells changed; the painter remembers what the terminal shows, where its cursor stands and which
//! pen it holds, and so leaves out what a terminal already knows. Against ratatui's own crossterm backend it saves the
//! three resets at the end of every frame, the long codes of the 16 named colours, most of the cursor motion (a gap of
//! a few unchanged cells is printed again when that is shorter), and runs of blanks, which are erased.
//!
//! A frame is collected in memory, bracketed by synchronized output (`CSI ? 2026 h` … `l`) and written with one call of
//! [`Write::write_all`]; a frame that changes nothing writes nothing. Nothing is ever asked of the terminal: the cursor
//! position is the painter's own knowledge, so that no method waits for an answer.
//!
//! The painter knows no colours but those in the cells. `NO_COLOR` is the business of whoever fills them.

mod shown;

use std::io::{self, Write};

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};

use self::shown::{ChangedRun, Shown};
use super::motion::{Cursor, move_to};
use super::pen::{Pen, is_bare, write_number};

const BEGIN_FRAME: &[u8] = b"\x1b[?2026h";
const END_FRAME: &[u8] = b"\x1b[?2026l";
const HIDE_CURSOR: &[u8] = b"\x1b[?25l";
const SHOW_CURSOR: &[u8] = b"\x1b[?25h";

/// Room for a frame before the buffer grows, in bytes.
const FRAME_CAPACITY: usize = 64 * 1024;

/// A blank run of at least this many cells is erased in place rather than printed: `CSI n X` and the motion after it
/// take about as many bytes.
const ERASE_FROM: usize = 9;

/// Most runs of changed cells among which the nearest is looked for: beyond, a screen is drawn anew, row by row.
const NEAREST_UP_TO: usize = 128;

/// Weights of a change of pen over its bytes, each tried.
const PEN_WEIGHTS: [usize; 1] = [1];

/// A ratatui backend that writes each frame at once and as short as it can.
///
/// It never asks for the size of the terminal: the owner says it ([`Painter::set_size`]). Over a `Vec<u8>` it draws
/// without any terminal, always the same bytes.
#[derive(Debug)]
pub struct Painter<W: Write> {
    out: W,
    /// The frame being collected.
    frame: Vec<u8>,
    shown: Shown,
    /// True if the terminal must be erased first: its content, pen and cursor are unknown.
    unknown: bool,
    pen: Pen,
    /// The position of the terminal's cursor, within one frame. Between frames others may move it.
    cursor: Option<Cursor>,
    wanted_cursor: CursorStyle,
    /// The cursor as the last frame left it; `None` if unknown.
    shown_cursor: Option<CursorStyle>,
}

/// The position and visibility of the user's cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct CursorStyle {
    visible: bool,
    position: Position,
}

impl<W: Write> Painter<W> {
    /// A painter for a terminal of `size` behind `out`. The first frame erases the terminal.
    pub fn new(out: W, size: Size) -> Self {
        let mut painter = Self {
            out,
            frame: Vec::with_capacity(FRAME_CAPACITY),
            shown: Shown::default(),
            unknown: true,
            pen: Pen::default(),
            cursor: None,
            wanted_cursor: CursorStyle {
                visible: false,
                position: Position::ORIGIN,
            },
            shown_cursor: None,
        };
        painter.set_size(size);
        painter
    }

    /// Takes note of the terminal's size, in cells. If it differs from the last one the next frame is a full one.
    pub fn set_size(&mut self, size: Size) {
        if self.shown.size() != size {
            self.shown.clear(size);
            self.forget();
        }
    }

    /// Forgets all that is known about the terminal: the next frame erases it and starts over. Ratatui must be told
    /// as well, by [`ratatui::Terminal::resize`].
    pub fn forget(&mut self) {
        self.shown.clear(self.shown.size());
        self.unknown = true;
        self.shown_cursor = None;
    }

    /// The writer behind the painter.
    pub fn writer(&self) -> &W {
        &self.out
    }

    /// The writer behind the painter, to take out what has been collected there. What is written past the painter is
    /// unknown to it.
    pub fn writer_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Collects the changed cells: row by row, or in an order of shorter ways, whichever takes the fewest bytes.
    fn paint_changes(&mut self) {
        let (begin, pen, cursor) = (self.frame.len(), self.pen, self.cursor);
        let runs = self.shown.runs();
        for row in runs.chunk_by(|one, other| one.y == other.y) {
            let whole = ChangedRun {
                last: row[row.len() - 1].last,
                ..row[0]
            };
            self.paint_run(whole);
        }
        if !self.unknown && runs.len() <= NEAREST_UP_TO {
            for weight in PEN_WEIGHTS {
                let best = (self.frame.split_off(begin), self.pen, self.cursor);
                (self.pen, self.cursor) = (pen, cursor);
                self.paint_nearest(runs.clone(), weight);
                if self.frame.len() - begin >= best.0.len() {
                    self.frame.truncate(begin);
                    self.frame.extend_from_slice(&best.0);
                    (self.pen, self.cursor) = (best.1, best.2);
                }
            }
        }
        self.shown.settle();
    }

    /// Collects runs, each time the one that the cursor and the pen are nearest to; a change of pen counts `weight`
    /// times its bytes, since the runs that are left may need the pen that is held.
    fn paint_nearest(&mut self, mut runs: Vec<ChangedRun>, weight: usize) {
        let mut way = Vec::new();
        let mut change = Vec::new();
        while !runs.is_empty() {
            let cost = |run: &ChangedRun| {
                way.clear();
                change.clear();
                move_to(self.cursor, cells(run.first), run.y, &mut way);
                let first = &self.shown.row(run.y)[run.first];
                if !self.pen.draws(first) {
                    self.pen.change(Pen::of(first), &mut change);
                }
                way.len() + weight * change.len()
            };
            let costs = runs.iter().map(cost).enumerate();
            let nearest = costs.min_by_key(|(_, cost)| *cost);
            let Some((nearest, _)) = nearest else { break };
            let run = runs.remove(nearest);
            self.paint_run(run);
        }
    }

    /// Collects the changed cells of a run, or of a row from its first run to its last.
    fn paint_run(&mut self, ChangedRun { y, first, last }: ChangedRun) {
        let mut x = first;
        while x <= last {
            if !self.shown.has_changed(x, y) {
                x += 1;
                continue;
            }
            let rest = &self.shown.row(y)[x..];
            let blanks = rest.iter().take_while(|cell| is_bare(cell)).count();
            let to_margin = blanks == rest.len();
            let spaces = blanks.min(last + 1 - x);
            if to_margin && spaces > b"\x1b[K".len() {
                self.erase_to_margin(x, y);
                break;
            } else if spaces >= ERASE_FROM {
                self.erase(x, y, spaces);
                x += spaces;
            } else {
                x += self.print(x, y);
            }
        }
    }

    /// Erases row `y` from column `x` on.
    fn erase_to_margin(&mut self, x: usize, y: u16) {
        self.go(x, y);
        self.take_plain_pen();
        self.frame.extend_from_slice(b"\x1b[K");
    }

    /// Erases `count` cells from `(x, y)` and leaves the cursor there.
    fn erase(&mut self, x: usize, y: u16, count: usize) {
        self.go(x, y);
        self.take_plain_pen();
        self.frame.extend_from_slice(b"\x1b[");
        write_number(cells(count), &mut self.frame);
        self.frame.push(b'X');
    }

    /// Takes a pen that erases: some terminals erase with the pen's background, others without.
    fn take_plain_pen(&mut self) {
        if !self.pen.draws(&Cell::EMPTY) {
            self.take(Pen::default());
        }
    }

    /// Prints the cell at `(x, y)` and returns how many columns it takes.
    fn print(&mut self, x: usize, y: u16) -> usize {
        self.go(x, y);
        let pen = Pen::of(&self.shown.row(y)[x]);
        if !self.pen.draws(&self.shown.row(y)[x]) {
            self.take(pen);
        }
        let cell = &self.shown.row(y)[x];
        self.frame.extend_from_slice(cell.symbol().as_bytes());
        let columns = cell.cell_width().max(1);
        let margin = self.shown.size().width;
        let x = cells(x).saturating_add(columns).min(margin);
        let exact = cell.symbol().is_ascii() && x < margin;
        self.cursor = Some(Cursor { x, y, exact });
        usize::from(columns)
    }

    fn take(&mut self, pen: Pen) {
        self.pen.change(pen, &mut self.frame);
        self.pen = pen;
    }

    /// Moves the cursor to `(x, y)`, by printing the cells between again if that is no longer.
    fn go(&mut self, x: usize, y: u16) {
        let mut motion = Vec::new();
        move_to(self.cursor, cells(x), y, &mut motion);
        let between = match self.cursor {
            Some(from) if from.exact && from.y == y && usize::from(from.x) < x => {
                &self.shown.row(y)[usize::from(from.x)..x]
            }
            _ => &[],
        };
        let printable = |cell: &Cell| cell.symbol().len() == 1 && self.pen.draws(cell);
        if !between.is_empty() && between.len() <= motion.len() && between.iter().all(printable) {
            for cell in between {
                self.frame.extend_from_slice(cell.symbol().as_bytes());
            }
        } else {
            self.frame.extend_from_slice(&motion);
        }
        self.cursor = Some(Cursor {
            x: cells(x),
            y,
            exact: true,
        });
    }

    /// Collects the cursor: shown where it is wanted, or hidden.
    fn paint_cursor(&mut self) {
        let (wanted, shown) = (self.wanted_cursor, self.shown_cursor);
        let drawn = self.frame.len() > BEGIN_FRAME.len();
        if wanted.visible && (drawn || Some(wanted) != shown) {
            let Position { x, y } = wanted.position;
            self.go(usize::from(x), y);
        }
        if shown.is_none_or(|shown| shown.visible != wanted.visible) {
            self.frame.extend_from_slice(if wanted.visible {
                SHOW_CURSOR
            } else {
                HIDE_CURSOR
            });
        }
        self.shown_cursor = Some(wanted);
    }
}

/// A count of cells, as terminals take it.
fn cells(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

impl<W: Write> Backend for Painter<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            self.shown.put(x, y, cell);
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted_cursor.visible = false;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.wanted_cursor.visible = true;
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.wanted_cursor.position)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        let Size { width, height } = self.shown.size();
        self.wanted_cursor.position = Position {
            x: x.min(width.saturating_sub(1)),
            y: y.min(height.saturating_sub(1)),
        };
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.forget();
        Ok(())
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        let Size { height, .. } = self.shown.size();
        let cursor = self.wanted_cursor.position;
        let line = Position { x: 0, ..cursor };
        let next_line = Position {
            x: 0,
            y: cursor.y + 1,
        };
        let (start, end) = match region {
            ClearType::All => return self.clear(),
            ClearType::AfterCursor => (cursor, Position { x: 0, y: height }),
            ClearType::BeforeCursor => (Position::ORIGIN, cursor),
            ClearType::CurrentLine => (line, next_line),
            ClearType::UntilNewLine => (cursor, next_line),
        };
        self.shown.blank(start, end);
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.shown.size())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.shown.size(),
            pixels: Size::ZERO,
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        self.frame.clear();
        self.frame.extend_from_slice(BEGIN_FRAME);
        self.cursor = None;
        if self.unknown {
            self.pen = Pen::default();
            self.frame.extend_from_slice(b"\x1b[m\x1b[2J");
        }
        self.paint_changes();
        self.paint_cursor();
        if self.frame.len() > BEGIN_FRAME.len() {
            self.frame.extend_from_slice(END_FRAME);
            self.unknown = false;
            self.out.write_all(&self.frame)?;
            self.out.flush()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
