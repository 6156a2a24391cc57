//! A loss written in the language: value and gradient from its code, second derivatives from the same
//! code on dual numbers; in numbers other than 64-bit ones from code of their own.

use super::{Evaluator, Loss, limits::Limits, norm};
use crate::{
    error::{Error, ErrorCode, Result, Source, Span},
    lang::{
        adjoint::gradient,
        eval::NoAnswers,
        function::CallContext,
        graph::{Binary, Extent, Graph, Id, Node, Reduce},
        lower::{Scope, TypedNode, lower},
        number::Number,
        parse::expression_within,
        program::{Plan, Program},
        wide::{LANES, Wide},
    },
};
use num_dual::{Dual64, HyperDual64};
use std::sync::Arc;

/// The line of the program that computes the value; the next one computes the gradient.
const VALUE: usize = 0;

/// A loss given by a formula in `w` (and `x y z`, its first three elements).
#[derive(Debug, Clone)]
pub struct Formula {
    text: String,
    n: usize,
    program: Arc<Program>,
    minima: Vec<Vec<f64>>,
    /// The text that it was read from, and the part of it.
    read: (Arc<Source>, Span),
}

struct Parameters {
    w: Id,
    n: usize,
}

impl Scope for Parameters {
    fn name(&mut self, _: &mut Graph, name: &str, _: usize) -> Option<TypedNode> {
        (name == "w").then(|| TypedNode::number(self.w))
    }
    fn names(&self) -> Vec<String> {
        ["w", "x", "y", "z"].map(str::to_owned).to_vec()
    }
    fn dimension(&self) -> usize {
        self.n
    }
    fn place(&self) -> CallContext {
        CallContext::Anywhere
    }
}

impl Formula {
    /// Reads `source` as a function of `n` parameters.
    ///
    /// # Errors
    /// A text that is not a formula of `w`, or whose value is not one number.
    pub fn new(source: &Arc<Source>, n: usize) -> Result<Self> {
        Self::within(source, Span::new(0, source.text.len()), n)
    }

    /// Reads the part `span` of `source` as a function of `n` parameters.
    ///
    /// # Errors
    /// As [`Formula::new`].
    pub fn within(source: &Arc<Source>, span: Span, n: usize) -> Result<Self> {
        let expr = expression_within(source, span)?;
        let mut graph = Graph::default();
        let w = graph.input(Extent::Vector(n));
        let value = lower(&mut graph, &mut Parameters { w, n }, source, &expr)?;
        if value.truth || graph.extent(value.id) != Extent::Scalar {
            let what = if value.truth {
                "a truth value".to_owned()
            } else {
                graph.extent(value.id).to_string()
            };
            return Err(Error::new(
                ErrorCode::ShapeMismatch,
                source,
                expr.span,
                format!("a loss is one number, but this is {what}"),
            )
            .help("sum(...), norm(...) and dot(...) reduce a vector to a number"));
        }
        if graph
            .ids()
            .any(|id| matches!(graph.node(id), Node::Matrix(..)))
        {
            return Err(Error::new(
                ErrorCode::NotAllowed,
                source,
                expr.span,
                "a loss cannot be made with matrices, which have no gradient here",
            )
            .help("write it with sum(i, 1, n, ...) and dot(...)"));
        }
        let slope = gradient(&mut graph, value.id, w);
        let plan = Plan {
            variables: vec![Extent::Scalar, Extent::Vector(n)],
            inputs: vec![None],
            settings: Vec::new(),
            lines: vec![(0, value.id), (1, slope)],
            fed: None,
        };
        Ok(Self {
            text: one_line(source.slice(span)),
            n,
            program: Arc::new(Program::new(&graph, &plan)),
            minima: Vec::new(),
            read: (Arc::clone(source), span),
        })
    }

    /// The same with its minima known.
    #[must_use]
    pub fn with_minima(mut self, minima: Vec<Vec<f64>>) -> Self {
        self.minima = minima;
        self
    }
}

/// A formula on one line, without the comments and breaks that it may have in a file.
fn one_line(text: &str) -> String {
    let lines = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or(""));
    let lines: Vec<&str> = lines
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines.join(" ")
}

impl Loss for Formula {
    fn dimension(&self) -> usize {
        self.n
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(FormulaEvaluator {
            plain: Arena::new(&self.program),
            wide: None,
            dual: None,
            hyper: None,
            limits: None,
            program: Arc::clone(&self.program),
        })
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        self.minima.clone()
    }

    fn is_quadratic(&self) -> bool {
        false
    }

    fn program(&self) -> Option<Arc<Program>> {
        Some(Arc::clone(&self.program))
    }

