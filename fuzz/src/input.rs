//! What targets share: text, a bound on work, errors looked at as a user would.

use eigenstep::{
    Control, Error, Session,
    debugger::{Progress, Rights},
    error::{Result, Source},
    record::screen::{self, Appearance},
    text,
    tui::{app::App, keymap::Keymap},
};
use ratatui::layout::Size;
use std::{fs, io::Write, path::Path};

/// Polls of the control in one command: about 2 ms of work.
const POLLS: u32 = 20;

/// The text that a file of these bytes has, if it has one.
pub fn text(bytes: &[u8]) -> Option<String> {
    text::decode(bytes.to_vec()).ok()
}

/// Draws an error the way people and programs are shown it.
///
/// # Panics
/// It says nothing, or its place is none.
pub fn look(error: &Error) {
    assert!(
        !error.to_string().trim().is_empty(),
        "an error says something"
    );
    assert!(!error.message().trim().is_empty());
    if let Some((name, line, column)) = error.place() {
        assert!(
            !name.is_empty() && line > 0 && column > 0,
            "{name}:{line}:{column}"
        );
    }
}

/// The value, if there is one; an error is looked at.
pub fn looked<T>(result: Result<T>) -> Option<T> {
    result.inspect_err(look).ok()
}

/// Does `act` under a control that ends it after a bounded amount of work.
pub fn bounded<R>(act: impl FnOnce(&mut Control) -> R) -> R {
    let mut left = POLLS;
    let mut go_on = |_: Progress| {
        left = left.saturating_sub(1);
        left > 0
    };
    act(&mut Control::asking(&mut go_on))
}

/// A session that writes no files.
pub fn harmless(mut session: Session) -> Session {
    session.set_rights(Rights::NoWriting);
    session.allow_runs_of(1_000);
    session
}

/// Gives a session a command line; an answer is drawn, and so is an error.
pub fn ask(session: &mut Session, command: &str) {
    let line = Source::new("<command>", command);
    let answer = bounded(|control| session.execute(&line, control));
    if let Some(answer) = looked(answer) {
        drop(answer.to_string());
    }
}

/// The screen on a session.
pub fn app(session: Session) -> App {
    let Appearance { charset, theme } = Appearance::default();
    App::new(session, charset, theme, Keymap::default())
}

/// Draws the screen of a session.
pub fn draw(session: Session) {
    screen::draw(&mut app(session), Size::new(80, 24));
}

/// Does `act` on a file of these bytes.
///
/// # Panics
/// There is no room for it.
pub fn with_file<R>(bytes: &[u8], suffix: &str, act: impl FnOnce(&Path) -> R) -> R {
    let mut file = tempfile::Builder::new()
        .suffix(suffix)
        .tempfile()
        .expect("a temporary file");
    file.write_all(bytes).expect("room in it");
    let answer = act(file.path());
    let now = fs::read(file.path()).expect("still there");
    assert!(now == bytes, "a file that is read is not changed");
    answer
}

/// True where a text asks for more work than a target has time for: it has a number of many digits.
pub fn asks_for_much(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() > 3)
        || text.contains(['e', 'E'])
            && text
                .split(['e', 'E'])
                .skip(1)
                .any(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '+'))
}
