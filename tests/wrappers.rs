//! Wrappers: around every rule that comes with the program, or refused with a reason.

use eigenstep::{
    debugger::{Lane, Position},
    loss::landscape,
    rule::{self, Compiled, Tensor},
};
use std::{collections::BTreeMap, fs, sync::Arc};

/// A loss with a bend, from a point where no gradient vanishes.
const LOSS: &str = "(1-x)^2 + (y-x^2)^2";
const START: [f64; 2] = [-0.6, 0.9];

/// `name` on [`LOSS`] at settings that are not its own.
fn lane(name: &str, set: &[(&str, f64)]) -> Lane {
    let mut rule = rule::load(name).unwrap_or_else(|error| panic!("{error}"));
    let fixed = rule.known_at_load().map(|it| it.name.clone());
    for name in fixed.collect::<Vec<_>>() {
        if let Some((_, value)) = set.iter().find(|it| it.0 == name) {
            rule = rule.with_value(&name, &value.to_string()).unwrap();
        }
    }
    let compiled = rule
        .compile(2)
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let value = |it: &rule::Setting| {
        set.iter()
            .find(|(name, _)| *name == it.name)
            .map_or(it.default, |it| it.1)
    };
    let values = compiled.settings.iter().map(value).collect();
    Lane::new(
        Arc::new(compiled),
        &landscape(LOSS, Some(&START)).unwrap(),
        None,
        values,
    )
}

fn value(lane: &Lane, name: &str) -> Vec<f64> {
    let machine = lane.machine();
    machine
        .value(machine.compiled().variable(name).unwrap())
        .to_vec()
}

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|it| it.to_bits()).collect()
}

/// The wrappers around each rule: those that go around it, and why others do not.
fn all() -> (Vec<String>, BTreeMap<String, String>) {
    let (mut good, mut refused) = (Vec::new(), BTreeMap::new());
    for wrapper in rule::wrappers() {
        for inner in rule::names() {
            let name = format!("{}({inner})", wrapper.name);
            match rule::load(&name) {
                Ok(_) => good.push(name),
                Err(error) => {
                    refused.insert(name, error.to_string());
                }
            }
        }
    }
    (good, refused)
}

