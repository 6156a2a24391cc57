//! Looks at the past, which move nothing, and the memory of what was seen there.

use super::bench::Bench;
use eigenstep::{
    debugger::{
        Control, Progress,
        recall::{ElementRange, Recall},
        watch::{ExpectedType, Past, Watch},
    },
    error::{Source, Span},
    value::Value,
};

/// Catches up with the run where `go_on` allows it at each boundary.
fn catch_up(memory: &mut Recall, bench: &mut Bench, mut go_on: impl FnMut(u64) -> bool) -> bool {
    let mut hears = |progress| match progress {
        Progress::At(t) => go_on(t),
        Progress::Runs { .. } => true,
    };
    memory.catch_up(&mut bench.session, &mut Control::asking(&mut hears))
}

fn compiled(bench: &Bench, text: &str) -> Watch {
    let source = Source::new("test", text);
    let within = Span::new(0, text.len());
    bench
        .session
        .watch(&source, within, ExpectedType::Any)
        .unwrap()
}

/// A memory of some expressions, separated by semicolons.
fn recall(bench: &Bench, texts: &str) -> Recall {
    Recall::new(texts.split(';').map(|text| compiled(bench, text)).collect())
}

fn stretches(recall: &Recall, watch: usize, element: usize) -> Vec<ElementRange> {
    recall.stretches(watch, element).collect()
}

#[test]
fn looking_back_leaves_the_run_where_it_is() {
    let mut bench = Bench::open("--rule adam --rule momentum");
    bench.answer("step 300");
    bench.answer("line 3");
    let before = bench.all_bits();
    let seen = bench.session.in_the_past(&mut Control::default(), |past| {
        [7, 250, 0, 299].map(|t| {
            past.go_to(t);
            let lane = past.lane(1).lane();
            (lane.position(), lane.machine().w()[1])
        })
    });
    assert_eq!(bench.all_bits(), before);
    for (position, w) in seen {
        bench.answer(&format!("goto {}", position.t));
        assert_eq!(
            bench.session.lanes().entries()[1].lane().machine().w()[1].to_bits(),
            w.to_bits()
        );
    }
    bench.check_against_straight_runs();
}

#[test]
fn back_after_a_look_comes_to_the_same_bits() {
    let mut bench = Bench::open("--rule adam");
    bench.answer("step 700");
    bench.session.in_the_past(&mut Control::default(), |past| {
        (640..=700).for_each(|t| assert!(past.go_to(t)));
    });
    for command in [
        "back",
        "back 20",
        "lineback 4",
        "step 3",
        "goto 642",
        "back 5",
    ] {
        bench.answer(command);
        bench.check_against_straight_runs();
    }
    // An edit makes another run of it: what was seen before does not come back.
    bench.answer("last");
    bench.answer("set eta=0.001");
    bench.answer("step 30");
    bench.session.in_the_past(&mut Control::default(), |past| {
        (690..=730).for_each(|t| assert!(past.go_to(t)));
    });
    bench.answer("back 15");
    bench.check_against_straight_runs();
    bench.answer("undo");
    bench.answer("step 30");
    bench
        .session
        .in_the_past(&mut Control::default(), |past| assert!(past.go_to(725)));
    bench.answer("back 5");
    bench.check_against_straight_runs();
}

#[test]
fn what_is_remembered_is_what_one_finds_there() {
    let mut bench = Bench::open("--rule adam");
    let mut memory = recall(
        &bench,
        "w; 1/(1 - beta1^t); w[1] - prev(w[1]); first(loss < 1)",
    );
    bench.answer("step 60");
    bench.answer("back 20");
    assert!(memory.catch_up(&mut bench.session, &mut Control::default()));
    let last = stretches(&memory, 0, 0).last().unwrap().last;
    assert_eq!(last, 60, "also what lies ahead");
    let is_known = |watch, element| !stretches(&memory, watch, element).is_empty();
    assert!(is_known(0, 1) && is_known(1, 0) && !is_known(1, 1));
    for t in [0, 1, 2, 33, 60] {
        bench.answer(&format!("goto {t}"));
        for (watch, element, text) in [
            (0, 1, "w[2]"),
            (1, 0, "1/(1 - beta1^t)"),
            (2, 0, "w[1] - prev(w[1])"),
            (3, 0, "first(loss < 1)"),
        ] {
            let at = stretches(&memory, watch, element)[t];
            assert_eq!((at.first, at.last), (t as u64, t as u64));
            let mut here = compiled(&bench, text);
            let Some(Value::Scalar(value)) =
                bench.session.value(&mut here, &mut Control::default())
            else {
                panic!("{text} is one number");
            };
            assert_eq!(at.min.to_bits(), value.to_bits(), "{text} at {t}");
            assert_eq!(at.max.to_bits(), value.to_bits(), "{text} at {t}");
        }
    }
    // Nothing is visited twice.
    let mut visits = 0;
    bench.answer("step 3");
    catch_up(&mut memory, &mut bench, |_| {
        visits += 1;
        true
    });
    assert_eq!(visits, 3);
}

