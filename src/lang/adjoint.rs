//! Reverse-mode differentiation, from values to values.
//!
//! For y = f(.., x, ..) the adjoint of x collects `adjoint(y) * df/dx` over all its uses. The result is
//! part of the same graph, so it shares what the function itself computes, is folded like it, and runs
//! on every number type: on dual numbers it gives Hessian-vector products (forward over reverse).
//!
//! At a kink a subgradient is taken: 0 for `abs` and `sign` at 0, an equal share for each element that attains the
//! `norm_inf`, all of it for the first of two equal numbers in `min` and `max`. A branch that is not taken has no say,
//! even where its slope has no number. Where a slope is infinite and what it is multiplied by is 0, as at the tip of a
//! norm, the result is NaN in numbers that know of the place alone; an [`Expansion`](super::expansion::Expansion)
//! knows what goes on around it.

use super::{
    graph::{Binary, Extent, Graph, Id, Node, Reduce, Unary},
    smooth::{ChainRule, LN, Slope, Smooth},
};
use std::collections::{HashMap, HashSet};

/// The gradient of the scalar `output` with respect to the vector (or scalar) `input`.
pub fn gradient(graph: &mut Graph, output: Id, input: Id) -> Id {
    let active = depends_on(graph, output, input);
    let one = graph.constant(1.0);
    let mut sweep = Sweep {
        graph,
        active,
        adjoints: HashMap::from([(output, one)]),
        elements: HashMap::new(),
        branches: HashSet::new(),
    };
    let order: Vec<Id> = sweep.graph.ids().rev().filter(|id| *id <= output).collect();
    for id in order {
        if id == input || !sweep.active[id.index()] {
            continue;
        }
        if let Some(adjoint) = sweep.adjoint(id) {
            sweep.pass_on(id, adjoint);
        }
    }
    let extent = sweep.graph.extent(input);
    if let Some(adjoint) = sweep.adjoint(input) {
        adjoint
    } else {
        let zero = graph.constant(0.0);
        graph.broadcast(zero, extent)
    }
}

/// For each value up to `output`, whether it depends on `input`.
fn depends_on(graph: &Graph, output: Id, input: Id) -> Vec<bool> {
    let mut depends = vec![false; graph.len()];
    depends[input.index()] = true;
    for id in graph.ids().filter(|id| *id <= output && *id > input) {
        let mut any = false;
        graph
            .node(id)
            .operands(|operand| any |= depends[operand.index()]);
        depends[id.index()] = any;
    }
    depends
}

struct Sweep<'a> {
    graph: &'a mut Graph,
    active: Vec<bool>,
    adjoints: HashMap<Id, Id>,
    /// Adjoints of single elements of a vector, gathered until the vector's turn comes.
    elements: HashMap<Id, Vec<(usize, Id)>>,
    /// Nodes on a branch that may not be taken, where slopes may be undefined.
    branches: HashSet<Id>,
}

