//! Runs of optimisers that were written elsewhere, each with one planted mistake or with none: see
//! `tests/foreign/generate.py`.

use eigenstep::{
    Control,
    diff::{
        CauseKind, ConfiguredRule, Diagnosis, GradientTiming, Mode, Question, Report, Tolerance,
        examine,
    },
    runs::{self, ReadOptions},
};
use question::question;
use std::path::Path;

#[path = "foreign/question.rs"]
mod question;
#[path = "foreign/told.rs"]
mod told;

fn examined(file: &str, rule: &str, settings: &[&str], question: &Question) -> Report {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/foreign/{file}.jsonl.gz"));
    let mut run = runs::open(path.to_str().unwrap(), &ReadOptions::default())
        .unwrap_or_else(|error| panic!("{error}"));
    let mut start = Vec::new();
    assert!(run.read(0, 0, &mut start).unwrap());
    let settings: Vec<String> = settings.iter().map(|it| (*it).to_owned()).collect();
    let subject = ConfiguredRule::new(rule, &settings, None, &start).unwrap();
    let report = examine(&mut run, &subject, question, &mut Control::default())
        .unwrap_or_else(|error| panic!("{error}"));
    told::check_numbers(&serde_json::to_value(&report.diagnosis).unwrap());
    assert!(
        !told::is_doubted(&serde_json::to_value(&report).unwrap()),
        "{report}"
    );
    report
}

fn diagnosis(report: &Report) -> &Diagnosis {
    report
        .diagnosis
        .as_ref()
        .unwrap_or_else(|| panic!("{report}"))
}

/// A run, the rule that its author meant, where the two part, and what the first sentence has to say.
struct Case {
    file: &'static str,
    rule: &'static str,
    settings: &'static [&'static str],
    first: (u64, &'static str),
    says: &'static [&'static str],
}

const ADAM: (&str, &[&str]) = ("torch/adam", &["lr=0.02"]);
const SGD: (&str, &[&str]) = ("torch/sgd", &["lr=0.0005", "momentum=0.9"]);

