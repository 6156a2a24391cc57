//! Whatever one does, every lane is where a straight run with its edits would be, to the bit.

use super::{bench::Bench, saving};
use eigenstep::{
    debugger::{Edit, JournalMark, answer::Answer},
    scenario::journal,
};
use proptest::prelude::*;

/// A command, its numbers still to be fitted to the session.
#[derive(Debug, Clone)]
enum Deed {
    Step(u64),
    Back(u64),
    Line(u64),
    LineBack(u64),
    Goto(u64, usize),
    Last,
    Continue,
    ReverseContinue,
    Until(u64),
    SetSetting(usize, usize, f64),
    SetState(usize, f64),
    Undo,
    Fork,
    Turn(usize),
    Add(usize),
    Drop(usize),
    Break(usize),
    Delete,
    Restart,
    Ignore(u64, u64),
    Switch(bool, u64),
    Look(usize),
    Tolerance(i32),
    Reopen,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0_u64..40).prop_map(Deed::Step),
        (0_u64..600).prop_map(Deed::Step),
        (0_u64..300).prop_map(Deed::Back),
        (0_u64..20).prop_map(Deed::Line),
        (0_u64..20).prop_map(Deed::LineBack),
        (0_u64..700, 0_usize..8).prop_map(|(t, line)| Deed::Goto(t, line)),
        Just(Deed::Last),
        Just(Deed::Continue),
        Just(Deed::ReverseContinue),
        (1_u64..50).prop_map(Deed::Until),
        (0_usize..8, 0_usize..4, 0.2_f64..0.9).prop_map(|(a, b, c)| Deed::SetSetting(a, b, c)),
        (0_usize..4, -1.0_f64..1.0).prop_map(|(a, b)| Deed::SetState(a, b)),
        Just(Deed::Undo),
        Just(Deed::Fork),
        (0_usize..8).prop_map(Deed::Turn),
        (0_usize..3).prop_map(Deed::Add),
        (0_usize..8).prop_map(Deed::Drop),
        (0_usize..10).prop_map(Deed::Break),
        Just(Deed::Delete),
        Just(Deed::Restart),
        (1_u64..6, 0_u64..4).prop_map(|(id, count)| Deed::Ignore(id, count)),
        (any::<bool>(), 1_u64..6).prop_map(|(on, id)| Deed::Switch(on, id)),
        (0_usize..6).prop_map(Deed::Look),
        (-8_i32..-1).prop_map(Deed::Tolerance),
        Just(Deed::Reopen),
    ]
}

impl Deed {
    fn command(&self, bench: &Bench) -> String {
        let entries = bench.session.lanes().entries();
        let compiled = entries[bench.session.lanes().focus()].lane().compiled();
        let name = |at: &usize| entries[at % entries.len()].name();
        match self {
            Self::Step(n) => format!("step {n}"),
            Self::Back(n) => format!("back {n}"),
            Self::Line(n) => format!("line {n}"),
            Self::LineBack(n) => format!("lineback {n}"),
            Self::Goto(t, line) => format!("goto {t} {}", line % compiled.lines.len()),
            Self::Last => "last".into(),
            Self::Continue => "continue".into(),
            Self::ReverseContinue => "rcontinue".into(),
            Self::Until(k) => format!("until settled(alpha[2] > 0, {k}) or t > {}", 20 * k),
            Self::SetSetting(at, setting, share) => {
                let machine = entries[at % entries.len()].lane().machine();
                let settings = &machine.compiled().settings;
                let own = &settings[setting % settings.len()].name;
                format!("set {0}.{own} = {share}*{0}.{own}", name(at))
            }
            Self::SetState(at, value) => {
                let states = ["w[1]", "w", "w[2]", "w"];
                format!("set {} = {} + {value}", states[*at], states[*at])
            }
            Self::Undo => "undo".into(),
            Self::Fork => "fork".into(),
            Self::Turn(at) => format!("lane {}", name(at)),
            Self::Add(at) => format!("lane add {}", ["torch/adam", "nesterov", "gd"][*at]),
            Self::Drop(at) => format!("drop {}", name(at)),
            Self::Break(at) => [
                "break alpha[2] > 0",
                "break line 2 if t > 20",
                "watch sign(alpha[1])",
                "tbreak t == 33",
                "break prev(loss) < loss ignore 1",
                "watch w[1] > 0.5 once",
                "break line 1 if t > 30 once ignore 2",
                "tbreak line 1",
                "trace first(loss < 0.1)",
                "break settled(loss < 0.1, 5)",
            ][*at]
                .into(),
            Self::Delete => "delete all".into(),
            Self::Restart => "restart".into(),
            Self::Ignore(id, count) => format!("ignore {id} {count}"),
            Self::Switch(on, id) => format!("{} {id}", if *on { "enable" } else { "disable" }),
            Self::Look(at) => [
                "print prev(prev(w))",
                "print first(loss < 0.01)",
                "explain w",
                "info lanes",
                "display last_change(sign(alpha[2]))",
                "info stops",
            ][*at]
                .into(),
            Self::Tolerance(power) => format!("set tolerance = 10^{power}"),
            Self::Reopen => String::new(),
        }
    }
}

