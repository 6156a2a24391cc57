//! One lane at one `t`.

use crate::{
    columns::{COLUMNS, TraceColumn, Traced},
    debugger::lanes::NamedLane,
    lang::graph::Extent,
    rule::VariableKind,
};

/// A row of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct TraceRow<'a> {
    /// A cell for each of [`COLUMNS`], in their order.
    pub cells: [TraceCell<'a>; COLUMNS.len()],
    /// The rule's variables besides `w`, in the order of its file.
    pub fields: Vec<TracedVariable<'a>>,
}

/// The value of a column.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TraceCell<'a> {
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
pub struct TracedVariable<'a> {
    /// The name, an identifier.
    pub name: &'a str,
    /// The shape.
    pub extent: Extent,
    /// The elements, a matrix row by row.
    pub values: &'a [f64],
}

impl<'a> TraceRow<'a> {
    /// The row of a lane where it stands, on a boundary. `alpha` is overwritten.
    #[must_use]
    pub fn of(entry: &'a NamedLane, alpha: &'a mut [f64]) -> Self {
        let (reference, machine) = (entry.reference(), entry.lane.machine());
        let t = machine.position().t;
        let w = machine.w();
        let basis = reference.eigenbasis();
        if let Some(basis) = basis {
            basis.components(w, &reference.minimum, alpha);
        }
        let alpha: &'a [f64] = alpha;
        let variables = &machine.compiled().variables;
        let written = variables.iter().filter(|variable| match variable.kind {
            VariableKind::Parameters => false,
            VariableKind::State(_) => true,
            VariableKind::Temporary => t > 0,
        });
        let mut fields = Vec::with_capacity(variables.len());
        fields.extend(written.map(|variable| TracedVariable {
            name: &variable.name,
            extent: variable.extent,
            values: machine.value(variable),
        }));
        let cell = |column: TraceColumn| match column.quantity {
            Traced::Iteration => TraceCell::Count(t),
            Traced::Lane => TraceCell::Name(&entry.name),
            Traced::Loss => TraceCell::Number(machine.loss()),
            Traced::Parameters => TraceCell::Vector(w),
            Traced::Gradient => TraceCell::Vector(machine.gradient()),
            Traced::Error => basis.map_or(TraceCell::Empty, |_| TraceCell::Vector(alpha)),
        };
        Self {
            cells: COLUMNS.map(cell),
            fields,
        }
    }
}