#[test]
fn wrappers_go_around_every_rule_or_say_why_not() {
    let (good, refused) = all();
    for (name, why) in &refused {
        let reasons = [
            "asks the loss for grad(w)",
            "counts its updates by t",
            "cannot begin again",
            // Adadelta and optax's Muon have settings of these names, as with the classes of torch; BFGS a number.
            "both have `rho`",
            "both have `adaptive`",
        ];
        assert!(reasons.iter().any(|it| why.contains(it)), "{name}: {why}");
    }
    let of_lookahead = refused.keys().filter(|it| it.contains("lookahead"));
    // Its rings of past values cannot be emptied.
    assert!(of_lookahead.eq(&["optax/lookahead(torch/lbfgs)"]));
    for name in &good {
        let rule = rule::load(name).unwrap();
        assert_eq!(rule.name, *name);
        // What is printed is the program.
        let again = rule::embedded(name).unwrap();
        assert_eq!(again.text, rule.source.text);
        let vector = rule
            .compile(3)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(vector.variable("w").is_some());
        let tensors: Vec<Tensor> = [("a", vec![2, 3], 0..6), ("b", vec![2], 6..8)]
            .into_iter()
            .map(|(name, shape, range)| Tensor {
                name: name.into(),
                shape,
                range,
                is_norm: false,
            })
            .collect();
        rule.over(&tensors)
            .compile(8)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn a_wrapper_that_does_nothing_leaves_the_rule_inside_as_it_is() {
    let still: [(&str, &[(&str, f64)]); 3] = [
        ("torch/lookahead", &[("lookahead_alpha", 1.0)]),
        ("optax/lookahead", &[("slow_step_size", 1.0)]),
        ("torch/sam", &[("rho", 0.0)]),
    ];
    let (good, _) = all();
    let mut seen = 0;
    for name in good {
        let (outer, inner) = name.strip_suffix(')').unwrap().split_once('(').unwrap();
        let Some((_, set)) = still.iter().find(|it| it.0 == outer) else {
            continue;
        };
        let (mut wrapped, mut alone) = (lane(&name, set), lane(inner, &[]));
        for t in 1..=12 {
            wrapped.iterate();
            alone.iterate();
            // Of slow weights that go all the way, the last digit may be another.
            for (a, b) in wrapped.machine().w().iter().zip(alone.machine().w()) {
                let off = (a - b).abs() / b.abs().max(1e-3);
                assert!(
                    off < 1e-9 || !(a.is_finite() || b.is_finite()),
                    "{name} at t = {t}: {a} and {b}"
                );
            }
        }
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn fast_weights_meet_the_slow_ones_every_k_updates() {
    for (name, k, alpha, slow) in [
        (
            "torch/lookahead(torch/sgd)",
            "lookahead_k",
            "lookahead_alpha",
            "slow_params",
        ),
        (
            "optax/lookahead(optax/sgd)",
            "sync_period",
            "slow_step_size",
            "slow",
        ),
    ] {
        let rate = if name.starts_with("torch") {
            "lr"
        } else {
            "learning_rate"
        };
        let mut lane = lane(name, &[(k, 3.0), (alpha, 0.25), (rate, 0.01)]);
        let mut kept = START.to_vec();
        for t in 1..=12 {
            lane.iterate();
            let (w, now) = (lane.machine().w().to_vec(), value(&lane, slow));
            if t % 3 == 0 {
                assert_eq!(bits(&w), bits(&now), "{name} at t = {t}");
                assert_ne!(bits(&now), bits(&kept));
                kept = now;
            } else {
                assert_eq!(bits(&now), bits(&kept), "{name} at t = {t}");
                assert_ne!(bits(&w), bits(&kept));
            }
        }
    }
}

#[test]
fn the_gradient_of_sam_is_one_from_uphill() {
    let mut lane = lane("torch/sam(torch/sgd)", &[("rho", 0.1), ("lr", 0.01)]);
    let gradient = |w: &[f64]| {
        let bend = w[1] - w[0] * w[0];
        [-2.0 * (1.0 - w[0]) - 4.0 * w[0] * bend, 2.0 * bend]
    };
    let mut w = START.to_vec();
    for _ in 0..5 {
        let here = gradient(&w);
        let norm = here[0].hypot(here[1]);
        let uphill: Vec<f64> = (0..2).map(|k| w[k] + 0.1 * here[k] / norm).collect();
        let there = gradient(&uphill);
        w = (0..2).map(|k| w[k] - 0.01 * there[k]).collect();
        lane.iterate();
        for (ours, theirs) in lane.machine().w().iter().zip(&w) {
            assert!((ours - theirs).abs() < 1e-12, "{ours} and {theirs}");
        }
    }
}

#[test]
fn states_that_begin_again_are_as_at_the_start() {
    let set = [("sync_period", 3.0), ("reset_state", 1.0)];
    let mut lane = lane("optax/lookahead(optax/adam)", &set);
    lane.seek(Position::at(3), |_| true);
    for state in ["mu", "nu", "count", "steps_since_sync"] {
        assert!(value(&lane, state).iter().all(|it| *it == 0.0), "{state}");
    }
    lane.seek(Position::at(4), |_| true);
    assert_eq!(value(&lane, "count"), [1.0]);
}

#[test]
fn only_the_last_gradient_of_a_period_updates() {
    let set = [("sync_period", 3.0), ("rho", 0.2)];
    let mut lane = lane("optax/sam(optax/adam)", &set);
    for t in 1..=9_u32 {
        lane.iterate();
        assert_eq!(value(&lane, "count"), [f64::from(t / 3)], "t = {t}");
        let away: f64 = value(&lane, "cache")
            .iter()
            .zip(lane.machine().w())
            .map(|(a, b)| (a - b).powi(2))
            .sum();
        // One or two steps uphill of a given length, then an update from where they began.
        match t % 3 {
            1 => assert!((away.sqrt() - 0.2).abs() < 1e-12, "t = {t}"),
            2 => assert!(away.sqrt() > 0.2 && away.sqrt() < 0.4 + 1e-12, "t = {t}"),
            _ => assert!(away.sqrt() < 0.01, "t = {t}"),
        }
    }
}

/// What loading `name` says, where it fails.
fn refusal(name: &str) -> String {
    rule::load(name)
        .map(|it| it.name.clone())
        .unwrap_err()
        .to_string()
}

#[test]
fn wrappers_are_written_as_rules_are() {
    for (name, meant) in [
        ("lookahead(torch/adamw)", "torch/lookahead(torch/adamw)"),
        (
            "Lookahead(torch.optim.AdamW)",
            "torch/lookahead(torch/adamw)",
        ),
        ("optax.contrib.sam(optax.sgd)", "optax/sam(optax/sgd)"),
        (" torch/sam( gd ) ", "torch/sam(gd)"),
        (
            "lookahead(sam(torch/sgd))",
            "torch/lookahead(torch/sam(torch/sgd))",
        ),
        (
            "torch/lookahead(sam(optax/sgd))",
            "torch/lookahead(optax/sam(optax/sgd))",
        ),
    ] {
        let rule = rule::load(name).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(rule.name, meant);
        rule.compile(2)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for (name, said) in [
        (
            "lookahead",
            "`lookahead` is a wrapper, and needs a rule to go around",
        ),
        ("torch/sam", "as in: 'torch/sam(torch/adamw)'"),
        ("torch/sam(gd", "has a bracket that is not closed"),
        ("sam(adam)", "say whose: `optax/sam`, `torch/sam`"),
        ("sma(torch/adam)", "there is no wrapper `sma`"),
        ("torch/adam(torch/sgd)", "there is no wrapper `torch/adam`"),
        ("torch/sam(adamm)", "there is no rule `adamm`"),
        ("torch/sam(sam(torch/sgd))", "both have `rho`"),
        (
            "torch/sam(newton)",
            "asks the loss for grad(w), and for nothing else",
        ),
        ("optax/sam(adam)", "counts its updates by t"),
    ] {
        let text = refusal(name);
        assert!(text.contains(said), "{name}: {text}");
    }
}

#[test]
fn a_rule_of_your_own_can_be_inside() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("my.rule");
    let text = "rule mine \"own\"\nparam eta = 0.1 in (0, inf) \"step\"\nstep\n\tg = grad(w) # here\n\tw = w - eta*g\n";
    fs::write(&path, text).unwrap();
    let rule = rule::load(&format!("torch/sam({})", path.display())).unwrap();
    assert_eq!(rule.name, "torch/sam(mine)");
    let _: Compiled = rule.compile(2).unwrap();
    fs::write(&path, text.replace("eta", "rho")).unwrap();
    assert!(refusal(&format!("torch/sam({})", path.display())).contains("both have `rho`"));
}

#[test]
fn names_go_on_inside_of_a_bracket() {
    let words = rule::names_from("torch/look");
    assert_eq!(words, ["torch/lookahead("]);
    assert_eq!(
        rule::names_from("torch/lookahead(optax/adamw"),
        ["torch/lookahead(optax/adamw)"]
    );
    assert_eq!(
        rule::names_from("torch/lookahead(optax/sa"),
        ["torch/lookahead(optax/sam("]
    );
}
