//! A saved session, opened again, is the same session.

use super::bench::{Bench, scenario};
use eigenstep::{
    debugger::Control,
    error::Source,
    scenario::{Scenario, journal},
};
use std::path::Path;

/// What `save` writes, opened again.
pub fn reopened(bench: &Bench) -> Bench {
    let text = bench.session.to_text();
    let source = Source::new("saved.toml", text.as_str());
    let scenario = Scenario::from_toml(&source, Path::new(""))
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    let mut again = Bench::of(&scenario);
    scenario
        .replay(&mut again.session, &mut Control::default(), |_, _| {})
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    again
}

/// What a journal with these lines leads to.
pub fn resumed(bench: &Bench, lines: &str) -> Bench {
    let text = journal::beginning(bench.session.origin(), None) + lines;
    let source = Source::new("1.journal", text.as_str());
    let read = journal::read(&source, Path::new("")).unwrap_or_else(|error| panic!("{error}"));
    let mut again = Bench::of(&read.scenario);
    read.scenario
        .replay(&mut again.session, &mut Control::default(), |_, _| {})
        .unwrap_or_else(|error| panic!("{error}\n{text}"));
    again
}

pub fn check(bench: &Bench) -> Bench {
    let again = check_same(bench, reopened(bench));
    assert_eq!(bench.session.to_text(), again.session.to_text());
    again
}

/// Asserts that the sessions are the same, whatever way led to them.
pub fn check_same(bench: &Bench, again: Bench) -> Bench {
    assert_eq!(
        bench.all_bits(),
        again.all_bits(),
        "{}",
        bench.session.to_text()
    );
    assert_eq!(bench.session.position(), again.session.position());
    assert_eq!(bench.session.lanes().focus(), again.session.lanes().focus());
    assert_eq!(bench.session.options(), again.session.options());
    assert_eq!(bench.session.lanes().bound(), again.session.lanes().bound());
    for (entry, other) in bench
        .session
        .lanes()
        .entries()
        .iter()
        .zip(again.session.lanes().entries())
    {
        assert_eq!(entry.lane().edits(), other.lane().edits());
        assert_eq!(entry.frontier(), other.frontier(), "{}", entry.name());
        assert_eq!(entry.halt(), other.halt(), "{}", entry.name());
        assert_eq!(
            entry.lane().timeline().convergence(),
            other.lane().timeline().convergence()
        );
    }
    let stops = |bench: &Bench| -> Vec<_> {
        let stops = bench.session.stops().iter();
        stops.map(|stop| bench.session.stop_report(stop)).collect()
    };
    assert_eq!(stops(bench), stops(&again));
    again
}

#[test]
fn edits_forks_stops_and_options_come_back() {
    let mut bench = Bench::open("--rule momentum --rule adam --set eta=0.175*eta_opt");
    bench.all(
        "break alpha[2] > 0
         tbreak t == 7
         watch sign(alpha[2])
         continue
         disable 3
         set tolerance = 1e-4
         set max-run = 77
         goto 120
         goto 50 2
         lane adam
         lane add torch/sgd as sgd set lr=eta_opt
         goto 30
         set sgd.momentum = 0.5
         goto 90
         set w[2] = alpha[2]/3
         undo
         set w[2] = alpha[2]/4
         display w
         drop adam
         goto 40
         goto 33 1",
    );
    check(&bench);
    bench.check_against_straight_runs();
}

#[test]
fn a_stop_that_is_spent_does_not_come_back() {
    let mut bench = Bench::open("--rule gd");
    bench.all("tbreak t == 7\nbreak t == 9\ncontinue");
    let again = check(&bench);
    assert_eq!(again.session.stops().len(), 1);
}

#[test]
fn a_lane_that_has_run_further_still_forks() {
    let mut bench = Bench::open("--rule gd --rule momentum");
    bench.all("goto 100\ngoto 50\nfork\ngoto 80\ngoto 60\nlane momentum\ngoto 10");
    let mut again = check(&bench);
    for bench in [&mut bench, &mut again] {
        bench.all("goto 80\nlane gd_2\nset eta = 0.001");
        assert_eq!(
            bench.session.lanes().entries().len(),
            3,
            "gd_2 has nothing beyond 80"
        );
        bench.all("lane gd\nset eta = 0.001");
        assert_eq!(
            bench.session.lanes().entries().len(),
            4,
            "gd has run to 100"
        );
    }
    assert_eq!(bench.all_bits(), again.all_bits());
}

#[test]
fn looking_and_moving_leaves_nothing_but_the_place() {
    let mut bench = Bench::open("--rule gd");
    bench.all("step 10\nprint w\nexplain w\nlist\ninfo lanes\nlane\nback 3\nhelp");
    assert_eq!(bench.commands(), ["goto 10", "goto 7"]);
    bench.answer("line");
    assert_eq!(bench.commands(), ["goto 10", "goto 7 1"]);
    bench.answer("first");
    assert_eq!(bench.commands(), ["goto 10", "goto 0"]);
}

