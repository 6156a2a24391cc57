//! Breaks, watches, traces: what stops a run, how often, and in which direction.

use super::bench::{Bench, hits};
use eigenstep::debugger::answer::StopReason;

fn gd() -> Bench {
    Bench::open("--rule gd --set eta=eta_opt")
}

fn momentum() -> Bench {
    Bench::open("--rule momentum --set eta=0.175*eta_opt")
}

#[test]
fn a_break_stops_when_its_condition_becomes_true() {
    let mut bench = gd();
    bench.answer("break t > 5");
    let (t, _, why) = bench.why("continue");
    assert_eq!((t, hits(&why)), (6, vec![1]));
    // It holds still, and does not stop again.
    let (t, _, why) = bench.why("continue");
    assert_eq!(t, 419);
    assert!(matches!(why, StopReason::Tolerance { .. }));
    bench.answer("goto 3");
    assert_eq!(bench.why("step 100").0, 6, "step heeds stops too");
    assert!(bench.says("info stops").contains("break t > 5  2 hits"));
}

#[test]
fn what_holds_at_the_start_has_not_become_true() {
    let mut bench = gd();
    bench.answer("break loss > 0");
    assert!(matches!(
        bench.why("continue").2,
        StopReason::Tolerance { .. }
    ));
}

#[test]
fn once_ignore_and_hit_counts() {
    let mut bench = momentum();
    bench.answer("break alpha[2] > 0 once");
    bench.answer("break alpha[2] > 0 ignore 2");
    let first = bench.why("continue");
    assert_eq!(hits(&first.2), [1], "the second passes over it");
    let second = bench.why("continue");
    assert_eq!(hits(&second.2), [2], "the first is gone");
    assert!(second.0 > first.0);
    let info = bench.says("info stops");
    assert_eq!(
        info, "  2  break alpha[2] > 0  3 hits",
        "two passed over, one heeded"
    );
    assert_eq!(bench.says("ignore 2 1"), "stop 2 ignores its next hit");
    bench.answer("continue");
    assert!(bench.says("info stops").contains("5 hits"));
    // At restart hits are counted anew, and the stop stays.
    bench.answer("restart");
    assert_eq!(bench.at(), (0, 0));
    assert!(bench.says("info stops").contains("0 hits"));
}

#[test]
fn a_break_that_is_to_stop_once_waits_for_its_ignored_hits() {
    let mut bench = momentum();
    bench.answer("break alpha[2] > 0 once ignore 2");
    bench.answer("break t == 20");
    assert_eq!(bench.why("continue").0, 20, "one hit passed over by then");
    let third = bench.why("continue");
    assert_eq!(hits(&third.2), [1]);
    assert!(third.0 > 20);
    assert!(!bench.says("info stops").contains("alpha"));
}

#[test]
fn disabled_stops_keep_quiet_and_deleted_ones_are_gone() {
    let mut bench = gd();
    bench.all(
        "break t == 5
         break t == 7
         watch t
         disable 1 3",
    );
    assert_eq!(bench.why("continue").0, 7);
    assert!(bench.says("info stops").contains("(disabled)"));
    bench.all("restart\nenable 1");
    assert_eq!(bench.why("continue").0, 5);
    bench.all("delete 1 2\nenable all");
    assert_eq!(bench.why("continue").0, 6, "the watch on t");
    let error = bench.refuses("delete 2");
    assert!(
        error.contains("there is no stop, display or plot 2") && error.contains("there are 3"),
        "{error}"
    );
    bench.answer("delete all");
    assert_eq!(
        bench.says("info stops"),
        "no stops yet; make one with break, watch, trace or display"
    );
}

#[test]
fn numbers_of_stops_are_not_used_again() {
    let mut bench = gd();
    bench.all("break t == 5\ndelete 1");
    assert_eq!(bench.says("break t == 6"), "2: break t == 6");
}

#[test]
fn tbreak_stops_once() {
    let mut bench = momentum();
    bench.answer("tbreak alpha[2] > 0");
    assert_eq!(hits(&bench.why("continue").2), [1]);
    assert!(matches!(
        bench.why("continue").2,
        StopReason::Tolerance { .. }
    ));
    bench.all("tbreak line 2\nstep 2");
    let (t, line, why) = bench.why("rcontinue");
    assert!(
        matches!(why, StopReason::Tolerance { .. }),
        "spent by the step: {t} {line} {why:?}"
    );
}

