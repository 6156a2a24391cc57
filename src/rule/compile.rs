//! Checks a rule for a number of parameters, and plans its iteration.

mod body;
mod shapes;

use super::{
    compiled::{Compiled, Line, Setting, Variable},
    definition::Rule,
    initial::Initial,
};
use crate::{
    error::{Error, ErrorCode, Result},
    lang::{
        graph::{Extent, LossQuery, Node},
        lower::TensorMatrices,
        program::{Plan, Program},
    },
};
use body::{Body, Scales};
use std::sync::Arc;

impl Rule {
    /// Checks the rule for `n` parameters and makes a program of it.
    ///
    /// # Errors
    /// Unknown names, shapes that do not fit, indices out of range.
    pub fn compile(self: &Arc<Self>, n: usize) -> Result<Compiled> {
        compile(self, n, Scales::Move)
    }
}

impl Compiled {
    /// The same program but for its derivatives, to which states in the role of a scale are constants.
    ///
    /// # Errors
    /// None for what has been compiled once.
    pub fn with_scales_held(&self) -> Result<Self> {
        compile(&self.rule, self.n, Scales::Held)
    }
}

fn compile(rule: &Arc<Rule>, n: usize, scales: Scales) -> Result<Compiled> {
    let covered: usize = rule.tensors.iter().map(|it| it.range.len()).sum();
    if rule.is_for_each_tensor && !rule.tensors.is_empty() && covered != n {
        let message = format!(
            "`{}` is written for each tensor, and these have {covered} parameters, not {n}",
            rule.name
        );
        return Err(Error::plain(ErrorCode::ShapeMismatch, message));
    }
    let shapes = shapes::infer(rule, n)?;
    let extents: Vec<Extent> = shapes.iter().map(|it| it.0).collect();
    let mut body = Body::new(rule, n, &shapes);
    body.scales = scales;
    for at in 0..rule.step.len() {
        body.line(at)?;
    }
    let plan = Plan {
        variables: body.variables.iter().map(|it| it.extent).collect(),
        inputs: body.inputs,
        settings: body.settings,
        lines: body.lines,
        fed: Some(body.gradient),
    };
    let program = Program::new(&body.graph, &plan);
    let further_gradients = body
        .graph
        .ids()
        .map(|id| match body.graph.node(id) {
            Node::Call(LossQuery::Gradient | LossQuery::HessianProduct, _) => 1,
            Node::Call(LossQuery::Hessian, _) => n,
            _ => 0,
        })
        .sum();
    let uses_curvature = body.graph.ids().any(|id| {
        matches!(
            body.graph.node(id),
            Node::Call(LossQuery::HessianProduct | LossQuery::Hessian, _)
        )
    });
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
    let variables = body
        .variables
        .into_iter()
        .enumerate()
        .map(|(at, variable)| Variable {
            extent: variable.extent.flat(),
            range: program.variable(at),
            by_tensor: by_tensor(rule, variable.extent),
            ..variable
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
        initial: Initial::new(rule, n, &extents)?,
        rule: Arc::clone(rule),
        uses_gradient: body.uses_gradient,
        program,
        variables,
        settings,
        lines,
        t,
        gradient,
        further_gradients,
        uses_curvature,
        n,
    })
}

/// How many numbers of a value each tensor has, where it is a matrix for each.
fn by_tensor(rule: &Rule, extent: Extent) -> Option<Vec<usize>> {
    let Extent::Matrices(rows, columns, _) = extent else {
        return None;
    };
    if rule.tensors.is_empty() {
        return None;
    }
    let tensors = rule.tensors.iter();
    let sides = tensors.map(|it| TensorMatrices::of(&it.shape).with_sides(rows, columns));
    Some(sides.map(|it| it.len()).collect())
}
