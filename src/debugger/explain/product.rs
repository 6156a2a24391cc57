//! Elements of products of matrices, where those are too large to be written out.

use super::{Known, writer::ElementPlace};
use crate::{
    lang::syntax::{Expr, ExprKind, Infix},
    value::Value,
};
use nalgebra::DMatrix;

/// The element at `place` of `first @ ... @ last`; `None` unless all of them are names.
pub(super) fn element(
    known: &Known,
    first: &Expr,
    rest: &[(Infix, Expr)],
    place: ElementPlace,
) -> Option<f64> {
    let mut product = operand(known, first)?;
    for (operator, right) in rest {
        let mut right = operand(known, right)?;
        if *operator != Infix::At {
            return None;
        }
        // A vector stands as a row before a matrix, and as a column behind one.
        if product.ncols() == 1 && product.nrows() == right.nrows() {
            product = product.transpose();
        } else if right.nrows() == 1 && right.ncols() == product.ncols() {
            right = right.transpose();
        }
        if product.ncols() != right.nrows() {
            return None;
        }
        product *= right;
    }
    match place {
        ElementPlace::Element(at) => product.iter().nth(at).copied(),
        ElementPlace::Entry(row, column) => product.get((row, column)).copied(),
        ElementPlace::Whole => None,
    }
}

fn operand(known: &Known, expr: &Expr) -> Option<DMatrix<f64>> {
    let ExprKind::Name(name) = &expr.kind else {
        return None;
    };
    match known.get(name)? {
        Value::Vector(values) => Some(DMatrix::from_column_slice(values.len(), 1, values)),
        Value::Matrix(rows) => {
            let columns = rows.first().map_or(0, Vec::len);
            let entries = rows.iter().flatten().copied();
            Some(DMatrix::from_row_iterator(rows.len(), columns, entries))
        }
        _ => None,
    }
}
