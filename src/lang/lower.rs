//! Checks names and shapes, and turns a syntax tree into values of a [`Graph`].
//!
//! Inside `sum(i, a, b, body)` every value is *lifted*: it holds one number for each value that the
//! indices take, laid out one after the other, so that a sum over a million terms is one vector
//! operation and its gradient another.

mod matrix;

use super::{
    error::{Error, Result},
    function::{self, FUNCTIONS, Function, Place},
    graph::{Binary, Extent, Graph, Id, Oracle, Reduce, Unary},
    indices::Indices,
    source::{Source, Span},
    syntax::{Expr, Infix, Kind, Prefix},
};
use std::sync::Arc;

/// A checked value: where it is in the graph, and what it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    /// Its place in the graph.
    pub id: Id,
    /// Whether it is a truth value rather than a number.
    pub truth: bool,
    /// Whether it holds one scalar for each index of the enclosing `sum`.
    pub lifted: bool,
}

impl Value {
    /// A number (or a vector of numbers).
    #[must_use]
    pub fn number(id: Id) -> Self {
        Self {
            id,
            truth: false,
            lifted: false,
        }
    }
}

/// What the names of a text stand for.
pub trait Scope {
    /// The value of `name`, `depth` iterations ago (0 = now).
    fn name(&mut self, graph: &mut Graph, name: &str, depth: usize) -> Option<Value>;
    /// All names, for suggestions.
    fn names(&self) -> Vec<String>;
    /// The length of the parameter vector.
    fn dimension(&self) -> usize;
    /// What kind of text this is, which decides on the functions that may be called.
    fn place(&self) -> Place;
    /// A better message for an unknown name than "unknown name", if there is one.
    fn missing(&self, _name: &str) -> Option<String> {
        None
    }
    /// The answer of the loss to `oracle` where it is known already.
    fn answer(&mut self, _oracle: Oracle, _arguments: &[Id]) -> Option<Id> {
        None
    }
    /// The value of a function of the history: `settled`, `first`, `last_change`.
    fn history(&mut self, _graph: &mut Graph, _call: &Expr) -> Option<Result<Value>> {
        None
    }
}

/// Lowers `expr` into `graph`.
///
/// # Errors
/// Unknown names, wrong argument counts, shapes that do not fit, indices out of range.
pub fn lower(
    graph: &mut Graph,
    scope: &mut dyn Scope,
    source: &Arc<Source>,
    expr: &Expr,
) -> Result<Value> {
    let mut lowering = Lowering {
        graph,
        scope,
        source,
        indices: Indices::default(),
        depth: 0,
    };
    lowering.expr(expr)
}

struct Lowering<'a> {
    graph: &'a mut Graph,
    scope: &'a mut dyn Scope,
    source: &'a Arc<Source>,
    indices: Indices,
    depth: usize,
}

