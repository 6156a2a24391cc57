//! What is said of a run holds: no claim without its premises.

use super::bench::Bench;
use eigenstep::{
    Control,
    analysis::{
        Regime, Unknown,
        claim::{Claim, ClaimKind, Doubt, Premise, Verdict},
        theory,
    },
    debugger::{
        answer::{Answer, Method, Reached, StopReason},
        sweep::Outcome,
    },
    loss, rule,
};

#[test]
fn a_run_that_passes_the_loss_of_another_minimum_has_not_converged() {
    let mut bench = Bench::open(
        "--loss 20+x^2+y^2-10*(cos(2*pi*x)+cos(2*pi*y)) --start -3.714,-0.007 --rule gd --set eta=5e-4",
    );
    let (t, _, why) = bench.why("continue");
    assert!(matches!(why, StopReason::Tolerance { .. }), "{why:?}");
    assert!(t > 1, "{t}");
    let above = bench.number("loss") - 15.919_243_792_461_536;
    assert!((0.0..=1e-6).contains(&above), "{above}");
    assert!(bench.number("norm(grad)") < 0.1);
}

#[test]
fn a_prediction_that_was_made_is_kept() {
    let mut bench = Bench::open("--rule gd --set eta=0.001 --eigenvalues 1,100");
    bench.answer("continue");
    let (t, _) = bench.at();
    bench.answer("step 4000");
    let told = bench.says("info prediction");
    let both = format!("predicted at t = {t}, measured at t = {t}");
    assert!(told.contains(&both), "{told}");
}

#[test]
fn the_bound_is_a_stop_that_says_how_to_go_on() {
    let mut bench = Bench::open("--rule gd --set eta=1.01*eta_max");
    let told = bench.says("continue");
    assert!(told.contains("set bound=off"), "{told}");
    let again = bench.says("continue");
    assert!(again.contains("set bound=off"), "{again}");
    bench.answer("set bound=off");
    bench.answer("step 10");
    assert_eq!(bench.at().0, 111);
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self) -> u32 {
        let product = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = product.wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(self.0 >> 32).unwrap()
    }

    fn next(&mut self) -> f64 {
        f64::from(self.throw()) / f64::from(u32::MAX)
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.throw() as usize % of.len()]
    }
}

/// Losses besides those that are bundled.
const LOSSES: [&str; 15] = [
    "20+x^2+y^2-10*(cos(2*pi*x)+cos(2*pi*y))",
    "x^4+y^4",
    "(x-y)^2",
    "x^2+x*y+3*y^2",
    "0.5*(x*y-1)^2",
    "x^2-y^2+0.1*y^4",
    "ln(1+x^2)+y^2",
    "sin(x)*cos(y)+0.1*(x^2+y^2)",
    "cosh(x)+100*cosh(y-1)",
    "abs(x)+y^2",
    "where(x>0,x^2,5*x^2)+y^2",
    "norm(w)",
    "norm(w)^3+x^2",
    "abs(x)^0.5*abs(x)^1.5+y^2",
    "sqrt(x^4+y^4)",
];

/// A random run, as flags.
fn thrown(dice: &mut Dice) -> String {
    let rule = dice.pick(&rule::names()).to_owned();
    let rule = rule.as_str();
    let size = 10_f64.powf(dice.between(-3.0, 0.0));
    // The step size comes first, where a rule has one.
    let first = rule::load(rule).unwrap().params.first().cloned();
    let set = first.map_or(String::new(), |it| format!(" --set {}={size}", it.name));
    let mut flags = format!("--rule {rule}{set}");
    if dice.next() < 0.5 && ["momentum", "nesterov"].contains(&rule) {
        let beta = dice.between(0.0, 0.99);
        flags = format!("{flags} --set beta={beta}");
    }
    if dice.next() < 0.5 && rule.ends_with("/sgd") {
        let momentum = dice.between(0.0, 0.99);
        flags = format!("{flags} --set momentum={momentum}");
    }
    let start = format!("{},{}", dice.between(-3.0, 3.0), dice.between(-3.0, 3.0));
    if dice.next() < 0.5 {
        let (low, high) = (dice.between(-0.2, 3.0), 10_f64.powf(dice.between(0.0, 2.0)));
        let degrees = if dice.next() < 0.5 {
            0.0
        } else {
            dice.between(1.0, 89.0)
        };
        format!("{flags} --eigenvalues {low},{high} --rotate {degrees} --start {start}")
    } else {
        let bundled = loss::names();
        // Data and networks have a test of their own: they take longer.
        let bundled: Vec<&str> = (bundled.into_iter())
            .filter(|it| !["linear", "logistic", "mlp"].contains(it))
            .collect();
        match dice.throw() % 4 {
            0 => format!("{flags} --loss {}", dice.pick(&bundled)),
            1 => format!("{flags} --loss {} --start {start}", dice.pick(&bundled)),
            _ => format!("{flags} --loss {} --start {start}", dice.pick(&LOSSES)),
        }
    }
}

/// True for a doubt that a claim of this kind may be under: one found by two ways that disagree is a fault.
fn may_be_doubted(kind: ClaimKind, why: Doubt, asks_curvature: bool) -> bool {
    match (kind, why) {
        (ClaimKind::Converged, Doubt::Height { .. } | Doubt::Passing { .. } | Doubt::Striding)
        | (ClaimKind::Converged | ClaimKind::Settled, Doubt::Premise(Unknown::NoMinimum))
        | (
            ClaimKind::Settled,
            Doubt::UnstableRest { .. }
            | Doubt::Leaving { .. }
            | Doubt::Passing { .. }
            | Doubt::Striding,
        )
        | (
            ClaimKind::Diverged,
            Doubt::Still
            | Doubt::OutOfDomain { .. }
            | Doubt::Bound { .. }
            | Doubt::Premise(Unknown::NoMinimum),
        )
        | (
            ClaimKind::Stable,
            Doubt::Premise(
                Unknown::AlwaysStable | Unknown::SizeBlind | Unknown::Unfelt | Unknown::NotFinite,
            ),
        )
        | (ClaimKind::Exact, Doubt::Rounding { .. }) => true,
        (ClaimKind::Stable, Doubt::Third { .. }) => asks_curvature,
        (ClaimKind::Stable, Doubt::Neutral { modulus }) => modulus.0 < 1.0 + 1e-7,
        _ => false,
    }
}

