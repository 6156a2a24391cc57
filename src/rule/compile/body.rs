//! The lines of a step in their order: each is checked with the values that the names have by then.

use crate::{
    error::{Error, ErrorCode, Result},
    lang::{
        function::CallContext,
        graph::{Extent, Graph, Id, LossQuery, Unary},
        lower::{Scope, TypedNode, lower},
    },
    rule::{
        bindings::Bindings,
        compiled::{Variable, VariableKind},
        definition::{Rule, StateRole},
    },
};
use std::{collections::HashMap, sync::Arc};

/// The treatment of states in the role of a scale when an iteration is differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scales {
    /// Differentiated like all others.
    Move,
    /// Held constant.
    Held,
}

/// The step under construction: the value that each name has at the current line.
pub(super) struct Body<'a> {
    rule: &'a Arc<Rule>,
    n: usize,
    pub graph: Graph,
    /// For each input of the graph, the variable that it is the beginning of.
    pub inputs: Vec<Option<usize>>,
    pub settings: Vec<Id>,
    pub t_input: usize,
    pub gradient_input: usize,
    pub variables: Vec<Variable>,
    /// The number of each variable by its name.
    numbers: HashMap<String, usize>,
    pub lines: Vec<(usize, Id)>,
    names: Bindings,
    start: Id,
    pub gradient: Id,
    pub uses_gradient: bool,
    pub scales: Scales,
    /// The line that is read.
    at: usize,
}

impl<'a> Body<'a> {
    pub fn new(rule: &'a Arc<Rule>, n: usize, shapes: &[(Extent, bool)]) -> Self {
        let mut graph = Graph::default();
        let mut names = Bindings::default();
        let mut inputs = Vec::new();
        let mut settings = Vec::new();
        for param in &rule.params {
            let setting = graph.input(Extent::Scalar);
            names.bind(&param.name, setting);
            settings.push(setting);
            inputs.push(None);
        }
        for fixed in &rule.fixed {
            names.bind(&fixed.name, graph.constant(fixed.first));
        }
        let t_input = inputs.len();
        names.bind("t", graph.input(Extent::Scalar));
        inputs.push(None);
        let gradient_input = inputs.len();
        let gradient = graph.input(Extent::Vector(n));
        inputs.push(None);
        let start = graph.input(Extent::Vector(n));
        inputs.push(Some(0));
        names.bind("w", start);
        let mut variables = vec![declared(
            "w",
            (Extent::Vector(n), false),
            VariableKind::Parameters,
        )];
        for (state, shape) in rule.states.iter().zip(shapes) {
            inputs.push(Some(variables.len()));
            let value = TypedNode {
                truth: shape.1,
                ..TypedNode::number(graph.input(shape.0))
            };
            names.bind_value(&state.name, value);
            let kind = VariableKind::State(state.role);
            variables.push(declared(&state.name, *shape, kind));
        }
        let numbers = variables.iter().enumerate();
        let numbers = numbers.map(|(at, it)| (it.name.clone(), at)).collect();
        Self {
            rule,
            n,
            graph,
            inputs,
            settings,
            t_input,
            gradient_input,
            variables,
            numbers,
            lines: Vec::new(),
            names,
            start,
            gradient,
            uses_gradient: false,
            scales: Scales::Move,
            at: 0,
        }
    }

    /// Checks the value that line `at` assigns.
    pub fn value(&mut self, at: usize) -> Result<TypedNode> {
        let rule = Arc::clone(self.rule);
        let statement = &rule.step[at];
        self.at = at;
        let mut graph = std::mem::take(&mut self.graph);
        let value = lower(&mut graph, &mut *self, &rule.source, &statement.expr);
        self.graph = graph;
        value
    }

    /// Lets `name` stand for `value` from here on.
    pub fn bind(&mut self, name: &str, value: TypedNode) {
        self.names.bind_value(name, value);
    }

