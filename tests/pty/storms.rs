//! Windows that change their size, and signals, in the middle of everything.

use std::fs;
use std::thread;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::debugger::{debugger, home};
use super::harness::{Terminal, Under};

/// Sizes that a window may take, in columns and rows; the first loses one row.
const SIZES: [(u16, u16); 12] = [
    (80, 23),
    (79, 24),
    (1, 1),
    (500, 200),
    (2, 2),
    (30, 5),
    (1, 50),
    (200, 1),
    (120, 36),
    (20, 2),
    (45, 12),
    (100, 30),
];

/// What is under way while the sizes change.
struct Mode {
    name: &'static str,
    arguments: &'static [&'static str],
    /// Brings it about, and what then stands on the screen.
    keys: &'static [(&'static str, &'static str)],
    /// Whether the session is busy: then the screen is drawn every now and then.
    busy: bool,
    /// Whether something has been done by then that a session is kept for; none where it depends on how far a tour is.
    keeps: Option<bool>,
}

const MODES: [Mode; 9] = [
    Mode {
        name: "idle",
        arguments: &[],
        keys: &[],
        busy: false,
        keeps: Some(false),
    },
    Mode {
        name: "run",
        arguments: &[],
        keys: &[
            (":set max-run=1e12\r", "max-run = 1000000000000"),
            (":until loss < -1\r", "running, t = "),
        ],
        busy: true,
        keeps: Some(true),
    },
    Mode {
        name: "sweep",
        arguments: &["--rule", "gd"],
        keys: &[(
            ":sweep eta=1e-9..1e-8:log:1000 steps 1000000\r",
            "runs; esc stops",
        )],
        busy: true,
        keeps: Some(false),
    },
    Mode {
        name: "map",
        arguments: &["--rule", "gd"],
        keys: &[(":sweep eta=1e-3..0.1:log:20 steps 10\r", "enter opens")],
        busy: false,
        keeps: Some(false),
    },
    Mode {
        name: "tour",
        arguments: &["tour", "too-far"],
        keys: &[(" ", "space goes on")],
        busy: false,
        keeps: None,
    },
    Mode {
        name: "prompt",
        arguments: &[],
        keys: &[(":print norm(gr", ":print norm(gr")],
        busy: false,
        keeps: Some(false),
    },
    Mode {
        name: "overlay",
        arguments: &[],
        keys: &[(":help\r", "tbreak")],
        busy: false,
        keeps: Some(false),
    },
    Mode {
        name: "recording",
        arguments: &[],
        keys: &[(":record storm.cast\r", "recording into")],
        busy: false,
        keeps: Some(false),
    },
    Mode {
        name: "open",
        arguments: &["open", "run.csv"],
        keys: &[],
        busy: false,
        keeps: Some(false),
    },
];

/// Signals that change nothing: the window, going on, and a file that may not grow.
const HARMLESS: [Signal; 3] = [Signal::WINCH, Signal::CONT, Signal::XFSZ];

/// Signals that end the program, with a session that can be gone on with.
const ENDING: [(Signal, i32); 4] = [
    (Signal::HUP, 128 + 1),
    (Signal::INT, 128 + 2),
    (Signal::QUIT, 128 + 3),
    (Signal::TERM, 128 + 15),
];

/// Writes the run that is opened in one of the modes.
fn record_run(home: &TempDir) {
    let run = "t,w[1],w[2]\n0,0,0\n1,0.5,0.25\n2,0.75,0.5\n";
    fs::write(home.path().join("run.csv"), run).unwrap();
}

impl Mode {
    /// Starts the program and brings the mode about.
    fn started(&self, home: &TempDir) -> Terminal {
        record_run(home);
        let terminal = debugger(home)
            .folder(home.path())
            .arguments(self.arguments)
            .start();
        self.entered(&terminal);
        terminal
    }

    /// Brings the mode about once the program has started.
    fn entered(&self, terminal: &Terminal) {
        println!("{}", self.name);
        terminal.wait_for("loss");
        terminal.wait_for_quiet();
        for (keys, sight) in self.keys {
            terminal.send(keys);
            terminal.wait_for(sight);
        }
    }

    /// Waits for the screen of the mode.
    fn wait_for_sight(&self, terminal: &Terminal) {
        if let Some((_, sight)) = self.keys.last() {
            terminal.wait_for(sight);
        }
    }

    /// Leaves the mode: each Esc closes something where there is something.
    fn left(&self, terminal: &Terminal) {
        terminal.send("\x1b");
        if self.busy {
            terminal.wait_for("interrupted");
        }
        terminal.wait_for_quiet();
        terminal.send("\x1b");
        terminal.wait_for_quiet();
    }
}

fn storm(terminal: &Terminal, busy: bool) {
    for (at, (columns, rows)) in SIZES.into_iter().enumerate() {
        terminal.resize(columns, rows);
        Terminal::signal(terminal.pid(), HARMLESS[at % HARMLESS.len()]);
        if busy {
            // Longer than the pause between two looks at how far it has come.
            thread::sleep(Duration::from_millis(200));
        } else {
            terminal.wait_for_quiet();
        }
    }
    terminal.resize(80, 24);
}

#[test]
fn no_size_and_no_signal_ends_the_program_whatever_it_does() {
    for mode in MODES {
        let home = home();
        let mut terminal = mode.started(&home);
        storm(&terminal, mode.busy);
        mode.wait_for_sight(&terminal);
        mode.left(&terminal);
        terminal.send(":quit\r");
        assert_eq!(terminal.wait_for_exit().code(), Some(0), "{}", mode.name);
        terminal.assert_restored();
    }
}

#[test]
fn signals_that_end_it_restore_the_terminal_whatever_it_does() {
    for mode in MODES {
        for (signal, code) in ENDING {
            let home = home();
            let mut terminal = mode.started(&home);
            Terminal::signal(terminal.pid(), signal);
            let status = terminal.wait_for_exit();
            assert_eq!(status.code(), Some(code), "{}: {signal:?}", mode.name);
            terminal.assert_restored();
            let kept = home.path().join(".local/state/eigenstep");
            let count = fs::read_dir(&kept).map_or(0, Iterator::count);
            let keeps = mode.keeps.unwrap_or(count > 0);
            assert_eq!(count, usize::from(keeps), "{}: {signal:?}", mode.name);
        }
    }
}

#[test]
fn a_stop_from_outside_gives_the_shell_back_whatever_it_does() {
    for mode in MODES {
        let home = home();
        record_run(&home);
        let launch = debugger(&home).folder(home.path()).under(Under::Bash);
        let mut terminal = launch.start();
        terminal.wait_for("$ ");
        terminal.send(&format!("$PROGRAM {}\r", mode.arguments.join(" ")));
        mode.entered(&terminal);
        Terminal::signal(terminal.job(), Signal::TSTP);
        terminal.wait_for("Stopped");
        terminal.wait_for_prompt();
        terminal.resize(100, 30);
        terminal.send("fg\r");
        terminal.wait_until("the screen again", vt100::Screen::alternate_screen);
        mode.wait_for_sight(&terminal);
        mode.left(&terminal);
        terminal.send(":quit\r");
        terminal.wait_for_prompt();
        terminal.send("exit\r");
        terminal.wait_for_exit();
    }
}
