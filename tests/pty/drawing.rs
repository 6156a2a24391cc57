//! What is drawn, and what it costs: bytes, frames, time.

use std::thread;
use std::time::Duration;

use super::harness::Terminal;
use super::{probe, started};

#[test]
fn a_key_costs_one_short_frame_in_synchronized_output() {
    let terminal = started(probe());
    let frame = terminal.answer(" ");
    assert_eq!(
        String::from_utf8(frame).unwrap(),
        "\x1b[?2026h\x1b[2;8H\x1b[1;32m1\x1b[?2026l"
    );
    assert_eq!(terminal.bytes_per_frame(" ", 5), 23);
    terminal.wait_for("count 6 end");
}

#[test]
fn an_unchanged_frame_and_an_idle_screen_cost_nothing() {
    let terminal = started(probe());
    terminal.answer("x");
    assert_eq!(terminal.answer("x").len(), 0, "the frame is the one before");
    terminal.wait_until_idle();
    let (bytes, wakeups) = (terminal.bytes().len(), Terminal::wakeups(terminal.pid()));
    thread::sleep(Duration::from_secs(2));
    assert_eq!(terminal.bytes().len(), bytes);
    assert_eq!(Terminal::wakeups(terminal.pid()), wakeups);
}

#[test]
fn a_held_key_is_drawn_in_few_frames() {
    let terminal = started(probe());
    terminal.answer(&" ".repeat(500));
    terminal.wait_for("count 500 end");
    terminal.answer("f");
    let text = terminal.text();
    let frames: u32 = text
        .split("frames ")
        .nth(1)
        .unwrap()
        .split([' ', '│'])
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!(frames <= 50, "{frames} frames for 500 keys");
}

#[test]
fn a_storm_of_sizes_is_drawn_a_few_times_and_right_at_the_end() {
    let terminal = started(probe());
    let before = terminal.bytes().len();
    for step in 0..200 {
        terminal.resize(100 - step % 40, 40 - step % 20);
        thread::sleep(Duration::from_micros(500));
    }
    terminal.resize(90, 30);
    terminal.wait_for("probe 90x30");
    terminal.wait_for_quiet();
    let bytes = terminal.bytes().len() - before;
    println!("200 resizes: {bytes} bytes");
    assert!(bytes < 20_000, "{bytes} bytes");
    assert_eq!(
        terminal.screen(|screen| screen
            .rows(0, 90)
            .filter(|row| row.contains("count 0 end"))
            .count()),
        1
    );
}

#[test]
fn the_size_is_redrawn_even_if_it_is_the_same_in_the_end() {
    let terminal = started(probe());
    terminal.resize(40, 10);
    terminal.resize(80, 24);
    terminal.wait_for("probe 80x24");
    terminal.wait_for_quiet();
    assert!(
        terminal.screen(|screen| screen.contents().contains("└")),
        "{}",
        terminal.text()
    );
}

#[test]
fn nothing_is_asked_of_the_terminal() {
    let terminal = started(probe());
    terminal.resize(100, 30);
    terminal.wait_for("probe 100x30");
    assert_eq!(terminal.queries(), 0);
}

#[test]
fn no_color_is_left_to_the_theme() {
    let terminal = started(probe().variable("NO_COLOR", "1"));
    let green = vt100::Color::Idx(2);
    assert!(terminal.screen(|screen| {
        screen
            .cell(1, 7)
            .is_some_and(|cell| cell.fgcolor() == green && cell.bold())
    }));
}
