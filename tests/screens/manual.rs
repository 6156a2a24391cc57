//! The screen of the manual is the program's.

use super::stage::screen;
use std::fs;

#[test]
fn the_screen_of_the_manual_is_the_programs() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/learn.md")).unwrap();
    let (_, rest) = text.split_once("<!-- screen: ").unwrap();
    let (keys, rest) = rest.split_once("-->").unwrap();
    let (shown, _) = rest.split_once("<!-- /screen -->").unwrap();
    let shown = shown
        .trim()
        .trim_start_matches("```text\n")
        .trim_end_matches("```");
    let script = keys.replace(' ', "");
    let screen = screen(&[], (80, 24), &script);
    let lines = |text: &str| -> Vec<String> {
        text.trim_end()
            .lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    };
    assert_eq!(lines(shown), lines(&screen), "the screen is now\n{screen}");
}
