//! What a run costs beside the same by hand: `cargo bench --bench step [FILTER]`.
//!
//! Each row is a pair. Its two sides take turns in slices of a millisecond or two, and what is told is the median of the
//! ratios of neighbouring slices (with the middle half of them), so that a busy machine slows both alike. Time is that of
//! the processor, all threads together: what else runs there does not count. Baselines:
//!
//! - `naive`: a loop over slices as one would write it, for the processor that the crate is compiled for.
//! - `best`: the best plain Rust that was found. Long vectors are for the processor that they run on (AVX2 or AVX-512 by
//!   dispatch); in the plane it works on a copy of its own and notes w, the loss and the norm of each iteration, as a run
//!   does.
//! - `one`: ours, for one lane where there are several.
//! - `bare`: ours, without what the row is about.
//!
//! The first two keep every variable of the rule, the loss and the gradient's norm, as a debugger must; `lean` keeps w, m
//! and s alone. Steps are so small that no run converges, but in the rows that say so, whose numbers are too small to be normal in
//! part.

use eigenstep::{
    debugger::{Control, Lane, Session},
    error::Source,
    loss::{Landscape, Quadratic},
    rule,
    scenario::Scenario,
    trace::{self, Jsonl, TraceRange},
};
use pulp::{Arch, Simd, WithSimd};
use rustix::time::{ClockId, clock_gettime};
use std::{hint::black_box, io, sync::Arc, time::Duration};

/// So small that no run converges here, but for the rows that are about that.
const ETA: f64 = 1e-7;
/// The same for rules whose steps grow with the gradient, and whose iterations are so short that there are many.
const SLOW: f64 = 1e-10;
/// So large that runs have long converged after [`ARRIVED`] iterations.
const FAST: f64 = 1e-3;
const ARRIVED: usize = 40_000;
const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const DELTA: f64 = 1e-8;

/// Pairs of slices of a row.
const ROUNDS: usize = 60;
/// The time that a slice takes at least.
const SLICE: Duration = Duration::from_micros(1500);
/// Something that runs so many iterations, from where it is.
type Side<'a> = Box<dyn FnMut(u64) + 'a>;

/// The time that all threads of this process have had of the processors.
fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::from_secs(time.tv_sec.unsigned_abs())
        + Duration::from_nanos(time.tv_nsec.unsigned_abs())
}

/// True where the row has one of the texts that were given in its name, or none was.
fn is_wanted(name: &str) -> bool {
    let texts: Vec<String> = std::env::args()
        .skip(1)
        .filter(|it| !it.starts_with('-'))
        .collect();
    texts.is_empty() || texts.iter().any(|it| name.contains(it.as_str()))
}

/// Fewest iterations of a command on long vectors.
const FEWEST: u64 = 48;

/// Times both sides in turns, and prints a row.
fn row(name: &str, beside: &str, ours: Side<'_>, theirs: Side<'_>) {
    row_in(name, beside, 1, ours, theirs);
}

