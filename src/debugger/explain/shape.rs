//! The shapes of the parts of a line, as far as writing it out asks for them: the checker has seen that
//! they fit.

use super::Known;
use crate::{
    lang::{
        function::{self, Kind as F},
        graph::{Extent, Oracle},
        syntax::{Expr, Infix, Kind, Prefix},
    },
    value::Value,
};

/// How many numbers `expr` has, and in which shape.
pub(super) fn shape(known: &Known, expr: &Expr) -> Extent {
    match &expr.kind {
        Kind::Number(_) | Kind::Truth(_) | Kind::Index(..) | Kind::Entry(..) => Extent::Scalar,
        Kind::Name(name) => known.get(name).map_or(Extent::Scalar, Value::extent),
        Kind::Prefix(_, operand) => shape(known, operand),
        Kind::Chain(first, rest) => {
            let mut left = shape(known, first);
            for (operator, right) in rest {
                let right = shape(known, right);
                left = match (operator, left, right) {
                    (Infix::At, Extent::Matrix(rows, _), Extent::Matrix(_, columns)) => {
                        Extent::Matrix(rows, columns)
                    }
                    (Infix::At, Extent::Matrix(rows, _), _) => Extent::Vector(rows),
                    (Infix::At, _, Extent::Matrix(_, columns)) => Extent::Vector(columns),
                    (_, Extent::Scalar, right) => right,
                    (_, left, _) => left,
                };
            }
            left
        }
        Kind::Call(name, _, arguments) => called(known, name, arguments),
    }
}

fn called(known: &Known, name: &str, arguments: &[Expr]) -> Extent {
    let of = |at: usize| {
        arguments
            .get(at)
            .map_or(Extent::Scalar, |it| shape(known, it))
    };
    let Some(row) = function::find(name) else {
        return Extent::Scalar;
    };
    match (row.kind, of(0)) {
        (F::Min | F::Max | F::Clamp | F::Where, _) => {
            let mut shapes = (0..arguments.len()).map(of);
            let full = shapes.find(|extent| *extent != Extent::Scalar);
            full.unwrap_or(Extent::Scalar)
        }
        (F::Oracle(Oracle::Gradient | Oracle::HessianProduct), v) => v,
        (F::Transpose, Extent::Matrix(rows, columns)) => Extent::Matrix(columns, rows),
        (F::Outer, u) => Extent::Matrix(u.len(), of(1).len()),
        (F::Solve, _) => of(1),
        (F::EigenValues | F::Diagonal, Extent::Matrix(rows, _)) => Extent::Vector(rows),
        (F::Oracle(Oracle::Hessian) | F::Diagonal, v) => Extent::Matrix(v.len(), v.len()),
        (F::Identity, _) => {
            let n = arguments.first().and_then(|it| whole_number(known, it));
            Extent::Matrix(n.unwrap_or(0), n.unwrap_or(0))
        }
        (F::Map(_) | F::EigenVectors | F::InverseRoot | F::Prev, extent) => extent,
        _ => Extent::Scalar,
    }
}

/// Whether a function works on each element alone.
pub(super) fn is_by_element(name: &str) -> bool {
    function::find(name).is_none_or(|row| {
        matches!(
            row.kind,
            F::Map(_) | F::Min | F::Max | F::Clamp | F::Where | F::Prev
        )
    })
}

/// The value of an index or a number of rows: `2`, `n`, `n - 1`.
pub(super) fn whole_number(known: &Known, expr: &Expr) -> Option<usize> {
    let value = number(known, expr)?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "checked to be a whole number in range"
    )]
    let whole = (value.fract() == 0.0 && (0.0..1e9).contains(&value)).then_some(value as usize);
    whole
}

fn number(known: &Known, expr: &Expr) -> Option<f64> {
    match &expr.kind {
        Kind::Number(value) => Some(*value),
        Kind::Name(name) => match known.get(name)?.numbers()[..] {
            [value] => Some(value),
            _ => None,
        },
        Kind::Prefix(Prefix::Minus, operand) => Some(-number(known, operand)?),
        Kind::Chain(first, rest) => {
            rest.iter()
                .try_fold(number(known, first)?, |left, (operator, right)| {
                    let right = number(known, right)?;
                    match operator {
                        Infix::Plus => Some(left + right),
                        Infix::Minus => Some(left - right),
                        Infix::Times => Some(left * right),
                        Infix::Over => Some(left / right),
                        _ => None,
                    }
                })
        }
        _ => None,
    }
}
