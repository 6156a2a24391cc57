//! The columns of a trace that every lane has: one table, for what writes rows, what reads them, and the names that
//! no rule may take.

/// A column: a key of each row in JSON lines, one column or one for each parameter in CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceColumn {
    /// The name, as rows have it.
    pub name: &'static str,
    /// The quantity in it.
    pub quantity: Traced,
    /// True for a number per parameter, `[n]`.
    pub is_vector: bool,
    /// One line on what it holds.
    pub doc: &'static str,
}

/// A quantity of which every row has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traced {
    /// The iterations done.
    Iteration,
    /// The lane's name.
    Lane,
    /// The loss at `w`.
    Loss,
    /// The parameters.
    Parameters,
    /// The exact gradient at `w`.
    Gradient,
    /// The components of `w - w*`; there are none where no minimum is found.
    Error,
}

const fn column(
    name: &'static str,
    quantity: Traced,
    is_vector: bool,
    doc: &'static str,
) -> TraceColumn {
    TraceColumn {
        name,
        quantity,
        is_vector,
        doc,
    }
}

/// Every column, in the order in which rows have them; the variables of the rule follow.
#[rustfmt::skip]
pub const COLUMNS: [TraceColumn; 6] = [
    column("t", Traced::Iteration, false, "iterations done; 0 is the start"),
    column("lane", Traced::Lane, false, "the lane's name"),
    column("loss", Traced::Loss, false, "the loss at `w`"),
    column("w", Traced::Parameters, true, "the parameters after `t` iterations"),
    column("grad", Traced::Gradient, true, "the exact gradient at `w`"),
    column("alpha", Traced::Error, true, "components of `w - w*` in the eigenbasis of the active minimum at `w`; null where there is none"),
];

/// True if a column is called `name`.
#[must_use]
pub fn is_column(name: &str) -> bool {
    COLUMNS.iter().any(|column| column.name == name)
}

/// The name of the column of `quantity`.
#[must_use]
pub fn name_of(quantity: Traced) -> &'static str {
    let found = COLUMNS.iter().find(|column| column.quantity == quantity);
    found.map_or("", |column| column.name)
}
