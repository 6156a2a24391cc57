//! Losses against what is known of them, and their derivatives against dual numbers.

use eigenstep::{
    analysis::{Origin, Reference, Spectrum},
    error::Source,
    loss::{self, Evaluator, Formula, Loss, LossFile},
};
use num_dual::{DualNum, HyperDual64};

fn evaluator(name: &str) -> Box<dyn Evaluator> {
    let file = loss::load(name).unwrap_or_else(|error| panic!("{error}"));
    file.landscape(None).unwrap().loss.evaluator()
}

/// The published functions, written by hand from the literature.
fn by_hand(name: &str, w: &[HyperDual64]) -> Option<HyperDual64> {
    let (x, y) = (w[0], w[1]);
    let c = |value: f64| HyperDual64::from(value);
    let valley = |u: HyperDual64, v: HyperDual64| (u * u + v * v * 100.0) * 0.5;
    let square = |a: HyperDual64| a * a;
    let pi = std::f64::consts::PI;
    Some(match name {
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
        "sphere" => (x * x + y * y) * 0.5,
        "rastrigin" => {
            c(20.0) + x * x + y * y - ((x * 2.0 * pi).cos() + (y * 2.0 * pi).cos()) * 10.0
        }
        "ackley" => {
            let far = (((x * x + y * y) * 0.5).sqrt() * -0.2).exp() * -20.0;
            let ripples = (((x * 2.0 * pi).cos() + (y * 2.0 * pi).cos()) * 0.5).exp();
            far - ripples + 20.0 + 1.0_f64.exp()
        }
        "griewank" => (x * x + y * y) / 4000.0 - x.cos() * (y / 2.0_f64.sqrt()).cos() + 1.0,
        "styblinski_tang" => {
            let each = |u: HyperDual64| u.powi(4) - u * u * 16.0 + u * 5.0;
            (each(x) + each(y)) * 0.5
        }
        "goldstein_price" => {
            let first = c(19.0) - x * 14.0 + x * x * 3.0 - y * 14.0 + x * y * 6.0 + y * y * 3.0;
            let second = c(18.0) - x * 32.0 + x * x * 12.0 + y * 48.0 - x * y * 36.0 + y * y * 27.0;
            (square(x + y + 1.0) * first + 1.0) * (square(x * 2.0 - y * 3.0) * second + 30.0)
        }
        "branin" => {
            let b = 5.1 / (4.0 * pi * pi);
            square(y - x * x * b + x * (5.0 / pi) - 6.0)
                + x.cos() * (10.0 * (1.0 - 1.0 / (8.0 * pi)))
                + 10.0
        }
        "levy" => {
            let (u, v) = ((x - 1.0) / 4.0 + 1.0, (y - 1.0) / 4.0 + 1.0);
            square((u * pi).sin())
                + square(u - 1.0) * (square((u * pi + 1.0).sin()) * 10.0 + 1.0)
                + square(v - 1.0) * (square((v * 2.0 * pi).sin()) + 1.0)
        }
        "zakharov" => {
            let s = x * 0.5 + y;
            x * x + y * y + s.powi(2) + s.powi(4)
        }
        "dixon_price" => square(x - 1.0) + square(y * y * 2.0 - x) * 2.0,
        "monkey_saddle" => x.powi(3) - x * y * y * 3.0,
        "three_hump_camel" => x * x * 2.0 - x.powi(4) * 1.05 + x.powi(6) / 6.0 + x * y + y * y,
        "six_hump_camel" => {
            x * x * 4.0 - x.powi(4) * 2.1 + x.powi(6) / 3.0 + x * y - y * y * 4.0 + y.powi(4) * 4.0
        }
        "easom" => -(x.cos() * y.cos() * (-(square(x - pi) + square(y - pi))).exp()),
        "powell" => {
            square(x + y * 10.0)
                + square(w[2] - w[3]) * 5.0
                + (y - w[2] * 2.0).powi(4)
                + (x - w[3]).powi(4) * 10.0
        }
        "wood" => {
            square(y - x * x) * 100.0
                + square(x - 1.0)
                + square(w[3] - w[2] * w[2]) * 90.0
                + square(w[2] - 1.0)
                + (square(y - 1.0) + square(w[3] - 1.0)) * 10.1
                + (y - 1.0) * (w[3] - 1.0) * 19.8
        }
        "mccormick" => (x + y).sin() + square(x - y) - x * 1.5 + y * 2.5 + 1.0,
        "bohachevsky" => {
            let waves = (x * (3.0 * pi)).cos() * 0.3 + (y * (4.0 * pi)).cos() * 0.4;
            square(x) + square(y) * 2.0 - waves + 0.7
        }
        "freudenstein_roth" => {
            let first = x + y * ((c(5.0) - y) * y - 2.0) - 13.0;
            let second = x + y * ((y + 1.0) * y - 14.0) - 29.0;
            square(first) + square(second)
        }
        "trid" => square(x - 1.0) + square(y - 1.0) - x * y,
        _ => return None,
    })
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

/// Places around 0, the same in each run.
fn places(n: usize) -> Vec<Vec<f64>> {
    let share = |k: u32, step: f64| (f64::from(k) * step).fract();
    let steps = [0.618_034, 0.414_214, 0.732_051, 0.236_068];
    (1..20)
        .map(|k| {
            steps[..n]
                .iter()
                .map(|step| 8.0 * share(k, *step) - 4.0)
                .collect()
        })
        .collect()
}

#[test]
fn published_functions_and_their_derivatives_are_those_of_the_literature() {
    let mut seen = 0;
    for name in loss::names() {
        let landscape = loss::load(name).unwrap().landscape(None).unwrap();
        let n = landscape.loss.dimension();
        if n > 4 || by_hand(name, &vec![HyperDual64::from(0.5); n]).is_none() {
            continue;
        }
        seen += 1;
        let mut evaluator = evaluator(name);
        for w in places(n) {
            let (value, gradient, hessian) = derivatives(|w| by_hand(name, w).unwrap(), &w);
            let what = format!("{name} at {w:?}");
            let size = |values: &[f64]| values.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
            let (steep, curved) = (size(&gradient), size(&hessian.concat()));
            let mut ours = vec![0.0; n];
            let found = evaluator.value_and_gradient(&w, &mut ours);
            assert_close(found, value, value.abs(), &what);
            assert_close(evaluator.value(&w), value, value.abs(), &what);
            let dense = evaluator.hessian(&w);
            for i in 0..n {
                assert_close(ours[i], gradient[i], steep, &what);
                for j in 0..n {
                    assert_close(dense[(i, j)], hessian[i][j], curved, &what);
                }
            }
        }
    }
    assert_eq!(seen, 29);
}

#[test]
fn the_minima_have_the_published_values() {
    let table: [(&str, f64, f64); 10] = [
        ("branin", 0.397_887, 1e-6),
        ("goldstein_price", 3.0, 1e-12),
        ("six_hump_camel", -1.031_628_453, 1e-9),
        ("styblinski_tang", -78.332_331_4, 1e-7),
        ("easom", -1.0, 0.0),
        ("ackley", 0.0, 1e-15),
        ("mccormick", -1.913_222_954_98, 1e-11),
        ("bohachevsky", 0.0, 1e-15),
        ("freudenstein_roth", 0.0, 0.0),
        ("trid", -2.0, 0.0),
    ];
    for (name, published, tolerance) in table {
        let landscape = loss::load(name).unwrap().landscape(None).unwrap();
        for minimum in landscape.loss.minima() {
            let value = evaluator(name).value(&minimum);
            assert!((value - published).abs() <= tolerance, "{name}: {value}");
        }
    }
}

#[test]
fn minima_are_minima_with_the_eigenvalues_of_the_table() {
    let table: [(&str, [f64; 2], f64); 12] = [
        ("mccormick", [3.0_f64.sqrt(), 4.0], 1e-9),
        ("bohachevsky", [28.647_931_9, 67.165_468_2], 1e-6),
        ("freudenstein_roth", [2.900_432_08, 3_729.099_567_9], 1e-6),
        ("trid", [1.0, 3.0], 1e-9),
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
        let landscape = loss::load(name).unwrap().landscape(None).unwrap();
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
    let landscape = loss::load("deep").unwrap().landscape(None).unwrap();
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

/// What is wrong with a file of this text.
fn refused(text: &str) -> String {
    let error = LossFile::parse(&Source::new("my.loss", text)).unwrap_err();
    assert!(error.place().is_some(), "{error}");
    error.to_string()
}

#[test]
fn a_file_of_ones_own_is_read_like_a_shipped_one() {
    let text = "loss mine \"a trough\"   # a comment\n\nformula = 0.5*x^2     # steep, and\n          + 0.01*y^4\nstart = 1, 2*pi\nminimum = 0, 0\n";
    let file = LossFile::parse(&Source::new("mine.loss", text)).unwrap();
    assert_eq!(
        (file.name.as_str(), file.title.as_str()),
        ("mine", "a trough")
    );
    let landscape = file.landscape(None).unwrap();
    assert_eq!(landscape.loss.formula().unwrap(), "0.5*x^2 + 0.01*y^4");
    assert_eq!(landscape.start, [1.0, 2.0 * std::f64::consts::PI]);
    assert_eq!(landscape.loss.minima(), [[0.0, 0.0]]);
    assert_eq!(landscape.loss.evaluator().value(&[2.0, 10.0]), 102.0);
    assert_eq!(landscape.bound, f64::INFINITY);
}

#[test]
fn what_is_wrong_with_a_file_is_shown_at_its_place() {
    let ok = "loss a \"b\"\n";
    let table = [
        ("", "contains no loss"),
        ("formula = x\n", "starts with its name and title"),
        ("loss 2nd \"b\"\n", "cannot name a loss"),
        ("formla = x\n", "did you mean `formula`?"),
        ("formula x\n", "expected `=` after `formula`"),
        ("formula = \n", "`formula` is given no value"),
        ("formula = x +\nstart = 1\n", "my.loss:2:14"),
        ("formula = x^2 + yy\nstart = 1, 1\n", "unknown name `yy`"),
        (
            "formula = x*y\nstart = 1\n",
            "`y` is w[2], but w has 1 element only",
        ),
        ("formula = x\n", "the loss has no `start`"),
        ("start = 1\n", "the loss has no `formula`"),
        (
            "formula = x\nquadratic = 1\n",
            "has a `formula` or a `quadratic`, not both",
        ),
        ("formula = x\nformula = x\n", "`formula` is given twice"),
        ("formula = x\nstart = 1, w\n", "cannot depend on `w`"),
        ("formula = x\nstart = 1, 1/0\n", "is a finite number"),
        (
            "formula = x\nstart = 1\nminimum = 0, 0\n",
            "the minimum has 2 coordinates, but the start has 1",
        ),
        (
            "formula = x\nstart = 1\nbound = 1\n",
            "the start lies outside of the bound",
        ),
        (
            "formula = x\nstart = 1\nbound = -1\n",
            "a bound must be positive",
        ),
        (
            "formula = x\nstart = 1,2\nwindow = [0,1]\n",
            "a window is two intervals",
        ),
        (
            "formula = x\nstart = 1,2\nwindow = [0,1] x [2,1]\n",
            "the lower end comes first",
        ),
        (
            "quadratic = 1, 2\nstart = 1\n",
            "2 eigenvalues, but the start has 1",
        ),
        (
            "formula = x\nrotate = 30\nstart = 1\n",
            "only a quadratic can be rotated",
        ),
        (
            "quadratic = 1,2,3\nrotate = 30\nstart = 0,0,0\n",
            "only a quadratic in two parameters",
        ),
        ("model = liner\n", "did you mean `linear`?"),
        (
            "model = mlp\nstart = 1\n",
            "the data determine the parameters",
        ),
        (
            "formula = x\nstart = 1\nshows\n",
            "expected a description in double quotes",
        ),
    ];
    for (text, says) in table {
        let whole = if text.is_empty() || text.starts_with("loss") || says.contains("starts with") {
            text.to_owned()
        } else {
            format!("{ok}{text}")
        };
        let error = refused(&whole);
        assert!(error.contains(says), "{whole}\n{error}");
    }
}

#[test]
fn a_declared_minimum_is_one() {
    let file = |lines: &str| format!("loss a \"b\"\n{lines}");
    let valley = "formula = (1-x)^2 + 100*(y-x^2)^2\nstart = 0, 0\n";
    for (lines, at, says) in [
        (
            "formula = x^2\nstart = 1\nminimum = 3\n",
            "my.loss:4:1",
            "no minimum at [3]",
        ),
        // Stationary, but a maximum, a saddle along the axes or across them, a saddle without curvature.
        (
            "formula = -x^2\nstart = 1\nminimum = 0\n",
            "my.loss:4:1",
            "no minimum at [0]",
        ),
        (
            "formula = x^2 - y^2\nstart = 1, 1\nminimum = 0, 0\n",
            "my.loss:4:1",
            "no minimum",
        ),
        (
            "formula = x^2 + 3*x*y + y^2\nstart = 1, 1\nminimum = 0, 0\n",
            "my.loss:4:1",
            "no minimum",
        ),
        (
            "formula = x^3 - 3*x*y^2\nstart = 1, 1\nminimum = 0, 0\n",
            "my.loss:4:1",
            "no minimum",
        ),
        // Beside the minimum; on the edge of the domain and beyond it.
        (
            &format!("{valley}minimum = 1, 1\nminimum = 1, 1.01\n"),
            "my.loss:5:1",
            "no minimum",
        ),
        (
            "formula = abs(x)\nstart = 1\nminimum = 0.01\n",
            "my.loss:4:1",
            "no minimum",
        ),
        (
            "formula = ln(x)\nstart = 1\nminimum = 0\n",
            "my.loss:4:1",
            "the loss is -inf",
        ),
        (
            "formula = sqrt(x)\nstart = 1\nminimum = -1\n",
            "my.loss:4:1",
            "the loss is NaN",
        ),
        (
            "formula = x^2 + y^2\nstart = 1, 1\nminimum[i] = i\n",
            "my.loss:4:1",
            "no minimum at [1, 2]",
        ),
        (
            &format!("{valley}minimum = 1, 1\nminimum = 1, 1\n"),
            "my.loss:5:1",
            "declared twice",
        ),
        (
            &format!("{valley}minimum = 1, 1\nminimum[i] = 1\n"),
            "my.loss:5:1",
            "declared twice",
        ),
    ] {
        let error = refused(&file(lines));
        assert!(
            error.contains(says) && error.contains(at),
            "{lines}\n{error}"
        );
    }
    for lines in [
        // Rounded, tips, degenerate ones, level ones, ripples as fine as a thousandth, large and small scales.
        "formula = x^4 - 16*x^2 + 5*x\nstart = 1\nminimum = -2.9035\n",
        "formula = abs(x) + 2*abs(y)\nstart = 1, 1\nminimum = 0, 0\n",
        "formula = sqrt(x^2 + y^2)\nstart = 1, 1\nminimum = 0, 0\n",
        "formula = x^4 + y^6\nstart = 1, 1\nminimum = 0, 0\n",
        "formula = 3 + 0*x\nstart = 1\nminimum = 7\n",
        "formula = (x*y-1)^2\nstart = 2, 2\nminimum = 2, 0.5\n",
        "formula = 1e-3*x - cos(6283.185307*x)\nstart = 0.1\nminimum = -2.5e-11\n",
        "formula = 1e9 + (x-1e6)^2\nstart = 1\nminimum = 1e6\n",
        "formula = -exp(-(x/1e-4)^2)\nstart = 1\nminimum = 0\n",
        "formula = x - ln(x)\nstart = 2\nminimum = 1\n",
        "formula = where(x > 0, x, 1/0)\nstart = 1\nminimum = 1e-9\n",
    ] {
        let source = Source::new("my.loss", file(lines));
        LossFile::parse(&source).unwrap_or_else(|error| panic!("{lines}\n{error}"));
    }
}

#[test]
fn bundled_losses_have_the_minima_that_they_declare() {
    for name in loss::names() {
        loss::load(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// The gradient of a formula, and its Hessian times (1, 1, ...).
fn slopes(text: &str, w: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let formula = Formula::new(&Source::new("<loss>", text), w.len()).unwrap();
    let mut evaluator = formula.evaluator();
    let (mut gradient, mut product) = (vec![0.0; w.len()], vec![0.0; w.len()]);
    evaluator.value_and_gradient(w, &mut gradient);
    evaluator.hessian_product(w, &vec![1.0; w.len()], &mut product);
    (gradient, product)
}

#[test]
fn a_branch_that_is_not_taken_has_no_say() {
    for (text, w, slope, bend) in [
        ("where(x>0,sqrt(x),x)", -1.0, 1.0, 0.0),
        ("where(x>0,x*ln(x),x^3)", -1.0, 3.0, -6.0),
        ("where(x<=0,exp(x),1+x)", 1000.0, 1.0, 0.0),
        ("where(x<=0,exp(x)*sin(x),1+x)", 1000.0, 1.0, 0.0),
        ("where(x==0,0,x^2*sin(1/x))", 0.0, 0.0, 0.0),
        ("where(x>0,x^1.5,x)", -2.0, 1.0, 0.0),
        ("where(x>0,1/x,x)", 0.0, 1.0, 0.0),
        ("where(x>1,ln(x-1)^2,x^2)", 1.0, 2.0, 2.0),
        ("where(x>-1,log1p(x),x)", -1.0, 1.0, 0.0),
        ("min(exp(x), 1+x)", 1000.0, 1.0, 0.0),
        ("max(1-x, sinh(x))", -1000.0, -1.0, 0.0),
    ] {
        let (gradient, product) = slopes(text, &[w]);
        assert_eq!(gradient, [slope], "{text} at {w}");
        assert_eq!(product, [bend], "{text} at {w}, second");
    }
}

#[test]
fn norms_have_a_subgradient_at_their_tip_and_ties_share_theirs() {
    for (text, w, expected) in [
        ("norm(w)", &[0.0, 0.0][..], &[0.0, 0.0][..]),
        ("norm(w)^2", &[0.0, 0.0], &[0.0, 0.0]),
        ("norm(w)^2", &[3.0, 4.0], &[6.0, 8.0]),
        ("norm(w)^3 + x", &[0.0, 0.0], &[1.0, 0.0]),
        ("sqrt(x^2)", &[0.0], &[0.0]),
        ("(x^2)^0.5", &[0.0], &[0.0]),
        ("(x^2)^0.5", &[-3.0], &[-1.0]),
        ("(x^2+y^2)^0.75 + x", &[0.0, 0.0], &[1.0, 0.0]),
        ("(x^2)^1.5", &[0.0], &[0.0]),
        ("norm_inf(w)", &[1.0, 1.0], &[0.5, 0.5]),
        ("norm_inf(w)", &[1.0, -1.0], &[0.5, -0.5]),
        ("norm_inf(w)", &[1.0, 2.0], &[0.0, 1.0]),
        ("norm_inf(w)", &[0.0, 0.0], &[0.0, 0.0]),
        ("abs(x)", &[0.0], &[0.0]),
    ] {
        let (gradient, _) = slopes(text, w);
        assert_eq!(gradient, expected, "{text} at {w:?}");
    }
    let (_, product) = slopes("norm(w)^2", &[3.0, 4.0]);
    assert!(
        product.iter().all(|it| (it - 2.0).abs() < 1e-14),
        "{product:?}"
    );
}

#[test]
fn powers_have_their_slopes_at_zero() {
    for (text, w, slope) in [
        ("x*x^0.5", 0.0, 0.0),
        ("x^1.5", 0.0, 0.0),
        ("x^2.5 + 3*x", 0.0, 3.0),
        ("x^0.5", 0.0, f64::INFINITY),
        ("x^0", 0.0, 0.0),
        ("x^1", 0.0, 1.0),
        ("sqrt(x)", 0.0, f64::INFINITY),
    ] {
        assert_eq!(slopes(text, &[w]).0, [slope], "{text}");
    }
    // x^y at x = 0: nothing changes with y.
    assert_eq!(slopes("x^y", &[0.0, 2.5]).0, [0.0, 0.0]);
}

#[test]
fn singular_parts_leave_the_derivatives_that_their_product_has() {
    // Gradient and Hessian, the product worked out by hand: at 0 each part or its slope is infinite.
    for (text, slope, bend) in [
        ("x^0.5*x^2", 0.0, 0.0),
        ("x^2*x^0.5", 0.0, 0.0),
        ("x^2*sqrt(x)", 0.0, 0.0),
        ("x^0.5*x^1.5", 0.0, 2.0),
        ("x^0.5*x^0.5", 1.0, 0.0),
        ("x^0.5*x^0.3", f64::INFINITY, f64::NAN),
        ("sqrt(x)*sqrt(x)*sqrt(x)", 0.0, f64::INFINITY),
        ("abs(x)^(1/3)*abs(x)^(5/3)", 0.0, 2.0),
        ("abs(x)^(2/3)*x^2", 0.0, 0.0),
        ("(x^3)^(2/3)", 0.0, 2.0),
        ("exp(-1/x^2)", 0.0, 0.0),
        ("x^3*sqrt(x)/(1+x)", 0.0, 0.0),
        ("sin(sqrt(x))*sqrt(x)", 1.0, -1.0 / 3.0),
        // The kink of a part is none of the whole.
        ("sqrt(x^4)", 0.0, 2.0),
        ("(x^4)^0.5", 0.0, 2.0),
        ("norm(w)*norm(w)", 0.0, 2.0),
        ("abs(x)*abs(x)", 0.0, 2.0),
        ("abs(x)^2 + abs(x)^3", 0.0, 2.0),
    ] {
        let (gradient, product) = slopes(text, &[0.0]);
        assert_eq!(gradient, [slope], "{text}");
        let is_known = (product[0] - bend).abs() < 1e-12 || product[0] == bend;
        assert!(
            is_known || bend.is_nan() && product[0].is_nan(),
            "{text}: {product:?}"
        );
    }
    // Where there is no second derivative, none is made up.
    for text in ["sqrt(x^4+y^4)", "(x^2+y^2)^0.75"] {
        let (gradient, product) = slopes(text, &[0.0, 0.0]);
        assert_eq!(gradient, [0.0, 0.0], "{text}");
        assert!(
            product.iter().all(|it| !it.is_finite()),
            "{text}: {product:?}"
        );
    }
    for text in ["norm(w)*x^2", "norm(w)^3 + (norm(w)*x)^2"] {
        assert_eq!(
            slopes(text, &[0.0, 0.0]),
            (vec![0.0; 2], vec![0.0; 2]),
            "{text}"
        );
    }
    // Third derivatives, away from 0 too.
    for (text, w, third) in [
        ("(x-1)^0.5*(x-1)^2.5", 1.0, 6.0),
        ("(x-1)^0.5*(x-1)^3", 1.0, 0.0),
    ] {
        let formula = Formula::new(&Source::new("<loss>", text), 1).unwrap();
        let mut product = [0.0];
        formula
            .evaluator()
            .third_product(&[w], &[1.0], &[1.0], &mut product);
        assert!((product[0] - third).abs() < 1e-9, "{text}: {product:?}");
    }
    // A value that is not a number has no derivatives.
    let (gradient, product) = slopes("x^3/sqrt(x)", &[0.0]);
    assert!(gradient[0].is_nan() && product[0].is_nan());
}

#[test]
fn an_exponent_that_happens_to_be_whole_has_a_derivative() {
    // x^y at (3, 2): f_xx = 2, f_xy = 3 (1 + 2 ln 3), f_yy = 9 (ln 3)^2; each row summed.
    let (_, product) = slopes("x^y", &[3.0, 2.0]);
    let (mixed, log) = (3.0 * (1.0 + 2.0 * 3.0_f64.ln()), 3.0_f64.ln());
    for (got, wanted) in product.iter().zip([2.0 + mixed, mixed + 9.0 * log * log]) {
        assert!((got - wanted).abs() < 1e-12, "{got} and {wanted}");
    }
}

#[test]
fn gradient_descent_on_the_square_of_a_norm_finds_its_minimum() {
    let (at_start, _) = slopes("norm(w)^2", &[3.0, 4.0]);
    let w: Vec<f64> = [3.0, 4.0]
        .iter()
        .zip(at_start)
        .map(|(w, g)| w - 0.5 * g)
        .collect();
    let (gradient, _) = slopes("norm(w)^2", &w);
    assert!(gradient.iter().all(|it| it.abs() < 1e-15), "{gradient:?}");
}

#[test]
fn the_smooth_functions_have_the_slopes_of_their_closed_forms() {
    let cases = [
        ("atan(x)", 0.5, 1.0 / 1.25),
        ("log1p(x)", 1e-9, 1.0 / (1.0 + 1e-9)),
        ("sigmoid(x)", 0.0, 0.25),
        ("sigmoid(x)", -800.0, 0.0),
        ("softplus(x)", 0.0, 0.5),
        ("softplus(x)", 800.0, 1.0),
        ("mod(x, 2)", 5.5, 1.0),
        ("floor(x)", 5.5, 0.0),
    ];
    for (text, x, slope) in cases {
        let (gradient, _) = slopes(text, &[x]);
        assert!(
            (gradient[0] - slope).abs() < 1e-15,
            "{text} at {x}: {gradient:?}"
        );
    }
    let value = |text: &str, x: f64| {
        let formula = Formula::new(&Source::new("loss", text), 1).unwrap();
        formula.evaluator().value(&[x])
    };
    assert_eq!(value("mod(x, 3)", -1.0), 2.0);
    assert_eq!(value("floor(x)", -0.5), -1.0);
    assert_eq!(value("softplus(x)", -800.0), 0.0);
    assert_eq!(value("log1p(x)", 1e-18), 1e-18);
}
