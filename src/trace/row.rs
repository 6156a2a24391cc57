//! One lane at one `t`.

use crate::{debugger::lanes::Entry, lang::graph::Extent, rule::VariableKind};

/// A row of a trace.
#[derive(Debug, Clone, PartialEq)]
pub struct Row<'a> {
    /// Iterations done.
    pub t: u64,
    /// The lane's name.
    pub lane: &'a str,
    /// The loss at `w`.
    pub loss: f64,
    /// The parameters, `[n]`.
    pub w: &'a [f64],
    /// The exact gradient at `w`, `[n]`.
    pub gradient: &'a [f64],
    /// Components of `w - w*` in the eigenbasis in force, `[n]`.
    pub alpha: Option<&'a [f64]>,
    /// The rule's variables besides `w`, in the order of its file.
    pub fields: Vec<Field<'a>>,
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
        let fields = machine.compiled().variables.iter();
        let fields = fields.filter(|variable| match variable.kind {
            VariableKind::Parameters => false,
            VariableKind::State(_) => true,
            VariableKind::Temporary => t > 0,
        });
        Self {
            t,
            lane: &entry.name,
            loss: machine.loss(),
            w,
            gradient: machine.gradient(),
            alpha: basis.map(|_| &*alpha),
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
