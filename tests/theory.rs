//! Closed forms of the theory, against runs of the rules.

use eigenstep::{
    analysis::{Spectrum, theory},
    debugger::Lane,
    error::Source,
    lang::eval::NoAnswers,
    rule::{self, Rule},
    scenario::{Scenario, Setup},
};
use proptest::prelude::*;
use std::sync::Arc;

fn open(flags: &[(&str, &str)]) -> Setup {
    let scenario = Scenario::from_flags(flags);
    let setup = scenario.and_then(|it| it.open());
    setup.unwrap_or_else(|error| panic!("{error}"))
}

/// A lane on 0.5*lambda*w^2, or a sum of those, from w = 1.
fn on_axes(rule: &str, lambdas: &[f64], settings: &[(&str, f64)]) -> Lane {
    let list = |values: Vec<f64>| {
        let words: Vec<String> = values.iter().map(f64::to_string).collect();
        words.join(",")
    };
    let n = lambdas.len();
    let (eigenvalues, minimum, start) = (
        list(lambdas.to_vec()),
        list(vec![0.0; n]),
        list(vec![1.0; n]),
    );
    let settings: Vec<String> = settings
        .iter()
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    let mut flags = vec![
        ("rule", rule),
        ("eigenvalues", &eigenvalues),
        ("minimum", &minimum),
        ("start", &start),
    ];
    flags.extend(settings.iter().map(|setting| ("set", setting.as_str())));
    open(&flags).lanes.remove(0).1
}

/// `w[1]` at t = 0..=count.
fn trajectory(lane: &mut Lane, count: usize) -> Vec<f64> {
    let mut trajectory = vec![lane.machine().w()[0]];
    for _ in 0..count {
        lane.iterate();
        trajectory.push(lane.machine().w()[0]);
    }
    trajectory
}

/// a(t+1) = p a(t) - q a(t-1), from a(0) and a(1).
fn recurrence(p: f64, q: f64, first: [f64; 2], count: usize) -> Vec<f64> {
    let mut a = first.to_vec();
    for t in 1..count {
        a.push(p * a[t] - q * a[t - 1]);
    }
    a
}

