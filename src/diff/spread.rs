//! The rows and tensors in which a field differs, where every row is judged from the one before it.

use crate::{runs::Run, text::counted};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Most tensors that are named.
const MOST_NAMED: usize = 5;
/// Most coordinates of a tensor that are kept as examples.
const EXAMPLES: usize = 16;
/// Parameters for each number that differs in an iteration, where those are a few of many.
const MANY_TO_ONE: usize = 64;

/// The rows and tensors in which one field differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FieldSpread {
    /// The field, by the name it was recorded under.
    pub field: String,
    /// Rows that were compared.
    pub compared: usize,
    /// Of those, the rows in which some element differs.
    pub rows: usize,
    /// The iterations of the first and the last of these rows, where there are some.
    pub range: Option<(u64, u64)>,
    /// The tensors of which some element differs in some row, where tensors have names.
    pub tensors: Vec<String>,
    /// The number of tensors that there are.
    pub of_tensors: usize,
}

impl fmt::Display for FieldSpread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, last)) = self.range else {
            return write!(f, "holds in all {}", counted(self.compared, "row"));
        };
        write!(f, "differs in ")?;
        match self.rows {
            1 => write!(f, "1 row of {}, t = {first}", self.compared)?,
            rows if rows == self.compared => write!(f, "all {rows} rows")?,
            rows => write!(f, "{rows} rows of {}, t = {first} to {last}", self.compared)?,
        }
        if self.tensors.is_empty() {
            return Ok(());
        }
        if self.tensors.len() == self.of_tensors {
            return write!(f, ", in all {} tensors", self.of_tensors);
        }
        let named = &self.tensors[..self.tensors.len().min(MOST_NAMED)];
        write!(f, ", in {}", named.join(", "))?;
        match self.tensors.len() - named.len() {
            0 => write!(f, " of {}", counted(self.of_tensors, "tensor")),
            more => write!(f, " and {more} more of {} tensors", self.of_tensors),
        }
    }
}

/// Where the parameters, or what is like them, differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FailingPlaces {
    /// The iterations and tensors, in order.
    pub cells: Vec<(u64, usize)>,
    /// All iterations in which something differs, be it like the parameters or not, in order.
    pub rows: Vec<u64>,
    /// Some coordinates that differ in some row, in order: a few of every tensor in which there are any.
    pub examples: Vec<usize>,
    /// True if in each of these iterations few of many numbers differ, and of no tensor more than half.
    pub are_few: bool,
}

impl FailingPlaces {
    /// The number of iterations in which something differs.
    #[must_use]
    pub fn iterations(&self) -> usize {
        let after_other = self.cells.windows(2).filter(|it| it[0].0 != it[1].0);
        after_other.count() + usize::from(!self.cells.is_empty())
    }
}

/// Collects what differs, row by row.
pub(super) struct SpreadCollector {
    fields: Vec<Collected>,
    /// The tensor of each parameter, where tensors have names.
    tensor_of: Vec<usize>,
    /// The iterations and tensors in which something differs, iteration by iteration.
    failing: Vec<(u64, usize)>,
    /// All iterations in which something differs, as they were noted.
    rows: Vec<u64>,
    /// Examples of coordinates that differ, of each tensor.
    examples: Vec<Vec<usize>>,
    /// The iteration in which each tensor last differed in something, where it has.
    last: Vec<Option<u64>>,
    /// The iteration that numbers which differ were last counted in, and how many did.
    counted: (u64, usize),
    /// True once so many numbers differed in an iteration that they are not a few of many.
    is_dense: bool,
}

#[derive(Clone)]
struct Collected {
    compared: usize,
    rows: usize,
    range: Option<(u64, u64)>,
    tensors: Vec<bool>,
}

impl SpreadCollector {
    pub fn new(run: &Run) -> Self {
        let is_named = run.tensors.iter().any(|it| !it.name.is_empty());
        let tensors = run.tensors.iter().enumerate().filter(|_| is_named);
        let tensor_of = tensors.flat_map(|(at, it)| it.range.clone().map(move |_| at));
        let empty = Collected {
            compared: 0,
            rows: 0,
            range: None,
            tensors: vec![false; run.tensors.len()],
        };
        Self {
            fields: vec![empty; run.fields.len()],
            tensor_of: tensor_of.collect(),
            failing: Vec::new(),
            rows: Vec::new(),
            examples: vec![Vec::new(); run.tensors.len()],
            last: vec![None; run.tensors.len()],
            counted: (0, 0),
            is_dense: false,
        }
    }

    /// Notes a row in which `field` was compared.
    pub fn row(&mut self, field: usize) {
        self.fields[field].compared += 1;
    }

    /// Notes that what `field` has of `tensor` is another in the row of iteration `t`.
    pub fn is_other(&mut self, field: usize, tensor: usize, t: u64) {
        self.row_of(field, t).tensors[tensor] = true;
    }

    /// What was found of `field`, with the row of iteration `t` among those that differ.
    fn row_of(&mut self, field: usize, t: u64) -> &mut Collected {
        if self.rows.last() != Some(&t) {
            self.rows.push(t);
        }
        let found = &mut self.fields[field];
        match &mut found.range {
            None => (found.rows, found.range) = (1, Some((t, t))),
            Some((_, last)) if *last < t => {
                found.rows += 1;
                *last = t;
            }
            Some(_) => {}
        }
        found
    }

    /// Notes that element `at` of `field`, and so many of its tensor's numbers together, differ in the row of iteration `t`.
    pub fn differs(&mut self, run: &Run, field: usize, at: usize, count: usize, t: u64) {
        self.row_of(field, t);
        let found = &mut self.fields[field];
        // A rule has one counter, whatever is recorded for each tensor.
        let tensor = self.tensor_of.get(at).copied();
        if let Some(tensor) = tensor.filter(|_| run.fields[field].is_like_parameters) {
            found.tensors[tensor] = true;
            if self.last[tensor].replace(t) != Some(t) {
                self.failing.push((t, tensor));
            }
            let before = if self.counted.0 == t {
                self.counted.1
            } else {
                0
            };
            self.counted = (t, before + count);
            self.is_dense |= 2 * count > run.tensors[tensor].range.len()
                || MANY_TO_ONE * self.counted.1 > run.dimension();
            let examples = &mut self.examples[tensor];
            if examples.len() < EXAMPLES && !examples.contains(&at) {
                examples.push(at);
            }
        }
    }

    /// Where something differs.
    pub fn places(&mut self) -> FailingPlaces {
        let mut cells = std::mem::take(&mut self.failing);
        cells.sort_unstable();
        let mut examples: Vec<usize> = self.examples.drain(..).flatten().collect();
        examples.sort_unstable();
        FailingPlaces {
            are_few: !self.is_dense && !cells.is_empty(),
            cells,
            rows: std::mem::take(&mut self.rows),
            examples,
        }
    }

    /// What was found of `fields`, in that order.
    pub fn of(&self, run: &Run, fields: impl Iterator<Item = usize>) -> Vec<FieldSpread> {
        let spread = fields.map(|field| {
            let found = &self.fields[field];
            let tensors = run.tensors.iter().zip(&found.tensors);
            FieldSpread {
                field: run.fields[field].name.clone(),
                compared: found.compared,
                rows: found.rows,
                range: found.range,
                tensors: tensors
                    .filter(|it| *it.1)
                    .map(|it| it.0.name.clone())
                    .collect(),
                of_tensors: run.tensors.len(),
            }
        });
        spread.filter(|it| it.compared > 0).collect()
    }
}
