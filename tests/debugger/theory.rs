//! What theory says about a run, beside what the run does: `info prediction`, `edge`.

use super::bench::Bench;
use eigenstep::{Control, analysis::Regime, debugger::answer::StopReason};

/// The words after `label` in the line of `text` that begins with it.
fn after<'a>(text: &'a str, label: &str) -> &'a str {
    let line = text
        .lines()
        .find_map(|line| line.trim().strip_prefix(label));
    line.unwrap_or_else(|| panic!("no `{label}` in\n{text}"))
}

fn prediction(bench: &mut Bench) -> String {
    bench.says("info prediction")
}

#[test]
fn a_linear_rule_is_predicted_exactly_from_its_start_or_its_last_edit() {
    let mut bench = Bench::open("--rule gd --set eta=eta_opt");
    bench.answer("step 40");
    let text = prediction(&mut bench);
    assert!(
        text.starts_with("gd, predicted exactly from t = 0\n"),
        "{text}"
    );
    assert_eq!(
        after(&text, "loss <= 1e-6:"),
        " predicted at t = 419, not measured yet"
    );
    assert!(after(&text, "1 ").ends_with("monotone, x0.9802"), "{text}");
    assert!(
        after(&text, "100 ").ends_with("flipping, x0.9802"),
        "{text}"
    );
    for line in text.lines().filter(|line| line.contains(", x0.9802")) {
        let columns: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(columns[1], columns[2], "measured and predicted: {line}");
    }
    bench.answer("step 400");
    let text = prediction(&mut bench);
    assert_eq!(
        after(&text, "loss <= 1e-6:"),
        " predicted at t = 419, measured at t = 419"
    );
    // After an edit, from there; before it, as if it had not been.
    bench.answer("set eta=0.01");
    bench.answer("step 3");
    assert!(prediction(&mut bench).starts_with("gd, predicted exactly from t = 440\n"));
    bench.answer("goto 439");
    assert!(prediction(&mut bench).starts_with("gd, predicted exactly from t = 0\n"));
}

#[test]
fn predictions_are_those_of_the_run_for_every_linear_rule() {
    let dialects = [
        "momentum --set eta=0.175*eta_opt",
        "nesterov --set eta=0.1*eta_opt",
        "torch/sgd --set lr=0.002 --set momentum=0.9 --set dampening=0.5",
        "optax/sgd --set learning_rate=0.002 --set momentum=0.8 --set nesterov=1",
        "polyak",
    ];
    for rule in dialects {
        for turned in ["", " --rotate 30"] {
            let flags = format!("--rule {rule}{turned}");
            let mut bench = Bench::open(&flags);
            for _ in 0..5 {
                bench.answer("step 23");
                let entry = bench.session.focused_mut();
                let t = entry.lane().position().t;
                let forecast = entry
                    .forecast(1e-6, &mut eigenstep::Control::default())
                    .unwrap()
                    .clone();
                assert!(forecast.prediction.exact && forecast.since == 0, "{flags}");
                let spectrum = entry.reference().eigenbasis().unwrap();
                let mut alpha = [0.0; 2];
                let w = entry.lane().machine().w();
                spectrum.components(w, &entry.reference().minimum, &mut alpha);
                for (predicted, measured) in forecast.alpha(t).unwrap().iter().zip(alpha) {
                    // w itself is rounded.
                    let size = 1e-9 * measured.abs() + 1e-14;
                    assert!(
                        (predicted - measured).abs() < size,
                        "{flags} at {t}: {predicted} and {measured}"
                    );
                }
            }
        }
    }
}

