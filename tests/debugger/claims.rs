//! What is said of a run holds: no claim without its premises.

use super::bench::Bench;
use eigenstep::debugger::answer::Why;

#[test]
fn a_run_that_passes_the_loss_of_another_minimum_has_not_converged() {
    let mut bench = Bench::open(
        "--loss 20+x^2+y^2-10*(cos(2*pi*x)+cos(2*pi*y)) --start -3.714,-0.007 --rule gd --set eta=5e-4",
    );
    let (t, _, why) = bench.why("continue");
    assert!(matches!(why, Why::Tolerance { .. }), "{why:?}");
    assert!(t > 1, "{t}");
    let above = bench.number("loss") - 15.919_243_792_461_536;
    assert!((0.0..=1e-6).contains(&above), "{above}");
    assert!(bench.number("norm(grad)") < 0.1);
}

#[test]
fn a_prediction_that_was_made_is_kept() {
    let mut bench = Bench::open("--rule gd --set eta=0.001 --eigenvalues 1,100");
    bench.answer("continue");
    let (t, _) = bench.at();
    bench.answer("step 4000");
    let told = bench.says("info prediction");
    let both = format!("predicted at t = {t}, measured at t = {t}");
    assert!(told.contains(&both), "{told}");
}

#[test]
fn the_bound_is_a_stop_that_says_how_to_go_on() {
    let mut bench = Bench::open("--rule gd --set eta=1.01*eta_max");
    let told = bench.says("continue");
    assert!(told.contains("set bound=off"), "{told}");
    let again = bench.says("continue");
    assert!(again.contains("set bound=off"), "{again}");
    bench.answer("set bound=off");
    bench.answer("step 10");
    assert_eq!(bench.at().0, 111);
}
