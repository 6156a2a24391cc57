//! `0.5 (w - w*)' H (w - w*)`, with everything about it in closed form.

mod evaluators;

use super::{Evaluator, Formula, Loss, Noise};
use crate::{
    error::{Error, ErrorCode, Result, Source},
    format::exact,
    lang::{matrix::eigen, number::Number, program::Program},
};
use evaluators::{DenseQuadratic, PlanarQuadratic};
pub use evaluators::{Diagonal, DiagonalPair, PartialSums};
use nalgebra::{DMatrix, DVector};
use std::{fmt::Write, sync::Arc};

/// A quadratic bowl or valley, given by the eigenvalues of its Hessian.
#[derive(Debug, Clone, PartialEq)]
pub struct Quadratic {
    hessian: Hessian,
    eigenvalues: Vec<f64>,
    minimum: Arc<[f64]>,
    /// Degrees by which a plane quadratic is turned, counter-clockwise.
    degrees: f64,
}

#[derive(Debug, Clone, PartialEq)]
enum Hessian {
    Diagonal(Arc<[f64]>),
    /// The symmetric 2x2 matrix `[[a, b], [b, c]]`.
    Plane([f64; 3]),
    /// Any symmetric matrix.
    Dense(Arc<DMatrix<f64>>),
}

/// The error for a quadratic that cannot be.
fn wrong(message: impl Into<String>) -> Error {
    Error::plain(ErrorCode::InvalidValue, message)
}

impl Quadratic {
    /// Eigenvalues along the axes, and the minimum; turned by `degrees` about it when `n` is 2.
    ///
    /// # Errors
    /// No eigenvalue, one that is not finite, lengths that differ, a turn in other than two dimensions.
    pub fn new(eigenvalues: &[f64], minimum: &[f64], degrees: f64) -> Result<Self> {
        let n = eigenvalues.len();
        if n == 0 {
            return Err(wrong("a quadratic needs at least one eigenvalue"));
        }
        if minimum.len() != n {
            return Err(wrong(format!(
                "{n} eigenvalues need a minimum of {n} coordinates, not {}",
                minimum.len()
            )));
        }
        if let Some(bad) = eigenvalues
            .iter()
            .chain(minimum)
            .find(|value| !value.is_finite())
        {
            return Err(wrong(format!("{bad} is not a finite number")));
        }
        if eigenvalues.iter().all(|value| *value == 0.0) {
            return Err(wrong("all eigenvalues are 0, so the loss is flat"));
        }
        if !degrees.is_finite() {
            return Err(wrong(format!("{degrees} is not an angle in degrees")));
        }
        let hessian = if degrees == 0.0 {
            Hessian::Diagonal(eigenvalues.into())
        } else if n == 2 {
            Hessian::Plane(turned(eigenvalues, degrees))
        } else {
            return Err(wrong(format!(
                "only a quadratic in two parameters can be rotated, and n is {n}"
            )));
        };
        Ok(Self {
            hessian,
            eigenvalues: eigenvalues.to_vec(),
            minimum: minimum.into(),
            degrees,
        })
    }
}

impl Quadratic {
    /// The same eigenvalues along other directions: the columns of `basis`, which is orthogonal.
    ///
    /// # Errors
    /// As [`Quadratic::new`]; a basis of another size.
    pub fn along(eigenvalues: &[f64], basis: &DMatrix<f64>, minimum: &[f64]) -> Result<Self> {
        let plain = Self::new(eigenvalues, minimum, 0.0)?;
        let n = eigenvalues.len();
        if basis.shape() != (n, n) {
            return Err(wrong(format!("{n} eigenvalues need {n} directions")));
        }
        // Summed in one order, so that the matrix has the same bits whatever the processor can do, and is symmetric.
        let entry = |i: usize, j: usize| {
            let along = eigenvalues.iter().enumerate();
            along.fold(0.0, |sum, (k, lambda)| {
                sum + lambda * (basis[(i, k)] * basis[(j, k)])
            })
        };
        Ok(Self {
            hessian: Hessian::Dense(Arc::new(DMatrix::from_fn(n, n, entry))),
            ..plain
        })
    }

