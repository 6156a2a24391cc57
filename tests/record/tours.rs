//! The bundled tours: true, short, and every number in them computed.

use super::Film;
use eigenstep::{
    debugger::Control,
    error::Source,
    record::{
        cast::EventCode,
        check::check,
        playback_target::PlaybackTarget,
        player::{Done, Player},
        screen::{self, Appearance},
        tours,
        walk::{Action, Millis, Walk, text::Part},
    },
    tui::{app::App, command::TABLE, glyphs::Charset},
};
use std::sync::Arc;

#[test]
fn the_tours_tell_the_whole_story() {
    let expected = [
        "too-far",
        "oscillation",
        "condition",
        "momentum",
        "nesterov",
        "adaptive",
        "adam",
        "settled",
        "turned",
        "burst",
        "dialects",
        "basins",
        "accumulate",
        "not-the-sum",
        "bound",
        "memory",
        "noise",
        "friction",
        "apart",
        "promise",
        "swing",
        "rare",
        "digits",
    ];
    assert_eq!(tours::names(), expected);
}

#[test]
fn what_they_expect_is_so() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        match check(&walk) {
            Ok(checked) => assert!(checked.expectations >= 5, "{name} expects too little"),
            Err(fault) => panic!("{fault}"),
        }
    }
}

/// The text of a tour with its scenario line changed.
fn changed(name: &str, change: impl Fn(&str) -> String) -> String {
    let text = tours::embedded(name).unwrap();
    let lines = text
        .text
        .lines()
        .map(|line| match line.strip_prefix("scenario ") {
            Some(flags) => format!("scenario {}\n", change(flags)),
            None => format!("{line}\n"),
        });
    lines.collect()
}

/// What is found wrong with the text of a walk.
fn fault(name: &str, text: String) -> Option<String> {
    let walk = Walk::parse(&Source::new(format!("{name}.walk"), text)).unwrap();
    check(&Arc::new(walk)).err().map(|fault| fault.to_string())
}

#[test]
fn none_of_them_holds_with_another_step_size_decay_or_rule() {
    let replaced = |flags: &str, from: &str, to: &str| flags.replacen(from, to, 1);
    for name in tours::names() {
        let longer = |flags: &str| {
            let step = ["eta=", "lr="]
                .into_iter()
                .find(|it| flags.contains(it))
                .unwrap();
            let (before, after) = flags.split_once(step).unwrap();
            let (value, rest) = after.split_once(' ').unwrap_or((after, ""));
            format!("{before}{step}1.07*({value}) {rest}")
        };
        let told = fault(name, changed(name, longer)).unwrap_or_default();
        let fails = told.contains("found:") || told.contains("does not show");
        assert!(fails, "{name} with a longer step: {told}");
        let forgetful = |flags: &str| {
            if flags.contains("beta=0.9") {
                replaced(flags, "beta=0.9", "beta=0.8")
            } else {
                format!("{flags} --set adam.beta1=0.8")
            }
        };
        let has_decay = ["beta=0.9", "--rule adam "];
        let text = tours::embedded(name).unwrap();
        if has_decay.iter().any(|it| text.text.contains(it)) {
            let told = fault(name, changed(name, forgetful)).unwrap_or_default();
            let fails = told.contains("found:") || told.contains("does not show");
            assert!(fails, "{name} with another decay: {told}");
        }
        let other = |flags: &str| {
            let pairs = [
                ("--rule gd", "--rule momentum"),
                ("--rule momentum", "--rule nesterov"),
                ("--rule nesterov", "--rule momentum"),
                ("--rule adagrad", "--rule sign"),
                ("--rule rmsprop", "--rule adagrad"),
                ("--rule adam ", "--rule adam_uncorrected "),
            ];
            let pair = pairs
                .into_iter()
                .find(|it| flags.starts_with(it.0))
                .unwrap();
            replaced(flags, pair.0, pair.1)
        };
        assert!(
            fault(name, changed(name, other)).is_some(),
            "{name} with another rule"
        );
    }
}

