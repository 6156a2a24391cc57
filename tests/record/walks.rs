//! Walk files: what they may say, what they must not, and what they expect.

use super::{eigenstep, walk};
use eigenstep::{
    error::Source,
    record::{
        check::check,
        playback_target::PlaybackEnd,
        walk::{Action, NARRATION, Walk, narration},
    },
    tui::command::TABLE,
};
use ratatui::layout::Size;
use std::fs;

#[test]
fn no_word_is_both_narration_and_a_command() {
    for row in NARRATION {
        let word = row.name.split(' ').next().unwrap();
        let command = TABLE
            .infos()
            .find(|info| info.name == word || info.aliases.contains(&word));
        assert!(command.is_none(), "{word}");
    }
}

#[test]
fn help_has_every_row_of_the_table() {
    let help = narration::help();
    for row in NARRATION {
        assert!(help.contains(row.doc), "{}", row.name);
    }
    let output = super::printed(&["check", "--help"]);
    assert!(output.contains("COLSxROWS"), "{output}");
}

#[test]
fn a_walk_is_read() {
    let walk = walk(
        "# A comment.\n\
         title \"Two \\\"words\\\"\"\n\
         size 100x30\n\
         scenario --rule gd --set eta=0.01 --loss \"x^2 + y^2\" --start=-1,1\n\
         \n\
         mark \"First\"\n\
         say \"t is {t}, on\n      two lines {{so}}\"\n\
         10 step\n\
         ask \"How many {t}?\" expect 2*t\n\
         wait 0.25\n\
         key 1 space \"ab\" enter\n\
         play 20 2\n\
         hide loss\n\
         expect t == 30\n\
         expect screen \"t 30\"\n\
         clear\n",
    );
    assert_eq!(walk.title, "Two \"words\"");
    assert_eq!(walk.size, Size::new(100, 30));
    assert_eq!(walk.scenario.rules, ["gd"]);
    assert_eq!(walk.scenario.loss.as_deref(), Some("x^2 + y^2"));
    assert_eq!(walk.scenario.start, Some(vec![-1.0, 1.0]));
    let names: Vec<&str> = walk
        .steps
        .iter()
        .map(|step| match &step.action {
            Action::Command(_) => "command",
            Action::Mark(name) => {
                assert_eq!(name, "First");
                "mark"
            }
            Action::Say(_) => "say",
            Action::Ask(..) => "ask",
            Action::Wait(pause) => {
                assert_eq!(*pause, 250);
                "wait"
            }
            Action::Key(presses) => {
                assert_eq!(presses.len(), 5);
                "key"
            }
            Action::Play(count, time) => {
                assert_eq!((*count, *time), (20, 2000));
                "play"
            }
            Action::Pane(_) => "pane",
            Action::Expect(_) => "expect",
            Action::ExpectScreen(_) => "screen",
            Action::Clear => "clear",
        })
        .collect();
    let expected = "mark say command ask wait key play pane expect screen clear";
    assert_eq!(names.join(" "), expected);
}

/// That `error` says `message` about `place` in the walk.
fn assert_says(error: &str, message: &str, place: &str) {
    assert!(error.contains(message), "{message:?} is not in\n{error}");
    let at = format!("my.walk:{place}");
    assert!(error.contains(&at), "{at} is not in\n{error}");
}

/// What the first expectation that is not met says.
fn unmet(text: &str) -> String {
    match check(&walk(text)) {
        Err(PlaybackEnd::Unmet(error)) => error.to_string(),
        other => panic!("{text:?}: {other:?}"),
    }
}

#[test]
fn what_is_wrong_with_a_walk_is_shown_at_its_place() {
    for (text, message, place) in [
        ("stepp 3", "unknown command `stepp`", "1:1"),
        ("step\nexpct t", "did you mean `expect`?", "2:1"),
        ("say \"no end\nstep", "this text has no end", "1:5"),
        ("say hello", "a caption must be in double quotes", "1:5"),
        ("say", "a caption is missing here", "1:4"),
        ("say \"{1 +}\"", "expected", "1:"),
        ("say \"{t:3}\"", "this is no format", "1:9"),
        ("say \"{t\"", "this brace is never closed", "1:6"),
        ("say \"t}\"", "this brace closes nothing", "1:7"),
        ("say \"{}\"", "an expression is missing here", "1:7"),
        ("step 3\nstep ten", "usage: step [N]", "2:6"),
        ("step\n3 fork", "`fork` takes no count", "2:1"),
        ("wait soon", "`soon` is not a number of seconds", "1:6"),
        ("wait 1 2", "nothing may follow here in `wait`", "1:8"),
        ("key hop", "`hop` is no key", "1:5"),
        ("play some", "`some` is no number of iterations", "1:6"),
        ("show sauce", "did you mean `source`?", "1:6"),
        ("expect loss <", "expected", "1:"),
        ("expect", "a condition is missing here", "1:7"),
        ("size 30", "is not a size", "1:6"),
        ("size 10x10\nstep", "at least 40x10", "1:6"),
        ("title \"a\"\ntitle \"b\"", "`title` is given twice", "2:1"),
        (
            "step\nscenario --rule gd",
            "must come before everything",
            "2:1",
        ),
        ("scenario rule gd", "`rule` is no flag", "1:10"),
        ("scenario --rul gd", "did you mean `rule`?", "1:10"),
        ("scenario --start 1,x", "`x` is not a number", "1:20"),
        (
            "scenario --rule",
            "the value of this flag is missing",
            "1:16",
        ),
        ("# nothing", "nothing happens in this walk", "1:10"),
    ] {
        let error = Walk::parse(&Source::new("my.walk", text)).expect_err(text);
        assert_says(&error.to_string(), message, place);
    }
}

