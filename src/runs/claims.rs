//! What columns with a meaning of their own claim, and what is wrong with one that cannot be meant so.
//!
//! A name that nobody knows may have anything; gradients, and the parameters that a step began with, are of tensors, by
//! their names and of their shapes.

use super::{
    fields::{BEGUN_WITH, GRADIENTS, PARAMETERS},
    table::{Column, shape_name},
};
use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

/// The name above settings, which have a number for each group.
const SETTINGS: &str = "settings";

/// Names below which texts are no remarks: what stands there has to be numbers.
const NUMBERS: [&str; 5] = ["w", "params", "parameters", "weights", "loss"];

/// True if the value called `name` is one of numbers, whoever wrote it.
pub(super) fn is_of_numbers(name: &str) -> bool {
    let root = name.split('.').next().unwrap_or_default();
    let known = [&NUMBERS[..], &GRADIENTS, &BEGUN_WITH].concat();
    known.contains(&root) || root == SETTINGS
}

/// The columns of a run, as far as what others claim is held against them.
pub(super) struct Claims<'a> {
    columns: &'a [Column],
    /// The parameters by the names of their tensors, once somebody asks: the first name for them that occurs.
    parameters: OnceCell<Option<HashMap<Option<&'a str>, &'a Column>>>,
    /// The first names of what is told by tensor.
    told_by_tensor: OnceCell<HashSet<&'a str>>,
}

impl<'a> Claims<'a> {
    pub fn of(columns: &'a [Column]) -> Self {
        Self {
            columns,
            parameters: OnceCell::new(),
            told_by_tensor: OnceCell::new(),
        }
    }

    /// What is wrong with `column`, if something is, and what to do.
    pub fn flaw(&self, column: &Column) -> Option<(String, &'static str)> {
        let (root, rest) = halves(&column.name);
        match root {
            SETTINGS if rest.is_none() => Some((
                format!("`settings` has {} here", shape_name(&column.shape)),
                "settings have names, and a number for each group: \"settings\":{\"lr\":[0.1]}",
            )),
            "loss" if rest.is_none() && column.width() != 1 => Some((
                format!("`loss` has {} here", shape_name(&column.shape)),
                "the loss is one number; call others by another name",
            )),
            _ if BEGUN_WITH.contains(&root) => self.of_tensors(column, root, rest, true),
            _ if GRADIENTS.contains(&root) => self.of_tensors(column, root, rest, false),
            _ => None,
        }
    }

    fn parameters(&self) -> Option<&HashMap<Option<&'a str>, &'a Column>> {
        let found = self.parameters.get_or_init(|| {
            PARAMETERS.iter().find_map(|root| {
                let own = self.columns.iter().map(|it| (halves(&it.name), it));
                let own = own.filter(|((first, _), _)| first == root);
                let own: HashMap<_, _> = own.map(|((_, rest), it)| (rest, it)).collect();
                (!own.is_empty()).then_some(own)
            })
        });
        found.as_ref()
    }

    fn is_told_by_tensor(&self, root: &str) -> bool {
        let found = self.told_by_tensor.get_or_init(|| {
            let names = self.columns.iter().map(|it| halves(&it.name));
            names.filter(|it| it.1.is_some()).map(|it| it.0).collect()
        });
        found.contains(root)
    }

    /// What is wrong with a column of numbers of tensors.
    fn of_tensors(
        &self,
        column: &Column,
        root: &str,
        rest: Option<&str>,
        has_to_be: bool,
    ) -> Option<(String, &'static str)> {
        let parameters = self.parameters()?;
        let own = shape_name(&column.shape);
        if let Some(tensor) = parameters.get(&rest) {
            let reason = format!(
                "`{}` has {own}, and `{}` has {}",
                column.name,
                tensor.name,
                shape_name(&tensor.shape)
            );
            return (tensor.shape != column.shape)
                .then_some((reason, "it has a number for each of the tensor's"));
        }
        let is_named = parameters.keys().any(Option::is_some);
        let n = || -> usize { parameters.values().map(|it| it.width()).sum() };
        match rest {
            // Of one tensor without a name, others may be parts.
            Some(_) if !is_named && !has_to_be => None,
            Some(name) => {
                let reason = if is_named {
                    format!("`{root}` has `{name}`, and no tensor is called that")
                } else {
                    format!("`{root}` has `{name}`, and the parameters have no names")
                };
                Some((
                    reason,
                    "it has tensors by the names that `params` has for them: \"params\":{\"fc.weight\":[0.5]}",
                ))
            }
            // All numbers of all tensors, or one number that says something of them.
            None if column.width() == n() => None,
            None if !has_to_be && column.shape.is_empty() && !self.is_told_by_tensor(root) => None,
            None => Some((
                format!("`{root}` has {own}, and the parameters have {}", n()),
                "it has tensors by the names that `params` has for them: \"params\":{\"fc.weight\":[0.5]}",
            )),
        }
    }
}

/// The first part of a dotted name, and the rest of it.
fn halves(name: &str) -> (&str, Option<&str>) {
    match name.split_once('.') {
        Some((root, rest)) => (root, Some(rest)),
        None => (name, None),
    }
}