#[test]
fn an_adaptive_rule_is_predicted_locally_and_well() {
    let mut bench = Bench::open("--rule adam --set eta=eta_opt");
    assert!(prediction(&mut bench).starts_with("adam, not predicted here"));
    bench.answer("step 60");
    let text = prediction(&mut bench);
    assert!(
        text.starts_with("adam, predicted locally from t = 55\n"),
        "{text}"
    );
    assert!(text.contains("scales held"));
    // Scales are held for five iterations; what that costs is small beside the way that is gone in them.
    let runs = [
        ("--rule adam --set eta=eta_opt", 60, 2e-3),
        ("--rule adam --set eta=eta_opt", 400, 2e-3),
        ("--rule torch/adamw --set lr=eta_opt", 100, 1e-2),
        ("--rule adam --set eta=0.02 --loss rosenbrock", 405, 5e-3),
        ("--rule rmsprop --set eta=0.01", 60, 0.1),
    ];
    for (flags, t, share) in runs {
        let mut bench = Bench::open(flags);
        bench.answer(&format!("goto {t}"));
        let entry = bench.session.focused_mut();
        let forecast = entry
            .forecast(1e-6, &mut eigenstep::Control::default())
            .unwrap()
            .clone();
        assert_eq!((forecast.since, forecast.prediction.exact), (t - 5, false));
        let spectrum = entry.reference().eigenbasis().unwrap();
        let mut measured = [0.0; 2];
        let w = entry.lane().machine().w();
        spectrum.components(w, &entry.reference().minimum, &mut measured);
        let before = forecast.alpha(t - 5).unwrap();
        let predicted = forecast.alpha(t).unwrap();
        let farthest = |from: &[f64]| -> f64 {
            let gaps = measured.iter().zip(from).map(|(a, b)| (a - b).abs());
            gaps.fold(0.0, f64::max)
        };
        let (off, way) = (farthest(predicted), farthest(before));
        assert!(off < share * way, "{flags} at {t}: {off} of {way}");
    }
}

#[test]
fn what_was_predicted_stands_beside_what_was_measured_for_any_rule() {
    for (flags, off) in [
        ("--rule adam --set eta=eta_opt", 1),
        ("--rule adam --set eta=0.02 --loss rosenbrock", 1),
        ("--rule gd --set eta=0.5 --loss logistic", 1),
        (
            "--rule momentum --set eta=0.2 --set beta=0.5 --loss linear",
            0,
        ),
    ] {
        let mut bench = Bench::open(flags);
        bench.answer("continue");
        let text = prediction(&mut bench);
        let line = text
            .lines()
            .find(|line| line.starts_with("loss <="))
            .unwrap();
        let numbers: Vec<i64> = line
            .split(&[' ', ','])
            .filter_map(|word| word.parse().ok())
            .collect();
        let (predicted, measured) = (numbers[0], numbers[numbers.len() - 1]);
        assert!((predicted - measured).abs() <= off, "{flags}: {line}");
    }
}

#[test]
fn regimes_are_told_in_words_with_their_period() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.answer("step");
    let text = prediction(&mut bench);
    // 2 pi/acos((1 + beta - eta l)/(2 sqrt(beta)))
    let period = |l: f64| {
        let trace = 1.9 - 0.175 * 2.0 / 101.0 * l;
        2.0 * std::f64::consts::PI / (trace / (2.0 * 0.9_f64.sqrt())).acos()
    };
    for (label, l) in [("1 ", 1.0), ("100 ", 100.0)] {
        let expected = if label == "1 " && trace_is_real(l) {
            "monotone".to_owned()
        } else {
            format!("ringing, period {:.1}, x0.9487", period(l))
        };
        assert!(after(&text, label).contains(&expected), "{text}");
    }
    let mut bench = Bench::open("--rule gd --set eta=1.01*eta_max");
    bench.answer("step");
    let text = prediction(&mut bench);
    assert!(after(&text, "100 ").ends_with("diverges, x1.020"), "{text}");
    assert!(after(&text, "edge:").starts_with(" 1.01 of"), "{text}");
    assert!(after(&text, "loss <= 1e-6:").starts_with(" not predicted to be reached"));
    let mut bench = Bench::open("--rule gd --set eta=1/100");
    bench.answer("step");
    assert!(after(&prediction(&mut bench), "100 ").ends_with("one shot"));
}

