//! What is predicted of runs: derivatives of iterations, modes, edges, coming errors.

use eigenstep::{
    analysis::{
        Boundary, Jacobian, Known, LocalModes, Minima, Prediction, Reference, Regime, Spectrum,
        Stability, Unknown,
        minimum::Kernel,
        stability::{Edge, modes},
        theory,
    },
    debugger::Machine,
    error::Source,
    loss::{Formula, Landscape, Loss, Noise, Quadratic, landscape},
    rule::{self, Compiled, Rule, StateRole, VariableKind},
};
use std::sync::Arc;

fn compiled(name: &str, n: usize) -> Arc<Compiled> {
    let rule = rule::load(name).unwrap_or_else(|error| panic!("{error}"));
    Arc::new(rule.compile(n).unwrap_or_else(|error| panic!("{error}")))
}

fn settings(compiled: &Compiled, given: &[(&str, f64)]) -> Vec<f64> {
    for (name, _) in given {
        assert!(compiled.setting(name).is_some(), "{name}");
    }
    let value = |name: &str| given.iter().find(|it| it.0 == name).map(|it| it.1);
    compiled
        .settings
        .iter()
        .map(|it| value(&it.name).unwrap_or(it.default))
        .collect()
}

fn valley(degrees: f64) -> Landscape {
    let name = if degrees == 0.0 { "valley" } else { "rotated" };
    landscape(name, None).unwrap()
}

fn close(a: f64, b: f64, tolerance: f64) {
    assert!(
        (a - b).abs() <= tolerance * b.abs().max(1e-300),
        "{a} against {b}"
    );
}

/// A loss whose gradient is nowhere the same.
fn wavy(n: usize) -> Formula {
    let text = "0.5*x^2 + 2*y^2 + 0.3*x*y + 0.1*x^3 + 0.05*y^4 + 0.2*sin(x + y) + x";
    Formula::new(&Source::new("<loss>", text), n).unwrap()
}

#[test]
fn the_derivative_of_every_rule_is_that_of_differences() {
    let loss = wavy(2);
    for name in rule::names() {
        // What is rounded to bfloat16 has steps for differences; its derivative is that of what is rounded.
        let rule = rule::load(name).unwrap();
        let text = rule.source.text.replace("bf16(", "(");
        let rule = Rule::parse(&Source::new(name, text)).unwrap();
        let compiled = Arc::new(Arc::new(rule).compile(2).unwrap());
        let settings = settings(&compiled, &[]);
        for t in [0, 7] {
            let mut machine =
                Machine::new(Arc::clone(&compiled), &loss, None, &settings, &[0.7, -0.4]);
            // Of a run that has left for infinity, differences have no digits.
            while machine.position().t < t {
                let (t, before) = (machine.position().t, machine.variables().to_vec());
                machine.iterate();
                if machine.w().iter().any(|it| it.abs() > 100.0) {
                    machine.restore(t, &before);
                    break;
                }
            }
            let t = machine.position().t;
            let size = compiled.kept();
            let kept = machine.variables()[..size].to_vec();
            let at = Boundary {
                t,
                settings: &settings,
                kept: &kept,
            };
            let exact = Jacobian::new(Arc::clone(&compiled)).at(&mut *loss.evaluator(), at, 1.0);
            let mut after = |kept: &[f64]| {
                machine.restore(t, &[kept, &machine.variables()[size..]].concat());
                machine.iterate();
                machine.variables()[..size].to_vec()
            };
            let here = after(&kept);
            let counts: Vec<usize> = compiled
                .variables
                .iter()
                .filter(|it| it.kind == VariableKind::State(Some(StateRole::Count)))
                .flat_map(|it| it.range.clone())
                .collect();
            // Whole powers of a counter have no derivative by it.
            for column in (0..size).filter(|it| !counts.contains(it)) {
                let moved = kept[column].abs().max(1e-2) * 1e-5;
                let mut at = |by: f64| {
                    let mut kept = kept.clone();
                    kept[column] += by;
                    after(&kept)
                };
                let (ahead, behind) = (at(moved), at(-moved));
                for row in 0..size {
                    let slope = (ahead[row] - behind[row]) / (2.0 * moved);
                    let (right, left) = (ahead[row] - here[row], here[row] - behind[row]);
                    // A root at 0, a maximum that changes hands: no derivative there.
                    let kink = (right - left).abs() > 1e-3 * (right.abs() + left.abs())
                        || !slope.is_finite();
                    let found = exact[(row, column)];
                    let off = (found - slope).abs() / slope.abs().max(1.0);
                    // A number that a rule keeps in 32 bits has differences no finer than those.
                    #[expect(clippy::cast_possible_truncation, reason = "the test of it")]
                    let is_single = f64::from(here[row] as f32).to_bits() == here[row].to_bits();
                    let bits = if is_single {
                        f64::from(f32::EPSILON)
                    } else {
                        0.0
                    };
                    let rounding = bits * here[row].abs() / moved;
                    assert!(
                        kink || off < 1e-5 + rounding,
                        "{name} at t = {t}, [{row}, {column}]: {found} against {slope}"
                    );
                }
            }
        }
    }
}

