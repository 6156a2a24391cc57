//! Losses against what is known of them, and their derivatives against dual numbers.

use eigenstep::{
    analysis::{Origin, Reference, Spectrum},
    lang::source::Source,
    loss::{self, Evaluator, Formula},
};
use num_dual::{DualNum, HyperDual64};

fn evaluator(name: &str) -> Box<dyn Evaluator> {
    let row = loss::find(name).unwrap_or_else(|| panic!("no loss {name}"));
    row.landscape().unwrap().loss.evaluator()
}

/// The named losses once more, written by hand.
fn by_hand(name: &str, w: &[HyperDual64]) -> HyperDual64 {
    let (x, y) = (w[0], w[1]);
    let c = |value: f64| HyperDual64::from(value);
    let valley = |u: HyperDual64, v: HyperDual64| (u * u + v * v * 100.0) * 0.5;
    match name {
        "valley" => valley(x - 0.8, y - 0.6),
        "rotated" => {
            let (s, c) = 30.0_f64.to_radians().sin_cos();
            let (x, y) = (x - 0.8, y - 0.6);
            valley(x * c + y * s, y * c - x * s)
        }
        "rosenbrock" => (c(1.0) - x).powi(2) + (y - x * x).powi(2) * 100.0,
        "beale" => {
            let term = |b: f64, power: i32| (c(b) - x + x * y.powi(power)).powi(2);
            term(1.5, 1) + term(2.25, 2) + term(2.625, 3)
        }
        "himmelblau" => (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2),
        "booth" => (x + y * 2.0 - 7.0).powi(2) + (x * 2.0 + y - 5.0).powi(2),
        "matyas" => (x * x + y * y) * 0.26 - x * y * 0.48,
        "saddle" => x * x * 0.5 + y.powi(4) * 0.25 - y * y * 0.5,
        "deep" => (x * y - 1.0).powi(2) * 0.5,
        other => panic!("no formula for {other} here"),
    }
}

/// Value, gradient and Hessian of a function of two parameters, by hyper-dual numbers.
fn derivatives(
    f: impl Fn(&[HyperDual64]) -> HyperDual64,
    w: &[f64],
) -> (f64, Vec<f64>, Vec<Vec<f64>>) {
    let n = w.len();
    let at = |i: usize, j: usize| {
        let mut w: Vec<HyperDual64> = w.iter().map(|w| HyperDual64::from(*w)).collect();
        w[i].eps1 = 1.0;
        w[j].eps2 = 1.0;
        f(&w)
    };
    let gradient = (0..n).map(|i| at(i, i).eps1).collect();
    let hessian = (0..n)
        .map(|i| (0..n).map(|j| at(i, j).eps1eps2).collect())
        .collect();
    (at(0, 0).re, gradient, hessian)
}

fn assert_close(a: f64, b: f64, size: f64, what: &str) {
    assert!(
        (a - b).abs() <= 1e-10 * size.max(1.0),
        "{what}: {a} against {b}"
    );
}

/// Places all over a window, the same in each run.
fn places([x0, x1, y0, y1]: [f64; 4]) -> Vec<[f64; 2]> {
    let share = |k: u32, step: f64| (f64::from(k) * step).fract();
    (1..20)
        .map(|k| {
            [
                x0 + (x1 - x0) * share(k, 0.618_034),
                y0 + (y1 - y0) * share(k, 0.414_214),
            ]
        })
        .collect()
}

#[test]
fn named_losses_agree_with_dual_numbers() {
    for row in loss::NAMED.iter().filter(|row| row.start.len() == 2) {
        let mut evaluator = evaluator(row.name);
        for w in places(row.window.unwrap()) {
            let (value, gradient, hessian) = derivatives(|w| by_hand(row.name, w), &w);
            let what = format!("{} at {w:?}", row.name);
            let mut ours = [0.0; 2];
            let found = evaluator.value_and_gradient(&w, &mut ours);
            assert_close(found, value, value, &what);
            assert_close(evaluator.value(&w), value, value, &what);
            let dense = evaluator.hessian(&w);
            for i in 0..2 {
                assert_close(ours[i], gradient[i], gradient[i].abs(), &what);
                for j in 0..2 {
                    assert_close(dense[(i, j)], hessian[i][j], hessian[i][j].abs(), &what);
                }
            }
        }
    }
}

#[test]
fn minima_are_minima_with_the_eigenvalues_of_the_table() {
    let table: [(&str, [f64; 2], f64); 8] = [
        ("valley", [1.0, 100.0], 1e-9),
        ("rotated", [1.0, 100.0], 1e-9),
        ("rosenbrock", [0.399_36, 1001.6], 1e-4),
        ("beale", [0.3015, 48.98], 2e-4),
        ("himmelblau", [25.7, 82.3], 1e-3),
        ("booth", [2.0, 18.0], 1e-9),
        ("matyas", [0.04, 1.0], 1e-9),
        ("saddle", [1.0, 2.0], 1e-9),
    ];
    for (name, eigenvalues, tolerance) in table {
        let landscape = loss::find(name).unwrap().landscape().unwrap();
        let mut evaluator = landscape.loss.evaluator();
        let minima = landscape.loss.minima();
        assert!(!minima.is_empty(), "{name}");
        for minimum in &minima {
            let mut gradient = [0.0; 2];
            evaluator.value_and_gradient(minimum, &mut gradient);
            assert!(
                gradient.iter().all(|g| g.abs() < 1e-10),
                "{name}: {gradient:?}"
            );
            let spectrum = Spectrum::of(&evaluator.hessian(minimum)).unwrap();
            assert!(spectrum.smallest() > 0.0, "{name}: {spectrum:?}");
        }
        let spectrum = Spectrum::of(&evaluator.hessian(&minima[0])).unwrap();
        for (ours, known) in spectrum.eigenvalues.iter().zip(eigenvalues) {
            assert!(
                (ours - known).abs() <= tolerance * known,
                "{name}: {ours} against {known}"
            );
        }
    }
}

