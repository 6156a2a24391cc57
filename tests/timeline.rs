//! Time travel: however one arrives at a position, everything there is the same to the last bit.

use eigenstep::{
    debugger::{Change, Lane, MinMaxSeries, Position, Trajectory},
    loss::{Landscape, Noise},
    rule::VariableKind,
    scenario::{Scenario, Setup},
};
use proptest::prelude::*;

/// Past two keyframes, so that walks cross them.
const LENGTH: u64 = 600;

fn open(flags: &[(&str, &str)]) -> Setup {
    let scenario = Scenario::from_flags(flags);
    let setup = scenario.and_then(|it| it.open());
    setup.unwrap_or_else(|error| panic!("{error}"))
}

/// Scenarios that differ in what has to be restored.
const SCENARIOS: [&[(&str, &str)]; 4] = [
    &[("rule", "adam"), ("set", "eta=eta_opt")],
    &[("rule", "nesterov"), ("noise", "0.5"), ("seed", "9")],
    &[
        ("rule", "rmsprop"),
        ("loss", "rosenbrock"),
        ("set", "eta=1e-3"),
    ],
    &[
        ("rule", "momentum"),
        ("eigenvalues", "1,3,5"),
        ("noise", "0.1"),
    ],
];

fn scenario(which: usize) -> (Landscape, Option<Noise>, Lane) {
    let mut setup = open(SCENARIOS[which]);
    (setup.landscape, setup.noise, setup.lanes.remove(0).1)
}

/// Everything that can be seen at a position.
fn state(lane: &Lane) -> (Position, Vec<u64>) {
    let machine = lane.machine();
    let mut bits: Vec<u64> = machine.variables().iter().map(|it| it.to_bits()).collect();
    if lane.position().line == 0 {
        bits.push(machine.loss().to_bits());
        bits.extend(machine.gradient().iter().map(|it| it.to_bits()));
    }
    for at in 0..machine.compiled().settings.len() {
        bits.push(machine.setting(at).to_bits());
    }
    (lane.position(), bits)
}

/// What a lane remembers, but for its keyframes.
fn memory(lane: &Lane) -> String {
    let timeline = lane.timeline();
    let spans = |track: &MinMaxSeries| -> Vec<(u64, u64, u64, u64)> {
        let spans = track.spans();
        spans
            .map(|(from, to, bucket)| (from, to, bucket.min.to_bits(), bucket.max.to_bits()))
            .collect()
    };
    let path: Vec<(u64, Vec<u64>)> = points(&timeline.path)
        .into_iter()
        .map(|(t, w, loss)| {
            let numbers = w.iter().chain([&loss]);
            (t, numbers.map(|it| it.to_bits()).collect())
        })
        .collect();
    format!(
        "{:?} {:?} {path:?}",
        spans(&timeline.loss),
        spans(&timeline.gradient_norm)
    )
}

fn points(path: &Trajectory) -> Vec<(u64, Vec<f64>, f64)> {
    path.points()
        .map(|point| (point.t, point.w.to_vec(), point.loss))
        .collect()
}

#[derive(Debug, Clone, Copy)]
enum Move {
    Iterate(u64),
    Line(usize),
    Back(u64),
    Seek(u64, usize),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let one = prop_oneof![
        (1..40_u64).prop_map(Move::Iterate),
        (1..10_usize).prop_map(Move::Line),
        (1..300_u64).prop_map(Move::Back),
        (0..LENGTH, 0..4_usize).prop_map(|(t, line)| Move::Seek(t, line)),
    ];
    proptest::collection::vec(one, 1..30)
}

fn walk(lane: &mut Lane, step: Move) {
    match step {
        Move::Iterate(count) => (0..count).for_each(|_| lane.iterate()),
        Move::Line(count) => (0..count).for_each(|_| {
            lane.line();
        }),
        Move::Back(count) => {
            let t = lane.position().t.saturating_sub(count);
            lane.seek(Position::at(t), |_| true);
        }
        Move::Seek(t, into) => {
            let lines = lane.compiled().lines.len();
            let target = Position {
                t,
                line: into % lines,
            };
            lane.seek(target, |_| true);
        }
    }
    if lane.position().t > LENGTH {
        lane.seek(Position::at(LENGTH), |_| true);
    }
}