/// The steps of a tour that fail, played to its end on a screen whatever fails.
fn failing(walk: &Arc<Walk>, looks: Appearance) -> Vec<(usize, String)> {
    struct Unseen;
    impl PlaybackTarget for Unseen {
        fn types(&self) -> bool {
            false
        }

        fn frame(&mut self, _: &mut App, _: Millis) -> std::io::Result<()> {
            Ok(())
        }
    }
    let Ok(mut app) = screen::open_walk(walk, looks) else {
        return (0..walk.steps.len())
            .map(|at| (at, String::new()))
            .collect();
    };
    let mut player = Player::new(Arc::clone(walk));
    player.begin(&mut app);
    // What never comes is not waited for.
    let bounded = Source::new("<test>", "set max-run=20000");
    let bounded = TABLE.parse(&bounded).unwrap().unwrap();
    app.perform(&bounded, &mut Control::default()).unwrap();
    let mut failing = Vec::new();
    loop {
        match player.advance(&mut app, &mut Unseen) {
            Ok(Done::Finished) => return failing,
            Ok(_) => {}
            Err(fault) => failing.push((player.at() - 1, fault.to_string())),
        }
    }
}

#[test]
fn what_they_point_at_is_on_small_screens_and_in_ascii_too() {
    for name in tours::names() {
        for size in [(80, 24), (120, 36)] {
            for charset in [Charset::Ascii, Charset::Braille] {
                let mut walk = Arc::unwrap_or_clone(tours::load(name).unwrap());
                (walk.size, walk.made_for) = (size.into(), size.into());
                let looks = Appearance {
                    charset,
                    ..Appearance::default()
                };
                let failing = failing(&Arc::new(walk), looks);
                assert!(failing.is_empty(), "{name} {size:?}: {failing:#?}");
            }
        }
    }
}

/// Words with which a caption points at the screen.
const POINTING: [&str; 7] = [
    "plot",
    "column",
    "picture",
    "look at `",
    "curve",
    "dots",
    "lane, ",
];

#[test]
fn a_caption_that_points_at_something_expects_it() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        for (at, step) in walk.steps.iter().enumerate() {
            let Action::Say(_) = &step.action else {
                continue;
            };
            let text = walk.source.slice(step.span).to_lowercase();
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_say =
                |step: &&eigenstep::record::walk::Step| !matches!(step.action, Action::Say(_));
            let before = walk.steps[..at].iter().rev().take_while(is_say);
            let after = walk.steps[at + 1..].iter().take_while(is_say);
            let mut around = before.chain(after);
            if POINTING.iter().any(|word| text.contains(word)) {
                assert!(
                    around.any(|step| matches!(step.action, Action::ExpectScreen(_))),
                    "{name}: {text}"
                );
            }
        }
    }
}

#[test]
fn each_thing_that_they_expect_fails_on_some_other_run() {
    let with = |flags: &str, more: &str| format!("{} {more}", flags.trim_end());
    let step = |flags: &str, factor: &str| {
        let named = ["eta=", "lr="].into_iter().find(|it| flags.contains(it));
        let (before, after) = flags.split_once(named.unwrap()).unwrap();
        let (value, rest) = after.split_once(' ').unwrap_or((after, ""));
        format!("{before}{}{factor}*({value}) {rest}", named.unwrap())
    };
    let rule = |flags: &str, name: &str| {
        let mut words: Vec<&str> = flags.split_whitespace().collect();
        words[1] = name;
        words.join(" ")
    };
    let decays = ["beta=0.5", "beta1=0.5", "beta2=0.5"];
    let mut tautologies = Vec::new();
    for name in tours::names() {
        let text = tours::embedded(name).unwrap();
        let valley = !text.text.contains("--eigenvalues");
        let mut runs = vec![
            changed(name, |flags| step(flags, "1.07")),
            changed(name, |flags| step(flags, "0.3")),
            changed(name, |flags| rule(flags, "sign")),
            changed(name, |flags| rule(flags, "gd")),
            changed(name, |flags| flags.replace("--rotate 30", "--rotate 50")),
            changed(name, |flags| {
                flags.replace("--minimum 1,0.01", "--minimum 1,0.02")
            }),
            // The same start on a loss that no quadratic is.
            changed(name, |flags| {
                flags.replace("--eigenvalues 1,100 --minimum 1,0.01", "--loss himmelblau")
            }),
        ];
        for decay in decays {
            let own = decay.split('=').next().unwrap();
            // Only those which the tour's first rule has.
            let is_given = text.text.contains(&format!("{own}=0.9"));
            if is_given || own != "beta" && text.text.contains("--rule adam ") {
                runs.push(changed(name, |flags| {
                    let rules = flags.split_whitespace().nth(1).unwrap().to_owned();
                    with(flags, &format!("--set {rules}.{decay}"))
                }));
            }
        }
        if valley {
            runs.push(changed(name, |flags| with(flags, "--eigenvalues 1,3")));
            runs.push(changed(name, |flags| with(flags, "--eigenvalues 2,900")));
        }
        let mut failed = std::collections::BTreeSet::new();
        let mut steps = Vec::new();
        for text in runs {
            let walk = Arc::new(Walk::parse(&Source::new(name, text)).unwrap());
            failed.extend(
                failing(&walk, Appearance::default())
                    .into_iter()
                    .map(|it| it.0),
            );
            steps = walk
                .steps
                .iter()
                .map(|step| (step.clone(), walk.source.slice(step.span).to_owned()))
                .collect();
        }
        for (at, (step, text)) in steps.iter().enumerate() {
            if matches!(step.action, Action::Expect(_)) && !failed.contains(&at) {
                tautologies.push(format!("{name}: {text}"));
            }
        }
    }
    assert!(tautologies.is_empty(), "always true: {tautologies:#?}");
}

