//! Lanes in other numbers than 64-bit ones.

use super::bench::{Bench, scenario};

#[test]
fn rmsprop_leaves_the_point_where_64_bits_rest() {
    let mut bench =
        Bench::open("--rule rmsprop --rule rmsprop --set eta=eta_opt --precision f64,60");
    bench.answer("goto 100");
    assert_eq!(bench.number("rmsprop.loss"), 0.0);
    assert!(bench.number("rmsprop_60d.loss") > 0.0);
    bench.answer("goto 500");
    // The 2-cycle of amplitude eta/2.
    assert_eq!(bench.number("rmsprop.loss"), 0.0);
    let swings = bench.number("rmsprop_60d.loss");
    let eta: f64 = 2.0 / 101.0;
    let cycle = 0.5 * 101.0 * (eta / 2.0).powi(2);
    assert!((swings / cycle - 1.0).abs() < 1e-3, "{swings} and {cycle}");
}

#[test]
fn adam_bursts_with_its_minimum_anywhere() {
    // Its error falls to some 1e-22 before the second moment has forgotten enough: no 64-bit number near 0.8 is so near.
    let flags = "--rule adam --rule adam --set eta=0.01 --set delta=0 --set beta2=0.99 --eigenvalues 50 --minimum 0.8 \
        --start 1.1 --precision f64,60";
    let mut bench = Bench::open(flags);
    bench.answer("goto 300");
    assert!(bench.number("adam_60d.loss") < 1e-12);
    bench.answer("until adam_60d.loss > 1e-7");
    assert!(bench.number("adam_60d.loss") > 1e-7);
    assert_eq!(bench.number("adam.loss"), 0.0);
}

#[test]
fn adam_rests_on_an_unstable_point_wherever_64_bits_end_before_it_bursts() {
    let open = |minimum: f64, start: f64| {
        let mut bench = Bench::open(&format!(
            "--rule adam --set eta=0.01 --set delta=0 --set beta2=0.99 --eigenvalues 50 --minimum {minimum} --start {start}"
        ));
        bench.answer("set max-run=20000");
        bench
    };
    // With the minimum at 0 there is no end of digits: past its edge the run bursts.
    let mut bench = open(0.0, 1.0);
    bench.answer("goto 1400");
    bench.answer("until edge > 1");
    let crossing = bench.at().0;
    bench.answer("until loss > 1e-6");
    assert!(bench.at().0 > crossing && bench.number("loss") > 1e-6);
    // Elsewhere an error below the last bit of w is none.
    for (minimum, start) in [(0.8, 1.8), (0.5, 1.5), (1.0, 2.0), (0.1, 1.1)] {
        let mut bench = open(minimum, start);
        bench.answer("goto 5000");
        assert_eq!(bench.number("loss"), 0.0, "{minimum}");
        assert!(bench.number("edge") > 1.0, "{minimum}");
        let told = bench.says("info claims");
        let why = "settled: unknown, because the gradient is exactly 0 on an unstable point";
        assert!(told.contains(why), "{minimum}: {told}");
    }
}

#[test]
fn adam_bursts_with_its_own_beta2_where_digits_and_step_size_are_large_enough() {
    // With a longer step less has to be forgotten: the error then stays above what 71 digits hold.
    let flags =
        "--rule adam --set eta=0.5 --eigenvalues 1 --minimum 0.8 --start 1.8 --precision 71";
    let mut bench = Bench::open(flags);
    bench.answer("goto 3300");
    assert!(bench.number("loss") < 1e-9);
    bench.answer("until loss > 1e-6");
    assert_eq!(bench.at().0, 3348);
}

#[test]
fn arithmetic_in_32_bits_is_that_of_32_bit_floats() {
    let mut bench = Bench::open("--rule momentum --set eta=0.003 --precision f32");
    bench.answer("step 40");
    let (mut w, mut m) = ([0.0_f32; 2], [0.0_f32; 2]);
    let (eta, beta) = (0.003_f32, 0.9_f32);
    for _ in 0..40 {
        let g = [w[0] - 0.8_f32, 100.0 * (w[1] - 0.6_f32)];
        for at in 0..2 {
            m[at] = beta * m[at] - eta * g[at];
            w[at] += m[at];
        }
    }
    // The gradient of the formula may round otherwise than this one by a bit.
    for (at, w) in w.iter().enumerate() {
        let found = bench.number(&format!("w[{}]", at + 1));
        #[expect(clippy::cast_possible_truncation, reason = "the test of it")]
        let single = found as f32;
        assert_eq!(f64::from(single), found, "more than 32 bits");
        assert!((single - w).abs() <= 4.0 * f32::EPSILON, "{single} and {w}");
    }
}

