//! A rule, checked and planned for a number of parameters.

use super::{Domain, Role, Rule};
use crate::lang::{
    error::{Error, Result},
    eval::NoAnswers,
    function::Place,
    graph::{Extent, Graph, Id, Node, Oracle, Unary},
    lower::{Scope, Value, lower},
    program::{Plan, Program},
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
    /// Where the iteration's number is put.
    pub t: usize,
    /// Where the gradient at the start of the iteration is put.
    pub gradient: Range<usize>,
    /// How often an iteration asks for a gradient (or a Hessian product) besides that at its start; a
    /// Hessian counts as n products.
    pub further_gradients: usize,
    /// Whether it asks for the gradient at its start.
    pub uses_gradient: bool,
    n: usize,
    initial: Initial,
}

/// A name that holds a value between lines.
#[derive(Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Scalar or vector.
    pub extent: Extent,
    /// What it is to the rule.
    pub kind: VariableKind,
    /// Its place in the arena.
    pub range: Range<usize>,
}

/// What a variable is to its rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VariableKind {
    /// The parameters that are optimised.
    Parameters,
    /// It survives an iteration.
    State(Option<Role>),
    /// It is made anew in each iteration.
    Temporary,
}

/// A setting and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value unless it is set.
    pub default: f64,
    /// The values it may take.
    pub domain: Domain,
    /// Its place in the arena.
    pub at: usize,
}

/// A line of an iteration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Which variable it assigns.
    pub variable: usize,
    /// Line of the file, from 1.
    pub source_line: usize,
}

/// What becomes of states in the role of a scale when an iteration is differentiated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scales {
    /// They depend on what they are computed from.
    Move,
    /// They count as constants.
    Held,
}

/// How the states begin.
#[derive(Debug, Clone)]
struct Initial {
    program: Program,
    inputs: usize,
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

    /// The same program but for its derivatives, to which states in the role of a scale are constants.
    ///
    /// # Errors
    /// None for what has been compiled once.
    pub fn with_scales_held(&self) -> Result<Self> {
        compile(&self.rule, self.n, Scales::Held)
    }

    /// How many numbers `w` and the states are, which come first among the variables.
    #[must_use]
    pub fn kept(&self) -> usize {
        let states = self.variables.iter();
        let kept = states.take_while(|it| it.kind != VariableKind::Temporary);
        kept.map(|it| it.range.len()).sum()
    }

    /// An arena at t = 0: settings as given, `w` at `start`, states at their beginning, temporaries NaN.
    #[must_use]
    pub fn arena(&self, settings: &[f64], start: &[f64]) -> Vec<f64> {
        let mut arena = self.program.arena::<f64>();
        for (setting, value) in self.settings.iter().zip(settings) {
            arena[setting.at] = *value;
        }
        let mut initial = self.initial.program.arena::<f64>();
        for (at, value) in settings.iter().enumerate().take(self.initial.inputs) {
            initial[self.initial.program.input(at).start] = *value;
        }
        initial[self.initial.program.input(self.initial.inputs)].copy_from_slice(start);
        self.initial.program.refresh(&mut initial);
        self.initial.program.run_all(&mut initial, &mut NoAnswers);
        let mut state = 0;
        for variable in &self.variables {
            let place = &mut arena[variable.range.clone()];
            match variable.kind {
                VariableKind::Parameters => place.copy_from_slice(start),
                VariableKind::State(_) => {
                    place.copy_from_slice(&initial[self.initial.program.variable(state)]);
                    state += 1;
                }
                VariableKind::Temporary => place.fill(f64::NAN),
            }
        }
        self.program.refresh(&mut arena);
        arena
    }
}

pub(super) fn compile(rule: &Arc<Rule>, n: usize, scales: Scales) -> Result<Compiled> {
    let shapes = infer_shapes(rule, n)?;
    let mut body = Body::new(rule, n, &shapes);
    body.scales = scales;
    for at in 0..rule.step.len() {
        body.line(at)?;
    }
    let names: Vec<(String, Extent, VariableKind)> = body.variables.clone();
    let settings_ids = body.settings.clone();
    let plan = Plan {
        variables: names.iter().map(|(_, extent, _)| *extent).collect(),
        inputs: body.inputs.clone(),
        settings: settings_ids,
        lines: body.lines.clone(),
    };
    let program = Program::new(&body.graph, &plan);
    let further_gradients = body
        .graph
        .ids()
        .map(|id| match body.graph.node(id) {
            Node::Call(Oracle::Gradient | Oracle::HessianProduct, _) => 1,
            Node::Call(Oracle::Hessian, _) => n,
            _ => 0,
        })
        .sum();
    let t = program.input(body.t_input).start;
    let gradient = program.input(body.gradient_input);
    let settings = rule
        .params
        .iter()
        .enumerate()
        .map(|(at, param)| Setting {
            name: param.name.clone(),
            default: param.default,
            domain: param.domain.clone(),
            at: program.input(at).start,
        })
        .collect();
    let variables = names
        .into_iter()
        .enumerate()
        .map(|(at, (name, extent, kind))| Variable {
            name,
            extent,
            kind,
            range: program.variable(at),
        })
        .collect();
    let lines = rule
        .step
        .iter()
        .zip(&plan.lines)
        .map(|(statement, (variable, _))| Line {
            variable: *variable,
            source_line: statement.line,
        })
        .collect();
    Ok(Compiled {
        initial: initial(rule, n, &shapes)?,
        rule: Arc::clone(rule),
        uses_gradient: body.uses_gradient,
        program,
        variables,
        settings,
        lines,
        t,
        gradient,
        further_gradients,
        n,
    })
}

