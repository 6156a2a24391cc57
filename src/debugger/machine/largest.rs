//! The largest magnitudes among many numbers.

/// Numbers that are looked at together.
const EIGHT: usize = 8;

/// The bits of the largest magnitude among the first of each eight numbers, the second, and so on: those of NaN are beyond
/// those of infinity.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Largest([u64; EIGHT]);

impl Largest {
    /// Looks at numbers, which count as first ones.
    #[inline(always)]
    pub fn see(&mut self, numbers: &[f64]) {
        let [first, ..] = &mut self.0;
        let mut most = *first;
        for number in numbers {
            most = most.max(number.abs().to_bits());
        }
        *first = most;
    }

    /// Looks at numbers, eight at a time.
    #[inline(always)]
    pub fn see_eights<'a>(&mut self, eights: impl Iterator<Item = &'a [f64; EIGHT]>) {
        // Whole numbers, whose order nobody minds.
        let mut most = self.0;
        for eight in eights {
            for (most, number) in most.iter_mut().zip(eight) {
                *most = (*most).max(number.abs().to_bits());
            }
        }
        self.0 = most;
    }

    /// True where each is below its limit; there may be fewer limits. Apart from the loop that sees the numbers, which would
    /// otherwise be compiled for one after the other, as they are looked at here, not for eights.
    #[inline(never)]
    pub fn are_below(&self, limits: &[f64]) -> bool {
        let mut all = self.0.iter().zip(limits);
        all.all(|(bits, limit)| f64::from_bits(*bits) < *limit)
    }

    /// True where all are below `bound`.
    pub fn is_below(&self, bound: f64) -> bool {
        self.are_below(&[bound; EIGHT])
    }
}