#[test]
fn a_lane_in_many_digits_walks_back_to_the_same_bits() {
    for precision in ["bf16", "f32", "20", "71"] {
        let mut bench = Bench::open(&format!(
            "--rule adam --set eta=eta_opt --loss rosenbrock --set eta=0.01 --precision {precision}"
        ));
        bench.answer("step 700");
        let there = bench.all_bits();
        bench.answer("step 200");
        let ahead = bench.all_bits();
        bench.answer("goto 700");
        assert_eq!(bench.all_bits(), there, "{precision}");
        bench.answer("goto 900");
        assert_eq!(bench.all_bits(), ahead, "{precision}");
        // Line by line as at once, and in a fork as in its lane.
        bench.answer("goto 699");
        bench.answer("line 6");
        assert_eq!(bench.all_bits(), there, "{precision}");
        bench.answer("fork other");
        bench.answer("goto 900");
        let bits = bench.all_bits();
        assert_eq!(bits[0].1, bits[1].1, "{precision}");
        assert_eq!(bits[0].1, ahead[0].1, "{precision}");
    }
}

#[test]
fn a_look_into_the_past_leaves_a_lane_in_many_digits_with_all_of_them() {
    let flags = "--rule adam --set eta=eta_opt --precision 60";
    let mut looked = Bench::open(flags);
    looked.answer("step 300");
    looked.answer("break w[1] < 0.1");
    // To the beginning and back to where it was, which is not a keyframe.
    looked.answer("rcontinue");
    looked.answer("goto 300");
    looked.answer("explain w[1]");
    looked.answer("step 700");
    let mut straight = Bench::open(flags);
    straight.answer("step 1000");
    assert_eq!(looked.all_bits(), straight.all_bits());
}

#[test]
fn a_lane_is_added_and_swept_in_the_precision_of_the_lane_in_focus() {
    let mut bench = Bench::open("--rule gd --set eta=0.001 --precision bf16");
    bench.answer("lane add momentum");
    assert_eq!(
        bench.lane("momentum_bf16").lane().machine().precision(),
        bench.lane("gd_bf16").lane().machine().precision()
    );
    // With 8 bits an error of 1 % is lost in w: no run comes nearer.
    let sweep = "sweep eta=0.018..0.0195:2 steps 2000";
    bench.answer("lane gd_bf16");
    let coarse = bench.says(sweep);
    let fine = Bench::open("--rule gd --set eta=0.001").says(sweep);
    assert!(fine.contains("best: "), "{fine}");
    assert!(coarse.contains("no run converged"), "{coarse}");
}

#[test]
fn digits_agree_with_64_bits_where_rounding_does_not_matter() {
    let own = "sin(x)*cos(y)+0.1*(x^2+y^2)+ln(2+x^2)";
    // Convex, so that Newton's method magnifies no rounding.
    let bowl = "cosh(x)+ln(2+x^2)+0.5*y^2+0.3*x*y+exp(0.2*y)";
    for (rule, loss, noise) in [
        ("gd --set eta=0.001", "valley", ""),
        ("gd --set eta=0.001", "himmelblau", ""),
        ("gd --set eta=0.001", own, ""),
        // The same noise and the same zeros, at the start of an iteration and within it.
        ("momentum --set eta=0.001", "valley", "--noise 0.3"),
        ("nesterov --set eta=0.001", "valley", "--noise 0.3 --seed 5"),
        ("adam", own, "--noise 0.01 --grad-dropout 0.3"),
        // Curvature has its digits, too.
        ("newton --set eta=0.05", "valley", ""),
        ("newton --set eta=0.05", bowl, ""),
        ("adam_eigen", bowl, ""),
    ] {
        let flags = format!("--rule {rule} --loss {loss} --start 0.3,0.2 {noise}");
        let (mut double, mut digits) = (
            Bench::open(&flags),
            Bench::open(&format!("{flags} --precision 60")),
        );
        for bench in [&mut double, &mut digits] {
            bench.answer("step 100");
        }
        for name in ["w[1]", "w[2]", "loss", "norm(grad)"] {
            let (a, b) = (double.number(name), digits.number(name));
            assert!(
                (a - b).abs() <= 1e-13 * a.abs().max(1e-3),
                "{rule} on {loss} {noise}: {name}: {a} and {b}"
            );
        }
    }
}

#[test]
fn what_is_computed_in_64_bits_only_is_refused_in_others() {
    for (flags, words) in [
        ("--rule gd --loss logistic --precision f32", "loss on data"),
        ("--rule gd --precision f16", "no precision"),
        ("--rule gd --precision 72", "up to 71"),
        (
            "--rule gd --rule adam --precision f32,f64,30",
            "3 precisions for 2 lanes",
        ),
    ] {
        let error = scenario(flags)
            .session()
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{flags}: {error}");
    }
}