#[test]
fn derivatives_are_nowhere_only_kinks() {
    // The test above would say nothing of a rule whose every entry it took for a kink.
    let loss = wavy(2);
    for name in rule::names() {
        let compiled = compiled(name, 2);
        let settings = settings(&compiled, &[]);
        let mut machine = Machine::new(Arc::clone(&compiled), &loss, None, &settings, &[0.7, -0.4]);
        (0..7).for_each(|_| machine.iterate());
        let at = boundary(&machine, &settings);
        let exact = Jacobian::new(compiled).at(&mut *loss.evaluator(), at, 1.0);
        assert!(
            exact.iter().all(|entry| entry.is_finite()),
            "{name}: {exact}"
        );
    }
}

/// The modes of `name` on the valley, turned; counters are held.
fn valley_modes(name: &str, given: &[(&str, f64)]) -> Vec<f64> {
    let landscape = Landscape {
        start: vec![0.3, 0.2],
        ..valley(30.0)
    };
    let look = Look::new(name, given, &landscape, 5);
    let compiled = look.machine.compiled();
    let at = boundary(&look.machine, &look.settings);
    let mut jacobian =
        Jacobian::new(Arc::clone(compiled)).at(&mut *landscape.loss.evaluator(), at, 1.0);
    let counter = VariableKind::State(Some(StateRole::Count));
    for variable in compiled
        .variables
        .iter()
        .rev()
        .filter(|it| it.kind == counter)
    {
        let at = variable.range.start;
        jacobian = jacobian.remove_row(at).remove_column(at);
    }
    let modes = modes(&jacobian).unwrap();
    modes.iter().flat_map(|z| [z.re, z.im]).collect()
}

/// The roots of z^2 - trace z + determinant for both curvatures, largest first, as (re, im).
fn pairs(trace: impl Fn(f64) -> f64, determinant: impl Fn(f64) -> f64) -> Vec<f64> {
    let mut roots = Vec::new();
    for lambda in [1.0, 100.0] {
        let (half, d) = (trace(lambda) / 2.0, determinant(lambda));
        let inside = half * half - d;
        let root = inside.abs().sqrt();
        roots.extend(if inside < 0.0 {
            [(half, root), (half, -root)]
        } else {
            [(half + root, 0.0), (half - root, 0.0)]
        });
    }
    let size = |z: &(f64, f64)| (z.0.hypot(z.1) * 1e9).round();
    roots.sort_by(|a, b| size(b).total_cmp(&size(a)).then(b.1.total_cmp(&a.1)));
    roots.into_iter().flat_map(|z| [z.0, z.1]).collect()
}

#[test]
fn modes_are_those_of_theory() {
    for (eta, beta) in [(0.003_465, 0.9), (0.012, 0.5), (0.033, 0.67)] {
        let rows = [
            ("gd", vec![("eta", eta)], {
                let mut ratios = [1.0 - eta, 1.0 - 100.0 * eta];
                ratios.sort_by(|a: &f64, b| b.abs().total_cmp(&a.abs()));
                vec![ratios[0], 0.0, ratios[1], 0.0]
            }),
            (
                "momentum",
                vec![("eta", eta), ("beta", beta)],
                pairs(|l| 1.0 + beta - eta * l, |_| beta),
            ),
            (
                "nesterov",
                vec![("eta", eta), ("beta", beta)],
                pairs(
                    |l| (1.0 + beta) * (1.0 - eta * l),
                    |l| beta * (1.0 - eta * l),
                ),
            ),
            (
                "torch/sgd",
                vec![("lr", eta), ("momentum", beta)],
                pairs(|l| 1.0 + beta - eta * l, |_| beta),
            ),
            (
                "keras/sgd",
                vec![
                    ("learning_rate", eta),
                    ("momentum", beta),
                    ("nesterov", 1.0),
                ],
                pairs(
                    |l| (1.0 + beta) * (1.0 - eta * l),
                    |l| beta * (1.0 - eta * l),
                ),
            ),
        ];
        for (name, given, expected) in rows {
            let found = valley_modes(name, &given);
            assert_eq!(found.len(), expected.len(), "{name}");
            for (a, b) in found.iter().zip(&expected) {
                assert!(
                    (a - b).abs() < 1e-7,
                    "{name}: {found:?} against {expected:?}"
                );
            }
        }
    }
}