#[test]
fn what_cannot_be_done_is_shown_at_its_place() {
    for (text, message, place) in [
        ("step\nset etta=1", "etta", "2:5"),
        ("step 2\n   print los", "did you mean `loss`?", "2:10"),
        ("say \"hello {alfa[1]}\"", "alfa", "1:13"),
        ("step\nexpect lss < 1", "lss", "2:8"),
        (
            "expect loss",
            "a condition must be a single truth value",
            "1:8",
        ),
        (
            "scenario --rule adm\nstep",
            "there is no rule `adm`",
            "1:17",
        ),
        ("scenario --set eta=1+\nstep", "expected", "1:"),
        (
            "key \":print los\" enter",
            "`enter` runs `print los`",
            "1:1",
        ),
        // An error of keys keeps its help.
        (
            "step\nkey \":\"\nkey \"set etta=1\"\nkey enter",
            "did you mean `eta`?",
            "4:1",
        ),
        ("key \":stepp\" enter", "did you mean `step`?", "1:1"),
    ] {
        let error = match check(&walk(text)) {
            Err(PlaybackEnd::Broken(error)) => error.to_string(),
            other => panic!("{text:?}: {other:?}"),
        };
        assert_says(&error, message, place);
    }
}

#[test]
fn the_first_thing_that_is_not_so_is_named_with_what_is_found() {
    let head = "scenario --rule gd --set eta=eta_opt\nstep 419\n";
    for (expected, found, place) in [
        ("t == 420", "found: 419 == 420", "3:8"),
        ("t > 1 and loss < 1e-7 and t > 2", "< 1e-7", "3:18"),
        ("t > 1 and (t > 2 and t > 500)", "found: 419 > 500", "3:29"),
        ("settled(loss < 1, 1e6)", "found: false", "3:8"),
    ] {
        let text = format!("{head}expect {expected}\nexpect t == 7\n");
        let error = unmet(&text);
        assert_says(&error, found, place);
        assert!(error.contains("does not hold here"), "{error}");
    }
}

#[test]
fn what_the_screen_does_not_show_is_named() {
    let text = "step 3\nexpect screen \"t 3\"\nexpect screen \"adam on valleys\"\n";
    assert_says(&unmet(text), "it shows: eigenstep", "3:1");
}

#[test]
fn check_answers_with_its_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let good = file("good.walk", "step 3\nexpect t == 3\n");
    let wrong = file("wrong.walk", "step 3\nexpect t == 4\n");
    let broken = file("broken.walk", "stepp\n");
    let output = eigenstep(&["check", &good]);
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.ends_with("good.walk: 1 expectation holds\n"), "{said}");
    let output = eigenstep(&["check", &good, &wrong, &broken]);
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(errors.contains("wrong.walk:2:8"), "{errors}");
    assert!(errors.contains("found: 3 == 4"), "{errors}");
    assert_eq!(eigenstep(&["check", &broken]).status.code(), Some(2));
    assert_eq!(eigenstep(&["check", "nothing.walk"]).status.code(), Some(2));
    // A file that is something else is not taken for the name of a tour.
    let output = eigenstep(&["check", &file("valley.toml", "rule = [\"gd\"]\n")]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(error.contains("is not a walk"), "{error}");
    // A cast of a story that is not true is not written.
    let out = folder.path().join("wrong.cast");
    let output = eigenstep(&["record", &wrong, "-o", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!out.exists());
}

#[test]
fn no_step_of_a_walk_takes_for_ever() {
    for line in [
        "play 1000000 100000",
        "play 5 61",
        "wait 1e18",
        "wait 1e308",
    ] {
        let source = Source::new("long.walk", format!("size 80x24\n{line}\n"));
        let error = Walk::parse(&source).unwrap_err().to_string();
        assert!(
            error.contains("nobody waits for longer than 60 seconds"),
            "{error}"
        );
        assert!(error.contains("long.walk:2:"), "{error}");
    }
    let walk = walk("size 80x24\nplay 1000000 60\nexpect t == 1000000\n");
    assert_eq!(check(&walk).unwrap().expectations, 1);
}
