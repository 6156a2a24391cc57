//! The modes of an iteration: eigenvalues of its derivative, balanced first.

use nalgebra::{Complex, DMatrix, Schur, linalg::balancing::balance_parlett_reinsch};

/// Entries up to this size can be squared and summed.
const LARGE: f64 = f64::from_bits((1023 + 480) << 52);
/// 2^-600: times this, no entry is larger than that.
const SMALLER: f64 = f64::from_bits((1023 - 600) << 52);

/// The eigenvalues of `matrix`, the largest modulus first; `None` where there is a number that is not
/// finite.
#[must_use]
pub fn modes(matrix: &DMatrix<f64>) -> Option<Vec<Complex<f64>>> {
    /// Rounds of the QR algorithm for each eigenvalue; a handful is usual.
    const ROUNDS: usize = 20;
    if matrix.iter().any(|entry| !entry.is_finite()) {
        return None;
    }
    if matrix.amax() > LARGE {
        // Balancing squares the entries, and has no end where a square overflows. A power of 2 loses no bits.
        let modes = modes(&(matrix * SMALLER))?;
        return Some(modes.into_iter().map(|z| z / SMALLER).collect());
    }
    let rounds = ROUNDS * matrix.nrows().max(1);
    // Rows and columns of like size: entries from 1e-4 to 1e5 are usual beside a scale.
    let mut balanced = matrix.clone();
    balance_parlett_reinsch(&mut balanced);
    let matrix = &balanced;
    let eigenvalues = |matrix: &DMatrix<f64>| {
        // Modes that nearly coincide may never part to the last bit.
        let precisions = [f64::EPSILON, 1e-14, 1e-12];
        let mut tries = precisions.iter();
        tries.find_map(|precision| Schur::try_new(matrix.clone(), *precision, rounds))
    };
    if let Some(schur) = eigenvalues(matrix) {
        return Some(sorted(
            schur.complex_eigenvalues().iter().copied().collect(),
        ));
    }
    // Where all lie close to one number, as after tiny steps, what sets them apart is lost beside it.
    #[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
    let middle = matrix.trace() / matrix.nrows() as f64;
    let apart = matrix - DMatrix::identity(matrix.nrows(), matrix.nrows()) * middle;
    let modes = eigenvalues(&apart)?.complex_eigenvalues();
    Some(sorted(modes.iter().map(|z| z + middle).collect()))
}

/// The largest modulus first.
pub(super) fn sorted(mut modes: Vec<Complex<f64>>) -> Vec<Complex<f64>> {
    // Moduli that differ by rounding count as equal; of a pair the one above the real axis comes first.
    let size = |z: &Complex<f64>| (z.norm() * 1e9).round();
    modes.sort_by(|a, b| {
        let sizes = size(b).total_cmp(&size(a));
        sizes.then(b.im.total_cmp(&a.im))
    });
    modes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_whose_squares_overflow_have_modes_too() {
        for [a, b, c, d] in [
            [1e200, 0.0, 0.0, 1.0],
            [1e300, 1e-300, 1e-300, -1e300],
            [-1e308, 1e308, 0.0, 1e308],
            [1.0, 1e250, 1e-250, 1.0],
        ] {
            let modes = modes(&DMatrix::from_row_slice(2, 2, &[a, b, c, d])).unwrap();
            let trace: f64 = modes.iter().map(|z| z.re).sum();
            let size = modes[0].norm();
            assert!(
                size > 0.0 && (trace - (a + d)).abs() <= 1e-9 * size,
                "{modes:?}"
            );
        }
    }
}
