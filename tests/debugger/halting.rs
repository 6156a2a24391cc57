//! Lanes whose run ends: they stay, say so, and move again when one goes back.

use super::bench::Bench;
use eigenstep::debugger::answer::StopReason;

fn bench() -> Bench {
    // gd leaves abs(w) < 5 at t = 101, adam goes on.
    Bench::open("--rule gd --rule adam --set gd.eta=1.01*eta_max --set adam.eta=0.01")
}

fn ended(why: &StopReason) -> Vec<&str> {
    match why {
        StopReason::Ended(ends) => ends.iter().map(|end| end.lane.as_str()).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_lane_that_ends_stops_the_run_and_stays() {
    let mut bench = bench();
    let (t, _, why) = bench.why("continue");
    assert_eq!((t, ended(&why)), (101, vec!["gd"]));
    assert_eq!(
        bench.why("step 50"),
        (151, 0, StopReason::Done),
        "the others go on"
    );
    assert_eq!(bench.lane("gd").lane().position().t, 101);
    assert_eq!(bench.lane("adam").lane().position().t, 151);
    assert!(bench.says("lane").contains("ended: out of bounds: w[2] ="));
    bench.check_against_straight_runs();
    // The lane in focus has ended: it has no lines to run.
    assert_eq!(ended(&bench.why("line").2), ["gd"]);
    assert_eq!(bench.at(), (151, 0));
    assert_eq!(bench.why("lineback"), (150, 0, StopReason::Done));
    assert_eq!(bench.why("back 49"), (101, 0, StopReason::Done));
    assert_eq!(
        bench.why("lineback"),
        (100, 1, StopReason::Done),
        "back into the iteration that ended it"
    );
    bench.check_against_straight_runs();
}

#[test]
fn a_run_that_comes_back_to_an_end_stops_there_again() {
    let mut bench = bench();
    bench.all("continue\ngoto 300\ngoto 60");
    assert_eq!(bench.lane("gd").lane().position().t, 60, "it moves again");
    let (t, _, why) = bench.why("continue");
    assert_eq!((t, ended(&why)), (101, vec!["gd"]));
    bench.answer("goto 60");
    let (t, _, why) = bench.why("step 100");
    assert_eq!((t, ended(&why)), (101, vec!["gd"]));
    bench.answer("goto 60");
    bench.answer("line");
    let (t, _, why) = bench.why("line 1000");
    assert_eq!((t, ended(&why)), (101, vec!["gd"]));
    bench.answer("goto 250");
    let mut found = bench.says("rcontinue");
    while found.contains("loss <=") {
        found = bench.says("rcontinue");
    }
    assert!(
        found.starts_with("t = 101: gd: out of bounds"),
        "backwards too: {found}"
    );
}

#[test]
fn when_all_have_ended_nothing_runs() {
    let mut bench = Bench::open("--rule gd --set eta=1.01*eta_max");
    assert_eq!(bench.why("continue").0, 101);
    assert_eq!(bench.why("continue"), (101, 0, StopReason::NothingRuns));
    assert_eq!(bench.why("step 1e12"), (101, 0, StopReason::NothingRuns));
    assert_eq!(
        bench.why("until t > 200"),
        (101, 0, StopReason::NothingRuns)
    );
    let told = bench.says("continue");
    assert!(
        told.contains("no lane can go on: gd: out of bounds") && told.contains("set bound=off"),
        "{told}"
    );
    let (t, _, why) = bench.why("goto 500");
    assert_eq!((t, ended(&why)), (101, vec!["gd"]));
    bench.answer("goto 7");
    let (t, _, why) = bench.why("goto 500 1");
    assert_eq!((t, ended(&why)), (101, vec!["gd"]));
    assert_eq!(bench.says("last"), "t = 101");
    bench.check_against_straight_runs();
}

#[test]
fn a_jump_that_runs_a_younger_lane_on_finds_its_end() {
    let mut bench = bench();
    bench.all(
        "goto 300
         goto 20
         lane adam
         fork wild
         set eta=1000",
    );
    // The others have run to 300; the fork ends long before.
    bench.answer("goto 290");
    let wild = bench.lane("wild");
    let halt = wild.halt().expect("it has ended");
    assert_eq!(halt.t, 21);
    assert_eq!(wild.lane().position().t, 21);
    bench.check_against_straight_runs();
}

#[test]
fn an_edit_can_save_a_lane_and_it_catches_up() {
    let mut bench = bench();
    bench.all("continue\nstep 20");
    assert_eq!(bench.lane("gd").lane().position().t, 101);
    let said = bench.says("set w = 0.1");
    assert!(said.ends_with("at t = 101"), "{said}");
    assert!(bench.lane("gd").halt().is_none());
    assert_eq!(bench.at(), (121, 0));
    assert_eq!(
        bench.lane("gd").lane().position().t,
        121,
        "in lockstep again"
    );
    bench.check_against_straight_runs();
    bench.answer("goto 101");
    bench.check_against_straight_runs();
    // And an edit can end a lane at once.
    bench.all("last\nset w[1] = 7");
    assert!(
        bench
            .says("lane")
            .contains("ended: out of bounds: w[1] = 7 has left abs(w) < 5")
    );
    bench.answer("undo");
    assert!(!bench.says("lane").contains("ended"));
}

#[test]
fn stops_on_a_lane_that_has_ended_keep_quiet() {
    let mut bench = bench();
    bench.all("break line 1 if t > 99\nwatch gd.w[1]\ndisable 2\ncontinue");
    assert_eq!(bench.at(), (100, 0));
    assert_eq!(ended(&bench.why("continue").2), ["gd"]);
    bench.answer("enable 2");
    assert_eq!(
        bench.why("step 50").2,
        StopReason::Done,
        "nothing changes, no line runs"
    );
}

#[test]
fn a_lane_that_starts_out_of_bounds_says_so_at_once() {
    let mut bench = Bench::open("--rule gd --loss rosenbrock");
    bench.answer("set bound = 1");
    assert!(
        bench
            .says("lane")
            .contains("ended: out of bounds: w[1] = -1.2")
    );
    assert_eq!(bench.why("continue"), (0, 0, StopReason::NothingRuns));
    bench.answer("set bound = 50");
    assert_eq!(bench.why("step"), (1, 0, StopReason::Done));
}

#[test]
fn a_run_may_start_anywhere() {
    for flags in [
        "--rule gd --start 6,6 --set eta=0.1*eta_opt",
        "--rule gd --loss rosenbrock --start 200,0 --set eta=1e-9",
    ] {
        assert_eq!(
            Bench::open(flags).why("step"),
            (1, 0, StopReason::Done),
            "{flags}"
        );
    }
}

#[test]
fn a_bound_that_moves_ends_runs_elsewhere() {
    let mut bench = Bench::open("--rule gd --set eta=1.01*eta_max");
    bench.answer("continue");
    bench.answer("set bound = 2");
    let (t, _) = bench.at();
    assert!(t < 101, "{t}");
    assert!(bench.says("lane").contains("has left abs(w) < 2"));
    assert!(bench.says("info options").contains("bound = 2"));
    bench.answer("set bound = 1000");
    assert_eq!(bench.at().0, t);
    assert!(bench.why("continue").0 > 101);
    bench.check_against_straight_runs();
}

#[test]
fn the_first_number_that_is_none_is_named_by_variable_line_and_element() {
    // (x - 1)^0.5 is NaN once x < 1; only the gradient line can make it so.
    let mut bench =
        Bench::open("--rule momentum --loss sqrt(x-0.5)+x+0*y --start 1,0 --set eta=0.1");
    let text = bench.says("continue");
    assert!(
        text.contains("momentum: not a number: loss first became NaN in iteration"),
        "{text}"
    );
    // A NaN in a state, long before it reaches w.
    let mut bench = Bench::open("--rule adam --set delta=0 --loss 0*x+0*y --start 1,1");
    let text = bench.says("continue");
    assert_eq!(
        text,
        "t = 1: adam: not a number: w[1] first became NaN in iteration 1, line 6"
    );
}

#[test]
fn a_state_that_is_no_number_ends_a_run_even_where_w_does_not_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("apart.rule");
    let text = r#"
rule apart "Keeps what it does not use"
cite "none"
param eta = 0.01 in (0, inf) "step size"
state m = 0 as momentum "not used by w"
step
  g = grad(w)
  m = m + sqrt(0.05 - w)
  w = w - eta*g
"#;
    std::fs::write(&file, text).unwrap();
    let mut bench = Bench::open(&format!("--rule {}", file.display()));
    let why = bench.says("continue");
    assert!(
        why.contains("m[2] first became NaN in iteration 2, line 2"),
        "{why}"
    );
}
