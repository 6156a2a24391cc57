//! Scenarios: what flags and files say, and that nothing is lost on the way through either.

use clap::Parser;
use eigenstep::{
    cli::ScenarioArgs,
    error::Source,
    scenario::{Scenario, Setup, Target},
};
use proptest::prelude::*;
use std::{collections::BTreeMap, path::Path};

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    scenario: ScenarioArgs,
}

fn from_flags(flags: &[String]) -> Scenario {
    let words = std::iter::once("eigenstep".to_owned()).chain(flags.iter().cloned());
    let line = CommandLine::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    line.scenario
        .scenario()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn scenario(flags: &[&str]) -> Scenario {
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
    from_flags(&flags)
}

fn open(flags: &[&str]) -> Setup {
    match scenario(flags).open() {
        Ok(setup) => setup,
        Err(error) => panic!("{error}"),
    }
}

fn toml(text: &str) -> Scenario {
    let source = Source::new("test.toml", text);
    Scenario::from_toml(&source, Path::new("")).unwrap_or_else(|error| panic!("{error}"))
}

/// The value of a setting of the lane `at`.
fn setting(setup: &Setup, at: usize, name: &str) -> f64 {
    let machine = setup.lanes[at].1.machine();
    let settings = &machine.compiled().settings;
    let number = settings.iter().position(|it| it.name == name).unwrap();
    machine.setting(number)
}

fn names(setup: &Setup) -> Vec<&str> {
    setup.lanes.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn an_older_name_of_a_flag_goes_on_working() {
    let dropout = scenario(&["--grad-dropout", "0.25"]);
    assert_eq!(dropout.grad_dropout, 0.25);
    assert_eq!(scenario(&["--dropped", "0.25"]), dropout);
    assert_eq!(
        Scenario::from_flags(&[("dropped", "0.25")]).unwrap(),
        dropout
    );
    assert_eq!(toml("dropped = 0.25"), dropout);
    assert_eq!(dropout.to_flags(), ["--grad-dropout", "0.25"]);
}

#[test]
fn nothing_said_is_the_essays_adam() {
    let setup = open(&[]);
    assert_eq!(names(&setup), ["adam"]);
    assert_eq!(setup.landscape.name, "valley");
    assert_eq!(setup.landscape.start, [0.0, 0.0]);
    assert_eq!(setting(&setup, 0, "eta"), 2.0 / 101.0);
    assert_eq!(setting(&setup, 0, "beta1"), 0.9);
}

#[test]
fn a_rule_by_name_keeps_its_own_defaults() {
    assert_eq!(setting(&open(&["--rule", "adam"]), 0, "eta"), 0.001);
    assert_eq!(setting(&open(&["--set", "eta=0.5"]), 0, "eta"), 0.5);
}

#[test]
fn without_a_minimum_the_default_rule_keeps_its_own_step() {
    let setup = open(&["--loss", "x^3 + y", "--start", "1,1"]);
    assert_eq!(setting(&setup, 0, "eta"), 0.001);
}

#[test]
fn lanes_are_named_by_their_rules() {
    let flags = ["--rule", "adam", "--rule", "gd", "--rule", "adam"];
    assert_eq!(names(&open(&flags)), ["adam", "gd", "adam_2"]);
}

#[test]
fn a_setting_goes_to_its_lane_or_to_all_that_have_it() {
    let setup = open(&[
        "--rule",
        "adam",
        "--rule",
        "gd",
        "--rule",
        "adam",
        "--set",
        "adam_2.eta=0.5",
        "--set",
        "eta=eta_max/4",
        "--set",
        "beta1=0.8",
    ]);
    assert_eq!(setting(&setup, 0, "eta"), 0.005);
    assert_eq!(setting(&setup, 1, "eta"), 0.005);
    assert_eq!(setting(&setup, 2, "eta"), 0.5);
    assert_eq!(setting(&setup, 2, "beta1"), 0.8);
}

#[test]
fn settings_are_expressions_of_the_losss_constants() {
    let eta = |text: &str| {
        let set = format!("eta={text}");
        let flags = ["--rule", "gd", "--eigenvalues", "4,2,10", "--set", &set];
        setting(&open(&flags), 0, "eta")
    };
    assert_eq!(eta("eta_opt"), 2.0 / 12.0);
    assert_eq!(eta("0.5*eta_max"), 0.1);
    assert_eq!(eta("1/kappa"), 0.2);
    assert_eq!(eta("1/lambda[2]"), 0.25);
    assert_eq!(eta("n + sqrt(pi^2) - pi"), 3.0);
}

#[test]
fn a_quadratic_is_given_by_its_spectrum() {
    let setup = open(&["--eigenvalues", "3,1,2", "--start", "1,0,0"]);
    assert_eq!(setup.minima.home().minimum, [1.0, 1.0, 1.0]);
    let spectrum = setup.minima.home().eigenbasis().unwrap();
    assert_eq!(spectrum.eigenvalues, [1.0, 2.0, 3.0]);
    let turned = open(&["--rotate", "30"]);
    let row = open(&["--loss", "rotated"]);
    let gradient = |setup: &Setup| setup.lanes[0].1.machine().gradient().to_vec();
    assert_eq!(gradient(&turned), gradient(&row));
}

#[test]
fn a_quadratic_by_flags_is_seen_as_the_essays_is() {
    let (given, named) = (open(&["--rotate", "0"]), open(&[]));
    assert_eq!(given.landscape.window, named.landscape.window);
    assert_eq!(given.landscape.bound, named.landscape.bound);
}

#[test]
fn flags_win_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("valley.toml");
    let text = "rule = \"gd\"\nloss = \"rosenbrock\"\nseed = 3\n[set]\neta = 1e-4\n";
    std::fs::write(&path, text).unwrap();
    let path = path.to_str().unwrap();
    let kept = scenario(&[path]);
    assert_eq!(kept.rules, ["gd"]);
    assert_eq!(setting(&open(&[path]), 0, "eta"), 1e-4);
    assert_eq!(setting(&open(&[path, "--set", "eta=2e-4"]), 0, "eta"), 2e-4);
    let changed = scenario(&[path, "--rule", "adam", "--eigenvalues", "1,2"]);
    assert_eq!(changed.rules, ["adam"]);
    assert_eq!((changed.loss, changed.seed), (None, 3));
    assert!(changed.settings.is_empty());
}

#[test]
fn a_rules_file_is_looked_for_beside_the_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let rule = "rule half \"Half steps\"\nparam eta = 0.5 in (0, inf) \"step\"\nstep\n  w = w - eta*grad(w)/100\n";
    std::fs::write(folder.path().join("half.rule"), rule).unwrap();
    let path = folder.path().join("half.toml");
    std::fs::write(&path, "rule = [\"half.rule\", \"gd\"]\n").unwrap();
    assert_eq!(names(&open(&[path.to_str().unwrap()])), ["half", "gd"]);
}

