//! Several lanes in lockstep.

use super::bench::{Bench, hits};
use eigenstep::debugger::answer::StopReason;

#[test]
fn up_to_8_lanes_step_together() {
    let mut bench = Bench::open("--rule gd");
    bench.answer("goto 30");
    for rule in [
        "momentum",
        "nesterov",
        "adagrad",
        "rmsprop",
        "adam",
        "torch/adam",
        "gd",
    ] {
        bench.answer(&format!("lane add {rule}"));
        assert_eq!(
            bench.at(),
            (30, 0),
            "{rule} has come to where the others are"
        );
    }
    let names: Vec<String> = bench.all_bits().into_iter().map(|(name, _)| name).collect();
    assert_eq!(
        names,
        [
            "gd",
            "momentum",
            "nesterov",
            "adagrad",
            "rmsprop",
            "adam",
            "torch_adam",
            "gd_2"
        ]
    );
    assert!(
        bench
            .refuses("lane add adam")
            .contains("there are 8 lanes already; drop one first")
    );
    assert!(bench.refuses("fork").contains("there are 8 lanes already"));
}

#[test]
fn an_edit_in_the_past_needs_room_for_its_fork() {
    let flags = "--rule gd ".repeat(8);
    let mut bench = Bench::open(flags.trim());
    bench.all("goto 10\ngoto 5");
    let error = bench.refuses("set eta=0.001");
    assert!(
        error.contains("there are 8 lanes already; drop one first"),
        "{error}"
    );
    bench.all("drop gd_3\nset eta=0.001\ngoto 20");
    bench.check_against_straight_runs();
}

#[test]
fn lanes_are_added_with_names_and_settings() {
    let mut bench = Bench::open("--rule gd");
    bench.answer("lane add adam as fast set eta=2*eta_opt, beta1=0.8");
    assert_eq!(bench.number("fast.beta1"), 0.8);
    assert_eq!(bench.number("beta1"), 0.8, "and are in focus");
    assert_eq!(bench.number("fast.eta"), 2.0 * bench.number("eta_opt"));
    for (command, message) in [
        ("lane add adam as fast", "the name `fast` is taken"),
        ("lane add adam as 2nd", "cannot name a lane"),
        ("lane add adam as", "as what?"),
        ("lane add adem", "did you mean `adam`"),
        ("lane add adam set etta=1", "the rule has no setting `etta`"),
        ("lane add adam set eta=-1", "lies outside the domain"),
        ("lane add adam set eta", "expected NAME=EXPR"),
        ("lane add adam with", "expected `as` or `set`"),
        ("lane fasr", "did you mean `fast`"),
        ("drop fasr", "did you mean `fast`"),
    ] {
        let error = bench.refuses(command);
        assert!(error.contains(message), "{command}: {error}");
    }
    assert_eq!(bench.session.lanes().entries().len(), 2);
}

#[test]
fn only_the_lane_in_focus_stands_between_lines() {
    let mut bench = Bench::open("--rule gd --rule adam");
    bench.answer("lane adam");
    bench.answer("line 3");
    assert_eq!(bench.lane("gd").lane().position().line, 0);
    assert_eq!(bench.at(), (0, 3));
    bench.answer("line 3");
    assert_eq!(bench.at(), (1, 0));
    assert_eq!(
        bench.lane("gd").lane().position().t,
        1,
        "the others catch up"
    );
    bench.answer("line 2");
    bench.answer("lane gd");
    assert_eq!(bench.at(), (1, 0), "a turn falls back to the boundary");
    bench.check_against_straight_runs();
    bench.answer("line");
    bench.answer("fork");
    assert_eq!(bench.at(), (1, 1), "the fork stands where its parent stood");
    assert_eq!(bench.lane("gd").lane().position().line, 0);
    bench.check_against_straight_runs();
    bench.answer("drop gd_2");
    assert_eq!(bench.at(), (1, 0));
    bench.check_against_straight_runs();
}

