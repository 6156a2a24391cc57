//! Commands are data: text and JSON both ways, counts, quotes, habits, and a session that is driven by methods.

use super::{bench::Bench, saving};
use eigenstep::{
    debugger::{
        Control,
        answer::{Answer, StopReason},
        command::{
            Assignment, BreakAt, Breakpoint, COMMANDS, Command, CommandTable, Destination, Effect,
            HABITS, IgnoreHits, InfoTopic, LaneCommand, Located, Meaning, Name, NewLane, Phrase,
            PlotCommand, PlotCurve, StopIds, StopOptions, SweepAxis, SweepCommand, TimePoint,
            Times, Watchpoint,
        },
        sweep::Measure,
    },
    error::Source,
    rule::Spacing,
    tui::command::TABLE,
};
use proptest::{collection::vec, option, prelude::*};
use std::collections::HashSet;

/// Texts that are easy to misread in a command line.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "",
        " ",
        "once",
        "x once",
        "x ignore 3",
        "line 3",
        "line",
        "if",
        "all",
        "add",
        "as",
        "set",
        "stop",
        "steps 3",
        "a b",
        "a, b",
        "max(a, b)",
        "(",
        "]",
        "w[",
        "w[1",
        "w[1]",
        "S[1, 2]",
        "a=b",
        "=",
        "==",
        "a..b",
        ".",
        "1.",
        ":log",
        "\"",
        "\"a",
        "a\"b",
        "\\",
        "a\\n",
        "#",
        "# no",
        "my rules/x.rule",
        "hits",
        "eta",
        "loss < 1e-6",
        "all(w > 0) and t > 3",
        "\u{3bb} \u{e9}",
        "two\nlines",
        "tab\there",
        "trailing ",
        " leading",
        "\u{2028}",
        "3",
        "1e6",
        "-1",
    ]);
    prop_oneof![
        odd.prop_map(str::to_owned),
        any::<String>(),
        "[a-z\" ,.:=()#]{0,12}"
    ]
}

fn phrase() -> impl Strategy<Value = Phrase> {
    text().prop_map(Phrase::from)
}

fn name() -> impl Strategy<Value = Name> {
    text().prop_map(Name::from)
}

fn count() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..5, any::<u64>()]
}

fn number() -> impl Strategy<Value = Located<u64>> {
    count().prop_map(Located::from)
}

fn options() -> impl Strategy<Value = StopOptions> {
    (any::<bool>(), count()).prop_map(|(once, ignore)| StopOptions { once, ignore })
}

fn breakpoint() -> impl Strategy<Value = Breakpoint> {
    let line = (number(), option::of(phrase()));
    let at = prop_oneof![
        phrase().prop_map(BreakAt::Condition),
        line.prop_map(|(line, condition)| BreakAt::Line { line, condition }),
    ];
    (at, options()).prop_map(|(at, options)| Breakpoint { at, options })
}

fn ids() -> impl Strategy<Value = StopIds> {
    prop_oneof![
        Just(StopIds::All),
        vec(number(), 0..4).prop_map(StopIds::Those)
    ]
}

fn assignment() -> impl Strategy<Value = Assignment> {
    (phrase(), phrase()).prop_map(|(name, value)| Assignment::new(name, value))
}

fn lane() -> impl Strategy<Value = LaneCommand> {
    let new = (name(), option::of(name()), vec(assignment(), 0..3));
    prop_oneof![
        Just(LaneCommand::List),
        name().prop_map(LaneCommand::Focus),
        new.prop_map(|(rule, name, set)| LaneCommand::Add(NewLane { rule, name, set })),
    ]
}

fn sweep() -> impl Strategy<Value = SweepCommand> {
    let axis = (
        name(),
        phrase(),
        phrase(),
        any::<bool>(),
        option::of(2_usize..2000),
    );
    let axis = axis.prop_map(|(name, from, to, log, count)| SweepAxis {
        name,
        from,
        to,
        log,
        count,
    });
    let measure = prop::sample::select(Measure::ALL.map(|(_, measure)| measure).to_vec());
    (
        vec(axis, 1..3),
        option::of(1..u64::MAX),
        option::of(measure),
    )
        .prop_map(|(axes, steps, measure)| SweepCommand {
            axes,
            steps,
            measure,
        })
}