#[test]
fn a_fresh_session_is_saved_as_its_scenario() {
    let bench = Bench::open("--rule adam --set eta=0.5*eta_opt");
    assert!(bench.session.commands().is_empty());
    assert!(bench.session.to_text().contains("eta = \"0.5*eta_opt\""));
    check(&bench);
}

#[test]
fn save_writes_a_file_that_opens_from_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let rule = folder.path().join("mine.rule");
    let source = eigenstep::rule::load("gd")
        .unwrap()
        .source
        .text
        .replace("rule gd", "rule mine");
    std::fs::write(&rule, source).unwrap();
    let mut bench = Bench::of(&scenario(&format!("--rule {}", rule.display())));
    bench.answer("step 5");
    let file = folder.path().join("sub.toml");
    let said = bench.says(&format!("save {}", file.display()));
    assert!(
        said.starts_with("saved; open it again with: eigenstep "),
        "{said}"
    );
    let scenario = Scenario::read(&file).unwrap();
    assert_eq!(scenario.commands, ["goto 5"]);
    assert!(Path::new(&scenario.rules[0]).is_absolute());
    let error = bench.refuses(&format!("save {}/no/where.toml", folder.path().display()));
    assert!(
        error.contains("cannot write") && error.contains("nothing was saved"),
        "{error}"
    );
}

#[test]
fn a_wrong_command_in_a_file_is_shown_in_its_line() {
    let text = "rule = \"gd\"\ncommands = [\n  \"step 3\",\n  \"print los\",\n]\n";
    let source = Source::new("valley.toml", text);
    let scenario = Scenario::from_toml(&source, Path::new("")).unwrap();
    let mut bench = Bench::of(&scenario);
    let error = scenario
        .replay(&mut bench.session, &mut Control::default(), |_, _| {})
        .unwrap_err()
        .to_string();
    assert!(error.contains("valley.toml:4:10"), "{error}");
    assert!(error.contains("did you mean `loss`?"), "{error}");
    for (text, message) in [
        (
            "commands = \"step\"",
            "expected a list of strings, one for each command",
        ),
        ("commands = [3]", "a string in quotes"),
        ("commands = [\"a\\nb\"]", "a command is one line"),
        ("comands = []", "did you mean `commands`?"),
    ] {
        let source = Source::new("valley.toml", text);
        let error = Scenario::from_toml(&source, Path::new(""))
            .unwrap_err()
            .to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn hits_and_what_is_left_to_pass_over_are_saved() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.answer("break alpha[2] > 0 ignore 3");
    bench.answer("break t == 10");
    bench.answer("continue");
    let told = bench.says("info stops");
    assert!(told.contains("ignores"), "{told}");
    let mut again = check(&bench);
    assert_eq!(again.says("info stops"), told);
    assert_eq!(again.why("continue"), bench.why("continue"));
    check(&again);
}

#[test]
fn what_was_ignored_before_a_restart_is_saved() {
    let mut bench = Bench::open("--rule gd");
    for stop in [
        "break w[1] > 0.5 ignore 1",
        "break w[1] > 0.6 once ignore 1",
        "break w[1] > 0.7",
    ] {
        bench.answer(stop);
    }
    bench.all("continue\nrestart");
    let mut again = check(&bench);
    assert_eq!(again.says("info stops"), bench.says("info stops"));
    for _ in 0..4 {
        assert_eq!(again.why("continue"), bench.why("continue"));
    }
    // Counters that hold what was given need no command of their own.
    let mut fresh = Bench::open("--rule gd");
    fresh.answer("break w[1] > 0.5 ignore 1");
    assert!(!fresh.session.to_text().contains("\"ignore"));
}

#[test]
fn a_saved_session_finds_its_data_from_anywhere() {
    let table = "src/loss/data/seedlings.csv";
    let flags = format!("--loss linear --target height_cm --data {table}");
    let again = reopened(&Bench::of(&scenario(&flags)));
    let source = Source::new("saved.toml", again.session.to_text());
    let scenario = Scenario::from_toml(&source, Path::new("elsewhere")).unwrap();
    let data = scenario.data.as_deref().unwrap();
    assert_eq!(Path::new(data), std::path::absolute(table).unwrap());
}

#[test]
fn a_lane_of_a_file_is_saved_with_its_whole_path() {
    let file = "src/rules/gd.rule";
    let mut bench = Bench::open("--rule adam");
    bench.answer(&format!("lane add {file} as mine set eta = 0.01"));
    let saved = bench.session.to_text();
    let whole = std::path::absolute(file).unwrap();
    let command = format!("lane add {} as mine set eta=0.01", whole.display());
    assert!(saved.contains(&command), "{saved}");
    check(&bench);
}