impl Sweep<'_> {
    /// The whole adjoint of `id`: all its uses have been passed by now.
    fn adjoint(&mut self, id: Id) -> Option<Id> {
        if let Some(mut parts) = self.elements.remove(&id) {
            parts.sort_by_key(|part| part.0);
            let mut merged: Vec<(usize, Id)> = Vec::with_capacity(parts.len());
            for (at, part) in parts {
                match merged.last_mut() {
                    Some(last) if last.0 == at => {
                        last.1 = self.graph.binary(Binary::Add, last.1, part);
                    }
                    _ => merged.push((at, part)),
                }
            }
            let len = self.graph.extent(id).len();
            let packed = self.graph.pack(merged, len);
            self.add(id, packed);
        }
        self.adjoints.get(&id).copied()
    }

    /// Adds `part` to the adjoint of `id`, summed or spread to its extent.
    fn add(&mut self, id: Id, part: Id) {
        if !self.active[id.index()] {
            return;
        }
        let extent = self.graph.extent(id);
        let part = match extent {
            Extent::Scalar => self.graph.reduce(Reduce::Sum, part),
            _ => self.graph.broadcast(part, extent),
        };
        let sum = match self.adjoints.get(&id) {
            Some(&so_far) => self.graph.binary(Binary::Add, so_far, part),
            None => part,
        };
        self.adjoints.insert(id, sum);
    }

    /// Adds to the adjoints of the operands of `id`.
    fn pass_on(&mut self, id: Id, adjoint: Id) {
        if self.branches.contains(&id) || self.chooses(id) {
            let branches = &mut self.branches;
            self.graph.node(id).operands(|operand| {
                branches.insert(operand);
            });
        }
        match self.graph.node(id).clone() {
            Node::Unary(f, a) => {
                if let Some(part) = self.unary(f, a, id, adjoint) {
                    self.add(a, part);
                }
            }
            Node::Binary(f, a, b) => self.binary(f, a, b, id, adjoint),
            Node::Select(condition, a, b) => {
                let zero = self.graph.constant(0.0);
                let to_a = self.graph.select(condition, adjoint, zero);
                let to_b = self.graph.select(condition, zero, adjoint);
                self.add(a, to_a);
                self.add(b, to_b);
            }
            Node::Reduce(Reduce::Sum, a) => {
                let spread = self.graph.broadcast(adjoint, self.graph.extent(a));
                self.add(a, spread);
            }
            // The elements that attain the extreme share it.
            Node::Reduce(Reduce::Min | Reduce::Max, a) => {
                let attains = self.graph.binary(Binary::Equal, a, id);
                let count = self.graph.reduce(Reduce::Sum, attains);
                let share = self.graph.binary(Binary::Divide, adjoint, count);
                let zero = self.graph.constant(0.0);
                let part = self.graph.select(attains, share, zero);
                self.add(a, part);
            }
            Node::Broadcast(a, _) => self.add(a, adjoint),
            Node::Element(a, at) => {
                if self.active[a.index()] {
                    self.elements.entry(a).or_default().push((at, adjoint));
                }
            }
            Node::Gather(a, table) => {
                let len = self.graph.extent(a).len();
                let part = self.graph.scatter(adjoint, table, len);
                self.add(a, part);
            }
            Node::SegmentReduce(f, a, table) => {
                let (offsets, own) = (self.graph.table(table).clone(), self.graph.extent(a));
                let part = if f == Reduce::Sum {
                    self.graph.spread_segments(adjoint, &offsets, own)
                } else {
                    let extremes = self.graph.spread_segments(id, &offsets, own);
                    let attains = self.graph.binary(Binary::Equal, a, extremes);
                    let count = self.graph.reduce_segments(Reduce::Sum, attains, &offsets);
                    let share = self.graph.binary(Binary::Divide, adjoint, count);
                    let share = self.graph.spread_segments(share, &offsets, own);
                    let zero = self.graph.constant(0.0);
                    self.graph.select(attains, share, zero)
                };
                self.add(a, part);
            }
            // Scatters and packs are made here only: by the first of two derivatives.
            Node::Scatter(a, table, _) => {
                let entries = self.graph.table(table).clone();
                let part = self.graph.gather(adjoint, &entries);
                self.add(a, part);
            }
            Node::Pack(parts, _) => {
                for (at, part) in parts {
                    let element = self.graph.element(adjoint, at);
                    self.add(part, element);
                }
            }
            // Constants have no operands; a loss that asks itself questions or works with matrices is refused
            // before it comes to this.
            Node::Constant(_)
            | Node::Numbers(_)
            | Node::Input(_)
            | Node::Call(..)
            | Node::Matrix(..)
            | Node::Matrices(..) => {}
        }
    }

    /// True if the node's value is that of one of its operands.
    fn chooses(&self, id: Id) -> bool {
        matches!(
            self.graph.node(id),
            Node::Select(..)
                | Node::Binary(Binary::Min | Binary::Max, ..)
                | Node::Reduce(Reduce::Min | Reduce::Max, _)
                | Node::SegmentReduce(Reduce::Min | Reduce::Max, ..)
        )
    }

    /// The product of an adjoint and the slope of `y`.
    fn chain(&mut self, y: Id, adjoint: Id, slope: Id) -> Id {
        let f = if self.branches.contains(&y) {
            Binary::Chain
        } else {
            Binary::Multiply
        };
        self.graph.binary(f, adjoint, slope)
    }

    /// The quotient of an adjoint and the reciprocal of the slope of `y`.
    fn chain_divide(&mut self, y: Id, adjoint: Id, reciprocal: Id) -> Id {
        let f = if self.branches.contains(&y) {
            Binary::ChainDivide
        } else {
            Binary::Divide
        };
        self.graph.binary(f, adjoint, reciprocal)
    }

    fn unary(&mut self, f: Unary, a: Id, y: Id, adjoint: Id) -> Option<Id> {
        let graph = &mut *self.graph;
        let slope = match f {
            Unary::Negate => return Some(graph.unary(Unary::Negate, adjoint)),
            Unary::Round(_) => return Some(adjoint),
            Unary::Sign
            | Unary::Floor
            | Unary::Not
            | Unary::Nonfinite
            | Unary::Hold
            | Unary::WholePower(0) => return None,
            Unary::Abs => graph.unary(Unary::Sign, a),
            Unary::Sqrt => {
                let two = graph.constant(2.0);
                let twice = graph.binary(Binary::Multiply, two, y);
                return Some(self.chain_divide(y, adjoint, twice));
            }
            Unary::Smooth(f) => return Some(self.smooth(f, [a, y], adjoint)),
            Unary::WholePower(exponent) => {
                let factor = graph.constant(f64::from(exponent));
                let lower = graph.unary(Unary::WholePower(exponent - 1), a);
                let scaled = graph.binary(Binary::Multiply, factor, adjoint);
                return Some(self.chain(y, scaled, lower));
            }
        };
        Some(self.chain(y, adjoint, slope))
    }

    fn binary(&mut self, f: Binary, a: Id, b: Id, y: Id, adjoint: Id) {
        match f {
            Binary::Add => {
                self.add(a, adjoint);
                self.add(b, adjoint);
            }
            Binary::Subtract => {
                self.add(a, adjoint);
                if self.active[b.index()] {
                    let part = self.graph.unary(Unary::Negate, adjoint);
                    self.add(b, part);
                }
            }
            Binary::Multiply | Binary::Chain => {
                if self.active[a.index()] {
                    let part = self.chain(y, adjoint, b);
                    self.add(a, part);
                }
                if self.active[b.index()] {
                    let part = self.chain(y, adjoint, a);
                    self.add(b, part);
                }
            }
            Binary::Divide | Binary::ChainDivide => {
                let part = self.chain_divide(y, adjoint, b);
                self.add(a, part);
                if self.active[b.index()] {
                    let product = self.chain(y, part, y);
                    let part = self.graph.unary(Unary::Negate, product);
                    self.add(b, part);
                }
            }
            Binary::Power => self.power(a, b, y, adjoint),
            // A tie goes to `a`, as in the functions themselves.
            Binary::Min | Binary::Max => {
                let (lesser, greater) = if f == Binary::Min { (a, b) } else { (b, a) };
                let a_is_taken = self.graph.binary(Binary::LessEqual, lesser, greater);
                let zero = self.graph.constant(0.0);
                let to_a = self.graph.select(a_is_taken, adjoint, zero);
                let to_b = self.graph.select(a_is_taken, zero, adjoint);
                self.add(a, to_a);
                self.add(b, to_b);
            }
            // Comparisons are flat wherever they have a slope at all.
            Binary::Less
            | Binary::LessEqual
            | Binary::Equal
            | Binary::Unequal
            | Binary::And
            | Binary::Or => {}
        }
    }

    /// y = a^b: dy/da = b a^(b-1), dy/db = y ln a.
    fn power(&mut self, a: Id, b: Id, y: Id, adjoint: Id) {
        if self.active[a.index()] {
            let one = self.graph.constant(1.0);
            let lower = self.graph.binary(Binary::Subtract, b, one);
            let power = self.graph.binary(Binary::Power, a, lower);
            let slope = self.graph.binary(Binary::Multiply, b, power);
            let part = self.chain(y, adjoint, slope);
            self.add(a, part);
        }
        if self.active[b.index()] {
            let log = self.graph.unary(Unary::Smooth(&LN), a);
            let slope = self.chain(y, y, log);
            let part = self.chain(y, adjoint, slope);
            self.add(b, part);
        }
    }

    /// The adjoint of `x` where y = f(x).
    fn smooth(&mut self, f: &Smooth, [x, y]: [Id; 2], adjoint: Id) -> Id {
        match &f.adjoint {
            ChainRule::Times(slope) => {
                let slope = evaluate(self.graph, slope, [x, y]);
                self.chain(y, adjoint, slope)
            }
            ChainRule::Over(reciprocal) => {
                let reciprocal = evaluate(self.graph, reciprocal, [x, y]);
                self.chain_divide(y, adjoint, reciprocal)
            }
        }
    }
}

fn evaluate(graph: &mut Graph, slope: &Slope, at: [Id; 2]) -> Id {
    let (f, a, b) = match slope {
        Slope::X => return at[0],
        Slope::Y => return at[1],
        Slope::One => return graph.constant(1.0),
        Slope::Of(f) => return graph.unary(Unary::Smooth(f), at[0]),
        Slope::Negative(a) => {
            let a = evaluate(graph, a, at);
            return graph.unary(Unary::Negate, a);
        }
        Slope::Square(a) => {
            let a = evaluate(graph, a, at);
            return graph.unary(Unary::WholePower(2), a);
        }
        Slope::Sum(a, b) => (Binary::Add, a, b),
        Slope::Difference(a, b) => (Binary::Subtract, a, b),
        Slope::Product(a, b) => (Binary::Multiply, a, b),
    };
    let (a, b) = (evaluate(graph, a, at), evaluate(graph, b, at));
    graph.binary(f, a, b)
}
