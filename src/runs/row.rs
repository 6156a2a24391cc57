//! One row of a recorded run, as its line has it.

/// An error in a line, with its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Flaw {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The reason.
    pub reason: String,
    /// The next thing to do.
    pub help: Option<&'static str>,
}

impl Flaw {
    pub fn new(start: usize, end: usize, reason: impl Into<String>) -> Self {
        Self {
            start,
            end: end.max(start),
            reason: reason.into(),
            help: None,
        }
    }

    pub fn help(mut self, help: &'static str) -> Self {
        self.help = Some(help);
        self
    }
}

/// Numbers under one name.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Leaf {
    parts: LeafParts,
    /// The place of the value in the line.
    pub place: (usize, usize),
}

/// What a leaf has of the names, lengths and numbers of its row.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct LeafParts {
    name: (usize, usize),
    shape: (usize, usize),
    values: (usize, usize),
}

/// The names and shapes of a row, which most of the time are those of the row before.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct RowForm {
    leaves: Vec<LeafParts>,
    names: String,
    shapes: Vec<usize>,
}

/// All that a line says. Meant to be used again for the next line.
#[derive(Debug, Clone, Default)]
pub(super) struct ParsedRow {
    leaves: Vec<Leaf>,
    names: String,
    shapes: Vec<usize>,
    values: Vec<f64>,
    /// The lane that the row belongs to, if it names one.
    lane: String,
    names_lane: bool,
    /// Room for the path of a value and the lengths of its axes while a line is read.
    pub room: (String, Vec<usize>),
}

impl ParsedRow {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.leaves.clear();
        self.names.clear();
        self.shapes.clear();
        self.values.clear();
        self.names_lane = false;
    }

    /// The lane that the row belongs to, if it names one.
    pub fn lane(&self) -> Option<&str> {
        self.names_lane.then_some(&self.lane)
    }

    /// Room for the name of the lane that the row belongs to.
    pub fn name_lane(&mut self) -> &mut String {
        self.names_lane = true;
        self.lane.clear();
        &mut self.lane
    }

    /// True if the row has these names and shapes, in this order.
    pub fn has_form(&self, form: &RowForm) -> bool {
        let parts = self.leaves.iter().map(|leaf| &leaf.parts);
        self.leaves.len() == form.leaves.len()
            && parts.zip(&form.leaves).all(|(own, other)| own == other)
            && self.names == form.names
            && self.shapes == form.shapes
    }

    /// Makes `form` that of the row.
    pub fn copy_form(&self, form: &mut RowForm) {
        form.leaves.clear();
        form.leaves
            .extend(self.leaves.iter().map(|leaf| leaf.parts));
        form.names.clone_from(&self.names);
        form.shapes.clone_from(&self.shapes);
    }

    /// True if the row belongs to the wanted lane; a row that names none belongs to any.
    pub fn is_of(&self, wanted: Option<&String>) -> bool {
        let (Some(wanted), Some(lane)) = (wanted, self.lane()) else {
            return true;
        };
        wanted == lane
    }

    /// Begins a leaf called `name`, whose value begins at byte `start`.
    pub fn begin(&mut self, name: &str, start: usize) {
        let from = self.names.len();
        self.names.push_str(name);
        self.leaves.push(Leaf {
            parts: LeafParts {
                name: (from, self.names.len()),
                shape: (self.shapes.len(), self.shapes.len()),
                values: (self.values.len(), self.values.len()),
            },
            place: (start, start),
        });
    }

    /// Adds a number to the leaf under way.
    #[inline]
    pub fn number(&mut self, value: f64) {
        self.values.push(value);
    }

    /// Adds the numbers to the leaf under way that `put` adds to the others.
    pub fn numbers(&mut self, put: impl FnOnce(&mut Vec<f64>)) {
        put(&mut self.values);
    }

    /// The number of numbers in the row.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Ends the leaf at byte `end`.
    pub fn end(&mut self, shape: &[usize], end: usize) {
        self.shapes.extend_from_slice(shape);
        if let Some(leaf) = self.leaves.last_mut() {
            leaf.parts.shape.1 = self.shapes.len();
            leaf.parts.values.1 = self.values.len();
            leaf.place.1 = end;
        }
    }

    /// Takes back the leaf under way: nothing was recorded.
    pub fn drop_last(&mut self) {
        if let Some(Leaf { parts, .. }) = self.leaves.pop() {
            self.names.truncate(parts.name.0);
            self.shapes.truncate(parts.shape.0);
            self.values.truncate(parts.values.0);
        }
    }

    /// The leaves in the order of the line.
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// The leaf's name.
    pub fn name(&self, leaf: &Leaf) -> &str {
        &self.names[leaf.parts.name.0..leaf.parts.name.1]
    }

    /// The lengths of its array along each axis; empty for one number.
    pub fn shape(&self, leaf: &Leaf) -> &[usize] {
        &self.shapes[leaf.parts.shape.0..leaf.parts.shape.1]
    }

    /// The numbers of a leaf, row by row.
    pub fn values(&self, leaf: &Leaf) -> &[f64] {
        &self.values[leaf.parts.values.0..leaf.parts.values.1]
    }
}