/// A run at a boundary, and what is said of its stability there.
struct Look<'a> {
    landscape: &'a Landscape,
    stability: Stability,
    machine: Machine,
    settings: Vec<f64>,
}

impl<'a> Look<'a> {
    /// At a run of `name` after `t` iterations.
    fn new(name: &str, given: &[(&str, f64)], landscape: &'a Landscape, t: u64) -> Self {
        let compiled = compiled(name, landscape.start.len());
        let settings = settings(&compiled, given);
        let mut machine = Machine::new(
            Arc::clone(&compiled),
            &*landscape.loss,
            None,
            &settings,
            &landscape.start,
        );
        while machine.position().t < t {
            machine.iterate();
        }
        Self {
            landscape,
            stability: Stability::new(&compiled).unwrap(),
            machine,
            settings,
        }
    }

    fn reference(&self) -> Reference {
        Reference::near(&*self.landscape.loss, self.machine.w())
    }

    fn outlook(&mut self, spectrum: Option<&Spectrum>) -> LocalModes {
        let mut evaluator = self.landscape.loss.evaluator();
        let at = boundary(&self.machine, &self.settings);
        let outlook = self
            .stability
            .outlook(evaluator.as_mut(), at, spectrum, 1.0);
        outlook.unwrap()
    }

    fn edge(&mut self) -> Known<Edge> {
        let mut evaluator = self.landscape.loss.evaluator();
        let at = boundary(&self.machine, &self.settings);
        self.stability.edge(evaluator.as_mut(), at)
    }

    fn predict(&mut self, reference: &Reference, iterations: usize) -> Prediction {
        let mut evaluator = self.landscape.loss.evaluator();
        let at = boundary(&self.machine, &self.settings);
        let prediction = self
            .stability
            .predict(evaluator.as_mut(), at, reference, iterations, 1.0);
        prediction.unwrap()
    }

    /// The variance along each eigenvector that noise of deviation 0.5 leads to.
    fn variance(&mut self) -> Vec<f64> {
        self.try_variance().unwrap()
    }

    fn try_variance(&mut self) -> Known<Vec<f64>> {
        let spectrum = self.reference().spectrum.unwrap();
        let mut evaluator = self.landscape.loss.evaluator();
        let at = boundary(&self.machine, &self.settings);
        self.stability
            .variance(evaluator.as_mut(), at, &spectrum, 0.5)
    }

    /// The largest eigenvalue of the Hessian as seen through the `scale` of each parameter.
    fn sharpness(&self, scale: &[f64]) -> f64 {
        let n = scale.len();
        let hessian = self.landscape.loss.evaluator().hessian(self.machine.w());
        let preconditioned =
            nalgebra::DMatrix::from_fn(n, n, |i, j| hessian[(i, j)] / (scale[i] * scale[j]).sqrt());
        Spectrum::of(&preconditioned).unwrap().largest()
    }
}

/// Where `machine` stands, between two iterations.
fn boundary<'a>(machine: &'a Machine, settings: &'a [f64]) -> Boundary<'a> {
    Boundary {
        t: machine.position().t,
        settings,
        kept: machine.variables(),
    }
}

/// The regimes along the eigenvectors, and the share of the edge.
fn outlook(
    name: &str,
    given: &[(&str, f64)],
    landscape: &Landscape,
    t: u64,
) -> (Vec<Regime>, f64, f64) {
    let mut look = Look::new(name, given, landscape, t);
    let outlook = look.outlook(look.reference().spectrum.as_ref());
    let edge = look.edge().unwrap();
    (
        outlook.directions.iter().map(|it| it.regime).collect(),
        edge.share,
        edge.curvature,
    )
}

