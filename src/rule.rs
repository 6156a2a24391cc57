//! Update rules: programs in the language of [`lang`](crate::lang), one file each.
//!
//! A rule declares its settings (`param`), what it keeps between iterations (`state`), the lines of one
//! iteration (`step`), derived values worth seeing (`show`), vectors (`arrow`) and curves (`plot`). It is compiled for a number of
//! parameters `n`, which is when shapes are checked. Nothing outside of this module asks which rule it
//! looks at: all that views need is in [`Compiled::variables`] and their [`StateRole`]s.

mod bindings;
mod compare;
mod compile;
mod compiled;
mod definition;
mod domain;
mod initial;
mod parse;
mod plot;
mod registry;
mod schedule;
mod tensor;
mod vectors;
mod wrapper;

pub use compare::compare;
pub use compiled::{Compiled, Line, Setting, Variable, VariableKind};
pub use definition::{Param, Rule, Schedule, Show, State, StateRole, Statement};
pub use domain::Domain;
pub use parse::is_reserved;
pub use plot::{CurveSpec, PlotParts, PlotSpec, Spacing, curve_expression};
pub use registry::{embedded, is_file, load, names, names_from};
pub use schedule::DeclaredSetting;
pub use tensor::{Tensor, index, part_name};
pub use wrapper::{Wrapper, wrappers};