/// Holds the claims about a run against each other, and against the run.
fn examine_claims(bench: &mut Bench, flags: &str) {
    let table = bench.session.claims(&mut Control::default()).unwrap();
    let told = table.to_string();
    let of = |kind: ClaimKind| {
        let mut claims = table.claims.iter().filter(move |it| it.kind == kind);
        claims.next()
    };
    let holds = |kind| of(kind).is_some_and(Claim::holds);
    let fails = |kind| of(kind).is_some_and(|it| it.verdict == Verdict::Fails);
    let lane = bench.session.lanes().focused();
    let asks_curvature = lane.lane().compiled().uses_curvature;
    for claim in &table.claims {
        if let Verdict::Unknown(why) = claim.verdict {
            let may_be = may_be_doubted(claim.kind, why, asks_curvature);
            assert!(may_be, "{flags}: {told}");
        }
    }
    let stable = of(ClaimKind::Stable).unwrap();
    let premise = |read: fn(&Premise) -> Option<f64>| stable.premises.iter().find_map(read);
    let edge = premise(|it| match it {
        Premise::Edge(edge) => Some(edge.0),
        _ => None,
    });
    let modulus = premise(|it| match it {
        Premise::Modulus(modulus) => Some(modulus.0),
        _ => None,
    });
    let near = edge.is_some_and(|edge| (edge - 1.0).abs() < 1e-6);
    if let (Some(modulus), false) = (modulus, near) {
        let grows = modulus > 1.0 + 1e-9;
        assert!(!stable.holds() || !grows, "{flags}: {told}");
        assert!(!fails(ClaimKind::Stable) || grows, "{flags}: {told}");
        // Below the edge it is negative curvature alone that lets errors grow.
        let above = edge.is_some_and(|edge| edge > 1.0);
        let fails = fails(ClaimKind::Stable);
        let is_linear = stable
            .premises
            .iter()
            .any(|it| matches!(it, Premise::Radius(_)));
        let beside = stable.beside_the_edge().is_some();
        let by_another = beside || is_linear;
        assert!(!fails || above || by_another, "{flags}: {told}");
        assert!(!beside || fails && !above, "{flags}: {told}");
    }
    if holds(ClaimKind::Converged) {
        let (norm, sharpness) = (bench.number("norm(grad)"), bench.number("sharpness"));
        let most = (64.0 * sharpness.abs() * 1e-6).sqrt();
        assert!(norm <= most, "{flags}: converged with a gradient of {norm}");
        assert!(
            !holds(ClaimKind::Diverged)
                || fails(ClaimKind::Settled)
                || of(ClaimKind::Stable).is_none_or(|it| !it.holds()),
            "{flags}: {told}"
        );
    }
    assert!(
        !holds(ClaimKind::Settled) || !fails(ClaimKind::Converged),
        "{flags}: settled and not converged: {told}"
    );
    let linear = Premise::Assumed(eigenstep::analysis::claim::Assumption::Linear);
    let is_linear = of(ClaimKind::Diverged).is_some_and(|it| it.premises.contains(&linear));
    if is_linear && holds(ClaimKind::Stable) {
        assert!(!holds(ClaimKind::Diverged), "{flags}: {told}");
    }
    if is_linear && fails(ClaimKind::Stable) {
        assert!(holds(ClaimKind::Diverged), "{flags}: {told}");
    }
    for claim in table
        .claims
        .iter()
        .filter(|it| it.kind == ClaimKind::Ringing)
    {
        let modulus = claim.premises.iter().find_map(|it| match it {
            Premise::Modulus(modulus) => Some(modulus.0),
            _ => None,
        });
        assert!(modulus.unwrap() <= 1.0 + 1e-9, "{flags}: {told}");
    }
    let Answer::Prediction(prediction) = bench.answer("info prediction") else {
        panic!("no prediction")
    };
    // As text: a NaN is not equal to itself.
    assert_eq!(
        format!("{:?}", prediction.claims),
        format!("{:?}", table.claims),
        "{flags}"
    );
    assert_eq!(
        prediction.how == Method::Exactly,
        holds(ClaimKind::Exact),
        "{flags}: {told}"
    );
}