/// The same in pieces of no fewer than so many iterations.
fn row_in(name: &str, beside: &str, fewest: u64, mut ours: Side<'_>, mut theirs: Side<'_>) {
    if !is_wanted(name) {
        return;
    }
    // A slice is some pieces of as many iterations as take a fourth of it.
    let mut pieces = [fewest; 2];
    let slice = |side: &mut Side<'_>, piece: &mut u64| {
        let start = processor_time();
        let mut count = 0;
        loop {
            let before = processor_time().saturating_sub(start);
            side(*piece);
            count += *piece;
            let spent = processor_time().saturating_sub(start);
            if spent >= SLICE {
                #[expect(clippy::cast_precision_loss, reason = "few iterations")]
                return spent.as_secs_f64() * 1e9 / count as f64;
            }
            if spent.saturating_sub(before) * 4 < SLICE {
                *piece *= 2;
            }
        }
    };
    // Once each, so that all is in memory.
    slice(&mut ours, &mut pieces[0]);
    slice(&mut theirs, &mut pieces[1]);
    let pairs: Vec<[f64; 2]> = (0..ROUNDS)
        .map(|round| {
            // Who comes first changes.
            if round % 2 == 0 {
                let first = slice(&mut ours, &mut pieces[0]);
                [first, slice(&mut theirs, &mut pieces[1])]
            } else {
                let first = slice(&mut theirs, &mut pieces[1]);
                [slice(&mut ours, &mut pieces[0]), first]
            }
        })
        .collect();
    let sorted = |of: &dyn Fn(&[f64; 2]) -> f64| {
        let mut all: Vec<f64> = pairs.iter().map(of).collect();
        all.sort_by(f64::total_cmp);
        [all[ROUNDS / 4], all[ROUNDS / 2], all[3 * ROUNDS / 4]]
    };
    let [low, middle, high] = sorted(&|pair| pair[0] / pair[1]);
    let ([_, ours, _], [_, theirs, _]) = (sorted(&|pair| pair[0]), sorted(&|pair| pair[1]));
    println!(
        "{name:<44} {ours:>12.1} ns   {beside:<6} {theirs:>12.1} ns   {middle:>6.2} ({low:.2}-{high:.2})"
    );
}

/// An array of what `f` makes of each place: a loop, which is compiled for the processor that its caller is compiled for.
#[inline(always)]
fn each<const N: usize>(f: impl Fn(usize) -> f64) -> [f64; N] {
    let mut values = [0.0; N];
    for (k, value) in values.iter_mut().enumerate() {
        *value = f(k);
    }
    values
}

/// The corrections of both moments. Powers stay above the numbers that are not normal, in which each multiplication takes
/// some processors longer than all the rest: no correction is another for it.
#[inline(always)]
fn corrections(powers: &mut [f64; 2]) -> [f64; 2] {
    *powers = [BETA1 * powers[0], BETA2 * powers[1]].map(|power| power.max(1e-300));
    powers.map(|power| 1.0 - power)
}

/// Adam by hand on a diagonal quadratic, every buffer kept.
struct ByHand {
    eigenvalues: Vec<f64>,
    minimum: Vec<f64>,
    w: Vec<f64>,
    m: Vec<f64>,
    s: Vec<f64>,
    g: Vec<f64>,
    m_hat: Vec<f64>,
    s_hat: Vec<f64>,
    gradient: Vec<f64>,
    powers: [f64; 2],
    measured: (f64, f64),
}

impl ByHand {
    fn new(n: usize) -> Self {
        let (eigenvalues, minimum) = quadratic(n);
        let zeros = || vec![0.0; n];
        let gradient = eigenvalues.iter().zip(&minimum).map(|(l, m)| -l * m);
        Self {
            gradient: gradient.collect(),
            w: zeros(),
            m: zeros(),
            s: zeros(),
            g: zeros(),
            m_hat: zeros(),
            s_hat: zeros(),
            powers: [1.0; 2],
            measured: (0.0, 0.0),
            eigenvalues,
            minimum,
        }
    }

    fn corrections(&mut self) -> [f64; 2] {
        corrections(&mut self.powers)
    }

    /// As one would write it: a loop for each line.
    fn naive(&mut self) {
        let [c1, c2] = self.corrections();
        let n = self.w.len();
        self.g.copy_from_slice(&self.gradient);
        for i in 0..n {
            self.m[i] = BETA1 * self.m[i] + (1.0 - BETA1) * self.g[i];
            self.s[i] = BETA2 * self.s[i] + (1.0 - BETA2) * self.g[i] * self.g[i];
        }
        for i in 0..n {
            self.m_hat[i] = self.m[i] / c1;
            self.s_hat[i] = self.s[i] / c2;
            self.w[i] -= ETA * self.m_hat[i] / (self.s_hat[i] + DELTA).sqrt();
        }
        let (mut loss, mut square) = (0.0, 0.0);
        for i in 0..n {
            let d = self.w[i] - self.minimum[i];
            self.gradient[i] = self.eigenvalues[i] * d;
            loss += self.gradient[i] * d;
            square += self.gradient[i] * self.gradient[i];
        }
        self.measured = (0.5 * loss, square.sqrt());
    }

