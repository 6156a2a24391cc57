//! Whatever ends the program, what was done in it is on the disk.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use rustix::process::Signal;
use tempfile::TempDir;

use super::debugger::{debugger, home, iteration, opened};
use super::harness::Terminal;
use super::losing::saved;

fn killed(terminal: &mut Terminal) {
    Terminal::signal(terminal.pid(), Signal::KILL);
    terminal.wait_for_exit();
}

/// What `eigenstep` with `arguments` says without a terminal, and its exit code.
fn said(home: &TempDir, arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
        .args(arguments)
        .env("HOME", home.path())
        .env_remove("XDG_STATE_HOME")
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

#[test]
fn a_session_outlives_being_killed() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    terminal.answer("12n");
    terminal.answer(":break loss < 1e-3\r");
    terminal.answer("3N");
    terminal.answer(":set eta=0.01\r");
    killed(&mut terminal);
    let again = opened(debugger(&home).arguments(&["--resume"]));
    again.wait_for("ended unsaved");
    assert_eq!(iteration(&again), 9);
    again.send(":info stops\r");
    again.wait_for("loss < 1e-3");
    again.send("\x1b:info lanes\r");
    again.wait_for("adam_2");
}

#[test]
fn a_long_run_that_is_killed_is_resumed_where_it_was() {
    let home = home();
    let mut terminal = opened(debugger(&home).arguments(&["--rule", "gd", "--set", "eta=1e-9"]));
    terminal.send(":set max-run=1e12\rc");
    terminal.wait_until("some progress on the disk", |_| {
        saved(&home).is_some_and(|text| text.matches("goto ").count() >= 2)
    });
    killed(&mut terminal);
    let again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("ended unsaved");
    assert!(iteration(&again) > 1000, "{}", again.text());
}

#[test]
fn a_line_that_was_cut_short_is_left_out_and_that_is_said() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    terminal.answer("12n");
    killed(&mut terminal);
    let folder = home.path().join(".local/state/eigenstep");
    let file = fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let text = saved(&home).unwrap() + "goto 1";
    fs::write(&file, text).unwrap();
    let again = opened(debugger(&home).arguments(&["--resume"]));
    again.wait_for("its last line was cut short");
    assert_eq!(iteration(&again), 12);
}

#[test]
fn quitting_keeps_what_is_unsaved_and_says_so() {
    let kept = "`eigenstep --resume` goes on with it";
    for (keys, is_kept) in [
        ("9n", false),
        ("9n:break loss < 1\r", true),
        ("9n:set eta=0.1\r", true),
        ("9n:fork\r", true),
        ("9n:set max-run=77\r", false),
        ("9n:fork\r:save mine.toml\r", false),
        ("9n:fork\r:save mine.toml\r:undo\r:display w\r", true),
    ] {
        let home = home();
        let mut terminal = opened(debugger(&home).size(120, 36).folder(home.path()));
        terminal.answer(keys);
        terminal.wait_for(" t 9 ");
        terminal.send("q");
        assert_eq!(terminal.wait_for_exit().code(), Some(0));
        assert_eq!(saved(&home).is_some(), is_kept, "{keys}");
        assert_eq!(
            terminal.text().contains("not saved: the session is kept"),
            is_kept,
            "{keys}"
        );
        if is_kept {
            assert!(terminal.text().contains(kept));
            let again = opened(debugger(&home).size(120, 36).arguments(&["--resume"]));
            assert_eq!(iteration(&again), 9, "{keys}");
        }
    }
}

/// A home with a run of 40 rows in it, and the command line that opens it.
fn recorded(home: &TempDir) -> (std::path::PathBuf, [String; 4]) {
    let file = home.path().join("my run.csv");
    let row = |t: i32| format!("{t},{},{}\n", 0.9_f64.powi(t), 0.5_f64.powi(t));
    let rows: String = (0..40).map(row).collect();
    fs::write(&file, format!("t,w[1],w[2]\n{rows}")).unwrap();
    let arguments = ["open", "my run.csv", "--first", "100"];
    (file, arguments.map(str::to_owned))
}