fn plot() -> impl Strategy<Value = PlotCommand> {
    let value = prop::sample::select(vec![
        "w",
        "norm(w - w[1])",
        "max(m, 0)",
        "loss*1e3",
        "[1, 2]",
        "log(g)",
    ]);
    let label = option::of("[a-z #=,.()]{0,6}");
    let curve = (value, label).prop_map(|(value, label)| PlotCurve {
        value: value.into(),
        label: label.map(|it| it.trim().to_owned()),
    });
    let scale = prop::sample::select(Spacing::ALL.map(|(_, scale)| scale).to_vec());
    let band = option::of(5_usize..10_000);
    let over_t =
        (scale.clone(), band).prop_map(|(scale, band)| (None, [scale, Spacing::Linear], band));
    let against = (curve.clone(), [scale.clone(), scale])
        .prop_map(|(value, scales)| (Some(value), scales, None));
    let rest = prop_oneof![over_t, against];
    (vec(curve, 1..4), rest).prop_map(|(curves, (against, [scale, across], band))| PlotCommand {
        curves,
        against,
        scale,
        across,
        band,
    })
}

fn command() -> impl Strategy<Value = Command> {
    let times = || count().prop_map(Times);
    let topic = prop::sample::select(InfoTopic::ALL.map(|(topic, ..)| topic).to_vec());
    let moving = prop_oneof![
        times().prop_map(Command::Step),
        times().prop_map(Command::Back),
        times().prop_map(Command::StepLine),
        times().prop_map(Command::BackLine),
        times().prop_map(Command::Continue),
        times().prop_map(Command::ReverseContinue),
        phrase().prop_map(Command::Until),
        (count(), number()).prop_map(|(t, line)| Command::Goto(TimePoint { t, line })),
        Just(Command::First),
        Just(Command::Last),
        Just(Command::Restart),
    ];
    let ignore = (number(), count(), option::of(count()));
    let stopping = prop_oneof![
        breakpoint().prop_map(Command::Break),
        breakpoint().prop_map(Command::BreakOnce),
        (phrase(), options())
            .prop_map(|(value, options)| Command::Watch(Watchpoint { value, options })),
        phrase().prop_map(Command::Trace),
        phrase().prop_map(Command::Display),
        plot().prop_map(Command::Plot),
        ids().prop_map(Command::Delete),
        ids().prop_map(Command::Enable),
        ids().prop_map(Command::Disable),
        ignore.prop_map(|(id, count, hits)| Command::Ignore(IgnoreHits { id, count, hits })),
    ];
    let others = prop_oneof![
        phrase().prop_map(Command::Print),
        phrase().prop_map(Command::Explain),
        Just(Command::List),
        option::of(topic).prop_map(Command::Info),
        assignment().prop_map(Command::Set),
        Just(Command::Undo),
        option::of(name()).prop_map(Command::Fork),
        lane().prop_map(Command::Lane),
        name().prop_map(Command::Drop),
        sweep().prop_map(Command::Sweep),
        (phrase(), any::<bool>())
            .prop_map(|(file, replace)| Command::Save(Destination { file, replace })),
        option::of(phrase()).prop_map(Command::Help),
        Just(Command::Quit),
    ];
    prop_oneof![moving, stopping, others]
}

fn parse(line: &str) -> Command {
    CommandTable::debugger()
        .parse_command(&Source::new("<test>", line))
        .unwrap_or_else(|error| panic!("{line:?}: {error}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn a_command_prints_as_a_line_that_parses_to_it(command in command()) {
        let line = command.to_string();
        prop_assert!(!line.contains('\n'));
        prop_assert_eq!(parse(&line), command);
    }

    #[test]
    fn a_command_comes_back_from_json(command in command()) {
        let json = serde_json::to_string(&command).unwrap();
        let again: Command = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(again, command, "{}", json);
    }

    #[test]
    fn no_line_panics_and_what_parses_prints_as_itself(line in any::<String>()) {
        if let Ok(Some(command)) = CommandTable::debugger().parse_debugger(&Source::new("<test>", line)) {
            prop_assert_eq!(parse(&command.to_string()), command);
        }
    }
}

#[test]
fn the_property_covers_every_command() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = HashSet::new();
    for _ in 0..4000 {
        let tree = command().new_tree(&mut runner).unwrap();
        seen.insert(proptest::strategy::ValueTree::current(&tree).name());
    }
    let names: HashSet<&str> = COMMANDS.iter().map(|row| row.info.name).collect();
    assert_eq!(seen, names);
}