/// The shapes that the states begin with.
fn initial_shapes(rule: &Arc<Rule>, n: usize) -> Result<Vec<Extent>> {
    let mut graph = Graph::default();
    let values = initial_values(rule, n, &mut graph)?;
    Ok(values.into_iter().map(|id| graph.extent(id)).collect())
}

/// The states' values at t = 0, from the settings and `w`, which become inputs of `graph`.
fn initial_values(rule: &Arc<Rule>, n: usize, graph: &mut Graph) -> Result<Vec<Id>> {
    let params = rule.params.iter().map(|param| param.name.clone());
    let mut names: Vec<(String, Id)> = params
        .map(|name| (name, graph.input(Extent::Scalar)))
        .collect();
    names.push(("w".into(), graph.input(Extent::Vector(n))));
    let mut scope = InitialScope { names, n };
    let mut values = Vec::with_capacity(rule.states.len());
    for state in &rule.states {
        let value = lower(graph, &mut scope, &rule.source, &state.initial)?;
        if value.truth {
            return Err(Error::new(
                &rule.source,
                state.initial.span,
                format!("`{}` has to start as a number", state.name),
            ));
        }
        values.push(value.id);
    }
    Ok(values)
}

/// The program that computes the states' values at t = 0 from the settings and `w`.
fn initial(rule: &Arc<Rule>, n: usize, shapes: &[Extent]) -> Result<Initial> {
    let mut graph = Graph::default();
    let values = initial_values(rule, n, &mut graph)?;
    let plan = Plan {
        variables: shapes.to_vec(),
        inputs: vec![None; rule.params.len() + 1],
        settings: Vec::new(),
        lines: values.into_iter().enumerate().collect(),
    };
    Ok(Initial {
        program: Program::new(&graph, &plan),
        inputs: rule.params.len(),
    })
}

struct InitialScope {
    names: Vec<(String, Id)>,
    n: usize,
}

impl Scope for InitialScope {
    fn name(&mut self, _: &mut Graph, name: &str, _: usize) -> Option<Value> {
        let (_, id) = self.names.iter().find(|(known, _)| known == name)?;
        Some(Value::number(*id))
    }
    fn names(&self) -> Vec<String> {
        self.names.iter().map(|(name, _)| name.clone()).collect()
    }
    fn dimension(&self) -> usize {
        self.n
    }
    fn place(&self) -> Place {
        Place::Anywhere
    }
}

/// The shape of each state: the widest value that it starts with or is assigned.
///
/// States have the shape of their beginning and grow until nothing changes; a line that cannot be
/// checked yet is left for the next round. States of which nothing is known by then are taken for vectors.
fn infer_shapes(rule: &Arc<Rule>, n: usize) -> Result<Vec<Extent>> {
    let mut shapes = initial_shapes(rule, n)?;
    let mut seen: Vec<bool> = shapes
        .iter()
        .map(|shape| *shape != Extent::Scalar)
        .collect();
    loop {
        let before = shapes.clone();
        let mut body = Body::new(rule, n, &shapes);
        for (at, statement) in rule.step.iter().enumerate() {
            let mut states = rule.states.iter();
            let state = states.position(|state| state.name == statement.target);
            let Ok(value) = body.value(at) else {
                continue;
            };
            let extent = body.graph.extent(value.id);
            let mut id = value.id;
            if let Some(state) = state {
                seen[state] = true;
                if shapes[state] == Extent::Scalar {
                    shapes[state] = extent;
                }
                id = body.graph.broadcast(id, shapes[state]);
            }
            body.bind(&statement.target, id);
        }
        if shapes != before {
            continue;
        }
        let assigned = |name: &str| rule.step.iter().any(|it| it.target == *name);
        let grow: Vec<usize> = (0..seen.len())
            .filter(|at| !seen[*at] && assigned(&rule.states[*at].name))
            .collect();
        if grow.is_empty() {
            return Ok(shapes);
        }
        for at in grow {
            shapes[at] = Extent::Vector(n);
            seen[at] = true;
        }
    }
}

