//! A rule, checked and planned for a number of parameters.

use super::{
    definition::{Rule, StateRole},
    domain::Domain,
    initial::Initial,
};
use crate::{
    lang::{graph::Extent, program::Program},
    value::Value,
};
use std::{ops::Range, sync::Arc};

/// A rule for `n` parameters: its program and where everything lives in the program's arena.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// The rule itself.
    pub rule: Arc<Rule>,
    /// One iteration, line by line.
    pub program: Program,
    /// `w`, then the states, then the other names that the step assigns, in order.
    pub variables: Vec<Variable>,
    /// The settings, in the order of the file.
    pub settings: Vec<Setting>,
    /// The lines of an iteration.
    pub lines: Vec<Line>,
    /// The input for the iteration's number, `t`.
    pub t: usize,
    /// The input for the gradient at the start of the iteration, `[n]`.
    pub gradient: Range<usize>,
    /// The count of gradients (or Hessian products) of an iteration besides that at its start; a
    /// Hessian counts as n products.
    pub further_gradients: usize,
    /// True if it asks for the Hessian, or for products with it.
    pub uses_curvature: bool,
    /// True if it uses the gradient at its start.
    pub uses_gradient: bool,
    pub(super) n: usize,
    pub(super) initial: Initial,
}

/// A name that holds a value between lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// The name in the rule's text.
    pub name: String,
    /// Scalar or vector.
    pub extent: Extent,
    /// True for truth values: 1 where it holds, else 0.
    pub is_truth: bool,
    /// Parameter, state or temporary.
    pub kind: VariableKind,
    /// The place in the arena.
    pub range: Range<usize>,
    /// How many of its numbers each tensor has, where it is a matrix for each that is not of the tensor's shape.
    pub by_tensor: Option<Vec<usize>>,
}

impl Variable {
    /// The value of one element.
    #[must_use]
    pub fn element(&self, number: f64) -> Value {
        if self.is_truth {
            Value::Truth(number != 0.0)
        } else {
            Value::Scalar(number)
        }
    }

    /// The value that these elements are.
    #[must_use]
    pub fn value(&self, elements: &[f64]) -> Value {
        if self.is_truth {
            Value::of_truth(self.extent, elements)
        } else {
            Value::of(self.extent, elements)
        }
    }
}

/// The part that a variable has in its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableKind {
    /// The parameters that are optimised.
    Parameters,
    /// A state: survives an iteration.
    State(Option<StateRole>),
    /// A temporary: made anew in each iteration.
    Temporary,
}

/// A setting and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The name in the rule's text.
    pub name: String,
    /// The value unless it is set.
    pub default: f64,
    /// The values it may take.
    pub domain: Domain,
    /// The place in the arena.
    pub at: usize,
}

/// A line of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// The index of the variable that it assigns.
    pub variable: usize,
    /// Line of the file, from 1.
    pub source_line: usize,
}

impl Compiled {
    /// The number of parameters.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.n
    }

    /// The variable called `name`.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|variable| variable.name == name)
    }

    /// The setting called `name`.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }

    /// Values of these settings: as `values` of the settings of `other` has them, or the defaults.
    #[must_use]
    pub fn carried_over(&self, other: &Self, values: &[f64]) -> Vec<f64> {
        let known = |name: &str| {
            let at = other.settings.iter().position(|it| it.name == name)?;
            values.get(at).copied()
        };
        let settings = self.settings.iter();
        settings
            .map(|it| known(&it.name).unwrap_or(it.default))
            .collect()
    }

    /// True where the other runs the same program over the same places.
    #[must_use]
    pub fn runs_as(&self, other: &Self) -> bool {
        self.program.is_same(&other.program)
            && self.variables == other.variables
            && (self.t, &self.gradient) == (other.t, &other.gradient)
    }

    /// The parameters and the states, which come first among the variables.
    #[must_use]
    pub fn lasting(&self) -> &[Variable] {
        let is_temporary = |it: &Variable| it.kind == VariableKind::Temporary;
        let end = self.variables.iter().position(is_temporary);
        &self.variables[..end.unwrap_or(self.variables.len())]
    }

    /// The places of `w` and of its gradient.
    #[must_use]
    #[inline]
    pub fn places(&self) -> [Range<usize>; 2] {
        [self.variables[0].range.clone(), self.gradient.clone()]
    }

    /// The count of numbers in `w` and the states.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.lasting().iter().map(|it| it.range.len()).sum()
    }

    /// An arena at t = 0: settings as given, `w` at `start`, states at their beginning, temporaries NaN.
    #[must_use]
    pub fn arena(&self, settings: &[f64], start: &[f64]) -> Vec<f64> {
        let mut arena = self.program.arena::<f64>();
        for (setting, value) in self.settings.iter().zip(settings) {
            arena[setting.at] = *value;
        }
        let initial = self.initial.arena(settings, start);
        let mut state = 0;
        for variable in &self.variables {
            let place = &mut arena[variable.range.clone()];
            match variable.kind {
                VariableKind::Parameters => place.copy_from_slice(start),
                VariableKind::State(_) => {
                    place.copy_from_slice(&initial[self.initial.range(state)]);
                    state += 1;
                }
                VariableKind::Temporary => place.fill(f64::NAN),
            }
        }
        self.program.refresh(&mut arena);
        arena
    }
}
