//! What Tab offers.

use super::bench::Bench;
use eigenstep::{
    debugger::{Completion, Session, sweep::Measure},
    tui::command::TABLE,
};

fn complete(session: &Session, line: &str, cursor: usize) -> Completion {
    TABLE.complete(session, line, cursor)
}

fn words(bench: &Bench, line: &str) -> Vec<String> {
    complete(&bench.session, line, line.len()).words
}

fn has(bench: &Bench, line: &str, wanted: &[&str]) {
    let words = words(bench, line);
    for word in wanted {
        assert!(
            words.iter().any(|it| it == word),
            "{line:?} lacks {word}: {words:?}"
        );
    }
}

fn is(bench: &Bench, line: &str, wanted: &[&str]) {
    assert_eq!(words(bench, line), wanted, "{line:?}");
}

#[test]
fn every_measure_of_a_sweep() {
    let bench = Bench::open("--rule gd");
    let words = words(&bench, "sweep eta=1..2 measure ");
    let mut known = Measure::ALL.map(|(name, _)| name);
    known.sort_unstable();
    assert_eq!(words, known);
}

#[test]
fn commands_by_their_beginning() {
    let bench = Bench::open("--rule adam");
    is(&bench, "con", &["continue"]);
    is(&bench, "li", &["line", "lineback", "list"]);
    is(&bench, "  di", &["disable", "display"]);
    is(&bench, "10 st", &["step"]);
    is(&bench, "10st", &["step"]);
    assert_eq!(complete(&bench.session, "10 st", 5).from, 3);
    assert_eq!(complete(&bench.session, "li", 2).common(), "li");
    assert_eq!(complete(&bench.session, "lineb", 5).common(), "lineback");
    is(&bench, "xyz", &[]);
    // The word under the cursor, not the one at the end.
    assert_eq!(complete(&bench.session, "con t", 3).words, ["continue"]);
    assert!(words(&bench, "").len() > 25);
}

#[test]
fn expressions_know_variables_settings_quantities_and_functions() {
    let mut bench = Bench::open("--rule adam");
    is(
        &bench,
        "print m",
        &[
            "m",
            "m_hat",
            "max(",
            "mean(",
            "mean_over(",
            "median(",
            "min(",
            "mod(",
        ],
    );
    is(&bench, "break 1 - be", &["beta1", "beta2"]);
    is(&bench, "p 2*kap", &["kappa"]);
    is(&bench, "until set", &["settled("]);
    is(&bench, "watch pr", &["prev("]);
    is(&bench, "print gra", &["grad"]);
    is(&bench, "break line", &["line"]);
    is(&bench, "explain m", &["m", "m_hat"]);
    is(&bench, "print onc", &[]);
    is(&bench, "break t > 3 onc", &["once"]);
    bench.answer("lane add gd");
    is(&bench, "print adam.m", &["adam.m", "adam.m_hat"]);
    has(
        &bench,
        "print ada",
        &["adam.beta1", "adam.loss", "adam.step", "adam.s_hat"],
    );
    has(&bench, "print gd.", &["gd.w", "gd.g", "gd.eta"]);
}

#[test]
fn set_knows_what_can_be_set() {
    let mut bench = Bench::open("--rule adam");
    is(&bench, "set m", &["m", "max-run"]);
    is(&bench, "set max-", &["max-run"]);
    is(&bench, "set bound=", &["off"]);
    is(
        &bench,
        "set eta=et",
        &["eta", "eta_eff", "eta_lambda", "eta_max", "eta_opt"],
    );
    is(&bench, "set eta=2*eta_o", &["eta_opt"]);
    is(&bench, "set m_", &[]);
    bench.answer("lane add gd");
    is(&bench, "set adam.b", &["adam.beta1", "adam.beta2"]);
}

#[test]
fn lanes_rules_stops_and_topics() {
    let mut bench = Bench::open("--rule adam --rule gd");
    bench.all("break t > 3\nwatch loss\ndisplay w");
    is(&bench, "lane ", &["adam", "add", "gd"]);
    is(&bench, "drop ", &["adam", "gd"]);
    has(
        &bench,
        "lane add ",
        &["adam", "gd", "torch/adam", "optax/lion"],
    );
    is(
        &bench,
        "lane add torch/ada",
        &[
            "torch/adadelta",
            "torch/adafactor",
            "torch/adagrad",
            "torch/adam",
            "torch/adamax",
            "torch/adamw",
        ],
    );
    is(&bench, "lane add adam ", &["as", "set"]);
    is(&bench, "lane add torch/adam set be", &["beta1", "beta2"]);
    is(&bench, "lane add torch/adam as x set lr=1, ep", &["eps"]);
    is(&bench, "delete ", &["1", "2", "3", "all"]);
    is(&bench, "ignore ", &["1", "2"]);
    is(&bench, "info s", &["settings", "stops"]);
    has(
        &bench,
        "help ",
        &["step", "expressions", "functions", "stopping"],
    );
    has(&bench, "view ", &["zoom", "pan", "plane"]);
    is(&bench, "view zoom ", &["in", "out"]);
    is(&bench, "view pan ", &["down", "left", "right", "up"]);
    is(&bench, "view plane ", &["eigen"]);
    is(&bench, "view max l", &["lanes", "loss"]);
    is(&bench, "step ", &[]);
    is(&bench, "fork ", &[]);
}

#[test]
fn files_by_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("valley.toml"), "").unwrap();
    std::fs::create_dir(folder.path().join("walks")).unwrap();
    let bench = Bench::open("--rule adam");
    let place = folder.path().display();
    is(
        &bench,
        &format!("save {place}/va"),
        &[&format!("{place}/valley.toml")],
    );
    is(
        &bench,
        &format!("save {place}/w"),
        &[&format!("{place}/walks/")],
    );
}

#[test]
fn a_cursor_anywhere_is_no_harm() {
    let bench = Bench::open("--rule adam");
    for line in [
        "",
        " ",
        "print ",
        "print \u{3b1}",
        "\u{3b1}",
        "3",
        "10",
        "break line 3 if ",
        "set",
        "lane add",
    ] {
        for cursor in 0..=line.len() + 2 {
            let completion = complete(&bench.session, line, cursor);
            assert!(completion.from <= line.len(), "{line:?} {cursor}");
            assert!(line.is_char_boundary(completion.from));
        }
    }
}

#[test]
fn a_tour_is_completed_by_its_name() {
    let bench = Bench::open("--rule adam");
    has(
        &bench,
        "tour ",
        &["adam", "end", "next", "resume", "too-far"],
    );
    has(&bench, "tour ad", &["adam"]);
    has(&bench, "record s", &["stop"]);
}

#[test]
fn where_no_word_fits_the_usage_is_told() {
    let usage = |line: &str| TABLE.usage_of(line);
    assert_eq!(usage("step "), Some("usage: step [N]".into()));
    assert_eq!(usage(" 3 goto 1"), Some("usage: goto T [LINE]".into()));
    assert_eq!(usage("nonsense "), None);
    assert_eq!(usage(""), None);
}
