//! The debugger itself on a real terminal: stories with its keys.

use std::fs;
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use super::harness::{Launch, Terminal};

/// The program with nothing of the user's around it: no configuration, no saved session, no locale.
pub fn debugger(home: &TempDir) -> Launch {
    let home = home.path().to_str().unwrap();
    Launch::new(env!("CARGO_BIN_EXE_eigenstep"))
        .variable("HOME", home)
        .variable("XDG_CONFIG_HOME", "")
        .variable("XDG_STATE_HOME", "")
        .variable("LC_ALL", "C")
}

pub fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// Starts it and waits for its first screen.
pub fn opened(launch: Launch) -> Terminal {
    let terminal = launch.start();
    terminal.wait_for("|g|");
    terminal.wait_for_quiet();
    terminal
}

/// The iteration that the header shows.
pub fn iteration(terminal: &Terminal) -> u64 {
    let text = terminal.text();
    let after = text.split(" t ").nth(1).unwrap_or_else(|| panic!("{text}"));
    after.split([' ', '+']).next().unwrap().parse().unwrap()
}

fn wait_for_iteration(terminal: &Terminal, t: u64) {
    terminal.wait_until(&format!("t {t}"), |screen| {
        let header = screen.rows(0, 200).next().unwrap_or_default();
        format!("{header} ").contains(&format!(" t {t} "))
    });
}

#[test]
fn it_starts_steps_and_leaves_the_terminal_as_it_was() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    assert_eq!(iteration(&terminal), 0);
    terminal.send(" ");
    wait_for_iteration(&terminal, 1);
    terminal.send("10n");
    wait_for_iteration(&terminal, 11);
    terminal.send("N");
    wait_for_iteration(&terminal, 10);
    terminal.send(":goto 42\r");
    wait_for_iteration(&terminal, 42);
    terminal.send("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
    terminal.assert_restored();
}

#[test]
fn a_step_is_one_frame_of_a_few_hundred_bytes() {
    let home = home();
    for (size, most) in [((80, 24), 320), ((120, 36), 440)] {
        let terminal = opened(debugger(&home).size(size.0, size.1));
        let frame = terminal.answer(" ");
        let begins = frame.windows(8).filter(|it| *it == b"\x1b[?2026h").count();
        assert_eq!(begins, 1, "{}", String::from_utf8_lossy(&frame));
        assert!(frame.ends_with(b"\x1b[?2026l"));
        let median = terminal.bytes_per_frame(" ", 99);
        assert!(median <= most, "{size:?}: {median} bytes");
    }
}

#[test]
fn nothing_is_written_and_nothing_is_computed_while_nothing_happens() {
    let home = home();
    let terminal = opened(debugger(&home));
    terminal.answer("5n");
    terminal.wait_until_idle();
    let (bytes, wakeups) = (terminal.bytes().len(), Terminal::wakeups(terminal.pid()));
    thread::sleep(Duration::from_secs(5));
    assert_eq!(terminal.bytes().len(), bytes);
    assert_eq!(Terminal::wakeups(terminal.pid()), wakeups);
}

/// A rule that runs for ever, as far as a test is concerned.
const ENDLESS: [&str; 4] = ["--rule", "gd", "--set", "eta=1e-9"];

#[test]
fn ctrl_c_and_esc_stop_a_long_run_at_once() {
    let home = home();
    let terminal = opened(debugger(&home).arguments(&ENDLESS));
    terminal.send(":set max-run=1e12\r");
    terminal.wait_for("max-run = 1000000000000");
    for key in ["\x03", "\x1b"] {
        terminal.send("c");
        terminal.wait_for("running, t = ");
        let before = terminal.frames();
        terminal.send(key);
        terminal.wait_for("interrupted");
        // A run tells how far it is in a frame every 150 ms: one that went on would draw many.
        let drawn = terminal.frames() - before;
        assert!(drawn <= 4, "{drawn} frames since the key");
        terminal.send("\x1b");
        terminal.wait_until("the keys again", |screen| {
            screen.contents().contains("space step")
        });
    }
}

#[test]
fn a_held_key_stops_when_it_is_released() {
    let home = home();
    let config = home.path().join("keys.toml");
    fs::write(&config, "[keys]\nspace = \"step 20000\"\n").unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let terminal = opened(debugger(&home).arguments(&config).arguments(&ENDLESS));
    // All that a terminal's buffer holds while the first of them is obeyed.
    terminal.send(&" ".repeat(1000));
    terminal.wait_for_quiet();
    terminal.wait_until_idle();
    let t = iteration(&terminal);
    assert!((20_000..1000 * 20_000).contains(&t), "{t} iterations");
}

