//! Least squares of a few columns, and whether what they leave is rounding.

use crate::format::rounded;

/// Most columns of a system.
pub(super) const MOST: usize = 4;

/// A column that others make up to this share is no column of its own.
const DEPENDENT: f64 = 1e-11;

/// The coefficients of `columns` that lead nearest to `target`, rows weighted by 1/`size`.
///
/// Orthogonalised twice (Gram and Schmidt, modified), and refined once; `None` where columns depend on
/// each other.
pub(super) fn solve(columns: &[&[f64]], target: &[f64], size: &[f64]) -> Option<Vec<f64>> {
    let k = columns.len();
    if target.len() < k || k == 0 {
        return None;
    }
    let weight: Vec<f64> = size.iter().map(|it| 1.0 / it.max(1e-290)).collect();
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(k);
    let mut upper = vec![vec![0.0; k]; k];
    for (at, column) in columns.iter().enumerate() {
        let mut vector: Vec<f64> = column.iter().zip(&weight).map(|(x, w)| x * w).collect();
        let whole = dot(&vector, &vector).sqrt();
        for _ in 0..2 {
            for (other, unit) in basis.iter().enumerate() {
                let share = dot(unit, &vector);
                upper[other][at] += share;
                for (x, u) in vector.iter_mut().zip(unit) {
                    *x -= share * u;
                }
            }
        }
        let rest = dot(&vector, &vector).sqrt();
        if !(rest > DEPENDENT * whole && rest.is_finite()) {
            return None;
        }
        upper[at][at] = rest;
        for x in &mut vector {
            *x /= rest;
        }
        basis.push(vector);
    }
    let mut coefficients = vec![0.0; k];
    for _ in 0..2 {
        let left: Vec<f64> = (0..target.len())
            .map(|row| (target[row] - combine(columns, &coefficients, row)) * weight[row])
            .collect();
        let mut right: Vec<f64> = basis.iter().map(|unit| dot(unit, &left)).collect();
        for at in (0..k).rev() {
            for later in at + 1..k {
                right[at] -= upper[at][later] * right[later];
            }
            right[at] /= upper[at][at];
        }
        for (c, more) in coefficients.iter_mut().zip(&right) {
            *c += more;
        }
    }
    coefficients
        .iter()
        .all(|it| it.is_finite())
        .then_some(coefficients)
}

/// The largest miss of the columns with these coefficients, in units of rounding: `unit` of the terms that
/// are added, and `floor` of what the target stands for.
pub(super) fn miss(
    columns: &[&[f64]],
    coefficients: &[f64],
    target: &[f64],
    floor: &[f64],
    unit: f64,
) -> f64 {
    let mut worst = 0.0_f64;
    for (row, (&wanted, &own)) in target.iter().zip(floor).enumerate() {
        let mut size = own;
        for (column, c) in columns.iter().zip(coefficients) {
            size += unit * (column[row] * c).abs();
        }
        let off = (wanted - combine(columns, coefficients, row)).abs();
        let units = if off == 0.0 { 0.0 } else { off / size };
        worst = if units.is_nan() {
            f64::INFINITY
        } else {
            worst.max(units)
        };
    }
    worst
}

fn combine(columns: &[&[f64]], coefficients: &[f64], row: usize) -> f64 {
    columns
        .iter()
        .zip(coefficients)
        .map(|(column, c)| column[row] * c)
        .sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The shortest decimal for which `holds`, at most 9 digits; `value` itself where there is none.
pub(super) fn shortest(value: f64, mut holds: impl FnMut(f64) -> bool) -> f64 {
    for digits in 1..=9 {
        let near = rounded(value, digits);
        if (near - value).abs() <= 0.02 * value.abs() && holds(near) {
            return near;
        }
    }
    value
}

/// The middle of `values`.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}