/// Holds the sentences of `info prediction` against each other, and against the run.
fn examine(bench: &mut Bench, flags: &str) {
    examine_claims(bench, flags);
    let Answer::Prediction(told) = bench.answer("info prediction") else {
        panic!("no prediction")
    };
    let exact = told.how == Method::Exactly;
    for direction in &told.directions {
        let modulus = direction
            .modes
            .first()
            .map_or(f64::NAN, |mode| mode.modulus.0);
        let grows = matches!(
            direction.regime,
            Regime::Diverging { .. } | Regime::Growing { .. }
        );
        if modulus.is_finite() {
            assert_eq!(
                grows,
                modulus > 1.0 + 1e-9,
                "{flags}: {:?}",
                direction.regime
            );
        }
        let for_good = matches!(direction.regime, Regime::Diverging { .. });
        assert!(
            !for_good || !told.held,
            "{flags}: diverging with scales held"
        );
        if let (true, Some(alpha), Some(predicted)) = (exact, direction.alpha, direction.predicted)
        {
            let scale = 1.0 + alpha.0.abs().max(predicted.0.abs());
            assert!(
                (alpha.0 - predicted.0).abs() < 1e-6 * scale,
                "{flags}: {told}"
            );
        }
    }
    // Where all curves upward, an edge that is passed and an error that grows are one thing, unless it grows by itself.
    let bowl = told.directions.iter().all(|it| it.here.0 > 0.0) && !told.directions.is_empty();
    let decoupled = told.directions.iter().all(|it| !it.mixed);
    let beside = (told.claims.iter()).any(|it| it.beside_the_edge().is_some());
    if let (Some(edge), true, true, false) = (&told.edge, bowl, decoupled, beside) {
        let moduli = told.directions.iter().filter_map(|it| it.modes.first());
        let most = moduli.map(|it| it.modulus.0).fold(0.0, f64::max);
        if (edge.share.0 - 1.0).abs() > 1e-6 {
            assert_eq!(edge.share.0 > 1.0, most > 1.0 + 1e-9, "{flags}: {told}");
        }
    }
    if let Some(it) = &told.convergence
        && let (true, Reached::At(predicted), Some(measured)) = (exact, it.predicted, it.measured)
    {
        assert!(predicted.abs_diff(measured) <= 1, "{flags}: {told}");
    }
    let reference = bench.session.lanes().focused().reference().clone();
    if let Ok(kappa) = theory::kappa(&reference) {
        assert!(kappa >= 1.0, "{flags}: kappa {kappa}");
    }
    if let (Ok(most), Ok(best)) = (theory::eta_max(&reference), theory::eta_opt(&reference)) {
        assert!(best <= most && best > 0.0, "{flags}: {best} and {most}");
    }
}

/// The first of two runs of a sweep, and the claims about the same run here.
fn examine_sweep(flags: &str) {
    const STEPS: u64 = 150;
    let mut bench = Bench::open(flags);
    bench.answer("set bound=off");
    let Some(set) = flags.split("--set ").nth(1) else {
        return;
    };
    let (step, size) = set.split_once('=').unwrap();
    let size: f64 = size.split(' ').next().unwrap().parse().unwrap();
    let command = format!("sweep {step}={size}..{}:2 steps {STEPS}", 1.5 * size);
    let Answer::Swept(map) = bench.answer(&command) else {
        panic!("{command}")
    };
    bench.answer(&format!("step {STEPS}"));
    let table = bench.session.claims(&mut Control::default()).unwrap();
    let of = |kind| table.claims.iter().find(|it| it.kind == kind).unwrap();
    let (converged, settled) = (of(ClaimKind::Converged), of(ClaimKind::Settled));
    let told = format!("{flags}: {:?}, {:?}: {table}", map.cells[0], map.doubts);
    match map.cells[0] {
        Outcome::Diverged => assert!(of(ClaimKind::Diverged).holds(), "{told}"),
        Outcome::Never => assert!(
            !of(ClaimKind::Diverged).holds() && !settled.holds(),
            "{told}"
        ),
        Outcome::Value(t) => {
            assert!(!of(ClaimKind::Diverged).holds(), "{told}");
            assert_ne!(converged.verdict, Verdict::Fails, "{told}");
            let since = settled.span().map(|(from, _)| from.to_string());
            assert!(since.is_none_or(|since| since == format!("{t}")), "{told}");
        }
        Outcome::Unknown => panic!("{told}"),
    }
    let doubt = match settled.verdict {
        Verdict::Unknown(why) if why != Doubt::Premise(Unknown::NoMinimum) => Some(why),
        _ => None,
    };
    // A rule that keeps many numbers, as a ring of past gradients, is not judged in a sweep, which says so.
    if map.judged {
        assert_eq!(
            format!("{:?}", map.doubt(0, 0)),
            format!("{doubt:?}"),
            "{told}"
        );
    } else {
        let is_told = map.to_string().contains("settled is not judged");
        assert_eq!(
            is_told,
            matches!(map.cells[0], Outcome::Value(_)) || matches!(map.cells[1], Outcome::Value(_)),
            "{map}"
        );
    }
}

#[test]
fn a_sweep_says_of_a_run_what_is_claimed_of_it() {
    let mut dice = Dice(11);
    let mut runs = 0;
    while runs < 60 {
        let flags = thrown(&mut dice);
        if super::bench::scenario(&flags).session().is_ok() {
            runs += 1;
            examine_sweep(&flags);
        }
    }
    for flags in ["--rule rmsprop --set eta=0.02", "--rule gd --set eta=0.021"] {
        examine_sweep(flags);
    }
}

#[test]
fn a_run_that_passes_the_tolerance_has_not_converged_yet() {
    // Momentum's loss is back at 5.5e-6 at t = 137, and stays from 160 on; half a swing takes 107 iterations.
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.answer("goto 136");
    let told = bench.says("info claims");
    for kind in ["converged", "settled"] {
        let doubt = format!("{kind}: unknown, because it may be passing by: 1 row at or below");
        assert!(told.contains(&doubt), "{told}");
    }
    bench.answer("goto 137");
    assert!(bench.says("info claims").contains("converged: no"));
    bench.answer("goto 265");
    assert!(bench.says("info claims").contains("settled: unknown"));
    bench.answer("goto 266");
    let told = bench.says("info claims");
    assert!(
        told.contains("settled: yes") && told.contains("from t = 160"),
        "{told}"
    );
    // What has been run shows it on the way there, too.
    bench.answer("goto 136");
    assert!(!bench.says("info claims").contains("settled: yes"));
    bench.answer("goto 160");
    assert!(bench.says("info claims").contains("settled: yes"));
}

#[test]
fn under_noise_a_prediction_is_one_of_means() {
    let mut bench = Bench::open("--rule gd --set eta=0.01 --noise 0.1");
    bench.answer("step 5");
    let told = bench.says("info prediction");
    assert!(told.contains("predicted on average from t = 0"), "{told}");
    let claims = bench.says("info claims");
    assert!(claims.contains("predicted exactly: unknown"), "{claims}");
}