/// Whether (1 - sqrt(beta))^2 >= eta l, for the essay's momentum.
fn trace_is_real(l: f64) -> bool {
    (1.0 - 0.9_f64.sqrt()).powi(2) >= 0.175 * 2.0 / 101.0 * l
}

#[test]
fn the_edge_is_a_quantity_to_print_and_to_stop_at() {
    let mut bench = Bench::open("--rule gd --set eta=1.8/100");
    assert!((bench.number("edge") - 0.9).abs() < 1e-6);
    bench.answer("step 5");
    bench.answer("set eta=2.2/100");
    assert!((bench.number("edge") - 1.1).abs() < 1e-6);
    bench.answer("back");
    assert!((bench.number("edge") - 0.9).abs() < 1e-6, "before the edit");
    // Momentum bears (2 + 2 beta)/eta.
    let mut bench = Bench::open("--rule momentum --set eta=0.019 --set beta=0.9");
    assert!((bench.number("edge") - 1.9 / 3.8).abs() < 1e-6);
    // A direction that curves downward has no edge of its own: H = diag(1, -1) at the saddle.
    let mut bench = Bench::open("--rule gd --set eta=0.5 --loss saddle --start 1,1e-6");
    assert!((bench.number("edge") - 0.25).abs() < 1e-6);
    let mut bench = Bench::open("--rule nesterov --set eta=0.5 --set beta=0.9 --loss saddle");
    assert!((bench.number("edge") - 0.5 / (3.8 / 2.8)).abs() < 1e-6);
    let mut bench = Bench::open("--rule momentum --set eta=0.019 --set beta=0.9");
    // Within an iteration it is that of the boundary before.
    bench.answer("line 2");
    assert!((bench.number("edge") - 1.9 / 3.8).abs() < 1e-6);
    assert_eq!(bench.at(), (0, 2));
}

#[test]
fn adam_bursts_where_the_edge_crosses_one() {
    let flags = "--rule adam --set eta=0.01 --set delta=0 --eigenvalues 50 --minimum 0 --start 0.3";
    let mut bench = Bench::open(flags);
    bench.answer("set max-run=20000");
    bench.answer("goto 9000");
    assert!(bench.number("edge") < 1.0);
    let (crossing, _, why) = bench.why("until edge > 1");
    assert!(matches!(why, StopReason::Until(_)), "{why:?}");
    assert!((9_000..10_500).contains(&crossing), "{crossing}");
    // The error is at its smallest there, and grows from there on.
    let at_crossing = bench.number("abs(w[1])");
    assert!(at_crossing < 1e-150, "{at_crossing}");
    bench.answer(&format!("goto {}", crossing - 300));
    let before = bench.number("abs(w[1])");
    bench.answer(&format!("goto {}", crossing + 300));
    let after = bench.number("abs(w[1])");
    assert!(
        before > at_crossing && after > at_crossing,
        "{before} {at_crossing} {after}"
    );
    let (burst, _, why) = bench.why("until loss > 1e-6");
    assert!(matches!(why, StopReason::Until(_)), "{why:?}");
    assert!(
        burst > crossing && burst < crossing + 1500,
        "{crossing} {burst}"
    );
}

