//! What was recorded beside what a rule that is led along it makes of it, and the difference.
//!
//! ```text
//!        w1      run      off
//!   0.03417  0.03417        0     an element, at the end of an iteration
//!
//!      norm      run      off     of a vector summed up: both norms, and the largest difference of an element
//! ```

use crate::lang::number::is_absent;

/// Columns of an element, or of the norm of a vector.
pub(super) const EACH: usize = 3;
/// The names of those behind the value.
pub(super) const NAMES: [&str; EACH - 1] = ["run", "off"];

/// The difference of a value from a recorded one; none where that is missing.
fn off(own: f64, recorded: f64) -> Option<f64> {
    let is_known = !is_absent(own) && !is_absent(recorded);
    let is_same = own == recorded || (own.is_nan() && recorded.is_nan());
    is_known.then_some(if is_same { 0.0 } else { own - recorded })
}

/// What was recorded of an element, and the difference of a value from it.
pub(super) fn of_element(own: f64, recorded: Option<&f64>) -> Option<(f64, f64)> {
    let recorded = *recorded?;
    Some((recorded, off(own, recorded)?))
}

/// The norm of what was recorded, and the largest difference from it.
pub(super) fn summed(own: &[f64], recorded: &[f64]) -> Option<[f64; 2]> {
    let known = || recorded.iter().filter(|it| !is_absent(**it));
    known().next()?;
    let norm = known().map(|it| it * it).sum::<f64>().sqrt();
    let differences = own.iter().zip(recorded);
    let differences = differences.filter_map(|(a, b)| off(*a, *b));
    // One that is not a number is the largest.
    let is_larger = |most: f64, it: f64| !most.is_nan() && (it.is_nan() || it > most);
    let sizes = differences.map(f64::abs);
    let most = sizes.fold(0.0, |most, it| if is_larger(most, it) { it } else { most });
    Some([norm, most])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::number::ABSENT;

    #[test]
    fn what_fails_in_both_is_no_difference_and_what_is_missing_is_not_told() {
        let nan = f64::NAN;
        assert_eq!(off(nan, nan), Some(0.0));
        assert_eq!(off(1.5, 1.0), Some(0.5));
        assert_eq!(off(1.0, ABSENT), None);
        assert_eq!(summed(&[3.0, 4.5], &[3.0, 4.0]), Some([5.0, 0.5]));
        assert_eq!(summed(&[3.0], &[ABSENT]), None);
        assert!(summed(&[nan, 4.0], &[3.0, 4.0]).is_some_and(|it| it[1].is_nan()));
    }
}