#[test]
fn regimes_and_edges_are_those_of_theory() {
    for degrees in [0.0, 30.0] {
        let landscape = valley(degrees);
        let (regimes, share, curvature) = outlook("gd", &[("eta", 0.0198)], &landscape, 3);
        assert_eq!(regimes, [Regime::Monotone, Regime::Flipping]);
        close(share, 0.99, 1e-6);
        close(curvature, 2.0 / 0.0198, 1e-6);
        let (regimes, share, _) = outlook("gd", &[("eta", 0.0202)], &landscape, 3);
        assert_eq!(regimes[0], Regime::Monotone);
        assert!(matches!(regimes[1], Regime::Diverging { factor } if (factor - 1.02).abs() < 1e-9));
        close(share, 1.01, 1e-6);
        let (regimes, ..) = outlook("gd", &[("eta", 0.01)], &landscape, 3);
        assert_eq!(regimes, [Regime::Monotone, Regime::OneShot]);

        let (eta, beta) = (0.003_465_346_534_653_465, 0.9_f64);
        let (regimes, share, _) =
            outlook("momentum", &[("eta", eta), ("beta", beta)], &landscape, 3);
        for (regime, lambda) in regimes.iter().zip([1.0, 100.0]) {
            let period = 2.0 * std::f64::consts::PI
                / ((1.0 + beta - eta * lambda) / (2.0 * beta.sqrt())).acos();
            assert!(
                matches!(regime, Regime::Ringing { period: found } if (found - period).abs() < 1e-6),
                "{regime}"
            );
        }
        close(share, 100.0 * eta / 3.8, 1e-6);
        let (_, share, _) = outlook("nesterov", &[("eta", eta), ("beta", beta)], &landscape, 3);
        close(share, 100.0 * eta * 2.8 / 3.8, 1e-6);
        let (_, share, _) = outlook(
            "optax/sgd",
            &[("learning_rate", eta), ("momentum", 0.9)],
            &landscape,
            3,
        );
        close(share, 100.0 * eta / 3.8, 1e-6);
    }
    assert_eq!(
        Regime::Ringing { period: 10.64 }.to_string(),
        "ringing, period 10.6"
    );
}

#[test]
fn at_its_largest_stable_step_size_a_rule_is_at_its_edge() {
    // 2/lambda for gradient descent, (2 + 2 beta)/lambda for heavy ball, (2 + 2 beta)/(1 + 2 beta)/lambda for Nesterov.
    let beta = 0.9;
    for degrees in [0.0, 30.0] {
        let landscape = valley(degrees);
        for (name, most, more) in [
            ("gd", 2.0, None),
            ("torch/sgd", 3.8, Some(("momentum", beta))),
            ("momentum", 2.0 + 2.0 * beta, Some(("beta", beta))),
            (
                "nesterov",
                (2.0 + 2.0 * beta) / (1.0 + 2.0 * beta),
                Some(("beta", beta)),
            ),
        ] {
            let step = if name == "torch/sgd" { "lr" } else { "eta" };
            let mut given = vec![(step, most / 100.0)];
            given.extend(more);
            let share = Look::new(name, &given, &landscape, 3).edge().unwrap().share;
            assert!(share >= 1.0, "{name}, {degrees}: {share}");
            close(share, 1.0, 1e-14);
            given[0].1 *= 0.7;
            let share = Look::new(name, &given, &landscape, 3).edge().unwrap().share;
            close(share, 0.7, 1e-13);
        }
    }
}

#[test]
fn adams_edge_is_that_of_the_preconditioned_hessian() {
    let landscape = valley(30.0);
    let eta = 0.02;
    // Late enough for the bias correction to be 1.
    let mut look = Look::new("adam", &[("eta", eta)], &landscape, 400);
    assert!(look.outlook(None).held);
    let machine = &look.machine;
    let s = machine.value(machine.compiled().variable("s").unwrap());
    // The scale that the next iteration divides by.
    let g = machine.gradient();
    let scale: Vec<f64> = (0..2)
        .map(|k| {
            let s = 0.999 * s[k] + 0.001 * g[k] * g[k];
            (s / (1.0 - 0.999_f64.powi(401)) + 1e-8).sqrt()
        })
        .collect();
    let expected = look.sharpness(&scale) / (38.0 / eta);
    close(look.edge().unwrap().share, expected, 1e-6);
}

