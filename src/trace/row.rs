//! One lane at one `t`.

use crate::{
    columns::{COLUMNS, Column, Traced},
    debugger::lanes::Entry,
    lang::graph::Extent,
    rule::VariableKind,
};

/// A row of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// What every row has, in the order of [`COLUMNS`].
    pub cells: [Cell<'a>; COLUMNS.len()],
    /// The rule's variables besides `w`, in the order of its file.
    pub fields: Vec<Field<'a>>,
}

/// The value of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// A count.
    Count(u64),
    /// A name.
    Name(&'a str),
    /// A number.
    Number(f64),
    /// A number for each parameter, `[n]`.
    Vector(&'a [f64]),
    /// Nothing.
    Empty,
}

/// A variable of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Field<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether it is one number or a vector.
    pub extent: Extent,
    /// Its elements.
    pub values: &'a [f64],
}

impl<'a> Row<'a> {
    /// The row of a lane where it stands, on a boundary. `alpha` is overwritten.
    #[must_use]
    pub fn of(entry: &'a Entry, alpha: &'a mut [f64]) -> Self {
        let Entry {
            lane, reference, ..
        } = entry;
        let machine = lane.machine();
        let t = machine.position().t;
        let w = machine.w();
        let basis = reference.eigenbasis();
        if let Some(basis) = basis {
            basis.components(w, &reference.minimum, alpha);
        }
        let alpha: &'a [f64] = alpha;
        let fields = machine.compiled().variables.iter();
        let fields = fields.filter(|variable| match variable.kind {
            VariableKind::Parameters => false,
            VariableKind::State(_) => true,
            VariableKind::Temporary => t > 0,
        });
        let cell = |column: Column| match column.quantity {
            Traced::Iteration => Cell::Count(t),
            Traced::Lane => Cell::Name(&entry.name),
            Traced::Loss => Cell::Number(machine.loss()),
            Traced::Parameters => Cell::Vector(w),
            Traced::Gradient => Cell::Vector(machine.gradient()),
            Traced::Error => basis.map_or(Cell::Empty, |_| Cell::Vector(alpha)),
        };
        Self {
            cells: COLUMNS.map(cell),
            fields: fields
                .map(|variable| Field {
                    name: &variable.name,
                    extent: variable.extent,
                    values: machine.value(variable),
                })
                .collect(),
        }
    }
}
