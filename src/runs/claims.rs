//! What columns with a meaning of their own claim, and what is wrong with one that cannot be meant so.
//!
//! A name that nobody knows may have anything; gradients, and the parameters that a step began with, are of tensors, by
//! their names and of their shapes.

use super::{
    fields::{BEGUN_WITH, GRADIENTS, PARAMETERS},
    table::{Column, shape_name},
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

/// What is wrong with column `at` of `columns`, if something is, and what to do.
pub(super) fn flaw(columns: &[Column], at: usize) -> Option<(String, &'static str)> {
    let column = &columns[at];
    let (root, rest) = match column.name.split_once('.') {
        Some((root, rest)) => (root, Some(rest)),
        None => (column.name.as_str(), None),
    };
    match root {
        SETTINGS if rest.is_none() => Some((
            format!("`settings` has {} here", shape_name(&column.shape)),
            "settings have names, and a number for each group: \"settings\":{\"lr\":[0.1]}",
        )),
        "loss" if rest.is_none() && column.width() != 1 => Some((
            format!("`loss` has {} here", shape_name(&column.shape)),
            "the loss is one number; call others by another name",
        )),
        _ if BEGUN_WITH.contains(&root) => of_tensors(columns, column, root, rest, true),
        _ if GRADIENTS.contains(&root) => of_tensors(columns, column, root, rest, false),
        _ => None,
    }
}

/// What is wrong with a column of numbers of tensors.
fn of_tensors(
    columns: &[Column],
    column: &Column,
    root: &str,
    rest: Option<&str>,
    has_to_be: bool,
) -> Option<(String, &'static str)> {
    let parameters = PARAMETERS.iter().find_map(|root| {
        let own = columns.iter().filter_map(|it| {
            let rest = it.name.strip_prefix(root)?;
            let is_it = rest.is_empty() || rest.starts_with('.');
            is_it.then(|| (rest.strip_prefix('.'), it))
        });
        let own: Vec<(Option<&str>, &Column)> = own.collect();
        (!own.is_empty()).then_some(own)
    })?;
    let own = shape_name(&column.shape);
    let known = parameters.iter().find(|it| it.0 == rest);
    if let Some((_, tensor)) = known {
        let reason = format!(
            "`{}` has {own}, and `{}` has {}",
            column.name,
            tensor.name,
            shape_name(&tensor.shape)
        );
        return (tensor.shape != column.shape)
            .then_some((reason, "it has a number for each of the tensor's"));
    }
    let names: Vec<&str> = parameters.iter().filter_map(|it| it.0).collect();
    let is_named = !names.is_empty();
    let is_told_by_tensor = columns.iter().any(|it| {
        let rest = it.name.strip_prefix(root);
        rest.is_some_and(|rest| rest.starts_with('.'))
    });
    let n: usize = parameters.iter().map(|it| it.1.width()).sum();
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
        None if column.width() == n => None,
        None if !has_to_be && column.shape.is_empty() && !is_told_by_tensor => None,
        None => Some((
            format!("`{root}` has {own}, and the parameters have {n}"),
            "it has tensors by the names that `params` has for them: \"params\":{\"fc.weight\":[0.5]}",
        )),
    }
}
