//! e^-a and ln(1 + e) for several rows at once: without branches, so that rows stand side by side in a register, and with the
//! bits of `libm`, whose steps these are (Ng's and Sun's msun).

use crate::loss::fit::ROWS;

/// The largest a for which e^-a is an ordinary number here.
const MOST: f64 = 700.0;

const LN2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// A number from the high half of its bits.
const fn high(bits: u64) -> f64 {
    f64::from_bits(bits << 32)
}

/// e^t for -700 < t <= 0.
#[inline(always)]
fn exp(t: f64) -> f64 {
    const OF_E: [f64; 5] = [
        1.666_666_666_666_660_2e-1,
        -2.777_777_777_701_559_3e-3,
        6.613_756_321_437_934e-5,
        -1.653_390_220_546_525_2e-6,
        4.138_136_797_057_238_5e-8,
    ];
    let size = t.abs();
    // k ln 2 is taken off.
    let far = (std::f64::consts::LOG2_E * t - 0.5).trunc();
    let near = if size >= high(0x3fd6_2e43) { -1.0 } else { 0.0 };
    let k = if size >= high(0x3ff0_a2b2) { far } else { near };
    let (above, below) = (t - k * LN2_HIGH, k * LN2_LOW);
    let x = above - below;
    let square = x * x;
    let [p1, p2, p3, p4, p5] = OF_E;
    let c = x - square * (p1 + square * (p2 + square * (p3 + square * (p4 + square * p5))));
    let y = 1.0 + (x * c / (2.0 - c) - below + above);
    // 2^k: its exponent stands in the last bits of this sum.
    let scale = f64::from_bits((k + (1023.0 + 4_503_599_627_370_496.0)).to_bits() << 52);
    if size < high(0x3e30_0001) {
        1.0 + t
    } else {
        y * scale
    }
}

/// ln(1 + e) for 0 <= e <= 1.
#[inline(always)]
fn log1p(e: f64) -> f64 {
    const OF_LN: [f64; 7] = [
        6.666_666_666_666_735e-1,
        3.999_999_999_940_942e-1,
        2.857_142_874_366_239e-1,
        2.222_219_843_214_978_4e-1,
        1.818_357_216_161_805e-1,
        1.531_383_769_920_937_3e-1,
        1.479_819_860_511_658_6e-1,
    ];
    let is_small = e < high(0x3fda_827a);
    let sum = 1.0 + e;
    // From the square root of 2 on, half of the sum, and ln 2.
    let f = if is_small { e } else { 0.5 * sum - 1.0 };
    let k = if is_small { 0.0 } else { 1.0 };
    let c = if is_small {
        0.0
    } else {
        (e - (sum - 1.0)) / sum
    };
    let half = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let [l1, l2, l3, l4, l5, l6, l7] = OF_LN;
    let even = w * (l2 + w * (l4 + w * l6));
    let odd = z * (l1 + w * (l3 + w * (l5 + w * l7)));
    let r = odd + even;
    let ln = s * (half + r) + (k * LN2_LOW + c) - half + f + k * LN2_HIGH;
    if e < high(0x3ca0_0000) { e } else { ln }
}

/// True where [`sigmas`] knows them all.
#[inline(always)]
pub(super) fn are_ordinary(z: &[f64; ROWS]) -> bool {
    z.iter().fold(true, |all, z| all & (z.abs() < MOST))
}

/// sigma(z), and e^-|z| from which it is made.
#[inline(always)]
pub(super) fn sigmas(z: &[f64; ROWS]) -> [[f64; ROWS]; 2] {
    let (mut chances, mut es) = ([0.0; ROWS], [0.0; ROWS]);
    for ((chance, e), z) in chances.iter_mut().zip(&mut es).zip(z) {
        *e = exp(-z.abs());
        *chance = if *z >= 0.0 { 1.0 } else { *e } / (1.0 + *e);
    }
    [chances, es]
}

/// ln(1 + e) of each.
#[inline(always)]
pub(super) fn logs(es: &[f64; ROWS]) -> [f64; ROWS] {
    let mut logs = [0.0; ROWS];
    for (log, e) in logs.iter_mut().zip(es) {
        *log = log1p(*e);
    }
    logs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_have_the_bits_of_libm() {
        let edges = [
            0x3fd6_2e42,
            0x3fd6_2e43,
            0x3ff0_a2b1,
            0x3ff0_a2b2,
            0x3e30_0000,
            0x3e30_0001,
            0x3fda_8279,
            0x3fda_827a,
            0x3c9f_ffff,
            0x3ca0_0000,
            0x3fef_ffff,
            0x3ff0_0000,
            0x0000_0001,
            0x0010_0000,
        ];
        let beside = |at: u64| (0..200).map(move |by| f64::from_bits((at << 32) + by - 100));
        let edges = edges
            .into_iter()
            .flat_map(beside)
            .chain([0.0, 1.0, MOST - 1e-9]);
        // Of all sizes, and evenly over what occurs.
        let sizes = (0..200_000_u32).map(|at| libm::exp(-f64::from(at) / 280.0) * 699.9);
        let even = (0..200_000_u32).map(|at| f64::from(at) * 1.7e-4);
        for a in edges.chain(sizes).chain(even) {
            assert_eq!(exp(-a).to_bits(), libm::exp(-a).to_bits(), "exp(-{a:?})");
            for e in [a, libm::exp(-a)] {
                if e <= 1.0 {
                    assert_eq!(log1p(e).to_bits(), libm::log1p(e).to_bits(), "log1p({e:?})");
                }
            }
        }
    }
}
