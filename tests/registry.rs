//! Every rule and every loss of the registries, without exception: a new one is tested by being there.

use eigenstep::{
    debugger::{Lane, Position},
    loss::{Landscape, Loss, NAMED, Noise, Quadratic, landscape},
    rule::{self, Rule, VariableKind},
};
use num_dual::DualNum;
use proptest::prelude::*;
use std::sync::Arc;

/// Every rule with its name.
fn rules() -> Vec<(&'static str, Arc<Rule>)> {
    let load = |name| rule::load(name).unwrap_or_else(|error| panic!("{error}"));
    let names = rule::names().into_iter();
    let all: Vec<_> = names.map(|name| (name, load(name))).collect();
    assert!(all.len() >= 7);
    all
}

/// A lane of `rule` at its own settings.
fn lane(rule: &Arc<Rule>, landscape: &Landscape, noise: Option<Noise>) -> Lane {
    let compiled = rule
        .compile(landscape.start.len())
        .unwrap_or_else(|error| panic!("{error}"));
    let settings = compiled.settings.iter().map(|it| it.default).collect();
    Lane::new(Arc::new(compiled), landscape, noise, settings)
}

/// A bowl of any number of parameters with curvatures from 1 to 4.
fn mild(n: usize) -> Landscape {
    let at = |k: usize, period: usize| f64::from(u32::try_from(k % period).unwrap());
    let eigenvalues: Vec<f64> = (0..n).map(|k| 1.0 + at(k, 7) / 2.0).collect();
    let minimum: Vec<f64> = (0..n).map(|k| 0.5 - at(k, 3) / 10.0).collect();
    Landscape {
        name: "mild".into(),
        loss: Arc::new(Quadratic::new(&eigenvalues, &minimum, 0.0).unwrap()),
        start: (0..n).map(|k| at(k, 5) / 10.0 - 0.2).collect(),
        window: None,
        bound: f64::INFINITY,
    }
}