#[test]
fn keys_are_bound_by_the_configuration_and_help_shows_them() {
    let home = home();
    let folder = home.path().join(".config/eigenstep");
    fs::create_dir_all(&folder).unwrap();
    let text = "[keys]\nctrl-n = \"step 7\"\n\n[screen]\npanes = [\"source\", \"loss\"]\n";
    fs::write(folder.join("config.toml"), text).unwrap();
    let terminal = opened(debugger(&home));
    assert!(!terminal.text().contains("contour"));
    terminal.send("\x0e");
    wait_for_iteration(&terminal, 7);
    terminal.send("?");
    terminal.wait_for("what is this");
    terminal.send(&"\x1b[6~".repeat(12));
    terminal.wait_for("ctrl-n");
}

#[test]
fn the_mouse_seeks_and_tells_once_it_is_turned_on() {
    let home = home();
    let terminal = opened(debugger(&home).size(120, 36));
    let mode = |terminal: &Terminal| terminal.screen(vt100::Screen::mouse_protocol_mode);
    assert_eq!(mode(&terminal), vt100::MouseProtocolMode::None);
    terminal.send("60n");
    wait_for_iteration(&terminal, 60);
    terminal.send(":set mouse on\r");
    terminal.wait_until("mouse on", |screen| {
        screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
    });
    // The timeline's row is the last but one; its bar begins in column 5 and ends with t = 100.
    terminal.send("\x1b[<0;5;35M\x1b[<0;5;35m");
    wait_for_iteration(&terminal, 0);
    terminal.send("\x1b[<0;40;35M\x1b[<0;40;35m");
    terminal.wait_until("somewhere in the past", |screen| {
        !screen
            .contents()
            .lines()
            .next()
            .is_some_and(|it| it.contains(" t 0 "))
    });
    let t = iteration(&terminal);
    assert!((25..=45).contains(&t), "t = {t}");
    // In the middle of the contour.
    terminal.send("\x1b[<0;16;12M\x1b[<0;16;12m");
    terminal.wait_for("w1 = ");
    terminal.wait_for(": loss ");
    terminal.send(":set mouse off\r");
    terminal.wait_until("mouse off", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
}

#[test]
fn a_sweep_shows_a_bar_stops_at_once_and_its_map_takes_clicks() {
    let home = home();
    let terminal = opened(debugger(&home));
    terminal.send(":sweep eta=1e-4..1e-3:log:20 beta1=0..0.9:20 steps 1000000\r");
    terminal.wait_for(" of 400 runs; esc stops");
    terminal.send("\x1b");
    terminal.wait_for("interrupted; there is no map");
    terminal.send(":set mouse on\r");
    terminal.wait_for("mouse = on");
    // Not with the click in the same batch as the map.
    terminal.send(":sweep eta=1e-3..0.1:log:20 beta1=0..0.9:10 steps 50\r");
    terminal.wait_for("enter opens");
    // The lowest row begins ten columns from the left; each value of eta takes three cells.
    terminal.send("\x1b[<0;11;11M\x1b[<0;11;11m");
    terminal.wait_for("eta = 0.001, beta1 = ");
    terminal.send("\x1b[<0;14;11M\x1b[<0;14;11m");
    terminal.wait_for("eta = 0.001274, beta1 = ");
}

#[test]
fn a_new_size_is_drawn_right_after_a_storm_of_them() {
    let home = home();
    let terminal = opened(debugger(&home));
    terminal.answer("12n");
    let before = terminal.bytes().len();
    for step in 0..200 {
        terminal.resize(120 - step % 60, 40 - step % 20);
        thread::sleep(Duration::from_micros(500));
    }
    terminal.resize(80, 24);
    terminal.wait_for_quiet();
    let bytes = terminal.bytes().len() - before;
    let fresh = opened(debugger(&home));
    fresh.answer("12n");
    assert_eq!(terminal.text(), fresh.text());
    assert!(bytes < 60_000, "{bytes} bytes for 200 sizes");
    terminal.resize(30, 5);
    terminal.wait_for("t 12 loss");
    terminal.send(" ");
    terminal.wait_for("t 13 loss");
}

#[test]
fn seven_bits_are_enough_under_the_locale_c() {
    let home = home();
    let terminal = opened(debugger(&home));
    terminal.answer("9ns:print w\r");
    terminal.answer("?");
    assert!(terminal.bytes().is_ascii());
    for (locale, utf8) in [("C.UTF-8", true), ("en_GB.utf8", true), ("POSIX", false)] {
        let launch = debugger(&home).variable("LC_ALL", locale).start();
        launch.wait_for("adam on valley");
        launch.wait_for_quiet();
        assert_eq!(!launch.bytes().is_ascii(), utf8, "{locale}");
    }
}

#[test]
fn colours_are_drawn_unless_somebody_objects() {
    let home = home();
    let has_colour = |launch: Launch| {
        let terminal = opened(launch);
        terminal.answer("9n");
        let bytes = String::from_utf8(terminal.bytes()).unwrap();
        let colour = |part: &str| {
            let codes = part.split('m').next().unwrap_or("");
            (codes.split(';').filter_map(|code| code.parse::<u8>().ok()))
                .any(|code| matches!(code, 30..=38 | 40..=48 | 90..=107))
        };
        assert!(bytes.contains("1m"), "bold is no colour: {bytes}");
        bytes.split("\x1b[").any(colour)
    };
    assert!(has_colour(debugger(&home)));
    assert!(!has_colour(debugger(&home).variable("NO_COLOR", "1")));
    assert!(!has_colour(
        debugger(&home).arguments(&["--color", "never"])
    ));
    let launch = debugger(&home).variable("NO_COLOR", "1");
    assert!(has_colour(launch.arguments(&["--color", "always"])));
}

#[test]
fn the_configuration_sets_the_screen_and_flags_win_over_it() {
    let home = home();
    let folder = home.path().join(".config/eigenstep");
    fs::create_dir_all(&folder).unwrap();
    let text = "[screen]\ncharset = \"unicode\"\ncolor = \"never\"\nmouse = true\n";
    fs::write(folder.join("config.toml"), text).unwrap();
    let terminal = debugger(&home).start();
    terminal.wait_for("‖g‖");
    terminal.wait_until("mouse on", |screen| {
        screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
    });
    let flags = ["--charset", "ascii"];
    let terminal = opened(debugger(&home).arguments(&flags));
    assert!(terminal.bytes().is_ascii());
}

#[test]
fn the_element_that_is_not_the_rules_stands_beside_the_line_that_is_marked() {
    let home = home();
    let path = home.path().join("run.jsonl");
    let header = "{\"hook\":\"pytorch\",\"optimizer\":\"SGD\",\"settings\":{\"lr\":0.1}}";
    let mut rows = vec![header.to_owned()];
    let (mut a, mut b) = ([0.7, -1.3], [3.1, 6.7, -0.9]);
    for t in 0..7 {
        let gradients = format!("\"g\":{{\"a\":{a:?},\"b\":{b:?}}}");
        if t > 0 {
            a = a.map(|w: f64| w - 0.1 * w);
            b = b.map(|w: f64| w - 0.1 * w);
            b[1] += if t == 3 { 0.25 } else { 0.0 };
        }
        let gradients = if t > 0 {
            format!(",{gradients}")
        } else {
            String::new()
        };
        rows.push(format!(
            "{{\"t\":{t},\"params\":{{\"a\":{a:?},\"b\":{b:?}}}{gradients}}}"
        ));
    }
    fs::write(&path, rows.join("\n")).unwrap();
    let launch = debugger(&home).arguments(&["open", path.to_str().unwrap()]);
    let mut terminal = launch.size(120, 36).start();
    let titled = |terminal: &Terminal, element: &str| {
        let what = format!("the numbers of {element}");
        terminal.wait_until(&what, |screen| {
            let mut rows = screen.rows(0, 200);
            rows.any(|it| it.contains(".rule") && it.contains(&format!(" {element} ")))
        });
    };
    titled(&terminal, "a[1]");
    terminal.send("3n");
    titled(&terminal, "b[2]");
    terminal.wait_for("!8 w");
    // It stays while lines are stepped, and goes where nothing differs any more.
    terminal.send("s");
    terminal.wait_for("line 2/8");
    titled(&terminal, "b[2]");
    terminal.send("n");
    titled(&terminal, "a[1]");
    terminal.send("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn a_run_that_is_still_written_is_followed_by_whoever_stands_at_its_end() {
    let home = home();
    let path = home.path().join("run.jsonl");
    let rows = |range: std::ops::Range<u64>| -> String {
        let row = |t| format!("{{\"t\":{t},\"w\":[{t},1],\"g\":[1,{t}],\"loss\":{t}}}\n");
        range.map(row).collect()
    };
    let write = |text: String| {
        let file = fs::OpenOptions::new().create(true).append(true).open(&path);
        std::io::Write::write_all(&mut file.unwrap(), text.as_bytes()).unwrap();
    };
    let named = path.to_str().unwrap();
    let launch = debugger(&home).arguments(&["open", "--follow", named]);
    let mut terminal = launch.size(120, 36).start();
    // The file need not be there yet.
    terminal.wait_for("waiting for two rows");
    write(rows(0..5));
    wait_for_iteration(&terminal, 4);
    write(rows(5..8));
    wait_for_iteration(&terminal, 7);
    terminal.wait_for("more show as they come");
    terminal.send(":goto 3\r");
    wait_for_iteration(&terminal, 3);
    write(rows(8..10));
    terminal.wait_for("has rows up to t = 9");
    assert_eq!(iteration(&terminal), 3);
    terminal.send("G");
    wait_for_iteration(&terminal, 9);
    // Whoever reads meanwhile is taken along afterwards.
    terminal.send("?");
    terminal.wait_for("what is this");
    write(rows(10..12));
    thread::sleep(Duration::from_millis(600));
    assert_eq!(iteration(&terminal), 9);
    terminal.send("q");
    wait_for_iteration(&terminal, 11);
    // What is not finite stops it, in the midst of new rows or as the newest one.
    let broken = |t| format!("{{\"t\":{t},\"w\":[NaN,1],\"g\":[1,1],\"loss\":1}}\n");
    write(broken(12) + &rows(13..15));
    wait_for_iteration(&terminal, 12);
    terminal.wait_for("count_nonfinite");
    terminal.send("c");
    wait_for_iteration(&terminal, 14);
    write(broken(15));
    wait_for_iteration(&terminal, 15);
    terminal.wait_for("count_nonfinite");
    write(rows(16..18));
    terminal.send("c");
    wait_for_iteration(&terminal, 17);
    terminal.send("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn what_comes_in_later_rows_of_a_followed_run_appears_and_the_place_and_stops_stay() {
    let home = home();
    let path = home.path().join("run.jsonl");
    let row = |t: u64, more: &str| {
        format!(
            "{{\"t\":{t},\"w\":{{\"fc\":[{t},1]{more}}},\"g\":{{\"fc\":[1,{t}]}},\"loss\":{t}}}\n"
        )
    };
    let write = |text: String| {
        let file = fs::OpenOptions::new().create(true).append(true).open(&path);
        std::io::Write::write_all(&mut file.unwrap(), text.as_bytes()).unwrap();
    };
    write((0..5).map(|t| row(t, "")).collect());
    let path = path.to_str().unwrap();
    let launch = debugger(&home).arguments(&["open", "--follow", path]);
    let mut terminal = launch.size(120, 36).start();
    wait_for_iteration(&terminal, 4);
    terminal.send(":break fc[1] > 100\r");
    terminal.wait_for("fc[1] > 100");
    terminal.send(":goto 3\r");
    wait_for_iteration(&terminal, 3);
    write((5..8).map(|t| row(t, ",\"late\":[7,8,9]")).collect());
    terminal.wait_for("came later, shown from here on");
    assert_eq!(iteration(&terminal), 3);
    terminal.send("G");
    wait_for_iteration(&terminal, 7);
    terminal.send(":print late[3]\r");
    terminal.wait_for("late[3] = 9");
    terminal.send(":info stops\r");
    terminal.wait_for("break fc[1] > 100");
    terminal.send("q:quit\r");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn a_copy_goes_through_the_terminal_unless_it_is_known_to_refuse() {
    let home = home();
    let copied = |variable: &str, value: &str| {
        // Whatever the terminal is that the tests run in.
        let mut launch = debugger(&home);
        for name in ["TMUX", "STY", "TERM_PROGRAM", "VTE_VERSION"] {
            launch = launch.variable(name, "");
        }
        let terminal = opened(launch.variable(variable, value));
        terminal.send(":view pane source\r");
        terminal.wait_for_quiet();
        terminal.send("y");
        terminal.wait_for("copied");
        let said = terminal.text();
        let said = said.lines().find(|line| line.contains("copied")).unwrap();
        let bytes = terminal.bytes();
        let asks = bytes.windows(7).any(|part| part == b"\x1b]52;c;");
        terminal.send("q");
        (asks, said.to_owned())
    };
    let (asks, said) = copied("TERM", "xterm-256color");
    assert!(asks && said.starts_with("copied source: "), "{said}");
    let (asks, said) = copied("VTE_VERSION", "7600");
    assert!(
        !asks && said.starts_with("not copied: terminals on VTE"),
        "{said}"
    );
    let (asks, said) = copied("TMUX", "/tmp/tmux-0/default,1,0");
    assert!(
        asks && said.ends_with("; tmux: needs set-clipboard on"),
        "{said}"
    );
}