    /// Reverse over reverse: the gradient of `dot(gradient, d)`.
    fn curvature(&self) -> Option<Arc<Program>> {
        let (source, span) = &self.read;
        let n = self.n;
        let expr = expression_within(source, *span).ok()?;
        let mut graph = Graph::default();
        let w = graph.input(Extent::Vector(n));
        let d = graph.input(Extent::Vector(n));
        let value = lower(&mut graph, &mut Parameters { w, n }, source, &expr).ok()?;
        let slope = gradient(&mut graph, value.id, w);
        let along = graph.binary(Binary::Multiply, slope, d);
        let along = graph.reduce(Reduce::Sum, along);
        let product = gradient(&mut graph, along, w);
        let plan = Plan {
            variables: vec![Extent::Vector(n)],
            inputs: vec![None, None],
            settings: Vec::new(),
            lines: vec![(0, product)],
            fed: None,
        };
        Some(Arc::new(Program::new(&graph, &plan)))
    }

    fn formula(&self) -> Option<String> {
        Some(self.text.clone())
    }
}

/// The scratch space for one number type.
struct Arena<T>(Vec<T>);

impl<T: Number> Arena<T> {
    fn new(program: &Program) -> Self {
        let mut arena = program.arena::<T>();
        program.refresh(&mut arena);
        Self(arena)
    }
}

struct FormulaEvaluator {
    program: Arc<Program>,
    plain: Arena<f64>,
    wide: Option<Arena<Wide>>,
    dual: Option<Arena<Dual64>>,
    hyper: Option<Arena<HyperDual64>>,
    limits: Option<Limits>,
}

impl FormulaEvaluator {
    fn limits(&mut self) -> &mut Limits {
        self.limits
            .get_or_insert_with(|| Limits::new(Arc::clone(&self.program)))
    }
}

impl Evaluator for FormulaEvaluator {
    fn value(&mut self, w: &[f64]) -> f64 {
        let arena = &mut self.plain.0;
        arena[self.program.input(0)].copy_from_slice(w);
        self.program.run_line(VALUE, arena, &mut NoAnswers);
        arena[self.program.variable(0).start]
    }

    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        let arena = &mut self.plain.0;
        arena[self.program.input(0)].copy_from_slice(w);
        self.program.run_all(arena, &mut NoAnswers);
        gradient.copy_from_slice(&arena[self.program.variable(1)]);
        let value = arena[self.program.variable(0).start];
        if value.is_finite() && gradient.iter().any(|it| it.is_nan()) {
            self.limits().gradient(w, gradient);
        }
        value
    }

    fn measure_wide(&mut self, w: &[Wide], gradient: &mut [Wide]) -> (Wide, Wide) {
        let program = &self.program;
        let arena = &mut self.wide.get_or_insert_with(|| Arena::new(program)).0;
        arena[program.input(0)].copy_from_slice(w);
        program.run_all(arena, &mut NoAnswers);
        gradient.copy_from_slice(&arena[program.variable(1)]);
        let value = arena[program.variable(0).start];
        if gradient.iter().any(|it| it.has_nan()) {
            for lane in (0..LANES).filter(|lane| value.0[*lane].is_finite()) {
                let mut slope: Vec<f64> = Wide::lane(gradient, lane).collect();
                if slope.iter().any(|it| it.is_nan()) {
                    let place: Vec<f64> = Wide::lane(w, lane).collect();
                    self.limits().gradient(&place, &mut slope);
                    Wide::put_lane(gradient, lane, &slope);
                }
            }
        }
        (value, norm(gradient))
    }

    /// The gradient at `w + eps*d`: its dual part is the Hessian times `d`.
    fn hessian_product(&mut self, w: &[f64], d: &[f64], product: &mut [f64]) {
        let program = &self.program;
        let arena = &mut self.dual.get_or_insert_with(|| Arena::new(program)).0;
        let input = arena[program.input(0)].iter_mut();
        for ((place, w), d) in input.zip(w).zip(d) {
            *place = Dual64::new(*w, *d);
        }
        program.run_all(arena, &mut NoAnswers);
        for (product, g) in product.iter_mut().zip(&arena[program.variable(1)]) {
            *product = g.eps;
        }
        if arena[program.variable(0).start].re.is_finite() && product.iter().any(|it| it.is_nan()) {
            self.limits().hessian_product(w, d, product);
        }
    }

    /// The gradient at `w + eps1*d + eps2*e`: its mixed part is the third derivative along both.
    fn third_product(&mut self, w: &[f64], d: &[f64], e: &[f64], product: &mut [f64]) {
        let program = &self.program;
        let arena = &mut self.hyper.get_or_insert_with(|| Arena::new(program)).0;
        let input = arena[program.input(0)].iter_mut();
        for (((place, w), d), e) in input.zip(w).zip(d).zip(e) {
            *place = HyperDual64::new(*w, *d, *e, 0.0);
        }
        program.run_all(arena, &mut NoAnswers);
        for (product, g) in product.iter_mut().zip(&arena[program.variable(1)]) {
            *product = g.eps1eps2;
        }
        if arena[program.variable(0).start].re.is_finite() && product.iter().any(|it| it.is_nan()) {
            self.limits().third_product(w, d, e, product);
        }
    }
}
