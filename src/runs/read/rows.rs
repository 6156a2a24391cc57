//! Rows as they are read, one after the other, into the columns of a table.

use super::{LineParser, Lines, ReadOptions};
use crate::{
    error::Error,
    runs::{
        fields::has_parameters,
        row::{Flaw, ParsedRow},
        store::Block,
        table::RowTable,
    },
};

/// The help for rows of several lanes.
pub(super) const SEVERAL: &str = "choose one with --lane NAME";

fn several(row: &ParsedRow, lanes: &[String]) -> Flaw {
    let place = row.leaves().first().map_or((0, 1), |leaf| leaf.place);
    let reason = format!("the rows belong to several lanes: {}", lanes.join(", "));
    Flaw::new(place.0, place.1, reason).help(SEVERAL)
}

/// The rows that have been read so far.
pub(in crate::runs) struct Rows {
    options: ReadOptions,
    /// The numbers; those of the current block only where they are not all held.
    pub table: RowTable,
    /// Where each block is.
    pub blocks: Vec<Block>,
    /// The number of rows.
    pub count: usize,
    /// The t of the last one.
    pub last: Option<u64>,
    /// True if all numbers are held in memory.
    pub held: bool,
    /// The number of unreadable rows that were skipped.
    pub skipped: usize,
    /// The error in the first row that was skipped.
    pub first_skipped: Option<Error>,
    /// The lanes that rows have named.
    pub lanes: Vec<String>,
}

impl Rows {
    pub fn new(options: &ReadOptions) -> Self {
        Self {
            options: options.clone(),
            table: RowTable::default(),
            blocks: Vec::new(),
            count: 0,
            last: None,
            held: true,
            skipped: 0,
            first_skipped: None,
            lanes: Vec::new(),
        }
    }

    /// Takes in the line under way of `file`, unless its row belongs to another lane.
    pub fn take(&mut self, file: &Lines, parser: &mut LineParser) -> std::result::Result<(), Flaw> {
        // What is not held is read when it is asked for.
        let found = if self.held {
            None
        } else {
            parser.find(&file.written(), &self.table.columns)
        };
        let t = match &found {
            Some((t, _)) => *t,
            None => parser.read(&file.written())?,
        };
        if found.is_none() && !self.is_wanted(&parser.row)? {
            return Ok(());
        }
        let again = self.last.is_some_and(|last| {
            t.checked_sub(parser.shift.0).map(|t| t + parser.shift.1) == Some(last)
        });
        let names = self.table.columns.iter().map(|it| it.name.as_str());
        // A log tells what it knows of an iteration in several rows: losses, then what was validated.
        if again
            && self.held
            && !has_parameters(names)
            && self.table.merge(&parser.row, parser.counter)
        {
            return Ok(());
        }
        let t = self.iteration(t, parser)?;
        if self.blocks.last().is_none_or(Block::is_full) {
            if !self.held {
                self.table.clear();
            }
            let place = (file.start, file.number);
            self.blocks.push(Block::new(place, self.count, t));
        }
        let numbers = if let Some((_, places)) = &found {
            self.table.count(places.held());
            places.numbers
        } else {
            self.table.push(t, &parser.row, parser.counter)?;
            parser.row.len()
        };
        if let Some(block) = self.blocks.last_mut() {
            block.take(&file.line, numbers);
        }
        self.count += 1;
        self.last = Some(t);
        Ok(())
    }

    /// True if `row` belongs to the lane that is read.
    fn is_wanted(&mut self, row: &ParsedRow) -> std::result::Result<bool, Flaw> {
        let Some(lane) = row.lane() else {
            return Ok(true);
        };
        if !self.lanes.iter().any(|it| it == lane) {
            self.lanes.push(lane.to_owned());
        }
        let wanted = self.options.lane.as_ref();
        if wanted.is_none() && self.lanes.len() > 1 {
            return Err(several(row, &self.lanes));
        }
        Ok(row.is_of(wanted))
    }

    /// The iteration of the row that `parser` has read, which says `t`: counted from where the first row is
    /// to stand, and after that of the row before.
    fn iteration(&self, t: u64, parser: &mut LineParser) -> std::result::Result<u64, Flaw> {
        let shifted = t.checked_sub(parser.shift.0).map(|t| t + parser.shift.1);
        let t = match (shifted, self.options.first) {
            (_, Some(first)) if self.count == 0 => {
                parser.shift = (t, first);
                Some(first)
            }
            (shifted, _) => shifted,
        };
        let (start, end) = parser.place();
        match (t, self.last) {
            (None, _) => Err(Flaw::new(start, end, "this row comes before the first")),
            (Some(t), Some(last)) if t <= last => {
                let reason = format!("t = {t} does not come after t = {last}");
                Err(Flaw::new(start, end, reason).help(
                    "rows have to be in order of t, each t once; --lane NAME picks one of several runs",
                ))
            }
            (Some(t), _) => Ok(t),
        }
    }

    /// The options it reads by.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// True if rows that cannot be read are skipped.
    pub fn is_lenient(&self) -> bool {
        self.options.lenient
    }

    /// Passes over the line under way of `file`, which is no row.
    pub fn skip(&mut self, file: &Lines, error: Error) {
        // A block that began with this row begins with the next.
        self.blocks.pop_if(|block| block.offset == file.start);
        self.skipped += 1;
        self.first_skipped.get_or_insert(error);
    }

    /// Holds no more than the numbers of one block where all of them are too many.
    pub fn let_go_of_much(&mut self) {
        let is_due =
            self.count.is_multiple_of(4096) || self.blocks.last().is_some_and(Block::is_full);
        if self.held && is_due && self.table.size() > self.options.held {
            self.held = false;
            self.table.clear();
        }
    }
}
