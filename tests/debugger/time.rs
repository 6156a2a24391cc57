//! Moving through time: steps, lines, jumps, and the bits that one finds there.

use super::bench::Bench;
use eigenstep::{
    debugger::{
        Control,
        answer::{Answer, StopReason},
    },
    error::Source,
};

#[test]
fn lines_and_iterations_lead_to_the_same_places() {
    let mut bench = Bench::open("--rule adam");
    bench.answer("line 8");
    assert_eq!(bench.at(), (1, 2), "six lines make an iteration");
    bench.check_against_straight_runs();
    bench.answer("lineback 3");
    assert_eq!(bench.at(), (0, 5));
    bench.check_against_straight_runs();
    bench.answer("step");
    assert_eq!(bench.at(), (1, 0), "the rest of the iteration");
    bench.answer("line 4");
    bench.answer("back");
    assert_eq!(bench.at(), (1, 0), "to its start");
    bench.answer("back 10");
    assert_eq!(bench.at(), (0, 0));
    assert_eq!(bench.why("back").2, StopReason::Beginning);
    assert_eq!(bench.why("lineback").2, StopReason::Beginning);
}

#[test]
fn counts_may_stand_before_a_command() {
    let mut bench = Bench::open("--rule adam");
    bench.answer("10n");
    assert_eq!(bench.at(), (10, 0));
    bench.answer("3 N");
    assert_eq!(bench.at(), (7, 0));
    bench.answer("5s");
    assert_eq!(bench.at(), (7, 5));
    bench.answer("2S");
    assert_eq!(bench.at(), (7, 3));
    bench.answer("12 goto");
    assert_eq!(bench.at(), (12, 0));
    assert!(
        bench
            .refuses("3 step 4")
            .contains("the count is given twice")
    );
    assert!(bench.refuses("3 first").contains("`first` takes no count"));
    assert!(bench.refuses("step -1").contains("`-1` is not a count"));
    assert!(
        bench
            .refuses("goto 10 6")
            .contains("an iteration has 6 lines")
    );
}

#[test]
fn an_empty_line_repeats_the_last_stepping_command() {
    let mut bench = Bench::open("--rule adam");
    bench.all("step 3\nprint w");
    bench.answer("");
    assert_eq!(bench.at(), (6, 0));
    bench.answer("line");
    bench.answer("  ");
    assert_eq!(bench.at(), (6, 2));
    assert_eq!(Bench::open("--rule gd").says(""), "");
}

#[test]
fn nothing_to_do_is_done_at_once() {
    let mut bench = Bench::open("--rule adam");
    assert_eq!(bench.why("step 0"), (0, 0, StopReason::Done));
    assert_eq!(bench.why("line 0"), (0, 0, StopReason::Done));
    bench.answer("line 2");
    assert_eq!(bench.why("step 0"), (0, 2, StopReason::Done));
}

#[test]
fn first_and_last_are_the_ends_of_what_has_been_run() {
    let mut bench = Bench::open("--rule adam");
    bench.all("goto 1000\nfirst");
    assert_eq!(bench.at(), (0, 0));
    bench.all("goto 300 2\nlast");
    assert_eq!(bench.at(), (1000, 0));
    bench.check_against_straight_runs();
    bench.answer("goto 700 3");
    bench.check_against_straight_runs();
    // Beyond the newest t a jump runs.
    bench.answer("goto 1200 4");
    assert_eq!(bench.at(), (1200, 4));
    bench.check_against_straight_runs();
}

#[test]
fn prev_and_step_see_one_iteration_back_wherever_one_comes_from() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.answer("step 9");
    let before = bench.number("w[2]");
    bench.answer("step");
    let now = bench.number("w[2]");
    assert_eq!(bench.number("prev(w[2])"), before);
    assert_eq!(bench.number("step[2]"), now - before);
    bench.answer("goto 500");
    bench.answer("goto 10");
    assert_eq!(bench.number("step[2]"), now - before);
    assert_eq!(bench.number("prev(prev(t))"), 8.0);
    bench.answer("line 2");
    // Within iteration 11 one iteration ago is t = 10.
    assert_eq!(bench.number("t"), 11.0);
    assert_eq!(bench.number("prev(w[2])"), now);
    assert_eq!(bench.number("prev(prev(w[2]))"), before);
    assert_eq!(bench.number("step[2]"), 0.0, "w has not moved yet");
    assert_eq!(bench.at(), (10, 2), "to look changes nothing");
    bench.answer("first");
    assert_eq!(
        bench.says("print prev(t)"),
        "prev(t) = unknown, because no step has been taken yet"
    );
}

#[test]
fn a_value_within_an_iteration_is_what_the_lines_have_made_of_it() {
    let mut bench = Bench::open("--rule momentum --set eta=0.01");
    bench.answer("line 3");
    let new = bench.number("loss");
    bench.answer("back");
    assert!(
        bench.number("loss") > new,
        "line 3 moves w, and the loss is that at w"
    );
    bench.answer("line 2");
    assert_eq!(bench.says("print w"), "w = [0, 0]");
    assert_eq!(bench.says("print m"), "m = [0.008, 0.6]");
}

#[test]
fn restart_goes_to_the_start_and_keeps_what_has_been_run() {
    let mut bench = Bench::open("--rule adam");
    bench.all("break t == 5\ncontinue\nrestart");
    assert_eq!(bench.at(), (0, 0));
    assert_eq!(bench.session.lanes().frontier(), 5);
    assert_eq!(bench.why("continue").0, 5);
    assert!(bench.says("info stops").contains("1 hit"));
}