impl Lowering<'_> {
    fn error(&self, span: Span, message: impl Into<String>) -> Error {
        Error::new(self.source, span, message)
    }

    fn expr(&mut self, expr: &Expr) -> Result<Value> {
        match &expr.kind {
            Kind::Number(value) => Ok(Value::number(self.graph.constant(*value))),
            Kind::Truth(holds) => Ok(Value {
                truth: true,
                ..Value::number(self.graph.constant(f64::from(u8::from(*holds))))
            }),
            Kind::Name(name) => self.name(name, expr.span),
            Kind::Index(vector, index) => self.index(vector, index),
            Kind::Entry(matrix, row, column) => self.entry(matrix, row, column),
            Kind::Prefix(prefix, operand) => self.prefix(*prefix, operand),
            Kind::Chain(first, rest) => {
                let mut left = self.expr(first)?;
                let mut left_span = first.span;
                for (operator, right) in rest {
                    let right_value = self.expr(right)?;
                    left = self.infix(*operator, (left, left_span), (right_value, right.span))?;
                    left_span = left_span.to(right.span);
                }
                Ok(left)
            }
            Kind::Call(name, place, arguments) => self.call(expr, name, *place, arguments),
        }
    }

    fn name(&mut self, name: &str, span: Span) -> Result<Value> {
        if let Some(values) = self.indices.values(name) {
            let id = self.graph.numbers(&values);
            return Ok(Value {
                lifted: true,
                ..Value::number(id)
            });
        }
        if let Some(value) = self.scope.name(self.graph, name, self.depth) {
            return Ok(value);
        }
        #[expect(clippy::cast_precision_loss, reason = "dimensions are far below 2^53")]
        let constant = match name {
            "n" => Some(self.scope.dimension() as f64),
            "pi" => Some(std::f64::consts::PI),
            _ => None,
        };
        if let Some(constant) = constant {
            return Ok(Value::number(self.graph.constant(constant)));
        }
        let coordinate = ["x", "y", "z"].iter().position(|it| *it == name);
        if let Some(at) = coordinate
            && let Some(w) = self.scope.name(self.graph, "w", self.depth)
        {
            if at < self.scope.dimension() {
                return Ok(Value::number(self.graph.element(w.id, at)));
            }
            return Err(self
                .error(
                    span,
                    format!(
                        "`{name}` is w[{}], but w has {} only",
                        at + 1,
                        count(self.scope.dimension(), "element")
                    ),
                )
                .help("the start sets the number of parameters: --start 0,0 gives two"));
        }
        if function::find(name).is_some() {
            return Err(self
                .error(span, format!("`{name}` is a function"))
                .help(format!(
                    "call it: {}",
                    function::find(name).map_or("", |f| f.signature)
                )));
        }
        if let Some(message) = self.scope.missing(name) {
            return Err(self.error(span, message));
        }
        let mut names = self.scope.names();
        names.extend(self.indices.names());
        names.push("n".into());
        names.push("pi".into());
        Err(self
            .error(span, format!("unknown name `{name}`"))
            .suggest(name, "known names", names))
    }

    fn index(&mut self, vector: &Expr, index: &Expr) -> Result<Value> {
        let base = self.expr(vector)?;
        let len = match self.graph.extent(base.id) {
            Extent::Vector(len) if !base.lifted => len,
            Extent::Matrix(..) if !base.lifted => {
                let text = self.source.slice(vector.span);
                let extent = self.graph.extent(base.id);
                return Err(self
                    .error(
                        vector.span.to(index.span),
                        format!("`{text}` is {extent}: an element of it has a row and a column"),
                    )
                    .help(format!("write `{text}[i, j]`")));
            }
            _ => {
                let text = self.source.slice(vector.span);
                return Err(self.error(
                    vector.span,
                    format!("`{text}` is a scalar and has no elements"),
                ));
            }
        };
        let dimension = self.scope.dimension();
        let numbers = self.indices.evaluate(self.source, dimension, index)?;
        let places = numbers
            .iter()
            .map(|&value| self.place(value, len, index.span, "the vector", "element"))
            .collect::<Result<Vec<u32>>>()?;
        if self.indices.is_empty() {
            let id = self
                .graph
                .element(base.id, places.first().map_or(0, |at| *at as usize));
            return Ok(Value { id, ..base });
        }
        let places = self.indices.per_tuple(places);
        let id = self.graph.gather(base.id, &places);
        Ok(Value {
            id,
            lifted: true,
            ..base
        })
    }

    /// A 1-based index as a 0-based place among the `len` of `what` that `whole` has.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "checked to be a whole number between 1 and len first"
    )]
    fn place(&self, value: f64, len: usize, span: Span, whole: &str, what: &str) -> Result<u32> {
        if value.fract() != 0.0 || !value.is_finite() {
            return Err(self.error(span, format!("the index {value} is not a whole number")));
        }
        if value >= 1.0 && value <= len as f64 {
            return Ok(value as u32 - 1);
        }
        let error = self.error(
            span,
            format!(
                "index {value} is out of range: {whole} has {}",
                count(len, what)
            ),
        );
        Err(if value == 0.0 {
            error.help("indices start at 1, as on paper")
        } else {
            error.help(format!("indices run from 1 to {len}"))
        })
    }

    fn prefix(&mut self, prefix: Prefix, operand: &Expr) -> Result<Value> {
        let value = self.expr(operand)?;
        let (f, truth) = match prefix {
            Prefix::Minus => (Unary::Negate, false),
            Prefix::Not => (Unary::Not, true),
        };
        self.expect_truth(value, truth, operand.span)?;
        Ok(Value {
            id: self.graph.unary(f, value.id),
            ..value
        })
    }

    fn infix(
        &mut self,
        operator: Infix,
        (left, left_span): (Value, Span),
        (right, right_span): (Value, Span),
    ) -> Result<Value> {
        if operator == Infix::At {
            self.expect_truth(left, false, left_span)?;
            self.expect_truth(right, false, right_span)?;
            return self.product((left, left_span), (right, right_span));
        }
        let logical = matches!(operator, Infix::And | Infix::Or);
        self.expect_truth(left, logical, left_span)?;
        self.expect_truth(right, logical, right_span)?;
        let (f, swapped) = match operator {
            Infix::Or => (Binary::Or, false),
            Infix::And => (Binary::And, false),
            Infix::Less => (Binary::Less, false),
            Infix::LessEqual => (Binary::LessEqual, false),
            Infix::Greater => (Binary::Less, true),
            Infix::GreaterEqual => (Binary::LessEqual, true),
            Infix::Equal => (Binary::Equal, false),
            Infix::Unequal => (Binary::Unequal, false),
            Infix::Plus => (Binary::Add, false),
            Infix::Minus => (Binary::Subtract, false),
            Infix::Times | Infix::At => (Binary::Multiply, false),
            Infix::Over => (Binary::Divide, false),
            Infix::Power => (Binary::Power, false),
        };
        let span = left_span.to(right_span);
        let mut value = if swapped {
            self.binary(f, right, left, span)?
        } else {
            self.binary(f, left, right, span)?
        };
        value.truth = operator <= Infix::Unequal;
        Ok(value)
    }

    /// An element-wise function of two values whose shapes are checked to fit.
    fn binary(&mut self, f: Binary, a: Value, b: Value, span: Span) -> Result<Value> {
        let lifted = self.fit(a, b, span)?;
        Ok(Value {
            id: self.graph.binary(f, a.id, b.id),
            truth: a.truth,
            lifted,
        })
    }

    /// Whether the two may be combined element by element; says whether the result is lifted.
    fn fit(&self, a: Value, b: Value, span: Span) -> Result<bool> {
        let (x, y) = (self.graph.extent(a.id), self.graph.extent(b.id));
        if x == Extent::Scalar || y == Extent::Scalar {
            return Ok(a.lifted || b.lifted);
        }
        if a.lifted != b.lifted {
            return Err(self
                .error(
                    span,
                    "the body of a sum has to be a number, but this is a vector",
                )
                .help("index the vector, or take it out of the sum"));
        }
        if x != y {
            let error = self.error(span, format!("shapes do not fit: {x} and {y}"));
            return Err(match (x, y) {
                (Extent::Vector(_), Extent::Vector(_)) => error,
                _ => error.help("operators work element by element; the matrix product is `A @ b`"),
            });
        }
        Ok(a.lifted)
    }

    fn expect_truth(&self, value: Value, truth: bool, span: Span) -> Result<()> {
        if value.truth == truth {
            return Ok(());
        }
        let text = self.source.slice(span);
        Err(if truth {
            self.error(
                span,
                format!("`{text}` is a number, where a truth value is needed"),
            )
            .help("compare it: `!= 0`, `< 1e-6`")
        } else {
            self.error(
                span,
                format!("`{text}` is a truth value, where a number is needed"),
            )
            .help("`where(cond, 1, 0)` makes a number of it")
        })
    }

    fn call(&mut self, call: &Expr, name: &str, place: Span, arguments: &[Expr]) -> Result<Value> {
        let available =
            |row: &Function| row.place == Place::Anywhere || row.place == self.scope.place();
        let Some(row) = function::find(name).filter(|row| available(row)) else {
            return Err(self.unknown_function(name, place, available));
        };
        let bad_count = arguments.len() < row.arity.0
            || arguments.len() > row.arity.1
            || (row.kind == function::Kind::Sum && !matches!(arguments.len(), 1 | 4));
        if bad_count {
            return Err(self
                .error(
                    call.span,
                    format!(
                        "`{name}` does not take {}",
                        count(arguments.len(), "argument")
                    ),
                )
                .help(format!("call it as {}", row.signature)));
        }
        match row.kind {
            function::Kind::Sum if arguments.len() == 4 => return self.sum_over(arguments),
            function::Kind::Identity => return self.identity(&arguments[0]),
            function::Kind::Prev => {
                self.depth += 1;
                let value = self.expr(&arguments[0]);
                self.depth -= 1;
                return value;
            }
            function::Kind::Settled | function::Kind::First | function::Kind::LastChange => {
                return self.scope.history(self.graph, call).unwrap_or_else(|| {
                    Err(Error::new(
                        self.source,
                        call.span,
                        format!("`{name}` looks over the whole history and cannot be used here"),
                    ))
                });
            }
            _ => {}
        }
        let values = arguments
            .iter()
            .map(|argument| self.expr(argument))
            .collect::<Result<Vec<Value>>>()?;
        self.apply(row, call.span, &values, arguments)
    }

    fn unknown_function(
        &self,
        name: &str,
        place: Span,
        available: impl Fn(&Function) -> bool,
    ) -> Error {
        if let Some(row) = function::find(name) {
            let wanted = match row.place {
                Place::Rule => "the lines of a rule",
                _ => "conditions and watches",
            };
            return self.error(place, format!("`{name}` can be called in {wanted} only"));
        }
        let error = self.error(place, format!("unknown function `{name}`"));
        if self.scope.names().iter().any(|known| known == name) {
            return error.help(format!("to multiply, write `{name}*(...)`"));
        }
        match name {
            "log" => error.help("the natural logarithm is `ln`"),
            "pow" => error.help("write the power as `a^b`"),
            "if" => error.help("write `where(cond, a, b)`"),
            _ => error.suggest(
                name,
                "functions",
                FUNCTIONS
                    .iter()
                    .filter(|row| available(row))
                    .map(|row| row.name),
            ),
        }
    }

    fn apply(
        &mut self,
        row: &Function,
        span: Span,
        values: &[Value],
        arguments: &[Expr],
    ) -> Result<Value> {
        use function::Kind as F;
        let wants_truth = |at: usize| match row.kind {
            F::Where => at == 0,
            F::All | F::Any => true,
            _ => false,
        };
        for (at, (value, argument)) in values.iter().zip(arguments).enumerate() {
            if row.kind == F::Where && at > 0 {
                self.expect_truth(*value, values[1].truth, argument.span)?;
            } else {
                self.expect_truth(*value, wants_truth(at), argument.span)?;
            }
        }
        let a = values[0];
        match row.kind {
            F::Map(f) => Ok(Value {
                id: self.graph.unary(f, a.id),
                ..a
            }),
            F::Min => self.binary(Binary::Min, a, values[1], span),
            F::Max => self.binary(Binary::Max, a, values[1], span),
            F::Clamp => {
                let above = self.binary(Binary::Max, a, values[1], span)?;
                self.binary(Binary::Min, above, values[2], span)
            }
            F::Where => {
                let lifted = self.fit(values[1], values[2], span)?
                    | self.fit(a, values[1], span)?
                    | self.fit(a, values[2], span)?;
                Ok(Value {
                    id: self.graph.select(a.id, values[1].id, values[2].id),
                    truth: values[1].truth,
                    lifted,
                })
            }
            F::Oracle(oracle) => self.oracle(oracle, values, arguments),
            F::Transpose
            | F::Outer
            | F::Solve
            | F::EigenVectors
            | F::EigenValues
            | F::InverseRoot
            | F::Diagonal => self.matrix_function(row.kind, values, arguments),
            F::Dot => {
                self.expect_vector(a, arguments[0].span)?;
                self.expect_vector(values[1], arguments[1].span)?;
                let product = self.binary(Binary::Multiply, a, values[1], span)?;
                Ok(Value::number(self.graph.reduce(Reduce::Sum, product.id)))
            }
            _ => {
                self.expect_vector(a, arguments[0].span)?;
                Ok(self.reduction(row.kind, a))
            }
        }
    }

    fn reduction(&mut self, kind: function::Kind, a: Value) -> Value {
        use function::Kind as F;
        let graph = &mut *self.graph;
        let id = match kind {
            F::Mean => {
                #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
                let len = graph.extent(a.id).len() as f64;
                let (sum, len) = (graph.reduce(Reduce::Sum, a.id), graph.constant(len));
                graph.binary(Binary::Divide, sum, len)
            }
            F::Norm => {
                let square = graph.unary(Unary::WholePower(2), a.id);
                let sum = graph.reduce(Reduce::Sum, square);
                graph.unary(Unary::Sqrt, sum)
            }
            F::NormInf => {
                let sizes = graph.unary(Unary::Abs, a.id);
                graph.reduce(Reduce::Max, sizes)
            }
            F::All => graph.reduce(Reduce::Min, a.id),
            F::Any => graph.reduce(Reduce::Max, a.id),
            _ => graph.reduce(Reduce::Sum, a.id),
        };
        Value {
            truth: a.truth,
            ..Value::number(id)
        }
    }

    fn oracle(&mut self, oracle: Oracle, values: &[Value], arguments: &[Expr]) -> Result<Value> {
        let whole = Extent::Vector(self.scope.dimension());
        for (value, argument) in values.iter().zip(arguments) {
            if value.lifted || self.graph.extent(value.id) != whole {
                let text = self.source.slice(argument.span);
                return Err(self
                    .error(
                        argument.span,
                        format!(
                            "`{text}` has to be a vector of {}",
                            count(whole.len(), "element")
                        ),
                    )
                    .help("the loss takes a vector like w"));
            }
        }
        let extent = match oracle {
            Oracle::Value => Extent::Scalar,
            Oracle::Gradient | Oracle::HessianProduct => whole,
            Oracle::Hessian => {
                self.expect_size(whole.len(), arguments[0].span)?;
                Extent::Matrix(whole.len(), whole.len())
            }
        };
        let ids: Vec<Id> = values.iter().map(|value| value.id).collect();
        let known = self.scope.answer(oracle, &ids);
        Ok(Value::number(
            known.unwrap_or_else(|| self.graph.call(oracle, ids, extent)),
        ))
    }

    fn expect_vector(&self, value: Value, span: Span) -> Result<()> {
        if !value.lifted && self.graph.extent(value.id) != Extent::Scalar {
            return Ok(());
        }
        let text = self.source.slice(span);
        Err(self.error(
            span,
            format!("`{text}` is a scalar, where a vector is needed"),
        ))
    }

    /// `sum(i, a, b, body)`
    fn sum_over(&mut self, arguments: &[Expr]) -> Result<Value> {
        let Kind::Name(index) = &arguments[0].kind else {
            return Err(self
                .error(arguments[0].span, "the first argument names the index")
                .help("as in sum(i, 1, n, w[i]^2)"));
        };
        let dimension = self.scope.dimension();
        let from = self
            .indices
            .evaluate(self.source, dimension, &arguments[1])?;
        let to = self
            .indices
            .evaluate(self.source, dimension, &arguments[2])?;
        let span = arguments[1].span.to(arguments[2].span);
        let offsets = self
            .indices
            .enter(index, &from, &to)
            .map_err(|message| self.error(span, message))?;
        let body = self.expr(&arguments[3]);
        let terms = self.indices.len();
        self.indices.leave();
        let body = body?;
        self.expect_truth(body, false, arguments[3].span)?;
        if !body.lifted && self.graph.extent(body.id) != Extent::Scalar {
            return Err(self
                .error(
                    arguments[3].span,
                    format!(
                        "the body of a sum has to be a number, but this is {}",
                        self.graph.extent(body.id)
                    ),
                )
                .help("index the vector, or take it out of the sum"));
        }
        let each = self.graph.broadcast(body.id, Extent::Vector(terms));
        if self.indices.is_empty() {
            return Ok(Value::number(self.graph.reduce(Reduce::Sum, each)));
        }
        Ok(Value {
            lifted: true,
            ..Value::number(self.graph.segment_sum(each, &offsets))
        })
    }
}

/// `1 element`, `2 elements`.
fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}
