//! What comes from the terminal: keys, pastes, the mouse.

use std::thread;
use std::time::Duration;

use super::debugger::{debugger, home, iteration, opened};
use super::harness::Under;
use super::{probe, started};

#[test]
fn ctrl_c_is_a_key() {
    let terminal = started(probe());
    terminal.send("\x03");
    terminal.wait_for("last ctrl c");
}

#[test]
fn the_cursor_is_shown_on_request_only() {
    let terminal = started(probe());
    assert!(terminal.screen(vt100::Screen::hide_cursor));
    terminal.send(":");
    terminal.wait_until("a cursor", |screen| {
        !screen.hide_cursor() && screen.cursor_position() == (1, 7)
    });
    terminal.send(" ");
    terminal.wait_for("count 1 end");
    assert_eq!(terminal.screen(vt100::Screen::cursor_position), (1, 7));
}

#[test]
fn a_paste_is_one_event_where_it_is_asked_for() {
    let terminal = started(probe().arguments(&["--paste"]));
    terminal.send("\x1b[200~q and P\x1b[201~");
    terminal.wait_for("last paste q and P");
}

#[test]
fn the_mouse_is_off_until_it_is_turned_on() {
    let terminal = started(probe());
    assert_eq!(
        terminal.screen(vt100::Screen::mouse_protocol_mode),
        vt100::MouseProtocolMode::None
    );
    terminal.send("m");
    terminal.wait_until("mouse on", |screen| {
        screen.mouse_protocol_mode() != vt100::MouseProtocolMode::None
    });
    terminal.send("\x1b[<0;5;7M");
    terminal.wait_for("last mouse 4,6");
    terminal.send("m");
    terminal.wait_until("mouse off", |screen| {
        screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    });
}

#[test]
fn keys_come_from_the_terminal_when_standard_input_does_not() {
    let mut terminal = started(probe().under(Under::Shell(r#"exec "$0" "$@" </dev/null"#)));
    terminal.send(" ");
    terminal.wait_for("count 1 end");
    terminal.send("q");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn a_terminal_that_says_its_ground_is_light_gets_no_pale_colours() {
    let home = home();
    let terminal = opened(debugger(&home));
    terminal.send(" ");
    terminal.wait_for(" t 1 ");
    let yellow = "33m";
    let before = String::from_utf8_lossy(&terminal.bytes()).into_owned();
    assert!(before.contains("\x1b]11;?\x1b\\"), "it was not asked");
    assert!(
        before.contains(yellow),
        "the last change is yellow on dark ground"
    );
    // The answer comes late: the whole picture is drawn in other colours.
    let drawn = terminal.answer("\x1b]11;rgb:ffff/ffff/ffff\x1b\\");
    assert!(!drawn.is_empty());
    terminal.send(" ");
    terminal.wait_for(" t 2 ");
    let after = terminal.answer(" ");
    assert!(!String::from_utf8_lossy(&after).contains(yellow));
}

/// Replies to queries, of whoever sent them, as they come late over a slow connection.
#[test]
fn a_late_reply_of_the_terminal_is_no_key() {
    let home = home();
    let mut terminal = opened(debugger(&home));
    for reply in [
        "\x1b[?2026;2$y",
        "\x1b[>0;10;1c",
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
        "\x1bP>|XTerm(354)\x1b\\",
        "\x1b_Gi=31;OK\x1b\\",
        "\x1b[24;80R",
    ] {
        let before = iteration(&terminal);
        assert_eq!(terminal.answer(reply).len(), 0, "{reply:?} draws nothing");
        terminal.send(" ");
        terminal.wait_for(&format!(" t {} ", before + 1));
    }
    terminal.send("\x1b[?2026;2$y \x03");
    assert_eq!(terminal.wait_for_exit().code(), Some(0));
}

#[test]
fn a_key_that_a_slow_connection_cuts_is_still_that_key() {
    let home = home();
    let file = home.path().join("patient.toml");
    std::fs::write(&file, "[screen]\nescape-delay = 1000\n").unwrap();
    let patient = ["--config", file.to_str().unwrap()];
    let terminal = opened(debugger(&home).arguments(&patient));
    terminal.answer("20n");
    terminal.send("\x1b");
    thread::sleep(Duration::from_millis(15));
    terminal.send("[C");
    terminal.wait_for(" t 21 ");
    // Too late to be a key, once Esc has been obeyed, and not three of them.
    terminal.send(":print w");
    terminal.wait_for(":print w");
    terminal.send("\x1b");
    terminal.wait_until("no prompt", |screen| {
        !screen.contents().contains(":print w")
    });
    terminal.send("[C");
    terminal.wait_for_quiet();
    assert_eq!(iteration(&terminal), 21);
}

#[test]
fn how_long_esc_waits_is_in_the_configuration() {
    let home = home();
    let file = home.path().join("slow.toml");
    std::fs::write(&file, "[screen]\nescape-delay = 1000\n").unwrap();
    let terminal = opened(debugger(&home).arguments(&["--config", file.to_str().unwrap()]));
    terminal.answer("20n");
    terminal.send(":break loss<1");
    terminal.wait_for(":break loss<1");
    terminal.send("\x1b");
    thread::sleep(Duration::from_millis(300));
    terminal.send("[D");
    terminal.wait_for_quiet();
    assert!(terminal.text().contains(":break loss<1"));
}
