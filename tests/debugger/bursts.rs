//! A run looks at many boundaries at a time where it can. Whatever is waited for, it ends where a run that looks at each
//! boundary ends, and every number is that of a run line by line, to the bit.

use super::bench::{Bench, bits};
use eigenstep::{
    debugger::{MinMaxSeries, answer::Answer, lanes::NamedLane},
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

#[test]
fn lanes_of_one_rule_have_the_bits_that_they_have_boundary_by_boundary() {
    let mut compared = 0;
    for name in rule::names() {
        for loss in [LOSSES[0], LOSSES[3], LOSSES[4], LOSSES[6], LOSSES[8]] {
            let mut flags = eigenstep::scenario::Scenario::default();
            let opened = flags.apply("rule", name).and_then(|()| {
                let words: Vec<&str> = loss.split(' ').collect();
                words
                    .chunks(2)
                    .try_for_each(|it| flags.apply(it[0].trim_start_matches('-'), it[1]))?;
                flags.session()
            });
            let Ok(session) = opened else { continue };
            let (mut side_by_side, mut one_by_one) = (Bench { session }, Bench::of(&flags));
            let settings = &one_by_one.session.lanes().entries()[0].compiled().settings;
            let first = settings.first().map(|it| (it.name.clone(), it.default));
            for bench in [&mut side_by_side, &mut one_by_one] {
                for factor in [0.5, 0.25, 2.0] {
                    let set = first.as_ref().map_or(String::new(), |(name, default)| {
                        format!(" set {name}={:?}", factor * default)
                    });
                    // Twice as much may be no value of it.
                    let _ = bench.try_answer(&format!("lane add {name}{set}"));
                }
                bench.answer("lane add gd");
            }
            one_by_one.answer(BY_BOUNDARY);
            for command in ["step 203", "step 300"] {
                side_by_side.answer(command);
                one_by_one.answer(command);
                assert_eq!(
                    side_by_side.all_bits(),
                    one_by_one.all_bits(),
                    "{name} on {loss}"
                );
                assert_eq!(
                    memories(&side_by_side),
                    memories(&one_by_one),
                    "{name} on {loss}"
                );
            }
            compared += 1;
        }
    }
    assert!(compared > 150, "{compared}");
}

/// A diagonal quadratic of so many parameters that it is run block by block, with a block that is not full and eights that
/// are not either.
fn long() -> String {
    quadratic(301)
}

/// The flag of a diagonal quadratic of `n` parameters.
fn quadratic(n: usize) -> String {
    let eigenvalues: Vec<String> = (0..n).map(|at| format!("{}", 1 + at % 7)).collect();
    format!("--eigenvalues {}", eigenvalues.join(","))
}

/// Compares a run in bursts to one by lines; false where the rule does not run on this loss, or works on whole matrices.
fn has_the_bits_of_its_lines(name: &str, loss: &str) -> bool {
    let mut flags = eigenstep::scenario::Scenario::default();
    let (flag, values) = loss.split_once(' ').expect("a flag and its value");
    let opened = flags.apply("rule", name).and_then(|()| {
        flags.apply(flag.trim_start_matches('-'), values)?;
        flags.session()
    });
    let Ok(session) = opened else { return false };
    let mut in_bursts = Bench { session };
    let mut by_lines = Bench::of(&flags);
    let lane = by_lines.session.lanes().entries()[0].lane();
    if lane.machine().variables().len() > 20 * lane.machine().w().len() {
        return false;
    }
    let lines = lane.compiled().lines.len();
    // To within a stretch between keyframes, and on by as much as does not end at one.
    for t in [37, 101] {
        in_bursts.answer(&format!("goto {t}"));
        let left = t - by_lines.session.position().t;
        by_lines.answer(&format!("line {}", left * lines as u64));
        let (a, b) = (
            &in_bursts.session.lanes().entries()[0],
            &by_lines.session.lanes().entries()[0],
        );
        let (left, right) = (a.lane().machine(), b.lane().machine());
        assert_eq!(bits(left), bits(right), "{name} at {t}");
        assert_eq!(left.loss().to_bits(), right.loss().to_bits());
        assert_eq!(
            left.gradient_norm().to_bits(),
            right.gradient_norm().to_bits()
        );
        assert_eq!(memory(a), memory(b), "{name} at {t}");
    }
    true
}

#[test]
fn every_rule_has_the_bits_of_its_lines_on_long_vectors() {
    let long = long();
    let rules = rule::names()
        .into_iter()
        .filter(|name| has_the_bits_of_its_lines(name, &long));
    let compared = rules.count();
    assert!(compared > 40, "{compared}");
}

#[test]
fn vectors_that_are_not_at_hand_have_the_bits_of_lines() {
    let long = quadratic(4301);
    for name in ["gd", "momentum", "adam", "torch/adam"] {
        assert!(has_the_bits_of_its_lines(name, &long), "{name}");
    }
}

/// Random numbers (Steele, Lea & Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }
}

