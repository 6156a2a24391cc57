//! Bytes from a terminal.

use super::input::{app, bounded, harmless, look};
use eigenstep::{
    Scenario,
    record::screen,
    tui::{
        app::AfterKey,
        key::{Input, KeyCode, KeyEvent, KeyModifiers},
        terminal::Decoder,
    },
};
use ratatui::layout::Size;
use std::time::Duration;

const CTRL_C: u8 = 0x03;

/// What bytes from a terminal mean, in pieces of any size and at any pace.
///
/// Asserts that where they are cut makes no difference, that Ctrl-C always works, and that the decoder is ready for
/// the next key once there is nothing more to wait for.
pub fn keys(bytes: &[u8]) {
    let whole = fed([bytes]);
    if !bytes.contains(&CTRL_C) {
        for cut in 1..bytes.len().min(40) {
            let (before, after) = bytes.split_at(cut);
            assert_eq!(fed([before, after]), whole, "cut at {cut}");
        }
    }
    // The first bytes say where a pause was, too long for what was under way.
    let at = usize::from(bytes.first().copied().unwrap_or(0)) % bytes.len().max(1);
    let mut decoder = Decoder::new(Duration::from_millis(50));
    decoder.feed(&bytes[..at]);
    decoder.expire();
    decoder.feed(&bytes[at..]);
    let last = decoder.feed(&[CTRL_C]).pop();
    assert_eq!(last, Some(control_c()), "Ctrl-C always works");
    decoder.feed(bytes);
    while decoder.patience().is_some() {
        decoder.expire();
    }
    assert_eq!(
        decoder.feed(b"n"),
        [Input::Key(KeyCode::Char('n').into())],
        "no key is lost"
    );
}

fn control_c() -> Input {
    Input::Key(KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL))
}

/// What the user did if these pieces came one after the other, and nothing after them.
fn fed<const N: usize>(pieces: [&[u8]; N]) -> Vec<Input> {
    let mut decoder = Decoder::new(Duration::from_millis(50));
    let mut inputs: Vec<Input> = pieces
        .into_iter()
        .flat_map(|piece| decoder.feed(piece))
        .collect();
    while decoder.patience().is_some() {
        inputs.extend(decoder.expire());
    }
    inputs
}

/// Keys on the screen, as the bytes that a terminal sends; the first two bytes are its size.
pub fn screen(bytes: &[u8]) {
    let Some((&[columns, rows], bytes)) = bytes.split_first_chunk() else {
        return;
    };
    let size = Size::new(u16::from(columns) / 2, u16::from(rows) / 5);
    let scenario = Scenario::from_flags(&[("rule", "momentum")]).expect("a bundled rule");
    let mut app = app(harmless(scenario.session().expect("it opens")));
    for input in fed([&bytes[..bytes.len().min(30)]]) {
        let todo = match input {
            Input::Key(key) => app.key(key),
            Input::Paste(text) => {
                app.paste(&text);
                AfterKey::Nothing
            }
            Input::Mouse(_) | Input::Ground(_) => AfterKey::Nothing,
        };
        match todo {
            AfterKey::Quit => return,
            AfterKey::Execute(line) => {
                if let Err(error) = bounded(|control| app.perform(&line, control)) {
                    look(&error);
                }
            }
            AfterKey::Fail(error) => look(&error),
            _ => {}
        }
    }
    screen::draw(&mut app, size);
}