    /// Refuses a number for a variable that is a truth value, and the other way round.
    fn expect_kind(&self, variable: &Variable, value: TypedNode, at: usize) -> Result<()> {
        if variable.is_truth == value.truth {
            return Ok(());
        }
        let statement = &self.rule.step[at];
        let (is, help) = if value.truth {
            (
                "a number, but this is a truth value",
                "`where(cond, 1, 0)` turns it into a number",
            )
        } else {
            (
                "a truth value, but this is a number",
                "compare it: `!= 0`, `< 1e-6`",
            )
        };
        let message = format!("`{}` is {is}", statement.target);
        let place = statement.expr.span;
        let error = Error::new(ErrorCode::InvalidValue, &self.rule.source, place, message);
        Err(error.help(help))
    }

    /// Checks line `at` and adds it.
    pub fn line(&mut self, at: usize) -> Result<()> {
        let value = self.value(at)?;
        let rule = Arc::clone(self.rule);
        let statement = &rule.step[at];
        let extent = self.graph.extent(value.id);
        let known = self.numbers.get(&statement.target).copied();
        let variable = known.unwrap_or_else(|| {
            let number = self.variables.len();
            let shape = (extent, value.truth);
            self.variables
                .push(declared(&statement.target, shape, VariableKind::Temporary));
            self.numbers.insert(statement.target.clone(), number);
            number
        });
        self.expect_kind(&self.variables[variable], value, at)?;
        let target = self.variables[variable].extent;
        if extent != Extent::Scalar && extent != target {
            return Err(Error::new(
                ErrorCode::ShapeMismatch,
                &rule.source,
                statement.span,
                format!("`{}` is {target}, but this is {extent}", statement.target),
            ));
        }
        let mut id = self.graph.broadcast(value.id, target);
        let is_scale = self.variables[variable].kind == VariableKind::State(Some(StateRole::Scale));
        if is_scale && self.scales == Scales::Held {
            id = self.graph.unary(Unary::Hold, id);
        }
        self.lines.push((variable, id));
        self.bind(&statement.target, TypedNode { id, ..value });
        Ok(())
    }
}

/// A variable whose place is not known yet.
fn declared(name: &str, (extent, is_truth): (Extent, bool), kind: VariableKind) -> Variable {
    Variable {
        name: name.to_owned(),
        extent,
        is_truth,
        kind,
        range: 0..0,
        by_tensor: None,
    }
}

impl Scope for Body<'_> {
    fn name(&mut self, _: &mut Graph, name: &str, _: usize) -> Option<TypedNode> {
        self.names.value(name)
    }

    fn names(&self) -> Vec<String> {
        self.names.all()
    }

    fn dimension(&self) -> usize {
        self.n
    }

    fn place(&self) -> CallContext {
        CallContext::Rule
    }

    fn tensors(&self) -> Vec<Vec<usize>> {
        self.rule.shapes()
    }

    fn all_tensors(&self) -> Vec<Vec<usize>> {
        let tensors = self.rule.tensors.iter();
        tensors.map(|it| it.shape.clone()).collect()
    }

    fn is_for_each_tensor(&self) -> bool {
        self.rule.is_for_each_tensor
    }

    fn line(&self) -> (u64, u64) {
        let line = self.rule.step[self.at].line;
        let before = self.rule.step[..self.at].iter();
        let again = before.filter(|it| it.line == line).count();
        (line as u64, again as u64)
    }

    fn missing(&self, name: &str) -> Option<String> {
        let later = self
            .rule
            .step
            .iter()
            .find(|statement| statement.target == name)?;
        Some(format!(
            "`{name}` is read before it is assigned on line {}; to keep it from the iteration before, declare it: state {name} = 0 \"...\"",
            later.line
        ))
    }

    fn answer(&mut self, oracle: LossQuery, arguments: &[Id]) -> Option<Id> {
        let at_start = oracle == LossQuery::Gradient && arguments == [self.start];
        self.uses_gradient |= at_start;
        at_start.then_some(self.gradient)
    }
}
