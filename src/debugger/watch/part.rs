//! Some elements of a watch's vector, for whoever has no use for the others.

use super::{Present, Reading, Watch, compiled};
use crate::lang::graph::Extent;
use std::{collections::VecDeque, sync::Arc};

/// The elements that are read of a quantity.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Each by its number from 0.
    elements: Arc<[usize]>,
    /// The number of all that there are.
    of: usize,
}

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
        let part = || Part {
            elements: Arc::clone(&elements),
            of: len,
        };
        let inputs = restricted.inputs.iter();
        let parts: Vec<Option<Part>> = inputs.map(|it| it.is_partial.then(part)).collect();
        let inputs = restricted.inputs.iter();
        let readings: Vec<Reading> = inputs.map(|it| self.readings[it.slot]).collect();
        let (program, arena) = compiled(&restricted.graph, restricted.value, readings.len());
        Some(Self {
            extent: Extent::Vector(elements.len()),
            pasts: vec![VecDeque::new(); readings.len()],
            places: (0..readings.len()).map(|at| program.input(at)).collect(),
            graph: Arc::new(restricted.graph),
            own: restricted.value,
            program,
            arena,
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

/// Writes what a watch reads where the lanes are.
#[inline]
pub(super) fn read<P: Present + ?Sized>(
    past: &mut P,
    Reading { lane, quantity, .. }: Reading,
    part: Option<&Part>,
    out: &mut [f64],
) {
    let Some(Part { elements, of }) = part else {
        return past.read(lane, quantity, out);
    };
    for (at, value) in elements.iter().zip(&mut *out) {
        let Some(known) = past.element(lane, quantity, *at) else {
            let mut all = vec![f64::NAN; *of];
            past.read(lane, quantity, &mut all);
            for (at, value) in elements.iter().zip(out) {
                *value = all[*at];
            }
            return;
        };
        *value = known;
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        debugger::{Control, Session, watch::ExpectedType},
        error::{Source, Span},
        scenario::Scenario,
        value::Value,
    };

    /// The bits of the value here of `text`: of all elements, and at some of them only.
    fn values(session: &mut Session, text: &str, elements: &[usize]) -> [Vec<u64>; 2] {
        let source = Source::new("<test>", text);
        let whole = Span::new(0, text.len());
        let watch = session.watch(&source, whole, ExpectedType::Any).unwrap();
        let part = watch.at_elements(elements).unwrap();
        [watch, part].map(|mut watch| {
            let value = session.value(&mut watch, &mut Control::default());
            let Some(Value::Vector(values)) = value else {
                panic!("{text} is a vector");
            };
            values.iter().map(|value| value.to_bits()).collect()
        })
    }

    #[test]
    fn a_vector_at_some_elements_is_what_it_is_among_all() {
        let eigenvalues: Vec<String> = (1..=300).map(|it| it.to_string()).collect();
        let eigenvalues = eigenvalues.join(",");
        let flags = [("eigenvalues", eigenvalues.as_str()), ("rule", "adam")];
        let mut session = Scenario::from_flags(&flags).unwrap().session().unwrap();
        let elements = [0, 3, 257, 299];
        for command in ["step 3", "next 2", "next 3", "back 2"] {
            let line = Source::new("<test>", command);
            session.execute(&line, &mut Control::default()).unwrap();
            for text in [
                "w",
                "eta/sqrt(s_hat + delta)",
                "w - prev(w)",
                "step*norm(m)",
                "where(m > 0, m, -prev(prev(s)))",
                "grad*t + last_change(loss < 1)",
                "alpha",
                "exp(-abs(g)) + w/max(w)",
            ] {
                let [all, some] = values(&mut session, text, &elements);
                let chosen: Vec<u64> = elements.iter().map(|at| all[*at]).collect();
                assert_eq!(some, chosen, "{text} after {command}");
            }
        }
    }
}
