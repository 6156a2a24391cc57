//! Maps of how runs end: what theory says of the valley, as text, CSV and SVG, and in the debugger.

use eigenstep::{
    debugger::{
        Control, Progress,
        answer::Answer,
        command::{Command, LaneCommand, NewLane},
        sweep::{Map, Outcome},
    },
    error::Source,
    scenario::Scenario,
};
use std::{path::Path, process};

const EIGENSTEP: &str = env!("CARGO_BIN_EXE_eigenstep");

/// The map of `sweep ...` on a scenario of `NAME=VALUE` flags.
fn map(flags: &[&str], command: &str) -> Map {
    let flags: Vec<_> = flags.iter().map(|it| it.split_once('=').unwrap()).collect();
    let scenario = Scenario::from_flags(&flags).unwrap();
    let mut session = scenario.session().unwrap();
    let line = Source::new("<test>", command);
    let answer = session.execute(&line, &mut Control::default());
    match answer.unwrap_or_else(|error| panic!("{error}")) {
        Answer::Swept(map) => *map,
        other => panic!("{other}"),
    }
}

fn printed(flags: &[&str]) -> (String, String, Option<i32>) {
    let output = process::Command::new(EIGENSTEP)
        .arg("sweep")
        .args(flags)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        text(output.stdout),
        text(output.stderr),
        output.status.code(),
    )
}

/// The command that opens a run of the map as a lane.
fn command(map: &Map, column: usize, row: usize) -> String {
    let lane = NewLane::of_run(map, column, row);
    Command::Lane(LaneCommand::Add(lane)).to_string()
}

#[test]
fn gradient_descent_ends_at_eta_max_and_is_fastest_before() {
    let map = map(
        &["rule=gd"],
        "sweep eta=0.5*eta_max..1.5*eta_max:101 steps 2000",
    );
    for (column, eta) in map.axes[0].values.iter().enumerate() {
        let outcome = map.at(column, 0);
        match eta {
            eta if *eta < 0.0199 => assert!(matches!(outcome, Outcome::Value(_)), "{eta}"),
            eta if *eta > 0.0202 => assert_eq!(outcome, Outcome::Diverged, "{eta}"),
            _ => {}
        }
    }
    let (best, _) = map.best().unwrap();
    let rate = self::map(
        &["rule=gd"],
        "sweep eta=0.01..0.03:201 steps 2000 measure rate",
    );
    let (fastest, _) = rate.best().unwrap();
    let (by_count, by_rate) = (map.axes[0].values[best], rate.axes[0].values[fastest]);
    assert!((by_rate - 2.0 / 101.0).abs() < 1.1e-4, "{by_rate}");
    assert!((by_count - 2.0 / 101.0).abs() < 4e-4, "{by_count}");
    // And the rate there is (kappa - 1)/(kappa + 1).
    let Outcome::Value(value) = rate.at(fastest, 0) else {
        panic!()
    };
    assert!((value - 99.0 / 101.0).abs() < 1e-3, "{value}");
}

#[test]
fn heavy_balls_optimum_is_where_theory_has_it() {
    let map = map(
        &["rule=momentum"],
        "sweep eta=0.02..0.045:51 beta=0.5..0.8:61 steps 400 measure rate",
    );
    let (column, row) = map.best().unwrap();
    let (eta, beta) = (map.axes[0].values[column], map.axes[1].values[row]);
    assert!((eta - 0.033_06).abs() < 0.002, "eta {eta}");
    assert!((beta - 0.669_4).abs() < 0.02, "beta {beta}");
    let Outcome::Value(rate) = map.at(column, row) else {
        panic!()
    };
    // No setting is faster than 9/11 in the long run; repeated roots are a little slower in 400 iterations.
    assert!((0.815..0.84).contains(&rate), "{rate}");
}

#[test]
fn a_rate_is_the_modulus_that_theory_has() {
    // Both roots are complex between (1 - sqrt(beta))^2 and (1 + sqrt(beta))^2: the modulus is sqrt(beta).
    let map = map(
        &["rule=momentum"],
        "sweep eta=0.005..0.03:26 beta=0.7..0.95:26 steps 1000 measure rate",
    );
    let (mut checked, mut worst) = (0, 0.0_f64);
    for (row, beta) in map.axes[1].values.iter().enumerate() {
        for (column, eta) in map.axes[0].values.iter().enumerate() {
            let complex = |l: f64| {
                let root = beta.sqrt();
                ((1.0 - root).powi(2) * 1.05..(1.0 + root).powi(2) * 0.95).contains(&(eta * l))
            };
            if complex(1.0) && complex(100.0) {
                let Outcome::Value(rate) = map.at(column, row) else {
                    panic!("eta {eta}, beta {beta}")
                };
                worst = worst.max((rate - beta.sqrt()).abs());
                checked += 1;
            }
        }
    }
    assert!(checked > 200, "{checked}");
    assert!(worst < 0.01, "{worst}");
}