#[test]
fn noise_keeps_errors_as_far_away_as_predicted() {
    const COPIES: u8 = 10;
    const COUNT: u32 = 200_000;
    let copies = usize::from(COPIES);
    for (rule, beta) in [("gd", 0.0), ("momentum --set beta=0.5", 0.5)] {
        let (eta, v) = (0.01, 0.25);
        let eigenvalues = [vec!["1"; copies], vec!["100"; copies]].concat().join(",");
        let zeros = vec!["0"; 2 * copies].join(",");
        let flags = format!(
            "--rule {rule} --set eta={eta} --eigenvalues {eigenvalues} --minimum {zeros} \
             --start {zeros} --noise 0.5 --seed 5"
        );
        let mut bench = Bench::open(&flags);
        bench.answer("step 2000");
        let text = prediction(&mut bench);
        assert!(text.contains("noise: predictions are means"), "{text}");
        let told: f64 = after(&text, "1 ")
            .split_whitespace()
            .nth(2)
            .unwrap()
            .parse()
            .unwrap();
        let noise = bench.session.noise().unwrap();
        let predicted = bench.session.focused_mut().variance(noise).unwrap();
        assert!((told / predicted[0] - 1.0).abs() < 1e-3, "{text}");
        let mut squares = vec![0.0; 2 * copies];
        for _ in 0..COUNT {
            bench
                .session
                .step(1, &mut eigenstep::debugger::Control::default());
            let machine = bench.session.lanes().focused().lane().machine();
            for (square, w) in squares.iter_mut().zip(machine.w()) {
                *square += w * w;
            }
        }
        for (l, from) in [(1.0, 0), (100.0, copies)] {
            let exact =
                eta * v * (1.0 + beta) / ((1.0 - beta) * l * (2.0 * (1.0 + beta) - eta * l));
            for told in &predicted[from..from + copies] {
                assert!((told / exact - 1.0).abs() < 1e-9, "{told} and {exact}");
            }
            let samples = f64::from(COUNT) * f64::from(COPIES);
            let mean = squares[from..from + copies].iter().sum::<f64>() / samples;
            let error = standard_error(eta * l, beta, samples);
            assert!(error < 0.0125, "too few samples to tell: {error}");
            assert!(
                (mean / exact - 1.0).abs() < 3.0 * error,
                "{rule}, {l}: {mean} and {exact}, {error}"
            );
        }
    }
}

/// The standard error, as a share, of a variance that is estimated from `samples` iterates of heavy ball
/// along one eigenvector: an autoregression of order 2, whose iterates are the more alike the slower it is.
fn standard_error(step: f64, beta: f64, samples: f64) -> f64 {
    let (mut before, mut now) = (1.0, (1.0 + beta - step) / (1.0 + beta));
    let mut alike = 1.0;
    for _ in 0..10_000 {
        alike += 2.0 * now * now;
        (before, now) = (now, (1.0 + beta - step) * now - beta * before);
    }
    (2.0 * alike / samples).sqrt()
}

#[test]
fn too_many_parameters_are_not_predicted_but_run() {
    let many: Vec<String> = (1..=300).map(|it| it.to_string()).collect();
    let mut bench = Bench::open(&format!("--rule adam --eigenvalues {}", many.join(",")));
    bench.answer("step 3");
    let text = prediction(&mut bench);
    assert!(text.starts_with("adam, not predicted here"), "{text}");
}

#[test]
fn dropped_gradients_are_predicted_in_the_mean() {
    let flags = "--rule gd --set eta=0.01 --eigenvalues 1,100 --grad-dropout 0.5 --seed 3";
    let mut bench = Bench::open(flags);
    bench.answer("step 300");
    let forecast = bench
        .session
        .focused_mut()
        .forecast(1e-6, &mut eigenstep::Control::default())
        .unwrap();
    let predicted = forecast.alpha(300).unwrap()[0];
    let exact = -0.8 * (1.0 - 0.5 * 0.01_f64).powi(300);
    assert!(
        (predicted / exact - 1.0).abs() < 1e-12,
        "{predicted} and {exact}"
    );
    let text = prediction(&mut bench);
    assert!(text.contains("noise: predictions are means"), "{text}");
    // Of the mean are what an iteration does and its factor, too: 1 - eta*lambda/2.
    assert!(after(&text, "100 ").ends_with("monotone, x0.5"), "{text}");
}

