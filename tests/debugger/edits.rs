//! Edits by hand: logged at the newest t, forked in the past, taken back.

use super::bench::Bench;
use eigenstep::debugger::{
    answer::StopReason,
    session::{FrontEndOption, FrontEndValue},
};

#[test]
fn at_the_newest_t_an_edit_is_logged_in_the_lane() {
    let mut bench = Bench::open("--rule momentum");
    bench.answer("goto 20");
    assert_eq!(bench.says("set eta=0.02"), "eta: 0.01 -> 0.02 at t = 20");
    bench.answer("step 10");
    assert_eq!(
        bench.says("set w[1]=0.3").split(" -> ").nth(1),
        Some("0.3 at t = 30")
    );
    bench.answer("set m = 0");
    bench.answer("set w = w*2");
    assert_eq!(bench.session.lanes().entries().len(), 1);
    assert_eq!(bench.lane("momentum").lane().edits().len(), 4);
    let edits = bench.says("info edits");
    assert!(
        edits.contains("t = 20       eta = 0.02\nt = 30       w[1] = 0.3\nt = 30       m = [0, 0]"),
        "{edits}"
    );
    bench.answer("step 300");
    bench.check_against_straight_runs();
    for t in [0, 19, 20, 21, 29, 30, 31, 256, 330] {
        bench.answer(&format!("goto {t}"));
        bench.check_against_straight_runs();
    }
}

#[test]
fn in_the_past_an_edit_forks_and_keeps_the_old_lane() {
    let mut bench = Bench::open("--rule momentum");
    bench.answer("goto 100");
    let old = bench.bits("momentum");
    bench.answer("goto 40");
    let said = bench.says("set beta = 0.5");
    assert_eq!(
        said,
        "forked lane `momentum_2` from here; beta: 0.9 -> 0.5 at t = 40"
    );
    assert_eq!(bench.session.lanes().focused().name(), "momentum_2");
    assert_eq!(bench.at(), (40, 0));
    // At its own newest t the fork takes further edits itself.
    bench.answer("set w[2] = 1");
    assert_eq!(bench.session.lanes().entries().len(), 2);
    bench.answer("goto 100");
    assert_eq!(bench.bits("momentum"), old);
    assert_ne!(bench.bits("momentum_2").1, old.1);
    bench.check_against_straight_runs();
    // A fork of a fork is numbered on; an edit at t = 0 is one in the past, too.
    bench.answer("first");
    assert!(
        bench
            .says("set eta=1e-4")
            .starts_with("forked lane `momentum_3`")
    );
    bench.answer("goto 100");
    bench.check_against_straight_runs();
}

#[test]
fn edits_of_another_lane_leave_the_one_in_focus_alone() {
    let mut bench = Bench::open("--rule momentum --rule adam");
    bench.all("goto 10\nset adam.beta1 = 0.5\nset adam.m[2] = momentum.m[2]");
    assert_eq!(bench.session.lanes().focused().name(), "momentum");
    assert_eq!(bench.lane("momentum").lane().edits(), []);
    assert_eq!(bench.lane("adam").lane().edits().len(), 2);
    assert_eq!(bench.number("adam.m[2] - momentum.m[2]"), 0.0);
    bench.answer("step 20");
    bench.check_against_straight_runs();
}

#[test]
fn undo_takes_the_last_edit_back_and_runs_again_what_came_after() {
    let mut bench = Bench::open("--rule momentum");
    bench.answer("goto 300");
    let straight = bench.bits("momentum");
    let mut bench = Bench::open("--rule momentum");
    bench.all("goto 20\nset eta=0.02\ngoto 50\nset w[1] = 3\ngoto 300");
    assert_eq!(bench.says("undo"), "undid the edit of w at t = 50");
    assert_eq!(bench.at(), (300, 0));
    bench.check_against_straight_runs();
    bench.answer("undo");
    assert_eq!(bench.bits("momentum"), straight);
    assert!(
        bench
            .refuses("undo")
            .contains("`momentum` has no edit to undo")
    );
    bench.answer("goto 20");
    assert_eq!(bench.number("eta"), 0.01);
}

