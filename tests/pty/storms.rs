//! Windows that change their size in the middle of everything.

use std::fs;
use std::thread;
use std::time::Duration;

use super::debugger::{debugger, home};
use super::harness::Terminal;

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
}

const MODES: [Mode; 9] = [
    Mode {
        name: "idle",
        arguments: &[],
        keys: &[],
        busy: false,
    },
    Mode {
        name: "run",
        arguments: &[],
        keys: &[
            (":set max-run=1e12\r", "max-run = 1000000000000"),
            (":until loss < -1\r", "running, t = "),
        ],
        busy: true,
    },
    Mode {
        name: "sweep",
        arguments: &["--rule", "gd"],
        keys: &[(
            ":sweep eta=1e-9..1e-8:log:1000 steps 10000\r",
            "runs; esc stops",
        )],
        busy: true,
    },
    Mode {
        name: "map",
        arguments: &["--rule", "gd"],
        keys: &[(":sweep eta=1e-3..0.1:log:20 steps 10\r", "enter opens")],
        busy: false,
    },
    Mode {
        name: "tour",
        arguments: &["tour", "too-far"],
        keys: &[(" ", "space goes on")],
        busy: false,
    },
    Mode {
        name: "prompt",
        arguments: &[],
        keys: &[(":print norm(gr", ":print norm(gr")],
        busy: false,
    },
    Mode {
        name: "overlay",
        arguments: &[],
        keys: &[(":help\r", "tbreak")],
        busy: false,
    },
    Mode {
        name: "recording",
        arguments: &[],
        keys: &[(":record storm.cast\r", "recording into")],
        busy: false,
    },
    Mode {
        name: "open",
        arguments: &["open", "run.csv"],
        keys: &[],
        busy: false,
    },
];

fn storm(terminal: &Terminal, busy: bool) {
    for (columns, rows) in SIZES {
        terminal.resize(columns, rows);
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
fn no_size_ends_the_program_whatever_it_does() {
    for mode in MODES {
        let home = home();
        let run = "t,w[1],w[2]\n0,0,0\n1,0.5,0.25\n2,0.75,0.5\n";
        fs::write(home.path().join("run.csv"), run).unwrap();
        let terminal = debugger(&home)
            .folder(home.path())
            .arguments(mode.arguments)
            .start();
        terminal.wait_for("loss");
        terminal.wait_for_quiet();
        for (keys, sight) in mode.keys {
            terminal.send(keys);
            terminal.wait_for(sight);
        }
        storm(&terminal, mode.busy);
        if let Some((_, sight)) = mode.keys.last() {
            println!("{}", mode.name);
            terminal.wait_for(sight);
        }
        terminal.send("\x1b");
        if mode.busy {
            terminal.wait_for("interrupted");
        }
        // Each of these two closes something where there is something.
        terminal.wait_for_quiet();
        terminal.send("\x1b");
        terminal.wait_for_quiet();
        let mut terminal = terminal;
        terminal.send(":quit\r");
        assert_eq!(terminal.wait_for_exit().code(), Some(0), "{}", mode.name);
        terminal.assert_restored();
    }
}