/// A scenario of this rule: a random loss, and settings of random size.
fn random_scenario(name: &str, random: &mut Random) -> Option<eigenstep::scenario::Scenario> {
    let mut flags = eigenstep::scenario::Scenario::default();
    flags.apply("rule", name).ok()?;
    let long = long();
    let at = usize::try_from(random.below(LOSSES.len() as u64 + 1)).ok()?;
    let loss = LOSSES.get(at).copied().unwrap_or(&long);
    for words in loss.split(' ').collect::<Vec<&str>>().chunks(2) {
        flags
            .apply(words[0].trim_start_matches('-'), words[1])
            .ok()?;
    }
    let session = flags.session().ok()?;
    let lane = session.lanes().entries()[0].lane();
    // One that works on large matrices takes long.
    if lane.machine().variables().len() > 4000 {
        return None;
    }
    for setting in &lane.compiled().settings {
        let factor = [0.25, 0.5, 0.9, 1.1, 2.0, 4.0][usize::try_from(random.below(6)).ok()?];
        if random.below(2) == 0 {
            let mut changed = flags.clone();
            let value = format!("{}={:?}", setting.name, setting.default * factor);
            if changed.apply("set", &value).is_ok() && changed.session().is_ok() {
                flags = changed;
            }
        }
    }
    Some(flags)
}

/// The ways to run: line by line, which is the plain interpreter; boundary by boundary; in bursts; side by side with other
/// lanes of the rule. `EIGENSTEP_ITERATIONS` has the number of iterations of each rule that are compared.
#[test]
fn every_way_to_run_a_rule_has_the_same_bits() {
    let wanted = std::env::var("EIGENSTEP_ITERATIONS");
    let wanted: u64 = wanted.map_or(500, |it| it.parse().expect("a number"));
    let (mut rules, mut all) = (0, 0);
    for (number, name) in (0..).zip(rule::names()) {
        let mut random = Random(number);
        let (mut done, mut tries) = (0, 0);
        while done < wanted && tries < 8 + wanted / 20 {
            tries += 1;
            let Some(flags) = random_scenario(name, &mut random) else {
                continue;
            };
            let t = 100 + random.below(900);
            let mut ways = [(); 4].map(|()| Bench::of(&flags));
            let lines = ways[0].session.lanes().entries()[0].compiled().lines.len() as u64;
            ways[0].answer(&format!("line {}", t * lines));
            ways[1].answer(BY_BOUNDARY);
            ways[1].answer(&format!("step {t}"));
            ways[2].answer(&format!("step {t}"));
            ways[3].answer(&format!("lane add {name}"));
            ways[3].answer(&format!("goto {t}"));
            let seen = ways.each_ref().map(|bench| {
                let machine = bench.session.lanes().entries()[0].lane().machine();
                let measured = [machine.loss(), machine.gradient_norm()];
                (
                    machine.position(),
                    bits(machine),
                    measured.map(f64::to_bits),
                )
            });
            for way in 1..4 {
                assert_eq!(seen[way], seen[0], "{name}, {way}: {flags:?}");
            }
            done += seen[0].0.t.max(1);
        }
        rules += usize::from(done >= wanted);
        all += done;
    }
    println!("{rules} rules, {all} iterations");
    assert!(rules > 45, "{rules}");
}

/// What is looked for at each boundary, as step sizes are, keeps a run from going in bursts.
const BY_BOUNDARY: &str = "display first(eta_eff[1] < 0)";

/// Where and why a run has stopped, and what was logged and is shown.
fn outcome(answer: Result<Answer, String>) -> String {
    match answer {
        Ok(Answer::Stopped(it)) => {
            let displays = it
                .displays
                .iter()
                .filter(|it| !BY_BOUNDARY.ends_with(&it.text));
            let displays: Vec<_> = displays.collect();
            let logged = (it.logs, it.logs_dropped);
            format!("{} {} {:?} {logged:?} {displays:?}", it.t, it.line, it.why)
        }
        Ok(other) => other.to_string(),
        Err(error) => error,
    }
}

