//! Checks names: an index of a sum, a variable, a constant, or one of the first coordinates.

use super::{Lowering, TypedNode, count};
use crate::{
    error::{ErrorCode, Result, Span},
    lang::{function, synonym},
};

impl Lowering<'_> {
    pub(super) fn name(&mut self, name: &str, span: Span) -> Result<TypedNode> {
        if let Some(values) = self.indices.values(name) {
            let id = self.graph.numbers(&values);
            return Ok(TypedNode {
                lifted: true,
                ..TypedNode::number(id)
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
            return Ok(TypedNode::number(self.graph.constant(constant)));
        }
        let coordinate = ["x", "y", "z"].iter().position(|it| *it == name);
        if let Some(at) = coordinate
            && let Some(w) = self.scope.name(self.graph, "w", self.depth)
        {
            if at < self.scope.dimension() {
                return Ok(TypedNode::number(self.graph.element(w.id, at)));
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
                .coded(ErrorCode::UnknownName)
                .help(format!(
                    "call it: {}",
                    function::find(name).map_or("", |f| f.signature)
                )));
        }
        if let Some(message) = self.scope.missing(name) {
            return Err(self.error(span, message).coded(ErrorCode::NotAvailable));
        }
        let unknown = self.error(span, format!("unknown name `{name}`"));
        let mut names = self.scope.names();
        names.extend(self.indices.names());
        names.push("n".into());
        names.push("pi".into());
        let meant = synonym::of_quantity(name, &names);
        let error = unknown.suggest(name, "known names", names);
        Err(match meant {
            Some(help) => error.help(help),
            None => error,
        })
    }
}