#[test]
fn adam_bursts_where_it_crosses_its_edge() {
    let landscape = Landscape {
        name: "bowl".into(),
        loss: Arc::new(Quadratic::new(&[50.0], &[0.0], 0.0).unwrap()),
        start: vec![0.3],
        window: None,
        bound: 10.0,
    };
    let mut look = Look::new("adam", &[("eta", 0.01), ("delta", 0.0)], &landscape, 1);
    let mut sizes = Vec::new();
    let mut crossing = None;
    for t in 2..=12_000_u64 {
        look.machine.iterate();
        sizes.push(look.machine.w()[0].abs());
        let asked = t % 50 == 0 && t > 1000 && crossing.is_none();
        if asked && look.edge().is_ok_and(|edge| edge.share > 1.0) {
            crossing = Some(t);
        }
    }
    let crossing = crossing.unwrap();
    let lowest = sizes
        .iter()
        .enumerate()
        .min_by(|a, b| a.1.total_cmp(b.1))
        .unwrap()
        .0 as u64;
    assert!(
        crossing.abs_diff(lowest) < 150,
        "crossing at {crossing}, smallest at {lowest}"
    );
    assert!((9_000..10_500).contains(&crossing), "{crossing}");
}

#[test]
fn linear_rules_are_predicted_exactly() {
    for (name, given) in [
        ("gd", vec![("eta", 0.0198)]),
        ("momentum", vec![("eta", 0.003_465)]),
        ("nesterov", vec![("eta", 0.003_465)]),
        ("polyak", vec![]),
        ("newton", vec![("eta", 0.5)]),
        (
            "torch/sgd",
            vec![("lr", 0.003), ("momentum", 0.9), ("dampening", 0.3)],
        ),
        (
            "optax/sgd",
            vec![
                ("learning_rate", 0.003),
                ("momentum", 0.9),
                ("nesterov", 1.0),
            ],
        ),
        (
            "keras/sgd",
            vec![("learning_rate", 0.003), ("momentum", 0.9)],
        ),
        (
            "torch/sgd",
            vec![("lr", 0.003), ("momentum", 0.9), ("weight_decay", 0.1)],
        ),
    ] {
        for landscape in [valley(0.0), valley(30.0), landscape("booth", None).unwrap()] {
            let mut look = Look::new(name, &given, &landscape, 0);
            let reference = look.reference();
            let prediction = look.predict(&reference, 120);
            let machine = &mut look.machine;
            assert!(prediction.exact, "{name}");
            let spectrum = reference.eigenbasis().unwrap();
            let mut alpha = [0.0; 2];
            let size = machine
                .w()
                .iter()
                .zip(&reference.minimum)
                .map(|(w, m)| (w - m).abs())
                .fold(0.0, f64::max);
            for expected in &prediction.alpha {
                spectrum.components(machine.w(), &reference.minimum, &mut alpha);
                for (a, b) in alpha.iter().zip(expected) {
                    assert!(
                        (a - b).abs() < 1e-11 * size,
                        "{name} at {:?}: {a} against {b}",
                        machine.position()
                    );
                }
                machine.iterate();
            }
        }
    }
}

#[test]
fn the_essays_count_is_predicted() {
    let landscape = valley(0.0);
    for (name, given, count) in [
        ("gd", vec![("eta", 2.0 / 101.0)], 419),
        ("momentum", vec![("eta", 0.175 * 2.0 / 101.0)], 136),
        ("polyak", vec![], 66),
    ] {
        let mut look = Look::new(name, &given, &landscape, 0);
        let prediction = look.predict(&look.reference(), 1000);
        assert_eq!(prediction.first_within(1e-6), Some(count), "{name}");
    }
}

#[test]
fn adaptive_rules_are_predicted_locally_and_say_so() {
    let landscape = valley(0.0);
    for name in [
        "adam",
        "rmsprop",
        "adagrad",
        "sign",
        "optax/lion",
        "adagrad_full",
    ] {
        let mut look = Look::new(name, &[], &landscape, 20);
        let prediction = look.predict(&look.reference(), 5);
        assert!(!prediction.exact, "{name}");
        // A sign of a moment may turn at any time.
        let known = if name == "optax/lion" { 3 } else { 6 };
        assert_eq!(prediction.alpha.len(), known, "{name}");
    }
    // With its scale all but constant, Adam is as good as linear.
    let mut look = Look::new("adam", &[("eta", 0.0198)], &landscape, 150);
    let prediction = look.predict(&look.reference(), 10);
    (0..10).for_each(|_| look.machine.iterate());
    let off = (look.machine.w()[0] - 0.8 - prediction.alpha[10][0]).abs();
    assert!(
        off < 0.05 * prediction.alpha[0][0].abs(),
        "{off} of {:?}",
        prediction.alpha
    );
}