/// Stops of every kind that is seen in bursts, and some that are not.
const STOPS: [&str; 43] = [
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
    "break norm(grad) > 3",
    "break norm(grad) <= 2.5 and alpha[1] < 0.3",
    "break sum(m_hat) > 0.2 ignore 1",
    "break grad[2] >= 0",
    "break line 1 if loss < 0.3",
    "break line 1 if t > 90 and w[1] > 0.1 ignore 3",
    "break line 3 if m[1]*s[1] < 0",
    "break line 5 if abs(m_hat[1]) < 1e-3",
    "break line 6 if norm(m_hat) < 0.3 and norm(m) < 0.1",
    "break line 4 if alpha[1] < 0.2 and loss < 0.4 ignore 40",
    "tbreak line 2 if g[1] > m[1]",
    "break line 5 if adam.w[1] > gd.w[1]",
    "break line 6 if t == 77",
    "break prev(prev(prev(loss))) > 2*loss and prev(w[1]) < w[1] ignore 2",
    "break prev(prev(sum(m_hat))) > sum(m_hat) and t > 60",
    "watch sign(prev(alpha[2]) - alpha[2])",
    "break settled(prev(loss) > loss, 40)",
    "break mean_over(loss, 20) < 0.2",
    "break t - last_change(sign(w - prev(w))) > 25 ignore 1",
    "break t == first(loss < 0.3) + 9",
    "break quantile_over(loss, 0.5, 7) < prev(prev(loss)) and t > 20",
    "watch settled(norm(grad) < 0.5, 10)",
    "break std_over(w[2], 12) < 1e-3 and t > 30",
    "trace loss",
    "trace alpha/prev(alpha)",
    "trace prev(prev(prev(w[1]))) < m_hat[1]",
    "trace t - last_change(sign(grad)) + first(loss < 0.2)",
    "display last_change(sign(alpha[2]))",
    "display first(prev(loss) < 0.9*loss and norm(m_hat) > 0.1)",
];

const RUNS: [&str; 8] = [
    "continue",
    "step 500",
    "until loss < 1e-3",
    "until max(abs(grad)) < 1e-3 or t > 900",
    "until prev(loss) < 1.001*loss",
    "until settled(loss < 0.1, 20) or mean_over(norm(w), 5) > 3",
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
        with in 0..4_usize,
    ) {
        let flags = format!("--rule adam --set eta={eta} {}", LOSSES[loss]);
        let (mut in_bursts, mut one_by_one) = (Bench::open(&flags), Bench::open(&flags));
        let others = ["", "lane add gd", "lane add torch/adam", "lane add adam set eta=0.03"];
        for bench in [&mut in_bursts, &mut one_by_one] {
            if with > 0 {
                bench.answer(others[with]);
            }
            for stop in &stops {
                let _ = bench.try_answer(STOPS[*stop]);
            }
        }
        one_by_one.answer(BY_BOUNDARY);
        for run in runs {
            let command = RUNS[run];
            let benches = [&mut in_bursts, &mut one_by_one];
            let outcomes = benches.map(|bench| outcome(bench.try_answer(command)));
            prop_assert_eq!(&outcomes[0], &outcomes[1], "{}", command);
            prop_assert_eq!(in_bursts.all_bits(), one_by_one.all_bits());
            prop_assert_eq!(memories(&in_bursts), memories(&one_by_one));
        }
    }
}

const LONG_STOPS: [&str; 7] = [
    "break loss < 40",
    "break loss > prev(loss)",
    "break t == 45",
    "watch loss < 90",
    "break w[3] > 0.5",
    "trace loss - prev(loss)",
    "display first(loss < 60)",
];

const LONG_RUNS: [&str; 7] = [
    "continue",
    "step 75",
    "step 3",
    "until loss < 10 or t > 200",
    "back 5",
    "set w[2] = 3",
    "set eta = 0.5*eta",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn long_vectors_end_where_each_boundary_is_looked_at(
        rule in 0..5_usize,
        rate in 1e-3_f64..0.6,
        stops in proptest::collection::vec(0..LONG_STOPS.len(), 0..3),
        runs in proptest::collection::vec(0..LONG_RUNS.len(), 1..6),
        with in 0..3_usize,
    ) {
        // At the largest rates runs leave their bounds.
        let rule = ["adam", "gd", "momentum", "adagrad", "nesterov"][rule];
        let flags = format!("--rule {rule} --set eta={rate} {}", long());
        let (mut in_bursts, mut one_by_one) = (Bench::open(&flags), Bench::open(&flags));
        for bench in [&mut in_bursts, &mut one_by_one] {
            if with > 0 {
                bench.answer(["", "lane add gd", "lane add torch/adam"][with]);
            }
            for stop in &stops {
                let _ = bench.try_answer(LONG_STOPS[*stop]);
            }
        }
        one_by_one.answer(BY_BOUNDARY);
        for run in runs {
            let command = LONG_RUNS[run];
            let benches = [&mut in_bursts, &mut one_by_one];
            let outcomes = benches.map(|bench| outcome(bench.try_answer(command)));
            prop_assert_eq!(&outcomes[0], &outcomes[1], "{}", command);
            prop_assert_eq!(in_bursts.all_bits(), one_by_one.all_bits(), "{}", command);
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
        one_by_one.answer(BY_BOUNDARY);
        one_by_one.answer("step 30011");
        assert_eq!(in_bursts.all_bits(), one_by_one.all_bits());
        assert_eq!(memories(&in_bursts), memories(&one_by_one));
    }
}