/// Normal noise of deviation `sigma`.
fn noise(sigma: f64, seed: u64) -> Noise {
    Noise {
        sigma,
        seed,
        ..Noise::default()
    }
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn rules_are_documented_and_named_as_their_files_are() {
    for (name, rule) in rules() {
        let base = name.rsplit('/').next().unwrap();
        assert!(
            rule.name == name || rule.name == base,
            "{name} calls itself {}",
            rule.name
        );
        assert!(!rule.title.trim().is_empty(), "{name}");
        assert!(!rule.cites.is_empty(), "{name} cites nothing");
        for param in &rule.params {
            assert!(!param.doc.trim().is_empty(), "{name}: {}", param.name);
            assert!(
                param.domain.contains(param.default),
                "{name}: {}",
                param.name
            );
        }
        for state in &rule.states {
            assert!(!state.doc.trim().is_empty(), "{name}: {}", state.name);
        }
        for show in &rule.shows {
            assert!(!show.label.trim().is_empty(), "{name}");
        }
    }
}

/// Numbers of parameters below, at and above what one block of a vector and one matrix hold.
const SIZES: [usize; 6] = [1, 2, 3, 200, 300, 1000];

/// Whether a rule takes `n` parameters: all do but those with matrices, which end at 200.
fn takes(name: &str, rule: &Arc<Rule>, n: usize) -> bool {
    match rule.compile(n) {
        Ok(_) => true,
        Err(error) => {
            let says = error.to_string();
            assert!(
                n > 200 && says.contains("at most 200 rows"),
                "{name}: {says}"
            );
            false
        }
    }
}

#[test]
fn rules_compile_for_any_number_of_parameters() {
    let plain = rules()
        .iter()
        .filter(|(name, rule)| takes(name, rule, 1000))
        .count();
    assert!(plain >= 28, "only {plain} rules take a thousand parameters");
    for (name, rule) in rules() {
        for n in SIZES {
            if !takes(name, &rule, n) {
                continue;
            }
            let compiled = rule
                .compile(n)
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(compiled.variables[0].kind, VariableKind::Parameters);
            assert_eq!(compiled.variables[0].range.len(), n);
        }
    }
}

#[test]
fn a_step_is_deterministic() {
    for (name, rule) in rules() {
        for noise in [None, Some(noise(0.3, 5))] {
            let (mut a, mut b) = (lane(&rule, &mild(3), noise), lane(&rule, &mild(3), noise));
            for _ in 0..20 {
                a.iterate();
                b.iterate();
            }
            assert_eq!(
                bits(a.machine().variables()),
                bits(b.machine().variables()),
                "{name}"
            );
        }
    }
}

#[test]
fn lines_and_iterations_give_the_same_bits() {
    for (name, rule) in rules() {
        for n in SIZES {
            // A matrix of 200 rows takes its time; the smaller ones say as much.
            let has_matrices = !takes(name, &rule, 1000);
            if has_matrices && n > 3 {
                continue;
            }
            for noise in [None, Some(noise(0.3, 5))] {
                let (mut whole, mut lines) =
                    (lane(&rule, &mild(n), noise), lane(&rule, &mild(n), noise));
                for t in 1..=10 {
                    whole.iterate();
                    while !lines.line() {}
                    assert_eq!(lines.position(), Position::at(t));
                    assert_eq!(
                        bits(whole.machine().variables()),
                        bits(lines.machine().variables()),
                        "{name}, n = {n}, t = {t}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_replay_gives_the_same_bits() {
    for (name, rule) in rules() {
        let mut lane = lane(&rule, &mild(2), Some(noise(0.1, 1)));
        let mut seen = Vec::new();
        for _ in 0..=600 {
            seen.push(bits(lane.machine().variables()));
            lane.iterate();
        }
        for t in [0_u32, 599, 255, 256, 257, 3, 511, 512] {
            lane.seek(Position::at(t.into()), |_| true);
            assert_eq!(
                bits(lane.machine().variables()),
                seen[t as usize],
                "{name} at t = {t}"
            );
        }
    }
}

/// AdaGrad at Keras's step of 0.001 goes about 0.002*sqrt(t) far: it needs so many iterations.
const PATIENCE: u64 = 1_000_000;

#[test]
fn rules_get_down_a_mild_bowl_at_their_own_settings() {
    for (name, rule) in rules() {
        let mut lane = lane(&rule, &mild(2), None);
        let first = lane.machine().loss();
        let arrived = |lane: &Lane| lane.machine().loss() <= 1e-3 * first;
        while !arrived(&lane) && lane.position().t < PATIENCE {
            lane.iterate();
        }
        let last = lane.machine().loss();
        assert!(
            arrived(&lane),
            "{name} goes from {first:e} to {last:e} only"
        );
    }
}

/// The named losses again, written by hand for any number type.
fn by_hand<D: DualNum<Primitive = f64> + Copy>(name: &str, x: D, y: D) -> D {
    let c = D::from;
    match name {
        "valley" => ((x - 0.8).powi(2) + (y - 0.6).powi(2) * c(100.0)) * c(0.5),
        "rotated" => {
            let (sin, cos) = 30.0_f64.to_radians().sin_cos();
            let (dx, dy) = (x - 0.8, y - 0.6);
            let along = dx * c(cos) + dy * c(sin);
            let across = dy * c(cos) - dx * c(sin);
            (along * along + across * across * c(100.0)) * c(0.5)
        }
        "rosenbrock" => (-x + 1.0).powi(2) + (y - x * x).powi(2) * c(100.0),
        "beale" => {
            let term = |k: i32, a: f64| (x * y.powi(k) - x + a).powi(2);
            term(1, 1.5) + term(2, 2.25) + term(3, 2.625)
        }
        "himmelblau" => (x * x + y - 11.0).powi(2) + (x + y * y - 7.0).powi(2),
        "booth" => (x + y * c(2.0) - 7.0).powi(2) + (x * c(2.0) + y - 5.0).powi(2),
        "matyas" => (x * x + y * y) * c(0.26) - x * y * c(0.48),
        "saddle" => x * x * c(0.5) + y.powi(4) * c(0.25) - y * y * c(0.5),
        "deep" => (x * y - 1.0).powi(2) * c(0.5),
        other => panic!("the loss `{other}` has no formula written by hand here"),
    }
}

fn close(ours: f64, theirs: f64, scale: f64, tolerance: f64) -> bool {
    (ours - theirs).abs() <= tolerance * scale.abs().max(theirs.abs()).max(1.0)
}

proptest! {
    #[test]
    fn losses_and_their_derivatives_agree_with_dual_numbers(x in -4.0..4.0_f64, y in -4.0..4.0_f64) {
        for row in NAMED {
            let landscape = row.landscape().unwrap();
            // Fits to data have tests of their own.
            if row.start.is_empty() {
                continue;
            }
            prop_assert_eq!(landscape.loss.dimension(), 2);
            let (value, slope, curvature) = num_dual::hessian(
                |v: nalgebra::SVector<_, 2>| by_hand(row.name, v[0], v[1]),
                &nalgebra::SVector::<f64, 2>::new(x, y),
            );
            let mut evaluator = landscape.loss.evaluator();
            let mut gradient = [0.0; 2];
            let ours = evaluator.value_and_gradient(&[x, y], &mut gradient);
            prop_assert!(close(ours, value, value, 1e-12), "{}: {ours} {value}", row.name);
            prop_assert_eq!(ours.to_bits(), evaluator.value(&[x, y]).to_bits());
            let hessian = evaluator.hessian(&[x, y]);
            let (steep, curved) = (slope.amax(), curvature.amax());
            for at in 0..2 {
                prop_assert!(close(gradient[at], slope[at], steep, 1e-10), "{} gradient", row.name);
                for beside in 0..2 {
                    let (h, exact) = (hessian[(at, beside)], curvature[(at, beside)]);
                    prop_assert!(close(h, exact, curved, 1e-10), "{} Hessian: {h} {exact}", row.name);
                }
            }
        }
    }

    #[test]
    fn the_quadratic_agrees_with_its_formula(
        l1 in 0.1..100.0_f64,
        l2 in 0.1..100.0_f64,
        degrees in -180.0..180.0_f64,
        m in (-2.0..2.0_f64, -2.0..2.0_f64),
        w in (-2.0..2.0_f64, -2.0..2.0_f64),
    ) {
        let quadratic = Quadratic::new(&[l1, l2], &[m.0, m.1], degrees).unwrap();
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (dx, dy) = (w.0 - m.0, w.1 - m.1);
        let (along, across) = (cos * dx + sin * dy, cos * dy - sin * dx);
        let exact = 0.5 * (l1 * along * along + l2 * across * across);
        let slope = [
            l1 * along * cos - l2 * across * sin,
            l1 * along * sin + l2 * across * cos,
        ];
        let mut gradient = [0.0; 2];
        let value = quadratic.evaluator().value_and_gradient(&[w.0, w.1], &mut gradient);
        prop_assert!(close(value, exact, exact, 1e-12), "{value} {exact}");
        for at in 0..2 {
            let scale = slope[0].abs().max(slope[1].abs());
            prop_assert!(close(gradient[at], slope[at], scale, 1e-12), "{gradient:?} {slope:?}");
        }
        // The same through the language.
        let text = quadratic.formula();
        let formula = landscape(&text, Some(&[w.0, w.1])).unwrap_or_else(|error| panic!("{error}"));
        let again = formula.loss.evaluator().value_and_gradient(&[w.0, w.1], &mut gradient);
        prop_assert!(close(again, exact, exact, 1e-12), "{text}: {again} {exact}");
    }

    #[test]
    fn a_long_quadratic_agrees_with_its_formula(
        lambdas in proptest::collection::vec(0.1..100.0_f64, 1..40),
        shift in -1.0..1.0_f64,
    ) {
        let n = lambdas.len();
        let quadratic = Quadratic::new(&lambdas, &vec![shift; n], 0.0).unwrap();
        let w: Vec<f64> = (0..n).map(|k| (f64::from(u32::try_from(k).unwrap()) * 0.7).sin()).collect();
        let exact: f64 = lambdas.iter().zip(&w).map(|(l, w)| 0.5 * l * (w - shift).powi(2)).sum();
        let mut gradient = vec![0.0; n];
        let value = quadratic.evaluator().value_and_gradient(&w, &mut gradient);
        prop_assert!(close(value, exact, exact, 1e-12));
        for ((g, l), w) in gradient.iter().zip(&lambdas).zip(&w) {
            prop_assert!(close(*g, l * (w - shift), 100.0, 1e-12));
        }
        let hessian = quadratic.evaluator().hessian(&w);
        for (at, l) in lambdas.iter().enumerate() {
            prop_assert_eq!(hessian[(at, at)], *l);
        }
    }
}

#[test]
fn minima_are_minima_and_starts_lie_in_their_windows() {
    for row in NAMED {
        let landscape = row.landscape().unwrap();
        assert!(!row.shows.is_empty(), "{}", row.name);
        let inside = |w: &[f64]| {
            row.window
                .is_none_or(|[x0, x1, y0, y1]| x0 <= w[0] && w[0] <= x1 && y0 <= w[1] && w[1] <= y1)
        };
        assert!(inside(&landscape.start), "{}", row.name);
        assert!(
            landscape.start.iter().all(|w| w.abs() < row.bound),
            "{}",
            row.name
        );
        let mut evaluator = landscape.loss.evaluator();
        for minimum in landscape.loss.minima() {
            assert!(inside(&minimum), "{}", row.name);
            let mut gradient = [0.0; 2];
            evaluator.value_and_gradient(&minimum, &mut gradient);
            let hessian = evaluator.hessian(&minimum);
            let flat = gradient
                .iter()
                .all(|g| g.abs() <= 1e-9 * hessian.amax().max(1.0));
            assert!(flat, "{} at {minimum:?}: {gradient:?}", row.name);
            let lowest = hessian.symmetric_eigenvalues().min();
            assert!(
                lowest >= -1e-9 * hessian.amax(),
                "{} at {minimum:?}",
                row.name
            );
        }
    }
}