#[test]
fn directions_keep_their_numbers_while_the_hessian_turns_and_crosses() {
    let matrix = |degrees: f64, values: [f64; 3]| {
        let (s, c) = degrees.to_radians().sin_cos();
        let turn = nalgebra::DMatrix::from_row_slice(3, 3, &[c, -s, 0.0, s, c, 0.0, 0.0, 0.0, 1.0]);
        &turn
            * nalgebra::DMatrix::from_diagonal(&nalgebra::DVector::from_row_slice(&values))
            * turn.transpose()
    };
    let mut spectrum = Spectrum::of(&matrix(0.0, [1.0, 2.0, 3.0])).unwrap();
    let mut u = spectrum.eigenvector(0);
    // The first eigenvalue rises through both others while its eigenvector turns by half a circle.
    for step in 1..=60 {
        let (degrees, first) = (3.0 * f64::from(step), 1.0 + 0.051 * f64::from(step));
        let next = Spectrum::of(&matrix(degrees, [first, 2.0, 3.0]))
            .unwrap()
            .following(&spectrum);
        assert!(
            (next.eigenvalues[0] - first).abs() < 1e-12,
            "{:?}",
            next.eigenvalues
        );
        let overlap: f64 = next.eigenvector(0).iter().zip(&u).map(|(a, b)| a * b).sum();
        assert!(overlap > 0.99, "{overlap}");
        u = next.eigenvector(0);
        spectrum = next;
    }
    assert_eq!((spectrum.smallest(), spectrum.largest() > 4.0), (2.0, true));
    // A basis that shares no direction with the last one keeps its own order.
    let tilted = Spectrum::of(&matrix(45.0, [3.0, 1.0, 2.0])).unwrap();
    let other = tilted
        .clone()
        .following(&Spectrum::of(&matrix(0.0, [1.0, 2.0, 3.0])).unwrap());
    assert!(other.eigenvalues.len() == 3);
}

#[test]
fn a_reference_follows_the_nearest_minimum() {
    let loss = landscape("himmelblau", None).unwrap().loss;
    let minima = Minima::new(loss, &[2.9, 2.1]);
    let first = minima.home().clone();
    assert_eq!(first, minima.near(&[3.1, 1.9]));
    let other = minima.near(&[3.5, -1.8]);
    assert!(other.minimum[1] < 0.0);
    let overlap: f64 = other
        .spectrum
        .unwrap()
        .eigenvector(0)
        .iter()
        .zip(first.spectrum.unwrap().eigenvector(0))
        .map(|(a, b)| a * b)
        .sum();
    assert!(overlap > 0.5, "{overlap}");
}

/// The predicted variance along each eigenvector of the valley for noise of deviation 0.5.
fn variances(name: &str, given: &[(&str, f64)]) -> Vec<f64> {
    Look::new(name, given, &valley(30.0), 3).variance()
}

#[test]
fn stationary_variances_are_those_of_theory() {
    let v = 0.25;
    let (eta, beta) = (0.01, 0.9);
    for (found, l) in variances("gd", &[("eta", eta)]).iter().zip([1.0, 100.0]) {
        close(*found, eta * v / (l * (2.0 - eta * l)), 1e-9);
    }
    for (found, l) in variances("momentum", &[("eta", eta), ("beta", beta)])
        .iter()
        .zip([1.0, 100.0])
    {
        let exact = eta * v * (1.0 + beta) / ((1.0 - beta) * l * (2.0 * (1.0 + beta) - eta * l));
        close(*found, exact, 1e-9);
    }
    // Where the gradient is taken does not matter to what noise in it does.
    let ahead = variances("nesterov", &[("eta", eta), ("beta", beta)]);
    let theirs = variances(
        "optax/sgd",
        &[
            ("learning_rate", eta),
            ("momentum", beta),
            ("nesterov", 1.0),
        ],
    );
    assert!(ahead.iter().zip(&theirs).all(|(a, b)| *a > 0.0 && *b > 0.0));
}

