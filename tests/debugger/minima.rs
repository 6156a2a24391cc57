//! Which minimum errors are counted from: a function of w, whichever way a run has come there.

use super::bench::{Bench, scenario};
use eigenstep::{
    analysis::Origin,
    trace::{self, Jsonl, TraceRange},
};
use serde_json::Value;

/// A run on four minima that changes basins: momentum, thrown out of the first one.
const THROWN: &str = "--loss himmelblau --rule momentum --set eta=0.01 --set beta=0.95 --start 0,0";

/// alpha, the eigenvalues and the active minimum, to the bit.
fn seen(bench: &mut Bench) -> (String, Vec<u64>) {
    let text = bench.says("print alpha") + &bench.says("print lambda");
    let entry = bench.session.lanes().focused();
    let bits = entry.reference().minimum.iter().map(|it| it.to_bits());
    (text, bits.collect())
}

#[test]
fn the_same_position_shows_the_same_errors_by_every_way() {
    let polished = "--loss exp(-x^2-y^2)*(x-y)+0.1*(x^2+y^2) --rule momentum --start 2,1.5";
    for flags in [THROWN, polished] {
        let mut walked = Bench::open(flags);
        let mut known = vec![seen(&mut walked)];
        for _ in 0..60 {
            walked.answer("step");
            known.push(seen(&mut walked));
        }
        let minima: std::collections::HashSet<_> = known.iter().map(|it| &it.1).collect();
        assert!(minima.len() > 1, "{flags} should meet several minima");
        // Back, in jumps from elsewhere, with a stop that reads alpha all along, and in another lane.
        for t in (0..=60).rev() {
            assert_eq!(seen(&mut walked), known[t], "{flags}: back at t = {t}");
            walked.answer("back");
        }
        let mut jumping = Bench::open(flags);
        jumping.answer("watch alpha[1] < 0");
        jumping.answer("step 60");
        for t in [59, 3, 31, 0, 60, 12] {
            jumping.answer(&format!("goto {t}"));
            assert_eq!(seen(&mut jumping), known[t], "{flags}: jumped to {t}");
        }
        jumping.answer("fork other");
        assert_eq!(seen(&mut jumping), known[12], "{flags}: forked");
    }
}

#[test]
fn a_trace_has_the_alpha_that_the_debugger_shows() {
    let mut bench = Bench::open(THROWN);
    let mut text = Vec::new();
    let extent = TraceRange {
        steps: 40,
        every: 1,
        until: None,
    };
    let setup = scenario(THROWN).open().unwrap();
    trace::run(setup, extent, &mut Jsonl::new(&mut text)).unwrap();
    let text = String::from_utf8(text).unwrap();
    for line in text.lines().skip(1) {
        let row: Value = serde_json::from_str(line).unwrap();
        for (at, alpha) in row["alpha"].as_array().unwrap().iter().enumerate() {
            let shown = bench.number(&format!("alpha[{}]", at + 1));
            assert_eq!(alpha.as_f64().unwrap().to_bits(), shown.to_bits(), "{line}");
        }
        bench.answer("step");
    }
}

#[test]
fn the_screen_can_name_how_the_minimum_was_found() {
    let origin = |flags: &str| {
        Bench::open(flags)
            .session
            .lanes()
            .focused()
            .reference()
            .origin
    };
    assert_eq!(origin("--loss himmelblau"), Origin::Known);
    assert_eq!(origin("--loss deep"), Origin::Polished);
    assert_eq!(origin("--loss logistic"), Origin::Polished);
    assert_eq!(origin("--loss x+0.1*y^2 --start 1,2"), Origin::Here);
    // From the crest no way leads down, a little beside it one does.
    let hill = "--loss cos(x)+y^2 --rule gd --set eta=0.1 --start 0,1";
    let mut bench = Bench::open(hill);
    bench.answer("set w[1]=0.3");
    let entry = bench.session.lanes().focused();
    assert_eq!(entry.reference().origin, Origin::Polished);
    let minimum = entry.reference().minimum[0];
    assert!(
        (minimum.abs() - std::f64::consts::PI).abs() < 1e-9,
        "{minimum}"
    );
}

#[test]
fn one_minimum_is_looked_for_once() {
    for flags in [
        "--loss valley",
        "--loss rosenbrock",
        "--loss logistic",
        "--loss linear",
    ] {
        let bench = Bench::open(flags);
        assert!(
            bench.session.lanes().focused().minima().is_fixed(),
            "{flags}"
        );
    }
    for flags in ["--loss himmelblau", "--loss saddle", "--loss deep"] {
        let bench = Bench::open(flags);
        assert!(
            !bench.session.lanes().focused().minima().is_fixed(),
            "{flags}"
        );
    }
}