#[test]
fn no_two_sentences_about_a_run_contradict_each_other() {
    let cases = std::env::var("PROPTEST_CASES").ok();
    let mut dice = Dice(7);
    let mut runs = 0;
    while runs < cases.as_ref().map_or(80, |it| it.parse().unwrap()) {
        let flags = thrown(&mut dice);
        let Ok(session) = super::bench::scenario(&flags).session() else {
            continue;
        };
        runs += 1;
        let mut bench = Bench { session };
        bench.answer("set max-run=1000");
        examine(&mut bench, &flags);
        bench.answer("step 7");
        examine(&mut bench, &flags);
        if let (_, _, StopReason::Tolerance { .. }) = bench.why("continue") {
            let (norm, sharpness) = (bench.number("norm(grad)"), bench.number("sharpness"));
            let most = (64.0 * sharpness.abs() * 1e-6).sqrt();
            assert!(norm <= most, "{flags}: converged with a gradient of {norm}");
            examine(&mut bench, &flags);
        }
    }
}

#[test]
fn a_claim_names_its_premises_and_what_fails_its_check_is_unknown() {
    let mut bench = Bench::open("--rule gd --set eta=eta_opt");
    bench.answer("continue");
    let told = bench.says("info claims");
    for words in [
        "converged: yes",
        "(known, isolated, lambda >= 1)",
        "settled: yes",
        "diverges: no: spectral radius 0.9802",
        "stable: yes",
        "predicted exactly: yes: from t = 0 to t = 419, 420 rows",
        "arrives: yes: predicted at t = 419",
        "measured at t = 419",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    let mut bench = Bench::open("--rule rmsprop --set eta=eta_opt");
    bench.answer("goto 500");
    let told = bench.says("info claims");
    assert!(
        told.contains(
            "settled: unknown, because the gradient is exactly 0 on an unstable point (edge 990"
        ),
        "{told}"
    );
    // Leaving the picture is no divergence.
    let mut bench = Bench::open("--rule adam --set eta=2 --start 4.5,0.6 --loss x^2+y^2");
    bench.answer("set bound=5");
    bench.answer("step 40");
    let told = bench.says("info claims");
    assert!(!told.contains("diverges: yes"), "{told}");
}

#[test]
fn an_error_that_is_rounding_is_said_to_be() {
    let mut bench = Bench::open("--rule gd --set eta=0.015");
    bench.answer("goto 200");
    let told = bench.says("info prediction");
    // The wall's error is halved in each iteration: 0.6 * 2^-200 is predicted, and rounding of w is measured.
    let words = "alpha 2: no more than what rounding of w makes";
    assert!(told.contains(words), "{told}");
}

#[test]
fn heavy_ball_at_its_optimum_grows_before_it_shrinks() {
    // sup |a_k| of the double root: 3.7 at kappa 100, 11.6 at 1000, after 4 iterations and more.
    for (largest, factor, after) in [(100.0, 3.7, 4), (1000.0, 11.6, 15)] {
        let mut bench = Bench::open(&format!("--rule polyak --eigenvalues 1,{largest}"));
        bench.answer("step 2");
        let Answer::Prediction(told) = bench.answer("info prediction") else {
            panic!()
        };
        let growth = told.growth.unwrap();
        assert!((growth.factor.0 / factor - 1.0).abs() < 0.02, "{growth:?}");
        assert!(growth.after.abs_diff(after) <= 1, "{growth:?}");
    }
}

#[test]
fn a_run_that_rests_on_an_unstable_point_says_so() {
    let mut bench = Bench::open("--rule rmsprop --set eta=eta_opt");
    bench.answer("goto 500");
    assert_eq!(bench.number("norm(grad)"), 0.0);
    assert!((bench.number("edge") - 9900.0).abs() < 1.0);
    let told = bench.says("info prediction");
    assert!(told.contains("rests on an unstable point"), "{told}");
    assert!(told.contains("grows for now"), "{told}");
}

#[test]
fn curvature_says_at_which_place() {
    let mut bench = Bench::open("--loss deep --start 3,0.3 --rule gd --set eta=0.25");
    bench.answer("step 13");
    let w = [bench.number("w[1]"), bench.number("w[2]")];
    let (curve, mixed) = (w[0] * w[0] + w[1] * w[1], 2.0 * w[0] * w[1] - 1.0);
    let root = ((w[0] * w[0] - w[1] * w[1]).powi(2) + 4.0 * mixed * mixed).sqrt();
    let largest = 0.5 * (curve + root);
    assert!((bench.number("sharpness") - largest).abs() < 1e-9 * largest);
    assert!((bench.number("lambda_here[2]") - largest).abs() < 1e-9 * largest);
    assert!((bench.number("edge") - 0.25 * largest / 2.0).abs() < 1e-6);
    // What an iteration does is told with the curvature that it meets.
    let mut bench = Bench::open("--loss rosenbrock --rule gd --set eta=0.001");
    bench.answer("step 100");
    let Answer::Prediction(told) = bench.answer("info prediction") else {
        panic!()
    };
    assert!(told.to_string().contains("u'H(w)u"), "{told}");
    for direction in &told.directions {
        let factor = (1.0 - 0.001 * direction.here.0).abs();
        assert!(
            (direction.modes[0].modulus.0 - factor).abs() < 1e-9,
            "{told}"
        );
    }
}

#[test]
fn sharpness_is_told_as_the_rule_meets_it_beside_its_limit() {
    // Gradient descent: the Hessian itself, and 2/eta.
    let mut bench = Bench::open("--rule gd --set eta=0.015 --loss rosenbrock");
    bench.answer("step 20");
    let (sharpness, pre) = (bench.number("sharpness"), bench.number("sharpness_pre"));
    assert!((pre / sharpness - 1.0).abs() < 1e-12);
    let limit = bench.number("sharpness_limit");
    assert!((limit * 0.015 / 2.0 - 1.0).abs() < 1e-9, "{limit}");
    // Adam: P^-1/2 H P^-1/2, and 38/eta once its first moment has filled.
    for degrees in ["0", "30"] {
        let mut bench = Bench::open(&format!(
            "--rule adam --set eta=0.02 --eigenvalues 1,100 --rotate {degrees}"
        ));
        bench.answer("step 400");
        let limit = bench.number("sharpness_limit");
        assert!((limit * 0.02 / 38.0 - 1.0).abs() < 1e-6, "{limit}");
        let (pre, edge) = (bench.number("sharpness_pre"), bench.number("edge"));
        assert!((pre / limit / edge - 1.0).abs() < 1e-9);
        // The next iteration divides by this.
        let g = [bench.number("grad[1]"), bench.number("grad[2]")];
        let s = [bench.number("s[1]"), bench.number("s[2]")];
        let scale = |at: usize| {
            let s = 0.999 * s[at] + 0.001 * g[at] * g[at];
            (s / (1.0 - 0.999_f64.powi(401)) + 1e-8).sqrt()
        };
        if degrees == "0" {
            let (a, b) = (1.0 / scale(0), 100.0 / scale(1));
            assert!((pre / a.max(b) - 1.0).abs() < 1e-9, "{pre}");
            let steps = [bench.number("eta_eff[1]"), bench.number("eta_eff[2]")];
            for (at, step) in steps.iter().enumerate() {
                assert!((step * scale(at) / 0.02 - 1.0).abs() < 1e-9, "{step}");
            }
        }
    }
    // A velocity sums gradients: eta/(1 - beta).
    let mut bench = Bench::open("--rule momentum --set eta=0.01 --set beta=0.9");
    bench.answer("step 5");
    assert!((bench.number("eta_eff[2]") - 0.1).abs() < 1e-12);
    assert!((bench.number("radius") - 0.9_f64.sqrt()).abs() < 1e-9);
}

#[test]
fn claims_about_odd_runs_are_true() {
    for (flags, commands, claim) in [
        // It has not run a single iteration.
        (
            "--loss sqrt(x) --start -1",
            "step",
            "diverges: unknown, because the loss is not a number at t = 0",
        ),
        // A step out of the domain of a logarithm is no growth.
        (
            "--loss ln(x) --start 1 --rule gd --set eta=2",
            "step 3",
            "diverges: unknown, because the loss is not a number at t = 1",
        ),
        (
            "--loss exp(x)+exp(-x) --start 3 --rule gd --set eta=1e5",
            "step 3",
            "diverges: yes",
        ),
        // On a saddle, to the last bit.
        (
            "--loss x^2-y^2 --start 0,0 --rule gd --set eta=0.1",
            "step 3",
            "diverges: unknown, because the gradient is exactly 0",
        ),
        (
            "--loss x^2-y^2 --start 0,0.1 --rule gd --set eta=0.1",
            "step 3",
            "diverges: yes: spectral radius 1.2",
        ),
        // The step is lost in rounding, which is nothing that the rule does.
        (
            "--loss 1e-20*x^2 --start 1 --rule gd --set eta=0.1",
            "step 3",
            "stable: unknown, because a step does not depend on the curvature by more than rounding",
        ),
        (
            "--loss x^2 --start 1 --rule torch/sgd --set lr=0",
            "step 3",
            "stable: unknown, because a step does not depend on the curvature by more than rounding",
        ),
        (
            "--rule sign",
            "step 3",
            "stable: unknown, because a step does not depend on the gradient's size",
        ),
        (
            "--loss x^2 --start 1 --rule torch/sgd --set lr=0",
            "step 3",
            "converged: no",
        ),
        // With 8 bits it comes to rest at a loss of 0.019.
        (
            "--rule gd --set eta=0.01 --precision bf16",
            "goto 1000",
            "arrives: no: predicted at t = 631",
        ),
        (
            "--rule gd --set eta=0.01 --precision bf16",
            "goto 1000",
            "predicted exactly: unknown, because rounding",
        ),
        (
            "--rule gd --set eta=0.01 --precision f32",
            "goto 1000",
            "predicted exactly: yes",
        ),
        // What is predicted has 64 bits, whatever it is held against.
        (
            "--rule gd --set eta=0.015 --precision 40",
            "goto 420",
            "predicted exactly: yes",
        ),
        // A plain is no quadratic, though an iteration does not feel that it bends.
        (
            "--loss easom --start 1.96,-1.73 --rule momentum --set eta=0.095 --set beta=0.69",
            "step 7",
            "diverges: no: max abs(w)",
        ),
        // The step is in proportion to the norm of w, and goes outward.
        (
            "--rule keras/lamb --set learning_rate=0.19 --loss 0.5*(x*y-1)^2 --start 0.35,2.52",
            "step 0",
            "stable: no: while scales stay as they are; edge 0.1522; largest modulus 1.23; a step depends on w",
        ),
        (
            "--loss -cosh(0.1*x) --start 1 --rule gd --set eta=1",
            "step 9",
            "converged: unknown, because no minimum is known",
        ),
    ] {
        let mut bench = Bench::open(flags);
        bench.try_answer(commands).ok();
        let told = bench.says("info claims");
        assert!(
            told.contains(&format!("\n  {claim}")),
            "{flags}: {claim}: {told}"
        );
    }
}

#[test]
fn on_a_slope_without_end_it_is_not_said_that_nothing_diverges() {
    let mut bench = Bench::open("--rule gd --loss 3*x --start 1 --set eta=0.1");
    bench.answer("step 3");
    let told = bench.says("info claims");
    assert!(
        told.contains("diverges: unknown, because no minimum is known"),
        "{told}"
    );
    // Beside a slope, a curvature that is too large is one.
    let mut bench = Bench::open("--rule gd --loss 3*x+y^2 --start 1,1 --set eta=1.5");
    bench.answer("step 3");
    let told = bench.says("info claims");
    assert!(told.contains("diverges: yes"), "{told}");
}

#[test]
fn what_is_known_to_leave_the_tolerance_has_not_converged_there() {
    let mut bench = Bench::open("--rule momentum --set eta=0.01 --set beta=0.97");
    bench.answer("continue");
    let told = bench.says("info claims");
    assert!(told.contains("converged: unknown"), "{told}");
    bench.all("step 60\nback 60");
    let told = bench.says("info claims");
    assert!(told.contains("converged: no"), "{told}");
}

#[test]
fn claims_are_those_of_the_run_and_of_the_tolerance_that_there_are() {
    let mut bench = Bench::open("--rule gd --set eta=0.015");
    bench.all("set tolerance=1e-3\nstep 400\nset w[1]=1\nstep 20\ngoto 380");
    assert!(bench.says("info claims").contains("settled: no"));
    bench.answer("undo");
    assert!(bench.says("info claims").contains("settled: yes"));
    let mut bench = Bench::open("--rule gd --set eta=0.01 --eigenvalues 1,2");
    bench.answer("step 3");
    bench.says("info claims");
    bench.answer("set tolerance=1e-30");
    let told = bench.says("info claims");
    assert!(told.contains("predicted at t = 3380"), "{told}");
}

#[test]
fn only_who_was_interrupted_is_said_to_have_been() {
    let mut bench = Bench::open("--rule gd --set eta=0.0201");
    bench.all("step 5\nset eta=0.01\nstep 300");
    // Without the edit the run leaves its bound on the way.
    let told = bench.says("undo");
    assert!(!told.contains("interrupted"), "{told}");
    let mut bench = Bench::open("--rule gd");
    bench.answer("step 30");
    let told = bench.says("set bound=1.1");
    assert!(!told.contains("interrupted"), "{told}");
}

#[test]
fn what_rounding_hides_is_not_called_another_error() {
    let mut bench = Bench::open("--rule gd --precision bf16");
    bench.answer("step 20");
    let told = bench.says("info prediction");
    assert!(told.contains("as far as rounding lets one tell"), "{told}");
    assert!(!told.contains("errors are others"), "{told}");
}

#[test]
fn a_place_where_nothing_curves_is_a_minimum_if_the_loss_rises_around_it() {
    for (loss, lambda) in [("x^4+y^4", 0.0), ("norm(w)^2", 2.0), ("norm(w)^4", 0.0)] {
        let mut bench = Bench::open(&format!("--loss {loss} --start 0,0"));
        assert!(bench.says("info loss").contains("minimum (by Newton)"));
        assert!((bench.number("lambda[1]") - lambda).abs() < 1e-12, "{loss}");
    }
    for loss in ["x^4-6*x^2*y^2+y^4", "x^3+y^3", "0*x+0*y"] {
        let mut bench = Bench::open(&format!("--loss {loss} --start 0,0"));
        assert!(bench.says("info loss").contains("no minimum"), "{loss}");
    }
}

#[test]
fn the_effective_step_times_the_curvature_stands_beside_two() {
    let mut bench = Bench::open("--rule momentum --set eta=0.003 --set beta=0.9");
    assert!((bench.number("eta_lambda[2]") - 3.0).abs() < 1e-12);
    let told = bench.says("info prediction");
    let line = "effective step times curvature: 0.03, 3; gradient descent is stable below 2";
    assert!(told.contains(line), "{told}");
}

#[test]
fn numbers_that_were_once_wrong_are_right() {
    // A buffer that begins with the first gradient is no sign of how the run goes on.
    let flags = "--rule torch/sgd --set lr=0.05 --set momentum=0.9 --eigenvalues 1,50";
    let edge = Bench::open(flags).number("edge");
    assert!((edge - 50.0 * 0.05 / 3.8).abs() < 1e-12, "{edge}");
    let flags =
        "--rule torch/sgd --set lr=0.05 --set momentum=0.9 --set nesterov=1 --eigenvalues 1,25";
    let edge = Bench::open(flags).number("edge");
    assert!((edge - 25.0 * 0.05 * 2.8 / 3.8).abs() < 1e-12, "{edge}");
    // An arrival that was measured long ago is still the one that was predicted.
    let mut bench = Bench::open("--rule gd --set eta=0.001 --eigenvalues 1,100");
    bench.answer("continue");
    bench.answer("step 2000");
    let text = bench.says("info prediction");
    assert!(
        text.contains("predicted at t = 6335, measured at t = 6335"),
        "{text}"
    );
    // A condition number is at least 1, or there is none.
    let refused = Bench::open("--eigenvalues -1,-2").refuses("print kappa");
    assert!(refused.contains("does not curve upward"), "{refused}");
    // Data of rank 2 in three columns: the range alone counts.
    let mut bench =
        Bench::open("--loss (x+y-1)^2+(z-1)^2 --start 3,1,2 --rule gd --set eta=eta_opt");
    assert!((bench.number("kappa") - 2.0).abs() < 1e-9);
    bench.answer("continue");
    assert!(bench.number("loss") <= 1e-6);
}

#[test]
fn an_error_that_negative_curvature_drives_away_is_said_to_be() {
    for (flags, commands, words) in [
        // Where w is, the loss curves downward.
        (
            "--loss himmelblau --start -0.5,-0.5 --rule gd --set eta=0.001",
            "step 2",
            "stable: no: largest modulus 1.042; an error grows along negative curvature (-41.71), whatever",
        ),
        // Below the edge, too: that is one of upward curvature.
        (
            "--loss x^2-y^2 --start 1,0.1 --rule gd --set eta=0.1",
            "step 3",
            "stable: no: edge 0.1; largest modulus 1.2; an error grows along negative curvature (-2), whatever",
        ),
        // A gradient taken ahead of w meets the curvature there.
        (
            "--loss x^4/4-x^2/2 --start 0.7 --rule nesterov --set eta=0.1 --set beta=0.9 --precision f64",
            "set m[1]=-0.2",
            "an error grows along negative curvature (-0.",
        ),
        // Newton's step depends on how the curvature changes.
        (
            "--loss 0.5*(x*y-1)^2 --start 0.88,2.53 --rule polyak --set lambda_min=0.346",
            "step 0",
            "stable: unknown, because the iteration depends on third derivatives",
        ),
    ] {
        let mut bench = Bench::open(flags);
        bench.try_answer(commands).ok();
        let told = bench.says("info claims");
        assert!(told.contains(words), "{flags}: {told}");
        if words.contains("negative") {
            let prediction = bench.says("info prediction");
            assert!(prediction.contains("negative curvature"), "{prediction}");
        }
    }
}

#[test]
fn a_curvature_that_never_becomes_unstable_has_no_edge_made_by_rounding() {
    let mut bench = Bench::open(
        "--loss 20+x^2+y^2-10*(cos(2*pi*x)+cos(2*pi*y)) --start -1.554,2.351 --rule nesterov --set eta=0.697",
    );
    let told = bench.says("info prediction");
    assert!(told.contains("edge: none here"), "{told}");
}

#[test]
fn a_slope_far_away_is_no_minimum_and_what_runs_up_it_diverges() {
    // Newton's method runs up the side of a logarithm, where curvature and gradient are next to nothing.
    let mut bench =
        Bench::open("--loss ln(1+x^2)+y^2 --start 1.6,1.6 --rule newton --set eta=0.23");
    bench.answer("goto 137");
    let told = bench.says("info claims");
    assert!(
        told.contains("converged: unknown, because no minimum is known"),
        "{told}"
    );
    assert!(
        told.contains("diverges: yes: spectral radius 1.23"),
        "{told}"
    );
    assert!(!told.contains("stable: yes"), "{told}");
}

#[test]
fn no_arrival_is_predicted_by_the_curvature_of_another_side() {
    // Newton's method is linear on both sides of the kink; the loss is another quadratic on each.
    let mut bench =
        Bench::open("--loss where(x>0,x^2,5*x^2)+y^2 --start 0.7,-2 --rule newton --set eta=0.224");
    let told = bench.says("info prediction");
    assert!(
        told.contains("not predicted") && !told.contains("predicted at"),
        "{told}"
    );
    assert!(!told.contains("arrives: unknown"), "{told}");
}

#[test]
fn a_value_that_depends_on_something_unknown_is_unknown_for_its_reason() {
    let mut bench = Bench::open("--rule sign");
    let why = "a step does not depend on the gradient's size, so its derivative says nothing";
    for name in ["edge", "eta_lambda", "eta_eff", "sharpness_limit"] {
        let told = bench.says(&format!("print {name}"));
        assert_eq!(told, format!("{name} = unknown, because {why}"));
    }
    for expression in ["2*edge", "edge > 1", "where(edge > 1, 1, 2)"] {
        let told = bench.says(&format!("print {expression}"));
        assert_eq!(
            told,
            format!("{expression} = unknown, because edge is: {why}")
        );
    }
    // What is the same whatever it may be is known.
    assert_eq!(
        bench.says("print where(t < 1, 1, edge)"),
        "where(t < 1, 1, edge) = 1"
    );
    assert_eq!(
        bench.says("print where(edge > 1, 2, 2)"),
        "where(edge > 1, 2, 2) = 2"
    );
    bench.answer("trace edge");
    let told = bench.says("step");
    assert!(
        told.contains(&format!("t = 1: edge = unknown, because {why}")),
        "{told}"
    );
    let told = bench.says("display edge");
    assert!(
        told.contains(&format!("edge = unknown, because {why}")),
        "{told}"
    );
    let answer = serde_json::to_value(bench.answer("print edge")).unwrap();
    let printed = &answer["printed"];
    assert_eq!(printed["value"], "NaN");
    assert_eq!(printed["unknown"]["because"], "size_blind");
    // Where nothing curves no error shrinks or grows.
    let mut bench = Bench::open("--loss x^4 --start 0 --rule gd");
    let told = bench.says("print radius");
    assert!(
        told.contains("unknown, because the curvature is 0"),
        "{told}"
    );
    let known = Bench::open("--rule gd").answer("print edge");
    assert!(!serde_json::to_string(&known).unwrap().contains("unknown"));
}

#[test]
fn a_step_that_was_not_taken_yet_is_unknown_and_so_is_what_was_unknown_before() {
    let mut bench = Bench::open("--rule gd");
    for expression in ["step", "max(abs(step))", "prev(loss)", "prev(edge) > 1"] {
        assert_eq!(
            bench.says(&format!("print {expression}")),
            format!("{expression} = unknown, because no step has been taken yet")
        );
    }
    assert_eq!(
        bench.says("print where(t < 1, 1, step[1])"),
        "where(t < 1, 1, step[1]) = 1"
    );
    bench.answer("step");
    let largest = bench.says("print max(abs(step))");
    assert_eq!(
        largest.split_once("= ").unwrap().1,
        bench
            .says("print norm_inf(w - prev(w))")
            .split_once("= ")
            .unwrap()
            .1
    );
    assert_eq!(
        bench.says("print prev(prev(loss))"),
        "prev(prev(loss)) = unknown, because the run has not come so many steps yet"
    );
    let mut bench = Bench::open("--rule sign");
    bench.answer("step");
    assert_eq!(
        bench.says("print prev(edge)"),
        "prev(edge) = unknown, because the value one iteration before is not known"
    );
    assert_eq!(
        bench.says("print 2*prev(edge)"),
        "2*prev(edge) = unknown, because prev(edge) is: the value one iteration before is not known"
    );
    assert_eq!(bench.says("print prev(t)"), "prev(t) = 0");
}

#[test]
fn a_factor_near_1_has_the_digits_that_tell_it_from_1() {
    for (curvature, factor) in [("1e-3", "1.000020"), ("1e-5", "1.00000020")] {
        let loss = format!("x^2-{curvature}*y^2");
        let mut bench = Bench::open(&format!("--loss {loss} --start 1,1 --rule gd"));
        let told = bench.says("info prediction");
        assert!(told.contains(&format!("diverges, x{factor}\n")), "{told}");
        assert!(
            told.contains(&format!("largest modulus {factor};")),
            "{told}"
        );
    }
}

#[test]
fn columns_that_depend_on_each_other_leave_a_flat_direction_and_a_condition_number_of_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    let mut dice = Dice(5);
    let mut text = "a,b,c,y\n".to_owned();
    for _ in 0..12 {
        let (a, c) = (dice.between(-1.0, 1.0), dice.between(-1.0, 1.0));
        let row = [a, a, c, 3.0 * a + c].map(|it| it.to_string());
        text += &(row.join(",") + "\n");
    }
    std::fs::write(&path, text).unwrap();
    let flags = format!(
        "--loss linear --data {} --target y --rule gd --set eta=eta_opt",
        path.display()
    );
    let mut bench = Bench::open(&flags);
    let told = bench.says("info loss");
    assert!(told.contains("over the nonzero lambda"), "{told}");
    let (kappa, best) = (bench.number("kappa"), bench.number("eta_opt"));
    let (low, high) = (bench.number("lambda[2]"), bench.number("lambda[4]"));
    assert_eq!(bench.number("lambda[1]"), 0.0);
    assert!((kappa * low / high - 1.0).abs() < 1e-9, "{kappa}");
    assert!((best * (low + high) / 2.0 - 1.0).abs() < 1e-9, "{best}");
    let (_, _, why) = bench.why("continue");
    assert!(matches!(why, StopReason::Tolerance { .. }), "{why:?}");
}