#[test]
fn a_break_on_a_line_stops_before_it_runs() {
    let mut bench = momentum();
    bench.answer("break line 3 if t == 10");
    let (t, line, why) = bench.why("continue");
    assert_eq!(
        (t, line, hits(&why)),
        (9, 2, vec![1]),
        "in iteration 10, whose lines see t = 10"
    );
    assert_eq!(bench.number("t"), 10.0);
    assert_eq!(
        bench.says("list").lines().nth(2).unwrap().chars().next(),
        Some('>')
    );
    assert_eq!(bench.why("step").0, 10, "the rest of the iteration");
    bench.all("delete 1\nbreak line 1\ngoto 0");
    assert_eq!(bench.why("continue"), (1, 0, bench_hit(&bench, 2)));
    assert_eq!(
        bench.why("step").2,
        bench_hit(&bench, 2),
        "before the first line of the next"
    );
    assert_eq!(bench.at(), (2, 0));
    assert_eq!(
        bench.why("line 5").2,
        bench_hit(&bench, 2),
        "lines heed it too"
    );
    assert_eq!(bench.at(), (3, 0));
}

fn bench_hit(bench: &Bench, id: u64) -> StopReason {
    let line = match &bench
        .session
        .stops()
        .iter()
        .find(|stop| stop.id == id)
        .unwrap()
        .kind
    {
        eigenstep::debugger::stop::StopKind::Line { line, .. } => *line,
        _ => unreachable!(),
    };
    StopReason::Hits(vec![eigenstep::debugger::stop::Hit {
        id,
        what: eigenstep::debugger::stop::HitKind::Line(line),
    }])
}

#[test]
fn conditions_of_line_breaks_look_back_from_the_iteration_under_way() {
    let mut bench = momentum();
    // Line 3 is `w = w + m`; before it runs, m is new already and w is not.
    bench.answer("break line 3 if m[2]*prev(m[2]) < 0");
    let (t, line, _) = bench.why("continue");
    assert_eq!(line, 2);
    assert!(bench.number("m[2]*prev(m[2])") < 0.0);
    bench.answer("step");
    let now = bench.number("m[2]");
    bench.answer(&format!("goto {t}"));
    assert!(bench.number("m[2]") * now < 0.0);
    // On the boundary, before line 1, prev is one boundary back.
    bench.all("delete all\nrestart\nbreak line 1 if w[2] < prev(w[2])");
    bench.answer("continue");
    assert!(bench.number("w[2]") < bench.number("prev(w[2])"));
}

#[test]
fn a_watch_shows_old_and_new_and_zero_has_no_sign() {
    let mut bench = momentum();
    bench.answer("watch sign(alpha[2])");
    let text = bench.says("continue");
    assert!(text.contains("watch 1: sign(alpha[2]): -1 -> 1"), "{text}");
    let mut bench = Bench::open("--rule gd --eigenvalues 1 --set eta=0.5 --minimum 0 --start 1");
    bench.answer("watch 0*sign(t - 5)");
    assert!(
        matches!(bench.why("continue").2, StopReason::Tolerance { .. }),
        "0 and -0 are the same"
    );
    bench.all("restart\ndelete all\nwatch w");
    assert_eq!(bench.says("continue"), "t = 1: watch 2: w: [1] -> [0.5]");
}

#[test]
fn traces_log_and_do_not_stop() {
    let mut bench = gd();
    bench.answer("trace loss");
    let stopped = bench.stopped("step 3");
    assert_eq!(stopped.t, 3);
    let logged: Vec<u64> = stopped.logs.iter().map(|log| log.t).collect();
    assert_eq!(logged, [1, 2, 3]);
    assert!(stopped.to_string().starts_with("trace 1: t = 1: loss = "));
    let many = bench.stopped("step 1500");
    assert_eq!((many.logs.len(), many.logs_dropped), (1000, 500));
    assert_eq!(many.logs.last().unwrap().t, 1503);
}

#[test]
fn displays_are_shown_at_every_stop() {
    let mut bench = gd();
    let said = bench.says("display w[1]");
    assert_eq!(said, "1: w[1] = 0");
    let text = bench.says("step");
    assert!(text.starts_with("t = 1\n1: w[1] = 0.0158"), "{text}");
    bench.answer("display first(t > 3)");
    assert!(bench.says("step 5").ends_with("2: first(t > 3) = 4"));
    bench.answer("delete 1");
    assert_eq!(bench.stopped("step").displays.len(), 1);
}

