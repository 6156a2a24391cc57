//! The content of the terminal, or its content once the current frame is written.

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect, Size};

/// The cells of the screen, and which of them the terminal has not been told of.
#[derive(Debug, Default)]
pub(super) struct Shown {
    cells: Buffer,
    /// One for each cell, in the same order.
    changed: Vec<bool>,
}

/// Cells side by side that have changed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ChangedRun {
    pub y: u16,
    pub first: usize,
    pub last: usize,
}

impl Shown {
    pub(super) fn size(&self) -> Size {
        self.cells.area.as_size()
    }

    /// A blank screen of `size`.
    pub(super) fn clear(&mut self, size: Size) {
        self.cells.resize(Rect::from(size));
        self.cells.reset();
        self.changed.clear();
        self.changed.resize(self.cells.content.len(), false);
    }

    /// The cells of row `y`.
    pub(super) fn row(&self, y: u16) -> &[Cell] {
        let start = self.index(0, y);
        &self.cells.content[start..start + usize::from(self.size().width)]
    }

    /// True if the terminal has not been told of the cell at `(x, y)`.
    pub(super) fn has_changed(&self, x: usize, y: u16) -> bool {
        self.changed[self.index(0, y) + x]
    }

    /// The runs of changed cells, row by row.
    pub(super) fn runs(&self) -> Vec<ChangedRun> {
        let width = usize::from(self.size().width);
        let mut runs: Vec<ChangedRun> = Vec::new();
        for (y, row) in (0..).zip(self.changed.chunks(width.max(1))) {
            for x in (0..row.len()).filter(|&x| row[x]) {
                match runs.last_mut() {
                    Some(run) if run.y == y && run.last + 1 == x => run.last = x,
                    _ => runs.push(ChangedRun {
                        y,
                        first: x,
                        last: x,
                    }),
                }
            }
        }
        runs
    }

    /// Takes it that the terminal has been told of all.
    pub(super) fn settle(&mut self) {
        self.changed.fill(false);
    }

    /// Records that the cell at `(x, y)` is to look like `cell`. Outside the screen nothing is recorded.
    pub(super) fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        let Size { width, height } = self.size();
        if x >= width || y >= height {
            return;
        }
        let index = self.index(x, y);
        if self.cells.content[index] == *cell {
            return;
        }
        let margin = self.index(0, y) + usize::from(width);
        let end = (index + usize::from(cell.cell_width()).max(1)).min(margin);
        for overwritten in index..end {
            self.uncover(overwritten, margin);
        }
        self.cells.content[index] = cell.clone();
        self.changed[index] = true;
        // A wide character covers the cells to its right: whatever is put there later is a change.
        for covered in index + 1..end {
            self.cells.content[covered].set_symbol("");
            self.changed[covered] = false;
        }
    }

    /// Blanks the cells from `start` to before `end`, counted row by row.
    pub(super) fn blank(&mut self, start: Position, end: Position) {
        for index in self.index(start.x, start.y)..self.index(end.x, end.y).min(self.changed.len())
        {
            let (x, y) = self.cells.pos_of(index);
            self.put(x, y, &Cell::EMPTY);
        }
    }

    /// Makes blank what the character at `index`, about to be overwritten, covers to its right.
    fn uncover(&mut self, index: usize, margin: usize) {
        let end = (index + usize::from(self.cells.content[index].cell_width())).min(margin);
        for covered in index + 1..end {
            if self.cells.content[covered].symbol().is_empty() {
                self.cells.content[covered] = Cell::EMPTY;
                self.changed[covered] = true;
            }
        }
    }

    fn index(&self, x: u16, y: u16) -> usize {
        usize::from(y) * usize::from(self.size().width) + usize::from(x)
    }
}