#[test]
fn a_look_may_be_cut_short_and_gone_on_with() {
    let mut bench = Bench::open("--rule adam");
    bench.answer("step 100");
    let (mut whole, mut parts) = (recall(&bench, "m"), recall(&bench, "m"));
    assert!(whole.catch_up(&mut bench.session, &mut Control::default()));
    for until in [10, 55, 101] {
        let done = catch_up(&mut parts, &mut bench, |t| t < until);
        assert_eq!(done, until == 101);
    }
    assert_eq!(stretches(&parts, 0, 0), stretches(&whole, 0, 0));
}

#[test]
fn after_an_edit_the_part_before_it_stays() {
    let mut bench = Bench::open("--rule adam");
    bench.answer("step 50");
    let mut memory = recall(&bench, "eta; w");
    memory.catch_up(&mut bench.session, &mut Control::default());
    bench.answer("set eta=0.5");
    bench.answer("step 10");
    let mut visited = Vec::new();
    catch_up(&mut memory, &mut bench, |t| {
        visited.push(t);
        true
    });
    assert_eq!(visited, (50..=60).collect::<Vec<_>>());
    let eta: Vec<f64> = memory.stretches(0, 0).map(|it| it.max).collect();
    assert!(eta[..50].iter().all(|eta| *eta < 0.1) && eta[50..].iter().all(|eta| *eta == 0.5));
    bench.answer("undo");
    memory.catch_up(&mut bench.session, &mut Control::default());
    let last = stretches(&memory, 0, 0).last().unwrap().last;
    assert_eq!(last, bench.session.lanes().frontier());
    assert!(memory.stretches(0, 0).all(|it| it.max < 0.1));
}

#[test]
fn no_peak_is_lost_in_a_long_run() {
    let mut bench = Bench::open("--rule gd --set eta=0.001");
    bench.answer("set max-run=100000");
    bench.answer("step 30000");
    // One boundary only where this is not 0.
    let mut memory = recall(&bench, "where(t == 12345, 7, 0); t");
    memory.catch_up(&mut bench.session, &mut Control::default());
    let spans = stretches(&memory, 0, 0);
    assert!((2000..=4096).contains(&spans.len()), "{}", spans.len());
    let peaks: Vec<&ElementRange> = spans.iter().filter(|it| it.max == 7.0).collect();
    assert_eq!(peaks.len(), 1);
    assert!((peaks[0].first..=peaks[0].last).contains(&12345) && peaks[0].min == 0.0);
    let mut next = 0;
    for span in stretches(&memory, 1, 0) {
        assert_eq!(span.first, next, "no gaps");
        let at = |value: f64, t: u64| value.to_string() == t.to_string();
        assert!(at(span.min, span.first) && at(span.max, span.last));
        next = span.last + 1;
    }
    assert_eq!(next, 30001);
}

#[test]
fn of_a_long_vector_only_the_elements_that_are_asked_for_are_remembered() {
    let mut bench = Bench::open("--rule adam --eigenvalues 1..100:log:20");
    bench.answer("step 30");
    let texts = "m;t";
    let mut all = recall(&bench, texts);
    let mut few = recall(&bench, texts).keeping(vec![vec![3, 7], vec![0]]);
    for memory in [&mut all, &mut few] {
        assert!(memory.catch_up(&mut bench.session, &mut Control::default()));
    }
    for (watch, element) in [(0, 3), (0, 7), (1, 0)] {
        let told = |memory| format!("{:?}", stretches(memory, watch, element));
        assert_eq!(told(&few), told(&all));
    }
    assert!(stretches(&few, 0, 4).is_empty() && !stretches(&all, 0, 4).is_empty());
}

#[test]
fn what_no_line_has_assigned_yet_is_not_printed_as_a_number() {
    let mut bench = Bench::open("--rule adam");
    for (command, line) in [("print m_hat", 4), ("print norm(s_hat)", 5), ("print g", 1)] {
        let error = bench.refuses(command);
        assert!(error.contains("no line has assigned"), "{error}");
        assert!(
            error.contains(&format!("line {line} of the first iteration")),
            "{error}"
        );
    }
    bench.answer("line 4");
    assert!((bench.number("m_hat[1]/g[1]") - 1.0).abs() < 1e-12);
    assert!(
        bench
            .refuses("print s_hat")
            .contains("no line has assigned `s_hat` yet")
    );
    bench.answer("goto 0");
    assert_eq!(bench.number("m[1]"), 0.0, "a state has its first value");
}
