//! What a debugger costs: runs with stops, jumps in a long run, one iteration at a time.
//!
//! All runs are Adam's with n = 2. `ten_million` runs once, prints the resident memory and how long jumps
//! to random places take, and is left out where the first argument filters it out.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use eigenstep::{
    debugger::{Control, Position, Session, run::Goal},
    error::Source,
    scenario::Scenario,
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Iterations of a run that is measured.
const ITERATIONS: u64 = 100_000;

/// Adam on its way down the valley, slowly: it does not arrive within the iterations of a measurement.
fn session(commands: &[&str]) -> Session {
    let mut scenario = Scenario::default();
    for (flag, value) in [("rule", "adam"), ("set", "eta=5e-6")] {
        scenario.apply(flag, value).expect("a flag");
    }
    let mut session = scenario.session().expect("a scenario");
    for command in commands {
        execute(&mut session, command);
    }
    session
}

fn execute(session: &mut Session, command: &str) {
    let line = Source::new("<bench>", command);
    let mut always = |_| true;
    let answer = session.execute(&line, &mut Control::asking(&mut always));
    answer.unwrap_or_else(|error| panic!("{error}"));
}

const BREAKS: [&str; 5] = [
    "break loss < 0",
    "break abs(alpha[2]) > 4.9",
    "break norm(g) > 1e9",
    "break m_hat[1] > 100 and s_hat[1] < 0",
    "break t == 1e12",
];

