//! What comes from the terminal: keys, pastes, the mouse.

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