#[test]
fn names_belong_to_the_lane_that_was_in_focus() {
    let mut bench = Bench::open("--rule gd --rule momentum --set eta=0.175*eta_opt");
    bench.answer("break settled(loss < 0.1, 20)");
    bench.answer("lane momentum");
    bench.answer("break settled(loss < 0.1, 20)");
    let momentum = bench.why("continue");
    assert_eq!(hits(&momentum.2), [2]);
    let gd = bench.why("until gd.loss < 0");
    assert_eq!(hits(&gd.2), [1]);
    let info = bench.says("info stops");
    assert!(
        info.contains("break settled(loss < 0.1, 20)  [gd]  1 hit"),
        "{info}"
    );
    assert!(
        info.contains("break settled(loss < 0.1, 20)  [momentum]  1 hit"),
        "{info}"
    );
    bench.answer("break gd.loss < momentum.loss + 1");
    assert!(
        bench
            .says("info stops")
            .contains("break gd.loss < momentum.loss + 1  0 hits")
    );
}

#[test]
fn a_name_that_a_lane_lacks_says_which_lanes_have_it() {
    let mut bench = Bench::open("--rule gd --rule adam --rule momentum");
    let error = bench.refuses("print m");
    assert!(
        error.contains("the lane `gd` has no `m`; lanes that have it: adam, momentum"),
        "{error}"
    );
    assert!(error.contains("<test>:1:7"), "{error}");
    let error = bench.refuses("break momentum.m_hat[1] > 0");
    assert!(
        error.contains("the lane `momentum` has no `m_hat`; lanes that have it: adam"),
        "{error}"
    );
    let error = bench.refuses("print sgd.w");
    assert!(
        error.contains("there is no lane `sgd`; lanes: gd, adam, momentum"),
        "{error}"
    );
    assert_eq!(bench.says("print adam.m"), "adam.m = [0, 0]");
}

#[test]
fn dropping_a_lane_renumbers_what_reads_the_others() {
    let mut bench = Bench::open("--rule gd --rule adam --rule momentum");
    bench.all(
        "break momentum.loss < 1
         break gd.loss < 1
         break first(momentum.loss < 1) > 0
         display adam.w[1]
         display gd.w[1]
         lane momentum
         break line 2 if t == 1
         lane adam",
    );
    let said = bench.says("drop gd");
    assert_eq!(
        said,
        "dropped lane `gd`, and the 2 stops and displays that read it"
    );
    assert_eq!(bench.session.lanes().focused().name(), "adam");
    let info = bench.says("info stops");
    assert!(
        info.contains("momentum.loss < 1") && info.contains("line 2"),
        "{info}"
    );
    assert!(info.contains("display adam.w[1] = 0"), "{info}");
    let found = bench.why("continue");
    assert_eq!(hits(&found.2), [1, 3], "both of momentum's");
    bench.all("lane momentum\nrestart");
    assert_eq!(hits(&bench.why("continue").2), [6]);
    bench.answer("drop adam");
    assert!(
        bench
            .refuses("drop momentum")
            .contains("the last lane cannot be dropped")
    );
}

#[test]
fn line_breaks_wait_for_their_lane_to_be_in_focus() {
    let mut bench = Bench::open("--rule gd --rule momentum");
    bench.answer("break line 2");
    bench.answer("lane momentum");
    assert_eq!(bench.why("step 5").2, StopReason::Done);
    let info = bench.says("info stops");
    assert!(
        info.contains("break line 2  [gd, waits for its lane to be in focus]"),
        "{info}"
    );
    bench.answer("lane gd");
    let (t, line, why) = bench.why("step 5");
    assert_eq!((t, line, hits(&why)), (5, 1, vec![1]));
}

#[test]
fn the_table_of_lanes_compares() {
    let mut bench = Bench::open("--rule gd --rule nesterov --set eta=0.175*eta_opt");
    bench.answer("goto 300");
    let table = bench.says("lane");
    let lines: Vec<&str> = table.lines().collect();
    assert!(
        lines[1].starts_with("* gd") && lines[2].starts_with("  nesterov"),
        "{table}"
    );
    assert!(
        lines[2].contains(" 96    96   300  below 1e-6"),
        "touched, since and gradients: {table}"
    );
    // It fits a small screen, but for the last words.
    let width = lines[1].chars().count();
    assert!(width <= 76, "{width}: {table}");
    bench.answer("goto 50");
    assert!(bench.says("lane").contains("reaches 1e-6 at t = 96"));
}