#[test]
fn a_curve_of_minima_is_polished_to_a_point_on_it() {
    let landscape = loss::find("deep").unwrap().landscape().unwrap();
    let reference = Reference::near(&*landscape.loss, &[2.5, 0.45]);
    let [x, y] = reference.minimum[..] else {
        panic!()
    };
    assert!((x * y - 1.0).abs() < 1e-9, "{x} {y}");
    let spectrum = reference.spectrum.unwrap();
    assert!(spectrum.smallest().abs() < 1e-6);
    assert!((spectrum.largest() - (x * x + y * y)).abs() < 1e-6);
}

/// Where a formula's minimum is found from `start`, if one is.
fn found(formula: &str, start: &[f64]) -> Option<Vec<f64>> {
    let formula = Formula::new(&Source::new("loss", formula), start.len()).unwrap();
    let reference = Reference::near(&formula, start);
    (reference.origin == Origin::Polished).then_some(reference.minimum)
}

#[test]
fn no_minimum_is_found_where_there_is_none() {
    let none = [
        // Levelling out: gradient and curvature are below any bound, or 0 by underflow.
        ("ln(1 + exp(-x))", &[1.0, 800.0][..]),
        ("exp(-x)", &[1.0, 800.0]),
        ("exp(-exp(x))", &[0.1, 30.0]),
        ("-exp(-x^2)", &[30.0]),
        ("tanh(x)", &[-3.0, 0.5, 5.0, 30.0]),
        ("1/(1 + x^2)", &[0.1, 1.0]),
        ("ln(1 + exp(-x)) - exp(-(x - 3)^2)", &[9.0]),
        // Inflections, slopes, and what has no floor.
        ("x^3", &[0.1, 1.0, 800.0]),
        ("x^5", &[1.0]),
        ("x", &[0.0]),
        ("-x^2", &[0.1]),
    ];
    for (formula, starts) in none {
        for start in starts {
            assert_eq!(found(formula, &[*start]), None, "{formula} from {start}");
        }
    }
    assert_eq!(found("x^3 + y^2", &[1.0, 1.0]), None);
    assert_eq!(found("x^2 - y^2", &[1.0, 1.0]), None);
}

#[test]
fn minima_are_found_from_far_away_and_where_they_are_flat_or_narrow() {
    let known = [
        ("(x - 20000)^2 + 1", 0.0, 20_000.0, 1e-9),
        ("1e-13*(x - 3)^2", 0.0, 3.0, 1e-12),
        ("1e16*x^2", 1.0, 0.0, 1e-12),
        ("cosh(x)", 20.0, 0.0, 1e-12),
        ("ln(cosh(x))", 30.0, 0.0, 1e-12),
        ("(x - 2)^4", 1.0, 2.0, 1e-6),
        ("x^8", 1.0, 0.0, 1e-6),
        ("ln(1 + exp(-x)) - exp(-(x - 3)^2)", 2.0, 3.0, 0.1),
    ];
    for (formula, start, minimum, off) in known {
        let w = found(formula, &[start]).unwrap_or_else(|| panic!("none for {formula}"))[0];
        assert!((w - minimum).abs() <= off, "{formula}: {w}");
    }
    let narrow = found("x^2 + 1e10*(y - 1)^2", &[0.94, 0.0]).unwrap();
    assert!(narrow[0].abs() < 1e-15, "{narrow:?}");
    let rosenbrock = "sum(i, 1, n-1, 100*(w[i+1] - w[i]^2)^2 + (1 - w[i])^2)";
    let ones = found(rosenbrock, &[0.0; 30]).unwrap();
    assert!(ones.iter().all(|w| (w - 1.0).abs() < 1e-9), "{ones:?}");
}

#[test]
fn the_error_from_a_minimum_that_was_found_falls_for_ever() {
    // As it does from one that is known: looking from near by does not end early.
    for w in [1e-3, 1e-8, 1e-12, 1e-80] {
        let minimum = found("x^2 + 3*y^2 + 0.01*x^4", &[w, w]).unwrap();
        assert!(
            minimum.iter().all(|it| it.abs() < 1e-3 * w),
            "{minimum:?} from {w}"
        );
    }
}

#[test]
fn rows_say_what_they_show() {
    for row in loss::NAMED {
        assert!(row.shows.len() > 20, "{}", row.name);
        let landscape = row.landscape().unwrap();
        let start = &landscape.start;
        assert_eq!(start.len(), landscape.loss.dimension());
        assert!(landscape.loss.evaluator().value(start).is_finite());
        assert!(
            start.iter().all(|w| w.abs() < landscape.bound),
            "{}",
            row.name
        );
    }
}