#[test]
fn lines_of_old_sessions_still_mean_the_same() {
    for (old, new) in [
        ("10 step", "step 10"),
        ("10n", "step 10"),
        ("s", "line"),
        ("120 goto", "goto 120"),
        ("tbreak t == 7", "tbreak t == 7"),
        (
            "break   line 3 if  t > 2   once",
            "break line 3 if t > 2 once",
        ),
        (
            "watch sign(alpha[2]) ignore 2",
            "watch sign(alpha[2]) ignore 2",
        ),
        ("set w [ 2 ] = 1", "set w=[ 2 ] = 1"),
        ("set w[2] = alpha[2]/3", "set w[2]=alpha[2]/3"),
        ("set eta 0.1", "set eta=0.1"),
        ("set S[1, 2] = 0.5", "set S[1, 2]=0.5"),
        (
            "lane add torch/sgd as sgd set lr=eta_opt, momentum = max(0.1, 0.5)",
            "lane add torch/sgd as sgd set lr=eta_opt, momentum=max(0.1, 0.5)",
        ),
        ("save my session.toml", "save my session.toml"),
        ("save! \"a b\"", "save! a b"),
        ("save a#b", "save a#b"),
        ("goto 1e3", "goto 1000"),
        ("inf st", "info stops"),
        (
            "sw eta=1e-4..2*eta_max:log:60 measure rate",
            "sweep eta=1e-4..2*eta_max:log:60 measure rate",
        ),
    ] {
        assert_eq!(parse(old).to_string(), new, "{old}");
    }
}

#[test]
fn quotes_keep_blanks_and_words_of_commands_together() {
    let lane = parse("lane add \"my rules/x.rule\" as \"add\" set eta=\"max(1, 2)\"");
    let Command::Lane(LaneCommand::Add(lane)) = lane else {
        panic!("{lane}");
    };
    assert_eq!(lane.rule.text(), "my rules/x.rule");
    assert_eq!(lane.name.unwrap().text(), "add");
    assert_eq!(lane.set[0].value.text(), "max(1, 2)");
    assert_eq!(
        parse("lane \"add\""),
        Command::Lane(LaneCommand::Focus("add".into()))
    );
    let mut bench = Bench::open("--rule gd");
    assert_eq!(bench.says("print \"loss < 1e9\""), "loss < 1e9 = true");
    let error = bench.refuses("lane add \"open");
    assert!(error.contains("has no end"), "{error}");
    let error = bench.refuses("print \"w + los\"");
    assert!(error.contains("<test>:1:12"), "{error}");
}

#[test]
fn a_rule_in_a_folder_with_a_blank_is_added_and_saved() {
    let folder = tempfile::tempdir().unwrap();
    let rules = folder.path().join("my rules");
    std::fs::create_dir(&rules).unwrap();
    let file = rules.join("2nd.rule");
    let source = eigenstep::rule::load("gd").unwrap().source.text.clone();
    std::fs::write(&file, source.replace("rule gd", "rule second")).unwrap();
    let mut bench = Bench::open("--rule gd");
    bench.answer(&format!("lane add \"{}\"", file.display()));
    bench.answer("step 3");
    assert_eq!(bench.session.lanes().entries().len(), 2);
    saving::check(&bench);
}

#[test]
fn a_lane_is_called_by_an_identifier_that_is_no_word_of_commands() {
    let folder = tempfile::tempdir().unwrap();
    let source = eigenstep::rule::load("gd").unwrap().source.text.clone();
    let mut bench = Bench::open("--rule gd");
    for (file, name) in [("2nd", "_2nd"), ("add", "_add"), ("not", "_not")] {
        let path = folder.path().join(format!("{file}.rule"));
        let text = source.replace("rule gd", &format!("rule {file}"));
        std::fs::write(&path, text).unwrap();
        let said = match bench.try_answer(&format!("lane add {}", path.display())) {
            Ok(answer) => answer.to_string(),
            // A rule that cannot be called so cannot make a lane either.
            Err(_) => continue,
        };
        assert!(said.contains(&format!("lane `{name}`")), "{said}");
        bench.answer(&format!("lane {name}"));
        bench.answer(&format!("print {name}.loss"));
        bench.answer("lane gd");
    }
    for name in ["add", "2nd", "and", "a b", ""] {
        let line = Command::Fork(Some(name.into())).to_string();
        let error = bench.refuses(&line);
        assert!(error.contains("cannot name a lane"), "{line}: {error}");
    }
}