/// A straight run, line by line, up to the position of `lane`.
fn straight(which: usize, target: Position) -> Lane {
    let mut lane = scenario(which).2;
    while lane.position() < target {
        lane.line();
    }
    lane
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn walks_and_straight_runs_meet(which in 0..SCENARIOS.len(), moves in moves()) {
        let mut lane = scenario(which).2;
        for step in moves {
            walk(&mut lane, step);
            prop_assert_eq!(state(&lane), state(&straight(which, lane.position())), "{:?}", step);
        }
        let frontier = Position::at(lane.timeline().frontier());
        prop_assert_eq!(memory(&lane), memory(&straight(which, frontier)));
    }

    #[test]
    fn edits_are_met_again_on_every_way(
        which in 0..SCENARIOS.len(),
        edits in edits(),
        moves in moves(),
    ) {
        let mut lane = edited(which, &edits);
        let end = lane.position();
        let there = state(&lane);
        for step in moves {
            walk(&mut lane, step);
        }
        lane.seek(end, |_| true);
        prop_assert_eq!(state(&lane), there);
    }

    #[test]
    fn a_fork_is_a_run_with_the_same_past(
        which in 0..SCENARIOS.len(),
        edits in edits(),
        ahead in 0..700_u64,
        at in (0..500_u64, 0..3_usize),
    ) {
        let (landscape, noise, _) = scenario(which);
        let mut lane = edited(which, &edits);
        let end = Position::at(lane.position().t + ahead);
        lane.seek(end, |_| true);
        let position = Position { t: at.0.min(end.t), line: at.1 * usize::from(at.0 < end.t) };
        let position = Position { line: position.line % lane.compiled().lines.len(), ..position };
        let mut fork = lane.fork(&landscape, noise, position, &mut |_| true).map_err(|error| TestCaseError::fail(error.to_string()))?.unwrap();
        prop_assert_eq!(fork.position(), position);
        let mut fresh = scenario(which).2;
        for edit in lane.edits().iter().filter(|edit| edit.position <= position) {
            fresh.seek(edit.position, |_| true);
            fresh.edit(edit.change.clone());
        }
        fresh.seek(position, |_| true);
        prop_assert_eq!(state(&fork), state(&fresh));
        prop_assert_eq!(memory(&fork), memory(&fresh));
        for lane in [&mut fork, &mut fresh] {
            lane.seek(Position::at(position.t + 300), |_| true);
        }
        prop_assert_eq!(state(&fork), state(&fresh));
        prop_assert_eq!(memory(&fork), memory(&fresh));
    }

    #[test]
    fn an_undone_edit_never_was(which in 0..SCENARIOS.len(), edits in edits(), ahead in 0..600_u64) {
        let mut lane = edited(which, &edits);
        let end = Position::at(lane.position().t + 1 + ahead);
        lane.seek(end, |_| true);
        let undone = lane.undo(&mut |_| true).unwrap();
        prop_assert_eq!(lane.position(), undone.position);
        lane.seek(end, |_| true);
        let mut fresh = edited(which, &edits[..edits.len() - 1]);
        prop_assert!(undone.position >= fresh.position());
        fresh.seek(end, |_| true);
        prop_assert_eq!(state(&lane), state(&fresh));
        prop_assert_eq!(memory(&lane), memory(&fresh));
    }

    #[test]
    fn tracks_keep_every_peak(values in proptest::collection::vec(-1e3..1e3_f64, 1..30), length in 1..20_000_usize) {
        // A wave with rare spikes, long enough to be thinned.
        let value = |t: usize| values[t % values.len()] * if t.is_multiple_of(997) { 10.0 } else { 1.0 };
        let all: Vec<f64> = (0..length).map(value).collect();
        let mut track = MinMaxSeries::default();
        for (t, value) in (0..).zip(&all) {
            track.push(t, *value);
        }
        let exact = |part: &[f64]| {
            let min = part.iter().copied().fold(f64::INFINITY, f64::min);
            (min, part.iter().copied().fold(f64::NEG_INFINITY, f64::max))
        };
        let mut covered = 0;
        for (from, to, bucket) in track.spans() {
            let from = usize::try_from(from).unwrap();
            let to = usize::try_from(to).unwrap().min(length);
            // The newest value stands alone, beside the span that it will join.
            let part = if from + 1 == length { &all[from..] } else { &all[from..to.min(length - 1)] };
            prop_assert_eq!((bucket.min, bucket.max), exact(part), "{}..{}", from, to);
            covered = covered.max(to);
        }
        prop_assert_eq!(covered, length);
        prop_assert!(track.spans().count() <= 4097);
    }

    #[test]
    fn paths_keep_the_first_point_and_the_highest_of_each_span(
        values in proptest::collection::vec(0.0..1e3_f64, 1..30),
        length in 1..20_000_u64,
    ) {
        let loss = |t: u64| {
            let at = usize::try_from(t).unwrap();
            values[at % values.len()] + if t.is_multiple_of(997) { 1e6 + f64::from(u32::try_from(t).unwrap()) } else { 0.0 }
        };
        let mut path = Trajectory::new(2);
        for t in 0..length {
            path.push(t, &[f64::from(u32::try_from(t).unwrap()), 1.0], loss(t));
        }
        let points = points(&path);
        prop_assert!(points.len() <= 4097);
        prop_assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (t, w, value) in &points {
            prop_assert_eq!((w[0], *value), (f64::from(u32::try_from(*t).unwrap()), loss(*t)));
        }
        let width = path.width();
        for from in (0..length).step_by(usize::try_from(width).unwrap()) {
            let span = from..(from + width).min(length);
            let highest = span.clone().map(loss).fold(0.0, f64::max);
            let kept = points.iter().filter(|point| span.contains(&point.0));
            prop_assert!(kept.clone().any(|point| point.0 == from), "{} of {}", from, width);
            prop_assert!(kept.clone().any(|point| point.2 == highest), "{:?} of {}", span, width);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn what_is_forgotten_is_remembered_alike_when_it_is_run_again(
        which in 0..SCENARIOS.len(),
        length in 1..10_000_u64,
        shares in proptest::collection::vec((1..1000_u64, 0..1000_u64), 1..3),
    ) {
        // Long enough for spans of several boundaries, which a walk forgets from their middle on.
        let mut lane = scenario(which).2;
        lane.seek(Position::at(length), |_| true);
        let (there, remembered) = (state(&lane), memory(&lane));
        for (near, far) in shares {
            let near = Position::at(length.saturating_sub(near));
            lane.seek(Position::at(length * far / 1000), |_| true);
            lane.seek(near, |_| true);
            prop_assert_eq!(lane.position(), near);
            lane.forget_beyond();
            lane.seek(Position::at(length), |_| true);
            prop_assert_eq!(memory(&lane), &*remembered);
            prop_assert_eq!(state(&lane), there.clone());
        }
    }

    #[test]
    fn a_long_vector_is_remembered_alike(length in 20..80_u64, cuts in proptest::collection::vec(1..80_u64, 1..3)) {
        // Of so many parameters a path keeps six points, so that its spans are wide from the beginning.
        let eigenvalues: Vec<String> = (0..20_000).map(|at| (1 + at % 7).to_string()).collect();
        let eigenvalues = eigenvalues.join(",");
        let flags = [("rule", "momentum"), ("eigenvalues", &*eigenvalues), ("set", "eta=0.3"), ("noise", "1")];
        let mut lane = open(&flags).lanes.remove(0).1;
        lane.seek(Position::at(length), |_| true);
        let remembered = memory(&lane);
        for cut in cuts {
            lane.seek(Position::at(length.saturating_sub(cut)), |_| true);
            lane.forget_beyond();
            lane.seek(Position::at(length), |_| true);
            prop_assert!(memory(&lane) == remembered, "from {}", length.saturating_sub(cut));
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Planned {
    /// Iterations and lines after the edit before it.
    after: (u64, usize),
    /// A setting if even, an element of a state if odd.
    what: usize,
    value: f64,
}

fn edits() -> impl Strategy<Value = Vec<Planned>> {
    let one = ((0..300_u64, 0..3_usize), 0..8_usize, 0.001..0.01_f64);
    let one = one.prop_map(|(after, what, value)| Planned { after, what, value });
    proptest::collection::vec(one, 1..4)
}

/// A run with edits on its way, each made at the newest position; it ends where the last was made.
fn edited(which: usize, edits: &[Planned]) -> Lane {
    let mut lane = scenario(which).2;
    for edit in edits {
        let lines = lane.compiled().lines.len();
        let at = lane.position();
        let target = Position {
            t: at.t + 1 + edit.after.0,
            line: edit.after.1 % lines,
        };
        lane.seek(target, |_| true);
        let compiled = lane.compiled();
        let kept: Vec<usize> = (0..compiled.variables.len())
            .filter(|at| compiled.variables[*at].kind != VariableKind::Temporary)
            .collect();
        let change = if edit.what.is_multiple_of(2) {
            Change::Setting {
                setting: edit.what / 2 % compiled.settings.len(),
                value: edit.value,
            }
        } else {
            Change::State {
                variable: kept[edit.what / 2 % kept.len()],
                from: 1,
                values: vec![edit.value],
            }
        };
        lane.edit(change);
    }
    lane
}