#[test]
fn adam_hardly_minds_its_step_size() {
    let adam = map(&["rule=adam"], "sweep eta=0.05..1:log:30 steps 1000");
    let gd = map(&["rule=gd"], "sweep eta=0.05..1:log:30 steps 1000");
    let values: Vec<f64> = (0..30)
        .filter_map(|column| match adam.at(column, 0) {
            Outcome::Value(value) => Some(value),
            _ => None,
        })
        .collect();
    assert!(values.len() >= 28, "{values:?}");
    let (least, most) = values
        .iter()
        .fold((f64::MAX, 0.0_f64), |(l, m), v| (l.min(*v), m.max(*v)));
    assert!(
        most < 3.0 * least,
        "{least} to {most} over a factor 20 of eta"
    );
    assert!(gd.cells.iter().all(|it| *it == Outcome::Diverged));
}

#[test]
fn a_map_is_the_same_whichever_core_was_faster() {
    let command = "sweep eta=1e-3..0.1:log:40 beta=0..0.99:25 steps 200";
    let flags = ["rule=momentum", "noise=0.01", "seed=4"];
    assert_eq!(map(&flags, command), map(&flags, command));
}

#[test]
fn a_cell_is_what_the_debugger_measures() {
    let map = map(
        &["rule=momentum"],
        "sweep eta=0.003..0.03:5 beta=0.5..0.9:3 steps 400",
    );
    for (column, row) in [(0, 0), (2, 1), (4, 2), (1, 2)] {
        let scenario = Scenario::from_flags(&[("rule", "momentum")]).unwrap();
        let mut session = scenario.session().unwrap();
        let mut execute = |command: &str| {
            let line = Source::new("<test>", command);
            session
                .execute(&line, &mut Control::default())
                .unwrap_or_else(|error| panic!("{command}: {error}"));
        };
        execute(&command(&map, column, row));
        execute("step 400");
        let entry = session.lanes().focused();
        let since = entry.lane().timeline().convergence().since;
        #[expect(clippy::cast_precision_loss)]
        let expected = since.map_or(Outcome::Never, |t| Outcome::Value(t as f64));
        assert_eq!(
            map.at(column, row),
            expected,
            "{}",
            command(&map, column, row)
        );
    }
}

#[test]
fn a_run_of_the_map_keeps_the_lanes_other_settings() {
    let flags = ["rule=adam", "set=beta2=0.95"];
    let command = command(&map(&flags, "sweep eta=0.01..0.1:3 steps 10"), 1, 0);
    assert!(
        command.starts_with("lane add adam set eta=0.055"),
        "{command}"
    );
    assert!(command.contains("beta2=0.95"), "{command}");
}

#[test]
fn the_command_line_writes_text_csv_and_svg() {
    let over = [
        "--rule",
        "gd",
        "--over",
        "eta=0.005..1.25*eta_max:5",
        "--steps",
        "2000",
    ];
    let (text, errors, code) = printed(&over);
    assert_eq!(
        (errors.as_str(), code),
        ("", Some(0)),
        "no bar where there is no terminal"
    );
    assert!(text.starts_with("gd on valley: iterations until loss <= 1e-6 stays, within 2000\n"));
    assert!(text.contains("best: "), "{text}");
    let (csv, _, _) = printed(&[&over[..], &["--format", "csv"]].concat());
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 6);
    assert_eq!(lines[0], "eta,iterations,outcome");
    assert!(lines[1].starts_with("0.005,") && lines[1].ends_with(",reached"));
    assert_eq!(lines[5], "0.025,,diverged");
    let (svg, _, _) = printed(&[&over[..], &["--format", "svg"]].concat());
    assert!(svg.starts_with("<svg ") && svg.trim_end().ends_with("</svg>"));
    assert!(!svg.contains("loss <= "), "escaped");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("map.csv");
    let output = ["--format", "csv", "-o", file.to_str().unwrap()];
    let (nothing, _, code) = printed(&[&over[..], &output].concat());
    assert_eq!((nothing.as_str(), code), ("", Some(0)));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), csv);
}