#[test]
fn a_count_goes_to_whatever_takes_one_and_is_refused_elsewhere() {
    for (line, count, counted) in [
        ("step", 3, "step 3"),
        ("step 10", 3, "step 30"),
        ("line 2", 4, "line 8"),
        ("continue", 2, "continue 2"),
        ("first", 120, "goto 120"),
        ("last", 7, "goto 7"),
    ] {
        assert_eq!(parse(line).counted(count).unwrap().to_string(), counted);
    }
    for line in ["fork", "undo", "print w", "break t > 3"] {
        let error = parse(line).counted(3).unwrap_err();
        assert!(error.message().contains("takes no count"), "{line}");
        let error = Bench::open("--rule gd").refuses(&format!("3 {line}"));
        assert!(error.contains("takes no count"), "{line}: {error}");
    }
    let error = Bench::open("--rule gd").refuses("3 step 10");
    assert!(error.contains("given twice"), "{error}");
}

#[test]
fn continue_goes_to_the_nth_stop_both_ways() {
    let mut bench = Bench::open("--rule gd");
    bench.all("break t == 3\nbreak t == 5\nbreak t == 9\ntrace t");
    let stopped = bench.stopped("continue 3");
    assert_eq!(stopped.t, 9);
    assert_eq!(
        stopped.logs.len(),
        9,
        "what was logged on the way is not lost"
    );
    assert_eq!(bench.stopped("reverse-continue 2").t, 3);
    assert_eq!(bench.stopped("rcontinue 5").why, StopReason::Beginning);
    assert!(matches!(
        bench.stopped("continue 9").why,
        StopReason::NothingRuns | StopReason::MaxRun(_) | StopReason::Ended(_)
    ));
}

#[test]
fn habits_run_what_is_meant_or_say_which_word_does_it() {
    let mut bench = Bench::open("--rule adam");
    for (typed, meant) in [
        ("reverse-continue", "rcontinue"),
        ("undisplay 1", "delete 1"),
        ("info breakpoints", "info stops"),
        ("i breakpoints", "info stops"),
        ("info locals", "info variables"),
        ("set var eta = 0.1", "set eta=0.1"),
        ("bt", "list"),
        ("ll", "list"),
        ("i b", "info stops"),
        ("pp w", "print w"),
        ("q!", "quit"),
        (":q!", "quit"),
        (":step 3", "step 3"),
        ("stepi 4", "line 4"),
        ("jump 10", "goto 10"),
    ] {
        assert_eq!(parse(typed).to_string(), meant, "{typed}");
    }
    for (typed, named) in [
        ("run", "`continue` runs"),
        ("finish", "`step` finishes"),
        ("10", "`goto 10`"),
        (":10", "`goto 10`"),
        ("break 3", "`break line 3`"),
        ("tbreak 3", "`break line 3`"),
        ("wq", "`save FILE`"),
        ("checkpoint", "`fork`"),
        ("attach 3", "`eigenstep exec FILE`"),
    ] {
        let error = bench.refuses(typed);
        assert!(error.contains(named), "{typed}: {error}");
    }
    let error = TABLE.parse(&Source::new("<test>", "zoom in")).unwrap_err();
    assert!(
        error.to_string().contains("did you mean `view zoom`?"),
        "{error}"
    );
    let error = bench.refuses("info breakpoints 3");
    assert!(error.contains("nothing may follow"), "{error}");
}

#[test]
fn every_habit_means_a_command_and_none_hides_one() {
    for habit in HABITS {
        for words in habit.words {
            if let Meaning::Runs(meant) = habit.means {
                assert!(
                    TABLE.find(meant.split(' ').next().unwrap()).is_ok(),
                    "{meant}"
                );
            }
            for info in TABLE.infos() {
                assert!(info.name != *words && !info.aliases.contains(words));
            }
        }
    }
}

#[test]
fn a_session_is_driven_by_methods_and_saved_all_the_same() {
    let mut bench = Bench::open("--rule momentum --set eta=0.175*eta_opt");
    let control = &mut Control::default();
    let session = &mut bench.session;
    let stop = session
        .break_when(
            "alpha[2] > 0",
            StopOptions {
                once: true,
                ignore: 1,
            },
        )
        .unwrap();
    assert_eq!(stop.id, 1);
    session
        .break_line(2, Some("t > 3".into()), StopOptions::default())
        .unwrap();
    session
        .watch_value("sign(w[1])", StopOptions::default())
        .unwrap();
    session.display("loss", control).unwrap();
    session.disable(&StopIds::Those(vec![2.into()])).unwrap();
    assert!(matches!(
        session.continue_run(1, control).why,
        StopReason::Hits(_)
    ));
    session.step(5, control);
    session.back_lines(1, control);
    session.back(1, control);
    session.set("beta", "0.5", control).unwrap();
    session.step(10, control);
    session.undo(control).unwrap();
    session.set_option("tolerance", "1e-4", control).unwrap();
    session.fork(Some("other".into()), control).unwrap();
    session
        .add_lane(&NewLane::of("adam"), control)
        .unwrap()
        .unwrap();
    session.focus("other").unwrap();
    session.drop_lane("adam").unwrap();
    session.run_until("t == 40", control).unwrap();
    assert_eq!(
        session.evaluate("t", control).unwrap().unwrap().numbers(),
        [40.0]
    );
    saving::check(&bench);
}

