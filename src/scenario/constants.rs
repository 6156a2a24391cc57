//! Names for the expressions of settings: `eta_opt`, `eta_max`, `kappa`, `lambda[i]`, `n`, `pi`.

use crate::{
    analysis::{Known, Reference, Unknown, theory::CONSTANTS},
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{
        eval::NoAnswers,
        function::CallContext,
        graph::{Extent, Graph, Id},
        lower::{Scope, TypedNode, lower},
        parse::expression_within,
        program::{Plan, Program},
    },
};
use std::sync::Arc;

/// Numbers that the loss fixes.
#[derive(Debug, Clone, PartialEq)]
pub struct Constants {
    /// The number of parameters.
    pub n: usize,
    /// `lambda[i]`, ascending: the Hessian's eigenvalues at the active minimum, if it has one.
    pub lambda: Option<Vec<f64>>,
    /// Those of [`CONSTANTS`], each with the reason where there is none.
    pub about_minimum: [Known<f64>; CONSTANTS.len()],
    /// False where no loss is known.
    pub has_loss: bool,
}

impl Constants {
    /// The constants of a loss of `n` parameters near its active minimum.
    #[must_use]
    pub fn new(n: usize, reference: &Reference) -> Self {
        let spectrum = reference.eigenbasis();
        Self {
            n,
            lambda: spectrum.map(|spectrum| spectrum.eigenvalues.clone()),
            about_minimum: CONSTANTS.map(|row| (row.value)(reference)),
            has_loss: true,
        }
    }

    /// Those of `n` parameters where no loss is known.
    #[must_use]
    pub fn without_loss(n: usize) -> Self {
        Self {
            n,
            lambda: None,
            about_minimum: CONSTANTS.map(|_| Err(Unknown::NoMinimum)),
            has_loss: false,
        }
    }

    /// The value of the part `within` of `source`.
    ///
    /// # Errors
    /// What is not an expression of constants, or not one number.
    pub fn evaluate(&self, source: &Arc<Source>, within: Span) -> Result<f64> {
        let expr = expression_within(source, within)?;
        let mut graph = Graph::default();
        let lambda = self.lambda.as_deref().unwrap_or(&[]);
        let mut names = ConstantNames {
            constants: self,
            lambda: graph.input(Extent::Vector(lambda.len())),
        };
        let value = lower(&mut graph, &mut names, source, &expr)?;
        if value.truth || graph.extent(value.id) != Extent::Scalar {
            let what = if value.truth {
                "a truth value"
            } else {
                "a vector"
            };
            let message = format!("a setting is one number, but this is {what}");
            return Err(Error::new(
                ErrorCode::ShapeMismatch,
                source,
                expr.span,
                message,
            ));
        }
        let program = Program::new(
            &graph,
            &Plan {
                variables: vec![Extent::Scalar],
                inputs: vec![None],
                settings: Vec::new(),
                lines: vec![(0, value.id)],
                fed: None,
            },
        );
        let mut arena = program.arena::<f64>();
        arena[program.input(0)].copy_from_slice(lambda);
        program.refresh(&mut arena);
        program.run_all(&mut arena, &mut NoAnswers);
        Ok(arena[program.variable(0).start])
    }
}

/// The constants as names of the language.
struct ConstantNames<'a> {
    constants: &'a Constants,
    lambda: Id,
}

impl ConstantNames<'_> {
    fn scalars(&self) -> impl Iterator<Item = (&'static str, Known<f64>)> {
        let names = CONSTANTS.iter().map(|row| row.name);
        names.zip(self.constants.about_minimum)
    }
}

impl Scope for ConstantNames<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str, _: usize) -> Option<TypedNode> {
        if name == "lambda" {
            self.constants.lambda.as_ref()?;
            return Some(TypedNode::number(self.lambda));
        }
        let (_, value) = self.scalars().find(|(known, _)| *known == name)?;
        Some(TypedNode::number(graph.constant(value.ok()?)))
    }

    fn names(&self) -> Vec<String> {
        let known = self.scalars().filter(|(_, value)| value.is_ok());
        let mut names: Vec<String> = known.map(|(name, _)| name.to_owned()).collect();
        names.extend(self.constants.lambda.as_ref().map(|_| "lambda".to_owned()));
        // What reads it is a schedule, and none of the constants.
        names.push("t".to_owned());
        names
    }

    fn dimension(&self) -> usize {
        self.constants.n
    }

    fn place(&self) -> CallContext {
        CallContext::Anywhere
    }

    fn missing(&self, name: &str) -> Option<String> {
        let is_constant = name == "lambda" || self.scalars().any(|(known, _)| known == name);
        if is_constant && !self.constants.has_loss {
            return Some(format!(
                "`{name}` is not defined here: no loss is known; give a number, or the loss with --loss"
            ));
        }
        if name == "lambda" {
            return Some(
                "`lambda` is not known: no minimum with a Hessian was found near the start; give a number"
                    .to_owned(),
            );
        }
        let (_, value) = self.scalars().find(|(known, _)| *known == name)?;
        let why = value.err()?;
        Some(format!(
            "`{name}` is not defined here: {why}; give a number"
        ))
    }
}