fn run(c: &mut Criterion) {
    let mut group = c.benchmark_group("run 100 000 iterations");
    group
        .throughput(Throughput::Elements(ITERATIONS))
        .sample_size(20);
    let line = ["break line 6 if m_hat[1] > 100"];
    let back = ["break prev(loss)*1e300 < loss and t < 0"];
    let settled = ["break settled(loss < 0, 50)"];
    let cases: [(&str, &[&str]); 6] = [
        ("no stop", &[]),
        ("1 break", &BREAKS[..1]),
        ("5 breaks", &BREAKS),
        ("a break that looks back", &back),
        ("a break on the history", &settled),
        ("a break on a line", &line),
    ];
    for (name, commands) in cases {
        group.bench_function(name, |b| {
            b.iter_batched_ref(
                || session(commands),
                |session| {
                    let mut always = |_| true;
                    let goal = Goal::Iterations(ITERATIONS);
                    session.run(goal, &mut Control::asking(&mut always))
                },
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// How long a run takes with these stops.
fn once(commands: &[&str]) -> Duration {
    let mut session = session(commands);
    let mut always = |_| true;
    let started = Instant::now();
    let stopped = session.run(
        Goal::Iterations(ITERATIONS),
        &mut Control::asking(&mut always),
    );
    let took = started.elapsed();
    assert_eq!(stopped.t, ITERATIONS, "{:?}", stopped.why);
    took
}

/// What 5 breaks cost, by the fastest of interleaved runs: other work on the machine troubles both alike.
fn ratio(_: &mut Criterion) {
    let (mut bare, mut broken) = (Duration::MAX, Duration::MAX);
    for _ in 0..60 {
        bare = bare.min(once(&[]));
        broken = broken.min(once(&BREAKS));
    }
    println!(
        "{ITERATIONS} iterations: {bare:?} bare, {broken:?} with 5 breaks: {:.2} times as long",
        broken.as_secs_f64() / bare.as_secs_f64()
    );
}

/// The same of stops of other kinds, beside one break.
fn kinds(_: &mut Criterion) {
    let kinds = [
        ("a break on a line", "break line 6 if m_hat[1] > 100"),
        (
            "a break that looks back",
            "break prev(loss)*1e300 < loss and t < 0",
        ),
        ("a break on the history", "break settled(loss < 0, 50)"),
        ("a trace", "trace loss"),
    ];
    for (name, command) in kinds {
        let mut ratios: Vec<f64> = (0..15)
            .map(|_| once(&[command]).as_secs_f64() / once(&BREAKS[..1]).as_secs_f64())
            .collect();
        ratios.sort_by(f64::total_cmp);
        println!(
            "{name}: {:.2} times as long as with `{}`",
            ratios[7], BREAKS[0]
        );
    }
}

fn step(c: &mut Criterion) {
    let mut group = c.benchmark_group("one iteration");
    for (name, commands) in [
        ("no stop", &[][..]),
        ("5 breaks", &BREAKS),
        (
            "5 breaks and a display",
            &[
                BREAKS[0],
                BREAKS[1],
                BREAKS[2],
                BREAKS[3],
                BREAKS[4],
                "display step",
            ],
        ),
    ] {
        let mut session = session(commands);
        group.bench_function(name, |b| {
            let mut always = |_| true;
            b.iter(|| {
                black_box(session.run(Goal::Iterations(1), &mut Control::asking(&mut always)))
            });
        });
    }
    group.finish();
}

/// One of the last boundaries of a run, whatever an iteration costs.
fn back(c: &mut Criterion) {
    const LAST: u64 = 4000;
    let mut group = c.benchmark_group("back among the last 200 boundaries");
    group.sample_size(20);
    for n in ["2", "1000", "100000"] {
        let mut scenario = Scenario::default();
        let eigenvalues = format!("1..100:log:{n}");
        for (flag, value) in [
            ("rule", "adam"),
            ("set", "eta=5e-6"),
            ("eigenvalues", &eigenvalues),
        ] {
            scenario.apply(flag, value).expect("a flag");
        }
        let mut session = scenario.session().expect("a scenario");
        execute(&mut session, &format!("goto {LAST}"));
        let mut place = 0;
        group.bench_function(format!("n = {n}"), |b| {
            b.iter(|| {
                place = (place + 77) % 200;
                session.seek(Position::at(LAST - 1 - place), &mut Control::default())
            });
        });
    }
    group.finish();
}

/// Kibibytes of this process that are resident.
fn resident() -> u32 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kibibytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kibibytes.unwrap_or(0)
}

fn megabytes(kibibytes: u32) -> f64 {
    f64::from(kibibytes) * 1024.0 / 1e6
}

fn ten_million(c: &mut Criterion) {
    const LAST: u64 = 10_000_000;
    let mut group = c.benchmark_group("10 000 000 iterations");
    group.sample_size(50);
    let mut session = session(&[]);
    let before = resident();
    let started = Instant::now();
    execute(&mut session, &format!("goto {LAST}"));
    println!(
        "ran in {:?}; resident {:.1} MB, {:.1} MB of it for the run",
        started.elapsed(),
        megabytes(resident()),
        megabytes(resident().saturating_sub(before)),
    );
    // A fixed sequence of places, as good as random.
    let mut place = 1_u64;
    let mut next = || {
        place = place
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (place >> 20) % LAST
    };
    let mut worst = Duration::ZERO;
    for _ in 0..500 {
        let target = Position::at(next());
        let started = Instant::now();
        session.seek(target, &mut Control::default());
        worst = worst.max(started.elapsed());
    }
    println!("the slowest of 500 jumps: {worst:?}");
    group.bench_function("a jump", |b| {
        b.iter(|| session.seek(Position::at(next()), &mut Control::default()));
    });
    group.finish();
}

/// Steps back and what else looks back, by the number of parameters: printed, for each is done some times only.
fn looks_back(_: &mut Criterion) {
    if std::env::args().skip(1).any(|it| !it.starts_with('-')) {
        return;
    }
    println!("looking back, ms (median, worst of 20)");
    for (n, t) in [
        (2_u32, 1_000_000),
        (1000, 100_000),
        (100_000, 2_000),
        (1_000_000, 200),
    ] {
        let mut scenario = Scenario::default();
        let value = |at: u32| 1.0 + 99.0 * f64::from(at) / f64::from(n - 1);
        let values: Vec<String> = (0..n).map(|at| value(at).to_string()).collect();
        let values = values.join(",");
        for (flag, value) in [
            ("rule", "adam"),
            ("set", "eta=1e-6"),
            ("eigenvalues", &values),
        ] {
            scenario.apply(flag, value).expect("a flag");
        }
        let mut session = scenario.session().expect("a scenario");
        execute(&mut session, &format!("goto {t}"));
        for command in ["back", "lineback", "print prev(loss)"] {
            let mut times: Vec<Duration> = (0..20)
                .map(|_| {
                    let begun = Instant::now();
                    execute(&mut session, command);
                    begun.elapsed()
                })
                .collect();
            times.sort_unstable();
            let [median, worst] = [10, 19].map(|at| times[at].as_secs_f64() * 1e3);
            println!("n = {n:<8} {command:<16} {median:>8.3} {worst:>8.3}");
        }
    }
}

criterion_group!(
    benches,
    ratio,
    kinds,
    run,
    step,
    back,
    looks_back,
    ten_million
);
criterion_main!(benches);
