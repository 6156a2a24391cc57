//! Checks calls: that the function is known here, takes so many arguments and fits their shapes.

use super::{Lowering, TypedNode, count};
use crate::{
    error::{Error, ErrorCode, Result, Span},
    lang::{
        function::{self, CallContext, Function},
        graph::{Binary, Extent, Id, LossQuery, Reduce, Unary},
        synonym::{self, Asked},
        syntax::Expr,
    },
};

impl Lowering<'_> {
    pub(super) fn call(
        &mut self,
        call: &Expr,
        name: &str,
        place: Span,
        arguments: &[Expr],
    ) -> Result<TypedNode> {
        if let Some(row) = function::find(name)
            && let function::FunctionKind::Oracle(oracle) = row.kind
            && arguments.len() == row.arity.0
            && let Some(value) = self
                .scope
                .measured(self.graph, oracle, arguments, self.depth)
        {
            return Ok(value);
        }
        let available =
            |row: &Function| row.place == CallContext::Anywhere || row.place == self.scope.place();
        let Some(row) = function::find(name).filter(|row| available(row)) else {
            return Err(self.unknown_function(name, place, available));
        };
        let bad_count = arguments.len() < row.arity.0
            || arguments.len() > row.arity.1
            || (row.kind == function::FunctionKind::Sum && !matches!(arguments.len(), 1 | 4));
        if bad_count {
            return Err(self
                .error(
                    call.span,
                    format!(
                        "`{name}` does not take {}",
                        count(arguments.len(), "argument")
                    ),
                )
                .coded(ErrorCode::Usage)
                .help(format!("call it as {}", row.signature)));
        }
        match row.kind {
            function::FunctionKind::Sum if arguments.len() == 4 => return self.sum_over(arguments),
            function::FunctionKind::Identity => return self.identity(&arguments[0]),
            function::FunctionKind::Prev => {
                self.depth += 1;
                let value = self.expr(&arguments[0]);
                self.depth -= 1;
                return value;
            }
            function::FunctionKind::Top => return self.top(&arguments[0], &arguments[1]),
            function::FunctionKind::Quantile => return self.quantile(&arguments[0], &arguments[1]),
            function::FunctionKind::Settled
            | function::FunctionKind::First
            | function::FunctionKind::LastChange
            | function::FunctionKind::MeanOver
            | function::FunctionKind::StdOver => {
                return self.scope.history(self.graph, call).unwrap_or_else(|| {
                    Err(Error::new(
                        ErrorCode::NotAllowed,
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
            .collect::<Result<Vec<TypedNode>>>()?;
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
                CallContext::Rule => "the lines of a rule",
                _ => "conditions and watches",
            };
            let error = self.error(place, format!("`{name}` can be called in {wanted} only"));
            let error = match (row.kind, self.scope.place()) {
                (function::FunctionKind::Oracle(LossQuery::HessianProduct), CallContext::Watch) => {
                    error.help("where the lane is, write `hess(w) @ d`")
                }
                (function::FunctionKind::Oracle(_), CallContext::Watch) => {
                    error.help(format!("where the lane is, write `{name}(w)`"))
                }
                _ => error,
            };
            return error.coded(ErrorCode::NotAllowed);
        }
        let error = self.error(place, format!("unknown function `{name}`"));
        let error = error.coded(ErrorCode::UnknownFunction);
        if self.scope.names().iter().any(|known| known == name) {
            return error.help(format!("to multiply, write `{name}*(...)`"));
        }
        if let Some(help) = synonym::of(Asked::Function, name) {
            return error.help(help);
        }
        let known = function::all().filter(|row| available(row));
        let names: Vec<&str> = known.map(|row| row.name).collect();
        if synonym::is_foreign_function(name, &names) {
            return error.help(format!("functions: {}", names.join(", ")));
        }
        error.suggest(name, "functions", names)
    }

    fn apply(
        &mut self,
        row: &Function,
        span: Span,
        values: &[TypedNode],
        arguments: &[Expr],
    ) -> Result<TypedNode> {
        use function::FunctionKind as F;
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
            F::Map(f) => Ok(TypedNode {
                id: self.graph.unary(f, a.id),
                ..a
            }),
            F::Min | F::Max if values.len() == 1 => {
                self.expect_vector(a, arguments[0].span)?;
                Ok(self.reduction(row.kind, a))
            }
            F::ArgMax | F::ArgMin => {
                self.expect_vector(a, arguments[0].span)?;
                Ok(self.extreme(row.kind, a))
            }
            F::Min => self.binary(Binary::Min, a, values[1], span),
            F::Max => self.binary(Binary::Max, a, values[1], span),
            F::Clamp => {
                let above = self.binary(Binary::Max, a, values[1], span)?;
                self.binary(Binary::Min, above, values[2], span)
            }
            F::Mod => {
                let ratio = self.binary(Binary::Divide, a, values[1], span)?;
                let whole = TypedNode {
                    id: self.graph.unary(Unary::Floor, ratio.id),
                    ..ratio
                };
                let steps = self.binary(Binary::Multiply, values[1], whole, span)?;
                self.binary(Binary::Subtract, a, steps, span)
            }
            F::Where => {
                let lifted = self.fit(values[1], values[2], span)?
                    | self.fit(a, values[1], span)?
                    | self.fit(a, values[2], span)?;
                Ok(TypedNode {
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
                Ok(TypedNode::number(
                    self.graph.reduce(Reduce::Sum, product.id),
                ))
            }
            _ => {
                self.expect_vector(a, arguments[0].span)?;
                Ok(self.reduction(row.kind, a))
            }
        }
    }

    fn reduction(&mut self, kind: function::FunctionKind, a: TypedNode) -> TypedNode {
        use function::FunctionKind as F;
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
            F::All | F::Min => graph.reduce(Reduce::Min, a.id),
            F::Any | F::Max => graph.reduce(Reduce::Max, a.id),
            _ => graph.reduce(Reduce::Sum, a.id),
        };
        TypedNode {
            truth: a.truth,
            ..TypedNode::number(id)
        }
    }

    fn oracle(
        &mut self,
        oracle: LossQuery,
        values: &[TypedNode],
        arguments: &[Expr],
    ) -> Result<TypedNode> {
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
            LossQuery::Value => Extent::Scalar,
            LossQuery::Gradient | LossQuery::HessianProduct => whole,
            LossQuery::Hessian => {
                self.expect_size(whole.len(), arguments[0].span)?;
                Extent::Matrix(whole.len(), whole.len())
            }
        };
        let ids: Vec<Id> = values.iter().map(|value| value.id).collect();
        let known = self.scope.answer(oracle, &ids);
        Ok(TypedNode::number(
            known.unwrap_or_else(|| self.graph.call(oracle, ids, extent)),
        ))
    }

    pub(super) fn expect_vector(&self, value: TypedNode, span: Span) -> Result<()> {
        if !value.lifted && self.graph.extent(value.id) != Extent::Scalar {
            return Ok(());
        }
        let text = self.source.slice(span);
        Err(self.error(
            span,
            format!("`{text}` is a scalar, where a vector is needed"),
        ))
    }
}