#[test]
fn files_say_what_flags_say() {
    let file = toml(
        "rule = [\"adam\", \"gd\"]\neigenvalues = [1, 10]\nrotate = 30\nminimum = [0.5, -1e-3]\n\
         start = [-1.5, 2]\nnoise = 0.25\nseed = 7\n[set]\neta = \"eta_opt/2\"\ngd.eta = 0.5\n\
         \"adam.beta1\" = 0\n",
    );
    let flags = scenario(&[
        "--rule",
        "adam",
        "--rule",
        "gd",
        "--eigenvalues",
        "1,10",
        "--rotate",
        "30",
        "--minimum",
        "0.5,-1e-3",
        "--start",
        "-1.5,2",
        "--noise",
        "0.25",
        "--seed",
        "7",
        "--set",
        "eta=eta_opt/2",
        "--set",
        "gd.eta=0.5",
        "--set",
        "adam.beta1=0",
    ]);
    assert_eq!(file, flags);
}

#[test]
fn the_scenario_spelled_out_runs_the_same() {
    let mut setup = open(&[
        "--rule",
        "adam",
        "--rule",
        "momentum",
        "--set",
        "eta=eta_opt/3",
    ]);
    let mut again = setup
        .scenario
        .open()
        .unwrap_or_else(|error| panic!("{error}"));
    for ((_, lane), (_, other)) in setup.lanes.iter_mut().zip(&mut again.lanes) {
        for _ in 0..50 {
            lane.iterate();
            other.iterate();
        }
        assert_eq!(lane.machine().variables(), other.machine().variables());
    }
    assert_eq!(again.scenario, setup.scenario);
}

fn finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        proptest::num::f64::NORMAL | proptest::num::f64::ZERO | proptest::num::f64::SUBNORMAL,
        (-100i32..100).prop_map(f64::from),
    ]
}

fn list() -> impl Strategy<Value = Option<Vec<f64>>> {
    proptest::option::of(proptest::collection::vec(finite(), 1..5))
}

fn target() -> impl Strategy<Value = Target> {
    let lane = proptest::option::of(prop_oneof![Just("adam"), Just("torch/adam"), Just("gd_2")]);
    let name = prop_oneof![Just("eta"), Just("beta1"), Just("lr")];
    (lane, name).prop_map(|(lane, name)| Target {
        lane: lane.map(str::to_owned),
        name: name.to_owned(),
    })
}

fn setting_text() -> impl Strategy<Value = String> {
    let words = prop_oneof![
        Just("eta_opt/2"),
        Just("1 - lambda[1]"),
        Just("-1"),
        Just("1e-3"),
        Just("0.10"),
        Just("say \"no\"\\"),
    ];
    prop_oneof![
        words.prop_map(str::to_owned),
        finite().prop_map(eigenstep::format::exact),
    ]
}