#[test]
fn only_what_changes_a_session_is_saved() {
    for row in COMMANDS {
        let line = match row.info.name {
            "until" => "until t == 2",
            "goto" => "goto 3",
            "break" | "tbreak" => "break t == 900",
            "watch" => "watch t > 900",
            "trace" | "display" | "print" | "plot" => "display w",
            "delete" | "enable" | "disable" => "delete all",
            "ignore" => "ignore 1 2",
            "explain" => "explain w",
            "set" => "set eta=0.001",
            "lane" => "lane add gd",
            "drop" => "drop adam",
            "sweep" => "sweep eta=0.01..0.1:2 steps 2",
            "save" => continue,
            plain => plain,
        };
        let line = format!(
            "{}{}",
            row.info.name,
            &line[line.find(' ').unwrap_or(line.len())..]
        );
        let mut bench = Bench::open("--rule adam --rule gd");
        bench.all("break t == 1000\nset eta=0.002\nstep");
        let before = bench.session.changes().count();
        bench.answer(&line);
        let saved = bench.session.changes().count() > before;
        assert_eq!(saved, row.info.effect == Effect::Changes, "{line}");
    }
}

#[test]
fn an_empty_line_repeats_the_last_command_that_steps() {
    let mut bench = Bench::open("--rule gd");
    assert_eq!(bench.answer(""), Answer::Nothing);
    bench.all("step 3\nprint w");
    bench.answer("");
    assert_eq!(bench.at(), (6, 0));
    assert_eq!(bench.session.repeated(), Some(&Command::Step(Times(3))));
}

#[test]
fn an_empty_line_repeats_the_whole_of_a_command_that_was_taken_up_again() {
    let mut bench = Bench::open("--rule gd");
    // A run that is shown as it goes on is left, and what is left of it is taken up.
    let mut leave = |_| false;
    let mut left = Control::asking(&mut leave);
    let command = Command::Step(Times(3000));
    bench.session.apply(&command, &mut left).unwrap();
    let (t, _) = bench.at();
    assert!(t < 3000, "left on the way: t = {t}");
    let rest = Command::Step(Times(3000 - t));
    let mut control = Control::default().after(t);
    bench.session.apply(&rest, &mut control).unwrap();
    assert_eq!(bench.at(), (3000, 0));
    bench.answer("");
    assert_eq!(bench.at(), (6000, 0));
}

#[test]
fn a_command_made_by_a_program_has_errors_that_name_what_is_wrong() {
    let mut bench = Bench::open("--rule gd");
    for (json, message) in [
        (r#"{"print":"w + los"}"#, "did you mean `loss`?"),
        (r#"{"delete":[7]}"#, "there is no stop, display or plot 7"),
        (
            r#"{"set":{"name":"etta","value":0.1}}"#,
            "did you mean `eta`?",
        ),
        (r#"{"break":{"line":9}}"#, "the rule has lines"),
        (r#"{"goto":{"t":3,"line":99}}"#, "lines"),
        (r#"{"lane":{"focus":"gdd"}}"#, "did you mean `gd`?"),
        (r#"{"sweep":{"axes":[]}}"#, "one axis or two"),
    ] {
        let command: Command = serde_json::from_str(json).unwrap();
        let done = bench.session.apply(&command, &mut Control::default());
        let error = done.unwrap_err().to_string();
        assert!(error.contains(message), "{json}: {error}");
    }
    for wrong in [
        r#"{"steps":3}"#,
        r#"{"step":-1}"#,
        r#"{"goto":{"t":3,"lien":2}}"#,
        r#"{"break":{"when":"t > 3","line":2}}"#,
        r#"{"delete":"some"}"#,
    ] {
        assert!(serde_json::from_str::<Command>(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn a_sweep_takes_a_setting_with_the_name_of_its_rule_before_it() {
    let mut bench = Bench::open("--rule adam");
    let swept = bench.says("sweep adam.eta=0.01..0.1:3 steps 5");
    assert_eq!(swept, bench.says("sweep eta=0.01..0.1:3 steps 5"));
    assert!(
        bench
            .refuses("sweep gd.eta=0.01..0.1:3")
            .contains("no setting `gd.eta`")
    );
}