fn edits(bench: &Bench) -> Vec<(String, Vec<Edit>)> {
    let entries = bench.session.lanes().entries().iter();
    entries
        .map(|entry| (entry.name().to_owned(), entry.lane().edits().to_vec()))
        .collect()
}

const SCENARIOS: [&str; 6] = [
    "--loss linear --batch 4 --seed 2 --rule adam --rule gd --set eta=0.01",
    "--rule momentum --set eta=0.175*eta_opt",
    "--rule adam --rule gd --set eta=eta_opt",
    "--rule gd --rule momentum --set gd.eta=1.01*eta_max --set momentum.eta=0.3*eta_opt",
    "--rule torch/sgd --rule gd --loss rosenbrock --set lr=0.001 --set eta=1.3*eta_max",
    "--rule rmsprop --rule nesterov --noise 0.1 --seed 3 --set eta=0.005",
];

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(debug_assertions) { 40 } else { 600 },
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_lane_is_where_a_straight_run_with_its_edits_would_be(
        scenario in 0..SCENARIOS.len(),
        deeds in prop::collection::vec(deed(), 1..25),
    ) {
        let mut bench = Bench::open(SCENARIOS[scenario]);
        bench.answer("set max-run=3000");
        let mut said = Vec::new();
        let (mut told, mut lines) = (JournalMark::default(), String::new());
        for deed in &deeds {
            if matches!(deed, Deed::Reopen) {
                bench = saving::check(&bench);
                told = JournalMark::default();
                lines = journal::lines(&bench.session.commands_since(&mut told).unwrap());
                said.push("saved and opened again".to_owned());
                continue;
            }
            let command = deed.command(&bench);
            let before = edits(&bench);
            let place = bench.session.position();
            let answer = bench.try_answer(&command);
            said.push(format!("{command}: {}", answer.clone().map_or_else(|error| error, |it| it.to_string())));
            let context = said.join("\n");
            lines += &journal::lines(&bench.session.commands_since(&mut told).unwrap());
            let after = edits(&bench);
            if answer.is_err() {
                prop_assert_eq!(&before, &after, "{}", context);
                prop_assert_eq!(place, bench.session.position(), "{}", context);
            }
            // Forks never change their parent, and nothing but `set` and `undo` changes a lane.
            let changed = before.iter().filter(|(name, edits)| {
                after.iter().any(|(other, now)| other == name && now != edits)
            });
            let forked = after.len() > before.len();
            let may = match deed {
                Deed::SetSetting(..) | Deed::SetState(..) => usize::from(!forked),
                Deed::Undo => 1,
                _ => 0,
            };
            prop_assert!(changed.count() <= may, "{}", context);
            let at = bench.session.position();
            for entry in bench.session.lanes().entries() {
                let own = entry.lane().position();
                prop_assert!(entry.is_halted() || own.t == at.t, "lockstep: {}", context);
            }
            if matches!(deed, Deed::Look(_)) {
                prop_assert_eq!(place, at, "{}", context);
            }
            let check = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| bench.check_against_straight_runs()));
            prop_assert!(check.is_ok(), "{}", context);
            if let Ok(Answer::Stopped(stopped)) = &answer {
                prop_assert_eq!(stopped.position(), at, "{}", context);
            }
        }
        let check = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            saving::check(&bench);
            saving::check_same(&bench, saving::resumed(&bench, &lines));
        }));
        prop_assert!(check.is_ok(), "{}", said.join("\n"));
    }
}
