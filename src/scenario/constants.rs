//! Names for the expressions of settings: `eta_opt`, `eta_max`, `kappa`, `lambda[i]`, `n`, `pi`.

use crate::{
    analysis::{Known, Minima, Spectrum, Unknown, theory::CONSTANTS},
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

/// Numbers that the loss fixes: those of [`CONSTANTS`], and `lambda`.
#[derive(Debug, Clone)]
pub struct Constants {
    /// The number of parameters.
    n: usize,
    /// The minima of the loss, of which the one near the start is looked for once a name asks; none where no loss is known.
    minima: Option<Arc<Minima>>,
}

impl Constants {
    /// The constants of a loss of `n` parameters with these minima.
    #[must_use]
    pub fn new(n: usize, minima: &Arc<Minima>) -> Self {
        Self {
            n,
            minima: Some(Arc::clone(minima)),
        }
    }

    /// Those of `n` parameters where no loss is known.
    #[must_use]
    pub fn without_loss(n: usize) -> Self {
        Self { n, minima: None }
    }

    /// `lambda[i]`, ascending: the Hessian's eigenvalues at the minimum near the start, if there is one.
    fn lambda(&self) -> Option<&[f64]> {
        let spectrum = self.minima.as_ref()?.home().eigenbasis();
        spectrum.map(|Spectrum { eigenvalues, .. }| eigenvalues.as_slice())
    }

    /// The names of [`CONSTANTS`], each with its value or the reason where there is none.
    fn scalars(&self) -> impl Iterator<Item = (&'static str, Known<f64>)> {
        CONSTANTS.iter().map(|row| {
            let minima = self.minima.as_ref().ok_or(Unknown::NoMinimum);
            (row.name, minima.and_then(|it| (row.value)(it.home())))
        })
    }

    /// The value of the part `within` of `source`.
    ///
    /// # Errors
    /// What is not an expression of constants, or not one number.
    pub fn evaluate(&self, source: &Arc<Source>, within: Span) -> Result<f64> {
        let expr = expression_within(source, within)?;
        let mut graph = Graph::default();
        let mut names = ConstantNames {
            constants: self,
            lambda: None,
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
                inputs: vec![None; usize::from(names.lambda.is_some())],
                settings: Vec::new(),
                lines: vec![(0, value.id)],
                fed: None,
            },
        );
        let mut arena = program.arena::<f64>();
        if let (Some(_), Some(lambda)) = (names.lambda, self.lambda()) {
            arena[program.input(0)].copy_from_slice(lambda);
        }
        program.refresh(&mut arena);
        program.run_all(&mut arena, &mut NoAnswers);
        Ok(arena[program.variable(0).start])
    }
}

/// The constants as names of the language.
struct ConstantNames<'a> {
    constants: &'a Constants,
    /// The input of that name, once it is asked for.
    lambda: Option<Id>,
}

impl Scope for ConstantNames<'_> {
    fn name(&mut self, graph: &mut Graph, name: &str, _: usize) -> Option<TypedNode> {
        if name == "lambda" {
            let count = self.constants.lambda()?.len();
            let input = || graph.input(Extent::Vector(count));
            let input = *self.lambda.get_or_insert_with(input);
            return Some(TypedNode::number(input));
        }
        if CONSTANTS.iter().all(|row| row.name != name) {
            return None;
        }
        let (_, value) = self.constants.scalars().find(|it| it.0 == name)?;
        Some(TypedNode::number(graph.constant(value.ok()?)))
    }

    fn names(&self) -> Vec<String> {
        let known = self.constants.scalars().filter(|(_, value)| value.is_ok());
        let mut names: Vec<String> = known.map(|(name, _)| name.to_owned()).collect();
        names.extend(self.constants.lambda().map(|_| "lambda".to_owned()));
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
        let is_constant = name == "lambda" || CONSTANTS.iter().any(|row| row.name == name);
        if is_constant && self.constants.minima.is_none() {
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
        let (_, value) = self.constants.scalars().find(|it| it.0 == name)?;
        let why = value.err()?;
        Some(format!(
            "`{name}` is not defined here: {why}; give a number"
        ))
    }
}
