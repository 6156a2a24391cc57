//! Initial values of a rule's states, from settings, `w` and `n`.

use super::{bindings::Bindings, definition::Rule};
use crate::{
    error::Result,
    lang::{
        eval::NoAnswers,
        function::CallContext,
        graph::{Extent, Graph},
        lower::{Scope, TypedNode, lower},
        program::{Plan, Program},
    },
};
use std::{ops::Range, sync::Arc};

/// The program that computes the states' values at t = 0 from the settings and `w`.
#[derive(Debug, Clone)]
pub(super) struct Initial {
    program: Program,
    settings: usize,
}

impl Initial {
    /// Plans it for states of these `shapes`.
    pub fn new(rule: &Arc<Rule>, n: usize, shapes: &[Extent]) -> Result<Self> {
        let mut graph = Graph::default();
        let values = values(rule, n, &mut graph)?;
        let plan = Plan {
            variables: shapes.to_vec(),
            inputs: vec![None; rule.params.len() + 1],
            settings: Vec::new(),
            lines: values.iter().map(|it| it.id).enumerate().collect(),
            fed: None,
        };
        Ok(Self {
            program: Program::new(&graph, &plan),
            settings: rule.params.len(),
        })
    }

    /// An arena with the states in it.
    pub fn arena(&self, settings: &[f64], start: &[f64]) -> Vec<f64> {
        let mut arena = self.program.arena::<f64>();
        for (at, value) in settings.iter().enumerate().take(self.settings) {
            arena[self.program.input(at).start] = *value;
        }
        arena[self.program.input(self.settings)].copy_from_slice(start);
        self.program.refresh(&mut arena);
        self.program.run_all(&mut arena, &mut NoAnswers);
        arena
    }

    /// The place of `state` in that arena.
    pub fn range(&self, state: usize) -> Range<usize> {
        self.program.variable(state)
    }
}

/// The shapes that the states begin with, and which of them are truth values.
pub(super) fn shapes(rule: &Arc<Rule>, n: usize) -> Result<Vec<(Extent, bool)>> {
    let mut graph = Graph::default();
    let values = values(rule, n, &mut graph)?;
    let values = values.into_iter();
    Ok(values.map(|it| (graph.extent(it.id), it.truth)).collect())
}

/// The states' values at t = 0, from the settings and `w`, which become inputs of `graph`.
fn values(rule: &Arc<Rule>, n: usize, graph: &mut Graph) -> Result<Vec<TypedNode>> {
    let params = rule.params.iter().map(|param| &param.name);
    let mut names = Bindings::default();
    for name in params {
        names.bind(name, graph.input(Extent::Scalar));
    }
    // A setting that says how many lines or values there are is known: it is a line without `t`.
    for (schedule, line) in rule.schedules.iter().zip(&rule.step) {
        if !line.expr.mentions("t") {
            names.bind(&schedule.name, graph.constant(schedule.first));
        }
    }
    for fixed in &rule.fixed {
        names.bind(&fixed.name, graph.constant(fixed.first));
    }
    names.bind("w", graph.input(Extent::Vector(n)));
    let mut scope = InitialScope { names, n, rule };
    let mut values = Vec::with_capacity(rule.states.len());
    for state in &rule.states {
        values.push(lower(graph, &mut scope, &rule.source, &state.initial)?);
    }
    Ok(values)
}

struct InitialScope<'a> {
    names: Bindings,
    n: usize,
    rule: &'a Rule,
}

impl Scope for InitialScope<'_> {
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
        CallContext::Anywhere
    }
    fn tensors(&self) -> Vec<Vec<usize>> {
        self.rule.shapes()
    }
    fn is_for_each_tensor(&self) -> bool {
        self.rule.is_for_each_tensor
    }
}
