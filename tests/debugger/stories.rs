//! The stories that the debugger is for.

use super::bench::{Bench, hits};
use eigenstep::debugger::answer::StopReason;

const MOMENTUM: &str = "--rule momentum --set eta=0.175*eta_opt";

#[test]
fn why_137_does_not_mean_converged() {
    let mut bench = Bench::open(MOMENTUM);
    let (t, _, why) = bench.why("continue");
    assert_eq!(t, 136, "momentum comes down to 1e-6");
    assert!(
        matches!(
            why,
            StopReason::Tolerance {
                tolerance: 1e-6,
                ..
            }
        ),
        "{why:?}"
    );
    bench.answer("step");
    assert!(bench.number("loss") > 5e-6, "but only passes through");
    let (t, _, why) = bench.why("until settled(loss < 1e-6, 50)");
    assert_eq!(why, StopReason::Until("settled(loss < 1e-6, 50)".into()));
    assert_eq!(t, 209, "the 50th boundary of those from 160 on");
    assert_eq!(bench.number("last_change(loss < 1e-6)"), 160.0);
    assert_eq!(bench.number("first(loss < 1e-6)"), 136.0);
    let lanes = bench.says("info lanes");
    assert!(lanes.contains("below 1e-6 since t = 160"), "{lanes}");
    // What is asked of the history is the history up to here, not all that has been run.
    bench.answer("goto 140");
    assert_eq!(bench.number("first(loss < 1e-6)"), 136.0);
    assert_eq!(bench.number("last_change(loss < 1e-6)"), 137.0);
    bench.answer("goto 100");
    assert!(bench.number("first(loss < 1e-6)").is_nan());
}

#[test]
fn where_adams_bias_correction_falls_below_1_percent() {
    let mut bench = Bench::open("--rule adam --set eta=eta_opt");
    let (t, _, why) = bench.why("until 1/(1 - beta1^t) < 1.01");
    // 0.9^t < 1 - 1/1.01 from t = ln(0.0099...)/ln(0.9) = 43.8 on.
    assert_eq!(t, 44);
    assert!(matches!(why, StopReason::Until(_)));
    assert!(bench.number("m_hat[1]/m[1]") < 1.01);
    bench.answer("back");
    assert!(bench.number("m_hat[1]/m[1]") > 1.01);
}

#[test]
fn fork_at_50_with_half_the_momentum_and_compare() {
    let mut bench = Bench::open(MOMENTUM);
    bench.all(
        "goto 100
         goto 50
         fork half
         set beta=0.5
         goto 200",
    );
    assert_eq!(bench.at(), (200, 0));
    bench.check_against_straight_runs();
    assert!(bench.number("momentum.loss") < bench.number("half.loss"));
    bench.answer("goto 50");
    assert_eq!(bench.number("momentum.loss - half.loss"), 0.0);
    assert_eq!(bench.number("momentum.beta - half.beta"), 0.4);
    assert_eq!(bench.lane("momentum").lane().edits(), []);
}

#[test]
fn back_to_where_the_steep_direction_was_crossed_last() {
    let mut bench = Bench::open(MOMENTUM);
    bench.answer("watch sign(alpha[2])");
    bench.answer("goto 100");
    let mut crossings = Vec::new();
    loop {
        let stopped = bench.stopped("rcontinue");
        if stopped.why == StopReason::Beginning {
            break;
        }
        assert_eq!(hits(&stopped.why), [1]);
        crossings.push(stopped.t);
    }
    assert_eq!(bench.at(), (0, 0));
    assert!(crossings.is_sorted_by(|a, b| a > b), "{crossings:?}");
    // Forward one finds the same.
    let mut forward = Vec::new();
    loop {
        let stopped = bench.stopped("continue");
        if stopped.t >= 100 {
            break;
        }
        forward.push(stopped.t);
    }
    forward.reverse();
    assert_eq!(crossings, forward);
    assert_eq!(crossings[0], 95);
}

#[test]
fn a_hunt_for_the_first_number_that_is_none() {
    let mut bench = Bench::open("--rule gd --loss rosenbrock --set eta=10*eta_max");
    let text = bench.says("continue");
    assert!(
        text.starts_with("t = 2: gd: out of bounds: w[1] = -167.7"),
        "{text}"
    );
    assert_eq!(bench.says("set bound=off"), "bound = off");
    let text = bench.says("continue");
    assert_eq!(
        text,
        "t = 6: gd: not a number: loss first became inf in iteration 6, line 2"
    );
    // The line that did it: w is finite still, its fourth power is not.
    assert!(bench.number("w[1]") < -1e200);
    assert_eq!(bench.number("loss"), f64::INFINITY);
    bench.answer("back");
    assert!(bench.number("loss").is_finite());
    // One comes there again, and it stops again.
    assert!(
        bench
            .says("continue")
            .contains("first became inf in iteration 6")
    );
    let told = bench.says("continue");
    let why = "no lane can go on: gd: not a number";
    assert!(told.contains(why) && !told.contains("bound"), "{told}");
}

#[test]
fn velocity_and_torch_style_momentum_part_after_a_change_of_eta() {
    let flags = "--rule momentum --rule torch/sgd --set eta=0.001 --set lr=0.001 \
                 --set torch_sgd.momentum=0.9 --set beta=0.9";
    let mut bench = Bench::open(flags);
    bench.answer("goto 30");
    let apart = bench.number("norm(momentum.w - torch_sgd.w)");
    assert!(
        apart < 1e-15,
        "the same path while eta is constant: {apart}"
    );
    bench.all(
        "set momentum.eta=0.0001
         set torch_sgd.lr=0.0001
         step",
    );
    // The velocity goes on at its old speed, torch's buffer is scaled down at once.
    let velocity = bench.number("norm(momentum.step)");
    let torch = bench.number("norm(torch_sgd.step)");
    assert!(velocity > 5.0 * torch, "{velocity} against {torch}");
    assert_eq!(bench.lane("momentum").lane().edits().len(), 1);
    bench.check_against_straight_runs();
}