fn assert_follows(ours: &[f64], theirs: &[f64], tolerance: f64) -> Result<(), TestCaseError> {
    let mut scale = 0.0_f64;
    for (t, (a, b)) in ours.iter().zip(theirs).enumerate() {
        scale = scale.max(b.abs());
        prop_assert!(
            (a - b).abs() <= tolerance * scale,
            "t = {t}: {a} against {b}"
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn gradient_descent_multiplies_each_error_by_its_ratio(
        l in 0.1..100.0_f64,
        share in 0.05..1.95_f64,
    ) {
        let eta = share / l;
        let mut lane = on_axes("gd", &[l], &[("eta", eta)]);
        let r = theory::ratio(eta, l);
        for (t, w) in trajectory(&mut lane, 40).into_iter().enumerate() {
            let exact = r.powi(i32::try_from(t).unwrap());
            // r itself is rounded, which near 1 - eta*lambda = 0 is all there is of it.
            prop_assert!((w - exact).abs() <= 1e-12 * exact.abs() + 1e-14, "t = {t}: {w}, {exact}");
        }
    }

    #[test]
    fn heavy_ball_follows_its_recurrence(
        l in 0.1..100.0_f64,
        share in 0.05..0.95_f64,
        beta in 0.0..0.99_f64,
    ) {
        let eta = share * (2.0 + 2.0 * beta) / l;
        let mut lane = on_axes("momentum", &[l], &[("eta", eta), ("beta", beta)]);
        let exact = recurrence(1.0 + beta - eta * l, beta, [1.0, 1.0 - eta * l], 60);
        assert_follows(&trajectory(&mut lane, 60), &exact, 1e-11)?;
    }

    #[test]
    fn nesterov_follows_its_recurrence(
        l in 0.1..100.0_f64,
        share in 0.05..0.95_f64,
        beta in 0.0..0.99_f64,
    ) {
        let eta = share * (2.0 + 2.0 * beta) / (1.0 + 2.0 * beta) / l;
        let mut lane = on_axes("nesterov", &[l], &[("eta", eta), ("beta", beta)]);
        let r = 1.0 - eta * l;
        let exact = recurrence((1.0 + beta) * r, beta * r, [1.0, r], 60);
        assert_follows(&trajectory(&mut lane, 60), &exact, 1e-11)?;
    }

    #[test]
    fn stability_ends_where_the_theory_says(
        l in 0.1..100.0_f64,
        beta in 0.0..0.95_f64,
        inside in any::<bool>(),
    ) {
        let limits = [
            ("gd", 2.0),
            ("momentum", 2.0 + 2.0 * beta),
            ("nesterov", (2.0 + 2.0 * beta) / (1.0 + 2.0 * beta)),
        ];
        for (rule, limit) in limits {
            let eta = limit * if inside { 0.99 } else { 1.01 } / l;
            let settings = [("eta", eta), ("beta", beta)];
            let settings = if rule == "gd" { &settings[..1] } else { &settings };
            let mut lane = on_axes(rule, &[l], settings);
            for _ in 0..4000 {
                lane.iterate();
            }
            let size = lane.machine().w()[0].abs();
            prop_assert!(if inside { size < 1e-3 } else { size.is_nan() || size > 1e3 }, "{rule}: {size:e}");
        }
    }

    #[test]
    fn adagrad_never_steps_further_than_eta(
        gradients in gradients(),
        eta in 1e-4..10.0_f64,
    ) {
        let mut fed = Fed::new(&rule::load("adagrad").unwrap(), &[("eta", eta)], gradients[0].len());
        for g in &gradients {
            for step in fed.step(g) {
                prop_assert!(step.abs() <= eta * (1.0 + 1e-12), "{step:e} beyond {eta:e}");
            }
        }
    }

    #[test]
    fn rmsprop_never_steps_further_than_its_first_step_could(
        gradients in gradients(),
        beta in 0.0..0.999_f64,
    ) {
        let rule = rule::load("rmsprop").unwrap();
        let mut fed = Fed::new(&rule, &[("eta", 1.0), ("beta", beta)], gradients[0].len());
        let bound = 1.0 / (1.0 - beta).sqrt();
        for g in &gradients {
            for step in fed.step(g) {
                prop_assert!(step.abs() <= bound * (1.0 + 1e-12), "{step:e} beyond {bound:e}");
            }
        }
    }

    #[test]
    fn adam_never_steps_further_than_eta_times_its_bound(
        gradients in gradients(),
        b1 in 0.0..0.99_f64,
        b2 in 0.5..0.9999_f64,
    ) {
        // The bound is for b1^2 < b2; beyond that the sum in it grows without limit, but it holds too.
        let rule = rule::load("adam").unwrap();
        let mut fed = Fed::new(&rule, &[("eta", 1.0), ("beta1", b1), ("beta2", b2)], gradients[0].len());
        for (t, g) in (1..).zip(&gradients) {
            let bound = adam_bound(b1, b2, t);
            for step in fed.step(g) {
                prop_assert!(step.abs() <= bound * (1.0 + 1e-10), "t = {t}: {step:e} beyond {bound:e}");
            }
        }
    }

    #[test]
    fn adam_with_equal_decays_never_steps_further_than_eta(
        gradients in gradients(),
        b in 0.0..0.999_f64,
    ) {
        let rule = rule::load("adam").unwrap();
        let mut fed = Fed::new(&rule, &[("eta", 1.0), ("beta1", b), ("beta2", b)], gradients[0].len());
        for g in &gradients {
            for step in fed.step(g) {
                prop_assert!(step.abs() <= 1.0 + 1e-10, "{step:e}");
            }
        }
    }

    #[test]
    fn the_bounds_hold_on_quadratics_too(
        lambdas in proptest::collection::vec(0.1..100.0_f64, 1..4),
        share in 0.01..2.0_f64,
    ) {
        let eta = share / lambdas.iter().copied().fold(0.0, f64::max);
        for rule in ["adagrad", "adam"] {
            let mut lane = on_axes(rule, &lambdas, &[("eta", eta)]);
            for t in 1..200 {
                let before = lane.machine().w().to_vec();
                lane.iterate();
                let bound = if rule == "adam" { adam_bound(0.9, 0.999, t) } else { 1.0 };
                for (a, b) in before.iter().zip(lane.machine().w()) {
                    // The difference of two w is rounded to the last bit of w.
                    let slack = 1e-15 * (a.abs() + b.abs());
                    prop_assert!((a - b).abs() <= eta * bound * (1.0 + 1e-12) + slack, "{rule} at {t}");
                }
            }
        }
    }
}

/// Gradients of a few coordinates over some iterations, of very different sizes.
fn gradients() -> impl Strategy<Value = Vec<Vec<f64>>> {
    let size = prop_oneof![Just(1e-3), Just(1.0), Just(1e4)];
    let one = (-1.0..1.0_f64, size).prop_map(|(g, size)| g * size);
    (1..4_usize).prop_flat_map(move |n| {
        proptest::collection::vec(proptest::collection::vec(one.clone(), n), 1..120)
    })
}

/// The supremum of |step|/eta of Adam at iteration `t`, for delta = 0 (Cauchy-Schwarz on the two sums):
///
/// `(1-b1)/(1-b1^t) * sqrt((1-b2^t)/(1-b2)) * sqrt(sum_{k<t} (b1^2/b2)^k)`
fn adam_bound(b1: f64, b2: f64, t: i32) -> f64 {
    let series: f64 = (0..t).map(|k| (b1 * b1 / b2).powi(k)).sum();
    (1.0 - b1) / (1.0 - b1.powi(t)) * ((1.0 - b2.powi(t)) / (1.0 - b2)).sqrt() * series.sqrt()
}

/// A rule that is fed gradients, with no loss behind them.
struct Fed {
    compiled: rule::Compiled,
    arena: Vec<f64>,
    t: f64,
}

impl Fed {
    fn new(rule: &Arc<Rule>, settings: &[(&str, f64)], n: usize) -> Self {
        let compiled = rule.compile(n).unwrap();
        let given = |name: &str| settings.iter().find(|it| it.0 == name).map(|it| it.1);
        let values: Vec<f64> = compiled
            .settings
            .iter()
            .map(|setting| given(&setting.name).unwrap_or(setting.default))
            .collect();
        let arena = compiled.arena(&values, &vec![0.0; n]);
        Self {
            compiled,
            arena,
            t: 0.0,
        }
    }

    /// Feeds the gradient of the next iteration, from w = 0; the step is the new w.
    fn step(&mut self, g: &[f64]) -> Vec<f64> {
        let w = self.compiled.variables[0].range.clone();
        self.t += 1.0;
        self.arena[w.clone()].fill(0.0);
        self.arena[self.compiled.t] = self.t;
        self.arena[self.compiled.gradient.clone()].copy_from_slice(g);
        self.compiled
            .program
            .run_all(&mut self.arena, &mut NoAnswers);
        self.arena[w].to_vec()
    }
}

#[test]
fn adams_bound_is_reached_by_growing_gradients() {
    let rule = rule::load("adam").unwrap();
    let mut fed = Fed::new(&rule, &[("eta", 1.0), ("delta", 0.0)], 1);
    let table = [
        (1, 1.0),
        (10, 1.043),
        (30, 1.304),
        (100, 2.243),
        (1000, 5.781),
    ];
    let mut known = table.iter();
    let mut next = known.next();
    for t in 1..=1000 {
        // Gradients that grow by b2/b1 are the worst case; from 1e-40 on they stay in range.
        let g = 1e-40 * (0.999_f64 / 0.9).powi(t);
        let step = fed.step(&[g])[0].abs();
        if let Some((_, value)) = next.filter(|row| row.0 == t) {
            let bound = adam_bound(0.9, 0.999, t);
            assert!((bound - value).abs() < 6e-4, "B_{t} = {bound}");
            assert!(
                (step / bound - 1.0).abs() < 1e-9,
                "t = {t}: {step} of {bound}"
            );
            next = known.next();
        }
    }
    assert!(next.is_none());
}

/// |dw_1|/eta for a gradient of `g`, after editing the rule's text.
fn first_step(name: &str, edits: &[(&str, &str)], settings: &[(&str, f64)], g: f64) -> f64 {
    let mut text = rule::embedded(name).unwrap().text.clone();
    for (from, to) in edits {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let rule = Arc::new(Rule::parse(&Source::new("edited.rule", text)).unwrap());
    let settings = [settings, &[("eta", 1.0)]].concat();
    Fed::new(&rule, &settings, 1).step(&[g])[0].abs()
}

#[test]
fn first_steps_have_the_sizes_of_the_theory() {
    let tiny: &[(&str, f64)] = &[("delta", 1e-30)];
    let no_m = ("m/(1 - beta1^t)", "m");
    let no_s = ("s/(1 - beta2^t)", "s");
    let late = [("beta1^t", "beta1^(t + 1)"), ("beta2^t", "beta2^(t + 1)")];
    let outside = ("sqrt(s_hat + delta)", "(sqrt(s_hat) + delta)");
    let table: &[(f64, f64)] = &[
        (first_step("adam", &[], tiny, 60.0), 1.0),
        (first_step("adam", &[no_m, no_s], tiny, 60.0), 3.1623),
        (first_step("adam", &[no_s], tiny, 60.0), 31.62),
        (first_step("adam", &[no_m], tiny, 60.0), 0.1),
        (first_step("adam", &late, tiny, 60.0), 0.7441),
        (
            first_step("rmsprop", &[], &[("beta", 0.99), ("delta", 1e-30)], 60.0),
            10.0,
        ),
        (first_step("adagrad", &[], tiny, 60.0), 1.0),
        // Delta inside or outside of the root: invisible at g ~ 1, not at g = 1e-4.
        (first_step("adam", &[], &[], 1.0), 1.0),
        (first_step("adam", &[outside], &[], 1.0), 1.0),
        (first_step("adam", &[], &[], 1e-4), 0.5_f64.sqrt()),
        (first_step("adam", &[outside], &[], 1e-4), 0.9999),
    ];
    for (at, (ours, theirs)) in table.iter().enumerate() {
        assert!(
            (ours / theirs - 1.0).abs() < 5e-4,
            "row {at}: {ours} against {theirs}"
        );
    }
}

#[test]
fn the_theory_predicts_the_essays_counts() {
    let mut setup = open(&[("rule", "gd"), ("set", "eta=eta_opt")]);
    let spectrum = setup.minima.home().eigenbasis().unwrap().clone();
    let rate = theory::rate(theory::eta_opt(setup.minima.home()).unwrap(), &spectrum);
    assert!((rate - 99.0 / 101.0).abs() < 1e-15);
    let lane = &mut setup.lanes[0].1;
    // Errors shrink by the rate, and losses by its square.
    let predicted = ((1e-6 / lane.machine().loss()).ln() / (2.0 * rate.ln())).ceil();
    assert_eq!(predicted, 419.0);
    while lane.machine().loss() > 1e-6 {
        lane.iterate();
    }
    assert_eq!(lane.position().t, 419);
}

#[test]
fn alpha_of_gradient_descent_follows_its_ratio_in_a_turned_valley() {
    let mut setup = open(&[("rule", "gd"), ("rotate", "37"), ("set", "eta=0.7*eta_opt")]);
    let eta = 0.7 * theory::eta_opt(setup.minima.home()).unwrap();
    let reference = setup.minima.home().clone();
    let spectrum: &Spectrum = reference.eigenbasis().unwrap();
    let lane = &mut setup.lanes[0].1;
    let mut alpha = [0.0; 2];
    spectrum.components(lane.machine().w(), &reference.minimum, &mut alpha);
    let first = alpha;
    for t in 0..60 {
        spectrum.components(lane.machine().w(), &reference.minimum, &mut alpha);
        for at in 0..2 {
            let exact = theory::ratio(eta, spectrum.eigenvalues[at]).powi(t) * first[at];
            assert!(
                (alpha[at] - exact).abs() < 1e-13,
                "t = {t}, alpha[{}]",
                at + 1
            );
        }
        lane.iterate();
    }
}

#[test]
fn heavy_ball_at_its_optimum_grows_before_it_falls() {
    let (eta, beta) = ((2.0_f64 / 11.0).powi(2), (9.0_f64 / 11.0).powi(2));
    assert!((eta - 0.033_057_9).abs() < 1e-7 && (beta - 0.669_421_5).abs() < 1e-7);
    let mut lane = on_axes("momentum", &[100.0], &[("eta", eta), ("beta", beta)]);
    let sizes: Vec<f64> = trajectory(&mut lane, 100).iter().map(|a| a.abs()).collect();
    let peak = (0..=100)
        .max_by(|a, b| sizes[*a].total_cmp(&sizes[*b]))
        .unwrap();
    assert_eq!(peak, 4);
    assert!((sizes[4] - 3.7).abs() < 0.05, "{}", sizes[4]);
    let rate = (sizes[100] / sizes[99]).abs();
    assert!((rate - 9.0 / 11.0).abs() < 0.02, "{rate}");
}

#[test]
fn noise_leaves_the_variance_of_the_theory() {
    // GD: eta*v/(l(2 - eta*l)).
    let (eta, l, v) = (0.1, 2.0, 0.25_f64);
    let mut setup = open(&[
        ("rule", "gd"),
        ("set", "eta=0.1"),
        ("eigenvalues", "2,2"),
        ("minimum", "0,0"),
        ("noise", "0.5"),
    ]);
    let lane = &mut setup.lanes[0].1;
    let (mut total, mut count) = (0.0, 0.0);
    for t in 0..100_000 {
        lane.iterate();
        if t >= 1000 {
            total += lane.machine().w().iter().map(|w| w * w).sum::<f64>();
            count += 2.0;
        }
    }
    let exact = eta * v / (l * (2.0 - eta * l));
    assert!(
        (total / count / exact - 1.0).abs() < 0.02,
        "{} against {exact}",
        total / count
    );
}

#[test]
fn adagrad_under_a_constant_gradient_goes_as_the_root_of_t() {
    let mut fed = Fed::new(&rule::load("adagrad").unwrap(), &[("eta", 1.0)], 1);
    let total: f64 = (0..10_000).map(|_| fed.step(&[3.0])[0].abs()).sum();
    assert!(
        (total / (2.0 * 10_000_f64.sqrt()) - 1.0).abs() < 0.01,
        "{total}"
    );
}

#[test]
fn noiseless_rmsprop_and_sign_end_in_a_cycle() {
    let mut lane = on_axes("rmsprop", &[7.0], &[("eta", 0.01), ("delta", 0.0)]);
    let path = trajectory(&mut lane, 4000);
    assert!((path[4000].abs() - 0.005).abs() < 1e-6, "{}", path[4000]);
    assert!((path[4000] + path[3999]).abs() < 1e-9);
    let mut lane = on_axes("sign", &[7.0], &[("eta", 0.03)]);
    let path = trajectory(&mut lane, 100);
    assert!(path[90..].iter().all(|w| w.abs() <= 0.03));
    assert!((path[98] - path[100]).abs() < 1e-15);
}

#[test]
fn conjugate_gradients_end_a_quadratic_in_as_many_steps_as_it_has_parameters() {
    for (eigenvalues, start) in [("1,7,30,100", "0,0,0,0"), ("1,100", "0,0"), ("2", "3")] {
        let minimum = eigenvalues
            .replace(|c: char| c.is_ascii_digit(), "")
            .replace(',', "1,")
            + "1";
        let mut setup = open(&[
            ("rule", "conjugate_gradient"),
            ("eigenvalues", eigenvalues),
            ("minimum", &minimum),
            ("start", start),
        ]);
        let lane = &mut setup.lanes[0].1;
        for _ in 0..start.split(',').count() {
            assert!(lane.machine().loss() > 1e-3, "{eigenvalues}");
            lane.iterate();
        }
        assert!(
            lane.machine().loss() < 1e-22,
            "{eigenvalues}: {}",
            lane.machine().loss()
        );
    }
}

#[test]
fn chebyshevs_iteration_keeps_to_its_bound() {
    let mut setup = open(&[("rule", "chebyshev")]);
    let mut alpha = [0.0; 2];
    let spectrum = setup.minima.home().eigenbasis().unwrap().clone();
    let minimum = setup.minima.home().minimum.clone();
    let lane = &mut setup.lanes[0].1;
    for t in 0..60 {
        spectrum.components(lane.machine().w(), &minimum, &mut alpha);
        let rate = (9.0_f64 / 11.0).powi(t);
        let bound = 2.0 * rate / (1.0 + rate * rate);
        assert!(alpha[0].abs() <= 0.8 * bound * (1.0 + 1e-9), "t = {t}");
        assert!(alpha[1].abs() <= 0.6 * bound * (1.0 + 1e-9), "t = {t}");
        lane.iterate();
    }
}
