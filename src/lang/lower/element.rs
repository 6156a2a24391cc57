//! Checks indices: the elements of vectors and the entries of matrices.

use super::{Lowering, TypedNode, count};
use crate::{
    error::{ErrorCode, Result, Span},
    lang::{graph::Extent, syntax::Expr},
};

impl Lowering<'_> {
    /// `v[i]`
    pub(super) fn index(&mut self, vector: &Expr, index: &Expr) -> Result<TypedNode> {
        let base = self.expr(vector)?;
        let len = match self.graph.extent(base.id).flat() {
            Extent::Vector(len) if !base.lifted => len,
            Extent::Matrix(..) if !base.lifted => {
                let text = self.source.slice(vector.span);
                let extent = self.graph.extent(base.id);
                return Err(self
                    .error(
                        vector.span.to(index.span),
                        format!("`{text}` is {extent}: an element of it has a row and a column"),
                    )
                    .help(format!("write `{text}[i, j]`")));
            }
            _ => {
                let text = self.source.slice(vector.span);
                return Err(self.error(
                    vector.span,
                    format!("`{text}` is a scalar and has no elements"),
                ));
            }
        };
        let dimension = self.scope.dimension();
        let numbers = self.indices.evaluate(self.source, dimension, index)?;
        let places = numbers
            .iter()
            .map(|&value| self.place(value, len, index.span, "the vector", "element"))
            .collect::<Result<Vec<u32>>>()?;
        if self.indices.is_empty() {
            let id = self
                .graph
                .element(base.id, places.first().map_or(0, |at| *at as usize));
            return Ok(TypedNode { id, ..base });
        }
        let places = self.indices.per_tuple(places);
        let id = self.graph.gather(base.id, &places);
        Ok(TypedNode {
            id,
            lifted: true,
            ..base
        })
    }

    /// `v[i..j]`, both ends included.
    pub(super) fn slice(&mut self, vector: &Expr, first: &Expr, last: &Expr) -> Result<TypedNode> {
        let base = self.expr(vector)?;
        let text = self.source.slice(vector.span);
        let span = first.span.to(last.span);
        let len = match self.graph.extent(base.id).flat() {
            Extent::Vector(len) if !base.lifted => len,
            Extent::Matrix(..) => {
                let extent = self.graph.extent(base.id);
                return Err(self.error(
                    vector.span,
                    format!("`{text}` is {extent}; only vectors have slices"),
                ));
            }
            _ => {
                let message = format!("`{text}` is a scalar and has no elements");
                return Err(self.error(vector.span, message));
            }
        };
        if !self.indices.is_empty() {
            let error = self.error(span, "a slice cannot stand within `sum(i, ...)`");
            return Err(error.help("write the element you mean, as in w[i]"));
        }
        let mut ends = [0; 2];
        for (end, index) in ends.iter_mut().zip([first, last]) {
            let numbers = self
                .indices
                .evaluate(self.source, self.scope.dimension(), index)?;
            let number = numbers.first().copied().unwrap_or(f64::NAN);
            *end = self.place(number, len, index.span, "the vector", "element")?;
        }
        let [first, last] = ends;
        if first > last {
            let message = format!("the slice {}..{} holds nothing", first + 1, last + 1);
            let error = self
                .error(span, message)
                .help("give the lower end first, as in w[1..5]");
            return Err(error.coded(ErrorCode::InvalidValue));
        }
        let places: Vec<u32> = (first..=last).collect();
        Ok(TypedNode {
            id: self.graph.gather(base.id, &places),
            ..base
        })
    }

    /// `A[i, j]`
    pub(super) fn entry(&mut self, matrix: &Expr, row: &Expr, column: &Expr) -> Result<TypedNode> {
        let base = self.expr(matrix)?;
        let text = self.source.slice(matrix.span);
        let (rows, columns) = match self.graph.extent(base.id).flat() {
            Extent::Matrix(rows, columns) => (rows, columns),
            extent => {
                let what = if base.lifted { Extent::Scalar } else { extent };
                let error = self.error(
                    matrix.span,
                    format!("`{text}` is {what} and has no rows and columns"),
                );
                return Err(match what {
                    Extent::Vector(_) => error.help(format!("write `{text}[i]`")),
                    _ => error,
                });
            }
        };
        let dimension = self.scope.dimension();
        let mut places = [Vec::new(), Vec::new()];
        let sides = [(row, rows, "row"), (column, columns, "column")];
        for (found, (index, len, what)) in places.iter_mut().zip(sides) {
            let numbers = self.indices.evaluate(self.source, dimension, index)?;
            for number in numbers {
                found.push(self.place(number, len, index.span, "the matrix", what)?);
            }
        }
        let wide = u32::try_from(columns).unwrap_or(u32::MAX);
        if self.indices.is_empty() {
            let at = places[0].first().zip(places[1].first());
            let at = at.map_or(0, |(row, column)| row * wide + column);
            return Ok(TypedNode {
                id: self.graph.element(base.id, at as usize),
                ..base
            });
        }
        let [rows, columns] = places.map(|places| self.indices.per_tuple(places));
        let entries: Vec<u32> = rows
            .iter()
            .zip(&columns)
            .map(|(r, c)| r * wide + c)
            .collect();
        Ok(TypedNode {
            id: self.graph.gather(base.id, &entries),
            lifted: true,
            ..base
        })
    }

    /// A 1-based index as a 0-based place among the `len` of `what` that `whole` has.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "checked to be a whole number between 1 and len first"
    )]
    fn place(&self, value: f64, len: usize, span: Span, whole: &str, what: &str) -> Result<u32> {
        if value.fract() != 0.0 || !value.is_finite() {
            let error = self.error(span, format!("the index {value} is not a whole number"));
            return Err(error.coded(ErrorCode::InvalidValue));
        }
        if value >= 1.0 && value <= len as f64 {
            return Ok(value as u32 - 1);
        }
        let error = self.error(
            span,
            format!(
                "index {value} is out of range: {whole} has {}",
                count(len, what)
            ),
        );
        let error = error.coded(ErrorCode::InvalidValue);
        Err(if value == 0.0 {
            error.help("indices start at 1, as on paper")
        } else {
            error.help(format!("indices run from 1 to {len}"))
        })
    }
}
