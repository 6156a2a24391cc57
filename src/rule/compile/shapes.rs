//! The shapes of states, of which a rule's file says nothing.

use super::body::Body;
use crate::{
    error::Result,
    lang::{graph::Extent, lower::TypedNode},
    rule::{definition::Rule, initial},
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

/// The shape of each state: the widest value that it starts with or is assigned.
///
/// States have the shape of their beginning and grow until nothing changes; a line that cannot be
/// checked yet is left for the next round. States of which nothing is known by then are taken for vectors.
pub(super) fn infer(rule: &Arc<Rule>, n: usize) -> Result<Vec<(Extent, bool)>> {
    let initial = initial::shapes(rule, n)?;
    let (mut shapes, truths): (Vec<Extent>, Vec<bool>) = initial.into_iter().unzip();
    let typed = |shapes: &[Extent]| -> Vec<(Extent, bool)> {
        shapes.iter().copied().zip(truths.iter().copied()).collect()
    };
    let mut seen: Vec<bool> = shapes
        .iter()
        .map(|shape| *shape != Extent::Scalar)
        .collect();
    let states = rule.states.iter().enumerate();
    let states: HashMap<&str, usize> = states.map(|(at, it)| (it.name.as_str(), at)).collect();
    let assigned: HashSet<&str> = rule.step.iter().map(|it| it.target.as_str()).collect();
    loop {
        let before = shapes.clone();
        let mut body = Body::new(rule, n, &typed(&shapes));
        for (at, statement) in rule.step.iter().enumerate() {
            let state = states.get(statement.target.as_str()).copied();
            let Ok(value) = body.value(at) else {
                continue;
            };
            let extent = body.graph.extent(value.id);
            let mut id = value.id;
            if let Some(state) = state {
                seen[state] = true;
                if shapes[state] == Extent::Scalar {
                    shapes[state] = extent;
                }
                id = body.graph.broadcast(id, shapes[state]);
            }
            body.bind(&statement.target, TypedNode { id, ..value });
        }
        if shapes != before {
            continue;
        }
        let grow: Vec<usize> = (0..seen.len())
            .filter(|at| !seen[*at] && assigned.contains(rule.states[*at].name.as_str()))
            .collect();
        if grow.is_empty() {
            return Ok(typed(&shapes));
        }
        for at in grow {
            shapes[at] = Extent::Vector(n);
            seen[at] = true;
        }
    }
}
