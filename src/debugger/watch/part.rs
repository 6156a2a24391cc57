//! Some elements of a watch's vector, for whoever has no use for the others.

use super::{PartialInput, Reading, Watch, compiled};
use crate::lang::graph::Extent;
use std::{collections::VecDeque, sync::Arc};

impl Watch {
    /// The same expression at `elements` (from 0) of its value only; `None` where those are all, or are not there, or depend
    /// on others than the same ones of what it reads.
    #[must_use]
    pub fn at_elements(&self, elements: &[usize]) -> Option<Self> {
        let Extent::Vector(len) = self.extent else {
            return None;
        };
        if elements.len() >= len || elements.iter().any(|at| *at >= len) {
            return None;
        }
        let restricted = self.graph.at_elements(self.own, elements)?;
        let elements: Arc<[usize]> = elements.into();
        let part = || PartialInput {
            elements: Arc::clone(&elements),
            of: len,
        };
        let inputs = restricted.inputs.iter();
        let parts: Vec<Option<PartialInput>> = inputs.map(|it| it.is_partial.then(part)).collect();
        let inputs = restricted.inputs.iter();
        let readings: Vec<Reading> = inputs.map(|it| self.readings[it.slot]).collect();
        let (program, arena) = compiled(&restricted.graph, restricted.value, readings.len());
        Some(Self {
            extent: Extent::Vector(elements.len()),
            pasts: vec![VecDeque::new(); readings.len()],
            begun: vec![Vec::new(); readings.len()],
            places: (0..readings.len()).map(|at| program.input(at)).collect(),
            graph: Arc::new(restricted.graph),
            own: restricted.value,
            program,
            arena,
            wide: Vec::new(),
            readings,
            parts,
            source: Arc::clone(&self.source),
            expr: self.expr.clone(),
            looks_back: self.looks_back,
            histories: self.histories.clone(),
            clauses: Vec::new(),
            truth: self.truth,
            home: self.home,
        })
    }
}
