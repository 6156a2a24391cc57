//! Every rule and every loss of the registries, without exception: a new one is tested by being there.

use eigenstep::{
    debugger::{Lane, Position},
    loss::{self, Landscape, Loss, LossFile, Noise, Quadratic, landscape, random_rotation},
    rule::{self, Rule, VariableKind},
};
use proptest::prelude::*;
use reading::Reading;
use std::sync::Arc;
use twofloat::TwoFloat;

#[path = "registry/reading.rs"]
mod reading;

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
    // On a vector it divides by the sum itself, not by its root: the first step across the gradient is a leap, and the
    // sum that has seen it lets none back. The other stands beside optimisers, for tensors that are frozen.
    let others = ["torch/shampoo", "optax/set_to_zero"];
    for (name, rule) in rules().into_iter().filter(|it| !others.contains(&it.0)) {
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

/// Every loss that is a formula, with what reads it here.
fn formulas() -> Vec<(LossFile, Landscape, Reading)> {
    let files = loss::names()
        .into_iter()
        .map(|name| loss::load(name).unwrap());
    // Fits to data have tests of their own.
    let files = files.filter(|file| !file.start.is_empty());
    let all: Vec<_> = files
        .map(|file| {
            let landscape = file.landscape(None).unwrap();
            let reading = Reading::new(&landscape.loss.formula().unwrap());
            (file, landscape, reading)
        })
        .collect();
    assert!(all.len() >= 25);
    all
}

fn close(ours: f64, theirs: f64, scale: f64, tolerance: f64) -> bool {
    (ours - theirs).abs() <= tolerance * scale.abs().max(theirs.abs()).max(1.0)
}

proptest! {
    #[test]
    fn losses_and_their_derivatives_agree_with_dual_numbers(at in proptest::collection::vec(-4.0..4.0_f64, 5)) {
        for (file, landscape, reading) in formulas() {
            let name = &file.name;
            let w = &at[..landscape.loss.dimension()];
            let (value, slope, curvature) = reading.derivatives(w);
            let mut evaluator = landscape.loss.evaluator();
            let mut gradient = vec![0.0; w.len()];
            let ours = evaluator.value_and_gradient(w, &mut gradient);
            prop_assert!(close(ours, value, value, 1e-12), "{name}: {ours} {value}");
            prop_assert_eq!(ours.to_bits(), evaluator.value(w).to_bits());
            let hessian = evaluator.hessian(w);
            let most = |values: &[f64]| values.iter().fold(0.0_f64, |most, it| most.max(it.abs()));
            let (steep, curved) = (most(&slope), most(&curvature.concat()));
            for i in 0..w.len() {
                prop_assert!(close(gradient[i], slope[i], steep, 1e-10), "{name} gradient");
                for j in 0..w.len() {
                    let (h, exact) = (hessian[(i, j)], curvature[i][j]);
                    prop_assert!(close(h, exact, curved, 1e-10), "{name} Hessian: {h} {exact}");
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
        let text = quadratic.formula().unwrap();
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

    #[test]
    fn what_is_called_a_formula_is_read_again(
        lambdas in proptest::collection::vec(0.1..100.0_f64, 1..24),
        along_axes in proptest::bool::ANY,
        shift in prop_oneof![Just(0.0), -1.0..1.0_f64],
    ) {
        let (n, minimum) = (lambdas.len(), vec![shift; lambdas.len()]);
        let quadratic = if along_axes {
            Quadratic::new(&lambdas, &minimum, 0.0)
        } else {
            Quadratic::along(&lambdas, &random_rotation(n, 3), &minimum)
        }
        .unwrap();
        if let Some(text) = quadratic.formula() {
            let w: Vec<f64> = (0..n).map(|k| 0.3 - 0.1 * f64::from(u32::try_from(k).unwrap())).collect();
            let read = landscape(&text, Some(&w)).unwrap_or_else(|error| panic!("{error}"));
            let (exact, again) = (quadratic.evaluator().value(&w), read.loss.evaluator().value(&w));
            prop_assert!(close(again, exact, exact, 1e-12), "{text}: {again} {exact}");
        } else {
            // A description is for people: it is shown where a formula would be too long.
            let most = if along_axes { 16 } else { 5 };
            prop_assert!(n > most && quadratic.description().is_some());
        }
    }
}

/// The gradient by differences of values in twice the precision: right to 1e-18 of the loss.
fn precise_gradient(reading: &Reading, at: &[f64]) -> Vec<f64> {
    const STEP: f64 = 1e-10;
    let value = |coordinate: usize, step: f64| {
        let mut w: Vec<TwoFloat> = at.iter().map(|w| TwoFloat::from(*w)).collect();
        w[coordinate] += step;
        reading.value(&w)
    };
    let slope = |k| (value(k, STEP) - value(k, -STEP)) / TwoFloat::from(2.0 * STEP);
    (0..at.len()).map(|k| slope(k).hi()).collect()
}

/// Steps along and across the axes.
fn around(n: usize) -> Vec<Vec<f64>> {
    let unit = |k: usize, size: f64| (0..n).map(|at| if at == k { size } else { 0.0 }).collect();
    let axes = (0..n).flat_map(|k| [unit(k, 1.0), unit(k, -1.0)]);
    axes.chain([vec![1.0; n], vec![-1.0; n]]).collect()
}

#[test]
fn minima_are_minima_to_the_last_digit() {
    for (file, landscape, reading) in formulas() {
        let name = &file.name;
        for minimum in landscape.loss.minima() {
            let least = landscape.loss.evaluator().value(&minimum);
            let value = |w: &[f64]| {
                let w: Vec<TwoFloat> = w.iter().map(|w| TwoFloat::from(*w)).collect();
                reading.value(&w)
            };
            let there = value(&minimum);
            assert!(
                (there - least).hi().abs() <= 1e-12,
                "{name} at {minimum:?}: {least}"
            );
            for distance in [1e-1, 1e-2, 1e-4] {
                for step in around(minimum.len()) {
                    let beside: Vec<f64> = minimum
                        .iter()
                        .zip(&step)
                        .map(|(w, d)| w + distance * d)
                        .collect();
                    assert!(value(&beside) > there, "{name} is smaller at {beside:?}");
                }
            }
            let hessian = landscape.loss.evaluator().hessian(&minimum);
            if hessian.iter().any(|it| !it.is_finite()) {
                // A tip has no gradient.
                continue;
            }
            let farthest = minimum.iter().fold(1.0_f64, |most, w| most.max(w.abs()));
            let rounding = 2.0 * f64::EPSILON * farthest * hessian.amax();
            for g in precise_gradient(&reading, &minimum) {
                assert!(
                    g.abs() <= rounding,
                    "{name} at {minimum:?}: {g:e} above {rounding:e}"
                );
            }
        }
    }
}

#[test]
fn no_place_of_a_window_lies_below_the_minima() {
    for (file, landscape, _) in formulas() {
        let Some(window) = landscape.window else {
            continue;
        };
        let mut evaluator = landscape.loss.evaluator();
        let minima = landscape.loss.minima();
        let least = minima
            .iter()
            .map(|it| evaluator.value(it))
            .fold(f64::INFINITY, f64::min);
        if minima.is_empty() {
            continue;
        }
        for row in 0..=100 {
            for column in 0..=100 {
                let between =
                    |(low, high): (f64, f64), at: u32| low + (high - low) * f64::from(at) / 100.0;
                let w = [between(window.x, column), between(window.y, row)];
                let value = evaluator.value(&w);
                assert!(
                    value >= least - 1e-12,
                    "{} is {value} at {w:?}, below {least}",
                    file.name
                );
            }
        }
    }
}

#[test]
fn losses_are_documented_and_their_starts_lie_in_their_windows() {
    for name in loss::names() {
        let file = loss::load(name).unwrap();
        assert_eq!(file.name, name);
        assert!(
            file.title.len() > 15 && !file.title.ends_with('.'),
            "{name}"
        );
        assert!(
            file.shows.len() > 20 && !file.shows.ends_with('.'),
            "{name}"
        );
        let landscape = file.landscape(None).unwrap();
        let start = &landscape.start;
        assert_eq!(start.len(), landscape.loss.dimension(), "{name}");
        assert!(
            landscape.loss.evaluator().value(start).is_finite(),
            "{name}"
        );
        assert!(start.iter().all(|w| w.abs() < file.bound), "{name}");
        let Some(window) = file.window else { continue };
        let inside = |w: &[f64]| {
            let within = |(low, high): (f64, f64), at: f64| low <= at && at <= high;
            within(window.x, w[0]) && within(window.y, w[1])
        };
        assert!(inside(start), "{name} starts outside of its window");
        for minimum in landscape.loss.minima() {
            assert!(
                inside(&minimum),
                "{name}: {minimum:?} lies outside of its window"
            );
        }
    }
}

#[test]
fn a_loss_of_any_dimension_has_its_minimum_in_each() {
    let mut seen = 0;
    for (file, ..) in formulas() {
        let Ok(landscape) = file.landscape(Some(&[0.3; 5])) else {
            continue;
        };
        seen += 1;
        let reading = Reading::new(&landscape.loss.formula().unwrap());
        for minimum in landscape.loss.minima() {
            assert_eq!(minimum.len(), 5);
            let mut beside = minimum.clone();
            beside[3] += 1e-3;
            let mut evaluator = landscape.loss.evaluator();
            assert!(
                evaluator.value(&minimum) < evaluator.value(&beside),
                "{}",
                file.name
            );
            let hessian = evaluator.hessian(&minimum);
            if hessian.iter().all(|it| it.is_finite()) {
                let slope = precise_gradient(&reading, &minimum);
                let flat = slope.iter().all(|g| g.abs() <= 1e-15 * hessian.amax());
                assert!(flat, "{}: {slope:?}", file.name);
            }
        }
    }
    assert!(seen >= 7, "{seen}");
}
