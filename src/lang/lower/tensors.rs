//! Matrices by tensor: in lines that are written for each tensor, what works on a matrix works on the last two axes of
//! each, once for all others. A tensor of one axis is one row.

use super::{
    Lowering, TypedNode,
    tensor_matrices::{TensorMatrices, offsets},
};
use crate::{
    error::{Error, Result, Span},
    lang::{
        graph::{Extent, Id, Node, Side},
        matrix::Matrix,
    },
};

/// Most numbers of a matrix that is made of a tensor which has fewer.
const MOST: usize = 4096 * 4096;

impl Lowering<'_> {
    /// The tensors that `w` consists of: a vector without any is one.
    fn own_tensors(&self) -> Vec<TensorMatrices> {
        let shapes = self.scope.tensors();
        if shapes.is_empty() {
            vec![TensorMatrices::of(&[self.scope.dimension()])]
        } else {
            shapes.iter().map(|it| TensorMatrices::of(it)).collect()
        }
    }

    /// The matrices of `value` by tensor; none where it has none, or the lines are not written for each tensor.
    pub(super) fn by_tensor(&self, value: TypedNode) -> Option<Vec<TensorMatrices>> {
        if !self.scope.is_for_each_tensor() || value.lifted {
            return None;
        }
        let mut own = self.own_tensors();
        match self.graph.extent(value.id) {
            Extent::Vector(len) => {
                (own.iter().map(TensorMatrices::len).sum::<usize>() == len).then_some(own)
            }
            Extent::Matrices(rows, columns, _) => {
                for it in &mut own {
                    *it = it.with_sides(rows, columns);
                }
                Some(own)
            }
            Extent::Scalar | Extent::Matrix(..) => None,
        }
    }

    /// The extent of a value with these matrices; none where no two sides name them for all tensors.
    pub(super) fn extent_by_tensor(&self, matrices: &[TensorMatrices]) -> Option<Extent> {
        let own = self.own_tensors();
        let len = matrices.iter().map(TensorMatrices::len).sum();
        if own == matrices {
            return Some(Extent::Vector(len));
        }
        let fits = |rows: Side, columns: Side| {
            let is_whole = rows.is_of_whole() || columns.is_of_whole();
            let mut both = own.iter().zip(matrices);
            both.all(|(own, it)| {
                let sides = own.sides();
                let count = if is_whole { 1 } else { own.count };
                (rows.of(sides), columns.of(sides), count) == (it.rows, it.columns, it.count)
            })
        };
        let pairs = Side::ALL.into_iter().flat_map(|rows| {
            let columns = Side::ALL.into_iter();
            columns.map(move |columns| (rows, columns))
        });
        let (rows, columns) = pairs.into_iter().find(|it| fits(it.0, it.1))?;
        Some(Extent::Matrices(rows, columns, len))
    }

    /// The operation that `f` makes of the extents of matrices and vectors: one for each tensor where all `operands` have
    /// matrices by tensor, else one.
    pub(super) fn on_matrices(
        &mut self,
        operands: &[(TypedNode, Span)],
        f: impl Fn(&Self, &[Extent]) -> Result<Matrix>,
    ) -> Result<TypedNode> {
        let ids = operands.iter().map(|it| it.0.id).collect();
        let stacks = operands.iter().map(|it| self.by_tensor(it.0));
        let Some(stacks) = stacks.collect::<Option<Vec<_>>>() else {
            let extents: Vec<Extent> = operands.iter().map(|it| self.whole_extent(it.0)).collect();
            let f = f(self, &extents)?;
            return Ok(TypedNode::number(self.graph.matrix(f, ids)));
        };
        let place = operands[0].1.to(operands[operands.len() - 1].1);
        let (mut each, mut results) = (Vec::new(), Vec::new());
        for (at, own) in self.own_tensors().iter().enumerate() {
            let shape = |it: &TensorMatrices| Extent::Matrix(it.rows, it.columns);
            let extents: Vec<Extent> = stacks.iter().map(|stack| shape(&stack[at])).collect();
            let tensor = format!("tensor {} ({}x{})", at + 1, own.rows, own.columns);
            let f = f(self, &extents).map_err(|error| error.context(&tensor))?;
            let (rows, columns) = match f.extent() {
                Extent::Matrix(rows, columns) => (rows, columns),
                other => (1, other.len()),
            };
            if rows * columns > MOST.max(own.all) {
                return Err(self.too_large(place, rows, columns, &tensor));
            }
            let count = stacks.first().map_or(own.count, |stack| stack[at].count);
            if stacks.iter().any(|stack| stack[at].count != count) {
                let message =
                    "one has a matrix of the whole tensor, the other one for each of its parts";
                return Err(self.error(place, message).context(&tensor));
            }
            each.extend(std::iter::repeat_n(f, count));
            results.push(TensorMatrices {
                count,
                rows,
                columns,
                ..*own
            });
        }
        let Some(extent) = self.extent_by_tensor(&results) else {
            return Err(self.no_shape(place));
        };
        let id = self.graph.matrices(each, ids, extent);
        Ok(TypedNode::number(id))
    }

    fn too_large(&self, place: Span, rows: usize, columns: usize, tensor: &str) -> Error {
        let message = format!("this would make a {rows}x{columns} matrix of {tensor}");
        let help = "at most 4096x4096: multiply the shorter sides, as of where(rows(w) > columns(w), transpose(w), w)";
        self.error(place, message).help(help)
    }

    pub(super) fn no_shape(&self, place: Span) -> Error {
        let error = self.error(place, "the matrices of the tensors have no shape in common");
        error.help(
            "each side is one, that of the rows, the columns, the shorter or the longer of them, or of the first axis, the others or all of the tensor",
        )
    }

    /// `eye(rows(v))`, `eye(columns(v))`: for each tensor the matrix with 1 on its diagonal, of one of its sides.
    pub(super) fn identities(
        &mut self,
        (of, place): (TypedNode, Span),
        called: Span,
        is_rows: bool,
    ) -> Result<TypedNode> {
        let Some(mut matrices) = self.by_tensor(of) else {
            return Err(self.not_a("vector or matrix", self.whole_extent(of), place));
        };
        let mut each = Vec::new();
        for it in &mut matrices {
            let side = if is_rows { it.rows } else { it.columns };
            if side * side > MOST.max(it.all) {
                let tensor = format!("a tensor ({}x{})", it.rows, it.columns);
                return Err(self.too_large(called.to(place), side, side, &tensor));
            }
            (it.rows, it.columns) = (side, side);
            each.extend(std::iter::repeat_n(Matrix::Identity(side), it.count));
        }
        let Some(extent) = self.extent_by_tensor(&matrices) else {
            return Err(self.no_shape(place));
        };
        Ok(TypedNode::number(self.graph.matrices(
            each,
            Vec::new(),
            extent,
        )))
    }

    /// Gives `values` one shape where some have one number for each tensor, repeated for all of its elements: those are
    /// repeated as often as the others have elements.
    pub(super) fn repeat_alike(&mut self, values: &mut [TypedNode]) {
        let extents: Vec<Extent> = values.iter().map(|it| self.graph.extent(it.id)).collect();
        let mut shaped = extents.iter().filter(|it| **it != Extent::Scalar);
        let first = shaped.next();
        if !self.scope.is_for_each_tensor() || shaped.all(|it| Some(it) == first) {
            return;
        }
        let own: Vec<Option<Id>> = values.iter().map(|it| self.by_each(it.id)).collect();
        let mut fixed = values.iter().zip(&own).filter(|it| it.1.is_none());
        let Some((target, _)) = fixed.find(|it| self.graph.extent(it.0.id) != Extent::Scalar)
        else {
            return;
        };
        let Some(matrices) = self.by_tensor(*target) else {
            return;
        };
        let extent = self.graph.extent(target.id);
        let offsets = offsets(&matrices);
        for (value, own) in values.iter_mut().zip(own) {
            if let Some(own) = own.filter(|own| self.graph.extent(*own) != Extent::Scalar) {
                value.id = self.graph.spread_segments(own, &offsets, extent);
            }
        }
    }

    /// The numbers, one for each tensor, that `id` repeats for the elements of each; a scalar is its own.
    pub(super) fn by_each(&mut self, id: Id) -> Option<Id> {
        if self.graph.extent(id) == Extent::Scalar {
            return Some(id);
        }
        match *self.graph.node(id) {
            Node::Gather(of, table) => {
                let matrices = self.by_tensor(TypedNode::number(id))?;
                let is_one_each = self.graph.extent(of) == Extent::Vector(matrices.len());
                let runs = (0u32..).zip(&matrices);
                let mut runs = runs.flat_map(|(at, it)| std::iter::repeat_n(at, it.len()));
                let is_spread = self
                    .graph
                    .table(table)
                    .iter()
                    .all(|it| runs.next() == Some(*it));
                (is_one_each && is_spread).then_some(of)
            }
            Node::Broadcast(of, _) => Some(of),
            Node::Unary(f, a) => {
                let a = self.by_each(a)?;
                Some(self.graph.unary(f, a))
            }
            Node::Binary(f, a, b) => {
                let (a, b) = (self.by_each(a)?, self.by_each(b)?);
                Some(self.graph.binary(f, a, b))
            }
            Node::Select(condition, a, b) => {
                let condition = self.by_each(condition)?;
                let (a, b) = (self.by_each(a)?, self.by_each(b)?);
                Some(self.graph.select(condition, a, b))
            }
            _ => None,
        }
    }

    /// `where(cond, a, b)` of values whose shapes differ but have as many numbers in each tensor, where the shapes of the
    /// tensors alone decide: the extent of what is chosen. None where it is no such thing.
    pub(super) fn chosen_by_shape(
        &self,
        [condition, a, b]: [TypedNode; 3],
        place: Span,
    ) -> Result<Option<Extent>> {
        if self.graph.extent(a.id) == self.graph.extent(b.id) {
            return Ok(None);
        }
        let both = (self.by_tensor(a), self.by_tensor(b));
        let ((Some(a), Some(b)), Some(known)) = (both, self.graph.known(condition.id)) else {
            return Ok(None);
        };
        let mut chosen = Vec::with_capacity(a.len());
        let mut first = 0;
        for (a, b) in a.iter().zip(&b) {
            let own = if known.len() == 1 {
                &known[..]
            } else {
                let own = known.get(first..first + a.len());
                own.unwrap_or_default()
            };
            let holds = own.first().is_some_and(|it| *it != 0.0);
            if a.len() != b.len() || own.iter().any(|it| (*it != 0.0) != holds) {
                return Ok(None);
            }
            chosen.push(if holds { *a } else { *b });
            first += a.len();
        }
        let extent = self.extent_by_tensor(&chosen);
        extent.map_or_else(|| Err(self.no_shape(place)), |it| Ok(Some(it)))
    }
}