    /// All in one walk, eight elements at a time; where it is `lean`, w, m and s are all that is kept.
    #[inline(always)]
    fn one_walk(&mut self, lean: bool) {
        let [c1, c2] = self.corrections();
        let (w, rest) = self.w.as_chunks_mut::<LANES>();
        assert!(rest.is_empty(), "lengths are multiples of eight here");
        let (m, s) = (
            self.m.as_chunks_mut::<LANES>().0,
            self.s.as_chunks_mut::<LANES>().0,
        );
        let (g, gradient) = (
            self.g.as_chunks_mut::<LANES>().0,
            self.gradient.as_chunks_mut::<LANES>().0,
        );
        let (m_hat, s_hat) = (
            self.m_hat.as_chunks_mut::<LANES>().0,
            self.s_hat.as_chunks_mut::<LANES>().0,
        );
        let (lambda, minimum) = (
            self.eigenvalues.as_chunks::<LANES>().0,
            self.minimum.as_chunks::<LANES>().0,
        );
        let (mut loss, mut squares) = ([0.0; LANES], [0.0; LANES]);
        for at in 0..w.len() {
            let slope: [f64; LANES] = if lean {
                each(|k| lambda[at][k] * (w[at][k] - minimum[at][k]))
            } else {
                gradient[at]
            };
            let new_m: [f64; LANES] = each(|k| BETA1 * m[at][k] + (1.0 - BETA1) * slope[k]);
            let new_s: [f64; LANES] =
                each(|k| BETA2 * s[at][k] + (1.0 - BETA2) * (slope[k] * slope[k]));
            let first: [f64; LANES] = each(|k| new_m[k] / c1);
            let second: [f64; LANES] = each(|k| new_s[k] / c2);
            let root: [f64; LANES] = each(|k| (second[k] + DELTA).sqrt());
            let new_w: [f64; LANES] = each(|k| w[at][k] - ETA * first[k] / root[k]);
            (m[at], s[at], w[at]) = (new_m, new_s, new_w);
            let d: [f64; LANES] = each(|k| new_w[k] - minimum[at][k]);
            let next: [f64; LANES] = each(|k| lambda[at][k] * d[k]);
            if !lean {
                (g[at], m_hat[at], s_hat[at], gradient[at]) = (slope, first, second, next);
            }
            loss = each(|k| loss[k] + next[k] * d[k]);
            squares = each(|k| squares[k] + next[k] * next[k]);
        }
        self.measured = (
            0.5 * loss.iter().sum::<f64>(),
            squares.iter().sum::<f64>().sqrt(),
        );
    }
}

const LANES: usize = 8;

/// Iterations of one walk each, for the processor that they run on.
struct Walks<'a>(&'a mut ByHand, u64, bool);

impl WithSimd for Walks<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for _ in 0..self.1 {
            self.0.one_walk(self.2);
        }
    }
}

/// Adam by hand in the plane: arrays of two, and a loss and a norm for each iteration.
#[derive(Clone)]
struct Plane {
    eta: f64,
    numbers: [[f64; 2]; 7],
    powers: [f64; 2],
    measured: (f64, f64),
}

impl Plane {
    const EIGENVALUES: [f64; 2] = [1.0, 100.0];
    const MINIMUM: [f64; 2] = [0.8, 0.6];

    fn new(eta: f64) -> Self {
        let mut numbers = [[0.0; 2]; 7];
        numbers[6] = each(|k| -Self::EIGENVALUES[k] * Self::MINIMUM[k]);
        Self {
            eta,
            numbers,
            powers: [1.0; 2],
            measured: (0.0, 0.0),
        }
    }

