//! Interruption: no command works for long between two looks at its control, whatever it is doing.
//!
//! Work is counted, not timed: an iteration evaluates the loss once, and here each is as long as a poll should be apart.

use eigenstep::{
    Command, Control, Evaluator, Landscape, Lane, Loss, Scenario, Session, debugger::Progress,
    error::Source, rule,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// Evaluations between two looks: a few iterations of each lane and some derivatives, where a stretch between keyframes
/// has 256.
const MOST: u64 = 64;

/// A bowl that counts how often it is evaluated, and is as slow as one over many rows.
#[derive(Debug, Clone)]
struct CountedBowl {
    evaluations: Arc<AtomicU64>,
}

impl Loss for CountedBowl {
    fn dimension(&self) -> usize {
        2
    }
    fn evaluator(&self) -> Box<dyn Evaluator> {
        Box::new(self.clone())
    }
    fn minima(&self) -> Vec<Vec<f64>> {
        vec![vec![0.0, 0.0]]
    }
    fn is_quadratic(&self) -> bool {
        true
    }
    fn is_convex(&self) -> bool {
        true
    }
    fn diagonal(&self) -> Option<&[f64]> {
        Some(&[1.0, 8.0])
    }
    fn rows(&self) -> usize {
        1024
    }
}

impl Evaluator for CountedBowl {
    fn value(&mut self, w: &[f64]) -> f64 {
        0.5 * (w[0] * w[0] + 8.0 * w[1] * w[1])
    }
    fn value_and_gradient(&mut self, w: &[f64], gradient: &mut [f64]) -> f64 {
        self.evaluations.fetch_add(1, Ordering::Relaxed);
        gradient.copy_from_slice(&[w[0], 8.0 * w[1]]);
        self.value(w)
    }
    fn hessian_product(&mut self, _: &[f64], d: &[f64], product: &mut [f64]) {
        product.copy_from_slice(&[d[0], 8.0 * d[1]]);
    }
}

struct Bench {
    session: Session,
    evaluations: Arc<AtomicU64>,
}

impl Bench {
    /// Lanes of these rules at t = 0.
    fn new(rules: &[&str]) -> Self {
        let evaluations = Arc::new(AtomicU64::new(0));
        let landscape = Landscape {
            name: "bowl".to_owned(),
            loss: Arc::new(CountedBowl {
                evaluations: Arc::clone(&evaluations),
            }),
            start: vec![1.0, 1.0],
            window: None,
            bound: f64::INFINITY,
        };
        let lane = |name: &&str| {
            let compiled = Arc::new(rule::load(name).unwrap().compile(2).unwrap());
            let defaults = compiled.settings.iter().map(|it| it.default).collect();
            let lane = Lane::new(compiled, &landscape, None, defaults);
            ((*name).to_owned(), lane)
        };
        let lanes = rules.iter().map(lane).collect();
        let session = Session::new(landscape.clone(), None, lanes, String::new()).unwrap();
        Self {
            session,
            evaluations,
        }
    }

    fn tell(&mut self, commands: &[&str]) {
        for command in commands {
            self.session.ask(command).unwrap();
        }
    }

    /// Gives a command under a control that lets it go on `polls` times; true if that was enough for it.
    fn interrupted_after(&mut self, command: &str, polls: u64) -> bool {
        let evaluations = Arc::clone(&self.evaluations);
        let mut looked = evaluations.load(Ordering::Relaxed);
        let mut left = polls;
        let mut look = || {
            let now = evaluations.load(Ordering::Relaxed);
            let worked = now - std::mem::replace(&mut looked, now);
            assert!(
                worked <= MOST,
                "{command}: {worked} evaluations without a look"
            );
        };
        let mut go_on = |_: Progress| {
            look();
            left = left.saturating_sub(1);
            left > 0
        };
        let line = Source::new("<command>", command);
        let mut control = Control::asking(&mut go_on);
        let answer = self.session.execute(&line, &mut control);
        let was_enough = !control.has_ended();
        look();
        if was_enough {
            answer.unwrap();
        }
        was_enough
    }

    /// The position, and the bits of all variables of all lanes.
    fn place(&self) -> (eigenstep::debugger::Position, Vec<u64>) {
        let lanes = self.session.lanes().entries().iter();
        let values = lanes.flat_map(|entry| entry.lane().machine().variables());
        let bits = values.map(|value| value.to_bits()).collect();
        (self.session.position(), bits)
    }
}

/// A session in the middle of a stretch between keyframes, with an edit before.
fn in_the_middle(rules: &[&str]) -> Bench {
    let mut bench = Bench::new(rules);
    bench.tell(&["step 700", "set eta=0.02", "step 600", "goto 1000"]);
    bench
}

#[test]
fn no_command_works_for_long_without_a_look() {
    let commands = [
        "explain w",
        "fork",
        "undo",
        "set w[1]=2",
        "set eta=0.01",
        "info prediction",
        "info claims",
        "info lanes",
        "info tensors",
        "back 3",
        "goto 400",
        "goto 1200 1",
        "lane add adam",
        "set tolerance=1e-3",
        "set bound=100",
        "print mean_over(loss, 300)",
        "print last_change(w[1] > 0)",
        "display first(loss < 1e-3)",
        "restart",
        "last",
        "reverse-continue",
    ];
    for rules in [&["momentum"][..], &["momentum", "adam", "nesterov"]] {
        for command in commands {
            for polls in [1, 2, 30, 500, 4096] {
                let mut bench = in_the_middle(rules);
                if bench.interrupted_after(command, polls) {
                    break;
                }
                let t = bench.session.position().t;
                for entry in bench.session.lanes().entries() {
                    assert_eq!(entry.lane().position().t, t, "{command}: lanes at equal t");
                }
            }
        }
    }
}

#[test]
fn eigenvalues_are_looked_at_between_any_two_iterations_that_find_them() {
    let looks = |commands: &[&str]| {
        let mut session = Scenario::default().session().unwrap();
        session.ask("set max-run=200").unwrap();
        let mut looks = 0;
        for command in commands {
            let mut go_on = |_: Progress| {
                looks += 1;
                true
            };
            let line = Source::new("<command>", *command);
            let mut control = Control::asking(&mut go_on);
            session.execute(&line, &mut control).unwrap();
        }
        looks
    };
    assert!(
        looks(&["until loss < -1"]) < 10,
        "200 iterations are nothing"
    );
    for commands in [
        &["until edge > 1e9"][..],
        &["break sharpness < -1", "step 200"],
        &["display last_change(radius > 9)", "step 200"],
        &["step 200", "print first(edge > 1e9)"],
        &["step 200", "print mean_over(sharpness, 195)"],
    ] {
        assert!(looks(commands) >= 190, "{commands:?}");
    }
}

#[test]
fn a_fork_or_an_explanation_that_was_interrupted_changes_nothing() {
    for command in ["fork", "explain w", "info prediction", "info claims"] {
        let mut bench = in_the_middle(&["momentum", "adam"]);
        bench.tell(&["goto 990 1"]);
        let (before, text) = (bench.place(), bench.session.to_text());
        if !bench.interrupted_after(command, 1) {
            assert_eq!(bench.place(), before, "{command}");
            assert_eq!(bench.session.to_text(), text, "{command}");
        }
        bench.tell(&[command, "step 3"]);
        let mut fresh = in_the_middle(&["momentum", "adam"]);
        fresh.tell(&["goto 990 1", command, "step 3"]);
        assert_eq!(bench.place(), fresh.place(), "{command}");
    }
}

#[test]
fn the_search_for_what_ended_a_run_can_be_interrupted() {
    let mut bench = Bench::new(&["gd"]);
    bench.tell(&["set max-run=1e6", "set eta=0.26"]);
    assert!(bench.interrupted_after("continue", u64::MAX));
    let halt = bench.session.lanes().focused().halt().cloned();
    assert!(halt.is_some(), "8 * 0.26 > 2");
    for polls in [1, 2, 100, 1000, 4000] {
        let mut again = Bench::new(&["gd"]);
        again.tell(&["set max-run=1e6", "set eta=0.26"]);
        again.interrupted_after("continue", polls);
        again.tell(&["continue"]);
        let found = again.session.lanes().focused().halt().cloned();
        assert_eq!(found, halt, "interrupted after {polls} looks");
    }
}

#[test]
fn a_run_whose_end_was_not_explained_has_ended_all_the_same() {
    let eigenvalues = vec!["1"; 600].join(",");
    let flags = [
        ("eigenvalues", eigenvalues.as_str()),
        ("rule", "gd"),
        ("set", "eta=12"),
    ];
    let mut session = Scenario::from_flags(&flags).unwrap().session().unwrap();
    session.ask("set bound=off").unwrap();
    // Where a step size is looked for at each boundary, the control is polled there, too.
    session.ask("trace eta_eff[1]").unwrap();
    let mut newest = 0;
    let mut go_on = |progress| {
        let Progress::At(t) = progress else {
            return true;
        };
        // Back is where the first number that is not finite is hunted for.
        let goes_forth = t >= newest;
        newest = t;
        goes_forth
    };
    let line = Source::new("<command>", "continue");
    let mut control = Control::asking(&mut go_on);
    let ended = session.execute(&line, &mut control).unwrap().to_string();
    assert!(
        control.has_ended() && ended.contains("interrupted in the hunt"),
        "{ended}"
    );
    let again = session.ask("continue").unwrap().to_string();
    assert!(again.contains("first became"), "{again}");
}

#[test]
fn an_undo_that_was_interrupted_says_where_the_lanes_are() {
    let mut bench = in_the_middle(&["momentum", "adam"]);
    let line = Command::Undo;
    let mut looks = 0;
    let mut go_on = |_: Progress| {
        looks += 1;
        looks < 100
    };
    let answer = bench.session.apply(&line, &mut Control::asking(&mut go_on));
    let text = answer.unwrap().to_string();
    let t = bench.session.position().t;
    assert!(t < 1000);
    assert!(text.contains(&format!("interrupted at t = {t}")), "{text}");
    bench.tell(&["goto 1000"]);
    let mut straight = Bench::new(&["momentum", "adam"]);
    straight.tell(&["step 1000"]);
    assert_eq!(bench.place(), straight.place());
}

#[test]
fn a_fork_keeps_the_tolerance_of_the_session() {
    let mut bench = Bench::new(&["gd"]);
    bench.tell(&["set tolerance=1e-2", "step 3", "fork"]);
    let tolerances = bench.session.lanes().entries().iter();
    let tolerances: Vec<f64> = tolerances
        .map(|entry| entry.lane().timeline().tolerance().above)
        .collect();
    assert_eq!(tolerances, [1e-2, 1e-2]);
}