/// A sweep with doubts, runs that diverge and some that never get there.
const GRID: [&str; 9] = [
    "--rule",
    "momentum",
    "--over",
    "eta=1e-3..0.1:log:13",
    "--over",
    "beta=0..0.95:7",
    "--steps",
    "300",
    "--noise=0",
];

/// The file of part `shard` of the map of `flags`.
fn part(folder: &Path, flags: &[&str], shard: &str, name: &str) -> String {
    let file = folder.join(name).display().to_string();
    let (text, errors, code) = printed(&[flags, &["--shard", shard, "-o", &file]].concat());
    assert_eq!((text.as_str(), errors.as_str(), code), ("", "", Some(0)));
    file
}

#[test]
fn parts_of_a_map_are_what_the_whole_has_and_make_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let (csv, _, _) = printed(&[&GRID[..], &["--format", "csv"]].concat());
    assert!(["doubted", "diverged", "never", "reached"].map(|end| csv.contains(end)) == [true; 4]);
    // More parts than runs would do as well: some are empty.
    for of in [1, 4, 100] {
        let part = |at: usize| {
            let shard = format!("{at}/{of}");
            part(folder.path(), &GRID, &shard, &format!("{at}-of-{of}"))
        };
        let files: Vec<String> = (1..=of).map(part).collect();
        let mut rows = String::from("eta,beta,iterations,outcome\n");
        for file in &files {
            let text = std::fs::read_to_string(file).unwrap();
            let (_, csv) = text.split_once('\n').unwrap();
            rows += csv.strip_prefix("eta,beta,iterations,outcome\n").unwrap();
        }
        assert_eq!(rows, csv, "byte for byte");
        let mut merge = vec!["--merge"];
        merge.extend(files.iter().rev().map(String::as_str));
        for format in ["text", "csv", "svg"] {
            let whole = printed(&[&GRID[..], &["--format", format]].concat());
            assert_eq!(
                printed(&[&merge[..], &["--format", format]].concat()),
                whole
            );
        }
    }
}

#[test]
fn parts_that_are_missing_foreign_or_broken_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let part = |flags: &[&str], shard: &str, name: &str| part(folder.path(), flags, shard, name);
    let gd = [
        "--rule",
        "gd",
        "--over",
        "eta=0.01..0.02:9",
        "--steps",
        "50",
    ];
    let files: Vec<String> = (1..=3)
        .map(|at| part(&gd, &format!("{at}/3"), &format!("{at}.csv")))
        .collect();
    let [one, two, three] = [&*files[0], &*files[1], &*files[2]];
    let other = |flag: &str, value: &str, name: &str| {
        let mut flags = gd.to_vec();
        flags.extend([flag, value]);
        part(&flags, "3/3", name)
    };
    let seed = other("--seed", "7", "seed.csv");
    let short = part(&[&gd[..4], &["--steps", "40"]].concat(), "3/3", "short.csv");
    let halves = part(&gd, "2/2", "halves.csv");
    let write = |name: &str, text: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let text = std::fs::read_to_string(three).unwrap();
    let cut = write(
        "cut.csv",
        text.trim_end_matches('\n').rsplit_once('\n').unwrap().0,
    );
    let edited = write("edited.csv", &text.replace("\n0.02,", "\n0.03,"));
    let plain = write("plain.csv", "eta,iterations,outcome\n");
    let rule = |step: &str| {
        let text = format!(
            "rule mine \"mine\"\nparam eta = 0.1 in (0, inf) \"step\"\nstep\n  w = w - {step}*grad(w)\n"
        );
        let file = write("mine.rule", &text);
        let shard = if step == "eta" { "1/2" } else { "2/2" };
        let flags = [
            "--rule",
            &file,
            "--over",
            "eta=0.01..0.02:4",
            "--steps",
            "50",
        ];
        part(&flags, shard, &format!("mine{}.csv", &shard[..1]))
    };
    let (mine, changed) = (rule("eta"), rule("0.5*eta"));
    for (files, told) in [
        (
            &[one, two][..],
            &["part 3 of 3 is missing", "--shard 3/3"][..],
        ),
        (&[two], &["parts 1, 3 of 3 are missing"]),
        (&[one, two, three, one], &["are both part 1 of 3"]),
        (
            &[&seed, one, two],
            &["seed.csv` is part of another map", "scenario.seed is 7"],
        ),
        (
            &[one, two, &short],
            &[
                "short.csv` is part of another map",
                "map.steps is 40, not 50",
            ],
        ),
        (&[one, two, &halves], &["of is 2, not 3"]),
        (
            &[&mine, &changed],
            &[
                "mine2.csv` is part of another map",
                "its rule or its loss is another",
            ],
        ),
        (
            &[one, two, &cut],
            &["cut.csv", "it ends after 2 of its 3 runs"],
        ),
        (
            &[one, two, &edited],
            &["edited.csv:5:1", "expected the run of `0.02,`"],
        ),
        (
            &[one, two, &plain],
            &["plain.csv:1:1", "not a part of a map"],
        ),
        (&[one, "nowhere.csv"], &["cannot read `nowhere.csv`"]),
    ] {
        let (text, errors, code) = printed(&[&["--merge"], files].concat());
        assert_eq!((text.as_str(), code), ("", Some(2)), "{files:?}");
        for told in told {
            assert!(errors.contains(told), "{told}: {errors}");
        }
    }
}