    #[inline(always)]
    fn measure(&mut self) {
        let [w, .., gradient] = &mut self.numbers;
        let d: [f64; 2] = each(|k| w[k] - Self::MINIMUM[k]);
        *gradient = each(|k| Self::EIGENVALUES[k] * d[k]);
        let g = *gradient;
        self.measured = (
            0.5 * (g[0] * d[0] + g[1] * d[1]),
            (g[0] * g[0] + g[1] * g[1]).sqrt(),
        );
    }

    #[inline(always)]
    fn adam(&mut self) {
        let [c1, c2] = corrections(&mut self.powers);
        let [w, m, s, g, m_hat, s_hat, gradient] = &mut self.numbers;
        *g = *gradient;
        *m = each(|k| BETA1 * m[k] + (1.0 - BETA1) * g[k]);
        *s = each(|k| BETA2 * s[k] + (1.0 - BETA2) * (g[k] * g[k]));
        *m_hat = each(|k| m[k] / c1);
        *s_hat = each(|k| s[k] / c2);
        *w = each(|k| w[k] - self.eta * m_hat[k] / (s_hat[k] + DELTA).sqrt());
        self.measure();
    }

    #[inline(always)]
    fn momentum(&mut self) {
        let [w, m, _, g, .., gradient] = &mut self.numbers;
        *g = *gradient;
        *m = each(|k| BETA1 * m[k] + g[k]);
        *w = each(|k| w[k] - self.eta * m[k]);
        self.measure();
    }

    #[inline(always)]
    fn nesterov(&mut self) {
        let [w, m, _, g, ahead, ..] = &mut self.numbers;
        *ahead = each(|k| w[k] + BETA1 * m[k]);
        *g = each(|k| Self::EIGENVALUES[k] * (ahead[k] - Self::MINIMUM[k]));
        *m = each(|k| BETA1 * m[k] - self.eta * g[k]);
        *w = each(|k| w[k] + m[k]);
        self.measure();
    }

    /// Where it is once it has converged.
    fn arrived(step: impl Fn(&mut Self)) -> Self {
        let mut it = Self::new(FAST);
        (0..ARRIVED).for_each(|_| step(&mut it));
        it
    }
}

/// What is noted of an iteration: w, the loss and the gradient's norm.
type Noted = ([f64; 2], (f64, f64));

/// Iterations whose notes are kept.
const NOTED: usize = 256;