#[test]
fn backwards_one_meets_what_one_met_forwards() {
    for stops in [
        "break alpha[2] > 0",
        "watch sign(alpha[2])",
        "break line 2 if abs(alpha[1]) < 0.4 and w[2] > 0.7",
        "break line 1 if alpha[2] > 0.1",
        "break settled(alpha[2] > 0, 3)",
        "break last_change(alpha[2] > 0) == t\nbreak line 3 if t == 77",
        "watch first(loss < 0.1)\nbreak t == 256\nbreak t == 255 or t == 257",
        "break prev(alpha[2])*alpha[2] < 0",
    ] {
        let mut bench = momentum();
        bench.all(stops);
        let mut forward = Vec::new();
        loop {
            let (t, line, why) = bench.why("continue");
            if t > 300 || matches!(why, StopReason::MaxRun(_)) {
                break;
            }
            forward.push((t, line, why));
        }
        assert!(forward.len() > 2, "{stops}: {forward:?}");
        bench.answer("goto 300");
        let mut backward = Vec::new();
        loop {
            let found = bench.why("rcontinue");
            if found.2 == StopReason::Beginning {
                break;
            }
            bench.check_against_straight_runs();
            backward.push(found);
        }
        backward.reverse();
        // A NaN is not equal to itself, but it is written in the same way.
        assert_eq!(format!("{forward:?}"), format!("{backward:?}"), "{stops}");
    }
}

#[test]
fn back_from_within_an_iteration_the_boundary_before_it_counts() {
    let mut bench = momentum();
    bench.all("break t == 10\ngoto 10 2");
    assert_eq!(bench.why("rcontinue").0, 10);
    assert_eq!(bench.why("rcontinue").2, StopReason::Beginning);
}

#[test]
fn the_tolerance_counts_when_it_is_met_exactly() {
    // loss = 0.5*w^2 with eta = 0.5 from 1: 0.5*4^-t, so 2^-7 at t = 3.
    let mut bench = Bench::open("--rule gd --eigenvalues 1 --set eta=0.5 --minimum 0 --start 1");
    bench.answer("set tolerance = 2^-7");
    let (t, _, why) = bench.why("continue");
    assert_eq!(t, 3, "{why:?}");
    assert_eq!(bench.number("loss"), 0.007_812_5);
    assert!(
        bench.number("first(loss < 2^-7)").is_nan(),
        "it is not below it yet"
    );
}

#[test]
fn a_run_is_bounded_and_can_be_told_to_stop() {
    let mut bench = gd();
    bench.answer("set max-run = 50");
    assert_eq!(bench.why("until loss < 0"), (50, 0, StopReason::MaxRun(50)));
    assert_eq!(bench.why("continue"), (100, 0, StopReason::MaxRun(50)));
    assert_eq!(
        bench.why("step 70").0,
        170,
        "a number that is asked for is not bounded"
    );
    let line = eigenstep::error::Source::new("<test>", "goto 100000");
    let mut asked = 0;
    let answer = bench.session.execute(
        &line,
        &mut eigenstep::debugger::Control::asking(&mut |_| {
            asked += 1;
            asked < 3
        }),
    );
    let eigenstep::debugger::answer::Answer::Stopped(stopped) = answer.unwrap() else {
        panic!()
    };
    assert_eq!(stopped.why, StopReason::Interrupted);
    assert!(stopped.t < 5000);
    assert_eq!(stopped.t, bench.session.position().t);
    bench.check_against_straight_runs();
}

#[test]
fn until_goes_before_other_stops_at_the_same_place() {
    let mut bench = gd();
    bench.answer("break t == 5");
    assert_eq!(
        bench.why("until t == 5").2,
        StopReason::Until("t == 5".into())
    );
    assert!(bench.says("info stops").contains("1 hit"));
}

#[test]
fn a_stop_says_how_it_was_made() {
    let mut bench = gd();
    for (command, said) in [
        ("break loss < 1 ignore 3", "1: break loss < 1 ignore 3"),
        (
            "tbreak line 2 if t > 3 ignore 1",
            "2: break line 2 if t > 3 once ignore 1",
        ),
        ("watch w[1] > 0 once", "3: watch w[1] > 0 once"),
    ] {
        assert_eq!(bench.says(command), said);
    }
}

#[test]
fn only_stops_have_hits_to_pass_over() {
    let mut bench = Bench::open("--rule gd");
    assert!(bench.refuses("ignore 1 2").contains("there are none yet"));
    bench.answer("break loss < 1");
    bench.answer("display w");
    assert!(bench.refuses("ignore 3 2").contains("there are 1, 2"));
    assert!(bench.refuses("ignore 2 2").contains("2 is a display"));
}

#[test]
fn what_reads_nothing_of_the_run_is_no_stop() {
    let mut bench = gd();
    for line in ["watch 1", "watch 2*3 + exp(1)", "break 1 < 2", "break true"] {
        let why = bench.refuses(line);
        assert!(why.contains("reads nothing"), "{line}: {why}");
    }
    for line in [
        "watch t",
        "watch eta",
        "break first(loss < 1) < t",
        "watch prev(w[1])",
    ] {
        bench.answer(line);
    }
}
