//! The names that may be read at a place of a rule, and what they stand for there.

use crate::lang::{graph::Id, lower::TypedNode};

/// Names with their values, in the order in which they became known.
#[derive(Debug, Default)]
pub(super) struct Bindings(Vec<(String, Id)>);

impl Bindings {
    /// Lets `name` stand for `id` from here on.
    pub fn bind(&mut self, name: &str, id: Id) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1 = id,
            None => self.0.push((name.to_owned(), id)),
        }
    }

    /// The meaning of `name`.
    pub fn value(&self, name: &str) -> Option<TypedNode> {
        let (_, id) = self.0.iter().find(|(known, _)| known == name)?;
        Some(TypedNode::number(*id))
    }

    /// All of them.
    pub fn all(&self) -> Vec<String> {
        self.0.iter().map(|(name, _)| name.clone()).collect()
    }
}