/// The best that was found: not for a special processor, which makes vectors of two slower.
fn plane_from(mut it: Plane, step: impl Fn(&mut Plane) + 'static) -> Side<'static> {
    let mut notes = [Noted::default(); NOTED];
    Box::new(move |count| {
        // A copy of its own, which need not be in memory.
        let mut copy = it.clone();
        for at in 0..count {
            step(&mut copy);
            let at = usize::try_from(at).unwrap_or(0) % NOTED;
            notes[at] = (copy.numbers[0], copy.measured);
        }
        it = copy;
        black_box((&it.numbers, &notes));
    })
}

fn plane(step: impl Fn(&mut Plane) + 'static) -> Side<'static> {
    plane_from(Plane::new(ETA), step)
}

/// As one would write it: all in memory, iteration by iteration.
fn naive_plane(step: impl Fn(&mut Plane) + 'static) -> Side<'static> {
    let mut it = Plane::new(ETA);
    Box::new(move |count| {
        for _ in 0..count {
            step(&mut it);
            black_box(&it.measured);
        }
        black_box(&it.numbers);
    })
}

fn quadratic(n: usize) -> (Vec<f64>, Vec<f64>) {
    if n == 2 {
        return (Plane::EIGENVALUES.to_vec(), Plane::MINIMUM.to_vec());
    }
    let at = |k: usize| f64::from(u32::try_from(k % 97).unwrap_or(0));
    let eigenvalues = (0..n).map(|k| 1.0 + at(k)).collect();
    (eigenvalues, vec![0.5; n])
}

fn by_hand(n: usize, run: impl Fn(&mut ByHand, u64) + 'static) -> Side<'static> {
    let mut it = ByHand::new(n);
    Box::new(move |count| {
        run(&mut it, count);
        black_box(it.measured);
    })
}

fn or_panic<T>(result: eigenstep::error::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{error}"))
}

/// A session under these flags, after these commands.
fn session(flags: &[(&str, &str)], commands: &[&str]) -> Session {
    let mut session = or_panic(or_panic(Scenario::from_flags(flags)).session());
    for command in commands {
        execute(&mut session, command);
    }
    session
}

fn execute(session: &mut Session, command: &str) {
    let line = Source::new("<bench>", command);
    or_panic(session.execute(&line, &mut Control::default()));
}

/// What `command N` of a session runs, where an iteration is `per` of what it counts.
fn ours(
    flags: &[(&str, &str)],
    commands: &[&str],
    command: &'static str,
    per: u64,
) -> Side<'static> {
    let mut it = session(flags, commands);
    Box::new(move |count| execute(&mut it, &format!("{command} {}", count * per)))
}

fn breaks(count: usize) -> Vec<String> {
    // Conditions that are never true, on different numbers.
    let what = [
        "loss",
        "abs(alpha[1])",
        "abs(alpha[2])",
        "w[1]",
        "norm(grad)",
    ];
    (0..count)
        .map(|at| format!("break {} < -{}", what[at % what.len()], 1 + at))
        .collect()
}

fn small() {
    const ADAM: &[(&str, &str)] = &[("rule", "adam"), ("set", "eta=1e-7")];
    const FORMULA: &str = "0.5*((x-0.8)^2+100*(y-0.6)^2)";
    for count in [0, 5, 50] {
        let stops = breaks(count);
        let stops: Vec<&str> = stops.iter().map(String::as_str).collect();
        let name = format!("n=2, adam, a run with {count} breaks");
        row(
            &name,
            "best",
            ours(ADAM, &stops, "step", 1),
            plane(Plane::adam),
        );
    }
    let beside = |name: &str, flags: &[(&str, &str)], best: Side<'static>| {
        row(name, "best", ours(flags, &[], "step", 1), best);
    };
    row(
        "n=2, adam",
        "naive",
        ours(ADAM, &[], "step", 1),
        naive_plane(Plane::adam),
    );
    row(
        "n=2, adam, by lines",
        "best",
        ours(ADAM, &[], "line", 6),
        plane(Plane::adam),
    );
    let converged = |rule: &str, best: Side<'static>| {
        let flags = [("rule", rule), ("set", "eta=1e-3")];
        let name = format!("n=2, {rule}, converged");
        row(
            &name,
            "best",
            ours(&flags, &["goto 40000"], "step", 1),
            best,
        );
    };
    converged("adam", plane_from(Plane::arrived(Plane::adam), Plane::adam));
    beside(
        "n=2, torch/adam",
        &[("rule", "torch/adam"), ("set", "lr=1e-7")],
        plane(Plane::adam),
    );
    beside(
        "n=2, momentum",
        &[("rule", "momentum"), ("set", "eta=1e-10")],
        plane_from(Plane::new(SLOW), Plane::momentum),
    );
    converged(
        "momentum",
        plane_from(Plane::arrived(Plane::momentum), Plane::momentum),
    );
    let formula = [ADAM, &[("loss", FORMULA), ("start", "0,0")]].concat();
    beside("n=2, adam on a formula", &formula, plane(Plane::adam));
    beside(
        "n=2, nesterov",
        &[("rule", "nesterov"), ("set", "eta=1e-10")],
        plane_from(Plane::new(SLOW), Plane::nesterov),
    );
    row(
        "n=2, 8 lanes of adam",
        "one",
        ours(ADAM, &EIGHT, "step", 1),
        ours(ADAM, &[], "step", 1),
    );
    row(
        "n=2, adam, a row of a trace",
        "bare",
        traced(ADAM),
        ours(ADAM, &[], "step", 1),
    );
}

/// Rows of a trace as JSON lines, that go nowhere.
fn traced(flags: &[(&str, &str)]) -> Side<'static> {
    let scenario = or_panic(Scenario::from_flags(flags));
    Box::new(move |count| {
        let extent = TraceRange {
            steps: count,
            every: 1,
            until: None,
        };
        let setup = or_panic(scenario.open());
        let written = trace::run(setup, extent, &mut Jsonl::new(io::sink()));
        assert!(written.is_ok(), "a sink takes all");
    })
}