    /// The quadratic with this Hessian.
    ///
    /// # Errors
    /// A matrix that is not square, not symmetric, not finite or 0; a minimum of another length.
    pub fn with_hessian(hessian: &DMatrix<f64>, minimum: &[f64]) -> Result<Self> {
        let (rows, columns) = hessian.shape();
        if rows != columns {
            return Err(wrong(format!(
                "a Hessian is square, and this matrix is [{rows}, {columns}]"
            )));
        }
        let size = hessian.amax();
        let apart = (0..rows).flat_map(|i| (0..i).map(move |j| (i, j)));
        let mut apart =
            apart.filter(|&(i, j)| (hessian[(i, j)] - hessian[(j, i)]).abs() > SYMMETRIC * size);
        if let Some((i, j)) = apart.next() {
            return Err(wrong(format!(
                "a Hessian is symmetric, and elements [{}, {}] and [{}, {}] differ",
                j + 1,
                i + 1,
                i + 1,
                j + 1
            )));
        }
        let hessian = (hessian + hessian.transpose()) * 0.5;
        let found = eigen::symmetric(hessian.clone());
        let (mut eigenvalues, _) =
            found.ok_or_else(|| wrong("a number of the matrix is not finite"))?;
        // What rounding alone would explain is 0, so that there is a minimum.
        #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
        let rounding = f64::EPSILON * rows as f64 * size;
        for eigenvalue in &mut eigenvalues {
            if eigenvalue.abs() <= rounding {
                *eigenvalue = 0.0;
            }
        }
        Ok(Self {
            hessian: Hessian::Dense(Arc::new(hessian)),
            ..Self::new(&eigenvalues, minimum, 0.0)?
        })
    }
}

/// Elements of a symmetric matrix that a text rounds may differ by this share of the largest.
const SYMMETRIC: f64 = 1e-12;

/// A random orthogonal matrix, `[n, n]`: normal numbers of this seed, made orthonormal (Stewart 1980).
#[must_use]
pub fn random_rotation(n: usize, seed: u64) -> DMatrix<f64> {
    let mut numbers = vec![0.0; n * n];
    let noise = Noise {
        sigma: 1.0,
        seed,
        ..Noise::default()
    };
    noise.disturb(0, 0, &mut numbers);
    let mut basis = DMatrix::from_vec(n, n, numbers);
    for at in 0..n {
        let mut column = basis.column(at).into_owned();
        // Twice is enough (Giraud et al. 2005).
        for _ in 0..2 {
            for before in 0..at {
                let along = basis.column(before).dot(&column);
                column -= basis.column(before) * along;
            }
        }
        let length = column.norm();
        basis.set_column(at, &(column / length));
    }
    basis
}

/// The turn by `degrees` in the plane, counter-clockwise.
#[must_use]
pub fn plane_rotation(degrees: f64) -> DMatrix<f64> {
    let angle = degrees.to_radians();
    let (c, s) = (Number::cos(angle), Number::sin(angle));
    DMatrix::from_row_slice(2, 2, &[c, -s, s, c])
}

/// R diag(l) R' for the rotation R by `degrees`.
fn turned(eigenvalues: &[f64], degrees: f64) -> [f64; 3] {
    let angle = degrees.to_radians();
    let (c, s) = (Number::cos(angle), Number::sin(angle));
    let (first, second) = (eigenvalues[0], eigenvalues[1]);
    [
        first * c * c + second * s * s,
        (first - second) * s * c,
        first * s * s + second * c * c,
    ]
}

impl Quadratic {
    /// The same as a formula that rounds nothing; none where it would be too long.
    fn written(&self) -> Option<Formula> {
        let error = |at: usize| format!("(w[{}]-({:?}))", at + 1, self.minimum[at]);
        let terms: Vec<String> = match &self.hessian {
            Hessian::Diagonal(diagonal) => {
                let terms = diagonal.iter().enumerate();
                terms
                    .map(|(at, l)| format!("({l:?})*{}^2", error(at)))
                    .collect()
            }
            Hessian::Plane([a, b, c]) => vec![
                format!("({a:?})*{}^2", error(0)),
                format!("2*({b:?})*{}*{}", error(0), error(1)),
                format!("({c:?})*{}^2", error(1)),
            ],
            Hessian::Dense(matrix) if matrix.nrows() <= WRITTEN => {
                let n = matrix.nrows();
                let places = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
                let term = |(i, j)| format!("({:?})*{}*{}", matrix[(i, j)], error(i), error(j));
                places.map(term).collect()
            }
            Hessian::Dense(_) => return None,
        };
        let source = Source::new("<quadratic>", format!("0.5*({})", terms.join(" + ")));
        Formula::new(&source, self.minimum.len()).ok()
    }
}

