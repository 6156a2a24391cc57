//! Commands, the command line, requests.

use super::input::{app, ask, asks_for_much, bounded, harmless, looked, text};
use eigenstep::{
    Control, Scenario, Session, debugger::command::AnyCommand, error::Source, record::screen,
    tui::command::TABLE,
};
use ratatui::layout::Size;
use std::{ffi::OsString, path::Path};

/// Commands, one per line, in a session; then it is saved and opened again.
///
/// Asserts that the session that was saved is the one that is opened, to the last bit.
pub fn sessions(bytes: &[u8]) {
    let Some(text) = text(bytes).filter(|text| !asks_for_much(text)) else {
        return;
    };
    let mut session = lanes(&text);
    for line in text.lines().take(8) {
        ask(&mut session, line);
    }
    let saved = Source::new("saved.toml", session.to_text());
    let scenario = Scenario::from_toml(&saved, Path::new("")).expect("what was saved can be read");
    let mut again = scenario.session().expect("and opened");
    let replayed = scenario.replay(&mut again, &mut Control::default(), |_, _| {});
    assert_eq!(
        replayed.map_err(|error| error.to_string()),
        Ok(true),
        "{}",
        saved.text
    );
    assert_eq!(again.position(), session.position(), "{}", saved.text);
    assert!(
        variables(&again) == variables(&session),
        "the same bits: {}",
        saved.text
    );
    assert_eq!(again.to_text(), session.to_text());
}

/// A line of the prompt: read, completed at each byte, executed and drawn.
///
/// Asserts that a command that was read can be written and read again.
pub fn commands(bytes: &[u8]) {
    let Some(text) = text(bytes) else {
        return;
    };
    let session = lanes(&text);
    let line = Source::new("<prompt>", text.as_str());
    for cursor in (0..=text.len().min(60)).step_by(1 + text.len() / 12) {
        let completion = TABLE.complete(&session, &text, cursor);
        assert!(completion.from <= cursor && text.is_char_boundary(completion.from));
    }
    drop(TABLE.usage_of(&text));
    let Some(Some(command)) = looked(TABLE.parse(&line)) else {
        return;
    };
    if let AnyCommand::Debugger(command) = &command {
        let written = Source::new("<written>", command.to_string());
        let again = looked(TABLE.parse(&written))
            .flatten()
            .map(|it| it.to_string());
        assert_eq!(again, Some(command.to_string()), "{text:?}");
    }
    if asks_for_much(&text) {
        return;
    }
    let mut app = app(session);
    looked(bounded(|control| app.perform(&command, control)));
    screen::draw(&mut app, Size::new(100, 30));
}

/// Arguments of the program, one per line: read, their scenario opened and run for a while.
pub fn arguments(bytes: &[u8]) {
    let words = bytes.split(|byte| *byte == b'\n');
    let words = words.map(|word| OsString::from(String::from_utf8_lossy(word).into_owned()));
    let arguments: Vec<OsString> = [OsString::from("eigenstep")]
        .into_iter()
        .chain(words)
        .collect();
    let Some(Some(scenario)) = looked(eigenstep::cli::entries::arguments(&arguments)) else {
        return;
    };
    if asks_for_much(&String::from_utf8_lossy(bytes)) {
        return;
    }
    if let Some(session) = looked(scenario.session()) {
        ask(&mut harmless(session), "step 3");
    }
}

/// Lines that a program sends to `eigenstep serve`.
///
/// Asserts that each answer is a line of JSON.
pub fn protocol(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if asks_for_much(&text) {
        return;
    }
    let mut session = lanes(&text);
    let mut out = Vec::new();
    bounded(|control| eigenstep::cli::entries::requests(bytes, &mut session, control, &mut out))
        .expect("room in memory");
    let out = String::from_utf8(out).expect("text");
    for line in out.lines() {
        assert!(
            line.starts_with("{\"id\":") && line.ends_with('}'),
            "{line}"
        );
    }
}

/// A session of two lanes on the valley; of one where `text` has nothing to do with lanes.
fn lanes(text: &str) -> Session {
    let two = ["adam", "lane", "focus"];
    let count = if two.iter().any(|word| text.contains(word)) {
        2
    } else {
        1
    };
    let scenario = Scenario::from_flags(&[("rule", "momentum"), ("rule", "adam")][..count]);
    let session = scenario.and_then(|scenario| scenario.session());
    harmless(session.expect("bundled rules open"))
}

/// The bits of the variables of every lane.
pub fn variables(session: &Session) -> Vec<u64> {
    let lanes = session.lanes().entries().iter();
    let values = lanes.flat_map(|entry| entry.lane().machine().variables());
    values.map(|value| value.to_bits()).collect()
}