#[test]
fn what_does_not_go_with_parts_is_refused() {
    for (flags, told) in [
        (&["--shard", "0/3"][..], "expected K/N with K from 1 to N"),
        (&["--shard", "4/3"], "expected K/N with K from 1 to N"),
        (&["--shard", "3"], "expected K/N with K from 1 to N"),
        (
            &["--shard", "1/3", "--format", "svg"],
            "a part of a map is CSV",
        ),
        (&["--merge", "1.csv"], "cannot be used with"),
    ] {
        let (_, errors, code) = printed(&[&["--over", "eta=0.01..0.02:9"], flags].concat());
        assert_eq!(code, Some(2), "{flags:?}");
        assert!(errors.contains(told), "{flags:?}: {errors}");
    }
    let (_, errors, code) = printed(&["--merge", "1.csv", "--rule", "gd"]);
    assert_eq!(code, Some(2));
    assert!(errors.contains("cannot be used with"), "{errors}");
}

#[test]
fn what_is_wrong_with_a_sweep_is_said_at_its_place() {
    for (flags, message) in [
        (&["--over", "eta"][..], "expected NAME=LO..HI"),
        (&["--over", "etta=0.1..1"], "has no setting `etta`"),
        (&["--over", "eta=1..0.1"], "is reversed"),
        (&["--over", "eta=0..1"], "`eta` cannot be 0"),
        (
            &["--over", "eta=0.1..1:lgo"],
            "neither log nor linear nor a count",
        ),
        (&["--over", "beta1=0..0.9:log"], "0 has no logarithm"),
        (
            &["--over", "eta=0.1..1", "--tolerance", "nan"],
            "must be positive",
        ),
        (
            &["--over", "eta=0.1..1", "--tolerance", "0"],
            "must be positive",
        ),
        (
            &["--over", "eta=0.1..1", "--over", "eta=0.1..1"],
            "need different settings",
        ),
        (
            &["--rule", "gd", "--rule", "adam", "--over", "eta=0.1..1"],
            "takes one rule",
        ),
        (
            &[
                "--loss",
                "x",
                "--start",
                "1",
                "--over",
                "eta=0.1..1",
                "--measure",
                "rate",
            ],
            "no minimum is known",
        ),
    ] {
        let (text, errors, code) = printed(flags);
        assert_eq!((text.as_str(), code), ("", Some(2)), "{flags:?}");
        assert!(errors.contains(message), "{flags:?}: {errors}");
    }
}

#[test]
fn losses_are_held_against_their_minimum() {
    let flags = ["--loss", "linear", "--rule", "gd", "--steps", "300"];
    let over = ["--over", "eta=0.1..1.2:12", "--format", "csv"];
    let (text, errors, code) = printed(&[&flags[..], &over].concat());
    assert_eq!(code, Some(0), "{errors}");
    let reached = text.lines().filter(|line| line.ends_with(",reached"));
    assert!(reached.count() >= 6, "{text}");
}