prop_compose! {
    fn any_scenario()(
        rules in proptest::collection::vec(prop_oneof![Just("adam"), Just("gd"), Just("my.rule")], 0..4),
        settings in proptest::collection::btree_map(target(), setting_text(), 0..5),
        loss in proptest::option::of(prop_oneof![Just("valley"), Just("-x^2 + 'y'"), Just("x=\n\"y\"")]),
        quadratic in (list(), proptest::option::of(finite()), list()),
        start in list(),
        noise in finite(),
        seed in any::<u64>(),
    ) -> Scenario {
        let settings: BTreeMap<Target, String> = settings;
        let mut scenario = Scenario {
            rules: rules.into_iter().map(str::to_owned).collect(),
            settings,
            loss: loss.map(str::to_owned),
            start,
            noise,
            seed,
            ..Scenario::default()
        };
        if scenario.loss.is_none() {
            (scenario.eigenvalues, scenario.rotate, scenario.minimum) = quadratic;
        }
        scenario
    }
}

proptest! {
    #[test]
    fn printed_as_flags_it_reads_back(scenario in any_scenario()) {
        prop_assert_eq!(from_flags(&scenario.to_flags()), scenario);
    }

    #[test]
    fn printed_as_toml_it_reads_back(scenario in any_scenario()) {
        let text = scenario.to_toml();
        prop_assert_eq!(toml(&text), scenario, "{}", text);
    }
}

#[test]
fn what_the_screen_looks_like_is_kept_but_no_part_of_a_run() {
    let text = "rule = [\"gd\"]\nbackground = \"light\"\ncharset = \"ascii\"\n";
    let source = Source::new("looks.toml", text);
    let scenario = Scenario::from_toml(&source, Path::new("")).unwrap();
    assert_eq!(scenario.looks["background"], "light");
    assert_eq!(scenario.to_toml(), text);
    let header = serde_json::to_string(&scenario.open().unwrap().scenario).unwrap();
    assert!(!header.contains("charset"), "{header}");
    let older = Source::new("older.toml", text.replace("background", "ground"));
    assert_eq!(
        Scenario::from_toml(&older, Path::new("")).unwrap(),
        scenario
    );
}

#[test]
fn a_still_looks_as_its_scenario_wants() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain.toml");
    std::fs::write(
        &file,
        "rule = \"gd\"\ncharset = \"ascii\"\ncolor = \"never\"\n",
    )
    .unwrap();
    let still = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_eigenstep"))
            .args([
                "snapshot",
                file.to_str().unwrap(),
                "--size",
                "60x16",
                "--format",
                "ansi",
            ])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = still(&[]);
    assert!(plain.is_ascii() && !plain.contains("\x1b[3"), "{plain:?}");
    // A flag wins.
    assert!(!still(&["--charset", "unicode"]).is_ascii());
}

#[test]
fn an_error_in_a_text_of_several_lines_is_shown_in_its_own_line() {
    for (text, place) in [
        (
            "start = [1, 1]\nloss = \"\"\"\nx^2 +\ny^2 + zz\n\"\"\"\n",
            "mine.toml:4:7",
        ),
        (
            "loss = '''x^2 +\n  y^2 + zz'''\nstart = [1, 1]\n",
            "mine.toml:2:9",
        ),
        ("loss = \"x^2 + zz\"\nstart = [1, 1]\n", "mine.toml:1:15"),
        (
            "rule = \"gd\"\n[set]\neta = \"\"\"\n1 +\nfoo\"\"\"\n",
            "mine.toml:5:1",
        ),
        (
            "rule = \"gd\"\n[set]\neta = '''1 + foo'''\n",
            "mine.toml:3:14",
        ),
        (
            "rule = \"gd\"\n[set]\neta = \"1 + foo\"\n",
            "mine.toml:3:12",
        ),
    ] {
        let source = Source::new("mine.toml", text);
        let scenario = Scenario::from_toml(&source, Path::new("")).unwrap();
        let error = scenario.open().map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(place), "{text}: {error}");
    }
    for (text, place) in [
        ("commands = [\n  '''print los''',\n]\n", "mine.toml:2:12"),
        (
            "commands = [\n  \"\"\"print los\"\"\",\n]\n",
            "mine.toml:2:12",
        ),
        ("commands = [\n  \"print los\",\n]\n", "mine.toml:2:10"),
    ] {
        let source = Source::new("mine.toml", text);
        let scenario = Scenario::from_toml(&source, Path::new("")).unwrap();
        let mut session = scenario.session().unwrap();
        let mut control = eigenstep::debugger::Control::default();
        let replayed = scenario.replay(&mut session, &mut control, |_, _| {});
        let error = replayed.unwrap_err().to_string();
        assert!(error.contains(place), "{text}: {error}");
    }
}