#[test]
fn a_run_that_leaves_the_picture_for_a_while_is_not_called_divergent_by_a_sweep() {
    // eta*10 < 2 + 2*beta: stable, and 37 % above its bound on the way.
    let flags = "--rule momentum --eigenvalues 0.001,10 --minimum 0,0 --start 1,1";
    let mut bench = Bench::open(flags);
    let command = "sweep eta=0.385..0.4:2 beta=0.92..0.95657:2 steps 900";
    let Answer::Swept(map) = bench.answer(command) else {
        panic!("{command}")
    };
    for (at, [eta, beta]) in [[0.385, 0.92], [0.4, 0.92], [0.385, 0.95657], [0.4, 0.95657]]
        .iter()
        .enumerate()
    {
        let grows = eta * 10.0 > 2.0 + 2.0 * beta;
        let diverged = map.cells[at] == Outcome::Diverged;
        assert_eq!(diverged, grows, "{eta}, {beta}: {:?}", map.cells);
    }
}

#[test]
fn on_a_slope_without_end_nothing_says_that_a_run_does_not_diverge() {
    for flags in [
        "--loss x+y^2 --start 1,1 --rule gd --set eta=0.3",
        "--loss x+y^2 --start 1,1 --rule momentum --set eta=0.1",
        "--loss x --start 1 --rule gd --set eta=0.1",
        "--loss (x+y)+(x-y)^2 --start 1,2 --rule gd --set eta=0.1",
    ] {
        let mut bench = Bench::open(flags);
        bench.answer("set bound=off");
        for _ in 0..3 {
            bench.answer("step 200");
            let told = bench.says("info claims");
            assert!(
                told.contains("diverges: unknown, because no minimum is known"),
                "{flags}: {told}"
            );
        }
    }
    // A level floor has minima.
    let mut bench = Bench::open("--loss y^2+0*x --start 1,1 --rule gd --set eta=0.3");
    bench.answer("step 20");
    let told = bench.says("info claims");
    assert!(told.contains("diverges: no: spectral radius 0.4"), "{told}");
}