#[test]
fn runs_with_noise_spread_as_predicted() {
    for (name, given) in [
        ("gd", vec![("eta", 0.01)]),
        ("momentum", vec![("eta", 0.01), ("beta", 0.5)]),
        ("nesterov", vec![("eta", 0.005), ("beta", 0.5)]),
    ] {
        let expected = variances(name, &given);
        let landscape = valley(30.0);
        let compiled = compiled(name, 2);
        let settings = settings(&compiled, &given);
        let noise = Noise {
            sigma: 0.5,
            seed: 11,
            ..Noise::default()
        };
        let start = [0.8, 0.6];
        let mut machine = Machine::new(compiled, &*landscape.loss, Some(noise), &settings, &start);
        let reference = Reference::near(&*landscape.loss, &start);
        let spectrum = reference.eigenbasis().unwrap();
        let (mut squares, mut alpha) = ([0.0; 2], [0.0; 2]);
        let count = 200_000;
        for _ in 0..count {
            machine.iterate();
            spectrum.components(machine.w(), &reference.minimum, &mut alpha);
            for (sum, alpha) in squares.iter_mut().zip(alpha) {
                *sum += alpha * alpha / f64::from(count);
            }
        }
        for (measured, expected) in squares.iter().zip(&expected) {
            assert!(
                (measured / expected - 1.0).abs() < 0.05,
                "{name}: {squares:?} against {expected:?}"
            );
        }
    }
}

#[test]
fn an_adaptive_rule_on_data_has_an_edge() {
    let landscape = landscape("logistic", None).unwrap();
    let mut look = Look::new("adam", &[("eta", 0.1)], &landscape, 50);
    let s = look.machine.compiled().variable("s").unwrap();
    let scale: Vec<f64> = look
        .machine
        .value(s)
        .iter()
        .map(|s| (s / (1.0 - 0.999_f64.powi(51)) + 1e-8).sqrt())
        .collect();
    // The bias correction of the first moment makes the limit a little lower than 38/eta this early.
    let expected = look.sharpness(&scale) * 0.1 / 38.0;
    let share = look.edge().unwrap().share;
    assert!(
        (share / expected - 1.0).abs() < 0.02,
        "{share} and {expected}"
    );
}

#[test]
fn adams_edge_is_smooth_and_that_of_the_closed_form_all_along_a_turned_run() {
    let (b1, b2): (f64, f64) = (0.9, 0.999);
    for degrees in [10.0, 37.0, 80.0] {
        let landscape = Landscape {
            loss: Arc::new(Quadratic::new(&[1.0, 100.0], &[0.8, 0.6], degrees).unwrap()),
            ..valley(0.0)
        };
        for eta in [0.003, 0.02] {
            let mut look = Look::new("adam", &[("eta", eta)], &landscape, 1);
            for _ in 0..150 {
                look.machine.iterate();
                let machine = &look.machine;
                let s = machine.value(machine.compiled().variable("s").unwrap());
                let t = i32::try_from(machine.position().t).unwrap() + 1;
                let scale: Vec<f64> = (s.iter().zip(machine.gradient()))
                    .map(|(s, g)| {
                        let s = b2 * s + (1.0 - b2) * g * g;
                        (s / (1.0 - b2.powi(t)) + 1e-8).sqrt()
                    })
                    .collect();
                let corrected = eta / (1.0 - b1.powi(t));
                let expected = look.sharpness(&scale) * corrected * (1.0 - b1) / (2.0 + 2.0 * b1);
                close(look.edge().unwrap().share, expected, 1e-8);
            }
        }
    }
}

#[test]
fn a_rule_that_begins_with_a_branch_is_judged_by_what_recurs() {
    let landscape = |eigenvalues: [f64; 2]| Landscape {
        loss: Arc::new(Quadratic::new(&eigenvalues, &[0.8, 0.6], 0.0).unwrap()),
        ..valley(0.0)
    };
    let settings = [("lr", 0.05), ("momentum", 0.9)];
    for t in 0..4 {
        let (regimes, share, _) = outlook("torch/sgd", &settings, &landscape([1.0, 50.0]), t);
        close(share, 50.0 * 0.05 / 3.8, 1e-8);
        let rings = |it: &Regime| matches!(it, Regime::Ringing { .. });
        assert!(regimes.iter().all(rings), "t = {t}: {regimes:?}");
        let nesterov = [settings[0], settings[1], ("nesterov", 1.0)];
        let (_, share, _) = outlook("torch/sgd", &nesterov, &landscape([1.0, 25.0]), t);
        close(share, 25.0 * 0.05 * 2.8 / 3.8, 1e-8);
    }
}

#[test]
fn a_step_that_does_not_hang_on_the_gradients_size_has_no_edge_that_a_derivative_could_tell() {
    for name in ["sign", "optax/lion"] {
        let valley = valley(0.0);
        let mut look = Look::new(name, &[], &valley, 5);
        assert_eq!(look.edge(), Err(Unknown::SizeBlind), "{name}");
    }
}

