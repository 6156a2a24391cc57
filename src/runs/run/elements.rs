//! Which element of which tensor a number of a field belongs to.

use super::{
    super::fields::{Field, FieldMeaning, FieldPart},
    Run,
};
use crate::rule::{Compiled, Tensor, index};

impl Run {
    /// Lets fields that have one number for each tensor, where the variable of `rule` by their name has one for each
    /// element, have it for each element, too.
    pub fn spread_for(&mut self, rule: &Compiled) {
        let n = self.dimension();
        for variable in rule.variables.iter().filter(|it| it.range.len() == n) {
            if let Some(at) = self.field(&variable.name)
                && let Some(field) = self.fields[at].spread(&self.tensors)
            {
                self.fields[at] = field;
            }
        }
        for variable in &rule.variables {
            if let Some(lens) = &variable.by_tensor {
                self.join(&variable.name, lens);
            }
        }
    }

    /// Makes one field called `name` of those that it has for single tensors, if they have as many numbers as `lens` says.
    fn join(&mut self, name: &str, lens: &[usize]) {
        let of = |tensor: &Tensor| self.field(&format!("{name}.{}", tensor.name));
        let own: Vec<Option<usize>> = self.tensors.iter().map(of).collect();
        let fits = |(at, len): (&Option<usize>, &usize)| {
            at.is_none_or(|at| {
                self.fields[at].len == *len && self.fields[at].meaning == FieldMeaning::Other
            })
        };
        let is_there = own.iter().any(Option::is_some) && self.field(name).is_none();
        if !is_there || own.len() != lens.len() || !own.iter().zip(lens).all(fits) {
            return;
        }
        let parts = own.iter().zip(lens).flat_map(|(at, len)| match at {
            Some(at) => self.fields[*at].parts.clone(),
            None => vec![FieldPart {
                column: None,
                len: *len,
                spread: None,
            }],
        });
        let joined = Field {
            name: name.to_owned(),
            meaning: FieldMeaning::Other,
            len: lens.iter().sum(),
            shape: vec![lens.iter().sum()],
            is_like_parameters: false,
            is_per_tensor: false,
            parts: parts.collect(),
        };
        let mut own = own.into_iter().flatten();
        if let Some(first) = own.next() {
            self.fields[first] = joined;
        }
        let mut others: Vec<usize> = own.collect();
        others.sort_unstable();
        for at in others.into_iter().rev() {
            self.fields.remove(at);
        }
    }

    /// The tensor of element `at` of a field that has something for each, and the index in that.
    fn of_joined(&self, field: &Field, at: usize) -> Option<(&str, String)> {
        if field.is_like_parameters || field.parts.len() != self.tensors.len() || at >= field.len {
            return None;
        }
        let mut rest = at;
        let mut parts = field.parts.iter().zip(&self.tensors);
        let (part, tensor) = parts.find(|(part, _)| {
            let is_within = rest < part.len;
            rest -= if is_within { 0 } else { part.len };
            is_within
        })?;
        let columns = self.store.columns();
        let shape = &columns.get(part.column?)?.shape;
        (self.tensors.len() > 1).then(|| (tensor.name.as_str(), index(shape, rest)))
    }

    /// The name of coordinate `at` (from 0) of a field.
    #[must_use]
    pub fn coordinate(&self, field: usize, at: usize) -> String {
        let field = &self.fields[field];
        let unnamed = self.tensors.len() == 1 && self.tensors[0].name.is_empty();
        if field.is_per_tensor {
            return format!("{}.{}", field.name, self.tensors[at].name);
        }
        if let Some((tensor, inside)) = self.of_joined(field, at) {
            return format!("{}.{tensor}{inside}", field.name);
        }
        if !field.is_like_parameters || unnamed {
            return format!("{}{}", field.name, index(&field.shape, at));
        }
        let holds = |tensor: &&Tensor| tensor.range.contains(&at);
        match self.tensors.iter().find(holds) {
            Some(tensor) => {
                let vector = match field.meaning {
                    FieldMeaning::Parameters => "w",
                    _ => &field.name,
                };
                tensor.element_name(vector, at)
            }
            None => field.name.clone(),
        }
    }
}
