//! A run looks at many boundaries at a time where it can. Whatever is waited for, it ends where a run that looks at each
//! boundary ends, and every number is that of a run line by line, to the bit.

use super::bench::{Bench, bits};
use eigenstep::{
    debugger::{MinMaxSeries, lanes::NamedLane},
    rule,
};
use proptest::prelude::*;

const LOSSES: [&str; 9] = [
    "--loss valley",
    "--eigenvalues 3",
    "--eigenvalues 1,4,9",
    "--eigenvalues 1,2,3,4,50",
    "--eigenvalues 1,100 --rotate 30",
    "--loss rosenbrock",
    "--loss himmelblau",
    "--loss sum(abs(w))+max(x,y)^3 --start 0.4,-1.5",
    "--loss valley --noise 0.3 --seed 4",
];

/// All that a lane remembers of its run, but for its keyframes.
fn memory(entry: &NamedLane) -> String {
    let timeline = entry.lane().timeline();
    let spans = |track: &MinMaxSeries| -> Vec<_> {
        let spans = track.spans();
        spans
            .map(|(from, to, it)| (from, to, it.min.to_bits(), it.max.to_bits()))
            .collect()
    };
    let path = timeline.path.points();
    let path: Vec<_> = path
        .map(|point| (point.t, point.w.to_vec(), point.loss.to_bits()))
        .collect();
    format!(
        "{:?} {:?} {:?} {path:?}",
        timeline.convergence(),
        spans(&timeline.loss),
        spans(&timeline.gradient_norm)
    )
}

fn memories(bench: &Bench) -> Vec<String> {
    let entries = bench.session.lanes().entries();
    entries.iter().map(memory).collect()
}

#[test]
fn every_rule_has_the_bits_of_its_lines() {
    let mut compared = 0;
    for name in rule::names() {
        for loss in LOSSES {
            let mut flags = eigenstep::scenario::Scenario::default();
            let opened = flags.apply("rule", name).and_then(|()| {
                let words: Vec<&str> = loss.split(' ').collect();
                words
                    .chunks(2)
                    .try_for_each(|it| flags.apply(it[0].trim_start_matches('-'), it[1]))?;
                flags.session()
            });
            let Ok(session) = opened else { continue };
            let mut in_bursts = Bench { session };
            let mut by_lines = Bench::of(&flags);
            in_bursts.answer("goto 203");
            let entry = &by_lines.session.lanes().entries()[0];
            let lines = entry.lane().compiled().lines.len();
            by_lines.answer(&format!("line {}", 203 * lines));
            let (a, b) = (
                &in_bursts.session.lanes().entries()[0],
                &by_lines.session.lanes().entries()[0],
            );
            let (left, right) = (a.lane().machine(), b.lane().machine());
            assert_eq!(bits(left), bits(right), "{name} on {loss}");
            assert_eq!(left.loss().to_bits(), right.loss().to_bits());
            assert_eq!(memory(a), memory(b), "{name} on {loss}");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared}");
}

/// Stops of every kind that is seen in bursts, and some that are not.
const STOPS: [&str; 14] = [
    "break loss < 1e-2",
    "break loss < 1e-2 ignore 2",
    "break abs(alpha[1]) < 1e-2",
    "break abs(alpha[2]) <= 0.05 and loss < 0.5",
    "break w[1] > 0.5",
    "break norm(grad) < 0.3",
    "tbreak t == 77",
    "break t == 64",
    "watch sign(alpha[2])",
    "watch w[2] > w[1]",
    "break loss > prev(loss)",
    "break settled(loss < 0.1, 5)",
    "break line 2 if t > 150",
    "break max(abs(step)) < 1e-4",
];

const RUNS: [&str; 6] = [
    "continue",
    "step 500",
    "until loss < 1e-3",
    "until max(abs(grad)) < 1e-3 or t > 900",
    "back 100",
    "set adam.eta = 0.5*adam.eta",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_is_waited_for_is_found_where_each_boundary_is_looked_at(
        loss in 0..LOSSES.len(),
        eta in 1e-3_f64..0.5,
        stops in proptest::collection::vec(0..STOPS.len(), 0..4),
        runs in proptest::collection::vec(0..RUNS.len(), 1..6),
        with in 0..3_usize,
    ) {
        let flags = format!("--rule adam --set eta={eta} {}", LOSSES[loss]);
        let (mut in_bursts, mut one_by_one) = (Bench::open(&flags), Bench::open(&flags));
        let others = ["", "lane add gd", "lane add torch/adam"];
        for bench in [&mut in_bursts, &mut one_by_one] {
            if with > 0 {
                bench.answer(others[with]);
            }
            for stop in &stops {
                let _ = bench.try_answer(STOPS[*stop]);
            }
        }
        // What is logged at each boundary keeps a run from going in bursts.
        one_by_one.answer("trace t");
        for run in runs {
            let command = RUNS[run];
            let outcomes = [&mut in_bursts, &mut one_by_one].map(|bench| {
                let answer = bench.try_answer(command);
                match answer {
                    Ok(eigenstep::debugger::answer::Answer::Stopped(it)) => format!("{} {} {:?}", it.t, it.line, it.why),
                    Ok(other) => other.to_string(),
                    Err(error) => error,
                }
            });
            prop_assert_eq!(&outcomes[0], &outcomes[1], "{}", command);
            prop_assert_eq!(in_bursts.all_bits(), one_by_one.all_bits());
            prop_assert_eq!(memories(&in_bursts), memories(&one_by_one));
        }
    }
}

#[test]
fn long_runs_remember_the_same() {
    // Past where tracks and paths have become wide.
    for flags in [
        "--rule adam",
        "--rule momentum --set eta=0.175*eta_opt",
        "--rule gd --noise 0.2",
    ] {
        let (mut in_bursts, mut one_by_one) = (Bench::open(flags), Bench::open(flags));
        in_bursts.answer("step 30011");
        one_by_one.answer("trace t");
        one_by_one.answer("step 30011");
        assert_eq!(in_bursts.all_bits(), one_by_one.all_bits());
        assert_eq!(memories(&in_bursts), memories(&one_by_one));
    }
}