#[test]
fn undo_finds_anew_where_the_run_ends() {
    let mut bench = Bench::open("--rule gd --set eta=eta_opt");
    bench.all("goto 50\nset eta = 1.5*eta_max\ncontinue");
    let end = bench.at().0;
    assert!(end < 100);
    bench.answer("undo");
    assert_eq!(bench.at(), (end, 0));
    bench.answer("step 300");
    assert_eq!(bench.at(), (end + 300, 0), "the run goes on now");
    bench.check_against_straight_runs();
    // And the other way round: without the edit that saved it, the run ends.
    let mut bench = Bench::open("--rule gd --set eta=1.01*eta_max");
    bench.all("goto 50\nset eta = eta_opt\ngoto 200\nundo");
    assert_eq!(bench.at(), (101, 0));
    assert!(bench.says("lane").contains("ended: out of bounds"));
    bench.check_against_straight_runs();
}

#[test]
fn watches_forget_a_history_that_is_no_more() {
    let mut bench = Bench::open("--rule gd --set eta=eta_opt");
    bench.answer("display first(loss < 1)");
    let first = bench.stopped("goto 300").displays[0].value.clone();
    bench.all("goto 300\nset w = 0");
    let after = bench.stopped("goto 310").displays[0].value.clone();
    assert_eq!(first, after, "an edit leaves the past alone");
    bench.all("goto 0\nset eta=0.1*eta_opt");
    let fork = bench.stopped("goto 310");
    // The display reads the lane that it was made in.
    assert_eq!(fork.displays[0].value, first);
    let own = bench.number("first(loss < 1)");
    assert_ne!(first.unwrap().to_string(), own.to_string());
}

#[test]
fn what_cannot_be_set_is_refused_at_its_place() {
    let mut bench = Bench::open("--rule adam");
    for (command, message, caret) in [
        ("set eta=-1", "-1 lies outside the domain of `eta`", 8),
        (
            "set ete=1",
            "there is no setting, variable or option `ete`",
            4,
        ),
        (
            "set m_hat=0",
            "`m_hat` is computed anew in each iteration",
            4,
        ),
        (
            "set w[3]=0",
            "`w` is a vector of 2; indices run from 1 to 2",
            4,
        ),
        (
            "set w[1.5]=0",
            "`w` is a vector of 2; indices run from 1 to 2",
            4,
        ),
        ("set w[1=0", "this `[` is never closed", 5),
        ("set w=1/0", "`w` cannot be inf", 6),
        ("set w=[1]", "expected", 6),
        ("set w=grad > 0", "expected numbers", 6),
        ("set eta=w", "expected one number", 8),
        ("set eta[1]=0.1", "has no elements", 4),
        ("set gd.eta=1", "there is no lane `gd`", 4),
        ("set", "`set` needs NAME=EXPR", 0),
        ("set eta", "expected NAME=EXPR", 4),
        ("set tolerance=0", "a tolerance must be positive", 14),
        ("set max-run=0.5", "max-run is a whole number", 12),
    ] {
        let error = bench.refuses(command);
        assert!(error.contains(message), "{command}: {error}");
        let place = format!("<test>:1:{}", caret + 1);
        assert!(error.contains(&place), "{command} at {place}: {error}");
    }
    assert_eq!(bench.at(), (0, 0));
    assert!(bench.session.commands().is_empty());
}

#[test]
fn within_an_iteration_nothing_is_set() {
    let mut bench = Bench::open("--rule adam --rule gd");
    bench.answer("line 2");
    let error = bench.refuses("set m=0");
    assert!(
        error.contains("nothing can be set in the middle of an iteration"),
        "{error}"
    );
    assert!(error.contains("finish it with `step`"), "{error}");
    // Another lane stands on the boundary.
    bench.answer("set gd.eta=0.5*eta_opt");
    bench.answer("set tolerance=1e-3");
    assert_eq!(bench.at(), (0, 2));
    bench.check_against_straight_runs();
}

