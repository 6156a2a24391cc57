//! The language of losses, update rules and conditions.
//!
//! ```text
//! 0.5*((x-0.8)^2 + 100*(y-0.6)^2)                       a loss
//! sum(i, 1, n-1, 100*(w[i+1]-w[i]^2)^2 + (1-w[i])^2)    a loss of any dimension
//! m = beta1*m + (1 - beta1)*g                           a line of a rule
//! loss < 1e-6 and abs(alpha[2]) < 1e-3                  a condition
//! ```
//!
//! Text becomes [`token`]s, tokens a [`syntax`] tree ([`parse`]), the tree checked SSA values of a
//! [`graph`] ([`lower`]), values a [`program`] over one arena, which [`eval`] runs on any [`number`]
//! type, those of few numbers in a `dense` form, eight runs at once as [`wide`] ones. [`adjoint`] differentiates values in reverse; on dual numbers that gives second derivatives.
//! Values are scalars, vectors and, in rules and watches, [`matrix`] ones.
//! Everything that can be wrong with a text is found when it is loaded and drawn by [`error`](crate::error).

pub mod adjoint;
mod answers;
pub mod assignment;
pub mod choice;
pub mod declaration;
mod dense;
pub mod eval;
pub mod expansion;
pub mod function;
pub mod graph;
pub mod identifier;
pub(crate) mod indices;
mod kernel;
pub mod lower;
pub mod matrix;
pub mod number;
pub mod octuple;
pub mod parse;
pub mod power;
pub mod program;
pub mod quote;
pub(crate) mod random;
pub mod single;
pub mod smooth;
pub mod synonym;
pub mod syntax;
pub mod token;
pub mod wide;