const EIGHT: [&str; 7] = [
    "lane add adam set eta=1.1e-7",
    "lane add adam set eta=2e-7",
    "lane add adam set eta=3e-7",
    "lane add adam set eta=4e-7",
    "lane add adam set eta=5e-7",
    "lane add adam set eta=6e-7",
    "lane add adam set eta=7e-7",
];

/// A session of Adam on the diagonal quadratic of `n` parameters.
fn long_session(n: usize) -> Session {
    let (eigenvalues, minimum) = quadratic(n);
    let landscape = Landscape {
        name: "bench".into(),
        loss: Arc::new(or_panic(Quadratic::new(&eigenvalues, &minimum, 0.0))),
        start: vec![0.0; n],
        window: None,
        bound: f64::INFINITY,
    };
    let compiled = Arc::new(or_panic(or_panic(rule::load("adam")).compile(n)));
    let settings = compiled.settings.iter().map(|it| match &*it.name {
        "eta" => ETA,
        _ => it.default,
    });
    let settings = settings.collect();
    let lane = Lane::new(compiled, &landscape, None, settings);
    let lanes = vec![("adam".to_owned(), lane)];
    or_panic(Session::new(landscape, None, lanes, String::new()))
}

fn long() {
    for n in [8, 96, 1000, 10_000, 100_000, 1_000_000] {
        let name = format!("n={n}, adam");
        if !is_wanted(&name) {
            continue;
        }
        let best = |lean| {
            by_hand(n, move |it, count| {
                Arch::new().dispatch(Walks(it, count, lean));
            })
        };
        let naive = by_hand(n, |it, count| (0..count).for_each(|_| it.naive()));
        for (beside, side) in [
            ("naive", naive),
            ("best", best(false)),
            ("lean", best(true)),
        ] {
            let mut it = long_session(n);
            // Until all keyframes that there may be have their room; and no command is for few iterations.
            execute(
                &mut it,
                &format!("step {}", (170_000_000 / n).clamp(200, 66_000)),
            );
            let ours = Box::new(move |count: u64| {
                execute(&mut it, &format!("step {count}"));
            });
            row_in(&name, beside, FEWEST, ours, side);
        }
    }
}

/// A map of 32 x 32 runs of 500 iterations: one iteration of one run.
fn sweeps() {
    for rule in ["adam", "momentum"] {
        let flags = [("rule", rule)];
        let mut it = session(&flags, &[]);
        let sweep = "sweep eta=1e-4..1e-2:log:32 beta=0.5..0.99:32 steps 500";
        let sweep = if rule == "adam" {
            sweep.replace("beta=", "beta1=")
        } else {
            sweep.to_owned()
        };
        let mut left = 0;
        let ours: Side<'_> = Box::new(move |count| {
            // Whole maps only: what is run ahead is taken off later.
            while left < count {
                execute(&mut it, &sweep);
                left += 32 * 32 * 500;
            }
            left -= count;
        });
        let best = if rule == "adam" {
            plane(Plane::adam)
        } else {
            plane(Plane::momentum)
        };
        row(
            &format!("sweep of {rule}, a step of a run"),
            "best",
            ours,
            best,
        );
    }
}

fn main() {
    println!("medians; ours / theirs is the median of paired ratios, with its middle half");
    small();
    sweeps();
    long();
}