#[test]
fn the_tolerance_counts_from_the_start() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.answer("goto 300");
    bench.answer("set tolerance = 1e-3");
    assert_eq!(bench.at(), (300, 0));
    let convergence = bench.lane("momentum").lane().timeline().convergence();
    assert_eq!(convergence.tolerance.loss(), 1e-3);
    bench.answer("goto 200");
    let first = bench.number("first(loss <= 1e-3)");
    assert_eq!(
        convergence.touched.map(|t| t.to_string()),
        Some(first.to_string())
    );
    bench.answer("first");
    assert_eq!(bench.why("continue").0.to_string(), first.to_string());
}

#[test]
fn entries_of_a_matrix_are_set_by_row_and_column() {
    let mut bench = Bench::open("--rule adagrad_full");
    bench.answer("step 3");
    bench.answer("set S[1,2] = 0.5");
    bench.answer("set S[2,1] = 0.5");
    let shown = bench.says("print S");
    assert!(
        shown.starts_with("S = [[") && shown.contains(", 0.5], [0.5, "),
        "{shown}"
    );
    assert!(bench.says("explain S[1, 1]").starts_with("S[1, 1] = S"));
    assert!(
        bench
            .refuses("set S[3,1] = 0")
            .contains("`S` is a 2x2 matrix; indices run from 1")
    );
    assert!(
        bench
            .refuses("set S[3] = 0")
            .contains("`S` is a 2x2 matrix")
    );
    bench.answer("set S = S*2");
    bench.answer("step 3");
    bench.check_against_straight_runs();
}

#[test]
fn a_run_that_comes_by_an_edit_again_stops_there() {
    let mut bench = Bench::open("--rule gd --set eta=0.015");
    bench.answer("step 5");
    bench.answer("set eta=0.01");
    bench.answer("set w[1]=0.25");
    bench.answer("step 3");
    bench.answer("first");
    assert_eq!(
        bench.says("continue"),
        "t = 5: eta = 0.01 was set here: gd; w[1] = 0.25 was set here: gd"
    );
    // On it goes, and back again; `step` and `until` pass by.
    assert!(matches!(
        bench.why("continue").2,
        StopReason::Tolerance { .. }
    ));
    assert!(
        matches!(bench.why("rcontinue"), (5, 0, StopReason::Edited(edits)) if edits.len() == 2)
    );
    bench.answer("first");
    assert!(matches!(bench.why("step 7"), (7, 0, StopReason::Done)));
    bench.answer("first");
    assert!(matches!(
        bench.why("until t == 7"),
        (7, 0, StopReason::Until(_))
    ));
}

#[test]
fn a_fork_whose_edit_is_taken_back_is_said_to_stay() {
    let mut bench = Bench::open("--rule adam");
    bench.all("step 5\nback 2\nset w=0");
    assert_eq!(
        bench.says("undo"),
        "undid the edit of w at t = 3; lane `adam_2` stays, the same as `adam`"
    );
    // While another edit of it is left it is not the same.
    bench.all("set m=0\nset s=1");
    assert_eq!(bench.says("undo"), "undid the edit of s at t = 3");
    assert!(
        bench
            .says("undo")
            .ends_with("; lane `adam_2` stays, the same as `adam`")
    );
    // The parent was there before, and so it says nothing of staying.
    bench.all("lane adam\nlast\nset w=0.5");
    assert_eq!(bench.says("undo"), "undid the edit of w at t = 5");
}

#[test]
fn a_front_end_adds_options_that_mean_nothing_to_the_debugger() {
    let mut bench = Bench::open("--rule adam");
    assert!(bench.refuses("set bell=on").contains("`bell`"));
    bench.session.offer(FrontEndOption {
        name: "bell",
        doc: "on or off: ring at every stop",
        value: FrontEndValue::Switch(false),
    });
    for (command, is_on) in [("set bell=on", true), ("set bell off", false)] {
        bench.answer(command);
        assert_eq!(bench.session.is_on("bell"), is_on, "{command}");
    }
    assert!(bench.says("help set").contains("ring at every stop"));
    assert!(bench.says("info options").contains("\nbell = off"));
    let error = bench.refuses("set bell=maybe");
    assert!(error.contains("neither on nor off") && error.contains("<test>:1:10"));
}