const fn case(
    file: &'static str,
    (rule, settings): (&'static str, &'static [&'static str]),
    first: (u64, &'static str),
    says: &'static [&'static str],
) -> Case {
    Case {
        file,
        rule,
        settings,
        first,
        says,
    }
}

const CASES: &[Case] = &[
    case(
        "adam-eps-inside",
        ADAM,
        (1, "w[1]"),
        &["with eps inside the square root"],
    ),
    case(
        "adam-eps-scaled",
        ADAM,
        (1, "w[1]"),
        &["eps added to the root before the bias correction"],
    ),
    case(
        "adam-eps-scaled-no-buffers",
        ADAM,
        (1, "w[1]"),
        &["eps added to the root before the bias correction"],
    ),
    case(
        "adam-uncorrected",
        ADAM,
        (1, "w[1]"),
        &["no bias correction"],
    ),
    case(
        "adam-first-only",
        ADAM,
        (1, "w[1]"),
        &["bias correction of the first moment only"],
    ),
    case(
        "adam-second-only",
        ADAM,
        (1, "w[1]"),
        &["bias correction of the second moment only"],
    ),
    case(
        "adam-counter-zero",
        ADAM,
        (1, "w[1]"),
        &["a step counter that starts at 0"],
    ),
    case(
        "adam-counter-two",
        ADAM,
        (1, "w[1]"),
        &["a step counter that starts at 2"],
    ),
    case(
        "adam-counter-stuck",
        ADAM,
        (2, "w[1]"),
        &["never advances beyond 1"],
    ),
    case(
        "adam-sum",
        ADAM,
        (1, "exp_avg[1]"),
        &["a first moment without the factor 0.1"],
    ),
    case(
        "adam-coupled",
        ADAM,
        (1, "exp_avg[1]"),
        &["with weight_decay=0.1"],
    ),
    case(
        "adam-decay-after",
        ADAM,
        (1, "w[1]"),
        &["decoupled weight decay after the step, weight_decay=0.1"],
    ),
    case(
        "adam-stale",
        ADAM,
        (1, "w[1]"),
        &["the first moment updated after w"],
    ),
    case(
        "adam-swapped",
        ADAM,
        (1, "exp_avg[1]"),
        &["beta1=0.999 and beta2=0.9;"],
    ),
    case(
        "adam-v0",
        ADAM,
        (1, "w[1]"),
        &["`exp_avg_sq` beginning at 0.1"],
    ),
    case(
        "adam-first-gradient",
        ADAM,
        (1, "exp_avg[1]"),
        &["`exp_avg` beginning at t = 1 as 1*g"],
    ),
    case(
        "adam-no-root",
        ADAM,
        (1, "w[1]"),
        &["no square root of the second moment"],
    ),
    case(
        "adam-clip",
        ADAM,
        (2, "w[1]"),
        &["the gradient clipped by its norm"],
    ),
    case("adam-lr", ADAM, (1, "w[1]"), &["with lr=0.03;"]),
    case("adam-beta2", ADAM, (2, "w[1]"), &["with beta2=0.99,"]),
    case(
        "adam-inside-uncorrected",
        ADAM,
        (1, "w[1]"),
        &["eps inside the square root and no bias correction"],
    ),
    case(
        "adam-two-coupled",
        ADAM,
        (1, "w[1]"),
        &["a step counter that starts at 2", "weight_decay=0.1"],
    ),
    case(
        "adam-sum-first-only",
        ADAM,
        (1, "exp_avg[1]"),
        &[
            "bias correction of the first moment only",
            "a first moment without the factor",
        ],
    ),
    case(
        "adam-per-tensor",
        ("torch/adam", &["lr=0.05"]),
        (1, "layer.bias[2]"),
        &["a step counter that every tensor advances"],
    ),
    case(
        "sgd-average",
        SGD,
        (1, "momentum_buffer[1]"),
        &["a first moment that averages"],
    ),
    case(
        "sgd-lr-inside",
        SGD,
        (1, "momentum_buffer[1]"),
        &["lr inside the velocity"],
    ),
    case("sgd-nesterov", SGD, (1, "w[1]"), &["nesterov=1"]),
    case(
        "rmsprop-inside",
        ("torch/rmsprop", &[]),
        (1, "w[1]"),
        &["eps inside the square root"],
    ),
    case(
        "rmsprop-ones",
        ("torch/rmsprop", &[]),
        (1, "w[1]"),
        &["`square_avg` beginning at 1"],
    ),
    case(
        "adagrad-start",
        ("torch/adagrad", &["lr=0.5"]),
        (1, "w[1]"),
        &["`sum` beginning at 0.1"],
    ),
];

#[test]
fn the_first_difference_and_its_cause_are_found() {
    for case in CASES {
        let report = examined(case.file, case.rule, case.settings, &question());
        assert!(!report.same, "{}", case.file);
        let first = &report.differences[0];
        assert_eq!(
            (first.t, first.coordinate.as_str()),
            case.first,
            "{}",
            case.file
        );
        let found = diagnosis(&report);
        let best = &found.explanations[0];
        assert_eq!(best.explained, best.told, "{}: {report}", case.file);
        assert!(
            best.ulps.is_none_or(|it| it.0 <= 64.0),
            "{}: {report}",
            case.file
        );
        for says in case.says {
            assert!(best.text.contains(says), "{}: {report}", case.file);
        }
        assert_eq!(report.replay_same, Some(false), "{}", case.file);
    }
}

#[test]
fn correct_runs_are_the_same() {
    for (file, (rule, settings)) in [
        ("adam", ADAM),
        ("adam-no-buffers", ADAM),
        ("adam-logged-before", ADAM),
        ("sgd", SGD),
    ] {
        for mode in [Mode::Free, Mode::Replay] {
            let report = examined(file, rule, settings, &Question { mode, ..question() });
            assert!(report.same && report.compared >= 299, "{report}");
        }
    }
}

#[test]
fn a_change_in_the_middle_of_a_run_is_told_apart_from_its_beginning() {
    let report = examined("adam-late-lr", ADAM.0, ADAM.1, &question());
    assert_eq!(report.differences[0].t, 201);
    let best = &diagnosis(&report).explanations[0];
    assert_eq!((best.range, best.fails_at), ((1, 400), None));
    assert_eq!(best.causes[0].kind, CauseKind::Settings);
    let told = "0.02 until t = 200, 0.005 (a factor of 0.25) from t = 201";
    assert!(best.causes[0].text.run.contains(told), "{report}");
}

#[test]
fn arithmetic_in_32_bits_is_no_wrong_rule() {
    let report = examined("adam-single", ADAM.0, ADAM.1, &question());
    assert!(!report.same);
    let best = &diagnosis(&report).explanations[0];
    assert!(
        best.causes.is_empty()
            && best.explained == best.told
            && best.ulps.is_some_and(|it| it.0 <= 8.0),
        "{report}"
    );
    assert!(best.text.contains("in 32-bit arithmetic"), "{report}");
    // Gradients of about 100 hide an eps of 1e-8 from 32-bit floats.
    let warning = &diagnosis(&report).warnings[0];
    assert!(
        warning.text.contains("eps inside the square root")
            && warning.text.contains("as small as eps"),
        "{report}"
    );
    let loose = Question {
        mode: Mode::Replay,
        tolerance: Tolerance {
            relative: 1e-4,
            absolute: 0.0,
        },
        ..question()
    };
    assert!(examined("adam-single", ADAM.0, ADAM.1, &loose).same);
}

#[test]
fn what_follows_no_rule_is_not_explained() {
    let report = examined("none-random", "torch/sgd", &["lr=0.01"], &question());
    let found = diagnosis(&report);
    assert!(found.explanations.is_empty(), "{report}");
    assert!(
        found.text[0].contains("the line of `w`")
            && found.text[0].contains("that were tried leaves only rounding"),
        "{report}"
    );
}

#[test]
fn rows_logged_before_the_update_are_recognised() {
    let report = examined("adam-logged-before", ADAM.0, ADAM.1, &question());
    assert!(
        report.remarks[0]
            .to_string()
            .contains("logged before each update"),
        "{report}"
    );
    let wrong = Question {
        convention: Some(GradientTiming::Used),
        diagnose: false,
        ..question()
    };
    assert!(!examined("adam-logged-before", ADAM.0, ADAM.1, &wrong).same);
}
