//! Checks calls: that the function is known here, takes so many arguments and fits their shapes.

use super::{Call, Lowering, TypedNode, count};
use crate::{
    error::{Error, ErrorCode, Result, Span},
    lang::{
        function::{self, CallContext, Function, FunctionKind},
        graph::{Extent, Id, LossQuery},
        synonym::{self, MeantKind},
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
            && let FunctionKind::Oracle(oracle) = row.kind
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
            || (row.name == "sum" && !matches!(arguments.len(), 1 | 4));
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
        let unread = Call {
            span: call.span,
            arguments,
            values: &[],
        };
        match row.kind {
            FunctionKind::Form(build) => build(self, &unread),
            FunctionKind::History(_) => self.scope.history(self.graph, call).unwrap_or_else(|| {
                Err(Error::new(
                    ErrorCode::NotAllowed,
                    self.source,
                    call.span,
                    format!("`{name}` looks over the whole history and cannot be used here"),
                ))
            }),
            FunctionKind::ByElement(build)
            | FunctionKind::Extremum(build)
            | FunctionKind::Whole(build) => {
                let values = &self.values(arguments)?;
                build(self, &Call { values, ..unread })
            }
            FunctionKind::Map(f) => {
                let values = &self.values(arguments)?;
                self.expect_numbers(&Call { values, ..unread })?;
                let id = self.graph.unary(f, values[0].id);
                Ok(TypedNode { id, ..values[0] })
            }
            FunctionKind::Oracle(oracle) => {
                let values = &self.values(arguments)?;
                self.expect_numbers(&Call { values, ..unread })?;
                self.oracle(oracle, values, arguments)
            }
        }
    }

    fn values(&mut self, arguments: &[Expr]) -> Result<Vec<TypedNode>> {
        arguments
            .iter()
            .map(|argument| self.expr(argument))
            .collect()
    }

    /// Refuses truth values among the arguments.
    pub(super) fn expect_numbers(&self, call: &Call<'_>) -> Result<()> {
        let mut arguments = call.values.iter().zip(call.arguments);
        arguments.try_for_each(|(value, argument)| self.expect_truth(*value, false, argument.span))
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
                (FunctionKind::Oracle(LossQuery::HessianProduct), CallContext::Watch) => {
                    error.help("at the lane's own w, write `hess(w) @ d`")
                }
                (FunctionKind::Oracle(_), CallContext::Watch) => {
                    error.help(format!("at the lane's own w, write `{name}(w)`"))
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
        if let Some(help) = synonym::of(MeantKind::Function, name) {
            return error.help(help);
        }
        let known = function::all().filter(|row| available(row));
        let names: Vec<&str> = known.map(|row| row.name).collect();
        if synonym::is_foreign_function(name, &names) {
            return error.help(format!("functions: {}", names.join(", ")));
        }
        error.suggest(name, "functions", names)
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