#[test]
fn every_number_that_they_say_is_computed() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        for step in &walk.steps {
            let Action::Say(text) = &step.action else {
                continue;
            };
            let plain: String = text
                .parts
                .iter()
                .map(|part| match part {
                    Part::Plain(text) => text.as_str(),
                    Part::Value(..) => "",
                })
                .collect();
            // Code between back quotes has its indices.
            let spoken: String = plain.split('`').step_by(2).collect();
            assert!(
                !spoken.contains(|c: char| c.is_ascii_digit()),
                "{name}: a number of its own in {spoken:?}"
            );
        }
    }
}

#[test]
fn each_takes_one_to_two_minutes_and_has_chapters() {
    for Film {
        name, recording, ..
    } in &*super::FILMS
    {
        let seconds = recording.clock() / 1000;
        assert!((60..=120).contains(&seconds), "{name} takes {seconds} s");
        let count = |kind| {
            recording
                .events()
                .iter()
                .filter(|it| it.kind == kind)
                .count()
        };
        assert!(count(EventCode::Marker) >= 3, "{name} has no chapters");
        assert!(count(EventCode::Input) >= 3, "{name} presses no keys");
    }
}

#[test]
fn captions_are_short() {
    for name in tours::names() {
        let walk = tours::load(name).unwrap();
        let mut app = eigenstep::record::screen::open_walk(&walk, Appearance::default()).unwrap();
        eigenstep::record::player::Player::new(walk).begin(&mut app);
        for width in [80, 120] {
            let lines = app.caption.as_ref().unwrap().rows(width) - 1;
            assert!(lines <= 2, "{name} has a caption of {lines} lines");
        }
    }
}

#[test]
fn the_list_names_them_in_order() {
    let list = super::printed(&["tour"]);
    let names: Vec<&str> = list
        .lines()
        .map(|line| line.split_whitespace().nth(1).unwrap())
        .collect();
    assert_eq!(names, tours::names());
    assert!(list.lines().next().unwrap().ends_with("A step too far"));
}

#[test]
fn a_tour_that_is_not_there_is_told() {
    let output = super::eigenstep(&["record", "momentun"]);
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("did you mean `momentum`?"), "{errors}");
}

#[test]
fn a_tour_is_recorded_at_any_size_though_it_expects_what_its_own_shows() {
    for size in [(80, 24), (200, 60)] {
        let mut walk = Arc::unwrap_or_clone(tours::load("adam").unwrap());
        walk.size = size.into();
        let recorded = eigenstep::record::headless_recorder::record(
            Player::new(Arc::new(walk)),
            Appearance::default(),
        );
        let recording = recorded.unwrap_or_else(|fault| panic!("{size:?}: {fault}"));
        assert_eq!(recording.shown().area.as_size(), size.into());
    }
}