/// The step under construction: the value that each name has at the current line.
struct Body<'a> {
    rule: &'a Arc<Rule>,
    n: usize,
    graph: Graph,
    /// For each input of the graph, the variable that it is the beginning of.
    inputs: Vec<Option<usize>>,
    settings: Vec<Id>,
    t_input: usize,
    gradient_input: usize,
    variables: Vec<(String, Extent, VariableKind)>,
    lines: Vec<(usize, Id)>,
    names: Vec<(String, Id)>,
    start: Id,
    gradient: Id,
    uses_gradient: bool,
    scales: Scales,
}

impl<'a> Body<'a> {
    fn new(rule: &'a Arc<Rule>, n: usize, shapes: &[Extent]) -> Self {
        let mut graph = Graph::default();
        let mut names = Vec::new();
        let mut inputs = Vec::new();
        for param in &rule.params {
            names.push((param.name.clone(), graph.input(Extent::Scalar)));
            inputs.push(None);
        }
        let settings: Vec<Id> = names.iter().map(|(_, id)| *id).collect();
        let t_input = inputs.len();
        names.push(("t".into(), graph.input(Extent::Scalar)));
        inputs.push(None);
        let gradient_input = inputs.len();
        let gradient = graph.input(Extent::Vector(n));
        inputs.push(None);
        let start = graph.input(Extent::Vector(n));
        inputs.push(Some(0));
        names.push(("w".into(), start));
        let mut variables = vec![("w".into(), Extent::Vector(n), VariableKind::Parameters)];
        for (state, extent) in rule.states.iter().zip(shapes) {
            inputs.push(Some(variables.len()));
            names.push((state.name.clone(), graph.input(*extent)));
            variables.push((state.name.clone(), *extent, VariableKind::State(state.role)));
        }
        Self {
            rule,
            n,
            graph,
            inputs,
            settings,
            t_input,
            gradient_input,
            variables,
            lines: Vec::new(),
            names,
            start,
            gradient,
            uses_gradient: false,
            scales: Scales::Move,
        }
    }

    /// Checks the value that line `at` assigns.
    fn value(&mut self, at: usize) -> Result<Value> {
        let rule = Arc::clone(self.rule);
        let statement = &rule.step[at];
        let mut graph = std::mem::take(&mut self.graph);
        let value = lower(&mut graph, &mut *self, &rule.source, &statement.expr);
        self.graph = graph;
        let value = value?;
        if value.truth {
            return Err(Error::new(
                &rule.source,
                statement.expr.span,
                format!(
                    "`{}` is assigned a truth value, where a number is needed",
                    statement.target
                ),
            )
            .help("`where(cond, 1, 0)` makes a number of it"));
        }
        Ok(value)
    }

    /// Lets `name` stand for `id` from here on.
    fn bind(&mut self, name: &str, id: Id) {
        match self.names.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = id,
            None => self.names.push((name.to_owned(), id)),
        }
    }

    /// Checks line `at` and adds it.
    fn line(&mut self, at: usize) -> Result<()> {
        let value = self.value(at)?;
        let rule = Arc::clone(self.rule);
        let statement = &rule.step[at];
        let extent = self.graph.extent(value.id);
        let known = self
            .variables
            .iter()
            .position(|(name, ..)| *name == statement.target);
        let variable = known.unwrap_or_else(|| {
            let kind = VariableKind::Temporary;
            self.variables
                .push((statement.target.clone(), extent, kind));
            self.variables.len() - 1
        });
        let target = self.variables[variable].1;
        if extent != Extent::Scalar && extent != target {
            return Err(Error::new(
                &rule.source,
                statement.span,
                format!("`{}` is {target}, but this is {extent}", statement.target),
            ));
        }
        let mut id = self.graph.broadcast(value.id, target);
        let is_scale = self.variables[variable].2 == VariableKind::State(Some(Role::Scale));
        if is_scale && self.scales == Scales::Held {
            id = self.graph.unary(Unary::Hold, id);
        }
        self.lines.push((variable, id));
        self.bind(&statement.target, id);
        Ok(())
    }
}

impl Scope for Body<'_> {
    fn name(&mut self, _: &mut Graph, name: &str, _: usize) -> Option<Value> {
        let (_, id) = self.names.iter().find(|(known, _)| known == name)?;
        Some(Value::number(*id))
    }

    fn names(&self) -> Vec<String> {
        self.names.iter().map(|(name, _)| name.clone()).collect()
    }

    fn dimension(&self) -> usize {
        self.n
    }

    fn place(&self) -> Place {
        Place::Rule
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

    fn answer(&mut self, oracle: Oracle, arguments: &[Id]) -> Option<Id> {
        let at_start = oracle == Oracle::Gradient && arguments == [self.start];
        self.uses_gradient |= at_start;
        at_start.then_some(self.gradient)
    }
}