#[test]
fn a_sweep_tells_how_far_it_is_and_can_be_stopped_within_a_run() {
    let scenario = Scenario::default();
    let mut session = scenario.session().unwrap();
    let line = Source::new("<test>", "sweep eta=1e-3..1:log:20 beta1=0..0.9:20");
    let mut told = Vec::new();
    let mut hear = |progress| {
        told.push(progress);
        true
    };
    session
        .execute(&line, &mut Control::asking(&mut hear))
        .unwrap();
    let done = |progress: &Progress| match progress {
        Progress::Runs { done, of: 400 } => *done,
        other => panic!("{other:?}"),
    };
    assert!(told.is_sorted_by_key(done));
    assert_eq!(told.last().map(done), Some(400));
    // No run of these would ever end.
    let line = Source::new("<test>", "sweep eta=1e-3..1:log:20 steps 1000000000000");
    let mut asked = 0;
    let mut stop = |_| {
        asked += 1;
        asked < 3
    };
    let answer = session
        .execute(&line, &mut Control::asking(&mut stop))
        .unwrap();
    assert!(answer.to_string().starts_with("interrupted"), "{answer}");
}

#[test]
fn no_stable_cell_of_a_linear_rule_is_called_divergent_and_no_unstable_one_is_not() {
    // Heavy ball is stable where 0 < eta*l < 2 + 2*beta, whatever its transient does.
    let map = map(
        &[
            "rule=momentum",
            "eigenvalues=0.001,10",
            "minimum=0,0",
            "start=1,1",
        ],
        "sweep eta=0.2..0.4:41 beta=0.9..0.99:46 steps 100",
    );
    for (row, beta) in map.axes[1].values.iter().enumerate() {
        for (column, eta) in map.axes[0].values.iter().enumerate() {
            let share = eta * 10.0 / (2.0 + 2.0 * beta);
            if (share - 1.0).abs() > 1e-6 {
                let diverged = map.at(column, row) == Outcome::Diverged;
                assert_eq!(diverged, share > 1.0, "eta {eta}, beta {beta}");
            }
        }
    }
}

#[test]
fn the_rate_of_a_linear_rule_is_its_radius_and_never_below_the_bound() {
    let flags = ["rule=gd"];
    let rate = map(&flags, "sweep eta=0.019..0.02:51 steps 50 measure rate");
    let radius = map(&flags, "sweep eta=0.019..0.02:51 measure radius");
    assert_eq!(rate.cells, radius.cells);
    for (column, eta) in rate.axes[0].values.iter().enumerate() {
        let expected = (1.0 - eta).abs().max((1.0 - 100.0 * eta).abs());
        match rate.at(column, 0) {
            Outcome::Value(value) => assert!((value - expected).abs() < 1e-12, "{eta}: {value}"),
            other => assert!(expected > 1.0, "{eta}: {other:?}"),
        }
    }
}

#[test]
fn a_spectral_radius_is_known_of_a_run_that_diverges_too() {
    let flags = ["rule=gd", "eigenvalues=1,100"];
    let found = map(&flags, "sweep eta=0.005..0.025:5 measure radius");
    // max |1 - eta lambda|
    for (column, radius) in [0.995, 0.99, 0.985, 1.0, 1.5].into_iter().enumerate() {
        let Outcome::Value(value) = found.at(column, 0) else {
            panic!("{found}")
        };
        assert!((value - radius).abs() < 1e-12, "{value} and {radius}");
        assert_eq!(found.diverges(found.at(column, 0)), radius > 1.0);
    }
    let best = found.best().unwrap();
    assert_eq!(best, (2, 0));
    assert!(found.to_string().contains('x'), "{found}");
    let csv = found.to_csv();
    assert!(csv.lines().last().unwrap().ends_with(",diverged"), "{csv}");
}

#[test]
fn runs_are_held_against_the_minimum_that_they_tend_to() {
    let flags = [
        "loss=20+x^2+y^2-10*(cos(2*pi*x)+cos(2*pi*y))",
        "start=-3.714,-0.007",
        "rule=gd",
    ];
    let counts = map(&flags, "sweep eta=1e-4..5e-3:log:6 steps 500");
    let Outcome::Value(slow) = counts.at(0, 0) else {
        panic!("{counts}")
    };
    assert!(slow > 100.0, "{slow}");
    let rates = map(&flags, "sweep eta=1e-4..5e-3:log:6 steps 500 measure rate");
    let Outcome::Value(rate) = rates.at(0, 0) else {
        panic!("{rates}")
    };
    assert!((rate - 0.961).abs() < 2e-3, "{rate}");
}
