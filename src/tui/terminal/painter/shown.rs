//! What the terminal shows, or will once the frame being collected is written.

use ratatui::buffer::{Buffer, Cell, CellWidth};
use ratatui::layout::{Position, Rect, Size};

/// The cells of the screen, and which of them the terminal has not been told of.
#[derive(Debug, Default)]
pub(super) struct Shown {
    cells: Buffer,
    /// One for each cell, in the same order.
    changed: Vec<bool>,
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

    /// Which cells of row `y` have changed.
    pub(super) fn changed(&mut self, y: u16) -> &mut [bool] {
        let start = self.index(0, y);
        let end = start + usize::from(self.size().width);
        &mut self.changed[start..end]
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