#[test]
fn steps_that_do_not_shrink_lead_to_the_minimum_and_swing_there() {
    let cases = [
        ("--rule sign --loss rotated --set eta=0.01", 10),
        ("--rule sign --set eta=0.013", 10),
        ("--rule optax/lion --set learning_rate=0.013", 10),
        (
            "--rule optax/lion --set learning_rate=0.013 --set weight_decay=0",
            10,
        ),
    ];
    for (flags, early) in cases {
        let mut bench = Bench::open(flags);
        bench.answer(&format!("step {early}"));
        let text = prediction(&mut bench);
        assert!(text.contains("constant steps of 0.01"), "{flags}: {text}");
        // What was predicted for a boundary is what the run does there, or nothing is predicted.
        let (mut turned, mut told) = (0, 0);
        for t in (early + 1..early + 6).chain(120..140) {
            bench.answer(&format!("goto {t}"));
            let report = bench.session.prediction(&mut Control::default()).unwrap();
            for it in &report.directions {
                let scale = it.alpha.unwrap().0.abs().max(1e-3);
                if let Some(predicted) = it.predicted {
                    let off = (predicted.0 - it.alpha.unwrap().0).abs();
                    assert!(off <= 1e-6 * scale, "{flags}: {off} {report}");
                    told += 1;
                }
                turned += u32::from(matches!(it.regime, Regime::Swinging { .. }));
            }
        }
        let remembers = flags.contains("lion");
        assert!(
            turned > 10 && (told > 1 || remembers),
            "{flags}: {turned} {told}"
        );
        let text = bench.says("info claims");
        assert!(!text.contains("settled: yes"), "{flags}: {text}");
    }
    // Its derivative says nothing of the step per gradient either.
    let mut bench = Bench::open("--rule sign");
    bench.answer("step 10");
    assert!(!prediction(&mut bench).contains("effective step"));
}

#[test]
fn a_full_matrix_has_an_edge_from_its_first_step_on() {
    // lambda_max(eta P H)/2, by eigenvalues of the unsymmetric matrix.
    let edges = [9_902.841_745_76, 8_404.679_628_55, 6_275.299_242_15];
    let mut bench = Bench::open("--rule adagrad_full --eigenvalues 1,2,3,4,5 --minimum 1,1,1,1,1");
    for edge in edges {
        bench.answer("step");
        assert!((bench.number("edge") / edge - 1.0).abs() < 1e-6, "{edge}");
    }
}

#[test]
fn a_buffer_that_is_switched_off_is_no_mode() {
    // PyTorch's plain SGD is gradient descent.
    for flags in [
        "--rule gd --set eta=0.005",
        "--rule torch/sgd --set lr=0.005",
    ] {
        let mut bench = Bench::open(&format!("{flags} --loss rotated"));
        bench.answer("step 9");
        let text = prediction(&mut bench);
        assert!(after(&text, "1 ").ends_with("monotone, x0.995"), "{text}");
        assert!(after(&text, "100 ").ends_with("monotone, x0.5"), "{text}");
    }
}

#[test]
fn nothing_is_foretold_that_what_is_known_contradicts() {
    // The curvature at a flat minimum says nothing about the loss away from it.
    let mut bench = Bench::open("--rule gd --set eta=0.1 --loss x^4 --start 1");
    bench.answer("step");
    let text = prediction(&mut bench);
    assert_eq!(
        after(&text, "loss <= 1e-6:"),
        " not predicted, not measured yet"
    );
    // Nor is the loss under noise that of the mean.
    let mut bench = Bench::open("--rule gd --set eta=0.01 --noise 0.1");
    bench.answer("step");
    let text = prediction(&mut bench);
    assert_eq!(
        after(&text, "loss <= 1e-6:"),
        " not predicted, not measured yet"
    );
    let mut bench = Bench::open("--rule gd --loss -x^2-y^2 --start 1,1 --set eta=0.1");
    bench.answer("step 3");
    let text = prediction(&mut bench);
    assert!(
        text.contains("edge: none here: the loss curves upward nowhere"),
        "{text}"
    );
}