impl Loss for Quadratic {
    fn dimension(&self) -> usize {
        self.minimum.len()
    }

    fn evaluator(&self) -> Box<dyn Evaluator> {
        match &self.hessian {
            Hessian::Diagonal(diagonal) => Box::new(Diagonal {
                diagonal: Arc::clone(diagonal),
                minimum: Arc::clone(&self.minimum),
            }),
            Hessian::Plane(matrix) => Box::new(PlanarQuadratic {
                matrix: *matrix,
                minimum: [self.minimum[0], self.minimum[1]],
            }),
            Hessian::Dense(matrix) => Box::new(DenseQuadratic {
                matrix: Arc::clone(matrix),
                minimum: DVector::from_row_slice(&self.minimum),
                error: DVector::zeros(self.minimum.len()),
                slope: DVector::zeros(self.minimum.len()),
            }),
        }
    }

    fn minima(&self) -> Vec<Vec<f64>> {
        if self.eigenvalues.iter().all(|value| *value >= 0.0) {
            vec![self.minimum.to_vec()]
        } else {
            Vec::new()
        }
    }

    fn is_quadratic(&self) -> bool {
        true
    }

    fn formula(&self) -> Option<String> {
        let error = |at: usize| match self.minimum[at] {
            0.0 => format!("w[{}]", at + 1),
            minimum if minimum < 0.0 => format!("(w[{}]+{})", at + 1, exact(-minimum)),
            minimum => format!("(w[{}]-{})", at + 1, exact(minimum)),
        };
        let product = |i: usize, j: usize, factor: f64| {
            let errors = if i == j {
                format!("{}^2", error(i))
            } else {
                format!("{}*{}", error(i), error(j))
            };
            (factor, errors)
        };
        let terms: Vec<(f64, String)> = match &self.hessian {
            Hessian::Diagonal(diagonal) if diagonal.len() <= TERMS => {
                let all = diagonal.iter().enumerate();
                all.map(|(at, lambda)| product(at, at, *lambda)).collect()
            }
            Hessian::Plane([a, b, c]) => {
                vec![product(0, 0, *a), product(0, 1, 2.0 * b), product(1, 1, *c)]
            }
            Hessian::Dense(matrix) if matrix.len() <= 2 * TERMS => {
                let n = matrix.nrows();
                let places = (0..n).flat_map(|i| (i..n).map(move |j| (i, j)));
                let factor = |i, j| matrix[(i, j)] * if i == j { 1.0 } else { 2.0 };
                places.map(|(i, j)| product(i, j, factor(i, j))).collect()
            }
            Hessian::Diagonal(_) | Hessian::Dense(_) => return None,
        };
        let mut text = String::new();
        for (factor, errors) in terms.into_iter().filter(|it| it.0 != 0.0) {
            let sign = match (text.is_empty(), factor < 0.0) {
                (true, true) => "-",
                (true, false) => "",
                (false, true) => " - ",
                (false, false) => " + ",
            };
            let _ = write!(text, "{sign}{}*{errors}", exact(factor.abs()));
        }
        Some(format!("0.5*({text})"))
    }

    fn description(&self) -> Option<String> {
        let n = self.minimum.len();
        let hessian = match &self.hessian {
            Hessian::Diagonal(_) => "a diagonal H",
            Hessian::Plane(_) | Hessian::Dense(_) => "a symmetric H",
        };
        Some(format!(
            "half of (w - w*)' H (w - w*) with {hessian}, n = {n}"
        ))
    }

    fn program(&self) -> Option<Arc<Program>> {
        self.written()?.program()
    }

    fn curvature(&self) -> Option<Arc<Program>> {
        self.written()?.curvature()
    }

    fn diagonal(&self) -> Option<&[f64]> {
        match &self.hessian {
            Hessian::Diagonal(diagonal) => Some(diagonal),
            Hessian::Plane(_) | Hessian::Dense(_) => None,
        }
    }
}

/// A matrix of more rows is not written out as a program.
const WRITTEN: usize = 32;
/// A quadratic of more terms has no formula: nobody would read it.
const TERMS: usize = 16;
