//! Settings that follow `t`: schedules, as flags, in `set`, in `lane add`, in a rule's file.

use super::{
    bench::{Bench, scenario},
    saving::reopened,
};

/// The parameters of a lane, to the bit.
fn w(bench: &Bench, lane: &str) -> Vec<u64> {
    let w = bench.lane(lane).lane().machine().w();
    w.iter().map(|it| it.to_bits()).collect()
}

#[test]
fn a_setting_follows_an_expression_of_t() {
    let mut bench = Bench::open("--rule torch/sgd --set lr=eta_opt*0.5^(t/10)");
    for t in 1..=30 {
        bench.answer("step");
        let eta_opt = 2.0 / 101.0;
        let meant = eta_opt * libm::pow(0.5, f64::from(t) / 10.0);
        assert_eq!(bench.number("lr").to_bits(), meant.to_bits(), "t = {t}");
    }
    assert!(
        bench.says("info settings").contains("lr         = 0.0198"),
        "a schedule is told as an expression"
    );
    // A step is the line's: w moves by lr*g.
    let moved = bench.number("norm(w - prev(w) + lr*prev(grad))");
    assert!(moved < 1e-16, "{moved}");
}

#[test]
fn a_schedule_that_is_constant_is_the_constant() {
    let mut plain = Bench::open("--rule adam --set eta=0.02");
    let mut follows = Bench::open("--rule adam --set eta=where(t>0,0.02,7)");
    for bench in [&mut plain, &mut follows] {
        bench.answer("goto 117");
    }
    assert_eq!(w(&plain, "adam"), w(&follows, "adam"));
}

#[test]
fn from_here_on_it_follows_in_a_fork_with_the_same_past() {
    let mut bench = Bench::open("--rule momentum");
    bench.all("goto 20\nset eta=0.02\ngoto 30\nset m=0\ngoto 40");
    let there = w(&bench, "momentum");
    let said = bench.says("set eta=0.02*0.9^(t-40)");
    assert_eq!(
        said,
        "forked lane `momentum_2` from here; eta: 0.02 -> 0.018000000000000002 at t = 40, from there on by \
         where(t > 40, 0.02*0.9^(t-40), where(t > 20, 0.02, 0.01))"
    );
    assert_eq!(w(&bench, "momentum_2"), there);
    bench.answer("step");
    assert_eq!(bench.number("eta"), 0.018_000_000_000_000_002);
    bench.answer("goto 10");
    assert_eq!(w(&bench, "momentum_2"), w(&bench, "momentum"));
    bench.answer("goto 50");
    assert_ne!(w(&bench, "momentum_2"), w(&bench, "momentum"));
    bench.check_against_straight_runs();
    // A number ends it, again in a lane of its own.
    let said = bench.says("set eta=0.001");
    assert!(said.contains("where(t > 50, 0.001, where("), "{said}");
    bench.answer("step");
    assert_eq!(bench.number("eta"), 0.001);
}

#[test]
fn a_lane_is_added_with_one() {
    let mut bench = Bench::open("--rule gd");
    bench.answer("goto 5");
    bench.answer("lane add adam set eta=0.1*min(1, t/10), beta1=0.8");
    assert_eq!(bench.number("eta"), 0.05);
    assert_eq!(bench.number("beta1"), 0.8);
}

#[test]
fn a_saved_session_has_its_schedules() {
    let mut bench = Bench::open("--rule adam --set eta=0.1/sqrt(t)");
    bench.all("goto 7\nset eta=0.3/t\nstep 3");
    let again = reopened(&bench);
    for lane in ["adam", "adam_2"] {
        assert_eq!(again.bits(lane), bench.bits(lane), "{lane}");
    }
}

#[test]
fn what_is_no_schedule_is_refused_at_its_place() {
    for (value, said) in [
        ("-0.1*t", "`eta` is -0.1 at t = 1, outside of (0, inf)"),
        ("tt+t", "unknown name `tt`"),
        ("lambda*t", "a setting is one number"),
        ("grad(t)", "in the lines of a rule only"),
        ("lambda[t]", "cannot depend on `lambda`"),
        ("t > 3", "plain number"),
    ] {
        let refused = scenario(&format!("--rule gd --set eta={}", value.replace(' ', "")));
        let told = refused.session().err().unwrap().to_string();
        assert!(told.contains(said), "{value}: {told}");
        assert!(told.contains("--> --set"), "{value}: {told}");
    }
    let mut bench = Bench::open("--rule gd");
    bench.answer("step 2");
    let told = bench.refuses("set eta=1-t");
    assert!(
        told.contains("-2 lies outside the domain of `eta`"),
        "{told}"
    );
    let told = bench.refuses("set eta[1]=0.1*t");
    assert!(told.contains("has no elements"), "{told}");
    assert_eq!(bench.session.lanes().entries().len(), 1);
}