#[test]
fn functions_of_the_history_follow_every_way_of_moving() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.answer("display last_change(alpha[2] > 0)");
    bench.answer("display settled(alpha[2] < 0, 2)");
    let shown = |bench: &mut Bench, command: &str| {
        let stopped = bench.stopped(command);
        stopped
            .displays
            .iter()
            .map(|it| it.value.as_ref().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    let mut forward = Vec::new();
    for _ in 0..60 {
        forward.push(shown(&mut bench, "step"));
    }
    for t in [60, 3, 31, 30, 59, 1, 2] {
        assert_eq!(
            shown(&mut bench, &format!("goto {t}")),
            forward[t - 1],
            "t = {t}"
        );
    }
    for t in (1..60).rev() {
        assert_eq!(
            shown(&mut bench, &format!("goto {t}")),
            forward[t - 1],
            "t = {t}"
        );
    }
}

/// Executes a command that is told to stop when it asks for the second time.
fn impatiently(bench: &mut Bench, command: &str) -> (Answer, u32) {
    let mut asked = 0;
    let mut go_on = |_| {
        asked += 1;
        asked < 2
    };
    let line = Source::new("<test>", command);
    let answer = bench
        .session
        .execute(&line, &mut Control::asking(&mut go_on));
    (answer.unwrap_or_else(|error| panic!("{error}")), asked)
}

#[test]
fn a_long_look_into_the_past_can_be_ended() {
    let mut bench = Bench::open("--rule gd --set eta=1e-6*eta_opt");
    bench.all("goto 20000\ngoto 15000");
    let bits = bench.all_bits();
    for command in [
        "print first(loss < 0)",
        "until first(loss < 0) > 0",
        "rcontinue",
    ] {
        let (answer, asked) = impatiently(&mut bench, command);
        assert!(
            answer.to_string().contains("interrupted"),
            "{command}: {answer}"
        );
        assert_eq!(asked, 2, "{command}: it does not ask again");
        assert_eq!(bench.all_bits(), bits, "{command}");
    }
    // Asked with patience it answers all the same.
    assert!(bench.number("first(loss < 0)").is_nan());
    assert_eq!(bench.number("first(t > 7)"), 8.0);
}

#[test]
fn displays_follow_a_run_and_need_no_look_back_when_it_is_ended() {
    let mut bench = Bench::open("--rule gd --set eta=1e-6*eta_opt");
    bench.all("set max-run=1e9\ndisplay last_change(loss < 0)\ndisplay first(t > 9)");
    let mut asked = 0;
    let mut go_on = |_| {
        asked += 1;
        asked < 100
    };
    let line = Source::new("<test>", "until loss < 0");
    let control = &mut Control::asking(&mut go_on);
    let Ok(Answer::Stopped(stopped)) = bench.session.execute(&line, control) else {
        panic!("a run answers where it stopped");
    };
    assert_eq!(asked, 100, "what ends the run is the last that is asked");
    assert!(stopped.t > 10_000, "{}", stopped.t);
    let shown: Vec<String> = stopped.displays.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        ["1: last_change(loss < 0) = NaN", "2: first(t > 9) = 10"]
    );
}

#[test]
fn whatever_runs_again_can_be_ended_on_the_way() {
    let flags = "--rule gd --set eta=1e-6*eta_opt --rule momentum";
    for command in [
        "set tolerance=1e-9",
        "set bound=50",
        "display first(loss < 0)",
        "goto 15000",
        "set w = first(loss < 0)",
    ] {
        let mut bench = Bench::open(flags);
        bench.all("goto 20000\ngoto 15000");
        if command == "goto 15000" {
            bench.all("goto 3\ndisplay first(loss < 0)");
        }
        let line = Source::new("<test>", command);
        let mut asked = 0;
        let mut go_on = |_| {
            asked += 1;
            asked < 2
        };
        let control = &mut Control::asking(&mut go_on);
        let said = match bench.session.execute(&line, control) {
            Ok(answer) => answer.to_string(),
            Err(error) => error.to_string(),
        };
        assert!(said.contains("interrupted"), "{command}: {said}");
        assert!(asked < 8, "{command}: asked {asked} times");
        let t = bench.session.position().t;
        for entry in bench.session.lanes().entries() {
            assert_eq!(entry.lane().position().t, t, "{command}");
        }
        // The same run goes on from there.
        bench.answer("goto 15000");
        let mut straight = Bench::open(flags);
        straight.answer("goto 15000");
        assert_eq!(bench.all_bits(), straight.all_bits(), "{command}");
    }
}

#[test]
fn back_over_a_long_run_to_what_hangs_on_its_beginning() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    bench.all("set max-run = 1e6\nbreak first(loss < 1e-6) == 136 and t > 3000\ngoto 9000");
    assert_eq!(bench.why("rcontinue").0, 3001);
}

#[test]
fn every_place_of_a_long_run_can_be_visited_again() {
    // All of it in a release build; a debug build has less patience.
    let last: u64 = if cfg!(debug_assertions) {
        300_000
    } else {
        10_000_000
    };
    let mut bench = Bench::open("--rule adam --set eta=0.001");
    let places: Vec<u64> = (0..50)
        .map(|k| last / 50 * k + (k * 7919) % (last / 50))
        .collect();
    let mut seen = Vec::new();
    for place in &places {
        bench.answer(&format!("goto {place}"));
        seen.push(bench.all_bits());
    }
    bench.answer(&format!("goto {last}"));
    for k in 0..places.len() {
        // A stride that meets every place, most of them far from the one before.
        let at = (k * 37) % places.len();
        bench.answer(&format!("goto {}", places[at]));
        assert_eq!(bench.all_bits(), seen[at], "t = {}", places[at]);
    }
}