#[test]
fn nothing_settles_where_noise_is_not_seen_or_a_scale_never_falls() {
    for (name, why) in [
        ("optax/lion", Unknown::SizeBlind),
        ("sign", Unknown::SizeBlind),
        ("adagrad", Unknown::ScaleGrows),
        ("torch/adagrad", Unknown::ScaleGrows),
    ] {
        let valley = valley(0.0);
        let mut look = Look::new(name, &[], &valley, 50);
        assert_eq!(look.try_variance(), Err(why), "{name}");
    }
    let valley = valley(0.0);
    let mut diverging = Look::new("gd", &[("eta", 0.021)], &valley, 5);
    assert_eq!(diverging.try_variance(), Err(Unknown::NotSettling));
}

/// The minimum that a run of `text` from `start` has, and what is said of it.
fn minimum(text: &str, start: &[f64]) -> Reference {
    let loss = Formula::new(&Source::new("<loss>", text), start.len()).unwrap();
    Reference::near(&loss, start)
}

#[test]
fn degenerate_minima_have_no_condition_number_and_no_step_size() {
    let powell = "(w[1]+10*w[2])^2+5*(w[3]-w[4])^2+(w[2]-2*w[3])^4+10*(w[1]-w[4])^4";
    for (text, start) in [
        ("x^4", &[1.0][..]),
        ("x^4+y^4", &[1.0, 1.0]),
        ("x^4+y^4", &[1e-3, 0.0]),
        ("(x-1)^6+y^2", &[0.3, 2.0]),
        (powell, &[0.0; 4]),
        (powell, &[3.0, -1.0, 0.0, 1.0]),
        (powell, &[1.0; 4]),
    ] {
        let found = minimum(text, start);
        assert_eq!(found.kernel, Kernel::Rising, "{text}");
        for known in [
            theory::kappa(&found),
            theory::eta_max(&found),
            theory::eta_opt(&found),
        ] {
            assert_eq!(known, Err(Unknown::Degenerate), "{text}");
        }
        assert_eq!(found.spectrum.unwrap().smallest(), 0.0, "{text}");
    }
}

#[test]
fn a_level_floor_leaves_the_numbers_of_the_other_directions() {
    for (text, start, eta_opt) in [
        ("(x-y)^2", &[3.0, 1.0][..], 0.25),
        ("x^2 + 4*y^2 + 0*z", &[1.0, 1.0, 1.0], 2.0 / 10.0),
        ("(x+y+z)^2", &[1.0, 2.0, 3.0], 2.0 / 12.0),
    ] {
        let found = minimum(text, start);
        assert_eq!(found.kernel, Kernel::Level, "{text}");
        close(theory::eta_opt(&found).unwrap(), eta_opt, 1e-12);
        assert!(theory::kappa(&found).unwrap() >= 1.0, "{text}");
    }
    // The minimum is the nearest: nothing of the error lies along the floor.
    let found = minimum("(x-y)^2", &[3.0, 1.0]);
    close(found.minimum[0], 2.0, 1e-14);
    close(found.minimum[1], 2.0, 1e-14);
    // One that bends: the curve x y = 1.
    let deep = minimum("0.5*(x*y-1)^2", &[3.0, 0.3]);
    assert_eq!(deep.kernel, Kernel::Level);
}

#[test]
fn a_saddle_and_a_cap_have_no_step_size_and_no_condition_number() {
    for text in ["x^2-y^2", "x^2-1e-3*y^2"] {
        let found = minimum(text, &[1.0, 1.0]);
        assert_eq!(theory::eta_max(&found), Err(Unknown::Saddle), "{text}");
        assert_eq!(theory::kappa(&found), Err(Unknown::Saddle), "{text}");
    }
    for text in ["-x^2-2*y^2", "-x^2-y^2"] {
        let found = minimum(text, &[1.0, 1.0]);
        assert_eq!(theory::kappa(&found), Err(Unknown::Saddle), "{text}");
    }
}

#[test]
fn small_curvatures_of_a_regular_minimum_are_no_rounding() {
    for (text, start, least) in [
        ("1e-9*x^2 + y^2", &[1.0, 1.0][..], 2e-9),
        ("1e-15*x^2", &[1.0], 2e-15),
        ("cosh(x) + 1e6*cosh(y)", &[3.0, 2.0], 1.0),
        ("x^2 + 1e6*x^4", &[1.0], 2.0),
    ] {
        let found = minimum(text, start);
        close(found.spectrum.as_ref().unwrap().smallest(), least, 1e-6);
        assert!(theory::eta_opt(&found).is_ok(), "{text}");
    }
}