#[test]
fn what_is_unstable_beside_the_edge_says_what_is_known_of_it() {
    // Lamb's step is as long as w: the further out, the longer.
    let mut bench = Bench::open("--rule keras/lamb");
    bench.answer("step 10");
    let told = bench.says("info claims");
    let words = "a step depends on w itself, not through gradients alone";
    assert!(
        told.contains("stable: no") && told.contains(words),
        "{told}"
    );
    // What climbs does so by its gradients, and is judged by its radius: its decay has no part in that.
    let mut bench =
        Bench::open("--rule torch/sgd --set maximize=1 --set weight_decay=0.1 --set lr=0.001");
    bench.answer("step 10");
    let told = bench.says("info claims");
    assert!(
        told.contains("stable: no: largest modulus 1.1; spectral radius 1.1"),
        "{told}"
    );
    assert!(!told.contains(words), "{told}");
    // A step made of the moment's direction: along it, its length falls with that of the moment, off a bowl's minimum too.
    let mut bench = Bench::open(
        "--rule torch/jordan_muon --set lr=0.006029642576340463 --loss ln(1+x^2)+y^2 --start -1.0774640515627023,-1.9961735305833104",
    );
    bench.answer("set bound=off");
    bench.answer("goto 625");
    let told = bench.says("info claims");
    let words = "along some direction a step shrinks by 0.01011 of what the gradient grows by";
    assert!(
        told.contains("stable: no: edge 0.5485; largest modulus 1.016"),
        "{told}"
    );
    assert!(told.contains(words), "{told}");
}