#[test]
fn a_session_on_a_recorded_run_outlives_being_killed() {
    let home = home();
    let (file, arguments) = recorded(&home);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let launch = debugger(&home).folder(home.path()).arguments(&arguments);
    let mut terminal = launch.start();
    terminal.wait_for(" t 100");
    terminal.answer("12n");
    terminal.answer(":break w[1] < 0.05\r");
    terminal.answer(":display w[2]\r");
    killed(&mut terminal);
    let (text, _) = said(&home, &["--resume", "list"]);
    assert!(
        text.contains("my run.csv; display w[2]; goto 112"),
        "{text}"
    );
    let mut again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("ended unsaved");
    assert_eq!(iteration(&again), 112);
    again.answer("c");
    assert_eq!(iteration(&again), 129, "{}", again.text());
    killed(&mut again);
    // It has grown: the run is still under way.
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}40,0.01,0.01\n")).unwrap();
    let mut again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("ended unsaved");
    assert_eq!(iteration(&again), 129);
    again.answer(":last\r");
    assert_eq!(iteration(&again), 140);
    again.send("q");
    again.wait_for_exit();
    again.wait_for("not saved: the session is kept");
    for (change, why) in [
        (
            Some(text.replacen("0,1,1", "0,1,2", 1) + "40,0.01,0.01\n"),
            "has changed since",
        ),
        (Some("t,w[1],w[2]\n0,1,1\n".into()), "has 18 bytes; it had"),
        (None, "cannot be read"),
    ] {
        match change {
            Some(text) => fs::write(&file, text).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        let kept = saved(&home);
        let (said, code) = said(&home, &["--resume"]);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(why) && said.contains("is kept"), "{said}");
        assert!(kept.is_some() && saved(&home) == kept);
    }
}

