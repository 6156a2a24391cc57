//! The names that may be read at a place of a rule, and what they stand for there.

use crate::lang::{graph::Id, lower::TypedNode};
use std::collections::HashMap;

/// Names with their values, in the order in which they became known.
#[derive(Debug, Default)]
pub(super) struct Bindings {
    names: Vec<String>,
    values: HashMap<String, TypedNode>,
}

impl Bindings {
    /// Lets `name` stand for the number `id` from here on.
    pub fn bind(&mut self, name: &str, id: Id) {
        self.bind_value(name, TypedNode::number(id));
    }

    /// Lets `name` stand for `value` from here on.
    pub fn bind_value(&mut self, name: &str, value: TypedNode) {
        if self.values.insert(name.to_owned(), value).is_none() {
            self.names.push(name.to_owned());
        }
    }

    /// The meaning of `name`.
    pub fn value(&self, name: &str) -> Option<TypedNode> {
        self.values.get(name).copied()
    }

    /// All of them.
    pub fn all(&self) -> Vec<String> {
        self.names.clone()
    }
}