#[test]
fn a_recorded_run_that_is_left_in_peace_leaves_nothing() {
    let home = home();
    let (_, arguments) = recorded(&home);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let launch = debugger(&home).folder(home.path()).arguments(&arguments);
    let mut terminal = launch.start();
    terminal.wait_for(" t 100");
    terminal.answer("12n");
    terminal.send("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    assert_eq!(saved(&home), None);
}

#[test]
fn a_tour_that_is_killed_goes_on_at_its_caption() {
    let home = home();
    let own = home.path().join("own.walk");
    let walk = r#"title "Own"
say "First."
5n
say "Second."
7n
say "Third."
9n
say "Fourth."
"#;
    fs::write(&own, walk).unwrap();
    let launch = debugger(&home).folder(home.path());
    let mut terminal = opened(launch.arguments(&["tour", "own.walk"]));
    terminal.wait_for("First.");
    for caption in ["Second.", "Third."] {
        terminal.send(" ");
        terminal.wait_for(caption);
        terminal.wait_for_quiet();
    }
    killed(&mut terminal);
    let (text, _) = said(&home, &["--resume", "list"]);
    assert!(text.contains("own.walk"), "{text}");
    let (text, code) = said(&home, &["--resume", "--plain"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("need a screen"), "{text}");
    let mut again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("Third.");
    assert_eq!(iteration(&again), 12);
    again.send(" ");
    again.wait_for("Fourth.");
    assert_eq!(iteration(&again), 21);
    again.send("q");
    assert_eq!(again.wait_for_exit().code(), Some(0));
    assert_eq!(saved(&home), None);
}

#[test]
fn a_session_behind_a_tour_is_resumed_with_it() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    terminal.answer("12n");
    terminal.answer(":break loss < 1e-3\r");
    terminal.send(":tour adam\r");
    terminal.wait_for("space goes on");
    terminal.wait_for_quiet();
    killed(&mut terminal);
    let again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("space goes on");
    again.send(":tour end\r");
    again.wait_for(" t 12 ");
    again.send(":info stops\r");
    again.wait_for("loss < 1e-3");
}

/// All rows of the screen but the last, which says what has just been done.
fn panes(terminal: &Terminal) -> Vec<String> {
    terminal.wait_for_quiet();
    let text = terminal.text();
    let mut rows: Vec<String> = text.lines().map(|row| row.trim_end().to_owned()).collect();
    rows.pop();
    rows
}

#[test]
fn the_screen_of_a_session_that_is_killed_or_saved_is_arranged_as_it_was() {
    let home = home();
    let launch = || debugger(&home).size(120, 36).folder(home.path());
    let mut terminal = opened(launch());
    terminal.answer("12n");
    for command in [
        "view hide loss",
        "view pane modes",
        "view zoom 2",
        "view aspect equal",
        "view pane contour",
        "view summary",
    ] {
        terminal.answer(&format!(":{command}\r"));
    }
    let arranged = panes(&terminal);
    terminal.answer(":save arranged.toml\r");
    killed(&mut terminal);
    let (text, _) = said(&home, &["--resume", "list"]);
    assert!(text.contains("goto 12") && !text.contains("view"), "{text}");
    let mut again = opened(launch().arguments(&["--resume"]));
    again.wait_for("ended unsaved");
    assert_eq!(panes(&again), arranged);
    again.answer(":view max plot\r");
    let maximised = panes(&again);
    killed(&mut again);
    let again = opened(launch().arguments(&["--resume"]));
    again.wait_for("ended unsaved");
    assert_eq!(panes(&again), maximised);
    let opened = opened(launch().arguments(&["arranged.toml"]));
    assert_eq!(panes(&opened), arranged);
}

#[test]
fn what_is_done_off_the_path_of_a_tour_outlives_being_killed() {
    let home = home();
    let mut terminal = opened(debugger(&home).arguments(&["tour", "adam"]));
    terminal.wait_for("space goes on");
    terminal.answer(" ");
    terminal.answer("7n");
    terminal.answer(":break loss < 1e-3\r");
    terminal.answer(":view max eigen\r");
    terminal.wait_for("off the path");
    let left = iteration(&terminal);
    killed(&mut terminal);
    let mut again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("off the path");
    again.wait_for("eigen");
    assert_eq!(iteration(&again), left);
    assert!(!again.text().contains("contour"), "{}", again.text());
    again.answer(":info stops\r");
    again.wait_for("loss < 1e-3");
    again.answer("\x1b");
    // Back on its path, what was done off it is done with.
    again.answer(":tour resume\r");
    again.wait_for("space goes on");
    let on_path = iteration(&again);
    killed(&mut again);
    let again = debugger(&home).arguments(&["--resume"]).start();
    again.wait_for("space goes on");
    assert_eq!(iteration(&again), on_path);
}

#[test]
fn a_conversation_keeps_what_is_unsaved_but_a_script_does_not() {
    let home = home();
    let mut terminal = debugger(&home).arguments(&["--plain"]).start();
    terminal.wait_for("(eigenstep)");
    terminal.send("break loss < 1\r");
    terminal.wait_for("1: break");
    terminal.send("quit\r");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    terminal.wait_for("not saved: the session is kept");
    assert!(saved(&home).unwrap().contains("break loss < 1"));
}

#[test]
fn a_session_that_is_still_open_is_not_resumed() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    terminal.answer("12n");
    let (text, code) = said(&home, &["--resume"]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("no session has been saved"), "{text}");
    let (text, code) = said(&home, &["--resume", "list"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("1 session still open"), "{text}");
    killed(&mut terminal);
    let (text, _) = said(&home, &["--resume", "list"]);
    assert!(text.contains("goto 12") && !text.contains("open"), "{text}");
}

#[test]
fn a_session_that_cannot_be_kept_says_so_once() {
    let why = "this session cannot be kept for --resume";
    let home = home();
    let terminal = opened(debugger(&home).variable("HOME", "").size(120, 36));
    assert!(terminal.text().contains(why), "{}", terminal.text());
    terminal.answer("9n");
    assert!(!terminal.text().contains(why), "{}", terminal.text());
    let terminal = debugger(&home)
        .variable("HOME", "")
        .arguments(&["--plain"])
        .start();
    terminal.wait_for("(eigenstep)");
    terminal.send("9n\r");
    terminal.wait_for("t = 9,");
    assert_eq!(
        terminal.text().matches(why).count(),
        1,
        "{}",
        terminal.text()
    );
    fs::write(home.path().join(".local"), "no folder").unwrap();
    fs::set_permissions(home.path().join(".local"), Permissions::from_mode(0o400)).unwrap();
    let terminal = opened(debugger(&home).size(120, 36));
    assert!(terminal.text().contains(why), "{}", terminal.text());
}

#[test]
fn the_words_are_the_same_without_a_home() {
    let home = home();
    for arguments in [&["--resume"][..], &["--resume", "3"], &["--resume", "list"]] {
        let (with, code) = said(&home, arguments);
        let output = Command::new(env!("CARGO_BIN_EXE_eigenstep"))
            .args(arguments)
            .env_remove("HOME")
            .env_remove("XDG_STATE_HOME")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), code, "{arguments:?}");
        let without = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        for text in [with, without] {
            assert!(text.contains("no session has been saved"), "{text}");
        }
    }
}

#[test]
fn a_long_way_back_to_a_session_tells_how_far_it_is_and_can_be_ended() {
    let home = home();
    let folder = home.path().join(".local/state/eigenstep");
    fs::create_dir_all(&folder).unwrap();
    let text = "# eigenstep journal 1\nrule = \"gd\"\n[set]\neta = 1e-9\n# eigenstep commands\ngoto 10000000000\n";
    let file = folder.join("last-1.journal");
    fs::write(&file, text).unwrap();
    let mut terminal = debugger(&home).arguments(&["--resume"]).start();
    terminal.wait_for("replaying, t = ");
    terminal.wait_for("Ctrl-C ends");
    terminal.send("\x03");
    assert!(!terminal.wait_for_exit().success());
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn a_minimum_that_takes_long_to_find_is_waited_for_with_a_word() {
    let home = home();
    let network = [
        "exec",
        "--loss",
        "mlp",
        "--hidden",
        "20",
        "-e",
        "print alpha",
    ];
    let mut terminal = debugger(&home).arguments(&network).start();
    terminal.wait_for("looking for the minimum of `mlp`; Ctrl-C ends");
    terminal.send("\x03");
    assert!(!terminal.wait_for_exit().success());
}
